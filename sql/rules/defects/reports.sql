-- "This happens to us too" (3.6): a contact or partner joins a defect that it reads,
-- a published one as a rule, with a case of its own. The link is one like any: a fix
-- tells the case. It says nothing about who else has it.

-- Keeps a fix from passing by, as rules.link_defect does: contacts and partners may
-- not lock a defect themselves. The owner's rights, for one that the caller reads.
create or replace function rules.hold_defect(defect_id bigint) returns void
language plpgsql security definer set search_path = '' as $$
begin
  perform from casework.defects d
  where d.id = hold_defect.defect_id and rules.caller_id() is not null and (d.published or exists (
    select from casework.case_defects l
    where l.defect_id = d.id and l.unlinked_at is null and rules.reaches(l.district_id)))
  for share of d;
end $$;
revoke execute on function rules.hold_defect(bigint) from public;
grant execute on function rules.hold_defect(bigint) to casework_contact, casework_partner;

-- Only what waits for a fix is joined: a fixed one says which release to take.
create or replace function rules.check_joinable(d casework.defects) returns void
language plpgsql as $$
begin
  if d.status = 'fixed' then
    perform rules.refuse(409, 'conflict', format(
      'The defect is fixed in release %s: if it is still there, say so in the case.',
      (select x.release from casework.defect_fixes x where x.defect_id = d.id order by x.id desc limit 1)));
  elsif d.status = 'not_a_defect' then
    perform rules.refuse(409, 'conflict', 'It has turned out to be no defect.');
  end if;
end $$;

-- linked_by is whose case it is; the event tells who acted for it as well.
create or replace function rules.report_defect(
  defect_id bigint, request jsonb, out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  d casework.defects;
  c casework.cases;
  actor rules.actor := rules.actor();
begin
  perform rules.require_defect(defect_id);
  select * into c from casework.cases k where k.id = (request ->> 'case_id')::bigint for no key update;
  if not found then
    perform rules.invalid('/case_id', 'unknown', 'There is no such case.');
  elsif c.status = 'closed' then
    perform rules.refuse(409, 'conflict', 'The case is closed: reopen it, or submit another one.');
  end if;
  perform rules.hold_defect(defect_id);
  select * into d from casework.defects k where k.id = report_defect.defect_id;
  perform rules.check_joinable(d);
  if exists (
    select from casework.case_defects l
    where l.defect_id = d.id and l.district_id = c.district_id and l.case_id = c.id and l.unlinked_at is null)
  then
    perform rules.refuse(409, 'already-exists', 'The case is linked to this defect.');
  end if;
  insert into casework.case_defects (district_id, case_id, defect_id, linked_at,
    linked_by_kind, linked_by_id, linked_by_name)
  values (c.district_id, c.id, d.id, actor.at, coalesce(actor.behalf_kind, actor.kind),
    coalesce(actor.behalf_id, actor.id), coalesce(actor.behalf_name, actor.name));
  perform rules.touch_case(c, actor, 'case.defect_linked', null,
    jsonb_build_array(rules.changed('defect_id', null, to_jsonb(d.id))));
  status := 201;
  select x.body into body from views.case_defect_document x
  where x.defect_id = d.id and x.case_id = c.id and x.district_id = c.district_id;
end $$;
