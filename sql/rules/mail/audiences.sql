-- Who gets a mail about an event of a case. Another audience: a function
-- rules.audience_…(e), and its branch in rules.mail_recipients.

-- The contacts involved in a case (fact 62): on the case, its submitter, everybody
-- who had written a note or attached something by then, followers; who are still
-- authorized in that very district.
create or replace function rules.audience_involved(e casework.events) returns setof rules.mail_recipient
language plpgsql stable as $$
begin
  return query
  with involved (id) as (
    select c.contact_id from casework.cases c where c.id = e.case_id and c.district_id = e.district_id
    union
    select c.submitted_by_id from casework.cases c
    where c.id = e.case_id and c.district_id = e.district_id and c.submitted_by_kind = 'contact'
    union
    select n.author_id from casework.notes n
    where n.case_id = e.case_id and n.district_id = e.district_id and n.author_kind = 'contact'
      and n.created_at <= e.at
    union
    select n.behalf_id from casework.notes n
    where n.case_id = e.case_id and n.district_id = e.district_id and n.behalf_kind = 'contact'
      and n.created_at <= e.at
    union
    select coalesce(a.behalf_id, a.author_id) from casework.attachments a
    where a.case_id = e.case_id and a.district_id = e.district_id
      and coalesce(a.behalf_kind, a.author_kind) = 'contact' and a.created_at <= e.at
    union
    select f.contact_id from casework.case_followers f
    where f.case_id = e.case_id and f.district_id = e.district_id
  )
  select 'contact', p.id, p.email
  from involved i join casework.contacts p on p.id = i.id
  where p.district_id = e.district_id and p.may_call;
end $$;

-- Who reads what must not be missed (3.3): who is involved, or else the technical
-- contacts of the district, or else every contact of it; who has an address.
create or replace function rules.audience_readers(e casework.events) returns setof rules.mail_recipient
language plpgsql stable as $$
begin
  return query select * from rules.audience_involved(e);
  if not exists (select from rules.audience_involved(e) r where r.address <> '') then
    return query
    select 'contact', p.id, p.email from casework.contacts p
    where p.district_id = e.district_id and p.may_call and p.email <> '' and (p.kind = 'technical' or not exists (
      select from casework.contacts t
      where t.district_id = e.district_id and t.may_call and t.email <> '' and t.kind = 'technical'));
  end if;
end $$;

-- Written for readers, and there are none: an alert (3.3). That somebody wants no mail of
-- that kind is no such case, but a choice, which casework.mails keeps as the reason.
create or replace function rules.nobody_reads(e casework.events) returns boolean
language plpgsql stable as $$
begin
  return e.visibility = 'public' and rules.is_mailed(e) and exists (
      select from rules.mail_texts t
      where t.type = e.type and t.audience = 'readers' and coalesce(e.behalf_kind, e.actor_kind) = any (t.by_kinds))
    and not exists (select from rules.audience_readers(e) r where r.address <> '');
end $$;

-- The advisor whose case it is, and the leads of the advisor's team; where it has
-- none, or nobody has the case, all leads.
create or replace function rules.audience_owners(e casework.events) returns setof rules.mail_recipient
language plpgsql stable as $$
declare
  owners_team text := (
    select s.team from casework.cases c join casework.staff s on s.id = c.assigned_advisor_id
    where c.id = e.case_id and c.district_id = e.district_id);
begin
  return query
  select * from rules.audience_advisor(e)
  union
  select 'staff', s.id, s.email from casework.staff s
  where s.active and s.email is not null and 'lead' = any (s.roles)
    and (s.leave_ends_on < rules.today()) is not false
    and (s.team = owners_team or not exists (
      select from casework.staff o
      where o.active and o.email is not null and 'lead' = any (o.roles) and o.team = owners_team));
end $$;

-- The advisor whose case it is (fact 48); in the place of who is on leave the team,
-- as with alerts. Where nobody at all is here, it waits in the advisor's mailbox.
create or replace function rules.audience_advisor(e casework.events) returns setof rules.mail_recipient
language plpgsql stable as $$
begin
  return query
  select 'staff', s.id, s.email
  from casework.cases c
  join casework.staff s on s.id = any (coalesce(
    nullif(rules.alert_recipients(c, '{owner}', rules.alert_team(c, e)), '{}'), array[c.assigned_advisor_id]))
  where c.id = e.case_id and c.district_id = e.district_id and c.assigned_advisor_id is not null
    and s.active;
end $$;

-- How such a mail says whose case it is.
create or replace function rules.assigned_words(e casework.events, staff_id bigint) returns jsonb
language plpgsql stable as $$
begin
  return jsonb_build_object('assigned', 'assigned to ' || case when exists (
      select from casework.cases c
      where c.id = e.case_id and c.district_id = e.district_id and c.assigned_advisor_id = staff_id)
    then 'you' else 'somebody of your team who is away' end);
end $$;

-- The contact who is asked to rate the support (fact 71), unless that has ended.
create or replace function rules.audience_survey(e casework.events) returns setof rules.mail_recipient
language plpgsql stable as $$
begin
  return query select 'contact', m.contact_id, m.to_address from rules.survey_mail(e.id) m;
