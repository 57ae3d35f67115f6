-- Demonstration data with fixed ids; run it as often as you like.
set role casework_owner;
begin;

insert into casework.districts (id, name, state, hosting) values
  (1, 'North Lakes School District', 'MN', 'campus_hosted'),
  (2, 'Prairie View Public Schools', 'WI', 'self_hosted'),
  (3, 'Cedar Ridge Unified District', 'IA', 'campus_hosted')
on conflict do nothing;

insert into casework.sites (id, district_id, name) values
  (1, 1, 'North Lakes High School'),
  (2, 1, 'Lakeside Elementary'),
  (3, 2, 'Prairie View Middle School'),
  (4, 3, 'Cedar Ridge Academy')
on conflict do nothing;

insert into casework.contacts (id, district_id, name, email, phone, kind) values
  (1, 1, 'Contact 1', 'contact1@north.example', '763-555-0142', 'support'),
  (2, 1, 'Contact 2', 'contact2@north.example', null, 'technical'),
  (3, 2, 'Contact 3', 'contact3@prairie.example', null, 'support'),
  (4, 3, 'Contact 4', 'contact4@cedar.example', null, 'technical')
on conflict do nothing;

insert into casework.staff (id, name, role, ferpa_trained_on, email) values
  (1, 'Advisor 1', 'advisor', '2024-08-01', 'advisor1@casework.example'),
  (2, 'Engineer 2', 'development_engineer', '2024-08-01', 'engineer2@casework.example')
on conflict do nothing;

insert into casework.partners (id, name, kind) values (1, 'Lakes Service Cooperative', 'esa')
on conflict do nothing;
insert into casework.partner_districts (partner_id, district_id, valid_from) values
  (1, 1, '2020-01-01T06:00Z'),
  (1, 2, '2020-01-01T06:00Z')
on conflict do nothing;
insert into casework.telephony_clients (id, name) values (1, 'Support line')
on conflict do nothing;

-- Cases 1 to 3: one new, one answered, one closed; submitted at fixed times.
with demo (id, district_id, contact_id, priority, type, product_area, subject, submitted_at, status) as (values
  (1, 1, 1, 'medium', 'problem', 'grade_book', 'Grade book does not save', timestamptz '2025-01-13T15:00Z', 'new'),
  (2, 1, 2, 'high', 'problem', 'attendance', 'Attendance letters are not sent', '2025-01-13T16:00Z', 'assigned'),
  (3, 2, 3, 'low', 'question', 'scheduling', 'How to copy a master schedule', '2025-01-14T15:00Z', 'closed')
), timed as (
  select d.*, l.business_seconds, rules.business_position(d.submitted_at) as position,
    d.submitted_at + interval '1 hour' as answered_at, d.submitted_at + interval '1 day' as closed_at
  from demo d join casework.service_levels l using (priority)
)
insert into casework.cases (id, district_id, contact_id, submitted_by_kind, submitted_by_id, submitted_by_name,
  type, subject, description, replication_steps, product_area, priority, initial_priority, status, channel,
  support_provider, assigned_advisor_id, assigned_advisor_name, closed_at, closed_by_kind, closed_by_id, closed_by_name, closure_reason,
  reopen_until, response_priority, response_seconds, response_started_at, response_position, response_due_at,
  first_response_at, response_elapsed, submitted_at, created_at, updated_at)
overriding system value
select t.id, t.district_id, t.contact_id, 'contact', t.contact_id, c.name,
  t.type, t.subject, t.subject || ' since this morning.', '1. Log in. 2. Open the page. 3. Save.',
  t.product_area, t.priority, t.priority, t.status, 'portal', 'campus',
  case when t.status = 'assigned' then 1 end, case when t.status = 'assigned' then 'Advisor 1' end,
  z.at, z.kind, z.id, z.name, z.reason, rules.reopen_until(z.at),
  t.priority, t.business_seconds, t.submitted_at, t.position,
  rules.business_instant(t.position + t.business_seconds * 1000000::bigint),
  a.at, rules.business_position(a.at) - t.position,
  t.submitted_at, t.submitted_at, coalesce(z.at, a.at, t.submitted_at)
from timed t
join casework.contacts c on c.id = t.contact_id
left join lateral (select t.answered_at as at where t.status <> 'new') as a on true
left join lateral (
  select t.closed_at as at, 'contact' as kind, t.contact_id::bigint as id, c.name, 'resolved_confirmed' as reason
  where t.status = 'closed') as z on true
on conflict do nothing;

insert into casework.notes (id, district_id, case_id, kind, visibility, text,
  author_kind, author_id, author_name, created_at)
overriding system value values
  (1, 1, 2, 'note', 'public', 'Which letters are missing?', 'staff', 1, 'Advisor 1', '2025-01-13T17:00Z'),
  (2, 1, 2, 'note', 'internal', 'Looks like the mail queue.', 'staff', 1, 'Advisor 1', '2025-01-13T17:01Z'),
  (3, 2, 3, 'note', 'public', 'Use Copy Schedule in the scheduling tools.',
   'staff', 1, 'Advisor 1', '2025-01-14T16:00Z')
on conflict do nothing;

insert into casework.events (id, district_id, case_id, note_id, type, at,
  actor_kind, actor_id, actor_name, visibility, changes)
overriding system value values
  (1, 1, 1, null, 'case.submitted', '2025-01-13T15:00Z', 'contact', 1, 'Contact 1', 'public', '[]'),
  (2, 1, 2, null, 'case.submitted', '2025-01-13T16:00Z', 'contact', 2, 'Contact 2', 'public', '[]'),
  (3, 1, 2, 1, 'case.note_added', '2025-01-13T17:00Z', 'staff', 1, 'Advisor 1', 'public', '[]'),
  (4, 1, 2, 2, 'case.note_added', '2025-01-13T17:01Z', 'staff', 1, 'Advisor 1', 'internal', '[]'),
  (5, 2, 3, null, 'case.submitted', '2025-01-14T15:00Z', 'contact', 3, 'Contact 3', 'public', '[]'),
  (6, 2, 3, 3, 'case.note_added', '2025-01-14T16:00Z', 'staff', 1, 'Advisor 1', 'public', '[]'),
  (7, 2, 3, null, 'case.closed', '2025-01-15T15:00Z', 'contact', 3, 'Contact 3', 'public',
   '[{"member": "status", "old": "assigned", "new": "closed"}]')
on conflict do nothing;

-- Case 3 was surveyed: an answer that waits for its review.
insert into casework.survey_invitations (id, district_id, case_id, contact_id, outcome, decided_at, sent_at, expires_at)
overriding system value values
  (1, 2, 3, 3, 'sent', '2025-01-15T15:00Z', '2025-01-15T15:00Z', '2025-02-14T15:00Z')
on conflict do nothing;
insert into casework.survey_responses (id, invitation_id, district_id, case_id, contact_id, courtesy, knowledge,
  timeliness, quality, overall_service, comment, submitted_at)
overriding system value values
  (1, 1, 2, 3, 3, 5, 5, 4, 5, 5, 'Quick and friendly.', '2025-01-16T15:00Z')
on conflict do nothing;
insert into casework.events (id, district_id, case_id, type, at, actor_kind, actor_id, actor_name, visibility)
overriding system value values
  (71, 2, 3, 'survey.answered', '2025-01-16T15:00Z', 'system', 0, 'casework', 'internal')
on conflict do nothing;

commit;
