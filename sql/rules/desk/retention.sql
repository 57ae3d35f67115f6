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

-- A mail that is still to go, by itself or in a digest, or about an incident that is
-- not over: what is said next goes by whom has been told (mail/incidents.sql).
create or replace function rules.mail_is_needed(m casework.mails) returns boolean
language plpgsql stable as $$
begin
  return m.state = 'queued'
    or (m.state = 'collected' and coalesce((
      select d.state = 'queued' from casework.mails d where d.id = m.digest_id), true))
    or (m.source = 'incident' and exists (
      select from casework.incident_events e join casework.incidents i on i.id = e.incident_id
      where e.id = m.event_id and i.resolved_at is null));
end $$;

-- A webhook is still to be sent it. Such events are read by staff alone.
create or replace function rules.phone_event_is_needed(e casework.phone_events) returns boolean
language plpgsql stable as $$
begin
  return exists (
    select from casework.webhooks w
    join casework.webhook_deliveries v on v.webhook_id = w.id and v.event_id = e.feed_id
    where w.owner_kind = 'staff' and v.state = 'pending');
end $$;

-- Of each the oldest, a few at a time: numbers rise with time, so no index is needed
-- but that of the keys, and a look ends at the first few that nothing needs. The
-- owner's rights: nobody else may take a row out of these. Mails have the time of the
-- machine, as their queue. An event that somebody who follows the feed has not passed stays.
create or replace function rules.timer_retention(batch int) returns int
language plpgsql security definer set search_path = '' as $$
declare
  kept casework.retention_settings;
  one int;
  handled int := 0;
begin
  select * into kept from casework.retention_settings;
  delete from casework.mails m where m.id in (
    select o.id from (
      select i.id, i.created_at from casework.mails i where not rules.mail_is_needed(i) order by i.id limit batch) as o
    where o.created_at < now() - make_interval(days => kept.mail_days));
  get diagnostics one = row_count;
  handled := handled + one;
  delete from casework.phone_events e where e.id in (
    select o.id from (
      select i.id, i.at, i.xid from casework.phone_events i where not rules.phone_event_is_needed(i)
      order by i.id limit batch) as o
    where o.at < rules.kept_since(kept.phone_event_days)
      and o.xid < (select min(c.xid) from casework.event_cursors c));
  get diagnostics one = row_count;
  handled := handled + one;
  delete from casework.support_line_reads r where r.id in (
    select o.id from (select i.id, i.at from casework.support_line_reads i order by i.id limit batch) as o
    where o.at < rules.kept_since(kept.support_line_read_days));
  get diagnostics one = row_count;
  return handled + one;
end $$;
revoke execute on function rules.timer_retention, rules.mail_is_needed, rules.phone_event_is_needed from public;
grant execute on function rules.timer_retention to casework_worker;
