-- Holidays and service levels, as administrators change them (facts 25, 26; 3.2).
-- What open cases count by moves behind it: moving.sql.

create view views.holiday_document with (security_invoker) as
select h.date, h.version, row_to_json(d) as body
from casework.holidays h
cross join lateral (select h.date, h.name, h.nominal_date, h.date <> h.nominal_date as observed) as d;
create view views.service_level_document with (security_invoker) as
select l.priority, l.version, l.rank, row_to_json(d) as body
from casework.service_levels l
cross join lateral (select l.priority, l.business_seconds, l.response_time, l.example) as d;
grant select on views.holiday_document to casework_staff;
grant select on views.service_level_document to casework_contact, casework_partner, casework_staff, casework_public;

create or replace function rules.holiday_answer(
  date date, code int, out status int, out body json, out etag text, out location text)
language plpgsql stable as $$
begin
  status := code;
  select d.body, d.version, case when code = 201 then '/v1/holidays/' || d.date end into body, etag, location
  from views.holiday_document d where d.date = holiday_answer.date;
end $$;

-- A day on which Support has opened stays what it was.
create or replace function rules.check_holiday_date(date date) returns void
language plpgsql as $$
begin
  if rules.day_has_begun(date) then
    perform rules.invalid('/date', 'past', 'Support has opened on that day; a holiday is declared and taken back before.');
  elsif date > '2100-12-31' then
    perform rules.invalid('/date', 'out-of-range', 'The calendar reaches from 2000 to 2100.');
  end if;
end $$;

