-- Open targets and follow-ups follow the calendar (2.2, 2.10, 3.2): holidays,
-- hours, time zone, service levels, the plan of follow-ups.
--
-- The change itself commits at once and touches no case: nobody who writes to one
-- waits for it. The worker moves the cases then, a batch in each transaction, and
-- passes by those that somebody holds. A case moves whole; until then it is read
-- as it was, and whoever stops its clock does so by the new calendar
-- (rules.by_calendar). What was missed before the change stays missed.

-- Of the version before.
drop function if exists rules.rebuild_calendar, rules.recompute_open_targets, rules.recompute_follow_ups;

create or replace function rules.want_calendar_move() returns void
language plpgsql as $$
begin
  update rules.calendar_change c
  set changed_at = coalesce(c.changed_at, rules.now()), xid = pg_current_xact_id(), listed = false;
  perform rules.wake();
end $$;

-- Targets that would be another one, counted anew. The clock always counts from
-- the start; what has passed is not among those that move.
create or replace function rules.targets_to_move(case_ids bigint[] default null)
returns table (case_id bigint, district_id bigint, old_due_at timestamptz, due_at timestamptz, start bigint, seconds integer)
language plpgsql stable as $$
begin
  return query
  select c.id, c.district_id, c.response_due_at, t.due_at, p.start, l.business_seconds
  from casework.cases c
  join casework.service_levels l on l.priority = c.response_priority
  cross join lateral (select rules.business_position(c.response_started_at) as start) as p
  cross join lateral (select rules.business_instant(p.start + l.business_seconds * 1000000::bigint) as due_at) as t
  where c.response_elapsed is null and not c.response_missed
    and (case_ids is null or c.id = any (case_ids))
    and (c.response_due_at, c.response_position, c.response_seconds)
      is distinct from (t.due_at, p.start, l.business_seconds);
end $$;

create or replace function rules.follow_ups_to_move(case_ids bigint[] default null)
returns table (case_id bigint, district_id bigint, run integer, due_dates date[], old_close_at timestamptz,
  auto_close_at timestamptz, next_at timestamptz, tells boolean)
language plpgsql stable as $$
begin
  return query
  select r.case_id, r.district_id, r.run, d.due_dates, r.auto_close_at, d.auto_close_at, n.at,
    (r.due_dates, r.auto_close_at) is distinct from (d.due_dates, d.auto_close_at)
  from casework.follow_up_runs r
  cross join lateral rules.run_dates(r) as d
  cross join lateral (
    select case when r.paused_at is not null then r.next_at
      else rules.follow_up_next_at(d.due_dates, r.next_slot, d.auto_close_at) end as at) as n
  where r.ended_at is null and (case_ids is null or r.case_id = any (case_ids))
    and (r.due_dates, r.auto_close_at, r.next_at) is distinct from (d.due_dates, d.auto_close_at, n.at);
end $$;

-- What a change has to move: how it is told before it happens.
create or replace function rules.calendar_effect() returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return jsonb_build_object(
    'open_targets', (select count(*) from rules.targets_to_move() t
      where t.due_at <> t.old_due_at and t.old_due_at >= rules.now()),
    'follow_ups', (select count(*) from rules.follow_ups_to_move()));
end $$;

-- A target that a change has not reached yet, as it is by it.
create or replace function rules.by_calendar(c casework.cases) returns casework.cases
language plpgsql stable as $$
declare
  changed_at timestamptz := (select k.changed_at from rules.calendar_change k);
begin
  if c.response_due_at >= changed_at and c.response_elapsed is null and not c.response_missed then
    c.response_position := rules.business_position(c.response_started_at);
    select l.business_seconds into c.response_seconds
    from casework.service_levels l where l.priority = c.response_priority;
    c.response_due_at := rules.business_instant(c.response_position + c.response_seconds * 1000000::bigint);
  end if;
  return c;
end $$;

-- Whether timers may go by this case's dates: it has moved, if it had to.
create or replace function rules.follows_calendar(case_id bigint) returns boolean
language plpgsql stable as $$
begin
  return not exists (select from rules.calendar_cases q where q.case_id = follows_calendar.case_id)
    and not exists (select from rules.calendar_change k where not k.listed);
end $$;

-- Once nobody is under way any more who has counted by the old calendar.
create or replace function rules.list_calendar_cases(change rules.calendar_change) returns int
language plpgsql as $$
begin
  if change.xid >= pg_snapshot_xmin(pg_current_snapshot()) then
    return 0;
  end if;
  insert into rules.calendar_cases (case_id, due_at)
  select m.case_id, min(m.due_at)
  from (
    select t.case_id, t.old_due_at as due_at from rules.targets_to_move() t
    union all
    select f.case_id, f.old_close_at from rules.follow_ups_to_move() f
  ) as m
  group by m.case_id
  on conflict do nothing;
  perform rules.look_again_for_alerts('{untouched}');
  update rules.calendar_change k set listed = true,
    changed_at = case when exists (select from rules.calendar_cases) then k.changed_at end;
  return 1;
