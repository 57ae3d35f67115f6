-- name: get_survey
select * from rules.show_survey(:survey_token, :media_type);

-- name: answer_survey
select * from rules.answer_survey(:survey_token, :body::jsonb, :faults::jsonb, :media_type);

-- name: get_survey_opt_out
select * from rules.answer_opt_out(:opt_out_token, false, null, :media_type);

-- name: opt_out_of_surveys
select * from rules.answer_opt_out(:opt_out_token, true, :faults::jsonb, :media_type);

-- name: opt_in_to_surveys
select * from rules.opt_in_to_surveys(:contact_id::bigint);

-- name: list_survey_responses
select r.body as item, r.id::text as id
from api.survey_response_document r
where true
  and r.reviewed = :reviewed::boolean                                  --? reviewed
  and r.district_id = any (:district_id::bigint[])                     --? district_id
  and r.review_use = any (:use::text[])                                --? use
  and r.overall_service <= :overall_service_at_most::int               --? overall_service_at_most
  and r.submitted_at >= :submitted_from::timestamptz                   --? submitted_from
  and r.submitted_at < :submitted_to::timestamptz                      --? submitted_to
  and r.id > :after_id::bigint                                         --? after
order by r.id
limit :limit::int + 1;

-- name: get_survey_response
select r.body
from api.survey_response_document r
where r.id = :response_id::bigint;

-- name: review_survey_response
select * from rules.review_survey_response(:response_id::bigint, :body::jsonb);
