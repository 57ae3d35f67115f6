-- The last administrator (3.2): somebody is left always who can sign in as one. That
-- is an active administrator with a live identity of an active issuer; and whoever
-- this very request comes from by a key of KEYS_FILE, without an identity. Whom else
-- the operator signs tokens for the service cannot know, so nobody else counts; nor
-- whether an issuer still writes tokens that are good here.

-- In an import the request of its sender is over: it came by such a key if it never
-- had an identity.
create or replace function rules.came_by_own_key() returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  if session_user = 'casework_worker' then
    return not exists (select from casework.identities i where i.staff_id = rules.caller_id());
  end if;
  return session_user = 'casework_staff' and rules.identity_id() is null;
end $$;

-- without: somebody who is about to be none any more. The owner's rights: who has
-- just ended its own role reads no identities.
create or replace function rules.administrator_left(without bigint default null) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return exists (
    select from casework.staff s
    where s.active and 'administrator' = any (s.roles) and s.id is distinct from without
      and (s.id = rules.caller_id() and rules.came_by_own_key() or exists (
        select from casework.identities i join casework.issuers o on o.id = i.issuer_id and o.active
        where i.staff_id = s.id and i.ended_at is null)));
end $$;

create or replace function rules.require_administrator_left(without bigint default null) returns void
language plpgsql as $$
begin
  if not rules.administrator_left(without) then
    perform rules.refuse(409, 'last-administrator', 'Nobody would be left who can sign in as an administrator: '
      'make another one first, and link a sign-in of an active issuer.');
  end if;
end $$;

-- Whoever may take an administrator's access away does so behind each other.
create or replace function rules.lock_administrators() returns void
language plpgsql as $$
begin
  perform from casework.staff s where s.active and 'administrator' = any (s.roles) order by s.id for no key update;
end $$;

revoke execute on function rules.came_by_own_key, rules.administrator_left from public;
grant execute on function rules.administrator_left to casework_staff;
