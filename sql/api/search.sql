-- name: search_cases
select c.item, c.updated_at::text as updated_at, c.id::text as id
from rules.search_cases(:q, :status::text[], :after_updated_at::timestamptz, :after_id::bigint, :limit::int + 1) as f
join views.case_list c on c.id = f.id and c.district_id = f.district_id
order by c.updated_at desc, c.id desc;
