-- name: list_issuers
select case when rules.page_open() then rules.page_item(d.body) end as item, d.id::text as id
from views.issuer_document d
where true
  --filters d
  and d.id > :after_id::bigint                                         --? after
order by d.id
limit :limit::int + 1;

-- name: create_issuer
select * from rules.create_issuer(:body::jsonb);

-- name: get_issuer
select d.body, d.version::text as etag
from views.issuer_document d
where d.id = :issuer_id::bigint;

-- name: update_issuer
select * from rules.update_issuer(:issuer_id::bigint, :if_match::bigint[], :body::jsonb);
