-- name: list_imports
select i.body as item, i.id::text as id
from views.import_document i
where true
  --filters i
  and i.id < :after_id::bigint                                         --? after
order by i.id desc
limit :limit::int + 1;

-- The body is a stream: begin, once a part, and the statement that answers.

-- name: create_import_begin
select rules.open_import(:kind::text, :media_type::text, :stated_media_type::text, :validate_only::boolean)::text as stream;

-- name: create_import_part
select rules.take_import_part(:stream::bigint, :part::int, :body::bytea);

-- name: create_import
select * from rules.create_import(:stream::bigint, :part::int, :size_bytes::bigint, :digests::jsonb,
  :repr_digest::jsonb, :content_digest::jsonb);

-- name: get_import
select i.body
from views.import_document i
where i.id = :import_id::bigint;

-- name: list_import_lines
with parent as materialized (select rules.require_import(:import_id::bigint) as id)
select case when rules.page_open() then rules.page_item(l.body) end as item, l.line::text as line
from views.import_line_document l
where l.import_id = (select p.id from parent p)
  --filters l
  and l.line > :after_line::int                                        --? after
order by l.line
limit :limit::int + 1;

-- name: cancel_import
select * from rules.cancel_import(:import_id::bigint);
