-- Staff read each mail, and why it went or not (3.3); a partner's people and staff say
-- how they want theirs, as contacts do.

-- audience: as whom it goes to that person; null: written before this was kept.
alter table casework.mails
  add column audience text,
  drop constraint mails_reason_check,
  add constraint mails_reason_check check (
    reason in ('preference', 'recipient_gone', 'test_case', 'no_address', 'undeliverable'));
alter table casework.mails alter column audience set statistics 0;
create index mails_of_case on casework.mails (case_id, id);
create index mails_of_district on casework.mails (district_id, id);
create index mails_of_recipient on casework.mails (recipient_id, id);
-- Never what stands in it, nor where it goes.
create policy staff on casework.mails for select to casework_staff using ((select rules.caller_id()) is not null);
grant select (id, district_id, case_id, recipient_kind, recipient_id, kind, topic, audience, state, reason, attempts,
  created_at, sent_at, digest_at, digest_id) on casework.mails to casework_staff;
drop index casework.mails_digests;
create unique index mails_digests on casework.mails (recipient_kind, recipient_id, digest_at, district_id)
  where topic = 'digest';
create unique index mails_digests_of_none on casework.mails (recipient_kind, recipient_id, digest_at)
  where topic = 'digest' and district_id is null;

alter table casework.mail_preferences
  drop constraint mail_preferences_pkey,
  add column id bigint primary key generated always as identity,
  alter column contact_id drop not null,
  add column partner_person_id bigint unique references casework.partner_people on delete cascade,
  add column staff_id bigint unique references casework.staff on delete cascade,
  add column alerts casework.mail_preference not null default 'at_once',  -- to staff, that can wait
  add constraint mail_preferences_contact_id_key unique (contact_id),
  add constraint mail_preferences_person_check check (num_nonnulls(contact_id, partner_person_id, staff_id) = 1);
-- What it says: sql/rules/partners/followers.sql.
create or replace function rules.calling_person() returns bigint language plpgsql stable security definer
  set search_path = '' as $$ begin return null; end $$;
create policy partner on casework.mail_preferences to casework_partner
  using (partner_person_id = (select rules.calling_person()));
create policy staff on casework.mail_preferences to casework_staff using (staff_id = (select rules.caller_id()));
grant select, insert (contact_id, partner_person_id, staff_id),
  update (notes, progress, fixes, incidents, contacts, alerts, version, updated_at)
  on casework.mail_preferences to casework_contact, casework_partner, casework_staff;
