-- Districts and their sites (3.2), which administrators make and change. What
-- hosting allows is asked of the district itself, so a change counts at once.

delete from rules.time_zones;
insert into rules.time_zones
select z.name from pg_timezone_names z where z.name = 'UTC' or (z.name like '%/%' and z.name !~ '^(posix|right)/');

-- Beside contacts and assignments stands whether their district is active. The lock
-- makes one wait that comes while this changes. The owner's rights: nobody else
-- writes it.
create or replace function rules.mark_district_active() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  select d.active into new.district_active from casework.districts d where d.id = new.district_id for share;
  new.district_active := coalesce(new.district_active, true);    -- there is none: its key is refused
  return new;
end $$;
call rules.keep_trigger($$create trigger mark_district_active
  before insert or update of district_id on casework.contacts
  for each row execute function rules.mark_district_active()$$);
call rules.keep_trigger($$create trigger mark_district_active
  before insert or update of district_id on casework.partner_districts
  for each row execute function rules.mark_district_active()$$);

create or replace function rules.district_active_changed() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  update casework.contacts c set district_active = new.active where c.district_id = new.id;
  update casework.partner_districts p set district_active = new.active where p.district_id = new.id;
  return null;
end $$;
call rules.keep_trigger($$create trigger active_changed
  after update of active on casework.districts
  for each row when ((old.active <> new.active)) execute function rules.district_active_changed()$$);
revoke execute on function rules.mark_district_active, rules.district_active_changed from public;

create or replace function rules.district_answer(
  district_id bigint, code int, out status int, out body json, out etag text, out location text)
language plpgsql stable as $$
begin
  status := code;
  select d.body, d.version, case when code = 201 then '/v1/districts/' || d.id end
    into body, etag, location
  from views.district_document d where d.id = district_id;
end $$;

-- So that a district that there is not is 404, and no empty list.
create or replace function rules.require_district(district_id bigint) returns bigint
language plpgsql stable as $$
begin
  if not exists (select from casework.districts d where d.id = district_id) then
    perform rules.refuse(404, 'not-found', 'There is no such district.');
  end if;
  return district_id;
end $$;

-- A merge patch of what is an object itself (RFC 7396); without any member it is none.
create or replace function rules.merged(old jsonb, patch jsonb) returns jsonb
  language sql immutable
  return nullif(jsonb_strip_nulls(coalesce(old, '{}') || nullif(patch, 'null')), '{}');

create or replace function rules.refuse_external_id(sentence text) returns void
language plpgsql as $$
begin
  perform rules.refuse(409, 'already-exists', sentence, jsonb_build_object('errors', jsonb_build_array(
    rules.fault('/external_id', 'already-exists', 'must be unique'))));
end $$;

create or replace function rules.check_district(d casework.districts, before casework.districts) returns void
language plpgsql as $$
begin
  if d.time_zone is distinct from before.time_zone
    and not exists (select from rules.time_zones z where z.name = d.time_zone)
  then
    perform rules.invalid('/time_zone', 'unknown', 'There is no such time zone: name one of IANA, like "America/Chicago".');
  end if;
  perform rules.check_product_areas(d.product_areas, before.product_areas);
  if exists (
    select from casework.districts o where o.external_id = d.external_id and o.id is distinct from d.id)
  then
    perform rules.refuse_external_id('There is a district with this external id.');
  end if;
end $$;

-- Codes that were not there before are of product areas that are active.
create or replace function rules.check_product_areas(areas text[], before text[]) returns void
language plpgsql as $$
begin
  if exists (
    select from unnest(areas) as n (code)
    where n.code <> all (coalesce(before, '{}'))
      and not exists (select from casework.product_areas a where a.code = n.code and a.active))
  then
    perform rules.invalid('/product_areas', 'unknown', 'There is no such product area: GET /v1/product-areas lists them.');
  end if;
end $$;

-- A new one, by a request or by a line of an import; its id.
create or replace function rules.add_district(request jsonb) returns bigint
language plpgsql as $$
declare
  d casework.districts := jsonb_populate_record(null::casework.districts, rules.trimmed_keys(request));
begin
  d.time_zone := coalesce(d.time_zone, 'America/Chicago');
  d.technical_team := rules.merged(null, request -> 'technical_team');
  d.active := coalesce(d.active, true);
  perform rules.check_district(d, null);
  d.created_at := rules.now();
  d.updated_at := d.created_at;
  d := rules.insert_row(d);
  perform rules.record_district_event(d.id, 'district.created', rules.changes(null::casework.districts, d));
  return d.id;
end $$;

-- before is locked. Whether it is another one now.
create or replace function rules.change_district(before casework.districts, request jsonb) returns boolean
language plpgsql as $$
declare
  d casework.districts := jsonb_populate_record(before, rules.trimmed_keys(request));
begin
  if request ? 'technical_team' then
    d.technical_team := rules.merged(before.technical_team, request -> 'technical_team');
  end if;
  perform rules.check_district(d, before);
  if d is distinct from before then
    perform rules.update_row(before, d, rules.now());
    perform rules.record_district_event(d.id, 'district.updated', rules.changes(before, d));
  end if;
  return d is distinct from before;
end $$;

