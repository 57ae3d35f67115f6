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
where d.contact_id = (select p.id from parent p)
  and d.id > :after_id::bigint                                         --? after
order by d.id
limit :limit::int + 1;

-- name: link_contact
select * from rules.link_contact(:contact_id::bigint, :body::jsonb);

-- name: list_staff_identities
with parent as materialized (select rules.require_staff(:staff_id::bigint) as id)
select d.body as item, d.id::text as id
from views.identity_document d
where d.staff_id = (select p.id from parent p)
  and d.id > :after_id::bigint                                         --? after
order by d.id
limit :limit::int + 1;

-- name: link_staff
select * from rules.link_staff(:staff_id::bigint, :body::jsonb);

-- name: list_person_identities
with parent as materialized (select rules.require_person(:partner_id::bigint, :person_id::bigint) as id)
select d.body as item, d.id::text as id
from views.identity_document d
where d.partner_person_id = (select p.id from parent p)
  and d.id > :after_id::bigint                                         --? after
order by d.id
limit :limit::int + 1;

-- name: link_person
select * from rules.link_person(:partner_id::bigint, :person_id::bigint, :body::jsonb);

-- name: list_client_identities
with parent as materialized (select rules.require_client(:partner_id::bigint, :client_id::bigint) as id)
select d.body as item, d.id::text as id
from views.identity_document d
where d.partner_client_id = (select p.id from parent p)
  and d.id > :after_id::bigint                                         --? after
order by d.id
limit :limit::int + 1;

-- name: link_client
select * from rules.link_client(:partner_id::bigint, :client_id::bigint, :body::jsonb);

-- name: list_telephony_identities
with parent as materialized (select rules.require_telephony_client(:telephony_client_id::bigint) as id)
select d.body as item, d.id::text as id
from views.identity_document d
where d.telephony_client_id = (select p.id from parent p)
  and d.id > :after_id::bigint                                         --? after
order by d.id
limit :limit::int + 1;

-- name: link_telephony_client
select * from rules.link_telephony_client(:telephony_client_id::bigint, :body::jsonb);

-- name: get_identity
select d.body, d.version as etag
from views.identity_document d
where d.id = :identity_id::bigint;

-- name: end_identity
select * from rules.end_identity(:identity_id::bigint);
