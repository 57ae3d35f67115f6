-- The JSON of districts and of people. A contact shows the training course, and is
-- another one with it.

create view views.district_document with (security_invoker) as
select r.id, r.version, r.name, r.state, r.hosting, r.external_id, r.active, row_to_json(d) as body
from casework.districts r
cross join lateral (
  select r.id, r.name, r.state, r.hosting, r.time_zone, r.product_version, r.product_areas,
    case when r.technical_team is not null then json_build_object(
      'name', r.technical_team -> 'name', 'email', r.technical_team -> 'email',
      'phone', r.technical_team -> 'phone', 'url', r.technical_team -> 'url') end as technical_team,
    r.external_id, r.active, (
      select coalesce(json_agg(json_build_object('id', s.id, 'name', s.name) order by s.id), '[]')
      from casework.sites s where s.district_id = r.id and s.active) as sites,
    views.utc(r.created_at) as created_at, views.utc(r.updated_at) as updated_at
) as d;

create view views.site_document with (security_invoker) as
select s.id, s.district_id, s.version, s.name, s.external_id, s.active, row_to_json(d) as body
from casework.sites s
cross join lateral (
  select s.id, s.district_id, s.name, s.external_id, s.active,
    views.utc(s.created_at) as created_at, views.utc(s.updated_at) as updated_at
) as d;

create view views.contact_document with (security_invoker) as
select p.id, p.district_id, p.version + t.training_version as version, p.name, p.email, p.kind, p.authorized,
  p.external_id, row_to_json(d) as body
from casework.contacts p
cross join casework.desk_texts t
cross join lateral (
  select p.id, p.district_id, p.name, p.email, p.email_confirmed, p.phone, p.kind, p.authorized,
    json_build_object('name', t.training_name, 'url', t.training_url,
      'completed_on', p.training_completed_on) as training,
    case when rules.caller_kind() = 'staff' or p.id = rules.caller_id()
      then p.survey_opted_out_at is not null end as survey_opt_out,
    case when rules.caller_kind() = 'staff' then p.external_id end as external_id,
    views.utc(p.created_at) as created_at, views.utc(p.updated_at) as updated_at
) as d;

create view views.contact_settings_document with (security_invoker) as
select s.version, json_build_object('technical_contacts_manage_contacts', s.technical_contacts_manage_contacts) as body
from casework.contact_settings s;

create view views.staff_document with (security_invoker) as
select s.id, s.version, s.roles, s.product_areas, s.team, s.external_id, s.active, row_to_json(d) as body
from casework.staff s
cross join lateral (
  select s.id, s.name, s.email, s.roles, s.product_areas, s.team, s.capacity, s.ferpa_trained_on,
    s.leave_ends_on, s.external_id, s.active, views.utc(s.created_at) as created_at, views.utc(s.updated_at) as updated_at
) as d;

create view views.team_document with (security_invoker) as
select t.code, t.version, t.active, row_to_json(d) as body
from casework.teams t
cross join lateral (
  select t.code, t.name, t.active, views.utc(t.created_at) as created_at, views.utc(t.updated_at) as updated_at
) as d;

-- Each caller's own row only, and who of a partner it is; the owner's rights, since telephony clients see
-- no table of people otherwise.
create view views.me with (security_barrier) as
select json_build_object('kind', w.kind, 'id', w.id, 'name', w.name, 'email', w.email, 'role', w.role, 'roles', w.roles,
  'owner', case when person.id is null then coalesce(client.owner, w.owner) end,
  'person', case when person.id is not null then json_build_object('id', person.id, 'name', person.name) end,
  'client', case when client.id is not null
    then json_build_object('id', client.id, 'name', client.name, 'owner', client.owner) end,
  'district_ids', w.district_ids, 'all_districts', w.kind = 'staff',
  'training', w.training, 'actor', rules.acting()) as body
from (
  select 'contact' as kind, c.id, c.name, c.email, c.kind as role, null::text[] as roles, null as owner,
    json_build_array(c.district_id) as district_ids,
    json_build_object('name', t.training_name, 'url', t.training_url,
      'completed_on', c.training_completed_on) as training
  from casework.contacts c
  cross join casework.desk_texts t
  union all
  select 'partner', p.id, p.name, null, p.kind, null, p.owner, array_to_json(rules.seen_districts()), null
  from casework.partners p
  union all
  select 'staff', s.id, s.name, s.email, s.roles[1], s.roles, null, '[]', null from casework.staff s
  union all
  select 'telephony', t.id, t.name, null, null, null, t.owner, '[]', null from casework.telephony_clients t
) as w
left join casework.identities i on i.id = rules.identity_id()
left join casework.partner_people person on person.id = i.partner_person_id
left join casework.partner_clients client on client.id = i.partner_client_id
where w.kind = rules.caller_kind() and w.id = rules.caller_id();

grant select on views.district_document, views.site_document, views.contact_document to casework_contact, casework_partner, casework_staff;
grant select on views.contact_settings_document to casework_contact, casework_staff;
grant select on views.staff_document, views.team_document to casework_staff;
grant select on views.me to casework_contact, casework_partner, casework_staff, casework_telephony;
