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
  affected text := (
    select string_agg(a.name, ', ' order by a.name) from casework.product_areas a where a.code = any (i.components));
  news text := (
    select string_agg(format(E'%s\n%s', rules.told_time(u.at, zone), u.text), E'\n\n' order by u.id)
    from casework.incident_updates u where u.incident_id = i.id and u.id between first and last);
begin
  return concat(E'\n\n', i.title,
    E'\nFrom: ' || rules.told_time(i.scheduled_from, zone) || E'\nUntil: ' || rules.told_time(i.scheduled_until, zone),
    E'\nAffected: ' || affected, E'\n\n' || news, E'\n\nStatus page: {status}');
end $$;

-- The mail about the incident that the contact got last, or is to get.
create or replace function rules.last_incident_mail(incident_id bigint, contact_id bigint) returns casework.mails
language plpgsql as $$
declare
  m casework.mails;
begin
  select l.* into m
  from casework.incident_events n
  join casework.mails l on l.source = 'incident' and l.event_id = n.id
    and l.recipient_kind = 'contact' and l.recipient_id = contact_id
  where n.incident_id = last_incident_mail.incident_id and n.email
  order by l.id desc limit 1 for update of l;
  return m;
end $$;

-- What an event says goes into the mail that has not been handed out yet.
create or replace function rules.collect_incident_mail(
  m casework.mails, e casework.incident_events, template rules.mail_texts, fields jsonb) returns void
language plpgsql as $$
begin
  update casework.mails l set subject = rules.fill_text(template.subject, fields),
    text = rules.fill_text(template.text || rules.mail_footer(), fields), collected = l.collected || e.id,
    visible_at = case when e.type = 'incident.resolved' then clock_timestamp() else l.visible_at end
  where l.id = m.id;
end $$;

create or replace function rules.mail_about_incident(
  e casework.incident_events, i casework.incidents, template rules.mail_texts, district casework.districts,
  recipient rules.mail_recipient) returns void
language plpgsql as $$
declare
  m casework.mails := rules.last_incident_mail(i.id, recipient.id);
  waits boolean := coalesce(m.state = 'queued' and m.attempts = 0, false);
  first bigint := case when waits then (select n.update_id from casework.incident_events n where n.id = m.event_id) end;
  fields jsonb := jsonb_build_object('title', i.title, 'link', '{portal}', 'thread', 'incident-' || i.id, 'about',
    rules.about_incident(i, coalesce(first, e.update_id), e.update_id, district.time_zone));
begin
  if e.id = m.event_id or e.id = any (m.collected) or (m.id is not null and e.type = 'incident.widened') then
    return;     -- it has been told
  elsif waits then
    perform rules.collect_incident_mail(m, e, template, fields);
    return;
  end if;
  perform rules.queue_mail('incident', e.id, district.id, null, recipient, template, fields);
  if m.id is not null and e.type <> 'incident.resolved' then
    update casework.mails l
    set visible_at = greatest(l.visible_at, coalesce(m.sent_at, m.visible_at) + rules.incident_mail_pause())
    where l.source = 'incident' and l.event_id = e.id and l.recipient_kind = 'contact' and l.recipient_id = recipient.id;
  end if;
end $$;

create or replace function rules.mail_incident_event(e casework.incident_events) returns void
language plpgsql as $$
declare
  i casework.incidents;
  template rules.mail_texts;
begin
  select * into i from casework.incidents n where n.id = e.incident_id;
  select * into template from rules.mail_texts t
  where t.type = replace(e.type, 'incident.', i.kind || '.') and t.audience = 'affected'
    and coalesce(e.behalf_kind, e.actor_kind) = any (t.by_kinds);
  if not found then
    return;
  end if;
  perform rules.mail_about_incident(e, i, template, d, row ('contact', r.contact_id, r.email)::rules.mail_recipient)
  from rules.incident_mail_recipients(e.incident_id) r join casework.districts d on d.id = r.district_id;
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
  where n.incident_id = e.incident_id and n.email and exists (
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
