-- name: list_saved_filters
select case when rules.page_open() then rules.page_item(f.body) end as item, f.id::text as id
from views.saved_filter_document f
where true
  --filters f
  and f.id > :after_id::bigint                                         --? after
order by f.id
limit :limit::int + 1;

-- name: create_saved_filter
select * from rules.create_saved_filter(:body::jsonb,
  --parameters list_cases
);

-- name: get_saved_filter
select f.body, f.version::text as etag
from views.saved_filter_document f
where f.id = :saved_filter_id::bigint;

-- name: update_saved_filter
select * from rules.update_saved_filter(:saved_filter_id::bigint, :if_match::bigint[], :body::jsonb,
  --parameters list_cases
);

-- name: delete_saved_filter
select * from rules.delete_saved_filter(:saved_filter_id::bigint);
