-- Contacts (facts 13, 14, 49): staff add and change them, a contact itself, and
-- technical contacts those of their district where the vendor allows it (3.2).

-- The owner's rights: policies ask.
create or replace function rules.manages_contacts() returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return rules.is_technical() and (select s.technical_contacts_manage_contacts from casework.contact_settings s);
end $$;
revoke execute on function rules.manages_contacts from public;
grant execute on function rules.manages_contacts to casework_contact;

create or replace function rules.contact_answer(
  contact_id bigint, code int, out status int, out body json, out etag text, out location text)
language plpgsql stable as $$
begin
  status := code;
  select d.body, d.version, case when code = 201 then '/v1/contacts/' || d.id end
    into body, etag, location
  from views.contact_document d where d.id = contact_id;
end $$;

-- One address once per district, whatever its case; a race ends at the index.
create or replace function rules.check_contact(p casework.contacts) returns void
language plpgsql as $$
begin
  if not exists (select from casework.districts d where d.id = p.district_id) then
    perform rules.invalid('/district_id', 'unknown', 'There is no such district.');
  elsif exists (
    select from casework.contacts o
    where o.district_id = p.district_id and lower(o.email) = lower(p.email) and o.id is distinct from p.id)
  then
    perform rules.refuse(409, 'already-exists', 'The district has a contact with this email address.',
      jsonb_build_object('errors', jsonb_build_array(
        rules.fault('/email', 'already-exists', 'must be unique in the district'))));
  elsif exists (
    select from casework.contacts o
    where o.district_id = p.district_id and o.external_id = p.external_id and o.id is distinct from p.id)
  then
    perform rules.refuse_external_id('The district has a contact with this external id.');
  end if;
end $$;

-- An address links whoever signs in with it, wherever that is, and no second person
-- beside it. So one that a contact has written, of itself or of others of its
-- district, counts only once Support has written it too (choice).
create or replace function rules.mark_email_confirmed() returns trigger
language plpgsql as $$
begin
  if tg_op = 'INSERT' or lower(new.email) <> lower(old.email) then
    new.email_confirmed := session_user <> 'casework_contact';
  end if;
  return new;
end $$;
call rules.keep_trigger($$create trigger mark_email_confirmed
  before insert or update of email on casework.contacts
  for each row execute function rules.mark_email_confirmed()$$);

-- What a contact says of another one or of itself is of these members.
create or replace function rules.check_contact_members(request jsonb, allowed text[]) returns void
language plpgsql as $$
declare
  refused jsonb := (
    select jsonb_agg(rules.fault('/' || member, 'not-permitted', format('%s is changed by staff.', member)))
    from jsonb_object_keys(request) as member where member <> all (allowed));
begin
  if refused is not null then
    perform rules.refuse(403, 'not-permitted', format('A contact changes %s only.', array_to_string(allowed, ', ')),
      jsonb_build_object('errors', refused));
  end if;
end $$;

-- Whoever looks after others does so itself. Whom it adds is no technical contact:
-- who looks after contacts is the vendor's to say.
create or replace function rules.require_managing_contacts() returns void
language plpgsql as $$
begin
  if not rules.manages_contacts() then
    perform rules.refuse(403, 'not-permitted', 'Other contacts are added and changed by Support'
      || case when rules.is_technical() then ', which has not allowed technical contacts to.'
        else ', or by a technical contact of the district.' end);
  end if;
  perform rules.require_caller_itself('A technical contact looks after others itself, nobody on its behalf.');
end $$;

create or replace function rules.check_new_contact(request jsonb) returns void
language plpgsql as $$
begin
  if rules.caller_kind() = 'contact' then
    perform rules.require_managing_contacts();
    perform rules.check_contact_members(request, '{district_id,name,email,phone,kind}');
    if request ->> 'kind' = 'technical' then
      perform rules.not_permitted('/kind', 'Technical contacts are named by Support.');
    end if;
  end if;
end $$;

-- A new one, by a request or by a line of an import, which writes to nobody; its id.
drop function if exists rules.add_contact(jsonb);   -- it knows imports now
create or replace function rules.add_contact(request jsonb, imported boolean default false) returns bigint
language plpgsql as $$
declare
  p casework.contacts := jsonb_populate_record(null::casework.contacts, rules.trimmed_keys(request));
  changes jsonb;
