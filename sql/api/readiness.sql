-- How far districts are with state reporting (3.7), and when people are reminded.

-- name: list_readiness
select r.body as item, r.id::text as id
from views.readiness_document r
where true
  --filters r
  and r.id > :after_id::bigint                                         --? after
order by r.id
limit :limit::int + 1;

-- name: get_state_reporting_settings
select d.body, d.version::text as etag from views.setting_document d where d.name = 'state-reporting';

-- name: update_state_reporting_settings
select * from rules.update_setting('state-reporting', :if_match::bigint[], :body::jsonb);
