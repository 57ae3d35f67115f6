-- Mail about incidents and maintenance, where staff have asked for it (fact 69):
-- to the Authorized Contacts of the districts touched. The texts are named like
-- the events, by kind: incident.resolved, maintenance.resolved.
--
-- A person gets one mail at most in half an hour about one incident, unless that is
-- resolved; what is said meanwhile is collected in the mail that waits (3.3).

create or replace function rules.incident_mail_pause() returns interval
  language sql immutable
  return interval '30 minutes';

-- {about}: what it is, when, what it affects, and what was said from one update to
-- another, with the times of that zone.
create or replace function rules.about_incident(i casework.incidents, first bigint, last bigint, zone text) returns text
language plpgsql stable as $$
declare
  affected text := coalesce((
    select string_agg(a.name, ', ' order by a.name) from casework.product_areas a
    where a.code = any (case i.components when '{}' then i.scope_product_areas else i.components end)),
    'no part of the product in particular');
  news text := (
    select string_agg(format(E'%s\n%s', rules.told_time(u.at, zone), u.text), E'\n\n' order by u.id)
    from casework.incident_updates u where u.incident_id = i.id and u.id between first and last);
begin
  return concat(E'\n\n', i.title,
    E'\nFrom: ' || rules.told_time(i.scheduled_from, zone) || E'\nUntil: ' || rules.told_time(i.scheduled_until, zone),
    E'\nAffected: ' || affected, E'\n\n' || news, E'\n\nStatus page: {status}');
end $$;

-- Whom it goes to; of each the mail about the incident that it got last, or is to
-- get, and the update with which that begins.
create or replace function rules.incident_mail_readers(incident_id bigint)
returns table (contact_id bigint, district_id bigint, email text, time_zone text, last casework.mails, first_update bigint)
language sql stable as $$
  select r.contact_id, r.district_id, r.email, d.time_zone, l.mail, l.update_id
  from rules.incident_mail_recipients(incident_id) r
  join casework.districts d on d.id = r.district_id
  left join (
    select distinct on (k.recipient_id) k.recipient_id, k as mail, n.update_id
    from casework.incident_events n
    join casework.mails k on k.source = 'incident' and k.event_id = n.id and k.recipient_kind = 'contact'
    where n.incident_id = incident_mail_readers.incident_id and n.email
    order by k.recipient_id, k.id desc) l on l.recipient_id = r.contact_id;
$$;

-- What the event says goes into the mail, unless that has been handed out or is in a
-- digest.
create or replace function rules.collect_incident_mail(
  m casework.mails, e casework.incident_events, template rules.mail_texts, fields jsonb) returns boolean
language plpgsql as $$
begin
  update casework.mails l set subject = rules.fill_text(template.subject, fields),
    text = rules.mail_text(template, fields, l.unsubscribe, l.state = 'collected'), collected = l.collected || e.id,
    visible_at = case when e.type = 'incident.resolved' then clock_timestamp() else l.visible_at end
  where l.id = m.id and rules.mail_waits(l);
  return found;
end $$;

create or replace function rules.delay_incident_mail(e casework.incident_events, contact_id bigint, until timestamptz) returns void
language sql as $$
  update casework.mails l set visible_at = greatest(l.visible_at, until)
  where l.source = 'incident' and l.event_id = e.id and l.recipient_kind = 'contact' and l.recipient_id = contact_id;
$$;

-- An incident may reach everybody: what it says is put into words once for each
-- zone and beginning.
create or replace function rules.mail_incident_event(e casework.incident_events) returns void
language plpgsql as $$
declare
  i casework.incidents;
  template rules.mail_texts;
  r record;
  first bigint;
  words jsonb := '{}';
  fields jsonb;
begin
  select * into i from casework.incidents n where n.id = e.incident_id;
  select * into template from rules.mail_texts t
  where t.type = replace(e.type, 'incident.', i.kind || '.') and t.audience = 'affected'
    and coalesce(e.behalf_kind, e.actor_kind) = any (t.by_kinds);
  if not found then
    return;
  end if;
  for r in select * from rules.incident_mail_readers(e.incident_id) loop
    continue when e.id = (r.last).event_id or e.id = any ((r.last).collected)
      or ((r.last).id is not null and e.type = 'incident.widened');     -- it has been told
    first := case when rules.mail_waits(r.last) then r.first_update else e.update_id end;
    if not words ? concat(r.time_zone, first) then
      words := words || jsonb_build_object(concat(r.time_zone, first),
        rules.about_incident(i, first, e.update_id, r.time_zone));
    end if;
    fields := jsonb_build_object('title', i.title, 'link', '{portal}', 'thread', 'incident-' || i.id,
      'about', words -> concat(r.time_zone, first));
    continue when (r.last).id is not null and rules.collect_incident_mail(r.last, e, template, fields);
    perform rules.queue_mail('incident', e.id, r.district_id, null,
      row ('contact', r.contact_id, r.email)::rules.mail_recipient, template, fields);
    if (r.last).id is not null and e.type <> 'incident.resolved' then
      perform rules.delay_incident_mail(e, r.contact_id,
        coalesce((r.last).sent_at, (r.last).visible_at) + rules.incident_mail_pause());
    end if;
  end loop;
  perform rules.incident_mailed(e);
end $$;

-- The record that an update has become mails, and how many by now: a wider
-- scope brings more.
create or replace function rules.incident_mailed(e casework.incident_events) returns void
language plpgsql as $$
begin
  insert into casework.incident_deliveries as l (incident_id, update_id, channel, delivered_at, recipients)
  select e.incident_id, e.update_id, 'email', rules.now(), count(*)
  from casework.incident_events n
  join casework.mails m on m.source = 'incident' and m.event_id = n.id
  where n.incident_id = e.incident_id and n.email and (m.state, m.reason) is distinct from ('withheld', 'preference') and exists (
    select from casework.incident_events t
    where t.incident_id = e.incident_id and t.update_id = e.update_id and t.email
      and (t.id = m.event_id or t.id = any (m.collected)))
  having e.update_id is not null
  on conflict (update_id, channel) do update set recipients = excluded.recipients;
end $$;

create or replace function rules.try_mail_incident(e casework.incident_events) returns void
language plpgsql as $$
begin
  perform rules.mail_incident_event(e);
exception when others then
  perform rules.timer_failed('mail_incidents', e.id::text, sqlerrm);
end $$;
