-- The pages behind the links of survey mails (base/html.sql says what pages are).

-- The five areas of fact 73: the one list of them.
create or replace function rules.survey_areas()
returns table (place int, name text, title text, question text)
language sql immutable as $$
  values
    (1, 'courtesy', 'Courtesy', 'How courteous were we?'),
    (2, 'knowledge', 'Knowledge', 'How well did we know the subject?'),
    (3, 'timeliness', 'Timeliness', 'How timely were our answers?'),
    (4, 'quality', 'Quality', 'How good was the solution?'),
    (5, 'overall_service', 'Overall Service', 'How was our service overall?')
$$;

-- One area: a group of five radio buttons; `chosen` is what was entered before.
create or replace function rules.survey_fieldset(name text, title text, question text, chosen text, missing boolean)
returns text
language plpgsql immutable as $$
declare
  buttons text;
begin
  select string_agg(format('<label><input type="radio" name="%s" value="%s" required%s>%s%s</label>',
    name, n, case when chosen = n::text then ' checked' else '' end, n,
    case n when 1 then '<span class="hidden"> (poor)</span>' when 5 then '<span class="hidden"> (excellent)</span>' end),
    E'\n' order by n) into buttons
  from generate_series(1, 5) as n;
  return format(E'<fieldset id="%s"%s>\n<legend>%s</legend>\n<p class="hint">%s</p>\n<div class="scale">\n%s\n</div>\n'
      '<p class="ends" aria-hidden="true"><span>poor</span><span>excellent</span></p>\n</fieldset>',
    name, case when missing then ' class="missing"' else '' end, rules.html(title),
    case when missing then '<strong>Please choose a rating.</strong> ' else '' end || rules.html(question), buttons);
end $$;

-- What is wrong, by name, each a link to its place.
create or replace function rules.survey_alert(faults jsonb) returns text
language plpgsql immutable as $$
declare
  places text;
begin
  select string_agg(format('<li><a href="#%s">%s</a></li>', p.name, p.title), E'\n' order by p.place) into places
  from (
    select a.place, a.name, a.title || ': choose a rating from 1 to 5' as title from rules.survey_areas() a
    union all
    values (6, 'comment', 'Comment: up to 4000 characters, without those that cannot be shown')
  ) as p
  where exists (select from jsonb_array_elements(faults) f where f ->> 'pointer' = '/' || p.name);
  return case when jsonb_array_length(faults) = 0 then '' else
    E'<div class="alert" role="alert">\n<p>Your answers were not sent. Please check:</p>\n<ul>\n'
      || coalesce(places, '<li>Use the form as it is on this page.</li>') || E'\n</ul>\n</div>\n' end;
end $$;

-- The case that a survey is about: its number, and its subject where mails tell it.
create or replace function rules.survey_about(case_id bigint, subject text) returns text
  language sql immutable
  return concat('case ', case_id, ' – <strong>' || rules.html(subject) || '</strong>');

-- A way out of surveys, for who has the link.
create or replace function rules.survey_foot(opt_out_token text, public_url text) returns text
  language sql immutable
  return concat('<p>You would rather not be asked? <a href="', rules.html(rules.url_path(public_url)),
    '/v1/survey-opt-out/', rules.html(opt_out_token), '">Stop surveys to your address</a></p>');

-- The form goes where it came from, whatever stands before that in PUBLIC_URL: its
-- address is relative to that of the page, which after faults is where it went.
drop function if exists rules.survey_form(text, bigint, jsonb, jsonb);   -- it named no subject
create or replace function rules.survey_form(
  token text, survey rules.survey_of_link, public_url text, entered jsonb, faults jsonb) returns text
language plpgsql stable as $$
declare
  fieldsets text;
begin
  select string_agg(rules.survey_fieldset(a.name, a.title, a.question, entered ->> a.name,
      exists (select from jsonb_array_elements(faults) f where f ->> 'pointer' = '/' || a.name)),
    E'\n' order by a.place) into fieldsets
  from rules.survey_areas() a;
  return rules.html_page('How did we do?', concat(
    rules.survey_alert(faults),
    '<p>You asked us for help with ', rules.survey_about(survey.case_id, survey.subject),
    E'. It is closed now. Please rate our support in five areas, from 1 (poor) to 5 (excellent). ',
    E'All five are needed; it takes a minute.</p>\n',
    '<form method="post" action="', case when faults = '[]' then rules.html(token) || '/' end,
    E'response" novalidate>\n', fieldsets,
    E'\n<label class="above" for="comment">Comment (optional)</label>\n',
    -- a browser drops the first line end
    E'<textarea id="comment" name="comment" maxlength="4000">\n', rules.html(entered ->> 'comment'), E'</textarea>\n',
    E'<button type="submit">Send answers</button>\n</form>'), rules.survey_foot(survey.opt_out_token, public_url));
end $$;

-- Where to go on from the end.
create or replace function rules.survey_thanks(survey rules.survey_of_link, public_url text) returns text
  language sql stable
  return rules.html_page('Thank you', concat('<p>We have your answers about ',
    rules.survey_about(survey.case_id, survey.subject), E'. They help us to improve.</p>\n',
    '<p>Something is not solved after all? Reopen the case in the ',
    rules.portal_link('/cases/' || survey.case_id), E'.</p>\n',
    '<p>For everybody: ', rules.page_links(public_url), '</p>'),
    rules.survey_foot(survey.opt_out_token, public_url));

-- Showing this changes nothing: mail programs open links before people do.
drop function if exists rules.opt_out_page(text, boolean);   -- it did not say whose address
create or replace function rules.opt_out_page(token text, address text, opted_out boolean) returns text
language plpgsql stable as $$
begin
  if opted_out then
    return rules.html_page('No more surveys', concat('<p>We will not send surveys to <strong>', rules.html(address),
      E'</strong> any more. E-mails about your cases are not affected.</p>\n<p>To receive surveys again, log in to the ',
      rules.portal_link(), '.</p>'));
  end if;
  return rules.html_page('Stop receiving surveys?', concat('<p>We will not send surveys to <strong>',
    rules.html(address), E'</strong> any more. E-mails about your cases are not affected.</p>\n',
    rules.opt_out_form(token, 'Stop surveys')));
end $$;
