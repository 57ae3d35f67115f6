-- Alerts about what has happened: from events, behind the feed like mails, so that
-- who writes waits for none. What came with an import and what is about a test
-- alerts nobody; nor does a case that a partner provides for, but an outage of what
-- Campus hosts, and what nobody of the district can read (choice).

-- A change of the member to another value than null.
create or replace function rules.new_value(e casework.events, member text) returns text
language plpgsql immutable as $$
begin
  return (
    select c.value ->> 'new' from jsonb_array_elements(e.changes) as c
    where c.value ->> 'member' = new_value.member limit 1);
end $$;

create or replace function rules.priority_was_raised(e casework.events) returns boolean
language plpgsql immutable as $$
begin
  return exists (
    select from jsonb_array_elements(e.changes) as c
    where c.value ->> 'member' = 'priority'
      and array_position('{critical,high,medium,low}', c.value ->> 'new')
        < array_position('{critical,high,medium,low}', c.value ->> 'old'));
end $$;

-- What the event is to be told as. An advisor who does not have the case any more
-- is told by the next event's alert at most.
create or replace function rules.alert_kinds(e casework.events, c casework.cases) returns text[]
language plpgsql stable as $$
declare
  campus boolean := c.support_provider = 'campus';
  kind_of_type text := (jsonb_build_object('case.escalated', 'escalated', 'case.follow_up_paused', 'follow_up_paused',
    'case.response_target.breached', 'response_target_missed')) ->> e.type;
begin
  return array_remove(array[
    case when campus then kind_of_type end,
    case when campus and e.type = 'case.submitted' and c.initial_priority = 'critical' then 'new_critical_case' end,
    case when c.type = 'outage' and (e.type in ('case.submitted', 'case.reopened') or rules.new_value(e, 'type') = 'outage')
      and exists (select from casework.districts d where d.id = c.district_id and d.hosting = 'campus_hosted')
      then 'hosted_outage' end,
    case when campus and rules.new_value(e, 'assigned_advisor_id')::bigint = c.assigned_advisor_id then 'assigned' end,
    case when campus and e.type = 'case.assigned' and e.actor_kind = 'system' and c.assigned_advisor_id is null
      and c.status <> 'closed' then 'advisor_left' end,
    case when campus and e.type = 'case.note_added' and coalesce(e.behalf_kind, e.actor_kind) = 'contact'
      and c.assigned_advisor_id is not null then 'contact_reply' end,
    case when campus and rules.priority_was_raised(e) then 'priority_raised' end,
    case when rules.nobody_reads(e) then 'unread' end], null);
end $$;

-- Ids up to 100000 are of demonstration data.
create or replace function rules.alert_event(e casework.events) returns void
language plpgsql as $$
declare
  c casework.cases;
begin
  select * into c from casework.cases s where s.id = e.case_id and s.district_id = e.district_id;
  if c.id is null or c.test or e.imported or c.id <= 100000 then
    return;
  end if;
  perform rules.raise_alert(r, c, 'event-' || e.id, e)
  from casework.alert_rules r
  where r.enabled and r.kind = any (rules.alert_kinds(e, c))
  order by r.position;
  perform rules.plan_alerts(c);
end $$;

create or replace function rules.try_alert_event(e casework.events) returns void
language plpgsql as $$
begin
  perform rules.alert_event(e);
exception when others then
  perform rules.timer_failed('alert_dispatch', e.id::text, sqlerrm);
end $$;

create or replace function rules.timer_alert_dispatch(batch int) returns int
language plpgsql as $$
declare
  news record;
  handled int := 0;
begin
  for news in select * from rules.take_events('alert', batch) loop
    handled := handled + 1;
    if news.source = 'case' and news.type like 'case.%' then
      perform rules.try_alert_event(e) from casework.events e where e.id = news.id;
    end if;
  end loop;
  return handled;
end $$;

create or replace function rules.timer_alert_retry(batch int) returns int
language plpgsql as $$
declare
  fault casework.timer_faults;
  handled int := 0;
begin
  for fault in
    select * from casework.timer_faults f
    where f.timer = 'alert_dispatch' and f.retry_at <= rules.now()
    order by f.retry_at limit batch for update skip locked
  loop
    handled := handled + 1;
    begin
      perform rules.alert_event(e) from casework.events e where e.id = fault.item::bigint;
      delete from casework.timer_faults f where f.timer = fault.timer and f.item = fault.item;
    exception when others then
      perform rules.timer_failed(fault.timer, fault.item, sqlerrm);
    end;
  end loop;
  return handled;
end $$;
