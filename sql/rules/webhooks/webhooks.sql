-- Webhooks as their owners see them: made, changed, tested, delivered again.
-- They are configuration: one that is disabled keeps its log, and is not deleted.

-- What is sent when: the first attempt at once, then after 5 s, 5 min, …
create or replace function rules.webhook_schedule() returns interval[]
  language sql immutable
  return '{0s,5s,5min,30min,2h,5h,10h,14h,20h,24h}'::interval[];

create view views.webhook_document with (security_invoker) as
select w.id, w.version, w.status, row_to_json(d) as body
from casework.webhooks w
cross join lateral (
  select w.id, w.url, w.types, w.description, w.status, w.disabled_reason,
    views.utc(w.failing_since) as failing_since, views.utc(w.last_success_at) as last_success_at,
    views.utc(w.created_at) as created_at, views.utc(w.updated_at) as updated_at
) as d;

create view views.webhook_delivery_document with (security_invoker) as
select v.id, v.webhook_id, v.event_id, v.state, row_to_json(d) as body
from casework.webhook_deliveries v
cross join lateral (
  select v.id, v.webhook_id, v.event_id, v.type, v.state, v.attempts,
    views.utc(v.next_attempt_at) as next_attempt_at, views.utc(v.created_at) as created_at,
    views.utc(v.delivered_at) as delivered_at, v.log
) as d;
grant select on views.webhook_document, views.webhook_delivery_document
  to casework_contact, casework_partner, casework_staff;

create or replace function rules.webhook_answer(
  webhook_id bigint, code int, out status int, out body json, out etag text, out location text)
language plpgsql stable as $$
begin
  status := code;
  select d.body, d.version, case when code = 201 then '/v1/webhooks/' || d.id end
    into body, etag, location
  from views.webhook_document d where d.id = webhook_id;
end $$;

-- A webhook sends to its owner for as long as the owner may read, so nobody makes
-- or changes it, has it send or is told its secret but the owner itself.
create or replace function rules.require_webhook_owner() returns void
language plpgsql as $$
begin
  perform rules.require_caller_itself('A webhook is made and changed by its owner itself, not on its behalf.');
end $$;

create or replace function rules.lock_webhook(webhook_id bigint, if_match bigint[]) returns casework.webhooks
language plpgsql as $$
declare
  w casework.webhooks;
begin
  perform rules.require_webhook_owner();
  select * into w from casework.webhooks l where l.id = webhook_id for no key update;
  if not found then
    perform rules.refuse(404, 'not-found', 'There is no such webhook.');
  end if;
  perform rules.check_version(w.version, if_match);
  return w;
end $$;

create or replace function rules.require_webhook(webhook_id bigint) returns bigint
language plpgsql stable as $$
begin
  if not exists (select from casework.webhooks w where w.id = webhook_id) then
    perform rules.refuse(404, 'not-found', 'There is no such webhook.');
  end if;
  return webhook_id;
end $$;

-- Its owner reads it, and staff. What the URL was or is stands in no event: it
-- may hold what only the receiver knows.
create or replace function rules.record_webhook_event(w casework.webhooks, type text, changes jsonb) returns bigint
language plpgsql as $$
begin
  return rules.record_desk_event(type, w.id::text, changes, w.owner_kind, w.owner_id);
end $$;

-- 32 bytes of SHA-256 over 366 random bits; told in this answer and never again.
create or replace function rules.new_webhook_secret(webhook_id bigint) returns text
language plpgsql as $$
declare
  secret bytea := sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
begin
  insert into casework.webhook_secrets (webhook_id, created_at, secret) values (webhook_id, rules.now(), secret);
  return 'whsec_' || encode(secret, 'base64');
end $$;

-- How many may be enabled, and how many ids one redelivery spans (choices).
create or replace function rules.webhooks_per_owner() returns int
  language sql immutable
  return 20;
create or replace function rules.redelivery_span() returns int
  language sql immutable
  return 10000;

create or replace function rules.check_webhook_count() returns void
language plpgsql as $$
begin
  if (select count(*) from casework.webhooks w where w.status = 'enabled') >= rules.webhooks_per_owner() then
    perform rules.refuse(409, 'conflict', format('There are %s enabled webhooks already: disable one first.',
      rules.webhooks_per_owner()));
  end if;
end $$;

