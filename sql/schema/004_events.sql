-- Every change, once, with who did it, in its own transaction. History, the feed
-- (fact 79), webhooks, mail and figures read events and nothing else; no service
-- role changes or deletes one. Events of incidents stand with the incidents.
--
-- xid puts the feed in the order of commits: ids alone are not in it, and what is
-- below the oldest running transaction is complete. Ids of all tables come from
-- one sequence, so that an id names one event wherever it stands.

create domain casework.visibility as text
  check (value in ('public', 'internal'));

-- Of cases, of contacts and of districts. Internal ones do not exist for contacts
-- and partners.
create table casework.events (
  id            bigint generated always as identity (start with 100001),
  district_id   bigint not null,
  case_id       bigint,
  contact_id    bigint,
  note_id       bigint,
  attachment_id bigint,
  type          text not null,
  at            timestamptz not null,
  actor_kind    text not null,
  actor_id      bigint not null,
  actor_name    text not null,
  behalf_kind   text,
  behalf_id     bigint,
  behalf_name   text,
  visibility    casework.visibility not null default 'public',
  changes       jsonb not null default '[]',
  xid           xid8 not null default pg_current_xact_id(),
  primary key (id, district_id)
);
create index events_case on casework.events (district_id, case_id, id) where case_id is not null;
-- Events in the order of their commits, for those who follow them: ids alone
-- are not in it, and what is below the oldest running transaction is complete.
create index events_feed on casework.events (xid, id);
-- A contact's and a partner's page walks one district at a time.
create index events_district_feed on casework.events (district_id, xid, id);
alter table casework.events enable row level security, force row level security;
create policy owner on casework.events to casework_owner using (true);
create policy contact on casework.events for select to casework_contact
  using (district_id = (select rules.district()) and visibility = 'public');
create policy contact_write on casework.events for insert to casework_contact
  with check (district_id = (select rules.district()) and visibility = 'public'
    and coalesce(behalf_kind, actor_kind) = 'contact'
    and coalesce(behalf_id, actor_id) = (select rules.caller_id()));
create policy partner on casework.events for select to casework_partner
  using (district_id = any ((select rules.districts())::bigint[]) and visibility = 'public');
create policy partner_write on casework.events for insert to casework_partner
  with check (district_id = any ((select rules.districts())::bigint[]) and visibility = 'public'
    and coalesce(behalf_kind, actor_kind) = 'partner'
    and coalesce(behalf_id, actor_id) = (select rules.caller_id()));
create policy staff on casework.events for select to casework_staff
  using ((select rules.caller_id()) is not null);
create policy staff_write on casework.events for insert to casework_staff
  with check (coalesce(behalf_kind, actor_kind) = 'staff'
    and coalesce(behalf_id, actor_id) = (select rules.caller_id()));
create policy worker on casework.events to casework_worker using (true);
-- Whoever notices a missed deadline records it, in the service's name.
create policy contact_breach on casework.events for insert to casework_contact
  with check (district_id = (select rules.district()) and (actor_kind, actor_id) = ('system', 0)
    and type = 'case.response_target.breached');
create policy partner_breach on casework.events for insert to casework_partner
  with check (district_id = any ((select rules.districts())::bigint[]) and (actor_kind, actor_id) = ('system', 0)
    and type = 'case.response_target.breached');
create policy staff_breach on casework.events for insert to casework_staff
  with check ((actor_kind, actor_id) = ('system', 0) and type = 'case.response_target.breached');
grant select, insert
  on casework.events to casework_contact, casework_partner, casework_staff, casework_worker;
grant usage on sequence casework.events_id_seq
  to casework_contact, casework_partner, casework_staff, casework_telephony, casework_worker;

