-- Who is calling: what policies and rules ask, and how a request begins.
--
-- The context stands in settings of the transaction, whose names hold a number
-- that only the owner reads (casework.context_number). Whoever cannot name a
-- setting can neither write nor read it, and PostgreSQL lists no setting that an
-- extension has not declared. It ends with its transaction: there is nothing to
-- replay. So no check is dearer than reading a setting. The caller and, behind a
-- space, the contact's district are one setting; the others are seldom there.
--
-- A context is made here and nowhere else, with the owner's rights: in a session
-- that the engine has opened, for a PIN, or for a webhook that is being sent.
-- The name holds the role too: what is the contact's is nobody's after set role.
-- What begins a request is called in the role that has logged in, "none".
--
-- Everything is named with its schema, instead of search_path being set, which
-- would cost more than all the rest. No caller's role can make an operator.
--
-- No query has a secret for a parameter, nor a name with the number: whoever sets
-- debug_print_plan is shown what a plan is made for. An assignment is no query.

create or replace function rules.context_name(role text, item text) returns text
  language sql
  return 'cw.c' || pg_sequence_last_value('casework.context_number'::regclass)::text || role || item;

create or replace function rules.caller_id() returns bigint
language plpgsql stable parallel safe security definer as $$
begin
  return nullif(pg_catalog.split_part(pg_catalog.current_setting(
    'cw.c' || pg_catalog.pg_sequence_last_value('casework.context_number')::text || pg_catalog.current_setting('role'), true), ' ', 1), '')::bigint;
end $$;

create or replace function rules.district() returns bigint
language plpgsql stable parallel safe security definer as $$
begin
  return nullif(pg_catalog.split_part(pg_catalog.current_setting(
    'cw.c' || pg_catalog.pg_sequence_last_value('casework.context_number')::text || pg_catalog.current_setting('role'), true), ' ', 2), '')::bigint;
end $$;

create or replace function rules.districts() returns bigint[]
language plpgsql stable parallel safe security definer as $$
begin
  return nullif(pg_catalog.current_setting(
    rules.context_name(pg_catalog.current_setting('role'), '_districts'), true), '')::bigint[];
end $$;

-- The state of a State Department of Education, which has no districts (3.7); null:
-- the caller is none.
create or replace function rules.state() returns text
language plpgsql stable parallel safe security definer as $$
begin
  return nullif(pg_catalog.current_setting(
    rules.context_name(pg_catalog.current_setting('role'), '_state'), true), '');
end $$;

-- The districts of which a partner may see anything at all: what, its policies say.
create or replace function rules.seen_districts() returns bigint[]
language plpgsql stable as $$
begin
  return case when rules.state() is null then rules.districts()
    else array(select d.id from casework.districts d where d.state = rules.state()) end;
end $$;

-- Who acts on the caller's behalf, "contact:17"; null: the caller itself.
create or replace function rules.acting() returns text
language plpgsql stable parallel safe security definer as $$
begin
  return nullif(pg_catalog.current_setting(
    rules.context_name(pg_catalog.current_setting('role'), '_actor'), true), '');
end $$;

-- Whether rows of this district are the caller's: for functions with the owner's
-- rights, which no policy limits. The worker and the owner reach every district.
create or replace function rules.reaches(district bigint) returns boolean
language plpgsql stable as $$
begin
  return coalesce(case session_user
    when 'casework_contact' then district = rules.district()
    when 'casework_telephony' then district = rules.district()
    when 'casework_partner' then district = any (rules.districts())
    when 'casework_staff' then rules.caller_id() is not null
    else session_user <> 'casework_public' end, false);
end $$;

-- Numbers of fewer districts than these together are told to nobody who may not
-- see each: less one's own, they would be another one's.
create or replace function rules.smallest_crowd() returns int
  language sql immutable
  return 5;

-- Of the version before.
drop function if exists rules.proves, rules.proof, rules.learn_key, rules.refuse_proof,
  rules.begin_contact(bigint, bigint, text, bytea), rules.begin_partner(bigint, bigint, text, bytea),
  rules.begin_staff(bigint, bigint, text, bytea), rules.begin_telephony(bigint, bigint, text, bytea);

-- A context of whichever kind, for what begins seldom.
create or replace function rules.seal(
  role text, caller_id bigint, district bigint, districts bigint[], actor text) returns text
  language sql
  return concat(set_config(rules.context_name(role, ''), concat_ws(' ', caller_id, district), true),
    set_config(rules.context_name(role, '_districts'), districts::text, true),
    set_config(rules.context_name(role, '_actor'), actor, true));

