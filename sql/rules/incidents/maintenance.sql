-- Maintenance begins and ends by its schedule (facts 50, 64, 68): the service
-- says so with an update, like staff would, so that status files, the forum and
-- mails follow. Once a person has written while it was in progress, it is theirs
-- to end: what takes longer must not be reported as done.

-- The status that is due at an instant; null if none is.
create or replace function rules.maintenance_due(i casework.incidents, at timestamptz) returns text
language plpgsql stable as $$
begin
  return case
    when i.scheduled_until <= at and (i.status = 'scheduled' or not exists (
      select from casework.incident_updates u
      where u.incident_id = i.id and u.status = 'in_progress' and u.actor_kind <> 'system')) then 'completed'
    when i.scheduled_from <= at and i.status = 'scheduled' then 'in_progress' end;
end $$;

create or replace function rules.timer_maintenance(batch int) returns int
language plpgsql as $$
declare
  actor rules.actor := rules.actor();
  i casework.incidents;
  handled int := 0;
begin
  for i in
    select * from casework.incidents n
    where n.kind = 'maintenance' and n.resolved_at is null and n.scheduled_from <= actor.at
      and rules.maintenance_due(n, actor.at) is not null
      and not rules.timer_skips('maintenance', n.id::text)
    order by n.scheduled_from limit batch for no key update skip locked
  loop
    handled := handled + 1;
    begin
      perform rules.move_incident(i, d.status, case d.status
          when 'completed' then 'The maintenance has ended as scheduled.'
          else 'The maintenance has begun as scheduled.' end, actor)
      from (values (rules.maintenance_due(i, actor.at))) as d (status);
    exception when others then
      perform rules.timer_failed('maintenance', i.id::text, sqlerrm);
    end;
  end loop;
  return handled;
end $$;
revoke execute on function rules.timer_maintenance from public;
grant execute on function rules.timer_maintenance to casework_worker;
