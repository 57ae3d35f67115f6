-- What is found is looked up, in this order whatever the planner thinks: a q without
-- words is refused where there are no cases, too.

-- name: search_cases
select c.item, c.updated_at::text as updated_at, c.id::text as id
from rules.search_cases(:q, :status::text[], :after_updated_at::timestamptz, :after_id::bigint, :limit::int + 1) as f
cross join lateral (
  select l.item, l.updated_at, l.id from views.case_list l
  where l.id = f.id and l.district_id = f.district_id offset 0) as c
order by c.updated_at desc, c.id desc;
