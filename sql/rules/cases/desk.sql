-- The desk's queue (3.5): what somebody of Campus Support is to do next. Critical
-- first, then what is due first: positions of business time run as instants do, so
-- that is the order of the business time that remains.
--
-- A lane is the cases of one advisor, or of nobody (0), in one product area, or in
-- none (''): each is a walk along the index cases_desk that ends with the page.

-- Which areas somebody takes cases of: those that they know; if that is not said,
-- those of their team, Support's with what has no area; else an analyst those of state
-- reporting, all others all.
create or replace function rules.takes_area(known text[], own_team text, own_roles text[], area text, team text)
returns boolean
  language sql immutable
  return case
    when known is not null then area = any (known)
    when own_team is not null then team = own_team
    when own_roles = '{state_reporting_analyst}' then area = 'state_reporting'
    else true end;
-- those of the versions before
drop function if exists rules.takes_area(casework.staff, text, text);
drop function if exists rules.takes_area(text[], text, text, text);

-- The caller's own cases of all areas, and those without an advisor that the caller
-- takes; of a team or an area that is asked for, whoever takes it.
create or replace function rules.desk_lanes(assigned text, wanted_team text, wanted_area text)
returns table (advisor_id bigint, area text)
language plpgsql stable as $$
declare
  who casework.staff;
begin
  select * into who from casework.staff s where s.id = rules.caller_id();
  return query
  select o.id, a.code
  from (
    select p.code, p.team from casework.product_areas p
    union all
    select '', 'support'
  ) as a
  cross join unnest(case assigned when 'me' then array[who.id] when 'nobody' then array[0]
    else array[who.id, 0] end) as o (id)
  where a.team = coalesce(wanted_team, a.team) and a.code = coalesce(wanted_area, a.code)
    and (o.id <> 0 or num_nonnulls(wanted_team, wanted_area) > 0
      or rules.takes_area(who.product_areas, who.team, who.roles, a.code, a.team));
end $$;

-- Whom it waits for may be the contact, or a date: then it is the desk's once
-- something of it is due, by the end of today.
create or replace function rules.desk_day_ends() returns timestamptz
language plpgsql stable as $$
begin
  return (rules.today() + 1)::timestamp at time zone rules.time_zone();
end $$;

create view views.desk_case with (security_invoker) as
select c.id, c.district_id, c.urgency, c.due_at,
  case when c.assigned_advisor_id is null then 0 else c.assigned_advisor_id end as advisor_id,
  case when c.product_area is null then '' else c.product_area end as area
from casework.cases c
where c.on_desk and (c.waiting_on = 'support' or c.due_at <= (select rules.desk_day_ends()));

-- Negative once it is overdue. Who it is about stands here by name: an advisor does
-- not know people by their numbers.
create view views.desk_item with (security_invoker) as
select c.id, c.district_id, concat('{"business_seconds_remaining":', coalesce(case when c.due_at < 'infinity' then
    trim_scale(((rules.business_position(c.due_at) - (select rules.business_position(rules.now()))) / 1000000.0)) end::text,
  'null'), ',"contact_name":', to_json(p.name), ',"district_name":', to_json(d.name), ',"case":', c.item, '}') as item
from views.case_list c
join casework.contacts p on p.id = c.contact_id and p.district_id = c.district_id
join casework.districts d on d.id = c.district_id;
grant select on views.desk_case, views.desk_item to casework_staff;

-- Each gets a case of their own: what somebody else is taking, or writes to, is
-- passed by. What is found is looked at again once it is locked. A few are looked up
-- first, since the first of them is mostly free, and more each time none of them was.
create or replace function rules.lock_next_case() returns casework.cases
language plpgsql as $$
declare
  c casework.cases;
  next record;
  seen record;     -- the last one of those looked up before
  last record;
  many int := 4;
begin
  select 0::smallint as urgency, '-infinity'::timestamptz as due_at, 0::bigint as id into seen;
  last := seen;
  loop
    for next in
      select q.* from rules.desk_lanes('nobody', null, null) l
      cross join lateral (
        select d.* from views.desk_case d
        where d.advisor_id = l.advisor_id and d.area = l.area
          and (d.urgency, d.due_at, d.id) > (seen.urgency, seen.due_at, seen.id)
        order by d.urgency, d.due_at, d.id limit many) as q
      order by q.urgency, q.due_at, q.id limit many
    loop
      select * into c from casework.cases s
      where s.id = next.id and s.district_id = next.district_id and s.assigned_advisor_id is null and s.on_desk
      for no key update skip locked;
      if found then
        return c;
      end if;
      last := next;
    end loop;
    exit when last.id = seen.id;
    seen := last;
    many := least(4 * many, 100);
  end loop;
  return null;
end $$;

-- The first that nobody has and the caller takes; it is the caller's from then on.
create or replace function rules.take_next_case(out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  before casework.cases := rules.lock_next_case();
  c casework.cases := before;
begin
  if before.id is null then
    perform rules.refuse(404, 'not-found', 'No case waits for somebody who takes what you take.');
  end if;
  c.assigned_advisor_id := rules.caller_id();
  c.assigned_advisor_name := rules.name_of('staff', c.assigned_advisor_id);
  if before.status = 'new' then
    c.status := 'assigned';
  end if;
  perform rules.save_case(before, c, rules.actor(), 'case.assigned');
  select * into status, body, etag, location from rules.case_answer(c.id, 200);
end $$;
