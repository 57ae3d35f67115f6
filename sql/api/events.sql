-- name: list_events
select f.item, f.xid::text as xid, f.id::text as id
from rules.feed_page(:after_xid::xid8, :after_id::bigint, :limit::int + 1, :start,
  :type::text[], :district_id::bigint[], :case_id::bigint) as f;

-- name: list_audit
select f.item, f.xid::text as xid, f.id::text as id
from rules.audit_page(:after_xid::xid8, :after_id::bigint, :limit::int + 1, :type::text[], :actor, :resource,
  :at_from::timestamptz, :at_to::timestamptz) as f;
