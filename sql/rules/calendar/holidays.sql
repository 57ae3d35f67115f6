-- Holidays (fact 25, 2.2) and the business days that follow from them.

-- Date of the nth weekday (ISO, 1 is Monday) of a month; -1 is the last.
create or replace function rules.nth_weekday(year int, month int, weekday int, nth int) returns date
language sql immutable as $$
  select case when nth > 0
    then first + (weekday - extract(isodow from first)::int + 7) % 7 + 7 * (nth - 1)
    else last - (extract(isodow from last)::int - weekday + 7) % 7 end
  from (select make_date(year, month, 1) as first,
          (make_date(year, month, 1) + interval '1 month - 1 day')::date as last) as m
$$;

create or replace function rules.nominal_holidays(first_year int, last_year int)
returns table (name text, nominal_date date)
language sql immutable as $$
  select h.name, h.nominal_date
  from generate_series(first_year, last_year) as y
  cross join lateral (values
    ('New Year''s Day', make_date(y, 1, 1)),
    ('Memorial Day', rules.nth_weekday(y, 5, 1, -1)),
    ('Juneteenth', make_date(y, 6, 19)),
    ('Independence Day', make_date(y, 7, 4)),
    ('Labor Day', rules.nth_weekday(y, 9, 1, 1)),
    ('Thanksgiving', rules.nth_weekday(y, 11, 4, 4)),
    ('Day after Thanksgiving', rules.nth_weekday(y, 11, 4, 4) + 1),
    ('Christmas Eve', make_date(y, 12, 24)),
    ('Christmas Day', make_date(y, 12, 25))) as h (name, nominal_date)
$$;

-- Saturday is observed on the Friday before, Sunday on the Monday after; where
-- that is a holiday already, the next free weekday in the same direction.
create or replace function rules.observed_holidays(first_year int, last_year int)
returns table (date date, name text, nominal_date date)
language plpgsql immutable as $$
declare
  taken date[] := array(
    select h.nominal_date from rules.nominal_holidays(first_year, last_year) h
    where extract(isodow from h.nominal_date) < 6);
  direction int;
begin
  for name, nominal_date in
    select h.name, h.nominal_date from rules.nominal_holidays(first_year, last_year) h
    order by h.nominal_date
  loop
    date := nominal_date;
    if extract(isodow from date) > 5 then
      direction := case when extract(isodow from date) = 6 then -1 else 1 end;
      while extract(isodow from date) > 5 or date = any (taken) loop
        date := date + direction;
      end loop;
      taken := taken || date;
      name := name || ' (observed)';
    end if;
    return next;
  end loop;
end $$;

-- The hours of a date: those that were in force then, if they have changed since.
create or replace function rules.hours_on(day date) returns table (opens time, closes time)
language sql stable as $$
  select h.opens, h.closes
  from (
    select case when p.until is null then b.opens else p.opens end as opens,
      case when p.until is null then b.closes else p.closes end as closes
    from (select extract(isodow from day)::int as weekday) as d
    left join casework.business_hours b on b.weekday = d.weekday
    left join lateral (
      select * from casework.past_hours o
      where o.weekday = d.weekday and o.until >= day order by o.until limit 1) as p on true
  ) as h
  where h.opens is not null
$$;

-- Business days of 2000 to 2100, from the first day that may be another one. One
-- after the other: who comes second builds on what the first has made.
drop function if exists rules.rebuild_business_days();
create or replace function rules.rebuild_business_days(first date default '2000-01-01') returns void
language plpgsql as $$
declare
  elapsed bigint;
begin
  perform pg_advisory_xact_lock(7309455);
  delete from rules.business_days d where d.date >= first;
  select d.elapsed_before + (extract(epoch from d.closes_at - d.opens_at) * 1000000)::bigint into elapsed
  from rules.business_days d order by d.date desc limit 1;
  insert into rules.business_days (date, opens_at, closes_at, elapsed_before)
  select d.date, d.opens_at, d.closes_at,
    coalesce(elapsed, 0) + sum(d.length) over (order by d.date) - d.length
  from (
    select s.at::date as date,
      (s.at::date + h.opens) at time zone rules.time_zone() as opens_at,
      (s.at::date + h.closes) at time zone rules.time_zone() as closes_at,
      (extract(epoch from h.closes - h.opens) * 1000000)::bigint as length
    from generate_series(greatest(first, '2000-01-01')::timestamp, timestamp '2100-12-31', interval '1 day') as s (at)
    cross join lateral rules.hours_on(s.at::date) as h
    where not exists (select from casework.holidays f where f.date = s.at::date)
  ) as d;