create or replace function rules.create_district(
  request jsonb, out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  district_id bigint;
begin
  district_id := rules.add_district(request);
  select * into status, body, etag, location from rules.district_answer(district_id, 201);
end $$;

create or replace function rules.update_district(
  district_id bigint, if_match bigint[], request jsonb,
  out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  before casework.districts;
begin
  select * into before from casework.districts l where l.id = district_id for no key update;
  if not found then
    perform rules.refuse(404, 'not-found', 'There is no such district.');
  end if;
  perform rules.check_version(before.version, if_match);
  perform rules.change_district(before, request);
  select * into status, body, etag, location from rules.district_answer(district_id, 200);
end $$;

-- What a change of the district would mean: who of it has option 8 (fact 37) before
-- and after, and who may call. Hosting is asked of the district itself, so nothing
-- has to move.
create or replace function rules.district_rights(district_id bigint, out may_call bigint, out outage_line bigint)
language plpgsql stable as $$
begin
  select count(*), count(*) filter (where d.hosting = 'campus_hosted') into may_call, outage_line
  from casework.contacts c join casework.districts d on d.id = c.district_id
  where c.district_id = district_rights.district_id and c.may_call;
end $$;

create or replace function rules.validate_district(district_id bigint, request jsonb, out status int, out body json)
language plpgsql as $$
declare
  before record;
  after record;
  outages bigint;
begin
  begin
    select * into before from rules.district_rights(district_id);
    perform rules.update_district(district_id, null, request);
    select * into after from rules.district_rights(district_id);
    select count(*) into outages from casework.cases c
    where c.district_id = validate_district.district_id and c.type = 'outage' and c.status <> 'closed';
    perform rules.undo();
  exception when sqlstate 'CW001' then
    status := 200;
    body := json_build_object('valid', true,
      'contacts_gaining_access', greatest(after.may_call - before.may_call, 0),
      'contacts_losing_access', greatest(before.may_call - after.may_call, 0),
      'contacts_gaining_outage_line', greatest(after.outage_line - before.outage_line, 0),
      'contacts_losing_outage_line', greatest(before.outage_line - after.outage_line, 0),
      'open_outage_cases', case when after.outage_line <> before.outage_line then outages else 0 end);
  end;
end $$;

create or replace function rules.site_answer(
  site_id bigint, code int, out status int, out body json, out etag text, out location text)
language plpgsql stable as $$
begin
  status := code;
  select s.body, s.version, case when code = 201 then '/v1/sites/' || s.id end
    into body, etag, location
  from views.site_document s where s.id = site_id;
end $$;

-- A district shows its sites: it has changed with them. Its row is locked first, so
-- that sites of one district change one after the other.
create or replace function rules.touch_district(district_id bigint) returns void
language plpgsql as $$
begin
  update casework.districts d set version = d.version + 1, updated_at = rules.now() where d.id = district_id;
  if not found then
    perform rules.refuse(404, 'not-found', 'There is no such district.');
  end if;
end $$;

create or replace function rules.check_unique_site(s casework.sites) returns void
language plpgsql as $$
begin
  if exists (
    select from casework.sites o
    where o.district_id = s.district_id and o.external_id = s.external_id and o.id is distinct from s.id)
  then
    perform rules.refuse_external_id('The district has a site with this external id.');
  end if;
end $$;

create or replace function rules.add_site(district_id bigint, request jsonb) returns bigint
language plpgsql as $$
declare
  s casework.sites := jsonb_populate_record(null::casework.sites, rules.trimmed_keys(request));
begin
  perform rules.touch_district(district_id);
  s.district_id := district_id;
  perform rules.check_unique_site(s);
  s.active := coalesce(s.active, true);
  s.created_at := rules.now();
  s.updated_at := s.created_at;
  s := rules.insert_row(s);
  perform rules.record_district_event(district_id, 'site.created', rules.changes(null::casework.sites, s), s.id);
  return s.id;
end $$;

-- The district and before are locked. Whether it is another one now.
create or replace function rules.change_site(before casework.sites, request jsonb) returns boolean
language plpgsql as $$
declare
  s casework.sites := jsonb_populate_record(before, rules.trimmed_keys(request));
begin
  perform rules.check_unique_site(s);
  if s is distinct from before then
    perform rules.update_row(before, s, rules.now());
    perform rules.touch_district(s.district_id);
    perform rules.record_district_event(s.district_id, 'site.updated', rules.changes(before, s), s.id);
  end if;
  return s is distinct from before;
end $$;

create or replace function rules.create_site(
  district_id bigint, request jsonb, out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  site_id bigint;
begin
  site_id := rules.add_site(district_id, request);
  select * into status, body, etag, location from rules.site_answer(site_id, 201);
end $$;

create or replace function rules.update_site(
  site_id bigint, if_match bigint[], request jsonb,
  out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  of_district bigint := (select l.district_id from casework.sites l where l.id = site_id);
  before casework.sites;
begin
  if of_district is null then
    perform rules.refuse(404, 'not-found', 'There is no such site.');
  end if;
  perform from casework.districts d where d.id = of_district for no key update;
  select * into before from casework.sites l where l.id = site_id for no key update;
  perform rules.check_version(before.version, if_match);
  perform rules.change_site(before, request);
  select * into status, body, etag, location from rules.site_answer(site_id, 200);
end $$;
