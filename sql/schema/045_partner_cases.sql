-- Partners and their cases (3.7): which partner has a case, who of it follows one, and
-- that a contact has confirmed a resolution, after which others may close.

alter table casework.cases
  add column partner_id bigint references casework.partners,
  add column partner_name text,                  -- as of the hand-over
  add column resolution_confirmed_at timestamptz,
  add column resolution_confirmed_by_id bigint,      -- a contact
  add column resolution_confirmed_by_name text,
  add constraint cases_resolution_confirmed
    check ((resolution_confirmed_at is null) = (resolution_confirmed_by_id is null));
alter table casework.cases alter column partner_name set statistics 0,
  alter column resolution_confirmed_by_name set statistics 0;
grant insert (partner_id, partner_name) on casework.cases to casework_contact, casework_partner, casework_staff;
grant update (partner_id, partner_name) on casework.cases to casework_partner, casework_staff;
grant update (resolution_confirmed_at, resolution_confirmed_by_id, resolution_confirmed_by_name)
  on casework.cases to casework_contact, casework_partner, casework_staff, casework_worker;

-- Where only one partner serves the district, it is that one.
update casework.cases c set (partner_id, partner_name) = (
  select min(p.id), min(p.name)
  from casework.partner_districts d join casework.partners p on p.id = d.partner_id and p.active
  where d.district_id = c.district_id and d.valid_from <= now() and (d.valid_to is null or d.valid_to > now())
  having count(distinct p.id) = 1)
where c.support_provider = 'partner';

-- Whoever closes ends what hangs below.
create policy partner_close on casework.escalations for update to casework_partner
  using (district_id = any ((select rules.districts())::bigint[]) and returned_at is null and closed_at is null)
  with check (district_id = any ((select rules.districts())::bigint[]) and closed_at is not null);
grant update (closed_at, closed_by_kind, closed_by_id, closed_by_name, version)
  on casework.escalations to casework_partner;
create policy partner_withdraw on casework.change_requests for update to casework_partner
  using (district_id = any ((select rules.districts())::bigint[]) and ended_at is null)
  with check (district_id = any ((select rules.districts())::bigint[]) and state = 'withdrawn');
grant update (state, ended_at, ended_by_kind, ended_by_id, ended_by_name, remark, version)
  on casework.change_requests to casework_partner;

-- People of a partner who are written to although another has the case.
create table casework.case_partner_followers (
  district_id      bigint not null,
  case_id          bigint not null,
  partner_person_id bigint not null references casework.partner_people,
  partner_id       bigint not null references casework.partners,
  since            timestamptz not null,
  added_by_kind    text not null,
  added_by_id      bigint not null,
  added_by_name    text not null,
  primary key (district_id, case_id, partner_person_id),
  foreign key (case_id, district_id) references casework.cases (id, district_id)
);
alter table casework.case_partner_followers alter column added_by_name set statistics 0;
alter table casework.case_partner_followers enable row level security, force row level security;
create policy owner on casework.case_partner_followers to casework_owner using (true);
create policy partner on casework.case_partner_followers to casework_partner
  using (district_id = any ((select rules.districts())::bigint[]) and partner_id = (select rules.caller_id()));
create policy staff on casework.case_partner_followers to casework_staff
  using ((select rules.caller_id()) is not null);
create policy worker on casework.case_partner_followers for select to casework_worker using (true);
grant select on casework.case_partner_followers to casework_partner, casework_staff, casework_worker;
grant insert, delete on casework.case_partner_followers to casework_partner, casework_staff;

grant select (email, active) on casework.partner_people to casework_worker;
alter table casework.mails drop constraint mails_recipient_kind_check,
  add constraint mails_recipient_kind_check
    check (recipient_kind in ('contact', 'partner', 'partner_person', 'staff'));
