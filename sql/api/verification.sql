-- What support covers.

-- name: list_releases
select json_build_object('items', coalesce(json_agg(o.body), '[]')) as body
from (
  select r.body from views.release_document r
  where true
    --filters r
  order by r.released_on desc, r.release desc) as o;

-- name: get_release
select r.body, r.version::text as etag
from views.release_document r
where r.release = :release;

-- name: create_release
select * from rules.create_release(:body::jsonb);

-- name: update_release
select * from rules.update_release(:release, :if_match::bigint[], :body::jsonb);

-- name: list_platforms
select json_build_object('items', coalesce(json_agg(p.body order by p.name), '[]')) as body
from views.platform_document p;

-- name: scope_case
select * from rules.scope_case(:case_id::bigint, :if_match::bigint[], :body::jsonb);

-- Changes confirmed in writing.

-- name: list_change_requests
with parent as materialized (select rules.require_case(:case_id::bigint) as district_id)
select case when rules.page_open() then rules.page_item(r.body) end as item,
  r.id::text as id
from views.change_request_document r
where (select p.district_id from parent p) is not null
  and r.district_id = (select p.district_id from parent p)
  and r.case_id = :case_id::bigint
  --filters r
  and r.id > :after_id::bigint                                         --? after
order by r.id
limit :limit::int + 1;

-- name: create_change_request
select * from rules.create_change_request(:case_id::bigint, :body::jsonb);

-- name: request_in_writing
select * from rules.request_in_writing(:case_id::bigint, :body::jsonb);

-- name: get_change_request
select r.body, r.version::text as etag
from views.change_request_document r
where r.id = :change_request_id::bigint;

-- name: revise_change_request
select * from rules.revise_change(:change_request_id::bigint, :if_match::bigint[], :body::jsonb);

-- name: confirm_change_request
select * from rules.confirm_change(:change_request_id::bigint, :if_match::bigint[], :body::jsonb);

-- name: get_change_confirmation
select k.body, k.revision::text as etag
from views.change_confirmation_document k
where k.change_request_id = :change_request_id::bigint and k.revision = coalesce(:revision::int, k.current_revision);

-- name: reject_change_request
select * from rules.reject_change(:change_request_id::bigint, :if_match::bigint[], :body::jsonb);

-- name: perform_change_request
select * from rules.end_change_request(
  :change_request_id::bigint, :if_match::bigint[], 'performed', :body::jsonb ->> 'remark');

-- name: decline_change_request
select * from rules.end_change_request(
  :change_request_id::bigint, :if_match::bigint[], 'declined', :body::jsonb ->> 'reason');

-- name: withdraw_change_request
select * from rules.end_change_request(
  :change_request_id::bigint, :if_match::bigint[], 'withdrawn', :body::jsonb ->> 'reason');

-- Sites: permissions and accesses.

-- name: list_site_permissions
with parent as materialized (select rules.require_case(:case_id::bigint) as district_id)
select r.body as item, r.id::text as id
from views.site_permission_document r
where (select p.district_id from parent p) is not null
  and r.district_id = (select p.district_id from parent p)
  and r.case_id = :case_id::bigint
  and r.id > :after_id::bigint                                         --? after
order by r.id
limit :limit::int + 1;

-- name: list_district_site_permissions
with parent as materialized (select rules.require_district(:district_id::bigint) as id)
select case when rules.page_open() then rules.page_item(r.body) end as item,
  r.granted_at::text as granted_at, r.id::text as id
from views.site_permission_document r
where r.district_id = (select p.id from parent p)
  --filters r
  and (r.granted_at, r.id) < (:after_granted_at::timestamptz, :after_id::bigint)  --? after
order by r.granted_at desc, r.id desc
limit :limit::int + 1;

-- name: grant_site_permission
select * from rules.grant_site_permission(:case_id::bigint, :body::jsonb);

-- name: get_site_permission
select r.body, r.version::text as etag
from views.site_permission_document r
where r.id = :site_permission_id::bigint;

-- name: revoke_site_permission
select * from rules.revoke_site_permission(:site_permission_id::bigint, :if_match::bigint[]);

-- name: list_site_accesses
with parent as materialized (select rules.require_case(:case_id::bigint) as district_id)
select case when rules.page_open() then rules.page_item(r.body) end as item,
  r.id::text as id
from views.site_access_document r
where (select p.district_id from parent p) is not null
  and r.district_id = (select p.district_id from parent p)
  and r.case_id = :case_id::bigint
  and r.id > :after_id::bigint                                         --? after
order by r.id
limit :limit::int + 1;

-- name: list_district_site_accesses
with parent as materialized (select rules.require_district(:district_id::bigint) as id)
select case when rules.page_open() then rules.page_item(r.body) end as item,
  r.accessed_at::text as accessed_at, r.id::text as id
from views.site_access_document r
where r.district_id = (select p.id from parent p)
  --filters r
  and (r.accessed_at, r.id) < (:after_accessed_at::timestamptz, :after_id::bigint)  --? after
order by r.accessed_at desc, r.id desc
limit :limit::int + 1;

-- name: record_site_access
select * from rules.record_site_access(:case_id::bigint, :body::jsonb);

-- name: redact_note
select * from rules.redact_note(:note_id::bigint, :if_match::bigint[], :body::jsonb);

-- State reporting.

-- name: list_reporting_deadlines
select r.body as item, r.due_on::text as due_on, r.id::text as id
from views.reporting_deadline_document r
where true
  --filters r
  and (r.due_on, r.id) > (:after_due_on::date, :after_id::bigint)      --? after
order by r.due_on, r.id
limit :limit::int + 1;

-- name: get_reporting_deadline
select r.body, r.version::text as etag
from views.reporting_deadline_document r
where r.id = :deadline_id::bigint;

-- name: create_reporting_deadline
select * from rules.create_reporting_deadline(:body::jsonb);
