-- What the OAI-PMH harvester remembers: how far it has come with each list, and which record came from which item.
--
-- One row per base URL, metadata prefix and set ('' for everything). `last_from`: responseDate of the first answer of the last
-- list that was completed; the next one starts there. `verb` to `complete_list_size` describe a list that is under way, or was
-- interrupted; `verb` is empty when there is none. `run_number` counts lists. The counts are those of the last run.
create table harvest (
  harvest_id         bigint generated always as identity primary key,
  base_url           text collate "C" not null check (base_url <> ''),
  metadata_prefix    text collate "C" not null,
  set_spec           text collate "C" not null default '',
  namespace          text not null default '',
  last_from          timestamptz,
  last_compared      timestamptz,
  last_full          timestamptz,
  run_number         bigint not null default 0,
  verb               text not null default '' check (verb in ('', 'ListRecords', 'ListIdentifiers')),
  list_from          text not null default '',
  list_until         text not null default '',
  is_full            boolean not null default false,
  token              text not null default '',
  response_date      timestamptz,
  cursor             bigint not null default 0,
  complete_list_size bigint,
  added              bigint not null default 0,
  updated            bigint not null default 0,
  deleted            bigint not null default 0,
  unchanged          bigint not null default 0,
  skipped            bigint not null default 0,
  in_error           bigint not null default 0,
  pages              bigint not null default 0,
  last_error         text not null default '',
  started            timestamptz,
  finished           timestamptz,
  unique (base_url, metadata_prefix, set_spec)
);

-- Where records came from. `datestamp` as the source wrote it; `about`: its own provenance container, if any; `altered`: the
-- metadata was converted or repaired on the way; `seen`: number of the last complete list that had it.
create table harvested (
  harvest_id   bigint not null references harvest on delete cascade,
  identifier   text collate "C" not null,
  store        text not null check (store in ('biblios', 'authorities', 'holdings')),
  record_id    text collate "C" not null,
  datestamp    text not null,
  harvested_at timestamptz not null,
  deleted      boolean not null default false,
  altered      boolean not null default false,
  about        text not null default '',
  seen         bigint not null default 0,
  primary key (harvest_id, identifier)
);
create index harvested_record on harvested (record_id);
