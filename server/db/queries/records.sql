-- name: lock_counter(store)$
-- Last change number of a store; holds the counter's row until the transaction ends, so writers take turns.
select last_change from change_counter where store = :store for no key update;

-- name: advance_counter(store, last_change)!
-- Sets the last change number given out.
update change_counter set last_change = :last_change where store = :store;

-- name: last_change(store)$
-- Last change number given out and committed.
select last_change from change_counter where store = :store;

-- name: counts_biblios()^
-- Numbers of live, suppressed and deleted bibliographic records.
select count(*) filter (where not deleted and not suppressed) as live, count(*) filter (where suppressed and not deleted) as suppressed,
       count(*) filter (where deleted) as deleted
  from biblios;

-- name: counts_authorities()^
-- Numbers of live, suppressed and deleted authority records.
select count(*) filter (where not deleted and not suppressed) as live, count(*) filter (where suppressed and not deleted) as suppressed,
       count(*) filter (where deleted) as deleted
  from authorities;

-- name: holdings_of(parents)
-- Live holdings records of the given bibliographic records that are not suppressed, oldest first.
select parent_id, format, stored_format, raw from holdings
 where parent_id = any(:parents::text[]) and not deleted and not suppressed
 order by parent_id, holdings_id;

-- name: authorities_named(ids)
-- Live authority records by any of the forms in which headings name them: record id, control number, (org)control number.
select id, format, stored_format, raw
  from unnest(:ids::text[]) as id
  join authorities on record_id = id or control_number = id
                   or control_number = substr(id, position(')' in id) + 1) and id = '(' || control_org || ')' || control_number
 where not deleted;
