-- Mail as each person wants it (3.3): for each topic at once, once a day, or not at all.
-- What concerns the closing of a case, or asks something of a person, has no topic. The
-- topics are columns of casework.mail_preferences; sql/rules/mail/texts.sql says which
-- mail is of which.

insert into rules.columns (relation, name, made, written_by, history) values
  ('mail_preferences', 'id',                false, '{}',        'none'),
  ('mail_preferences', 'contact_id',        true,  '{}',        'none'),
  ('mail_preferences', 'partner_person_id', true,  '{}',        'none'),
  ('mail_preferences', 'staff_id',          true,  '{}',        'none'),
  ('mail_preferences', 'notes',      false, '{contact,partner,staff}', 'values'),
  ('mail_preferences', 'progress',   false, '{contact,partner,staff}', 'values'),
  ('mail_preferences', 'fixes',      false, '{contact,partner,staff}', 'values'),
  ('mail_preferences', 'incidents',  false, '{contact,partner,staff}', 'values'),
  ('mail_preferences', 'contacts',   false, '{contact,partner,staff}', 'values'),
  ('mail_preferences', 'alerts',     false, '{contact,partner,staff}', 'values'),
  ('mail_preferences', 'version',    false, '{contact,partner,staff}', 'none'),
  ('mail_preferences', 'updated_at', false, '{contact,partner,staff}', 'none');
call rules.make_writers('mail_preferences');

-- Of what a person of that kind gets mail that it may choose about.
create or replace function rules.mail_topics(recipient_kind text) returns text[]
  language sql immutable
  return case recipient_kind
    when 'contact' then '{notes,progress,fixes,incidents,contacts}'::text[]
    when 'partner_person' then '{notes,progress,fixes}'
    when 'staff' then '{notes,alerts}' else '{}' end;

-- Without a row everything comes at once.
create or replace function rules.mail_preferences_of(recipient_kind text, recipient_id bigint)
returns casework.mail_preferences
language plpgsql stable as $$
declare
  p casework.mail_preferences;
begin
  select * into p from casework.mail_preferences o
  where (recipient_kind = 'contact' and o.contact_id = recipient_id)
    or (recipient_kind = 'partner_person' and o.partner_person_id = recipient_id)
    or (recipient_kind = 'staff' and o.staff_id = recipient_id);
  return p;
end $$;

create or replace function rules.mail_preference(topic text, recipient_kind text, recipient_id bigint) returns text
language plpgsql stable as $$
begin
  return coalesce(case when topic = any (rules.mail_topics(recipient_kind))
    then to_jsonb(rules.mail_preferences_of(recipient_kind, recipient_id)) ->> topic end, 'at_once');
end $$;

create or replace function rules.mail_preferences_document(
  recipient_kind text, p casework.mail_preferences, out body json, out etag text)
  language sql stable as $$
  select json_object_agg(t.topic, case when t.topic = any (rules.mail_topics(recipient_kind))
    then coalesce(to_jsonb(p) ->> t.topic, 'at_once') end), coalesce(p.version, 1)::text
  from unnest('{notes,progress,fixes,incidents,contacts,alerts}'::text[]) as t (topic) $$;

-- The person who calls: a partner's own sign-in is nobody's mailbox.
create or replace function rules.calling_reader(out kind text, out id bigint)
language plpgsql stable as $$
begin
  if rules.caller_kind() = 'partner' then
    kind := 'partner_person';
    id := rules.calling_person();
  else
    kind := rules.caller_kind();
    id := rules.caller_id();
  end if;
  if id is null then
    perform rules.refuse(403, 'not-permitted', 'Mail goes to people: one of the partner signs in, and chooses for itself.');
  end if;
end $$;

create or replace function rules.get_mail_preferences(out body json, out etag text)
language plpgsql stable as $$
declare
  reader record := rules.calling_reader();
begin
  select d.body, d.etag into body, etag
  from rules.mail_preferences_document(reader.kind, rules.mail_preferences_of(reader.kind, reader.id)) as d;
end $$;

drop function if exists rules.lock_mail_preferences(bigint);   -- of contacts alone

-- A person's row, locked; there is one from the first change on.
create or replace function rules.lock_mail_preferences(recipient_kind text, recipient_id bigint)
returns casework.mail_preferences
language plpgsql as $$
declare
  p casework.mail_preferences;
begin
  insert into casework.mail_preferences (contact_id, partner_person_id, staff_id)
  values (case recipient_kind when 'contact' then recipient_id end,
    case recipient_kind when 'partner_person' then recipient_id end,
    case recipient_kind when 'staff' then recipient_id end)
  on conflict do nothing;
  select * into p from casework.mail_preferences l
  where l.id = (rules.mail_preferences_of(recipient_kind, recipient_id)).id for no key update;
  return p;
end $$;

create or replace function rules.record_mail_preferences(
  recipient_kind text, recipient_id bigint, actor rules.actor, changes jsonb) returns void
language plpgsql as $$
begin
  if recipient_kind = 'contact' then
    insert into casework.events (district_id, contact_id, type, at, actor_kind, actor_id, actor_name, changes)
    select c.district_id, c.id, 'contact.mail_preferences_changed', actor.at, actor.kind, actor.id, actor.name, changes
    from casework.contacts c where c.id = recipient_id;
  else
    insert into casework.desk_events (type, at, actor_kind, actor_id, actor_name, resource, changes, owner_kind, owner_id)
    values (recipient_kind || '.mail_preferences_changed', actor.at, actor.kind, actor.id, actor.name, recipient_id,
      changes, case actor.kind when 'partner' then actor.kind end, case actor.kind when 'partner' then actor.id end);
  end if;
end $$;

create or replace function rules.update_mail_preferences(
  if_match bigint[], request jsonb, out status int, out body json, out etag text)
language plpgsql as $$
declare
  reader record;
  before casework.mail_preferences;
  p casework.mail_preferences;
  other text;
begin
  perform rules.require_caller_itself('How a person gets its mail is for the person itself to say.');
  reader := rules.calling_reader();
  select k.name into other from jsonb_object_keys(request) as k (name)
  where k.name <> all (rules.mail_topics(reader.kind)) limit 1;
  if found then
    perform rules.invalid('/' || other, 'not-allowed', 'The caller gets no mail about this topic.');
  end if;
  before := rules.lock_mail_preferences(reader.kind, reader.id);
  perform rules.check_version(before.version, if_match);
  p := jsonb_populate_record(before, request);
  if p is distinct from before then
    perform rules.update_row(before, p, rules.now());
    perform rules.record_mail_preferences(reader.kind, reader.id, rules.actor(), rules.changes(before, p));
    perform rules.wake();
  end if;
  status := 200;
  select d.body, d.etag into body, etag
  from rules.mail_preferences_document(reader.kind, rules.mail_preferences_of(reader.kind, reader.id)) as d;
end $$;

