-- name: get_support_line
select rules.get_support_line() as body;

-- name: list_support_line_reads
select r.body as item, r.id::text as id
from api.support_line_read_document r
where true
  and r.contact_id = any (:contact_id::bigint[])                       --? contact_id
  and r.district_id = any (:district_id::bigint[])                     --? district_id
  and r.id < :after_id::bigint                                         --? after
order by r.id desc
limit :limit::int + 1;
