-- Articles (3.6): what staff write once, so that people find the answer before
-- they ask. A draft is nobody's but staff's; a published one is for everybody or
-- for contacts and partners; an archived one is kept, and found by staff alone.

create view views.article_document with (security_invoker) as
select a.id, a.version, a.status, a.audience, a.product_area, a.versions, a.defect_ids, a.title, row_to_json(d) as body
from casework.articles a
cross join lateral (
  select a.id, a.title, a.text, a.status, a.audience, a.product_area, a.versions, a.defect_ids,
    views.utc(a.created_at) as created_at,
    views.actor(a.created_by_kind, a.created_by_id, a.created_by_name) as created_by,
    views.utc(a.published_at) as published_at, views.utc(a.updated_at) as updated_at
) as d;
grant select on views.article_document to casework_contact, casework_partner, casework_staff, casework_public;

create or replace function rules.article_answer(
  article_id bigint, code int, out status int, out body json, out etag text, out location text)
language plpgsql stable as $$
begin
  status := code;
  select d.body, d.version, case when code = 201 then '/v1/articles/' || d.id end
    into body, etag, location
  from views.article_document d where d.id = article_id;
end $$;

create or replace function rules.check_article(a casework.articles, before casework.articles) returns void
language plpgsql as $$
declare
  unknown int := (
    select min(d.place) from unnest(a.defect_ids) with ordinality as d (id, place)
    where not exists (select from casework.defects k where k.id = d.id));
begin
  if a.product_area is distinct from before.product_area and a.product_area is not null
    and not exists (select from casework.product_areas p where p.code = a.product_area and p.active)
  then
    perform rules.invalid('/product_area', 'unknown', 
      'There is no such product area: GET /v1/product-areas lists them.');
  elsif unknown is not null then
    perform rules.invalid('/defect_ids/' || unknown - 1, 'unknown', 'There is no such defect.');
  end if;
end $$;

-- What has been read by others was published once, and is no draft again.
create or replace function rules.check_article_status(before casework.articles, wanted text) returns void
language plpgsql as $$
begin
  if wanted = 'draft' and before.published_at is not null then
    perform rules.refuse(409, 'illegal-transition', 'An article that was published is archived, not made a draft again.',
      jsonb_build_object('allowed_transitions', to_jsonb(array_remove(
        '{published,archived}'::text[], before.status::text))));
  elsif wanted = 'archived' and before.published_at is null then
    perform rules.refuse(409, 'illegal-transition', 'An article is archived after it was published.',
      jsonb_build_object('allowed_transitions', to_jsonb('{published}'::text[])));
  end if;
end $$;

create or replace function rules.create_article(
  request jsonb, out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  actor rules.actor := rules.actor();
  a casework.articles := jsonb_populate_record(null::casework.articles,
    '{"status": "draft", "audience": "contacts", "versions": [], "defect_ids": []}' || request);
begin
  perform rules.check_article(a, null);
  a.created_at := actor.at;
  a.created_by_kind := actor.kind;
  a.created_by_id := actor.id;
  a.created_by_name := actor.name;
  a.published_at := case when a.status = 'published' then actor.at end;
  a.updated_at := actor.at;
  a := rules.insert_row(a);
  perform rules.record_desk_event('article.created', a.id::text, rules.changes(null::casework.articles, a));
  select * into status, body, etag, location from rules.article_answer(a.id, 201);
end $$;

create or replace function rules.update_article(
  article_id bigint, if_match bigint[], request jsonb,
  out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  before casework.articles;
  a casework.articles;
begin
  select * into before from casework.articles l where l.id = article_id for no key update;
  if not found then
    perform rules.refuse(404, 'not-found', 'There is no such article.');
  end if;
  perform rules.check_version(before.version, if_match);
  a := jsonb_populate_record(before, request);
  perform rules.check_article(a, before);
  if a is distinct from before then
    perform rules.check_article_status(before, a.status);
    a.published_at := coalesce(a.published_at, case when a.status = 'published' then rules.now() end);
    perform rules.update_row(before, a, rules.now());
    perform rules.record_desk_event('article.updated', a.id::text, rules.changes(before, a));
  end if;
  select * into status, body, etag, location from rules.article_answer(article_id, 200);
end $$;
