-- Assent (3.4): the contact on the case confirms or rejects a change by an action.
-- A confirmation is kept as a record that nothing changes; a note that quotes the
-- change only mentions it. And what nobody may miss (3.3): the date that a case is
-- scheduled for, and a run of follow-ups that rests while nobody could read them.

alter domain casework.note_kind drop constraint note_kind_check;
alter domain casework.note_kind add constraint note_kind_check
  check (value in ('note', 'resolution', 'closing', 'reopening', 'follow_up', 'escalation', 'defect', 'call',
    'written_request', 'scope', 'confirmation', 'rejection', 'progress'));
alter domain casework.change_state drop constraint change_state_check;
alter domain casework.change_state add constraint change_state_check
  check (value in ('awaiting_written_verification', 'verified', 'rejected', 'performed', 'declined', 'withdrawn'));

alter table casework.notes add column mentions bigint[] not null default '{}';   -- change requests of its case
grant insert (mentions) on casework.notes to casework_contact, casework_partner, casework_staff;
grant select (kind, mentions) on casework.notes to casework_worker;

alter table casework.change_requests
  add column revision             integer not null default 1 check (revision between 1 and 1000000),
  add column revised_at           timestamptz,
  add column revised_by_kind      text,
  add column revised_by_id        bigint,
  add column revised_by_name      text,
  add column rejection_note_id    bigint,
  add column mention_count        integer not null default 0,
  add column last_mention_note_id bigint,
  add foreign key (rejection_note_id, district_id) references casework.notes (id, district_id),
  add foreign key (last_mention_note_id, district_id) references casework.notes (id, district_id),
  add constraint change_requests_revised check ((revision > 1) = (revised_at is not null)),
  add constraint change_requests_rejected check ((state = 'rejected') = (rejection_note_id is not null)),
  drop constraint change_requests_check2,
  add constraint change_requests_ended
    check ((ended_at is not null) = (state in ('rejected', 'performed', 'declined', 'withdrawn')));
alter table casework.change_requests
  alter column revised_by_kind set statistics 0,
  alter column revised_by_name set statistics 0;
grant update (description, revised_at, revised_by_kind, revised_by_id, revised_by_name)
  on casework.change_requests to casework_staff;
grant update (rejection_note_id) on casework.change_requests to casework_contact;

-- Another text has been agreed to by nobody, whoever changes it.
create function casework.begin_revision() returns trigger
language plpgsql set search_path = '' as $$
begin
  if old.ended_at is not null then
    raise exception using errcode = '42501', message = 'a change request that has ended keeps its text';
  end if;
  new.revision := old.revision + 1;
  new.state := 'awaiting_written_verification';
  new.verified_at := null;
  new.verified_by_id := null;
  new.verified_by_name := null;
  new.verification_note_id := null;
  return new;
end $$;
create trigger begin_revision
  before update on casework.change_requests
  for each row when (old.description is distinct from new.description)
  execute function casework.begin_revision();

create table casework.change_confirmations (
  district_id       bigint not null,
  change_request_id bigint not null,
  revision          integer not null,
  case_id           bigint not null,
  text              text not null,       -- what was agreed to, to the byte
  sha256            bytea not null,      -- of it in UTF-8
  note_id           bigint not null,     -- the contact's own words
  confirmed_at      timestamptz not null,
  contact_id        bigint not null,
  contact_name      text not null,
  identity_id       bigint references casework.identities,
  issuer            text,                -- null: the token named the contact itself
  subject           text not null,
  primary key (change_request_id, district_id, revision),
  unique (note_id, district_id),
  foreign key (change_request_id, district_id) references casework.change_requests (id, district_id),
  foreign key (note_id, district_id) references casework.notes (id, district_id),
  check (sha256 = sha256(convert_to(text, 'UTF8'))),
  check ((identity_id is null) = (issuer is null))
);
alter table casework.change_confirmations
  alter column text set statistics 0,
  alter column sha256 set statistics 0,
  alter column contact_name set statistics 0,
  alter column issuer set statistics 0,
  alter column subject set statistics 0;

