-- The pages behind the links of survey mails: plain HTML, no script, one column
-- that fits 320 px. Everything that is not markup passes rules.html().

create or replace function rules.html(text text) returns text
  language sql immutable
  return replace(replace(replace(replace(replace(text, '&', '&amp;'), '<', '&lt;'), '>', '&gt;'),
    '"', '&quot;'), '''', '&#39;');

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

-- content is markup; the title is text.
create or replace function rules.html_page(title text, content text) returns text
  language sql immutable
  return replace(replace($page$<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{title} – Support</title>
<style>
:root { color-scheme: light dark; }
body { font: 1.0625rem/1.5 system-ui, sans-serif; margin: 0; color: #1b1b1b; background: #fff; }
main { max-width: 38rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.6rem; line-height: 1.25; }
fieldset { border: 1px solid #767676; border-radius: .4rem; margin: 0 0 1rem; padding: .5rem 1rem 1rem; }
fieldset.missing { border: 2px solid #a4001d; }
legend { font-weight: 600; padding: 0 .3rem; }
.scale { display: flex; flex-wrap: wrap; gap: .5rem; }
.scale label { display: flex; align-items: center; gap: .4rem; min-height: 2.75rem; padding: 0 .7rem;
  border: 1px solid #767676; border-radius: .4rem; cursor: pointer; }
.hint { margin: 0 0 .5rem; }
.said { white-space: pre-line; overflow-wrap: anywhere; }
input[type=radio] { width: 1.2rem; height: 1.2rem; margin: 0; }
textarea { box-sizing: border-box; width: 100%; min-height: 7rem; font: inherit; padding: .5rem; }
label.above { display: block; font-weight: 600; margin-bottom: .3rem; }
button { font: inherit; font-weight: 600; color: #fff; background: #0b57a4; border: 0; border-radius: .4rem;
  min-height: 2.75rem; padding: .5rem 1.5rem; cursor: pointer; margin-top: 1rem; }
:focus-visible { outline: 3px solid #d98200; outline-offset: 2px; }
.alert { border-left: .4rem solid #a4001d; padding: .5rem 1rem; margin: 0 0 1rem; background: #fdecee; color: #1b1b1b; }
.alert a { color: #0b3d91; }
svg { display: block; width: 100%; margin: 0 0 .5rem; }
.track { fill: #e4e7eb; }
.bar { fill: #0b57a4; }
.mark { fill: #1b1b1b; stroke: #fff; stroke-width: .3; }
table { width: 100%; border-collapse: collapse; margin: 0 0 1rem; }
th, td { padding: .3rem .5rem .3rem 0; border-bottom: 1px solid #767676; text-align: left; vertical-align: top; }
th { font-weight: 400; }
input[type=date] { font: inherit; min-height: 2.75rem; }
@media (prefers-color-scheme: dark) {
body { color: #eee; background: #16181b; }
.track { fill: #33383f; }
.bar { fill: #6cb0ff; }
.mark { fill: #fff; stroke: #16181b; }
}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
{content}
</main>
</body>
</html>
$page$, '{title}', rules.html(title)), '{content}', content);

create or replace function rules.html_message(title text, sentence text) returns text
  language sql immutable
  return rules.html_page(title, '<p>' || rules.html(sentence) || '</p>');

-- One area: a group of five radio buttons; `chosen` is what was entered before.
create or replace function rules.survey_fieldset(name text, title text, question text, chosen text, missing boolean)
returns text
language plpgsql immutable as $$
declare
  buttons text;
begin
  select string_agg(format('<label><input type="radio" name="%s" value="%s" required%s> %s</label>',
    name, n, case when chosen = n::text then ' checked' else '' end,
    case n when 1 then '1 <span>(poor)</span>' when 5 then '5 <span>(excellent)</span>' else n::text end),
    E'\n' order by n) into buttons
  from generate_series(1, 5) as n;
  return format(E'<fieldset id="%s"%s>\n<legend>%s</legend>\n<p class="hint">%s</p>\n<div class="scale">\n%s\n</div>\n</fieldset>',
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

-- The form goes where it came from, whatever stands before that in PUBLIC_URL: its
-- address is relative to that of the page, which after faults is where it went.
create or replace function rules.survey_form(token text, case_id bigint, entered jsonb, faults jsonb) returns text
language plpgsql immutable as $$
declare
  fieldsets text;
begin
  select string_agg(rules.survey_fieldset(a.name, a.title, a.question, entered ->> a.name,
      exists (select from jsonb_array_elements(faults) f where f ->> 'pointer' = '/' || a.name)),
    E'\n' order by a.place) into fieldsets
  from rules.survey_areas() a;
  return rules.html_page('How did we do?', concat(
    rules.survey_alert(faults),
    '<p>Your case ', case_id, ' was closed. Please rate our support in five areas, ',
    E'from 1 (poor) to 5 (excellent). All five are needed.</p>\n',
    '<form method="post" action="', case when faults = '[]' then rules.html(token) || '/' end,
    E'response" novalidate>\n', fieldsets,
    E'\n<label class="above" for="comment">Comment (optional)</label>\n',
    -- a browser drops the first line end
    E'<textarea id="comment" name="comment" maxlength="4000">\n', rules.html(entered ->> 'comment'), E'</textarea>\n',
    E'<button type="submit">Send answers</button>\n</form>'));
end $$;

-- Showing this changes nothing: mail programs open links before people do.
create or replace function rules.opt_out_page(token text, opted_out boolean) returns text
language plpgsql immutable as $$
begin
  if opted_out then
    return rules.html_message('No more surveys',
      'We will not send you surveys any more. E-mails about your cases are not affected. '
      'To receive surveys again, log in to the Support Case Portal.');
  end if;
  return rules.html_page('Stop receiving surveys?', concat(
    E'<p>We will not send you surveys any more. E-mails about your cases are not affected.</p>\n',
    '<form method="post" action="', rules.html(token), E'">\n',
    E'<input type="hidden" name="List-Unsubscribe" value="One-Click">\n',
    E'<button type="submit">Stop surveys</button>\n</form>'));
end $$;
