-- Changes confirmed in writing (facts 7, 35), permissions for a site and what was
-- done there (facts 8 to 10).

create domain casework.change_kind as text
  check (value in ('data', 'configuration'));
create domain casework.change_state as text
  check (value in ('awaiting_written_verification', 'verified', 'performed', 'declined', 'withdrawn'));

create table casework.change_requests (
  id                   bigint generated always as identity (start with 100001),
  district_id          bigint not null,
  case_id              bigint not null,
  kind                 casework.change_kind not null,
  description          text not null,
  state                casework.change_state not null default 'awaiting_written_verification',
  requested_at         timestamptz not null,
  requested_by_kind    text not null,
  requested_by_id      bigint not null,
  requested_by_name    text not null,
  verified_at          timestamptz,
  verified_by_id       bigint,
  verified_by_name     text,
  verification_note_id bigint,
  ended_at             timestamptz,
  ended_by_kind        text,
  ended_by_id          bigint,
  ended_by_name        text,
  remark               text,
  version              bigint not null default 1,
  primary key (id, district_id),
  foreign key (case_id, district_id) references casework.cases (id, district_id),
  foreign key (verification_note_id, district_id) references casework.notes (id, district_id),
  check ((verified_at is null) = (verification_note_id is null)),
  check (state not in ('verified', 'performed') or verified_at is not null),
  check ((ended_at is not null) = (state in ('performed', 'declined', 'withdrawn')))
);
create index change_requests_case on casework.change_requests (district_id, case_id, id);
alter table casework.change_requests enable row level security, force row level security;
create policy owner on casework.change_requests to casework_owner using (true);
create policy worker on casework.change_requests for select to casework_worker using (true);
create policy contact on casework.change_requests for select to casework_contact
  using (district_id = (select rules.district()));
create policy contact_insert on casework.change_requests for insert to casework_contact
  with check (district_id = (select rules.district()) and state = 'awaiting_written_verification');
-- Rule of fact 7, once more and below all code: verified is what the contact on
-- the case has confirmed in a note of its own, written after the request.
create policy contact_update on casework.change_requests for update to casework_contact
  using (district_id = (select rules.district()))
  with check (district_id = (select rules.district()) and (state = 'withdrawn' or (
    state = 'verified' and exists (
      select from casework.notes n
      join casework.cases c on c.id = n.case_id and c.district_id = n.district_id
      where n.id = verification_note_id and n.district_id = change_requests.district_id
        and n.case_id = change_requests.case_id and n.created_at >= requested_at
        and n.author_kind = 'contact' and n.author_id = c.contact_id and n.author_id = verified_by_id
        and n.behalf_id is null))));
create policy partner on casework.change_requests for select to casework_partner
  using (district_id = any ((select rules.districts())::bigint[]));
create policy partner_insert on casework.change_requests for insert to casework_partner
  with check (district_id = any ((select rules.districts())::bigint[]) and state = 'awaiting_written_verification');
create policy staff on casework.change_requests to casework_staff
  using ((select rules.caller_id()) is not null);
-- Whoever closes a case withdraws what awaits its contact.
create policy worker_withdraw on casework.change_requests for update to casework_worker
  using (state = 'awaiting_written_verification')
  with check (state = 'withdrawn');
grant select
  on casework.change_requests to casework_contact, casework_partner, casework_staff, casework_worker;
grant insert (district_id, case_id, kind, description, requested_at, requested_by_kind, requested_by_id,
    requested_by_name)
  on casework.change_requests to casework_contact, casework_partner, casework_staff;
grant update (state, ended_at, ended_by_kind, ended_by_id, ended_by_name, remark, version)
  on casework.change_requests to casework_contact, casework_staff, casework_worker;
grant update (verified_at, verified_by_id, verified_by_name, verification_note_id)
  on casework.change_requests to casework_contact;

create domain casework.permission_scope as text
  check (value in ('test', 'change'));
create domain casework.access_purpose as text
  check (value in ('view', 'replicate', 'test', 'change'));

