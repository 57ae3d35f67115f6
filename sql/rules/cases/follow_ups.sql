-- Three follow-ups within ten business days (facts 11, 43 to 45; 2.5). A run
-- starts when a case enters pending_verification and ends when it leaves it.
-- Whoever writes to a run holds the lock of its case.

-- When a timer has to look at a run: at the hour of the first follow-up that is
-- not recorded, or at its end.
create or replace function rules.follow_up_next_at(due_dates date[], next_slot int, auto_close_at timestamptz)
returns timestamptz
language plpgsql stable as $$
begin
  return (select least((due_dates[next_slot] + p.automatic_at) at time zone rules.time_zone(), auto_close_at)
    from casework.follow_up_plan p);
end $$;

create or replace function rules.start_follow_up(c casework.cases, at timestamptz) returns void
language plpgsql as $$
begin
  insert into casework.follow_up_runs (district_id, case_id, run, started_at, due_dates, auto_close_at, next_at)
  select c.district_id, c.id, (
      select coalesce(max(r.run), 0) + 1 from casework.follow_up_runs r
      where r.district_id = c.district_id and r.case_id = c.id),
    at, d.due_dates, d.auto_close_at, rules.follow_up_next_at(d.due_dates, 1, d.auto_close_at)
  from rules.follow_up_dates(at) as d;
end $$;

-- Closing the case ends the run as well, and its event says so; any other end
-- is an event of its own.
create or replace function rules.end_follow_up(c casework.cases, actor rules.actor, outcome text) returns void
language plpgsql as $$
declare
  run casework.follow_up_runs;
begin
  update casework.follow_up_runs r set ended_at = actor.at, outcome = end_follow_up.outcome
  where r.district_id = c.district_id and r.case_id = c.id and r.ended_at is null
  returning * into run;
  if found and c.status <> 'closed' then
    perform rules.record_case_event(c.district_id, c.id, actor, 'case.follow_up_cancelled', 'public', null,
      rules.follow_up_change(run.auto_close_at, null));
  end if;
end $$;

create or replace function rules.follow_up_change(old timestamptz, new timestamptz) returns jsonb
  language sql stable
  return jsonb_build_array(jsonb_build_object(
    'member', 'auto_close_at', 'old', views.utc(old), 'new', views.utc(new)));

-- What a change of status means for the run; save_case calls it for each. A
-- contact answers by a note or in a call, staff take the case back.
create or replace function rules.follow_status(
  old_status text, c casework.cases, actor rules.actor, type text) returns void
language plpgsql as $$
begin
  if c.status = 'pending_verification' then
    perform rules.start_follow_up(c, actor.at);
  elsif old_status = 'pending_verification' then
    perform rules.end_follow_up(c, actor, case
      when c.status = 'closed' and actor.kind = 'system' then 'auto_closed'
      when c.status = 'closed' then 'closed'
      when rules.caller_kind() = 'contact' or type = 'case.called' then 'answered'
      else 'withdrawn' end);
  end if;
end $$;

create or replace function rules.open_follow_up(district_id bigint, case_id bigint)
returns casework.follow_up_runs
language plpgsql stable as $$
declare
  run casework.follow_up_runs;
begin
  select * into run from casework.follow_up_runs r
  where r.district_id = open_follow_up.district_id and r.case_id = open_follow_up.case_id and r.ended_at is null;
  return run;
end $$;

-- One follow-up, for the earliest slot that has none, as a public note; null
-- once every slot has one. Returns the run as it is then.
create or replace function rules.write_follow_up(
  run casework.follow_up_runs, actor rules.actor, method text, text text) returns casework.follow_up_runs
language plpgsql as $$
declare
  note_id bigint := rules.write_note(run.district_id, run.case_id, actor, 'follow_up', 'public', text);
  slot int := case when run.next_slot <= cardinality(run.due_dates) then run.next_slot end;
