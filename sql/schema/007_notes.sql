-- Notes, attachments and their redaction (facts 12, 39, 47, 78; 1.12). Both are
-- append-only for every service role; internal ones do not exist for contacts
-- and partners. A redaction says who and why; what goes, a trigger takes away, so
-- that a text can be taken away and never be put into a mouth.

create domain casework.note_kind as text
  check (value in ('note', 'resolution', 'closing', 'reopening', 'follow_up', 'escalation', 'defect', 'call',
    'written_request', 'scope'));

create table casework.notes (
  id               bigint generated always as identity (start with 100001),
  district_id      bigint not null,
  case_id          bigint not null,
  kind             casework.note_kind not null default 'note',
  visibility       casework.visibility not null,
  text             text not null,
  author_kind      text not null,
  author_id        bigint not null,
  author_name      text not null,
  behalf_kind      text,
  behalf_id        bigint,
  behalf_name      text,
  created_at       timestamptz not null,
  redacted_at      timestamptz,
  redacted_by_kind text,
  redacted_by_id   bigint,
  redacted_by_name text,
  redaction_reason text,
  primary key (id, district_id),
  foreign key (case_id, district_id) references casework.cases (id, district_id)
);
create index notes_case on casework.notes (district_id, case_id, id);
alter table casework.notes enable row level security, force row level security;
create policy owner on casework.notes to casework_owner using (true);
create policy contact on casework.notes for select to casework_contact
  using (district_id = (select rules.district()) and visibility = 'public');
create policy contact_write on casework.notes for insert to casework_contact
  with check (district_id = (select rules.district()) and visibility = 'public'
    and coalesce(behalf_kind, author_kind) = 'contact'
    and coalesce(behalf_id, author_id) = (select rules.caller_id()));
create policy partner on casework.notes for select to casework_partner
  using (district_id = any ((select rules.districts())::bigint[]) and visibility = 'public');
create policy partner_write on casework.notes for insert to casework_partner
  with check (district_id = any ((select rules.districts())::bigint[]) and visibility = 'public'
    and coalesce(behalf_kind, author_kind) = 'partner'
    and coalesce(behalf_id, author_id) = (select rules.caller_id()));
create policy staff on casework.notes for select to casework_staff
  using ((select rules.caller_id()) is not null);
create policy staff_write on casework.notes for insert to casework_staff
  with check (coalesce(behalf_kind, author_kind) = 'staff'
    and coalesce(behalf_id, author_id) = (select rules.caller_id()));
create policy worker on casework.notes to casework_worker using (true);
create policy staff_redact on casework.notes for update to casework_staff
  using ((select rules.caller_id()) is not null and redacted_at is null)
  with check (redacted_at is not null);
grant insert on casework.notes to casework_contact, casework_partner, casework_staff, casework_worker;
grant select on casework.notes to casework_contact, casework_partner, casework_staff;
grant update (redacted_at, redacted_by_kind, redacted_by_id, redacted_by_name, redaction_reason)
  on casework.notes to casework_staff;
-- who wrote, never what
grant select (id, district_id, case_id, author_kind, author_id, behalf_kind, behalf_id, created_at)
  on casework.notes to casework_worker;

create function rules.erase_redacted_note() returns trigger
language plpgsql as $$
begin
  new.text := rules.redacted_text();
  return new;
end $$;
create trigger erase_redacted
  before update on casework.notes
  for each row when (old.redacted_at is null and new.redacted_at is not null)
  execute function rules.erase_redacted_note();

create table casework.attachment_settings (
  single     boolean primary key default true check (single),
  file_bytes integer not null default 10485760 check (file_bytes > 0),
  case_bytes bigint not null default 52428800 check (case_bytes > 0)  -- of one visibility
);
insert into casework.attachment_settings default values;
grant select on casework.attachment_settings
  to casework_contact, casework_partner, casework_staff, casework_telephony, casework_public;

