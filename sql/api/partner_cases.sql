-- Partners and their cases (3.7).

-- name: confirm_resolution
select * from rules.confirm_resolution(:case_id::bigint, :if_match::bigint[], :body::jsonb);

-- name: share_case
select * from rules.share_case(:case_id::bigint, :if_match::bigint[], true);

-- name: end_sharing
select * from rules.share_case(:case_id::bigint, :if_match::bigint[], false);

-- name: list_partner_followers
with parent as materialized (select rules.require_case(:case_id::bigint) as district_id)
select w.body as item, w.person_id::text as person_id
from views.partner_follower_document w
where (select p.district_id from parent p) is not null
  and w.district_id = (select p.district_id from parent p)
  and w.case_id = :case_id::bigint
  and w.person_id > :after_person_id::bigint                         --? after
order by w.person_id
limit :limit::int + 1;

-- name: follow_as_partner
select * from rules.follow_as_partner(:case_id::bigint, :body::jsonb);

-- name: unfollow_as_partner
select * from rules.unfollow_as_partner(:case_id::bigint, :person_id::bigint);
