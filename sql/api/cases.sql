-- The filters apart, since they are asked twice when the matches are counted;
-- not materialized, so that a page stops at its limit.

-- name: list_cases
with matching as not materialized (
  select c.* from api.case_list c
  where true
    and c.id = any (:id::bigint[])                                       --? id
    and c.district_id = any (:district_id::bigint[])                     --? district_id
    and (c.district_id = any (:district_id_not::bigint[])) is not true   --? district_id_not
    and c.site_id = any (:site_id::bigint[])                             --? site_id
    and (c.site_id = any (:site_id_not::bigint[])) is not true           --? site_id_not
    and c.contact_id = any (:contact_id::bigint[])                       --? contact_id
    and (c.contact_id = any (:contact_id_not::bigint[])) is not true     --? contact_id_not
    and c.assigned_advisor_id = any (:assigned_advisor_id::bigint[])     --? assigned_advisor_id
    and (c.assigned_advisor_id = any (:assigned_advisor_id_not::bigint[])) is not true  --? assigned_advisor_id_not
    and c.follows_case_id = any (:follows_case_id::bigint[])             --? follows_case_id
    and c.merged_into_case_id = any (:merged_into_case_id::bigint[])     --? merged_into_case_id
    and c.incident_id = any (:incident_id::bigint[])                     --? incident_id
    and (c.incident_id = any (:incident_id_not::bigint[])) is not true   --? incident_id_not
    and (c.assigned_advisor_id is not null) = :assigned::boolean         --? assigned
    and c.submitted_by_kind = :submitted_by_kind                         --? submitted_by_kind
    and c.submitted_by_id = :submitted_by_id::bigint                     --? submitted_by_id
    and c.type = any (:type::text[])                                     --? type
    and (c.type = any (:type_not::text[])) is not true                   --? type_not
    and c.status = any (:status::text[])                                 --? status
    and (c.status = any (:status_not::text[])) is not true               --? status_not
    and c.priority = any (:priority::text[])                             --? priority
    and (c.priority = any (:priority_not::text[])) is not true           --? priority_not
    and c.initial_priority = any (:initial_priority::text[])             --? initial_priority
    and c.issue_type = any (:issue_type::text[])                         --? issue_type
    and (c.issue_type = any (:issue_type_not::text[])) is not true       --? issue_type_not
    and c.channel = any (:channel::text[])                               --? channel
    and (c.channel = any (:channel_not::text[])) is not true             --? channel_not
    and c.support_provider = any (:support_provider::text[])             --? support_provider
    and (c.support_provider = any (:support_provider_not::text[])) is not true  --? support_provider_not
    and c.escalation_level = any (:escalation_level::int[])              --? escalation_level
    and c.resolution_defect_id = any (:resolution_defect_id::bigint[])   --? resolution_defect_id
    and c.closure_reason = any (:closure_reason::text[])                 --? closure_reason
    and (c.closure_reason = any (:closure_reason_not::text[])) is not true  --? closure_reason_not
    and c.resolution_kind = any (:resolution_kind::text[])               --? resolution_kind
    and (c.resolution_kind = any (:resolution_kind_not::text[])) is not true  --? resolution_kind_not
    and c.response_state = any (:response_state::text[])                 --? response_state
    and (c.response_state = any (:response_state_not::text[])) is not true  --? response_state_not
    and c.product_area = any (:product_area::text[])                     --? product_area
    and (c.product_area = any (:product_area_not::text[])) is not true   --? product_area_not
    and c.product_version = any (:product_version::text[])               --? product_version
    and (c.product_version = any (:product_version_not::text[])) is not true  --? product_version_not
    and strpos(lower(c.product_version), lower(:product_version_contains::text)) > 0  --? product_version_contains
    and (strpos(lower(c.product_version), lower(:product_version_not_contains::text)) > 0) is not true  --? product_version_not_contains
    and starts_with(lower(c.product_version), lower(:product_version_starts_with::text))  --? product_version_starts_with
    and right(lower(c.product_version), length(lower(:product_version_ends_with::text))) = lower(:product_version_ends_with::text)  --? product_version_ends_with
    and c.platform = any (:platform::text[])                             --? platform
    and (c.platform = any (:platform_not::text[])) is not true           --? platform_not
    and strpos(lower(c.platform), lower(:platform_contains::text)) > 0   --? platform_contains
    and (strpos(lower(c.platform), lower(:platform_not_contains::text)) > 0) is not true  --? platform_not_contains
    and starts_with(lower(c.platform), lower(:platform_starts_with::text))  --? platform_starts_with
    and right(lower(c.platform), length(lower(:platform_ends_with::text))) = lower(:platform_ends_with::text)  --? platform_ends_with
    and c.fixed_in_release = any (:fixed_in_release::text[])             --? fixed_in_release
    and (c.fixed_in_release = any (:fixed_in_release_not::text[])) is not true  --? fixed_in_release_not
    and strpos(lower(c.fixed_in_release), lower(:fixed_in_release_contains::text)) > 0  --? fixed_in_release_contains
    and (strpos(lower(c.fixed_in_release), lower(:fixed_in_release_not_contains::text)) > 0) is not true  --? fixed_in_release_not_contains
    and starts_with(lower(c.fixed_in_release), lower(:fixed_in_release_starts_with::text))  --? fixed_in_release_starts_with
    and right(lower(c.fixed_in_release), length(lower(:fixed_in_release_ends_with::text))) = lower(:fixed_in_release_ends_with::text)  --? fixed_in_release_ends_with
    and c.scope = any (:scope::text[])                                   --? scope
    and (c.scope = any (:scope_not::text[])) is not true                 --? scope_not
    and c.redirect_team = any (:redirect_team::text[])                   --? redirect_team
    and (c.redirect_team = any (:redirect_team_not::text[])) is not true  --? redirect_team_not
    and c.policy_question = :policy_question::boolean                    --? policy_question
    and c.product_area = any (array(select a.code from casework.product_areas a where a.team = any (:support_team::text[])))  --? support_team
    and c.reporting_deadline_id = any (:reporting_deadline_id::bigint[])  --? reporting_deadline_id
    and c.reporting_deadline_id = any (array(select r.id from casework.reporting_deadlines r where r.due_on >= :reporting_deadline_from::date))  --? reporting_deadline_from
    and c.reporting_deadline_id = any (array(select r.id from casework.reporting_deadlines r where r.due_on < :reporting_deadline_to::date))  --? reporting_deadline_to
    and c.test = :test::boolean                                          --? test
    and c.subject = :subject                                             --? subject
    and c.subject <> :subject_not                                        --? subject_not
    and strpos(lower(c.subject), lower(:subject_contains::text)) > 0     --? subject_contains
    and (strpos(lower(c.subject), lower(:subject_not_contains::text)) > 0) is not true  --? subject_not_contains
    and starts_with(lower(c.subject), lower(:subject_starts_with::text))  --? subject_starts_with
    and right(lower(c.subject), length(lower(:subject_ends_with::text))) = lower(:subject_ends_with::text)  --? subject_ends_with
    and strpos(lower(c.description), lower(:description_contains::text)) > 0  --? description_contains
    and (strpos(lower(c.description), lower(:description_not_contains::text)) > 0) is not true  --? description_not_contains
    and starts_with(lower(c.description), lower(:description_starts_with::text))  --? description_starts_with
    and right(lower(c.description), length(lower(:description_ends_with::text))) = lower(:description_ends_with::text)  --? description_ends_with
    and strpos(lower(c.replication_steps), lower(:replication_steps_contains::text)) > 0  --? replication_steps_contains
    and (strpos(lower(c.replication_steps), lower(:replication_steps_not_contains::text)) > 0) is not true  --? replication_steps_not_contains
    and starts_with(lower(c.replication_steps), lower(:replication_steps_starts_with::text))  --? replication_steps_starts_with
    and right(lower(c.replication_steps), length(lower(:replication_steps_ends_with::text))) = lower(:replication_steps_ends_with::text)  --? replication_steps_ends_with
    and strpos(lower(c.impact), lower(:impact_contains::text)) > 0       --? impact_contains
    and (strpos(lower(c.impact), lower(:impact_not_contains::text)) > 0) is not true  --? impact_not_contains
    and starts_with(lower(c.impact), lower(:impact_starts_with::text))   --? impact_starts_with
    and right(lower(c.impact), length(lower(:impact_ends_with::text))) = lower(:impact_ends_with::text)  --? impact_ends_with
    and strpos(lower(c.workaround), lower(:workaround_contains::text)) > 0  --? workaround_contains
    and (strpos(lower(c.workaround), lower(:workaround_not_contains::text)) > 0) is not true  --? workaround_not_contains
    and starts_with(lower(c.workaround), lower(:workaround_starts_with::text))  --? workaround_starts_with
    and right(lower(c.workaround), length(lower(:workaround_ends_with::text))) = lower(:workaround_ends_with::text)  --? workaround_ends_with
    and c.users_affected >= :users_affected_from::int                    --? users_affected_from
    and c.users_affected < :users_affected_to::int                       --? users_affected_to
    and c.due_on >= :due_on_from::date                                   --? due_on_from
    and c.due_on < :due_on_to::date                                      --? due_on_to
    and c.submitted_at >= :submitted_from::timestamptz                   --? submitted_from
    and c.submitted_at < :submitted_to::timestamptz                      --? submitted_to
    and c.created_at >= :created_from::timestamptz                       --? created_from
    and c.created_at < :created_to::timestamptz                          --? created_to
    and c.updated_at >= :updated_from::timestamptz                       --? updated_from
    and c.updated_at < :updated_to::timestamptz                          --? updated_to
    and c.closed_at >= :closed_from::timestamptz                         --? closed_from
    and c.closed_at < :closed_to::timestamptz                            --? closed_to
    and c.closed_by_kind = :closed_by_kind                               --? closed_by_kind
    and c.closed_by_id = :closed_by_id::bigint                           --? closed_by_id
    and c.resolved_at >= :resolved_from::timestamptz                     --? resolved_from
    and c.resolved_at < :resolved_to::timestamptz                        --? resolved_to
    and c.reopened_at >= :reopened_from::timestamptz                     --? reopened_from
    and c.reopened_at < :reopened_to::timestamptz                        --? reopened_to
    and c.reopen_until >= :reopen_until_from::timestamptz                --? reopen_until_from
    and c.reopen_until < :reopen_until_to::timestamptz                   --? reopen_until_to
    and c.response_due_at >= :response_due_from::timestamptz             --? response_due_from
    and c.response_due_at < :response_due_to::timestamptz                --? response_due_to
    and c.first_response_at >= :first_response_from::timestamptz         --? first_response_from
    and c.first_response_at < :first_response_to::timestamptz            --? first_response_to
    and c.phone_follow_up_at >= :phone_follow_up_from::timestamptz       --? phone_follow_up_from
    and c.phone_follow_up_at < :phone_follow_up_to::timestamptz          --? phone_follow_up_to
)
select c.item, c.updated_at::text as updated_at, c.id::text as id
  , case when :count = 'exact' then (select count(*) from matching) end as count  --? count
