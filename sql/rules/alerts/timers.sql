-- Alerts by the clock (3.3): a share of a response target that is used without an
-- answer, and a case that nobody has touched. Each event of a case notes when it is
-- to be looked at; the timer looks, by index, and goes by what the case is then.

-- What an alert by the clock is about: each comes once.
create or replace function rules.alert_cause(kind text, c casework.cases) returns text
  language sql immutable as $$
  select case kind when 'response_target_used' then 'cycle-' || c.response_cycle
    else 'touched-' || extract(epoch from c.updated_at) end $$;

-- The end of the last of so many business days after that of the instant.
create or replace function rules.business_days_after(at timestamptz, days int) returns timestamptz
language plpgsql stable as $$
begin
  return (
    select d.closes_at from rules.business_days d
    where d.date > (at at time zone rules.time_zone())::date
    order by d.date offset days - 1 limit 1);
end $$;

-- When it is due, as the case is now; null: not at all, or it was raised. A case
-- that waits for its date or a release is left in peace (choice).
create or replace function rules.alert_due(r casework.alert_rules, c casework.cases) returns timestamptz
language plpgsql stable as $$
begin
  if c.status = 'closed' or c.test or c.support_provider <> 'campus' or exists (
    select from casework.alerts a
    where a.case_id = c.id and a.district_id = c.district_id and a.kind = r.kind
      and a.cause = rules.alert_cause(r.kind, c))
  then
    return null;
  elsif r.kind = 'response_target_used' then
    c := rules.by_calendar(c);
    return case when c.response_elapsed is null and not c.response_missed and rules.now() <= c.response_due_at
      then rules.business_instant(c.response_position + c.response_seconds * 10000::bigint * r.percent) end;
  end if;
  return case when c.waiting_on not in ('date', 'release')
    then rules.business_days_after(c.updated_at, r.business_days) end;
end $$;

-- The earlier one stays: the timer finds out by itself that it is too early.
create or replace function rules.plan_alerts(c casework.cases) returns void
language plpgsql as $$
begin
  insert into casework.alert_times as t (case_id, district_id, kind, due_at)
  select c.id, c.district_id, r.kind, d.at
  from casework.alert_rules r cross join lateral (select rules.alert_due(r, c) as at) as d
  where r.kind in ('response_target_used', 'untouched') and d.at is not null
  order by r.kind
  on conflict (case_id, district_id, kind) do update set due_at = excluded.due_at where t.due_at > excluded.due_at;
end $$;

-- Of a rule that is off nothing is raised; it may come on again.
create or replace function rules.look_for_alert(t casework.alert_times) returns void
language plpgsql as $$
declare
  c casework.cases;
  r casework.alert_rules;
  due timestamptz;
begin
  select * into c from casework.cases s where s.id = t.case_id and s.district_id = t.district_id;
  select * into r from casework.alert_rules k where k.kind = t.kind;
  due := rules.alert_due(r, c);
  if due <= rules.now() and r.enabled then
    perform rules.raise_alert(r, c, rules.alert_cause(r.kind, c), null);
    due := null;
  elsif due <= rules.now() then
    due := 'infinity';
  end if;
  if due is null then
    delete from casework.alert_times k
    where (k.case_id, k.district_id, k.kind) = (t.case_id, t.district_id, t.kind);
  else
    update casework.alert_times k set due_at = due
    where (k.case_id, k.district_id, k.kind) = (t.case_id, t.district_id, t.kind);
  end if;
end $$;

create or replace function rules.timer_alert_times(batch int) returns int
language plpgsql as $$
declare
  t casework.alert_times;
  handled int := 0;
begin
  for t in
    select * from casework.alert_times k
    where k.due_at <= rules.now() and not rules.timer_skips('alert_times', k.kind || '-' || k.case_id)
    order by k.due_at limit batch for update skip locked
  loop
    handled := handled + 1;
    begin
      perform rules.look_for_alert(t);
    exception when others then
      perform rules.timer_failed('alert_times', t.kind || '-' || t.case_id, sqlerrm);
    end;
  end loop;
  return handled;
end $$;
