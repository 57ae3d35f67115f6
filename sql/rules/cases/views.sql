-- The JSON documents, each fixed in one place: `body` for a single resource,
-- `item` in a list. Computed only where selected; rows are filtered by the
-- reader's own row-level security (security_invoker).
--
-- One case is read without joins (a hash table costs more than a look-up); a
-- subquery that depends on nothing is computed once per statement,
-- and only when a row needs it (a case that waits for its first response).

-- State of a response target at an instant (2.3, 2.4).
create function api.response_state(c casework.cases, at timestamptz) returns text
  language sql immutable
  return case
    when c.response_missed then 'missed'
    when c.first_response_at is not null then 'met'
    when c.response_elapsed is null and at > c.response_due_at then 'missed'
    else 'pending' end;

create view api.case_document with (security_invoker) as
select c.id, c.district_id, c.version, row_to_json(d) as body
from casework.cases c
cross join lateral (
  select coalesce(c.response_elapsed, greatest(0, (select rules.business_position(rules.now())) - c.response_position))
    as elapsed
) as e
cross join lateral (
  select
    c.id, c.district_id, c.site_id, c.contact_id,
    row (c.submitted_by_kind, c.submitted_by_id, c.submitted_by_name)::api.actor as submitted_by,
    c.type, c.subject, c.description, c.replication_steps, c.impact, c.users_affected, c.workaround,
    c.product_area, c.product_version, c.platform, c.priority, c.initial_priority, c.due_on,
    c.status, c.issue_type, c.channel, c.support_provider, c.escalation_level,
    case when c.assigned_advisor_id is not null
      then row (c.assigned_advisor_id, c.assigned_advisor_name)::api.advisor end as assigned_advisor,
    case when c.resolved_at is not null then row (
      c.resolution_kind, c.resolution, c.fixed_in_release, c.resolution_defect_id, api.utc(c.resolved_at),
      row (c.resolved_by_kind, c.resolved_by_id, c.resolved_by_name)::api.actor)::api.resolution end as resolution,
    api.utc(c.closed_at) as closed_at,
    case when c.closed_at is not null then
      row (c.closed_by_kind, c.closed_by_id, c.closed_by_name)::api.actor end as closed_by,
    c.closure_reason, c.merged_into_case_id,
    api.utc(c.reopen_until) as reopen_until, api.utc(c.reopened_at) as reopened_at, c.follows_case_id,
    c.incident_id, c.test,
    row (
      c.response_priority, c.response_seconds, c.response_cycle, api.utc(c.response_started_at),
      api.utc(c.response_due_at), api.utc(c.first_response_at),
      api.response_state(c, (select rules.now())), c.overdue_on_change,
      trim_scale(e.elapsed / 1000000.0),
      trim_scale(greatest(0, c.response_seconds - e.elapsed / 1000000.0)))::api.response_target as response_target,
    case when c.priority = 'critical' and c.response_elapsed is null and c.incident_id is null
      then rules.next_steps(c.type, c.district_id) else '[]' end as next_steps,
    case when c.type = 'outage' then rules.case_support_line(c.id, c.district_id) end as support_line,
    api.utc(c.phone_follow_up_at) as phone_follow_up_at,
    case when c.status = 'pending_verification'
      then rules.follow_up_document(c.district_id, c.id) end as follow_up,
    case when c.product_version is null and c.platform is null
      then rules.support_not_stated() else rules.support_eligibility(c.product_version, c.platform)
      end as support_eligibility,
    (select a.team from casework.product_areas a where a.code = c.product_area) as support_team,
    c.scope, c.redirect_team, c.policy_question,
    (select json_build_object('id', r.id, 'name', r.name, 'due_on', r.due_on)
      from casework.reporting_deadlines r where r.id = c.reporting_deadline_id) as reporting_deadline,
    api.utc(c.submitted_at) as submitted_at, api.utc(c.created_at) as created_at, api.utc(c.updated_at) as updated_at
) as d;

-- A list item is what a row of a screen shows; all but its end is stored with
-- the case (sql/schema/013_list_item.sql).
create view api.case_list with (security_invoker) as
select c.*, s.state as response_state, concat(c.list_item, s.state, '"}}') as item
from casework.cases c
cross join lateral (select api.response_state(c, (select rules.now())) as state) as s;

