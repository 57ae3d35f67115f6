-- Mail about incidents, where staff have asked for it (fact 69): to the
-- Authorized Contacts of the districts an incident touches.
create or replace function rules.mail_incident_event(e casework.incident_events) returns void
language plpgsql as $$
declare
  template rules.mail_texts;
  recipients int;
begin
  select * into template from rules.mail_texts t
  where t.type = e.type and t.audience = 'affected' and coalesce(e.behalf_kind, e.actor_kind) = any (t.by_kinds);
  if not found then
    return;
  end if;
  perform rules.queue_mail('incident', e.id, r.district_id, null,
    row ('contact', r.contact_id, r.email)::rules.mail_recipient, template, '{}')
  from rules.incident_mail_recipients(e.incident_id) r;
  get diagnostics recipients = row_count;
  perform rules.incident_mailed(e.id, recipients);
end $$;

create or replace function rules.try_mail_incident(e casework.incident_events) returns void
language plpgsql as $$
begin
  perform rules.mail_incident_event(e);
exception when others then
  perform rules.timer_failed('mail_incidents', e.id::text, sqlerrm);
end $$;
