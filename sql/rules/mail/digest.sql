-- The daily digest (3.3): at 7:00 of the district's zone, or of the desk's for who has no
-- district, each day on which there is something, one mail with all that was collected for
-- a person. A mail that is
-- collected is as good as queued: the same row, the same texts, and what is said
-- about an incident meanwhile goes into it as well. It is in exactly one digest,
-- since that and digest_id of what it holds are written in one transaction.

create or replace function rules.digest_zone(recipient_kind text, district_id bigint) returns text
language plpgsql stable as $$
begin
  return case when recipient_kind = 'contact' then (
    select d.time_zone from casework.districts d where d.id = digest_zone.district_id) else rules.time_zone() end;
end $$;

create or replace function rules.next_digest(at timestamptz, zone text) returns timestamptz
language plpgsql immutable as $$
declare
  today timestamp := date_trunc('day', at at time zone zone) + interval '7 hours';
begin
  return case when today at time zone zone > at then today at time zone zone
    else (today + interval '1 day') at time zone zone end;
end $$;

-- Not on its way yet, so that its text may still change.
create or replace function rules.mail_waits(m casework.mails) returns boolean
  language sql immutable as $$
  select (m.state = 'queued' and m.attempts = 0) or (m.state = 'collected' and m.digest_id is null) $$;

-- Why it is not to be sent any more; null: it is.
create or replace function rules.withheld_reason(m casework.mails) returns text
language plpgsql stable as $$
begin
  return case
    when not rules.may_be_mailed(m)
      then case when rules.is_test_case(m.case_id, m.district_id) then 'test_case' else 'recipient_gone' end
    when coalesce((rules.mailbox(m.recipient_kind, m.recipient_id)).address, '') = '' then 'no_address'
    when rules.mail_preference(m.topic, m.recipient_kind, m.recipient_id) = 'none' then 'preference' end;
end $$;

-- What is due for a person; for a contact in that district. Of two workers the second
-- waits for the rows, and finds them taken. What came too late for today's is for
-- tomorrow's.
drop function if exists rules.write_digest(bigint, bigint), rules.queue_digest(bigint[], timestamptz);  -- of contacts alone
create or replace function rules.write_digest(recipient_kind text, recipient_id bigint, district_id bigint) returns void
language plpgsql as $$
declare
  due bigint[] := array(
    select m.id from casework.mails m
    where m.state = 'collected' and m.digest_id is null and m.digest_at <= rules.now()
      and m.recipient_kind = write_digest.recipient_kind and m.recipient_id = write_digest.recipient_id
      and (write_digest.district_id is null or m.district_id = write_digest.district_id)
    order by m.id for update);
  last timestamptz := (select max(m.digest_at) from casework.mails m where m.id = any (due));
  written bigint;
begin
  if exists (
    select from casework.mails d
    where d.topic = 'digest' and d.recipient_kind = write_digest.recipient_kind
      and d.recipient_id = write_digest.recipient_id and d.district_id is not distinct from write_digest.district_id
      and d.digest_at >= last)
  then
    update casework.mails m
    set digest_at = rules.next_digest(rules.now(), rules.digest_zone(m.recipient_kind, m.district_id))
    where m.id = any (due);
    return;
  end if;
  update casework.mails m set state = 'withheld', reason = rules.withheld_reason(m)
  where m.id = any (due) and rules.withheld_reason(m) is not null;
  written := rules.queue_digest(due, last, district_id);
  update casework.mails m set digest_id = written
  where m.id = any (due) and m.state = 'collected';
end $$;

-- Its id; null where nothing is left to tell. To the address as it is now.
create or replace function rules.queue_digest(due bigint[], digest_at timestamptz, district_id bigint) returns bigint
language plpgsql as $$
declare
  digest_id bigint;
begin
  insert into casework.mails (district_id, source, event_id, recipient_kind, recipient_id, kind, topic, audience,
    to_address, subject, text, unsubscribe, digest_at)
  select queue_digest.district_id, 'digest', h.first, h.kind, h.id, t.type, t.topic, t.audience,
    b.address, rules.fill_text(t.subject, h.fields), rules.mail_text(t, h.fields, link.unsubscribe, false),
    link.unsubscribe, queue_digest.digest_at
  from (
    select min(m.id) as first, min(m.recipient_kind) as kind, min(m.recipient_id) as id, jsonb_build_object(
      'link', '{portal}', 'count', case count(*) when 1 then '1 message' else count(*) || ' messages' end,
      'messages', string_agg(m.subject || E'\n' || m.text, E'\n\n' order by m.id)) as fields
    from casework.mails m where m.id = any (due) and m.state = 'collected') as h
  cross join lateral rules.mailbox(h.kind, h.id) as b
  join rules.mail_texts t on t.type = 'mail.digest'
  cross join lateral (
    select rules.mail_opt_out_link(row (h.kind, h.id, b.address)::rules.mail_recipient, t.topic)) as link (unsubscribe)
  where h.first is not null
  returning id into digest_id;
  return digest_id;
end $$;

create or replace function rules.timer_mail_digest(batch int) returns int
language plpgsql as $$
declare
  person record;
  handled int := 0;
begin
  for person in
    select d.*, concat(d.kind, ' ', d.id) as item
    from (
      select m.recipient_kind as kind, m.recipient_id as id,
        case m.recipient_kind when 'contact' then m.district_id end as district_id, min(m.digest_at) as since
      from casework.mails m
      where m.state = 'collected' and m.digest_id is null and m.digest_at <= rules.now()
        and not rules.timer_skips('mail_digest', concat(m.recipient_kind, ' ', m.recipient_id))
      group by 1, 2, 3) as d
    order by d.since, d.id limit batch
  loop
    handled := handled + 1;
    begin
      perform rules.write_digest(person.kind, person.id, person.district_id);
    exception when others then
      perform rules.timer_failed('mail_digest', person.item, sqlerrm);
    end;
  end loop;
  return handled;
end $$;
