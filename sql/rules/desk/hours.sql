-- Business hours and the plan of follow-ups, as administrators change them (facts
-- 11, 20; 3.2). What open cases count by moves behind it: calendar/moving.sql.

-- The last day by the hours of now: today, if Support has opened.
create or replace function rules.last_day_begun() returns date
language plpgsql stable as $$
begin
  return rules.today() - case when rules.day_has_begun(rules.today()) then 0 else 1 end;
end $$;

create or replace function rules.check_business_hours(hours jsonb) returns void
language plpgsql as $$
declare
  day text;
begin
  if not exists (select from jsonb_each(hours) d where d.value <> 'null') then
    perform rules.invalid('', 'out-of-range', 'Support is open on one day of the week at least.');
  end if;
  foreach day in array rules.weekdays() loop
    if (hours -> day ->> 'opens')::time >= (hours -> day ->> 'closes')::time then
      perform rules.invalid(format('/%s/closes', day), 'out-of-range', 'Support closes after it opens, on the same day.');
    end if;
  end loop;
end $$;

-- Each statement makes the calendar anew, so there is none that changes nothing.
create or replace function rules.write_business_hours(old jsonb, after jsonb) returns void
language plpgsql as $$
declare
  days casework.business_hours[] := array(
    select row (w.number, (after -> w.day ->> 'opens')::time, (after -> w.day ->> 'closes')::time)::casework.business_hours
    from unnest(rules.weekdays()) with ordinality as w (day, number)
    where after -> w.day <> old -> w.day);
  stay int[] := array(select h.weekday from casework.business_hours h);
begin
  if exists (select from unnest(days) d where d.opens is null) then
    delete from casework.business_hours h
    where h.weekday in (select d.weekday from unnest(days) d where d.opens is null);
  end if;
  if exists (select from unnest(days) d where d.opens is not null and d.weekday = any (stay)) then
    update casework.business_hours h set (opens, closes) = row (d.opens, d.closes)
    from unnest(days) d where d.weekday = h.weekday and d.opens is not null;
  end if;
  if exists (select from unnest(days) d where d.opens is not null and d.weekday <> all (stay)) then
    insert into casework.business_hours (weekday, opens, closes)
    select d.weekday, d.opens, d.closes from unnest(days) d where d.opens is not null and d.weekday <> all (stay);
  end if;
end $$;

create or replace function rules.set_business_hours(old jsonb, after jsonb) returns void
language plpgsql as $$
declare
  changed int[] := array(
    select w.number from unnest(rules.weekdays()) with ordinality as w (day, number)
    where after -> w.day <> old -> w.day);
begin
  perform rules.check_business_hours(after);
  if changed <> '{}' then
    insert into casework.past_hours (weekday, until, opens, closes)
    select d.weekday, rules.last_day_begun(), h.opens, h.closes
    from unnest(changed) as d (weekday) left join casework.business_hours h on h.weekday = d.weekday
    on conflict do nothing;
    perform rules.write_business_hours(old, after);
    perform rules.check_calendar_reaches('');
  end if;
end $$;

create or replace function rules.write_follow_up_plan(old jsonb, after jsonb) returns void
language plpgsql as $$
declare
  days smallint[] := array(
    select distinct d.day::smallint from jsonb_array_elements_text(after -> 'slot_days') as d (day) order by 1);
begin
  if (after ->> 'length')::int < days[cardinality(days)] then
    perform rules.invalid('/length', 'out-of-range', 'The case closes on the day of the last follow-up, or later.');
  elsif after <> old then
    update casework.follow_up_plan p set slot_days = days, length = (after ->> 'length')::smallint,
      automatic_at = (after ->> 'automatic_at')::time;
    perform rules.check_calendar_reaches('/length');
  end if;
end $$;

create or replace function rules.validate_setting(name text, request jsonb, out status int, out body json)
language plpgsql as $$
declare
  effect jsonb;
begin
  begin
    perform rules.update_setting(name, null, request);
    effect := rules.calendar_effect();
    perform rules.undo();
  exception when sqlstate 'CW001' then
    select * into status, body from rules.effect_answer(effect);
  end;
end $$;
