-- How far a district is with state reporting, and reminders before a deadline
-- (facts 52, 54; 3.7).

create or replace function rules.business_days_until(date date) returns int
language plpgsql stable as $$
begin
  return (select count(*) from rules.business_days d
    where d.date > rules.today() and d.date <= business_days_until.date);
end $$;

-- Its cases are those that the reader sees: a State Department of Education counts
-- what was shared with it.
create view views.readiness_document with (security_invoker) as
select d.id, d.state, c.open_cases, row_to_json(r) as body
from casework.districts d
cross join lateral (
  select count(*)::int as open_cases, count(*) filter (where k.reporting_deadline_id is null)::int as without_deadline,
    count(*) filter (where k.waiting_on = 'contact')::int as waiting_on_contact
  from casework.cases k
  where k.district_id = d.id and k.product_area = 'state_reporting' and k.status <> 'closed' and not k.test
) as c
cross join lateral (
  select d.id as district_id, d.state, c.open_cases, c.waiting_on_contact, c.without_deadline, (
    select json_build_object('id', n.id, 'name', n.name, 'due_on', n.due_on,
      'business_days_left', rules.business_days_until(n.due_on))
    from casework.reporting_deadlines n
    where n.state = d.state and n.due_on >= (select rules.today())
    order by n.due_on, n.id limit 1) as next_deadline
) as r
where d.active;
grant select on views.readiness_document to casework_contact, casework_partner, casework_staff;

-- A deadline that is as near as the settings say, and nobody was reminded of yet; where
-- several are due at once, since it was published late, once. The event says how many
-- business days are left.
create or replace function rules.timer_deadline_reminders(batch int) returns int
language plpgsql as $$
declare
  due record;
  handled int := 0;
begin
  for due in
    select r.id, l.days_left, n.due_days
    from casework.reporting_deadlines r
    cross join lateral (select rules.business_days_until(r.due_on) as days_left) as l
    cross join lateral (
      select array_agg(n.days) as due_days
      from casework.state_reporting_settings s cross join unnest(s.reminder_business_days) as n (days)
      where l.days_left <= n.days and not exists (
        select from casework.deadline_reminders m where m.deadline_id = r.id and m.business_days = n.days)
    ) as n
    where r.due_on >= rules.today() and r.due_on < rules.today() + 400 and n.due_days is not null
    order by r.due_on, r.id limit batch
  loop
    insert into casework.deadline_reminders (deadline_id, business_days, at)
    select due.id, d.days, rules.now() from unnest(due.due_days) as d (days)
    on conflict do nothing;     -- another worker was faster
    if found then
      perform rules.record_desk_event('reporting_deadline.reminded', due.id::text,
        jsonb_build_array(rules.changed('business_days_left', null, to_jsonb(due.days_left))));
    end if;
    handled := handled + 1;
  end loop;
  return handled;
end $$;
revoke execute on function rules.timer_deadline_reminders(int) from public;
grant execute on function rules.timer_deadline_reminders(int) to casework_worker;