from matching c
where true
  and (c.updated_at, c.id) < (:after_updated_at::timestamptz, :after_id::bigint)  --? after
order by c.updated_at desc, c.id desc
limit :limit::int + 1;

-- A partner's districts are asked one by one, each along its own index, so that
-- a partner with few cases does not walk everybody's.

-- name: list_cases_for_partner
with matching as not materialized (
  select c.* from api.case_list c
  where true
    and c.id = any (:id::bigint[])                                       --? id
    and c.district_id = any (:district_id::bigint[])                     --? district_id
    and (c.district_id = any (:district_id_not::bigint[])) is not true   --? district_id_not
    and c.site_id = any (:site_id::bigint[])                             --? site_id
    and (c.site_id = any (:site_id_not::bigint[])) is not true           --? site_id_not
    and c.contact_id = any (:contact_id::bigint[])                       --? contact_id
    and (c.contact_id = any (:contact_id_not::bigint[])) is not true     --? contact_id_not
    and c.assigned_advisor_id = any (:assigned_advisor_id::bigint[])     --? assigned_advisor_id
    and (c.assigned_advisor_id = any (:assigned_advisor_id_not::bigint[])) is not true  --? assigned_advisor_id_not
    and c.follows_case_id = any (:follows_case_id::bigint[])             --? follows_case_id
    and c.merged_into_case_id = any (:merged_into_case_id::bigint[])     --? merged_into_case_id
    and c.incident_id = any (:incident_id::bigint[])                     --? incident_id
    and (c.incident_id = any (:incident_id_not::bigint[])) is not true   --? incident_id_not
    and (c.assigned_advisor_id is not null) = :assigned::boolean         --? assigned
    and c.submitted_by_kind = :submitted_by_kind                         --? submitted_by_kind
    and c.submitted_by_id = :submitted_by_id::bigint                     --? submitted_by_id
    and c.type = any (:type::text[])                                     --? type
    and (c.type = any (:type_not::text[])) is not true                   --? type_not
    and c.status = any (:status::text[])                                 --? status
    and (c.status = any (:status_not::text[])) is not true               --? status_not
    and c.priority = any (:priority::text[])                             --? priority
    and (c.priority = any (:priority_not::text[])) is not true           --? priority_not
    and c.initial_priority = any (:initial_priority::text[])             --? initial_priority
    and c.issue_type = any (:issue_type::text[])                         --? issue_type
    and (c.issue_type = any (:issue_type_not::text[])) is not true       --? issue_type_not
    and c.channel = any (:channel::text[])                               --? channel
    and (c.channel = any (:channel_not::text[])) is not true             --? channel_not
    and c.support_provider = any (:support_provider::text[])             --? support_provider
    and (c.support_provider = any (:support_provider_not::text[])) is not true  --? support_provider_not
    and c.escalation_level = any (:escalation_level::int[])              --? escalation_level
    and c.resolution_defect_id = any (:resolution_defect_id::bigint[])   --? resolution_defect_id
    and c.closure_reason = any (:closure_reason::text[])                 --? closure_reason
    and (c.closure_reason = any (:closure_reason_not::text[])) is not true  --? closure_reason_not
    and c.resolution_kind = any (:resolution_kind::text[])               --? resolution_kind
    and (c.resolution_kind = any (:resolution_kind_not::text[])) is not true  --? resolution_kind_not
    and c.response_state = any (:response_state::text[])                 --? response_state
    and (c.response_state = any (:response_state_not::text[])) is not true  --? response_state_not
    and c.product_area = any (:product_area::text[])                     --? product_area
    and (c.product_area = any (:product_area_not::text[])) is not true   --? product_area_not
    and c.product_version = any (:product_version::text[])               --? product_version
    and (c.product_version = any (:product_version_not::text[])) is not true  --? product_version_not
    and strpos(lower(c.product_version), lower(:product_version_contains::text)) > 0  --? product_version_contains
    and (strpos(lower(c.product_version), lower(:product_version_not_contains::text)) > 0) is not true  --? product_version_not_contains
    and starts_with(lower(c.product_version), lower(:product_version_starts_with::text))  --? product_version_starts_with
    and right(lower(c.product_version), length(lower(:product_version_ends_with::text))) = lower(:product_version_ends_with::text)  --? product_version_ends_with
    and c.platform = any (:platform::text[])                             --? platform
    and (c.platform = any (:platform_not::text[])) is not true           --? platform_not
    and strpos(lower(c.platform), lower(:platform_contains::text)) > 0   --? platform_contains
    and (strpos(lower(c.platform), lower(:platform_not_contains::text)) > 0) is not true  --? platform_not_contains
    and starts_with(lower(c.platform), lower(:platform_starts_with::text))  --? platform_starts_with
    and right(lower(c.platform), length(lower(:platform_ends_with::text))) = lower(:platform_ends_with::text)  --? platform_ends_with
    and c.fixed_in_release = any (:fixed_in_release::text[])             --? fixed_in_release
    and (c.fixed_in_release = any (:fixed_in_release_not::text[])) is not true  --? fixed_in_release_not
    and strpos(lower(c.fixed_in_release), lower(:fixed_in_release_contains::text)) > 0  --? fixed_in_release_contains
    and (strpos(lower(c.fixed_in_release), lower(:fixed_in_release_not_contains::text)) > 0) is not true  --? fixed_in_release_not_contains
    and starts_with(lower(c.fixed_in_release), lower(:fixed_in_release_starts_with::text))  --? fixed_in_release_starts_with
    and right(lower(c.fixed_in_release), length(lower(:fixed_in_release_ends_with::text))) = lower(:fixed_in_release_ends_with::text)  --? fixed_in_release_ends_with
    and c.scope = any (:scope::text[])                                   --? scope
    and (c.scope = any (:scope_not::text[])) is not true                 --? scope_not
    and c.redirect_team = any (:redirect_team::text[])                   --? redirect_team
    and (c.redirect_team = any (:redirect_team_not::text[])) is not true  --? redirect_team_not
    and c.policy_question = :policy_question::boolean                    --? policy_question
    and c.product_area = any (array(select a.code from casework.product_areas a where a.team = any (:support_team::text[])))  --? support_team
    and c.reporting_deadline_id = any (:reporting_deadline_id::bigint[])  --? reporting_deadline_id
    and c.reporting_deadline_id = any (array(select r.id from casework.reporting_deadlines r where r.due_on >= :reporting_deadline_from::date))  --? reporting_deadline_from
    and c.reporting_deadline_id = any (array(select r.id from casework.reporting_deadlines r where r.due_on < :reporting_deadline_to::date))  --? reporting_deadline_to
    and c.test = :test::boolean                                          --? test
    and c.subject = :subject                                             --? subject
    and c.subject <> :subject_not                                        --? subject_not
    and strpos(lower(c.subject), lower(:subject_contains::text)) > 0     --? subject_contains
    and (strpos(lower(c.subject), lower(:subject_not_contains::text)) > 0) is not true  --? subject_not_contains
    and starts_with(lower(c.subject), lower(:subject_starts_with::text))  --? subject_starts_with
    and right(lower(c.subject), length(lower(:subject_ends_with::text))) = lower(:subject_ends_with::text)  --? subject_ends_with
    and strpos(lower(c.description), lower(:description_contains::text)) > 0  --? description_contains
    and (strpos(lower(c.description), lower(:description_not_contains::text)) > 0) is not true  --? description_not_contains
    and starts_with(lower(c.description), lower(:description_starts_with::text))  --? description_starts_with
    and right(lower(c.description), length(lower(:description_ends_with::text))) = lower(:description_ends_with::text)  --? description_ends_with
    and strpos(lower(c.replication_steps), lower(:replication_steps_contains::text)) > 0  --? replication_steps_contains
    and (strpos(lower(c.replication_steps), lower(:replication_steps_not_contains::text)) > 0) is not true  --? replication_steps_not_contains
    and starts_with(lower(c.replication_steps), lower(:replication_steps_starts_with::text))  --? replication_steps_starts_with
    and right(lower(c.replication_steps), length(lower(:replication_steps_ends_with::text))) = lower(:replication_steps_ends_with::text)  --? replication_steps_ends_with
    and strpos(lower(c.impact), lower(:impact_contains::text)) > 0       --? impact_contains
    and (strpos(lower(c.impact), lower(:impact_not_contains::text)) > 0) is not true  --? impact_not_contains
    and starts_with(lower(c.impact), lower(:impact_starts_with::text))   --? impact_starts_with
    and right(lower(c.impact), length(lower(:impact_ends_with::text))) = lower(:impact_ends_with::text)  --? impact_ends_with
    and strpos(lower(c.workaround), lower(:workaround_contains::text)) > 0  --? workaround_contains
    and (strpos(lower(c.workaround), lower(:workaround_not_contains::text)) > 0) is not true  --? workaround_not_contains
    and starts_with(lower(c.workaround), lower(:workaround_starts_with::text))  --? workaround_starts_with
    and right(lower(c.workaround), length(lower(:workaround_ends_with::text))) = lower(:workaround_ends_with::text)  --? workaround_ends_with
    and c.users_affected >= :users_affected_from::int                    --? users_affected_from
    and c.users_affected < :users_affected_to::int                       --? users_affected_to
    and c.due_on >= :due_on_from::date                                   --? due_on_from
    and c.due_on < :due_on_to::date                                      --? due_on_to
    and c.submitted_at >= :submitted_from::timestamptz                   --? submitted_from
    and c.submitted_at < :submitted_to::timestamptz                      --? submitted_to
    and c.created_at >= :created_from::timestamptz                       --? created_from
    and c.created_at < :created_to::timestamptz                          --? created_to
    and c.updated_at >= :updated_from::timestamptz                       --? updated_from
    and c.updated_at < :updated_to::timestamptz                          --? updated_to
    and c.closed_at >= :closed_from::timestamptz                         --? closed_from
    and c.closed_at < :closed_to::timestamptz                            --? closed_to
    and c.closed_by_kind = :closed_by_kind                               --? closed_by_kind
    and c.closed_by_id = :closed_by_id::bigint                           --? closed_by_id
    and c.resolved_at >= :resolved_from::timestamptz                     --? resolved_from
    and c.resolved_at < :resolved_to::timestamptz                        --? resolved_to
    and c.reopened_at >= :reopened_from::timestamptz                     --? reopened_from
    and c.reopened_at < :reopened_to::timestamptz                        --? reopened_to
    and c.reopen_until >= :reopen_until_from::timestamptz                --? reopen_until_from
    and c.reopen_until < :reopen_until_to::timestamptz                   --? reopen_until_to
    and c.response_due_at >= :response_due_from::timestamptz             --? response_due_from
    and c.response_due_at < :response_due_to::timestamptz                --? response_due_to
    and c.first_response_at >= :first_response_from::timestamptz         --? first_response_from
    and c.first_response_at < :first_response_to::timestamptz            --? first_response_to
    and c.phone_follow_up_at >= :phone_follow_up_from::timestamptz       --? phone_follow_up_from
    and c.phone_follow_up_at < :phone_follow_up_to::timestamptz          --? phone_follow_up_to
),
newest_of_each as (
  select c.id, c.district_id, c.updated_at
  from unnest(rules.districts()) as d (id)
  cross join lateral (
    select m.id, m.district_id, m.updated_at
    from matching m
    where m.district_id = d.id
      and (m.updated_at, m.id) < (:after_updated_at::timestamptz, :after_id::bigint)  --? after
    order by m.updated_at desc, m.id desc
    limit :limit::int + 1) as c
),
page as (
  select n.id, n.district_id
  from newest_of_each n
  order by n.updated_at desc, n.id desc
  limit :limit::int + 1
)
select c.item, c.updated_at::text as updated_at, c.id::text as id
  , case when :count = 'exact' then (select count(*) from matching) end as count  --? count
