-- Whom an incident touches (facts 50, 69; 3.3).

-- Named, or by conditions that all hold; policies ask it. A district whose product
-- areas are not known uses all of them.
create or replace function rules.incident_touches(i casework.incidents, d casework.districts) returns boolean
  language sql stable as $$
  select i.scope_all
    or exists (select from casework.incident_districts n
      where n.incident_id = i.id and n.district_id = d.id and n.named)
    or (cardinality(i.scope_hosting || i.scope_states || i.scope_product_areas || i.scope_versions) > 0
      and (i.scope_hosting = '{}' or d.hosting = any (i.scope_hosting))
      and (i.scope_states = '{}' or d.state = any (i.scope_states))
      and (i.scope_product_areas = '{}' or coalesce(d.product_areas, '{}') = '{}'
        or d.product_areas && i.scope_product_areas)
      and (i.scope_versions = '{}' or coalesce(d.product_version = any (i.scope_versions), false))) $$;

create or replace function rules.touched_districts(i casework.incidents) returns bigint[]
language plpgsql stable as $$
begin
  return array(select d.id from casework.districts d where rules.incident_touches(i, d));
end $$;

-- Whom a mail about the incident goes to: every Authorized Contact of the
-- districts it touches now, while staff have enabled mail (fact 69).
create or replace function rules.incident_mail_recipients(incident_id bigint)
returns table (contact_id bigint, district_id bigint, email text)
language sql stable as $$
  select c.id, c.district_id, c.email
  from casework.incidents i
  join casework.districts d on rules.incident_touches(i, d)
  join casework.contacts c on c.district_id = d.id and c.may_call
  where i.id = incident_mail_recipients.incident_id and i.email_contacts
  order by c.id;
$$;

-- Before it is published: how many would see it, and be mailed if mail is enabled.
create or replace function rules.validate_incident(request jsonb, out status int, out body json)
language plpgsql stable as $$
declare
  i casework.incidents := rules.new_incident(request, rules.now());
  named bigint[] := rules.scope_districts(request, '{}');
  touched bigint[];
begin
  perform rules.check_incident(i, named, request);
  touched := array(select d.id from casework.districts d where d.active and (d.id = any (named) or rules.incident_touches(i, d)));
  status := 200;
  body := json_build_object('valid', true, 'reach', json_build_object('districts', cardinality(touched), 'contacts', (
    select count(*) from casework.contacts c where c.district_id = any (touched) and c.may_call)));
end $$;
