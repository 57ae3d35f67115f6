-- name: list_defects
select case when rules.page_open() then rules.page_item(d.body) end as item,
  d.id::text as id
from views.defect_document d
where true
  --filters d
  and d.id < :after_id::bigint                                         --? after
order by d.id desc
limit :limit::int + 1;

-- name: create_defect
select * from rules.create_defect(:body::jsonb);

-- name: get_defect
select d.body, d.version::text as etag
from views.defect_document d
where d.id = :defect_id::bigint;

-- name: update_defect
select * from rules.update_defect(:defect_id::bigint, :if_match::bigint[], :body::jsonb);

-- name: list_replications
with parent as materialized (select rules.require_defect(:defect_id::bigint) as defect_id)
select case when rules.page_open() then rules.page_item(r.body) end as item,
  r.id::text as id
from views.replication_document r
where (select p.defect_id from parent p) is not null
  and r.defect_id = :defect_id::bigint
  and r.id > :after_id::bigint                                         --? after
order by r.id
limit :limit::int + 1;

-- name: add_replication
select * from rules.add_replication(:defect_id::bigint, :body::jsonb);

-- name: confirm_defect
select * from rules.confirm_defect(:defect_id::bigint, :if_match::bigint[], :body::jsonb);

-- name: fix_defect
select * from rules.fix_defect(:defect_id::bigint, :if_match::bigint[], :body::jsonb);

-- name: list_case_defects
with parent as materialized (select rules.require_case(:case_id::bigint) as district_id)
select l.body as item, l.defect_id::text as defect_id
from views.case_defect_document l
where (select p.district_id from parent p) is not null
  and l.district_id = (select p.district_id from parent p)
  and l.case_id = :case_id::bigint
  and l.defect_id > :after_defect_id::bigint                           --? after
order by l.defect_id
limit :limit::int + 1;

-- name: link_defect
select * from rules.link_defect(:case_id::bigint, :body::jsonb);

-- name: unlink_defect
select * from rules.unlink_defect(:case_id::bigint, :defect_id::bigint, :if_match::bigint[]);

-- name: list_followers
with parent as materialized (select rules.require_case(:case_id::bigint) as district_id)
select w.body as item, w.contact_id::text as contact_id
from views.follower_document w
where (select p.district_id from parent p) is not null
  and w.district_id = (select p.district_id from parent p)
  and w.case_id = :case_id::bigint
  and w.contact_id > :after_contact_id::bigint                         --? after
order by w.contact_id
limit :limit::int + 1;

-- name: follow_case
select * from rules.follow_case(:case_id::bigint, :body::jsonb);

-- name: unfollow_case
select * from rules.unfollow_case(:case_id::bigint, :contact_id::bigint);
