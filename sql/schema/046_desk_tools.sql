-- What people at the desk help themselves with (3.5): who has a case open, what
-- each has read, and tags.

-- Who of the staff has a case open for writing, a minute at a time. Not kept over a
-- crash, and without foreign keys, which would lock the case with each renewal.
create unlogged table casework.case_presence (
  staff_id    bigint not null,
  case_id     bigint not null,
  district_id bigint not null,
  since       timestamptz not null,
  until       timestamptz not null,
  primary key (staff_id, case_id)
);
create index case_presence_case on casework.case_presence (case_id);
alter table casework.case_presence enable row level security, force row level security;
create policy owner on casework.case_presence to casework_owner using (true);
create policy staff on casework.case_presence for select to casework_staff
  using ((select rules.caller_id()) is not null);
create policy staff_own on casework.case_presence to casework_staff
  using (staff_id = (select rules.caller_id()));
grant select, insert, delete, update (since, until) on casework.case_presence to casework_staff;

-- How far somebody has read the history of a case; what comes later by others is
-- unread, and all of it where there is no mark.
create table casework.reading_marks (
  reader_kind text not null check (reader_kind in ('contact', 'staff')),
  reader_id   bigint not null,
  case_id     bigint not null,
  district_id bigint not null,
  event_id    bigint not null,
  read_at     timestamptz not null,
  primary key (reader_kind, reader_id, case_id),
  foreign key (case_id, district_id) references casework.cases (id, district_id)
);
alter table casework.reading_marks enable row level security, force row level security;
create policy owner on casework.reading_marks to casework_owner using (true);
create policy contact on casework.reading_marks to casework_contact
  using (reader_kind = 'contact' and reader_id = (select rules.caller_id()) and district_id = (select rules.district()));
create policy staff on casework.reading_marks to casework_staff
  using (reader_kind = 'staff' and reader_id = (select rules.caller_id()));
grant select, insert, update (event_id, read_at) on casework.reading_marks to casework_contact, casework_staff;
-- One list of cases serves all callers; a partner has no mark, and no policy.
grant select on casework.reading_marks to casework_partner;

-- Tags, for staff alone: contacts and partners have no policy, so that the list of
-- cases, which all use, finds none for them.
create table casework.case_tags (
  district_id   bigint not null,
  case_id       bigint not null,
  tag           text not null,
  added_by_id   bigint not null references casework.staff,
  added_by_name text not null,
  added_at      timestamptz not null,
  primary key (case_id, tag),
  foreign key (case_id, district_id) references casework.cases (id, district_id)
);
create index case_tags_tag on casework.case_tags (tag, case_id);
alter table casework.case_tags alter column tag set statistics 0, alter column added_by_name set statistics 0;
alter table casework.case_tags enable row level security, force row level security;
create policy owner on casework.case_tags to casework_owner using (true);
create policy staff on casework.case_tags to casework_staff
  using ((select rules.caller_id()) is not null);
grant select on casework.case_tags to casework_contact, casework_partner, casework_staff;
grant insert, delete on casework.case_tags to casework_staff;

-- Prepared answers, for all staff; leads and administrators write them. What is no
-- longer used is not active.
create table casework.replies (
  id           bigint generated always as identity primary key,
  name         text not null,
  text         text not null,
  product_area text references casework.product_areas,
  active       boolean not null,
  version      bigint not null default 1,
  created_at   timestamptz not null,
  updated_at   timestamptz not null
);
alter table casework.replies alter column name set statistics 0, alter column text set statistics 0;
alter table casework.replies enable row level security, force row level security;
create policy owner on casework.replies to casework_owner using (true);
create policy staff on casework.replies for select to casework_staff
  using ((select rules.caller_id()) is not null);
create policy lead on casework.replies to casework_staff
  using ((select rules.has_role('lead')) or (select rules.has_role('administrator')));
grant select, insert (name, text, product_area, active, created_at, updated_at),
    update (name, text, product_area, active, version, updated_at)
  on casework.replies to casework_staff;

-- A contact also adds colleagues of its district as followers, and takes back those
-- that it has added.
drop policy contact_follow on casework.case_followers;
create policy contact_follow on casework.case_followers for insert to casework_contact
  with check (district_id = (select rules.district())
    and (contact_id = (select rules.caller_id()) or exists (
      select from casework.contacts p
      where p.id = contact_id and p.district_id = (select rules.district()) and p.may_call)));
drop policy contact_unfollow on casework.case_followers;
create policy contact_unfollow on casework.case_followers for delete to casework_contact
  using (district_id = (select rules.district()) and (contact_id = (select rules.caller_id())
    or added_by_kind = 'contact' and added_by_id = (select rules.caller_id())));

-- Filters of cases that somebody of the staff has saved, for themselves or for all.
create table casework.saved_filters (
  id         bigint generated always as identity primary key,
  owner_id   bigint not null references casework.staff,
  name       text not null,
  shared     boolean not null,
  filters    jsonb not null,
  version    bigint not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index saved_filters_owner on casework.saved_filters (owner_id, id);
alter table casework.saved_filters alter column name set statistics 0, alter column filters set statistics 0;
alter table casework.saved_filters enable row level security, force row level security;
create policy owner on casework.saved_filters to casework_owner using (true);
create policy staff on casework.saved_filters for select to casework_staff
  using ((select rules.caller_id()) is not null and shared);
create policy staff_own on casework.saved_filters to casework_staff
  using (owner_id = (select rules.caller_id()));
grant select, delete, insert (owner_id, name, shared, filters, created_at, updated_at),
    update (name, shared, filters, version, updated_at)
  on casework.saved_filters to casework_staff;

-- Whether the service assigns new cases by itself, and how many open cases are
-- enough for whom no capacity is said; 0: these get none.
create table casework.assignment_settings (
  single    boolean primary key default true check (single),
  automatic boolean not null default false,
  capacity  integer not null default 20 check (capacity between 0 and 10000)
);
insert into casework.assignment_settings default values;
insert into casework.settings (name) values ('assignment');
alter table casework.assignment_settings enable row level security, force row level security;
create policy owner on casework.assignment_settings to casework_owner using (true);
create policy worker on casework.assignment_settings for select to casework_worker using (true);
create policy administrator on casework.assignment_settings to casework_staff
  using ((select rules.has_role('administrator')));
grant select, update (automatic, capacity) on casework.assignment_settings to casework_staff;
grant select on casework.assignment_settings to casework_worker;
grant select (name, product_areas, capacity) on casework.staff to casework_worker;
grant update (assigned_advisor_id, assigned_advisor_name) on casework.cases to casework_worker;
