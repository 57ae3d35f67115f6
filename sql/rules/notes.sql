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

-- A contact's note brings back a case that waits for the contact; the first
-- public note of the provider is the response; any other public note only moves
-- the case's version, which is the usual and quick way. An internal one leaves
-- the case as it is: its version is for contacts to see, too.
create or replace function rules.add_note(
  case_id bigint, request jsonb, out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  before casework.cases := rules.lock_case(case_id, null);
  c casework.cases := before;
  actor rules.actor := rules.actor();
  visibility text := rules.note_visibility(request);
  note_id bigint;
begin
  perform rules.check_texts(request);
  perform rules.require_open(c);
  note_id := rules.write_note(c.district_id, c.id, actor, 'note', visibility, request ->> 'text');
  if rules.caller_kind() = 'contact' and c.status in ('pending_verification', 'pending_customer_input') then
    c.status := 'assigned';
  elsif visibility = 'public' and rules.is_provider(c) then
    c := rules.stop_target(c, actor.at, true);
  end if;
  if c.status <> before.status or c.response_elapsed is distinct from before.response_elapsed then
    perform rules.save_case(before, c, actor, 'case.note_added', note_id);
  else
    if visibility = 'public' then
      update casework.cases s set version = c.version + 1, updated_at = actor.at
      where s.id = c.id and s.district_id = c.district_id;
    end if;
    perform rules.record_case_event(c.district_id, c.id, actor, 'case.note_added', visibility, note_id, '[]');
  end if;
  select 201, n.body, '1', '/v1/notes/' || n.id into status, body, etag, location
  from api.note_document n where n.id = note_id and n.district_id = c.district_id;
end $$;
