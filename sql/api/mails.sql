-- Which mails there are, and why each went or not.

-- name: list_mails
select case when rules.page_open() then rules.page_item(m.body) end as item, m.id::text as id
from views.mail_document m
where true
  --filters m
  and m.id < :after_id::bigint                                         --? after
order by m.id desc
limit :limit::int + 1;
