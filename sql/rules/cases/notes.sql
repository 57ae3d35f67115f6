-- Notes (facts 12, 47, 49; 2.3): append-only, and never silently on a closed
-- case.

-- Staff state the visibility; contacts and partners write public notes only.
create or replace function rules.note_visibility(request jsonb) returns text
language plpgsql as $$
declare
  visibility text := request ->> 'visibility';
begin
  if rules.caller_kind() <> 'staff' then
    if visibility = 'internal' then
      perform rules.not_permitted('/visibility', 'Internal notes are for staff.');
    end if;
    return 'public';
  elsif visibility is null then
    perform rules.invalid('/visibility', 'required', 'State whether the note is public or internal.');
  end if;
  return visibility;
end $$;

-- What a note or an attachment does to its case. A contact's brings back a case
-- that waits for the contact; one that responds, the first public note of the
-- provider, settles the target. Any other public one only moves the case's
-- version, the usual case, for which the whole row is not even read. An internal
-- one moves nothing: contacts cannot tell that there is one.
create or replace function rules.message_takes_effect(
  case_id bigint, district bigint, case_status text, responds boolean, visibility text, actor rules.actor,
  type text, note_id bigint, attachment_id bigint default null) returns void
language plpgsql as $$
begin
  if responds or (rules.caller_kind() = 'contact' and case_status in ('pending_verification', 'pending_customer_input'))
  then
    perform rules.message_moves_case(case_id, actor, type, note_id, attachment_id);
  else
    if visibility = 'public' then
      update casework.cases c set version = c.version + 1, updated_at = actor.at
      where c.id = case_id and c.district_id = district;
    end if;
    perform rules.record_case_event(district, case_id, actor, type, visibility, note_id, '[]', attachment_id);
  end if;
end $$;

-- awaited: nobody has answered yet, and this caller can.
drop function if exists rules.note_takes_effect(bigint, bigint, text, text, boolean, text, rules.actor, bigint);
create or replace function rules.note_takes_effect(
  case_id bigint, district bigint, case_status text, awaited boolean,
  visibility text, actor rules.actor, note_id bigint) returns void
language plpgsql as $$
begin
  perform rules.message_takes_effect(case_id, district, case_status,
    awaited and visibility = 'public', visibility, actor, 'case.note_added', note_id);
end $$;

-- A public note that an action writes, with all effects of a note.
create or replace function rules.add_public_note(c casework.cases, actor rules.actor, kind text, text text)
returns bigint
language plpgsql as $$
declare
  note_id bigint := rules.write_note(c.district_id, c.id, actor, kind, 'public', text);
begin
  perform rules.note_takes_effect(c.id, c.district_id, c.status,
    c.response_elapsed is null and rules.is_provider(c.support_provider, c.partner_id), 'public', actor, note_id);
  return note_id;
end $$;

create or replace function rules.add_note(
  case_id bigint, request jsonb, out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  actor rules.actor;
  visibility text := rules.note_visibility(request);
  district bigint;
  case_status text;
  awaited boolean;
  mentions bigint[] := rules.mentioned_changes(case_id, request ->> 'text');
  note_id bigint;
begin
  if rules.state() is not null then
    select * into status, body, etag, location from rules.add_note_of_state(case_id, request);
    return;
  end if;
  select c.district_id, c.status,
    c.response_elapsed is null and rules.is_provider(c.support_provider, c.partner_id)
    into district, case_status, awaited
  from casework.cases c where c.id = case_id for no key update;
  if not found then
    perform rules.refuse(404, 'not-found', 'There is no such case.');
  elsif case_status = 'closed' then
    perform rules.illegal_transition(case_status, 'The case is closed: reopen it to write a note.');
  end if;
  actor := rules.actor();
  note_id := rules.write_note(district, case_id, actor, 'note', visibility, request ->> 'text', mentions);
  perform rules.note_takes_effect(case_id, district, case_status, awaited, visibility, actor, note_id);
  if mentions <> '{}' and visibility = 'public' then
    perform rules.tell_mentions(case_id, district, actor, note_id, mentions);
  end if;
  select 201, n.body, '1', '/v1/notes/' || n.id into status, body, etag, location
  from views.note_document n where n.id = note_id and n.district_id = district;
end $$;

create or replace function rules.message_moves_case(
  case_id bigint, actor rules.actor, type text, note_id bigint, attachment_id bigint) returns void
language plpgsql as $$
declare
  before casework.cases := rules.lock_case(case_id, null);
  c casework.cases := before;
begin
  if rules.caller_kind() = 'contact' then
    c.status := 'assigned';
  else
    c := rules.stop_target(c, actor.at, true);
  end if;
  perform rules.save_case(before, c, actor, type, note_id, attachment_id);
end $$;
