-- Demonstration data with fixed ids; run it as often as you like, it is loaded
-- once. So no insert here passes over a row: an id that is used twice is an error.
-- Whatever a case is, its events say: tests/test_demo.py plays them back.
set role casework_owner;
select exists (select from casework.districts where id = 1) as loaded \gset
\if :loaded
\quit
\endif

begin;

insert into casework.districts (id, name, state, hosting) values
  (1, 'North Lakes School District', 'MN', 'campus_hosted'),
  (2, 'Prairie View Public Schools', 'WI', 'self_hosted'),
  (3, 'Cedar Ridge Unified District', 'IA', 'campus_hosted');

insert into casework.sites (id, district_id, name) values
  (1, 1, 'North Lakes High School'),
  (2, 1, 'Lakeside Elementary'),
  (3, 2, 'Prairie View Middle School'),
  (4, 3, 'Cedar Ridge Academy');

insert into casework.contacts (id, district_id, name, email, phone, kind) values
  (1, 1, 'Contact 1', 'contact1@north.example', '763-555-0142', 'support'),
  (2, 1, 'Contact 2', 'contact2@north.example', null, 'technical'),
  (3, 2, 'Contact 3', 'contact3@prairie.example', null, 'support'),
  (4, 3, 'Contact 4', 'contact4@cedar.example', null, 'technical');

insert into casework.staff (id, name, role, roles, ferpa_trained_on, email) values
  (1, 'Advisor 1', 'advisor', '{advisor}', '2024-08-01', 'advisor1@casework.example'),
  (2, 'Engineer 2', 'advisor', '{development_engineer}', '2024-08-01', 'engineer2@casework.example'),
  (3, 'Administrator 3', 'advisor', '{administrator}', null, 'administrator3@casework.example'),
  (4, 'Analyst 4', 'advisor', '{state_reporting_analyst}', '2024-08-01', 'analyst4@casework.example'),
  (5, 'Lead 5', 'advisor', '{lead}', '2024-08-01', 'lead5@casework.example'),
  (6, 'Advisor 6', 'advisor', '{advisor}', '2024-08-01', 'advisor6@casework.example'),
  (7, 'Advisor 7', 'advisor', '{advisor}', '2024-08-01', 'advisor7@casework.example');
-- Advisor 1 takes what has no product area, the others what they know.
update casework.staff s set (team, product_areas) = (select a.team, a.areas::text[])
from (values (1, 'support', null), (4, 'state_reporting', '{state_reporting}'), (6, 'instruction', '{grade_book,scheduling}'),
  (7, 'student_services', '{attendance,online_registration,point_of_sale}')) as a (id, team, areas)
where s.id = a.id;

insert into casework.partners (id, name, kind, owner) values
  (1, 'Lakes Service Cooperative', 'esa', 'Integration team of the cooperative');
insert into casework.partner_districts (id, partner_id, district_id, valid_from) values
  (1, 1, 1, '2020-01-01T06:00Z'),
  (2, 1, 2, '2020-01-01T06:00Z');
insert into casework.partner_people (id, partner_id, name, email) values
  (1, 1, 'Person 1', 'person1@lakes.example'),
  (2, 1, 'Person 2', 'person2@lakes.example');
insert into casework.partner_clients (id, partner_id, name, owner) values
  (1, 1, 'Nightly sync', 'Integration team of the cooperative');
insert into casework.telephony_clients (id, name, owner) values (1, 'Support line', 'Telephone operations');

-- The phone: advisor 1 takes calls, engineer 2 is on call for outages; a number
-- of the range that is never given out.
insert into casework.advisor_availability (staff_id, on_shift, paused, extension, updated_at) values
  (1, true, false, '2001', '2025-01-13T12:00Z');
insert into casework.on_call_shifts (id, staff_id, starts_at, ends_at, extension, created_at)
overriding system value values
  (1, 2, '2025-01-13T12:00Z', '2035-01-13T12:00Z', '2002', '2025-01-13T12:00Z');
