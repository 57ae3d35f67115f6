-- Where a call goes (2.8; facts 21, 23, 33, 37). The phone system has no way to
-- tables of people and cases: these views give it ids and flags of the district
-- of the contact who calls, once that is known.

create view views.phone_contact with (security_barrier) as
select c.id, c.district_id, d.hosting = 'campus_hosted' as hosted
from casework.contacts c
join casework.districts d on d.id = c.district_id
where c.may_call and c.district_id = (select rules.district());

create view views.phone_case with (security_barrier) as
select c.id, c.assigned_advisor_id
from casework.cases c
where c.district_id = (select rules.district());

grant select on views.phone_contact, views.phone_case to casework_telephony;

-- Rule 1: the contact that is verified to be calling, or null. A call that waits
-- is asked for again by its id: it was verified before. From here on the phone
-- system acts in that contact's district, which only this can bring about. (Without
-- a search_path of its own, whose end would be that of the context as well.)
create or replace function rules.phone_caller(request jsonb) returns bigint
language plpgsql security definer as $$
declare
  who bigint := (request ->> 'contact_number')::bigint;
begin
  if session_user <> 'casework_telephony' or rules.caller_id() is null then
    return null;
  elsif request ? 'call_id' then
    who := (select c.contact_id from casework.calls c
      where c.id = (request ->> 'call_id')::bigint and c.answered_at is null and c.ended_at is null);
  elsif rules.phone_pin_fits(who, request ->> 'pin') is not true then
    return null;
  end if;
  perform rules.seal(pg_catalog.current_setting('role'), rules.caller_id(), c.district_id, null, rules.acting())
  from casework.contacts c where c.id = who;
  return who;
end $$;
revoke execute on function rules.phone_caller from public;
grant execute on function rules.phone_caller to casework_telephony;

-- The case a waiting call was about, or the one entered; only if it is of the
-- caller's district. Any other number is as good as none.
create or replace function rules.entered_case(request jsonb) returns bigint
language plpgsql stable as $$
declare
  entered bigint := (request ->> 'case_number')::bigint;
begin
  if request ? 'call_id' then
    select coalesce(entered, c.entered_case_id) into entered
    from casework.calls c where c.id = (request ->> 'call_id')::bigint;
  end if;
  return (select c.id from views.phone_case c where c.id = entered);
end $$;

-- The decision order of 2.8, nothing else.
create or replace function rules.route(
  caller views.phone_contact, option int, entered bigint, out decision text, out advisor_id bigint)
language plpgsql stable as $$
declare
  owner_id bigint;
begin
  if caller.id is null then
    decision := 'refuse';
    return;
  elsif option = 8 and caller.hosted then
    decision := 'on_call_hosting';
    advisor_id := (rules.on_call(rules.now())).staff_id;
    return;
  elsif (select c.open_now from views.calendar c) is not true then
    decision := 'closed';
    return;
  end if;
  select c.assigned_advisor_id into owner_id from views.phone_case c where c.id = entered;
  select a.id, case when a.id = owner_id then 'owner' else 'advisor' end into advisor_id, decision
  from views.advisor_state a
  where a.available
  order by (a.id = owner_id) is true desc, a.idle_since, a.updated_at, a.id limit 1;
  decision := coalesce(decision, 'queue');
end $$;

-- What the caller hears. Nothing here depends on what the caller has entered.
create or replace function rules.announcement(decision text, hosted boolean) returns text
language plpgsql immutable as $$
begin
  return case decision
    when 'refuse' then 'Support is available for Authorized Contacts. Please reach out to your district''s '
      'Infinite Campus technical team.'
    when 'on_call_hosting' then 'You will be connected with the on-call hosting team.'
    when 'closed' then 'Support is open Monday to Friday, 6 a.m. to 6 p.m. Central Time, except on holidays. '
      || 'You can submit a case in the Support Case Portal at any time.'
      || case when hosted then ' To report an outage, press 8.' else '' end
    when 'queue' then 'All advisors are in calls. Please hold for the next one.'
    else 'You will be connected with an advisor.' end;
end $$;

create or replace function rules.route_call(request jsonb, out status int, out body json)
language plpgsql as $$
declare
  caller_id bigint := rules.phone_caller(request);
  caller views.phone_contact;
  entered bigint;
  decided record;
  routing_id bigint;
  opens_at timestamptz;
  extension text;
begin
  select p.* into caller from views.phone_contact p where p.id = caller_id;
  if caller.id is not null then
    entered := rules.entered_case(request);
  end if;
  decided := rules.route(caller, (request ->> 'option')::int, entered);
  insert into casework.call_routings
    (district_id, telephony_client_id, at, decision, contact_id, case_id, advisor_id)
  values (caller.district_id, rules.caller_id(), rules.now(), decided.decision, caller.id, entered, decided.advisor_id)
  returning id into routing_id;
  perform rules.record_phone_event('call_routing.decided', routing_id);
  if decided.decision = 'closed' then
    select c.opens_at into opens_at from views.calendar c;
  end if;
  extension := case when decided.decision = 'on_call_hosting' then (rules.on_call(rules.now())).extension
    else (select a.extension from casework.advisor_availability a where a.staff_id = decided.advisor_id) end;
  status := 200;
  body := json_build_object(
    'routing_id', case when caller.id is not null then routing_id end,
    'decision', decided.decision,
    'target', case when decided.advisor_id is not null then json_build_object(
      'id', decided.advisor_id, 'display_name', rules.name_of('staff', decided.advisor_id),
      'extension', extension) end,
    'opens_at', views.utc(opens_at),
    'option', case when decided.decision = 'closed' and caller.hosted then 8 end,
    'announcement', rules.announcement(decided.decision, caller.hosted));
end $$;
