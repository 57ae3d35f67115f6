-- Incidents and maintenance (facts 50, 63 to 66, 69): staff open them, say what
-- is known, and resolve them. Everything said stays.

create or replace function rules.incident_answer(
  incident_id bigint, code int, out status int, out body json, out etag text, out location text)
language plpgsql stable as $$
begin
  status := code;
  select d.body, d.version, case when code = 201 then '/v1/incidents/' || d.id end
    into body, etag, location
  from views.incident_document d where d.id = incident_id;
end $$;

create or replace function rules.lock_incident(incident_id bigint, if_match bigint[]) returns casework.incidents
language plpgsql as $$
declare
  i casework.incidents;
begin
  select * into i from casework.incidents l where l.id = incident_id for no key update;
  if not found then
    perform rules.refuse(404, 'not-found', 'There is no such incident.');
  end if;
  perform rules.check_version(i.version, if_match);
  return i;
end $$;

-- Where an open incident may go: anywhere but back to its first state.
create or replace function rules.incident_steps(i casework.incidents) returns jsonb
language plpgsql stable as $$
begin
  return (
    select coalesce(jsonb_agg(s.status order by s.position), '[]') from rules.incident_statuses s
    where s.kind = i.kind and i.resolved_at is null and (s.position > 1 or s.status = i.status));
end $$;

create or replace function rules.require_incident_step(i casework.incidents, status text) returns void
language plpgsql as $$
begin
  if i.resolved_at is not null then
    perform rules.refuse(409, 'illegal-transition', format('It is %s; what follows is another incident.', i.status),
      '{"allowed_transitions": []}');
  elsif not rules.incident_steps(i) ? status then
    perform rules.refuse(409, 'illegal-transition', format('%s does not follow %s.', status, i.status),
      jsonb_build_object('allowed_transitions', rules.incident_steps(i)));
  end if;
end $$;

-- The incident with what the request says of it; the districts are apart.
create or replace function rules.patch_incident(i casework.incidents, request jsonb) returns casework.incidents
language plpgsql stable as $$
begin
  i := jsonb_populate_record(i, request - array['scope', 'text']);
  i := jsonb_populate_record(i, coalesce((
    select jsonb_object_agg('scope_' || s.key, s.value)
    from jsonb_each(request -> 'scope') as s where s.key <> 'districts'), '{}'));
  i.channels := array_remove(i.channels, 'email');
  return i;
end $$;

-- The districts that a scope names; before, where it does not say.
create or replace function rules.scope_districts(request jsonb, before bigint[]) returns bigint[]
language plpgsql stable as $$
begin
  if request -> 'scope' -> 'districts' is null then
    return before;
  end if;
  return array(
    select distinct d::bigint from jsonb_array_elements_text(request -> 'scope' -> 'districts') as d order by 1);
end $$;

create or replace function rules.named_districts(incident_id bigint) returns bigint[]
language plpgsql stable as $$
begin
  return array(select n.district_id from casework.incident_districts n
    where n.incident_id = named_districts.incident_id and n.named order by 1);
end $$;

create or replace function rules.check_incident(i casework.incidents, districts bigint[], request jsonb) returns void
language plpgsql as $$
declare
  areas text[] := array(select a.code from casework.product_areas a where a.active);
  planned boolean := i.kind = 'maintenance';
  faults jsonb;
begin
  select jsonb_agg(rules.fault(f.pointer, f.code, f.detail)) into faults
  from (values
    (not i.scope_all and cardinality(districts) = 0 and cardinality(
        i.scope_hosting || i.scope_states || i.scope_product_areas || i.scope_versions) = 0,
      '/scope', 'required', 'Name who is touched: all, districts, or conditions.'),
    (exists (select from unnest(districts) as n (id)
        where not exists (select from casework.districts d where d.id = n.id)),
      '/scope/districts', 'unknown', 'There is no such district.'),
    (not i.scope_product_areas <@ areas, '/scope/product_areas', 'unknown',
      'There is no such product area: GET /v1/product-areas lists them.'),
    (not i.components <@ areas, '/components', 'unknown', 'There is no such product area: GET /v1/product-areas lists them.'),
    (request -> 'channels' ? 'email' and not i.email_contacts,
      '/channels', 'email-not-enabled', 'Mail to contacts is decided by email_contacts.'),
    (planned and i.scheduled_from is null, '/scheduled_from', 'required', 'Say when the maintenance begins.'),
    (planned and (i.scheduled_until > i.scheduled_from) is not true,
      '/scheduled_until', 'required', 'Say when the maintenance ends, after its beginning.'),
    (not planned and i.scheduled_from is not null, '/scheduled_from', 'not-allowed', 'Only maintenance is scheduled.'),
    (not planned and i.scheduled_until is not null, '/scheduled_until', 'not-allowed', 'Only maintenance is scheduled.'),
    (not exists (select from rules.incident_statuses s
        where s.kind = i.kind and s.status = i.status and not s.final),
      '/status', 'not-allowed', format('An open %s is one of %s.', i.kind, (
        select string_agg(s.status, ', ' order by s.position) from rules.incident_statuses s
        where s.kind = i.kind and not s.final)))
  ) as f (failed, pointer, code, detail)
  where f.failed;
  if faults is not null then
    perform rules.refuse(422, 'invalid-request', 'The incident is not acceptable as it is.',
      jsonb_build_object('errors', faults));
  end if;