insert into casework.support_line (toll_free_number) values ('888-555-0119');

insert into casework.releases (release, released_on, support_status) values
  ('2405', '2024-02-01', 'unsupported'),
  ('2609', '2026-05-01', 'prior'),
  ('2611.3', '2026-07-01', 'prior'),
  ('2612.1', '2026-08-01', 'prior'),
  ('2613', '2026-09-01', 'current');
insert into casework.reporting_deadlines (id, state, name, due_on) values
  (1, 'MN', 'Fall enrollment count', '2027-10-01'),
  (2, 'WI', 'Third Friday of September count', '2027-09-17');

-- Cases 1 to 3: one new, one answered in a call, one closed; submitted at fixed
-- times.
with demo (id, district_id, contact_id, priority, type, product_area, subject, submitted_at, status) as (values
  (1, 1, 1, 'medium', 'problem', 'grade_book', 'Grade book does not save', timestamptz '2025-01-13T15:00Z', 'new'),
  (2, 1, 2, 'high', 'problem', 'attendance', 'Attendance letters are not sent', '2025-01-13T16:00Z', 'assigned'),
  (3, 2, 3, 'low', 'question', 'scheduling', 'How to copy a master schedule', '2025-01-14T15:00Z', 'closed')
), timed as (
  select d.*, l.business_seconds, rules.business_position(d.submitted_at) as position,
    d.submitted_at + case d.id when 2 then interval '30 minutes 8 seconds' else interval '1 hour' end as answered_at,
    d.submitted_at + interval '1 day' as closed_at
  from demo d join casework.service_levels l using (priority)
)
insert into casework.cases (id, district_id, contact_id, submitted_by_kind, submitted_by_id, submitted_by_name,
  type, subject, description, replication_steps, product_area, priority, initial_priority, status, channel,
  support_provider, assigned_advisor_id, assigned_advisor_name, closed_at, closed_by_kind, closed_by_id, closed_by_name, closure_reason,
  reopen_until, response_priority, response_seconds, response_started_at, response_position, response_due_at,
  first_response_at, response_elapsed, phone_follow_up_at, submitted_at, created_at, updated_at)
overriding system value
select t.id, t.district_id, t.contact_id, 'contact', t.contact_id, c.name,
  t.type, t.subject, t.subject || ' since this morning.', '1. Log in. 2. Open the page. 3. Save.',
  t.product_area, t.priority, t.priority, t.status, 'portal', 'campus',
  case when t.status <> 'new' then 1 end, case when t.status <> 'new' then 'Advisor 1' end,
  z.at, z.kind, z.id, z.name, z.reason, rules.reopen_until(z.at),
  t.priority, t.business_seconds, t.submitted_at, t.position,
  rules.business_instant(t.position + t.business_seconds * 1000000::bigint),
  a.at, rules.business_position(a.at) - t.position, case when t.id = 2 then a.at end,
  t.submitted_at, t.submitted_at, coalesce(z.at, a.at, t.submitted_at)
from timed t
join casework.contacts c on c.id = t.contact_id
left join lateral (select t.answered_at as at where t.status <> 'new') as a on true
left join lateral (
  select t.closed_at as at, 'contact' as kind, t.contact_id::bigint as id, c.name, 'resolved_confirmed' as reason
  where t.status = 'closed') as z on true;

insert into casework.notes (id, district_id, case_id, kind, visibility, text,
  author_kind, author_id, author_name, created_at)
overriding system value values
  (1, 1, 2, 'note', 'public', 'Which letters are missing?', 'staff', 1, 'Advisor 1', '2025-01-13T17:00Z'),
  (2, 1, 2, 'note', 'internal', 'Looks like the mail queue.', 'staff', 1, 'Advisor 1', '2025-01-13T17:01Z'),
  (3, 2, 3, 'note', 'public', 'Use Copy Schedule in the scheduling tools.',
   'staff', 1, 'Advisor 1', '2025-01-14T16:00Z'),
  (4, 1, 2, 'call', 'public', 'Contact 2 called; Advisor 1 answered.',
   'staff', 1, 'Advisor 1', '2025-01-13T16:32Z');

