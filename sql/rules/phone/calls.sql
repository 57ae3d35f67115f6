-- Calls: queued, answered, ended or abandoned; whose they are and which case
-- they are about (facts 5, 6, 32, 47; 2.3, 2.5).

create function views.call_state(c casework.calls) returns text
  language sql immutable as $$
  select case
    when c.answered_at is null then case when c.ended_at is null then 'queued' else 'abandoned' end
    when c.ended_at is null then 'answered' else 'ended' end $$;

create view views.call_document with (security_invoker) as
select c.*, s.state, row_to_json(d) as body
from casework.calls c
cross join lateral (select views.call_state(c) as state) as s
cross join lateral (
  select c.id, s.state, views.utc(c.queued_at) as queued_at, views.utc(c.answered_at) as answered_at,
    views.utc(c.ended_at) as ended_at, c.direct,
    case when c.direct and c.answered_at is not null then 0
      else trim_scale(extract(epoch from c.answered_at - c.queued_at)) end as wait_seconds,
    case when c.advisor_id is not null then row (c.advisor_id, (
      select p.name from casework.staff p where p.id = c.advisor_id))::views.advisor end as advisor,
    c.contact_id, c.district_id,
    case when c.verified_at is not null then json_build_object(
      'method', c.verification_method, 'verified_at', views.utc(c.verified_at),
      'verified_by', views.actor(c.verified_by_kind, c.verified_by_id, c.verified_by_name)) end as verification,
    c.entered_case_id, c.case_id
) as d;
grant select on views.call_document to casework_staff, casework_telephony;

create or replace function rules.call_answer(
  call_id bigint, code int, out status int, out body json, out etag text, out location text)
language plpgsql stable as $$
begin
  status := code;
  select d.body, d.version, case when code = 201 then '/v1/calls/' || d.id end
    into body, etag, location
  from views.call_document d where d.id = call_id;
end $$;

create or replace function rules.lock_call(call_id bigint) returns casework.calls
language plpgsql as $$
declare
  found_call casework.calls;
begin
  select * into found_call from casework.calls c where c.id = call_id for no key update;
  if not found then
    perform rules.refuse(404, 'not-found', 'There is no such call.');
  end if;
  return found_call;
end $$;

-- For look-ups during a call: the district of its verified caller, null while
-- nobody is verified or once the caller is a contact of it no more; 404 without
-- a call.
create or replace function rules.call_district(call_id bigint) returns bigint
language plpgsql stable as $$
declare
  district bigint;
begin
  select p.district_id into district
  from casework.calls c
  left join casework.contacts p on p.id = c.contact_id and p.district_id = c.district_id and p.may_call
  where c.id = call_id;
  if not found then
    perform rules.refuse(404, 'not-found', 'There is no such call.');
  end if;
  return district;
end $$;

create or replace function rules.require_call_state(c casework.calls, allowed text[], sentence text) returns void
language plpgsql as $$
declare
  state text := views.call_state(c);
begin
  if state <> all (allowed) then
    perform rules.refuse(409, 'illegal-transition', sentence, jsonb_build_object('allowed_transitions',
      case state when 'queued' then '["answered", "abandoned"]'::jsonb
        when 'answered' then '["ended"]' else '[]' end));
  end if;
end $$;

