-- name: add_harvest(base_url, metadata_prefix, set_spec)!
-- Makes the row of a list, unless it is there.
insert into harvest (base_url, metadata_prefix, set_spec) values (:base_url, :metadata_prefix, :set_spec)
on conflict (base_url, metadata_prefix, set_spec) do nothing;

-- name: find_harvest(base_url, metadata_prefix, set_spec)^
-- The row of a list.
select * from harvest where base_url = :base_url and metadata_prefix = :metadata_prefix and set_spec = :set_spec;

-- name: all_harvests()
-- All rows, in the order in which a person looks for one.
select * from harvest order by base_url, metadata_prefix, set_spec;

-- name: take_harvest(family, harvest_id)$
-- Tries to take the session lock of a list; whether it was free.
select pg_try_advisory_lock(:family::int, :harvest_id::bigint::int);

-- name: begin_list(harvest_id, verb, list_from, list_until, is_full)$
-- A list begins; gives its number. The counts go on when it is the second list of a run.
update harvest
   set run_number = run_number + 1, verb = :verb, list_from = :list_from, list_until = :list_until, is_full = :is_full, token = '',
       response_date = null, cursor = 0, complete_list_size = null, finished = null
 where harvest_id = :harvest_id
returning run_number;

-- name: begin_run(harvest_id, namespace)!
-- A run begins: counts at 0.
update harvest
   set started = now(), finished = null, namespace = :namespace, added = 0, updated = 0, deleted = 0, unchanged = 0, skipped = 0,
       in_error = 0, pages = 0, last_error = ''
 where harvest_id = :harvest_id;

-- name: save_place(harvest_id, list_from, list_until, token, response_date, cursor, complete_list_size)!
-- How far the list under way has come; everything before this place is stored.
update harvest
   set list_from = :list_from, list_until = :list_until, token = :token, response_date = coalesce(response_date, :response_date),
       cursor = :cursor, complete_list_size = :complete_list_size
 where harvest_id = :harvest_id;

-- name: save_counts(harvest_id, added, updated, deleted, unchanged, skipped, in_error, pages)!
-- What the run has done so far.
update harvest
   set added = :added, updated = :updated, deleted = :deleted, unchanged = :unchanged, skipped = :skipped, in_error = :in_error,
       pages = :pages
 where harvest_id = :harvest_id;

-- name: end_records(harvest_id, last_from, is_full)!
-- A list of records was completed. `last_from`: null when the next one is to start where this one did.
update harvest
   set last_from = coalesce(:last_from, last_from), last_full = case when :is_full then now() else last_full end, verb = '', token = ''
 where harvest_id = :harvest_id;

-- name: end_comparison(harvest_id)!
-- What the source no longer has was looked for, and removed.
update harvest set last_compared = now(), verb = '', token = '' where harvest_id = :harvest_id;

-- name: end_run(harvest_id, last_error)!
-- The run ended, completely when `last_error` is empty.
update harvest set finished = now(), last_error = :last_error where harvest_id = :harvest_id;

-- name: forget_place(harvest_id)!
-- A list that is not worth being resumed.
update harvest set verb = '', token = '' where harvest_id = :harvest_id;

-- name: known_items(harvest_id, identifiers)
-- What is remembered of some items.
select identifier, store, record_id, datestamp, deleted
  from harvested where harvest_id = :harvest_id and identifier = any(:identifiers::text[]);

-- name: remember_items(harvest_id, identifiers, stores, record_ids, datestamps, deleted, altered, about, seen)!
-- What was taken in, item by item.
insert into harvested (harvest_id, identifier, store, record_id, datestamp, harvested_at, deleted, altered, about, seen)
select :harvest_id, identifier, store, record_id, datestamp, now(), deleted, altered, about, :seen
  from unnest(:identifiers::text[], :stores::text[], :record_ids::text[], :datestamps::text[], :deleted::boolean[], :altered::boolean[],
              :about::text[]) as v(identifier, store, record_id, datestamp, deleted, altered, about)
on conflict (harvest_id, identifier) do update
   set store = excluded.store, record_id = excluded.record_id, datestamp = excluded.datestamp, harvested_at = excluded.harvested_at,
       deleted = excluded.deleted, altered = excluded.altered, about = excluded.about, seen = excluded.seen;

-- name: mark_seen(harvest_id, identifiers, seen)!
-- These items stand in the list with this number.
update harvested set seen = :seen where harvest_id = :harvest_id and identifier = any(:identifiers::text[]) and seen <> :seen;

-- name: mark_deleted(harvest_id, identifiers)!
-- These items are gone from the source.
update harvested set deleted = true, harvested_at = now() where harvest_id = :harvest_id and identifier = any(:identifiers::text[]);

-- name: count_missing(harvest_id, seen)^
-- Live items, and those of them that the list with this number did not have.
select count(*) as live, count(*) filter (where seen <> :seen) as missing
  from harvested where harvest_id = :harvest_id and not deleted;

-- name: missing_items(harvest_id, seen, count)
-- Some live items that the list with this number did not have.
select identifier, store, record_id, datestamp, deleted
  from harvested where harvest_id = :harvest_id and not deleted and seen <> :seen order by identifier limit :count;

-- name: kept_by_others(harvest_id, identifiers, record_ids)
-- Those of the records that also come from live items other than these.
select distinct store, record_id
  from harvested
 where record_id = any(:record_ids::text[]) and not deleted
   and not (harvest_id = :harvest_id and identifier = any(:identifiers::text[]));

-- name: any_harvested(store)$
-- Whether a store has live records that were harvested.
select exists (select from harvested where store = :store and not deleted);

-- name: origins(store, record_ids)
-- Where live records came from.
select i.record_id, h.base_url, i.identifier, i.datestamp, h.namespace, i.harvested_at, i.altered, i.about
  from harvested i join harvest h using (harvest_id)
 where i.store = :store and i.record_id = any(:record_ids::text[]) and not i.deleted order by i.record_id, i.harvested_at;
