-- Who acts, and in whose name.

-- Name of a person or machine that this caller may see.
create or replace function rules.name_of(kind text, person_id bigint) returns text
language plpgsql stable as $$
begin
  if kind = 'contact' then
    return (select c.name from casework.contacts c where c.id = person_id);
  elsif kind = 'staff' then
    return (select s.name from casework.staff s where s.id = person_id);
  elsif kind = 'partner' then
    return (select p.name from casework.partners p where p.id = person_id);
  end if;
  return (select t.name from casework.telephony_clients t where t.id = person_id);
end $$;

-- Who of a partner calls, or acts in the caller's name: a person or a machine, and
-- which partner (3.1, fact 36); null where the token named the partner itself. The
-- owner's rights: callers read no identities.
create or replace function rules.name_of_identity(acts boolean) returns text
language plpgsql stable security definer set search_path = '' as $$
begin
  return (
    select format('%s (%s)', coalesce(p.name, c.name), o.name)
    from casework.identities i
    left join casework.partner_people p on p.id = i.partner_person_id
    left join casework.partner_clients c on c.id = i.partner_client_id
    join casework.partners o on o.id = coalesce(p.partner_id, c.partner_id)
    where i.id = case when acts then rules.actor_identity_id() else rules.identity_id() end);
end $$;
revoke execute on function rules.name_of_identity from public;
grant execute on function rules.name_of_identity
  to casework_contact, casework_partner, casework_staff, casework_telephony;

-- The same by id: of this partner and nobody else.
create or replace function rules.who_signed_in(
  kind text, partner_id bigint, acts boolean, out person_id bigint, out client_id bigint)
language plpgsql stable security definer set search_path = '' as $$
begin
  if kind = 'partner' then
    select p.id, c.id into person_id, client_id
    from casework.identities i
    left join casework.partner_people p on p.id = i.partner_person_id
    left join casework.partner_clients c on c.id = i.partner_client_id
    where i.id = case when acts then rules.actor_identity_id() else rules.identity_id() end
      and coalesce(p.partner_id, c.partner_id) = who_signed_in.partner_id;
  end if;
end $$;
revoke execute on function rules.who_signed_in from public;
grant execute on function rules.who_signed_in
  to casework_contact, casework_partner, casework_staff, casework_telephony, casework_worker;

create or replace function rules.name_of_caller(kind text, id bigint, acts boolean) returns text
language plpgsql stable as $$
begin
  return coalesce(case when kind = 'partner' then rules.name_of_identity(acts) end, rules.name_of(kind, id));
end $$;

-- The service itself: what timers do, and what nobody did.
create or replace function rules.system_actor(at timestamptz) returns rules.actor
  language sql immutable
  return row ('system', 0, 'casework', null, null, null, at)::rules.actor;

create or replace function rules.actor() returns rules.actor
language plpgsql stable as $$
declare
  actor rules.actor;
  acting text := rules.acting();
begin
  if rules.caller_kind() = 'worker' then
    return rules.system_actor(rules.now());
  end if;
  actor.at := rules.now();
  actor.kind := rules.caller_kind();
  actor.id := rules.caller_id();
  actor.name := rules.name_of_caller(actor.kind, actor.id, false);
  if acting is not null then
    actor.behalf_kind := actor.kind;
    actor.behalf_id := actor.id;
    actor.behalf_name := actor.name;
    actor.kind := split_part(acting, ':', 1);
    actor.id := split_part(acting, ':', 2)::bigint;
    actor.name := rules.name_of_caller(actor.kind, actor.id, true);
  end if;
  return actor;
end $$;

-- Whether somebody else acts in the caller's name.
create or replace function rules.on_behalf() returns boolean
  language sql stable
  return rules.acting() is not null;

-- For what outlives the right to act for somebody: credentials, and where things
-- are sent. An assignment that ends would else leave them behind (2.10).
create or replace function rules.require_caller_itself(sentence text) returns void
language plpgsql as $$
begin
  if rules.on_behalf() then
    perform rules.refuse(403, 'not-permitted', sentence);
  end if;
end $$;

create or replace function rules.knows_people_of(partner_id bigint) returns boolean
language plpgsql stable as $$
begin
  return case rules.caller_kind() when 'staff' then true when 'partner' then rules.caller_id() = partner_id else false end;
end $$;

-- Who wrote a note, or did what an event tells: with the id of the partner's person or
-- machine client for those who may look it up, staff and the partner itself.
-- Contacts read the name.
create type views.author as (kind text, id bigint, name text, person_id bigint, client_id bigint);
create function views.author(kind text, id bigint, name text, person_id bigint, client_id bigint) returns views.author
  language sql stable
  return case when id is not null then row (kind, id, name,
    case when person_id is not null and rules.knows_people_of(id) then person_id end,
    case when client_id is not null and rules.knows_people_of(id) then client_id end)::views.author end;
