-- Sending what casework.mails holds: leases, by the real clock. A worker that
-- dies keeps its mail until visible_at; then any other may have it, with the
-- same Message-ID. attempts tells one lease of a mail from the next.

-- Whether the recipient is still one: with rights that lasted until the mail is
-- handed out, and a survey only for who has not opted out meanwhile (2.7). Not
-- about a case that has turned out to be a test. That it is none any more, a
-- partner is told.
create or replace function rules.may_be_mailed(m casework.mails) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return not rules.is_test_case(m.case_id, m.district_id) and case m.recipient_kind
    when 'contact' then exists (
      select from casework.contacts p
      where p.id = m.recipient_id and p.may_call and p.district_id = m.district_id
        and (m.kind <> 'survey.invited' or p.survey_opted_out_at is null))
    when 'partner' then exists (select from casework.partners p where p.id = m.recipient_id
      and (p.active or m.kind = 'partner.access_ended'))
    when 'partner_person' then exists (
      select from casework.partner_people p join casework.partners o on o.id = p.partner_id and o.active
      where p.id = m.recipient_id and p.active
        and (m.case_id is null or rules.partner_serves_case(o.id, m.case_id)))
    else exists (select from casework.staff s where s.id = m.recipient_id and s.active) end;
end $$;
revoke execute on function rules.may_be_mailed from public;
grant execute on function rules.may_be_mailed to casework_worker;

-- The mail that waits longest, leased; none if nothing is due. One that was
-- tried often enough has failed, also when each try ended with its worker; one
-- whose recipient has gone, or wants none of these any more, is withheld.
drop function if exists rules.lease_mail(int, int);   -- its row has grown
create function rules.lease_mail(lease_seconds int, max_attempts int)
returns table (id bigint, kind text, message_id uuid, to_address text, subject text, text text,
  unsubscribe text, attempts int, thread text, sender_name text, portal_url text)
language plpgsql as $$
declare
  next casework.mails;
  desk casework.desk_texts;
begin
  update casework.mails m set state = 'failed', reason = 'undeliverable',
    last_error = coalesce(m.last_error, 'every attempt ended with its worker')
  where m.state = 'queued' and m.visible_at <= clock_timestamp() and m.attempts >= max_attempts;

  loop
    select * into next from casework.mails m
    where m.state = 'queued' and m.visible_at <= clock_timestamp()
    order by m.visible_at, m.id limit 1 for update skip locked;
    exit when not found or rules.withheld_reason(next) is null;
    update casework.mails m set state = 'withheld', reason = rules.withheld_reason(next) where m.id = next.id;
  end loop;
  select t.mail_sender_name, t.mail_portal_url into desk.mail_sender_name, desk.mail_portal_url
  from casework.desk_texts t;
  return query
  update casework.mails m set attempts = m.attempts + 1,
    visible_at = clock_timestamp() + lease_seconds * interval '1 second'
  where m.id = next.id
  returning m.id, m.kind, m.message_id, m.to_address, m.subject,
    m.text, m.unsubscribe, m.attempts, m.thread, desk.mail_sender_name, desk.mail_portal_url;
end $$;

-- It is with the recipient's server, whoever's lease it may be by now.
create or replace function rules.mail_sent(mail_id bigint) returns void
language plpgsql as $$
begin
  update casework.mails m set state = 'sent', sent_at = clock_timestamp(), last_error = null, reason = null
  where m.id = mail_id and m.state <> 'sent';
end $$;

-- It was not taken: for good, or until a later attempt, each twice as long
-- after the one before, up to an hour. Says whether it has failed for good.
-- Nothing changes when the lease has gone to somebody else.
create or replace function rules.mail_refused(
  mail_id bigint, attempt int, error text, permanent boolean, retry_seconds int, max_attempts int)
returns boolean
language plpgsql as $$
declare
  failed boolean := permanent or attempt >= max_attempts;
begin
  update casework.mails m set last_error = left(error, 500),
    state = case when failed then 'failed' else 'queued' end, reason = case when failed then 'undeliverable' end,
    visible_at = clock_timestamp()
      + least(retry_seconds * 2 ^ least(attempt - 1, 20), 3600) * interval '1 second'
  where m.id = mail_id and m.state = 'queued' and m.attempts = attempt;
  return failed and found;
end $$;

-- What waits: how many, and since when the oldest.
create or replace function rules.mail_queue(out length bigint, out oldest_seconds numeric)
language plpgsql stable as $$
begin
  select count(*), coalesce(extract(epoch from clock_timestamp() - min(m.created_at)), 0)
    into length, oldest_seconds
  from casework.mails m where m.state = 'queued';
end $$;
