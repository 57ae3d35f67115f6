-- Mail to people (facts 48, 62, 70): from events to rows of casework.mails.
--
-- Another event that is written about: a row of rules.mail_texts. Other
-- recipients: mail/audiences.sql. Further fields of a text, {survey} for instance, and
-- the field unsubscribe: rules.mail_extra. Events of another table: a branch in
-- rules.timer_mail_dispatch that calls rules.queue_mail with its own source.

-- What a mail says about a new status; null where there is none about it (3.3).
create or replace function rules.status_news(e casework.events) returns jsonb
language plpgsql stable as $$
declare
  status text := jsonb_path_query_first(e.changes, '$[*] ? (@.member == "status").new') #>> '{}';
  scheduled_on date := jsonb_path_query_first(e.changes, '$[*] ? (@.member == "scheduled_on").new') #>> '{}';
begin
  return case
    when scheduled_on is not null then jsonb_build_object(
      'headline', 'is scheduled for ' || rules.long_date(scheduled_on),
      'what', format('Work on case %s is scheduled for %s.', e.case_id, rules.long_date(scheduled_on)))
    when status = 'pending_customer_input' then jsonb_build_object(
      'headline', 'needs an answer of yours',
      'what', format('To go on with case %s, Support needs an answer of your district. '
        'Please write it as a note in the case.', e.case_id)) end;
end $$;

