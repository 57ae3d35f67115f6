-- Sending what webhooks get: events are followed in the order of commits, each
-- delivery is a lease, and what may be sent is decided when it is sent, by the
-- policies of the owner's own role.

-- From events to deliveries, for who may get them at all. Who may no longer read
-- an event when its turn comes does not get it (rules.webhook_payload). Of test
-- cases and of what was imported the feed tells, and no webhook. A statement per event: it sees what
-- rules.take_events has seen.
create or replace function rules.timer_webhook_dispatch(batch int) returns int
language plpgsql as $$
declare
  news record;
  handled int := 0;
  receivers bigint[] := '{}';
begin
  for news in select * from rules.take_events('webhook', batch) loop
    handled := handled + 1;
    with made as (
      insert into casework.webhook_deliveries (webhook_id, event_id, source, type, next_attempt_at, created_at)
      select w.id, news.id, news.source, news.type, rules.now(), rules.now()
      from casework.webhooks w
      left join casework.events e on news.source = 'case' and e.id = news.id
      left join casework.desk_events o on news.source = 'desk' and o.feed_id = news.id
      where w.status = 'enabled' and w.begins_at <= news.xid and (w.types is null or news.type = any (w.types))
        and (o.owner_kind is null or o.resource <> w.id::text)     -- nothing about itself
        and e.imported is not true and not rules.is_test_case(e.case_id, e.district_id)
        and (w.owner_kind = 'staff' or (o.owner_kind = w.owner_kind and o.owner_id = w.owner_id)
          or e.visibility = 'public' and (case w.owner_kind
            when 'contact' then exists (
              select from casework.contacts p where p.id = w.owner_id and p.district_id = e.district_id)
            else exists (
              select from views.partner_assignment a
              where a.partner_id = w.owner_id and a.district_id = e.district_id)
              or rules.shared_with_partner(e.case_id, e.district_id, w.owner_id) end))
      on conflict do nothing
      returning webhook_id)
    select receivers || array(select m.webhook_id from made m) into receivers;
  end loop;
  perform rules.webhooks_wait(receivers);
  return handled;
end $$;

-- From here on the transaction is the owner's of the webhook, as after its begin
-- statement. False if it may not call any longer. The worker is a member of these
-- roles without inheriting from them.
create or replace function rules.act_as(w casework.webhooks) returns boolean
language plpgsql as $$
begin
  if not rules.seal_webhook_owner(w.id) then
    return false;
  end if;
  perform set_config('role', 'casework_' || w.owner_kind, true);
  return true;
end $$;

create or replace function rules.act_as_worker() returns void
language plpgsql as $$
begin
  perform set_config('role', 'none', true);
end $$;

-- Of a change: values only where they are ids, states or dates.
create or replace function rules.thin_changes(changes json) returns json
language plpgsql stable as $$
begin
  return (
    select coalesce(json_agg(case when c.value ->> 'member' ~
        '(_id|_at|_on|_until|_level)$|^(status|priority|type|scope|issue_type|support_provider|redirect_team|closure_reason|resolution_kind|response_cycle|response_missed|overdue_on_change|severity)$'
        then c.value
      else json_build_object('member', c.value ->> 'member') end), '[]')
    from json_array_elements(changes) as c);
end $$;

-- What is sent of an event: ids and states, no text that somebody wrote, no
-- name of a person. Null if the owner could not read it at this moment.
create or replace function rules.webhook_payload(w casework.webhooks, source text, event_id bigint) returns text
language plpgsql as $$
declare
  event json;
