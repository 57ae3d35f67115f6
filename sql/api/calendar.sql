-- name: get_calendar
select json_build_object(
  'time_zone', rules.time_zone(),
  'tzdata_version', (select v.version from casework.tzdata_versions v order by v.id desc limit 1),
  'now', views.utc(c.now),
  'open_now', coalesce(c.open_now, false), 'opens_at', views.utc(c.opens_at), 'closes_at', views.utc(c.closes_at),
  'weekly_hours', (
    select json_agg(json_build_object(
      'day', (array['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'])[h.weekday],
      'opens', to_char(h.opens, 'HH24:MI'), 'closes', to_char(h.closes, 'HH24:MI')) order by h.weekday)
    from casework.business_hours h),
  'holidays', (
    select coalesce(json_agg(json_build_object(
      'date', h.date, 'name', h.name, 'nominal_date', h.nominal_date,
      'observed', h.date <> h.nominal_date) order by h.date), '[]')
    from casework.holidays h
    where h.date between p.first and p.last)) as body
from views.calendar c
cross join rules.calendar_period(:from::date, :to::date, c.now) p;

-- name: get_business_time
select rules.get_business_time(:from::timestamptz, :to::timestamptz, :seconds::numeric) as body;

-- name: list_service_levels
select json_build_object(
  'business_hour_seconds', 3600, 'business_day_seconds', 43200,
  'items', json_agg(l.body order by l.rank)) as body
from views.service_level_document l;

-- name: get_service_level
select l.body, l.version::text as etag from views.service_level_document l where l.priority = :priority;

-- name: update_service_level
select * from rules.update_service_level(:priority, :if_match::bigint[], :body::jsonb);

-- name: validate_service_level
select * from rules.validate_service_level(:priority, :body::jsonb);

-- name: list_holidays
select h.body as item, h.date::text as date
from views.holiday_document h
where true
  --filters h
  and h.date > :after_date::date                                       --? after
order by h.date
limit :limit::int + 1;

-- name: create_holiday
select * from rules.create_holiday(:body::jsonb);

-- name: validate_holiday
select * from rules.validate_holiday(:body::jsonb);

-- name: get_holiday
select h.body, h.version::text as etag from views.holiday_document h where h.date = :date::date;

-- name: update_holiday
select * from rules.update_holiday(:date::date, :if_match::bigint[], :body::jsonb);

-- name: remove_holiday
select * from rules.remove_holiday(:date::date);

-- name: list_product_areas
select json_build_object('items', coalesce(json_agg(a.body order by a.position), '[]')) as body
from views.product_area_document a
where a.active;

-- name: get_scope_of_support
select json_build_object('text', t.scope_text, 'url', t.scope_url, 'policy_sentence', t.policy_sentence) as body
from casework.desk_texts t;

-- name: get_support_profile
select json_build_object(
  'headquarters', 'Blaine, Minnesota', 'time_zone', rules.time_zone(),
  'facts', json_agg(json_build_object('code', f.code, 'year', f.year, 'statement', f.statement)
    order by f.position)) as body
from casework.support_facts f;