-- A call comes from a routing, with its verified caller, or from elsewhere (a
-- transfer), with nobody known. A routing serves once, and not for long.
create or replace function rules.create_call(
  request jsonb, out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  actor rules.actor := rules.actor();
  r casework.call_routings;
  new_id bigint;
begin
  if request ? 'routing_id' then
    select l.* into r from casework.call_routings l
    where l.id = (request ->> 'routing_id')::bigint and l.contact_id is not null
      and l.at > actor.at - interval '15 minutes';
    if not found then
      perform rules.invalid('/routing_id', 'unknown', 'No caller was let through by such a recent routing.');
    elsif exists (select from casework.calls c where c.routing_id = r.id) then
      perform rules.refuse(409, 'already-exists', 'This routing has its call already.');
    end if;
  end if;
  insert into casework.calls (telephony_client_id, routing_id, queued_at, direct, district_id, contact_id,
    entered_case_id, verification_method, verified_at, verified_by_kind, verified_by_id, verified_by_name)
  values (rules.caller_id(), r.id, actor.at, r.advisor_id is not null, r.district_id, r.contact_id, r.case_id,
    case when r.id is not null then 'pin' end, r.at,
    case when r.id is not null then actor.kind end, case when r.id is not null then actor.id end,
    case when r.id is not null then actor.name end)
  returning id into new_id;
  perform rules.record_phone_event('call.queued', new_id);
  select * into status, body, etag, location from rules.call_answer(new_id, 201);
end $$;

-- Somebody else than the one it was put through to answers: then it has waited.
create or replace function rules.answer_call(
  call_id bigint, request jsonb, out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  c casework.calls := rules.lock_call(call_id);
  advisor bigint := (request ->> 'advisor_id')::bigint;
begin
  perform rules.require_call_state(c, '{queued}', 'Only a call that waits can be answered.');
  if not exists (select from casework.staff s where s.id = advisor and s.active) then
    perform rules.invalid('/advisor_id', 'unknown', 'There is no such active member of the staff.');
  elsif exists (
    select from casework.calls b where b.advisor_id = advisor and b.answered_at is not null and b.ended_at is null)
  then
    perform rules.refuse(409, 'conflict', 'This advisor is in a call.');
  end if;
  update casework.calls s set
    advisor_id = advisor, answered_at = rules.now(), version = s.version + 1,
    direct = s.direct and advisor = (
      select r.advisor_id from casework.call_routings r where r.id = s.routing_id)
  where s.id = call_id;
  perform rules.record_phone_event('call.answered', call_id);
  select * into status, body, etag, location from rules.call_answer(call_id, 200);
end $$;

create or replace function rules.hang_up_call(
  call_id bigint, out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  c casework.calls := rules.lock_call(call_id);
begin
  perform rules.require_call_state(c, '{queued,answered}', 'The call is over.');
  update casework.calls s set ended_at = rules.now(), version = s.version + 1 where s.id = call_id;
  perform rules.record_phone_event(
    case when c.answered_at is null then 'call.abandoned' else 'call.ended' end, call_id);
  select * into status, body, etag, location from rules.call_answer(call_id, 200);
end $$;

-- Fact 5: staff make sure that it is an Authorized Contact, while they talk.
create or replace function rules.verify_caller(
  call_id bigint, request jsonb, out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  c casework.calls := rules.lock_call(call_id);
  actor rules.actor := rules.actor();
  who casework.contacts;
begin
  perform rules.require_call_state(c, '{answered}', 'A caller is verified during the call.');
  if c.verified_at is not null then
    perform rules.refuse(409, 'conflict', 'The caller is verified already.');
  end if;
  select p.* into who from casework.contacts p
  where p.id = (request ->> 'contact_id')::bigint and p.may_call;
  if not found then
    perform rules.invalid('/contact_id', 'unknown', 'There is no such Authorized Contact.');
  end if;
  update casework.calls s set
    (district_id, contact_id, verification_method, verified_at, verified_by_kind, verified_by_id,
     verified_by_name, version)
    = (who.district_id, who.id, request ->> 'method', actor.at, actor.kind, actor.id, actor.name, s.version + 1)
  where s.id = call_id;
  perform rules.record_phone_event('call.verified', call_id);
  select * into status, body, etag, location from rules.call_answer(call_id, 200);
end $$;

-- Facts 5 and 6: without a verified caller there is no case to speak of.
create or replace function rules.require_verified(c casework.calls, district bigint) returns void
language plpgsql as $$
begin
  if c.answered_at is null or not exists (
    select from casework.contacts p
    where p.id = c.contact_id and p.district_id = c.district_id and p.may_call
      and p.district_id = require_verified.district)
  then
    perform rules.refuse(403, 'contact-not-verified',
      'This needs an answered call whose caller is verified as an Authorized Contact of the district.');
  end if;
end $$;
