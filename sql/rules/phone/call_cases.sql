-- A call and its case: the case made during a call (fact 5), the call linked to
-- a case (facts 32, 47; 2.3, 2.5).

-- A phone case names the call it was made in, and gets it. No exception for
-- imports: who may state a time of submission could skip the verification with it.
create or replace function rules.check_call(c casework.cases, request jsonb) returns casework.calls
language plpgsql as $$
declare
  call casework.calls;
begin
  if c.channel = 'phone' then
    select * into call from casework.calls l where l.id = (request ->> 'call_id')::bigint for no key update;
    perform rules.require_verified(call, c.district_id);
  elsif request ? 'call_id' then
    perform rules.invalid('/call_id', 'unexpected', 'A case made in a call has the channel phone.');
  end if;
  return call;
end $$;

-- A call keeps the first case it was about.
create or replace function rules.keep_case(call_id bigint, case_id bigint) returns void
language plpgsql as $$
begin
  update casework.calls s set case_id = keep_case.case_id, version = s.version + 1
  where s.id = call_id and s.case_id is null;
end $$;

-- When an answered call counts as a response of the cycle: when it was answered;
-- from the start of the cycle when that came during the call, like a case made
-- in a call; a call that was over before is no response, its note is (2.3). A
-- call linked after the deadline may still be in time, unless the miss is on
-- record by then: that is final.
create or replace function rules.response_of_call(call casework.calls, c casework.cases, at timestamptz)
returns timestamptz
  language sql immutable as $$
  select case
    when call.answered_at >= c.response_started_at then call.answered_at
    when call.ended_at is null or call.ended_at >= c.response_started_at then c.response_started_at
    else at end $$;

-- Since when the case has been in its state.
create or replace function rules.status_since(c casework.cases) returns timestamptz
language plpgsql stable as $$
begin
  return (select max(e.at) from casework.events e
    where e.district_id = c.district_id and e.case_id = c.id
      and e.changes @> jsonb_build_array(jsonb_build_object('member', 'status', 'new', c.status)));
end $$;

-- Like a note of the contact (2.5), if the contact called after it was asked.
create or replace function rules.is_reaction(call casework.calls, c casework.cases) returns boolean
language plpgsql stable as $$
begin
  return c.status in ('pending_verification', 'pending_customer_input')
    and call.answered_at >= coalesce(rules.status_since(c), c.created_at);
end $$;

create or replace function rules.link_call(
  call_id bigint, request jsonb, out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  call casework.calls := rules.lock_call(call_id);
  actor rules.actor := rules.actor();
  before casework.cases;
  c casework.cases;
begin
  perform rules.require_call_state(call, '{answered,ended}', 'Nobody has spoken in this call.');
  perform rules.require_verified(call, call.district_id);
  if call.case_id is not null then
    perform rules.refuse(409, 'conflict', 'The call has its case already.');
  end if;
  select * into before from casework.cases l
  where l.id = (request ->> 'case_id')::bigint and l.district_id = call.district_id for no key update;
  if not found then
    perform rules.invalid('/case_id', 'unknown', 'The district of the caller has no such case.');
  end if;
  perform rules.require_open(before);
  c := rules.stop_target(before, rules.response_of_call(call, before, actor.at), true);
  if call.answered_at >= c.submitted_at then
    c.phone_follow_up_at := coalesce(c.phone_follow_up_at, call.answered_at);
  end if;
  if rules.is_reaction(call, before) then
    c.status := 'assigned';
  end if;
  perform rules.keep_case(call_id, c.id);
  perform rules.save_case(before, c, actor, 'case.called',
    rules.write_note(c.district_id, c.id, actor, 'call', 'public', format('%s called; %s answered.',
      rules.name_of('contact', call.contact_id), rules.name_of('staff', call.advisor_id))));
  perform rules.record_phone_event('call.linked', call_id);
  select * into status, body, etag, location from rules.call_answer(call_id, 200);
end $$;
