-- State Departments of Education (3.7). Contacts share a case of state reporting with
-- that of their state, and take it back; it reads along, and writes notes.

create or replace function rules.share_case(
  case_id bigint, if_match bigint[], shared boolean,
  out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  before casework.cases := rules.lock_case(case_id, if_match);
  c casework.cases := before;
  actor rules.actor := rules.actor();
begin
  perform rules.require_caller_itself('A contact shares for itself: nobody does it in its name.');
  if shared and before.product_area is distinct from 'state_reporting' then
    perform rules.refuse(409, 'conflict', 'Only a case of state reporting (product_area state_reporting) is shared with '
      'the State Department of Education.');
  elsif shared = (before.shared_with_state_at is not null) then
    perform rules.refuse(409, 'conflict', case when shared then 'The case is shared already.'
      else 'The case is not shared.' end);
  end if;
  c.shared_with_state_at := case when shared then actor.at end;
  perform rules.save_case(before, c, actor, case when shared then 'case.shared' else 'case.sharing_ended' end);
  select * into status, body, etag, location from rules.case_answer(case_id, 200);
end $$;

-- Whether the partner is the department with which the case is shared now: of two
-- webhooks, which may hear of it.
create or replace function rules.shared_with_partner(case_id bigint, district_id bigint, partner_id bigint)
returns boolean
language plpgsql stable as $$
begin
  return exists (
    select from casework.cases c
    join casework.districts d on d.id = c.district_id
    join casework.partners p on p.id = shared_with_partner.partner_id and p.active and p.state = d.state
    where c.id = shared_with_partner.case_id and c.district_id = shared_with_partner.district_id
      and c.shared_with_state_at is not null and c.product_area = 'state_reporting');
end $$;

-- The owner's rights: a department writes no case. Its note moves the version, of a
-- case that is shared with its state, as anybody's does; locked by it, so that none is
-- written while a contact takes it back.
create or replace function rules.touch_shared_case(case_id bigint, out district_id bigint, out case_status text)
language plpgsql security definer set search_path = '' as $$
begin
  update casework.cases c set version = c.version + 1, updated_at = rules.now()
  from casework.districts d
  where c.id = touch_shared_case.case_id and d.id = c.district_id and d.state = rules.state()
    and c.shared_with_state_at is not null and c.product_area = 'state_reporting'
  returning c.district_id, c.status into touch_shared_case.district_id, touch_shared_case.case_status;
end $$;
revoke execute on function rules.touch_shared_case from public;
grant execute on function rules.touch_shared_case to casework_partner;

create or replace function rules.add_note_of_state(
  case_id bigint, request jsonb, out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  actor rules.actor := rules.actor();
  visibility text := rules.note_visibility(request);
  district bigint;
  case_status text;
  note_id bigint;
begin
  select t.district_id, t.case_status into district, case_status from rules.touch_shared_case(case_id) t;
  if district is null then
    perform rules.refuse(404, 'not-found', 'There is no such case.');
  elsif case_status = 'closed' then
    perform rules.illegal_transition(case_status, 'The case is closed: reopen it to write a note.');
  end if;
  note_id := rules.write_note(district, case_id, actor, 'note', visibility, request ->> 'text');
  perform rules.record_case_event(district, case_id, actor, 'case.note_added', visibility, note_id, '[]');
  select 201, n.body, '1', '/v1/notes/' || n.id into status, body, etag, location
  from views.note_document n where n.id = note_id and n.district_id = district;
end $$;
