-- Published figures (facts 27 to 30, 55, 75, 77; 2.9).
--
-- What a case adds to the figures of its day is kept in casework.case_figures,
-- and summed per day and district by a timer that follows the events, so that
-- a public answer over a year adds 366 rows. Tests and imports add nothing. Only the
-- first response cycle counts: a reopened case has it among its cycles.

-- A miss that no one has recorded yet is one all the same, the timer will.
create view views.case_contribution with (security_invoker) as
select c.id as case_id, c.district_id, (c.submitted_at at time zone rules.time_zone())::date as date,
  n.counts as submitted,
  n.counts * (c.initial_priority = 'medium')::int as medium,
  n.counts * (r.priority = 'critical' and (r.first_response_at is not null or r.missed))::int as critical,
  n.counts * (r.priority = 'critical' and r.first_response_at is not null
    and r.elapsed < 3600000000)::int as critical_in_time,
  n.counts * (r.first_response_at is not null)::int as answered,
  case when r.first_response_at is not null then n.counts * r.elapsed else 0 end::numeric as elapsed,
  n.counts * (c.status = 'closed')::int as closed,
  n.counts * (c.status = 'closed' and c.escalation_level = 0)::int as closed_initially
from casework.cases c
cross join lateral (select (not c.test and not c.imported)::int as counts) as n
cross join lateral (
  select c.response_priority as priority, c.first_response_at, c.response_elapsed as elapsed,
    c.response_missed as missed
  where c.response_cycle = 1
  union all
  select y.priority, y.first_response_at, y.elapsed, y.missed
  from casework.response_cycles y
  where c.response_cycle > 1 and y.district_id = c.district_id and y.case_id = c.id and y.cycle = 1
) as r;
grant select on views.case_contribution to casework_worker;

-- The cases of those events anew: what they add now less what they added.
create or replace function rules.add_case_figures(case_ids bigint[]) returns void
language plpgsql as $$
begin
  insert into casework.daily_figures as d (district_id, date, submitted, medium, critical, critical_in_time, answered,
    elapsed, closed, closed_initially)
  select scope.id, f.date, sum(f.submitted), sum(f.medium), sum(f.critical), sum(f.critical_in_time),
    sum(f.answered), sum(f.elapsed), sum(f.closed), sum(f.closed_initially)
  from (
    select n.* from views.case_contribution n where n.case_id = any (case_ids)
    union all
    select o.case_id, o.district_id, o.date, - o.submitted, - o.medium, - o.critical, - o.critical_in_time,
      - o.answered, - o.elapsed, - o.closed, - o.closed_initially
    from casework.case_figures o where o.case_id = any (case_ids)
  ) as f
  cross join lateral (values (f.district_id), (0)) as scope (id)
  group by scope.id, f.date
  order by scope.id, f.date
  on conflict (district_id, date) do update set
    (submitted, medium, critical, critical_in_time, answered, elapsed, closed, closed_initially)
    = (d.submitted + excluded.submitted, d.medium + excluded.medium, d.critical + excluded.critical,
      d.critical_in_time + excluded.critical_in_time, d.answered + excluded.answered, d.elapsed + excluded.elapsed,
      d.closed + excluded.closed, d.closed_initially + excluded.closed_initially);
  insert into casework.case_figures (case_id, district_id, date, submitted, medium, critical, critical_in_time,
    answered, elapsed, closed, closed_initially)
  select n.case_id, n.district_id, n.date, n.submitted, n.medium, n.critical, n.critical_in_time, n.answered,
    n.elapsed, n.closed, n.closed_initially
  from views.case_contribution n where n.case_id = any (case_ids)
  on conflict (case_id) do update set
    (date, submitted, medium, critical, critical_in_time, answered, elapsed, closed, closed_initially)
    = (excluded.date, excluded.submitted, excluded.medium, excluded.critical, excluded.critical_in_time,
      excluded.answered, excluded.elapsed, excluded.closed, excluded.closed_initially);
end $$;

create or replace function rules.add_arrays(one bigint[], other bigint[]) returns bigint[]
  language sql immutable
  return (select array_agg(coalesce(a, 0) + coalesce(b, 0) order by n)
    from unnest(one, other) with ordinality as u (a, b, n));

