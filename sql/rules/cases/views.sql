-- The JSON of a case and of what hangs below it.
--
-- One case is read without joins (a hash table costs more than a look-up); a
-- subquery that depends on nothing is computed once per statement,
-- and only when a row needs it (a case that waits for its first response).
--
-- The ETag is the version, though some members follow from the clock as well: a
-- tag that changed with every second would make If-Match useless.

-- State of a response target at an instant (2.3, 2.4); an import has none until
-- it is reopened.
create function views.response_state(c casework.cases, at timestamptz) returns text
  language sql immutable as $$
  select case
    when c.imported and c.response_cycle = 1 then 'none'
    when c.response_missed then 'missed'
    when c.first_response_at is not null then 'met'
    when c.response_elapsed is null and at > c.response_due_at then 'missed'
    else 'pending' end $$;

create view views.case_document with (security_invoker) as
select c.id, c.district_id, c.version, row_to_json(d) as body
from casework.cases c
cross join lateral (
  select coalesce(c.response_elapsed, greatest(0, (select rules.business_position(rules.now())) - c.response_position))
    as elapsed
) as e
cross join lateral (
  select
    c.id, c.district_id, c.site_id, c.contact_id,
    views.actor(c.submitted_by_kind, c.submitted_by_id, c.submitted_by_name) as submitted_by,
    c.type, c.subject, c.description, c.replication_steps, c.impact, c.users_affected, c.workaround,
    c.product_area, c.product_version, c.platform, c.priority, c.initial_priority, c.due_on,
    c.scheduled_on, c.status, c.waiting_on,
    case when c.waiting_on is not null then row (
      views.utc(c.waiting_since), trim_scale(greatest(0, rules.business_seconds(c.waiting_since, rules.now()))),
      c.escalated_to)::views.waiting end as waiting,
    case when c.due_at < 'infinity' then views.utc(c.due_at) end as due_at,
    c.issue_type, c.channel, c.support_provider,
    case when c.partner_id is not null then row (c.partner_id, c.partner_name)::views.partner end as partner,
    c.escalation_level,
    case when c.assigned_advisor_id is not null
      then row (c.assigned_advisor_id, c.assigned_advisor_name)::views.advisor end as assigned_advisor,
    case when c.resolved_at is not null then row (
      c.resolution_kind, c.resolution, c.fixed_in_release, c.resolution_defect_id, views.utc(c.resolved_at),
      views.actor(c.resolved_by_kind, c.resolved_by_id, c.resolved_by_name), views.utc(c.resolution_confirmed_at),
      views.actor('contact', c.resolution_confirmed_by_id, c.resolution_confirmed_by_name))::views.resolution end as resolution,
    views.utc(c.closed_at) as closed_at,
    views.actor(c.closed_by_kind, c.closed_by_id, c.closed_by_name) as closed_by,
    c.closure_reason, c.merged_into_case_id,
    views.utc(c.reopen_until) as reopen_until, views.utc(c.reopened_at) as reopened_at, c.follows_case_id,
    c.incident_id, views.utc(c.shared_with_state_at) as shared_with_state_at, c.test,
    row (
      c.response_priority, c.response_seconds, c.response_cycle, views.utc(c.response_started_at),
      views.utc(c.response_due_at), views.utc(c.first_response_at),
      views.response_state(c, (select rules.now())), c.overdue_on_change,
      trim_scale(e.elapsed / 1000000.0),
      trim_scale(greatest(0, c.response_seconds - e.elapsed / 1000000.0)))::views.response_target as response_target,
    case when c.priority = 'critical' and c.response_elapsed is null and c.incident_id is null and not c.test
      then rules.next_steps(c.type, c.district_id) else '[]' end as next_steps,
    case when c.type = 'outage' then rules.case_support_line(c.id, c.district_id) end as support_line,
    views.utc(c.phone_follow_up_at) as phone_follow_up_at,
    case when c.status = 'pending_verification'
      then rules.follow_up_document(c.district_id, c.id) end as follow_up,
    case when c.product_version is null and c.platform is null
      then rules.support_not_stated() else rules.support_eligibility(c.product_version, c.platform)
      end as support_eligibility,
    (select a.team from casework.product_areas a where a.code = c.product_area) as support_team,
    c.scope, c.redirect_team, c.policy_question,
    (select json_build_object('id', r.id, 'name', r.name, 'due_on', r.due_on)
      from casework.reporting_deadlines r where r.id = c.reporting_deadline_id) as reporting_deadline,
    case when rules.caller_kind() = 'staff' then c.external_id end as external_id,
    views.utc(c.submitted_at) as submitted_at, views.utc(c.created_at) as created_at, views.utc(c.updated_at) as updated_at
) as d;

