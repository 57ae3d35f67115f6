-- Answering a survey by the link of its mail (facts 73, 74): as JSON, or as
-- pages for people. A refusal ends a JSON request as a problem; a person gets
-- it as a page with the same status.

-- The invitation that the token opens: 404 unknown, 409 answered, 410 closed.
create or replace function rules.open_invitation(token text) returns casework.survey_invitations
language plpgsql stable as $$
declare
  i casework.survey_invitations;
begin
  select * into i from casework.survey_invitations v
  where v.token_sha256 = sha256(convert_to(token, 'UTF8'));
  if not found then
    perform rules.refuse(404, 'not-found', 'There is no such survey. Copy the whole link from the e-mail.');
  elsif exists (select from casework.survey_responses r where r.invitation_id = i.id) then
    perform rules.refuse(409, 'survey-already-answered', 'You have already answered this survey. Thank you!');
  elsif rules.now() >= i.expires_at then
    perform rules.refuse(410, 'survey-expired', 'This survey has closed: it was open for 30 days.');
  end if;
  return i;
end $$;
revoke execute on function rules.open_invitation from public;

drop function if exists rules.read_survey(text);     -- it told of less
create or replace function rules.read_survey(token text) returns rules.survey_of_link
language plpgsql stable security definer set search_path = '' as $$
declare
  i casework.survey_invitations := rules.open_invitation(token);
begin
  return row (i.case_id, (
    select c.subject from casework.cases c, casework.desk_texts t
    where c.id = i.case_id and c.district_id = i.district_id and t.mail_case_subject),
    i.expires_at, rules.opt_out_token(i.contact_id))::rules.survey_of_link;
end $$;
revoke execute on function rules.read_survey from public;
grant execute on function rules.read_survey to casework_public;

-- Two answers at once: one is kept, the other learns that there is one. The link
-- came to the contact's mailbox only, so the contact is who answers.
create or replace function rules.record_survey_response(token text, request jsonb, out submitted_at timestamptz)
language plpgsql security definer set search_path = '' as $$
declare
  i casework.survey_invitations := rules.open_invitation(token);
  at timestamptz := rules.now();
  actor rules.actor;
begin
  insert into casework.survey_responses (invitation_id, district_id, case_id, contact_id, courtesy, knowledge,
    timeliness, quality, overall_service, comment, submitted_at)
  values (i.id, i.district_id, i.case_id, i.contact_id, (request ->> 'courtesy')::int, (request ->> 'knowledge')::int,
    (request ->> 'timeliness')::int, (request ->> 'quality')::int, (request ->> 'overall_service')::int,
    request ->> 'comment', at)
  on conflict (invitation_id) do nothing;
  if not found then
    perform rules.refuse(409, 'survey-already-answered', 'You have already answered this survey. Thank you!');
  end if;
  select 'contact', c.id, c.name, null, null, null, at into actor from casework.contacts c where c.id = i.contact_id;
  perform rules.record_case_event(i.district_id, i.case_id, actor, 'survey.answered', 'internal', null, '[]');
  submitted_at := at;
end $$;
revoke execute on function rules.record_survey_response from public;
grant execute on function rules.record_survey_response to casework_public;

-- A refusal as a page: the status and sentence of the problem.
create or replace function rules.refusal_page(sqlstate text, sentence text, out status int, out html text)
language plpgsql stable as $$
begin
  status := right(sqlstate, 3)::int;
  html := rules.html_message(case status
    when 404 then 'Not found' when 409 then 'Already answered' when 410 then 'Survey closed'
    else 'Please check your answers' end, sentence);
end $$;

drop function if exists rules.show_survey(text, text);
create or replace function rules.show_survey(
  token text, media_type text, public_url text, out status int, out body json, out html text)
language plpgsql stable as $$
declare
  survey rules.survey_of_link;
  sentence text;
begin
  survey := rules.read_survey(token);
  status := 200;
  if media_type = 'text/html' then
    html := rules.survey_form(token, survey, public_url, '{}', '[]');
  else
    body := json_build_object('case_id', survey.case_id, 'expires_at', views.utc(survey.expires_at),
      'areas', (select json_agg(json_build_object('name', a.name, 'title', a.title, 'question', a.question)
        order by a.place) from rules.survey_areas() a),
      'scale', json_build_object('minimum', 1, 'maximum', 5));
  end if;
exception when others then
  get stacked diagnostics sentence = pg_exception_detail;
  if sqlstate not like 'CW%' or media_type <> 'text/html' then
    raise;
  end if;
  select p.status, p.html into show_survey.status, show_survey.html from rules.refusal_page(sqlstate, sentence) p;
end $$;

-- faults: what is wrong with a form, which is shown again with what was entered.
drop function if exists rules.answer_survey(text, jsonb, jsonb, text);
create or replace function rules.answer_survey(
  token text, request jsonb, faults jsonb, media_type text, public_url text, out status int, out body json,
  out html text)
language plpgsql as $$
declare
  survey rules.survey_of_link;
  sentence text;
begin
  survey := rules.read_survey(token);
  if faults is not null then
    status := 422;
    html := rules.survey_form(token, survey, public_url, request, faults);
    return;
  end if;
  select 201, json_build_object('submitted_at', views.utc(r.submitted_at)) into status, body
  from rules.record_survey_response(token, request) r;
  if media_type = 'text/html' then
    html := rules.survey_thanks(survey, public_url);
  end if;
exception when others then
  get stacked diagnostics sentence = pg_exception_detail;
  if sqlstate not like 'CW%' or media_type <> 'text/html' then
    raise;
  end if;
  select p.status, p.html into answer_survey.status, answer_survey.html from rules.refusal_page(sqlstate, sentence) p;
end $$;

-- The opt-out link, looked at or (RFC 8058, one POST from a mail program or the
-- page's button) used.
create or replace function rules.answer_opt_out(
  token text, using_it boolean, faults jsonb, media_type text, out status int, out body json, out html text)
language plpgsql as $$
declare
  now record;
  sentence text;
begin
  if faults is not null then
    perform rules.refuse(422, 'invalid-request', 'This is not the form of the opt-out page.');
  elsif using_it then
    perform rules.opt_out_of_surveys(token);
  end if;
  now := rules.survey_opt_out_state(token);
  status := 200;
  if media_type = 'text/html' then
    html := rules.opt_out_page(token, now.address, now.opted_out);
  else
    body := json_build_object('opted_out', now.opted_out);
  end if;
exception when others then
  get stacked diagnostics sentence = pg_exception_detail;
  if sqlstate not like 'CW%' or media_type <> 'text/html' then
    raise;
  end if;
  select p.status, p.html into answer_opt_out.status, answer_opt_out.html from rules.refusal_page(sqlstate, sentence) p;
end $$;
