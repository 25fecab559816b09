"""Harvesting: records of other repositories over OAI-PMH 2.0, through the normal load into store and index.

    source -> client (HTTP, retries) -> reading (tolerant stream) -> listing (tokens, guards) -> running (held, placed)
                                                                                                      |
              PostgreSQL and index <- server.loading <- items (xslt, MARCXML) <- taking (skip, delete, remember)

| module | job |
|---|---|
| `client` | one polite request: retries, Retry-After, redirects, gzip |
| `reading`, `repairing` | answers as a stream of items, repaired where they are not quite XML |
| `checking` | Identify and ListMetadataFormats: can this source be harvested |
| `planning` | which lists from which moment on |
| `listing` | one list to its end: tokens, endless loops, expired tokens |
| `kit`, `running`, `comparing` | a run; what is gone from sources that do not tell |
| `items`, `taking`, `files` | items into the load, or into a file |
| `outcome`, `report`, `metrics` | what was done |

Decisions:

* **State** is one row per base URL, metadata prefix and set (`server.db.harvests`). `last_from` is the response date of the first
  answer of the last complete list. The place in a list is saved behind what is stored, at most every block of records; after kill -9
  the next run goes on with the saved token, and repeats a few records, which the load finds unchanged.
* **Which record came from which item** is remembered by OAI identifier, with datestamp and provenance. A deletion makes a tombstone of
  the record, unless the record still comes from another item; the same when an item comes back with another control number.
* **Skipping**: the same second is no newer, the same day may be.
* **Sources that forget deletions** (deletedRecord no or transient): what a complete list does not have is removed; between complete
  lists all identifiers are listed every `max_age` days. More than a tenth is never removed without `--yes`.
* **A limited run** (`--limit`, or `--since` after where the next run would start) takes records in, but does not move the state.
* **Locks**: one process at a time harvests a list. The index locks are taken for each block only, so that a load need not wait for
  a harvest that takes hours; while somebody else has them, records are stored at once and indexed at the end.
* A stylesheet may make MARCXML of any format; a record that it made, or that had to be repaired, counts as altered in its provenance.
"""
