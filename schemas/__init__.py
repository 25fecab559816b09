"""Contracts as data: field table, record schemas, code lists, demo records."""