create view api.note_document with (security_invoker) as
select n.id, n.district_id, n.case_id, case when n.redacted_at is null then 1 else 2 end as version,
  row_to_json(d) as body
from casework.notes n
cross join lateral (
  select n.id, n.case_id, n.kind, n.visibility, n.text,
    row (n.author_kind, n.author_id, n.author_name)::api.actor as author,
    case when n.behalf_id is not null
      then row (n.behalf_kind, n.behalf_id, n.behalf_name)::api.actor end as on_behalf_of,
    api.utc(n.created_at) as created_at,
    case when n.redacted_at is not null then row (
      api.utc(n.redacted_at), row (n.redacted_by_kind, n.redacted_by_id, n.redacted_by_name)::api.actor,
      n.redaction_reason)::api.redaction end as redacted
) as d;

create view api.attachment_document with (security_invoker) as
select a.id, a.district_id, a.case_id, case when a.redacted_at is null then 1 else 2 end as version,
  row_to_json(d) as body
from casework.attachments a
cross join lateral (
  select a.id, a.case_id, a.visibility, a.filename, a.media_type, a.size, encode(a.sha256, 'hex') as sha256,
    row (a.author_kind, a.author_id, a.author_name)::api.actor as author,
    case when a.behalf_id is not null
      then row (a.behalf_kind, a.behalf_id, a.behalf_name)::api.actor end as on_behalf_of,
    api.utc(a.created_at) as created_at,
    case when a.redacted_at is not null then row (
      api.utc(a.redacted_at), row (a.redacted_by_kind, a.redacted_by_id, a.redacted_by_name)::api.actor,
      a.redaction_reason)::api.redaction end as redacted
) as d;

-- One shape for history and feed. data holds the ids of what else it is about.
create view api.event_document with (security_invoker) as
select e.id, e.district_id, e.case_id, row_to_json(d) as body
from casework.events e
cross join lateral (
  select e.id, e.type, api.utc(e.at) as at,
    row (e.actor_kind, e.actor_id, e.actor_name)::api.actor as actor,
    case when e.behalf_id is not null
      then row (e.behalf_kind, e.behalf_id, e.behalf_name)::api.actor end as on_behalf_of,
    e.district_id, e.case_id, e.visibility, e.note_id, e.attachment_id, e.changes,
    case when e.contact_id is null then '{}' else json_build_object('contact_id', e.contact_id) end as data
) as d;

-- What belongs to no district, in the same shape.
create view api.desk_event_document with (security_invoker) as
select e.feed_id as id, row_to_json(d) as body
from casework.desk_events e
cross join lateral (
  select e.feed_id as id, e.type, api.utc(e.at) as at,
    row (e.actor_kind, e.actor_id, e.actor_name)::api.actor as actor,
    case when e.behalf_id is not null
      then row (e.behalf_kind, e.behalf_id, e.behalf_name)::api.actor end as on_behalf_of,
    null::bigint as district_id, null::bigint as case_id,
    case when e.owner_kind is null then 'internal' else 'public' end as visibility,
    null::bigint as note_id, null::bigint as attachment_id, e.changes,
    case split_part(e.type, '.', 1) when 'release' then json_build_object('release', e.resource)
      else json_build_object(split_part(e.type, '.', 1) || '_id', e.resource::bigint) end as data
) as d;

create view api.phone_event_document with (security_invoker) as
select e.feed_id as id, row_to_json(d) as body
from casework.phone_events e
cross join lateral (
  select e.feed_id as id, e.type, api.utc(e.at) as at,
    row (e.actor_kind, e.actor_id, e.actor_name)::api.actor as actor,
    case when e.behalf_id is not null
      then row (e.behalf_kind, e.behalf_id, e.behalf_name)::api.actor end as on_behalf_of,
    null::bigint as district_id, null::bigint as case_id, 'internal' as visibility,
    null::bigint as note_id, null::bigint as attachment_id, '[]'::json as changes,
    json_build_object(case split_part(e.type, '.', 1) when 'availability' then 'staff_id'
      when 'phone_pin' then 'contact_id' else split_part(e.type, '.', 1) || '_id' end, e.subject_id) as data
) as d;

create view api.district_document with (security_invoker) as
select r.id, r.version, r.name, r.state, r.hosting, row_to_json(d) as body
from casework.districts r
cross join lateral (
  select r.id, r.name, r.state, r.hosting, r.product_version, r.product_areas, (
    select coalesce(json_agg(json_build_object('id', s.id, 'name', s.name) order by s.id), '[]')
    from casework.sites s where s.district_id = r.id) as sites
) as d;