insert into casework.change_requests (id, district_id, case_id, kind, description,
  requested_at, requested_by_kind, requested_by_id, requested_by_name)
overriding system value values
  (1, 1, 2, 'configuration', 'Send attendance letters at noon.', '2025-01-13T17:02Z', 'staff', 1, 'Advisor 1');
insert into casework.site_accesses (id, district_id, case_id, site_id, purpose, accessed_at,
  accessed_by_kind, accessed_by_id, accessed_by_name)
overriding system value values
  (1, 1, 2, 1, 'view', '2025-01-13T17:05Z', 'staff', 1, 'Advisor 1');

-- A defect of case 2, reproduced in two environments and confirmed.
insert into casework.defects (id, title, description, product_area, status, development_issue_key, affected_releases,
  reported_at, reported_by_kind, reported_by_id, reported_by_name,
  confirmed_at, confirmed_by_kind, confirmed_by_id, confirmed_by_name, updated_at)
overriding system value values
  (1, 'Attendance letters stay in the queue', 'Letters queued over midnight are never sent.', 'attendance', 'confirmed',
   'CAMPUS-1', '{2431}', '2025-01-13T18:00Z', 'staff', 1, 'Advisor 1',
   '2025-01-14T18:00Z', 'staff', 2, 'Engineer 2', '2025-01-14T18:00Z');
insert into casework.defect_replications (id, defect_id, environment, version, steps, outcome,
  tested_at, tested_by_kind, tested_by_id, tested_by_name, recorded_at)
overriding system value values
  (1, 1, 'staging', '2431.1', 'Queue a letter at 23:59.', 'reproduced',
   '2025-01-14T16:00Z', 'staff', 2, 'Engineer 2', '2025-01-14T16:00Z'),
  (2, 1, 'preview', '2435', 'Queue a letter at 23:59.', 'not_reproduced',
   '2025-01-14T17:00Z', 'staff', 2, 'Engineer 2', '2025-01-14T17:00Z');
insert into casework.case_defects (district_id, case_id, defect_id, linked_at, linked_by_kind, linked_by_id, linked_by_name)
values (1, 2, 1, '2025-01-13T18:01Z', 'staff', 1, 'Advisor 1');
insert into casework.case_followers (district_id, case_id, contact_id, since, added_by_kind, added_by_id, added_by_name)
values (1, 2, 1, '2025-01-13T19:00Z', 'contact', 1, 'Contact 1');

insert into casework.desk_events (type, at, actor_kind, actor_id, actor_name, resource, changes) values
  ('defect.reported', '2025-01-13T18:00Z', 'staff', 1, 'Advisor 1', '1',
   '[{"member": "title", "old": null, "new": "Attendance letters stay in the queue"},
     {"member": "status", "old": null, "new": "reported"}]'),
  ('defect.replicated', '2025-01-14T16:00Z', 'staff', 2, 'Engineer 2', '1',
   '[{"member": "replication_id", "old": null, "new": 1}]'),
  ('defect.replicated', '2025-01-14T17:00Z', 'staff', 2, 'Engineer 2', '1',
   '[{"member": "replication_id", "old": null, "new": 2}]'),
  ('defect.confirmed', '2025-01-14T18:00Z', 'staff', 2, 'Engineer 2', '1',
   '[{"member": "status", "old": "reported", "new": "confirmed"}]');

-- A call that was answered, and one whose caller was never verified and left.
insert into casework.calls (id, district_id, telephony_client_id, queued_at, answered_at, ended_at, advisor_id,
  contact_id, verification_method, verified_at, verified_by_kind, verified_by_id, verified_by_name, case_id)
