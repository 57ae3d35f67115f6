-- Following up on a resolution that awaits verification (2.5): a run per entry
-- into pending_verification, and what was done in it. Its dates stand in the
-- row, so that a timer finds what is due by one index and answers need no
-- arithmetic; a change of calendar or plan moves those of open runs.

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
grant select on casework.follow_up_plan
  to casework_contact, casework_partner, casework_staff, casework_worker;

-- How a run ends: answered by a contact, closed, closed by the timer, or
-- withdrawn by staff who took the case back.
create domain casework.follow_up_outcome as text
  check (value in ('answered', 'closed', 'auto_closed', 'withdrawn'));

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

alter table casework.follow_up_runs enable row level security;
alter table casework.follow_up_runs force row level security;
create policy owner on casework.follow_up_runs to casework_owner using (true);
create policy contact on casework.follow_up_runs to casework_contact
  using (district_id = (select rules.district()));
create policy partner on casework.follow_up_runs to casework_partner
  using (district_id = any ((select rules.districts())::bigint[]));
create policy staff on casework.follow_up_runs to casework_staff
  using ((select rules.caller_id()) is not null);
create policy worker on casework.follow_up_runs to casework_worker using (true);
grant select on casework.follow_up_runs to casework_contact, casework_partner, casework_staff, casework_worker;
-- a contact ends a run, by answering or closing; it starts none
grant update (ended_at, outcome)
  on casework.follow_up_runs to casework_contact, casework_partner, casework_staff, casework_worker;
grant insert, update (next_slot, next_at) on casework.follow_up_runs to casework_partner, casework_staff;
grant update (next_slot, next_at) on casework.follow_up_runs to casework_worker;

alter table casework.follow_ups enable row level security;
alter table casework.follow_ups force row level security;
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

-- Cases that wait already: nobody has followed up on them by these rules, so
-- their contacts get the whole of the ten days.
insert into casework.follow_up_runs (district_id, case_id, run, started_at, due_dates, auto_close_at, next_at)
select c.district_id, c.id, 1, now(), array[d.dates[3], d.dates[6], d.dates[9]], b.closes_at,
  (d.dates[3] + time '17:00') at time zone 'America/Chicago'
from casework.cases c
cross join (
  select array(select b.date from rules.business_days b
    where b.date > (now() at time zone 'America/Chicago')::date order by b.date limit 10) as dates) as d
join rules.business_days b on b.date = d.dates[10]
where c.status = 'pending_verification';
