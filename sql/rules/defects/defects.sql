-- Product defects (facts 59, 60; 2.10): reported, replicated, confirmed, and
-- linked to the cases that suffer from them.

create view views.defect_document with (security_invoker) as
select f.id, f.version, f.status, f.product_area, f.development_issue_key, f.title, f.updated_at, f.published,
  row_to_json(d) as body
from casework.defects f
cross join lateral (
  select f.id, f.title, f.description, f.product_area, f.status, f.published, f.development_issue_key, f.affected_releases,
    (select coalesce(json_agg(json_build_object('id', x.id, 'release', x.release, 'text', x.text,
        'fixed_at', views.utc(x.fixed_at), 'fixed_by', views.actor(x.fixed_by_kind, x.fixed_by_id, x.fixed_by_name))
        order by x.id), '[]')
      from casework.defect_fixes x where x.defect_id = f.id) as fixes,
    views.utc(f.reported_at) as reported_at,
    views.actor(f.reported_by_kind, f.reported_by_id, f.reported_by_name) as reported_by,
    views.utc(f.confirmed_at) as confirmed_at,
    views.actor(f.confirmed_by_kind, f.confirmed_by_id, f.confirmed_by_name) as confirmed_by,
    views.utc(f.updated_at) as updated_at
) as d;

create view views.replication_document with (security_invoker) as
select r.id, r.defect_id, row_to_json(d) as body
from casework.defect_replications r
cross join lateral (
  select r.id, r.defect_id, r.environment, r.version, r.steps, r.outcome, views.utc(r.tested_at) as tested_at,
    views.actor(r.tested_by_kind, r.tested_by_id, r.tested_by_name) as tested_by,
    views.utc(r.recorded_at) as recorded_at
) as d;

create view views.case_defect_document with (security_invoker) as
select l.district_id, l.case_id, l.defect_id, row_to_json(d) as body
from casework.case_defects l
join casework.defects f on f.id = l.defect_id
cross join lateral (
  select l.case_id, l.defect_id, f.title, f.status, f.development_issue_key,
    (select x.release from casework.defect_fixes x where x.defect_id = f.id order by x.id desc limit 1)
      as fixed_in_release,
    views.utc(l.linked_at) as linked_at,
    views.actor(l.linked_by_kind, l.linked_by_id, l.linked_by_name) as linked_by
) as d
where l.unlinked_at is null;
grant select on views.defect_document, views.replication_document, views.case_defect_document
  to casework_contact, casework_partner, casework_staff;

create or replace function rules.defect_answer(
  defect_id bigint, code int, out status int, out body json, out etag text, out location text)
language plpgsql stable as $$
begin
  status := code;
  select d.body, d.version, case when code = 201 then '/v1/defects/' || d.id end
    into body, etag, location
  from views.defect_document d where d.id = defect_id;
end $$;

create or replace function rules.require_defect(defect_id bigint) returns bigint
language plpgsql stable as $$
begin
  if not exists (select from casework.defects d where d.id = defect_id) then
    perform rules.refuse(404, 'not-found', 'There is no such defect.');
  end if;
  return defect_id;
end $$;

create or replace function rules.lock_defect(defect_id bigint, if_match bigint[]) returns casework.defects
language plpgsql as $$
declare
  d casework.defects;
begin
  select * into d from casework.defects l where l.id = defect_id for no key update;
  if not found then
    perform rules.refuse(404, 'not-found', 'There is no such defect.');
  end if;
  perform rules.check_version(d.version, if_match);
  return d;
end $$;

create or replace function rules.check_defect(d casework.defects, before casework.defects) returns void
language plpgsql as $$
begin
  if d.product_area is distinct from before.product_area and d.product_area is not null
    and not exists (select from casework.product_areas a where a.code = d.product_area and a.active)
  then
    perform rules.invalid('/product_area', 'unknown', 'There is no such product area: GET /v1/product-areas lists them.');
  end if;
end $$;

