-- A State Department of Education is a partner of its own kind (3.7): it sees the
-- districts of its state, and of their cases those of state reporting that a contact
-- has shared with it. No district is ever assigned to it, so what is a partner's by
-- its districts is none of its: what it sees, the policies here say, and no others.

alter table casework.partners
  add column state text check (state ~ '^[A-Z][A-Z]$'),
  drop constraint partners_kind_check,
  add constraint partners_kind_check check (kind in ('esa', 'channel', 'state_department')),
  add constraint partners_state check ((kind = 'state_department') = (state is not null));
grant select (state) on casework.partners to casework_worker;
grant insert (state) on casework.partners to casework_staff;

alter table casework.cases add column shared_with_state_at timestamptz;     -- null: it is not
grant update (shared_with_state_at) on casework.cases to casework_contact;

-- The state of the caller, if it is such a department; sql/rules/base/context.sql.
create function rules.state() returns text
language plpgsql stable as $$
begin
  return null;
end $$;

create policy state_department on casework.districts for select to casework_partner
  using (state = (select rules.state()));
create policy state_department on casework.cases for select to casework_partner
  using ((select rules.state()) is not null and shared_with_state_at is not null and product_area = 'state_reporting'
    and exists (select from casework.districts d where d.id = district_id and d.state = (select rules.state())));
-- Of those cases, which the policy above shows: what everybody reads who may read them,
-- but no files, which may hold whatever a pupil's record does.
create policy state_department on casework.notes for select to casework_partner
  using ((select rules.state()) is not null and visibility = 'public' and exists (
    select from casework.cases c where c.id = case_id and c.district_id = notes.district_id));
create policy state_department_write on casework.notes for insert to casework_partner
  with check ((select rules.state()) is not null and visibility = 'public' and kind = 'note'
    and coalesce(behalf_kind, author_kind) = 'partner' and coalesce(behalf_id, author_id) = (select rules.caller_id())
    and exists (select from casework.cases c where c.id = case_id and c.district_id = notes.district_id));
create policy state_department on casework.events for select to casework_partner
  using ((select rules.state()) is not null and visibility = 'public' and case_id is not null and exists (
    select from casework.cases c where c.id = case_id and c.district_id = events.district_id));
create policy state_department_write on casework.events for insert to casework_partner
  with check ((select rules.state()) is not null and visibility = 'public' and type = 'case.note_added'
    and coalesce(behalf_kind, actor_kind) = 'partner' and coalesce(behalf_id, actor_id) = (select rules.caller_id())
    and exists (select from casework.cases c where c.id = case_id and c.district_id = events.district_id));

-- An incident is told to who serves a district that it touches.
drop policy partner on casework.incidents;
create policy partner on casework.incidents for select to casework_partner
  using ((select rules.state()) is null
    and exists (select from casework.districts d where rules.incident_touches(incidents, d)));
