-- The public status feed (facts 63, 64, 67): one snapshot from which the worker
-- renders static files. No district is in it: the reader is anybody.

-- How long a snapshot is good for; a file older than that says so itself.
create or replace function rules.statuspage_lifetime() returns interval
  language sql immutable
  return interval '15 minutes';

create or replace function rules.statuspage_incident(i casework.incidents) returns jsonb
language plpgsql stable as $$
begin
  return jsonb_build_object(
    'id', coalesce(i.status_key, i.id::text), 'kind', i.kind, 'title', i.title, 'severity', i.severity,
    'status', i.status, 'components', to_jsonb(i.components),
    'scheduled_from', views.utc(i.scheduled_from), 'scheduled_until', views.utc(i.scheduled_until),
    'created_at', views.utc(i.created_at), 'updated_at', views.utc(i.updated_at), 'resolved_at', views.utc(i.resolved_at),
    'updates', (
      select jsonb_agg(jsonb_build_object('id', u.id, 'status', u.status, 'text', u.text, 'at', views.utc(u.at))
        order by u.at, u.id)
      from casework.incident_updates u where u.incident_id = i.id));
end $$;

-- What is open on the status channel, and the last hundred that were in 90 days.
create or replace function rules.statuspage_incidents(wanted casework.incident_kind) returns jsonb
language plpgsql stable as $$
begin
  return (
    select coalesce(jsonb_agg(rules.statuspage_incident(i) order by i.created_at desc, i.id desc), '[]')
    from casework.incidents i
    where i.kind = wanted and 'status' = any (i.channels)
      and (i.resolved_at is null or i.id in (
        select r.id from casework.incidents r
        where r.kind = wanted and 'status' = any (r.channels) and r.resolved_at > rules.now() - interval '90 days'
        order by r.resolved_at desc limit 100)));
end $$;

create or replace function rules.statuspage() returns jsonb
language plpgsql stable as $$
begin
  return jsonb_build_object(
    'generated_at', views.utc(rules.now()), 'stale_after', views.utc(rules.now() + rules.statuspage_lifetime()),
    'vendor', (select jsonb_build_object('name', t.vendor_name, 'logo', t.vendor_logo) from casework.desk_texts t),
    'components', (
      select jsonb_agg(jsonb_build_object('code', a.code, 'name', a.name) order by a.position)
      from casework.product_areas a where a.active),
    'incidents', rules.statuspage_incidents('incident'),
    'maintenances', rules.statuspage_incidents('maintenance'));
end $$;

-- The worker's record that the files hold these updates.
create or replace function rules.statuspage_published(update_ids bigint[]) returns void
language sql as $$
  insert into casework.incident_deliveries (incident_id, update_id, channel, delivered_at)
  select u.incident_id, u.id, 'status', rules.now()
  from casework.incident_updates u where u.id = any (update_ids)
  on conflict do nothing;
$$;

create or replace function rules.operator_incident(line jsonb, actor rules.actor) returns bigint
language plpgsql as $$
declare
  i casework.incidents := rules.new_incident(
    jsonb_build_object('scope', '{"all": true}'::jsonb, 'channels', '["status"]'::jsonb)
      || jsonb_build_object('kind', line ->> 'kind', 'title', line ->> 'title', 'severity', line ->> 'severity', 'status', line ->> 'status'),
    actor.at);
  update_id bigint;
begin
  i.status_key := line ->> 'incident';
  i.components := array(
    select a.code from casework.product_areas a where line -> 'components' ? a.code order by a.position);
  i.resolved_at := (
    select actor.at from rules.incident_statuses s where s.kind = i.kind and s.status = i.status and s.final);
  i := rules.insert_row(i);
  update_id := rules.write_incident_update(i.id, i.status, line ->> 'text', actor, line ->> 'id');
  perform rules.publish_incident(i, update_id, actor.at);
  perform rules.record_incident_event(i.id, null, update_id, actor, 'incident.opened');
  return i.id;
end $$;

-- What the operator published while the database was gone, once per id. An
-- incident that is not there (any more) is opened; one that has gone on since
-- keeps its state, and what was said is added. False: it was there already.
create or replace function rules.import_operator_update(line jsonb) returns boolean
language plpgsql as $$
declare
  actor rules.actor := rules.system_actor((line ->> 'at')::timestamptz);
  i casework.incidents;
  update_id bigint;
begin
  actor.name := 'operator';
  perform pg_advisory_xact_lock(7309454);
  if exists (select from casework.incident_updates u where u.operator_id = line ->> 'id') then
    return false;
  end if;
  select * into i from casework.incidents l
  where coalesce(l.status_key, l.id::text) = line ->> 'incident' for no key update;
  if not found then
    perform rules.operator_incident(line, actor);
  elsif rules.incident_steps(i) ? (line ->> 'status') then
    perform rules.move_incident(i, line ->> 'status', line ->> 'text', actor, line ->> 'id');
  else
    update_id := rules.write_incident_update(i.id, line ->> 'status', line ->> 'text', actor, line ->> 'id');
    perform rules.record_incident_event(i.id, null, update_id, actor, 'incident.update_added');
    update casework.incidents s set (updated_at, version) = (greatest(actor.at, i.updated_at), i.version + 1)
    where s.id = i.id;
  end if;
  return true;
end $$;

grant usage on schema views to casework_worker;
