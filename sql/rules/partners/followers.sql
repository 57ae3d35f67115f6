-- People of a partner who follow a case of a district that it serves (3.7): they are
-- written to as who has the case is. A person follows for itself; what calls in the
-- name of the partner, and staff, name the person.

create view views.partner_follower_document with (security_invoker) as
select w.district_id, w.case_id, w.partner_person_id as person_id, row_to_json(d) as body
from casework.case_partner_followers w
join casework.partner_people p on p.id = w.partner_person_id and p.active
cross join lateral (
  select w.case_id, w.partner_id, w.partner_person_id as person_id, p.name, views.utc(w.since) as since,
    views.actor(w.added_by_kind, w.added_by_id, w.added_by_name) as added_by
) as d;
grant select on views.partner_follower_document to casework_partner, casework_staff;

-- The person whose sign-in this is, if it is a person's. The owner's rights: callers
-- read no identities.
create or replace function rules.calling_person() returns bigint
language plpgsql stable security definer set search_path = '' as $$
begin
  return (select i.partner_person_id from casework.identities i where i.id = rules.identity_id());
end $$;
revoke execute on function rules.calling_person from public;
grant execute on function rules.calling_person to casework_partner, casework_staff;

create or replace function rules.check_partner_follower(person bigint, district bigint) returns casework.partner_people
language plpgsql as $$
declare
  p casework.partner_people;
  own bigint := rules.calling_person();
begin
  if person is null then
    perform rules.invalid('/person_id', 'required', 'Name the person of the partner who follows.');
  elsif person <> own then
    perform rules.not_permitted('/person_id', 'A person follows for itself only.');
  end if;
  select * into p from casework.partner_people q
  where q.id = person and q.active and exists (
    select from views.partner_assignment a where a.partner_id = q.partner_id and a.district_id = district);
  if p.id is null then
    perform rules.invalid('/person_id', 'unknown', 'No partner of the district has such an active person.');
  end if;
  return p;
end $$;

create or replace function rules.follow_as_partner(
  case_id bigint, request jsonb, out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  district bigint := rules.require_case(case_id);
  p casework.partner_people := rules.check_partner_follower(
    coalesce((request ->> 'person_id')::bigint, rules.calling_person()), district);
  actor rules.actor := rules.actor();
begin
  insert into casework.case_partner_followers (district_id, case_id, partner_person_id, partner_id, since,
    added_by_kind, added_by_id, added_by_name)
  values (district, case_id, p.id, p.partner_id, actor.at, actor.kind, actor.id, actor.name)
  on conflict do nothing;
  if not found then
    perform rules.refuse(409, 'already-exists', 'The person follows this case.');
  end if;
  perform rules.record_case_event(district, case_id, actor, 'case.followed', 'public', null,
    jsonb_build_array(rules.changed('follower_person_id', null, to_jsonb(p.id))));
  status := 201;
  select d.body into body from views.partner_follower_document d
  where d.district_id = district and d.case_id = follow_as_partner.case_id and d.person_id = p.id;
end $$;

create or replace function rules.unfollow_as_partner(
  case_id bigint, person_id bigint, out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  district bigint := rules.require_case(case_id);
begin
  if person_id <> rules.calling_person() then
    perform rules.refuse(403, 'not-permitted', 'A person unfollows for itself only.');
  end if;
  status := 200;
  select d.body into body from views.partner_follower_document d
  where d.district_id = district and d.case_id = unfollow_as_partner.case_id
    and d.person_id = unfollow_as_partner.person_id;
  delete from casework.case_partner_followers w
  where w.district_id = district and w.case_id = unfollow_as_partner.case_id
    and w.partner_person_id = unfollow_as_partner.person_id;
  if not found or body is null then
    perform rules.refuse(404, 'not-found', 'The person does not follow this case.');
  end if;
  perform rules.record_case_event(district, case_id, rules.actor(), 'case.unfollowed', 'public', null,
    jsonb_build_array(rules.changed('follower_person_id', to_jsonb(unfollow_as_partner.person_id), null)));
end $$;
