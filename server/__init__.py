"""HTTP rooms over one catalogue."""
