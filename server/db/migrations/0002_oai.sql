-- What OAI-PMH lists go by. `oai_id` is the last part of the identifier and never changes. `oai_datestamp` moves when the record
-- without its items (`bib_hash`) changes, `oai_items_datestamp` also when an item does; both with deletion, suppression and sets.
-- `datestamp` stays what it was: when the record as the engine has it changed.
alter table biblios
  add column oai_id text collate "C", add column bib_hash bytea,
  add column oai_datestamp timestamptz, add column oai_items_datestamp timestamptz;
update biblios set oai_id = record_id, bib_hash = hash, oai_datestamp = datestamp, oai_items_datestamp = datestamp;
alter table biblios
  alter column oai_id set not null, alter column bib_hash set not null,
  alter column oai_datestamp set not null, alter column oai_items_datestamp set not null,
  add constraint biblios_oai_id unique (oai_id),
  add constraint biblios_oai_id_check check (oai_id <> ''), add constraint biblios_bib_hash_check check (length(bib_hash) = 16),
  add constraint biblios_oai_stamps_check check (oai_datestamp <= oai_items_datestamp);
create index biblios_by_oai_datestamp on biblios (oai_datestamp, oai_id);
create index biblios_by_oai_items_datestamp on biblios (oai_items_datestamp, oai_id);
create index biblios_by_set on biblios using gin (sets) where sets <> '{}';

-- Which set definitions the memberships in `biblios.sets` follow, and up to which biblio_id they have been decided again after the
-- definitions changed; one row at most. `finished` is null while that is going on.
create table set_evaluation (
  only_row    boolean primary key default true check (only_row),
  fingerprint text not null,
  done_up_to  bigint not null default 0,
  finished    timestamptz
);
