-- A partner's districts are asked one by one, each along its own index, so that
-- a partner with few cases does not walk everybody's.

-- name: list_cases
select c.item, c.updated_at::text as updated_at, c.id::text as id
from (select p.id, p.district_id from unnest(rules.districts()) as d (id) cross join lateral (  --? for_partner
  select c.id, c.district_id, c.updated_at                           --? for_partner
from api.case_list c
where true
  and c.district_id = d.id                                           --? for_partner
  and c.id = any (:id::bigint[])                                       --? id
  and c.district_id = any (:district_id::bigint[])                     --? district_id
  and c.site_id = any (:site_id::bigint[])                             --? site_id
  and c.contact_id = any (:contact_id::bigint[])                       --? contact_id
  and c.assigned_advisor_id = any (:assigned_advisor_id::bigint[])     --? assigned_advisor_id
  and c.follows_case_id = any (:follows_case_id::bigint[])             --? follows_case_id
  and c.merged_into_case_id = any (:merged_into_case_id::bigint[])     --? merged_into_case_id
  and c.incident_id = any (:incident_id::bigint[])                     --? incident_id
  and (c.assigned_advisor_id is not null) = :assigned::boolean         --? assigned
  and c.submitted_by_kind = :submitted_by_kind                         --? submitted_by_kind
  and c.submitted_by_id = :submitted_by_id::bigint                     --? submitted_by_id
  and c.type = any (:type::text[])                                     --? type
  and c.status = any (:status::text[])                                 --? status
  and c.priority = any (:priority::text[])                             --? priority
  and c.initial_priority = any (:initial_priority::text[])             --? initial_priority
  and c.issue_type = any (:issue_type::text[])                         --? issue_type
  and c.channel = any (:channel::text[])                               --? channel
  and c.support_provider = any (:support_provider::text[])             --? support_provider
  and c.escalation_level = any (:escalation_level::int[])              --? escalation_level
  and c.resolution_defect_id = any (:resolution_defect_id::bigint[])   --? resolution_defect_id
  and c.closure_reason = any (:closure_reason::text[])                 --? closure_reason
  and c.resolution_kind = any (:resolution_kind::text[])               --? resolution_kind
  and c.response_state = any (:response_state::text[])                 --? response_state
  and c.product_area = any (:product_area::text[])                     --? product_area
  and c.product_version = any (:product_version::text[])               --? product_version
  and c.platform = any (:platform::text[])                             --? platform
  and c.fixed_in_release = any (:fixed_in_release::text[])             --? fixed_in_release
  and c.scope = any (:scope::text[])                                   --? scope
  and c.redirect_team = any (:redirect_team::text[])                   --? redirect_team
  and c.policy_question = :policy_question::boolean                    --? policy_question
  and c.product_area = any (array(select a.code from casework.product_areas a where a.team = any (:support_team::text[])))  --? support_team
  and c.reporting_deadline_id = any (:reporting_deadline_id::bigint[])  --? reporting_deadline_id
  and c.reporting_deadline_id = any (array(select r.id from casework.reporting_deadlines r where r.due_on >= :reporting_deadline_from::date))  --? reporting_deadline_from
  and c.reporting_deadline_id = any (array(select r.id from casework.reporting_deadlines r where r.due_on < :reporting_deadline_to::date))  --? reporting_deadline_to
  and c.test = :test::boolean                                          --? test
  and c.subject = :subject                                             --? subject
  and strpos(lower(c.subject), lower(:subject_contains::text)) > 0     --? subject_contains
  and starts_with(lower(c.subject), lower(:subject_starts_with::text)) --? subject_starts_with
  and strpos(lower(c.description), lower(:description_contains::text)) > 0              --? description_contains
  and strpos(lower(c.replication_steps), lower(:replication_steps_contains::text)) > 0  --? replication_steps_contains
  and strpos(lower(c.impact), lower(:impact_contains::text)) > 0       --? impact_contains
  and strpos(lower(c.workaround), lower(:workaround_contains::text)) > 0                --? workaround_contains
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
  and (c.updated_at, c.id) < (:after_updated_at::timestamptz, :after_id::bigint)  --? after
order by c.updated_at desc, c.id desc
limit :limit::int + 1
) as p order by p.updated_at desc, p.id desc limit :limit::int + 1) as p  --? for_partner
join api.case_list c on c.id = p.id and c.district_id = p.district_id  --? for_partner
order by c.updated_at desc, c.id desc                                --? for_partner
;

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
