-- Administration by the API (3.2): districts, sites, staff and teams, and who of a
-- district looks after its contacts.

-- time_zone is one of IANA; technical_team is {name, email, phone, url}, whom
-- people of the district turn to. external_id is what other systems call it.
alter table casework.districts
  add column time_zone text not null default 'America/Chicago',
  add column technical_team jsonb check (jsonb_typeof(technical_team) = 'object'),
  add column external_id text,
  add column active boolean not null default true,
  add column updated_at timestamptz not null default now();
create unique index districts_external_id on casework.districts (external_id);
create policy administrator on casework.districts to casework_staff
  using ((select rules.has_role('administrator')));
grant insert (name, state, hosting, time_zone, product_version, product_areas, technical_team, external_id, active,
    created_at, updated_at),
  update (name, state, hosting, time_zone, product_version, product_areas, technical_team, external_id, active,
    version, updated_at)
  on casework.districts to casework_staff;
alter table casework.districts
  alter column time_zone set statistics 0,
  alter column technical_team set statistics 0,
  alter column external_id set statistics 0;

-- Names of time zones that there are, as of the last deployment.
create table rules.time_zones (name text primary key);
grant select on rules.time_zones to casework_staff;

alter table casework.sites
  add column external_id text,
  add column active boolean not null default true,
  add column version bigint not null default 1,
  add column created_at timestamptz not null default now(),
  add column updated_at timestamptz not null default now();
create unique index sites_id on casework.sites (id);
create unique index sites_external_id on casework.sites (district_id, external_id);
create policy administrator on casework.sites to casework_staff
  using ((select rules.has_role('administrator')));
grant insert (district_id, name, external_id, active, created_at, updated_at),
  update (name, external_id, active, version, updated_at)
  on casework.sites to casework_staff;
alter table casework.sites alter column external_id set statistics 0;
alter table casework.events add column site_id bigint;
grant insert (site_id) on casework.events to casework_staff;

-- Whether the district is active stands with who calls for it: each request asks
-- one row. Kept by triggers (sql/rules/people/districts.sql).
alter table casework.contacts
  add column external_id text,
  add column district_active boolean not null default true;
alter table casework.contacts
  add column may_call boolean not null generated always as (authorized and district_active) stored;
create unique index contacts_external_id on casework.contacts (district_id, external_id);
grant insert (external_id), update (external_id) on casework.contacts to casework_staff;
grant select (may_call) on casework.contacts to casework_worker;
alter table casework.contacts alter column external_id set statistics 0;
alter index casework.contacts_address alter column 1 set statistics 0;
alter table casework.partner_districts add column district_active boolean not null default true;

-- Whom cases and people are counted to: those of the escalation path, and others.
create table casework.teams (
  code       text primary key check (code ~ '^[a-z][a-z0-9_]*$'),
  name       text not null,
  active     boolean not null default true,
  version    bigint not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
insert into casework.teams (code, name) values ('support', 'Support'), ('state_reporting', 'State Reporting');
insert into casework.teams (code, name) select p.team, p.name from casework.escalation_path p;
insert into casework.teams (code, name)
select distinct a.team, initcap(replace(a.team, '_', ' ')) from casework.product_areas a on conflict do nothing;
alter table casework.product_areas add foreign key (team) references casework.teams;
alter table casework.escalation_path add foreign key (team) references casework.teams;
alter table casework.teams enable row level security, force row level security;
create policy owner on casework.teams to casework_owner using (true);
create policy staff on casework.teams for select to casework_staff using ((select rules.caller_id()) is not null);
create policy administrator on casework.teams to casework_staff
  using ((select rules.has_role('administrator')));
grant select, insert (code, name, active, created_at, updated_at), update (name, active, version, updated_at)
  on casework.teams to casework_staff;

-- product_areas: those that they know. capacity: how many open cases are enough.
alter table casework.staff
  add column product_areas text[],
  add column team text references casework.teams,
  add column capacity int check (capacity between 0 and 10000),
  add column external_id text,
  add column version bigint not null default 1,
  add column created_at timestamptz not null default now(),
  add column updated_at timestamptz not null default now();
create unique index staff_external_id on casework.staff (external_id);
alter index casework.staff_address alter column 1 set statistics 0;
alter table casework.staff
  alter column name set statistics 0,
  alter column role set statistics 0,
  alter column roles set statistics 0,
  alter column email set statistics 0,
  alter column team set statistics 0,
  alter column external_id set statistics 0;
alter table casework.teams
  alter column code set statistics 0,
  alter column name set statistics 0;
alter table casework.staff enable row level security, force row level security;
create policy owner on casework.staff to casework_owner using (true);
create policy everybody on casework.staff for select
  to casework_contact, casework_partner, casework_staff, casework_telephony, casework_worker using (true);
create policy administrator on casework.staff to casework_staff
  using ((select rules.has_role('administrator')));
grant select on casework.staff to casework_staff;
grant insert (name, email, roles, product_areas, team, capacity, ferpa_trained_on, external_id, active, created_at, updated_at),
  update (name, email, roles, product_areas, team, capacity, ferpa_trained_on, external_id, active, version, updated_at)
  on casework.staff to casework_staff;

-- Whether technical contacts look after the others of their district: the vendor's
-- to allow. Body: sql/rules/people/contacts.sql.
create table casework.contact_settings (
  one                                boolean primary key default true check (one),
  technical_contacts_manage_contacts boolean not null default false,
  version                            bigint not null default 1,
  updated_at                         timestamptz not null default now()
);
insert into casework.contact_settings default values;
alter table casework.contact_settings enable row level security, force row level security;
create policy owner on casework.contact_settings to casework_owner using (true);
create policy everybody on casework.contact_settings for select to casework_contact, casework_staff using (true);
create policy administrator on casework.contact_settings to casework_staff
  using ((select rules.has_role('administrator')));
grant select on casework.contact_settings to casework_contact, casework_staff;
grant update (technical_contacts_manage_contacts, version, updated_at) on casework.contact_settings to casework_staff;

create function rules.manages_contacts() returns boolean language sql stable return false;
create policy technical_insert on casework.contacts for insert to casework_contact
  with check (district_id = (select rules.district()) and (select rules.manages_contacts())
    and kind = 'support' and training_completed_on is null and external_id is null);
create policy technical_update on casework.contacts for update to casework_contact
  using (district_id = (select rules.district()) and (select rules.manages_contacts()));
grant insert (district_id, name, email, phone, kind, authorized, training_completed_on, external_id, created_at, updated_at),
  update (authorized)
  on casework.contacts to casework_contact;
grant select (kind) on casework.contacts to casework_worker;
