-- Each role's privileges cut down to what its statements use, and what closing a
-- case, scheduled maintenance and a wider incident need in addition.

-- ---- people ------------------------------------------------------------------
-- Names of staff and partners stand in notes and history; nothing else of them
-- is for those who read there.

revoke select on casework.staff, casework.partners, casework.telephony_clients
  from casework_contact, casework_partner, casework_staff, casework_telephony, casework_worker;
grant select (id, name, active) on casework.staff, casework.partners, casework.telephony_clients
  to casework_contact, casework_partner, casework_staff, casework_telephony;
grant select (role) on casework.staff to casework_staff, casework_telephony;
grant select (ferpa_trained_on) on casework.staff to casework_staff;
-- who is written to
grant select (id, active, email) on casework.staff, casework.partners to casework_worker;
revoke select on casework.contacts from casework_worker;
grant select (id, district_id, authorized, email) on casework.contacts to casework_worker;
-- who wrote, never what
revoke select on casework.notes from casework_worker;
grant select (id, district_id, case_id, author_kind, author_id, behalf_kind, behalf_id, created_at)
  on casework.notes to casework_worker;

-- Assignments are read through api.partner_assignment.
revoke select on casework.partner_districts from casework_partner, casework_staff;
drop policy partner on casework.partner_districts;
drop policy staff on casework.partner_districts;

-- A contact or partner submits what a case says, and the clock with it; it does
-- not insert how the case goes on.
revoke insert on casework.cases from casework_contact, casework_partner, casework_staff;
grant insert (
    district_id, site_id, contact_id, submitted_by_kind, submitted_by_id, submitted_by_name,
    type, subject, description, replication_steps, impact, users_affected, workaround,
    product_area, product_version, platform, priority, initial_priority, due_on, status, issue_type,
    channel, support_provider, follows_case_id, incident_id, reporting_deadline_id, test,
    response_priority, response_seconds, response_started_at, response_position, response_due_at,
    first_response_at, response_elapsed, submitted_at, created_at, updated_at)
  on casework.cases to casework_contact, casework_partner, casework_staff;
revoke insert on casework.contacts from casework_staff;
grant insert (district_id, name, email, phone, kind, authorized, training_completed_on, created_at, updated_at)
  on casework.contacts to casework_staff;
revoke insert on casework.site_permissions from casework_contact;
grant insert (district_id, case_id, site_id, scope, note_id, granted_at, granted_by_id, granted_by_name, expires_at)
  on casework.site_permissions to casework_contact;
revoke insert on casework.escalations from casework_partner, casework_staff;
grant insert (district_id, case_id, team, level, note_id, opened_at, opened_by_kind, opened_by_id, opened_by_name)
  on casework.escalations to casework_partner, casework_staff;

-- ---- what no statement of the role reads ---------------------------------------

revoke select on rules.incident_statuses from casework_contact, casework_partner;
revoke select on casework.response_cycles from casework_contact, casework_partner, casework_staff;
drop policy partner on casework.response_cycles;
revoke select on casework.follow_up_plan from casework_contact;
revoke select on casework.call_routings, casework.survey_invitations from casework_staff;
drop policy staff on casework.call_routings;
drop policy staff on casework.survey_invitations;
revoke select on casework.survey_settings
  from casework_contact, casework_partner, casework_telephony, casework_public, casework_worker;
revoke select on casework.worker_wait from casework_telephony, casework_public;
-- What everybody reads alike runs as casework_public, whoever asks.
revoke select on casework.business_hours, casework.holidays, casework.support_facts
  from casework_contact, casework_partner, casework_staff, casework_telephony;
revoke select on casework.escalation_path from casework_contact, casework_telephony;
revoke select on casework.platforms, casework.product_areas, casework.published_claims, casework.releases,
  casework.service_levels from casework_telephony;
revoke select on casework.business_hours, casework.holidays, casework.platforms, casework.published_claims,
  casework.releases, casework.reporting_deadlines, casework.service_levels, casework.site_accesses, casework.sites,
  casework.survey_invitations from casework_worker;
drop policy worker on casework.site_accesses;
drop policy worker on casework.sites;
drop policy worker on casework.survey_invitations;

-- ---- closing a case --------------------------------------------------------------
-- Whoever closes a case ends its escalation and withdraws what awaits its contact.

create policy contact_close on casework.escalations for update to casework_contact
  using (district_id = (select rules.district()) and returned_at is null and closed_at is null)
  with check (district_id = (select rules.district()) and closed_at is not null);
create policy worker_close on casework.escalations for update to casework_worker
  using (returned_at is null and closed_at is null)
  with check (closed_at is not null);
grant update (closed_at, closed_by_kind, closed_by_id, closed_by_name, version)
  on casework.escalations to casework_contact, casework_worker;
create policy worker_withdraw on casework.change_requests for update to casework_worker
  using (state = 'awaiting_written_verification')
  with check (state = 'withdrawn');
grant update (state, ended_at, ended_by_kind, ended_by_id, ended_by_name, remark, version)
  on casework.change_requests to casework_worker;

-- Of cases closed before, which no rule had looked at.
update casework.escalations e
set closed_at = c.closed_at, closed_by_kind = c.closed_by_kind, closed_by_id = c.closed_by_id,
  closed_by_name = c.closed_by_name, version = e.version + 1
from casework.cases c
where c.id = e.case_id and c.district_id = e.district_id and c.status = 'closed'
  and e.returned_at is null and e.closed_at is null;

-- ---- a wider incident --------------------------------------------------------------
-- More mails about the same update.

grant update (recipients) on casework.incident_deliveries to casework_worker;
