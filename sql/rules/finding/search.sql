-- One search over all that a caller may read (3.6): cases by their own texts, by
-- notes and resolutions and by number; product defects, incidents, articles.
--
-- As in cases/search.sql the words are looked up with the owner's rights, in what
-- the caller reaches only, and name things; each thing and its text the caller reads
-- itself, so what is shown of it is never more than row-level security lets through.
-- What is ranked is bounded: of cases and of notes the latest hundred that match, by number.

create or replace function rules.words_of(n casework.notes) returns tsvector
  language sql immutable as $$
  select setweight(rules.word_vector(n.text), (case n.kind when 'resolution' then 'B' else 'C' end)::"char") $$;

-- What was said of an incident, the latest first: as much as one update may hold, so
-- that an incident of many costs no more than one of few.
create or replace function rules.said_of_incident(incident_id bigint) returns text
language plpgsql stable as $$
begin
  return coalesce((
    select left(string_agg(u.text, e'\n' order by u.id desc), 20000)
    from (select l.id, l.text from casework.incident_updates l
      where l.incident_id = said_of_incident.incident_id order by l.id desc limit 20) as u), '');
end $$;

-- Of what belongs to no district, by its number too.
create or replace function rules.desk_words_of(kind text, id bigint) returns tsvector
language plpgsql stable as $$
begin
  return (
    select setweight(rules.word_vector(concat(t.title, ' ', desk_words_of.id)), 'A')
      || setweight(rules.word_vector(t.text), 'B')
    from (
      select a.title, a.text from casework.articles a where desk_words_of.kind = 'article' and a.id = desk_words_of.id
      union all
      select d.title, d.description from casework.defects d where desk_words_of.kind = 'defect' and d.id = desk_words_of.id
      union all
      select i.title, rules.said_of_incident(i.id)
      from casework.incidents i where desk_words_of.kind = 'incident' and i.id = desk_words_of.id) as t);
end $$;

-- Cases and notes are looked up by the index of words in stretches of their numbers,
-- the latest first: so what is looked at follows what is shown, however common the
-- words are. Of what two stretches hold less than an eighth of what is wanted there is
-- little in all, and the rest is looked up at once.

-- $1 query, $2 districts (null: all), $3 internal ones too, $4 rows, $5 the stretch:
-- this one, or all before it; $6 of these cases (null: of all).
create or replace function rules.search_stretch_text(
  kind text, districts bigint[], shared boolean, before boolean) returns text
language plpgsql immutable as $$
declare
  places record;
begin
  places := rules.search_places(format('casework.%s_words', kind), districts);
  return format($text$
    select array_agg(w.id order by w.id desc)
    from (
      select w.id
      from (
        select w.%1$s_id as id, w.case_id, %2$s as shown from %3$s
        where %4$s and w.words @@ $1 and %5$s offset 0) as w
      where w.shown and %6$s
      order by w.id desc limit $4) as w
    $text$, kind,
    case kind when 'note' then '($3 or w.visibility = ''public'')' else 'true' end,
    places.tables, places.condition,
    format(case when before then '(w.%s_id < $5 * 32768) is true' else 'w.%s_id / 32768 = $5' end, kind),
    case when shared then 'w.case_id in (select unnest($6))' else 'true' end);
end $$;

-- The latest that match, of cases or of notes.
create or replace function rules.latest_matching(
  kind text, query tsquery, districts bigint[], shared boolean, internal boolean, max_rows int)
returns bigint[]
language plpgsql as $$
declare
  last bigint := case kind when 'case' then (select max(c.id) / 32768 from casework.cases c)
    else (select max(n.id) / 32768 from casework.notes n) end;
  found bigint[] := '{}';
  more bigint[];
  rest boolean;
  shared_cases bigint[] := case when shared then rules.shared_cases(districts) end;
begin
  for back in 0..coalesce(last, 0) loop
    rest := back in (last, 16) or back >= 2 and cardinality(found) * 8 < max_rows;
    execute rules.search_stretch_text(kind, districts, shared, before => rest) into more
      using query, districts, internal, max_rows - cardinality(found), last - back + rest::int, shared_cases;
    found := found || more;
    exit when rest or cardinality(found) >= max_rows;
  end loop;
  return found;
end $$;

-- What of the desk's these districts read: what the policies of the tables say.
create or replace function rules.findable(districts bigint[]) returns table (kind text, id bigint)
language plpgsql stable as $$
begin
  return query
  select 'article', a.id from casework.articles a where a.status = 'published'
  union all
  select 'defect', d.id from casework.defects d where d.published
  union all
  select 'defect', l.defect_id from casework.case_defects l
  where l.district_id = any (districts) and l.unlinked_at is null
  union all
  select 'incident', i.id from casework.incidents i
  where exists (select from casework.districts d where d.id = any (districts) and rules.incident_touches(i, d));
