-- name: take_turn(family, place)$
-- Tries to take a session lock; whether it was free.
select pg_try_advisory_lock(:family::int, :place::int);

-- name: is_held(family, place)$
-- Whether anybody holds a session lock of this database (locks with two keys have objsubid 2).
select exists (
  select from pg_locks
   where locktype = 'advisory' and granted and objsubid = 2 and classid = :family::bigint::oid and objid = :place::bigint::oid
     and database = (select oid from pg_database where datname = current_database())
);
