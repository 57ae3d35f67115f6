-- The published figures as a page: each claim, what is, and the two numbers that it
-- is made of, of the period and by month, as plots and as tables.

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

-- A share with two digits after the point, a time without the parts that are 0.
create or replace function rules.figure_words(value numeric, unit text) returns text
  language sql immutable
  return case when value is null then null when unit = 'percent' then trim_scale(round(value, 2)) || ' %'
    when round(value) = 0 then '0 s'
    else concat_ws(' ', nullif(floor(round(value) / 3600), 0) || ' h',
      nullif(mod(floor(round(value) / 60), 60), 0) || ' min', nullif(mod(round(value), 60), 0) || ' s') end;

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
  return format('<svg class="value" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" '
    'aria-label="%s; the line is the claim, %s">'
    '<rect class="track" width="100" height="8"/><rect class="bar" width="%s" height="8"/>'
    '<rect class="mark" x="%s" width=".6" height="8"/></svg>',
    coalesce(rules.figure_words(value, unit), 'no value'), rules.figure_words(claim, unit),
    trim_scale(round(coalesce(100 * value / most, 0), 2)), trim_scale(round(99.4 * claim / most, 2)));
end $$;

create or replace function rules.table_row(head text, cell text) returns text
  language sql immutable
  return format(E'<tr><th scope="row">%s</th><td>%s</td></tr>\n', rules.html(head), rules.html(cell));

-- A sum of time is told as time, a count as a count.
create or replace function rules.numerator_words(f json) returns text
  language sql immutable
  return case f ->> 'unit' when 'percent' then f ->> 'numerator'
    else rules.figure_words((f ->> 'numerator')::numeric, f ->> 'unit') end;

create or replace function rules.figure_months(f json, title text, numerator text, denominator text, months jsonb)
returns text
language plpgsql immutable as $$
declare
  drawn jsonb;
  told jsonb;
begin
  select jsonb_agg(jsonb_build_object('month', m.item -> 'month',
      'values', jsonb_build_array(coalesce((m.item -> 'figure' ->> 'value')::numeric, 0))) order by m.n),
    jsonb_agg(jsonb_build_object('month', m.item -> 'month', 'cells', jsonb_build_array(
      rules.numerator_words((m.item -> 'figure')::json), m.item -> 'figure' ->> 'denominator',
      rules.figure_words((m.item -> 'figure' ->> 'value')::numeric, f ->> 'unit'))) order by m.n)
    into drawn, told
  from jsonb_array_elements(months) with ordinality as m (item, n);
  if not exists (select from jsonb_array_elements(months) m where m -> 'figure' ->> 'value' is not null) then
    return '';
  end if;
  return concat(E'<h3>By month</h3>\n',
    rules.month_plot(title || ' by month; the numbers are in the table below.', array[title], drawn, true, f ->> 'unit',
      (f -> 'claim' ->> 'value')::numeric),
    E'<details>\n<summary>The numbers by month</summary>\n',
    rules.month_table(title || ' by month', array[numerator, denominator, 'Value'], told), E'</details>\n');
end $$;

drop function if exists rules.figure_section(json, text, text, text);   -- it had no months
drop function if exists rules.satisfaction_section(json);

-- months: those of this figure, {"month": ..., "figure": ...} each.
create or replace function rules.figure_section(
  f json, title text, numerator text, denominator text, months jsonb default '[]') returns text
  language sql immutable
  return concat('<h2>', rules.html(title), E'</h2>\n<p>', rules.html(f -> 'claim' ->> 'text'), E'</p>\n',
    rules.figure_plot((f ->> 'value')::numeric, (f -> 'claim' ->> 'value')::numeric, f ->> 'unit'),
    E'\n<table>\n',
    rules.table_row(numerator, rules.numerator_words(f)),
    rules.table_row(denominator, f ->> 'denominator'),
    rules.table_row('Value', coalesce(rules.figure_words((f ->> 'value')::numeric, f ->> 'unit'), 'none')),
    rules.table_row('Claim', rules.claim_words(f -> 'claim', f ->> 'unit')),
    rules.table_row('Does it hold?', case f ->> 'holds' when 'true' then 'Yes' when 'false' then 'No'
      else 'There is nothing to compare' end),
    E'</table>\n', rules.figure_months(f, title, numerator, denominator, months));

