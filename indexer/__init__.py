"""MARC records -> search documents, and the port to the engines that keep them."""
