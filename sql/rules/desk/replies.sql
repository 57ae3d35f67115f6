-- Prepared answers (3.5): texts with placeholders, filled in for a case. They are no
-- notes: what an advisor makes of one is sent as theirs.

create view views.reply_document with (security_invoker) as
select r.id, r.version, r.name, r.text, r.product_area, r.active, row_to_json(d) as body
from casework.replies r
cross join lateral (
  select r.id, r.name, r.text, r.product_area, r.active,
    views.utc(r.created_at) as created_at, views.utc(r.updated_at) as updated_at
) as d;
grant select on views.reply_document to casework_staff;

-- What stands for the placeholders, for the caller; another one is a line here.
create view views.reply_value with (security_invoker) as
select c.id as case_id, jsonb_build_object(
  'case_number', c.id,
  'case_subject', c.subject,
  'contact_name', p.name,
  'district_name', d.name,
  'advisor_name', rules.name_of('staff', (select rules.caller_id()))) as filled
from casework.cases c
join casework.contacts p on p.id = c.contact_id
join casework.districts d on d.id = c.district_id;
grant select on views.reply_value to casework_staff;

create or replace function rules.reply_placeholders() returns text[]
  language sql immutable
  return '{case_number,case_subject,contact_name,district_name,advisor_name}'::text[];

-- In one go: what is filled in is not looked at again, so a subject in braces stays
-- what somebody has written.
create or replace function rules.filled(text text, filled jsonb) returns text
  language sql immutable
  return (
    select string_agg(coalesce(filled ->> m.part[2], m.part[1]), '' order by m.place)
    from regexp_matches(text, '(\{([a-z_]+)\}|[^{]+|\{)', 'g') with ordinality as m (part, place));

-- Whatever stands in braces on one line is taken for a placeholder: one that is
-- misspelt would go out to a customer as it stands.
create or replace function rules.check_reply(r casework.replies) returns void
language plpgsql as $$
declare
  unknown text;
begin
  select m.part[1] into unknown from regexp_matches(r.text, '\{([^{}\n]*)\}', 'g') as m (part)
  where m.part[1] <> all (rules.reply_placeholders()) limit 1;
  if unknown is not null then
    perform rules.invalid('/text', 'unknown', format('There is no placeholder {%s}, only %s.', left(unknown, 60),
      (select string_agg('{' || p || '}', ', ') from unnest(rules.reply_placeholders()) as p)));
  end if;
  if r.product_area is not null
    and not exists (select from casework.product_areas a where a.code = r.product_area and a.active)
  then
    perform rules.invalid('/product_area', 'unknown',
      'There is no such product area: GET /v1/product-areas lists them.');
  end if;
end $$;

create or replace function rules.reply_answer(
  reply_id bigint, code int, out status int, out body json, out etag text, out location text)
language plpgsql stable as $$
begin
  status := code;
  select d.body, d.version, case when code = 201 then '/v1/replies/' || d.id end into body, etag, location
  from views.reply_document d where d.id = reply_id;
end $$;

create or replace function rules.create_reply(
  request jsonb, out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  r casework.replies := jsonb_populate_record(null::casework.replies, request);
begin
  r.active := coalesce(r.active, true);
  r.created_at := rules.now();
  r.updated_at := r.created_at;
  perform rules.check_reply(r);
  r := rules.insert_row(r);
  perform rules.record_desk_event('reply.created', r.id::text, rules.changes(null::casework.replies, r));
  select * into status, body, etag, location from rules.reply_answer(r.id, 201);
end $$;

create or replace function rules.update_reply(
  reply_id bigint, if_match bigint[], request jsonb,
  out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  before casework.replies;
  r casework.replies;
begin
  select * into before from casework.replies l where l.id = reply_id for no key update;
  if not found then
    perform rules.refuse(404, 'not-found', 'There is no such prepared answer.');
  end if;
  perform rules.check_version(before.version, if_match);
  r := jsonb_populate_record(before, request);
  if r is distinct from before then
    perform rules.check_reply(r);
    perform rules.update_row(before, r, rules.now());
    perform rules.record_desk_event('reply.updated', r.id::text, rules.changes(before, r));
  end if;
  select * into status, body, etag, location from rules.reply_answer(reply_id, 200);
end $$;
