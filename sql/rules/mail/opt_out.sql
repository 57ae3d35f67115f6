-- Links of mails (RFC 8058) that stop mail of a topic to whoever they were sent to,
-- and the page of one. Who has the link is taken for its recipient.

-- Links of mails, for one person and topic; "digest" is of all that come daily. In a
-- link a partner's person is p17, one of the staff s17, and a contact 17.
create or replace function rules.mail_opt_out_token(recipient_kind text, recipient_id bigint, topic text) returns text
language plpgsql stable security definer set search_path = '' as $$
declare
  who text := left(nullif(recipient_kind, 'contact'), 1);
begin
  return concat(who, recipient_id, '-', topic, '-', rules.link_hmac(concat('mail-opt-out ', topic, ' ', who, recipient_id)));
end $$;
revoke execute on function rules.mail_opt_out_token from public;
grant execute on function rules.mail_opt_out_token to casework_worker;
drop function if exists rules.mail_opt_out_hmac(bigint, text), rules.mail_opt_out_of(text),
  rules.mail_opt_out_state(text);   -- they were of contacts alone

-- Null where there is nothing to opt out of.
create or replace function rules.mail_opt_out_link(recipient rules.mail_recipient, topic text) returns text
language plpgsql stable as $$
begin
  return case when topic = any (rules.mail_topics(recipient.kind) || 'digest'::text)
    then '{api}/v1/mail-opt-out/' || rules.mail_opt_out_token(recipient.kind, recipient.id, topic) end;
end $$;

-- Whose link it is, as who acts by it and as whom mail goes to, and what it is about; or 404.
create or replace function rules.mail_opt_out_of(
  token text, out reader rules.mail_recipient, out actor rules.actor, out topic text)
language plpgsql stable as $$
begin
  topic := split_part(token, '-', 2);
  if token ~ '^[ps]?[1-9][0-9]{0,15}-[a-z]+-[0-9a-f]{64}$' then
    reader.kind := case left(token, 1) when 'p' then 'partner_person' when 's' then 'staff' else 'contact' end;
    reader.id := ltrim(split_part(token, '-', 1), 'ps')::bigint;
    if token = rules.mail_opt_out_token(reader.kind, reader.id, topic) then
      select m.address, m.kind, m.id, m.name into reader.address, actor.kind, actor.id, actor.name
      from rules.mailbox(reader.kind, reader.id) m;
      actor.at := rules.now();
    end if;
  end if;
  if actor.id is null then
    perform rules.refuse(404, 'not-found', 'There is no such link. Copy the whole link from the e-mail.');
  end if;
end $$;
revoke execute on function rules.mail_opt_out_of from public;

-- Where mail to that person goes, and who it is when it acts. The owner's rights: the
-- worker reads no names.
create or replace function rules.mailbox(
  recipient_kind text, recipient_id bigint, out address text, out kind text, out id bigint, out name text)
language plpgsql stable security definer set search_path = '' as $$
begin
  if recipient_kind = 'partner' then
    select p.email, 'partner', p.id, p.name into address, kind, id, name
    from casework.partners p where p.id = recipient_id;
  elsif recipient_kind = 'partner_person' then
    select p.email, 'partner', o.id, format('%s (%s)', p.name, o.name) into address, kind, id, name
    from casework.partner_people p join casework.partners o on o.id = p.partner_id where p.id = recipient_id;
  elsif recipient_kind = 'staff' then
    select s.email, 'staff', s.id, s.name into address, kind, id, name from casework.staff s where s.id = recipient_id;
  else
    select c.email, 'contact', c.id, c.name into address, kind, id, name from casework.contacts c where c.id = recipient_id;
  end if;
end $$;
revoke execute on function rules.mailbox from public;
grant execute on function rules.mailbox to casework_worker;

-- What the link is about, as it is then: none of that topic, or of those that come
-- daily.
create or replace function rules.opted_out(p casework.mail_preferences, topic text) returns casework.mail_preferences
language sql immutable as $$
select jsonb_populate_record(p, (
  select coalesce(jsonb_object_agg(m.key, 'none'), '{}') from jsonb_each_text(to_jsonb(p)) as m
  where m.key = topic or (topic = 'digest' and m.value = 'daily_digest'))) $$;

