-- Scope of support (facts 2, 53): out of scope is said in a public note; the
-- case stays what and where it is.

-- Said in the same words to every district (/v1/settings/scope-of-support).
create or replace function rules.policy_sentence() returns text
  language sql stable
  return (select t.policy_sentence from casework.desk_texts t);

create or replace function rules.check_scope(request jsonb) returns void
language plpgsql as $$
declare
  out_of_scope boolean := request ->> 'scope' = 'out_of_scope';
  policy_question boolean := coalesce((request ->> 'policy_question')::boolean, false);
begin
  if policy_question and not out_of_scope then
    perform rules.invalid('/scope', 'out-of-scope', 'A question of district policy is out of scope.');
  elsif out_of_scope and not policy_question and request ->> 'text' is null then
    perform rules.invalid('/text', 'required', 'Tell the district why this is out of scope.');
  elsif not out_of_scope and request ->> 'redirect_team' is not null then
    perform rules.invalid('/redirect_team', 'not-out-of-scope', 'Only what is out of scope is redirected.');
  end if;
end $$;

create or replace function rules.scope_case(
  case_id bigint, if_match bigint[], request jsonb,
  out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  before casework.cases := rules.lock_case(case_id, if_match);
  c casework.cases;
  actor rules.actor := rules.actor();
  text text;
  note_id bigint;
begin
  perform rules.require_open(before);
  perform rules.check_scope(request);
  text := concat_ws(E'\n\n', case when (request ->> 'policy_question')::boolean then rules.policy_sentence() end,
    request ->> 'text');
  if text <> '' then
    note_id := rules.add_public_note(before, actor, 'scope', text);
    before := rules.lock_case(case_id, null);
  end if;
  c := before;
  c.scope := request ->> 'scope';
  c.redirect_team := request ->> 'redirect_team';
  c.policy_question := coalesce((request ->> 'policy_question')::boolean, false);
  if c is distinct from before then
    perform rules.save_case(before, c, actor, 'case.scoped', note_id);
  end if;
  select * into status, body, etag, location from rules.case_answer(case_id, 200);
end $$;