end $$;

create or replace function rules.move_targets(case_ids bigint[], changed_at timestamptz) returns void
language plpgsql as $$
declare
  moment timestamptz := rules.now();
begin
  perform rules.record_breaches(array(
    select c.id from casework.cases c where c.id = any (case_ids) and c.response_due_at < changed_at));
  with moved as (
    update casework.cases c set response_due_at = t.due_at, response_position = t.start, response_seconds = t.seconds,
      overdue_on_change = c.overdue_on_change or moment > t.due_at,
      version = c.version + (t.due_at <> t.old_due_at)::int,
      updated_at = case when t.due_at <> t.old_due_at then moment else c.updated_at end
    from rules.targets_to_move(case_ids) t
    where c.id = t.case_id and c.district_id = t.district_id
    returning c.id, c.district_id, t.old_due_at, t.due_at
  )
  insert into casework.events (district_id, case_id, type, at, actor_kind, actor_id, actor_name, changes)
  select m.district_id, m.id, 'case.response_target_changed', moment, 'system', 0, 'casework',
    jsonb_build_array(rules.changed('response_due_at', to_jsonb(views.utc(m.old_due_at)), to_jsonb(views.utc(m.due_at))))
  from moved m
  where m.due_at <> m.old_due_at;
end $$;

create or replace function rules.move_follow_ups(case_ids bigint[]) returns void
language plpgsql as $$
declare
  actor rules.actor := rules.system_actor(rules.now());
  f record;
begin
  for f in select * from rules.follow_ups_to_move(case_ids) loop
    update casework.follow_up_runs r set due_dates = f.due_dates, auto_close_at = f.auto_close_at, next_at = f.next_at
    where r.district_id = f.district_id and r.case_id = f.case_id and r.run = f.run;
    if f.tells then
      update casework.cases c set version = c.version + 1, updated_at = actor.at
      where c.id = f.case_id and c.district_id = f.district_id;
      perform rules.record_case_event(f.district_id, f.case_id, actor, 'case.follow_up_changed', 'public', null,
        rules.follow_up_change(f.old_close_at, f.auto_close_at));
    end if;
  end loop;
end $$;

-- These cases, which the caller has locked.
create or replace function rules.move_cases(case_ids bigint[], changed_at timestamptz) returns void
language plpgsql as $$
begin
  perform rules.move_targets(case_ids, changed_at);
  perform rules.move_follow_ups(case_ids);
  delete from rules.calendar_cases q where q.case_id = any (case_ids);
  perform rules.wake();
end $$;

-- The next cases that nobody holds.
create or replace function rules.move_next_cases(changed_at timestamptz, batch int) returns int
language plpgsql as $$
declare
  due bigint[] := array(
    select q.case_id from rules.calendar_cases q
    join casework.cases c on c.id = q.case_id
    where not rules.timer_skips('calendar', q.case_id::text)
    order by q.due_at, q.case_id limit batch for no key update of c skip locked);
  item bigint;
begin
  perform rules.move_cases(due, changed_at);
  return cardinality(due);
exception when others then
  -- One of them is the cause: find it.
  foreach item in array due loop
    begin
      perform rules.move_cases(array[item], changed_at);
    exception when others then
      perform rules.timer_failed('calendar', item::text, sqlerrm);
    end;
  end loop;
  return cardinality(due);
end $$;

-- With the owner's rights: it writes what no case's policy is about.
create or replace function rules.timer_calendar(batch int) returns int
language plpgsql security definer set search_path = '' as $$
declare
  change rules.calendar_change;
  moved int;
begin
  select * into change from rules.calendar_change k where k.changed_at is not null for update skip locked;
  if not found then
    return 0;
  elsif not change.listed then
    return rules.list_calendar_cases(change);
  end if;
  moved := rules.move_next_cases(change.changed_at, batch);
  if moved = 0 and not exists (select from rules.calendar_cases) then
    update rules.calendar_change k set changed_at = null;
  end if;
  return moved;
end $$;

revoke execute on function rules.want_calendar_move, rules.calendar_effect, rules.list_calendar_cases, rules.move_targets,
  rules.move_follow_ups, rules.move_cases, rules.move_next_cases, rules.timer_calendar(int) from public;
grant execute on function rules.calendar_effect to casework_staff;
grant execute on function rules.timer_calendar(int) to casework_worker;
