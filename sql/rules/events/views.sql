-- The JSON of events, in one shape for history, feed and webhooks, whichever
-- table they stand in; of incidents: incidents/views.sql.

-- data holds the ids of what else it is about.
create view views.event_document with (security_invoker) as
select e.id, e.district_id, e.case_id, row_to_json(d) as body
from casework.events e
cross join lateral (
  select e.id, e.type, views.utc(e.at) as at,
    views.author(e.actor_kind, e.actor_id, e.actor_name, e.actor_person_id, e.actor_client_id) as actor,
    views.author(e.behalf_kind, e.behalf_id, e.behalf_name, e.behalf_person_id, e.behalf_client_id) as on_behalf_of,
    e.imported, e.district_id, e.case_id, e.visibility, e.note_id, e.attachment_id, e.changes,
    case when e.data is not null then e.data::json
      when e.contact_id is not null then json_build_object('contact_id', e.contact_id)
      when e.site_id is not null then json_build_object('site_id', e.site_id) else '{}' end as data
) as d;

-- What belongs to no district, in the same shape: data names it, by its id or by
-- what it is called.
create view views.desk_event_document with (security_invoker) as
select e.feed_id as id, row_to_json(d) as body
from casework.desk_events e
cross join lateral (
  select e.feed_id as id, e.type, views.utc(e.at) as at,
    views.author(e.actor_kind, e.actor_id, e.actor_name, null, null) as actor,
    views.author(e.behalf_kind, e.behalf_id, e.behalf_name, null, null) as on_behalf_of,
    false as imported, null::bigint as district_id, null::bigint as case_id,
    case when e.owner_kind is null then 'internal' else 'public' end as visibility,
    null::bigint as note_id, null::bigint as attachment_id, e.changes,
    case when split_part(e.type, '.', 1)
        = any ('{release,team,calendar,holiday,service_level,setting,product_area,platform}')
      then json_build_object(split_part(e.type, '.', 1), e.resource)
      when e.type ~ '^partner_person[.]' then json_build_object('partner_id', e.owner_id, 'person_id', e.resource::bigint)
      when e.type ~ '^partner_client[.]' then json_build_object('partner_id', e.owner_id, 'client_id', e.resource::bigint)
      else json_build_object(split_part(e.type, '.', 1) || '_id', e.resource::bigint) end as data
) as d;

create view views.phone_event_document with (security_invoker) as
select e.feed_id as id, row_to_json(d) as body
from casework.phone_events e
cross join lateral (
  select e.feed_id as id, e.type, views.utc(e.at) as at,
    views.author(e.actor_kind, e.actor_id, e.actor_name, null, null) as actor,
    views.author(e.behalf_kind, e.behalf_id, e.behalf_name, null, null) as on_behalf_of,
    false as imported, null::bigint as district_id, null::bigint as case_id, 'internal' as visibility,
    null::bigint as note_id, null::bigint as attachment_id, '[]'::json as changes,
    json_build_object(case split_part(e.type, '.', 1) when 'availability' then 'staff_id'
      when 'phone_pin' then 'contact_id' else split_part(e.type, '.', 1) || '_id' end, e.subject_id) as data
) as d;

grant select on views.event_document, views.desk_event_document to casework_contact, casework_partner, casework_staff;
grant select on views.phone_event_document to casework_staff;