-- Fields beyond {case} and {link} that the texts about this event may name.
-- Links begin with {api} or {portal}, which the worker replaces by its settings.
create or replace function rules.mail_extra(e casework.events) returns jsonb
language plpgsql stable as $$
begin
  if e.type like 'contact.%' then
    return jsonb_build_object('thread', 'contact-' || e.contact_id) || rules.welcome_fields();
  elsif e.type = 'case.closed' then
    return jsonb_build_object('next', coalesce(
      'It was merged into case ' || (jsonb_path_query_first(e.changes,
        '$[*] ? (@.member == "merged_into_case_id").new') #>> '{}') || ', which goes on.',
      'If it is not resolved, you can reopen it within 60 days.'));
  elsif e.type = 'case.followed_up' then
    return (
      select jsonb_build_object('closes', rules.told_time(r.auto_close_at, d.time_zone), 'which',
        coalesce('follow-up ' || f.slot || ' of ' || cardinality(r.due_dates), 'one more follow-up'))
      from casework.follow_ups f
      join casework.follow_up_runs r on r.case_id = f.case_id and r.district_id = f.district_id and r.run = f.run
      join casework.districts d on d.id = f.district_id
      where f.note_id = e.note_id and f.case_id = e.case_id and f.district_id = e.district_id);
  elsif e.type = 'case.status_changed' then
    return rules.status_news(e);
  elsif e.type = 'survey.invited' then
    return (select jsonb_build_object('survey', '{api}' || m.survey_path, 'unsubscribe', '{api}' || m.opt_out_path)
      from rules.survey_mail(e.id) m);
  end if;
  return '{}';
end $$;

-- A text with its fields put in. Those that are not among them stay.
create or replace function rules.fill_text(text text, fields jsonb) returns text
language plpgsql immutable as $$
declare
  field record;
begin
  for field in select f.key, f.value from jsonb_each_text(fields) as f where f.value is not null loop
    text := replace(text, '{' || field.key || '}', field.value);
  end loop;
  return text;
end $$;

-- The end of every mail (fact 70): nobody reads what is sent back. In the words of
-- /v1/settings/mail.
create or replace function rules.mail_footer() returns text
  language sql stable
  return (select E'\n\n' || t.mail_footer || E'\n{link}\n' from casework.desk_texts t);

-- ": Grades cannot be posted" behind the subject of a mail about a case, unless
-- /v1/settings/mail says otherwise (3.3).
create or replace function rules.mail_case_subject(case_id bigint, district_id bigint) returns text
language plpgsql stable as $$
begin
  return coalesce((
    select ': ' || left(c.subject, 100)
    from casework.desk_texts t join casework.cases c on c.id = mail_case_subject.case_id
      and c.district_id = mail_case_subject.district_id
    where t.mail_case_subject), '');
end $$;

-- What it says, with the way out of its topic, if there is one; of what waits for a
-- digest only what is its own.
create or replace function rules.mail_text(
  template rules.mail_texts, fields jsonb, unsubscribe text, collected boolean) returns text
language plpgsql stable as $$
begin
  return rules.fill_text(
    template.text || case
      when collected then E'\n{link}'
      else coalesce(E'\n\nTo receive no more e-mails of this kind:\n' || unsubscribe, '') || rules.mail_footer() end,
    fields);
end $$;

-- One mail to one person, once per event of that source, as the person wants it.
-- Mails about one thing make a thread: the case, or what extra names.
create or replace function rules.queue_mail(
  source text, event_id bigint, district_id bigint, case_id bigint, recipient rules.mail_recipient,
  template rules.mail_texts, extra jsonb) returns void
language plpgsql as $$
declare
  fields jsonb := jsonb_build_object('case', case_id,
    'link', '{portal}' || coalesce('/cases/' || case_id, '')) || extra;
  unsubscribe text := rules.mail_opt_out_link(recipient, template.topic);
  preference text := rules.mail_preference(template.topic, recipient.kind, recipient.id);
  state text := case when coalesce(recipient.address, '') = '' or preference = 'none' then 'withheld'
    when preference = 'daily_digest' then 'collected' else 'queued' end;
begin
  insert into casework.mails (district_id, case_id, source, event_id, recipient_kind, recipient_id, kind, topic, audience,
    to_address, subject, text, unsubscribe, thread, state, reason, digest_at)
  values (district_id, case_id, source, event_id, recipient.kind, recipient.id, template.type, template.topic,
    template.audience, coalesce(recipient.address, ''),
    rules.fill_text(template.subject, fields) || rules.mail_case_subject(case_id, district_id),
    rules.mail_text(template, fields, unsubscribe, state = 'collected'),
    coalesce(unsubscribe, extra ->> 'unsubscribe'), coalesce('case-' || case_id, extra ->> 'thread'), state,
    case when coalesce(recipient.address, '') = '' then 'no_address' when preference <> 'at_once' then 'preference' end,
    case when state = 'collected' then rules.next_digest(rules.now(), rules.digest_zone(recipient.kind, district_id)) end)
  on conflict do nothing;
end $$;

-- About test cases nobody is written to, nor about what was imported; nor twice to an
-- advisor, about a contact's note and about what it does to a change.
create or replace function rules.is_mailed(e casework.events) returns boolean
language plpgsql stable as $$
begin
  return not e.imported and not rules.is_test_case(e.case_id, e.district_id)
    and not (e.type = 'case.status_changed' and rules.status_news(e) is null)
    and not (e.type = 'case.note_added' and coalesce(e.behalf_kind, e.actor_kind) = 'contact' and exists (
      select from casework.notes n
      where n.id = e.note_id and n.district_id = e.district_id
        and (n.kind in ('confirmation', 'rejection') or n.mentions <> '{}')));
end $$;

-- Two mails are alerts at once, and end with these (/v1/settings/alerts).
create or replace function rules.alert_is_silent(type text, audience text) returns boolean
language plpgsql stable as $$
begin
  return exists (
    select from casework.alert_rules r
    where not (r.enabled and r.mail) and (r.kind, type, audience)
      in (('contact_reply', 'case.note_added', 'advisor'), ('follow_up_paused', 'case.follow_up_paused', 'owners')));
end $$;

-- A mail says why it goes to this person: readers are those in the place of who is involved.
create or replace function rules.mail_event(e casework.events) returns void
language plpgsql as $$
declare
  template rules.mail_texts;
  recipient rules.mail_recipient;
  involved bigint[] := array(select r.id from rules.audience_involved(e) r);
begin
  for template in
    select t.* from rules.mail_texts t
    where (t.type = e.type or (t.type = 'contact.welcomed' and e.type in ('contact.created', 'contact.updated')))
      and coalesce(e.behalf_kind, e.actor_kind) = any (t.by_kinds)
      and (e.visibility = 'public' or t.audience = 'survey') and rules.is_mailed(e)
      and not rules.alert_is_silent(t.type, t.audience)
  loop
    for recipient in select * from rules.mail_recipients(e, template.audience) loop
      template.audience := case when template.audience in ('involved', 'readers')
        then case when recipient.id = any (involved) then 'involved' else 'readers' end else template.audience end;
      perform rules.queue_mail('case', e.id, e.district_id, e.case_id, recipient, template,
        rules.mail_extra(e) || case when template.audience = 'advisor'
          then rules.assigned_words(e, recipient.id) else '{}' end);
    end loop;
  end loop;
end $$;

-- An event nobody can write about now is set aside and tried again below; the
-- cursor goes on.
create or replace function rules.try_mail_event(e casework.events) returns void
language plpgsql as $$
begin
  perform rules.mail_event(e);
exception when others then
  perform rules.timer_failed('mail_dispatch', e.id::text, sqlerrm);
end $$;

-- What is written about: events of cases and contacts, those of incidents that are to be mailed, what ends with a
-- partner, and deadlines that come near. About demonstration data, ids up to 100000 and 1000, nobody is written to.
create or replace function rules.timer_mail_dispatch(batch int) returns int
language plpgsql as $$
declare
  news record;
  handled int := 0;
begin
  for news in select * from rules.take_events('mail', batch) loop
    handled := handled + 1;
    if news.source = 'case' and news.id > 100000
      and exists (select from rules.mail_texts t where t.type = news.type)
    then
      perform rules.try_mail_event(e) from casework.events e where e.id = news.id;
    elsif news.source = 'incident' then
      perform rules.try_mail_incident(e) from casework.incident_events e
      where e.feed_id = news.id and e.email and e.incident_id is not null and e.id > 1000;
    elsif news.type in ('partner.access_ended', 'reporting_deadline.reminded') then
      perform rules.try_mail_partner(e) from casework.desk_events e where e.feed_id = news.id;
    end if;
  end loop;
  return handled;
end $$;

-- Events set aside, when their time has come.
create or replace function rules.timer_mail_retry(batch int) returns int
language plpgsql as $$
declare
  fault casework.timer_faults;
  handled int := 0;
begin
  for fault in
    select * from casework.timer_faults f
    where f.timer in ('mail_dispatch', 'mail_incidents', 'mail_partners') and f.retry_at <= rules.now()
    order by f.retry_at limit batch for update skip locked
  loop
    handled := handled + 1;
    begin
      if fault.timer = 'mail_dispatch' then
        perform rules.mail_event(e) from casework.events e where e.id = fault.item::bigint;
      elsif fault.timer = 'mail_incidents' then
        perform rules.mail_incident_event(e) from casework.incident_events e where e.id = fault.item::bigint;
      else
        perform rules.mail_partner_event(e) from casework.desk_events e where e.feed_id = fault.item::bigint;
      end if;
      delete from casework.timer_faults f where f.timer = fault.timer and f.item = fault.item;
    exception when others then
      perform rules.timer_failed(fault.timer, fault.item, sqlerrm);
    end;
  end loop;
  return handled;
end $$;
