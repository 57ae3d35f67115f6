-- Changes of data or configuration (facts 7, 35; 2.10). How the contact on the case
-- confirms or rejects one: assent.sql.
-- awaiting_written_verification → verified → performed | declined | withdrawn; or
-- rejected. Staff who change its text take it back to awaiting_written_verification.
-- All that happens to a request happens under the lock of its case.

-- What people call it.
create or replace function rules.change_reference(change_request_id bigint) returns text
  language sql immutable
  return 'CR-' || change_request_id;

create or replace function rules.change_request_answer(
  change_request_id bigint, code int, out status int, out body json, out etag text, out location text)
language plpgsql stable as $$
begin
  status := code;
  select d.body, d.version, case when code = 201 then '/v1/change-requests/' || d.id end
    into body, etag, location
  from views.change_request_document d where d.id = change_request_id;
end $$;

-- An event of the request on its case, which moves the case in lists.
drop function if exists rules.record_change_event(casework.change_requests, rules.actor, text, text, bigint),
  rules.verify_change_requests;   -- of the version before
create or replace function rules.record_change_event(
  r casework.change_requests, actor rules.actor, type text, old_state text, note_id bigint, more jsonb default '[]')
returns void
language plpgsql as $$
begin
  update casework.cases c set version = c.version + 1, updated_at = actor.at
  where c.id = r.case_id and c.district_id = r.district_id;
  perform rules.record_case_event(r.district_id, r.case_id, actor, type, 'public', note_id,
    jsonb_build_array(jsonb_build_object('member', rules.change_reference(r.id), 'old', old_state, 'new', r.state))
      || more);
end $$;

create or replace function rules.open_change_request(c casework.cases, actor rules.actor, request jsonb)
returns casework.change_requests
language plpgsql as $$
declare
  r casework.change_requests;
begin
  insert into casework.change_requests (district_id, case_id, kind, description,
    requested_at, requested_by_kind, requested_by_id, requested_by_name)
  values (c.district_id, c.id, request ->> 'kind', request ->> 'description',
    actor.at, actor.kind, actor.id, actor.name)
  returning * into r;
  return r;
end $$;

create or replace function rules.create_change_request(
  case_id bigint, request jsonb, out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  c casework.cases := rules.lock_case(case_id, null);
  actor rules.actor := rules.actor();
  r casework.change_requests;
begin
  perform rules.require_open(c);
  r := rules.open_change_request(c, actor, request);
  perform rules.record_change_event(r, actor, 'case.change_requested', null, null);
  select * into status, body, etag, location from rules.change_request_answer(r.id, 201);
end $$;

-- The note that asks for it.
create or replace function rules.ask_for_assent(
  c casework.cases, actor rules.actor, r casework.change_requests, text text) returns bigint
language plpgsql as $$
begin
  return rules.add_public_note(c, actor, 'written_request', concat_ws(E'\n\n',
    format('Please confirm or reject %s%s:', rules.change_reference(r.id),
      case when r.revision > 1 then ', which has changed' end), r.description,
    'Only the contact on the case can, logged in as themselves, by the action for it. '
      'A note that quotes it decides nothing.', text));
end $$;

-- Fact 35: asked for on the phone, to be put in writing by the contact.
create or replace function rules.request_in_writing(
  case_id bigint, request jsonb, out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  c casework.cases := rules.lock_case(case_id, null);
  actor rules.actor := rules.actor();
  r casework.change_requests;
  note_id bigint;
begin
  perform rules.require_open(c);
  r := rules.open_change_request(c, actor, request);
  note_id := rules.ask_for_assent(c, actor, r, request ->> 'text');
  perform rules.record_change_event(r, actor, 'case.change_requested', null, note_id);
  select * into status, body, etag, location from rules.change_request_answer(r.id, 201);
end $$;

-- While a request awaits the contact on the case, staff alone say who that is;
-- otherwise any contact could put itself there and confirm.
create or replace function rules.check_case_contact(before casework.cases, c casework.cases) returns void
language plpgsql as $$
begin
  if c.contact_id <> before.contact_id and rules.caller_kind() <> 'staff' and exists (
    select from casework.change_requests r
    where r.case_id = c.id and r.district_id = c.district_id and r.state = 'awaiting_written_verification')
  then
    perform rules.not_permitted('/contact_id',
      'A change request awaits the contact on the case: staff change that contact.');
  end if;
end $$;

-- The request with its case locked, or 404.
create or replace function rules.lock_change_request(change_request_id bigint, if_match bigint[])
returns casework.change_requests
language plpgsql as $$
declare
  r casework.change_requests;
begin
  perform rules.lock_case(q.case_id, null) from casework.change_requests q where q.id = change_request_id;
  select * into r from casework.change_requests q where q.id = change_request_id;
  if not found then
    perform rules.refuse(404, 'not-found', 'There is no such change request.');
  end if;
  perform rules.check_version(r.version, if_match);
  return r;
end $$;

create or replace function rules.finish_change(
  before casework.change_requests, to_state text, actor rules.actor, remark text) returns void
language plpgsql as $$
declare
  r casework.change_requests := before;
begin
  r.state := to_state;
  update casework.change_requests q set state = to_state, ended_at = actor.at, ended_by_kind = actor.kind,
    ended_by_id = actor.id, ended_by_name = actor.name, remark = finish_change.remark, version = q.version + 1
  where q.id = r.id and q.district_id = r.district_id;
  perform rules.record_change_event(r, actor, 'case.change_' || to_state, before.state, null);
end $$;

-- performed, declined or withdrawn, as `to_state` says; who may is settled by
-- the operation.
create or replace function rules.end_change_request(
  change_request_id bigint, if_match bigint[], to_state text, remark text,
  out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  before casework.change_requests := rules.lock_change_request(change_request_id, if_match);
begin
  if before.ended_at is not null then
    perform rules.refuse(409, 'conflict', format('The change request is %s already.', before.state));
  elsif to_state = 'performed' and before.state <> 'verified' then
    perform rules.refuse(409, 'not-verified', format('The contact on the case has not confirmed %s in writing.',
      rules.change_reference(before.id)));
  end if;
  perform rules.finish_change(before, to_state, rules.actor(), remark);
  select * into status, body, etag, location from rules.change_request_answer(before.id, 200);
end $$;
