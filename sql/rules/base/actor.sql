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

-- The service itself: what timers do, and what nobody did.
create or replace function rules.system_actor(at timestamptz) returns rules.actor
  language sql immutable
  return row ('system', 0, 'casework', null, null, null, at)::rules.actor;

create or replace function rules.actor() returns rules.actor
language plpgsql stable as $$
declare
  actor rules.actor;
  acting text := nullif(current_setting('cw.actor', true), '');
begin
  if rules.caller_kind() = 'worker' then
    return rules.system_actor(rules.now());
  end if;
  actor.at := rules.now();
  actor.kind := rules.caller_kind();
  actor.id := rules.caller_id();
  actor.name := rules.name_of(actor.kind, actor.id);
  if acting is not null then
    actor.behalf_kind := actor.kind;
    actor.behalf_id := actor.id;
    actor.behalf_name := actor.name;
    actor.kind := split_part(acting, ':', 1);
    actor.id := split_part(acting, ':', 2)::bigint;
    actor.name := rules.name_of(actor.kind, actor.id);
  end if;
  return actor;
end $$;

-- Whether somebody else acts in the caller's name.
create or replace function rules.on_behalf() returns boolean
  language sql stable
  return nullif(current_setting('cw.actor', true), '') is not null;

-- For what outlives the right to act for somebody: credentials, and where things
-- are sent. An assignment that ends would else leave them behind (2.10).
create or replace function rules.require_caller_itself(sentence text) returns void
language plpgsql as $$
begin
  if rules.on_behalf() then
    perform rules.refuse(403, 'not-permitted', sentence);
  end if;
end $$;

-- Who may act on whose behalf (fact 36): nobody else does, and nobody for itself.
create or replace function rules.may_act(kind text, for_kind text) returns boolean
  language sql immutable
  return (kind, for_kind) in (
    ('contact', 'contact'), ('partner', 'contact'), ('staff', 'contact'),
    ('staff', 'partner'), ('staff', 'staff'), ('staff', 'telephony'));

-- Accepts who acts on behalf of the caller (claim "act"), as strictly as a
-- caller: active, and for a contact's district when the caller is a contact.
create or replace function rules.act_for(acting text) returns text
language plpgsql as $$
declare
  kind text := split_part(acting, ':', 1);
  actor_id bigint;
  accepted boolean;
begin
  if acting ~ '^(contact|staff|partner):[1-9][0-9]{0,15}$' and rules.may_act(kind, rules.caller_kind())
    and acting <> rules.caller_kind() || ':' || rules.caller_id()
  then
    actor_id := split_part(acting, ':', 2)::bigint;
    -- one look-up each: not every kind of caller may read every table
    if kind = 'staff' then
      select s.active into accepted from casework.staff s where s.id = actor_id;
    elsif kind = 'partner' then
      select p.active and exists (
          select from views.partner_assignment a
          where a.partner_id = actor_id and a.district_id = rules.district()) into accepted
      from casework.partners p where p.id = actor_id;
    else
      select c.authorized and c.district_id = rules.district() into accepted
      from casework.contacts c where c.id = actor_id;
    end if;
  end if;
  if accepted is not true then
    perform rules.refuse(403, 'caller-not-active',
      'Who acts may not act for this caller, or is unknown or no longer active.');
  end if;
  return set_config('cw.actor', acting, true);
end $$;