end $$;

create or replace function rules.name_districts(incident_id bigint, districts bigint[]) returns void
language plpgsql as $$
begin
  update casework.incident_districts n set named = false
  where n.incident_id = name_districts.incident_id and n.named and n.district_id <> all (districts);
  insert into casework.incident_districts (incident_id, district_id)
  select name_districts.incident_id, d from unnest(districts) as d
  on conflict on constraint incident_districts_pkey do update set named = true;
end $$;

-- The forum shows what is published there from this instant on; the status
-- files and mails are recorded when they have gone out.
create or replace function rules.publish_incident(i casework.incidents, update_id bigint, at timestamptz) returns void
language plpgsql as $$
begin
  if i.channels && array['community', 'status'] then
    insert into casework.announcements (kind, incident_id, publish_at, created_at, updated_at)
    values (i.kind, i.id, at, at, at)
    on conflict do nothing;
  end if;
  if 'community' = any (i.channels) then
    insert into casework.incident_deliveries (incident_id, update_id, channel, delivered_at)
    values (i.id, update_id, 'community', at)
    on conflict do nothing;
  end if;
end $$;

create or replace function rules.write_incident_update(
  incident_id bigint, status text, text text, actor rules.actor, operator_id text default null) returns bigint
language plpgsql as $$
declare
  update_id bigint;
begin
  insert into casework.incident_updates (incident_id, status, text, at, actor_kind, actor_id, actor_name,
    behalf_kind, behalf_id, behalf_name, operator_id)
  values (incident_id, status, text, actor.at, actor.kind, actor.id, actor.name,
    actor.behalf_kind, actor.behalf_id, actor.behalf_name, operator_id)
  returning id into update_id;
  return update_id;
end $$;

create or replace function rules.new_incident(request jsonb, at timestamptz) returns casework.incidents
language plpgsql stable as $$
declare
  i casework.incidents := jsonb_populate_record(null::casework.incidents,
    '{"scope_all": false, "scope_hosting": [], "scope_states": [], "scope_product_areas": [],
      "scope_versions": [], "components": [], "channels": [], "email_contacts": false,
      "kind": "incident", "severity": "minor", "version": 1}');
begin
  i := rules.patch_incident(i, request);
  i.status := coalesce(request ->> 'status', (
    select s.status from rules.incident_statuses s where s.kind = i.kind and s.position = 1));
  i.created_at := at;
  i.updated_at := at;
  return i;
end $$;

