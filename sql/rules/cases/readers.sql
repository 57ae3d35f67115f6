-- What is written has readers (3.3). Where no contact of a district could read it, a
-- run of follow-ups rests: neither is one written, nor the case closed. It goes on
-- from there once somebody is named, as many business days later as it has rested,
-- and one, so that there is time to answer (choice).

-- The owner's rights, as everybody asks; it tells nothing of a person.
create or replace function rules.somebody_reads(case_id bigint) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return exists (
    select from casework.cases c join casework.contacts p on p.district_id = c.district_id and p.may_call
      and p.email <> ''
    where c.id = case_id and rules.reaches(c.district_id));
end $$;
revoke execute on function rules.somebody_reads from public;
grant execute on function rules.somebody_reads to casework_partner, casework_staff, casework_worker;

-- By plan and calendar; what was recorded before a run rested keeps its date.
create or replace function rules.run_dates(
  run casework.follow_up_runs, out due_dates date[], out auto_close_at timestamptz)
language plpgsql stable as $$
begin
  select d.due_dates, d.auto_close_at into due_dates, auto_close_at
  from rules.follow_up_dates(run.started_at, run.skipped_days) as d;
  if run.skipped_days > 0 then
    due_dates := run.due_dates[:run.next_slot - 1] || due_dates[run.next_slot:];
  end if;
end $$;

create or replace function rules.pause_follow_up(c casework.cases, run casework.follow_up_runs, actor rules.actor)
returns void
language plpgsql as $$
begin
  update casework.follow_up_runs r set paused_at = actor.at, next_at = 'infinity'
  where r.district_id = run.district_id and r.case_id = run.case_id and r.run = run.run;
  perform rules.touch_case(c, actor, 'case.follow_up_paused', null, rules.follow_up_change(run.auto_close_at, null));
end $$;

create or replace function rules.resume_follow_up(c casework.cases, run casework.follow_up_runs, actor rules.actor)
returns casework.follow_up_runs
language plpgsql as $$
declare
  old_close_at timestamptz := run.auto_close_at;
begin
  run.skipped_days := run.skipped_days + 1 + (
    select count(*) from rules.business_days d
    where d.date > (run.paused_at at time zone rules.time_zone())::date and d.date <= rules.today());
  select d.due_dates, d.auto_close_at into run.due_dates, run.auto_close_at from rules.run_dates(run) as d;
  update casework.follow_up_runs r set (paused_at, skipped_days, due_dates, auto_close_at, next_at)
    = (null, run.skipped_days, run.due_dates, run.auto_close_at,
      rules.follow_up_next_at(run.due_dates, run.next_slot, run.auto_close_at))
  where r.district_id = run.district_id and r.case_id = run.case_id and r.run = run.run
  returning r.* into run;
  perform rules.touch_case(c, actor, 'case.follow_up_resumed', null,
    rules.follow_up_change(old_close_at, run.auto_close_at));
  return run;
end $$;

-- A run that rests, and whose district has a reader again.
create or replace function rules.timer_paused_follow_ups(batch int) returns int
language plpgsql as $$
declare
  actor rules.actor := rules.actor();
  paused bigint := (
    select c.id from casework.follow_up_runs r
    join casework.cases c on c.id = r.case_id and c.district_id = r.district_id
    where r.paused_at is not null and r.ended_at is null and rules.somebody_reads(r.case_id)
      and not rules.timer_skips('paused_follow_ups', r.case_id::text) and rules.follows_calendar(r.case_id)
    order by r.paused_at limit 1 for no key update of c skip locked);
begin
  perform rules.resume_if_paused(rules.lock_case(paused, null), actor) where paused is not null;
  return (paused is not null)::int;
exception when others then
  perform rules.timer_failed('paused_follow_ups', paused::text, sqlerrm);
  return 1;
end $$;

-- The case is locked.
create or replace function rules.resume_if_paused(c casework.cases, actor rules.actor)
returns casework.follow_up_runs
language plpgsql as $$
declare
  run casework.follow_up_runs := rules.open_follow_up(c.district_id, c.id);
begin
  if run.paused_at is not null then
    run := rules.resume_follow_up(c, run, actor);
  end if;
  return run;
end $$;
revoke execute on function rules.timer_paused_follow_ups(int) from public;
grant execute on function rules.timer_paused_follow_ups(int) to casework_worker;
