"""XSLT 1.0: crosswalks to other record schemas, and views that make XML answers pleasant in a browser."""
