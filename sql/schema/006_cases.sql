-- Cases, their finished response cycles and their words.
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
create domain casework.team as text
  check (value in ('managed_services', 'training', 'process_consulting', 'technical_services', 'development'));
create domain casework.scope as text
  check (value in ('in_scope', 'out_of_scope', 'undetermined'));

-- What a list shows of a case, kept as text with the case: making it for every
-- row of every page took most of a page's time. All but its end is stored, as a
-- generated column, so nothing can forget it and nothing can make it differ from
-- the row. The end is the state of the response target, which the clock decides
-- (views.case_list). Another shape of the item is another migration: function and
-- column change together there.
--
-- Immutable for the service's settings only (DateStyle ISO), which roles fix.
-- Codes need no escaping, their domains and keys say so; what people write does.
create function casework.case_list_item(
  id bigint, district_id bigint, type text, subject text, product_area text, priority text, status text,
  advisor_id bigint, advisor_name text, submitted_at timestamptz, updated_at timestamptz, due_at timestamptz)
returns text
language plpgsql immutable set datestyle = 'ISO, YMD' as $$
begin
  return concat(
    '{"id":', id, ',"district_id":', district_id, ',"type":"', type, '","subject":', to_json(subject),
    ',"product_area":', coalesce('"' || product_area || '"', 'null'),
    ',"priority":"', priority, '","status":"', status, '","assigned_advisor":',
    case when advisor_id is null then 'null'
      else concat('{"id":', advisor_id, ',"display_name":', to_json(advisor_name), '}') end,
    replace(concat(',"submitted_at":"', submitted_at at time zone 'UTC', 'Z","updated_at":"',
      updated_at at time zone 'UTC', 'Z","response_target":{"due_at":"', due_at at time zone 'UTC', 'Z","state":"'),
      ' ', 'T'));
end $$;

create table casework.cases (
  id                    bigint generated always as identity (start with 100001),
  district_id           bigint not null references casework.districts,
  site_id               bigint,
  contact_id            bigint not null references casework.contacts,
  -- names are as of the act: they outlive a move or a change of name
  submitted_by_kind     text not null,
  submitted_by_id       bigint not null,
  submitted_by_name     text not null,
  type                  casework.case_type not null,
  subject               text not null,
  description           text not null,
  replication_steps     text,
  impact                text,
  users_affected        integer,
  workaround            text,
  product_area          text references casework.product_areas,
  product_version       text,
  platform              text,
  priority              text not null references casework.service_levels,
  initial_priority      text not null references casework.service_levels,
  due_on                date,
  reporting_deadline_id bigint references casework.reporting_deadlines,
  incident_id           bigint references casework.incidents,
  follows_case_id       bigint,
  channel               casework.channel not null,
  test                  boolean not null default false,
  -- who has it, and how far it has come
  status                casework.case_status not null,
  issue_type            casework.issue_type,
  support_provider      casework.support_provider not null,
  assigned_advisor_id   bigint references casework.staff,
  assigned_advisor_name text,
  escalation_level      integer not null default 0,
  scope                 casework.scope not null default 'undetermined',
  redirect_team         casework.team,
  policy_question       boolean not null default false,
  phone_follow_up_at    timestamptz,
  -- its resolution
  resolution_kind       text,
  resolution            text,
  fixed_in_release      text,
  resolution_defect_id  bigint,              -- references casework.defects, see there
  resolved_at           timestamptz,
  resolved_by_kind      text,
  resolved_by_id        bigint,
  resolved_by_name      text,
  -- its end
  closed_at             timestamptz,
  closed_by_kind        text,
  closed_by_id          bigint,
  closed_by_name        text,
  closure_reason        casework.closure_reason,
  merged_into_case_id   bigint,
  reopen_until          timestamptz,
  reopened_at           timestamptz,
  -- the current response cycle
  response_cycle        integer not null default 1,
  response_priority     text not null references casework.service_levels,
  response_seconds      integer not null,
  response_started_at   timestamptz not null,
  response_position     bigint not null,     -- of response_started_at on the axis of rules.business_days
  response_due_at       timestamptz not null,
  first_response_at     timestamptz,
  response_elapsed      bigint,              -- microseconds, once answered or closed: the clock has stopped
  response_missed       boolean not null default false,  -- final
  overdue_on_change     boolean not null default false,
  submitted_at          timestamptz not null,
  created_at            timestamptz not null,
  updated_at            timestamptz not null,
  version               bigint not null default 1,
  list_item             text not null generated always as (
    casework.case_list_item(id, district_id, type, subject, product_area, priority, status, assigned_advisor_id,
      assigned_advisor_name, submitted_at, updated_at, response_due_at)) stored,
  primary key (id, district_id),
  foreign key (site_id, district_id) references casework.sites (id, district_id),
  foreign key (follows_case_id, district_id) references casework.cases (id, district_id),
  foreign key (merged_into_case_id, district_id) references casework.cases (id, district_id)
);
-- Every write moves a case in these indexes, so there are no more of them than a
-- list needs: one district's cases, everybody's cases, one advisor's, one
-- contact's, one site's.
create index cases_district on casework.cases (district_id, updated_at desc, id desc);
create index cases_recent on casework.cases (updated_at desc, id desc);
create index cases_advisor on casework.cases (assigned_advisor_id, updated_at desc, id desc)
  where assigned_advisor_id is not null;
create index cases_contact on casework.cases (contact_id, updated_at desc, id desc);
create index cases_site on casework.cases (site_id, updated_at desc, id desc) where site_id is not null;
-- The few cases that name something: one that names nothing is in none of these.
create index cases_incident on casework.cases (incident_id) where incident_id is not null;
create index cases_follows on casework.cases (follows_case_id) where follows_case_id is not null;
create index cases_merged_into on casework.cases (merged_into_case_id) where merged_into_case_id is not null;
create index cases_resolution_defect on casework.cases (resolution_defect_id) where resolution_defect_id is not null;
create index cases_fixed_in_release on casework.cases (fixed_in_release) where fixed_in_release is not null;
create index cases_reporting_deadline on casework.cases (reporting_deadline_id)
  where reporting_deadline_id is not null;