-- The schema of the document knows how many digits a port has, not that it is one,
-- and how long a part of a name is, not the whole (RFC 1035, 2.3.4).
create or replace function rules.check_webhook_url(url text) returns void
language plpgsql as $$
begin
  if (regexp_match(url, '^https://[^/?#]*:([0-9]+)(?:[/?#]|$)', 'i'))[1]::numeric not between 1 and 65535 then
    perform rules.invalid('/url', 'out-of-range', 'The port of the URL must be from 1 to 65535.');
  elsif length((regexp_match(url, '^https://([^/?#:]*?)[.]?(?:[:/?#]|$)', 'i'))[1]) > 253 then
    perform rules.invalid('/url', 'out-of-range', 'The host name of the URL has at most 253 characters.');
  end if;
end $$;

create or replace function rules.create_webhook(
  request jsonb, out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  w casework.webhooks := jsonb_populate_record(null::casework.webhooks, request);
  answer record;
begin
  perform rules.require_webhook_owner();
  perform rules.check_webhook_url(w.url);
  perform rules.check_webhook_count();
  w.owner_kind := rules.caller_kind();
  w.owner_id := rules.caller_id();
  w.created_at := rules.now();
  w.updated_at := w.created_at;
  w := rules.insert_row(w);
  perform rules.record_webhook_event(w, 'webhook.created', rules.changes(null::casework.webhooks, w));
  select * into status, body, etag, location from rules.webhook_answer(w.id, 201);
  body := (body::jsonb || jsonb_build_object('secret', rules.new_webhook_secret(w.id)))::json;
end $$;

-- What still waited is not sent any more; redelivery brings it back.
create or replace function rules.drop_pending_deliveries(webhook_id bigint) returns void
language plpgsql as $$
begin
  update casework.webhook_deliveries v
  set state = 'failed', next_attempt_at = null, leased_until = null, lease = v.lease + 1
  where v.webhook_id = drop_pending_deliveries.webhook_id and v.state = 'pending' and v.source <> 'test';
end $$;

create or replace function rules.update_webhook(
  webhook_id bigint, if_match bigint[], request jsonb,
  out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  before casework.webhooks := rules.lock_webhook(webhook_id, if_match);
  w casework.webhooks := jsonb_populate_record(before, request);
begin
  if w is distinct from before then
    if w.url <> before.url then
      perform rules.check_webhook_url(w.url);
    end if;
    if w.status = 'enabled' and before.status = 'disabled' then
      perform rules.check_webhook_count();
      w.disabled_reason := null;
      w.failing_since := null;
      w.rests_until := null;
      w.probe_at := null;
      w.begins_at := pg_current_xact_id();
    elsif w.status = 'disabled' and before.status = 'enabled' then
      w.disabled_reason := 'owner';
      perform rules.drop_pending_deliveries(w.id);
    end if;
    perform rules.update_row(before, w, rules.now());
    perform rules.record_webhook_event(w, case when w.status = before.status then 'webhook.updated'
      else 'webhook.' || w.status end, rules.changes(before, w));
    perform rules.webhooks_wait(array[w.id]);
  end if;
  select * into status, body, etag, location from rules.webhook_answer(webhook_id, 200);
end $$;

-- For as long as the owner wants, both secrets sign.
create or replace function rules.rotate_webhook_secret(
  webhook_id bigint, request jsonb, out status int, out body json)
language plpgsql as $$
declare
  w casework.webhooks := rules.lock_webhook(webhook_id, null);
  ends_at timestamptz := rules.now()
    + coalesce((request ->> 'overlap_seconds')::int, 86400) * interval '1 second';
begin
  update casework.webhook_secrets s set expires_at = ends_at
  where s.webhook_id = w.id and (s.expires_at is null or s.expires_at > ends_at);
  perform rules.record_webhook_event(w, 'webhook.secret_rotated', jsonb_build_array(
    jsonb_build_object('member', 'secret'), rules.changed('previous_expires_at', null, to_jsonb(views.utc(ends_at)))));
  status := 200;
  body := json_build_object('secret', rules.new_webhook_secret(w.id), 'previous_expires_at', views.utc(ends_at));
end $$;

-- Sent once, whether or not the webhook is enabled: one that the service has
-- disabled is enabled by its success.
create or replace function rules.test_webhook(webhook_id bigint, out status int, out body json)
language plpgsql as $$
declare
  w casework.webhooks := rules.lock_webhook(webhook_id, null);
  delivery_id bigint;
begin
  if (select count(*) from casework.webhook_deliveries v
    where v.webhook_id = w.id and v.state = 'pending' and v.source = 'test') >= 20
  then
    perform rules.refuse(409, 'conflict', '20 tests of this webhook wait already: see what comes of them first.');
  end if;
  insert into casework.webhook_deliveries (webhook_id, source, type, next_attempt_at, created_at)
  values (w.id, 'test', 'webhook.test', rules.now(), rules.now()) returning id into delivery_id;
  perform rules.record_webhook_event(w, 'webhook.tested',
    jsonb_build_array(rules.changed('delivery_id', null, to_jsonb(delivery_id))));
  perform rules.webhooks_wait(array[w.id]);
  perform rules.wake();
  status := 201;
  select d.body into body from views.webhook_delivery_document d where d.id = delivery_id;
end $$;

-- Events with these ids that the caller may read, by row-level security; nothing
-- about the webhook itself.
create or replace function rules.readable_events(webhook_id bigint, from_id bigint, to_id bigint)
returns table (source text, id bigint, type text)
language plpgsql stable as $$
begin
  return query
  select 'case', e.id, e.type from casework.events e where e.id between from_id and to_id
  union all
  select 'desk', e.feed_id, e.type from casework.desk_events e
  where e.feed_id between from_id and to_id and (e.owner_kind is null or e.resource <> webhook_id::text);
  if rules.caller_kind() = 'staff' then
    return query
    select 'phone', e.feed_id, e.type from casework.phone_events e where e.feed_id between from_id and to_id
    union all
    select 'incident', e.feed_id, e.type from casework.incident_events e where e.feed_id between from_id and to_id;
  end if;
end $$;

-- One event or a range of ids, sent from the beginning of the schedule, also
-- what was never sent, as while the webhook was disabled. webhook-id stays. No
-- more than 10000 wait then (choice).
create or replace function rules.redeliver(webhook_id bigint, request jsonb, out status int, out body json)
language plpgsql as $$
declare
  w casework.webhooks := rules.lock_webhook(webhook_id, null);
  from_id bigint := (request ->> 'from_event_id')::bigint;
  to_id bigint := coalesce((request ->> 'to_event_id')::bigint, from_id);
  queued int;
begin
  if w.status = 'disabled' then
    perform rules.refuse(409, 'conflict', 'The webhook is disabled: enable it, or test it.');
  elsif to_id < from_id or to_id - from_id >= rules.redelivery_span() then
    perform rules.invalid('/to_event_id', 'out-of-range',
      format('A range is of %s ids at most, the last not before the first.', rules.redelivery_span()));
  end if;
  insert into casework.webhook_deliveries as v (webhook_id, event_id, source, type, next_attempt_at, created_at)
  select w.id, e.id, e.source, e.type, rules.now(), rules.now()
  from rules.readable_events(w.id, from_id, to_id) e
  left join casework.events c on e.source = 'case' and c.id = e.id
  where (w.types is null or e.type = any (w.types)) and c.imported is not true
  on conflict on constraint webhook_deliveries_webhook_id_event_id_key do update
  set state = 'pending', attempts = 0, first_attempt_at = null, next_attempt_at = excluded.next_attempt_at,
    leased_until = null, lease = v.lease + 1
  where v.leased_until is null or v.leased_until < clock_timestamp();
  get diagnostics queued = row_count;
  if queued = 0 then
    perform rules.invalid('/from_event_id', 'unknown', 'There is no such event among those the webhook sends.');
  end if;
  if (select count(*) from (
      select from casework.webhook_deliveries v where v.webhook_id = w.id and v.state = 'pending' limit 10001) c) > 10000
  then
    perform rules.refuse(409, 'conflict',
      'More than 10000 deliveries of this webhook would wait: ask for fewer, or wait until some are out.');
  end if;
  perform rules.record_webhook_event(w, 'webhook.redelivered', jsonb_build_array(
    rules.changed('from_event_id', null, to_jsonb(from_id)), rules.changed('to_event_id', null, to_jsonb(to_id)),
    rules.changed('queued', null, to_jsonb(queued))));
  perform rules.webhooks_wait(array[w.id]);
  perform rules.wake();
  status := 200;
  body := json_build_object('queued', queued);
end $$;
