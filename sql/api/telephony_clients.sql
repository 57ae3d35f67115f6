-- name: list_telephony_clients
select t.body as item, t.id::text as id
from views.telephony_client_document t
where true
  --filters t
  and t.id > :after_id::bigint                                         --? after
order by t.id
limit :limit::int + 1;

-- name: create_telephony_client
select * from rules.create_telephony_client(:body::jsonb);

-- name: get_telephony_client
select t.body, t.version::text as etag
from views.telephony_client_document t
where t.id = :telephony_client_id::bigint;

-- name: update_telephony_client
select * from rules.update_telephony_client(:telephony_client_id::bigint, :if_match::bigint[], :body::jsonb);
