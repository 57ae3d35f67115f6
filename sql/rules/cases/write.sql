-- Locking a case, checking it, saving it with its event: shared by all writes.

-- The case, locked until the end of the transaction: of two writers one waits
-- and then finds another version (412) or state (409).
create or replace function rules.lock_case(case_id bigint, if_match bigint[]) returns casework.cases
language plpgsql as $$
declare
  found_case casework.cases;
begin
  select * into found_case from casework.cases c where c.id = case_id for no key update;
  if not found then
    perform rules.refuse(404, 'not-found', 'There is no such case.');
  end if;
  perform rules.check_version(found_case.version, if_match);
  return found_case;
end $$;

-- For what hangs below a case: its district, or 404.
create or replace function rules.require_case(case_id bigint) returns bigint
language plpgsql stable as $$
declare
  found_district bigint;
begin
  select c.district_id into found_district from casework.cases c where c.id = case_id;
  if not found then
    perform rules.refuse(404, 'not-found', 'There is no such case.');
  end if;
  return found_district;
end $$;

-- Whether it is one that was made for a test: nobody is woken by it.
create or replace function rules.is_test_case(case_id bigint, district_id bigint) returns boolean
language plpgsql stable as $$
begin
  return exists (
    select from casework.cases c
    where c.id = is_test_case.case_id and c.district_id = is_test_case.district_id and c.test);
end $$;

create or replace function rules.require_open(c casework.cases) returns void
language plpgsql as $$
begin
  if c.status = 'closed' then
    perform rules.illegal_transition(c.status, 'The case is closed: reopen it first.');
  end if;
end $$;

-- What is wrong with a case as submitted or changed; before is null at
-- submission. Another district's contact, site or case is as good as none.
create or replace function rules.check_case(c casework.cases, before casework.cases) returns void
language plpgsql as $$
declare
  submitting boolean := before.id is null;
  faults jsonb;
begin
  select jsonb_agg(rules.fault(f.pointer, f.code, f.detail)) into faults
  from (values
    (c.replication_steps is null and (c.type, c.priority) <> ('question', 'low')
        and (submitting or before.replication_steps is not null
          or (rules.caller_kind() <> 'staff' and (c.type, c.priority) <> (before.type, before.priority))),
      '/replication_steps', 'required', 'Replication steps are required except for a low-priority question.'),
    (c.due_on is distinct from before.due_on
        and c.due_on < rules.earliest_date(case when submitting then c.submitted_at else rules.now() end),
      '/due_on', 'past', 'The due date is in the past, even twelve hours west of UTC.'),
    (c.status = 'scheduled' and c.scheduled_on is null
        and (before.status is distinct from 'scheduled' or before.scheduled_on is not null),
      '/scheduled_on', 'required', 'Say which date the case is scheduled for.'),
    (c.scheduled_on is distinct from before.scheduled_on and c.scheduled_on < rules.earliest_date(rules.now()),
      '/scheduled_on', 'past', 'The date is in the past, even twelve hours west of UTC.'),
    (c.scheduled_on is distinct from before.scheduled_on and c.scheduled_on is not null and c.status <> 'scheduled',
      '/scheduled_on', 'not-allowed', 'Only a case that is scheduled has such a date.'),
    (c.submitted_at > rules.now() or c.submitted_at < '2000-01-01T06:00Z',
      '/submitted_at', 'out-of-range', 'A case is submitted after 1999 and not in the future.'),
    (c.product_area is distinct from before.product_area and c.product_area is not null
        and not exists (select from casework.product_areas a where a.code = c.product_area and a.active),
      '/product_area', 'unknown', 'There is no such product area: GET /v1/product-areas lists them.'),
    (c.site_id is distinct from before.site_id and c.site_id is not null
        and not exists (select from casework.sites s where s.id = c.site_id and s.district_id = c.district_id and s.active),
      '/site_id', 'unknown', 'The district has no such site.'),
    (c.contact_id is distinct from before.contact_id
        and not exists (select from casework.contacts p
          where p.id = c.contact_id and p.district_id = c.district_id and p.may_call),
      '/contact_id', 'unknown', 'The district has no such Authorized Contact.'),
    (c.follows_case_id is distinct from before.follows_case_id and c.follows_case_id is not null
        and not exists (select from casework.cases f
          where f.id = c.follows_case_id and f.district_id = c.district_id),
      '/follows_case_id', 'unknown', 'The district has no such case.'),
    (c.reporting_deadline_id is distinct from before.reporting_deadline_id and c.reporting_deadline_id is not null
        and not rules.is_reporting_deadline(c.reporting_deadline_id, c.district_id),
      '/reporting_deadline_id', 'unknown', 'The state of the district has no such reporting deadline.'),
    (c.incident_id is distinct from before.incident_id and c.incident_id is not null
        and not rules.may_name_incident(c.incident_id, c.district_id),
      '/incident_id', 'unknown', 'There is no such open incident.'),
    (c.support_provider = 'partner' and before.support_provider is distinct from 'partner'
        and not exists (select from views.partner_assignment a join casework.partners p on p.id = a.partner_id
          where a.district_id = c.district_id and p.active),
      '/support_provider', 'unknown', 'No partner serves the district.')
  ) as f (failed, pointer, code, detail)
  where f.failed;
  if faults is not null then
    perform rules.refuse(422, 'invalid-request', 'The case is not acceptable as it is.',
      jsonb_build_object('errors', faults));
  end if;