-- Whether nothing is left to opt out of, what it is about, and whose mail.
create or replace function rules.mail_opt_out_state(token text, out topic text, out address text, out opted_out boolean)
language plpgsql stable security definer set search_path = '' as $$
declare
  link record := rules.mail_opt_out_of(token);
  p casework.mail_preferences := rules.mail_preferences_of((link.reader).kind, (link.reader).id);
begin
  topic := link.topic;
  address := (link.reader).address;
  opted_out := case when p.id is null then topic = 'digest'
    else rules.opted_out(p, link.topic) is not distinct from p end;
end $$;
revoke execute on function rules.mail_opt_out_state from public;
grant execute on function rules.mail_opt_out_state to casework_public;

-- The person's own act: the link came to its mailbox only. Again it changes nothing.
create or replace function rules.opt_out_of_mail(token text) returns void
language plpgsql security definer set search_path = '' as $$
declare
  link record := rules.mail_opt_out_of(token);
  reader rules.mail_recipient := link.reader;
  before casework.mail_preferences := rules.lock_mail_preferences(reader.kind, reader.id);
  p casework.mail_preferences := rules.opted_out(before, link.topic);
begin
  if p is distinct from before then
    perform rules.update_row(before, p, rules.now());
    perform rules.record_mail_preferences(reader.kind, reader.id, link.actor, rules.changes(before, p));
  end if;
end $$;
revoke execute on function rules.opt_out_of_mail from public;
grant execute on function rules.opt_out_of_mail to casework_public;

-- Showing this changes nothing: mail programs open links before people do.
drop function if exists rules.mail_opt_out_page(text, text, boolean);   -- it did not say whose
create or replace function rules.mail_opt_out_page(
  token text, topic text, address text, opted_out boolean) returns text
language plpgsql stable as $$
declare
  about text := case topic
    when 'notes' then 'new notes and files' when 'progress' then 'the progress of cases'
    when 'fixes' then 'fixes of product defects' when 'incidents' then 'incidents and maintenance'
    when 'contacts' then 'the contacts of your district'
    when 'alerts' then 'what staff are alerted of' else 'what has been collected for the day' end;
  words text := concat('<p>We will not send e-mails about ', about, ' to ',
    coalesce('<strong>' || rules.html(address) || '</strong>', 'you'),
    E' any more. What needs an answer, and what closes a case, we still send.</p>\n');
begin
  if opted_out then
    return rules.html_page('No more of these e-mails', concat(words,
      '<p>To choose otherwise, log in to the ', rules.portal_link(), '.</p>'));
  end if;
  return rules.html_page('Stop these e-mails?', concat(words, rules.opt_out_form(token, 'Stop these e-mails')));
end $$;

-- The link, looked at or (RFC 8058, one POST from a mail program or the page's
-- button) used.
create or replace function rules.answer_mail_opt_out(
  token text, using_it boolean, faults jsonb, media_type text, out status int, out body json, out html text)
language plpgsql as $$
declare
  now record;
  sentence text;
begin
  if faults is not null then
    perform rules.refuse(422, 'invalid-request', 'This is not the form of the opt-out page.');
  elsif using_it then
    perform rules.opt_out_of_mail(token);
  end if;
  now := rules.mail_opt_out_state(token);
  status := 200;
  if media_type = 'text/html' then
    html := rules.mail_opt_out_page(token, now.topic, now.address, now.opted_out);
  else
    body := json_build_object('topic', now.topic, 'address', now.address, 'opted_out', now.opted_out);
  end if;
exception when others then
  get stacked diagnostics sentence = pg_exception_detail;
  if sqlstate not like 'CW%' or media_type <> 'text/html' then
    raise;
  end if;
  select p.status, p.html into answer_mail_opt_out.status, answer_mail_opt_out.html
  from rules.refusal_page(sqlstate, sentence) p;
end $$;
