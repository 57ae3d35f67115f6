-- Product defects and what is done about them (facts 59 to 62).
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

-- Cases and defects name each other.
alter table casework.cases
  add foreign key (resolution_defect_id) references casework.defects;

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
alter table casework.case_defects enable row level security, force row level security;
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

alter table casework.defects enable row level security, force row level security;
create policy owner on casework.defects to casework_owner using (true);
create policy contact on casework.defects for select to casework_contact
  using (exists (select from casework.case_defects l where l.defect_id = defects.id and l.unlinked_at is null));
create policy partner on casework.defects for select to casework_partner
  using (exists (select from casework.case_defects l where l.defect_id = defects.id and l.unlinked_at is null));
create policy staff on casework.defects to casework_staff
  using ((select rules.caller_id()) is not null);
create policy worker on casework.defects for select to casework_worker using (true);
grant select on casework.defects to casework_contact, casework_partner, casework_staff, casework_worker;
grant insert, update (title, description, product_area, status, development_issue_key, affected_releases,
    confirmed_at, confirmed_by_kind, confirmed_by_id, confirmed_by_name, updated_at, version)
  on casework.defects to casework_staff;

-- What was tried where. Append-only, like notes; seen with its defect.
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
alter table casework.defect_replications enable row level security, force row level security;
create policy owner on casework.defect_replications to casework_owner using (true);
create policy reader on casework.defect_replications for select to casework_contact, casework_partner
  using (exists (select from casework.defects d where d.id = defect_id));
create policy staff on casework.defect_replications to casework_staff
  using ((select rules.caller_id()) is not null);
grant select on casework.defect_replications to casework_contact, casework_partner, casework_staff;
grant insert on casework.defect_replications to casework_staff;

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
alter table casework.defect_fixes enable row level security, force row level security;
create policy owner on casework.defect_fixes to casework_owner using (true);
create policy reader on casework.defect_fixes for select to casework_contact, casework_partner
  using (exists (select from casework.defects d where d.id = defect_id));
create policy staff on casework.defect_fixes to casework_staff
  using ((select rules.caller_id()) is not null);
create policy worker on casework.defect_fixes for select to casework_worker using (true);
grant select on casework.defect_fixes to casework_contact, casework_partner, casework_staff, casework_worker;
grant insert on casework.defect_fixes to casework_staff;

-- Cases to be told of a fix: written with it, done by the worker one by one.
-- held_back: told, but another defect of the case was not fixed yet. Which cases
-- are still to be told is nobody's but the service's.
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
alter table casework.defect_fix_cases enable row level security, force row level security;
create policy owner on casework.defect_fix_cases to casework_owner using (true);
create policy staff on casework.defect_fix_cases to casework_staff
  using ((select rules.caller_id()) is not null);
create policy worker on casework.defect_fix_cases to casework_worker using (true);
grant select, update (done_at) on casework.defect_fix_cases to casework_staff, casework_worker;
grant insert on casework.defect_fix_cases to casework_staff;
grant update (held_back) on casework.defect_fix_cases to casework_worker;
