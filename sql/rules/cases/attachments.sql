-- Attachments (facts 39, 47; 1.12, 2.5): files on a case, under the rules of
-- notes. One is no first response (2.3 counts notes and calls).

-- Staff state the visibility; contacts and partners attach in public only.
create or replace function rules.attachment_visibility(visibility text) returns text
language plpgsql as $$
begin
  if rules.caller_kind() = 'staff' then
    if visibility is null then
      perform rules.refuse(400, 'invalid-parameter', 'State whether the attachment is public or internal.',
        '{"errors": [{"parameter": "visibility", "code": "required", "detail": "This parameter is required of staff."}]}');
    end if;
    return visibility;
  elsif visibility = 'internal' then
    perform rules.refuse(403, 'not-permitted', 'Internal attachments are for staff.',
      '{"errors": [{"parameter": "visibility", "code": "not-permitted", "detail": "Internal attachments are for staff."}]}');
  end if;
  return 'public';
end $$;

-- What one file may have. The case's sum is told apart by visibility: those who
-- do not see internal attachments cannot tell from it that there are any. The
-- case is locked by now, so of two files one waits and finds the other.
create or replace function rules.check_attachment_size(
  case_id bigint, district bigint, visibility text, size bigint) returns void
language plpgsql as $$
declare
  s casework.attachment_settings;
  used bigint;
begin
  select * into s from casework.attachment_settings;
  if size > s.file_bytes then
    perform rules.refuse(413, 'content-too-large', format('An attachment has %s bytes at most.', s.file_bytes),
      jsonb_build_object('limit_bytes', s.file_bytes, 'size_bytes', size));
  end if;
  select coalesce(sum(a.size), 0) into used from casework.attachments a
  where a.district_id = district and a.case_id = check_attachment_size.case_id
    and a.visibility = check_attachment_size.visibility and a.redacted_at is null;
  if used + size > s.case_bytes then
    perform rules.refuse(409, 'attachments-full',
      format('The attachments of a case have %s bytes at most, of which %s are taken; this one has %s.',
        s.case_bytes, used, size),
      jsonb_build_object('limit_bytes', s.case_bytes, 'used_bytes', used, 'size_bytes', size));
  end if;
end $$;

-- What arrived, against what the client has claimed in a header (RFC 9530), both as
-- hexadecimal digits by algorithm.
drop function if exists rules.check_digest(text, jsonb, bytea, bytea);
create or replace function rules.check_digest(header text, claimed jsonb, arrived jsonb) returns void
language plpgsql as $$
declare
  algorithm text;
begin
  select c.key into algorithm from jsonb_each_text(claimed) c
  where c.value is distinct from arrived ->> c.key
  limit 1;
  if algorithm is not null then
    perform rules.refuse(422, 'invalid-request', format('The bytes that arrived have another digest than %s says.', header),
      jsonb_build_object('errors', jsonb_build_array(jsonb_build_object('parameter', header, 'code', 'mismatch',
        'detail', format('Not the %s of the body.', upper(algorithm))))));
  end if;
end $$;

create or replace function rules.write_attachment(
  district bigint, case_id bigint, actor rules.actor, visibility text, filename text, media_type text,
  stated_media_type text, digest bytea, bytes bytea) returns bigint
language plpgsql as $$
declare
  attachment_id bigint;
begin
  insert into casework.attachments (district_id, case_id, visibility, filename, media_type, stated_media_type, size,
    sha256, author_kind, author_id, author_name, behalf_kind, behalf_id, behalf_name, created_at)
  values (district, case_id, visibility, filename, media_type, stated_media_type, length(bytes), digest,
    actor.kind, actor.id, actor.name, actor.behalf_kind, actor.behalf_id, actor.behalf_name, actor.at)
  returning id into attachment_id;
  insert into casework.attachment_contents (district_id, attachment_id, visibility, bytes)
  values (district, attachment_id, visibility, bytes);
  return attachment_id;
