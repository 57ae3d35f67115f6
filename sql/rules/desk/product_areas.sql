-- Product areas (fact 17): what a case can name, and the team that it is for. An
-- area that has ended stays where it was named (active: false).

create view views.product_area_document with (security_invoker) as
select a.code, a.version, a.active, a.position, row_to_json(d) as body
from casework.product_areas a
cross join lateral (select a.code, a.name, a.team, a.position, a.active) as d;
grant select on views.product_area_document
  to casework_contact, casework_partner, casework_staff, casework_public;

create or replace function rules.product_area_answer(
  code text, answer int, out status int, out body json, out etag text, out location text)
language plpgsql stable as $$
begin
  status := answer;
  select d.body, d.version, case when answer = 201 then '/v1/product-areas/' || d.code end into body, etag, location
  from views.product_area_document d where d.code = product_area_answer.code;
end $$;

create or replace function rules.refuse_double(pointer text, sentence text) returns void
language plpgsql as $$
begin
  perform rules.refuse(409, 'already-exists', sentence,
    jsonb_build_object('errors', jsonb_build_array(rules.fault(pointer, 'already-exists', 'must be unique'))));
end $$;

create or replace function rules.check_area(a casework.product_areas) returns void
language plpgsql as $$
begin
  if not exists (select from casework.teams t where t.code = a.team and t.active) then
    perform rules.invalid('/team', 'unknown', 'There is no such team, or it is not active: GET /v1/teams lists them.');
  end if;
  if exists (select from casework.product_areas o where o.position = a.position and o.code <> a.code) then
    perform rules.refuse_double('/position', 'Another area stands at this position.');
  end if;
end $$;

-- One after the other: without a position it comes last.
create or replace function rules.create_product_area(
  request jsonb, out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  a casework.product_areas := jsonb_populate_record(null::casework.product_areas,
    '{"team": "support", "active": true}' || request);
begin
  perform pg_advisory_xact_lock(7309456);
  a.position := coalesce(a.position, (select coalesce(max(o.position), 0) + 1 from casework.product_areas o));
  if exists (select from casework.product_areas o where o.code = a.code) then
    perform rules.refuse_double('/code', 'There is an area of this code.');
  end if;
  perform rules.check_area(a);
  a := rules.insert_row(a);
  select * into status, body, etag, location from rules.product_area_answer(a.code, 201);
  perform rules.record_desk_event('product_area.created', a.code, rules.document_changes('{}', body::jsonb));
end $$;

create or replace function rules.update_product_area(
  code text, if_match bigint[], request jsonb,
  out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  before casework.product_areas;
  a casework.product_areas;
begin
  perform pg_advisory_xact_lock(7309456);
  select * into before from casework.product_areas o where o.code = update_product_area.code for no key update;
  if not found then
    perform rules.refuse(404, 'not-found', 'There is no such product area.');
  end if;
  perform rules.check_version(before.version, if_match);
  a := jsonb_populate_record(before, request);
  if a is distinct from before then
    perform rules.check_area(a);
    perform rules.update_row(before, a, rules.now());
    perform rules.record_desk_event('product_area.updated', a.code, rules.changes(before, a));
  end if;
  select * into status, body, etag, location from rules.product_area_answer(before.code, 200);
end $$;
