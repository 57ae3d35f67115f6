-- Full-text search of cases (3.6): their words, made by base/text.sql, and the words
-- that are asked for. A text-search condition of the caller's own query
-- cannot use an index below row-level security (its operator is not leakproof),
-- so these functions look words up with the owner's rights, in the districts of
-- the caller only, and name cases; their rows the caller reads itself.
--
-- Words that many cases hold are found fastest by walking down the recent ones,
-- rare words by the index of words. Left to itself the planner takes any word it
-- has no statistics of for twenty times more common than it is; so the choice is
-- made here. Either way the cost does not follow the number of cases.

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

-- The share of all cases, or notes, that hold the words, by PostgreSQL's
-- statistics. Volatile, since EXPLAIN is for volatile functions only.
drop function if exists rules.share_of_words(tsquery);   -- of the version before
create or replace function rules.share_of_words(query tsquery, relation text) returns real
language plpgsql as $$
declare
  plan json;
begin
  execute format('explain (format json) select from casework.%I w where w.words @@ %L::tsquery', relation, query)
    into plan;
  return (select (plan #>> '{0,Plan,Plan Rows}')::real / greatest(r.reltuples, 1)
    from pg_class r where r.oid = format('casework.%I', relation)::regclass);
end $$;

create or replace function rules.refuse_no_word() returns void
language plpgsql as $$
begin
  perform rules.refuse(400, 'invalid-parameter', 'q has no word and no number to look for.',
    '{"errors": [{"parameter": "q", "code": "no-word", "detail": "must have a word or a number to look for"}]}');
end $$;

-- Of the districts of a state its department is shown what is shared (partners/states.sql).
create or replace function rules.shared_text(district_state text) returns text
  language sql immutable
  return case when district_state is null then 'true'
    else $shared$c.shared_with_state_at is not null and c.product_area = 'state_reporting'$shared$ end;

-- $1 query, $2 districts (null: all), $3 statuses (null: all), $4 and $5 the
-- last case shown (null: none), $6 rows.
drop function if exists rules.search_text(bigint[], boolean);   -- of the version before
create or replace function rules.search_text(districts bigint[], common boolean, state text) returns text
  language sql immutable
  return format(case when common then $common$
    select c.id, c.district_id from casework.cases c
    where %1$s and %2$s and exists (select from casework.case_words w
      where w.case_id = c.id and w.district_id = c.district_id and w.words @@ $1 offset 0)
    $common$ else $rare$
    select c.id, c.district_id
    from (select c.case_id, c.district_id from casework.case_words c where c.words @@ $1 and %1$s offset 0) as w
    join casework.cases c on c.id = w.case_id and c.district_id = w.district_id
    where %2$s
    $rare$ end || $rest$
      and ($3 is null or c.status = any ($3))
      and ($5 is null or (c.updated_at, c.id) < ($4, $5))
    order by c.updated_at desc, c.id desc limit $6
    $rest$, case cardinality(districts)
      when 1 then 'c.district_id = $2[1]'
      else '($2 is null or c.district_id = any ($2))' end, rules.shared_text(state));

create or replace function rules.search_cases(
  q text, statuses text[], after_updated_at timestamptz, after_id bigint, max_rows int)
returns table (id bigint, district_id bigint)
language plpgsql security definer set search_path = '' as $$
declare
  query tsquery := rules.asked(q);
  -- session_user: current_user is the owner here
  districts bigint[] := case session_user
    when 'casework_contact' then array[rules.district()]
    when 'casework_partner' then rules.seen_districts() end;
begin
  if rules.caller_id() is null or (districts is null and session_user <> 'casework_staff') then
    return;
  elsif query is null then
    perform rules.refuse_no_word();
  end if;
  return query execute rules.search_text(districts, rules.share_of_words(query, 'case_words') > 0.02, rules.state())
    using query, districts, statuses, after_updated_at, after_id, max_rows;
end $$;
revoke execute on function rules.search_cases(text, text[], timestamptz, bigint, int), rules.share_of_words(tsquery, text),
  rules.search_text(bigint[], boolean, text), rules.timer_words(int), rules.make_note_words(int),
  rules.make_desk_words(int) from public;
grant execute on function rules.timer_words(int) to casework_worker;
grant execute on function rules.search_cases(text, text[], timestamptz, bigint, int)
  to casework_contact, casework_partner, casework_staff;
