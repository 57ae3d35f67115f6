-- Followers of a case (fact 62): contacts of its district who are written to
-- although they have no other part in it.

create view views.follower_document with (security_invoker) as
select w.district_id, w.case_id, w.contact_id, row_to_json(d) as body
from casework.case_followers w
-- whoever has left the district follows nothing in it
join casework.contacts p on p.id = w.contact_id and p.district_id = w.district_id
cross join lateral (
  select w.case_id, w.contact_id, p.name, views.utc(w.since) as since,
    views.actor(w.added_by_kind, w.added_by_id, w.added_by_name) as added_by
) as d;
grant select on views.follower_document to casework_contact, casework_partner, casework_staff;

create or replace function rules.follow_case(
  case_id bigint, request jsonb, out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  district bigint := rules.require_case(case_id);
  follower bigint := (request ->> 'contact_id')::bigint;
  actor rules.actor := rules.actor();
begin
  if rules.caller_kind() = 'contact' then
    follower := coalesce(follower, rules.caller_id());
  elsif follower is null then
    perform rules.invalid('/contact_id', 'required', 'Name the contact who follows.');
  end if;
  if not exists (
    select from casework.contacts p where p.id = follower and p.district_id = district and p.may_call)
  then
    perform rules.invalid('/contact_id', 'unknown', 'The district has no such Authorized Contact.');
  end if;
  insert into casework.case_followers (district_id, case_id, contact_id, since,
    added_by_kind, added_by_id, added_by_name)
  values (district, case_id, follower, actor.at, actor.kind, actor.id, actor.name)
  on conflict do nothing;
  if not found then
    perform rules.refuse(409, 'already-exists', 'The contact follows this case.');
  end if;
  perform rules.record_case_event(district, case_id, actor, 'case.followed', 'public', null,
    jsonb_build_array(rules.changed('follower_contact_id', null, to_jsonb(follower))));
  status := 201;
  select d.body into body from views.follower_document d
  where d.district_id = district and d.case_id = follow_case.case_id and d.contact_id = follower;
end $$;

-- Whom a contact has added it may take back: somebody else has their own reasons.
create or replace function rules.unfollow_case(
  case_id bigint, contact_id bigint, out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  district bigint := rules.require_case(case_id);
begin
  status := 200;
  select d.body into body from views.follower_document d
  where d.district_id = district and d.case_id = unfollow_case.case_id and d.contact_id = unfollow_case.contact_id;
  if rules.caller_kind() = 'contact' and contact_id <> rules.caller_id() and not exists (
    select from casework.case_followers w
    where w.district_id = district and w.case_id = unfollow_case.case_id and w.contact_id = unfollow_case.contact_id
      and w.added_by_kind = 'contact' and w.added_by_id = rules.caller_id())
  then
    perform rules.refuse(403, 'not-permitted', 'A contact takes back itself and whom it has added, nobody else.');
  end if;
  delete from casework.case_followers w
  where w.district_id = district and w.case_id = unfollow_case.case_id and w.contact_id = unfollow_case.contact_id;
  if not found or body is null then
    perform rules.refuse(404, 'not-found', 'The contact does not follow this case.');
  end if;
  perform rules.record_case_event(district, case_id, rules.actor(), 'case.unfollowed', 'public', null,
    jsonb_build_array(rules.changed('follower_contact_id', to_jsonb(contact_id), null)));
end $$;
