-- name: oldest_waiting_biblios(change)$
-- Datestamp of the first bibliographic change after number `change`; nothing when there is none.
select datestamp from biblios where change_number > :change order by change_number limit 1;

-- name: oldest_waiting_authorities(change)$
-- Datestamp of the first authority change after number `change`; nothing when there is none.
select datestamp from authorities where change_number > :change order by change_number limit 1;