begin
  if rules.act_as(w) then
    if source = 'case' then
      select d.body into event from views.event_document d where d.id = event_id;
    elsif source = 'desk' or w.owner_kind = 'staff' then
      event := rules.other_event_body(source, event_id);
    end if;
  end if;
  perform rules.act_as_worker();
  if event is null then
    return null;
  end if;
  return json_build_object('type', event -> 'type', 'timestamp', event -> 'at', 'data', json_build_object(
    'event_id', event -> 'id', 'district_id', event -> 'district_id', 'case_id', event -> 'case_id',
    'note_id', event -> 'note_id', 'attachment_id', event -> 'attachment_id', 'visibility', event -> 'visibility',
    'actor', json_build_object('kind', event #> '{actor,kind}', 'id', event #> '{actor,id}'),
    'on_behalf_of', case when event ->> 'on_behalf_of' is not null then json_build_object(
      'kind', event #> '{on_behalf_of,kind}', 'id', event #> '{on_behalf_of,id}') end,
    'changes', rules.thin_changes(event -> 'changes'), 'about', event -> 'data'));
end $$;

-- One delivery, leased, with what is sent and the secrets that sign it, newest
-- first. Without body its owner may not read it: it is withheld.
create or replace function rules.lease_webhook(
  lease_seconds int, out id bigint, out lease bigint, out url text, out message_id text, out body text,
  out secrets text)
language plpgsql as $$
declare
  w casework.webhooks;
  v casework.webhook_deliveries := rules.take_turn(lease_seconds);
begin
  if v.id is null then
    return;
  end if;
  select * into w from casework.webhooks h where h.id = v.webhook_id;
  id := v.id;
  lease := v.lease;
  url := w.url;
  message_id := case v.source when 'test' then 'test_' || v.id else 'evt_' || v.event_id end;
  body := case v.source when 'test' then json_build_object('type', v.type, 'timestamp', views.utc(v.created_at),
      'data', json_build_object('webhook_id', w.id))::text
    else rules.webhook_payload(w, v.source, v.event_id) end;
  select string_agg(encode(s.secret, 'hex'), ' ' order by s.id desc) into secrets
  from casework.webhook_secrets s
  where s.webhook_id = w.id and (s.expires_at is null or s.expires_at > rules.now());
end $$;

-- The owner no longer reads the event.
create or replace function rules.withhold_delivery(delivery_id bigint, lease bigint) returns void
language plpgsql as $$
begin
  update casework.webhook_deliveries v set state = 'withheld', next_attempt_at = null, leased_until = null
  where v.id = delivery_id and v.lease = withhold_delivery.lease and v.state = 'pending';
  perform rules.webhooks_wait(array(select v.webhook_id from casework.webhook_deliveries v where v.id = delivery_id));
end $$;

-- Tells the owner by mail.
create or replace function rules.mail_webhook_owner(w casework.webhooks, event_type text, event_id bigint) returns void
language plpgsql as $$
begin
  perform rules.queue_mail('webhook', event_id, o.district_id, null,
    row (w.owner_kind, w.owner_id, o.email)::rules.mail_recipient, t,
    jsonb_build_object('webhook', w.id, 'thread', 'webhook-' || w.id))
  from rules.mail_texts t, (
    select p.district_id, p.email from casework.contacts p
    where w.owner_kind = 'contact' and p.id = w.owner_id and p.may_call
    union all
    select null, s.email from casework.staff s where w.owner_kind = 'staff' and s.id = w.owner_id and s.active
    union all
    select null, p.email from casework.partners p where w.owner_kind = 'partner' and p.id = w.owner_id and p.active
  ) as o
  where t.type = event_type and t.audience = 'owner';
end $$;

create or replace function rules.disable_webhook(w casework.webhooks, reason text) returns void
language plpgsql as $$
begin
  update casework.webhooks s
  set (status, disabled_reason, updated_at, version) = ('disabled', reason, rules.now(), w.version + 1)
  where s.id = w.id and s.status = 'enabled';
  if found then
    perform rules.drop_pending_deliveries(w.id);
    perform rules.mail_webhook_owner(w, 'webhook.disabled', rules.record_webhook_event(w, 'webhook.disabled',
      jsonb_build_array(rules.changed('status', '"enabled"', '"disabled"'),
        rules.changed('disabled_reason', null, to_jsonb(reason)))));
  end if;
end $$;

-- Taken. A test that is brings back what the service has disabled.
create or replace function rules.webhook_taken(w casework.webhooks, v casework.webhook_deliveries) returns void
language plpgsql as $$
begin
  update casework.webhook_deliveries d
  set state = 'delivered', delivered_at = rules.now(), next_attempt_at = null, leased_until = null
  where d.id = v.id;
  if v.source = 'test' and w.disabled_reason in ('failing', 'gone') then
    update casework.webhooks s
    set (status, disabled_reason, failing_since, rests_until, probe_at, last_success_at, begins_at, updated_at, version)
      = ('enabled', null, null, null, null, rules.now(), pg_current_xact_id(), rules.now(), w.version + 1)
    where s.id = w.id;
    perform rules.record_webhook_event(w, 'webhook.enabled',
      jsonb_build_array(rules.changed('status', '"disabled"', '"enabled"')));
  else
    update casework.webhooks s set failing_since = null, probe_at = null, last_success_at = rules.now() where s.id = w.id;
  end if;
end $$;

-- Not taken: tried again by the schedule with up to a tenth more, but not before
-- it wants to be; nothing else of the webhook is tried within the first wait.
-- Before the last attempt the owner is told, after it the webhook is disabled,
-- unless it has taken something else since the first: one event that a receiver
-- chokes on does not end the others.
create or replace function rules.webhook_not_taken(
  w casework.webhooks, v casework.webhook_deliveries, http_status int, retry_after int) returns void
language plpgsql as $$
declare
  at timestamptz := rules.now();
  waits interval := (rules.webhook_schedule())[v.attempts + 1];
  rests interval := least(retry_after, 86400) * interval '1 second';
  last boolean := v.source = 'test' or waits is null or http_status = 410;
  failing boolean := v.source <> 'test' and coalesce(w.last_success_at < v.first_attempt_at, true);
begin
  if retry_after = 0 and http_status in (429, 502, 504) then
    rests := interval '1 minute';
  end if;
  waits := greatest(waits * (1 + random() / 10), rests);
  update casework.webhook_deliveries d
  set state = case when last then 'failed' else 'pending' end, leased_until = null,
    next_attempt_at = case when not last then at + waits end
  where d.id = v.id;
  update casework.webhooks s
  set failing_since = coalesce(s.failing_since, at), probe_at = at + (rules.webhook_schedule())[2],
    rests_until = case when rests > '0' then at + rests else s.rests_until end
  where s.id = w.id and v.source <> 'test';
  if http_status = 410 and v.source <> 'test' then
    perform rules.disable_webhook(w, 'gone');
  elsif last and failing then
    perform rules.disable_webhook(w, 'failing');
  elsif failing and v.attempts + 1 = cardinality(rules.webhook_schedule()) then
    perform rules.mail_webhook_owner(w, 'webhook.failing', rules.record_webhook_event(w, 'webhook.failing',
      jsonb_build_array(rules.changed('failing_since', null, to_jsonb(views.utc(w.failing_since))))));
  end if;
end $$;

-- What came of an attempt: an HTTP status (0: none) and why not. Whose lease has
-- gone to somebody else changes nothing, unless the receiver has taken it.
create or replace function rules.webhook_settled(
  delivery_id bigint, lease bigint, http_status int, error text, retry_after int, milliseconds int) returns text
language plpgsql as $$
declare
  w casework.webhooks;
  v casework.webhook_deliveries;
  taken boolean := http_status between 200 and 299;
begin
  select h.* into w from casework.webhook_deliveries d join casework.webhooks h on h.id = d.webhook_id
  where d.id = delivery_id for no key update of h;
  select * into v from casework.webhook_deliveries d where d.id = delivery_id for update;
  if v.state = 'delivered' or (v.lease <> webhook_settled.lease and not taken) then
    return 'stale';
  end if;
  v.attempts := v.attempts + 1;
  v.first_attempt_at := coalesce(v.first_attempt_at, rules.now());
  update casework.webhook_deliveries d
  set attempts = v.attempts, first_attempt_at = v.first_attempt_at, log = (
    select jsonb_agg(l.entry order by l.position)
    from jsonb_array_elements(d.log || jsonb_build_array(jsonb_build_object('at', views.utc(rules.now()),
      'status', nullif(http_status, 0), 'error', error, 'milliseconds', milliseconds)))
      with ordinality as l (entry, position)
    where l.position > jsonb_array_length(d.log) - 29)
  where d.id = v.id;
  if taken then
    perform rules.webhook_taken(w, v);
  else
    perform rules.webhook_not_taken(w, v, http_status, retry_after);
  end if;
  perform rules.webhooks_wait(array[w.id]);
  return (select d.state from casework.webhook_deliveries d where d.id = v.id);
end $$;

-- What waits: how many, and since when the oldest that is due.
create or replace function rules.webhook_queue(out length bigint, out oldest_seconds numeric)
language plpgsql stable as $$
begin
  select count(*), greatest(0, coalesce(extract(epoch from rules.now()
      - min(v.next_attempt_at) filter (where v.next_attempt_at <= rules.now())), 0))
    into length, oldest_seconds
  from casework.webhook_deliveries v where v.state = 'pending';
end $$;

-- Logs that are old enough, and secrets that sign no more.
create or replace function rules.timer_webhook_forget(batch int) returns int
language plpgsql as $$
declare
  handled int;
begin
  delete from casework.webhook_secrets s where s.expires_at <= rules.now();
  delete from casework.webhook_deliveries v where v.id in (
    select o.id from casework.webhook_deliveries o
    where o.state <> 'pending' and o.created_at < (
      select rules.kept_since(k.webhook_delivery_days) from casework.retention_settings k)
    order by o.created_at limit batch for update skip locked);
  get diagnostics handled = row_count;
  return handled;
end $$;

-- The worker's alone. (rules.act_as_worker ends what another role has begun.)
revoke execute on function rules.act_as, rules.webhook_payload, rules.lease_webhook,
  rules.withhold_delivery, rules.webhook_settled, rules.timer_webhook_dispatch, rules.timer_webhook_forget,
  rules.take_events from public;
grant execute on function rules.act_as, rules.webhook_payload, rules.lease_webhook,
  rules.withhold_delivery, rules.webhook_settled, rules.timer_webhook_dispatch, rules.timer_webhook_forget,
  rules.take_events to casework_worker;