end $$;

create or replace function rules.add_attachment(
  case_id bigint, visibility text, filename text, media_type text, stated_media_type text,
  repr_digest jsonb, content_digest jsonb, bytes bytea,
  out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  actor rules.actor;
  seen_by text := rules.attachment_visibility(visibility);
  digest bytea := sha256(bytes);
  digests jsonb := jsonb_build_object('sha-256', encode(digest, 'hex'));
  district bigint;
  case_status text;
  attachment_id bigint;
begin
  select c.district_id, c.status into district, case_status from casework.cases c where c.id = case_id;
  if not found then
    perform rules.refuse(404, 'not-found', 'There is no such case.');
  end if;
  if repr_digest ? 'sha-512' or content_digest ? 'sha-512' then
    digests := digests || jsonb_build_object('sha-512', encode(sha512(bytes), 'hex'));
  end if;
  perform rules.check_digest('Repr-Digest', repr_digest, digests);
  perform rules.check_digest('Content-Digest', content_digest, digests);
  select c.status into case_status
  from casework.cases c where c.id = case_id and c.district_id = district for no key update;
  if case_status = 'closed' then
    perform rules.illegal_transition(case_status, 'The case is closed: reopen it to attach something.');
  end if;
  perform rules.check_attachment_size(case_id, district, seen_by, length(bytes));
  actor := rules.actor();
  attachment_id := rules.write_attachment(district, case_id, actor, seen_by, filename, media_type,
    stated_media_type, digest, bytes);
  perform rules.message_takes_effect(case_id, district, case_status, false, seen_by, actor,
    'case.attachment_added', null, attachment_id);
  select 201, a.body, a.version, '/v1/attachments/' || a.id into status, body, etag, location
  from views.attachment_document a where a.id = attachment_id and a.district_id = district;
end $$;

-- The bytes are gone with a redaction, and the client is told so.
create or replace function rules.require_attachment_content(attachment_id bigint) returns bigint
language plpgsql stable as $$
declare
  a casework.attachments;
begin
  select * into a from casework.attachments q where q.id = attachment_id;
  if not found then
    perform rules.refuse(404, 'not-found', 'There is no such attachment.');
  elsif a.redacted_at is not null then
    perform rules.refuse(410, 'attachment-redacted', 'The attachment was redacted: its bytes are gone.');
  end if;
  return a.district_id;
end $$;

-- Name, bytes and digest go, the rest stays (fact 47). The room they took is free.
create or replace function rules.redact_attachment(
  attachment_id bigint, if_match bigint[], request jsonb,
  out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  a casework.attachments;
  actor rules.actor := rules.actor();
begin
  perform rules.require_role('{lead,administrator}');
  perform rules.lock_case(q.case_id, null) from casework.attachments q where q.id = attachment_id;
  select * into a from casework.attachments q where q.id = attachment_id;
  if not found then
    perform rules.refuse(404, 'not-found', 'There is no such attachment.');
  end if;
  perform rules.check_redaction('attachment', a.redacted_at, if_match);
  update casework.attachments q set (redacted_at, redacted_by_kind, redacted_by_id, redacted_by_name, redaction_reason)
    = (actor.at, actor.kind, actor.id, actor.name, request ->> 'reason')
  where q.id = a.id and q.district_id = a.district_id;
  if a.visibility = 'public' then
    update casework.cases c set version = c.version + 1, updated_at = actor.at
    where c.id = a.case_id and c.district_id = a.district_id;
  end if;
  perform rules.erase_in_answers(a.case_id, a.filename, rules.redacted_text()),
    rules.erase_in_answers(a.case_id, encode(a.sha256, 'hex'), null);
  perform rules.record_case_event(a.district_id, a.case_id, actor, 'case.attachment_redacted', a.visibility, null,
    '[]', a.id);
  select 200, d.body, d.version into status, body, etag
  from views.attachment_document d where d.id = a.id and d.district_id = a.district_id;
end $$;
