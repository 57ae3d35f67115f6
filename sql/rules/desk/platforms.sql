-- Platforms (fact 1): the oldest version that is complied with, and the names by
-- which people mean one (verification/releases.sql reads them).

create view views.platform_document with (security_invoker) as
select p.name, p.version, row_to_json(d) as body
from casework.platforms p
cross join lateral (
  select p.name, p.minimum_version,
    (select coalesce(json_agg(n.name order by n.name), '[]')
      from casework.platform_names n where n.platform = p.name) as also_called,
    (select coalesce(json_agg(json_build_object('name', n.name, 'version', n.version, 'counts', n.counts) order by n.name), '[]')
      from casework.platform_names n where n.platform = p.name) as names
) as d;
grant select on views.platform_document
  to casework_contact, casework_partner, casework_staff, casework_public;

create or replace function rules.platform_answer(
  name text, code int, out status int, out body json, out etag text, out location text)
language plpgsql stable as $$
begin
  status := code;
  select d.body, d.version, case when code = 201 then '/v1/platforms/' || replace(d.name, ' ', '%20') end
    into body, etag, location
  from views.platform_document d where d.name = platform_answer.name;
end $$;

-- A name as it is looked for: words and numbers in small letters.
create or replace function rules.platform_words(written text) returns text
  language sql immutable
  return array_to_string(array(
    select word[1] from regexp_matches(rules.folded(written), '[a-z]+|[0-9]{1,9}(?:[.][0-9]{1,9})*', 'g') as word), ' ');

-- All names of the platform anew. Of what nobody could mean, and of what means
-- another platform, the first is told.
create or replace function rules.write_platform_names(platform text, names jsonb) returns void
language plpgsql as $$
declare
  n record;
  taken text;
begin
  delete from casework.platform_names o where o.platform = write_platform_names.platform;
  for n in
    select rules.platform_words(t.given ->> 'name') as name, t.given ->> 'version' as version,
      coalesce((t.given ->> 'counts')::boolean, true) as counts, format('/names/%s/name', t.number - 1) as pointer
    from jsonb_array_elements(names) with ordinality as t (given, number) order by t.number
  loop
    if n.name !~ '^[a-z]' then
      perform rules.invalid(n.pointer, 'unfit', 'A name begins with a letter from a to z.');
    end if;
    select o.platform into taken from casework.platform_names o where o.name = n.name;
    if found then
      perform rules.invalid(n.pointer, 'already-exists', format('It is a name of %s.', taken));
    end if;
    insert into casework.platform_names (name, platform, version, counts)
    values (n.name, platform, n.version, n.counts);
  end loop;
end $$;

-- Without names it is known by its own.
create or replace function rules.create_platform(
  request jsonb, out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  p casework.platforms := jsonb_populate_record(null::casework.platforms, request);
begin
  perform pg_advisory_xact_lock(7309457);
  if exists (select from casework.platforms o where lower(o.name) = lower(p.name)) then
    perform rules.refuse_double('/name', 'There is a platform of this name.');
  end if;
  p := rules.insert_row(p);
  perform rules.write_platform_names(p.name,
    coalesce(request -> 'names', jsonb_build_array(jsonb_build_object('name', p.name))));
  select * into status, body, etag, location from rules.platform_answer(p.name, 201);
  perform rules.record_desk_event('platform.created', p.name,
    rules.document_changes('{}', body::jsonb - 'also_called'));
end $$;

create or replace function rules.update_platform(
  name text, if_match bigint[], request jsonb,
  out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  before casework.platforms;
  old jsonb;
  changes jsonb;
begin
  perform pg_advisory_xact_lock(7309457);
  select * into before from casework.platforms o where o.name = update_platform.name for no key update;
  if not found then
    perform rules.refuse(404, 'not-found', 'There is no such platform.');
  end if;
  perform rules.check_version(before.version, if_match);
  select d.body into old from views.platform_document d where d.name = before.name;
  if request ? 'names' then
    perform rules.write_platform_names(before.name, request -> 'names');
  end if;
  update casework.platforms o set minimum_version = coalesce(request ->> 'minimum_version', o.minimum_version)
  where o.name = before.name;
  select rules.document_changes(old - 'also_called', d.body::jsonb - 'also_called') into changes
  from views.platform_document d where d.name = before.name;
  if changes <> '[]' then
    update casework.platforms o set version = o.version + 1 where o.name = before.name;
    perform rules.record_desk_event('platform.updated', before.name, changes);
  end if;
  select * into status, body, etag, location from rules.platform_answer(before.name, 200);
end $$;
