-- name: list_desk_queue
with page as (
  select q.id, q.district_id, q.urgency, q.due_at
  from rules.desk_lanes(:assigned::text, :team::text, :product_area::text) l
  cross join lateral (
    select d.id, d.district_id, d.urgency, d.due_at
    from views.desk_case d
    where d.advisor_id = l.advisor_id and d.area = l.area
      and (d.urgency, d.due_at, d.id) >                                             --? after
        (:after_urgency::smallint, :after_due_at::timestamptz, :after_id::bigint)   --? after
    order by d.urgency, d.due_at, d.id
    limit :limit::int + 1) as q
  order by q.urgency, q.due_at, q.id
  limit :limit::int + 1
)
select i.item, p.urgency::text as urgency, p.due_at::text as due_at, p.id::text as id
from page p
join views.desk_item i on i.id = p.id and i.district_id = p.district_id
order by p.urgency, p.due_at, p.id;

-- name: take_next_case
select * from rules.take_next_case();

-- name: get_case_presence
select d.body from views.presence_document d where d.id = :case_id::bigint;

-- name: enter_case
select * from rules.enter_case(:case_id::bigint);

-- name: leave_case
select * from rules.leave_case(:case_id::bigint);

-- name: get_reading_mark
select d.body from views.reading_mark_document d where d.id = :case_id::bigint;

-- name: mark_case_read
select * from rules.mark_read(:case_id::bigint, :body::jsonb);

-- name: get_case_tags
select d.body from views.tags_document d where d.id = :case_id::bigint;

-- One tag after the other along the index, however many cases have it.

-- name: list_tags
with recursive used as (
  (select t.tag from casework.case_tags t
    where true
      and t.tag > :after_tag::text                                     --? after
    order by t.tag limit 1)
  union all
  select (select t.tag from casework.case_tags t where t.tag > u.tag order by t.tag limit 1)
  from used u where u.tag is not null
),
page as (
  select u.tag from used u where u.tag is not null limit :limit::int + 1
)
select case when rules.page_open() then rules.page_item(json_build_object(
    'tag', p.tag, 'cases', (select count(*) from casework.case_tags t where t.tag = p.tag))) end as item,
  p.tag
from page p
order by p.tag;

-- name: add_case_tag
select * from rules.add_tag(:case_id::bigint, :body::jsonb);

-- name: remove_case_tag
select * from rules.remove_tag(:case_id::bigint, :tag::text);
