-- name: get_survey
select * from rules.show_survey(:survey_token, :media_type, :public_url);

-- name: answer_survey
select * from rules.answer_survey(:survey_token, :body::jsonb, :faults::jsonb, :media_type, :public_url);

-- name: get_survey_opt_out
select * from rules.answer_opt_out(:opt_out_token, false, null, :media_type);

-- name: opt_out_of_surveys
select * from rules.answer_opt_out(:opt_out_token, true, :faults::jsonb, :media_type);

-- name: opt_in_to_surveys
select * from rules.opt_in_to_surveys(:contact_id::bigint);

-- name: list_survey_invitations
select case when rules.page_open() then rules.page_item(i.body) end as item,
  i.id::text as id
from views.survey_invitation_document i
where true
  --filters i
  and i.id < :after_id::bigint                                         --? after
order by i.id desc
limit :limit::int + 1;

-- name: list_survey_responses
select case when rules.page_open() then rules.page_item(r.body) end as item,
  r.id::text as id
from views.survey_response_document r
where true
  --filters r
  and r.id > :after_id::bigint                                         --? after
order by r.id
limit :limit::int + 1;

-- name: get_survey_response
select r.body
from views.survey_response_document r
where r.id = :response_id::bigint;

-- name: review_survey_response
select * from rules.review_survey_response(:response_id::bigint, :body::jsonb);
