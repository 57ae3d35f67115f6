-- Identities (3.1): from what a token says of an issuer and a subject to a caller.
-- Tokens of KEYS_FILE name the caller themselves and need none of this.
--
-- The engine asks once for each new token (rules.identify) and remembers; each
-- request then names the identity and the key, and is refused when either has
-- ended (rules.begin_identity), whatever the engine remembers.

-- Roles of staff (3.2), for policies too. The owner's rights: a policy may ask. The
-- worker has those of whom it acts as (rules.act_as_importer).
create or replace function rules.has_role(role text) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return 'casework_staff' in (session_user, case session_user when 'casework_worker' then current_setting('role') end)
    and exists (
    select from casework.staff s where s.id = rules.caller_id() and s.active and has_role.role = any (s.roles));
end $$;

-- A contact who looks after the others of its district.
create or replace function rules.is_technical() returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return session_user = 'casework_contact' and exists (
    select from casework.contacts c
    where c.id = rules.caller_id() and c.district_id = rules.district() and c.authorized and c.kind = 'technical');
end $$;

-- Behind the beginning of a request: what x-roles of the document asks.
create or replace function rules.require_role(roles text[]) returns text
language plpgsql stable as $$
begin
  if not exists (select from unnest(roles) r where rules.has_role(r)) then
    perform rules.refuse(403, 'caller-not-allowed', format('This is for staff with the role %s.',
      array_to_string(roles, ' or ')));
  end if;
  return null;
end $$;

-- The kind of caller that an identity is, and its id; null: it may not call. Where
-- it is a partner's, both the person or machine and the partner are active.
create or replace function rules.caller_of(i casework.identities, out kind text, out id bigint)
language plpgsql stable as $$
begin
  if i.contact_id is not null then
    kind := 'contact';
    id := i.contact_id;
  elsif i.staff_id is not null then
    kind := 'staff';
    id := i.staff_id;
  elsif i.telephony_client_id is not null then
    kind := 'telephony';
    id := i.telephony_client_id;
  else
    select 'partner', p.partner_id into kind, id from (
      select p.partner_id from casework.partner_people p where p.id = i.partner_person_id and p.active
      union all
      select c.partner_id from casework.partner_clients c where c.id = i.partner_client_id and c.active) as p;
  end if;
end $$;

create or replace function rules.refuse_identity() returns text
language plpgsql as $$
begin
  return rules.refuse(403, 'unknown-identity',
    'Nobody here is linked to this sign-in. Ask a technical contact of your district, or Support, to link it. '
      || rules.words_for_outsiders());
end $$;

-- That a live identity is still this caller, "contact:17".
create or replace function rules.require_identity(identity_id bigint, caller text) returns bigint
language plpgsql stable as $$
declare
  i casework.identities;
  c record;
begin
  select l.* into i from casework.identities l
  join casework.issuers s on s.id = l.issuer_id and s.active
  where l.id = identity_id and l.ended_at is null;
  c := rules.caller_of(i);
  if (c.kind || ':' || c.id = caller) is not true then
    perform rules.refuse_identity();
  end if;
  return i.issuer_id;
end $$;

drop function if exists rules.begin_identity(bigint, text), rules.identify(bigint, text, text, bytea),
  rules.name_of_identity();     -- they have grown

-- Behind the beginning of a request: the identity is still this caller's, the key
-- that the token was signed with still its issuer's, and who acts in the caller's
-- name (RFC 8693), of the same issuer, still whom its identity says.
create or replace function rules.begin_identity(identity_id bigint, kid text, actor_identity_id bigint) returns text
language plpgsql stable security definer as $$
declare
  of_issuer bigint := rules.require_identity(identity_id,
    pg_catalog.substr(session_user, 10) || ':' || rules.caller_id());
  known boolean;