end $$;

-- How well something matches, as a whole number, so that pages have a place to go on
-- from; what is asked for by its number comes first.
create or replace function rules.rank(words tsvector, query tsquery, id bigint, numbers bigint[]) returns bigint
  language sql immutable
  return round(ts_rank(words, query) * 1000000)::bigint + case when id = any (numbers) then 10000000 else 0 end;

create or replace function rules.numbers_in(q text) returns bigint[]
  language sql immutable
  return array(
    select n.found[1]::bigint
    from regexp_matches(rules.folded(q), '(?<![0-9])[0-9]{1,15}(?![0-9])', 'g') as n (found)
    limit 20);

-- What matches; a case may come several times, by itself and by its notes.
create or replace function rules.found_keys(q text, kinds text[])
returns table (kind text, id bigint, district_id bigint, note_id bigint, rank bigint)
language plpgsql security definer set search_path = '' as $$
declare
  query tsquery := rules.asked(q);
  numbers bigint[] := rules.numbers_in(q);
  staff boolean := session_user = 'casework_staff';   -- current_user is the owner here
  scope record;
begin
  scope := rules.search_scope();
  if not rules.may_search() then
    return;
  elsif query is null then
    perform rules.refuse_no_word();
  end if;
  return query
  select w.kind, w.id, null::bigint, null::bigint, rules.rank(w.words, query, w.id, numbers) as rank
  from casework.desk_words w
  where w.words @@ query and (kinds is null or w.kind = any (kinds))
    and (staff or (w.kind, w.id) in (
      select f.kind, f.id from rules.findable(case when scope.shared then '{}' else scope.districts end) as f))
  order by rank desc, w.id desc limit 300;
  if kinds is not null and 'case' <> all (kinds) then
    return;
  end if;
  return query
  select 'case', w.case_id, w.district_id, null::bigint, rules.rank(w.words, query, w.case_id, numbers)
  from casework.case_words w
  where w.case_id = any (numbers) and (staff or w.district_id = any (scope.districts)) and w.words @@ query
    and (not scope.shared or w.case_id = any (rules.shared_cases(scope.districts)));
  return query
  select 'case', w.case_id, w.district_id, null::bigint, rules.rank(w.words, query, w.case_id, numbers)
  from unnest(rules.latest_matching('case', query, scope.districts, scope.shared, staff, 100)) as f (id)
  join casework.case_words w on w.case_id = f.id;
  return query
  select 'case', w.case_id, w.district_id, w.note_id, rules.rank(w.words, query, null, null)
  from unnest(rules.latest_matching('note', query, scope.districts, scope.shared, staff, 100)) as f (id)
  join casework.notes n on n.id = f.id
  join casework.note_words w on w.district_id = n.district_id and w.note_id = n.id;
end $$;
revoke execute on function rules.found_keys(text, text[]),
  rules.search_stretch_text(text, bigint[], boolean, boolean),
  rules.latest_matching(text, tsquery, bigint[], boolean, boolean, int),
  rules.findable(bigint[]), rules.desk_words_of(text, bigint) from public;
grant execute on function rules.found_keys(text, text[]) to casework_contact, casework_partner, casework_staff;

-- A piece of a text from there on, with whole words at its ends.
create or replace function rules.piece_at(text text, at int) returns text
  language sql immutable
  return case when at > 1 then '…' else '' end
    || btrim(regexp_replace(regexp_replace(substr(text, at, 160), case
      when at > 1 and at + 159 < length(text) then '^\S{0,40}\s+|\s+\S{0,40}$'
      when at > 1 then '^\S{0,40}\s+' else '\s+\S{0,40}$' end, '', 'g'), '\s+', ' ', 'g'))
    || case when at + 159 < length(text) then '…' else '' end;

-- Where to look in a long text: where a word stands for the first time as it was
-- asked for, and the beginning in steps that overlap, where it may stand with an accent.
-- No more than that: to read all of it would cost the more the longer it is.
create or replace function rules.places_of(text text, words tsquery) returns setof int
language plpgsql immutable as $$
declare
  small text := lower(text);
