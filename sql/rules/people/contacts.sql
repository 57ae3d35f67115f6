-- Contacts (facts 13, 14, 49): staff add and change them, a contact itself.

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
  end if;
end $$;

create or replace function rules.create_contact(
  request jsonb, out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  p casework.contacts := jsonb_populate_record(null::casework.contacts, request);
begin
  perform rules.check_contact(p);
  p.kind := coalesce(p.kind, 'support');
  p.authorized := coalesce(p.authorized, true);
  p.created_at := rules.now();
  p.updated_at := p.created_at;
  p := rules.insert_row(p);
  perform rules.record_contact_event(p.district_id, p.id, 'contact.created', '[]');
  select * into status, body, etag, location from rules.contact_answer(p.id, 201);
end $$;

-- What a contact may change: itself, and of itself name, email and phone. Its
-- mails go to the email, so nobody sets that in its name.
create or replace function rules.check_contact_change(contact_id bigint, request jsonb) returns void
language plpgsql as $$
declare
  refused jsonb;
begin
  if not exists (select from casework.contacts p where p.id = contact_id) then
    perform rules.refuse(404, 'not-found', 'There is no such contact.');
  elsif rules.caller_kind() <> 'contact' then
    return;
  elsif contact_id <> rules.caller_id() then
    perform rules.refuse(403, 'not-permitted', 'A contact changes nobody but itself.');
  end if;
  select jsonb_agg(rules.fault('/' || member, 'not-permitted', format('%s is changed by staff.', member))) into refused
  from jsonb_object_keys(request) as member where member not in ('name', 'email', 'phone');
  if request ? 'email' and rules.on_behalf() then
    perform rules.not_permitted('/email', 'A contact changes its email itself, nobody on its behalf.');
  elsif refused is not null then
    perform rules.refuse(403, 'not-permitted', 'A contact changes its name, email and phone only.',
      jsonb_build_object('errors', refused));
  end if;
end $$;

create or replace function rules.update_contact(
  contact_id bigint, if_match bigint[], request jsonb,
  out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  before casework.contacts;
  p casework.contacts;
begin
  perform rules.check_contact_change(contact_id, request);
  select * into before from casework.contacts l where l.id = contact_id for no key update;
  perform rules.check_version(before.version, if_match);
  p := jsonb_populate_record(before, request);
  perform rules.check_contact(p);
  if p is distinct from before then
    perform rules.update_row(before, p, rules.now());
    perform rules.record_contact_event(p.district_id, contact_id, 'contact.updated', rules.changes(before, p));
  end if;
  select * into status, body, etag, location from rules.contact_answer(contact_id, 200);
end $$;