overriding system value values
  (1, 1, 1, '2025-01-13T16:30:00Z', '2025-01-13T16:30:08Z', '2025-01-13T16:41:00Z', 1,
   2, 'call_back', '2025-01-13T16:31:00Z', 'staff', 1, 'Advisor 1', 2),
  (2, null, 1, '2025-01-13T17:00:00Z', null, '2025-01-13T17:00:40Z', null,
   null, null, null, null, null, null, null);

-- Case 7 waits for verification since this data was loaded: its follow-ups are
-- to come, and after ten business days the service closes it.
with seven as (
  select rules.now() as at, rules.now() - interval '2 hours' as submitted_at,
    rules.business_position(rules.now()) as position_now, l.priority, l.business_seconds,
    rules.business_position(rules.now() - interval '2 hours') as position
  from casework.service_levels l where l.priority = 'medium'
)
insert into casework.cases (id, district_id, contact_id, submitted_by_kind, submitted_by_id, submitted_by_name,
  type, subject, description, replication_steps, product_area, priority, initial_priority, status, channel,
  support_provider, assigned_advisor_id, assigned_advisor_name, resolution_kind, resolution, resolved_at,
  resolved_by_kind, resolved_by_id, resolved_by_name, response_priority, response_seconds, response_started_at,
  response_position, response_due_at, first_response_at, response_elapsed, submitted_at, created_at, updated_at)
overriding system value
select 7, 1, 1, 'contact', 1, 'Contact 1',
  'problem', 'Roster is empty', 'The roster shows no students.', '1. Open a section. 2. Open the roster.',
  'scheduling', s.priority, s.priority, 'pending_verification', 'portal',
  'campus', 1, 'Advisor 1', 'solved', 'The roster filter was set to inactive students; it is reset now.', s.at,
  'staff', 1, 'Advisor 1', s.priority, s.business_seconds, s.submitted_at,
  s.position, rules.business_instant(s.position + s.business_seconds * 1000000::bigint), s.at,
  s.position_now - s.position, s.submitted_at, s.submitted_at, s.at
from seven s;

insert into casework.notes (id, district_id, case_id, kind, visibility, text,
  author_kind, author_id, author_name, created_at)
overriding system value
select 7, c.district_id, c.id, 'resolution', 'public', c.resolution, 'staff', 1, 'Advisor 1', c.resolved_at
from casework.cases c where c.id = 7;

insert into casework.follow_up_runs (district_id, case_id, run, started_at, due_dates, auto_close_at, next_at)
select c.district_id, c.id, 1, c.resolved_at, d.due_dates, d.auto_close_at,
  rules.follow_up_next_at(d.due_dates, 1, d.auto_close_at)
from casework.cases c
cross join lateral rules.follow_up_dates(c.resolved_at) as d
where c.id = 7 and c.status = 'pending_verification';

-- Incident 1 touches district 1 and is resolved; maintenance 2 is done.
insert into casework.incidents (id, kind, title, severity, status, components, scope_hosting, channels,
  scheduled_from, scheduled_until, created_at, updated_at, resolved_at) values
  (1, 'incident', 'Grade book was slow', 'minor', 'resolved', '{grade_book}', '{}', '{community,status}',
   null, null, '2025-01-13T14:30Z', '2025-01-13T18:00Z', '2025-01-13T18:00Z'),
  (2, 'maintenance', 'Database upgrade', 'none', 'completed', '{hosting}', '{campus_hosted}', '{community,status}',
   '2025-02-01T10:00Z', '2025-02-01T12:00Z', '2025-01-20T15:00Z', '2025-02-01T11:30Z', '2025-02-01T11:30Z');
