-- name: list_incidents
select case when rules.page_open() then rules.page_item(i.item) end as item,
  i.updated_at::text as updated_at, i.id::text as id
from views.incident_summary i
where true
  --filters i
  and (i.updated_at, i.id) < (:after_updated_at::timestamptz, :after_id::bigint)  --? after
order by i.updated_at desc, i.id desc
limit :limit::int + 1;

-- name: create_incident
select * from rules.create_incident(:body::jsonb);

-- name: validate_incident
select * from rules.validate_incident(:body::jsonb);

-- name: get_incident
select i.body, i.version::text as etag
from views.incident_document i
where i.id = :incident_id::bigint;

-- name: update_incident
select * from rules.update_incident(:incident_id::bigint, :if_match::bigint[], :body::jsonb);

-- name: add_incident_update
select * from rules.add_incident_update(:incident_id::bigint, :body::jsonb);

-- name: list_incident_history
with parent as materialized (select rules.require_incident(:incident_id::bigint) as id)
select case when rules.page_open() then rules.page_item(e.item) end as item,
  e.id::text as id
from views.incident_event_document e
where (select p.id from parent p) is not null
  and e.incident_id = :incident_id::bigint
  and e.id > :after_id::bigint                                         --? after
order by e.id
limit :limit::int + 1;

-- name: get_status_banner
select rules.get_banner(:district_id::bigint, :status_url) as body;

-- name: list_announcements
select case when rules.page_open() then rules.page_item(a.body) end as item,
  a.publish_at::text as publish_at, a.id::text as id
from views.announcement_document a
where true
  --filters a
  and (a.publish_at, a.id) < (:after_publish_at::timestamptz, :after_id::bigint)  --? after
order by a.publish_at desc, a.id desc
limit :limit::int + 1;

-- name: create_announcement
select * from rules.create_announcement(:body::jsonb);

-- name: get_announcement
select a.body, a.version::text as etag
from views.announcement_document a
where a.id = :announcement_id::bigint;

-- name: update_announcement
select * from rules.update_announcement(:announcement_id::bigint, :if_match::bigint[], :body::jsonb);
