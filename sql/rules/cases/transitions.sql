-- The life of a case (1.12) and who may set what, as data. Replaced on each
-- deployment.

delete from rules.transitions;

-- PATCH of status: new is taken first; the working states and assigned lead to
-- each other; what waits for the contact can be taken back. To escalated and
-- assigned_to_development leads an escalation only, which tells the contacts.
insert into rules.transitions (from_status, to_status, action, callers)
select f, t, 'update', '{staff}'
from unnest(array['new', 'assigned', 'assist_request', 'pending_customer_input', 'scheduled',
  'escalated', 'assigned_to_development', 'available_in_release', 'pending_verification']) as f
cross join unnest(array['assigned', 'assist_request', 'pending_customer_input', 'scheduled']) as t
where f <> t
  and (f not in ('new', 'available_in_release', 'pending_verification') or t = 'assigned');

-- Development is the end of the path.
insert into rules.transitions (from_status, to_status, action, callers)
select f, t, 'escalate', '{staff,partner}'
from unnest(array['new', 'assigned', 'assist_request', 'pending_customer_input', 'scheduled', 'escalated']) as f
cross join unnest(array['escalated', 'assigned_to_development']) as t
where f <> t;

-- A defect's fix takes every open case along, also one that waits for its
-- contact: what it waited for has changed.
insert into rules.transitions (from_status, to_status, action, callers)
select f, 'available_in_release', 'fix', '{worker}'
from unnest(array['new', 'assigned', 'assist_request', 'pending_customer_input', 'scheduled',
  'escalated', 'assigned_to_development', 'pending_verification']) as f;

insert into rules.transitions (from_status, to_status, action, callers)
select f, 'pending_verification', 'resolve', '{staff,partner}'
from unnest(array['new', 'assigned', 'assist_request', 'pending_customer_input', 'scheduled',
  'escalated', 'assigned_to_development', 'available_in_release']) as f;

insert into rules.transitions (from_status, to_status, action, callers)
select f, 'closed', 'close', '{contact,staff}'
from unnest(array['new', 'assigned', 'assist_request', 'pending_customer_input', 'scheduled',
  'escalated', 'assigned_to_development', 'available_in_release']) as f;

-- A partner closes what a contact has confirmed (3.7).
insert into rules.transitions (from_status, to_status, action, callers) values
  ('pending_verification', 'closed', 'close', '{contact,partner,staff}'),
  ('closed', 'assigned', 'reopen', '{contact,staff}'),
  ('new', 'assigned', 'assign', '{staff}'),
  ('pending_verification', 'closed', 'auto_close', '{worker}'),
  ('pending_customer_input', 'assigned', 'note', '{contact}'),
  ('pending_verification', 'assigned', 'note', '{contact}');

delete from rules.case_members;
insert into rules.case_members (member, may_submit, may_change) values
  ('type', '{contact,partner,staff}', '{contact,partner,staff}'),
  ('subject', '{contact,partner,staff}', '{contact,partner,staff}'),
  ('description', '{contact,partner,staff}', '{contact,partner,staff}'),
  ('replication_steps', '{contact,partner,staff}', '{contact,partner,staff}'),
  ('impact', '{contact,partner,staff}', '{contact,partner,staff}'),
  ('users_affected', '{contact,partner,staff}', '{contact,partner,staff}'),
  ('workaround', '{contact,partner,staff}', '{contact,partner,staff}'),
  ('product_area', '{contact,partner,staff}', '{contact,partner,staff}'),
  ('product_version', '{contact,partner,staff}', '{contact,partner,staff}'),
  ('platform', '{contact,partner,staff}', '{contact,partner,staff}'),
  ('priority', '{contact,partner,staff}', '{contact,partner,staff}'),
  ('due_on', '{contact,partner,staff}', '{contact,partner,staff}'),
  ('site_id', '{contact,partner,staff}', '{contact,partner,staff}'),
  ('contact_id', '{contact,partner,staff}', '{contact,partner,staff}'),
  ('follows_case_id', '{contact,partner,staff}', '{}'),
  ('incident_id', '{contact,partner,staff}', '{contact,partner,staff}'),
  ('channel', '{contact,partner,staff}', '{}'),
  ('call_id', '{staff}', '{}'),
  ('support_provider', '{partner,staff}', '{staff}'),
  ('partner_id', '{staff}', '{staff}'),
  ('issue_type', '{staff}', '{staff}'),
  ('reporting_deadline_id', '{contact,partner,staff}', '{staff}'),
  ('test', '{staff}', '{staff}'),
  ('submitted_at', '{staff}', '{}'),
  ('status', '{}', '{staff}'),
  ('scheduled_on', '{}', '{staff}');

-- Where this caller can take a case from here, by whatever action.
create or replace function rules.allowed_transitions(status text) returns jsonb
language plpgsql stable as $$
begin
  return (select coalesce(jsonb_agg(distinct t.to_status), '[]') from rules.transitions t
    where t.from_status = status and rules.caller_kind() = any (t.callers));
end $$;

create or replace function rules.illegal_transition(status text, sentence text, extra jsonb default '{}')
returns text
language plpgsql as $$
begin
  return rules.refuse(409, 'illegal-transition', sentence,
    jsonb_build_object('allowed_transitions', rules.allowed_transitions(status)) || extra);
end $$;

create or replace function rules.require_transition(from_status text, to_status text, action text) returns void
language plpgsql as $$
begin
  if not exists (
    select from rules.transitions t
    where t.from_status = require_transition.from_status and t.to_status = require_transition.to_status
      and t.action = require_transition.action and rules.caller_kind() = any (t.callers))
  then
    perform rules.illegal_transition(from_status,
      format('A case that is %s cannot become %s this way.', from_status, to_status));
  end if;
end $$;

-- Members this caller may not set: each is named, none is ignored.
create or replace function rules.check_members(body jsonb, changing boolean) returns void
language plpgsql as $$
declare
  refused jsonb;
begin
  select jsonb_agg(rules.fault('/' || b.member, 'not-permitted', format('%s is not for this caller.', b.member)))
    into refused
  from jsonb_object_keys(body) as b (member)
  left join rules.case_members m on m.member = b.member
  where rules.caller_kind() = any (case when changing then m.may_change else m.may_submit end) is not true;
  if refused is not null then
    perform rules.refuse(403, 'not-permitted', 'The request sets members that are not for this caller.',
      jsonb_build_object('errors', refused));
  end if;
end $$;
