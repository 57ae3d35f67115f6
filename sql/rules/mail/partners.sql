-- Mail to a partner whose people and machines have just lost their access (2.10,
-- 3.2): what ended, and since when.

-- "2 sign-ins and 1 webhook": how many are in the member of the change.
create or replace function rules.ended_words(changes jsonb) returns text
language plpgsql immutable as $$
begin
  return (
    select string_agg(n.count || ' ' || n.word || case when n.count > 1 then 's' else '' end, ' and ' order by n.place)
    from (
      select w.word, w.place, jsonb_array_length(c.value -> 'old') as count
      from jsonb_array_elements(changes) as c
      join (values ('identity_ids', 'sign-in', 1), ('webhook_ids', 'webhook', 2)) as w (member, word, place)
        on w.member = c.value ->> 'member') as n);
end $$;

create or replace function rules.mail_partner_event(e casework.desk_events) returns void
language plpgsql as $$
begin
  if e.type = 'reporting_deadline.reminded' then
    perform rules.mail_deadline_event(e);     -- mail/deadlines.sql
    return;
  end if;
  perform rules.queue_mail('desk', e.feed_id, null, null,
    row ('partner', p.id, p.email)::rules.mail_recipient, t,
    jsonb_build_object('thread', 'partner-' || p.id, 'ended', rules.ended_words(e.changes),
      'since', to_char(e.at at time zone rules.time_zone(), 'FMMonth FMDD, YYYY, HH24:MI') || ' Central Time',
      'why', case when p.active then 'no district is assigned to your organization any more'
        else 'your organization is no longer active' end))
  from rules.mail_texts t join casework.partners p on p.id = e.owner_id
  where t.type = e.type and t.audience = 'partner' and coalesce(e.behalf_kind, e.actor_kind) = any (t.by_kinds);
end $$;

create or replace function rules.try_mail_partner(e casework.desk_events) returns void
language plpgsql as $$
begin
  perform rules.mail_partner_event(e);
exception when others then
  perform rules.timer_failed('mail_partners', e.feed_id::text, sqlerrm);
end $$;
