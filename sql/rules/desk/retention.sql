-- What would grow for ever goes after a time that administrators set: mails, what a
-- webhook was sent, what telephones did, who has read the toll-free number, imports.
-- Cases, notes and events stay. Deliveries and imports have more to it, and timers of
-- their own (webhooks/delivery.sql, imports/imports.sql).

-- Before this instant what is kept for so many days goes.
create or replace function rules.kept_since(days int) returns timestamptz
language plpgsql stable as $$
begin
  return rules.now() - make_interval(days => days);
end $$;

-- Of each the oldest, a few at a time: numbers rise with time, so no index is needed
-- but that of the keys. The owner's rights: nobody else may take a row out of these. A
-- mail that is still to go stays. Mails have the time of the machine, as their queue.
create or replace function rules.timer_retention(batch int) returns int
language plpgsql security definer set search_path = '' as $$
declare
  kept casework.retention_settings;
  one int;
  handled int := 0;
begin
  select * into kept from casework.retention_settings;
  delete from casework.mails m where m.id in (
    select o.id from (select i.id, i.state, i.created_at from casework.mails i order by i.id limit batch) as o
    where o.state <> 'queued' and o.created_at < now() - make_interval(days => kept.mail_days));
  get diagnostics one = row_count;
  handled := handled + one;
  delete from casework.phone_events e where e.id in (
    select o.id from (select i.id, i.at from casework.phone_events i order by i.id limit batch) as o
    where o.at < rules.kept_since(kept.phone_event_days));
  get diagnostics one = row_count;
  handled := handled + one;
  delete from casework.support_line_reads r where r.id in (
    select o.id from (select i.id, i.at from casework.support_line_reads i order by i.id limit batch) as o
    where o.at < rules.kept_since(kept.support_line_read_days));
  get diagnostics one = row_count;
  return handled + one;
end $$;
revoke execute on function rules.timer_retention from public;
grant execute on function rules.timer_retention to casework_worker;
