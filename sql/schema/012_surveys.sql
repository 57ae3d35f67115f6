-- Surveys (facts 71 to 77; 2.7) and published figures (facts 27 to 30,
-- 55, 75; 2.9).

-- What the rules of surveys leave to choose, as data. Intervals in hours: 30
-- days are 30 × 24 h, whatever daylight saving time does to the wall clock.
create table casework.survey_settings (
  single         boolean primary key default true check (single),
  survey_scope   text not null default 'contact' check (survey_scope in ('contact', 'district')),
  throttle       interval not null default '720 hours',  -- between two surveys of one customer
  open_for       interval not null default '720 hours',  -- from the invitation to the last response
  smallest_group integer not null default 5 check (smallest_group > 0),
  satisfied_from smallint not null default 4 check (satisfied_from between 1 and 5)
);
insert into casework.survey_settings default values;
grant select on casework.survey_settings to casework_staff;

-- Links in mails are HMACs with this key: made again whenever the mail is, and
-- not to be found in a copy of the other tables. Nobody but the owner reads it.
create table rules.link_key (
  single boolean primary key default true check (single),
  key    bytea not null check (length(key) = 32)
);
insert into rules.link_key (key) values (
  uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));

-- A closing, judged once: invited, or why not. A response is possible until
-- expires_at to who knows the token. No role reads it; functions do.
create table casework.survey_invitations (
  id           bigint generated always as identity (start with 1001) primary key,
  district_id  bigint not null,
  case_id      bigint not null,
  contact_id   bigint not null references casework.contacts,
  outcome      text not null check (outcome in ('sent', 'suppressed')),
  reason       text check (reason in ('opted_out', 'sent_within_30_days', 'no_email', 'contact_inactive', 'test_case')),
  decided_at   timestamptz not null,
  sent_at      timestamptz,
  expires_at   timestamptz,
  token_sha256 bytea unique,
  foreign key (case_id, district_id) references casework.cases (id, district_id),
  check ((outcome = 'suppressed') = (reason is not null)),
  check ((outcome = 'sent') = (sent_at is not null)),
  check ((outcome = 'sent') = (expires_at is not null))
);
create index survey_invitations_contact on casework.survey_invitations (contact_id, sent_at) where outcome = 'sent';
create index survey_invitations_district on casework.survey_invitations (district_id, sent_at) where outcome = 'sent';
create index survey_invitations_case on casework.survey_invitations (case_id);
alter table casework.survey_invitations enable row level security, force row level security;
create policy owner on casework.survey_invitations to casework_owner using (true);

-- Whom the throttle counts for, by scope: the row that two closings at the same
-- instant meet at. Its key makes one of them wait, and last_sent_at refuses it.
create table casework.survey_customers (
  survey_scope text not null check (survey_scope in ('contact', 'district')),
  customer_id  bigint not null,
  district_id  bigint not null,
  last_sent_at timestamptz not null,
  primary key (survey_scope, customer_id)
);
alter table casework.survey_customers enable row level security, force row level security;
create policy owner on casework.survey_customers to casework_owner using (true);

-- What people answered is for staff, and in sums for the figures.
create table casework.survey_responses (
  id              bigint generated always as identity (start with 1001) primary key,
  invitation_id   bigint not null unique references casework.survey_invitations,
  district_id     bigint not null,
  case_id         bigint not null,
  contact_id      bigint not null references casework.contacts,
  courtesy        smallint not null check (courtesy between 1 and 5),
  knowledge       smallint not null check (knowledge between 1 and 5),
  timeliness      smallint not null check (timeliness between 1 and 5),
  quality         smallint not null check (quality between 1 and 5),
  overall_service smallint not null check (overall_service between 1 and 5),
  comment         text,
  submitted_at    timestamptz not null,
  counted         boolean not null default false,  -- whether it is in casework.monthly_surveys
  reviewed_at     timestamptz,
  reviewed_by     bigint references casework.staff,
  reviewer_name   text,
  review_use      text check (review_use in ('recognize', 'coach', 'improve')),
  review_comment  text,
  foreign key (case_id, district_id) references casework.cases (id, district_id),
  check (num_nonnulls(reviewed_at, reviewed_by, reviewer_name, review_use) in (0, 4))
);
create index survey_responses_district on casework.survey_responses (district_id, submitted_at);
create index survey_responses_case on casework.survey_responses (case_id);
create index survey_responses_unreviewed on casework.survey_responses (id) where reviewed_at is null;
alter table casework.survey_responses enable row level security, force row level security;
create policy owner on casework.survey_responses to casework_owner using (true);
create policy staff on casework.survey_responses to casework_staff
  using ((select rules.caller_id()) is not null);
create policy worker on casework.survey_responses to casework_worker using (true);
grant select, update (reviewed_at, reviewed_by, reviewer_name, review_use, review_comment)
  on casework.survey_responses to casework_staff;
grant select (id, district_id, case_id, courtesy, knowledge, timeliness, quality, overall_service, submitted_at,
    counted),
  update (counted)
  on casework.survey_responses to casework_worker;

-- What a case adds to the figures of the day it was submitted on, and the sum
-- of these per day and district (0: all districts). Kept by a timer from the
-- events, so that figures over a year read 366 rows, not a million cases.
create table casework.case_figures (
  case_id          bigint primary key,
  district_id      bigint not null,
  date             date not null,
  submitted        integer not null,
  medium           integer not null,
  critical         integer not null,
  critical_in_time integer not null,
  answered         integer not null,
  elapsed          numeric not null,   -- microseconds of business time to the first response
  closed           integer not null,
  closed_initially integer not null
);
alter table casework.case_figures enable row level security, force row level security;
create policy owner on casework.case_figures to casework_owner using (true);
create policy worker on casework.case_figures to casework_worker using (true);
grant select, insert, update on casework.case_figures to casework_worker;

create table casework.daily_figures (
  district_id      bigint not null,
  date             date not null,
  submitted        bigint not null,
  medium           bigint not null,
  critical         bigint not null,
  critical_in_time bigint not null,
  answered         bigint not null,
  elapsed          numeric not null,
  closed           bigint not null,
  closed_initially bigint not null,
  primary key (district_id, date)
);
alter table casework.daily_figures enable row level security, force row level security;
create policy owner on casework.daily_figures to casework_owner using (true);
-- Sums of a district are for those who see all its cases.
create policy contact on casework.daily_figures for select to casework_contact
  using (district_id = (select rules.district()));
create policy partner on casework.daily_figures for select to casework_partner
  using (district_id = any ((select rules.districts())::bigint[]));
create policy staff on casework.daily_figures for select to casework_staff
  using ((select rules.caller_id()) is not null);
create policy worker on casework.daily_figures to casework_worker using (true);
grant select on casework.daily_figures to casework_contact, casework_partner, casework_staff, casework_worker;
grant insert, update on casework.daily_figures to casework_worker;

-- The same for survey responses, by local month. Overall Service is counted by
-- rating, so that from which one a customer is satisfied remains a setting.
create table casework.monthly_surveys (
  district_id bigint not null,
  month       date not null check (extract(day from month) = 1),
  responses   bigint not null,
  courtesy    bigint not null,
  knowledge   bigint not null,
  timeliness  bigint not null,
  quality     bigint not null,
  overall     bigint[] not null check (cardinality(overall) = 5),  -- responses by rating of Overall Service
  primary key (district_id, month)
);
alter table casework.monthly_surveys enable row level security, force row level security;
create policy owner on casework.monthly_surveys to casework_owner using (true);
create policy worker on casework.monthly_surveys to casework_worker using (true);
grant select, insert, update on casework.monthly_surveys to casework_worker;
