-- A line of an import of staff, by external_id. What an administrator may not do to
-- staff by hand, an import may not do either (people/staff.sql). Changes of staff come
-- one after the other, so there is no race.

create or replace function rules.import_staff(record jsonb, out result text, out resource_id text)
language plpgsql set enable_seqscan = off as $$
declare
  before casework.staff;
begin
  perform rules.begin_staff_change();
  select * into before from casework.staff l where l.external_id = record ->> 'external_id' for no key update;
  if found then
    resource_id := before.id;
    result := case when rules.change_staff(before, record) then 'updated' else 'unchanged' end;
    return;
  end if;
  perform rules.require_members(record, '{name,roles}');
  resource_id := rules.add_staff(record);
  result := 'created';
end $$;