create index cases_redirect_team on casework.cases (redirect_team) where redirect_team is not null;
create index cases_test on casework.cases (district_id, id) where test;
-- Open targets: for the timer that reports a miss, and for a changed calendar.
-- A miss is recorded once: response_missed is set by whoever notices first, an
-- answer, a change of priority or the timer, and leaves this index.
create index cases_unanswered on casework.cases (response_due_at)
  where response_elapsed is null and not response_missed;
alter table casework.cases enable row level security, force row level security;
create policy owner on casework.cases to casework_owner using (true);
create policy contact on casework.cases to casework_contact
  using (district_id = (select rules.district()));
create policy partner on casework.cases to casework_partner
  using (district_id = any ((select rules.districts())::bigint[]));
create policy staff on casework.cases to casework_staff
  using ((select rules.caller_id()) is not null);
create policy worker on casework.cases to casework_worker using (true);
-- What the district says, and what follows from it, whoever does it.
grant select, update (site_id, contact_id, type, subject, description, replication_steps, impact,
    users_affected, workaround, product_area, product_version, platform, priority, due_on, incident_id, status,
    phone_follow_up_at, closed_at, closed_by_kind, closed_by_id, closed_by_name, closure_reason,
    merged_into_case_id, reopen_until, reopened_at, response_cycle, response_priority, response_seconds,
    response_started_at, response_position, response_due_at, first_response_at, response_elapsed,
    response_missed, overdue_on_change, updated_at, version)
  on casework.cases to casework_contact, casework_partner, casework_staff, casework_worker;
-- A case as it is submitted, and the clock with it; not how it goes on.
grant insert (district_id, site_id, contact_id, submitted_by_kind, submitted_by_id, submitted_by_name, type,
    subject, description, replication_steps, impact, users_affected, workaround, product_area, product_version,
    platform, priority, initial_priority, due_on, reporting_deadline_id, incident_id, follows_case_id, channel,
    test, status, issue_type, support_provider, response_priority, response_seconds, response_started_at,
    response_position, response_due_at, first_response_at, response_elapsed, submitted_at, created_at,
    updated_at)
  on casework.cases to casework_contact, casework_partner, casework_staff;
-- What only the provider of support says; a partner's hand-over changes who that is.
grant update (support_provider, escalation_level, resolution_kind, resolution, fixed_in_release,
    resolution_defect_id, resolved_at, resolved_by_kind, resolved_by_id, resolved_by_name)
  on casework.cases to casework_partner, casework_staff;
-- What staff alone say.
grant update (reporting_deadline_id, test, issue_type, assigned_advisor_id, assigned_advisor_name, scope,
    redirect_team, policy_question)
  on casework.cases to casework_staff;

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
alter table casework.response_cycles enable row level security, force row level security;
create policy owner on casework.response_cycles to casework_owner using (true);
create policy contact on casework.response_cycles to casework_contact
  using (district_id = (select rules.district()));
create policy staff on casework.response_cycles to casework_staff
  using ((select rules.caller_id()) is not null);
create policy worker on casework.response_cycles for select to casework_worker using (true);
grant insert on casework.response_cycles to casework_contact, casework_staff;
grant select on casework.response_cycles to casework_worker;

-- Words of cases, beside the cases: a case moves in its indexes with every note,
-- its words only change with its text. Nobody may read them but the function
-- that searches (sql/rules/cases/search.sql); what it finds, row-level security of
-- casework.cases lets through or not.
create extension if not exists btree_gin schema casework;

create table casework.case_words (
  case_id     bigint not null,
  district_id bigint not null,
  words       tsvector not null,
  primary key (case_id, district_id),
  foreign key (case_id, district_id) references casework.cases (id, district_id)
);
create index case_words_words on casework.case_words using gin (district_id, words);
alter table casework.case_words enable row level security, force row level security;
create policy owner on casework.case_words to casework_owner using (true);

create function casework.words_of(subject text, description text, replication_steps text) returns tsvector
  language sql immutable
  return setweight(to_tsvector('english', subject), 'A')
    || setweight(to_tsvector('english', description || ' ' || coalesce(replication_steps, '')), 'B');

-- The owner's rights: no service role may write words.
create function casework.keep_words() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into casework.case_words (case_id, district_id, words)
  values (new.id, new.district_id, casework.words_of(new.subject, new.description, new.replication_steps))
  on conflict (case_id, district_id) do update set words = excluded.words;
  return null;
end $$;
revoke execute on function casework.keep_words() from public;

create trigger keep_words after insert on casework.cases
  for each row execute function casework.keep_words();
create trigger keep_changed_words after update on casework.cases for each row
  when ((old.subject, old.description, old.replication_steps)
    is distinct from (new.subject, new.description, new.replication_steps))
  execute function casework.keep_words();

-- Which status may follow which, by which action and whose (1.12); filled by
-- sql/rules/cases/transitions.sql.
create table rules.transitions (
  from_status text not null,
  to_status   text not null,
  action      text not null,
  callers     text[] not null,
  primary key (from_status, to_status, action)
);
grant select on rules.transitions to casework_contact, casework_partner, casework_staff, casework_worker;

-- Members of a case a caller may set when submitting and when changing it.
create table rules.case_members (
  member     text primary key,
  may_submit text[] not null,
  may_change text[] not null
);
grant select on rules.case_members to casework_contact, casework_partner, casework_staff;
