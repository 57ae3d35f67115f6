-- name: get_support_line
select rules.get_support_line() as body;

-- name: list_support_line_reads
select r.body as item, r.id::text as id
from views.support_line_read_document r
where true
  --filters r
  and r.id < :after_id::bigint                                         --? after
order by r.id desc
limit :limit::int + 1;
