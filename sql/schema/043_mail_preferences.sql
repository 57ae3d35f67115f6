-- How a contact wants the mails about each topic (3.3), what waits for its daily
-- digest, and why a mail was never sent.

create domain casework.mail_preference as text check (value in ('at_once', 'daily_digest', 'none'));

-- Without a row everything comes at once.
create table casework.mail_preferences (
  contact_id bigint primary key references casework.contacts on delete cascade,
  notes      casework.mail_preference not null default 'at_once',  -- notes and files in cases
  progress   casework.mail_preference not null default 'at_once',  -- submitted, escalated, handed over, merged
  fixes      casework.mail_preference not null default 'at_once',  -- of product defects
  incidents  casework.mail_preference not null default 'at_once',  -- and maintenance
  contacts   casework.mail_preference not null default 'at_once',  -- of the district, to technical contacts
  version    bigint not null default 1,
  updated_at timestamptz not null default now()
);
alter table casework.mail_preferences enable row level security, force row level security;
create policy owner on casework.mail_preferences to casework_owner using (true);
create policy contact on casework.mail_preferences to casework_contact
  using (contact_id = (select rules.caller_id()));
create policy worker on casework.mail_preferences for select to casework_worker using (true);
grant select, insert (contact_id), update (notes, progress, fixes, incidents, contacts, version, updated_at)
  on casework.mail_preferences to casework_contact;
grant select on casework.mail_preferences to casework_worker;

-- The topic that a contact may choose about; null: what asks something of them, or
-- concerns the closing of a case, comes at once to everybody.
alter table rules.mail_texts add column topic text;

-- collected: its text is in a digest, which digest_id names, or is to be in that of
-- digest_at. A digest is a mail of its own, one a person and digest_at.
alter table casework.mails
  add column topic text,
  add column reason text check (reason in ('preference', 'recipient_gone', 'test_case')),
  add column digest_at timestamptz,
  add column digest_id bigint references casework.mails,
  drop constraint mails_state_check,
  add constraint mails_state_check check (state in ('queued', 'collected', 'sent', 'failed', 'withheld')),
  add constraint mails_digest_check check (state <> 'collected' or digest_at is not null);
alter table casework.mails
  alter column topic set statistics 0,
  alter column reason set statistics 0;
create index mails_collected on casework.mails (digest_at) where state = 'collected' and digest_id is null;
create unique index mails_digests on casework.mails (recipient_id, digest_at, district_id) where topic = 'digest';
grant update (reason, digest_at, digest_id) on casework.mails to casework_worker;
