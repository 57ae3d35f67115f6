-- Full-text search of cases. A text-search condition of the caller's own query
-- cannot use an index below row-level security (its operator is not leakproof),
-- so this function looks words up with the owner's rights, in the districts of
-- the caller only, and names cases; their rows the caller reads itself.
--
-- Planned anew for each call: only then do the statistics of the words asked
-- for decide, between walking down the recent cases (common words) and the index
-- of words (rare ones). Either way the cost does not follow the number of cases.
create or replace function rules.search_cases(
  q text, statuses text[], after_updated_at timestamptz, after_id bigint, max_rows int)
returns table (id bigint, district_id bigint)
language plpgsql stable security definer
set search_path = '' set plan_cache_mode = 'force_custom_plan' as $$
declare
  query tsquery := websearch_to_tsquery('english', q);
  -- session_user: current_user is the owner here
  districts bigint[] := case session_user
    when 'casework_contact' then array[rules.district()]
    when 'casework_partner' then rules.districts() end;
begin
  if districts is null and not (session_user = 'casework_staff' and rules.caller_id() is not null) then
    return;
  elsif cardinality(districts) = 1 then
    return query
      select c.id, c.district_id
      from casework.cases c
      join casework.case_words w on w.case_id = c.id and w.district_id = c.district_id
      where c.district_id = districts[1] and w.district_id = districts[1] and w.words @@ query
        and (statuses is null or c.status = any (statuses))
        and (after_id is null or (c.updated_at, c.id) < (after_updated_at, after_id))
      order by c.updated_at desc, c.id desc
      limit max_rows;
  else
    return query
      select c.id, c.district_id
      from casework.cases c
      join casework.case_words w on w.case_id = c.id and w.district_id = c.district_id
      where (districts is null or (c.district_id = any (districts) and w.district_id = any (districts)))
        and w.words @@ query
        and (statuses is null or c.status = any (statuses))
        and (after_id is null or (c.updated_at, c.id) < (after_updated_at, after_id))
      order by c.updated_at desc, c.id desc
      limit max_rows;
  end if;
end $$;
revoke execute on function rules.search_cases(text, text[], timestamptz, bigint, int) from public;
grant execute on function rules.search_cases(text, text[], timestamptz, bigint, int)
  to casework_contact, casework_partner, casework_staff;
