-- Every change is recorded, with who did it and for whom: one event in the table
-- of its subject, in the change's own transaction. History, the feed, webhooks,
-- mail and figures read these events and nothing else.

create or replace function rules.record_case_event(
  district_id bigint, case_id bigint, actor rules.actor, type text, visibility text, note_id bigint, changes jsonb,
  attachment_id bigint default null)
returns void
language plpgsql as $$
begin
  insert into casework.events (district_id, case_id, note_id, attachment_id, type, at,
    actor_kind, actor_id, actor_name, behalf_kind, behalf_id, behalf_name, visibility, changes)
  values (district_id, case_id, note_id, attachment_id, type, actor.at, actor.kind, actor.id, actor.name,
    actor.behalf_kind, actor.behalf_id, actor.behalf_name, visibility, changes);
  perform rules.wake();
end $$;

-- What came with an import: the history and the feed tell of it, marked as
-- imported, and it wakes nobody, by mail or webhook (3.2).
create or replace function rules.record_import_event(
  district_id bigint, case_id bigint, actor rules.actor, type text, visibility text, note_id bigint, changes jsonb)
returns void
language plpgsql as $$
begin
  insert into casework.events (district_id, case_id, note_id, type, at,
    actor_kind, actor_id, actor_name, behalf_kind, behalf_id, behalf_name, visibility, changes, imported)
  values (district_id, case_id, note_id, type, actor.at, actor.kind, actor.id, actor.name,
    actor.behalf_kind, actor.behalf_id, actor.behalf_name, visibility, changes, true);
end $$;

drop function if exists rules.record_contact_event(bigint, bigint, text, jsonb);   -- it knows imports now
create or replace function rules.record_contact_event(
  district_id bigint, contact_id bigint, type text, changes jsonb, imported boolean default false) returns bigint
language plpgsql as $$
declare
  actor rules.actor := rules.actor();
  event_id bigint;
begin
  if imported then
    insert into casework.events (district_id, contact_id, type, at, actor_kind, actor_id, actor_name,
      behalf_kind, behalf_id, behalf_name, changes, imported)
    values (district_id, contact_id, type, actor.at, actor.kind, actor.id, actor.name,
      actor.behalf_kind, actor.behalf_id, actor.behalf_name, changes, true)
    returning id into event_id;
    return event_id;
  end if;
  insert into casework.events (district_id, contact_id, type, at, actor_kind, actor_id, actor_name,
    behalf_kind, behalf_id, behalf_name, changes)
  values (district_id, contact_id, type, actor.at, actor.kind, actor.id, actor.name,
    actor.behalf_kind, actor.behalf_id, actor.behalf_name, changes)
  returning id into event_id;
  perform rules.wake();
  return event_id;
end $$;

-- Of members that the event names only, old and new: for the audit, and in no feed.
create or replace function rules.keep_values(
  event_id bigint, changes jsonb, before jsonb, after jsonb,
  of_contact bigint default null, of_person bigint default null) returns void
language plpgsql as $$
begin
  insert into casework.audit_values (event_id, contact_id, partner_person_id, changes)
  select event_id, of_contact, of_person, jsonb_agg(case when c.value ? 'new' then c.value
    else rules.changed(m.name, before -> m.name, after -> m.name) end order by c.place)
  from jsonb_array_elements(changes) with ordinality as c (value, place)
  cross join lateral (select c.value ->> 'member') as m (name)
  having count(*) > 0;
end $$;

-- Of a district itself, or of a site of it.
create or replace function rules.record_district_event(
  district_id bigint, type text, changes jsonb, site_id bigint default null) returns void
language plpgsql as $$
declare
  actor rules.actor := rules.actor();
begin
  insert into casework.events (district_id, site_id, type, at, actor_kind, actor_id, actor_name,
    behalf_kind, behalf_id, behalf_name, changes)
  values (district_id, site_id, type, actor.at, actor.kind, actor.id, actor.name,
    actor.behalf_kind, actor.behalf_id, actor.behalf_name, changes);
  perform rules.wake();
end $$;

-- What happened to a thing that belongs to no district. Staff read it, and its
-- owner if it has one.
create or replace function rules.record_desk_event(
  type text, resource text, changes jsonb, owner_kind text default null, owner_id bigint default null)
returns bigint
language plpgsql as $$
declare
  actor rules.actor := rules.actor();
  event_id bigint;
begin
  insert into casework.desk_events (type, at, actor_kind, actor_id, actor_name,
    behalf_kind, behalf_id, behalf_name, resource, changes, owner_kind, owner_id)
  values (type, actor.at, actor.kind, actor.id, actor.name,
    actor.behalf_kind, actor.behalf_id, actor.behalf_name, resource, changes, owner_kind, owner_id)
  returning feed_id into event_id;
  return event_id;
end $$;

create or replace function rules.record_phone_event(type text, subject_id bigint) returns void
language plpgsql as $$
declare
  actor rules.actor := rules.actor();
begin
  insert into casework.phone_events (type, subject_id, at, actor_kind, actor_id, actor_name,
    behalf_kind, behalf_id, behalf_name)
  values (type, subject_id, actor.at, actor.kind, actor.id, actor.name,
    actor.behalf_kind, actor.behalf_id, actor.behalf_name);
end $$;

-- One event of an incident or, with announcement_id, of an announcement.
create or replace function rules.record_incident_event(
  incident_id bigint, announcement_id bigint, update_id bigint, actor rules.actor, type text,
  email boolean default false, changes jsonb default '[]') returns void
language plpgsql as $$
begin
  insert into casework.incident_events (incident_id, announcement_id, update_id, type, at,
    actor_kind, actor_id, actor_name, behalf_kind, behalf_id, behalf_name, email, changes)
  values (incident_id, announcement_id, update_id, type, actor.at, actor.kind, actor.id, actor.name,
    actor.behalf_kind, actor.behalf_id, actor.behalf_name, email, changes);
  perform rules.wake();
end $$;
