-- The published figures as a page: each claim, what is, and the two numbers that it
-- is made of, as a table and as a plot. Plots are SVG of ours without script.

-- What the numerator and the denominator of a figure count.
create or replace function rules.figure_titles()
returns table (name text, title text, numerator text, denominator text)
language sql immutable as $$
  values
    ('critical_in_time', 'Critical cases', 'Critical cases responded to in less than one business hour',
      'Critical cases that were responded to or due'),
    ('average_response', 'Time to respond', 'Business time until the first response, added up',
      'Cases that were responded to'),
    ('medium_share', 'Medium priority', 'Cases submitted with medium priority', 'Cases submitted'),
    ('initial_level', 'Initial support level', 'Closed cases that were never escalated', 'Closed cases'),
    ('queue_wait', 'Support line', 'Time in the queue, added up', 'Calls answered'),
    ('satisfaction', 'Satisfaction', 'Responses that rate Overall Service 4 or 5', 'Responses to surveys')
$$;

create or replace function rules.figure_words(value numeric, unit text) returns text
  language sql immutable
  return case unit when 'percent' then trim_scale(value) || ' %'
    else to_char(make_interval(secs => value::float), 'FMHH24" h "FMMI" min "FMSS" s"') end;

create or replace function rules.claim_words(claim json, unit text) returns text
  language sql immutable
  return concat(claim ->> 'comparison', ' ', rules.figure_words((claim ->> 'value')::numeric, unit),
    ', at least ' || case claim ->> 'comparison' when 'about' then
      rules.figure_words((claim ->> 'value')::numeric - (claim ->> 'tolerance')::numeric, unit) end,
    '; goal ' || rules.figure_words((claim ->> 'goal')::numeric, unit));

-- A bar as long as the value, and a line where the claim is. Its words are those of the table.
create or replace function rules.figure_plot(value numeric, claim numeric, unit text) returns text
language plpgsql immutable as $$
declare
  most numeric := case unit when 'percent' then 100 else 1.25 * greatest(value, claim, 1) end;
begin
  return format('<svg viewBox="0 0 100 8" role="img" aria-label="%s; the line is the claim, %s">'
    '<rect class="track" width="100" height="8"/><rect class="bar" width="%s" height="8"/>'
    '<rect class="mark" x="%s" width=".6" height="8"/></svg>',
    coalesce(rules.figure_words(value, unit), 'no value'), rules.figure_words(claim, unit),
    trim_scale(round(coalesce(100 * value / most, 0), 2)), trim_scale(round(99.4 * claim / most, 2)));
end $$;

create or replace function rules.table_row(head text, cell text) returns text
  language sql immutable
  return format(E'<tr><th scope="row">%s</th><td>%s</td></tr>\n', rules.html(head), rules.html(cell));

-- A sum of time is told as time, a count as a count.
create or replace function rules.figure_section(f json, title text, numerator text, denominator text) returns text
  language sql immutable
  return concat('<h2>', rules.html(title), E'</h2>\n<p>', rules.html(f -> 'claim' ->> 'text'), E'</p>\n',
    rules.figure_plot((f ->> 'value')::numeric, (f -> 'claim' ->> 'value')::numeric, f ->> 'unit'),
    E'\n<table>\n',
    rules.table_row(numerator, case f ->> 'unit' when 'percent' then f ->> 'numerator'
      else rules.figure_words((f ->> 'numerator')::numeric, f ->> 'unit') end),
    rules.table_row(denominator, f ->> 'denominator'),
    rules.table_row('Value', coalesce(rules.figure_words((f ->> 'value')::numeric, f ->> 'unit'), 'none')),
    rules.table_row('Claim', rules.claim_words(f -> 'claim', f ->> 'unit')),
    rules.table_row('Does it hold?', case f ->> 'holds' when 'true' then 'Yes' when 'false' then 'No'
      else 'There is nothing to compare' end),
    E'</table>\n');

-- Satisfaction month by month, from left to right.
create or replace function rules.satisfaction_section(months json) returns text
language plpgsql immutable as $$
declare
  bars text;
  lines text;
begin
  select string_agg(format('<rect class="bar" x="%s" y="%s" width="8" height="%s"/>', 10 * m.place - 9,
      trim_scale(40 - 0.4 * p.percent), trim_scale(0.4 * p.percent)), '' order by m.place),
    string_agg(format(E'<tr><th scope="row">%s</th><td>%s</td><td>%s %%</td></tr>\n',
      m.item ->> 'month', m.item ->> 'responses', trim_scale(p.percent)), '' order by m.place)
    into bars, lines
  from json_array_elements(months) with ordinality as m (item, place)
  cross join lateral (select (m.item ->> 'satisfaction_percent')::numeric as percent) as p;
  if bars is null then
    return '';
  end if;
  return concat(E'<h2>Satisfaction by month</h2>\n<svg viewBox="0 0 ', greatest(10 * json_array_length(months), 60),
    ' 40" role="img" aria-label="A bar for each month of the table below; the full height is 100 %">', bars,
    E'</svg>\n<table>\n<tr><th scope="col">Month</th><th scope="col">Responses</th><th scope="col">Satisfied</th></tr>\n',
    lines, E'</table>\n');
end $$;

create or replace function rules.figures_page(
  media_type text, first date, last date, out body json, out html text)
language plpgsql stable as $$
declare
  shown json := rules.public_figures(first, last);
begin
  if media_type <> 'text/html' then
    body := shown;
    return;
  end if;
  html := rules.html_page('Our claims and our figures', concat(
    '<p>What we say about our support desk, and what is, from ', shown ->> 'from', ' to ', shown ->> 'to',
    E', over all districts. Each value is the first number divided by the second. ',
    E'The bar is the value, the line the claim.</p>\n',
    E'<form method="get">\n<label class="above" for="from">First day</label>\n<input type="date" id="from" name="from" required value="',
    shown ->> 'from', E'">\n<label class="above" for="to">Last day</label>\n<input type="date" id="to" name="to" required value="',
    shown ->> 'to', E'">\n<div><button>Show</button></div>\n</form>\n',
    (select string_agg(rules.figure_section(f.item, t.title, t.numerator, t.denominator), '' order by f.place)
      from json_array_elements(shown -> 'figures') with ordinality as f (item, place)
      join rules.figure_titles() t on t.name = f.item ->> 'name'),
    rules.satisfaction_section(
      rules.public_satisfaction((shown ->> 'from')::date, (shown ->> 'to')::date) -> 'months'),
    '<p>Test cases and imported cases do not count, nor does a day or a month on which fewer than five districts ',
    'have something in a figure. Calls given up while waiting: ', shown ->> 'calls_abandoned',
    E'. The same as JSON is at this address for programs.</p>\n'));
end $$;
