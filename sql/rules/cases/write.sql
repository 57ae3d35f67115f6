-- Locking a case, checking it, saving it with its event: shared by all writes.

-- The case, locked until the end of the transaction: of two writers one waits
-- and then finds another version (412) or state (409).
create or replace function rules.lock_case(case_id bigint, if_match bigint[]) returns casework.cases
language plpgsql as $$
declare
  found_case casework.cases;
begin
  select * into found_case from casework.cases c where c.id = case_id for no key update;
  if not found then
    perform rules.refuse(404, 'not-found', 'There is no such case.');
  end if;
  perform rules.check_version(found_case.version, if_match);
  return found_case;
end $$;

-- For what hangs below a case: its district, or 404.
create or replace function rules.require_case(case_id bigint) returns bigint
language plpgsql stable as $$
declare
  found_district bigint;
begin
  select c.district_id into found_district from casework.cases c where c.id = case_id;
  if not found then
    perform rules.refuse(404, 'not-found', 'There is no such case.');
  end if;
  return found_district;
end $$;

create or replace function rules.require_open(c casework.cases) returns void
language plpgsql as $$
begin
  if c.status = 'closed' then
    perform rules.illegal_transition(c.status, 'The case is closed: reopen it first.');
  end if;
end $$;

-- What is wrong with a case as submitted or changed; before is null at
-- submission. Another district's contact, site or case is as good as none.
create or replace function rules.check_case(c casework.cases, before casework.cases) returns void
language plpgsql as $$
declare
  submitting boolean := before.id is null;
  faults jsonb;
begin
  select jsonb_agg(rules.fault(f.pointer, f.code, f.detail)) into faults
  from (values
    (c.replication_steps is null and (c.type, c.priority) <> ('question', 'low')
        and (submitting or before.replication_steps is not null
          or (rules.caller_kind() <> 'staff' and (c.type, c.priority) <> (before.type, before.priority))),
      '/replication_steps', 'required', 'Replication steps are required except for a low-priority question.'),
    (c.due_on is distinct from before.due_on
        and c.due_on < case when submitting then (c.submitted_at at time zone rules.time_zone())::date
          else rules.today() end,
      '/due_on', 'past', 'The due date is in the past.'),
    (c.submitted_at > rules.now() or c.submitted_at < '2000-01-01T06:00Z',
      '/submitted_at', 'out-of-range', 'A case is submitted after 1999 and not in the future.'),
    (c.product_area is distinct from before.product_area and c.product_area is not null
        and not exists (select from casework.product_areas a where a.code = c.product_area and a.active),
      '/product_area', 'unknown', 'There is no such product area: GET /v1/product-areas lists them.'),
    (c.site_id is distinct from before.site_id and c.site_id is not null
        and not exists (select from casework.sites s where s.id = c.site_id and s.district_id = c.district_id),
      '/site_id', 'unknown', 'The district has no such site.'),
    (c.contact_id is distinct from before.contact_id
        and not exists (select from casework.contacts p
          where p.id = c.contact_id and p.district_id = c.district_id and p.authorized),
      '/contact_id', 'unknown', 'The district has no such Authorized Contact.'),
    (c.follows_case_id is distinct from before.follows_case_id and c.follows_case_id is not null
        and not exists (select from casework.cases f
          where f.id = c.follows_case_id and f.district_id = c.district_id),
      '/follows_case_id', 'unknown', 'The district has no such case.'),
    (c.reporting_deadline_id is distinct from before.reporting_deadline_id and c.reporting_deadline_id is not null
        and not rules.is_reporting_deadline(c.reporting_deadline_id, c.district_id),
      '/reporting_deadline_id', 'unknown', 'The state of the district has no such reporting deadline.'),
    (c.incident_id is distinct from before.incident_id and c.incident_id is not null
        and not rules.may_name_incident(c.incident_id, c.district_id),
      '/incident_id', 'unknown', 'There is no such open incident.'),
    (c.support_provider = 'partner' and before.support_provider is distinct from 'partner'
        and not exists (select from api.partner_assignment a join casework.partners p on p.id = a.partner_id
          where a.district_id = c.district_id and p.active),
      '/support_provider', 'unknown', 'No partner serves the district.')
  ) as f (failed, pointer, code, detail)
  where f.failed;
  if faults is not null then
    perform rules.refuse(422, 'invalid-request', 'The case is not acceptable as it is.',
      jsonb_build_object('errors', faults));
  end if;
end $$;

create or replace function rules.history_value(member text, value jsonb) returns jsonb
  language sql stable
  return case when member ~ '_(at|until)$' then to_jsonb(api.utc((value #>> '{}')::timestamptz)) else value end;

-- Members whose old and new values history shows, with times in UTC.
create or replace function rules.case_changes(before casework.cases, c casework.cases) returns jsonb
language plpgsql stable as $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('member', n.key,
        'old', rules.history_value(n.key, o.value), 'new', rules.history_value(n.key, n.value))
        order by n.key), '[]')
    from jsonb_each(to_jsonb(c) - array['version', 'created_at', 'updated_at', 'response_position',
      'response_elapsed', 'response_started_at', 'response_seconds', 'response_priority', 'resolution',
      'resolved_by_kind', 'resolved_by_id', 'resolved_by_name',
      'closed_by_kind', 'closed_by_id', 'closed_by_name', 'assigned_advisor_name',
      'list_item']) as n
    join jsonb_each(to_jsonb(before)) as o using (key)
    where n.value is distinct from o.value);
