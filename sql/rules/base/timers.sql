-- What all timers share. A timer is a function rules.timer_<name>(batch int)
-- returns int: it handles up to batch due items and returns how many it did.
-- The worker finds it by its name, calls it every second, and again at once
-- while it returns more than 0.

-- An item that cannot be handled now is left alone for a while, so that the
-- others go on: a minute, 4, 9, … up to an hour.
create or replace function rules.timer_failed(timer text, item text, error text) returns void
language plpgsql as $$
begin
  insert into casework.timer_faults as f (timer, item, last_error, retry_at)
  values (timer_failed.timer, timer_failed.item, left(error, 1000), rules.now() + interval '1 minute')
  on conflict on constraint timer_faults_pkey do update set
    attempts = f.attempts + 1,
    last_error = excluded.last_error,
    retry_at = rules.now() + least(interval '1 minute' * least(f.attempts + 1, 8) ^ 2, interval '1 hour');
end $$;

-- Whether a timer must leave this item alone for now.
create or replace function rules.timer_skips(timer text, item text) returns boolean
language plpgsql stable as $$
begin
  return exists (
    select from casework.timer_faults f
    where f.timer = timer_skips.timer and f.item = timer_skips.item and f.retry_at > rules.now());
end $$;

-- Faults of items that were handled since, or that are no longer due: an item
-- that still fails has a newer retry_at. Events without their mails are no such
-- items: rules.timer_mail_retry tries them until they succeed.
create or replace function rules.timer_forget_faults(batch int) returns int
language plpgsql as $$
declare
  handled int;
begin
  delete from casework.timer_faults f
  where (f.timer, f.item) in (
    select o.timer, o.item from casework.timer_faults o
    where o.retry_at < rules.now() - interval '1 day' and o.timer not in ('mail_dispatch', 'mail_incidents', 'alert_dispatch')
    order by o.retry_at limit batch for update skip locked);
  get diagnostics handled = row_count;
  return handled;
end $$;

-- Wakes a worker that sleeps, at commit. Whoever is missed in the instant before
-- it falls asleep is found when it looks by itself, a second later.
create or replace function rules.wake() returns void
language plpgsql as $$
begin
  if (select w.asleep from casework.worker_wait w) then
    perform pg_notify('casework', '');
  end if;
end $$;
