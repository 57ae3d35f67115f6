-- Mail as each contact wants it (3.3): for each topic at once, once a day, or not at
-- all. What concerns the closing of a case, or asks something of the contact, has
-- no topic. The topics are the columns of casework.mail_preferences;
-- sql/rules/mail/texts.sql says which mail is of which.

insert into rules.columns (relation, name, made, written_by, history) values
  ('mail_preferences', 'contact_id', true,  '{}',        'none'),
  ('mail_preferences', 'notes',      false, '{contact}', 'values'),
  ('mail_preferences', 'progress',   false, '{contact}', 'values'),
  ('mail_preferences', 'fixes',      false, '{contact}', 'values'),
  ('mail_preferences', 'incidents',  false, '{contact}', 'values'),
  ('mail_preferences', 'contacts',   false, '{contact}', 'values'),
  ('mail_preferences', 'version',    false, '{contact}', 'none'),
  ('mail_preferences', 'updated_at', false, '{contact}', 'none');
call rules.make_writers('mail_preferences');

create view views.mail_preferences_document with (security_invoker) as
select c.id, coalesce(p.version, 1) as version, json_build_object(
  'notes', coalesce(p.notes, 'at_once'), 'progress', coalesce(p.progress, 'at_once'),
  'fixes', coalesce(p.fixes, 'at_once'), 'incidents', coalesce(p.incidents, 'at_once'),
  'contacts', coalesce(p.contacts, 'at_once')) as body
from casework.contacts c
left join casework.mail_preferences p on p.contact_id = c.id
where c.id = rules.caller_id();
grant select on views.mail_preferences_document to casework_contact;

create or replace function rules.mail_preference(topic text, recipient_kind text, recipient_id bigint) returns text
language plpgsql stable as $$
begin
  return coalesce((
    select to_jsonb(p) ->> topic from casework.mail_preferences p
    where recipient_kind = 'contact' and p.contact_id = recipient_id), 'at_once');
end $$;

-- A contact's own row, locked; there is one from the first change on.
create or replace function rules.lock_mail_preferences(contact_id bigint) returns casework.mail_preferences
language plpgsql as $$
declare
  p casework.mail_preferences;
begin
  insert into casework.mail_preferences (contact_id) values (lock_mail_preferences.contact_id) on conflict do nothing;
  select * into p from casework.mail_preferences l
  where l.contact_id = lock_mail_preferences.contact_id for no key update;
  return p;
end $$;

create or replace function rules.update_mail_preferences(
  if_match bigint[], request jsonb, out status int, out body json, out etag text)
language plpgsql as $$
declare
  before casework.mail_preferences;
  p casework.mail_preferences;
begin
  perform rules.require_caller_itself('How a contact gets its mail is for the contact itself to say.');
  before := rules.lock_mail_preferences(rules.caller_id());
  perform rules.check_version(before.version, if_match);
  p := jsonb_populate_record(before, request);
  if p is distinct from before then
    perform rules.update_row(before, p, rules.now());
    perform rules.record_contact_event(rules.district(), p.contact_id, 'contact.mail_preferences_changed',
      rules.changes(before, p));
  end if;
  status := 200;
  select d.body, d.version into body, etag from views.mail_preferences_document d;
end $$;

-- Links of mails, for one contact and topic; "digest" is of all that come daily.
create or replace function rules.mail_opt_out_hmac(contact_id bigint, topic text) returns text
language plpgsql stable security definer set search_path = '' as $$
begin
  return rules.link_hmac(concat('mail-opt-out ', topic, ' ', contact_id));
end $$;
revoke execute on function rules.mail_opt_out_hmac from public;
grant execute on function rules.mail_opt_out_hmac to casework_worker;

-- Null where there is nothing to opt out of.
create or replace function rules.mail_opt_out_link(recipient rules.mail_recipient, topic text) returns text
language plpgsql stable as $$
begin
  return case when recipient.kind = 'contact' and topic is not null then concat(
    '{api}/v1/mail-opt-out/', recipient.id, '-', topic, '-', rules.mail_opt_out_hmac(recipient.id, topic)) end;
end $$;

