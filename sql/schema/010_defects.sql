-- Escalations (facts 55 to 58), product defects and what is done about them
-- (59 to 62), and who follows a case.
--
-- A defect belongs to no district. A district sees it while one of its own
-- cases is linked: the policy asks for a link, and the links have policies of
-- their own, so no other district's link is ever counted or named.

create domain casework.defect_status as text
  check (value in ('reported', 'confirmed', 'fixed', 'not_a_defect'));
create domain casework.environment as text
  check (value in ('production', 'staging', 'sandbox', 'preview'));
create domain casework.replication_outcome as text
  check (value in ('reproduced', 'not_reproduced', 'inconclusive'));

-- The published path. Level 0 is the initial support level; a case only rises.
create table casework.escalation_path (
  team        casework.team primary key,
  level       integer not null check (level > 0),
  position    integer not null unique,
  name        text not null,
  description text not null
);
insert into casework.escalation_path (team, level, position, name, description) values
  ('training', 1, 1, 'Training', 'How the product is used, when an answer in the case is not enough.'),
  ('process_consulting', 1, 2, 'Process Consulting', 'How a district''s process is set up in the product.'),
  ('managed_services', 1, 3, 'Managed Services', 'Work that is done for a district on its behalf.'),
  ('technical_services', 2, 4, 'Technical Services', 'Servers, databases, integrations and performance.'),
  ('development', 3, 5, 'Development', 'Faults of the product itself.');
grant select on casework.escalation_path to casework_contact, casework_partner, casework_staff,
  casework_telephony, casework_public;

-- One per hand-over to a team; without a team it is a partner's to Campus.
create table casework.escalations (
  id               bigint generated always as identity (start with 100001),
  district_id      bigint not null,
  case_id          bigint not null,
  team             casework.team,
  level            integer not null,
  note_id          bigint not null,       -- what the contacts were told
  opened_at        timestamptz not null,
  opened_by_kind   text not null,
  opened_by_id     bigint not null,
  opened_by_name   text not null,
  accepted_at      timestamptz,
  accepted_by_kind text,
  accepted_by_id   bigint,
  accepted_by_name text,
  returned_at      timestamptz,
  returned_by_kind text,
  returned_by_id   bigint,
  returned_by_name text,
  closed_at        timestamptz,
  closed_by_kind   text,
  closed_by_id     bigint,
  closed_by_name   text,
  version          bigint not null default 1,
  primary key (id, district_id),
  foreign key (case_id, district_id) references casework.cases (id, district_id),
  foreign key (note_id, district_id) references casework.notes (id, district_id)
);
create index escalations_case on casework.escalations (district_id, case_id, id);
-- A case lies with one team at a time.
create unique index escalations_open on casework.escalations (case_id)
  where returned_at is null and closed_at is null;

alter table casework.escalations enable row level security;
alter table casework.escalations force row level security;
create policy owner on casework.escalations to casework_owner using (true);
create policy contact on casework.escalations for select to casework_contact
  using (district_id = (select rules.district()));
create policy partner on casework.escalations for select to casework_partner
  using (district_id = any ((select rules.districts())::bigint[]));
create policy partner_write on casework.escalations for insert to casework_partner
  with check (district_id = any ((select rules.districts())::bigint[]) and team is null);
create policy staff on casework.escalations to casework_staff
  using ((select rules.caller_id()) is not null);
create policy worker on casework.escalations for select to casework_worker using (true);
grant select on casework.escalations to casework_contact, casework_partner, casework_staff, casework_worker;
grant insert on casework.escalations to casework_partner, casework_staff;
grant update (
    accepted_at, accepted_by_kind, accepted_by_id, accepted_by_name,
    returned_at, returned_by_kind, returned_by_id, returned_by_name,
    closed_at, closed_by_kind, closed_by_id, closed_by_name, version)
  on casework.escalations to casework_staff;
-- A partner's hand-over to Campus changes who provides the support.
grant update (support_provider) on casework.cases to casework_partner;

