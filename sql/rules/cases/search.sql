-- Full-text search of cases (3.6): their words, made by base/text.sql, and the words
-- that are asked for. A text-search condition of the caller's own query
-- cannot use an index below row-level security (its operator is not leakproof),
-- so these functions look words up with the owner's rights, in the districts of
-- the caller only, and name cases; their rows the caller reads itself.
--
-- Words that many cases hold are found fastest by walking down the recent ones,
-- rare words by the index of words (rules.matching_cases). Left to itself the planner
-- takes any word it has no statistics of for twenty times more common than it is; so
-- the choice is made here.

-- The number of a case is one of its words.
create or replace function rules.words_of(c casework.cases) returns tsvector
language plpgsql immutable as $$
begin
  return setweight(rules.word_vector(concat(c.subject, ' ', c.id)), 'A')
    || setweight(rules.word_vector(concat(c.description, ' ', c.replication_steps)), 'B');
end $$;

-- Words that an earlier version has made, or nobody yet, made anew. The owner's
-- rights: nobody else may read or write words.
create or replace function rules.timer_words(batch int) returns int
language plpgsql security definer set search_path = '' as $$
declare
  handled int;
begin
  with due as (
    select w.case_id, w.district_id from casework.case_words w
    where w.outdated order by w.case_id limit batch for no key update skip locked)
  update casework.case_words w set words = rules.words_of(c), outdated = false
  from due d join casework.cases c on c.id = d.case_id and c.district_id = d.district_id
  where w.case_id = d.case_id and w.district_id = d.district_id;
  get diagnostics handled = row_count;
  return handled + rules.make_note_words(batch) + rules.make_desk_words(batch);
end $$;

create or replace function rules.make_note_words(batch int) returns int
language plpgsql as $$
declare
  handled int;
begin
  with due as (
    select w.note_id, w.district_id from casework.note_words w
    where w.outdated order by w.note_id limit batch for no key update skip locked)
  update casework.note_words w set words = rules.words_of(n), outdated = false
  from due d join casework.notes n on n.id = d.note_id and n.district_id = d.district_id
  where w.note_id = d.note_id and w.district_id = d.district_id;
  get diagnostics handled = row_count;
  return handled;
end $$;

create or replace function rules.make_desk_words(batch int) returns int
language plpgsql as $$
declare
  handled int;
begin
  with due as (
    select w.kind, w.id from casework.desk_words w
    where w.outdated order by w.kind, w.id limit batch for no key update skip locked)
  update casework.desk_words w set words = rules.desk_words_of(w.kind, w.id), outdated = false
  from due d where w.kind = d.kind and w.id = d.id;
  get diagnostics handled = row_count;
  return handled;
end $$;

-- What q asks for; null: it has no word. All of its words, and what is joined or
-- in quotation marks in a row; `or` between words begins an alternative; -word and
-- -"several words" exclude, but a number keeps its minus. Of an alternative that has
-- other words, stop words are left out. "Case 17" is 17; "Re: Case 17: closed", the
-- subject of a mail, finds that case by its number alone, and so does the address
-- of a case.
create or replace function rules.asked(q text) returns tsquery
language plpgsql immutable as $$
declare
  part text[];         -- minus and words in quotation marks, or words without
  words text;
  asked tsquery;
  wanted tsquery;
  common tsquery;
  excluded tsquery;
  alternatives tsquery;
begin
  for part in select p from regexp_matches(
    rules.folded(q), '(-?)"([^"]*)"|(?:case[\s:#-]+(?=[0-9]+\M))?([^\s"]+)', 'g') as p loop
    if part[3] = 'or' and (wanted is not null or common is not null or excluded is not null) then
      alternatives := rules.either(alternatives, rules.both(coalesce(wanted, common), excluded));
      wanted := null;
      common := null;
      excluded := null;
      continue;
    end if;
    words := rules.words(coalesce(part[2], part[3]));
    asked := rules.phrase(words);
    if part[1] = '-' or part[3] ~ '^-[^\u0001-\u0060\u007b-\u007f]' then
      excluded := rules.both(excluded, !!asked);
    elsif part[3] is not null and rules.is_stop_word(btrim(words)) then
      common := rules.both(common, asked);
    else
      wanted := rules.both(wanted, asked);
    end if;
  end loop;
  return rules.either(
    rules.either(alternatives, rules.both(coalesce(wanted, common), excluded)),
    rules.phrase((regexp_match(rules.folded(q),
      '^\s*(?:(?:[a-z]{2,3}:\s*)*case\s+(?=[0-9]+:)|https?://\S*/cases/)([0-9]+)\M'))[1]));
end $$;

-- Two parts of a query, of which either may be missing.
create or replace function rules.both(one tsquery, other tsquery) returns tsquery
  language sql immutable parallel safe
  return coalesce(one && other, one, other);

create or replace function rules.either(one tsquery, other tsquery) returns tsquery
  language sql immutable parallel safe
  return coalesce(one || other, one, other);

