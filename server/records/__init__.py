"""Record schemas: in which forms a record can be had, and how each is made of the stored MARCXML.

`registry` reads `schemas/record_schemas.yaml`; `conversion` makes and remembers records; `entries` shows what the index has of
a record; `brief` says in a few words what a record is.
"""
