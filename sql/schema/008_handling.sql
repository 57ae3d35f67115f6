-- How a case is handled: escalations (facts 55 to 58), following up on a
-- resolution that awaits verification (2.5), and who follows a case (fact 62).

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
grant select on casework.escalation_path to casework_partner, casework_staff, casework_public;

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
alter table casework.escalations enable row level security, force row level security;
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
-- Whoever closes a case ends its escalation.
create policy contact_close on casework.escalations for update to casework_contact
  using (district_id = (select rules.district()) and returned_at is null and closed_at is null)
  with check (district_id = (select rules.district()) and closed_at is not null);
create policy worker_close on casework.escalations for update to casework_worker
  using (returned_at is null and closed_at is null)
  with check (closed_at is not null);
grant select on casework.escalations to casework_contact, casework_partner, casework_staff, casework_worker;
grant update (closed_at, closed_by_kind, closed_by_id, closed_by_name, version)
  on casework.escalations to casework_contact, casework_staff, casework_worker;
grant insert (district_id, case_id, team, level, note_id, opened_at, opened_by_kind, opened_by_id,
    opened_by_name)
  on casework.escalations to casework_partner, casework_staff;
grant update (accepted_at, accepted_by_kind, accepted_by_id, accepted_by_name, returned_at, returned_by_kind,
    returned_by_id, returned_by_name)
  on casework.escalations to casework_staff;

-- Why, among ourselves: a table of its own, so that the roles of contacts and
-- partners have no privilege on it whatever is asked.
create table casework.escalation_reasons (
  district_id   bigint not null,
  escalation_id bigint not null,
  reason        text not null,
  primary key (escalation_id, district_id),
  foreign key (escalation_id, district_id) references casework.escalations (id, district_id)
);
alter table casework.escalation_reasons enable row level security, force row level security;
create policy owner on casework.escalation_reasons to casework_owner using (true);
create policy staff on casework.escalation_reasons to casework_staff
  using ((select rules.caller_id()) is not null);
grant select, insert on casework.escalation_reasons to casework_staff;

-- How often and when (the document says "three follow-ups within ten business
-- days" and no more): business days of the follow-ups, business day whose end
-- closes the case, local time at which the service writes what staff have not.
create table casework.follow_up_plan (
  single       boolean primary key default true check (single),
  slot_days    smallint[] not null default '{3,6,9}' check (cardinality(slot_days) > 0 and 0 < all (slot_days)),
  length       smallint not null default 10 check (length between 1 and 250 and length >= all (slot_days)),
  automatic_at time not null default '17:00'
);
insert into casework.follow_up_plan default values;
grant select on casework.follow_up_plan to casework_partner, casework_staff, casework_worker;

-- How a run ends: answered by a contact, closed, closed by the timer, or
-- withdrawn by staff who took the case back.
create domain casework.follow_up_outcome as text
  check (value in ('answered', 'closed', 'auto_closed', 'withdrawn'));

-- A run per entry into pending_verification, and what was done in it. Its dates
-- stand in the row, so that a timer finds what is due by one index and answers
-- need no arithmetic; a change of calendar or plan moves those of open runs. A
-- contact ends a run, by answering or closing; it starts none.
create table casework.follow_up_runs (
  district_id   bigint not null,
  case_id       bigint not null,
  run           integer not null,
  started_at    timestamptz not null,
  due_dates     date[] not null,
  auto_close_at timestamptz not null,
  next_slot     integer not null default 1,  -- beyond due_dates: all are recorded
  next_at       timestamptz not null,        -- when a timer has to look: next slot, or auto_close_at
  ended_at      timestamptz,
  outcome       casework.follow_up_outcome,
  primary key (district_id, case_id, run),
  foreign key (case_id, district_id) references casework.cases (id, district_id),
  check ((ended_at is null) = (outcome is null))
);
create unique index follow_up_runs_open on casework.follow_up_runs (case_id) where ended_at is null;
create index follow_up_runs_due on casework.follow_up_runs (next_at) where ended_at is null;
alter table casework.follow_up_runs enable row level security, force row level security;
create policy owner on casework.follow_up_runs to casework_owner using (true);
create policy contact on casework.follow_up_runs to casework_contact
  using (district_id = (select rules.district()));
create policy partner on casework.follow_up_runs to casework_partner
  using (district_id = any ((select rules.districts())::bigint[]));
create policy staff on casework.follow_up_runs to casework_staff
  using ((select rules.caller_id()) is not null);
create policy worker on casework.follow_up_runs to casework_worker using (true);
grant select, update (ended_at, outcome)
  on casework.follow_up_runs to casework_contact, casework_partner, casework_staff, casework_worker;
grant update (next_slot, next_at)
  on casework.follow_up_runs to casework_partner, casework_staff, casework_worker;
grant insert on casework.follow_up_runs to casework_partner, casework_staff;

-- Who followed up, and with which words, is the note.
create table casework.follow_ups (
  id          bigint generated always as identity (start with 100001),
  district_id bigint not null,
  case_id     bigint not null,
  run         integer not null,
  slot        integer,                       -- null: one more than the plan asks for
  at          timestamptz not null,
  method      text not null check (method in ('note', 'call')),
  automatic   boolean not null,
  note_id     bigint not null,
  primary key (district_id, case_id, id),
  unique (district_id, case_id, run, slot),
  foreign key (district_id, case_id, run) references casework.follow_up_runs,
  foreign key (note_id, district_id) references casework.notes (id, district_id)
);
alter table casework.follow_ups enable row level security, force row level security;
create policy owner on casework.follow_ups to casework_owner using (true);
create policy contact on casework.follow_ups for select to casework_contact
  using (district_id = (select rules.district()));
create policy partner on casework.follow_ups to casework_partner
  using (district_id = any ((select rules.districts())::bigint[]));
create policy staff on casework.follow_ups to casework_staff
  using ((select rules.caller_id()) is not null);
create policy worker on casework.follow_ups to casework_worker using (true);
grant select on casework.follow_ups to casework_contact, casework_partner, casework_staff, casework_worker;
grant insert on casework.follow_ups to casework_partner, casework_staff, casework_worker;

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
alter table casework.case_followers enable row level security, force row level security;
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
grant select
  on casework.case_followers to casework_contact, casework_partner, casework_staff, casework_worker;
grant insert, delete on casework.case_followers to casework_contact, casework_staff;