-- The figures of each month of the period, the last twelve of them: a month that the
-- period cuts off as far as it is in it.
create or replace function rules.monthly_figures(district bigint, first date, last date) returns jsonb
language plpgsql stable as $$
begin
  return (
    select jsonb_agg(jsonb_build_object('month', to_char(m.month, 'YYYY-MM'), 'figures', s.shown -> 'figures')
      order by m.month)
    from (
      select greatest(first, n.month::date) as first, least(last, (n.month + interval '1 month')::date - 1) as last,
        n.month::date as month
      from generate_series(date_trunc('month', greatest(first, last - interval '11 months')),
        last, interval '1 month') as n (month)) as m
    cross join lateral (
      select case district when 0 then rules.public_figures(m.first, m.last)
        else rules.figures(district, m.first, m.last) end::jsonb as shown) as s);
end $$;

create or replace function rules.figure_sections(shown json, monthly jsonb) returns text
language plpgsql stable as $$
begin
  return (
    select string_agg(rules.figure_section(f.item, t.title, t.numerator, t.denominator, (
        select jsonb_agg(jsonb_build_object('month', m.item -> 'month',
          'figure', jsonb_path_query_first(m.item, '$.figures[*] ? (@.name == $name)', jsonb_build_object('name', t.name)))
          order by m.n)
        from jsonb_array_elements(monthly) with ordinality as m (item, n))), '' order by f.place)
    from json_array_elements(shown -> 'figures') with ordinality as f (item, place)
    join rules.figure_titles() t on t.name = f.item ->> 'name');
end $$;

create or replace function rules.period_words(shown json) returns text
  language sql immutable
  return concat('from ', to_char((shown ->> 'from')::date, 'FMMonth FMDD, YYYY'), ' to ',
    to_char((shown ->> 'to')::date, 'FMMonth FMDD, YYYY'));

-- The days can be chosen, by a form that asks the same address.
create or replace function rules.period_form(shown json) returns text
  language sql immutable
  return concat(E'<form method="get" class="period">\n',
    E'<div><label class="above" for="from">First day</label>\n<input type="date" id="from" name="from" required value="',
    shown ->> 'from', E'"></div>\n<div><label class="above" for="to">Last day</label>\n',
    '<input type="date" id="to" name="to" required value="', shown ->> 'to',
    E'"></div>\n<button>Show</button>\n</form>\n');

drop function if exists rules.figures_page(text, date, date);
create or replace function rules.figures_page(
  media_type text, public_url text, status_url text, first date, last date, out body json, out html text)
language plpgsql stable as $$
declare
  shown json := rules.public_figures(first, last);
begin
  if media_type <> 'text/html' then
    body := shown;
    return;
  end if;
  html := rules.html_page('Our claims and our figures', concat(
    '<p>What we say about our support desk, and what is, ', rules.period_words(shown),
    ', over all districts. Each value is the first number divided by the second. ',
    E'The bar is the value, the line the claim.</p>\n', rules.period_form(shown),
    rules.figure_sections(shown, rules.monthly_figures(0, (shown ->> 'from')::date, (shown ->> 'to')::date)),
    '<h2>How it is counted</h2><p>Test cases and imported cases do not count, nor does a day or a month on which fewer ',
    'than five districts have something in a figure. Calls given up while waiting: ', shown ->> 'calls_abandoned',
    '. Plots show the last twelve months of the period. The same as JSON is at this address for programs.</p>'),
    rules.page_links(public_url, status_url));
end $$;
