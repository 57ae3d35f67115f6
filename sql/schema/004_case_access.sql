-- Who may touch what of a case. Notes and events are append-only for every
-- service role; internal ones do not exist for contacts and partners.

alter table casework.cases enable row level security;
alter table casework.cases force row level security;
create policy owner on casework.cases to casework_owner using (true);
create policy contact on casework.cases to casework_contact
  using (district_id = (select rules.district()));
create policy partner on casework.cases to casework_partner
  using (district_id = any ((select rules.districts())::bigint[]));
create policy staff on casework.cases to casework_staff
  using ((select rules.caller_id()) is not null);
grant select, insert on casework.cases to casework_contact, casework_partner, casework_staff;
-- what the district says, and what follows from it
grant update (
    site_id, contact_id, type, subject, description, replication_steps, impact, users_affected, workaround,
    product_area, product_version, platform, priority, due_on, status,
    closed_at, closed_by_kind, closed_by_id, closed_by_name, closure_reason, merged_into_case_id,
    reopen_until, reopened_at,
    response_cycle, response_priority, response_seconds, response_started_at, response_position,
    response_due_at, response_elapsed, response_missed, overdue_on_change, updated_at, version)
  on casework.cases to casework_contact, casework_partner, casework_staff;
-- what only the provider of support says
grant update (
    resolution_kind, resolution, fixed_in_release, resolved_at, resolved_by_kind, resolved_by_id, resolved_by_name)
  on casework.cases to casework_partner, casework_staff;
-- the first response: also cleared when a contact's reopening starts a cycle
grant update (first_response_at)
  on casework.cases to casework_contact, casework_partner, casework_staff;
grant update (issue_type, support_provider, assigned_advisor_id)
  on casework.cases to casework_staff;

alter table casework.response_cycles enable row level security;
alter table casework.response_cycles force row level security;
create policy owner on casework.response_cycles to casework_owner using (true);
create policy contact on casework.response_cycles to casework_contact
  using (district_id = (select rules.district()));
create policy partner on casework.response_cycles for select to casework_partner
  using (district_id = any ((select rules.districts())::bigint[]));
create policy staff on casework.response_cycles to casework_staff
  using ((select rules.caller_id()) is not null);
grant select on casework.response_cycles to casework_contact, casework_partner, casework_staff;
grant insert on casework.response_cycles to casework_contact, casework_staff;

alter table casework.notes enable row level security;
alter table casework.notes force row level security;
create policy owner on casework.notes to casework_owner using (true);
create policy contact on casework.notes for select to casework_contact
  using (district_id = (select rules.district()) and visibility = 'public');
create policy contact_write on casework.notes for insert to casework_contact
  with check (district_id = (select rules.district()) and visibility = 'public'
    and coalesce(behalf_kind, author_kind) = 'contact'
    and coalesce(behalf_id, author_id) = (select rules.caller_id()));
create policy partner on casework.notes for select to casework_partner
  using (district_id = any ((select rules.districts())::bigint[]) and visibility = 'public');
create policy partner_write on casework.notes for insert to casework_partner
  with check (district_id = any ((select rules.districts())::bigint[]) and visibility = 'public'
    and coalesce(behalf_kind, author_kind) = 'partner'
    and coalesce(behalf_id, author_id) = (select rules.caller_id()));
create policy staff on casework.notes for select to casework_staff
  using ((select rules.caller_id()) is not null);
create policy staff_write on casework.notes for insert to casework_staff
  with check (coalesce(behalf_kind, author_kind) = 'staff'
    and coalesce(behalf_id, author_id) = (select rules.caller_id()));
grant select, insert on casework.notes to casework_contact, casework_partner, casework_staff;

alter table casework.events enable row level security;
alter table casework.events force row level security;
create policy owner on casework.events to casework_owner using (true);
create policy contact on casework.events for select to casework_contact
  using (district_id = (select rules.district()) and visibility = 'public');
create policy contact_write on casework.events for insert to casework_contact
  with check (district_id = (select rules.district()) and visibility = 'public'
    and coalesce(behalf_kind, actor_kind) = 'contact'
    and coalesce(behalf_id, actor_id) = (select rules.caller_id()));
create policy partner on casework.events for select to casework_partner
  using (district_id = any ((select rules.districts())::bigint[]) and visibility = 'public');
create policy partner_write on casework.events for insert to casework_partner
  with check (district_id = any ((select rules.districts())::bigint[]) and visibility = 'public'
    and coalesce(behalf_kind, actor_kind) = 'partner'
    and coalesce(behalf_id, actor_id) = (select rules.caller_id()));
create policy staff on casework.events for select to casework_staff
  using ((select rules.caller_id()) is not null);
create policy staff_write on casework.events for insert to casework_staff
  with check (coalesce(behalf_kind, actor_kind) = 'staff'
    and coalesce(behalf_id, actor_id) = (select rules.caller_id()));
grant select, insert on casework.events to casework_contact, casework_partner, casework_staff;