-- Why, among ourselves: a table of its own, so that the roles of contacts and
-- partners have no privilege on it whatever is asked.
create table casework.escalation_reasons (
  district_id   bigint not null,
  escalation_id bigint not null,
  reason        text not null,
  primary key (escalation_id, district_id),
  foreign key (escalation_id, district_id) references casework.escalations (id, district_id)
);
alter table casework.escalation_reasons enable row level security;
alter table casework.escalation_reasons force row level security;
create policy owner on casework.escalation_reasons to casework_owner using (true);
create policy staff on casework.escalation_reasons to casework_staff
  using ((select rules.caller_id()) is not null);
grant select, insert on casework.escalation_reasons to casework_staff;

create table casework.defects (
  id                    bigint generated always as identity (start with 100001) primary key,
  title                 text not null,
  description           text not null,
  product_area          text references casework.product_areas,
  status                casework.defect_status not null default 'reported',
  development_issue_key text,
  affected_releases     text[] not null default '{}',
  reported_at           timestamptz not null,
  reported_by_kind      text not null,
  reported_by_id        bigint not null,
  reported_by_name      text not null,
  confirmed_at          timestamptz,
  confirmed_by_kind     text,
  confirmed_by_id       bigint,
  confirmed_by_name     text,
  updated_at            timestamptz not null,
  version               bigint not null default 1,
  check (status not in ('confirmed', 'fixed') or development_issue_key is not null)
);

-- Which case suffers from which defect; a link ends, it is not deleted.
create table casework.case_defects (
  district_id   bigint not null,
  case_id       bigint not null,
  defect_id     bigint not null references casework.defects,
  linked_at     timestamptz not null,
  linked_by_kind text not null,
  linked_by_id  bigint not null,
  linked_by_name text not null,
  unlinked_at   timestamptz,
  foreign key (case_id, district_id) references casework.cases (id, district_id)
);
-- the district first: whether it sees a defect does not depend on how many
-- cases others have
create unique index case_defects_linked on casework.case_defects (defect_id, district_id, case_id)
  where unlinked_at is null;
create index case_defects_case on casework.case_defects (district_id, case_id, defect_id) where unlinked_at is null;

-- What was tried where. Append-only, like notes.
create table casework.defect_replications (
  id             bigint generated always as identity (start with 100001) primary key,
  defect_id      bigint not null references casework.defects,
  environment    casework.environment not null,
  version        text not null,
  steps          text not null,
  outcome        casework.replication_outcome not null,
  tested_at      timestamptz not null,
  tested_by_kind text not null,
  tested_by_id   bigint not null,
  tested_by_name text not null,
  recorded_at    timestamptz not null
);
create index defect_replications_defect on casework.defect_replications (defect_id, id);

-- A regression is fixed again, in another release.
create table casework.defect_fixes (
  id            bigint generated always as identity (start with 100001) primary key,
  defect_id     bigint not null references casework.defects,
  release       text not null,
  text          text,
  fixed_at      timestamptz not null,
  fixed_by_kind text not null,
  fixed_by_id   bigint not null,
  fixed_by_name text not null,
  unique (defect_id, release)
);

-- Cases to be told of a fix: written with it, done by the worker one by one.
-- held_back: told, but another defect of the case was not fixed yet.
create table casework.defect_fix_cases (
  district_id bigint not null,
  case_id     bigint not null,
  fix_id      bigint not null references casework.defect_fixes,
  done_at     timestamptz,
  held_back   boolean not null default false,
  primary key (fix_id, case_id),
  foreign key (case_id, district_id) references casework.cases (id, district_id)
);
create index defect_fix_cases_pending on casework.defect_fix_cases (case_id, fix_id) where done_at is null;
create index defect_fix_cases_held_back on casework.defect_fix_cases (case_id) where held_back;

alter table casework.case_defects enable row level security;
alter table casework.case_defects force row level security;
create policy owner on casework.case_defects to casework_owner using (true);
create policy contact on casework.case_defects for select to casework_contact
  using (district_id = (select rules.district()));
create policy partner on casework.case_defects for select to casework_partner
  using (district_id = any ((select rules.districts())::bigint[]));
create policy staff on casework.case_defects to casework_staff
  using ((select rules.caller_id()) is not null);
create policy worker on casework.case_defects for select to casework_worker using (true);
grant select on casework.case_defects to casework_contact, casework_partner, casework_staff, casework_worker;
grant insert, update (unlinked_at) on casework.case_defects to casework_staff;

