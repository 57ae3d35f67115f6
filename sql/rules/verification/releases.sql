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
  perform rules.record_desk_event('release.published', r.release, '[]');
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

create or replace function rules.version_reason(product_version text) returns jsonb
language plpgsql stable as $$
declare
  status text;
begin
  if product_version is null then
    return rules.support_not_stated() -> 'reasons' -> 0;
  end if;
  select r.support_status into status from casework.releases r where r.release = product_version;
  return case
    when status is null then
      rules.eligibility_reason('product_version_unknown', format('%s is not a known release.', product_version))
    when status = 'unsupported' then
      rules.eligibility_reason('product_version_unsupported',
        format('%s is neither a current nor a prior version.', product_version))
    end;
end $$;

-- A platform is stated as a name and a version: "Windows Server 2022".
create or replace function rules.platform_reason(platform text) returns jsonb
language plpgsql stable as $$
declare
  stated text[] := regexp_match(platform, '^\s*(.*?)\s+v?([0-9]{1,9}(?:[.][0-9]{1,9})*)\s*$');
  minimum text;
begin
  if platform is null then
    return rules.support_not_stated() -> 'reasons' -> 1;
  end if;
  select p.minimum_version into minimum from casework.platforms p
  where lower(p.name) = lower(coalesce(stated[1], trim(platform)));
  return case
    when minimum is null then
      rules.eligibility_reason('platform_unknown', format('No minimum requirement is known for %s.', platform))
    when stated[2] is null then
      rules.eligibility_reason('platform_version_not_stated', 'The platform is stated without its version.')
    when string_to_array(stated[2], '.')::int[] < string_to_array(minimum, '.')::int[] then
      rules.eligibility_reason('platform_below_minimum', format('%s is required at least.', minimum))
    end;
end $$;

-- Fact 1: advice to whoever reads the case; it blocks nothing.
create or replace function rules.support_eligibility(product_version text, platform text) returns jsonb
language plpgsql stable as $$
declare
  reasons jsonb[] := array_remove(
    array[rules.version_reason(product_version), rules.platform_reason(platform)], null);
begin
  return jsonb_build_object(
    'eligible', not exists (select from unnest(reasons) r where r ->> 'code' !~ '_not_stated$'),
    'reasons', to_jsonb(reasons));
end $$;