-- What is known of a file and its bytes are two tables, so that reading the one
-- never drags the other along. Both carry the visibility, held equal by their
-- key, so that neither needs the other to decide who may see a row.
create table casework.attachments (
  id               bigint generated always as identity (start with 100001),
  district_id      bigint not null,
  case_id          bigint not null,
  visibility       casework.visibility not null,
  filename         text not null,
  media_type       text not null,
  size             integer not null check (size > 0),
  sha256           bytea check (length(sha256) = 32),   -- null once redacted
  author_kind      text not null,
  author_id        bigint not null,
  author_name      text not null,
  behalf_kind      text,
  behalf_id        bigint,
  behalf_name      text,
  created_at       timestamptz not null,
  redacted_at      timestamptz,
  redacted_by_kind text,
  redacted_by_id   bigint,
  redacted_by_name text,
  redaction_reason text,
  primary key (id, district_id),
  unique (id, district_id, visibility),
  foreign key (case_id, district_id) references casework.cases (id, district_id),
  check ((redacted_at is null) = (sha256 is not null))
);
create index attachments_case on casework.attachments (district_id, case_id, id);
alter table casework.attachments enable row level security, force row level security;
create policy owner on casework.attachments to casework_owner using (true);
create policy contact on casework.attachments for select to casework_contact
  using (district_id = (select rules.district()) and visibility = 'public');
create policy contact_write on casework.attachments for insert to casework_contact
  with check (district_id = (select rules.district()) and visibility = 'public'
    and coalesce(behalf_kind, author_kind) = 'contact'
    and coalesce(behalf_id, author_id) = (select rules.caller_id()));
create policy partner on casework.attachments for select to casework_partner
  using (district_id = any ((select rules.districts())::bigint[]) and visibility = 'public');
create policy partner_write on casework.attachments for insert to casework_partner
  with check (district_id = any ((select rules.districts())::bigint[]) and visibility = 'public'
    and coalesce(behalf_kind, author_kind) = 'partner'
    and coalesce(behalf_id, author_id) = (select rules.caller_id()));
create policy staff on casework.attachments for select to casework_staff
  using ((select rules.caller_id()) is not null);
create policy staff_write on casework.attachments for insert to casework_staff
  with check (coalesce(behalf_kind, author_kind) = 'staff'
    and coalesce(behalf_id, author_id) = (select rules.caller_id()));
create policy staff_redact on casework.attachments for update to casework_staff
  using ((select rules.caller_id()) is not null and redacted_at is null)
  with check (redacted_at is not null);
create policy worker on casework.attachments for select to casework_worker using (true);
grant select, insert on casework.attachments to casework_contact, casework_partner, casework_staff;
grant update (redacted_at, redacted_by_kind, redacted_by_id, redacted_by_name, redaction_reason)
  on casework.attachments to casework_staff;
-- who is involved in a case (fact 62); a file's name is no business of the worker's
grant select (id, district_id, case_id, visibility, author_kind, author_id, behalf_kind, behalf_id, created_at)
  on casework.attachments to casework_worker;

-- Not compressed, since most files are already; a piece of such a value is read
-- without the rest.
create table casework.attachment_contents (
  district_id   bigint not null,
  attachment_id bigint not null,
  visibility    casework.visibility not null,
  bytes         bytea not null check (length(bytes) > 0),
  primary key (attachment_id, district_id),
  foreign key (attachment_id, district_id, visibility)
    references casework.attachments (id, district_id, visibility)
);
alter table casework.attachment_contents alter column bytes set storage external;
alter table casework.attachment_contents enable row level security, force row level security;
create policy owner on casework.attachment_contents to casework_owner using (true);
create policy contact on casework.attachment_contents to casework_contact
  using (district_id = (select rules.district()) and visibility = 'public');
create policy partner on casework.attachment_contents to casework_partner
  using (district_id = any ((select rules.districts())::bigint[]) and visibility = 'public');
create policy staff on casework.attachment_contents to casework_staff
  using ((select rules.caller_id()) is not null);
grant select, insert on casework.attachment_contents to casework_contact, casework_partner, casework_staff;

-- No role may write a name or delete bytes: these triggers take both away, and
-- the digest, by which a known file could be recognized.
create function rules.erase_redacted_attachment() returns trigger
language plpgsql as $$
begin
  new.filename := rules.redacted_text();
  new.sha256 := null;
  return new;
end $$;
create trigger erase_redacted
  before update on casework.attachments
  for each row when (old.redacted_at is null and new.redacted_at is not null)
  execute function rules.erase_redacted_attachment();

create function rules.erase_redacted_content() returns trigger
language plpgsql security definer set search_path = pg_catalog as $$
begin
  delete from casework.attachment_contents c
  where c.attachment_id = new.id and c.district_id = new.district_id;
  return null;
end $$;
create trigger erase_redacted_content
  after update on casework.attachments
  for each row when (old.redacted_at is null and new.redacted_at is not null)
  execute function rules.erase_redacted_content();