alter table casework.defects enable row level security;
alter table casework.defects force row level security;
create policy owner on casework.defects to casework_owner using (true);
create policy contact on casework.defects for select to casework_contact
  using (exists (select from casework.case_defects l where l.defect_id = defects.id and l.unlinked_at is null));
create policy partner on casework.defects for select to casework_partner
  using (exists (select from casework.case_defects l where l.defect_id = defects.id and l.unlinked_at is null));
create policy staff on casework.defects to casework_staff
  using ((select rules.caller_id()) is not null);
create policy worker on casework.defects for select to casework_worker using (true);
grant select on casework.defects to casework_contact, casework_partner, casework_staff, casework_worker;
grant insert on casework.defects to casework_staff;
grant update (title, description, product_area, status, development_issue_key, affected_releases,
    confirmed_at, confirmed_by_kind, confirmed_by_id, confirmed_by_name, updated_at, version)
  on casework.defects to casework_staff;

-- Replications and fixes are seen with their defect.
alter table casework.defect_replications enable row level security;
alter table casework.defect_replications force row level security;
create policy owner on casework.defect_replications to casework_owner using (true);
create policy reader on casework.defect_replications for select to casework_contact, casework_partner
  using (exists (select from casework.defects d where d.id = defect_id));
create policy staff on casework.defect_replications to casework_staff
  using ((select rules.caller_id()) is not null);
grant select on casework.defect_replications to casework_contact, casework_partner, casework_staff;
grant insert on casework.defect_replications to casework_staff;

alter table casework.defect_fixes enable row level security;
alter table casework.defect_fixes force row level security;
create policy owner on casework.defect_fixes to casework_owner using (true);
create policy reader on casework.defect_fixes for select to casework_contact, casework_partner
  using (exists (select from casework.defects d where d.id = defect_id));
create policy staff on casework.defect_fixes to casework_staff
  using ((select rules.caller_id()) is not null);
create policy worker on casework.defect_fixes for select to casework_worker using (true);
grant select on casework.defect_fixes to casework_contact, casework_partner, casework_staff, casework_worker;
grant insert on casework.defect_fixes to casework_staff;

-- Which cases are still to be told is nobody's but the service's.
alter table casework.defect_fix_cases enable row level security;
alter table casework.defect_fix_cases force row level security;
create policy owner on casework.defect_fix_cases to casework_owner using (true);
create policy staff on casework.defect_fix_cases to casework_staff
  using ((select rules.caller_id()) is not null);
create policy worker on casework.defect_fix_cases to casework_worker using (true);
grant select, insert, update (done_at) on casework.defect_fix_cases to casework_staff;
grant select, update (done_at, held_back) on casework.defect_fix_cases to casework_worker;

-- Contacts who are written to although they have no other part in the case.
-- A preference: it may be deleted.
create table casework.case_followers (
  district_id   bigint not null,
  case_id       bigint not null,
  contact_id    bigint not null references casework.contacts,
  since         timestamptz not null,
  added_by_kind text not null,
  added_by_id   bigint not null,
  added_by_name text not null,
  primary key (district_id, case_id, contact_id),
  foreign key (case_id, district_id) references casework.cases (id, district_id)
);
alter table casework.case_followers enable row level security;
alter table casework.case_followers force row level security;
create policy owner on casework.case_followers to casework_owner using (true);
create policy contact on casework.case_followers for select to casework_contact
  using (district_id = (select rules.district()));
create policy contact_follow on casework.case_followers for insert to casework_contact
  with check (district_id = (select rules.district()) and contact_id = (select rules.caller_id()));
create policy contact_unfollow on casework.case_followers for delete to casework_contact
  using (district_id = (select rules.district()) and contact_id = (select rules.caller_id()));
create policy partner on casework.case_followers for select to casework_partner
  using (district_id = any ((select rules.districts())::bigint[]));
create policy staff on casework.case_followers to casework_staff
  using ((select rules.caller_id()) is not null);
create policy worker on casework.case_followers for select to casework_worker using (true);
grant select on casework.case_followers to casework_contact, casework_partner, casework_staff, casework_worker;
grant insert, delete on casework.case_followers to casework_contact, casework_staff;

alter table casework.cases
  add foreign key (resolution_defect_id) references casework.defects;
