-- name: list_replies
select case when rules.page_open() then rules.page_item(r.body) end as item, r.id::text as id
from views.reply_document r
where true
  --filters r
  and r.id > :after_id::bigint                                         --? after
order by r.id
limit :limit::int + 1;

-- name: create_reply
select * from rules.create_reply(:body::jsonb);

-- name: get_reply
select r.body, r.version::text as etag
from views.reply_document r
where r.id = :reply_id::bigint;

-- name: update_reply
select * from rules.update_reply(:reply_id::bigint, :if_match::bigint[], :body::jsonb);

-- name: get_filled_reply
select json_build_object('reply_id', r.id, 'case_id', v.case_id, 'text', rules.filled(r.text, v.filled)) as body
from views.reply_document r
join views.reply_value v on v.case_id = :case_id::bigint
where r.id = :reply_id::bigint;