begin
  select begin_identity.kid = any (k.kids) into known from casework.issuer_keys k where k.issuer_id = of_issuer;
  if known is not true then
    perform rules.refuse(401, 'invalid-token', 'The token''s key is no longer known. ' || rules.words_for_outsiders());
  end if;
  if actor_identity_id is not null then
    perform rules.require_identity(actor_identity_id, rules.acting()),
      pg_catalog.set_config(rules.context_name('none', '_actor_identity'), actor_identity_id::text, true);
  end if;
  return pg_catalog.set_config(rules.context_name('none', '_identity'), identity_id::text, true);
end $$;

-- The identity of this request; null: the token named its caller itself.
create or replace function rules.identity_id() returns bigint
language plpgsql stable security definer set search_path = '' as $$
begin
  return nullif(current_setting(rules.context_name('none', '_identity'), true), '')::bigint;
end $$;

-- By which who acts in the caller's name does; null: nobody does, or the token
-- named it itself.
create or replace function rules.actor_identity_id() returns bigint
language plpgsql stable security definer set search_path = '' as $$
begin
  return nullif(current_setting(rules.context_name('none', '_actor_identity'), true), '')::bigint;
end $$;

-- Exactly one active caller of any kind has the address, as Support has written it:
-- what a contact says of itself keeps nobody else out (people/contacts.sql). Who was unlinked is linked
-- by somebody only: an ended identity of this subject is somebody's decision.
create or replace function rules.link_by_email(issuer_id bigint, subject text, email text) returns casework.identities
language plpgsql as $$
declare
  i casework.identities;
begin
  insert into casework.identities (issuer_id, subject, contact_id, staff_id, partner_person_id,
    linked_at, linked_by_kind, linked_by_id, linked_by_name)
  select link_by_email.issuer_id, link_by_email.subject, min(o.id) filter (where o.kind = 'contact'),
    min(o.id) filter (where o.kind = 'staff'), min(o.id) filter (where o.kind = 'person'),
    rules.now(), 'system', 0, 'casework'
  from (
    select 'contact' as kind, c.id from casework.contacts c
    where c.authorized and c.email_confirmed and lower(c.email) = lower(link_by_email.email)
    union all
    select 'staff', s.id from casework.staff s where s.active and lower(s.email) = lower(link_by_email.email)
    union all
    select 'person', p.id from casework.partner_people p join casework.partners o on o.id = p.partner_id
    where p.active and o.active and lower(p.email) = lower(link_by_email.email)) as o
  having count(*) = 1 and not exists (
    select from casework.identities l
    where l.issuer_id = link_by_email.issuer_id and l.subject = link_by_email.subject)
  on conflict do nothing
  returning * into i;
  if i.id is not null then
    perform rules.record_identity(i, true, rules.system_actor(i.linked_at));
  end if;
  return i;
end $$;

-- The live identity of a subject.
create or replace function rules.find_identity(issuer_id bigint, subject text) returns casework.identities
language plpgsql as $$
begin
  return (
    select l from casework.identities l
    join casework.issuers s on s.id = l.issuer_id and s.active
    where l.issuer_id = find_identity.issuer_id and l.subject = find_identity.subject and l.ended_at is null);
end $$;

-- Who that is, and who acts in its name. Called for a new token, by the engine only:
-- the proof is made of its key and all that is said here
-- (api/auth/auth_admission.c), so that nobody else can have an address linked.
-- Without rows nobody is linked. Who acts is never linked by this: its own token
-- does that.
create or replace function rules.identify(
  issuer_id bigint, subject text, email text, actor_subject text, proof bytea,
  out identity_id bigint, out kind text, out caller_id bigint, out actor_identity_id bigint, out actor text)
language plpgsql security definer set search_path = '' as $$
declare
  said bytea := convert_to(format(E'identify\n%s\n%s\n%s\n%s', issuer_id, subject, email, actor_subject), 'UTF8');
  i casework.identities;
