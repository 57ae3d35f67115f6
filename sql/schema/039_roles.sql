-- Least rights of each role of staff (fact 80, 3.2): what the document says as
-- x-roles, once more, below the rules. Everybody of staff goes on reading.

-- Who looks after incidents, announcements, the on-call roster, deadlines, releases.
create function rules.is_lead() returns boolean language sql stable
  return rules.has_role('lead') or rules.has_role('administrator');
create function rules.is_analyst() returns boolean language sql stable
  return rules.has_role('state_reporting_analyst') or rules.is_lead();
create function rules.is_engineer() returns boolean language sql stable
  return rules.has_role('development_engineer') or rules.is_lead();

-- Policies of their own for reading and writing: a read asks for no role.
do $$
declare
  relation text;
begin
  foreach relation in array '{incidents, incident_districts, incident_deliveries, survey_responses}'::text[] loop
    execute format('drop policy staff on casework.%I', relation);
    execute format('create policy staff on casework.%I for select to casework_staff '
      'using ((select rules.caller_id()) is not null)', relation);
    execute format('create policy lead_insert on casework.%I for insert to casework_staff '
      'with check ((select rules.is_lead()))', relation);
    execute format('create policy lead_update on casework.%I for update to casework_staff '
      'using ((select rules.is_lead()))', relation);
  end loop;
  foreach relation in array '{incident_updates, incident_events}'::text[] loop
    execute format('alter policy staff_write on casework.%I with check (coalesce(behalf_kind, actor_kind) = ''staff'' '
      'and coalesce(behalf_id, actor_id) = (select rules.caller_id()) and (select rules.is_lead()))', relation);
  end loop;
  foreach relation in array '{notes, attachments}'::text[] loop
    execute format('alter policy staff_redact on casework.%I '
      'using ((select rules.is_lead()) and redacted_at is null)', relation);
  end loop;
  foreach relation in array '{announcements, advisor_availability, on_call_shifts, reporting_deadlines, releases}'::text[]
  loop
    execute format('alter table casework.%I enable row level security, force row level security', relation);
    execute format('create policy owner on casework.%I to casework_owner using (true)', relation);
    execute format('create policy reader on casework.%I for select using (true)', relation);
  end loop;
end $$;

create policy worker on casework.announcements for insert to casework_worker with check (true);
create policy lead_insert on casework.announcements for insert to casework_staff with check ((select rules.is_lead()));
create policy lead_update on casework.announcements for update to casework_staff using ((select rules.is_lead()));

create policy lead_insert on casework.on_call_shifts for insert to casework_staff with check ((select rules.is_lead()));

-- Advisors speak for themselves only.
create policy advisor_insert on casework.advisor_availability for insert to casework_staff
  with check (staff_id = (select rules.caller_id()) and (select rules.has_role('advisor')));
create policy advisor_update on casework.advisor_availability for update to casework_staff
  using (staff_id = (select rules.caller_id()) and (select rules.has_role('advisor')));

create policy analyst_insert on casework.reporting_deadlines for insert to casework_staff
  with check ((select rules.is_analyst()));

create policy engineer_insert on casework.releases for insert to casework_staff
  with check ((select rules.is_engineer()));
create policy engineer_update on casework.releases for update to casework_staff using ((select rules.is_engineer()));