-- Changes to what belongs to no district. They may have an owner, who reads them
-- too: of its webhooks.
create table casework.desk_events (
  id          bigint generated always as identity primary key,
  feed_id     bigint not null unique default nextval('casework.events_id_seq'),
  type        text not null,
  at          timestamptz not null,
  actor_kind  text not null,
  actor_id    bigint not null,
  actor_name  text not null,
  behalf_kind text,
  behalf_id   bigint,
  behalf_name text,
  owner_kind  text check (owner_kind in ('contact', 'partner', 'staff')),
  owner_id    bigint,
  resource    text not null,
  changes     jsonb not null,
  xid         xid8 not null default pg_current_xact_id(),
  check ((owner_kind is null) = (owner_id is null))
);
create index desk_events_feed on casework.desk_events (xid, feed_id);
create index desk_events_owner on casework.desk_events (owner_kind, owner_id, xid, feed_id)
  where owner_kind is not null;
alter table casework.desk_events enable row level security, force row level security;
create policy owner on casework.desk_events to casework_owner using (true);
create policy contact on casework.desk_events for select to casework_contact
  using (owner_kind = 'contact' and owner_id = (select rules.caller_id()));
create policy contact_write on casework.desk_events for insert to casework_contact
  with check (owner_kind = 'contact' and owner_id = (select rules.caller_id())
    and coalesce(behalf_kind, actor_kind) = 'contact'
    and coalesce(behalf_id, actor_id) = (select rules.caller_id()));
create policy partner on casework.desk_events for select to casework_partner
  using (owner_kind = 'partner' and owner_id = (select rules.caller_id()));
create policy partner_write on casework.desk_events for insert to casework_partner
  with check (owner_kind = 'partner' and owner_id = (select rules.caller_id())
    and coalesce(behalf_kind, actor_kind) = 'partner'
    and coalesce(behalf_id, actor_id) = (select rules.caller_id()));
create policy staff on casework.desk_events for select to casework_staff
  using ((select rules.caller_id()) is not null);
create policy staff_write on casework.desk_events for insert to casework_staff
  with check (coalesce(behalf_kind, actor_kind) = 'staff'
    and coalesce(behalf_id, actor_id) = (select rules.caller_id()));
create policy worker on casework.desk_events to casework_worker using (true);
grant select, insert
  on casework.desk_events to casework_contact, casework_partner, casework_staff, casework_worker;

-- What happened on the phone and to the roster. subject_id is that of the call,
-- shift, advisor or contact, by type.
create table casework.phone_events (
  id          bigint generated always as identity (start with 100001) primary key,
  feed_id     bigint not null unique default nextval('casework.events_id_seq'),
  type        text not null,
  subject_id  bigint not null,
  at          timestamptz not null,
  actor_kind  text not null,
  actor_id    bigint not null,
  actor_name  text not null,
  behalf_kind text,
  behalf_id   bigint,
  behalf_name text,
  xid         xid8 not null default pg_current_xact_id()
);
create index phone_events_feed on casework.phone_events (xid, feed_id);
alter table casework.phone_events enable row level security, force row level security;
create policy owner on casework.phone_events to casework_owner using (true);
create policy staff on casework.phone_events for select to casework_staff
  using ((select rules.caller_id()) is not null);
create policy staff_write on casework.phone_events for insert to casework_staff
  with check (coalesce(behalf_kind, actor_kind) = 'staff'
    and coalesce(behalf_id, actor_id) = (select rules.caller_id()));
create policy telephony_write on casework.phone_events for insert to casework_telephony
  with check (coalesce(behalf_kind, actor_kind) = 'telephony'
    and coalesce(behalf_id, actor_id) = (select rules.caller_id()));
create policy worker on casework.phone_events for select to casework_worker using (true);
grant insert on casework.phone_events to casework_staff, casework_telephony;
grant select on casework.phone_events to casework_staff, casework_worker;

-- How far each who follows the feed has come: everything up to and with
-- (xid, event_id) is done. Mail and webhooks begin at the present: nobody is
-- told what happened before; the figures count from the beginning.
create table casework.event_cursors (
  consumer text primary key,
  xid      xid8 not null default pg_current_xact_id(),
  event_id bigint not null default 9223372036854775807
);
insert into casework.event_cursors (consumer) values ('mail'), ('webhook');
insert into casework.event_cursors (consumer, xid, event_id) values ('figures', '0', 0);
grant select, update (xid, event_id) on casework.event_cursors to casework_worker;
