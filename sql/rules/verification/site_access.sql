-- Permission in writing before tests and changes (fact 10), and the log of who
-- was on a site (facts 8, 9). Both change under the lock of their case, so an access
-- and a revocation never cross.

-- Live at an instant: by time, not by the timer.
create or replace function rules.permission_state(p casework.site_permissions, at timestamptz) returns text
  language sql immutable as $$
  select case when p.revoked_at is not null then 'revoked' when p.expires_at <= at then 'expired' else 'live' end $$;

create or replace function rules.site_permission_answer(
  site_permission_id bigint, code int, out status int, out body json, out etag text, out location text)
language plpgsql stable as $$
begin
  status := code;
  select d.body, d.version, case when code = 201 then '/v1/site-permissions/' || d.id end
    into body, etag, location
  from views.site_permission_document d where d.id = site_permission_id;
end $$;

create or replace function rules.check_site(c casework.cases, site_id bigint) returns void
language plpgsql as $$
begin
  if site_id is null then
    perform rules.invalid('/site_id', 'required', 'The case is not about one site: name it.');
  elsif not exists (
    select from casework.sites s where s.id = check_site.site_id and s.district_id = c.district_id)
  then
    perform rules.invalid('/site_id', 'unknown', 'The district has no such site.');
  end if;
end $$;

