-- name: list_attachments
with parent as materialized (select rules.require_case(:case_id::bigint) as district_id)
select case when rules.page_open() then rules.page_item(a.body) end as item,
  a.id::text as id
from views.attachment_document a
where (select p.district_id from parent p) is not null
  and a.district_id = (select p.district_id from parent p)
  and a.case_id = :case_id::bigint
  and a.id > :after_id::bigint                                         --? after
order by a.id
limit :limit::int + 1;

-- name: add_attachment
select * from rules.add_attachment(:case_id::bigint, :visibility::text, :filename::text, :media_type::text,
  :stated_media_type::text, :repr_digest::jsonb, :content_digest::jsonb, :body::bytea);

-- name: get_attachment
select a.body, a.version::text as etag
from views.attachment_document a
where a.id = :attachment_id::bigint;

-- Piece by piece: neither server nor client ever holds all of it in one buffer.
-- Whoever has the bytes already, or wants none, gets a row without them. Text comes
-- with the charset that was stated.

-- name: get_attachment_content
with found as materialized (select rules.require_attachment_content(:attachment_id::bigint) as district_id)
select p.body, a.filename, a.sha256, encode(a.sha256, 'hex') as etag, a.size::text as size, a.district_id::text,
  a.media_type || case when a.media_type like 'text/%' then
    coalesce(substring(a.stated_media_type from '; charset=.*$'), '') else '' end as media_type
from found f
join casework.attachments a on a.id = :attachment_id::bigint and a.district_id = f.district_id
left join lateral (
  select n, substr(c.bytes, 1 + n * 262144, 262144) as body
  from casework.attachment_contents c
  cross join generate_series(0, (a.size - 1) / 262144) as n
  where c.attachment_id = a.id and c.district_id = a.district_id
    and (:known::text[] && array['*', encode(a.sha256, 'hex')]) is not true
) as p on true
order by p.n;

-- name: redact_attachment
select * from rules.redact_attachment(:attachment_id::bigint, :if_match::bigint[], :body::jsonb);

-- Those of HTTP and of the document come with :limits, from where they hold.

-- name: get_limits
select json_build_object(
  'request', json_build_object(
    'body_bytes', l.said -> 'body_bytes',
    'header_bytes', l.said -> 'header_bytes',
    'header_fields', l.said -> 'header_fields',
    'target_bytes', l.said -> 'target_bytes',
    'per_minute', l.said -> 'requests_per_minute'),
  'page', json_build_object(
    'items', l.said -> 'page_items',
    'default_items', l.said -> 'page_default_items',
    'events', l.said -> 'page_events',
    'bytes', l.said -> 'page_bytes'),
  'text', json_build_object(
    'line_characters', l.said -> 'line_characters',
    'block_characters', l.said -> 'block_characters'),
  'attachment', json_build_object(
    'file_bytes', least(s.file_bytes, (l.said ->> 'attachment_bytes')::int),
    'case_bytes', s.case_bytes,
    'filename_bytes', l.said -> 'filename_bytes'),
  'import', json_build_object(
    'file_bytes', l.said -> 'import_bytes'),
  'webhook', json_build_object(
    'enabled', rules.webhooks_per_owner(),
    'redelivered_ids', rules.redelivery_span())) as body
from casework.attachment_settings s
cross join (select :limits::jsonb as said) as l;
