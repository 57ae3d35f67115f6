-- The months of a district, for those who lead it (3.8).
--
-- Sums of what each case adds are kept as those of figures.sql are; tests and
-- imports add nothing. Whatever has a date counts in its month at the support desk.

create or replace function rules.month_of(at timestamptz) returns date
  language sql immutable
  return date_trunc('month', at at time zone rules.time_zone())::date;

-- A response cycle counts in the month in which it began. One that was closed
-- before anybody had to respond has neither met its target nor missed it.
create view views.case_month with (security_invoker) as
select c.id as case_id, c.district_id, rules.month_of(c.submitted_at) as submitted_month, rules.month_of(t.at) as month,
  sum(t.submitted)::int as submitted, sum(t.closed)::int as closed, sum(t.reopened)::int as reopened,
  sum(t.met)::int as met, sum(t.missed)::int as missed
from casework.cases c
cross join lateral (
  select c.submitted_at, 1, 0, 0, 0, 0
  union all
  select e.at, 0, (e.type = 'case.closed')::int, (e.type = 'case.reopened')::int, 0, 0
  from casework.events e
  where e.district_id = c.district_id and e.case_id = c.id and e.type in ('case.closed', 'case.reopened')
  union all
  select c.response_started_at, 0, 0, 0, (c.first_response_at is not null and not c.response_missed)::int,
    c.response_missed::int
  union all
  select y.started_at, 0, 0, 0, (y.first_response_at is not null and not y.missed)::int, y.missed::int
  from casework.response_cycles y where y.district_id = c.district_id and y.case_id = c.id
) as t (at, submitted, closed, reopened, met, missed)
where not c.test and not c.imported
group by c.id, c.district_id, 3, 4;
grant select on views.case_month to casework_worker;

-- The cases of those events anew: what they add now less what they added.
create or replace function rules.add_case_months(case_ids bigint[]) returns void
language plpgsql as $$
begin
  insert into casework.district_months as d (district_id, month, submitted_month, submitted, closed, reopened, met,
    missed)
  select f.district_id, f.month, f.submitted_month, sum(f.submitted), sum(f.closed), sum(f.reopened), sum(f.met),
    sum(f.missed)
  from (
    select n.* from views.case_month n where n.case_id = any (case_ids)
    union all
    select o.case_id, o.district_id, o.submitted_month, o.month, - o.submitted, - o.closed, - o.reopened, - o.met,
      - o.missed
    from casework.case_months o where o.case_id = any (case_ids)
  ) as f
  group by f.district_id, f.month, f.submitted_month
  order by f.district_id, f.month, f.submitted_month
  on conflict (district_id, month, submitted_month) do update set
    (submitted, closed, reopened, met, missed)
    = (d.submitted + excluded.submitted, d.closed + excluded.closed, d.reopened + excluded.reopened,
      d.met + excluded.met, d.missed + excluded.missed);
  delete from casework.case_months o where o.case_id = any (case_ids);
  insert into casework.case_months (case_id, district_id, submitted_month, month, submitted, closed, reopened, met,
    missed)
  select n.case_id, n.district_id, n.submitted_month, n.month, n.submitted, n.closed, n.reopened, n.met, n.missed
  from views.case_month n where n.case_id = any (case_ids);
end $$;

-- Follows the feed, with a place of its own: it has begun later than the figures.
create or replace function rules.timer_months(batch int) returns int
language plpgsql as $$
declare
  handled int;
  case_ids bigint[];
begin
  select t.events, t.case_ids into handled, case_ids from rules.take_cases('months', batch * 10) as t;
  if case_ids is not null then
    perform rules.add_case_months(case_ids);
  end if;
  return handled;
end $$;
revoke execute on function rules.timer_months from public;
revoke execute on function rules.add_case_months from public;
grant execute on function rules.timer_months, rules.add_case_months to casework_worker;

