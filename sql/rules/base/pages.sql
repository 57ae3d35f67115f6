-- A page has a price in bytes: a list whose items may be long ends when those it
-- has hold some 256 KiB, if not at its limit before. Its statement says
--   case when rules.page_open() then rules.page_item(n.body) end as item
-- The rows behind have no item, which tells the engine that there are more; so
-- what is not shown is neither made nor read out of its TOAST table. The sum is
-- a setting of the transaction: an item is seen once, in the order of the page,
-- since PostgreSQL computes what is volatile after sorting.

create or replace function rules.page_bytes() returns int
  language sql immutable
  return 262144;

-- Inlined.
create or replace function rules.page_open() returns boolean
  language sql
  return coalesce(nullif(current_setting('cw.page', true), '')::int, 0) < rules.page_bytes();

create or replace function rules.page_item(item json) returns json
language plpgsql as $$
begin
  if pg_catalog.set_config('cw.page', (coalesce(nullif(pg_catalog.current_setting('cw.page', true), '')::int, 0)
    + pg_catalog.octet_length(item::text))::text, true) is not null
  then
    return item;
  end if;
end $$;
