-- One feed of all events (fact 79), in the order of their commits: (xid, id),
-- read below the oldest running transaction only. Events of cases and contacts
-- keep their table; those of the desk, the phone and incidents get ids out of
-- the same sequence, so that an id names one event wherever it stands.

-- A contact's and a partner's page walks one district at a time.
create index events_district_feed on casework.events (district_id, xid, id);

grant usage on sequence casework.events_id_seq
  to casework_contact, casework_partner, casework_staff, casework_telephony, casework_worker;

alter table casework.incident_events
  add column feed_id bigint not null unique default nextval('casework.events_id_seq');
drop index casework.incident_events_feed;
create index incident_events_feed on casework.incident_events (xid, feed_id);

alter table casework.phone_events
  add column feed_id bigint not null unique default nextval('casework.events_id_seq'),
  add column xid     xid8 not null default pg_current_xact_id();
create index phone_events_feed on casework.phone_events (xid, feed_id);

-- Events of the desk may have an owner, who reads them too: of its webhooks.
alter table casework.desk_events
  add column feed_id    bigint not null unique default nextval('casework.events_id_seq'),
  add column xid        xid8 not null default pg_current_xact_id(),
  add column owner_kind text check (owner_kind in ('contact', 'partner', 'staff')),
  add column owner_id   bigint,
  add check ((owner_kind is null) = (owner_id is null));
create index desk_events_feed on casework.desk_events (xid, feed_id);
create index desk_events_owner on casework.desk_events (owner_kind, owner_id, xid, feed_id)
  where owner_kind is not null;

-- Rows now have readers, hence policies.
alter table casework.phone_events enable row level security;
alter table casework.phone_events force row level security;
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
grant select on casework.phone_events to casework_staff, casework_worker;

alter table casework.desk_events enable row level security;
alter table casework.desk_events force row level security;
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
grant select, insert on casework.desk_events to casework_contact, casework_partner, casework_worker;
