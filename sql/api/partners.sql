-- name: list_partners
select p.body as item, p.id::text as id
from views.partner_document p
where true
  --filters p
  and p.id > :after_id::bigint                                         --? after
order by p.id
limit :limit::int + 1;

-- name: create_partner
select * from rules.create_partner(:body::jsonb);

-- name: get_partner
select p.body, p.version::text as etag
from views.partner_document p
where p.id = :partner_id::bigint;

-- name: update_partner
select * from rules.update_partner(:partner_id::bigint, :if_match::bigint[], :body::jsonb);
