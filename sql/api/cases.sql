-- The filters apart, since they are asked twice when the matches are counted;
-- not materialized, so that a page stops at its limit. Where another order is asked
-- for, place decides first (all matches are sorted: it is slow).

-- name: list_cases
with matching as not materialized (
  select c.*, rules.place_of_case(:sort::text, c.submitted_at, c.due_at, c.urgency) as place
  from views.case_list c
  where true
    --filters c
)
select c.item, c.place::text as place, c.updated_at::text as updated_at, c.id::text as id
  , case when :count = 'exact' then (select count(*) from matching) end as count  --? count
from matching c
where true
  and (c.updated_at, c.id) <                                                       --? after
    (case when :sort::text is null then :after_updated_at::timestamptz else 'infinity' end, :after_id::bigint)  --? after
  and (:after_place::bigint is null                                                --? sort
    or (c.place, :after_updated_at::timestamptz, :after_id::bigint)                 --? sort
      > (:after_place::bigint, c.updated_at, c.id))                                --? sort
order by
  c.place,                                                                         --? sort
  c.updated_at desc, c.id desc
limit :limit::int + 1;

-- A partner's districts are asked one by one, each along its own index, so that
-- a partner with few cases does not walk everybody's.

-- name: list_cases_for_partner
with matching as not materialized (
  select c.*, rules.place_of_case(:sort::text, c.submitted_at, c.due_at, c.urgency) as place
  from views.case_list c
  where true
    --filters c
),
newest_of_each as (
  select c.id, c.district_id, c.updated_at, c.place
  from unnest(rules.seen_districts()) as d (id)
  cross join lateral (
    select m.id, m.district_id, m.updated_at, m.place
    from matching m
    where m.district_id = d.id
      and (m.updated_at, m.id) <                                                   --? after
        (case when :sort::text is null then :after_updated_at::timestamptz else 'infinity' end, :after_id::bigint)  --? after
      and (:after_place::bigint is null                                            --? sort
        or (m.place, :after_updated_at::timestamptz, :after_id::bigint)                 --? sort
          > (:after_place::bigint, m.updated_at, m.id))                                --? sort
    order by
      m.place,                                                                     --? sort
      m.updated_at desc, m.id desc
    limit :limit::int + 1) as c
),
page as (
  select n.id, n.district_id, n.place
  from newest_of_each n
  order by
    n.place,                                                                       --? sort
    n.updated_at desc, n.id desc
  limit :limit::int + 1
)
select c.item, c.updated_at::text as updated_at, c.id::text as id, p.place::text as place
  , case when :count = 'exact' then (select count(*) from matching) end as count  --? count
from page p
join views.case_list c on c.id = p.id and c.district_id = p.district_id
order by
  p.place,                                                                         --? sort
  c.updated_at desc, c.id desc;

-- Each row is counted once; there are few kinds of them, which are then added up.

-- name: count_cases
with matching as (
  select c.status, c.priority, c.product_area, c.waiting_on, count(*) as n
  from views.case_list c
  where true
    --filters c
  group by c.status, c.priority, c.product_area, c.waiting_on
),
counted as (
  select m.status, m.priority, a.team as support_team, m.waiting_on, coalesce(sum(m.n), 0)::bigint as n,
    grouping(m.status, m.priority, a.team, m.waiting_on) as but
  from matching m
  left join casework.product_areas a on a.code = m.product_area
  group by grouping sets ((m.status), (m.priority), (a.team), (m.waiting_on), ())
)
select json_build_object(
  'total', (select k.n from counted k where k.but = 15),
  'status', rules.counts(array(select (k.status, k.n)::views.counted from counted k where k.but = 7), 'status'),
  'priority', rules.counts(array(select (k.priority, k.n)::views.counted from counted k where k.but = 11), 'priority'),
  'support_team', rules.counts(array(
    select (k.support_team, k.n)::views.counted from counted k where k.but = 13), 'support_team'),
  'waiting_on', rules.counts(array(
    select (k.waiting_on, k.n)::views.counted from counted k where k.but = 14), 'waiting_on')) as body;

-- name: create_case
select * from rules.create_case(:body::jsonb);

-- name: validate_case
select * from rules.validate_case(:body::jsonb, :public_url);

-- name: get_case
select c.body, c.version::text as etag
from views.case_document c
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
select * from rules.reopen_case(:case_id::bigint, :if_match::bigint[], :body::jsonb, :public_url);

-- name: list_case_history
with parent as materialized (select rules.require_case(:case_id::bigint) as district_id)
select case when rules.page_open() then rules.page_item(e.body) end as item,
  e.id::text as id
from views.event_document e
where (select p.district_id from parent p) is not null
  and e.district_id = (select p.district_id from parent p)
  and e.case_id = :case_id::bigint
  and e.id > :after_id::bigint                                         --? after
order by e.id
limit :limit::int + 1;