-- Mail is decided when opening it, too: the same event says who did.
create or replace function rules.create_incident(
  request jsonb, out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  actor rules.actor := rules.actor();
  i casework.incidents := rules.new_incident(request, actor.at);
  districts bigint[] := rules.scope_districts(request, '{}');
  update_id bigint;
begin
  perform rules.check_incident(i, districts, request);
  i := rules.insert_row(i);
  perform rules.name_districts(i.id, districts);
  update_id := rules.write_incident_update(i.id, i.status, request ->> 'text', actor);
  perform rules.publish_incident(i, update_id, actor.at);
  perform rules.record_incident_event(i.id, null, update_id, actor, 'incident.opened', i.email_contacts);
  if i.email_contacts then
    perform rules.record_incident_event(i.id, null, null, actor, 'incident.email_enabled');
  end if;
  select a.* into status, body, etag, location from rules.incident_answer(i.id, 201) a;
end $$;

-- The districts named are a member like those of the row.
create or replace function rules.incident_changes(
  before casework.incidents, i casework.incidents, old_districts bigint[], new_districts bigint[]) returns jsonb
language plpgsql stable as $$
begin
  return (
    select coalesce(jsonb_agg(c.change order by c.change ->> 'member'), '[]')
    from (
      select jsonb_array_elements(rules.changes(before, i)) as change
      union all
      select rules.changed('scope_districts', to_jsonb(old_districts), to_jsonb(new_districts))
      where new_districts is distinct from old_districts
    ) as c);
end $$;

-- Merge patch. Whoever enables mail is recorded; contacts then get what was
-- said last (fact 69). So do those of districts that the scope newly touches:
-- the event goes to whom this incident has not been mailed yet.
create or replace function rules.update_incident(
  incident_id bigint, if_match bigint[], request jsonb,
  out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  before casework.incidents := rules.lock_incident(incident_id, if_match);
  i casework.incidents := rules.patch_incident(before, request);
  old_districts bigint[] := rules.named_districts(incident_id);
  new_districts bigint[] := rules.scope_districts(request, old_districts);
  actor rules.actor := rules.actor();
  changes jsonb := rules.incident_changes(before, i, old_districts, new_districts);
  touched bigint[] := case when i.email_contacts and request ? 'scope' then rules.touched_districts(before) end;
  last_update bigint;
begin
  perform rules.require_incident_step(before, before.status);
  perform rules.check_incident(i, new_districts, request);
  if changes <> '[]' then
    select max(u.id) into last_update from casework.incident_updates u where u.incident_id = i.id;
    perform rules.update_row(before, i, actor.at);
    perform rules.name_districts(i.id, new_districts);
    perform rules.publish_incident(i, last_update, actor.at);
    perform rules.record_incident_event(i.id, null, null, actor, 'incident.updated', false, changes);
    if i.email_contacts <> before.email_contacts then
      perform rules.record_incident_event(i.id, null, last_update, actor,
        case when i.email_contacts then 'incident.email_enabled' else 'incident.email_disabled' end, i.email_contacts);
    elsif touched is not null and exists (
      select unnest(rules.touched_districts(i)) except select unnest(touched))
    then
      perform rules.record_incident_event(i.id, null, last_update, actor, 'incident.widened', true);
    end if;
  end if;
  select a.* into status, body, etag, location from rules.incident_answer(incident_id, 200) a;
end $$;

-- What was said is added, and the incident moves with it; both or neither.
create or replace function rules.move_incident(
  i casework.incidents, to_status text, text text, actor rules.actor, operator_id text default null) returns bigint
language plpgsql as $$
declare
  finally boolean := (select s.final from rules.incident_statuses s where s.kind = i.kind and s.status = to_status);
  update_id bigint := rules.write_incident_update(i.id, to_status, text, actor, operator_id);
begin
  update casework.incidents s set (status, resolved_at, updated_at, version)
    = (to_status, case when finally then actor.at end, greatest(actor.at, i.updated_at), i.version + 1)
  where s.id = i.id;
  perform rules.publish_incident(i, update_id, actor.at);
  perform rules.record_incident_event(i.id, null, update_id, actor,
    case when finally then 'incident.resolved' else 'incident.update_added' end, i.email_contacts);
  return update_id;
end $$;

-- All that was said is read with the incident: 256 KiB, in which an update
-- counts 256 bytes beside its text. The last word is taken in any case.
create or replace function rules.require_incident_room(i casework.incidents, request jsonb) returns void
language plpgsql as $$
declare
  room constant bigint := 262144;
  beside constant bigint := 256;
  used bigint := (select coalesce(sum(octet_length(u.text) + beside), 0)
    from casework.incident_updates u where u.incident_id = i.id);
begin
  if used + octet_length(request ->> 'text') + beside > room and exists (
    select from rules.incident_statuses s
    where s.kind = i.kind and s.status = request ->> 'status' and not s.final)
  then
    perform rules.refuse(409, 'conflict', format(
      'The updates of an incident have %s bytes at most, of which %s are taken: end it, and open another one.',
      room, used));
  end if;
end $$;

create or replace function rules.add_incident_update(
  incident_id bigint, request jsonb, out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  i casework.incidents := rules.lock_incident(incident_id, null);
begin
  perform rules.require_incident_step(i, request ->> 'status');
  perform rules.require_incident_room(i, request);
  perform rules.move_incident(i, request ->> 'status', request ->> 'text', rules.actor());
  select a.* into status, body, etag, location from rules.incident_answer(incident_id, 201) a;
end $$;

-- For what hangs below an incident: that it is there, or 404.
create or replace function rules.require_incident(incident_id bigint) returns bigint
language plpgsql stable as $$
begin
  if not exists (select from casework.incidents i where i.id = incident_id) then
    perform rules.refuse(404, 'not-found', 'There is no such incident.');
  end if;
  return incident_id;
end $$;

-- Whether a case of the district may name the incident: open, visible to the
-- caller and, but for staff, one that touches the district.
create or replace function rules.may_name_incident(incident_id bigint, district_id bigint) returns boolean
language plpgsql stable as $$
begin
  return exists (
    select from casework.incidents i join casework.districts d on d.id = may_name_incident.district_id
    where i.id = may_name_incident.incident_id and i.resolved_at is null and i.status <> 'scheduled'
      and (rules.caller_kind() = 'staff' or rules.incident_touches(i, d)));
end $$;