insert into casework.incident_districts (incident_id, district_id) values (1, 1);
insert into casework.incident_updates (id, incident_id, status, text, at, actor_kind, actor_id, actor_name)
overriding system value values
  (1, 1, 'awareness', 'Saving scores takes up to a minute.', '2025-01-13T14:30Z', 'staff', 1, 'Advisor 1'),
  (2, 1, 'resolved', 'A storage node was replaced.', '2025-01-13T18:00Z', 'staff', 1, 'Advisor 1'),
  (3, 2, 'scheduled', 'Campus is away for a quarter of an hour.', '2025-01-20T15:00Z', 'staff', 1, 'Advisor 1'),
  (4, 2, 'completed', 'The upgrade is done.', '2025-02-01T11:30Z', 'staff', 1, 'Advisor 1');
insert into casework.incident_events (id, incident_id, update_id, type, at, actor_kind, actor_id, actor_name)
overriding system value values
  (1, 1, 1, 'incident.opened', '2025-01-13T14:30Z', 'staff', 1, 'Advisor 1'),
  (2, 1, 2, 'incident.resolved', '2025-01-13T18:00Z', 'staff', 1, 'Advisor 1'),
  (3, 2, 3, 'incident.opened', '2025-01-20T15:00Z', 'staff', 1, 'Advisor 1'),
  (4, 2, 4, 'incident.resolved', '2025-02-01T11:30Z', 'staff', 1, 'Advisor 1');
insert into casework.announcements (id, kind, incident_id, title, text, publish_at, created_at, updated_at) values
  (1, 'incident', 1, null, null, '2025-01-13T14:30Z', '2025-01-13T14:30Z', '2025-01-13T14:30Z'),
  (2, 'maintenance', 2, null, null, '2025-01-20T15:00Z', '2025-01-20T15:00Z', '2025-01-20T15:00Z'),
  (3, 'news', null, 'Spring release', 'The spring release adds a seating chart to the grade book.',
   '2025-03-03T15:00Z', '2025-03-03T15:00Z', '2025-03-03T15:00Z');

-- Case 3 was surveyed: an answer that waits for its review.
insert into casework.survey_invitations (id, district_id, case_id, contact_id, outcome, decided_at, sent_at, expires_at,
  advisor_id, advisor_name)
overriding system value values
  (1, 2, 3, 3, 'sent', '2025-01-15T15:00Z', '2025-01-15T15:00Z', '2025-02-14T15:00Z', 1, 'Advisor 1');
insert into casework.survey_responses (id, invitation_id, district_id, case_id, contact_id, courtesy, knowledge,
  timeliness, quality, overall_service, comment, submitted_at)
overriding system value values
  (1, 1, 2, 3, 3, 5, 5, 4, 5, 5, 'Quick and friendly.', '2025-01-16T15:00Z');
-- What happened to the cases, in the order of its history: nothing else says it.
insert into casework.events (id, district_id, case_id, note_id, type, at,
  actor_kind, actor_id, actor_name, visibility, changes)
