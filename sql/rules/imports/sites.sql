-- A line of an import of sites, by external_id within the district. Sites of a
-- district change one after the other: its row is locked, so there is no race.

create or replace function rules.import_sites(record jsonb, out result text, out resource_id text)
language plpgsql set enable_seqscan = off as $$
declare
  of_district bigint := rules.district_named(record);
  before casework.sites;
begin
  perform from casework.districts d where d.id = of_district for no key update;
  select * into before from casework.sites l
  where l.district_id = of_district and l.external_id = record ->> 'external_id' for no key update;
  if found then
    resource_id := before.id;
    result := case when rules.change_site(before, record) then 'updated' else 'unchanged' end;
    return;
  end if;
  perform rules.require_members(record, '{name}');
  resource_id := rules.add_site(of_district, record);
  result := 'created';
end $$;
