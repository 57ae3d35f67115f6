-- A line of an import of contacts, by external_id within the district; a race ends
-- as with districts.

create or replace function rules.import_contacts(record jsonb, out result text, out resource_id text)
language plpgsql set enable_seqscan = off as $$
declare
  of_district bigint := rules.district_named(record);
  before casework.contacts;
begin
  select * into before from casework.contacts l
  where l.district_id = of_district and l.external_id = record ->> 'external_id' for no key update;
  if not found then
    perform rules.require_members(record, '{name,email}');
    begin
      resource_id := rules.add_contact(record || jsonb_build_object('district_id', of_district), imported => true);
      result := 'created';
      return;
    exception when unique_violation or sqlstate 'CW409' then
      select * into before from casework.contacts l
      where l.district_id = of_district and l.external_id = record ->> 'external_id' for no key update;
      if not found then
        raise;
      end if;
    end;
  end if;
  resource_id := before.id;
  result := case when rules.change_contact(before, record, imported => true) then 'updated' else 'unchanged' end;
end $$;
