-- Assign, resolve, close, reopen: facts 43 to 46, 48; 2.5, 2.6.

create or replace function rules.assign_case(
  case_id bigint, if_match bigint[], request jsonb,
  out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  before casework.cases := rules.lock_case(case_id, if_match);
  c casework.cases := before;
begin
  perform rules.require_open(before);
  c.assigned_advisor_id := (request ->> 'advisor_id')::bigint;
  c.assigned_advisor_name := null;
  if c.assigned_advisor_id is not null then
    select s.name into c.assigned_advisor_name from casework.staff s
    where s.id = c.assigned_advisor_id and s.active and s.roles && rules.owner_roles();
    if not found then
      perform rules.invalid('/advisor_id', 'unknown', 'There is no such active advisor.');
    end if;
    if before.status = 'new' then
      c.status := 'assigned';
    end if;
  end if;
  if c is distinct from before then
    perform rules.save_case(before, c, rules.actor(), 'case.assigned');
  end if;
  select * into status, body, etag, location from rules.case_answer(case_id, 200);
end $$;

-- The explanation as a public note and the status, both or neither (fact 43).
create or replace function rules.resolve_case(
  case_id bigint, if_match bigint[], request jsonb,
  out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  before casework.cases := rules.lock_case(case_id, if_match);
  c casework.cases := before;
  actor rules.actor := rules.actor();
begin
  perform rules.require_provider(before);
  perform rules.require_transition(before.status, 'pending_verification', 'resolve');
  c.resolution_kind := coalesce(request ->> 'kind', 'solved');
  c.fixed_in_release := request ->> 'fixed_in_release';
  c.resolution_defect_id := (request ->> 'defect_id')::bigint;
  perform rules.check_release('/fixed_in_release', c.fixed_in_release);
  perform rules.check_recommended_update(c);
  c.status := 'pending_verification';
  c.resolution := request ->> 'explanation';
  c.resolved_at := actor.at;
  c.resolved_by_kind := actor.kind;
  c.resolved_by_id := actor.id;
  c.resolved_by_name := actor.name;
  c := rules.stop_target(c, c.resolved_at, true);
  perform rules.save_case(before, c, actor, 'case.resolved',
    rules.write_note(c.district_id, c.id, actor, 'resolution', 'public', c.resolution));
  select * into status, body, etag, location from rules.case_answer(case_id, 200);
end $$;

-- The case, and the one that it is merged into if there is one, locked in the
-- order of their ids: of two merges into each other the second sees the first.
create or replace function rules.lock_merge(case_id bigint, merged_into bigint, if_match bigint[])
returns casework.cases
language plpgsql as $$
begin
  if merged_into is not null then
    perform from casework.cases c where c.id in (case_id, merged_into) order by c.id for no key update;
  end if;
  return rules.lock_case(case_id, if_match);
end $$;

-- A partner closes what it provides for and a contact has confirmed (3.7).
create or replace function rules.check_closing_of_partner(c casework.cases, reason text) returns void
language plpgsql as $$
begin
  perform rules.require_provider(c);
  if reason <> 'resolved_confirmed' then
    perform rules.not_permitted('/closure_reason', 'A partner closes what a contact has confirmed.');
  elsif c.resolution_confirmed_at is null then
    perform rules.refuse(409, 'conflict', 'No contact of the district has confirmed the resolution on this case yet: '
      'then the partner may close it.');
  end if;
end $$;

-- Which closing is whose (44, 45, 2.5); returns the reason. That it is resolved
-- is confirmed by a contact, or in its name.
create or replace function rules.check_closing(c casework.cases, request jsonb) returns text
language plpgsql as $$
declare
  staff boolean := rules.caller_kind() = 'staff';
  reason text := coalesce(request ->> 'closure_reason', case when not staff then
    case when c.status = 'pending_verification' then 'resolved_confirmed' else 'withdrawn' end end);
  merged_into bigint := (request ->> 'merged_into_case_id')::bigint;
  run casework.follow_up_runs;
begin
  if reason is null then
    perform rules.invalid('/closure_reason', 'required', 'Say why: withdrawn, merged or no_response.');
  elsif reason not in ('resolved_confirmed', 'withdrawn') and not staff then
    perform rules.not_permitted('/closure_reason', format('%s is for staff.', reason));
  elsif rules.caller_kind() = 'partner' then
    perform rules.check_closing_of_partner(c, reason);
  elsif reason = 'resolved_confirmed' and staff and c.resolution_confirmed_at is null then
    perform rules.not_permitted('/closure_reason',
      'A contact confirms: close the case on behalf of the contact who did (actor).');
  elsif (reason = 'merged') <> (merged_into is not null) then
    perform rules.invalid('/merged_into_case_id', 'required', 'merged, and only merged, names the case that goes on.');
  elsif merged_into is not null and not exists (
    select from casework.cases m
    where m.id = merged_into and m.district_id = c.district_id and m.id <> c.id
      and m.closure_reason is distinct from 'merged')
  then
    perform rules.invalid('/merged_into_case_id', 'unknown', 'The district has no such other case.');
  elsif reason = 'no_response' or (reason = 'withdrawn' and staff and c.status = 'pending_verification') then
    run := rules.open_follow_up(c.district_id, c.id);
    if (rules.now() >= run.auto_close_at and run.next_slot > cardinality(run.due_dates)
      and run.paused_at is null and rules.somebody_reads(c.id)) is not true
    then
      perform rules.illegal_transition(c.status,
        'Closed without an answer only after ten business days in pending_verification, with every follow-up recorded.',
        jsonb_build_object('auto_close_at', views.utc(run.auto_close_at)));
    end if;
  end if;
  return reason;
end $$;

create or replace function rules.mark_closed(c casework.cases, actor rules.actor, reason text)
returns casework.cases
language plpgsql stable as $$
begin
  c.closure_reason := reason;
  c.status := 'closed';
  c.closed_at := actor.at;
  c.closed_by_kind := actor.kind;
  c.closed_by_id := actor.id;
  c.closed_by_name := actor.name;
  c.reopen_until := case when reason <> 'merged' then rules.reopen_until(c.closed_at) end;
  return c;
end $$;

create or replace function rules.close_case(
  case_id bigint, if_match bigint[], request jsonb,
  out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  before casework.cases := rules.lock_merge(case_id, (request ->> 'merged_into_case_id')::bigint, if_match);
  c casework.cases := before;
  actor rules.actor := rules.actor();
  note_id bigint;
begin
  perform rules.require_transition(before.status, 'closed', 'close');
  c := rules.mark_closed(c, actor, rules.check_closing(before, request));
  c.merged_into_case_id := (request ->> 'merged_into_case_id')::bigint;
  if coalesce(request ->> 'comment', request ->> 'merged_into_case_id') is not null then
    note_id := rules.write_note(c.district_id, c.id, actor, 'closing', 'public', concat_ws(E'\n\n',
      request ->> 'comment', 'This case goes on as case ' || c.merged_into_case_id || '.'));
  end if;
  c := rules.stop_target(c, c.closed_at,
    request ->> 'comment' is not null and rules.is_provider(c.support_provider, c.partner_id));
  perform rules.save_case(before, c, actor, 'case.closed', note_id);
  perform rules.follow_merged(c, actor) where c.merged_into_case_id is not null;
  select * into status, body, etag, location from rules.case_answer(case_id, 200);
end $$;

-- 2.6: contacts until the end of day 60, staff without limit, merged never.
create or replace function rules.check_reopening(c casework.cases, public_url text) returns void
language plpgsql as $$
begin
  perform rules.require_transition(c.status, 'assigned', 'reopen');
  if c.closure_reason = 'merged' then
    perform rules.refuse(409, 'illegal-transition',
      format('The case was merged into case %s: go on there.', c.merged_into_case_id),
      '{"allowed_transitions": []}');
  elsif rules.caller_kind() = 'contact' and rules.now() >= c.reopen_until then
    perform rules.refuse(409, 'reopen-window-expired',
      'A case can be reopened within 60 days of its closing; submit a follow-up case.',
      jsonb_build_object('reopen_until', views.utc(c.reopen_until), 'follow_up_case', jsonb_build_object(
        'method', 'POST', 'href', public_url || '/v1/cases', 'body', jsonb_build_object('follows_case_id', c.id))));
  end if;
end $$;

-- The details as a public note; a new response cycle from now. The note of
-- staff who reopen is not a response: it comes with the start, not after it.
create or replace function rules.reopen_case(
  case_id bigint, if_match bigint[], request jsonb, public_url text,
  out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  before casework.cases := rules.lock_case(case_id, if_match);
  c casework.cases;
  actor rules.actor := rules.actor();
begin
  perform rules.check_reopening(before, public_url);
  perform rules.leave_cases(array[before.id]);
  before := rules.lock_case(case_id, null);
  c := before;
  insert into casework.response_cycles (district_id, case_id, cycle, priority, business_seconds, started_at,
    due_at, first_response_at, elapsed, missed, overdue_on_change)
  values (c.district_id, c.id, c.response_cycle, c.response_priority, c.response_seconds, c.response_started_at,
    c.response_due_at, c.first_response_at, c.response_elapsed, c.response_missed, c.overdue_on_change);
  c.status := 'assigned';
  c.reopened_at := actor.at;
  c.closed_at := null;
  c.closed_by_kind := null;
  c.closed_by_id := null;
  c.closed_by_name := null;
  c.closure_reason := null;
  c.reopen_until := null;
  c.response_cycle := c.response_cycle + 1;
  c := rules.start_target(c, c.reopened_at);
  perform rules.save_case(before, c, actor, 'case.reopened',
    rules.write_note(c.district_id, c.id, actor, 'reopening', 'public', request ->> 'details'));
  select * into status, body, etag, location from rules.case_answer(case_id, 200);
end $$;
