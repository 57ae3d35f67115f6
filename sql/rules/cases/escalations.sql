-- Escalations (facts 19, 55 to 58): a case is handed to one team at a time, up
-- the published path, and its contacts are told in the same transaction.

create function views.escalation_state(e casework.escalations) returns text
  language sql immutable as $$
  select case when e.closed_at is not null then 'closed' when e.returned_at is not null then 'returned'
    when e.accepted_at is not null then 'accepted' else 'open' end $$;

-- The reason is read by staff only: the roles of others may not even ask.
create or replace function rules.escalation_reason(escalation casework.escalations) returns text
language plpgsql stable as $$
begin
  if rules.caller_kind() <> 'staff' then
    return null;
  end if;
  return (select r.reason from casework.escalation_reasons r
    where r.escalation_id = escalation.id and r.district_id = escalation.district_id);
end $$;

create view views.escalation_document with (security_invoker) as
select e.id, e.district_id, e.case_id, e.version, e.team, views.escalation_state(e) as state, e.opened_at,
  row_to_json(d) as body
from casework.escalations e
cross join lateral (
  select e.id, e.case_id, e.team, e.level, views.escalation_state(e) as state, e.note_id,
    (select n.text from casework.notes n where n.id = e.note_id and n.district_id = e.district_id) as text,
    rules.escalation_reason(e) as internal_reason,
    views.utc(e.opened_at) as opened_at,
    views.actor(e.opened_by_kind, e.opened_by_id, e.opened_by_name) as opened_by,
    views.utc(e.accepted_at) as accepted_at,
    views.actor(e.accepted_by_kind, e.accepted_by_id, e.accepted_by_name) as accepted_by,
    views.utc(e.returned_at) as returned_at,
    views.actor(e.returned_by_kind, e.returned_by_id, e.returned_by_name) as returned_by,
    views.utc(e.closed_at) as closed_at,
    views.actor(e.closed_by_kind, e.closed_by_id, e.closed_by_name) as closed_by
) as d;
grant select on views.escalation_document to casework_contact, casework_partner, casework_staff;

create or replace function rules.escalation_answer(
  escalation_id bigint, code int, out status int, out body json, out etag text, out location text)
language plpgsql stable as $$
begin
  status := code;
  select d.body, d.version, case when code = 201 then '/v1/escalations/' || d.id end
    into body, etag, location
  from views.escalation_document d where d.id = escalation_id;
end $$;

-- What this caller may ask for: staff name a team of the path; a partner hands
-- a case that it provides for to Campus, which is no team of the path.
create or replace function rules.check_escalation(c casework.cases, request jsonb) returns void
language plpgsql as $$
begin
  perform rules.require_open(c);
  if rules.caller_kind() = 'partner' then
    perform rules.require_provider(c);
    if request ? 'team' then
      perform rules.not_permitted('/team', 'A partner hands over to Campus, which finds the team.');
    elsif request ? 'internal_reason' then
      perform rules.not_permitted('/internal_reason', 'The internal reason is for staff.');
    end if;
  elsif not request ? 'team' then
    perform rules.invalid('/team', 'required', 'Name the team of the escalation path.');
  end if;
end $$;

-- The level of the new escalation, or 409: up or aside, never down, and not to
-- the team that has the case already. Campus itself is the path's beginning.
create or replace function rules.escalation_target(c casework.cases, wanted text, lies_with casework.escalations)
returns int
language plpgsql as $$
declare
  level int := (select coalesce(min(p.level), 1) from casework.escalation_path p where p.team = wanted);
begin
  if wanted is null then
    level := greatest(level, c.escalation_level);
  end if;
  if level < c.escalation_level then
    perform rules.refuse(409, 'escalation-not-allowed',
      format('The case is at level %s of the escalation path, this team at level %s.', c.escalation_level, level),
      jsonb_build_object('escalation_level', c.escalation_level));
  elsif lies_with.id is not null and (wanted is null or lies_with.team = wanted) then
    perform rules.refuse(409, 'escalation-not-allowed', 'The case lies with a team of Campus already.',
      jsonb_build_object('escalation_level', c.escalation_level));
  end if;
  return level;
end $$;

