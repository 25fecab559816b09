"""Loading: MARC files into the record store, and from the store into the index.

The direction never turns: PostgreSQL commits first, the engine second, and the engine remembers the change number that it
has confirmed. Whatever was stored but not confirmed (a crash, kill -9, an engine that was away) is read back from the store
by the next run, which is why every load begins and ends with catching up.

    files -> reading (thread) -> blocks of records -> store (PostgreSQL) -> making (thread or processes) -> engine -> commit
                 |                                                             ^
                 +-> quarantine: raw bytes and one line each                   +-- catch_up: rows after the confirmed change

| module | job |
|---|---|
| `duplicates` | ids that come several times in one load |
| `reading`, `preparing` | the thread that reads, packs and sets aside |
| `loader` | stores the blocks, and keeps storing and indexing in step |
| `indexing` | feeds one collection; what is confirmed, what is missing |
| `making`, `documents` | documents, made in a thread or in processes of their own |
| `authority_links`, `holdings_links` | what other records add to a bibliographic document |
| `outcome` | counts, and the quarantine |

One process at a time writes the indexes: it holds session locks in PostgreSQL. A second load stores its records at once and
lets its documents wait for the locks.

The same id twice in one load: the last one wins. A quick first pass over regular files finds such ids; the earlier records are
stored only where nothing is stored yet, so a second run of the same files finds everything unchanged. They are counted as
superseded.

A bibliographic document takes in variant headings of the authorities that it names, and the holdings records that belong to it.
Holdings that change give their record a new datestamp in the same transaction. An authority that changes has the records that name
it indexed again without one: they are queued (a new change number) before the authority is confirmed, so a crash forgets none.
"""
