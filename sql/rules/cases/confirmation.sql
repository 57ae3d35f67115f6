-- A contact confirms a resolution and leaves the closing to others: the partner that
-- has the case (3.7), staff, or the timer, which then says so. Nobody is asked again
-- what they have answered.

-- The owner's rights: a contact writes no dates of a run.
create or replace function rules.follow_up_no_more(case_id bigint) returns void
language plpgsql security definer set search_path = '' as $$
begin
  update casework.follow_up_runs r set next_slot = cardinality(r.due_dates) + 1,
    next_at = case when r.paused_at is null then r.auto_close_at else r.next_at end
  from casework.cases c
  where c.id = follow_up_no_more.case_id and c.resolution_confirmed_at is not null
    and c.id = r.case_id and c.district_id = r.district_id and r.ended_at is null and rules.reaches(c.district_id);
end $$;
revoke execute on function rules.follow_up_no_more from public;
grant execute on function rules.follow_up_no_more to casework_contact;

create or replace function rules.confirm_resolution(
  case_id bigint, if_match bigint[], request jsonb,
  out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  before casework.cases := rules.lock_case(case_id, if_match);
  c casework.cases := before;
  actor rules.actor := rules.actor();
begin
  perform rules.require_caller_itself('A contact confirms for itself: nobody does it in its name.');
  if before.status <> 'pending_verification' then
    perform rules.illegal_transition(before.status, 'Only a resolution that waits for verification is confirmed.');
  elsif before.resolution_confirmed_at is not null then
    perform rules.refuse(409, 'already-exists', 'The resolution is confirmed already.');
  end if;
  c.resolution_confirmed_at := actor.at;
  c.resolution_confirmed_by_id := actor.id;
  c.resolution_confirmed_by_name := actor.name;
  perform rules.save_case(before, c, actor, 'case.resolution_confirmed',
    rules.write_note(c.district_id, c.id, actor, 'confirmation', 'public', coalesce(request ->> 'comment',
      'The resolution works for us: the case can be closed.')));
  perform rules.follow_up_no_more(c.id);
  select * into status, body, etag, location from rules.case_answer(case_id, 200);
end $$;
