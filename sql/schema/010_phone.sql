-- The phone: calls, routing, availability, the on-call roster, and the number
-- that only Authorized Contacts get to know (facts 5, 6, 21-23, 30-34, 37, 38).

-- What an advisor says of itself; who has said nothing is off shift.
create table casework.advisor_availability (
  staff_id   bigint primary key references casework.staff,
  on_shift   boolean not null,
  paused     boolean not null,
  extension  text not null check (extension ~ '^[0-9]{2,8}$'),
  updated_at timestamptz not null
);
grant select on casework.advisor_availability to casework_staff, casework_telephony;
grant insert, update on casework.advisor_availability to casework_staff;

-- Who answers outages: of shifts that overlap, the one entered last counts, so
-- that a swap is one more row and the roster keeps its past.
create table casework.on_call_shifts (
  id         bigint generated always as identity (start with 1000) primary key,
  staff_id   bigint not null references casework.staff,
  starts_at  timestamptz not null,
  ends_at    timestamptz not null check (ends_at > starts_at),
  extension  text not null check (extension ~ '^[0-9]{2,8}$'),
  created_at timestamptz not null
);
create index on_call_shifts_end on casework.on_call_shifts (ends_at);
grant select on casework.on_call_shifts to casework_staff, casework_telephony;
grant insert on casework.on_call_shifts to casework_staff;

-- What a contact enters on the keypad. No role reads or writes it: two
-- functions do. Without district_id, since it follows its person.
create table casework.phone_pins (
  contact_id bigint primary key references casework.contacts,
  salt       uuid not null,
  hash       bytea not null,
  failures   integer not null default 0,   -- wrong entries in a row
  failed_at  timestamptz,
  created_at timestamptz not null
);

-- Every decision of the phone system's caller; of one that was not refused a
-- call can follow, once, which takes the verification over.
create table casework.call_routings (
  id                  bigint generated always as identity (start with 100001) primary key,
  district_id         bigint references casework.districts,
  telephony_client_id bigint not null references casework.telephony_clients,
  at                  timestamptz not null,
  decision            text not null
    check (decision in ('refuse', 'on_call_hosting', 'closed', 'owner', 'advisor', 'queue')),
  contact_id          bigint references casework.contacts,
  case_id             bigint,       -- as entered, only if it is the district's
  advisor_id          bigint references casework.staff,
  foreign key (case_id, district_id) references casework.cases (id, district_id),
  check ((decision = 'refuse') = (contact_id is null)),
  check ((contact_id is null) = (district_id is null))
);
alter table casework.call_routings enable row level security, force row level security;
create policy owner on casework.call_routings to casework_owner using (true);
create policy telephony on casework.call_routings to casework_telephony
  using (telephony_client_id = (select rules.caller_id()));
grant select, insert on casework.call_routings to casework_telephony;

create domain casework.verification_method as text
  check (value in ('pin', 'call_back', 'email_code', 'details_on_file'));

-- district_id is null until somebody is known to be calling.
create table casework.calls (
  id                  bigint generated always as identity (start with 100001) primary key,
  district_id         bigint references casework.districts,
  telephony_client_id bigint not null references casework.telephony_clients,
  routing_id          bigint unique references casework.call_routings,
  queued_at           timestamptz not null,
  answered_at         timestamptz,
  ended_at            timestamptz,
  direct              boolean not null default false,  -- put through without queueing: waited 0 s
  advisor_id          bigint references casework.staff,
  contact_id          bigint references casework.contacts,
  verification_method casework.verification_method,
  verified_at         timestamptz,
  verified_by_kind    text,
  verified_by_id      bigint,
  verified_by_name    text,
  entered_case_id     bigint,
  case_id             bigint,
  version             bigint not null default 1,
  foreign key (case_id, district_id) references casework.cases (id, district_id),
  foreign key (entered_case_id, district_id) references casework.cases (id, district_id),
  check ((answered_at is null) = (advisor_id is null)),
  check (verified_at is not null or (district_id is null and contact_id is null and case_id is null)),
  check (verified_at is null or (district_id is not null and contact_id is not null))
);
-- Nobody is in two calls.
create unique index calls_busy on casework.calls (advisor_id) where answered_at is not null and ended_at is null;
create index calls_advisor on casework.calls (advisor_id, ended_at) where advisor_id is not null;
create index calls_case on casework.calls (case_id) where case_id is not null;
create index calls_queued on casework.calls (queued_at);
alter table casework.calls enable row level security, force row level security;
create policy owner on casework.calls to casework_owner using (true);
create policy staff on casework.calls to casework_staff
  using ((select rules.caller_id()) is not null);
create policy telephony on casework.calls to casework_telephony
  using ((select rules.caller_id()) is not null);
grant select, update (version) on casework.calls to casework_staff, casework_telephony;
grant update (district_id, contact_id, verification_method, verified_at, verified_by_kind, verified_by_id,
    verified_by_name, case_id)
  on casework.calls to casework_staff;
grant insert, update (answered_at, ended_at, direct, advisor_id) on casework.calls to casework_telephony;

-- The toll-free number: configuration, written by the owner. No role has any
-- right to this table; rules.toll_free_number() alone reads it (fact 34).
create table casework.support_line (
  single           boolean primary key default true check (single),
  toll_free_number text not null
);

-- Who got to know it, when; written by the same function.
create table casework.support_line_reads (
  id          bigint generated always as identity (start with 100001) primary key,
  district_id bigint not null references casework.districts,
  contact_id  bigint not null references casework.contacts,
  case_id     bigint,               -- the outage case that showed it
  at          timestamptz not null
);
create index support_line_reads_contact on casework.support_line_reads (contact_id, id);
alter table casework.support_line_reads enable row level security, force row level security;
create policy owner on casework.support_line_reads to casework_owner using (true);
create policy staff on casework.support_line_reads for select to casework_staff
  using ((select rules.caller_id()) is not null);
grant select on casework.support_line_reads to casework_staff;
