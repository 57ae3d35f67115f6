-- name: list_follow_ups
with parent as materialized (select rules.require_case(:case_id::bigint) as district_id)
select f.body as item, f.id::text as id
from views.follow_up_document f
where (select p.district_id from parent p) is not null
  and f.district_id = (select p.district_id from parent p)
  and f.case_id = :case_id::bigint
  and f.id > :after_id::bigint                                         --? after
order by f.id
limit :limit::int + 1;

-- name: record_follow_up
select * from rules.record_follow_up(:case_id::bigint, :if_match::bigint[], :body::jsonb);
