-- What the desk runs by: groups of settings, product areas, platforms.

-- name: get_assignment_settings
select d.body, d.version::text as etag from views.setting_document d where d.name = 'assignment';

-- name: update_assignment_settings
select * from rules.update_setting('assignment', :if_match::bigint[], :body::jsonb);

-- name: get_attachment_settings
select d.body, d.version::text as etag from views.setting_document d where d.name = 'attachments';

-- name: update_attachment_settings
select * from rules.update_setting('attachments', :if_match::bigint[], :body::jsonb);

-- name: get_business_hours
select d.body, d.version::text as etag from views.setting_document d where d.name = 'business-hours';

-- name: update_business_hours
select * from rules.update_setting('business-hours', :if_match::bigint[], :body::jsonb);

-- name: validate_business_hours
select * from rules.validate_setting('business-hours', :body::jsonb);

-- name: get_escalation_path_setting
select d.body, d.version::text as etag from views.setting_document d where d.name = 'escalation-path';

-- name: update_escalation_path
select * from rules.update_setting('escalation-path', :if_match::bigint[], :body::jsonb);

-- name: get_follow_up_plan
select d.body, d.version::text as etag from views.setting_document d where d.name = 'follow-up-plan';

-- name: update_follow_up_plan
select * from rules.update_setting('follow-up-plan', :if_match::bigint[], :body::jsonb);

-- name: validate_follow_up_plan
select * from rules.validate_setting('follow-up-plan', :body::jsonb);

-- name: get_mail_settings
select d.body, d.version::text as etag from views.setting_document d where d.name = 'mail';

-- name: update_mail_settings
select * from rules.update_setting('mail', :if_match::bigint[], :body::jsonb);

-- name: get_published_claims
select d.body, d.version::text as etag from views.setting_document d where d.name = 'published-claims';

-- name: update_published_claims
select * from rules.update_setting('published-claims', :if_match::bigint[], :body::jsonb);

-- name: get_retention_settings
select d.body, d.version::text as etag from views.setting_document d where d.name = 'retention';

-- name: update_retention_settings
select * from rules.update_setting('retention', :if_match::bigint[], :body::jsonb);

-- name: get_scope_setting
select d.body, d.version::text as etag from views.setting_document d where d.name = 'scope-of-support';

-- name: update_scope_setting
select * from rules.update_setting('scope-of-support', :if_match::bigint[], :body::jsonb);

-- name: get_support_line_setting
select d.body, d.version::text as etag from views.setting_document d where d.name = 'support-line';

-- name: update_support_line
select * from rules.update_setting('support-line', :if_match::bigint[], :body::jsonb);

-- name: get_support_profile_setting
select d.body, d.version::text as etag from views.setting_document d where d.name = 'support-profile';

-- name: update_support_profile
select * from rules.update_setting('support-profile', :if_match::bigint[], :body::jsonb);

-- name: get_survey_settings
select d.body, d.version::text as etag from views.setting_document d where d.name = 'survey';

-- name: update_survey_settings
select * from rules.update_setting('survey', :if_match::bigint[], :body::jsonb);

-- name: get_training_setting
select d.body, d.version::text as etag from views.setting_document d where d.name = 'training';

-- name: update_training_setting
select * from rules.update_setting('training', :if_match::bigint[], :body::jsonb);

-- name: get_vendor
select d.body, d.version::text as etag from views.setting_document d where d.name = 'vendor';

-- name: update_vendor
select * from rules.update_setting('vendor', :if_match::bigint[], :body::jsonb);

-- name: create_product_area
select * from rules.create_product_area(:body::jsonb);

-- name: get_product_area
select a.body, a.version::text as etag from views.product_area_document a where a.code = :code;

-- name: update_product_area
select * from rules.update_product_area(:code, :if_match::bigint[], :body::jsonb);

-- name: create_platform
select * from rules.create_platform(:body::jsonb);

-- name: get_platform
select p.body, p.version::text as etag from views.platform_document p where p.name = :platform;

-- name: update_platform
select * from rules.update_platform(:platform, :if_match::bigint[], :body::jsonb);
