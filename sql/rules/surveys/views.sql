-- What a contact answered, for staff (fact 76).
create view views.survey_response_document with (security_invoker) as
select r.id, r.district_id, r.overall_service, r.submitted_at, r.reviewed_at is not null as reviewed, r.review_use,
  row_to_json(d) as body
from casework.survey_responses r
cross join lateral (
  select r.id, r.district_id, r.case_id, r.contact_id, r.courtesy, r.knowledge, r.timeliness, r.quality,
    r.overall_service, r.comment, views.utc(r.submitted_at) as submitted_at,
    case when r.reviewed_at is not null then json_build_object('use', r.review_use, 'comment', r.review_comment,
      'reviewed_by', views.actor('staff', r.reviewed_by, r.reviewer_name),
      'reviewed_at', views.utc(r.reviewed_at)) end as review
) as d;
grant select on views.survey_response_document to casework_staff;
