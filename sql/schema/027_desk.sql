-- What the desk runs by, changed by administrators through the API (3.2): the
-- calendar, service levels, product areas, platforms, settings.

-- Whoever has the grant reads these tables; only administrators write them.
do $$
declare
  relation text;
begin
  foreach relation in array '{holidays, business_hours, service_levels, product_areas, platforms, platform_names,
    attachment_settings, follow_up_plan, survey_settings, escalation_path, published_claims, support_facts}'::text[]
  loop
    execute format('alter table casework.%I enable row level security, force row level security', relation);
    execute format('create policy owner on casework.%I to casework_owner using (true)', relation);
    execute format('create policy reader on casework.%I for select using (true)', relation);
    execute format('create policy administrator on casework.%I to casework_staff '
      'using ((select rules.has_role(''administrator'')))', relation);
  end loop;
end $$;

alter table casework.holidays add column version bigint not null default 1;
grant select, insert, delete, update (name, nominal_date, version) on casework.holidays to casework_staff;
grant select, insert, delete, update (opens, closes) on casework.business_hours to casework_staff;
alter table casework.service_levels add column version bigint not null default 1;
grant update (business_seconds, response_time, example, version) on casework.service_levels to casework_staff;
alter table casework.product_areas add column version bigint not null default 1;
grant insert, update (name, position, team, active, version) on casework.product_areas to casework_staff;
alter table casework.platforms add column version bigint not null default 1;
grant insert, update (minimum_version, version) on casework.platforms to casework_staff;
grant insert, delete on casework.platform_names to casework_staff;
grant update (file_bytes, case_bytes) on casework.attachment_settings to casework_staff;
grant update (slot_days, length, automatic_at) on casework.follow_up_plan to casework_staff;
grant update (survey_scope, throttle, open_for, smallest_group, satisfied_from) on casework.survey_settings to casework_staff;
grant update (level, name, description) on casework.escalation_path to casework_staff;
grant update (comparison, value, tolerance, goal, claim) on casework.published_claims to casework_staff;
grant select, insert, delete on casework.support_facts to casework_staff;

-- Hours that were in force until a date, that one included: a day on which Support
-- has opened stays what it was. Null: it was closed on such days.
create table casework.past_hours (
  weekday smallint not null check (weekday between 1 and 7),
  until   date not null,
  opens   time,
  closes  time check (closes > opens),
  primary key (weekday, until),
  check ((opens is null) = (closes is null))
);
alter table casework.past_hours enable row level security, force row level security;
create policy owner on casework.past_hours to casework_owner using (true);
create policy administrator on casework.past_hours to casework_staff
  using ((select rules.has_role('administrator')));
grant select, insert on casework.past_hours to casework_staff;

-- The version of each group of settings, whichever tables hold it.
create table casework.settings (
  name    text primary key,
  version bigint not null default 1
);
insert into casework.settings (name) values
  ('attachments'), ('business-hours'), ('escalation-path'), ('follow-up-plan'), ('published-claims'),
  ('support-line'), ('support-profile'), ('survey');
alter table casework.settings alter column name set statistics 0;
alter table casework.settings enable row level security, force row level security;
create policy owner on casework.settings to casework_owner using (true);
create policy administrator on casework.settings to casework_staff
  using ((select rules.has_role('administrator')));
grant select, update (version) on casework.settings to casework_staff;

-- A change of the calendar that not all open cases follow yet: since when, and by
-- which transaction. listed: the cases that have to move are known.
create table rules.calendar_change (
  single     boolean primary key default true check (single),
  changed_at timestamptz,
  xid        xid8,
  listed     boolean not null default true
);
insert into rules.calendar_change default values;
grant select on rules.calendar_change
  to casework_contact, casework_partner, casework_staff, casework_telephony, casework_worker;

-- Those cases, the most urgent first.
create table rules.calendar_cases (
  case_id bigint primary key,
  due_at  timestamptz not null
);
create index calendar_cases_due on rules.calendar_cases (due_at, case_id);
grant select on rules.calendar_cases to casework_worker;

-- What administration did to contacts and districts, for the audit.
create index events_audit on casework.events (xid, id) where case_id is null;
