-- Response targets: 2.1 the clock, 2.3 what a response is, 2.4 priority changes.

-- Starts the clock of a cycle at an instant, with the case's priority.
create or replace function rules.start_target(c casework.cases, at timestamptz) returns casework.cases
language plpgsql stable as $$
begin
  c.response_priority := c.priority;
  select l.business_seconds into c.response_seconds
  from casework.service_levels l where l.priority = c.priority;
  c.response_started_at := at;
  c.response_position := rules.business_position(at);
  c.response_due_at := rules.business_instant(c.response_position + c.response_seconds * 1000000::bigint);
  c.first_response_at := null;
  c.response_elapsed := null;
  c.response_missed := false;
  c.overdue_on_change := false;
  return c;
end $$;

-- The clock always counts from the start; only its length changes. A deadline
-- that has passed stays missed; one that passes by the change is flagged.
create or replace function rules.change_target(c casework.cases, at timestamptz) returns casework.cases
language plpgsql stable as $$
begin
  if c.response_elapsed is not null then
    return c;
  end if;
  c := rules.by_calendar(c);
  c.response_missed := c.response_missed or at > c.response_due_at;
  c.response_priority := c.priority;
  select l.business_seconds into c.response_seconds
  from casework.service_levels l where l.priority = c.priority;
  c.response_due_at := rules.business_instant(c.response_position + c.response_seconds * 1000000::bigint);
  c.overdue_on_change := c.overdue_on_change or (not c.response_missed and at > c.response_due_at);
  return c;
end $$;

-- Stops the clock: by the first response, or unanswered by a closing. Met
-- means at or before the deadline, compared as instants.
create or replace function rules.stop_target(c casework.cases, at timestamptz, answered boolean)
returns casework.cases
language plpgsql stable as $$
begin
  if c.response_elapsed is null then
    c := rules.by_calendar(c);
    c.response_elapsed := rules.business_position(at) - c.response_position;
    c.response_missed := c.response_missed or at > c.response_due_at;
    if answered then
      c.first_response_at := at;
    end if;
  end if;
  return c;
end $$;

drop function if exists rules.is_provider(text);   -- it asked for any partner

-- A person of the support provider: staff, or the partner that has the case (3.7).
-- Old cases name none: then every partner that serves the district.
create or replace function rules.is_provider(support_provider text, partner_id bigint) returns boolean
  language sql stable
  return rules.caller_kind() = 'staff'
    or (rules.caller_kind() = 'partner' and support_provider = 'partner'
      and coalesce(partner_id = rules.caller_id(), true));

create or replace function rules.require_provider(c casework.cases) returns void
language plpgsql as $$
begin
  if not rules.is_provider(c.support_provider, c.partner_id) then
    perform rules.refuse(403, 'not-permitted', case c.support_provider
      when 'campus' then 'Campus Support provides for this case, not the partner.'
      else 'Another partner provides support for this case.' end);
  end if;
end $$;

-- Critical and unanswered: call, now or when the line opens (facts 31, 32,
-- 2.10). Who names an incident need not (fact 65). An outage at a hosted district is option 8 at any hour.
create or replace function rules.next_steps(type text, district_id bigint) returns json
language plpgsql stable as $$
declare
  moment timestamptz := rules.now();
  hosted boolean;
  open_now boolean;
  opens_at timestamptz;
begin
  select d.hosting = 'campus_hosted' into hosted from casework.districts d where d.id = next_steps.district_id;
  select d.opens_at <= moment, d.opens_at into open_now, opens_at
  from rules.business_days d where d.closes_at > moment order by d.closes_at limit 1;
  if type = 'outage' and hosted then
    return json_build_array(json_build_object('action', 'call', 'when', 'now', 'option', 8,
      'detail', 'Call the support line and press option 8 to report an outage; it is answered at any hour.'));
  end if;
  return json_build_array(json_build_object('action', 'call',
    'when', case when open_now then 'now' else views.utc(opens_at) end, 'option', null,
    'detail', case when open_now then 'Call the support line and enter the case number.'
      else 'Call the support line when it opens and enter the case number.' end));
end $$;
