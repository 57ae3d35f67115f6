-- Releases and what of the product is supported (facts 1, 4).

create or replace function rules.release_answer(
  release text, code int, out status int, out body json, out etag text, out location text)
language plpgsql stable as $$
begin
  status := code;
  select d.body, d.version, case when code = 201 then '/v1/releases/' || d.release end
    into body, etag, location
  from views.release_document d where d.release = release_answer.release;
end $$;

create or replace function rules.create_release(
  request jsonb, out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  r casework.releases := jsonb_populate_record(null::casework.releases, request);
begin
  begin
    perform rules.insert_row(r);
  exception when unique_violation then
    perform rules.refuse(409, 'already-exists', 'There is a release of this name.',
      jsonb_build_object('errors', jsonb_build_array(rules.fault('/release', 'already-exists', 'must be unique'))));
  end;
  perform rules.record_desk_event('release.published', r.release, rules.changes(null::casework.releases, r));
  select * into status, body, etag, location from rules.release_answer(r.release, 201);
end $$;

create or replace function rules.update_release(
  release text, if_match bigint[], request jsonb,
  out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  before casework.releases;
  r casework.releases;
begin
  select * into before from casework.releases l where l.release = update_release.release for no key update;
  if not found then
    perform rules.refuse(404, 'not-found', 'There is no such release.');
  end if;
  perform rules.check_version(before.version, if_match);
  r := jsonb_populate_record(before, request);
  if r is distinct from before then
    perform rules.update_row(before, r, rules.now());
    perform rules.record_desk_event('release.updated', r.release, rules.changes(before, r));
  end if;
  select * into status, body, etag, location from rules.release_answer(before.release, 200);
end $$;

-- Fact 4: an update can be recommended to a release that there is.
create or replace function rules.check_release(pointer text, release text) returns void
language plpgsql as $$
begin
  if release is not null and not exists (select from casework.releases r where r.release = check_release.release) then
    perform rules.invalid(pointer, 'unknown', 'There is no such release.');
  end if;
end $$;

create or replace function rules.eligibility_reason(code text, detail text) returns jsonb
  language sql immutable
  return jsonb_build_object('code', code, 'detail', detail);

-- What is not said does not count against the district; it is only named.
create or replace function rules.support_not_stated() returns jsonb
  language sql immutable
  return jsonb_build_object('eligible', true, 'reasons', jsonb_build_array(
    rules.eligibility_reason('product_version_not_stated', 'The case does not state the product version.'),
    rules.eligibility_reason('platform_not_stated', 'The case does not state the platform.')));

-- A release as people write it: "v2613", "Campus.2613", and a build of it, "2613.2".
create or replace function rules.release_words(text text) returns text
  language sql immutable
  return ' ' || array_to_string(array(
    select word[1] from regexp_matches(rules.folded(text), '[a-z]+|[0-9]+', 'g') as word), ' ') || ' ';

-- By its name; else the one whose name is in what was written, the longest of them.
create or replace function rules.release_status(product_version text) returns casework.support_status
language plpgsql stable as $$
declare
  status casework.support_status := (
    select r.support_status from casework.releases r where r.release = product_version);
  written text;
begin
  if status is null then
    written := rules.release_words(product_version);
    select r.support_status into status from casework.releases r
    where position(rules.release_words(r.release) in written) > 0
    order by length(r.release) desc, r.release limit 1;
  end if;
  return status;
end $$;

create or replace function rules.version_reason(product_version text) returns jsonb
language plpgsql stable as $$
declare
  status text;
begin
  if product_version is null then
    return rules.support_not_stated() -> 'reasons' -> 0;
  end if;
  status := rules.release_status(product_version);
  return case
    when status is null then
      rules.eligibility_reason('product_version_unknown', format('%s is not a known release.', product_version))
    when status = 'unsupported' then
      rules.eligibility_reason('product_version_unsupported',
        format('%s is neither a current nor a prior version.', product_version))
    end;
end $$;

-- The platforms that a text names, each with its version if it says one: "Chrome
-- 131 on Windows 11 Pro" names two. Longer names are looked for first, and what
-- was found is taken out. A version is the number behind the name, or behind words
-- like "Pro": not behind single letters, which stand in names of devices ("M1").
create or replace function rules.platforms_named(written text) returns table (platform text, version text)
language plpgsql stable as $$
declare
  -- without what is no version: how wide a word is, and ", 3 PCs"
  said text := regexp_replace(rules.folded(written), '\m(64|32)[ _-]?bits?\M|[,;:] *[0-9]+(?= [a-z]+s\M)', ' | ', 'g');
  words text := ' ' || array_to_string(array(
    select word[1] from regexp_matches(said, '[a-z]+|[|]|[0-9]{1,9}(?:[.][0-9]{1,9})*', 'g') as word), ' ') || ' ';
  n casework.platform_names;
  behind text[];
begin
  for n in
    select p.* from casework.platform_names p
    where position(' ' || p.name || ' ' in words) > 0 order by length(p.name) desc, p.name
  loop
    while position(' ' || n.name || ' ' in words) > 0 loop
      behind := regexp_match(split_part(words, ' ' || n.name || ' ', 2), '^((?:v |[a-z]{2,} ){0,4})([0-9][0-9.]*) ');
      if not n.counts or n.version is not null or exists (
        select from casework.platform_names other where position(' ' || other.name || ' ' in ' ' || behind[1]) > 0)
      then
        behind := null;
      end if;
      platform := n.platform;
      version := coalesce(n.version, behind[2]);
      return next;
      words := overlay(words placing ' | ' from position(' ' || n.name || ' ' in words)
        for length(n.name) + 2 + coalesce(length(behind[1] || behind[2]) + 1, 0));
    end loop;
  end loop;
end $$;

-- What several platforms lack is said of the first that lacks most.
create or replace function rules.platform_reason(platform text) returns jsonb
language plpgsql stable as $$
declare
  reason jsonb;
begin
  if platform is null then
    return rules.support_not_stated() -> 'reasons' -> 1;
  end if;
  select case
      when not bool_or(n.version is not null) then rules.eligibility_reason('platform_version_not_stated',
        format('%s is stated without its version.', p.name))
      when bool_or(string_to_array(n.version, '.')::int[] < string_to_array(p.minimum_version, '.')::int[]) then
        rules.eligibility_reason('platform_below_minimum',
          format('%s %s is required at least.', p.name, p.minimum_version))
    end
    into reason
  from rules.platforms_named(platform_reason.platform) n join casework.platforms p on p.name = n.platform
  group by p.name, p.minimum_version
  order by coalesce(bool_or(string_to_array(n.version, '.')::int[] < string_to_array(p.minimum_version, '.')::int[]), false) desc,
    bool_or(n.version is not null), p.name
  limit 1;
  if not found then
    reason := rules.eligibility_reason('platform_unknown', format('No minimum requirement is known for %s.', platform));
  end if;
  return reason;
end $$;

-- Fact 1: advice to whoever reads the case; it blocks nothing. What is not known
-- is not unsupported.
create or replace function rules.support_eligibility(product_version text, platform text) returns jsonb
language plpgsql stable as $$
declare
  reasons jsonb[] := array_remove(
    array[rules.version_reason(product_version), rules.platform_reason(platform)], null);
begin
  return jsonb_build_object(
    'eligible', not exists (
      select from unnest(reasons) r where r ->> 'code' in ('product_version_unsupported', 'platform_below_minimum')),
    'reasons', to_jsonb(reasons));
end $$;
