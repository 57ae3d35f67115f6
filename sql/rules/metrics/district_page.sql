-- The figures of a district as a page for those who lead it (3.8): what is open and
-- how old it is, what came and what was closed, and the figures beside the claims.

-- Plot and table of what `values` and `cells` say of each month.
create or replace function rules.district_plot(
  title text, words text, names text[], heads text[], months jsonb, stacked boolean, unit text default null) returns text
  language sql immutable
  return concat('<h2>', rules.html(title), E'</h2>\n<p>', rules.html(words), E'</p>\n',
    rules.month_plot(title || ' by month; the numbers are in the table below.', names, months, stacked, unit),
    rules.month_table(title, heads, months));

create or replace function rules.district_backlog_section(months jsonb) returns text
language plpgsql immutable as $$
declare
  ages text[] := '{same_month,months_1_to_2,months_3_to_5,months_6_and_more}';
  names text[] := '{Submitted in the month,1 or 2 months old,3 to 5 months,6 months and more}';
begin
  return rules.district_plot('Backlog and how old it is',
    'Cases that were open when the month ended, or are open now, by when they were submitted.', names,
    names || 'Open'::text, (
      select jsonb_agg(jsonb_build_object('month', m.item -> 'month', 'values', a.amounts,
        'cells', a.amounts || jsonb_build_array(m.item -> 'open')) order by m.n)
      from jsonb_array_elements(months) with ordinality as m (item, n)
      cross join lateral (
        select jsonb_agg(greatest((m.item -> 'open_by_age' ->> g.age)::int, 0) order by g.n) as amounts
        from unnest(ages) with ordinality as g (age, n)) as a), true);
end $$;

create or replace function rules.district_flow_section(months jsonb) returns text
language plpgsql immutable as $$
begin
  return rules.district_plot('What came and what was closed',
    'Cases submitted, closings and reopenings in the month. A case that is closed twice counts twice.',
    '{Submitted,Closed}', '{Submitted,Closed,Reopened}', (
      select jsonb_agg(jsonb_build_object('month', m.item -> 'month',
        'values', jsonb_build_array(m.item -> 'submitted', m.item -> 'closed'),
        'cells', jsonb_build_array(m.item -> 'submitted', m.item -> 'closed', m.item -> 'reopened')) order by m.n)
      from jsonb_array_elements(months) with ordinality as m (item, n)), false);
end $$;

create or replace function rules.district_targets_section(months jsonb) returns text
language plpgsql immutable as $$
begin
  return rules.district_plot('Response targets',
    'Targets that began in the month, with a submission or a reopening: whether Support responded in time.',
    '{Missed,Met}', '{Missed,Met}', (
      select jsonb_agg(jsonb_build_object('month', m.item -> 'month', 'values', t.both, 'cells', t.both) order by m.n)
      from jsonb_array_elements(months) with ordinality as m (item, n)
      cross join lateral (select jsonb_build_array(m.item -> 'response_targets' -> 'missed',
        m.item -> 'response_targets' -> 'met') as both) as t), true);
end $$;

-- What has too few answers is not told; an access is a row of the register.
create or replace function rules.district_other_section(months jsonb) returns text
language plpgsql immutable as $$
begin
  return concat(E'<h2>Satisfaction and site accesses</h2>\n<p>Satisfied are answers that rate Overall Service 4 or 5; ',
    E'a month is told when it is over and has five answers.</p>\n',
    rules.month_table('Satisfaction and site accesses', '{Answers,Satisfied,Share,Site accesses}', (
      select jsonb_agg(jsonb_build_object('month', m.item -> 'month', 'cells', jsonb_build_array(
        m.item -> 'satisfaction' -> 'responses', m.item -> 'satisfaction' -> 'satisfied',
        rules.figure_words((m.item -> 'satisfaction' ->> 'percent')::numeric, 'percent'), m.item -> 'site_accesses'))
        order by m.n)
      from jsonb_array_elements(months) with ordinality as m (item, n))));
end $$;

create or replace function rules.district_figures_page(
  district_id bigint, name text, media_type text, first date, last date, out body json, out html text)
language plpgsql stable as $$
declare
  shown json := rules.figures(district_id, first, last);
  months jsonb;
begin
  if media_type <> 'text/html' then
    body := shown;
    return;
  end if;
  select jsonb_agg(m.body order by m.month) into months
  from rules.district_months(district_id, left(shown ->> 'from', 7), left(shown ->> 'to', 7)) m;
  html := rules.html_page('The figures of ' || name, concat(
    '<p>What happened ', rules.period_words(shown),
    E', by month in Central Time. Test cases and imported cases do not count.</p>\n', rules.period_form(shown),
    rules.district_backlog_section(months), rules.district_flow_section(months), rules.district_targets_section(months),
    rules.district_other_section(months),
    E'<h2>Beside what we claim</h2>\n<p>The figures of the whole period. Each value is the first number divided by the ',
    E'second. The bar is the value, the line the claim.</p>\n',
    replace(replace(rules.figure_sections(shown, '[]'), '<h2>', '<h3>'), '</h2>', '</h3>')));
end $$;
