-- Readiness for state reporting, and reminders of its deadlines (facts 52, 54; 3.7).

-- The open cases of a district: of a state, one probe each.
create index cases_state_reporting on casework.cases (district_id)
  where product_area = 'state_reporting' and status <> 'closed';

-- How many business days before a deadline people are reminded of it (choice).
create table casework.state_reporting_settings (
  single                 boolean primary key default true check (single),
  reminder_business_days smallint[] not null default '{10,3}'
);
insert into casework.state_reporting_settings default values;
alter table casework.state_reporting_settings enable row level security, force row level security;
create policy owner on casework.state_reporting_settings to casework_owner using (true);
create policy worker on casework.state_reporting_settings for select to casework_worker using (true);
create policy administrator on casework.state_reporting_settings to casework_staff
  using ((select rules.has_role('administrator')));
grant select on casework.state_reporting_settings to casework_staff, casework_worker;
grant update (reminder_business_days) on casework.state_reporting_settings to casework_staff;
insert into casework.settings (name) values ('state-reporting');

-- Which reminders there were, or would come too late: each is given once.
create table casework.deadline_reminders (
  deadline_id   bigint not null references casework.reporting_deadlines,
  business_days smallint not null,
  at            timestamptz not null,
  primary key (deadline_id, business_days)
);
alter table casework.deadline_reminders enable row level security, force row level security;
create policy owner on casework.deadline_reminders to casework_owner using (true);
create policy worker on casework.deadline_reminders to casework_worker using (true);
grant select, insert on casework.deadline_reminders to casework_worker;
grant select on casework.reporting_deadlines to casework_worker;
