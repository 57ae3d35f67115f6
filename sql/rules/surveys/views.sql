-- Surveys for staff: how each closing was judged, and what contacts answered (facts
-- 71, 72, 76). The advisor is who had the case when it was closed.

create or replace function views.surveyed_advisor(id bigint, name text) returns json
  language sql immutable
  return case when id is not null then json_build_object('id', id, 'display_name', name) end;

create view views.survey_invitation_document with (security_invoker) as
select i.id, i.district_id, i.case_id, i.contact_id, i.advisor_id, i.outcome, i.reason, i.decided_at,
  row_to_json(d) as body
from casework.survey_invitations i
cross join lateral (
  select i.id, i.district_id, i.case_id, i.contact_id,
    views.surveyed_advisor(i.advisor_id, i.advisor_name) as advisor, i.outcome, i.reason,
    views.utc(i.decided_at) as decided_at, views.utc(i.sent_at) as sent_at, views.utc(i.expires_at) as expires_at,
    (select r.id from casework.survey_responses r where r.invitation_id = i.id) as response_id
) as d;

-- What a contact answered, for staff (fact 76).
create view views.survey_response_document with (security_invoker) as
select r.id, r.district_id, r.overall_service, r.submitted_at, r.reviewed_at is not null as reviewed, r.review_use,
  i.advisor_id, row_to_json(d) as body
from casework.survey_responses r
join casework.survey_invitations i on i.id = r.invitation_id
cross join lateral (
  select r.id, r.district_id, r.case_id, r.contact_id,
    views.surveyed_advisor(i.advisor_id, i.advisor_name) as advisor, r.courtesy, r.knowledge, r.timeliness, r.quality,
    r.overall_service, r.comment, views.utc(r.submitted_at) as submitted_at,
    case when r.reviewed_at is not null then json_build_object('use', r.review_use, 'comment', r.review_comment,
      'reviewed_by', views.actor('staff', r.reviewed_by, r.reviewer_name),
      'reviewed_at', views.utc(r.reviewed_at)) end as review
) as d;
grant select on views.survey_invitation_document, views.survey_response_document to casework_staff;
