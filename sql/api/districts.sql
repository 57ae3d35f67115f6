-- name: list_districts
select case when rules.page_open() then rules.page_item(d.body) end as item,
  d.id::text as id
from views.district_document d
where true
  --filters d
  and d.id > :after_id::bigint                                         --? after
order by d.id
limit :limit::int + 1;

-- name: get_district
select d.body, d.version::text as etag
from views.district_document d
where d.id = :district_id::bigint;

-- name: create_district
select * from rules.create_district(:body::jsonb);

-- name: update_district
select * from rules.update_district(:district_id::bigint, :if_match::bigint[], :body::jsonb);

-- name: validate_district
select * from rules.validate_district(:district_id::bigint, :body::jsonb);

-- name: list_sites
with parent as materialized (select rules.require_district(:district_id::bigint) as id)
select case when rules.page_open() then rules.page_item(s.body) end as item,
  s.id::text as id
from views.site_document s
where s.district_id = (select p.id from parent p)
  --filters s
  and s.id > :after_id::bigint                                         --? after
order by s.id
limit :limit::int + 1;

-- name: create_site
select * from rules.create_site(:district_id::bigint, :body::jsonb);

-- name: get_site
select s.body, s.version::text as etag
from views.site_document s
where s.id = :site_id::bigint;

-- name: update_site
select * from rules.update_site(:site_id::bigint, :if_match::bigint[], :body::jsonb);
