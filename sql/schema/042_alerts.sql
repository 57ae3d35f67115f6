-- Alerts to staff (3.3): rules that are data, what was raised by them, and when a
-- case is to be looked at by the clock.

-- The last day of a leave; null: here.
alter table casework.staff add column leave_ends_on date;
grant select (leave_ends_on) on casework.staff to casework_worker;
grant insert (leave_ends_on), update (leave_ends_on) on casework.staff to casework_staff;

-- percent: of a response target that is used. business_days: without a touch.
create table casework.alert_rules (
  kind          text primary key,
  position      smallint not null unique,
  enabled       boolean not null default true,
  recipients    text[] not null check (recipients <@ '{owner,team,lead,on_call}' and cardinality(recipients) between 1 and 4),
  mail          boolean not null default true,
  percent       smallint check (percent between 1 and 99),
  business_days smallint check (business_days between 1 and 250),
  check ((kind = 'response_target_used') = (percent is not null)),
  check ((kind = 'untouched') = (business_days is not null))
);
insert into casework.alert_rules (kind, position, recipients, percent, business_days) values
  ('new_critical_case', 1, '{team,lead}', null, null),
  ('hosted_outage', 2, '{on_call}', null, null),
  ('assigned', 3, '{owner}', null, null),
  ('contact_reply', 4, '{owner}', null, null),
  ('priority_raised', 5, '{owner}', null, null),
  ('escalated', 6, '{team}', null, null),
  ('response_target_used', 7, '{owner}', 75, null),
  ('response_target_missed', 8, '{owner,lead}', null, null),
  ('untouched', 9, '{owner}', null, 5),
  ('follow_up_paused', 10, '{owner,lead}', null, null);
alter table casework.alert_rules enable row level security, force row level security;
create policy owner on casework.alert_rules to casework_owner using (true);
create policy reader on casework.alert_rules for select using (true);
create policy administrator on casework.alert_rules to casework_staff
  using ((select rules.has_role('administrator')));
grant select on casework.alert_rules to casework_staff, casework_worker;
grant update (enabled, recipients, mail, percent, business_days) on casework.alert_rules to casework_staff;
insert into casework.settings (name) values ('alerts');

-- cause: the event, or the response cycle or touch that an alert by the clock is
-- about. Each comes once, whoever looks and however often.
create table casework.alerts (
  id          bigint generated always as identity (start with 100001),
  district_id bigint not null,
  case_id     bigint not null,
  kind        text not null references casework.alert_rules,
  cause       text not null,
  staff_ids   bigint[] not null,
  at          timestamptz not null,
  primary key (id, district_id),
  unique (case_id, district_id, kind, cause),
  foreign key (case_id, district_id) references casework.cases (id, district_id)
);
alter table casework.alerts alter column cause set statistics 0;
create index alerts_staff on casework.alerts using gin (staff_ids);
alter table casework.alerts enable row level security, force row level security;
create policy owner on casework.alerts to casework_owner using (true);
create policy staff on casework.alerts for select to casework_staff using ((select rules.caller_id()) is not null);
create policy worker on casework.alerts to casework_worker using (true);
grant select on casework.alerts to casework_staff, casework_worker;
grant insert on casework.alerts to casework_worker;

-- When a timer looks at a case: at the earliest instant at which there may be
-- something to tell. Filled from the events, so that a write costs nothing.
create table casework.alert_times (
  case_id     bigint not null,
  district_id bigint not null,
  kind        text not null references casework.alert_rules,
  due_at      timestamptz not null,
  primary key (case_id, district_id, kind)
);
create index alert_times_due on casework.alert_times (due_at);
alter table casework.alert_times enable row level security, force row level security;
create policy owner on casework.alert_times to casework_owner using (true);
create policy worker on casework.alert_times to casework_worker using (true);
grant select, insert, update (due_at), delete on casework.alert_times to casework_worker;

-- What else an event is about, where no column of its own says it.
alter table casework.events add column data jsonb;
alter table casework.events alter column data set statistics 0;

-- Alerts begin with the present, like mails. What is open now is looked at in a week,
-- so that old cases do not wake everybody at once.
insert into casework.event_cursors (consumer) values ('alert');
insert into casework.alert_times (case_id, district_id, kind, due_at)
select c.id, c.district_id, 'untouched', now() + interval '7 days'
from casework.cases c where c.status <> 'closed' and not c.test and not c.imported;

grant select on casework.on_call_shifts to casework_worker;