create table casework.site_permissions (
  id                 bigint generated always as identity (start with 100001),
  district_id        bigint not null,
  case_id            bigint not null,
  site_id            bigint not null,
  scope              casework.permission_scope not null,
  note_id            bigint not null,           -- the permission in writing
  granted_at         timestamptz not null,
  granted_by_id      bigint not null,
  granted_by_name    text not null,
  expires_at         timestamptz check (expires_at > granted_at),
  expiry_recorded_at timestamptz,               -- by the timer; what counts is expires_at
  revoked_at         timestamptz,
  revoked_by_id      bigint,
  revoked_by_name    text,
  version            bigint not null default 1,
  primary key (id, district_id),
  foreign key (case_id, district_id) references casework.cases (id, district_id),
  foreign key (site_id, district_id) references casework.sites (id, district_id),
  foreign key (note_id, district_id) references casework.notes (id, district_id)
);
create index site_permissions_case on casework.site_permissions (district_id, case_id, id);
create index site_permissions_expiry on casework.site_permissions (expires_at)
  where expiry_recorded_at is null and revoked_at is null;
alter table casework.site_permissions enable row level security, force row level security;
create policy owner on casework.site_permissions to casework_owner using (true);
create policy worker on casework.site_permissions to casework_worker using (true);
create policy contact on casework.site_permissions for select to casework_contact
  using (district_id = (select rules.district()));
create policy contact_grant on casework.site_permissions for insert to casework_contact
  with check (district_id = (select rules.district()) and granted_by_id = (select rules.caller_id()));
create policy contact_revoke on casework.site_permissions for update to casework_contact
  using (district_id = (select rules.district()) and revoked_at is null)
  with check (district_id = (select rules.district()) and revoked_at is not null
    and revoked_by_id = (select rules.caller_id()));
create policy partner on casework.site_permissions for select to casework_partner
  using (district_id = any ((select rules.districts())::bigint[]));
create policy staff on casework.site_permissions for select to casework_staff
  using ((select rules.caller_id()) is not null);
grant select
  on casework.site_permissions to casework_contact, casework_partner, casework_staff, casework_worker;
grant update (version) on casework.site_permissions to casework_contact, casework_worker;
grant insert (district_id, case_id, site_id, scope, note_id, granted_at, granted_by_id, granted_by_name,
    expires_at),
  update (revoked_at, revoked_by_id, revoked_by_name)
  on casework.site_permissions to casework_contact;
grant update (expiry_recorded_at) on casework.site_permissions to casework_worker;

create table casework.site_accesses (
  id                 bigint generated always as identity (start with 100001),
  district_id        bigint not null,
  case_id            bigint not null,
  site_id            bigint not null,
  purpose            casework.access_purpose not null,
  note               text,
  site_permission_id bigint,
  accessed_at        timestamptz not null,
  accessed_by_kind   text not null,
  accessed_by_id     bigint not null,
  accessed_by_name   text not null,
  behalf_kind        text,
  behalf_id          bigint,
  behalf_name        text,
  primary key (id, district_id),
  foreign key (case_id, district_id) references casework.cases (id, district_id),
  foreign key (site_id, district_id) references casework.sites (id, district_id),
  foreign key (site_permission_id, district_id) references casework.site_permissions (id, district_id),
  check ((purpose in ('test', 'change')) = (site_permission_id is not null))
);
create index site_accesses_case on casework.site_accesses (district_id, case_id, id);
alter table casework.site_accesses enable row level security, force row level security;
create policy owner on casework.site_accesses to casework_owner using (true);
create policy contact on casework.site_accesses for select to casework_contact
  using (district_id = (select rules.district()));
create policy partner on casework.site_accesses for select to casework_partner
  using (district_id = any ((select rules.districts())::bigint[]));
create policy staff on casework.site_accesses for select to casework_staff
  using ((select rules.caller_id()) is not null);
create policy staff_write on casework.site_accesses for insert to casework_staff
  with check (coalesce(behalf_kind, accessed_by_kind) = 'staff'
    and coalesce(behalf_id, accessed_by_id) = (select rules.caller_id()));
grant select on casework.site_accesses to casework_contact, casework_partner, casework_staff;
grant insert on casework.site_accesses to casework_staff;
