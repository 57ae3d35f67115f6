-- Staff who leave (2.10): their cases have no owner any more, so that the phone
-- finds the next advisor and somebody takes them. Closed cases keep their owner
-- as history until they are reopened.

-- Who a case may be with: advisors, and analysts, whose queue is state reporting (3.7).
create or replace function rules.owner_roles() returns text[]
  language sql immutable
  return '{advisor,state_reporting_analyst}'::text[];

-- Takes these cases away from owners who are none any longer. With
-- the owner's rights: a contact who reopens a case may not write its owner.
create or replace function rules.leave_cases(case_ids bigint[]) returns void
language plpgsql security definer set search_path = '' as $$
declare
  actor rules.actor := rules.system_actor(rules.now());
begin
  with gone as (
    select c.id, c.district_id, c.assigned_advisor_id as advisor_id
    from casework.cases c join casework.staff s on s.id = c.assigned_advisor_id
    where c.id = any (case_ids) and rules.reaches(c.district_id) and not (s.active and s.roles && rules.owner_roles())
    order by c.id for no key update of c
  ), left_behind as (
    update casework.cases c set assigned_advisor_id = null, assigned_advisor_name = null,
      version = c.version + 1, updated_at = actor.at
    from gone g where c.id = g.id and c.district_id = g.district_id
    returning c.id, c.district_id, g.advisor_id
  )
  insert into casework.events (district_id, case_id, type, at, actor_kind, actor_id, actor_name, changes)
  select l.district_id, l.id, 'case.assigned', actor.at, actor.kind, actor.id, actor.name,
    jsonb_build_array(rules.changed('assigned_advisor_id', to_jsonb(l.advisor_id), null))
  from left_behind l;
  perform rules.wake();
end $$;
revoke execute on function rules.leave_cases from public;
grant execute on function rules.leave_cases to casework_contact, casework_staff;

-- A trigger, since the owner writes staff too.
create or replace function rules.staff_changed() returns trigger
language plpgsql as $$
begin
  perform rules.leave_cases(array(
    select c.id from casework.cases c where c.assigned_advisor_id = new.id and c.status <> 'closed'));
  return null;
end $$;

call rules.keep_trigger($$create trigger staff_changed
  after update of active, roles on casework.staff
  for each row
  when ((old.active and (old.roles && rules.owner_roles()) and (not (new.active and (new.roles && rules.owner_roles())))))
  execute function rules.staff_changed()$$);
