-- Redaction (fact 47): the text goes, a marker, who and why stay. A redacted
-- note still counts as the first response (2.3).

create or replace function rules.redacted_text() returns text
  language sql immutable
  return '[redacted]';

-- What is redacted is of version 2, and not redacted again.
create or replace function rules.check_redaction(what text, redacted_at timestamptz, if_match bigint[]) returns void
language plpgsql stable as $$
begin
  perform rules.check_version(case when redacted_at is null then 1 else 2 end, if_match);
  if redacted_at is not null then
    perform rules.refuse(409, 'conflict', format('The %s is redacted already.', what));
  end if;
end $$;

-- The note with its case locked, or 404. An internal note does not exist for
-- others than staff, who alone get here.
create or replace function rules.redact_note(
  note_id bigint, if_match bigint[], request jsonb,
  out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  n casework.notes;
  actor rules.actor := rules.actor();
begin
  perform rules.require_role('{lead,administrator}');
  perform rules.lock_case(q.case_id, null) from casework.notes q where q.id = note_id;
  select * into n from casework.notes q where q.id = note_id;
  if not found then
    perform rules.refuse(404, 'not-found', 'There is no such note.');
  end if;
  perform rules.check_redaction('note', n.redacted_at, if_match);
  update casework.notes q set (redacted_at, redacted_by_kind, redacted_by_id, redacted_by_name, redaction_reason)
    = (actor.at, actor.kind, actor.id, actor.name, request ->> 'reason')
  where q.id = n.id and q.district_id = n.district_id;
  if n.visibility = 'public' then
    -- the explanation of a resolution stands in the case as well
    update casework.cases c set version = c.version + 1, updated_at = actor.at
    where c.id = n.case_id and c.district_id = n.district_id;
    update casework.cases c set resolution = rules.redacted_text()
    where c.id = n.case_id and c.district_id = n.district_id
      and n.kind = 'resolution' and c.resolution = n.text and c.resolved_at = n.created_at;
  end if;
  update casework.escalations e set version = e.version + 1   -- shows the text
  where e.note_id = n.id and e.district_id = n.district_id;
  perform rules.erase_in_answers(n.case_id, n.text, rules.redacted_text());
  perform rules.record_case_event(n.district_id, n.case_id, actor, 'note.redacted', n.visibility, n.id, '[]');
  select 200, d.body, d.version into status, body, etag
  from views.note_document d where d.id = n.id and d.district_id = n.district_id;
end $$;