-- The responses of those cases: in, or out again when the case turns out to be
-- a test. counted says what the sums hold.
create or replace function rules.add_survey_figures(case_ids bigint[]) returns void
language plpgsql as $$
begin
  with turned as (
    update casework.survey_responses r set counted = not r.counted
    from casework.cases c
    where r.case_id = any (case_ids) and c.id = r.case_id and c.district_id = r.district_id and r.counted = c.test
    returning r.district_id, date_trunc('month', r.submitted_at at time zone rules.time_zone())::date as month,
      case when r.counted then 1 else -1 end as sign,
      r.courtesy, r.knowledge, r.timeliness, r.quality, r.overall_service
  )
  insert into casework.monthly_surveys as m (district_id, month, responses, courtesy, knowledge, timeliness, quality,
    overall)
  select scope.id, t.month, sum(t.sign), sum(t.sign * t.courtesy), sum(t.sign * t.knowledge),
    sum(t.sign * t.timeliness), sum(t.sign * t.quality),
    array[sum(t.sign * (t.overall_service = 1)::int), sum(t.sign * (t.overall_service = 2)::int),
      sum(t.sign * (t.overall_service = 3)::int), sum(t.sign * (t.overall_service = 4)::int),
      sum(t.sign * (t.overall_service = 5)::int)]
  from turned t
  cross join lateral (values (t.district_id), (0)) as scope (id)
  group by scope.id, t.month
  order by scope.id, t.month
  on conflict (district_id, month) do update set
    (responses, courtesy, knowledge, timeliness, quality, overall)
    = (m.responses + excluded.responses, m.courtesy + excluded.courtesy, m.knowledge + excluded.knowledge,
      m.timeliness + excluded.timeliness, m.quality + excluded.quality,
      rules.add_arrays(m.overall, excluded.overall));
end $$;

-- Follows the feed.
create or replace function rules.timer_figures(batch int) returns int
language plpgsql as $$
declare
  handled int;
  case_ids bigint[];
begin
  select t.events, t.case_ids into handled, case_ids from rules.take_cases('figures', batch * 10) as t;
  if case_ids is not null then
    perform rules.add_case_figures(case_ids);
    perform rules.add_survey_figures(case_ids);
  end if;
  return handled;
end $$;
revoke execute on function rules.timer_figures from public;
revoke execute on function rules.add_case_figures from public;
revoke execute on function rules.add_survey_figures from public;
grant execute on function rules.timer_figures, rules.add_case_figures, rules.add_survey_figures to casework_worker;

-- The start of a date at the support desk.
create or replace function rules.day_start(date date) returns timestamptz
  language sql immutable
  return date::timestamp at time zone rules.time_zone();

-- 2.9: waiting of answered calls, a direct connection counts as none; calls
-- given up are counted apart, those about test cases not at all. Null is all districts.
create or replace function rules.queue_wait(
  districts bigint[], first date, last date)
returns table (district_id bigint, date date, waited numeric, answered bigint, abandoned bigint)
language plpgsql stable as $$
begin
  return query
  select c.district_id, (c.queued_at at time zone rules.time_zone())::date,
    coalesce(sum(case when c.direct then 0 else extract(epoch from c.answered_at - c.queued_at) end)
      filter (where c.answered_at is not null), 0),
    count(*) filter (where c.answered_at is not null),
    count(*) filter (where c.answered_at is null and c.ended_at is not null)
  from casework.calls c
  where c.queued_at >= rules.day_start(first) and c.queued_at < rules.day_start(last + 1)
    and (districts is null or c.district_id = any (districts))
    and not exists (
      select from casework.cases t where t.test and t.district_id = c.district_id and t.id = c.case_id)
  group by 1, 2;
end $$;

-- Sums of the caller's own districts, with the owner's rights: calls themselves
-- are for staff.
create or replace function rules.own_queue_wait(first date, last date)
returns table (district_id bigint, date date, waited numeric, answered bigint, abandoned bigint)
language plpgsql stable security definer set search_path = '' as $$
begin
  return query select * from rules.queue_wait(rules.reach(), first, last);
end $$;
revoke execute on function rules.own_queue_wait from public;
grant execute on function rules.own_queue_wait to casework_contact, casework_partner;

-- Responses of a period by calendar months (fact 77). Who may not read single
-- responses gets whole months that are over and have enough of them, and sums
-- of these months only, and of all districts, months in which enough of them
-- answered: no subtraction of two answers shows one response of somebody else.
create or replace function rules.published_satisfaction(first date, last date)
returns table (district_id bigint, month date, responses bigint, satisfied bigint, courtesy bigint, knowledge bigint, timeliness bigint,
  quality bigint, overall_service bigint)
language plpgsql stable security definer set search_path = '' as $$
declare
  s casework.survey_settings;
