-- Mails for staff (3.3): to whom, and why it went or not. Never what stands in one, nor
-- the address: a link in it is as good as its recipient.

create type views.recipient as (kind text, id bigint, name text);

create or replace function rules.recipient_name(kind text, recipient_id bigint) returns text
language plpgsql stable as $$
begin
  return case when kind = 'partner_person'
    then (select p.name from casework.partner_people p where p.id = recipient_id)
    else rules.name_of(kind, recipient_id) end;
end $$;

create view views.mail_document with (security_invoker) as
select m.id, m.district_id, m.case_id, m.kind, m.audience, m.state, m.reason, m.recipient_kind, m.recipient_id,
  m.digest_id, m.created_at, row_to_json(d) as body
from casework.mails m
cross join lateral (
  select m.id, m.kind, m.district_id, m.case_id,
    row (m.recipient_kind, m.recipient_id, rules.recipient_name(m.recipient_kind, m.recipient_id))::views.recipient
      as recipient,
    m.audience, m.topic, m.state, m.reason, m.attempts, m.digest_id, views.utc(m.digest_at) as digest_at,
    views.utc(m.created_at) as created_at, views.utc(m.sent_at) as sent_at
) as d;
grant select on views.mail_document to casework_staff;
