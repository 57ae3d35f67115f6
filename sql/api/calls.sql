-- name: route_call
select * from rules.route_call(:body::jsonb);

-- name: create_phone_pin
select p.*
  , rules.told_once(p.body, 'pin') as repeat                           --? idempotency_key
from rules.create_phone_pin() p;

-- name: create_call
select * from rules.create_call(:body::jsonb);

-- name: list_calls
select c.body as item, c.id::text as id
from views.call_document c
where true
  --filters c
  and c.id < :after_id::bigint                                         --? after
order by c.id desc
limit :limit::int + 1;

-- name: get_call
select c.body, c.version::text as etag
from views.call_document c
where c.id = :call_id::bigint;

-- name: answer_call
select * from rules.answer_call(:call_id::bigint, :body::jsonb);

-- name: hang_up_call
select * from rules.hang_up_call(:call_id::bigint);

-- name: verify_caller
select * from rules.verify_caller(:call_id::bigint, :body::jsonb);

-- name: link_call
select * from rules.link_call(:call_id::bigint, :body::jsonb);

-- While nobody is verified the condition on the call alone is false: no case is
-- even looked for, whatever number is asked.

-- name: list_call_cases
with parent as materialized (select rules.call_district(:call_id::bigint) as district_id)
select c.item, c.updated_at::text as updated_at, c.id::text as id
from views.case_list c
where (select p.district_id from parent p) is not null
  and c.district_id = (select p.district_id from parent p)
  --filters c
  and (c.updated_at, c.id) < (:after_updated_at::timestamptz, :after_id::bigint)  --? after
order by c.updated_at desc, c.id desc
limit :limit::int + 1;
