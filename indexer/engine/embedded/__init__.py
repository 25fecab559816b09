"""The embedded engine: tantivy in the process, with the browse lists in a SQLite file beside it.

Read in this order: `layout` (what is indexed where), `writer`, `snapshot`, `translate`, `searching`; then `ordering`,
`facets`, `nearness`, `terms` for what tantivy alone cannot do, `folder` for files and locks, `engine` for the port.

Everything on disk is derived and disposable: a folder that cannot be used is answered with "run `hylla reindex`".
"""
