-- A line of an import of assignments, by the partner and the district. The partner is
-- locked, so there is no race.

-- Which one is meant: the one that begins at valid_from; without it the one that
-- holds or will, and else one that has ended as the line says.
create or replace function rules.assignment_named(
  partner_id bigint, district_id bigint, record jsonb) returns casework.partner_districts
language plpgsql as $$
declare
  d casework.partner_districts;
begin
  select * into d from casework.partner_districts l
  where l.partner_id = assignment_named.partner_id and l.district_id = assignment_named.district_id
    and case when record ->> 'valid_from' is not null then l.valid_from = (record ->> 'valid_from')::timestamptz
      else l.valid_to is null or l.valid_to > rules.now() or l.valid_to = (record ->> 'valid_to')::timestamptz end
  order by l.valid_to desc nulls first, l.id desc limit 1
  for no key update;
  return d;
end $$;

create or replace function rules.import_assignments(record jsonb, out result text, out resource_id text)
language plpgsql set enable_seqscan = off as $$
declare
  of_partner bigint := rules.partner_named(record);
  of_district bigint := rules.district_named(record);
  before casework.partner_districts;
  d casework.partner_districts := jsonb_populate_record(null::casework.partner_districts, record);
begin
  perform from casework.partners p where p.id = of_partner for no key update;
  before := rules.assignment_named(of_partner, of_district, record);
  if before.id is null then
    d.partner_id := of_partner;
    d.district_id := of_district;
    resource_id := rules.add_partner_assignment(d);
    result := 'created';
  else
    resource_id := before.id;
    result := 'unchanged';
    if record ? 'valid_to' and d.valid_to is distinct from before.valid_to then
      perform rules.require_running(before);
      perform rules.change_partner_assignment(before, d.valid_to);
      result := 'updated';
    end if;
  end if;
end $$;