-- How many rows with words the planner expects under a condition. Volatile, since
-- EXPLAIN is for volatile functions only.
drop function if exists rules.share_of_words(tsquery, text);   -- of the version before
create or replace function rules.expected_words(condition text) returns real
language plpgsql as $$
declare
  plan json;
begin
  execute 'explain (format json) select from casework.case_words w where ' || condition into plan;
  return (plan #>> '{0,Plan,Plan Rows}')::real;
end $$;

create or replace function rules.refuse_no_word() returns void
language plpgsql as $$
begin
  perform rules.refuse(400, 'invalid-parameter', 'q has no word and no number to look for.',
    '{"errors": [{"parameter": "q", "code": "no-word", "detail": "must have a word or a number to look for"}]}');
end $$;

-- Where a caller looks: in all districts (null) or in these, each by itself along the
-- index that begins with it; a State Department in what was shared with it only.
create or replace function rules.search_scope(out districts bigint[], out shared boolean)
language plpgsql stable as $$
begin
  -- session_user: current_user is the owner here
  districts := case session_user
    when 'casework_contact' then array[rules.district()]
    when 'casework_partner' then rules.seen_districts() end;
  shared := session_user = 'casework_partner' and rules.state() is not null;
end $$;

create or replace function rules.may_search() returns boolean
language plpgsql stable as $$
begin
  return rules.caller_id() is not null
    and session_user in ('casework_contact', 'casework_partner', 'casework_staff');
end $$;

-- Where rows of words w of these districts (null: all) are looked for, and what they
-- have to be; $2 are the districts. Of a few the index finds theirs at once; for each of
-- many it would look all words up anew, so these are told apart afterwards.
create or replace function rules.search_places(
  relation text, districts bigint[], out tables text, out condition text)
language plpgsql immutable as $$
begin
  tables := concat(case when cardinality(districts) = 1 then 'unnest($2) as d (id), ' end, relation, ' w');
  condition := case when districts is null then 'true' when cardinality(districts) = 1 then 'w.district_id = d.id'
    when cardinality(districts) <= 10 then 'w.district_id = any ($2)'
    else '(w.district_id = any ($2)) is true' end;
end $$;

-- $1 query, $2 districts, $3 how many at most: numbers of cases by the index of words,
-- in no order.
create or replace function rules.search_words_text(districts bigint[]) returns text
  language sql immutable
  return (
    select format($text$
      select array_agg(w.case_id)
      from (select w.case_id from %s where w.words @@ $1 and %s limit $3) as w
      $text$, p.tables, p.condition)
    from rules.search_places('casework.case_words', districts) as p);

-- $2 districts, $3 how many at most, $5 and $6 the last case shown (null: none): the
-- recent cases there, as far as they are shared.
create or replace function rules.recent_cases_text(districts bigint[], shared boolean) returns text
  language sql immutable
  return format($text$
          select c.id, c.district_id, c.status, c.updated_at from casework.cases c
          where %s and ($6 is null or (c.updated_at, c.id) < ($5, $6))
          order by c.updated_at desc, c.id desc limit $3
    $text$,
    concat_ws(' and ',
      case when districts is null then 'true' when cardinality(districts) = 1 then 'c.district_id = ($2)[1]'
        else 'c.district_id = any ($2)' end,
      case when shared then 'c.shared_with_state_at is not null and c.product_area = ''state_reporting''' end));

-- $1 query, $4 statuses (null: all), $7 rows: those of the recent that match.
create or replace function rules.search_recent_text(districts bigint[], shared boolean) returns text
  language sql immutable
  return format($text$
    select array_agg(c.id order by c.updated_at desc, c.id desc)
    from (
      select c.id, c.updated_at
      from (%s) as c
      where ($4 is null or c.status = any ($4)) and exists (
        select from casework.case_words w
        where w.case_id = c.id and w.district_id = c.district_id and w.words @@ $1 offset 0)
      order by c.updated_at desc, c.id desc limit $7) as c
    $text$, rules.recent_cases_text(districts, shared));
drop function if exists rules.search_recent_text(bigint[], boolean, boolean);   -- of the version before

-- What is shared with the State Department of these districts, in no order.
create or replace function rules.shared_cases(districts bigint[]) returns bigint[]
language plpgsql stable as $$
begin
  return array(
    select c.id from unnest(districts) as d (id)
    join casework.cases c on c.district_id = d.id
      and c.shared_with_state_at is not null and c.product_area = 'state_reporting');
end $$;

-- Of these cases the last modified, whichever the caller reads.
create or replace function rules.latest_of(
  ids bigint[], statuses text[], after_updated_at timestamptz, after_id bigint, max_rows int)
returns bigint[]
language plpgsql stable as $$
begin
  return array(
    select c.id from casework.cases c
    where c.id = any (ids) and (statuses is null or c.status = any (statuses))
      and (after_id is null or (c.updated_at, c.id) < (after_updated_at, after_id))
    order by c.updated_at desc, c.id desc limit max_rows);
end $$;

-- How many of these districts' cases may match, so that a page of them is found at the
-- least cost; of so many both ways cost the same. Of n cases one in s matches: the index
-- of words names n / s, and the walk passes r * s to find r. What one costs was measured
-- with a million cases, in microseconds: one that the index names, in many districts
-- those of all others too; one that is passed, and each of others between, unless all of
-- theirs are sorted first.
create or replace function rules.even_search(
  districts int, n real, every real, rows int, out by_index real, out by_walk real, out few int)
language plpgsql immutable as $$
declare
  between real := greatest(every / greatest(n, 1) - 1, 0);
begin
  by_index := 3 * case when districts > 10 then 1 + between else 1 end;
  by_walk := 4.5 + case when districts = 1 then 0 else least(1.3 * between, sqrt(n / rows)) end;
  few := ceil(sqrt(n * rows * by_walk / by_index));
end $$;

-- How many cases the planner expects to have all of the words, in a row or not: the
-- index knows no rows, so that is how many are looked at.
create or replace function rules.expected_matches(query tsquery) returns real
language plpgsql as $$
begin
  return rules.expected_words(format('w.words @@ %L::tsquery', regexp_replace(query::text, '<[-0-9]+>', '&', 'g')));
end $$;

-- Cases that match, last modified first: by the index of words if they are few, or by a
-- walk past the recent. What the planner expects of several words is often wrong, so
-- neither way goes on for much longer than where both are even: rare words that turn out
-- to be common are walked to, and what is not among the recent is looked up.
create or replace function rules.matching_cases(
  query tsquery, districts bigint[], shared boolean, statuses text[],
  after_updated_at timestamptz, after_id bigint, max_rows int)
returns bigint[]
language plpgsql as $$
declare
  every real := rules.expected_words('true');
  within real := case when districts is null then every
    else rules.expected_words(format('w.district_id = any (%L)', districts)) end;
  even record;
  past int;
  found bigint[];
  all_seen boolean;
begin
  even := rules.even_search(coalesce(cardinality(districts), 1), within, every, max_rows);
  if rules.expected_matches(query) / every * within <= even.few then
    execute rules.search_words_text(districts) into found using query, districts, 2 * even.few;
    if cardinality(found) < 2 * even.few is not false then
      return rules.latest_of(
        rules.only_shared(found, districts, shared), statuses, after_updated_at, after_id, max_rows);
    end if;
  end if;
  past := ceil(2 * even.few * even.by_index / even.by_walk);
  execute rules.search_recent_text(districts, shared) into found
    using query, districts, past, statuses, after_updated_at, after_id, max_rows;
  if cardinality(found) < max_rows is not false then
    execute format('select count(*) < $3 from (%s) as c', rules.recent_cases_text(districts, shared)) into all_seen
      using query, districts, past, statuses, after_updated_at, after_id;
    if not all_seen then
      execute rules.search_words_text(districts) into found using query, districts, null::int;
      found := rules.latest_of(
        rules.only_shared(found, districts, shared), statuses, after_updated_at, after_id, max_rows);
    end if;
  end if;
  return found;
end $$;

create or replace function rules.only_shared(ids bigint[], districts bigint[], shared boolean) returns bigint[]
language plpgsql stable as $$
begin
  if shared then
    ids := array(select unnest(ids) intersect select unnest(rules.shared_cases(districts)));
  end if;
  return ids;
end $$;

create or replace function rules.search_cases(
  q text, statuses text[], after_updated_at timestamptz, after_id bigint, max_rows int)
returns table (id bigint, district_id bigint)
language plpgsql security definer set search_path = '' as $$
declare
  query tsquery := rules.asked(q);
  scope record;
begin
  scope := rules.search_scope();
  if not rules.may_search() then
    return;
  elsif query is null then
    perform rules.refuse_no_word();
  end if;
  return query
  select c.id, c.district_id
  from unnest(rules.matching_cases(
    query, scope.districts, scope.shared, statuses, after_updated_at, after_id, max_rows)) as f (id)
  join casework.cases c on c.id = f.id;
end $$;
drop function if exists rules.search_text(bigint[], boolean), rules.search_text(bigint[], boolean, text),
  rules.search_notes_text(bigint[], boolean), rules.search_notes_text(bigint[], boolean, text), rules.shared_text(text);
  -- of the versions before
revoke execute on function rules.search_cases(text, text[], timestamptz, bigint, int), rules.expected_words(text),
  rules.search_scope(), rules.may_search(), rules.search_places(text, bigint[]),
  rules.search_words_text(bigint[]), rules.search_recent_text(bigint[], boolean),
  rules.recent_cases_text(bigint[], boolean), rules.expected_matches(tsquery),
  rules.latest_of(bigint[], text[], timestamptz, bigint, int), rules.shared_cases(bigint[]),
  rules.only_shared(bigint[], bigint[], boolean),
  rules.matching_cases(tsquery, bigint[], boolean, text[], timestamptz, bigint, int),
  rules.timer_words(int), rules.make_note_words(int), rules.make_desk_words(int) from public;
grant execute on function rules.timer_words(int) to casework_worker;
grant execute on function rules.search_cases(text, text[], timestamptz, bigint, int)
  to casework_contact, casework_partner, casework_staff;
