-- Saved filters (3.5): what somebody asks the list of cases for, under a name; shared
-- ones are read by all staff. Parameters and values are those of list_cases, as the
-- document has them at the time of writing: `--parameters` in the statement.

create view views.saved_filter_document with (security_invoker) as
select f.id, f.version, f.owner_id, f.shared, f.name, row_to_json(d) as body
from casework.saved_filters f
cross join lateral (
  select f.id, f.name, f.shared, row (f.owner_id, rules.name_of('staff', f.owner_id))::views.advisor as owner,
    f.filters, views.utc(f.created_at) as created_at, views.utc(f.updated_at) as updated_at
) as d;
grant select on views.saved_filter_document to casework_staff;

-- Whether a parameter of this kind takes this text.
create or replace function rules.takes_value(p jsonb, value text) returns boolean
language plpgsql stable as $$
begin
  if p ? 'enum' then
    return p -> 'enum' ? value;
  end if;
  case coalesce(p ->> 'format', p ->> 'type')
    when 'boolean' then return value in ('true', 'false');
    when 'integer' then
      return case when value ~ '^(0|-?[1-9][0-9]{0,15})$'
        then value::bigint between (p ->> 'minimum')::bigint and (p ->> 'maximum')::bigint else false end;
    when 'date' then return value ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' and value::date is not null;
    when 'date-time' then
      return value ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})$'
        and value::timestamptz is not null;
    else return length(value) <= (p ->> 'maxLength')::int;
  end case;
exception when datetime_field_overflow or invalid_datetime_format then
  return false;
end $$;

create or replace function rules.check_saved_filter(f casework.saved_filters, parameters jsonb) returns void
language plpgsql as $$
declare
  one record;
  p jsonb;
  wrong bigint;
begin
  for one in
    select '/filters/' || o.place - 1 as pointer, o.value ->> 'parameter' as name, o.value -> 'values' as given,
      row_number() over (partition by o.value ->> 'parameter' order by o.place) as time
    from jsonb_array_elements(f.filters) with ordinality as o (value, place)
    order by o.place
  loop
    p := parameters -> one.name;
    if p is null then
      perform rules.invalid(one.pointer || '/parameter', 'unknown',
        format('GET /v1/cases has no parameter %s to filter or sort by.', one.name));
    elsif one.time > 1 then
      perform rules.invalid(one.pointer || '/parameter', 'not-allowed', 'A parameter is named once, with all its values.');
    elsif jsonb_array_length(one.given) > (p ->> 'values')::int then
      perform rules.invalid(one.pointer || '/values', 'out-of-range',
        format('%s takes no more than %s.', one.name, p ->> 'values'));
    end if;
    select v.place - 1 into wrong from jsonb_array_elements_text(one.given) with ordinality as v (value, place)
    where not rules.takes_value(p, v.value) order by v.place limit 1;
    if found then
      perform rules.invalid(format('%s/values/%s', one.pointer, wrong), 'out-of-range',
        format('GET /v1/cases takes no such value for %s.', one.name));
    end if;
  end loop;
end $$;

create or replace function rules.saved_filter_answer(
  filter_id bigint, code int, out status int, out body json, out etag text, out location text)
language plpgsql stable as $$
begin
  status := code;
  select d.body, d.version, case when code = 201 then '/v1/saved-filters/' || d.id end into body, etag, location
  from views.saved_filter_document d where d.id = filter_id;
end $$;

create or replace function rules.create_saved_filter(
  request jsonb, parameters jsonb, out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  f casework.saved_filters := jsonb_populate_record(null::casework.saved_filters, request);
begin
  perform rules.check_saved_filter(f, parameters);
  perform pg_advisory_xact_lock(7309457, rules.caller_id()::int);
  if (select count(*) from casework.saved_filters o where o.owner_id = rules.caller_id()) >= 100 then
    perform rules.refuse(409, 'conflict', 'Nobody has more than a hundred saved filters: delete one first.');
  end if;
  f.owner_id := rules.caller_id();
  f.shared := coalesce(f.shared, false);
  f.created_at := rules.now();
  f.updated_at := f.created_at;
  f := rules.insert_row(f);
  perform rules.record_desk_event('saved_filter.created', f.id::text,
    rules.changes(null::casework.saved_filters, f), 'staff', f.owner_id);
  select * into status, body, etag, location from rules.saved_filter_answer(f.id, 201);
end $$;

-- A shared one is read by all and changed by its owner.
create or replace function rules.lock_saved_filter(filter_id bigint, if_match bigint[]) returns casework.saved_filters
language plpgsql as $$
declare
  f casework.saved_filters;
begin
  select * into f from casework.saved_filters l where l.id = filter_id and l.owner_id = rules.caller_id() for update;
  if not found then
    if exists (select from casework.saved_filters l where l.id = filter_id) then
      perform rules.refuse(403, 'not-permitted', 'Only who has saved a filter changes it.');
    end if;
    perform rules.refuse(404, 'not-found', 'There is no such saved filter.');
  end if;
  perform rules.check_version(f.version, if_match);
  return f;
end $$;

create or replace function rules.update_saved_filter(
  filter_id bigint, if_match bigint[], request jsonb, parameters jsonb,
  out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  before casework.saved_filters := rules.lock_saved_filter(filter_id, if_match);
  f casework.saved_filters := jsonb_populate_record(before, request);
begin
  if f is distinct from before then
    perform rules.check_saved_filter(f, parameters) where request ? 'filters';
    perform rules.update_row(before, f, rules.now());
    perform rules.record_desk_event('saved_filter.updated', f.id::text, rules.changes(before, f), 'staff', f.owner_id);
  end if;
  select * into status, body, etag, location from rules.saved_filter_answer(filter_id, 200);
end $$;

create or replace function rules.delete_saved_filter(filter_id bigint, out status int, out body json)
language plpgsql as $$
declare
  f casework.saved_filters := rules.lock_saved_filter(filter_id, null);
begin
  select 200, d.body into status, body from views.saved_filter_document d where d.id = filter_id;
  delete from casework.saved_filters l where l.id = filter_id;
  perform rules.record_desk_event('saved_filter.deleted', f.id::text,
    rules.changes(f, null::casework.saved_filters), 'staff', f.owner_id);
end $$;
