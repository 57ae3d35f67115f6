-- Alerts to staff: their rules, and what was raised.

-- name: get_alert_rules
select d.body, d.version::text as etag from views.setting_document d where d.name = 'alerts';

-- name: update_alert_rules
select * from rules.update_setting('alerts', :if_match::bigint[], :body::jsonb);

-- name: list_alerts
select case when rules.page_open() then rules.page_item(a.body) end as item, a.id::text as id
from views.alert_document a
where true
  --filters a
  and a.id < :after_id::bigint                                         --? after
order by a.id desc
limit :limit::int + 1;
