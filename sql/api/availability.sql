-- name: list_availability
select a.body as item, a.id::text as id
from views.availability_document a
where true
  --filters a
  and a.id > :after_id::bigint                                         --? after
order by a.id
limit :limit::int + 1;

-- name: set_availability
select * from rules.set_availability(:body::jsonb);

-- name: list_on_call_shifts
select o.body as item, o.id::text as id
from views.on_call_shift_document o
where true
  --filters o
  and o.id < :after_id::bigint                                         --? after
order by o.id desc
limit :limit::int + 1;

-- name: create_on_call_shift
select * from rules.create_on_call_shift(:body::jsonb);
