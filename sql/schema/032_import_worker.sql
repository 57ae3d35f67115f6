-- Imports (3.2): what the worker does with them. The lines themselves it runs as
-- the administrator who sent them (rules.act_as_importer).

alter table casework.imports enable row level security, force row level security;
create policy owner on casework.imports to casework_owner using (true);
create policy worker on casework.imports to casework_worker using (true);
grant select, update (state, failure, lines, at_line, created, updated, unchanged, failed, started_at, finished_at,
    leased_until, version)
  on casework.imports to casework_worker;

alter table casework.import_parts enable row level security, force row level security;
create policy owner on casework.import_parts to casework_owner using (true);
create policy worker on casework.import_parts to casework_worker using (true);
grant select, delete on casework.import_parts to casework_worker;

alter table casework.import_lines enable row level security, force row level security;
create policy owner on casework.import_lines to casework_owner using (true);
create policy worker on casework.import_lines for insert to casework_worker with check (true);
grant insert on casework.import_lines to casework_worker;
