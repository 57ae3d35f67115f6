-- Imports (3.2): which session of PostgreSQL has one in hand. With its end the
-- import is free at once, however long its lease would last.
alter table casework.imports add column leased_by int;    -- pid of the server
grant update (leased_by) on casework.imports to casework_worker;

-- What the lines of an import with validate_only would have made, by the key of the
-- thing: a later line of the same key is tried behind them. Gone with its end.
-- part: of assignments, when it begins.
create table casework.import_tries (
  import_id bigint not null references casework.imports on delete cascade,
  key       text not null,
  part      text not null,
  line      int not null,
  record    jsonb not null,
  primary key (import_id, key, part)
);
alter table casework.import_tries
  alter column key set statistics 0,
  alter column part set statistics 0,
  alter column record set statistics 0;
alter table casework.import_tries enable row level security, force row level security;
create policy owner on casework.import_tries to casework_owner using (true);
create policy administrator on casework.import_tries to casework_staff
  using ((select rules.has_role('administrator')));
create policy worker on casework.import_tries to casework_worker using (true);
grant select, insert, update (line, record), delete on casework.import_tries to casework_staff;
grant select (import_id), delete on casework.import_tries to casework_worker;
