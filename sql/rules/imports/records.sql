-- Records of imports before their rules see them (3.2): what spreadsheets write in
-- other ways, and what a file that is only tried has said before.

-- Where the clock hung that a time without an offset was read from: in the district.
create or replace function rules.zone_of_record(kind text, record jsonb) returns text
language plpgsql stable set enable_seqscan = off as $$
begin
  return coalesce(
    (select d.time_zone from casework.districts d where d.external_id = record ->> 'district_external_id'),
    (select d.time_zone from casework.cases c join casework.districts d on d.id = c.district_id
      where c.external_id = record ->> case kind when 'cases' then 'external_id' else 'case_external_id' end));
end $$;

-- Times without an offset come as if they were in UTC. Of an hour that comes twice it
-- is the second, of one that does not come the one behind it. Of a district that there
-- is not, the line is refused anyway.
create or replace function rules.plain_record(kind text, record jsonb, local jsonb) returns jsonb
language plpgsql stable as $$
declare
  plain jsonb := rules.trimmed_keys(record);
  zone text := case when local is not null then rules.zone_of_record(kind, plain) end;
begin
  if zone is not null then
    plain := plain || (
      select jsonb_object_agg(m.name, (plain ->> m.name)::timestamp at time zone zone)
      from jsonb_array_elements_text(local) as m (name));
  end if;
  return plain;
end $$;

-- What names the thing that a line is about. Of an assignment, import_tries.part tells
-- the times apart at which the partner serves the district.
create or replace function rules.key_of_line(record jsonb) returns text
language sql immutable
return jsonb_build_array(record ->> 'partner_external_id', record ->> 'district_external_id',
  record ->> 'external_id')::text;

-- What lines with this key would have done so far, in their order.
create or replace function rules.tried_before(import_id bigint, key text) returns jsonb[]
language plpgsql stable set enable_seqscan = off as $$
begin
  return array(
    select t.record from casework.import_tries t
    where t.import_id = tried_before.import_id and t.key = tried_before.key
    order by t.line);
end $$;

-- One record for all lines of a key: a later line takes back what an earlier one said.
create or replace function rules.keep_try(import_id bigint, key text, line int, record jsonb) returns void
language plpgsql set enable_seqscan = off as $$
begin
  insert into casework.import_tries as t (import_id, key, part, line, record)
  values (import_id, key, coalesce(record ->> 'valid_from', ''), line, record)
  on conflict on constraint import_tries_pkey do update
  set line = excluded.line, record = rules.merged_record(t.record, excluded.record);
end $$;

-- An object within is merged too, as lines are.
create or replace function rules.merged_record(old jsonb, new jsonb) returns jsonb
language sql immutable
return old || new || case when jsonb_typeof(old -> 'technical_team') = 'object'
    and jsonb_typeof(new -> 'technical_team') = 'object'
  then jsonb_build_object('technical_team', (old -> 'technical_team') || (new -> 'technical_team')) else '{}' end;
