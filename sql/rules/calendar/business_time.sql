-- Business time (2.1): every instant has a position on an axis that only runs
-- while Support is open, in microseconds. Two positions differ by the business
-- time between the instants; the earliest instant of a position is a deadline.

-- Null when the calendar does not reach that far.
create or replace function rules.business_position(at timestamptz) returns bigint
language plpgsql stable as $$
declare
  day rules.business_days;
begin
  select * into day from rules.business_days d
  where d.opens_at <= business_position.at order by d.opens_at desc limit 1;
  if not found or business_position.at >= '2101-01-01T06:00Z' then
    return case when business_position.at >= '2000-01-01T06:00Z'
      and business_position.at < '2101-01-01T06:00Z' then 0 end;
  end if;
  return day.elapsed_before
    + (extract(epoch from least(business_position.at, day.closes_at) - day.opens_at) * 1000000)::bigint;
end $$;

-- The earliest instant with this position: the end of a day, not the start of
-- the next. Null beyond the calendar.
create or replace function rules.business_instant(target bigint) returns timestamptz
language plpgsql stable as $$
declare
  day rules.business_days;
  instant timestamptz;
begin
  select * into day from rules.business_days d
  where d.elapsed_before < target order by d.elapsed_before desc limit 1;
  instant := day.opens_at + (target - day.elapsed_before) * interval '1 microsecond';
  return case when instant <= day.closes_at then instant end;
end $$;

-- Business seconds between two instants, exact; null beyond the calendar.
create or replace function rules.business_seconds(since timestamptz, until timestamptz) returns numeric
  language sql stable
  return (rules.business_position(until) - rules.business_position(since)) / 1000000.0;

-- No business time passes in an instant: 0 seconds end where they start.
create or replace function rules.add_business_seconds(since timestamptz, seconds numeric) returns timestamptz
  language sql stable
  return case when round(seconds * 1000000) = 0 then since
    else rules.business_instant(rules.business_position(since) + round(seconds * 1000000)::bigint) end;

-- Calendar days (2.6): the last instant of day 60 by local date is the end of
-- the window, whatever daylight saving does in between.
create or replace function rules.reopen_until(closed_at timestamptz) returns timestamptz
  language sql stable
  return ((closed_at at time zone rules.time_zone())::date + 61)::timestamp at time zone rules.time_zone();

-- When a case that waits for verification is followed up, and when it closes:
-- business days, counted after the local date on which it began (2.5).
drop function if exists rules.follow_up_dates(timestamptz);   -- of the version before
create or replace function rules.follow_up_dates(
  pending_since timestamptz, skipped_days int default 0, out due_dates date[], out auto_close_at timestamptz)
language plpgsql stable as $$
declare
  plan casework.follow_up_plan;
  days date[];
begin
  select * into plan from casework.follow_up_plan;
  days := array(
    select d.date from rules.business_days d
    where d.date > (pending_since at time zone rules.time_zone())::date
    order by d.date limit plan.length + skipped_days);
  due_dates := array(select days[s.day + skipped_days] from unnest(plan.slot_days) as s (day) order by s.day);
  select d.closes_at into auto_close_at from rules.business_days d where d.date = days[plan.length + skipped_days];
end $$;

-- Answers GET /v1/calendar/business-time.
create or replace function rules.get_business_time(since timestamptz, until timestamptz, seconds numeric)
returns json
language plpgsql stable as $$
declare
  instant timestamptz := until;
  business numeric := seconds;
begin
  if num_nonnulls(until, seconds) <> 1 then
    perform rules.bad_parameter('seconds', 'Give exactly one of seconds and to.');
  elsif rules.business_position(since) is null then
    perform rules.bad_parameter('from', 'The calendar reaches from 2000 to 2100.');
  elsif until < since then
    perform rules.bad_parameter('to', 'to is before from.');
  elsif until is null then
    instant := rules.add_business_seconds(since, seconds);
  else
    business := rules.business_seconds(since, until);
  end if;
  if instant is null or business is null then
    perform rules.bad_parameter(case when until is null then 'seconds' else 'to' end,
      'The calendar reaches from 2000 to 2100.');
  end if;
  return json_build_object(
    'from', views.utc(since), 'seconds', trim_scale(business), 'at', views.utc(instant));
end $$;

-- The dates between which holidays are listed: five years to both sides.
create or replace function rules.calendar_period(since date, until date, moment timestamptz, out first date, out last date)
language plpgsql stable as $$
declare
  year int := extract(year from moment);
begin
  if until < since then
    perform rules.bad_parameter('to', 'to is before from.');
  end if;
  first := coalesce(since, make_date(year - 5, 1, 1));
  last := coalesce(until, make_date(year + 5, 12, 31));
end $$;
