-- Which districts a partner serves, and when (2.10). Access begins and ends by time,
-- at the next request; that it has ended is recorded once, by whoever ends it at
-- once or by the timer.

create or replace function rules.partner_assignment_answer(
  assignment_id bigint, code int, out status int, out body json, out etag text, out location text)
language plpgsql stable as $$
begin
  status := code;
  select a.body, a.version, case when code = 201 then format('/v1/partners/%s/assignments/%s', a.partner_id, a.id) end
    into body, etag, location
  from views.partner_assignment_document a where a.id = assignment_id;
end $$;

-- Contacts of the district read it too: who works for them.
create or replace function rules.record_assignment_event(
  d casework.partner_districts, actor rules.actor, type text, changes jsonb) returns void
language plpgsql as $$
begin
  insert into casework.events (district_id, type, at, actor_kind, actor_id, actor_name,
    behalf_kind, behalf_id, behalf_name, changes)
  values (d.district_id, type, actor.at, actor.kind, actor.id, actor.name,
    actor.behalf_kind, actor.behalf_id, actor.behalf_name, changes);
  perform rules.wake();
end $$;

-- The partner is locked, so that no two that overlap are made at once.
create or replace function rules.check_partner_assignment(d casework.partner_districts) returns void
language plpgsql as $$
begin
  if d.valid_to <= d.valid_from then
    perform rules.invalid('/valid_to', 'out-of-range', 'An assignment ends after it has begun.');
  elsif d.valid_to <= rules.now() then
    perform rules.invalid('/valid_to', 'out-of-range', 'An assignment ends later than now: POST …/end ends it at once.');
  end if;
  perform from casework.partners p where p.id = d.partner_id for no key update;
  if exists (select from casework.partners p where p.id = d.partner_id and p.kind = 'state_department') then
    perform rules.refuse(409, 'conflict',
      'A State Department of Education sees the districts of its state: none is assigned to it.');
  elsif exists (
    select from casework.partner_districts o
    where o.partner_id = d.partner_id and o.district_id = d.district_id and o.id is distinct from d.id
      and tstzrange(o.valid_from, o.valid_to) && tstzrange(d.valid_from, d.valid_to))
  then
    perform rules.refuse(409, 'already-exists', 'The district is assigned to this partner for some of that time already.');
  end if;
end $$;

-- A new one, by a request or by a line of an import; its id.
create or replace function rules.add_partner_assignment(d casework.partner_districts) returns bigint
language plpgsql as $$
begin
  d.valid_from := coalesce(d.valid_from, rules.now());
  perform rules.check_partner_assignment(d);
  insert into casework.partner_districts (partner_id, district_id, valid_from, valid_to, created_at, updated_at)
  values (d.partner_id, d.district_id, d.valid_from, d.valid_to, rules.now(), rules.now())
  returning * into d;
  perform rules.record_assignment_event(d, rules.actor(), 'partner.assigned', jsonb_build_array(
    rules.changed('partner_id', null, to_jsonb(d.partner_id)),
    rules.changed('valid_from', null, to_jsonb(views.utc(d.valid_from))),
    rules.changed('valid_to', null, to_jsonb(views.utc(d.valid_to)))));
  return d.id;
end $$;

