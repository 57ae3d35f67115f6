-- name: list_articles
select case when rules.page_open() then rules.page_item(a.body) end as item,
  a.id::text as id
from views.article_document a
where true
  --filters a
  and a.id < :after_id::bigint                                         --? after
order by a.id desc
limit :limit::int + 1;

-- name: create_article
select * from rules.create_article(:body::jsonb);

-- name: get_article
select a.body, a.version::text as etag
from views.article_document a
where a.id = :article_id::bigint;

-- name: update_article
select * from rules.update_article(:article_id::bigint, :if_match::bigint[], :body::jsonb);

-- name: search_everything
select f.item, f.rank::text as rank, f.kind, f.id::text as id
from rules.search_everything(:q, :kind::text[], :public_url,
  :after_rank::bigint, :after_kind::text, :after_id::bigint, :limit::int + 1) as f;

-- name: report_defect
select * from rules.report_defect(:defect_id::bigint, :body::jsonb);

-- name: list_defect_cases
with parent as materialized (select rules.require_defect(:defect_id::bigint) as defect_id)
select c.item, l.case_id::text as id
from casework.case_defects l
join views.case_list c on c.id = l.case_id and c.district_id = l.district_id
where (select p.defect_id from parent p) is not null
  and l.defect_id = :defect_id::bigint and l.unlinked_at is null
  and l.case_id < :after_id::bigint                                    --? after
order by l.case_id desc
limit :limit::int + 1;