begin
  select * into s from casework.survey_settings;
  return query
  select m.district_id, m.month, m.responses, (select sum(n)::bigint from unnest(m.overall[s.satisfied_from:]) n),
    m.courtesy, m.knowledge, m.timeliness, m.quality,
    (select sum(n * rating)::bigint from unnest(m.overall) with ordinality as o (n, rating))
  from casework.monthly_surveys m
  where (m.district_id = 0 or rules.reaches(m.district_id)) and m.month >= first and m.month + interval '1 month' <= last + 1
    and m.month + interval '1 month' <= rules.today() and m.responses >= s.smallest_group
    and (m.district_id <> 0 or (
      select count(*) from casework.monthly_surveys o
      where o.district_id <> 0 and o.month = m.month and o.responses > 0) >= rules.smallest_crowd())
  order by m.district_id, m.month;
end $$;
revoke execute on function rules.published_satisfaction from public;
grant execute on function rules.published_satisfaction
  to casework_contact, casework_partner, casework_staff, casework_telephony, casework_public;

-- Staff read every response anyway: exact dates, nothing left out.
create or replace function rules.figure_satisfaction(
  district bigint, first date, last date, out satisfied bigint, out responses bigint)
language plpgsql stable as $$
begin
  if rules.caller_kind() <> 'staff' then
    select coalesce(sum(p.satisfied), 0), coalesce(sum(p.responses), 0) into satisfied, responses
    from rules.published_satisfaction(first, last) p where p.district_id = district;
    return;
  end if;
  select count(*) filter (where r.overall_service >= (select s.satisfied_from from casework.survey_settings s)),
    count(*) into satisfied, responses
  from casework.survey_responses r
  where r.submitted_at >= rules.day_start(first) and r.submitted_at < rules.day_start(last + 1)
    and (district = 0 or r.district_id = district)
    and not exists (
      select from casework.cases t where t.test and t.district_id = r.district_id and t.id = r.case_id);
end $$;

-- A figure beside its claim. Without a denominator there is no value, and
-- nothing that could hold.
create or replace function rules.figure(
  p casework.published_claims, numerator numeric, denominator numeric) returns json
language plpgsql stable as $$
declare
  value numeric := trim_scale(round(
    case p.unit when 'percent' then 100 else 1 end * numerator / nullif(denominator, 0), 4));
begin
  return json_build_object('name', p.figure, 'numerator', trim_scale(numerator), 'denominator', denominator,
    'value', value, 'unit', p.unit,
    'claim', json_build_object('comparison', p.comparison, 'value', p.value, 'tolerance', p.tolerance,
      'goal', p.goal, 'text', p.claim),
    'holds', case p.comparison when 'above' then value > p.value when 'below' then value < p.value
      else value >= p.value - p.tolerance end);
end $$;

-- The period asked for; without one, a year until today.
create or replace function rules.check_period(inout first date, inout last date)
language plpgsql stable as $$
begin
  last := coalesce(last, rules.today());
  first := coalesce(first, (last - interval '1 year' + interval '1 day')::date);
  if first > last or last > first + interval '10 years' then
    perform rules.refuse(400, 'invalid-parameter', 'The period is at most ten years long and ends after it begins.',
      '{"errors": [{"parameter": "from", "code": "range", "detail": "at most ten years before to, and not after it"}]}');
  end if;
end $$;

-- All figures of a period by local dates; district 0 is all districts. To a
-- figure of these a day counts where at least five districts have something in
-- it: else what others did would be the sum less one's own.
create or replace function rules.figures(district bigint, first date, last date) returns json
language plpgsql stable as $$
declare
  days record;
  calls record;
  surveys record;
  crowd int := case district when 0 then rules.smallest_crowd() else 0 end;
