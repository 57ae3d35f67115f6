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

-- Like rules.timer_mail_dispatch, whose comment says why it is safe.
create or replace function rules.timer_mail_incidents(batch int) returns int
language plpgsql as $$
declare
  progress casework.mail_cursors;
  e casework.incident_events;
  handled int := 0;
begin
  select * into progress from casework.mail_cursors c where c.source = 'incident' for update skip locked;
  if not found then
    return 0;
  end if;
  for e in
    select n.* from casework.incident_events n
    where (n.xid, n.id) > (progress.xid, progress.event_id)
      and n.xid < pg_snapshot_xmin(pg_current_snapshot())
    order by n.xid, n.id
    limit batch
  loop
    handled := handled + 1;
    progress.xid := e.xid;
    progress.event_id := e.id;
    if e.email and e.incident_id is not null and e.id > 1000 then
      perform rules.try_mail_incident(e);
    end if;
  end loop;
  if handled > 0 then
    update casework.mail_cursors c set (xid, event_id) = (progress.xid, progress.event_id)
    where c.source = progress.source;
  end if;
  return handled;
end $$;
