-- A line of an import of districts, by external_id.

-- Who is made by somebody else in this very instant is there when the index says so,
-- and is changed.
create or replace function rules.import_districts(record jsonb, out result text, out resource_id text)
language plpgsql set enable_seqscan = off as $$
declare
  before casework.districts;
begin
  select * into before from casework.districts l
  where l.external_id = record ->> 'external_id' for no key update;
  if not found then
    perform rules.require_members(record, '{name,state,hosting}');
    begin
      resource_id := rules.add_district(record);
      result := 'created';
      return;
    exception when unique_violation or sqlstate 'CW409' then
      select * into before from casework.districts l
      where l.external_id = record ->> 'external_id' for no key update;
      if not found then
        raise;
      end if;
    end;
  end if;
  resource_id := before.id;
  result := case when rules.change_district(before, record) then 'updated' else 'unchanged' end;
end $$;
