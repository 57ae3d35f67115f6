-- The first administrator (3.2): made by the operator, with the owner's connection
-- (casework-worker administrator); and the next one, should all be locked out.

-- Whoever signs in so is an administrator: the member of staff who is linked, or a
-- new one. The issuer is taken, if it is not there. Returns the id of the member.
create or replace function rules.make_administrator(
  issuer text, audience text, subject text, name text, email text) returns bigint
language plpgsql as $$
declare
  actor rules.actor := rules.system_actor(rules.now());
  of_issuer bigint;
  member bigint;
begin
  actor.name := 'operator';
  if issuer !~ '^https?://[^/?#@[:space:]]+(/[^?#[:space:]]*)?$' then
    raise exception 'an issuer is a URL like https://login.example, without ? and #';
  end if;
  insert into casework.issuers (name, issuer, audiences, token_types, scope_claims, links_by_email, active)
  values (issuer, issuer, array[audience], '{at+jwt}', '{scope,scp}', false, true)
  on conflict do nothing;
  select s.id into of_issuer from casework.issuers s where s.issuer = make_administrator.issuer and s.active;
  if of_issuer is null then
    raise exception 'this issuer is not active any more';
  end if;
  select i.staff_id into member from casework.identities i
  where i.issuer_id = of_issuer and i.subject = make_administrator.subject and i.ended_at is null;
  if found and member is null then
    raise exception 'this subject is linked to somebody who is not of the staff: end that identity first';
  elsif found then
    update casework.staff s set roles = array(select distinct unnest(s.roles || '{administrator}'::text[])), active = true
    where s.id = member;
  else
    insert into casework.staff (name, role, roles, email)
    values (name, 'advisor', '{administrator}', email) returning id into member;
    insert into casework.identities (issuer_id, subject, staff_id, linked_at, linked_by_kind, linked_by_id, linked_by_name)
    values (of_issuer, subject, member, actor.at, actor.kind, actor.id, actor.name);
  end if;
  insert into casework.desk_events (type, at, actor_kind, actor_id, actor_name, resource, changes)
  values ('staff.made_administrator', actor.at, actor.kind, actor.id, actor.name, member, '[]');
  return member;
end $$;
revoke execute on function rules.make_administrator from public;
