-- Assent (3.4): a change is confirmed or rejected by an action of the contact on the
-- case, with their own credentials and words. What must hold of it holds in
-- sql/schema/035_assent.sql as well.

-- Other contacts, and who acts for somebody, are told that they cannot. The case
-- is locked.
create or replace function rules.require_own_word(r casework.change_requests, actor rules.actor) returns casework.cases
language plpgsql as $$
declare
  c casework.cases := rules.lock_case(r.case_id, null);
begin
  if actor.kind <> 'contact' or actor.behalf_kind is not null or actor.id <> c.contact_id then
    perform rules.refuse(403, 'not-the-contact-on-the-case', format(
      '%s is confirmed or rejected by the contact on the case alone, logged in as themselves.',
      rules.change_reference(r.id)));
  elsif r.state <> 'awaiting_written_verification' then
    perform rules.refuse(409, 'conflict', format('The change request is %s already.', r.state));
  end if;
  return c;
end $$;

-- The note says what was decided on, word for word, and in which words.
create or replace function rules.decision_text(heading text, r casework.change_requests, words text) returns text
  language sql immutable as $$
  select format(E'%s %s:\n\n%s\n\nIn the words of the contact:\n\n%s',
    heading, rules.change_reference(r.id), r.description, words) $$;

create or replace function rules.confirm_change(
  change_request_id bigint, if_match bigint[], request jsonb,
  out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  before casework.change_requests := rules.lock_change_request(change_request_id, if_match);
  r casework.change_requests := before;
  actor rules.actor := rules.actor();
  c casework.cases := rules.require_own_word(before, actor);
  note_id bigint;
begin
  note_id := rules.add_public_note(c, actor, 'confirmation',
    rules.decision_text('Confirmed', before, request ->> 'text'));
  insert into casework.change_confirmations (district_id, change_request_id, revision, note_id)
  values (r.district_id, r.id, r.revision, note_id);
  update casework.change_requests q set state = 'verified', verified_at = actor.at, verified_by_id = actor.id,
    verified_by_name = actor.name, verification_note_id = note_id, version = q.version + 1
  where q.id = r.id and q.district_id = r.district_id
  returning q.* into r;
  perform rules.record_change_event(r, actor, 'case.change_verified', before.state, note_id,
    jsonb_build_array(rules.changed('advisor_told', null, to_jsonb(rules.advisor_told(c.id)))));
  select * into status, body, etag, location from rules.change_request_answer(r.id, 200);
end $$;

create or replace function rules.reject_change(
  change_request_id bigint, if_match bigint[], request jsonb,
  out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  before casework.change_requests := rules.lock_change_request(change_request_id, if_match);
  r casework.change_requests := before;
  actor rules.actor := rules.actor();
  c casework.cases := rules.require_own_word(before, actor);
  note_id bigint;
begin
  note_id := rules.add_public_note(c, actor, 'rejection',
    rules.decision_text('Rejected', before, request ->> 'reason'));
  update casework.change_requests q set state = 'rejected', rejection_note_id = note_id, ended_at = actor.at,
    ended_by_kind = actor.kind, ended_by_id = actor.id, ended_by_name = actor.name, remark = request ->> 'reason',
    version = q.version + 1
  where q.id = r.id and q.district_id = r.district_id
  returning q.* into r;
  perform rules.record_change_event(r, actor, 'case.change_rejected', before.state, note_id,
    jsonb_build_array(rules.changed('advisor_told', null, to_jsonb(rules.advisor_told(c.id)))));
  select * into status, body, etag, location from rules.change_request_answer(r.id, 200);
end $$;

-- Another text asks the contact anew (a trigger takes the confirmation away, the
-- record of it stays). The same text is no change.
create or replace function rules.revise_change(
  change_request_id bigint, if_match bigint[], request jsonb,
  out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  before casework.change_requests := rules.lock_change_request(change_request_id, if_match);
  r casework.change_requests := before;
  actor rules.actor := rules.actor();
begin
  if before.ended_at is not null then
    perform rules.refuse(409, 'conflict', format('The change request is %s already.', before.state));
  end if;
  if before.description <> request ->> 'description' then
    update casework.change_requests q set description = request ->> 'description', revised_at = actor.at,
      revised_by_kind = actor.kind, revised_by_id = actor.id, revised_by_name = actor.name, version = q.version + 1
    where q.id = r.id and q.district_id = r.district_id
    returning q.* into r;
    perform rules.record_change_event(r, actor, 'case.change_revised', before.state,
      rules.ask_for_assent(rules.lock_case(r.case_id, null), actor, r, request ->> 'text'),
      jsonb_build_array(rules.changed('description', to_jsonb(before.description), to_jsonb(r.description))));
  end if;
  select * into status, body, etag, location from rules.change_request_answer(r.id, 200);
end $$;

-- Whether a mail tells the advisor what this caller does to the case, and if not,
-- why. The owner's rights: nobody but staff reads their addresses.
create or replace function rules.advisor_told(case_id bigint) returns text
language plpgsql stable security definer set search_path = '' as $$
begin
  return (
    select case
      when c.test then 'no: a test'
      when c.assigned_advisor_id is null then 'no: unassigned'
      when rules.acting() = 'staff:' || s.id then 'no: by the advisor'
      when not s.active then 'no: the advisor has left'
      when s.email is null then 'no: the advisor has no address'
      else 'yes' end
    from casework.cases c left join casework.staff s on s.id = c.assigned_advisor_id
    where c.id = advisor_told.case_id and rules.reaches(c.district_id));
end $$;

-- The change requests of the case that a text quotes: CR-<id> as a word of its own.
-- It decides nothing.
create or replace function rules.mentioned_changes(case_id bigint, text text) returns bigint[]
language plpgsql stable as $$
begin
  if text !~* '\mCR-[1-9]' then
    return '{}';
  end if;
  return array(
    select r.id from casework.change_requests r
    where r.case_id = mentioned_changes.case_id and r.id in (
      select m.groups[1]::bigint from regexp_matches(text, '\mCR-([1-9][0-9]{0,15})\M', 'gi') as m (groups))
    order by r.id limit 100);
end $$;

-- What a public note mentions shows it. The owner's rights: partners mention what
-- they may not change.
create or replace function rules.count_mentions(note_id bigint) returns void
language plpgsql security definer set search_path = '' as $$
begin
  update casework.change_requests r set mention_count = r.mention_count + 1, last_mention_note_id = n.id,
    version = r.version + 1
  from casework.notes n
  where n.id = count_mentions.note_id and rules.reaches(n.district_id) and n.visibility = 'public'
    and r.id = any (n.mentions) and r.district_id = n.district_id and r.case_id = n.case_id
    and (r.last_mention_note_id >= n.id) is not true;
end $$;

create or replace function rules.tell_mentions(
  case_id bigint, district bigint, actor rules.actor, note_id bigint, mentions bigint[]) returns void
language plpgsql as $$
begin
  perform rules.count_mentions(note_id);
  perform rules.record_case_event(district, case_id, actor, 'case.change_mentioned', 'public', note_id, (
    select jsonb_agg(rules.changed(rules.change_reference(m.id), null, '"mentioned"') order by m.id)
    from unnest(mentions) as m (id)) || jsonb_build_array(
      rules.changed('advisor_told', null, to_jsonb(case when rules.caller_kind() = 'staff' then 'no: by staff'
        else rules.advisor_told(case_id) end))));
end $$;
revoke execute on function rules.advisor_told, rules.count_mentions from public;
grant execute on function rules.advisor_told, rules.count_mentions
  to casework_contact, casework_partner, casework_staff;
