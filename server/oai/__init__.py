"""OAI-PMH 2.0 provider: the bibliographic records, for harvesters. `/oai`, and Koha's `/cgi-bin/koha/oai.pl`.

| verb | required | optional | exclusive |
|---|---|---|---|
| Identify | | | |
| ListMetadataFormats | | identifier | |
| ListSets | | | resumptionToken |
| GetRecord | identifier, metadataPrefix | | |
| ListIdentifiers, ListRecords | metadataPrefix | from, until, set | resumptionToken |

Decisions:

* **Lists are read from PostgreSQL, contents from the engine.** Datestamps, deletions and set memberships are state of the record
  store; an index over (datestamp, OAI id) gives every page at the same cost, and a rebuilt, switched or restarted engine changes
  nothing about a list. The engine has the ready-made XML. Each page knows which change number the engine has confirmed: what it
  does not have yet (a load is going on) is made from the stored record, so that a header never comes with older content.
  An engine that does not answer makes 503, never a shorter list.
* **What a list shows is complete.** A change is stamped `oai.visibility_delay` seconds ahead of its transaction, which must end
  before that moment or is stamped again (`server.db.stamping`). Lists end at the present second, so nothing with an earlier
  datestamp can appear later, and the responseDate of one harvest is a safe `from` for the next.
* **Resumption tokens** carry everything, signed under a key derived from `secret_key`; there is no separate secret for them.
* **A record that leaves a set** gets a new datestamp and is not listed there any more. With `oai.sets_leave_as_deleted` lists of that
  set, and only they, have it as deleted from then on; the store keeps the sets that a record has left in any case.
* **ListIdentifiers does not convert.** A record that a stylesheet of the library cannot convert is left out of ListRecords in that
  format, logged and counted; ListIdentifiers and the total still count it.
* `oai_dc` is made when a record is loaded, because it is what most harvesters take and a stylesheet takes half a millisecond;
  other formats are made when asked for and remembered.
* **Records that were harvested elsewhere** keep an identifier of ours and say in an `about` container (provenance) from where they
  came. They count as altered in every format but the one in which they came, and also there when item fields were left out.
* Item fields are those of the record's own format: a 995 in MARC 21 is a field like any other.
* An identifier is `archive_id:number`; the number is percent-encoded where an address could not carry it.
* HTTP 413 and 415 do not exist in this protocol: a body that is too long or of another kind is a badArgument.
"""