begin
  perform rules.check_contact(p);
  p.kind := coalesce(p.kind, 'support');
  p.authorized := coalesce(p.authorized, true);
  p.created_at := rules.now();
  p.updated_at := p.created_at;
  p := rules.insert_row(p);
  changes := rules.changes(null::casework.contacts, p);
  perform rules.keep_values(rules.record_contact_event(p.district_id, p.id, 'contact.created', changes, imported),
    changes, '{}', to_jsonb(p), of_contact => p.id);
  return p.id;
end $$;

-- before is locked. Whether it is another one now. Who is no contact any more has
-- nothing to sign in by, as with staff and partners (choice): whoever comes back is
-- linked anew. An address that Support sends is confirmed, also if it is the same.
drop function if exists rules.change_contact(casework.contacts, jsonb);   -- it knows imports now
create or replace function rules.change_contact(
  before casework.contacts, request jsonb, imported boolean default false) returns boolean
language plpgsql as $$
declare
  p casework.contacts := jsonb_populate_record(before, rules.trimmed_keys(request));
  changes jsonb;
begin
  if request ? 'email' and rules.caller_kind() = 'staff' then
    p.email_confirmed := true;
  end if;
  perform rules.check_contact(p);
  if p is distinct from before then
    perform rules.update_row(before, p, rules.now());
    changes := rules.changes(before, p);
    if before.authorized and not p.authorized then
      changes := changes || rules.end_identities_of(contacts => array[p.id]);
    end if;
    perform rules.keep_values(rules.record_contact_event(p.district_id, p.id, 'contact.updated', changes, imported),
      changes, to_jsonb(before), to_jsonb(p), of_contact => p.id);
  end if;
  return p is distinct from before;
end $$;

create or replace function rules.create_contact(
  request jsonb, out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  contact_id bigint;
begin
  if rules.caller_kind() <> 'contact' then
    perform rules.require_role('{advisor,lead,administrator}');
  end if;
  perform rules.check_new_contact(request);
  contact_id := rules.add_contact(request);
  select * into status, body, etag, location from rules.contact_answer(contact_id, 201);
end $$;

-- What a contact may change: itself, and of itself name, email and phone. Its
-- mails go to the email, so nobody sets that in its name. Of others, their access
-- besides, which a technical contact ends and only staff give back.
create or replace function rules.check_contact_change(contact_id bigint, request jsonb) returns void
language plpgsql as $$
begin
  if not exists (select from casework.contacts p where p.id = contact_id) then
    perform rules.refuse(404, 'not-found', 'There is no such contact.');
  elsif rules.caller_kind() <> 'contact' then
    perform rules.require_role('{advisor,lead,administrator}');
    return;
  elsif contact_id <> rules.caller_id() then
    perform rules.require_managing_contacts();
    perform rules.check_contact_members(request, '{name,email,phone,authorized}');
    if (request ->> 'authorized')::boolean then
      perform rules.not_permitted('/authorized', 'A contact whose access has ended gets it back from Support.');
    end if;
  elsif request ? 'email' and rules.on_behalf() then
    perform rules.not_permitted('/email', 'A contact changes its email itself, nobody on its behalf.');
  else
    perform rules.check_contact_members(request, '{name,email,phone}');
  end if;
end $$;

create or replace function rules.update_contact(
  contact_id bigint, if_match bigint[], request jsonb,
  out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  before casework.contacts;
begin
  perform rules.check_contact_change(contact_id, request);
  select * into before from casework.contacts l where l.id = contact_id for no key update;
  perform rules.check_version(before.version + (select t.training_version from casework.desk_texts t), if_match);
  perform rules.change_contact(before, request);
  select * into status, body, etag, location from rules.contact_answer(contact_id, 200);
end $$;

create or replace function rules.update_contact_settings(
  if_match bigint[], request jsonb, out status int, out body json, out etag text)
language plpgsql as $$
declare
  before casework.contact_settings;
  s casework.contact_settings;
begin
  select * into before from casework.contact_settings for no key update;
  perform rules.check_version(before.version, if_match);
  s := jsonb_populate_record(before, request);
  if s is distinct from before then
    perform rules.update_row(before, s, rules.now());
    perform rules.record_desk_event('setting.updated', 'contacts', rules.changes(before, s));
  end if;
  status := 200;
  select d.body, d.version into body, etag from views.contact_settings_document d;
end $$;