create or replace function rules.create_defect(
  request jsonb, out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  d casework.defects := jsonb_populate_record(null::casework.defects, request);
  actor rules.actor := rules.actor();
begin
  perform rules.check_defect(d, null);
  d.affected_releases := coalesce(d.affected_releases, '{}');
  d.published := coalesce(d.published, false);
  if d.published then
    perform rules.require_role('{lead,development_engineer}');
  end if;
  d.reported_at := actor.at;
  d.reported_by_kind := actor.kind;
  d.reported_by_id := actor.id;
  d.reported_by_name := actor.name;
  d.updated_at := actor.at;
  d := rules.insert_row(d);
  perform rules.record_desk_event('defect.reported', d.id::text, rules.changes(null::casework.defects, d));
  select * into status, body, etag, location from rules.defect_answer(d.id, 201);
end $$;

-- The same event on every linked case, in one statement and without a lock on
-- any of them: what changes is the defect, not the case.
create or replace function rules.record_defect_event(defect_id bigint, actor rules.actor, type text, changes jsonb)
returns void
language plpgsql as $$
begin
  insert into casework.events (district_id, case_id, type, at, actor_kind, actor_id, actor_name,
    behalf_kind, behalf_id, behalf_name, changes)
  select l.district_id, l.case_id, record_defect_event.type, actor.at, actor.kind, actor.id, actor.name,
    actor.behalf_kind, actor.behalf_id, actor.behalf_name,
    jsonb_build_array(rules.changed('defect_id', to_jsonb(l.defect_id), to_jsonb(l.defect_id)))
      || record_defect_event.changes
  from casework.case_defects l
  where l.defect_id = record_defect_event.defect_id and l.unlinked_at is null;
  perform rules.wake();
end $$;

-- Dismissed, or taken up again: confirmed and fixed are reached by their own
-- actions only.
create or replace function rules.check_defect_status(before casework.defects, wanted text) returns void
language plpgsql as $$
declare
  allowed text[] := case before.status when 'not_a_defect' then '{reported}' when 'fixed' then '{}'
    else '{not_a_defect}' end;
begin
  if wanted <> before.status and wanted <> all (allowed) then
    perform rules.refuse(409, 'illegal-transition',
      format('A defect that is %s cannot become %s this way.', before.status, wanted),
      jsonb_build_object('allowed_transitions', to_jsonb(allowed)));
  end if;
end $$;

-- Cases see it, and those that waited for a dismissed defect wait no longer.
create or replace function rules.tell_defect_status(before casework.defects, wanted text, actor rules.actor)
returns void
language plpgsql as $$
begin
  perform rules.record_defect_event(before.id, actor,
    case wanted when 'not_a_defect' then 'case.defect_dismissed' else 'case.defect_reported' end,
    jsonb_build_array(rules.changed('defect_status', to_jsonb(before.status::text), to_jsonb(wanted))));
  if wanted = 'not_a_defect' then
    perform rules.reconsider_fixes(before.id, null);
  end if;
end $$;

create or replace function rules.update_defect(
  defect_id bigint, if_match bigint[], request jsonb,
  out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  before casework.defects := rules.lock_defect(defect_id, if_match);
  d casework.defects := jsonb_populate_record(before, request);
begin
  perform rules.require_role('{lead,development_engineer}');
  perform rules.check_defect(d, before);
  perform rules.check_defect_status(before, d.status);
  if d is distinct from before then
    perform rules.update_row(before, d, rules.now());
    perform rules.record_desk_event('defect.updated', d.id::text, rules.changes(before, d));
    if d.status <> before.status then
      perform rules.tell_defect_status(before, d.status, rules.actor());
    end if;
  end if;
  select * into status, body, etag, location from rules.defect_answer(defect_id, 200);
end $$;

-- A replication moves the defect's version: a confirmation that was decided
-- before it is told so.
create or replace function rules.add_replication(
  defect_id bigint, request jsonb, out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  d casework.defects := rules.lock_defect(defect_id, null);
  r casework.defect_replications := jsonb_populate_record(null::casework.defect_replications, request);
  actor rules.actor := rules.actor();
begin
  r.tested_at := rules.stated_time(r.tested_at, actor.at);
  if r.tested_at > actor.at then
    perform rules.invalid('/tested_at', 'out-of-range', 'A test lies in the past.');
  end if;
  insert into casework.defect_replications (defect_id, environment, version, steps, outcome, tested_at,
    tested_by_kind, tested_by_id, tested_by_name, recorded_at)
  values (d.id, r.environment, r.version, r.steps, r.outcome, coalesce(r.tested_at, actor.at),
    actor.kind, actor.id, actor.name, actor.at)
  returning id into r.id;
  update casework.defects s set (updated_at, version) = (actor.at, d.version + 1) where s.id = d.id;
  perform rules.record_desk_event('defect.replicated', d.id::text,
    jsonb_build_array(rules.changed('replication_id', null, to_jsonb(r.id))));
  status := 201;
  select x.body into body from views.replication_document x where x.id = r.id;
end $$;

-- Fact 59: tested in at least two environments, reproduced in at least one.
create or replace function rules.require_qualified(d casework.defects) returns void
language plpgsql as $$
declare
  tested int;
  reproduced boolean;
begin
  select count(distinct r.environment), coalesce(bool_or(r.outcome = 'reproduced'), false) into tested, reproduced
  from casework.defect_replications r where r.defect_id = d.id;
  if tested < 2 or not reproduced then
    perform rules.refuse(409, 'defect-not-qualified',
      'A defect is confirmed once it has been tested in two environments and reproduced in one of them.',
      jsonb_build_object('missing', to_jsonb(
        case when tested < 2 then '{environment}'::text[] else '{}' end
        || case when not reproduced then '{reproduction}'::text[] else '{}' end)));
  end if;
end $$;

create or replace function rules.confirm_defect(
  defect_id bigint, if_match bigint[], request jsonb,
  out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  d casework.defects := rules.lock_defect(defect_id, if_match);
  issue text := request ->> 'development_issue_key';
  actor rules.actor := rules.actor();
begin
  perform rules.require_role('{lead,development_engineer}');
  if d.status <> 'reported' then
    perform rules.refuse(409, 'conflict', format('The defect is %s already.', d.status));
  end if;
  perform rules.require_qualified(d);
  update casework.defects s
  set (status, development_issue_key, confirmed_at, confirmed_by_kind, confirmed_by_id, confirmed_by_name,
      updated_at, version)
    = ('confirmed', issue, actor.at, actor.kind, actor.id, actor.name, actor.at, d.version + 1)
  where s.id = d.id;
  perform rules.record_defect_event(d.id, actor, 'case.defect_confirmed',
    jsonb_build_array(rules.changed('development_issue_key', to_jsonb(d.development_issue_key), to_jsonb(issue))));
  perform rules.record_desk_event('defect.confirmed', d.id::text,
    jsonb_build_array(rules.changed('status', to_jsonb(d.status::text), '"confirmed"')));
  select * into status, body, etag, location from rules.defect_answer(defect_id, 200);
end $$;

-- The share lock lets links go side by side and a fix wait: it either finds the
-- new link, or is found by it.
create or replace function rules.link_defect(
  case_id bigint, request jsonb, out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  c casework.cases := rules.lock_case(case_id, null);
  wanted bigint := (request ->> 'defect_id')::bigint;
  actor rules.actor := rules.actor();
begin
  perform from casework.defects d where d.id = wanted for share;
  if not found then
    perform rules.invalid('/defect_id', 'unknown', 'There is no such defect.');
  elsif exists (
    select from casework.case_defects l
    where l.defect_id = wanted and l.district_id = c.district_id and l.case_id = c.id and l.unlinked_at is null)
  then
    perform rules.refuse(409, 'already-exists', 'The case is linked to this defect.');
  end if;
  insert into casework.case_defects (district_id, case_id, defect_id, linked_at,
    linked_by_kind, linked_by_id, linked_by_name)
  values (c.district_id, c.id, wanted, actor.at, actor.kind, actor.id, actor.name);
  perform rules.touch_case(c, actor, 'case.defect_linked', null,
    jsonb_build_array(rules.changed('defect_id', null, to_jsonb(wanted))));
  status := 201;
  select d.body into body from views.case_defect_document d
  where d.defect_id = wanted and d.case_id = c.id;
end $$;

-- A link made by mistake ends; history keeps both its ends.
create or replace function rules.unlink_defect(
  case_id bigint, defect_id bigint, if_match bigint[],
  out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  c casework.cases := rules.lock_case(case_id, if_match);
  actor rules.actor := rules.actor();
begin
  if c.resolution_defect_id = defect_id and c.status in ('pending_verification', 'closed') then
    perform rules.refuse(409, 'conflict', 'The resolution recommends the update that fixes this defect.');
  end if;
  update casework.case_defects l set unlinked_at = actor.at
  where l.case_id = c.id and l.district_id = c.district_id and l.defect_id = unlink_defect.defect_id
    and l.unlinked_at is null;
  if not found then
    perform rules.refuse(404, 'not-found', 'The case is not linked to such a defect.');
  end if;
  perform rules.touch_case(c, actor, 'case.defect_unlinked', null,
    jsonb_build_array(rules.changed('defect_id', to_jsonb(defect_id), null)));
  perform rules.reconsider_fixes(defect_id, c.id);
  select * into status, body, etag, location from rules.case_answer(case_id, 200);
end $$;

-- A resolution that recommends an update says which release holds the fix, and
-- of which defect, one that the case is linked to (fact 4). No other names one.
create or replace function rules.check_recommended_update(c casework.cases) returns void
language plpgsql as $$
declare
  recommended boolean := c.resolution_kind = 'update_recommended';
  linked boolean := exists (
    select from casework.case_defects l
    where l.district_id = c.district_id and l.case_id = c.id and l.defect_id = c.resolution_defect_id
      and l.unlinked_at is null);
  fixed boolean := exists (
    select from casework.defects d
    join casework.defect_fixes x on x.defect_id = d.id
    join casework.releases f on f.release = x.release
    join casework.releases r on r.release = c.fixed_in_release and r.released_on >= f.released_on
    where d.id = c.resolution_defect_id and d.status = 'fixed');
  faults jsonb;
begin
  select jsonb_agg(rules.fault(f.pointer, f.code, f.detail)) into faults
  from (values
    (recommended and c.fixed_in_release is null,
      '/fixed_in_release', 'required', 'Name the release that holds the fix.'),
    (recommended and c.resolution_defect_id is null,
      '/defect_id', 'required', 'Name the defect that is fixed; link it to the case first.'),
    (not recommended and c.resolution_defect_id is not null,
      '/defect_id', 'not-expected', 'Only update_recommended names a defect.'),
    (recommended and c.resolution_defect_id is not null and not linked,
      '/defect_id', 'unknown', 'The case is not linked to such a defect.'),
    (recommended and c.fixed_in_release is not null and linked and not fixed,
      '/fixed_in_release', 'not-fixed', 'Development has not fixed the defect in this release or an earlier one.')
  ) as f (failed, pointer, code, detail)
  where f.failed;
  if faults is not null then
    perform rules.refuse(422, 'invalid-request', 'The resolution is not acceptable as it is.',
      jsonb_build_object('errors', faults));
  end if;
end $$;