-- The months asked for, as dates; without any a year until now. None is to come.
create or replace function rules.check_months(first text, last text, out since date, out until date)
language plpgsql stable as $$
declare
  now date := date_trunc('month', rules.today())::date;
begin
  until := coalesce((last || '-01')::date, now);
  since := coalesce((first || '-01')::date, until - interval '11 months');
  if since > until or until >= since + interval '10 years' then
    perform rules.refuse(400, 'invalid-parameter', 'The period is at most ten years long and ends after it begins.',
      '{"errors": [{"parameter": "from", "code": "range", "detail": "at most ten years before to, and not after it"}]}');
  end if;
  until := least(until, now);
end $$;

-- How long what is open has been: by the calendar months since it was submitted.
create or replace function rules.months_between(earlier date, later date) returns int
  language sql immutable
  return extract(year from age(later, earlier)) * 12 + extract(month from age(later, earlier));

-- What the district has in the end of each month, by age.
create or replace function rules.district_backlog(district bigint, since date, until date)
returns table (month date, open bigint, of_month bigint, one_or_two bigint, three_to_five bigint, older bigint)
language plpgsql stable as $$
begin
  return query
  select s.month, sum(s.open)::bigint, (sum(s.open) filter (where s.age = 0))::bigint,
    (sum(s.open) filter (where s.age between 1 and 2))::bigint,
    (sum(s.open) filter (where s.age between 3 and 5))::bigint, (sum(s.open) filter (where s.age > 5))::bigint
  from (
    select m.month::date as month, rules.months_between(d.submitted_month, m.month::date) as age,
      sum(d.submitted + d.reopened - d.closed) as open
    from generate_series(since, until, interval '1 month') as m (month)
    join casework.district_months d on d.district_id = district and d.month <= m.month
    group by m.month, d.submitted_month
  ) as s
  group by s.month;
end $$;

create or replace function rules.district_months(district_id bigint, first text, last text)
returns table (month date, body json)
language plpgsql stable as $$
declare
  district bigint := rules.require_district(district_id);
  since date;
  until date;
begin
  select p.since, p.until into since, until from rules.check_months(first, last) p;
  return query
  select m.month::date, json_build_object('month', to_char(m.month, 'YYYY-MM'),
    'submitted', coalesce(f.submitted, 0), 'closed', coalesce(f.closed, 0), 'reopened', coalesce(f.reopened, 0),
    'open', coalesce(b.open, 0),
    'open_by_age', json_build_object('same_month', coalesce(b.of_month, 0), 'months_1_to_2', coalesce(b.one_or_two, 0),
      'months_3_to_5', coalesce(b.three_to_five, 0), 'months_6_and_more', coalesce(b.older, 0)),
    'response_targets', json_build_object('met', coalesce(f.met, 0), 'missed', coalesce(f.missed, 0)),
    'satisfaction', case when s.responses is not null then json_build_object('responses', s.responses,
      'satisfied', s.satisfied, 'percent', trim_scale(round(100.0 * s.satisfied / s.responses, 4))) end,
    'site_accesses', coalesce(a.accesses, 0))
  from generate_series(since, until, interval '1 month') as m (month)
  left join (
    select d.month, sum(d.submitted) as submitted, sum(d.closed) as closed, sum(d.reopened) as reopened,
      sum(d.met) as met, sum(d.missed) as missed
    from casework.district_months d
    where d.district_id = district and d.month between since and until
    group by d.month) as f on f.month = m.month
  left join rules.district_backlog(district, since, until) b on b.month = m.month
  left join (
    select p.month, p.responses, p.satisfied
    from rules.published_satisfaction(since, (until + interval '1 month' - interval '1 day')::date) p
    where p.district_id = district) as s on s.month = m.month
  left join (
    select rules.month_of(q.accessed_at) as month, count(*) as accesses
    from casework.site_accesses q
    where q.district_id = district and q.accessed_at >= rules.day_start(since)
      and q.accessed_at < rules.day_start((until + interval '1 month')::date)
    group by 1) as a on a.month = m.month;
end $$;
