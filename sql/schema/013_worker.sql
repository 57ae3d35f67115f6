-- What happens without a request: timers, and mail that leaves the desk (facts
-- 62, 70). Only the worker reads and writes here: addresses are nobody else's
-- business.

-- Items that a timer could not handle: left alone until retry_at, so that one
-- bad row does not hold up the others. item is the key of the row, as text.
create table casework.timer_faults (
  timer      text not null,
  item       text not null,
  attempts   integer not null default 1,
  last_error text not null,
  retry_at   timestamptz not null,
  primary key (timer, item)
);
grant select, insert, update, delete on casework.timer_faults to casework_worker;

-- Whether a worker sleeps: only then does a change notify (rules.wake), since
-- transactions that notify commit one after the other.
create table casework.worker_wait (
  single boolean primary key default true check (single),
  asleep boolean not null default false
);
insert into casework.worker_wait default values;
grant select on casework.worker_wait to casework_contact, casework_partner, casework_staff, casework_worker;
grant update (asleep) on casework.worker_wait to casework_worker;

-- One row per person and event; the unique key is what makes a dispatcher that
-- starts again harmless. A queued row is leased by moving visible_at into the
-- future: by the real clock, never by the shifted one of the rules. One whose
-- recipient may not be written to any more is withheld.
create table casework.mails (
  id             bigint generated always as identity primary key,
  district_id    bigint references casework.districts,   -- null: to the owner of a webhook, who has none
  case_id        bigint,
  source         text not null,          -- whose events: 'case', …
  event_id       bigint not null,
  recipient_kind text not null check (recipient_kind in ('contact', 'partner', 'staff')),
  recipient_id   bigint not null,
  kind           text not null,          -- the type of the event
  to_address     text not null,
  subject        text not null,
  text           text not null,
  unsubscribe    text,                   -- link of RFC 8058; may hold {api}
  message_id     uuid not null default gen_random_uuid() unique,
  state          text not null default 'queued' check (state in ('queued', 'sent', 'failed', 'withheld')),
  visible_at     timestamptz not null default clock_timestamp(),
  attempts       integer not null default 0,
  last_error     text,
  created_at     timestamptz not null default clock_timestamp(),
  sent_at        timestamptz,
  unique (source, event_id, recipient_kind, recipient_id, district_id)
);
create index mails_queue on casework.mails (visible_at, id) where state = 'queued';
alter table casework.mails enable row level security, force row level security;
create policy owner on casework.mails to casework_owner using (true);
create policy worker on casework.mails to casework_worker using (true);
grant select, insert, update (state, visible_at, attempts, last_error, sent_at)
  on casework.mails to casework_worker;

create type rules.mail_recipient as (kind text, id bigint, address text);

-- What is written to whom about which event; filled by sql/rules/mail/texts.sql.
create table rules.mail_texts (
  type     text not null,                -- of the event
  by_kinds text[] not null,              -- who did it: kinds of callers, and system
  audience text not null,                -- a branch of rules.mail_recipients
  subject  text not null,
  text     text not null,
  primary key (type, audience)
);
grant select on rules.mail_texts to casework_worker;