create or replace function rules.create_holiday(
  request jsonb, out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  h casework.holidays := jsonb_populate_record(null::casework.holidays, request);
begin
  h.nominal_date := coalesce(h.nominal_date, h.date);
  perform rules.check_holiday_date(h.date);
  begin
    h := rules.insert_row(h);
  exception when unique_violation then
    perform rules.refuse(409, 'already-exists', 'That day is a holiday.',
      jsonb_build_object('errors', jsonb_build_array(rules.fault('/date', 'already-exists', 'must be unique'))));
  end;
  select * into status, body, etag, location from rules.holiday_answer(h.date, 201);
  perform rules.record_desk_event('holiday.created', h.date::text, rules.document_changes('{}', body::jsonb));
end $$;

create or replace function rules.lock_holiday(date date, if_match bigint[]) returns casework.holidays
language plpgsql as $$
declare
  h casework.holidays;
begin
  select * into h from casework.holidays l where l.date = lock_holiday.date for no key update;
  if not found then
    perform rules.refuse(404, 'not-found', 'That day is no holiday.');
  end if;
  perform rules.check_version(h.version, if_match);
  return h;
end $$;

create or replace function rules.update_holiday(
  date date, if_match bigint[], request jsonb, out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  before casework.holidays := rules.lock_holiday(date, if_match);
  h casework.holidays := jsonb_populate_record(before, request);
begin
  if h is distinct from before then
    perform rules.update_row(before, h, rules.now());
    perform rules.record_desk_event('holiday.updated', date::text, rules.changes(before, h));
  end if;
  select * into status, body, etag, location from rules.holiday_answer(date, 200);
end $$;

create or replace function rules.remove_holiday(
  date date, out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  h casework.holidays := rules.lock_holiday(date, null);
begin
  if rules.day_has_begun(h.date) then
    perform rules.refuse(409, 'conflict', 'That day has begun; it stays a holiday.');
  end if;
  select * into status, body, etag, location from rules.holiday_answer(date, 200);
  etag := null;
  delete from casework.holidays l where l.date = h.date;
  perform rules.record_desk_event('holiday.removed', h.date::text, jsonb_build_array(
    rules.changed('name', to_jsonb(h.name), null), rules.changed('nominal_date', to_jsonb(h.nominal_date), null)));
end $$;

-- The words for a level of so many seconds; a business day is twelve hours of them,
-- as facts 25 and 26 count it.
create or replace function rules.response_time_words(seconds int) returns text
  language sql immutable
  return (
    select format('Within %s business %s%s of submission', seconds / u.size, u.unit,
      case when seconds / u.size <> 1 then 's' end)
    from (values (43200, 'day'), (3600, 'hour'), (60, 'minute'), (1, 'second')) as u (size, unit)
    where seconds % u.size = 0 order by u.size desc limit 1);

-- What such words say; null: they are other ones, which anybody may choose.
create or replace function rules.response_time_seconds(words text) returns numeric
  language sql immutable
  return (
    select (m.part)[1]::numeric
      * case (m.part)[2] when 'day' then 43200 when 'hour' then 3600 when 'minute' then 60 else 1 end
    from (select regexp_match(lower(words), '([0-9]{1,9}) business (day|hour|minute|second)')) as m (part));

-- Service levels are four for ever: their words and seconds change, and agree.
create or replace function rules.update_service_level(
  priority text, if_match bigint[], request jsonb,
  out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  before casework.service_levels;
  l casework.service_levels;
begin
  select * into before from casework.service_levels s where s.priority = update_service_level.priority for no key update;
  perform rules.check_version(before.version, if_match);
  l := before;
  l.business_seconds := coalesce((request ->> 'business_seconds')::int, l.business_seconds);
  l.response_time := coalesce(request ->> 'response_time', case when l.business_seconds <> before.business_seconds
    then rules.response_time_words(l.business_seconds) end, l.response_time);
  if l.response_time <> before.response_time and rules.response_time_seconds(l.response_time) <> l.business_seconds then
    perform rules.invalid('/response_time', 'conflict', format('business_seconds is %s, in words: %s.', l.business_seconds,
      rules.response_time_words(l.business_seconds)));
  end if;
  l.example := coalesce(request ->> 'example', l.example);
  if l is distinct from before then
    update casework.service_levels s
    set (business_seconds, response_time, example, version)
      = row (l.business_seconds, l.response_time, l.example, before.version + 1)
    where s.priority = before.priority;
    perform rules.check_calendar_reaches('/business_seconds');
    perform rules.record_desk_event('service_level.updated', before.priority,
      rules.document_changes(to_jsonb(before) - 'version', to_jsonb(l) - 'version'));
  end if;
  status := 200;
  select d.body, d.version into body, etag from views.service_level_document d where d.priority = before.priority;
end $$;
call rules.keep_trigger($$create trigger calendar_changed
  after update of business_seconds on casework.service_levels
  for each statement execute function rules.calendar_changed()$$);

-- With these hours and levels everything still ends within the calendar.
create or replace function rules.check_calendar_reaches(pointer text) returns void
language plpgsql as $$
begin
  if rules.add_business_seconds(rules.now(), (select max(l.business_seconds) from casework.service_levels l)) is null
    or (select d.auto_close_at is null from rules.follow_up_dates(rules.now()) d)
  then
    perform rules.invalid(pointer, 'out-of-range', 'The longest target, or the follow-ups, would end after 2100.');
  end if;
end $$;

-- How a change is tried out: it is made, its effect counted, and undone. (A code
-- that ends in 000 would stand for every refusal.)
create or replace function rules.undo() returns void
language plpgsql as $$
begin
  raise exception using errcode = 'CW001';
end $$;

create or replace function rules.effect_answer(effect jsonb, out status int, out body json)
language plpgsql immutable as $$
begin
  status := 200;
  body := jsonb_build_object('valid', true) || effect;
end $$;

create or replace function rules.validate_holiday(request jsonb, out status int, out body json)
language plpgsql as $$
declare
  effect jsonb;
begin
  begin
    if (request ->> 'removed')::boolean then
      perform rules.remove_holiday((request ->> 'date')::date);
    else
      perform rules.create_holiday(jsonb_build_object('name', 'Holiday') || (request - 'removed'));
    end if;
    effect := rules.calendar_effect();
    perform rules.undo();
  exception when sqlstate 'CW001' then
    select * into status, body from rules.effect_answer(effect);
  end;
end $$;

create or replace function rules.validate_service_level(priority text, request jsonb, out status int, out body json)
language plpgsql as $$
declare
  effect jsonb;
begin
  begin
    perform rules.update_service_level(priority, null, request);
    effect := rules.calendar_effect();
    perform rules.undo();
  exception when sqlstate 'CW001' then
    select * into status, body from rules.effect_answer(effect);
  end;
end $$;
