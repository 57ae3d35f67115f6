-- Assignment by the service (3.5), where administrators have switched it on: a new
-- case, or one whose advisor has left, goes to who takes its product area and has room,
-- the one with the fewest cases on their desk for their capacity. A case that nobody
-- has room for waits in the queue until somebody has, or takes it.

-- Those who have room, the emptiest first. What is on a desk is what
-- Support has to do something for; it is counted along the index of the queue.
drop function if exists rules.advisors_with_room();   -- of the version before
create or replace function rules.advisors_with_room()
returns table (advisor_id bigint, areas text[], team text, roles text[])
language plpgsql stable as $$
begin
  return query
  select w.id, w.product_areas, w.team, w.roles
  from (
    select s.id, s.product_areas, s.team, s.roles, nullif(coalesce(s.capacity, t.capacity), 0) as capacity, (
      select count(*) from casework.cases c
      where c.on_desk and (case when c.assigned_advisor_id is null then 0 else c.assigned_advisor_id end) = s.id
      ) as load
    from casework.staff s
    cross join casework.assignment_settings t
    where s.active and s.roles && rules.owner_roles() and (s.leave_ends_on < rules.today()) is not false) as w
  where w.load < w.capacity
  order by w.load::numeric / w.capacity, w.load, w.id;
end $$;

-- The most urgent case of an area that somebody with room takes, and the first
-- of them. Not what somebody writes to just now: the next call finds it.
create or replace function rules.assignable(out case_id bigint, out advisor_id bigint)
language plpgsql as $$
begin
  select c.id, n.advisor_id into case_id, advisor_id
  from (
    select a.code, (
      select r.advisor_id from rules.advisors_with_room() with ordinality as r (advisor_id, areas, team, roles, place)
      where rules.takes_area(r.areas, r.team, r.roles, a.code, a.team) order by r.place limit 1) as advisor_id
    from (
      select p.code, p.team from casework.product_areas p
      union all
      select '', 'support') as a
    where exists (
      select from casework.cases o
      where o.on_desk and (case when o.assigned_advisor_id is null then 0 else o.assigned_advisor_id end) = 0
        and (case when o.product_area is null then '' else o.product_area end) = a.code
        and o.status in ('new', 'assigned') and not o.imported)) as n
  join casework.cases c on c.on_desk
    and (case when c.assigned_advisor_id is null then 0 else c.assigned_advisor_id end) = 0
    and (case when c.product_area is null then '' else c.product_area end) = n.code
  where n.advisor_id is not null and c.status in ('new', 'assigned') and not c.imported
    and not rules.timer_skips('assignment', c.id::text)
  order by c.urgency, c.due_at, c.id
  limit 1 for no key update of c skip locked;
end $$;

-- One after the other: of two workers one finds who has room, or both would give
-- their cases to the same advisor.
create or replace function rules.timer_assignment(batch int) returns int
language plpgsql as $$
declare
  next record;
begin
  if not (select t.automatic from casework.assignment_settings t) or not pg_try_advisory_xact_lock(7309458) then
    return 0;
  end if;
  select * into next from rules.assignable();
  perform rules.assign_by_itself(next.case_id, next.advisor_id) where next.case_id is not null;
  return (next.case_id is not null)::int;
exception when others then
  perform rules.timer_failed('assignment', next.case_id::text, sqlerrm);
  return 1;
end $$;

create or replace function rules.assign_by_itself(case_id bigint, advisor_id bigint) returns void
language plpgsql as $$
declare
  before casework.cases := rules.lock_case(case_id, null);
  c casework.cases := before;
begin
  c.assigned_advisor_id := advisor_id;
  c.assigned_advisor_name := rules.name_of('staff', advisor_id);
  c.status := 'assigned';
  perform rules.save_case(before, c, rules.actor(), 'case.assigned');
end $$;

revoke execute on function rules.advisors_with_room, rules.assignable, rules.timer_assignment, rules.assign_by_itself
  from public;
grant execute on function rules.advisors_with_room, rules.assignable, rules.timer_assignment, rules.assign_by_itself
  to casework_worker;
