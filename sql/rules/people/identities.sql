-- Identities (3.1): who links a sign-in to whom, and ends it.

-- Technical contacts link by the name of an issuer, and read no other thing of it.
create or replace function rules.issuer_name(issuer_id bigint) returns text
language plpgsql stable security definer set search_path = '' as $$
begin
  return (select s.issuer from casework.issuers s where s.id = issuer_id);
end $$;

create or replace function rules.active_issuer(issuer text) returns bigint
language plpgsql stable security definer set search_path = '' as $$
begin
  return (select s.id from casework.issuers s where s.issuer = active_issuer.issuer and s.active);
end $$;

create or replace function rules.identity_answer(
  identity_id bigint, code int, out status int, out body json, out etag text, out location text)
language plpgsql stable as $$
begin
  status := code;
  select d.body, d.version, case when code = 201 then '/v1/identities/' || d.id end
    into body, etag, location
  from views.identity_document d where d.id = identity_id;
end $$;

-- Which sign-in it is and whose, as a change that makes or ends it. What somebody
-- from outside is called by its issuer is often an address: named, and told in the
-- audit alone.
create or replace function rules.identity_changes(i casework.identities, made boolean) returns jsonb
language plpgsql stable as $$
begin
  return (
    select jsonb_agg(case
        when m.name = 'subject' and coalesce(i.contact_id, i.partner_person_id) is not null
          then jsonb_build_object('member', m.name)
        when made then rules.changed(m.name, null, m.value)
        else rules.changed(m.name, m.value, null) end order by m.place)
    from (values
      (1, 'identity_id', to_jsonb(i.id)), (2, 'issuer', to_jsonb(rules.issuer_name(i.issuer_id))),
      (3, 'subject', to_jsonb(i.subject)), (4, 'staff_id', to_jsonb(i.staff_id)),
      (5, 'partner_person_id', to_jsonb(i.partner_person_id)), (6, 'partner_client_id', to_jsonb(i.partner_client_id)),
      (7, 'telephony_client_id', to_jsonb(i.telephony_client_id))) as m (place, name, value)
    where m.value is not null);
end $$;

-- In the history of the person whose district it is, or of the desk.
drop function if exists rules.record_identity(casework.identities, text);   -- by whom is said now
create or replace function rules.record_identity(i casework.identities, made boolean, actor rules.actor) returns void
language plpgsql as $$
declare
  what text := case when made then 'identity.linked' else 'identity.ended' end;
  differs jsonb := rules.identity_changes(i, made);
  subject jsonb := jsonb_build_object('subject', i.subject);
  event_id bigint;
begin
  if i.contact_id is not null then
    insert into casework.events (district_id, contact_id, type, at, actor_kind, actor_id, actor_name,
      behalf_kind, behalf_id, behalf_name, changes)
    select c.district_id, c.id, what, actor.at, actor.kind, actor.id, actor.name,
      actor.behalf_kind, actor.behalf_id, actor.behalf_name, differs
    from casework.contacts c where c.id = i.contact_id
    returning id into event_id;
    perform rules.wake();
  else
    insert into casework.desk_events (type, at, actor_kind, actor_id, actor_name,
      behalf_kind, behalf_id, behalf_name, resource, changes)
    values (what, actor.at, actor.kind, actor.id, actor.name,
      actor.behalf_kind, actor.behalf_id, actor.behalf_name, i.id, differs)
    returning feed_id into event_id;
  end if;
  if coalesce(i.contact_id, i.partner_person_id) is not null then
    perform rules.keep_values(event_id, differs, case when made then '{}' else subject end,
      case when made then subject else '{}' end, of_contact => i.contact_id, of_person => i.partner_person_id);
  end if;
end $$;