create or replace function rules.refuse_session() returns text
language plpgsql as $$
begin
  raise exception using errcode = '42501', message = 'this session may not begin requests';
end $$;

-- The engine opens each of its sessions with a proof that only who has the key can
-- make (api/auth/auth_admission.c): SHA-384 of the key, the role, the number of the
-- backend's process, and when this transaction began. So it is good for that one:
-- who has seen it can open nothing by it, not even where a pooler has handed the
-- session on (DISCARD ALL). Of SHA-384 a third stays hidden, so that no hash of a
-- longer text follows from it: it needs no second hash, as HMAC does.
-- Between transactions the setting of the caller says so: it has no caller then.
-- None can be put in the place of one that is there. Engines of the version before
-- prove without the time: theirs open no session in which the setting was reset.
create or replace function rules.admit(proof bytea) returns text
language plpgsql security definer as $$
declare
  line text := pg_catalog.format('%s %s', session_user, pg_catalog.pg_backend_pid());
  began bigint := extract(epoch from pg_catalog.now()) * 1000000;
  admitted text := pg_catalog.current_setting(rules.context_name('none', ''), true);
begin
  perform from casework.context_keys k
  where pg_catalog.sha384(k.secret || (line || ' ' || began)::bytea) = proof
    or pg_catalog.sha384(k.secret || line::bytea) = proof and admitted is distinct from '';
  if not found or admitted not in ('', '  admitted') then
    perform rules.refuse_session();
  end if;
  admitted := pg_catalog.set_config(rules.context_name('none', ''), '  admitted', false);
  return admitted;
end $$;

-- Who may act on whose behalf (fact 36): nobody else does, and nobody for itself.
create or replace function rules.may_act(kind text, for_kind text) returns boolean
  language sql immutable
  return (kind, for_kind) in (
    ('contact', 'contact'), ('partner', 'contact'), ('staff', 'contact'),
    ('staff', 'partner'), ('staff', 'staff'), ('staff', 'telephony'));

-- Accepts who acts on behalf of the caller (claim "act"), as strictly as a
-- caller: active, and for a contact's district when the caller is a contact.
create or replace function rules.accepted_actor(acting text, for_kind text, for_id bigint, district bigint) returns text
language plpgsql as $$
declare
  kind text := pg_catalog.split_part(acting, ':', 1);
  actor_id bigint;
  accepted boolean;
begin
  if acting operator(pg_catalog.~) '^(contact|staff|partner):[1-9][0-9]{0,15}$' and rules.may_act(kind, for_kind)
    and acting <> for_kind || ':' || for_id
  then
    actor_id := pg_catalog.split_part(acting, ':', 2)::bigint;
    if kind = 'staff' then
      select s.active into accepted from casework.staff s where s.id = actor_id;
    elsif kind = 'partner' then
      select p.active and exists (
          select from views.assignment a
          where a.partner_id = actor_id and a.district_id = accepted_actor.district) into accepted
      from casework.partners p where p.id = actor_id;
    else
      select c.may_call and c.district_id = accepted_actor.district into accepted
      from casework.contacts c where c.id = actor_id;
    end if;
  end if;
  if accepted is not true then
    perform rules.refuse(403, 'caller-not-active',
      'Who acts may not act for this caller, or is unknown or no longer active.');
  end if;
  return acting;
end $$;

-- Part of every request: what costs is each function and operator, and each query
-- and expression, since PostgreSQL prepares them anew in each transaction. So
-- there is one query, names are made once, and nothing in SQL is inlined. What
-- is stable takes no snapshot for each of them, and nothing in tables changes
-- here. Nobody reads what is returned.
--
-- A transaction has one caller: SQL that somebody slipped in behind the beginning
-- cannot begin again as somebody else.

create or replace function rules.begin_contact(caller_id bigint, actor text) returns text
language plpgsql stable security definer as $$
declare
  name text := 'cw.c' || pg_catalog.pg_sequence_last_value('casework.context_number')::text || 'none';
  district bigint;
begin
  if (pg_catalog.current_setting(name, true) = '  admitted') is not true then
    perform rules.refuse_session();
  end if;
  select c.district_id into district from casework.contacts c where c.id = begin_contact.caller_id and c.may_call;
  if district is null then
    perform rules.refuse_contact();
  end if;
  if actor is not null then
    actor := pg_catalog.set_config(name || '_actor',
      rules.accepted_actor(actor, 'contact', caller_id, district), true);
  end if;
  name := pg_catalog.set_config(name, pg_catalog.format('%s %s', caller_id, district), true);
  return actor;
end $$;

