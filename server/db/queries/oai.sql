-- name: earliest()$
-- The smallest datestamp of any record, deleted ones included; null when there is none.
select min(oai_datestamp) from biblios;

-- name: earliest_live()$
-- The smallest datestamp of any live record.
select min(oai_datestamp) from biblios where not deleted and not suppressed;

-- name: raw_records(ids)
-- Records as they are stored, for what the engine does not have yet.
select record_id, raw, stored_format, format, datestamp from biblios where record_id = any(:ids::text[]);