-- i: the caller that is linked, one of the five.
create or replace function rules.link_identity(
  i casework.identities, request jsonb, out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  actor rules.actor := rules.actor();
begin
  perform rules.require_caller_itself('A sign-in is linked by oneself, not on behalf of somebody else.');
  if rules.caller_kind() = 'contact' and not rules.is_technical() then
    perform rules.refuse(403, 'not-permitted', 'A sign-in is linked by a technical contact of the district, or by an administrator.');
  end if;
  i.issuer_id := rules.active_issuer(request ->> 'issuer');
  if i.issuer_id is null then
    perform rules.invalid('/issuer', 'unknown', 'There is no such issuer, or it is not active.');
  end if;
  begin
    insert into casework.identities as l (issuer_id, subject, contact_id, staff_id, partner_person_id, partner_client_id,
      telephony_client_id, linked_at, linked_by_kind, linked_by_id, linked_by_name)
    values (i.issuer_id, request ->> 'subject', i.contact_id, i.staff_id, i.partner_person_id, i.partner_client_id,
      i.telephony_client_id, actor.at, actor.kind, actor.id, actor.name)
    returning * into i;
  exception when unique_violation then
    perform rules.refuse(409, 'already-exists', 'This subject of the issuer is linked already: end that identity first.',
      jsonb_build_object('errors', jsonb_build_array(rules.fault('/subject', 'already-exists', 'must not be linked'))));
  end;
  perform rules.record_identity(i, true, actor);
  select * into status, body, etag, location from rules.identity_answer(i.id, 201);
end $$;

create or replace function rules.require_contact(contact_id bigint) returns bigint
language plpgsql stable as $$
begin
  if not exists (select from casework.contacts c where c.id = contact_id) then
    perform rules.refuse(404, 'not-found', 'There is no such contact.');
  end if;
  return contact_id;
end $$;

create or replace function rules.link_contact(
  contact_id bigint, request jsonb, out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  i casework.identities;
begin
  i.contact_id := rules.require_contact(contact_id);
  select * into status, body, etag, location from rules.link_identity(i, request);
end $$;

create or replace function rules.require_staff(staff_id bigint) returns bigint
language plpgsql stable as $$
begin
  if not exists (select from casework.staff s where s.id = require_staff.staff_id) then
    perform rules.refuse(404, 'not-found', 'There is no such member of staff.');
  end if;
  return require_staff.staff_id;
end $$;

create or replace function rules.link_staff(
  staff_id bigint, request jsonb, out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  i casework.identities;
begin
  i.staff_id := rules.require_staff(staff_id);
  select * into status, body, etag, location from rules.link_identity(i, request);
end $$;

create or replace function rules.require_person(partner_id bigint, person_id bigint) returns bigint
language plpgsql stable as $$
begin
  if not exists (select from casework.partner_people p
    where p.partner_id = require_person.partner_id and p.id = require_person.person_id) then
    perform rules.refuse(404, 'not-found', 'There is no such person of this partner.');
  end if;
  return require_person.person_id;
end $$;

create or replace function rules.link_person(
  partner_id bigint, person_id bigint, request jsonb, out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  i casework.identities;
begin
  i.partner_person_id := rules.require_person(partner_id, person_id);
  select * into status, body, etag, location from rules.link_identity(i, request);
end $$;

create or replace function rules.require_client(partner_id bigint, client_id bigint) returns bigint
language plpgsql stable as $$
begin
  if not exists (select from casework.partner_clients p
    where p.partner_id = require_client.partner_id and p.id = require_client.client_id) then
    perform rules.refuse(404, 'not-found', 'There is no such machine client of this partner.');
  end if;
  return require_client.client_id;
end $$;

create or replace function rules.link_client(
  partner_id bigint, client_id bigint, request jsonb, out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  i casework.identities;
begin
  i.partner_client_id := rules.require_client(partner_id, client_id);
  select * into status, body, etag, location from rules.link_identity(i, request);
end $$;

create or replace function rules.require_telephony_client(telephony_client_id bigint) returns bigint
language plpgsql stable as $$
begin
  if not exists (select from casework.telephony_clients t
    where t.id = require_telephony_client.telephony_client_id) then
    perform rules.refuse(404, 'not-found', 'There is no such telephony client.');
  end if;
  return require_telephony_client.telephony_client_id;
end $$;

create or replace function rules.link_telephony_client(
  telephony_client_id bigint, request jsonb, out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  i casework.identities;
begin
  i.telephony_client_id := rules.require_telephony_client(telephony_client_id);
  select * into status, body, etag, location from rules.link_identity(i, request);
end $$;

create or replace function rules.end_identity(
  identity_id bigint, out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  actor rules.actor := rules.actor();
  i casework.identities;
begin
  perform rules.require_caller_itself('A sign-in is ended by oneself, not on behalf of somebody else.');
  select * into i from casework.identities l where l.id = end_identity.identity_id;
  if not found then
    perform rules.refuse(404, 'not-found', 'There is no such identity.');
  elsif rules.caller_kind() = 'contact' and not rules.is_technical() then
    perform rules.refuse(403, 'not-permitted', 'A sign-in is ended by a technical contact of the district, or by an administrator.');
  elsif i.id = rules.identity_id() then
    perform rules.refuse(403, 'not-permitted', 'This request came by that very identity: somebody else ends it.');
  end if;
  if i.staff_id is not null then
    perform rules.lock_administrators();
  end if;
  update casework.identities l
  set (ended_at, ended_by_kind, ended_by_id, ended_by_name) = (actor.at, actor.kind, actor.id, actor.name)
  where l.id = end_identity.identity_id and l.ended_at is null
  returning * into i;
  if found then
    perform rules.record_identity(i, false, actor);
    if i.staff_id is not null then
      perform rules.require_administrator_left();
    end if;
  end if;
  select a.status, a.body into status, body from rules.identity_answer(identity_id, 200) a;
end $$;

-- Whoever is deactivated has nothing to sign in by, also when active again: identities
-- are linked anew. Ends those of all these, tells of each, and returns what the
-- history of whoever it was tells.
drop function if exists rules.end_identities_of(bigint[], bigint[], bigint[]);   -- of more kinds now
drop function if exists rules.end_staff_identities;
create or replace function rules.end_identities_of(
  people bigint[] default '{}', clients bigint[] default '{}', phones bigint[] default '{}',
  contacts bigint[] default '{}', staff bigint[] default '{}') returns jsonb
language plpgsql as $$
declare
  actor rules.actor := rules.actor();
  i casework.identities;
  ended jsonb := '[]';
begin
  for i.id, i.issuer_id, i.subject, i.contact_id, i.staff_id, i.partner_person_id, i.partner_client_id,
    i.telephony_client_id
  in
    with ended as (
      update casework.identities l set (ended_at, ended_by_kind, ended_by_id, ended_by_name)
        = (actor.at, actor.kind, actor.id, actor.name)
      where l.ended_at is null and (l.partner_person_id = any (people) or l.partner_client_id = any (clients)
        or l.telephony_client_id = any (phones) or l.contact_id = any (contacts) or l.staff_id = any (staff))
      returning l.id, l.issuer_id, l.subject, l.contact_id, l.staff_id, l.partner_person_id, l.partner_client_id,
        l.telephony_client_id
    )
    select * from ended e order by e.id
  loop
    perform rules.record_identity(i, false, actor);
    ended := ended || to_jsonb(i.id);
  end loop;
  return case when ended = '[]' then '[]'
    else jsonb_build_array(rules.changed('identity_ids', ended, '[]')) end;
end $$;

create view views.identity_document with (security_invoker) as
select i.id, i.contact_id, i.staff_id, i.partner_person_id, i.partner_client_id, i.telephony_client_id,
  case when i.ended_at is null then '1' else '2' end as version, row_to_json(d) as body
from casework.identities i
cross join lateral (
  select i.id, rules.issuer_name(i.issuer_id) as issuer, i.subject, i.contact_id, i.staff_id, i.partner_person_id,
    i.partner_client_id, i.telephony_client_id, views.utc(i.linked_at) as linked_at,
    json_build_object('kind', i.linked_by_kind, 'id', i.linked_by_id, 'name', i.linked_by_name) as linked_by,
    views.utc(i.ended_at) as ended_at, case when i.ended_at is not null then
      json_build_object('kind', i.ended_by_kind, 'id', i.ended_by_id, 'name', i.ended_by_name) end as ended_by
) as d;
grant select on views.identity_document to casework_contact, casework_staff;
revoke execute on function rules.issuer_name, rules.active_issuer from public;
grant execute on function rules.issuer_name, rules.active_issuer to casework_contact, casework_staff;
grant execute on function rules.issuer_name to casework_worker;
