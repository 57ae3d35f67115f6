-- The people of a partner: who acts in its name (fact 36). One who is deactivated
-- loses what it signs in by.

create or replace function rules.partner_person_answer(
  person_id bigint, code int, out status int, out body json, out etag text, out location text)
language plpgsql stable as $$
begin
  status := code;
  select d.body, d.version, case when code = 201 then format('/v1/partners/%s/people/%s', d.partner_id, d.id) end
    into body, etag, location
  from views.partner_person_document d where d.id = person_id;
end $$;

-- One address once per partner, whatever its case; a race ends at the index.
create or replace function rules.check_partner_person(p casework.partner_people) returns void
language plpgsql as $$
begin
  if exists (
    select from casework.partner_people o
    where o.partner_id = p.partner_id and lower(o.email) = lower(p.email) and o.id is distinct from p.id)
  then
    perform rules.refuse(409, 'already-exists', 'The partner has a person with this email address.',
      jsonb_build_object('errors', jsonb_build_array(
        rules.fault('/email', 'already-exists', 'must be unique in the partner'))));
  end if;
end $$;

create or replace function rules.create_partner_person(
  partner_id bigint, request jsonb, out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  p casework.partner_people := jsonb_populate_record(null::casework.partner_people, request);
  changes jsonb;
begin
  p.partner_id := rules.require_partner(partner_id);
  perform rules.check_partner_person(p);
  p.active := coalesce(p.active, true);
  p.created_at := rules.now();
  p.updated_at := p.created_at;
  p := rules.insert_row(p);
  changes := rules.changes(null::casework.partner_people, p);
  perform rules.keep_values(rules.record_desk_event('partner_person.created', p.id::text, changes,
    'partner', p.partner_id), changes, '{}', to_jsonb(p), of_person => p.id);
  select * into status, body, etag, location from rules.partner_person_answer(p.id, 201);
end $$;

create or replace function rules.update_partner_person(
  partner_id bigint, person_id bigint, if_match bigint[], request jsonb,
  out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  before casework.partner_people;
  p casework.partner_people;
  ended jsonb := '[]';
  changes jsonb;
begin
  select * into before from casework.partner_people l
  where l.id = person_id and l.partner_id = update_partner_person.partner_id for no key update;
  if not found then
    perform rules.refuse(404, 'not-found', 'The partner has no such person.');
  end if;
  perform rules.check_version(before.version, if_match);
  p := jsonb_populate_record(before, request);
  perform rules.check_partner_person(p);
  if p is distinct from before then
    perform rules.update_row(before, p, rules.now());
    if before.active and not p.active then
      ended := rules.end_identities_of(people => array[p.id]);
    end if;
    changes := rules.changes(before, p) || ended;
    perform rules.keep_values(rules.record_desk_event('partner_person.updated', p.id::text, changes,
      'partner', p.partner_id), changes, to_jsonb(before), to_jsonb(p), of_person => p.id);
  end if;
  select * into status, body, etag, location from rules.partner_person_answer(person_id, 200);
end $$;