begin
  perform from casework.context_keys k where sha384(k.secret || said) = proof;
  if not found then
    perform rules.refuse_session();
  end if;
  i := rules.find_identity(issuer_id, subject);
  if i.id is null and email is not null and exists (
    select from casework.issuers s where s.id = identify.issuer_id and s.active and s.links_by_email)
  then
    i := rules.link_by_email(issuer_id, subject, email);
    if i.id is null then     -- or somebody was faster
      i := rules.find_identity(issuer_id, subject);
    end if;
  end if;
  select c.kind, c.id into identify.kind, identify.caller_id from rules.caller_of(i) c;
  identity_id := case when caller_id is not null then i.id end;
  if actor_subject is not null then
    i := rules.find_identity(issuer_id, actor_subject);
    select c.kind || ':' || c.id into actor from rules.caller_of(i) c;
    actor_identity_id := case when actor is not null then i.id end;
  end if;
  if identity_id is null or (actor_identity_id is null and actor_subject is not null) then
    perform rules.refuse_identity();
  end if;
end $$;

create or replace function rules.milliseconds_since(at timestamptz) returns bigint
  language sql volatile
  return (extract(epoch from clock_timestamp() - at) * 1000)::bigint;

-- What the service knows of issuers, if it has changed since: those that are active,
-- with their keys. Keys of key pairs only, so anybody may read it.
create or replace function rules.known_issuers(known bigint, out number bigint, out issuers json)
language plpgsql stable security definer set search_path = '' as $$
begin
  select c.number into number from casework.issuer_changes c;
  if number is distinct from known then
    issuers := (
      select coalesce(json_agg(json_build_object('id', s.id::text, 'issuer', s.issuer, 'audiences', s.audiences,
        'token_types', s.token_types, 'scope_claims', s.scope_claims, 'scopes', (
          select json_object_agg(m ->> 'value', m -> 'scopes') from jsonb_array_elements(s.scopes) m),
        'email', s.links_by_email,
        'keys', coalesce(k.keys, '[]'), 'fixed', s.jwks is not null,
        'looked_ago', rules.milliseconds_since(k.looked_at), 'wanted_ago', rules.milliseconds_since(k.wanted_at)) order by s.id), '[]')
      from casework.issuers s left join casework.issuer_keys k on k.issuer_id = s.id
      where s.active);
  end if;
end $$;

create or replace function rules.issuers_changed() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  update casework.issuer_changes c set number = c.number + 1;
  return null;
end $$;
call rules.keep_trigger($$create trigger changed
  after insert or update of audiences, jwks, token_types, scope_claims, scopes, links_by_email, active on casework.issuers
  for each statement execute function rules.issuers_changed()$$);
call rules.keep_trigger($$create trigger changed
  after insert or update of keys, looked_at, wanted_at on casework.issuer_keys
  for each statement execute function rules.issuers_changed()$$);

-- A token came with a key that is not among those of that number of changes: the
-- worker looks at once, at most once in half a minute. If there were changes since,
-- it may be there already.
create or replace function rules.want_keys(issuer_id bigint, known bigint) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  update casework.issuer_keys k set wanted_at = clock_timestamp()
  from casework.issuers s
  where k.issuer_id = want_keys.issuer_id and s.id = k.issuer_id and s.active and s.jwks is null
    and (k.wanted_at is null or k.wanted_at < clock_timestamp() - interval '30 s')
    and known = (select c.number from casework.issuer_changes c);
  if found then
    perform pg_notify('casework', '');
  end if;
  return found;
end $$;

revoke execute on function rules.has_role, rules.is_technical, rules.caller_of, rules.require_identity,
  rules.begin_identity, rules.identity_id, rules.actor_identity_id, rules.find_identity, rules.link_by_email,
  rules.identify, rules.known_issuers, rules.want_keys, rules.issuers_changed from public;
grant execute on function rules.has_role, rules.is_technical, rules.identity_id
  to casework_contact, casework_partner, casework_staff, casework_telephony, casework_worker;
grant execute on function rules.begin_identity to casework_contact, casework_partner, casework_staff, casework_telephony;
grant execute on function rules.identify, rules.known_issuers, rules.want_keys to casework_public;