create view api.contact_document with (security_invoker) as
select p.id, p.district_id, p.version, p.name, p.email, p.kind, p.authorized, row_to_json(d) as body
from casework.contacts p
cross join lateral (
  select p.id, p.district_id, p.name, p.email, p.phone, p.kind, p.authorized,
    json_build_object('name', 'Introduction to Support',
      'url', 'https://training.casework.example/introduction-to-support',
      'completed_on', p.training_completed_on) as training,
    case when rules.caller_kind() = 'staff' or p.id = rules.caller_id()
      then p.survey_opted_out_at is not null end as survey_opt_out,
    api.utc(p.created_at) as created_at, api.utc(p.updated_at) as updated_at
) as d;

create view api.follow_up_document with (security_invoker) as
select f.id, f.district_id, f.case_id, row_to_json(d) as body
from casework.follow_ups f
join casework.notes n on n.id = f.note_id and n.district_id = f.district_id
cross join lateral (
  select f.id, f.case_id, f.run, f.slot, api.utc(f.at) as at, f.method, f.automatic, f.note_id,
    row (n.author_kind, n.author_id, n.author_name)::api.actor as by,
    case when n.behalf_id is not null
      then row (n.behalf_kind, n.behalf_id, n.behalf_name)::api.actor end as on_behalf_of
) as d;

-- What a contact answered, for staff (fact 76).
create view api.survey_response_document with (security_invoker) as
select r.id, r.district_id, r.overall_service, r.submitted_at, r.reviewed_at is not null as reviewed, r.review_use,
  row_to_json(d) as body
from casework.survey_responses r
cross join lateral (
  select r.id, r.district_id, r.case_id, r.contact_id, r.courtesy, r.knowledge, r.timeliness, r.quality,
    r.overall_service, r.comment, api.utc(r.submitted_at) as submitted_at,
    case when r.reviewed_at is not null then json_build_object('use', r.review_use, 'comment', r.review_comment,
      'reviewed_by', row ('staff', r.reviewed_by, r.reviewer_name)::api.actor,
      'reviewed_at', api.utc(r.reviewed_at)) end as review
) as d;
grant select on api.survey_response_document to casework_staff;

-- Each caller's own row only; the owner's rights, since telephony clients see
-- no table of people otherwise.
create view api.me as
select json_build_object('kind', w.kind, 'id', w.id, 'name', w.name, 'email', w.email, 'role', w.role, 'owner', w.owner,
  'district_ids', w.district_ids, 'all_districts', w.kind = 'staff',
  'actor', nullif(current_setting('cw.actor', true), '')) as body
from (
  select 'contact' as kind, c.id, c.name, c.email, c.kind as role, null as owner, json_build_array(c.district_id) as district_ids
  from casework.contacts c
  union all
  select 'partner', p.id, p.name, null, p.kind, p.owner, array_to_json(rules.districts()) from casework.partners p
  union all
  select 'staff', s.id, s.name, null, s.role, null, '[]' from casework.staff s
  union all
  select 'telephony', t.id, t.name, null, null, t.owner, '[]' from casework.telephony_clients t
) as w
where w.kind = rules.caller_kind() and w.id = rules.caller_id();

create view api.calendar with (security_invoker) as
select n.at as now, b.opens_at <= n.at as open_now,
  case when b.opens_at > n.at then b.opens_at end as opens_at,
  case when b.opens_at <= n.at then b.closes_at end as closes_at
from rules.clock k
cross join lateral (select coalesce(k.frozen_at, now() + k.shift) as at) as n
left join lateral (
  select d.opens_at, d.closes_at from rules.business_days d
  where d.closes_at > n.at order by d.closes_at limit 1) as b on true;

grant select on api.case_document, api.case_list, api.note_document, api.attachment_document, api.event_document,
  api.follow_up_document, api.district_document, api.contact_document to casework_contact, casework_partner, casework_staff;
grant select on api.desk_event_document to casework_contact, casework_partner, casework_staff;
grant select on api.phone_event_document to casework_staff;
grant select on api.me to casework_contact, casework_partner, casework_staff, casework_telephony;
grant select on api.calendar
  to casework_contact, casework_partner, casework_staff, casework_telephony, casework_public;
