-- Mail that leaves the desk (facts 62, 70), and how far those who write it have
-- followed the events. Only the worker reads and writes here: addresses are
-- nobody else's business.

-- One row per person and change; the unique key is what makes a dispatcher
-- that starts again harmless. A queued row is leased by moving visible_at into
-- the future: by the real clock, never by the shifted one of the rules.
create table casework.mails (
  id             bigint generated always as identity,
  district_id    bigint not null references casework.districts,
  case_id        bigint,
  source         text not null,          -- whose events: 'case', …
  event_id       bigint not null,
  recipient_kind text not null check (recipient_kind in ('contact', 'staff')),
  recipient_id   bigint not null,
  kind           text not null,          -- the type of the event
  to_address     text not null,
  subject        text not null,
  text           text not null,
  unsubscribe    text,                   -- link of RFC 8058; may hold {api}
  message_id     uuid not null default gen_random_uuid() unique,
  state          text not null default 'queued' check (state in ('queued', 'sent', 'failed')),
  visible_at     timestamptz not null default clock_timestamp(),
  attempts       integer not null default 0,
  last_error     text,
  created_at     timestamptz not null default clock_timestamp(),
  sent_at        timestamptz,
  primary key (id, district_id),
  unique (source, event_id, recipient_kind, recipient_id, district_id)
);
create index mails_queue on casework.mails (visible_at, id) where state = 'queued';

alter table casework.mails enable row level security;
alter table casework.mails force row level security;
create policy owner on casework.mails to casework_owner using (true);
create policy worker on casework.mails to casework_worker using (true);
grant select, insert on casework.mails to casework_worker;
grant update (state, visible_at, attempts, last_error, sent_at) on casework.mails to casework_worker;

-- How far each source of events has been followed: everything up to and with
-- (xid, event_id) is done. It begins at the present: nobody is written to about
-- what happened before there was mail.
create table casework.mail_cursors (
  source   text primary key,
  xid      xid8 not null default pg_current_xact_id(),
  event_id bigint not null default 9223372036854775807
);
insert into casework.mail_cursors (source) values ('case'), ('incident');
grant select on casework.mail_cursors to casework_worker;
grant update (xid, event_id) on casework.mail_cursors to casework_worker;

-- What is written to whom about which event; filled by sql/rules/mail_texts.sql.
create table rules.mail_texts (
  type     text not null,                -- of the event
  by_kinds text[] not null,              -- who did it: kinds of callers, and system
  audience text not null,                -- a branch of rules.mail_recipients
  subject  text not null,
  text     text not null,
  primary key (type, audience)
);
grant select on rules.mail_texts to casework_worker;
