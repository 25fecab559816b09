r"""Sets: which records belong to which, said by CQL or by Koha's mapping rules, and kept with each record in PostgreSQL.

A record's sets are decided when its document is made, from the same document that becomes searchable (`rules`). They stand in
`biblios.sets` with all ancestors, so that `a` finds what is in `a:b`. When a definition changes, every record is decided again
in the background (`evaluating`). A record whose membership changes gets a new datestamp: a harvester of the set would miss it
otherwise. Deleted records keep the sets that they had.

Specification: oai-pmh.md 8. Koha's `marcvalue` is a regular expression for the whole value; ours are those of `cql.regexps`,
which no value can make slow, with `\d`, `\w`, `\s` and outer anchors understood.
"""
