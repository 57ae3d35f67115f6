-- What a contact's welcome says (fact 13), and which surveys were sent, about whose
-- case (facts 71, 72, 76).

grant select (training_name, training_url) on casework.desk_texts to casework_worker;
grant select on casework.business_hours to casework_worker;
-- Whether a contact's welcome waits already.
create index mails_welcomes on casework.mails (recipient_id) where kind = 'contact.welcomed' and state = 'queued';

-- Staff read how each closing was judged, and never what a link is made of. The advisor
-- is the one who had the case at its closing, with the name of then.
alter table casework.survey_invitations
  add column advisor_id bigint references casework.staff,
  add column advisor_name text,
  add constraint survey_invitations_advisor_check check ((advisor_id is null) = (advisor_name is null));
alter table casework.survey_invitations alter column advisor_name set statistics 0;
update casework.survey_invitations i
set advisor_id = c.assigned_advisor_id, advisor_name = c.assigned_advisor_name
from casework.cases c
where c.id = i.case_id and c.district_id = i.district_id and c.assigned_advisor_id is not null;
create policy staff on casework.survey_invitations for select to casework_staff
  using ((select rules.caller_id()) is not null);
grant select (id, district_id, case_id, contact_id, outcome, reason, decided_at, sent_at, expires_at, advisor_id,
  advisor_name) on casework.survey_invitations to casework_staff;
create index survey_invitations_decided on casework.survey_invitations (decided_at);
