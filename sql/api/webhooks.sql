-- Row-level security leaves the caller's own webhooks.

-- name: list_webhooks
select case when rules.page_open() then rules.page_item(w.body) end as item,
  w.id::text as id
from views.webhook_document w
where true
  --filters w
  and w.id > :after_id::bigint                                         --? after
order by w.id
limit :limit::int + 1;

-- name: create_webhook
select w.*
  , rules.told_once(w.body, 'secret') as repeat                        --? idempotency_key
from rules.create_webhook(:body::jsonb) w;

-- name: get_webhook
select w.body, w.version::text as etag
from views.webhook_document w
where w.id = :webhook_id::bigint;

-- name: update_webhook
select * from rules.update_webhook(:webhook_id::bigint, :if_match::bigint[], :body::jsonb);

-- name: rotate_webhook_secret
select s.*
  , rules.told_once(s.body, 'secret') as repeat                        --? idempotency_key
from rules.rotate_webhook_secret(:webhook_id::bigint, :body::jsonb) s;

-- name: test_webhook
select * from rules.test_webhook(:webhook_id::bigint);

-- name: redeliver_events
select * from rules.redeliver(:webhook_id::bigint, :body::jsonb);

-- name: list_webhook_deliveries
with parent as materialized (select rules.require_webhook(:webhook_id::bigint) as id)
select case when rules.page_open() then rules.page_item(d.body) end as item,
  d.id::text as id
from views.webhook_delivery_document d
where (select p.id from parent p) is not null
  and d.webhook_id = :webhook_id::bigint
  --filters d
  and d.id < :after_id::bigint                                         --? after
order by d.id desc
limit :limit::int + 1;
