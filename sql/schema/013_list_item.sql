-- What a list shows of a case, kept as text with the case: making it for every
-- row of every page took most of a page's time. All but its end is stored, as a
-- generated column, so nothing can forget it and nothing can make it differ from
-- the row. The end is the state of the response target, which the clock decides
-- (api.case_list). Another shape of the item is another migration: function and
-- column change together there.

-- Immutable for the service's settings only (DateStyle ISO), which roles fix.
-- Codes need no escaping, their domains and keys say so; what people write does.
create function casework.case_list_item(
  id bigint, district_id bigint, type text, subject text, product_area text, priority text, status text,
  advisor_id bigint, advisor_name text, submitted_at timestamptz, updated_at timestamptz, due_at timestamptz)
returns text
language plpgsql immutable set datestyle = 'ISO, YMD' as $$
begin
  return concat(
    '{"id":', id, ',"district_id":', district_id, ',"type":"', type, '","subject":', to_json(subject),
    ',"product_area":', coalesce('"' || product_area || '"', 'null'),
    ',"priority":"', priority, '","status":"', status, '","assigned_advisor":',
    case when advisor_id is null then 'null'
      else concat('{"id":', advisor_id, ',"display_name":', to_json(advisor_name), '}') end,
    replace(concat(',"submitted_at":"', submitted_at at time zone 'UTC', 'Z","updated_at":"',
      updated_at at time zone 'UTC', 'Z","response_target":{"due_at":"', due_at at time zone 'UTC', 'Z","state":"'),
      ' ', 'T'));
end $$;

alter table casework.cases add column list_item text not null generated always as (
  casework.case_list_item(id, district_id, type, subject, product_area, priority, status, assigned_advisor_id,
    assigned_advisor_name, submitted_at, updated_at, response_due_at)) stored;