overriding system value values
  (1, 1, 1, null, 'case.submitted', '2025-01-13T15:00Z', 'contact', 1, 'Contact 1', 'public', '[]'),

  (2, 1, 2, null, 'case.submitted', '2025-01-13T16:00Z', 'contact', 2, 'Contact 2', 'public', '[]'),
  (3, 1, 2, 4, 'case.called', '2025-01-13T16:32Z', 'staff', 1, 'Advisor 1', 'public',
   '[{"member": "first_response_at", "old": null, "new": "2025-01-13T16:30:08Z"},
     {"member": "phone_follow_up_at", "old": null, "new": "2025-01-13T16:30:08Z"}]'),
  (4, 1, 2, null, 'case.assigned', '2025-01-13T16:33Z', 'staff', 1, 'Advisor 1', 'public',
   '[{"member": "assigned_advisor_id", "old": null, "new": 1}, {"member": "status", "old": "new", "new": "assigned"}]'),
  (5, 1, 2, 1, 'case.note_added', '2025-01-13T17:00Z', 'staff', 1, 'Advisor 1', 'public', '[]'),
  (6, 1, 2, 2, 'case.note_added', '2025-01-13T17:01Z', 'staff', 1, 'Advisor 1', 'internal', '[]'),
  (7, 1, 2, null, 'case.change_requested', '2025-01-13T17:02Z', 'staff', 1, 'Advisor 1', 'public',
   '[{"member": "CR-1", "old": null, "new": "awaiting_written_verification"}]'),
  (8, 1, 2, null, 'case.site_accessed', '2025-01-13T17:05Z', 'staff', 1, 'Advisor 1', 'public',
   '[{"member": "site_access 1", "old": null, "new": "view"}]'),
  (9, 1, 2, null, 'case.defect_linked', '2025-01-13T18:01Z', 'staff', 1, 'Advisor 1', 'public',
   '[{"member": "defect_id", "old": null, "new": 1}]'),
  (10, 1, 2, null, 'case.followed', '2025-01-13T19:00Z', 'contact', 1, 'Contact 1', 'public',
   '[{"member": "follower_contact_id", "old": null, "new": 1}]'),
  (11, 1, 2, null, 'case.defect_confirmed', '2025-01-14T18:00Z', 'staff', 2, 'Engineer 2', 'public',
   '[{"member": "defect_id", "old": 1, "new": 1}, {"member": "development_issue_key", "old": null, "new": "CAMPUS-1"}]'),

  (12, 2, 3, null, 'case.submitted', '2025-01-14T15:00Z', 'contact', 3, 'Contact 3', 'public', '[]'),
  (13, 2, 3, null, 'case.assigned', '2025-01-14T15:40Z', 'staff', 1, 'Advisor 1', 'public',
   '[{"member": "assigned_advisor_id", "old": null, "new": 1}, {"member": "status", "old": "new", "new": "assigned"}]'),
  (14, 2, 3, 3, 'case.note_added', '2025-01-14T16:00Z', 'staff', 1, 'Advisor 1', 'public',
   '[{"member": "first_response_at", "old": null, "new": "2025-01-14T16:00:00Z"}]'),
  (15, 2, 3, null, 'case.closed', '2025-01-15T15:00Z', 'contact', 3, 'Contact 3', 'public',
   '[{"member": "closed_at", "old": null, "new": "2025-01-15T15:00:00Z"},
     {"member": "closure_reason", "old": null, "new": "resolved_confirmed"},
     {"member": "reopen_until", "old": null, "new": "2025-03-17T05:00:00Z"},
     {"member": "status", "old": "assigned", "new": "closed"}]'),
  (16, 2, 3, null, 'survey.invited', '2025-01-15T15:00Z', 'system', 0, 'casework', 'internal', '[]'),
  (17, 2, 3, null, 'survey.answered', '2025-01-16T15:00Z', 'contact', 3, 'Contact 3', 'internal', '[]');

insert into casework.events (id, district_id, case_id, note_id, type, at, actor_kind, actor_id, actor_name, changes)
overriding system value
select e.id, c.district_id, c.id, e.note_id, e.type, e.at, e.kind, 1, e.name, e.changes
from casework.cases c
cross join lateral (values
  (18, null, 'case.submitted', c.submitted_at, 'contact', 'Contact 1', '[]'::jsonb),
  (19, null, 'case.assigned', c.submitted_at + interval '10 minutes', 'staff', 'Advisor 1',
   '[{"member": "assigned_advisor_id", "old": null, "new": 1}, {"member": "status", "old": "new", "new": "assigned"}]'),
  (20, 7, 'case.resolved', c.resolved_at, 'staff', 'Advisor 1', jsonb_build_array(
    rules.changed('first_response_at', null, to_jsonb(views.utc(c.first_response_at))),
    rules.changed('resolution_kind', null, '"solved"'),
    rules.changed('resolved_at', null, to_jsonb(views.utc(c.resolved_at))),
    rules.changed('status', '"assigned"', '"pending_verification"')))
) as e (id, note_id, type, at, kind, name, changes)
where c.id = 7;

commit;
