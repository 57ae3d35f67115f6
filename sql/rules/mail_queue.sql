-- Sending what casework.mails holds: leases, by the real clock. A worker that
-- dies keeps its mail until visible_at; then any other may have it, with the
-- same Message-ID. attempts tells one lease of a mail from the next.

-- The mail that waits longest, leased; none if nothing is due. One that was
-- tried often enough has failed, also when each try ended with its worker.
create or replace function rules.lease_mail(lease_seconds int, max_attempts int)
returns table (id bigint, kind text, message_id uuid, to_address text, subject text, text text,
  unsubscribe text, attempts int)
language plpgsql as $$
declare
  found_id bigint;
begin
  update casework.mails m set state = 'failed',
    last_error = coalesce(m.last_error, 'every attempt ended with its worker')
  where m.state = 'queued' and m.visible_at <= clock_timestamp() and m.attempts >= max_attempts;

  select m.id into found_id from casework.mails m
  where m.state = 'queued' and m.visible_at <= clock_timestamp()
  order by m.visible_at, m.id limit 1 for update skip locked;
  return query
  update casework.mails m set attempts = m.attempts + 1,
    visible_at = clock_timestamp() + lease_seconds * interval '1 second'
  where m.id = found_id
  returning m.id, m.kind, m.message_id, m.to_address, m.subject, m.text, m.unsubscribe, m.attempts;
end $$;

-- It is with the recipient's server, whoever's lease it may be by now.
create or replace function rules.mail_sent(mail_id bigint) returns void
language plpgsql as $$
begin
  update casework.mails m set state = 'sent', sent_at = clock_timestamp(), last_error = null
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
    state = case when failed then 'failed' else 'queued' end,
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
