-- Presence (3.5): who of the staff has a case open for writing, so that two do not
-- answer at once unknowingly. A lease of a minute that says nothing of the case: no
-- event tells of it.

create view views.presence_document with (security_invoker) as
select c.id, row_to_json(d) as body
from casework.cases c
cross join lateral (
  select c.id as case_id, (
    select coalesce(json_agg(json_build_object(
      'advisor', row (s.id, s.name)::views.advisor, 'since', views.utc(p.since), 'until', views.utc(p.until))
      order by p.since, s.id), '[]')
    from (
      select o.staff_id, o.since, o.until from casework.case_presence o
      where o.case_id = c.id and o.until > (select rules.now())
      order by o.since, o.staff_id limit 50) as p
    join casework.staff s on s.id = p.staff_id) as present
) as d;
grant select on views.presence_document to casework_staff;

-- Who comes again after their lease has ended comes anew. What is over of the
-- caller's own goes with it, so nobody has to tidy up.
create or replace function rules.enter_case(case_id bigint, out status int, out body json)
language plpgsql as $$
declare
  district bigint := rules.require_case(case_id);
  at timestamptz := rules.now();
begin
  delete from casework.case_presence p
  where p.staff_id = rules.caller_id() and p.until <= at and p.case_id <> enter_case.case_id;
  insert into casework.case_presence as p (staff_id, case_id, district_id, since, until)
  values (rules.caller_id(), enter_case.case_id, district, at, at + interval '1 minute')
  on conflict on constraint case_presence_pkey do update
  set until = excluded.until, since = case when p.until <= at then excluded.since else p.since end;
  select 200, d.body into status, body from views.presence_document d where d.id = enter_case.case_id;
end $$;

create or replace function rules.leave_case(case_id bigint, out status int, out body json)
language plpgsql as $$
begin
  perform rules.require_case(case_id);
  delete from casework.case_presence p
  where p.staff_id = rules.caller_id() and p.case_id = leave_case.case_id;
  select 200, d.body into status, body from views.presence_document d where d.id = leave_case.case_id;
end $$;
