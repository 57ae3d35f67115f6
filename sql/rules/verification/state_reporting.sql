-- State reporting (facts 52, 54): deadlines of a state, written by staff.

create or replace function rules.create_reporting_deadline(
  request jsonb, out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  r casework.reporting_deadlines := jsonb_populate_record(null::casework.reporting_deadlines, request);
begin
  insert into casework.reporting_deadlines (state, name, due_on) values (r.state, r.name, r.due_on)
  on conflict do nothing
  returning id into r.id;
  if not found then
    perform rules.refuse(409, 'already-exists', 'The state has this deadline already.');
  end if;
  perform rules.record_desk_event('reporting_deadline.published', r.id::text, jsonb_build_array(
    rules.changed('state', null, to_jsonb(r.state)), rules.changed('name', null, to_jsonb(r.name)),
    rules.changed('due_on', null, to_jsonb(r.due_on))));
  status := 201;
  select d.body, d.version, '/v1/state-reporting/deadlines/' || d.id into body, etag, location
  from views.reporting_deadline_document d where d.id = r.id;
end $$;

-- A case names a deadline of its district's state.
create or replace function rules.is_reporting_deadline(deadline_id bigint, district_id bigint) returns boolean
language plpgsql stable as $$
begin
  return exists (
    select from casework.reporting_deadlines r
    join casework.districts d on d.id = is_reporting_deadline.district_id and d.state = r.state
    where r.id = deadline_id);
end $$;
