-- Months as bars, from left to right: SVG of ours without script, which grows and
-- shrinks with the page. A plot has its numbers in a table below it: what is
-- drawn and written around it is not read out.

-- Where the axis ends: above what is shown, and with a middle that is said well.
create or replace function rules.plot_top(most numeric, unit text) returns numeric
language plpgsql immutable as $$
declare
  step numeric := case when unit is null then 10 ^ floor(log(greatest(most, 2) / 2))
    when most > 7200 then 3600 when most > 120 then 60 else 5 end;
begin
  return case when unit = 'percent' then 100 when unit is not null then 2 * step * greatest(ceil(most / (2 * step)), 1)
    else (select min(n * step) from unnest('{2,3,4,5,6,8,10,20}'::int[]) as n
      where n * step >= most and mod(n * step, 2) = 0) end;
end $$;

create or replace function rules.plot_words(value numeric, unit text) returns text
  language sql immutable
  return case when unit is null then trim_scale(value)::text when unit = 'percent' then trim_scale(value) || ' %'
    when value >= 3600 then trim_scale(value / 3600) || ' h' when value >= 60 then trim_scale(value / 60) || ' min'
    else trim_scale(value) || ' s' end;

-- Few tones, far apart; a single value has the tone of the other plots.
create or replace function rules.plot_tone(n bigint, of int) returns text
  language sql immutable
  return case of when 1 then 'three' when 2 then (array['one', 'three'])[n]
    else (array['one', 'two', 'three', 'four'])[n] end;

-- One month: its values one upon the other, or side by side.
create or replace function rules.month_bars(place bigint, amounts jsonb, stacked boolean, top numeric) returns text
language plpgsql immutable as $$
declare
  many int := jsonb_array_length(amounts);
begin
  return (
    select string_agg(format('<rect class="%s" x="%s" y="%s" width="%s" height="%s"/>', rules.plot_tone(v.n, many),
      trim_scale(10 * place - 8.5 + case when stacked then 0 else (v.n - 1) * v.width end),
      trim_scale(round(100 - v.height - case when stacked then v.below else 0 end, 2)),
      trim_scale(v.width), trim_scale(round(v.height, 2))), '' order by v.n)
    from (
      select a.n, 100 * a.amount::numeric / top as height,
        case when stacked then 7 else round(7.0 / many, 2) end as width,
        coalesce(sum(100 * a.amount::numeric / top) over (order by a.n rows unbounded preceding exclude current row), 0)
          as below
      from jsonb_array_elements_text(amounts) with ordinality as a (amount, n)) as v
    where v.height > 0);
end $$;

-- What the tones mean; none for a single one.
create or replace function rules.plot_key(names text[]) returns text
language plpgsql immutable as $$
begin
  return (
    select concat(E'<ul class="key">\n', string_agg(format(
      E'<li><svg viewBox="0 0 1 1" aria-hidden="true"><rect class="%s" width="1" height="1"/></svg>%s</li>\n',
      rules.plot_tone(k.n, cardinality(names)), rules.html(k.name)), '' order by k.n), E'</ul>\n')
    from unnest(names) with ordinality as k (name, n) where cardinality(names) > 1);
end $$;

-- Of more than a year only some names stand below, each with its year. The style hides
-- every other place on a phone, which is none of those.
create or replace function rules.plot_months(months jsonb) returns text
language plpgsql immutable as $$
begin
  return (
    select string_agg(format('<span>%s</span>', case when (m.n - 1) % m.every = 0 then
      to_char(m.month, 'Mon') || case when m.n = 1 or m.every > 1 or extract(month from m.month) = 1
        then to_char(m.month, '<br>YYYY') else '' end end), '' order by m.n)
    from (
      select (p.item ->> 'month' || '-01')::date as month, p.n,
        case when jsonb_array_length(months) <= 12 then 1
          else 2 * ceil(jsonb_array_length(months) / 12.0)::int end as every
      from jsonb_array_elements(months) with ordinality as p (item, n)) as m);
end $$;

-- months: {"month": "2026-11", "values": [...]} each. The broken line is the claim.
create or replace function rules.month_plot(label text, names text[], months jsonb, stacked boolean,
  unit text default null, claim numeric default null) returns text
language plpgsql immutable as $$
declare
  width int := 10 * jsonb_array_length(months);
  top numeric;
  level numeric;
begin
  select rules.plot_top(greatest(max(s.height), claim), unit) into top
  from jsonb_array_elements(months) m
  cross join lateral (
    select case when stacked then sum(v::numeric) else max(v::numeric) end as height
    from jsonb_array_elements_text(m -> 'values') v) as s;
  level := trim_scale(round(100 - 100 * claim / top, 2));
  return concat(E'<figure>\n', rules.plot_key(names),
    '<div class="plot"><div class="high" aria-hidden="true"><span>', rules.plot_words(top, unit), '</span><span>',
    rules.plot_words(top / 2, unit), '</span><span>0</span></div>',
    format('<svg viewBox="0 0 %s 100" preserveAspectRatio="none" role="img" aria-label="%s">', width, rules.html(label)),
    format('<line x2="%1$s" y1="0" y2="0"/><line x2="%1$s" y1="50" y2="50"/>', width),
    (select string_agg(rules.month_bars(m.n, m.item -> 'values', stacked, top), '' order by m.n)
      from jsonb_array_elements(months) with ordinality as m (item, n)),
    case when claim is not null then format('<line class="claim" x2="%1$s" y1="%2$s" y2="%2$s"/>', width, level) end,
    '</svg><div class="months" aria-hidden="true">', rules.plot_months(months), E'</div></div>\n</figure>\n');
end $$;

-- The numbers; a wide table scrolls by itself, also with the keyboard.
create or replace function rules.month_table(label text, heads text[], months jsonb) returns text
language plpgsql immutable as $$
begin
  return concat('<div class="wide" tabindex="0" role="region" aria-label="', rules.html(label),
    E'">\n<table class="months-table">\n<thead><tr><th scope="col">Month</th>',
    (select string_agg('<th scope="col">' || rules.html(h.head) || '</th>', '' order by h.n)
      from unnest(heads) with ordinality as h (head, n)), E'</tr></thead>\n<tbody>\n',
    (select string_agg(concat('<tr><th scope="row">', m.item ->> 'month', '</th>', (
        select string_agg('<td>' || rules.html(coalesce(c.cell, '–')) || '</td>', '' order by c.n)
        from jsonb_array_elements_text(m.item -> 'cells') with ordinality as c (cell, n)), E'</tr>\n'), '' order by m.n)
      from jsonb_array_elements(months) with ordinality as m (item, n)), E'</tbody>\n</table>\n</div>\n');
end $$;
