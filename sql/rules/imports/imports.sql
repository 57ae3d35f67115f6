-- Imports (3.2): what administrators bring in bulk arrives in parts, each a call of
-- its own (openapi/README.md, x-stream), and waits for the worker from the last one
-- on. Nothing that was not received whole is ever begun.

-- sha256 and size_bytes are of all parts together, in the order of their numbers.
create view views.import_document with (security_invoker) as
select i.id, i.kind, i.state, row_to_json(d) as body
from casework.imports i
cross join lateral (
  select i.id, i.kind, i.media_type, i.validate_only, i.state, i.failure, i.size_bytes,
    encode(i.sha256, 'hex') as sha256, i.lines, i.at_line as lines_done,
    i.created, i.updated, i.unchanged, i.failed,
    views.actor(i.created_by_kind, i.created_by_id, i.created_by_name) as created_by,
    views.utc(i.created_at) as created_at, views.utc(i.started_at) as started_at, views.utc(i.finished_at) as finished_at
) as d;

create view views.import_line_document with (security_invoker) as
select l.import_id, l.line, l.result, row_to_json(d) as body
from casework.import_lines l
cross join lateral (
  select l.line, l.external_id, l.result, l.resource_id, coalesce((
      select jsonb_agg(jsonb_build_object('pointer', coalesce(e.fault ->> 'pointer', ''), 'code', e.fault ->> 'code',
        'detail', e.fault ->> 'detail') order by e.position)
      from jsonb_array_elements(l.errors) with ordinality as e (fault, position)), '[]') as errors
) as d;
grant select on views.import_document, views.import_line_document to casework_staff;

create or replace function rules.import_answer(
  import_id bigint, code int, out status int, out body json, out etag text, out location text)
language plpgsql stable as $$
begin
  status := code;
  select d.body, case when code = 202 then '/v1/imports/' || d.id end into body, location
  from views.import_document d where d.id = import_id;
end $$;

create or replace function rules.require_import(import_id bigint) returns bigint
language plpgsql stable as $$
begin
  if not exists (select from casework.imports i where i.id = import_id) then
    perform rules.refuse(404, 'not-found', 'There is no such import.');
  end if;
  return import_id;
end $$;

-- Before the first byte is read.
create or replace function rules.open_import(
  kind text, media_type text, stated_media_type text, validate_only boolean) returns bigint
language plpgsql as $$
declare
  actor rules.actor := rules.actor();
  charset text := lower(substring(stated_media_type from '; charset="?([^"]*)'));
  import_id bigint;
begin
  if charset not in ('utf-8', 'utf8') then
    perform rules.refuse(415, 'unsupported-media-type', 'Send an import in UTF-8, and say so or no charset at all.');
  end if;
  insert into casework.imports (kind, media_type, validate_only, created_by_kind, created_by_id, created_by_name,
    created_at, received_at)
  values (kind, media_type, validate_only, actor.kind, actor.id, actor.name, actor.at, actor.at)
  returning id into import_id;
  return import_id;
end $$;

-- The import that is on its way, locked; it may have been cancelled meanwhile.
create or replace function rules.lock_received_import(import_id bigint) returns void
language plpgsql as $$
begin
  perform from casework.imports i where i.id = import_id and i.state = 'receiving' for no key update;
  if not found then
    perform rules.refuse(409, 'conflict', 'The import was ended before all of it had come.');
  end if;
end $$;

create or replace function rules.take_import_part(import_id bigint, number int, bytes bytea) returns void
language plpgsql as $$
begin
  perform rules.lock_received_import(import_id);
  insert into casework.import_parts (import_id, number, bytes) values (import_id, number, bytes);
  update casework.imports i set received_at = rules.now() where i.id = import_id;
end $$;

-- All parts are here: it is the worker's from now on.
create or replace function rules.create_import(
  import_id bigint, last_part int, size bigint, digests jsonb, repr_digest jsonb, content_digest jsonb,
  out status int, out body json, out etag text, out location text)
language plpgsql as $$
begin
  perform rules.check_digest('Repr-Digest', repr_digest, digests);
  perform rules.check_digest('Content-Digest', content_digest, digests);
  perform rules.lock_received_import(import_id);
  if (select count(*) from casework.import_parts p where p.import_id = create_import.import_id) <> last_part then
    perform rules.refuse(409, 'conflict', 'The database has lost a part of the import: send it again.');
  end if;
  update casework.imports i set (state, size_bytes, sha256, received_at, version)
    = ('queued', size, decode(digests ->> 'sha-256', 'hex'), rules.now(), i.version + 1)
  where i.id = import_id;
  perform rules.record_desk_event('import.created', i.id::text, rules.document_changes('{}', jsonb_build_object(
    'kind', i.kind, 'media_type', i.media_type, 'validate_only', i.validate_only, 'size_bytes', i.size_bytes,
    'sha256', encode(i.sha256, 'hex'))))
  from casework.imports i where i.id = import_id;
  perform rules.wake();
  select * into status, body, etag, location from rules.import_answer(import_id, 202);
end $$;

-- An import ends: as finished or failed by the worker, with a sentence on why the
-- file as a whole was no good, or as cancelled. Its bytes are of no use any more.
create or replace function rules.end_import(import_id bigint, ended text, why text default null) returns void
language plpgsql as $$
declare
  before text := (select i.state from casework.imports i where i.id = import_id);
begin
  update casework.imports i set (state, failure, finished_at, leased_until, version)
    = (ended, why, rules.now(), null, i.version + 1)
  where i.id = import_id;
  delete from casework.import_parts p where p.import_id = end_import.import_id;
  delete from casework.import_tries t where t.import_id = end_import.import_id;
  perform rules.record_desk_event(case ended when 'cancelled' then 'import.cancelled' else 'import.finished' end,
    i.id::text, rules.document_changes(jsonb_build_object('state', before), jsonb_build_object(
      'state', i.state, 'failure', i.failure, 'created', i.created, 'updated', i.updated,
      'unchanged', i.unchanged, 'failed', i.failed)))
  from casework.imports i where i.id = import_id;
  perform rules.wake();
end $$;

-- What was done stays. The lock waits for the lines that are being done now.
create or replace function rules.cancel_import(
  import_id bigint, out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  state text;
begin
  select i.state into state from casework.imports i where i.id = import_id for no key update;
  if not found then
    perform rules.refuse(404, 'not-found', 'There is no such import.');
  elsif state not in ('receiving', 'queued', 'running') then
    perform rules.refuse(409, 'conflict', format('The import has ended: it is %s.', state));
  end if;
  perform rules.end_import(import_id, 'cancelled');
  select * into status, body, etag, location from rules.import_answer(import_id, 200);
end $$;

-- (choice) An import of which nothing has come for an hour will not be finished;
-- what came of one is kept for a while. The lines go first, some at a time.
create or replace function rules.timer_forget_imports(batch int) returns int
language plpgsql as $$
declare
  gone bigint;
  handled int;
begin
  select i.id into gone from casework.imports i
  where (i.state = 'receiving' and i.received_at <= rules.now() - interval '1 hour')
    or i.finished_at <= (select rules.kept_since(k.import_days) from casework.retention_settings k)
  order by i.id limit 1 for no key update skip locked;
  if not found then
    return 0;
  end if;
  delete from casework.import_lines l
  where l.import_id = gone and l.line in (
    select o.line from casework.import_lines o where o.import_id = gone order by o.line limit batch);
  get diagnostics handled = row_count;
  if handled < batch then
    delete from casework.imports i where i.id = gone;
    handled := handled + 1;
  end if;
  return handled;
end $$;