end $$;

-- Writes what has changed, and its one event. The updates match the columns a
-- role may write: everybody's, the provider's, the staff's.
create or replace function rules.save_case(
  before casework.cases, c casework.cases, actor rules.actor, type text, note_id bigint default null,
  attachment_id bigint default null)
returns void
language plpgsql as $$
begin
  update casework.cases s set
    (site_id, contact_id, type, subject, description, replication_steps, impact, users_affected, workaround,
     product_area, product_version, platform, priority, due_on, status,
     closed_at, closed_by_kind, closed_by_id, closed_by_name, closure_reason, merged_into_case_id,
     reopen_until, reopened_at, incident_id, phone_follow_up_at, response_cycle, response_priority,
     response_seconds, response_started_at, response_position, response_due_at, first_response_at,
     response_elapsed, response_missed, overdue_on_change, updated_at, version)
    = (c.site_id, c.contact_id, c.type, c.subject, c.description, c.replication_steps, c.impact,
     c.users_affected, c.workaround, c.product_area, c.product_version, c.platform, c.priority, c.due_on,
     c.status, c.closed_at, c.closed_by_kind, c.closed_by_id, c.closed_by_name, c.closure_reason,
     c.merged_into_case_id, c.reopen_until, c.reopened_at, c.incident_id, c.phone_follow_up_at,
     c.response_cycle, c.response_priority, c.response_seconds, c.response_started_at, c.response_position, c.response_due_at,
     c.first_response_at, c.response_elapsed, c.response_missed, c.overdue_on_change,
     actor.at, c.version + 1)
  where s.id = c.id and s.district_id = c.district_id;
  if c.resolved_at is distinct from before.resolved_at then
    update casework.cases s set
      (resolution_kind, resolution, fixed_in_release, resolution_defect_id, resolved_at,
       resolved_by_kind, resolved_by_id, resolved_by_name)
      = (c.resolution_kind, c.resolution, c.fixed_in_release, c.resolution_defect_id, c.resolved_at,
       c.resolved_by_kind, c.resolved_by_id, c.resolved_by_name)
    where s.id = c.id and s.district_id = c.district_id;
  end if;
  if (c.escalation_level, c.support_provider) is distinct from (before.escalation_level, before.support_provider) then
    update casework.cases s set (escalation_level, support_provider) = (c.escalation_level, c.support_provider)
    where s.id = c.id and s.district_id = c.district_id;
  end if;
  if (c.issue_type, c.assigned_advisor_id, c.scope, c.redirect_team, c.policy_question,
      c.reporting_deadline_id, c.test)
    is distinct from (before.issue_type, before.assigned_advisor_id, before.scope,
      before.redirect_team, before.policy_question, before.reporting_deadline_id, before.test)
  then
    update casework.cases s set
      (issue_type, assigned_advisor_id, assigned_advisor_name, scope, redirect_team,
       policy_question, reporting_deadline_id, test)
      = (c.issue_type, c.assigned_advisor_id, c.assigned_advisor_name, c.scope, c.redirect_team,
       c.policy_question, c.reporting_deadline_id, c.test)
    where s.id = c.id and s.district_id = c.district_id;
  end if;
  perform rules.record_case_event(c.district_id, c.id, actor, type, 'public', note_id, rules.case_changes(before, c),
    attachment_id);
  if c.status = 'closed' and before.status <> 'closed' then
    perform rules.end_open_matters(c, actor);
    perform rules.decide_survey(c.id, actor.at);
  end if;
  -- A passed deadline is an event of its own, once, whoever notices it first.
  if c.response_missed and not before.response_missed and type <> 'case.response_target.breached' then
    perform rules.record_case_event(c.district_id, c.id, rules.system_actor(actor.at),
      'case.response_target.breached', 'public', null, '[]');
  end if;
  perform rules.follow_status(before.status, c, actor, type) where c.status <> before.status;
end $$;

create or replace function rules.write_note(
  district_id bigint, case_id bigint, actor rules.actor, kind text, visibility text, text text) returns bigint
language plpgsql as $$
declare
  note_id bigint;
begin
  insert into casework.notes (district_id, case_id, kind, visibility, text, author_kind, author_id, author_name,
    behalf_kind, behalf_id, behalf_name, created_at)
  values (district_id, case_id, kind, visibility, text, actor.kind, actor.id, actor.name,
    actor.behalf_kind, actor.behalf_id, actor.behalf_name, actor.at)
  returning id into note_id;
  return note_id;
end $$;

-- Answer of every write: the case as it is now.
create or replace function rules.case_answer(
  case_id bigint, code int, out status int, out body json, out etag text, out location text)
language plpgsql stable as $$
begin
  status := code;
  select d.body, d.version, case when code = 201 then '/v1/cases/' || d.id end
    into body, etag, location
  from api.case_document d where d.id = case_id;
end $$;
