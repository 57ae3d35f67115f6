-- The first administrator (3.2): made by the operator, with the owner's connection
-- (casework-worker administrator); and the next one, should all be locked out.

create or replace function rules.record_by_operator(type text, resource bigint, changes jsonb) returns void
language plpgsql as $$
declare
  actor rules.actor := rules.system_actor(rules.now());
begin
  insert into casework.desk_events (type, at, actor_kind, actor_id, actor_name, resource, changes)
  values (type, actor.at, actor.kind, actor.id, 'operator', resource, changes);
end $$;

-- Whoever signs in so is an administrator: the member of staff who is linked, or a
-- new one. The issuer is taken, if it is not there. Returns the id of the member.
create or replace function rules.make_administrator(
  issuer text, audience text, subject text, name text, email text) returns bigint
language plpgsql as $$
declare
  actor rules.actor := rules.system_actor(rules.now());
  s casework.issuers;
  i casework.identities;
  before casework.staff;
  member casework.staff;
begin
  actor.name := 'operator';
  if issuer !~ '^https?://[^/?#@[:space:]]+(/[^?#[:space:]]*)?$' then
    raise exception 'an issuer is a URL like https://login.example, without ? and #';
  end if;
  insert into casework.issuers (name, issuer, audiences, token_types, scope_claims, links_by_email, active)
  values (issuer, issuer, array[audience], '{at+jwt}', '{scope,scp}', false, true)
  on conflict do nothing
  returning * into s;
  if found then
    perform rules.record_by_operator('issuer.created', s.id,
      jsonb_build_array(rules.changed('issuer', null, to_jsonb(s.issuer))) || rules.changes(null::casework.issuers, s));
  end if;
  select * into s from casework.issuers l where l.issuer = make_administrator.issuer and l.active;
  if not found then
    raise exception 'this issuer is not active any more';
  end if;
  select * into i from casework.identities l
  where l.issuer_id = s.id and l.subject = make_administrator.subject and l.ended_at is null;
  if found and i.staff_id is null then
    raise exception 'this subject is linked to somebody who is not of the staff: end that identity first';
  elsif found then
    select * into before from casework.staff l where l.id = i.staff_id for update;
    update casework.staff l set roles = rules.sorted_roles(l.roles || '{administrator}'::text[]), active = true
    where l.id = before.id
    returning * into member;
  else
    insert into casework.staff (name, role, roles, email)
    values (name, 'advisor', '{administrator}', email) returning * into member;
    insert into casework.identities (issuer_id, subject, staff_id, linked_at, linked_by_kind, linked_by_id, linked_by_name)
    values (s.id, subject, member.id, actor.at, actor.kind, actor.id, actor.name) returning * into i;
    perform rules.record_identity(i, true, actor);
  end if;
  if member is distinct from before then
    perform rules.record_by_operator('staff.made_administrator', member.id, rules.changes(before, member));
  end if;
  return member.id;
end $$;
revoke execute on function rules.make_administrator, rules.record_by_operator from public;
