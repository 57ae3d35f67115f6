-- Cases and notes that were imported with their history (3.2): what they are called
-- where they come from, so that the same file twice makes none twice.

-- imported_as: digest of the line that the case was last made of.
alter table casework.cases
  add column external_id text,
  add column imported_as bytea;
create unique index cases_external_id on casework.cases (external_id) where external_id is not null;
grant update (external_id, imported_as) on casework.cases to casework_staff;
alter table casework.cases alter column external_id set statistics 0, alter column imported_as set statistics 0;

alter table casework.notes add column external_id text;
create unique index notes_external_id on casework.notes (external_id) where external_id is not null;
alter table casework.notes alter column external_id set statistics 0;

-- What came with an import is in the history and the feed, and wakes nobody.
alter table casework.events add column imported boolean not null default false;
grant insert (imported) on casework.events to casework_staff;
grant insert (external_id) on casework.notes to casework_staff;
