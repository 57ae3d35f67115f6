-- Submitting and changing a case (facts 24, 41; 2.4, 2.10).

-- Defaults that depend on the caller, and the district by the contact: a
-- contact's own, for staff and partners that of the contact named. Whether that
-- one is authorized is among all that is checked at once.
create or replace function rules.new_case(body jsonb, actor rules.actor) returns casework.cases
language plpgsql stable as $$
declare
  c casework.cases := jsonb_populate_record(null::casework.cases, body);
  kind text := rules.caller_kind();
  active boolean;
begin
  if c.contact_id is null and kind <> 'contact' then
    perform rules.invalid('/contact_id', 'required', 'Name the Authorized Contact of the case.');
  end if;
  c.contact_id := coalesce(c.contact_id, rules.caller_id());
  select p.district_id, p.district_active into c.district_id, active from casework.contacts p where p.id = c.contact_id;
  if c.district_id is null then
    perform rules.invalid('/contact_id', 'unknown', 'There is no such Authorized Contact.');
  elsif not active then
    perform rules.invalid('/contact_id', 'inactive', 'The district is not active: it gets no new cases.');
  end if;
  c.type := coalesce(c.type, 'problem');
  c.channel := coalesce(c.channel, case when body ? 'call_id' then 'phone'
    when kind = 'partner' then 'api' else 'portal' end);
  if c.channel = 'phone' and kind <> 'staff' then
    perform rules.not_permitted('/channel', 'A phone case is created by staff.');
  end if;
  c.support_provider := coalesce(c.support_provider, case kind when 'partner' then 'partner' else 'campus' end);
  c.test := coalesce(c.test, false);
  c.initial_priority := c.priority;
  c.status := 'new';
  c.submitted_by_kind := coalesce(actor.behalf_kind, actor.kind);
  c.submitted_by_id := coalesce(actor.behalf_id, actor.id);
  c.submitted_by_name := coalesce(actor.behalf_name, actor.name);
  c.response_cycle := 1;
  c.created_at := actor.at;
  c.updated_at := actor.at;
  c.submitted_at := coalesce(rules.stated_time(c.submitted_at, actor.at), actor.at);
  -- a caller that says now by its own clock, or whose request has taken a while, imports nothing
  c.imported := c.submitted_at < c.created_at - interval '30 seconds';
  return c;
end $$;

-- The case as it would be stored, all checks passed. One created by an advisor
-- during a call is answered at creation (2.3), one submitted before it by the
-- call; a call that was over by then has answered another matter. What else was
-- submitted in the past was submitted elsewhere: what was promised there is no
-- promise of this desk, which misses nothing by it (3.2).
create or replace function rules.checked_case(request jsonb, actor rules.actor) returns casework.cases
language plpgsql as $$
declare
  c casework.cases;
  call casework.calls;
  answered_at timestamptz;
begin
  perform rules.check_members(request, false);
  c := rules.new_case(request, actor);
  perform rules.check_case(c, null);
  c := rules.settle_partner(null, c, request);
  call := rules.check_call(c, request);
  c := rules.start_target(c, c.submitted_at);
  if call.id is not null then
    answered_at := rules.response_of_call(call, c, null);
  end if;
  if answered_at is not null then
    c.imported := false;
    return rules.stop_target(c, answered_at, true);
  elsif c.imported then
    c.response_elapsed := 0;
  end if;
  return c;
end $$;

create or replace function rules.create_case(
  request jsonb, out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  actor rules.actor := rules.actor();
  c casework.cases := rules.checked_case(request, actor);
begin
  c := rules.insert_row(c);
  if c.channel = 'phone' then
    perform rules.keep_case((request ->> 'call_id')::bigint, c.id);
  end if;
  if c.imported then
    actor.at := c.submitted_at;
    perform rules.record_import_event(c.district_id, c.id, actor, 'case.submitted', 'public', null, '[]');
  else
    perform rules.record_case_event(c.district_id, c.id, actor, 'case.submitted', 'public', null, '[]');
  end if;
  select * into status, body, etag, location from rules.case_answer(c.id, 201);
end $$;

-- Merge patch within what the caller may set. A patch that changes nothing
-- writes nothing: same version, no event.
create or replace function rules.update_case(
  case_id bigint, if_match bigint[], request jsonb,
  out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  before casework.cases := rules.lock_case(case_id, if_match);
  c casework.cases := jsonb_populate_record(before, request);
  actor rules.actor := rules.actor();
begin
  perform rules.check_members(request, true);
  perform rules.require_open(before);
  if c.status <> before.status then
    perform rules.require_transition(before.status, c.status, 'update');
  end if;
  if c.priority <> before.priority then
    if before.first_response_at is not null and rules.caller_kind() <> 'staff' then
      perform rules.refuse(409, 'priority-fixed',
        'The priority can be changed before the first response only; ask the advisor in a note.');
    end if;
    c := rules.change_target(c, rules.now());
  end if;
  perform rules.check_case(c, before);
  c := rules.settle_partner(before, c, request);
  perform rules.check_case_contact(before, c);
  before := rules.tell_progress(before, c, actor);
  c.version := before.version;
  c.updated_at := before.updated_at;
  c.list_item := before.list_item;
  if c is distinct from before then
    perform rules.save_case(before, c, actor, case
      when c.priority <> before.priority then 'case.priority_changed'
      when c.status <> before.status then 'case.status_changed'
      else 'case.updated' end);
  end if;
  select * into status, body, etag, location from rules.case_answer(case_id, 200);
end $$;