-- Whoever confirms says which change and by which note; all that proves it is
-- written here. The owner's rights: no contact reads whose sign-in is whose.
create function casework.attest_confirmation() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if rules.acting() is not null then
    raise exception using errcode = '42501', message = 'nobody confirms in the name of somebody else';
  end if;
  new.contact_id := rules.caller_id();
  new.contact_name := (select c.name from casework.contacts c where c.id = new.contact_id);
  new.confirmed_at := rules.now();
  select r.case_id, r.description into new.case_id, new.text from casework.change_requests r
  where r.id = new.change_request_id and r.district_id = new.district_id;
  new.sha256 := sha256(convert_to(new.text, 'UTF8'));
  select i.id, s.issuer, i.subject into new.identity_id, new.issuer, new.subject
  from casework.identities i join casework.issuers s on s.id = i.issuer_id
  where i.id = rules.identity_id();
  new.subject := coalesce(new.subject, 'contact:' || new.contact_id);
  return new;
end $$;
create trigger attest_confirmation
  before insert on casework.change_confirmations
  for each row execute function casework.attest_confirmation();

-- For the owner too.
create function casework.keep_confirmation() returns trigger
language plpgsql set search_path = '' as $$
begin
  raise exception using errcode = '42501', message = 'a confirmation is never changed';
end $$;
create trigger keep_confirmation
  before update or delete or truncate on casework.change_confirmations
  for each statement execute function casework.keep_confirmation();

alter table casework.change_confirmations enable row level security, force row level security;
create policy owner on casework.change_confirmations to casework_owner using (true);
create policy contact on casework.change_confirmations for select to casework_contact
  using (district_id = (select rules.district()));
create policy staff on casework.change_confirmations for select to casework_staff
  using ((select rules.caller_id()) is not null);
-- By the contact on the case, of the text as it reads now, in a note of its own
-- that was written since it reads so.
create policy contact_confirm on casework.change_confirmations for insert to casework_contact
  with check (district_id = (select rules.district()) and contact_id = (select rules.caller_id()) and exists (
    select from casework.change_requests r
    join casework.cases c on c.id = r.case_id and c.district_id = r.district_id
    join casework.notes n on n.case_id = r.case_id and n.district_id = r.district_id
    where r.id = change_request_id and r.district_id = change_confirmations.district_id
      and r.state = 'awaiting_written_verification' and r.revision = change_confirmations.revision
      and c.contact_id = change_confirmations.contact_id
      and n.id = note_id and n.kind = 'confirmation' and n.created_at >= coalesce(r.revised_at, r.requested_at)
      and n.author_kind = 'contact' and n.author_id = c.contact_id and n.behalf_id is null));
grant select on casework.change_confirmations to casework_contact, casework_staff;
grant insert (district_id, change_request_id, revision, note_id) on casework.change_confirmations to casework_contact;

-- Below all code: verified is what has such a record, rejected what the contact on
-- the case has rejected in a note of its own.
drop policy contact_update on casework.change_requests;
create policy contact_update on casework.change_requests for update to casework_contact
  using (district_id = (select rules.district()) and ended_at is null)
  with check (district_id = (select rules.district()) and (state = 'withdrawn'
    or (state = 'verified' and exists (
      select from casework.change_confirmations k
      where k.change_request_id = id and k.district_id = change_requests.district_id
        and k.revision = change_requests.revision and k.note_id = verification_note_id
        and k.contact_id = verified_by_id and k.contact_id = (select rules.caller_id())))
    or (state = 'rejected' and exists (
      select from casework.notes n
      join casework.cases c on c.id = n.case_id and c.district_id = n.district_id
      where n.id = rejection_note_id and n.district_id = change_requests.district_id
        and n.case_id = change_requests.case_id and n.kind = 'rejection'
        and n.created_at >= coalesce(revised_at, requested_at)
        and n.author_kind = 'contact' and n.author_id = c.contact_id
        and n.author_id = (select rules.caller_id()) and n.behalf_id is null))));

alter table casework.cases add column scheduled_on date;     -- while it is scheduled
grant update (scheduled_on) on casework.cases to casework_contact, casework_partner, casework_staff, casework_worker;

-- next_at is infinity while a run rests. skipped_days: how many business days later
-- than planned it goes on.
alter table casework.follow_up_runs
  add column paused_at    timestamptz,
  add column skipped_days integer not null default 0;
create index follow_up_runs_paused on casework.follow_up_runs (paused_at)
  where paused_at is not null and ended_at is null;
grant update (paused_at, skipped_days, due_dates, auto_close_at)
  on casework.follow_up_runs to casework_staff, casework_partner, casework_worker;
grant select (roles, team) on casework.staff to casework_worker;
