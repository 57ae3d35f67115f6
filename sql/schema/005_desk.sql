-- What the whole support desk adds to a case, and the role of the worker.

create domain casework.team as text
  check (value in ('managed_services', 'training', 'process_consulting', 'technical_services', 'development'));
create domain casework.scope as text
  check (value in ('in_scope', 'out_of_scope', 'undetermined'));
alter domain casework.note_kind drop constraint note_kind_check;
alter domain casework.note_kind add constraint note_kind_check
  check (value in ('note', 'resolution', 'closing', 'reopening', 'follow_up', 'escalation', 'defect', 'call',
    'written_request', 'scope'));

alter table casework.cases
  add column assigned_advisor_name text,        -- as of the assignment, like every name in a case
  add column scope                 casework.scope not null default 'undetermined',
  add column redirect_team         casework.team,
  add column policy_question       boolean not null default false,
  add column reporting_deadline_id bigint,
  add column escalation_level      integer not null default 0,
  add column incident_id           bigint,
  add column phone_follow_up_at    timestamptz,
  add column resolution_defect_id  bigint,
  add column test                  boolean not null default false;
update casework.cases c set assigned_advisor_name = s.name
from casework.staff s where s.id = c.assigned_advisor_id;

-- What the district says; what calls leave behind.
grant update (incident_id, phone_follow_up_at)
  on casework.cases to casework_contact, casework_partner, casework_staff;
grant update (resolution_defect_id) on casework.cases to casework_partner, casework_staff;
grant update (escalation_level) on casework.cases to casework_partner, casework_staff;
grant update (assigned_advisor_name, scope, redirect_team, policy_question, reporting_deadline_id, test)
  on casework.cases to casework_staff;

-- Staff are written to as well: what a contact says on their case.
alter table casework.staff add column email text;

-- A miss is recorded once: response_missed is set by whoever notices first, an
-- answer, a change of priority or the timer, and leaves this index.
drop index casework.cases_unanswered;
create index cases_unanswered on casework.cases (response_due_at)
  where response_elapsed is null and not response_missed;

-- Events in the order of their commits, for those who follow them: ids alone
-- are not in it, and what is below the oldest running transaction is complete.
create index events_feed on casework.events (xid, id);

-- The worker acts for nobody and sees every district; what it may change is
-- what its timers change.
grant usage on schema casework, rules to casework_worker;
create policy worker on casework.cases to casework_worker using (true);
create policy worker on casework.notes to casework_worker using (true);
create policy worker on casework.events to casework_worker using (true);
create policy worker on casework.response_cycles for select to casework_worker using (true);
create policy worker on casework.districts for select to casework_worker using (true);
create policy worker on casework.sites for select to casework_worker using (true);
create policy worker on casework.contacts for select to casework_worker using (true);
create policy worker on casework.partner_districts for select to casework_worker using (true);
grant select on casework.cases, casework.notes, casework.events, casework.response_cycles, casework.districts,
  casework.sites, casework.contacts, casework.partner_districts, casework.staff, casework.partners,
  casework.business_hours, casework.holidays, casework.service_levels, casework.product_areas,
  rules.clock, rules.business_days, rules.transitions to casework_worker;
grant insert on casework.notes, casework.events to casework_worker;
grant update (
    site_id, contact_id, type, subject, description, replication_steps, impact, users_affected, workaround,
    product_area, product_version, platform, priority, due_on, status,
    closed_at, closed_by_kind, closed_by_id, closed_by_name, closure_reason, merged_into_case_id,
    reopen_until, reopened_at, incident_id, phone_follow_up_at,
    response_cycle, response_priority, response_seconds, response_started_at, response_position,
    response_due_at, first_response_at, response_elapsed, response_missed, overdue_on_change, updated_at, version)
  on casework.cases to casework_worker;

-- Whoever notices a missed deadline records it, in the service's name.
create policy contact_breach on casework.events for insert to casework_contact
  with check (district_id = (select rules.district()) and (actor_kind, actor_id) = ('system', 0)
    and type = 'case.response_target.breached');
create policy partner_breach on casework.events for insert to casework_partner
  with check (district_id = any ((select rules.districts())::bigint[]) and (actor_kind, actor_id) = ('system', 0)
    and type = 'case.response_target.breached');
create policy staff_breach on casework.events for insert to casework_staff
  with check ((actor_kind, actor_id) = ('system', 0) and type = 'case.response_target.breached');

-- Items that a timer could not handle: left alone until retry_at, so that one
-- bad row does not hold up the others. item is the key of the row, as text.
create table casework.timer_faults (
  timer      text not null,
  item       text not null,
  attempts   integer not null default 1,
  last_error text not null,
  retry_at   timestamptz not null,
  primary key (timer, item)
);
grant select, insert, update, delete on casework.timer_faults to casework_worker;

-- Whether a worker sleeps: only then does a change notify (rules.wake), since
-- transactions that notify commit one after the other.
create table casework.worker_wait (
  single boolean primary key default true check (single),
  asleep boolean not null default false
);
insert into casework.worker_wait default values;
grant select on casework.worker_wait to
  casework_contact, casework_partner, casework_staff, casework_telephony, casework_public, casework_worker;
grant update (asleep) on casework.worker_wait to casework_worker;
