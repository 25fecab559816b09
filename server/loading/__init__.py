"""Loading: MARC files into the record store, and from the store into the index.

The direction never turns: PostgreSQL commits first, the engine second, and the engine remembers the change number that it
has confirmed. Whatever was stored but not confirmed (a crash, kill -9, an engine that was away) is read back from the store
by the next run, which is why `catch_up` runs at the start and the end of every load.

    files -> reading (thread) -> blocks of records -> store (PostgreSQL) -> documents -> engine -> commit
                 |                                                              ^
                 +-> quarantine: raw bytes and one line each                    +-- catch_up: rows after the confirmed change

One process at a time writes an index: it holds a session lock in PostgreSQL. A second load stores its records at once and
lets its documents wait for the lock.

The same id twice in one load: the last one wins. A quick first pass over regular files finds such ids; the earlier records are
stored only where nothing is stored yet, so a second run of the same files finds everything unchanged. They are counted as
superseded.
"""