from page p
join api.case_list c on c.id = p.id and c.district_id = p.district_id
order by c.updated_at desc, c.id desc;

-- name: create_case
select * from rules.submit_case(:body::jsonb, :validate_only::boolean);

-- name: get_case
select c.body, c.version::text as etag
from api.case_document c
where c.id = :case_id::bigint;

-- name: update_case
select * from rules.update_case(:case_id::bigint, :if_match::bigint[], :body::jsonb);

-- name: assign_case
select * from rules.assign_case(:case_id::bigint, :if_match::bigint[], :body::jsonb);

-- name: resolve_case
select * from rules.resolve_case(:case_id::bigint, :if_match::bigint[], :body::jsonb);

-- name: close_case
select * from rules.close_case(:case_id::bigint, :if_match::bigint[], :body::jsonb);

-- name: reopen_case
select * from rules.reopen_case(:case_id::bigint, :if_match::bigint[], :body::jsonb);

-- name: list_case_history
with parent as materialized (select rules.require_case(:case_id::bigint) as district_id)
select e.body as item, e.id::text as id
from api.event_document e
where (select p.district_id from parent p) is not null
  and e.district_id = (select p.district_id from parent p)
  and e.case_id = :case_id::bigint
  and e.id > :after_id::bigint                                         --? after
order by e.id
limit :limit::int + 1;
