-- name: get_escalation_path
select json_build_object('items', json_agg(json_build_object(
  'team', p.team, 'level', p.level, 'name', p.name, 'description', p.description) order by p.position)) as body
from casework.escalation_path p;

-- name: escalate_case
select * from rules.escalate_case(:case_id::bigint, :if_match::bigint[], :body::jsonb);

-- name: list_escalations
with parent as materialized (select rules.require_case(:case_id::bigint) as district_id)
select case when rules.page_open() then rules.page_item(e.body) end as item,
  e.id::text as id
from views.escalation_document e
where (select p.district_id from parent p) is not null
  and e.district_id = (select p.district_id from parent p)
  and e.case_id = :case_id::bigint
  and e.id > :after_id::bigint                                         --? after
order by e.id
limit :limit::int + 1;

-- name: get_escalation
select e.body, e.version::text as etag
from views.escalation_document e
where e.id = :escalation_id::bigint;

-- name: accept_escalation
select * from rules.accept_escalation(:escalation_id::bigint, :if_match::bigint[]);

-- name: return_escalation
select * from rules.finish_escalation(:escalation_id::bigint, :if_match::bigint[], :body::jsonb, 'returned');

-- name: close_escalation
select * from rules.finish_escalation(:escalation_id::bigint, :if_match::bigint[], :body::jsonb, 'closed');

-- name: list_escalation_queue
select case when rules.page_open() then rules.page_item(e.body) end as item,
  e.id::text as id
from views.escalation_document e
where true
  --filters e
  and e.id > :after_id::bigint                                         --? after
order by e.id
limit :limit::int + 1;
