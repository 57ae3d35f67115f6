-- name: list_staff
select case when rules.page_open() then rules.page_item(s.body) end as item,
  s.id::text as id
from views.staff_document s
where true
  --filters s
  and s.id > :after_id::bigint                                         --? after
order by s.id
limit :limit::int + 1;

-- name: create_staff
select * from rules.create_staff(:body::jsonb);

-- name: get_staff
select s.body, s.version::text as etag
from views.staff_document s
where s.id = :staff_id::bigint;

-- name: update_staff
select * from rules.update_staff(:staff_id::bigint, :if_match::bigint[], :body::jsonb);

-- name: list_teams
select t.body as item, t.code
from views.team_document t
where true
  --filters t
  and t.code > :after_code                                             --? after
order by t.code
limit :limit::int + 1;

-- name: create_team
select * from rules.create_team(:body::jsonb);

-- name: get_team
select t.body, t.version::text as etag
from views.team_document t
where t.code = :team;

-- name: update_team
select * from rules.update_team(:team, :if_match::bigint[], :body::jsonb);
