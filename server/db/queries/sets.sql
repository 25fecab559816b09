-- name: evaluation()^
-- Which definitions the memberships follow, and how far they do.
select fingerprint, done_up_to, finished is not null as is_finished from set_evaluation;

-- name: begin_evaluation(fingerprint)!
-- Other definitions: everything is to be decided again.
insert into set_evaluation (fingerprint) values (:fingerprint)
    on conflict (only_row) do update set fingerprint = excluded.fingerprint, done_up_to = 0, finished = null;

-- name: advance_evaluation(fingerprint, done_up_to)!
-- So far it has been done.
update set_evaluation set done_up_to = :done_up_to where fingerprint = :fingerprint;

-- name: finish_evaluation(fingerprint)!
-- All of it has been done.
update set_evaluation set finished = now() where fingerprint = :fingerprint;

-- name: live_after(key, count)
-- The next live records by biblio_id.
select biblio_id, record_id, source, control_number, control_org, format, stored_format, raw, hash, datestamp, deleted, suppressed, sets,
       change_number
  from biblios where biblio_id > :key and not deleted and not suppressed order by biblio_id limit :count;

-- name: count_live_after(key)$
-- How many live records there are by biblio_id.
select count(*) from biblios where biblio_id > :key and not deleted and not suppressed;

-- name: any_members()$
-- Whether a record belongs to a set.
select exists (select from biblios where sets <> '{}');

-- name: sizes()
-- Number of live records of each set.
select spec, count(*) as members from biblios, unnest(sets) as spec where not deleted and not suppressed group by spec order by spec;
