-- Pages for people: plain HTML, no script, nothing loaded, one column that fits
-- 320 px, light and dark, on paper too. Everything that is not markup passes
-- rules.html(). The status page (api/worker/statuspage/) looks the same.

create or replace function rules.html(text text) returns text
  language sql immutable
  return replace(replace(replace(replace(replace(text, '&', '&amp;'), '<', '&lt;'), '>', '&gt;'),
    '"', '&quot;'), '''', '&#39;');

create or replace function rules.page_style() returns text
  language sql immutable
  return $style$
:root { color-scheme: light dark; --text: #1c2733; --soft: #55626f; --page: #f4f6f8; --card: #fff; --line: #d8dee4;
  --edge: #76828e; --link: #0b5cad; --on-link: #fff; --alert: #b42318; --wash: #e8f1fb;
  --one: #9cc3ec; --two: #5b97d8; --three: #1f6fb8; --four: #12385f; }
@media (prefers-color-scheme: dark) {
:root { --text: #e6ebf0; --soft: #a3afbb; --page: #12181f; --card: #1b232c; --line: #33404d; --edge: #8492a0;
  --link: #79b8ff; --on-link: #0b1a2a; --alert: #ff7b72; --wash: #1f3247;
  --one: #2f5f92; --two: #4f8fd0; --three: #8fc1f5; --four: #dcecff; }
.brand img { background: #fff; border-radius: .3rem; padding: .2rem; }
}
@media print {
:root { color-scheme: light; --text: #000; --soft: #333; --page: #fff; --card: #fff; --line: #bbb; --edge: #777;
  --link: #0b3d91; --one: #9cc3ec; --two: #5b97d8; --three: #1f6fb8; --four: #12385f; }
.brand img { padding: 0; }
form.period, button { display: none; }
main { border: 0; padding: 0; }
figure, article, table, fieldset { break-inside: avoid; }
details::details-content { content-visibility: visible; height: auto; }
svg { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
* { box-sizing: border-box; }
body { font: 1.0625rem/1.55 system-ui, -apple-system, 'Segoe UI', sans-serif; margin: 0; color: var(--text);
  background: var(--page); }
.brand, main, footer { max-width: 46rem; margin: 0 auto; padding: 0 1rem; }
.brand { display: flex; align-items: center; gap: .75rem; padding-top: 1.5rem; padding-bottom: 1rem; font-weight: 600;
  overflow-wrap: anywhere; }
.brand img { display: block; height: 2.5rem; max-width: 12rem; object-fit: contain; flex: none; }
main { background: var(--card); border: 1px solid var(--line); padding: 1.25rem 1rem 1.5rem; }
footer { color: var(--soft); font-size: .9rem; padding-top: 1rem; padding-bottom: 2.5rem; }
@media (min-width: 48rem) {
main { border-radius: .6rem; padding: 2rem 2.25rem 2.25rem; }
.brand, footer { padding-left: 0; padding-right: 0; }
}
@media (max-width: 40rem) { .plot .months span:nth-child(even) { visibility: hidden; } }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 1rem; overflow-wrap: anywhere; }
h2, h3 { line-height: 1.35; overflow-wrap: anywhere; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .5rem; }
h3 { font-size: 1.05rem; margin: 1.5rem 0 .5rem; }
summary { cursor: pointer; color: var(--link); min-height: 2.75rem; display: flow-root list-item; padding: .5rem 0; }
p { margin: 0 0 1rem; }
main > :last-child, footer > :last-child { margin-bottom: 0; }
a { color: var(--link); overflow-wrap: anywhere; }
code { overflow-wrap: anywhere; }
.meta { color: var(--soft); font-size: .9rem; margin: 0 0 .5rem; }
.said { white-space: pre-line; overflow-wrap: anywhere; }
article { border-top: 1px solid var(--line); padding-top: 1.25rem; margin-top: 1.25rem; }
article h2 { margin-top: 0; }
fieldset { border: 1px solid var(--line); border-radius: .5rem; margin: 0 0 1rem; padding: .25rem .75rem 1rem;
  min-width: 0; }
fieldset.missing { border: 2px solid var(--alert); }
legend { font-weight: 600; padding: 0 .3rem; }
.scale { display: grid; grid-template-columns: repeat(5, 1fr); gap: .4rem; }
.scale label { display: flex; flex-direction: column; align-items: center; justify-content: center; gap: .2rem;
  min-height: 3.5rem; border: 1px solid var(--edge); border-radius: .4rem; cursor: pointer; }
.scale label:hover { border-color: var(--link); }
.scale label:has(:checked) { border-color: var(--link); background: var(--wash); box-shadow: 0 0 0 1px var(--link); }
.scale label:has(:focus-visible) { outline: 3px solid var(--link); outline-offset: 2px; }
.ends { display: flex; justify-content: space-between; color: var(--soft); font-size: .9rem; margin: .35rem 0 0; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.hint { margin: 0 0 .6rem; }
input[type=radio] { width: 1.2rem; height: 1.2rem; margin: 0; accent-color: var(--link); }
textarea, input[type=date] { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--edge);
  border-radius: .4rem; padding: .5rem; }
textarea { width: 100%; min-height: 7rem; }
input[type=date] { min-height: 2.75rem; }
label.above { display: block; font-weight: 600; margin-bottom: .3rem; }
button { font: inherit; font-weight: 600; color: var(--on-link); background: var(--link); border: 0;
  border-radius: .4rem; min-height: 2.75rem; padding: .5rem 1.5rem; cursor: pointer; margin-top: 1rem; }
form.period { display: flex; flex-wrap: wrap; gap: .75rem 1rem; align-items: end; margin: 0 0 1rem; }
form.period button { margin-top: 0; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.alert { border: 1px solid var(--alert); border-left-width: .4rem; border-radius: .4rem; padding: .75rem 1rem;
  margin: 0 0 1rem; }
.alert p, .alert ul { margin: 0; }
svg { display: block; width: 100%; }
svg.value { height: 1.1rem; margin: 0 0 .75rem; }
.track { fill: var(--line); }
.bar { fill: var(--three); }
.mark { fill: var(--text); }
.one { fill: var(--one); } .two { fill: var(--two); } .three { fill: var(--three); } .four { fill: var(--four); }
figure { margin: 0 0 1rem; }
figcaption { color: var(--soft); font-size: .9rem; margin: 0 0 .5rem; }
.key { display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; list-style: none; margin: 0 0 .6rem; padding: 0;
  font-size: .9rem; }
.key li { display: flex; align-items: center; gap: .4rem; }
.key svg { width: .9rem; height: .9rem; flex: none; }
.plot { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 0 .5rem; font-size: .8rem; color: var(--soft); }
.plot .high { margin: -.4em 0; display: flex; flex-direction: column; justify-content: space-between; text-align: right;
  line-height: 1; height: calc(11rem + .8em); }
.plot svg { height: 11rem; border-bottom: 1px solid var(--edge); }
.plot line { stroke: var(--line); vector-effect: non-scaling-stroke; }
.plot .claim { stroke: var(--text); stroke-width: 2; stroke-dasharray: 5 4; vector-effect: non-scaling-stroke; }
.plot .months { grid-column: 2; display: flex; padding-top: .25rem; }
.plot .months span { flex: 1; display: flex; justify-content: center; text-align: center; line-height: 1.2;
  min-width: 0; white-space: nowrap; }
.wide { overflow-x: auto; margin: 0 0 1rem; }
table { width: 100%; border-collapse: collapse; margin: 0 0 1rem; font-variant-numeric: tabular-nums; }
.wide table { margin: 0; font-size: .9rem; }
th, td { padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
th { font-weight: 400; }
thead th { font-weight: 600; }
.months-table td, .months-table thead th + th { text-align: right; }
.months-table tbody th { white-space: nowrap; }
.months-table th, .months-table td { vertical-align: bottom; }
main > table th { width: 60%; }
$style$;

-- One calls the other; they named no vendor.
drop function if exists rules.html_page(text, text), rules.html_message(text, text);

-- content and foot are markup; the title is text.
create or replace function rules.html_page(title text, content text, foot text default '') returns text
language plpgsql stable as $$
declare
  vendor text;
  logo text;
begin
  select coalesce(t.vendor_name, 'Support'), t.vendor_logo into vendor, logo from casework.desk_texts t;
  return concat(
    E'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
    E'<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="robots" content="noindex">\n',
    '<title>', rules.html(title), ' – ', rules.html(vendor), E'</title>\n<style>', rules.page_style(),
    E'</style>\n</head>\n<body>\n<header class="brand">', '<img alt="" src="' || rules.html(logo) || '">',
    '<span>', rules.html(vendor), E'</span></header>\n<main>\n<h1>', rules.html(title), E'</h1>\n', content,
    E'\n</main>\n', '<footer>' || nullif(foot, '') || E'</footer>\n', E'</body>\n</html>\n');
end $$;

create or replace function rules.html_message(title text, sentence text, foot text default '') returns text
  language sql stable
  return rules.html_page(title, '<p>' || rules.html(sentence) || '</p>', foot);

-- The button behind a link to opt out: it posts what a mail program does (RFC 8058).
create or replace function rules.opt_out_form(token text, button text) returns text
language plpgsql stable as $$
begin
  return concat('<form method="post" action="', rules.html(token), E'">\n',
    E'<input type="hidden" name="List-Unsubscribe" value="One-Click">\n',
    '<button type="submit">', rules.html(button), E'</button>\n</form>');
end $$;

-- Where cases are read and answered; a link where the desk says where that is.
create or replace function rules.portal_link(path text default '') returns text
  language sql stable
  return (select coalesce('<a href="' || rules.html(t.mail_portal_url || path) || '">Support Case Portal</a>',
    'Support Case Portal') from casework.desk_texts t);

create or replace function rules.url_path(url text) returns text
  language sql immutable
  return regexp_replace(url, '^[a-z]+://[^/]*', '');

-- The pages that everybody may read.
create or replace function rules.page_links(public_url text, status_url text default null) returns text
  language sql stable
  return concat('<a href="', rules.html(rules.url_path(public_url)), '/announcements">Announcements</a> · <a href="',
    rules.html(rules.url_path(public_url)), '/v1/metrics">Our claims and our figures</a>',
    ' · <a href="' || rules.html(status_url) || '">Status page</a>');
