"""The embedded engine: tantivy in the process, with the browse lists in a SQLite file beside it.

Read in this order: `layout` (what is indexed where), `writer`, `snapshot`, `translate`, `searching`; then `ordering`,
`facets`, `nearness`, `terms` for what tantivy alone cannot do, `folder` for files and locks, `engine` for the port.

Everything on disk is derived and disposable: a folder that cannot be used is answered with "run `hylla reindex`".

What measuring decided (100,000 real-vocabulary records of 1,965 bytes ISO 2709, 63 occurrences and 67 keys each; a busy
two-core machine, so compare ratios):

* Variants, keys and whole occurrences share one field, told apart by a prefix: a quarter less work than a field for each.
* One boundary token between occurrences, not two, and one value for a field, not one for an occurrence.
* Sort keys are number columns: a page at 40,000 took 1.5 s by a text column and takes 30 ms now.
* Browse lists are compressed runs, not rows: a fifth of the time to write and a third of the disk.
* The index takes 3.8 kB a record with its ready MARCXML, 1.9 times the source.
* tantivy-fst compiles an expression to at most 1,000 states. So fuzzy words are left to tantivy's own automaton (prefixes are
  three edits apart for that), and fuzzy phrases are looked up in the records.
* Left truncation walks through a whole dictionary (0.15 s for the 800,000 words of `anywhere`); everything else that a search
  does grows with its hits.
"""