end $$;

-- Writes what has changed, and its one event.
create or replace function rules.save_case(
  before casework.cases, c casework.cases, actor rules.actor, type text, note_id bigint default null,
  attachment_id bigint default null)
returns void
language plpgsql as $$
begin
  if c.status <> 'scheduled' then
    c.scheduled_on := null;
  end if;
  if c.status not in ('pending_verification', 'closed') then
    c.resolution_confirmed_at := null;
    c.resolution_confirmed_by_id := null;
    c.resolution_confirmed_by_name := null;
  end if;
  perform rules.update_row(before, c, actor.at);
  perform rules.record_case_event(c.district_id, c.id, actor, type, 'public', note_id, rules.changes(before, c),
    attachment_id);
  if c.status = 'closed' and before.status <> 'closed' then
    perform rules.end_open_matters(c, actor);
    perform rules.decide_survey(c.id, actor.at);
  end if;
  -- A passed deadline is an event of its own, once, whoever notices it first.
  if c.response_missed and not before.response_missed and not c.test and type <> 'case.response_target.breached' then
    perform rules.record_case_event(c.district_id, c.id, rules.system_actor(actor.at),
      'case.response_target.breached', 'public', null, '[]');
  end if;
  perform rules.follow_status(before.status, c, actor, type) where c.status <> before.status;
end $$;

-- For what happens beside the case itself, as one more or one less defect: its
-- version moves, no member of it.
create or replace function rules.touch_case(c casework.cases, actor rules.actor, type text, note_id bigint, changes jsonb)
returns void
language plpgsql as $$
begin
  update casework.cases s set version = c.version + 1, updated_at = actor.at
  where s.id = c.id and s.district_id = c.district_id;
  perform rules.record_case_event(c.district_id, c.id, actor, type, 'public', note_id, changes);
end $$;

drop function if exists rules.write_note(bigint, bigint, rules.actor, text, text, text);   -- of the version before
create or replace function rules.write_note(
  district_id bigint, case_id bigint, actor rules.actor, kind text, visibility text, text text,
  mentions bigint[] default '{}') returns bigint
language plpgsql as $$
declare
  note_id bigint;
begin
  insert into casework.notes (district_id, case_id, kind, visibility, text, author_kind, author_id, author_name,
    behalf_kind, behalf_id, behalf_name, created_at, mentions)
  values (district_id, case_id, kind, visibility, text, actor.kind, actor.id, actor.name,
    actor.behalf_kind, actor.behalf_id, actor.behalf_name, actor.at, mentions)
  returning id into note_id;
  return note_id;
end $$;

-- Answer of every write: the case as it is now.
create or replace function rules.case_answer(
  case_id bigint, code int, out status int, out body json, out etag text, out location text)
language plpgsql stable as $$
begin
  status := code;
  select d.body, d.version, case when code = 201 then '/v1/cases/' || d.id end
    into body, etag, location
  from views.case_document d where d.id = case_id;
end $$;
