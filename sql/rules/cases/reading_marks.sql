-- Reading marks (3.5): how far somebody has read the history of a case. Unread is
-- what others have done since then, as far as the reader sees it; what came with an
-- import is news to nobody. The filter `unread` of cases says the same.

create view views.reading_mark_document with (security_invoker) as
select c.id, row_to_json(d) as body
from casework.cases c
left join casework.reading_marks m on m.case_id = c.id
  and m.reader_kind = (select rules.caller_kind()) and m.reader_id = (select rules.caller_id())
cross join lateral (
  select c.id as case_id, m.event_id, views.utc(m.read_at) as read_at, exists (
    select from casework.events e
    where e.district_id = c.district_id and e.case_id = c.id and not e.imported
      and e.id > case when m.event_id is null then 0 else m.event_id end
      and (e.actor_kind, e.actor_id) is distinct from ((select rules.caller_kind()), (select rules.caller_id()))
    ) as unread
) as d;
grant select on views.reading_mark_document to casework_contact, casework_staff;

-- Up to an event or a note that the reader sees, or to the end. Also back: what is
-- marked so is unread again.
create or replace function rules.mark_read(case_id bigint, request jsonb, out status int, out body json)
language plpgsql as $$
declare
  district bigint := rules.require_case(case_id);
  last bigint;
begin
  if num_nonnulls(request ->> 'event_id', request ->> 'note_id') > 1 then
    perform rules.invalid('/note_id', 'not-allowed', 'Name an event or a note, not both.');
  end if;
  select max(e.id) into last from casework.events e
  where e.district_id = district and e.case_id = mark_read.case_id
    and e.id = coalesce((request ->> 'event_id')::bigint, e.id)
    and (request ->> 'note_id' is null or e.note_id = (request ->> 'note_id')::bigint);
  if last is null then
    perform rules.invalid(case when request ? 'note_id' then '/note_id' else '/event_id' end, 'unknown',
      'The history of the case has no such event or note.');
  end if;
  insert into casework.reading_marks (reader_kind, reader_id, case_id, district_id, event_id, read_at)
  values (rules.caller_kind(), rules.caller_id(), mark_read.case_id, district, last, rules.now())
  on conflict on constraint reading_marks_pkey do update set event_id = excluded.event_id, read_at = excluded.read_at;
  select 200, d.body into status, body from views.reading_mark_document d where d.id = mark_read.case_id;
end $$;
