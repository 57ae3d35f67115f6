-- The words of the desk that administrators change through the API (3.2), and what
-- the audit alone tells of people.

-- Of the scope of support (facts 2, 53), the training course (fact 13) and mails
-- (fact 70). training_version counts its changes: a contact shows the course.
create table casework.desk_texts (
  single            boolean primary key default true check (single),
  scope_text        text,                 -- null: nothing is published
  scope_url         text,
  policy_sentence   text not null default 'Infinite Campus does not interpret or recommend specific district policy.',
  training_name     text not null default 'Introduction to Support',
  training_url      text not null default 'https://training.casework.example/introduction-to-support',
  training_version  bigint not null default 0,
  mail_sender_name  text,                 -- null: the address alone
  mail_footer       text not null default 'This is an automatic message; the mailbox it comes from is not monitored. '
    'Please do not reply to it: log in to the Support Case Portal and reply within the case.',
  mail_portal_url   text,                 -- null: the worker's PORTAL_URL
  mail_case_subject boolean not null default true
);
insert into casework.desk_texts default values;
alter table casework.desk_texts
  alter column scope_text set statistics 0,
  alter column scope_url set statistics 0,
  alter column policy_sentence set statistics 0,
  alter column training_name set statistics 0,
  alter column training_url set statistics 0,
  alter column mail_sender_name set statistics 0,
  alter column mail_footer set statistics 0,
  alter column mail_portal_url set statistics 0;
alter table casework.desk_texts enable row level security, force row level security;
create policy owner on casework.desk_texts to casework_owner using (true);
create policy reader on casework.desk_texts for select using (true);
create policy administrator on casework.desk_texts to casework_staff
  using ((select rules.has_role('administrator')));
grant select (scope_text, scope_url, policy_sentence) on casework.desk_texts to casework_public;
grant select (training_name, training_url, training_version) on casework.desk_texts to casework_contact, casework_partner;
grant select (mail_sender_name, mail_footer, mail_portal_url, mail_case_subject) on casework.desk_texts
  to casework_worker;
grant select, update (scope_text, scope_url, policy_sentence, training_name, training_url, training_version,
  mail_sender_name, mail_footer, mail_portal_url, mail_case_subject) on casework.desk_texts to casework_staff;
insert into casework.settings (name) values ('mail'), ('scope-of-support'), ('training');

-- Old and new of what history names only: personal data, in no feed and no webhook
-- (fact 9). It goes with the person.
create table casework.audit_values (
  event_id          bigint primary key,
  contact_id        bigint references casework.contacts on delete cascade,
  partner_person_id bigint references casework.partner_people on delete cascade,
  changes           jsonb not null check (jsonb_typeof(changes) = 'array'),
  check (num_nonnulls(contact_id, partner_person_id) = 1)
);
create index audit_values_contact on casework.audit_values (contact_id) where contact_id is not null;
create index audit_values_person on casework.audit_values (partner_person_id) where partner_person_id is not null;
alter table casework.audit_values alter column changes set statistics 0;
alter table casework.audit_values enable row level security, force row level security;
create policy owner on casework.audit_values to casework_owner using (true);
create policy administrator on casework.audit_values for select to casework_staff
  using ((select rules.has_role('administrator')));
create policy staff_write on casework.audit_values for insert to casework_staff
  with check ((select rules.caller_id()) is not null);
create policy contact_write on casework.audit_values for insert to casework_contact
  with check (contact_id in (select c.id from casework.contacts c where c.district_id = (select rules.district())));
grant select on casework.audit_values to casework_staff;
grant insert on casework.audit_values to casework_contact, casework_staff;

-- Identities end alike, whoever they are of (sql/rules/people/identities.sql). Staff
-- who end a contact's access end its own, and need be no administrators; the
-- policies show the worker those of partners.
create policy staff_ends on casework.identities for select to casework_staff
  using (exists (select from casework.contacts c where c.id = contact_id and not c.authorized));
create policy staff_ends_write on casework.identities for update to casework_staff
  using (exists (select from casework.contacts c where c.id = contact_id and not c.authorized))
  with check (ended_at is not null);
grant select (contact_id, staff_id) on casework.identities to casework_worker;
