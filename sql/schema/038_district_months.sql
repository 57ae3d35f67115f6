-- For leaders of a district: the registers of what was done on its sites (facts
-- 8 to 10), newest first, and its figures by month (3.8).

create index site_accesses_district on casework.site_accesses (district_id, accessed_at, id);
create index site_permissions_district on casework.site_permissions (district_id, granted_at, id);

-- The turns of a case, without its other events.
create index events_turns on casework.events (district_id, case_id)
  where type in ('case.closed', 'case.reopened');

-- What a case adds to a month, and the sum of these by district, month and the
-- month of submission: what is open at the end of a month, and how old it is, is
-- what was submitted and reopened until then less what was closed. Kept by a
-- timer from the events, so that ten years of a district are some thousand rows.
create table casework.case_months (
  case_id         bigint not null,
  district_id     bigint not null,
  submitted_month date not null check (extract(day from submitted_month) = 1),
  month           date not null check (extract(day from month) = 1),
  submitted       integer not null,
  closed          integer not null,
  reopened        integer not null,
  met             integer not null,  -- response cycles that began in the month
  missed          integer not null,
  primary key (case_id, month)
);
alter table casework.case_months enable row level security, force row level security;
create policy owner on casework.case_months to casework_owner using (true);
create policy worker on casework.case_months to casework_worker using (true);
grant select, insert, delete on casework.case_months to casework_worker;

create table casework.district_months (
  district_id     bigint not null,
  submitted_month date not null check (extract(day from submitted_month) = 1),
  month           date not null check (extract(day from month) = 1),
  submitted       bigint not null,
  closed          bigint not null,
  reopened        bigint not null,
  met             bigint not null,
  missed          bigint not null,
  primary key (district_id, month, submitted_month)
);
alter table casework.district_months enable row level security, force row level security;
create policy owner on casework.district_months to casework_owner using (true);
create policy contact on casework.district_months for select to casework_contact
  using (district_id = (select rules.district()));
create policy partner on casework.district_months for select to casework_partner
  using (district_id = any ((select rules.districts())::bigint[]));
create policy staff on casework.district_months for select to casework_staff
  using ((select rules.caller_id()) is not null);
create policy worker on casework.district_months to casework_worker using (true);
grant select on casework.district_months to casework_contact, casework_partner, casework_staff, casework_worker;
grant insert, update on casework.district_months to casework_worker;

-- From the first event on: what there is already is counted too.
insert into casework.event_cursors (consumer, xid, event_id) values ('months', '0', 0);
