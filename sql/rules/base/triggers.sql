-- A trigger is made anew only where it is another one: making it holds up whoever
-- writes the table until all rules are replaced. The definition is written as
-- pg_get_triggerdef() gives it, but for capitals and line ends.
create or replace procedure rules.keep_trigger(definition text)
language plpgsql as $$
declare
  words text := regexp_replace(definition, '\s+', ' ', 'g');
begin
  if not exists (
      select from pg_catalog.pg_trigger t
      where not t.tgisinternal and lower(pg_catalog.pg_get_triggerdef(t.oid)) = lower(words)) then
    execute replace(words, 'create trigger', 'create or replace trigger');
  end if;
end $$;
