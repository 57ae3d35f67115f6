-- The condition on the parent alone is tested once, before any note is looked
-- for, so that a missing case is 404 and not an empty list.

-- name: list_notes
with parent as materialized (select rules.require_case(:case_id::bigint) as district_id)
select case when rules.page_open() then rules.page_item(n.body) end as item,
  n.id::text as id
from views.note_document n
where (select p.district_id from parent p) is not null
  and n.district_id = (select p.district_id from parent p)
  and n.case_id = :case_id::bigint
  and n.id > :after_id::bigint                                         --? after
order by n.id
limit :limit::int + 1;

-- name: add_note
select * from rules.add_note(:case_id::bigint, :body::jsonb);

-- name: get_note
select n.body, n.version::text as etag
from views.note_document n
where n.id = :note_id::bigint;