begin
  select p.first, p.last into first, last from rules.check_period(first, last) p;
  select coalesce(sum(d.submitted) filter (where k.submitted), 0) as submitted,
    coalesce(sum(d.medium) filter (where k.submitted), 0) as medium,
    coalesce(sum(d.critical) filter (where k.critical), 0) as critical,
    coalesce(sum(d.critical_in_time) filter (where k.critical), 0) as critical_in_time,
    coalesce(sum(d.answered) filter (where k.answered), 0) as answered,
    coalesce(sum(d.elapsed) filter (where k.answered), 0) / 1000000 as elapsed,
    coalesce(sum(d.closed) filter (where k.closed), 0) as closed,
    coalesce(sum(d.closed_initially) filter (where k.closed), 0) as closed_initially
    into days
  from casework.daily_figures d
  left join (
    select f.date, count(*) filter (where f.submitted > 0) as submitted, count(*) filter (where f.critical > 0) as critical,
      count(*) filter (where f.answered > 0) as answered, count(*) filter (where f.closed > 0) as closed
    from casework.daily_figures f
    where district = 0 and f.district_id <> 0 and f.date between first and last
    group by f.date) as n on n.date = d.date
  cross join lateral (
    select coalesce(n.submitted, 0) >= crowd as submitted, coalesce(n.critical, 0) >= crowd as critical,
      coalesce(n.answered, 0) >= crowd as answered, coalesce(n.closed, 0) >= crowd as closed) as k
  where d.district_id = district and d.date between first and last;
  if district = 0 then
    select sum(s.waited) filter (where s.answering >= crowd) as waited,
      (sum(s.answered) filter (where s.answering >= crowd))::bigint as answered,
      (sum(s.abandoned) filter (where s.abandoning >= crowd))::bigint as abandoned into calls
    from (
      select sum(q.waited) as waited, sum(q.answered) as answered, sum(q.abandoned) as abandoned,
        count(*) filter (where q.answered > 0) as answering, count(*) filter (where q.abandoned > 0) as abandoning
      from rules.queue_wait(null, first, last) q group by q.date) as s;
  elsif rules.caller_kind() = 'staff' then
    select sum(q.waited) as waited, sum(q.answered)::bigint as answered, sum(q.abandoned)::bigint as abandoned into calls
    from rules.queue_wait(array[district], first, last) q;
  else
    select sum(q.waited) as waited, sum(q.answered)::bigint as answered, sum(q.abandoned)::bigint as abandoned into calls
    from rules.own_queue_wait(first, last) q where q.district_id = district;
  end if;
  select * into surveys from rules.figure_satisfaction(district, first, last);
  return json_build_object('from', first, 'to', last, 'district_id', nullif(district, 0),
    'calls_abandoned', coalesce(calls.abandoned, 0),
    'figures', (
      select json_agg(rules.figure(p, n.numerator, n.denominator) order by p.position)
      from casework.published_claims p
      join (values
        ('critical_in_time', days.critical_in_time, days.critical),
        ('average_response', days.elapsed, days.answered),
        ('medium_share', days.medium, days.submitted),
        ('initial_level', days.closed_initially, days.closed),
        ('queue_wait', coalesce(calls.waited, 0), coalesce(calls.answered, 0)),
        ('satisfaction', surveys.satisfied, surveys.responses)
      ) as n (figure, numerator, denominator) on n.figure = p.figure));
end $$;

-- For everybody: sums over all districts, with the owner's rights.
create or replace function rules.public_figures(first date, last date) returns json
language plpgsql stable security definer set search_path = '' as $$
begin
  return rules.figures(0, first, last);
end $$;
revoke execute on function rules.public_figures from public;
grant execute on function rules.public_figures
  to casework_contact, casework_partner, casework_staff, casework_telephony, casework_public;

-- Fact 77: satisfaction and the average of each area, and the same by month.
create or replace function rules.public_satisfaction(first date, last date) returns json
language plpgsql stable as $$
declare
  total record;
begin
  select p.first, p.last into first, last from rules.check_period(first, last) p;
  with m as materialized (select * from rules.published_satisfaction(first, last) p where p.district_id = 0)
  select coalesce(sum(m.responses), 0) as responses, sum(m.satisfied) as satisfied, sum(m.courtesy) as courtesy,
    sum(m.knowledge) as knowledge, sum(m.timeliness) as timeliness, sum(m.quality) as quality,
    sum(m.overall_service) as overall_service,
    coalesce(json_agg(json_build_object('month', to_char(m.month, 'YYYY-MM'), 'responses', m.responses,
      'satisfaction_percent', round(100.0 * m.satisfied / m.responses, 4)) order by m.month), '[]') as by_month
    into total
  from m;
  return json_build_object('from', first, 'to', last, 'responses', total.responses,
    'satisfaction', (
      select rules.figure(p, coalesce(total.satisfied, 0), total.responses)
      from casework.published_claims p where p.figure = 'satisfaction'),
    'areas', (
      select json_agg(json_build_object('name', a.name, 'title', a.title,
        'average', trim_scale(round(s.points / nullif(total.responses, 0), 4))) order by a.place)
      from rules.survey_areas() a
      join (values ('courtesy', total.courtesy), ('knowledge', total.knowledge), ('timeliness', total.timeliness),
        ('quality', total.quality), ('overall_service', total.overall_service)) as s (name, points)
        on s.name = a.name),
    'months', total.by_month);
end $$;