end $$;

-- The contact on the case, who has to confirm a change (3.4); a note that asks for it is
-- mailed as such.
create or replace function rules.audience_asked(e casework.events) returns setof rules.mail_recipient
language plpgsql stable as $$
begin
  return query
  select 'contact', p.id, p.email
  from casework.cases c join casework.contacts p on p.id = c.contact_id and p.district_id = c.district_id
  where c.id = e.case_id and c.district_id = e.district_id and e.note_id is null and p.may_call;
end $$;

-- Who was the contact on the case, and who is now.
create or replace function rules.audience_contacts(e casework.events) returns setof rules.mail_recipient
language plpgsql stable as $$
begin
  return query
  select 'contact', p.id, p.email
  from jsonb_array_elements(e.changes) as c (change)
  join casework.contacts p on to_jsonb(p.id) in (c.change -> 'old', c.change -> 'new')
  where c.change ->> 'member' = 'contact_id' and p.district_id = e.district_id and p.may_call;
end $$;

-- The technical contacts of the district, when one of them has added or changed
-- somebody else (3.2).
create or replace function rules.audience_technical(e casework.events) returns setof rules.mail_recipient
language plpgsql stable as $$
begin
  return query
  select 'contact', p.id, p.email
  from casework.contacts p
  where p.district_id = e.district_id and p.may_call and p.kind = 'technical' 
    and e.contact_id <> coalesce(e.behalf_id, e.actor_id);
end $$;

-- Or a State Department with which it is shared. The owner's rights: the worker reads
-- no assignments.
create or replace function rules.partner_serves_case(partner_id bigint, case_id bigint) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return exists (
    select from casework.cases c join views.assignment a on a.district_id = c.district_id
    where c.id = partner_serves_case.case_id and a.partner_id = partner_serves_case.partner_id)
    or exists (
      select from casework.cases c
      where c.id = partner_serves_case.case_id
        and rules.shared_with_partner(c.id, c.district_id, partner_serves_case.partner_id));
end $$;
revoke execute on function rules.partner_serves_case from public;
grant execute on function rules.partner_serves_case to casework_worker;

-- The people of the partner that has the case, or had it until now, those of partners of
-- the district who follow it, and those of the State Department with which it is
-- shared, about what that reads (3.7); nobody of the partner that did it.
create or replace function rules.audience_partner_people(e casework.events) returns setof rules.mail_recipient
language plpgsql stable as $$
begin
  return query
  with concerned (id) as (
    select p.id from casework.cases c join casework.partner_people p on p.partner_id = c.partner_id
    where c.id = e.case_id and c.district_id = e.district_id
    union
    select p.id from jsonb_array_elements(e.changes) as c (change)
    join casework.partner_people p on to_jsonb(p.partner_id) = c.change -> 'old'
    where c.change ->> 'member' = 'partner_id'
    union
    select w.partner_person_id from casework.case_partner_followers w
    where w.case_id = e.case_id and w.district_id = e.district_id
    union
    select p.id from casework.cases c
    join casework.districts d on d.id = c.district_id
    join casework.partners o on o.state = d.state
    join casework.partner_people p on p.partner_id = o.id
    where c.id = e.case_id and c.district_id = e.district_id and c.shared_with_state_at is not null
      and e.type in ('case.shared', 'case.note_added', 'case.resolved', 'case.reopened', 'case.closed')
  )
  select 'partner_person', p.id, p.email
  from concerned k join casework.partner_people p on p.id = k.id and p.active
  join casework.partners o on o.id = p.partner_id and o.active
  where rules.partner_serves_case(o.id, e.case_id)
    and ('partner', o.id) is distinct from (coalesce(e.behalf_kind, e.actor_kind), coalesce(e.behalf_id, e.actor_id))
    and ('partner', o.id) is distinct from (e.actor_kind, e.actor_id);
end $$;

-- Who gets a mail about the event: the audience, but never who did it.
create or replace function rules.mail_recipients(e casework.events, audience text)
returns setof rules.mail_recipient
language plpgsql stable as $$
begin
  return query
  select r.kind, r.id, r.address
  from (
    select * from rules.audience_involved(e) where audience = 'involved'
    union all
    select * from rules.audience_readers(e) where audience = 'readers'
    union all
    select * from rules.audience_owners(e) where audience = 'owners'
    union all
    select * from rules.audience_contacts(e) where audience = 'contacts'
    union all
    select * from rules.audience_asked(e) where audience = 'asked'
    union all
    select * from rules.audience_advisor(e) where audience = 'advisor'
    union all
    select * from rules.audience_survey(e) where audience = 'survey'
    union all
    select * from rules.audience_technical(e) where audience = 'technical'
    union all
    select * from rules.audience_welcome(e) where audience = 'welcome'
    union all
    select * from rules.audience_partner_people(e) where audience = 'partner_people'
  ) as r
  where (r.kind, r.id) <> (e.actor_kind, e.actor_id);
end $$;