begin
  insert into casework.follow_ups (district_id, case_id, run, slot, at, method, automatic, note_id)
  values (run.district_id, run.case_id, run.run, slot, actor.at, method, actor.kind = 'system', note_id);
  if slot is not null then
    update casework.follow_up_runs r set next_slot = slot + 1,
      next_at = rules.follow_up_next_at(r.due_dates, slot + 1, r.auto_close_at)
    where r.district_id = run.district_id and r.case_id = run.case_id and r.run = run.run
    returning * into run;
  end if;
  perform rules.record_case_event(run.district_id, run.case_id, actor, 'case.followed_up', 'public', note_id, '[]');
  return run;
end $$;

-- What the service itself writes; times as the district reads them (mail/times.sql).
create or replace function rules.follow_up_text(run casework.follow_up_runs) returns text
language plpgsql stable as $$
begin
  return format('Follow-up %s of %s: this case has been resolved and waits for your verification. If the resolution '
    'works for you, please close the case. If it does not, or if you have questions, please answer with a note. '
    'Without an answer by %s the case will be closed; it can be reopened afterwards.',
    run.next_slot, cardinality(run.due_dates), rules.told_time(run.auto_close_at, (
      select d.time_zone from casework.districts d where d.id = run.district_id)));
end $$;
drop function if exists rules.closing_time(timestamptz);   -- of Central time alone

-- Every follow-up that is due and that nobody has recorded.
create or replace function rules.write_due_follow_ups(run casework.follow_up_runs, actor rules.actor)
returns void
language plpgsql as $$
begin
  while run.next_slot <= cardinality(run.due_dates) and run.next_at <= actor.at loop
    run := rules.write_follow_up(run, actor, 'note', rules.follow_up_text(run));
  end loop;
end $$;

-- By staff, or by the partner that provides. It changes what the case shows,
-- like any public note.
create or replace function rules.record_follow_up(
  case_id bigint, if_match bigint[], request jsonb,
  out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  before casework.cases := rules.lock_case(case_id, if_match);
  run casework.follow_up_runs := rules.open_follow_up(before.district_id, case_id);
  actor rules.actor := rules.actor();
begin
  perform rules.require_provider(before);
  if run.run is null then
    perform rules.illegal_transition(before.status, 'Only a case in pending_verification is followed up.');
  elsif not rules.somebody_reads(before.id) then
    perform rules.refuse(409, 'conflict',
      'Nobody could read it: the district has no Authorized Contact. Name one first.');
  end if;
  run := rules.resume_if_paused(before, actor);
  perform rules.write_follow_up(run, actor, coalesce(request ->> 'method', 'note'), request ->> 'text');
  update casework.cases c set version = c.version + 1, updated_at = actor.at
  where c.id = case_id and c.district_id = before.district_id;
  select * into status, body, etag, location from rules.case_answer(case_id, 200);
end $$;

-- The member follow_up of a case that waits for verification (fact 11).
create or replace function rules.follow_up_document(district_id bigint, case_id bigint) returns json
language plpgsql stable as $$
begin
  return (
    select json_build_object(
      'started_at', views.utc(r.started_at),
      'business_day', (select count(*) from rules.business_days d
        where d.date > (r.started_at at time zone rules.time_zone())::date
          and d.date <= coalesce((r.paused_at at time zone rules.time_zone())::date, rules.today())) - r.skipped_days,
      'due_dates', r.due_dates,
      'done', (
        select coalesce(json_agg(json_build_object('slot', f.slot, 'at', views.utc(f.at), 'method', f.method,
          'automatic', f.automatic, 'note_id', f.note_id) order by f.slot), '[]')
        from casework.follow_ups f
        where f.district_id = r.district_id and f.case_id = r.case_id and f.run = r.run and f.slot is not null),
      'auto_close_at', views.utc(r.auto_close_at), 'paused_at', views.utc(r.paused_at))
    from casework.follow_up_runs r
    where r.district_id = follow_up_document.district_id and r.case_id = follow_up_document.case_id
      and r.ended_at is null);
end $$;

call rules.keep_trigger($$create trigger calendar_changed
  after update on casework.follow_up_plan
  for each statement execute function rules.calendar_changed()$$);
