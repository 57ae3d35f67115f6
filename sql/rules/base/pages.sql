-- A page has a price in bytes: the engine ends it when its items are long enough
-- (api/request/answer.c). So that what is behind is not made and not read out of
-- its TOAST table, the statement of a list whose items may be long says
--   case when rules.page_open() then rules.page_item(n.body) end as item
-- The rows behind have no item, which tells the engine that there are more.
--
-- What the items hold is a setting of the transaction: each is seen once, in the
-- order of the page, since PostgreSQL computes what is volatile after sorting.
-- Only long ones are counted, and the size of what is in memory is at hand: a
-- page of ordinary ones pays for a call each.

-- Not less than the engine's: else pages would be shorter than they may be.
create or replace function rules.page_open() returns boolean
  language sql
  return coalesce(nullif(current_setting('cw.page', true), '')::int, 0) < 262144;

create or replace function rules.page_item(item json) returns json
language plpgsql as $$
begin
  if pg_catalog.pg_column_size(item) > 1024 then
    perform pg_catalog.set_config('cw.page', (pg_catalog.pg_column_size(item)
      + coalesce(nullif(pg_catalog.current_setting('cw.page', true), '')::int, 0))::text, true);
  end if;
  return item;
end $$;