-- The public note and the grant, both or neither.
create or replace function rules.grant_site_permission(
  case_id bigint, request jsonb, out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  c casework.cases := rules.lock_case(case_id, null);
  p casework.site_permissions := jsonb_populate_record(null::casework.site_permissions, request);
  actor rules.actor := rules.actor();
begin
  perform rules.require_open(c);
  if actor.behalf_kind is not null then
    perform rules.refuse(403, 'not-permitted', 'A contact gives permission itself, on behalf of nobody.');
  end if;
  p.site_id := coalesce(p.site_id, c.site_id);
  perform rules.check_site(c, p.site_id);
  if p.expires_at <= actor.at then
    perform rules.invalid('/expires_at', 'past', 'The permission would have expired already.');
  end if;
  p.note_id := rules.add_public_note(c, actor, 'note', request ->> 'text');
  insert into casework.site_permissions (district_id, case_id, site_id, scope, note_id,
    granted_at, granted_by_id, granted_by_name, expires_at)
  values (c.district_id, c.id, p.site_id, p.scope, p.note_id, actor.at, actor.id, actor.name, p.expires_at)
  returning * into p;
  perform rules.record_permission_event(p, actor, 'case.site_permission_granted', null, 'live');
  select * into status, body, etag, location from rules.site_permission_answer(p.id, 201);
end $$;

create or replace function rules.record_permission_event(
  p casework.site_permissions, actor rules.actor, type text, old_state text, new_state text) returns void
language plpgsql as $$
begin
  perform rules.record_case_event(p.district_id, p.case_id, actor, type, 'public',
    case when old_state is null then p.note_id end,
    jsonb_build_array(jsonb_build_object('member', 'site_permission ' || p.id, 'old', old_state, 'new', new_state)));
end $$;

-- By any contact of the district, at once and for good; on a closed case too.
create or replace function rules.revoke_site_permission(
  site_permission_id bigint, if_match bigint[],
  out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  p casework.site_permissions;
  actor rules.actor := rules.actor();
begin
  perform rules.lock_case(q.case_id, null) from casework.site_permissions q where q.id = site_permission_id;
  select * into p from casework.site_permissions q where q.id = site_permission_id;
  if not found then
    perform rules.refuse(404, 'not-found', 'There is no such site permission.');
  end if;
  perform rules.check_version(p.version, if_match);
  if rules.permission_state(p, actor.at) <> 'live' then
    perform rules.refuse(409, 'conflict', format('The permission is %s already.', rules.permission_state(p, actor.at)));
  end if;
  update casework.site_permissions q set revoked_at = actor.at, revoked_by_id = rules.caller_id(),
    revoked_by_name = coalesce(actor.behalf_name, actor.name), version = q.version + 1
  where q.id = p.id and q.district_id = p.district_id;
  update casework.cases c set version = c.version + 1, updated_at = actor.at
  where c.id = p.case_id and c.district_id = p.district_id;
  perform rules.record_permission_event(p, actor, 'case.site_permission_revoked', 'live', 'revoked');
  select * into status, body, etag, location from rules.site_permission_answer(p.id, 200);
end $$;

-- The grant that allows it: of this case, this site and this very scope.
create or replace function rules.live_permission(c casework.cases, site_id bigint, scope text, at timestamptz)
returns bigint
language plpgsql stable as $$
begin
  return (
    select p.id from casework.site_permissions p
    where p.case_id = c.id and p.district_id = c.district_id and p.site_id = live_permission.site_id
      and p.scope = live_permission.scope and rules.permission_state(p, at) = 'live'
    order by p.id limit 1);
end $$;

-- Fact 9: the person who goes there is staff, and trained.
create or replace function rules.require_ferpa_training(actor rules.actor) returns void
language plpgsql as $$
begin
  if actor.kind <> 'staff' or not exists (
    select from casework.staff s where s.id = actor.id and s.ferpa_trained_on <= rules.today())
  then
    perform rules.refuse(409, 'ferpa-training-required', 'Only staff with FERPA training on record access a site.');
  end if;
end $$;

create or replace function rules.record_site_access(
  case_id bigint, request jsonb, out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  c casework.cases := rules.lock_case(case_id, null);
  a casework.site_accesses := jsonb_populate_record(null::casework.site_accesses, request);
  actor rules.actor := rules.actor();
begin
  perform rules.require_open(c);
  perform rules.require_ferpa_training(actor);
  perform rules.check_site(c, a.site_id);
  if a.purpose in ('test', 'change') then
    a.site_permission_id := rules.live_permission(c, a.site_id, a.purpose, actor.at);
    if a.site_permission_id is null then
      perform rules.refuse(409, 'site-permission-required',
        format('No live permission on this case allows %s on this site.', a.purpose));
    end if;
  end if;
  insert into casework.site_accesses (district_id, case_id, site_id, purpose, note, site_permission_id, accessed_at,
    accessed_by_kind, accessed_by_id, accessed_by_name, behalf_kind, behalf_id, behalf_name)
  values (c.district_id, c.id, a.site_id, a.purpose, a.note, a.site_permission_id, actor.at,
    actor.kind, actor.id, actor.name, actor.behalf_kind, actor.behalf_id, actor.behalf_name)
  returning id into a.id;
  perform rules.record_case_event(c.district_id, c.id, actor, 'case.site_accessed', 'public', null,
    jsonb_build_array(jsonb_build_object('member', 'site_access ' || a.id, 'old', null, 'new', a.purpose)));
  status := 201;
  select d.body into body from views.site_access_document d where d.id = a.id;
end $$;

-- Says once that a permission has run out; it had no effect any more before.
create or replace function rules.timer_site_permissions(batch int) returns int
language plpgsql as $$
declare
  actor rules.actor := rules.actor();
  p casework.site_permissions;
  handled int := 0;
begin
  for p in
    select * from casework.site_permissions q
    where q.expires_at <= actor.at and q.expiry_recorded_at is null and q.revoked_at is null
      and not exists (select from casework.timer_faults f
        where f.timer = 'site_permissions' and f.item = q.id::text and f.retry_at > actor.at)
    order by q.expires_at limit batch for no key update skip locked
  loop
    handled := handled + 1;
    begin
      update casework.site_permissions q set expiry_recorded_at = actor.at, version = q.version + 1
      where q.id = p.id and q.district_id = p.district_id;
      perform rules.record_permission_event(p, actor, 'case.site_permission_expired', 'live', 'expired');
    exception when others then
      perform rules.timer_failed('site_permissions', p.id::text, sqlerrm);
    end;
  end loop;
  return handled;
end $$;
