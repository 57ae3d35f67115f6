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

-- name: list_partner_people
with parent as materialized (select rules.require_partner(:partner_id::bigint) as id)
select d.body as item, d.id::text as id
from views.partner_person_document d
where (select p.id from parent p) is not null
  and d.partner_id = :partner_id::bigint
  --filters d
  and d.id > :after_id::bigint                                         --? after
order by d.id
limit :limit::int + 1;

-- name: create_partner_person
select * from rules.create_partner_person(:partner_id::bigint, :body::jsonb);

-- name: get_partner_person
select d.body, d.version::text as etag
from views.partner_person_document d
where d.partner_id = :partner_id::bigint and d.id = :person_id::bigint;

-- name: update_partner_person
select * from rules.update_partner_person(
  :partner_id::bigint, :person_id::bigint, :if_match::bigint[], :body::jsonb);

-- name: list_partner_clients
with parent as materialized (select rules.require_partner(:partner_id::bigint) as id)
select d.body as item, d.id::text as id
from views.partner_client_document d
where (select p.id from parent p) is not null
  and d.partner_id = :partner_id::bigint
  --filters d
  and d.id > :after_id::bigint                                         --? after
order by d.id
limit :limit::int + 1;

-- name: create_partner_client
select * from rules.create_partner_client(:partner_id::bigint, :body::jsonb);

-- name: get_partner_client
select d.body, d.version::text as etag
from views.partner_client_document d
where d.partner_id = :partner_id::bigint and d.id = :client_id::bigint;

-- name: update_partner_client
select * from rules.update_partner_client(
  :partner_id::bigint, :client_id::bigint, :if_match::bigint[], :body::jsonb);

-- name: list_partner_assignments
with parent as materialized (select rules.require_partner(:partner_id::bigint) as id)
select a.body as item, a.id::text as id
from views.partner_assignment_document a
where (select p.id from parent p) is not null
  and a.partner_id = :partner_id::bigint
  --filters a
  and a.id > :after_id::bigint                                         --? after
order by a.id
limit :limit::int + 1;

-- name: create_partner_assignment
select * from rules.create_partner_assignment(:partner_id::bigint, :body::jsonb);

-- name: get_partner_assignment
select a.body, a.version::text as etag
from views.partner_assignment_document a
where a.partner_id = :partner_id::bigint and a.id = :assignment_id::bigint;

-- name: update_partner_assignment
select * from rules.update_partner_assignment(
  :partner_id::bigint, :assignment_id::bigint, :if_match::bigint[], :body::jsonb);

-- name: end_partner_assignment
select * from rules.end_partner_assignment(:partner_id::bigint, :assignment_id::bigint, :if_match::bigint[]);
