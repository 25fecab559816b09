-- Sets that a record belonged to and has left. A harvester of such a set can be told of it as of a deletion (oai.sets_leave_as_deleted).
alter table biblios add column left_sets text[] not null default '{}';
create index biblios_by_left_set on biblios using gin (left_sets) where left_sets <> '{}';
