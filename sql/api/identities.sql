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

-- name: list_contact_identities
with parent as materialized (select rules.require_contact(:contact_id::bigint) as id)
select d.body as item, d.id::text as id
from views.identity_document d
where (select p.id from parent p) is not null and d.contact_id = :contact_id::bigint
  and d.id > :after_id::bigint                                         --? after
order by d.id
limit :limit::int + 1;

-- name: link_contact
select * from rules.link_contact(:contact_id::bigint, :body::jsonb);

-- name: get_identity
select d.body, d.version as etag
from views.identity_document d
where d.id = :identity_id::bigint;

-- name: end_identity
select * from rules.end_identity(:identity_id::bigint);