-- A list item is what a row of a screen shows; all but its end is stored with
-- the case (sql/schema/006_cases.sql). What is unread the filter `unread` and the
-- reading mark say likewise; tags are for staff, and partners have no marks.
create view views.case_list with (security_invoker) as
select c.*, s.state as response_state, concat(c.list_item, s.state, '"},"unread":',
  coalesce(case when (select rules.caller_kind()) <> 'partner' then (exists (
    select from casework.events e
    where e.district_id = c.district_id and e.case_id = c.id and not e.imported
      and e.id > (select case when max(m.event_id) is null then 0 else max(m.event_id) end
        from casework.reading_marks m
        where m.reader_kind = (select rules.caller_kind()) and m.reader_id = (select rules.caller_id()) and m.case_id = c.id)
      and (e.actor_kind, e.actor_id) is distinct from ((select rules.caller_kind()), (select rules.caller_id()))
    ))::text end, 'null'), ',"tags":',
  coalesce(case when (select rules.caller_kind()) = 'staff' then coalesce((
    select json_agg(t.tag order by t.tag) from casework.case_tags t where t.case_id = c.id), '[]')::text end, 'null'), '}') as item
from casework.cases c
cross join lateral (select views.response_state(c, (select rules.now())) as state) as s;

-- Where a list that is sorted otherwise has a case; the last modified first within
-- a place. In microseconds, as bigint holds them: infinity is the last.
create or replace function rules.place_of_case(
  sort text, submitted_at timestamptz, due_at timestamptz, urgency smallint) returns bigint
  language sql immutable
  return case sort
    when 'submitted_at' then -(extract(epoch from submitted_at) * 1000000)::bigint
    when 'due' then case when due_at < 'infinity' then (extract(epoch from due_at) * 1000000)::bigint
      else 9223372036854775807 end
    when 'priority' then urgency
    else 0 end;

-- What GET /v1/cases/counts says of one member, by its values.
create type views.counted as (value text, n bigint);
create or replace function rules.counts(counted views.counted[], member text) returns json
  language sql immutable
  return (
    select coalesce(json_agg(json_build_object(member, c.value, 'count', c.n) order by c.value), '[]')
    from unnest(counted) as c);

create view views.note_document with (security_invoker) as
select n.id, n.district_id, n.case_id, case when n.redacted_at is null then 1 else 2 end as version,
  row_to_json(d) as body
from casework.notes n
cross join lateral (
  select n.id, n.case_id, n.kind, n.visibility, n.text,
    views.author(n.author_kind, n.author_id, n.author_name, n.author_person_id, n.author_client_id) as author,
    views.author(n.behalf_kind, n.behalf_id, n.behalf_name, n.behalf_person_id, n.behalf_client_id) as on_behalf_of,
    views.utc(n.created_at) as created_at, n.mentions as mentioned_change_request_ids,
    case when n.redacted_at is not null then row (
      views.utc(n.redacted_at), views.actor(n.redacted_by_kind, n.redacted_by_id, n.redacted_by_name),
      n.redaction_reason)::views.redaction end as redacted
) as d;

create view views.attachment_document with (security_invoker) as
select a.id, a.district_id, a.case_id, case when a.redacted_at is null then 1 else 2 end as version,
  row_to_json(d) as body
from casework.attachments a
cross join lateral (
  select a.id, a.case_id, a.visibility, a.filename, a.media_type, a.stated_media_type, a.size,
    encode(a.sha256, 'hex') as sha256,
    views.actor(a.author_kind, a.author_id, a.author_name) as author,
    views.actor(a.behalf_kind, a.behalf_id, a.behalf_name) as on_behalf_of,
    views.utc(a.created_at) as created_at,
    case when a.redacted_at is not null then row (
      views.utc(a.redacted_at), views.actor(a.redacted_by_kind, a.redacted_by_id, a.redacted_by_name),
      a.redaction_reason)::views.redaction end as redacted
) as d;

create view views.follow_up_document with (security_invoker) as
select f.id, f.district_id, f.case_id, row_to_json(d) as body
from casework.follow_ups f
join casework.notes n on n.id = f.note_id and n.district_id = f.district_id
cross join lateral (
  select f.id, f.case_id, f.run, f.slot, views.utc(f.at) as at, f.method, f.automatic, f.note_id,
    views.actor(n.author_kind, n.author_id, n.author_name) as by,
    views.actor(n.behalf_kind, n.behalf_id, n.behalf_name) as on_behalf_of
) as d;

grant select on views.case_document, views.case_list, views.note_document, views.attachment_document, views.follow_up_document
  to casework_contact, casework_partner, casework_staff;