-- The contact of a link and what it is about, or 404.
create or replace function rules.mail_opt_out_of(token text, out contact casework.contacts, out topic text)
language plpgsql stable as $$
begin
  topic := split_part(token, '-', 2);
  if token ~ '^[1-9][0-9]{0,15}-[a-z]+-[0-9a-f]{64}$' then
    select * into contact from casework.contacts c where c.id = split_part(token, '-', 1)::bigint;
  end if;
  if contact.id is null or split_part(token, '-', 3) <> rules.mail_opt_out_hmac(contact.id, topic) then
    perform rules.refuse(404, 'not-found', 'There is no such link. Copy the whole link from the e-mail.');
  end if;
end $$;
revoke execute on function rules.mail_opt_out_of from public;

-- What the link is about, as it is then: none of that topic, or of those that come
-- daily.
create or replace function rules.opted_out(p casework.mail_preferences, topic text) returns casework.mail_preferences
language sql immutable
return jsonb_populate_record(p, (
  select coalesce(jsonb_object_agg(m.key, 'none'), '{}') from jsonb_each_text(to_jsonb(p)) as m
  where m.key = topic or (topic = 'digest' and m.value = 'daily_digest')));

-- Whether nothing is left to opt out of, and what it is about.
create or replace function rules.mail_opt_out_state(token text, out topic text, out opted_out boolean)
language plpgsql stable security definer set search_path = '' as $$
declare
  link record := rules.mail_opt_out_of(token);
  p casework.mail_preferences;
begin
  topic := link.topic;
  select * into p from casework.mail_preferences l where l.contact_id = (link.contact).id;
  opted_out := p.contact_id is not null and rules.opted_out(p, link.topic) is not distinct from p
    or (p.contact_id is null and topic = 'digest');
end $$;
revoke execute on function rules.mail_opt_out_state from public;
grant execute on function rules.mail_opt_out_state to casework_public;

-- The contact's own act: the link came to its mailbox only. Again it changes nothing.
create or replace function rules.opt_out_of_mail(token text) returns void
language plpgsql security definer set search_path = '' as $$
declare
  link record := rules.mail_opt_out_of(token);
  who casework.contacts := link.contact;
  before casework.mail_preferences := rules.lock_mail_preferences(who.id);
  p casework.mail_preferences := rules.opted_out(before, link.topic);
begin
  if p is distinct from before then
    perform rules.update_row(before, p, rules.now());
    insert into casework.events (district_id, contact_id, type, at, actor_kind, actor_id, actor_name, changes)
    values (who.district_id, who.id, 'contact.mail_preferences_changed', rules.now(), 'contact', who.id, who.name,
      rules.changes(before, p));
  end if;
end $$;
revoke execute on function rules.opt_out_of_mail from public;
grant execute on function rules.opt_out_of_mail to casework_public;

-- Showing this changes nothing: mail programs open links before people do.
create or replace function rules.mail_opt_out_page(token text, topic text, opted_out boolean) returns text
language plpgsql immutable as $$
declare
  about text := case topic
    when 'notes' then 'new notes and files' when 'progress' then 'the progress of cases'
    when 'fixes' then 'fixes of product defects' when 'incidents' then 'incidents and maintenance'
    when 'contacts' then 'the contacts of your district' else 'what has been collected for the day' end;
  words text := concat('We will not send you e-mails about ', about, ' any more. '
    'What needs your answer, and what closes a case, we still send.');
begin
  if opted_out then
    return rules.html_message('No more of these e-mails',
      words || ' To choose otherwise, log in to the Support Case Portal.');
  end if;
  return rules.html_page('Stop these e-mails?', concat('<p>', words, E'</p>\n',
    '<form method="post" action="', rules.html(token), E'">\n',
    E'<input type="hidden" name="List-Unsubscribe" value="One-Click">\n',
    E'<button type="submit">Stop these e-mails</button>\n</form>'));
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
    html := rules.mail_opt_out_page(token, now.topic, now.opted_out);
  else
    body := json_build_object('topic', now.topic, 'opted_out', now.opted_out);
  end if;
exception when others then
  get stacked diagnostics sentence = pg_exception_detail;
  if sqlstate not like 'CW%' or media_type <> 'text/html' then
    raise;
  end if;
  select p.status, p.html into answer_mail_opt_out.status, answer_mail_opt_out.html
  from rules.refusal_page(sqlstate, sentence) p;
end $$;