create or replace function rules.begin_partner(caller_id bigint, actor text) returns text
language plpgsql stable security definer as $$
declare
  name text := 'cw.c' || pg_catalog.pg_sequence_last_value('casework.context_number')::text || 'none';
  known bigint;
  districts text;
  state text;
begin
  if (pg_catalog.current_setting(name, true) = '  admitted') is not true then
    perform rules.refuse_session();
  end if;
  select p.id, p.state into known, state from casework.partners p where p.id = begin_partner.caller_id and p.active;
  if known is null then
    perform rules.refuse_caller();
  end if;
  districts := array(select a.district_id from views.assignment a where a.partner_id = begin_partner.caller_id)::text;
  districts := pg_catalog.set_config(name || '_districts', districts, true);
  if state is not null then
    state := pg_catalog.set_config(name || '_state', state, true);
  end if;
  if actor is not null then
    actor := pg_catalog.set_config(name || '_actor',
      rules.accepted_actor(actor, 'partner', caller_id, null), true);
  end if;
  name := pg_catalog.set_config(name, caller_id::text, true);
  return actor;
end $$;

create or replace function rules.begin_staff(caller_id bigint, actor text) returns text
language plpgsql stable security definer as $$
declare
  name text := 'cw.c' || pg_catalog.pg_sequence_last_value('casework.context_number')::text || 'none';
  known bigint;
begin
  if (pg_catalog.current_setting(name, true) = '  admitted') is not true then
    perform rules.refuse_session();
  end if;
  select s.id into known from casework.staff s where s.id = begin_staff.caller_id and s.active;
  if known is null then
    perform rules.refuse_caller();
  end if;
  if actor is not null then
    actor := pg_catalog.set_config(name || '_actor',
      rules.accepted_actor(actor, 'staff', caller_id, null), true);
  end if;
  name := pg_catalog.set_config(name, caller_id::text, true);
  return actor;
end $$;

create or replace function rules.begin_telephony(caller_id bigint, actor text) returns text
language plpgsql stable security definer as $$
declare
  name text := 'cw.c' || pg_catalog.pg_sequence_last_value('casework.context_number')::text || 'none';
  known bigint;
begin
  if (pg_catalog.current_setting(name, true) = '  admitted') is not true then
    perform rules.refuse_session();
  end if;
  select t.id into known from casework.telephony_clients t where t.id = begin_telephony.caller_id and t.active;
  if known is null then
    perform rules.refuse_caller();
  end if;
  if actor is not null then
    actor := pg_catalog.set_config(name || '_actor',
      rules.accepted_actor(actor, 'telephony', caller_id, null), true);
  end if;
  name := pg_catalog.set_config(name, caller_id::text, true);
  return actor;
end $$;

-- The owner of a webhook, in the owner's role (rules.act_as): only while the worker
-- holds a delivery of it. False if the owner may not call any longer.
create or replace function rules.seal_webhook_owner(webhook_id bigint) returns boolean
language plpgsql security definer as $$
declare
  w casework.webhooks;
  active boolean;
begin
  select h.* into w from casework.webhooks h
  where h.id = webhook_id and exists (
    select from casework.webhook_deliveries v where v.webhook_id = h.id and v.leased_until > pg_catalog.clock_timestamp());
  active := case w.owner_kind
    when 'contact' then (select c.may_call from casework.contacts c where c.id = w.owner_id)
    when 'partner' then (select p.active from casework.partners p where p.id = w.owner_id)
    when 'staff' then (select s.active from casework.staff s where s.id = w.owner_id) end;
  if active is not true then
    return false;
  end if;
  perform rules.seal('casework_' || w.owner_kind, w.owner_id,
    (select c.district_id from casework.contacts c where w.owner_kind = 'contact' and c.id = w.owner_id),
    case when w.owner_kind = 'partner' then array(
      select a.district_id from views.assignment a where a.partner_id = w.owner_id) end, null),
    pg_catalog.set_config(rules.context_name('casework_partner', '_state'), p.state, true)
  from (select) as none left join casework.partners p on w.owner_kind = 'partner' and p.id = w.owner_id;
  return true;
end $$;

revoke execute on function rules.context_name, rules.seal, rules.admit, rules.accepted_actor,
  rules.begin_contact, rules.begin_partner, rules.begin_staff, rules.begin_telephony,
  rules.seal_webhook_owner from public;
grant execute on function rules.admit
  to casework_public, casework_contact, casework_partner, casework_staff, casework_telephony;
grant execute on function rules.begin_contact to casework_contact;
grant execute on function rules.begin_partner to casework_partner;
grant execute on function rules.begin_staff to casework_staff;
grant execute on function rules.begin_telephony to casework_telephony;
grant execute on function rules.seal_webhook_owner to casework_worker;
