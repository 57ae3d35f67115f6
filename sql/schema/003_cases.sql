-- Cases, their notes, events and finished response cycles.
--
-- Keys are (id, district_id): the key a distributed table needs, and one probe
-- for who knows the number only. The number itself is unique because the
-- identity never gives one out twice. Foreign keys of what belongs to a case
-- include the district, so a note can never sit in another district's case.

-- Values as domains rather than CHECKs of the tables: a CHECK is read and
-- compiled again by every INSERT and UPDATE, a domain only tests new values.
create domain casework.case_type as text
  check (value in ('problem', 'question', 'request', 'outage'));
create domain casework.case_status as text
  check (value in ('new', 'assigned', 'assist_request', 'pending_customer_input', 'scheduled', 'escalated',
    'assigned_to_development', 'available_in_release', 'pending_verification', 'closed'));
create domain casework.issue_type as text
  check (value in ('question', 'configuration', 'data', 'defect', 'environment', 'training', 'enhancement'));
create domain casework.channel as text
  check (value in ('portal', 'phone', 'api'));
create domain casework.support_provider as text
  check (value in ('campus', 'partner'));
create domain casework.closure_reason as text
  check (value in ('resolved_confirmed', 'withdrawn', 'no_response', 'merged'));
create domain casework.note_kind as text
  check (value in ('note', 'resolution', 'closing', 'reopening'));
create domain casework.visibility as text
  check (value in ('public', 'internal'));

create table casework.cases (
  id                  bigint generated always as identity (start with 100001),
  district_id         bigint not null references casework.districts,
  site_id             bigint,
  contact_id          bigint not null references casework.contacts,
  -- names are as of the act: they outlive a move or a change of name
  submitted_by_kind   text not null,
  submitted_by_id     bigint not null,
  submitted_by_name   text not null,
  type                casework.case_type not null,
  subject             text not null,
  description         text not null,
  replication_steps   text,
  impact              text,
  users_affected      integer,
  workaround          text,
  product_area        text references casework.product_areas,
  product_version     text,
  platform            text,
  priority            text not null references casework.service_levels,
  initial_priority    text not null references casework.service_levels,
  due_on              date,
  status              casework.case_status not null,
  issue_type          casework.issue_type,
  channel             casework.channel not null,
  support_provider    casework.support_provider not null,
  assigned_advisor_id bigint references casework.staff,
  resolution_kind     text,
  resolution          text,
  fixed_in_release    text,
  resolved_at         timestamptz,
  resolved_by_kind    text,
  resolved_by_id      bigint,
  resolved_by_name    text,
  closed_at           timestamptz,
  closed_by_kind      text,
  closed_by_id        bigint,
  closed_by_name      text,
  closure_reason      casework.closure_reason,
  merged_into_case_id bigint,
  reopen_until        timestamptz,
  reopened_at         timestamptz,
  follows_case_id     bigint,
  -- the current response cycle
  response_cycle      integer not null default 1,
  response_priority   text not null references casework.service_levels,
  response_seconds    integer not null,
  response_started_at timestamptz not null,
  response_position   bigint not null,     -- of response_started_at on the axis of rules.business_days
  response_due_at     timestamptz not null,
  first_response_at   timestamptz,
  response_elapsed    bigint,              -- microseconds, once answered or closed: the clock has stopped
  response_missed     boolean not null default false,  -- final
  overdue_on_change   boolean not null default false,
  submitted_at        timestamptz not null,
  created_at          timestamptz not null,
  updated_at          timestamptz not null,
  version             bigint not null default 1,
  primary key (id, district_id),
  foreign key (site_id, district_id) references casework.sites (id, district_id),
  foreign key (follows_case_id, district_id) references casework.cases (id, district_id),
  foreign key (merged_into_case_id, district_id) references casework.cases (id, district_id)
);
-- Every write moves a case in these indexes, so there are no more of them than
-- a list needs: one district's cases, everybody's cases, one advisor's cases.
create index cases_district on casework.cases (district_id, updated_at desc, id desc);
create index cases_recent on casework.cases (updated_at desc, id desc);
create index cases_advisor on casework.cases (assigned_advisor_id, updated_at desc, id desc)
  where assigned_advisor_id is not null;
-- Open targets: for the timer that reports a miss, and for a changed calendar.
create index cases_unanswered on casework.cases (response_due_at)
  where response_elapsed is null;

create table casework.response_cycles (
  district_id       bigint not null,
  case_id           bigint not null,
  cycle             integer not null,
  priority          text not null,
  business_seconds  integer not null,
  started_at        timestamptz not null,
  due_at            timestamptz not null,
  first_response_at timestamptz,
  elapsed           bigint not null,
  missed            boolean not null,
  overdue_on_change boolean not null,
  primary key (district_id, case_id, cycle),
  foreign key (case_id, district_id) references casework.cases (id, district_id)
);

create table casework.notes (
  id          bigint generated always as identity (start with 100001),
  district_id bigint not null,
  case_id     bigint not null,
  kind        casework.note_kind not null default 'note',
  visibility  casework.visibility not null,
  text        text not null,
  author_kind text not null,
  author_id   bigint not null,
  author_name text not null,
  behalf_kind text,
  behalf_id   bigint,
  behalf_name text,
  created_at  timestamptz not null,
  primary key (id, district_id),
  foreign key (case_id, district_id) references casework.cases (id, district_id)
);
create index notes_case on casework.notes (district_id, case_id, id);

-- Every change, once, in its own transaction; history reads this and nothing
-- else. xid puts a feed in commit order: ids alone are not in it.
create table casework.events (
  id          bigint generated always as identity (start with 100001),
  district_id bigint not null,
  case_id     bigint,
  contact_id  bigint,
  note_id     bigint,
  type        text not null,
  at          timestamptz not null,
  actor_kind  text not null,
  actor_id    bigint not null,
  actor_name  text not null,
  behalf_kind text,
  behalf_id   bigint,
  behalf_name text,
  visibility  casework.visibility not null default 'public',
  changes     jsonb not null default '[]',
  xid         xid8 not null default pg_current_xact_id(),
  primary key (id, district_id)
);
create index events_case on casework.events (district_id, case_id, id) where case_id is not null;

-- Which status may follow which, by which action and whose (1.12); filled by
-- sql/rules/transitions.sql.
create table rules.transitions (
  from_status text not null,
  to_status   text not null,
  action      text not null,
  callers     text[] not null,
  primary key (from_status, to_status, action)
);
-- Members of a case a caller may set when submitting and when changing it.
create table rules.case_members (
  member     text primary key,
  may_submit text[] not null,
  may_change text[] not null
);
grant select on rules.transitions, rules.case_members
  to casework_contact, casework_partner, casework_staff;