begin
  return query
  select distinct greatest(p.at - 60, 1)
  from (
    -- at the beginning of a word, where words are of letters with blanks between
    select coalesce(nullif(case when w.found[1] ~ '^[a-z0-9]+$' then regexp_instr(small, '\m' || w.found[1]) end, 0),
      strpos(small, w.found[1])) as at
    from regexp_matches(words::text, $q$'([^']{2,})'$q$, 'g') as w (found) limit 10) as p
  where p.at > 0;
  if not found then
    return query select g.at from generate_series(1, least(length(text) - 50, 1400), 110) as g (at);
  end if;
end $$;

-- The piece of a text that holds the most of some words, of 160 characters at most.
create or replace function rules.best_passage(text text, words tsquery, out passage text, out rank real)
language plpgsql immutable as $$
begin
  if length(text) <= 160 then
    passage := btrim(regexp_replace(text, '\s+', ' ', 'g'));
    rank := ts_rank(rules.word_vector(text), words);
    return;
  end if;
  select rules.piece_at(text, p.at), r.rank into passage, rank
  from rules.places_of(text, words) as p (at)
  cross join lateral (select ts_rank(rules.word_vector(substr(text, p.at, 160)), words) as rank) as r
  order by r.rank desc, p.at limit 1;
end $$;

-- Of several members of one thing the one that matches best, the first of equals.
create or replace function rules.best_place(
  members text[], texts text[], words tsquery, note_id bigint default null) returns json
language plpgsql immutable as $$
begin
  return (
    select json_build_object('member', m.member, 'note_id', note_id, 'snippet', b.passage)
    from unnest(members, texts) with ordinality as m (member, text, place)
    cross join lateral rules.best_passage(m.text, words) as b
    where m.text is not null
    -- where nothing is seen to match, it stands further down in the longest
    order by b.rank desc, case when b.rank < 1e-9 then length(m.text) end desc, m.place limit 1);
end $$;

-- The texts of one thing, as the caller reads them: no row for what it may not.
create or replace function rules.found_texts(kind text, id bigint, district bigint, note_id bigint)
returns table (title text, status text, at timestamptz, members text[], texts text[])
language plpgsql stable as $$
begin
  if kind = 'case' and note_id is null then
    return query
    select c.subject, c.status::text, c.updated_at, '{number,subject,description,replication_steps}'::text[],
      array[c.id::text, c.subject, c.description, c.replication_steps]
    from casework.cases c where c.id = found_texts.id and c.district_id = district;
  elsif kind = 'case' then
    return query
    select c.subject, c.status::text, c.updated_at,
      array[case n.kind when 'resolution' then 'resolution' else 'note' end], array[n.text]
    from casework.cases c join casework.notes n on n.case_id = c.id and n.district_id = c.district_id
    where c.id = found_texts.id and c.district_id = district and n.id = found_texts.note_id;
  elsif kind = 'defect' then
    return query
    select d.title, d.status::text, d.updated_at, '{number,title,description}'::text[],
      array[d.id::text, d.title, d.description]
    from casework.defects d where d.id = found_texts.id;
  elsif kind = 'incident' then
    return query
    select i.title, i.status, i.updated_at, '{number,title,text}'::text[], 
      array[i.id::text, i.title, rules.said_of_incident(i.id)]
    from casework.incidents i where i.id = found_texts.id;
  else
    return query
    select a.title, a.status::text, a.updated_at, '{number,title,text}'::text[], array[a.id::text, a.title, a.text]
    from casework.articles a where a.id = found_texts.id;
  end if;
end $$;

create or replace function rules.search_everything(
  q text, kinds text[], public_url text, after_rank bigint, after_kind text, after_id bigint, max_rows int)
returns table (item json, rank bigint, kind text, id bigint)
language plpgsql as $$
declare
  words tsquery := coalesce(rules.any_word(rules.words(q)), rules.asked(q));
begin
  return query
  with things as (
    select distinct on (f.kind, f.id) f.*
    from rules.found_keys(q, kinds) as f order by f.kind, f.id, f.rank desc, f.note_id desc
  ), page as (
    select * from things k
    where after_id is null or (k.rank, k.kind, k.id) < (after_rank, after_kind, after_id)
    order by k.rank desc, k.kind desc, k.id desc limit max_rows)
  select json_build_object('kind', k.kind, 'id', k.id, 'title', t.title, 'status', t.status,
      'href', concat(public_url, '/v1/', k.kind, 's/', k.id), 'updated_at', views.utc(t.at),
      'match', rules.best_place(t.members, t.texts, words, k.note_id)), k.rank, k.kind, k.id
  from page k cross join lateral rules.found_texts(k.kind, k.id, k.district_id, k.note_id) as t
  order by k.rank desc, k.kind desc, k.id desc;
end $$;
