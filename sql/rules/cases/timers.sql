-- The timers of a case (fact 81): follow-ups that are due, closing after ten
-- business days, missed response targets. The worker calls each again and again;
-- several may run at once. Each takes the cases that nobody holds, so a contact
-- who answers in this instant is not waited for: the next call sees the answer.
-- Follow-ups and closings are a transaction for each case: a batch would hold what
-- its first case locked until its last, and two workers could lock each other out.

-- The case whose follow-up needs something next, locked; null: none. To be
-- closed, or to be written to.
-- A walk along follow_up_runs_next that ends at the first one. A join would let the
-- planner begin with all cases that wait.
create or replace function rules.due_follow_up(timer text, at timestamptz, closing boolean) returns bigint
language plpgsql as $$
declare
  closes_after timestamptz := case when closing then '-infinity' else at end;
  closes_by timestamptz := case when closing then at else 'infinity' end;
  due bigint;
  taken bigint;
begin
  for due in
    select r.case_id from casework.follow_up_runs r
    where r.ended_at is null and r.next_at < 'infinity'
      and r.next_at <= at and r.auto_close_at > closes_after and r.auto_close_at <= closes_by
      and not rules.timer_skips(timer, r.case_id::text) and rules.follows_calendar(r.case_id)
    order by r.next_at
  loop
    select c.id into taken from casework.cases c
    where c.id = due and c.status = 'pending_verification' for no key update skip locked;
    exit when found;
  end loop;
  return taken;
end $$;

-- 2.5: what staff have not recorded by the hour of its due date.
create or replace function rules.timer_follow_ups(batch int) returns int
language plpgsql as $$
declare
  actor rules.actor := rules.actor();
  due bigint := rules.due_follow_up('follow_ups', actor.at, false);
begin
  perform rules.follow_up_by_itself(due, actor) where due is not null;
  return (due is not null)::int;
exception when others then
  perform rules.timer_failed('follow_ups', due::text, sqlerrm);
  return 1;
end $$;

-- The run is read after its case was locked: what somebody else did before
-- counts.
create or replace function rules.follow_up_by_itself(case_id bigint, actor rules.actor) returns void
language plpgsql as $$
declare
  c casework.cases := rules.lock_case(case_id, null);
  run casework.follow_up_runs := rules.open_follow_up(c.district_id, c.id);
begin
  if run.next_at <= actor.at and not rules.somebody_reads(c.id) then
    perform rules.pause_follow_up(c, run, actor);
  elsif run.next_at <= actor.at then
    perform rules.write_due_follow_ups(run, actor);
    update casework.cases s set version = s.version + 1, updated_at = actor.at
    where s.id = c.id and s.district_id = c.district_id;
  end if;
end $$;

-- 2.5: at the end of the last business day.
create or replace function rules.timer_auto_close(batch int) returns int
language plpgsql as $$
declare
  actor rules.actor := rules.actor();
  due bigint := rules.due_follow_up('auto_close', actor.at, true);
begin
  perform rules.auto_close(due, actor) where due is not null;
  return (due is not null)::int;
exception when others then
  perform rules.timer_failed('auto_close', due::text, sqlerrm);
  return 1;
end $$;

-- Only with every follow-up recorded: those that are missing, since no worker
-- ran, are written first and in the same transaction.
create or replace function rules.auto_close(case_id bigint, actor rules.actor) returns void
language plpgsql as $$
declare
  before casework.cases := rules.lock_case(case_id, null);
  run casework.follow_up_runs := rules.open_follow_up(before.district_id, before.id);
  c casework.cases;
begin
  if run.auto_close_at <= actor.at and not rules.somebody_reads(before.id) then
    perform rules.pause_follow_up(before, run, actor);
  elsif run.auto_close_at <= actor.at then
    perform rules.require_transition(before.status, 'closed', 'auto_close');
    perform rules.write_due_follow_ups(run, actor);
    c := rules.mark_closed(before, actor, case when before.resolution_confirmed_at is null
      then 'no_response' else 'resolved_confirmed' end);
    perform rules.save_case(before, rules.stop_target(c, actor.at, false), actor, 'case.closed');
  end if;
end $$;

-- 2.4: a deadline that passed without a response. The case itself stays as it
-- is (fact 26): `missed` follows from the clock, so its version does not move.
create or replace function rules.timer_breaches(batch int) returns int
language plpgsql as $$
declare
  at timestamptz := rules.now();
  due bigint[] := array(
    select c.id from casework.cases c
    where c.response_elapsed is null and not c.response_missed and c.response_due_at < at
      and not rules.timer_skips('breaches', c.id::text) and rules.follows_calendar(c.id)
    order by c.response_due_at limit batch for no key update skip locked);
  item bigint;
begin
  perform rules.record_breaches(due);
  return cardinality(due);
exception when others then
  -- One of them is the cause: find it.
  foreach item in array due loop
    begin
      perform rules.record_breaches(array[item]);
    exception when others then
      perform rules.timer_failed('breaches', item::text, sqlerrm);
    end;
  end loop;
  return cardinality(due);
end $$;

-- Once per cycle: whoever turns response_missed writes the event, but for a test.
-- All in one statement, since a morning may bring thousands.
create or replace function rules.record_breaches(case_ids bigint[]) returns void
language plpgsql as $$
declare
  actor rules.actor := rules.system_actor(rules.now());
begin
  with missed as (
    update casework.cases c set response_missed = true
    -- "is not true": the index of all that nobody has answered is not for this.
    where c.id = any (case_ids) and c.response_elapsed is null and c.response_missed is not true
      and c.response_due_at < actor.at
    returning c.id, c.district_id, c.test
  )
  insert into casework.events (district_id, case_id, type, at, actor_kind, actor_id, actor_name)
  select m.district_id, m.id, 'case.response_target.breached', actor.at, actor.kind, actor.id, actor.name
  from missed m where not m.test;
  if found then
    perform rules.wake();
  end if;
end $$;

revoke execute on function rules.timer_follow_ups(int), rules.timer_auto_close(int), rules.timer_breaches(int),
  rules.follow_up_by_itself(bigint, rules.actor), rules.auto_close(bigint, rules.actor),
  rules.record_breaches(bigint[]) from public;
grant execute on function rules.timer_follow_ups(int), rules.timer_auto_close(int), rules.timer_breaches(int),
  rules.follow_up_by_itself(bigint, rules.actor), rules.auto_close(bigint, rules.actor),
  rules.record_breaches(bigint[]) to casework_worker;
