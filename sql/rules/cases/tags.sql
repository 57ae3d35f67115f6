-- Tags (3.5): short names by which staff find cases again. Contacts and partners
-- never see one, nor the events that tell of them.

create view views.tags_document with (security_invoker) as
select c.id, row_to_json(d) as body
from casework.cases c
cross join lateral (
  select c.id as case_id, array(
    select t.tag from casework.case_tags t where t.case_id = c.id order by t.tag) as tags
) as d;
grant select on views.tags_document to casework_staff;

-- As it is kept and looked for: "Grade Book", "grade book" and "gráde_book" are
-- grade-book.
create or replace function rules.tag_name(tag text) returns text
  language sql immutable
  return btrim(regexp_replace(rules.folded(tag), '[[:space:]_-]+', '-', 'g'), '-');

create or replace function rules.tag_names(tags text[]) returns text[]
  language sql immutable
  return array(select rules.tag_name(t) from unnest(tags) as t);

-- The case is locked: twenty are twenty, and its events tell them in their order.
create or replace function rules.add_tag(case_id bigint, request jsonb, out status int, out body json)
language plpgsql as $$
declare
  c casework.cases := rules.lock_case(case_id, null);
  actor rules.actor := rules.actor();
  name text := rules.tag_name(request ->> 'tag');
begin
  if name = '' then
    perform rules.invalid('/tag', 'out-of-range', 'Nothing of this tag would be left to look for.');
  elsif length(name) > 40 then
    perform rules.invalid('/tag', 'out-of-range', 'A tag has 40 characters at most.');
  elsif (select count(*) from casework.case_tags t where t.case_id = c.id) >= 20 then
    perform rules.refuse(409, 'conflict', 'A case has twenty tags at most: take one away first.');
  end if;
  insert into casework.case_tags (district_id, case_id, tag, added_by_id, added_by_name, added_at)
  values (c.district_id, c.id, name, actor.id, actor.name, actor.at)
  on conflict do nothing;
  if not found then
    perform rules.refuse(409, 'already-exists', 'The case has this tag.');
  end if;
  perform rules.record_case_event(c.district_id, c.id, actor, 'case.tagged', 'internal', null,
    jsonb_build_array(rules.changed('tag', null, to_jsonb(name))));
  select 201, d.body into status, body from views.tags_document d where d.id = c.id;
end $$;

create or replace function rules.remove_tag(case_id bigint, tag text, out status int, out body json)
language plpgsql as $$
declare
  c casework.cases := rules.lock_case(case_id, null);
  name text := rules.tag_name(tag);
begin
  delete from casework.case_tags t where t.case_id = c.id and t.tag = name;
  if not found then
    perform rules.refuse(404, 'not-found', 'The case has no such tag.');
  end if;
  perform rules.record_case_event(c.district_id, c.id, rules.actor(), 'case.untagged', 'internal', null,
    jsonb_build_array(rules.changed('tag', to_jsonb(name), null)));
  select 200, d.body into status, body from views.tags_document d where d.id = c.id;
end $$;
