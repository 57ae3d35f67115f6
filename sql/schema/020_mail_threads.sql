-- Mails that belong together, and cases that were brought from elsewhere.

-- What a mail is about, as the left part of a Message-ID to which all mails about
-- it refer (RFC 5322, 3.6.4): case-100001, incident-1001, webhook-100001. Null:
-- it stands alone.
alter table casework.mails add column thread text check (thread ~ '^[a-z]+-[1-9][0-9]*$');

-- Submitted somewhere else, and told here later: nobody waits here for an answer
-- that was due there, and no figure of this desk counts it.
alter table casework.cases add column imported boolean not null default false;
grant insert (imported) on casework.cases to casework_contact, casework_partner, casework_staff;

alter table casework.survey_invitations drop constraint survey_invitations_reason_check,
  add constraint survey_invitations_reason_check check (reason in
    ('opted_out', 'sent_within_30_days', 'no_email', 'contact_inactive', 'test_case', 'imported_case'));
