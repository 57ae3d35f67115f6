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

-- Orange incidents before green maintenance; the gravest, then the latest. All that
-- touch the district, up to twenty: staff have thousands of districts.
drop function if exists rules.get_banner(bigint);   -- it did not tell of the status page
create or replace function rules.get_banner(district_id bigint, status_url text) returns json
language plpgsql stable as $$
declare
  district bigint := rules.banner_district(district_id);
  moment timestamptz := rules.now();
  i casework.incidents;
  banners json[] := '{}';
begin
  for i in
    select * from casework.incidents n
    where n.resolved_at is null
      and (n.kind = 'incident' or (moment >= n.scheduled_from - rules.maintenance_notice()
        and (moment < n.scheduled_until or n.status = 'in_progress')))
    order by n.kind = 'incident' desc,
      array_position(array['critical', 'major', 'minor', 'none'], n.severity::text), n.updated_at desc, n.id desc
  loop
    if exists (select from casework.districts d
      where (d.id = district or district is null) and rules.incident_touches(i, d))
    then
      banners := banners || rules.banner(i);
      exit when cardinality(banners) = 20;
    end if;
  end loop;
  return json_build_object('banner', banners[1], 'banners', to_json(banners), 'status_page', status_url);
end $$;

create or replace function rules.banner(i casework.incidents) returns json
language plpgsql stable as $$
begin
  return json_build_object(
    'kind', i.kind, 'colour', case i.kind when 'incident' then 'orange' else 'green' end,
    'title', i.title, 'text', (
      select u.text from casework.incident_updates u where u.incident_id = i.id order by u.id desc limit 1),
    'status', i.status, 'severity', i.severity, 'incident_id', i.id,
    'scheduled_from', views.utc(i.scheduled_from), 'scheduled_until', views.utc(i.scheduled_until),
    'updated_at', views.utc(i.updated_at));
end $$;
