-- Mail about incidents and maintenance, where staff have asked for it (fact 69):
-- to the Authorized Contacts of the districts touched. The texts are named like
-- the events, by kind: incident.resolved, maintenance.resolved.
create or replace function rules.mail_incident_event(e casework.incident_events) returns void
language plpgsql as $$
declare
  kind text := (select i.kind from casework.incidents i where i.id = e.incident_id);
  template rules.mail_texts;
begin
  select * into template from rules.mail_texts t
  where t.type = replace(e.type, 'incident.', kind || '.') and t.audience = 'affected' and coalesce(e.behalf_kind, e.actor_kind) = any (t.by_kinds);
  if not found then
    return;
  end if;
  perform rules.queue_mail('incident', e.id, r.district_id, null,
    row ('contact', r.contact_id, r.email)::rules.mail_recipient, template,
    jsonb_build_object('thread', 'incident-' || e.incident_id))
  from rules.incident_mail_recipients(e.incident_id) r
  where e.type <> 'incident.widened' or not rules.knows_incident(r.contact_id, e.incident_id);
  perform rules.incident_mailed(e);
end $$;

-- Whether a mail about the incident has been written to the contact.
create or replace function rules.knows_incident(contact_id bigint, incident_id bigint) returns boolean
language plpgsql stable as $$
begin
  return exists (
    select from casework.incident_events n
    join casework.mails m on m.source = 'incident' and m.event_id = n.id
      and m.recipient_kind = 'contact' and m.recipient_id = knows_incident.contact_id
    where n.incident_id = knows_incident.incident_id and n.email);
end $$;

-- The record that an update has become mails, and how many by now: a wider
-- scope brings more.
create or replace function rules.incident_mailed(e casework.incident_events) returns void
language plpgsql as $$
begin
  insert into casework.incident_deliveries as l (incident_id, update_id, channel, delivered_at, recipients)
  select e.incident_id, e.update_id, 'email', rules.now(), count(m.id)
  from casework.incident_events n
  left join casework.mails m on m.source = 'incident' and m.event_id = n.id
  where n.incident_id = e.incident_id and n.update_id = e.update_id and n.email
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
