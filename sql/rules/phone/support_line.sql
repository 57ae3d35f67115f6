-- The toll-free number, exclusively for Authorized Contacts (facts 22, 34, 38).
--
-- One function reads it. It has the owner's rights, since no role has any to the
-- table, and it decides by itself: the session of a contact, the contact still
-- authorized, nobody acting on its behalf. Each reading is recorded by the same
-- function, so there is none without its record.
create or replace function rules.toll_free_number(outage_case_id bigint) returns text
language plpgsql security definer set search_path = '' as $$
begin
  if session_user <> 'casework_contact' or rules.on_behalf() then
    return null;
  end if;
  insert into casework.support_line_reads (district_id, contact_id, case_id, at)
  select c.district_id, c.id, (
      select k.id from casework.cases k where k.id = outage_case_id and k.district_id = c.district_id), rules.now()
  from casework.contacts c where c.id = rules.caller_id() and c.may_call;
  if not found then
    return null;
  end if;
  return (select l.toll_free_number from casework.support_line l);
end $$;
revoke execute on function rules.toll_free_number(bigint) from public;
grant execute on function rules.toll_free_number(bigint) to casework_contact;

-- Option 8 is for the outages of hosted districts (fact 37), as hosted now.
create or replace function rules.support_line(outage_case_id bigint, district_id bigint) returns json
language plpgsql stable as $$
declare
  number text := rules.toll_free_number(outage_case_id);
begin
  return case when number is not null then json_build_object('toll_free_number', number, 'option', (
    select 8 from casework.districts d
    where d.id = support_line.district_id and d.hosting = 'campus_hosted')) end;
end $$;

-- What an outage case shows of it (fact 38): to contacts, nothing to others.
create or replace function rules.case_support_line(case_id bigint, district_id bigint) returns json
language plpgsql stable as $$
begin
  if rules.caller_kind() = 'contact' then
    return rules.support_line(case_id, district_id);
  end if;
  return null;
end $$;

create or replace function rules.get_support_line() returns json
language plpgsql as $$
begin
  perform rules.require_caller_itself('The number is told to the contact alone, not to who acts on its behalf.');
  return coalesce(rules.support_line(null, rules.district()),
    json_build_object('toll_free_number', null, 'option', null));
end $$;

create view views.support_line_read_document with (security_invoker) as
select r.id, r.district_id, r.contact_id, row_to_json(d) as body
from casework.support_line_reads r
cross join lateral (
  select r.id, views.utc(r.at) as at, r.contact_id, r.district_id, r.case_id
) as d;
grant select on views.support_line_read_document to casework_staff;