create or replace function rules.escalate_case(
  case_id bigint, if_match bigint[], request jsonb,
  out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  before casework.cases := rules.lock_case(case_id, if_match);
  c casework.cases := before;
  actor rules.actor := rules.actor();
  lies_with casework.escalations;
  escalation_id bigint;
  note_id bigint;
begin
  perform rules.check_escalation(before, request);
  select * into lies_with from casework.escalations e
  where e.case_id = before.id and e.district_id = before.district_id and e.returned_at is null and e.closed_at is null;
  c.escalated_to := request ->> 'team';
  c.escalation_level := rules.escalation_target(before, request ->> 'team', lies_with);
  c.status := case when request ->> 'team' = 'development' then 'assigned_to_development' else 'escalated' end;
  if c.status <> before.status then
    perform rules.require_transition(before.status, c.status, 'escalate');
  end if;
  if lies_with.id is not null then
    perform rules.close_escalation(lies_with, actor);   -- passed on
  end if;
  note_id := rules.write_note(c.district_id, c.id, actor, 'escalation', 'public', concat_ws(E'\n\n', request ->> 'text',
    case when rules.caller_kind() = 'partner' then format('Campus Support has this case now. Before it was %s.',
      rules.name_of('partner', rules.caller_id())) end));
  insert into casework.escalations (district_id, case_id, team, level, note_id,
    opened_at, opened_by_kind, opened_by_id, opened_by_name)
  values (c.district_id, c.id, request ->> 'team', c.escalation_level, note_id,
    actor.at, actor.kind, actor.id, actor.name)
  returning id into escalation_id;
  if request ->> 'internal_reason' is not null then
    insert into casework.escalation_reasons values (c.district_id, escalation_id, request ->> 'internal_reason');
  end if;
  if rules.caller_kind() = 'partner' then
    c.support_provider := 'campus';
    c.partner_id := null;
    c.partner_name := null;
  end if;
  c := rules.stop_target(c, actor.at, true);
  perform rules.save_case(before, c, actor, 'case.escalated', note_id);
  select * into status, body, etag, location from rules.escalation_answer(escalation_id, 201);
end $$;

create or replace function rules.end_escalation(e casework.escalations, actor rules.actor, how text) returns void
language plpgsql as $$
begin
  if how = 'returned' then
    update casework.escalations s
    set (returned_at, returned_by_kind, returned_by_id, returned_by_name, version)
      = (actor.at, actor.kind, actor.id, actor.name, e.version + 1)
    where s.id = e.id and s.district_id = e.district_id;
  else
    update casework.escalations s
    set (closed_at, closed_by_kind, closed_by_id, closed_by_name, version)
      = (actor.at, actor.kind, actor.id, actor.name, e.version + 1)
    where s.id = e.id and s.district_id = e.district_id;
  end if;
end $$;

-- Closed by something else that happens to the case: an event of its own says so.
create or replace function rules.close_escalation(e casework.escalations, actor rules.actor) returns void
language plpgsql as $$
begin
  perform rules.end_escalation(e, actor, 'closed');
  perform rules.record_case_event(e.district_id, e.case_id, actor, 'case.escalation_closed', 'public', null, '[]');
end $$;

-- Development answers for itself; other teams have no role of their own.
create or replace function rules.require_answerer(e casework.escalations) returns void
language plpgsql stable as $$
begin
  if e.team = 'development' and not (rules.has_role('development_engineer') or rules.has_role('lead')) then
    perform rules.refuse(403, 'not-permitted', 'The case lies with Development: a development engineer answers, or a lead.');
  end if;
end $$;

-- The escalation, locked behind its case as everywhere, and still in a state
-- that the step can start from: then its case is open.
create or replace function rules.lock_escalation(escalation_id bigint, if_match bigint[], states text[])
returns casework.escalations
language plpgsql as $$
declare
  e casework.escalations;
begin
  select * into e from casework.escalations s where s.id = escalation_id;
  if not found then
    perform rules.refuse(404, 'not-found', 'There is no such escalation.');
  end if;
  perform rules.lock_case(e.case_id, null);
  select * into e from casework.escalations s where s.id = escalation_id for no key update;
  perform rules.check_version(e.version, if_match);
  perform rules.require_answerer(e);
  if views.escalation_state(e) <> all (states) then
    perform rules.refuse(409, 'conflict', format('The escalation is %s.', views.escalation_state(e)));
  end if;
  return e;
end $$;

create or replace function rules.accept_escalation(
  escalation_id bigint, if_match bigint[], out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  e casework.escalations := rules.lock_escalation(escalation_id, if_match, '{open}');
  before casework.cases := rules.lock_case(e.case_id, null);
  actor rules.actor := rules.actor();
begin
  update casework.escalations s
  set (accepted_at, accepted_by_kind, accepted_by_id, accepted_by_name, version)
    = (actor.at, actor.kind, actor.id, actor.name, e.version + 1)
  where s.id = e.id and s.district_id = e.district_id;
  perform rules.save_case(before, before, actor, 'case.escalation_accepted');
  select * into status, body, etag, location from rules.escalation_answer(escalation_id, 200);
end $$;

-- Back with Support: returned, as the team could not go on, or closed, as it is
-- done. A text becomes a public note. A case that has moved on stays there.
create or replace function rules.finish_escalation(
  escalation_id bigint, if_match bigint[], request jsonb, how text,
  out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  e casework.escalations := rules.lock_escalation(escalation_id, if_match, '{open,accepted}');
  before casework.cases := rules.lock_case(e.case_id, null);
  c casework.cases := before;
  actor rules.actor := rules.actor();
  note_id bigint;
begin
  perform rules.end_escalation(e, actor, how);
  c.escalated_to := null;
  if before.status in ('escalated', 'assigned_to_development') then
    c.status := 'assigned';
  end if;
  if request ->> 'text' is not null then
    note_id := rules.write_note(c.district_id, c.id, actor, 'escalation', 'public', request ->> 'text');
    c := rules.stop_target(c, actor.at, true);
  end if;
  perform rules.save_case(before, c, actor, 'case.escalation_' || how, note_id);
  select * into status, body, etag, location from rules.escalation_answer(escalation_id, 200);
end $$;