create or replace function rules.create_partner_assignment(
  partner_id bigint, request jsonb, out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  d casework.partner_districts := jsonb_populate_record(null::casework.partner_districts, request);
  assignment_id bigint;
begin
  d.partner_id := rules.require_partner(partner_id);
  if not exists (select from casework.districts r where r.id = d.district_id) then
    perform rules.invalid('/district_id', 'unknown', 'There is no such district.');
  end if;
  assignment_id := rules.add_partner_assignment(d);
  select * into status, body, etag, location from rules.partner_assignment_answer(assignment_id, 201);
end $$;

create or replace function rules.require_running(d casework.partner_districts) returns void
language plpgsql as $$
begin
  if d.end_recorded_at is not null or d.valid_to <= rules.now() then
    perform rules.refuse(409, 'conflict', 'The assignment has ended: assign the district anew.');
  end if;
end $$;

create or replace function rules.lock_partner_assignment(
  partner_id bigint, assignment_id bigint, if_match bigint[]) returns casework.partner_districts
language plpgsql as $$
declare
  d casework.partner_districts;
begin
  select * into d from casework.partner_districts l
  where l.id = assignment_id and l.partner_id = lock_partner_assignment.partner_id for no key update;
  if not found then
    perform rules.refuse(404, 'not-found', 'The partner has no such assignment.');
  end if;
  perform rules.check_version(d.version, if_match);
  perform rules.require_running(d);
  return d;
end $$;

-- before is locked. Whether it is another one now.
create or replace function rules.change_partner_assignment(
  before casework.partner_districts, valid_to timestamptz) returns boolean
language plpgsql as $$
declare
  d casework.partner_districts := before;
begin
  d.valid_to := change_partner_assignment.valid_to;
  if d is distinct from before then
    perform rules.check_partner_assignment(d);
    update casework.partner_districts s set (valid_to, version, updated_at) = (d.valid_to, d.version + 1, rules.now())
    where s.id = d.id;
    perform rules.record_assignment_event(d, rules.actor(), 'partner.assignment_changed', jsonb_build_array(
      rules.changed('partner_id', to_jsonb(d.partner_id), to_jsonb(d.partner_id)),
      rules.changed('valid_to', to_jsonb(views.utc(before.valid_to)), to_jsonb(views.utc(d.valid_to)))));
  end if;
  return d is distinct from before;
end $$;

create or replace function rules.update_partner_assignment(
  partner_id bigint, assignment_id bigint, if_match bigint[], request jsonb,
  out status int, out body json, out etag text, out location text)
language plpgsql as $$
begin
  perform rules.change_partner_assignment(rules.lock_partner_assignment(partner_id, assignment_id, if_match),
    (request ->> 'valid_to')::timestamptz);
  select * into status, body, etag, location from rules.partner_assignment_answer(assignment_id, 200);
end $$;

-- Recorded once. What serves nobody any more ends with it.
create or replace function rules.record_assignment_end(d casework.partner_districts, actor rules.actor) returns void
language plpgsql as $$
declare
  serves boolean;
  ended timestamptz;
  changes jsonb := jsonb_build_array(jsonb_build_object('member', 'partner_id', 'old', d.partner_id, 'new', null));
begin
  update casework.partner_districts s set end_recorded_at = actor.at where s.id = d.id returning s.valid_to into ended;
  serves := rules.partner_serves(d.partner_id);
  if ended is distinct from d.valid_to then     -- not by time alone
    changes := changes || rules.changed('valid_to', to_jsonb(views.utc(d.valid_to)), to_jsonb(views.utc(ended)));
  end if;
  perform rules.record_assignment_event(d, actor, 'partner.assignment_ended', changes);
  if not serves then
    perform rules.end_partner_access(d.partner_id);
  end if;
end $$;

-- At once. One that has not begun never does. The partner is locked: of the last two
-- that end at one instant, one is the last.
create or replace function rules.end_partner_assignment(
  partner_id bigint, assignment_id bigint, if_match bigint[],
  out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  d casework.partner_districts := rules.lock_partner_assignment(partner_id, assignment_id, if_match);
begin
  perform from casework.partners p where p.id = d.partner_id for no key update;
  update casework.partner_districts s set (valid_to, version, updated_at)
    = (greatest(rules.now(), s.valid_from), s.version + 1, rules.now())
  where s.id = d.id;
  perform rules.record_assignment_end(d, rules.actor());
  select * into status, body, etag, location from rules.partner_assignment_answer(assignment_id, 200);
end $$;

-- 2.10: a partner loses a district by time alone; that it did is an event.
create or replace function rules.timer_partner_assignments(batch int) returns int
language plpgsql as $$
declare
  actor rules.actor := rules.actor();
  d casework.partner_districts;
  handled int := 0;
begin
  for d in
    select * from casework.partner_districts q
    where q.valid_to <= actor.at and q.end_recorded_at is null
      and not exists (select from casework.timer_faults f
        where f.timer = 'partner_assignments' and f.retry_at > actor.at and f.item = q.id::text)
    order by q.valid_to limit batch for no key update skip locked
  loop
    handled := handled + 1;
    begin
      perform rules.record_assignment_end(d, actor);
    exception when others then
      perform rules.timer_failed('partner_assignments', d.id::text, sqlerrm);
    end;
  end loop;
  return handled;
end $$;
