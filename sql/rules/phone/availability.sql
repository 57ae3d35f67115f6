-- Who can take a call (2.8): on shift, not paused, not in a call, and still
-- with Support; and who is on call for outages (fact 21).

-- Advisors, each with what makes it available; idle_since orders those who are.
create view views.advisor_state with (security_invoker) as
select s.id, s.name, a.on_shift, a.paused, a.extension, a.updated_at, w.in_call,
  a.on_shift and not a.paused and not w.in_call as available,
  coalesce((select max(c.ended_at) from casework.calls c where c.advisor_id = s.id), '-infinity') as idle_since
from casework.staff s
join casework.advisor_availability a on a.staff_id = s.id
cross join lateral (
  select exists (
    select from casework.calls c
    where c.advisor_id = s.id and c.answered_at is not null and c.ended_at is null) as in_call
) as w
where s.active and 'advisor' = any (s.roles);

create view views.availability_document with (security_invoker) as
select a.id, a.available, json_build_object(
  'id', a.id, 'display_name', a.name,
  'on_shift', a.on_shift, 'paused', a.paused, 'in_call', a.in_call, 'available', a.available,
  'extension', a.extension, 'updated_at', views.utc(a.updated_at)) as body
from views.advisor_state a;

create view views.on_call_shift_document with (security_invoker) as
select o.id, o.starts_at, o.ends_at, json_build_object(
  'id', o.id, 'staff', json_build_object('id', s.id, 'display_name', s.name),
  'starts_at', views.utc(o.starts_at), 'ends_at', views.utc(o.ends_at),
  'extension', o.extension, 'created_at', views.utc(o.created_at)) as body
from casework.on_call_shifts o
join casework.staff s on s.id = o.staff_id;

grant select on views.advisor_state to casework_staff, casework_telephony;
grant select on views.availability_document, views.on_call_shift_document to casework_staff;

-- An advisor speaks for itself only, and the last word counts.
create or replace function rules.set_availability(request jsonb, out status int, out body json)
language plpgsql as $$
declare
  me bigint := rules.caller_id();
begin
  if not exists (select from casework.staff s where s.id = me and 'advisor' = any (s.roles)) then
    perform rules.refuse(403, 'not-permitted', 'Only advisors take calls from the queue.');
  end if;
  insert into casework.advisor_availability as a (staff_id, on_shift, paused, extension, updated_at)
  values (me, (request ->> 'on_shift')::boolean, coalesce((request ->> 'paused')::boolean, false),
    request ->> 'extension', rules.now())
  on conflict (staff_id) do update
  set (on_shift, paused, extension, updated_at)
    = (excluded.on_shift, excluded.paused, excluded.extension, excluded.updated_at);
  perform rules.record_phone_event('availability.changed', me);
  status := 200;
  select d.body into body from views.availability_document d where d.id = me;
end $$;

create or replace function rules.create_on_call_shift(
  request jsonb, out status int, out body json, out location text)
language plpgsql as $$
declare
  o casework.on_call_shifts := jsonb_populate_record(null::casework.on_call_shifts, request);
begin
  if not exists (select from casework.staff s where s.id = o.staff_id and s.active) then
    perform rules.invalid('/staff_id', 'unknown', 'There is no such active member of the staff.');
  elsif o.ends_at <= o.starts_at then
    perform rules.invalid('/ends_at', 'out-of-range', 'A shift ends after it has started.');
  elsif o.ends_at <= rules.now() then
    perform rules.invalid('/ends_at', 'past', 'A shift that is over helps nobody.');
  end if;
  insert into casework.on_call_shifts (staff_id, starts_at, ends_at, extension, created_at)
  values (o.staff_id, o.starts_at, o.ends_at, o.extension, rules.now())
  returning id into o.id;
  perform rules.record_phone_event('on_call_shift.created', o.id);
  status := 201;
  select d.body, '/v1/on-call-shifts/' || o.id into body, location
  from views.on_call_shift_document d where d.id = o.id;
end $$;

-- The on-call person at an instant, null when the roster names none.
create or replace function rules.on_call(at timestamptz) returns casework.on_call_shifts
language plpgsql stable as $$
declare
  shift casework.on_call_shifts;
begin
  select o.* into shift
  from casework.on_call_shifts o
  join casework.staff s on s.id = o.staff_id and s.active
  where o.starts_at <= on_call.at and o.ends_at > on_call.at
  order by o.id desc limit 1;
  return shift;
end $$;
