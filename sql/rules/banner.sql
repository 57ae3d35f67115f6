-- The banner of the portal (fact 50, 2.10): what touches the caller's district
-- now. It follows scope and state as they are, so nothing has to be sent out.

-- How long before its beginning maintenance is posted (a choice: the knowledge
-- base says about two weeks).
create or replace function rules.maintenance_notice() returns interval
  language sql immutable
  return interval '14 days';

-- The district asked for, or the contact's own; null: any that the caller has.
-- Another's is 404.
create or replace function rules.banner_district(asked bigint) returns bigint
language plpgsql stable as $$
declare
  district bigint := coalesce(asked, rules.district());
begin
  if district is not null and not exists (select from casework.districts d where d.id = district) then
    perform rules.refuse(404, 'not-found', 'There is no such district.');
  end if;
  return district;
end $$;

-- Orange incidents before green maintenance; the gravest, then the latest.
create or replace function rules.get_banner(district_id bigint) returns json
language plpgsql stable as $$
declare
  district bigint := rules.banner_district(district_id);
  moment timestamptz := rules.now();
begin
  return json_build_object('banner', (
    select json_build_object(
      'kind', i.kind, 'colour', case i.kind when 'incident' then 'orange' else 'green' end,
      'title', i.title, 'text', u.text, 'status', i.status, 'severity', i.severity, 'incident_id', i.id,
      'scheduled_from', api.utc(i.scheduled_from), 'scheduled_until', api.utc(i.scheduled_until),
      'updated_at', api.utc(i.updated_at))
    from casework.incidents i
    cross join lateral (
      select n.text from casework.incident_updates n where n.incident_id = i.id order by n.id desc limit 1) as u
    where i.resolved_at is null
      and exists (select from casework.districts d
        where (d.id = district or district is null) and rules.incident_touches(i, d))
      and (i.kind = 'incident' or (moment >= i.scheduled_from - rules.maintenance_notice()
        and (moment < i.scheduled_until or i.status = 'in_progress')))
    order by i.kind = 'incident' desc,
      array_position(array['critical', 'major', 'minor', 'none'], i.severity::text), i.updated_at desc, i.id desc
    limit 1));
end $$;
