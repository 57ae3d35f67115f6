-- Who brings imports and reads of them: administrators of staff (3.2). The worker
-- ends and forgets them; what their lines do is done with the owner's rights.

-- received_at: when a part came last.
alter table casework.imports add column received_at timestamptz not null default now();
alter table casework.imports
  alter column kind set statistics 0,
  alter column media_type set statistics 0,
  alter column state set statistics 0,
  alter column sha256 set statistics 0,
  alter column failure set statistics 0,
  alter column created_by_kind set statistics 0,
  alter column created_by_name set statistics 0;
alter table casework.import_parts alter column bytes set statistics 0;
alter table casework.import_lines
  alter column external_id set statistics 0,
  alter column result set statistics 0,
  alter column resource_id set statistics 0,
  alter column errors set statistics 0;

alter table casework.imports enable row level security, force row level security;
create policy owner on casework.imports to casework_owner using (true);
create policy administrator on casework.imports to casework_staff
  using ((select rules.has_role('administrator')));
create policy worker on casework.imports to casework_worker using (true);
grant select, insert (kind, media_type, validate_only, created_by_kind, created_by_id, created_by_name, created_at, received_at),
  update (state, failure, size_bytes, sha256, received_at, finished_at, leased_until, version)
  on casework.imports to casework_staff;
grant select, update (state, failure, finished_at, leased_until, version), delete on casework.imports to casework_worker;

-- Nobody reads the bytes but who takes the import on.
alter table casework.import_parts enable row level security, force row level security;
create policy owner on casework.import_parts to casework_owner using (true);
create policy administrator on casework.import_parts to casework_staff
  using ((select rules.has_role('administrator')));
create policy worker on casework.import_parts to casework_worker using (true);
grant select (import_id, number), insert, delete on casework.import_parts to casework_staff;
grant select (import_id, number), delete on casework.import_parts to casework_worker;

alter table casework.import_lines enable row level security, force row level security;
create policy owner on casework.import_lines to casework_owner using (true);
create policy administrator on casework.import_lines for select to casework_staff
  using ((select rules.has_role('administrator')));
create policy worker on casework.import_lines to casework_worker using (true);
grant select on casework.import_lines to casework_staff;
grant select, delete on casework.import_lines to casework_worker;
