-- Full-text search of cases. A text-search condition of the caller's own query
-- cannot use an index below row-level security (its operator is not leakproof),
-- so these functions look words up with the owner's rights, in the districts of
-- the caller only, and name cases; their rows the caller reads itself.
--
-- Words that many cases hold are found fastest by walking down the recent ones,
-- rare words by the index of words. Left to itself the planner takes any word it
-- has no statistics of for twenty times more common than it is; so the choice is
-- made here. Either way the cost does not follow the number of cases.

-- The share of all cases that hold the words, by PostgreSQL's statistics.
-- Volatile, since EXPLAIN is for volatile functions only.
create or replace function rules.share_of_words(query tsquery) returns real
language plpgsql as $$
declare
  plan json;
begin
  execute format('explain (format json) select from casework.case_words w where w.words @@ %L::tsquery', query)
    into plan;
  return (select (plan #>> '{0,Plan,Plan Rows}')::real / greatest(r.reltuples, 1)
    from pg_class r where r.oid = 'casework.case_words'::regclass);
end $$;

-- $1 query, $2 districts (null: all), $3 statuses (null: all), $4 and $5 the
-- last case shown (null: none), $6 rows.
create or replace function rules.search_text(districts bigint[], common boolean) returns text
  language sql immutable
  return format(case when common then $common$
    select c.id, c.district_id from casework.cases c
    where %1$s and exists (select from casework.case_words w
      where w.case_id = c.id and w.district_id = c.district_id and w.words @@ $1 offset 0)
    $common$ else $rare$
    select c.id, c.district_id
    from (select c.case_id, c.district_id from casework.case_words c where c.words @@ $1 and %1$s offset 0) as w
    join casework.cases c on c.id = w.case_id and c.district_id = w.district_id
    where true
    $rare$ end || $rest$
      and ($3 is null or c.status = any ($3))
      and ($5 is null or (c.updated_at, c.id) < ($4, $5))
    order by c.updated_at desc, c.id desc limit $6
    $rest$, case cardinality(districts)
      when 1 then 'c.district_id = $2[1]'
      else '($2 is null or c.district_id = any ($2))' end);

create or replace function rules.search_cases(
  q text, statuses text[], after_updated_at timestamptz, after_id bigint, max_rows int)
returns table (id bigint, district_id bigint)
language plpgsql security definer set search_path = '' as $$
declare
  query tsquery := websearch_to_tsquery('english', q);
  -- session_user: current_user is the owner here
  districts bigint[] := case session_user
    when 'casework_contact' then array[rules.district()]
    when 'casework_partner' then rules.districts() end;
begin
  if rules.caller_id() is null or numnode(query) = 0
    or (districts is null and session_user <> 'casework_staff')
  then
    return;
  end if;
  return query execute rules.search_text(districts, rules.share_of_words(query) > 0.02)
    using query, districts, statuses, after_updated_at, after_id, max_rows;
end $$;
revoke execute on function rules.search_cases(text, text[], timestamptz, bigint, int), rules.share_of_words(tsquery),
  rules.search_text(bigint[], boolean) from public;
grant execute on function rules.search_cases(text, text[], timestamptz, bigint, int)
  to casework_contact, casework_partner, casework_staff;
