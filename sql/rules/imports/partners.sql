-- A line of an import of partners, by external_id; a race ends as with districts.

create or replace function rules.import_partners(record jsonb, out result text, out resource_id text)
language plpgsql set enable_seqscan = off as $$
declare
  before casework.partners;
begin
  select * into before from casework.partners l
  where l.external_id = record ->> 'external_id' for no key update;
  if not found then
    perform rules.require_members(record, '{name,kind,owner}');
    begin
      resource_id := rules.add_partner(record);
      result := 'created';
      return;
    exception when unique_violation or sqlstate 'CW409' then
      select * into before from casework.partners l
      where l.external_id = record ->> 'external_id' for no key update;
      if not found then
        raise;
      end if;
    end;
  end if;
  resource_id := before.id;
  result := case when rules.change_partner(before, record) then 'updated' else 'unchanged' end;
end $$;