end $$;

-- Whether Support has opened on that day, or would have: from then on it stays
-- what it was, and so does all that was measured by it.
create or replace function rules.day_has_begun(day date) returns boolean
language plpgsql stable as $$
begin
  return day < rules.today() or day = rules.today() and coalesce(rules.now() >= coalesce(
    (select d.opens_at from rules.business_days d where d.date = day),
    (select (day + h.opens) at time zone rules.time_zone() from rules.hours_on(day) h)), false);
end $$;

create or replace function rules.calendar_changed() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if tg_table_name in ('holidays', 'business_hours') then
    perform rules.rebuild_business_days();
  end if;
  perform rules.want_calendar_move();
  return null;
end $$;

-- The same where the days are known: `changed` holds them.
create or replace function rules.holidays_changed() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform rules.rebuild_business_days(min(c.date)) from changed c having count(*) > 0;
  perform rules.want_calendar_move();
  return null;
end $$;

-- First deployment only: afterwards the dates belong to whoever edits them. There
-- is no case yet, nor are the rules of the files behind this one, so this stands
-- before the triggers that call them.
do $$
begin
  if not exists (select from casework.holidays) then
    insert into casework.holidays (date, name, nominal_date)
    select h.date, h.name, h.nominal_date
    from rules.observed_holidays(2000, 2101) h
    where h.date between '2000-01-01' and '2100-12-31';
    perform rules.rebuild_business_days();
  end if;
end $$;

call rules.keep_trigger($$create trigger calendar_changed
  after update of date or truncate on casework.holidays
  for each statement execute function rules.calendar_changed()$$);
call rules.keep_trigger($$create trigger holidays_added
  after insert on casework.holidays referencing new table as changed
  for each statement execute function rules.holidays_changed()$$);
call rules.keep_trigger($$create trigger holidays_removed
  after delete on casework.holidays referencing old table as changed
  for each statement execute function rules.holidays_changed()$$);
call rules.keep_trigger($$create trigger calendar_changed
  after insert or delete or update or truncate on casework.business_hours
  for each statement execute function rules.calendar_changed()$$);

-- 2.10: an update of tzdata may change a future rule. Business days computed by
-- the old one differ from what PostgreSQL says now; as far ahead as targets and
-- follow-ups reach, this looks, and has all that is open moved. A session knows
-- the rules that were in force when it began.
create or replace function rules.timer_time_zone(batch int) returns int
language plpgsql security definer set search_path = '' as $$
declare
  zone text := rules.time_zone();
  actor rules.actor := rules.system_actor(rules.now());
  changes jsonb;
begin
  select jsonb_build_array(
      rules.changed('opens_at', to_jsonb(views.utc(d.opens_at)), to_jsonb(views.utc((d.date + h.opens) at time zone zone))),
      rules.changed('closes_at', to_jsonb(views.utc(d.closes_at)), to_jsonb(views.utc((d.date + h.closes) at time zone zone))))
    into changes
  from rules.business_days d
  cross join lateral rules.hours_on(d.date) as h
  where d.date between rules.today() and rules.today() + 400
    and (d.opens_at, d.closes_at) <> ((d.date + h.opens) at time zone zone, (d.date + h.closes) at time zone zone)
  order by d.date limit 1;
  if changes is null or not pg_try_advisory_xact_lock(7309455)
  then
    return 0;
  end if;
  perform rules.rebuild_business_days();
  perform rules.want_calendar_move();
  insert into casework.desk_events (type, at, actor_kind, actor_id, actor_name, resource, changes)
  values ('calendar.time_zone_changed', actor.at, actor.kind, actor.id, actor.name, zone, changes);
  return 1;
end $$;

revoke execute on function rules.rebuild_business_days, rules.timer_time_zone(int) from public;
grant execute on function rules.timer_time_zone(int) to casework_worker;
