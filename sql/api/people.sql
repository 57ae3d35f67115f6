-- name: get_me
select m.body from views.me m;

-- name: list_contacts
select case when rules.page_open() then rules.page_item(p.body) end as item, p.id::text as id
from views.contact_document p
where true
  --filters p
  and p.id > :after_id::bigint                                         --? after
order by p.id
limit :limit::int + 1;

-- name: search_contacts
select case when rules.page_open() then rules.page_item(p.body) end as item, p.id::text as id
from views.contact_document p
cross join (values (:body::jsonb)) as s (body)
where (not s.body ? 'email' or lower(normalize(p.email)) = (select lower(normalize(:body::jsonb ->> 'email'))))
  and (not s.body ? 'name_contains'
    or strpos(rules.folded(p.name), (select rules.folded(:body::jsonb ->> 'name_contains'))) > 0)
  and (not s.body ? 'district_id' or p.district_id = (s.body ->> 'district_id')::bigint)
  and p.id > :after_id::bigint                                         --? after
order by p.id
limit :limit::int + 1;

-- name: create_contact
select * from rules.create_contact(:body::jsonb);

-- name: get_contact
select p.body, p.version::text as etag
from views.contact_document p
where p.id = :contact_id::bigint;

-- name: update_contact
select * from rules.update_contact(:contact_id::bigint, :if_match::bigint[], :body::jsonb);

-- name: get_contact_settings
select s.body, s.version::text as etag
from views.contact_settings_document s;

-- name: update_contact_settings
select * from rules.update_contact_settings(:if_match::bigint[], :body::jsonb);
