-- Staff and teams (3.2), which administrators make and change. One of them is left
-- always (last_administrator.sql), and nobody raises their own rights.

create or replace function rules.staff_answer(
  staff_id bigint, code int, out status int, out body json, out etag text, out location text)
language plpgsql stable as $$
begin
  status := code;
  select d.body, d.version, case when code = 201 then '/v1/staff/' || d.id end
    into body, etag, location
  from views.staff_document d where d.id = staff_id;
end $$;

-- Changes of staff come one after the other, so that two administrators do not take
-- each other away, nor give one address to two. Who waited here asks again for
-- the right: it may be gone.
create or replace function rules.begin_staff_change() returns void
language plpgsql as $$
begin
  perform rules.require_caller_itself('Staff and teams are changed by an administrator itself, by nobody on its behalf.');
  perform rules.lock_administrators();
  perform rules.require_role('{administrator}');
end $$;

-- Each role once, in one order.
create or replace function rules.sorted_roles(roles text[]) returns text[]
  language sql immutable
  return array(
    select r from unnest('{advisor,lead,development_engineer,state_reporting_analyst,administrator}'::text[])
      with ordinality as known (r, place)
    where r = any (roles) order by place);

create or replace function rules.check_team(team text) returns void
language plpgsql as $$
begin
  if team is not null and not exists (select from casework.teams t where t.code = check_team.team and t.active) then
    perform rules.invalid('/team', 'unknown', 'There is no such active team: GET /v1/teams lists them.');
  end if;
end $$;

create or replace function rules.check_staff(s casework.staff, before casework.staff) returns void
language plpgsql as $$
begin
  perform rules.check_product_areas(s.product_areas, before.product_areas);
  if s.team is distinct from before.team then
    perform rules.check_team(s.team);
  end if;
  if s.active and exists (
    select from casework.staff o
    where o.active and lower(o.email) = lower(s.email) and o.id is distinct from s.id)
  then
    perform rules.refuse(409, 'already-exists', 'Somebody active of the staff has this email address.',
      jsonb_build_object('errors', jsonb_build_array(
        rules.fault('/email', 'already-exists', 'must be unique among active staff'))));
  elsif exists (
    select from casework.staff o where o.external_id = s.external_id and o.id is distinct from s.id)
  then
    perform rules.refuse_external_id('There is a member of the staff with this external id.');
  end if;
end $$;

-- A new one, by a request or by a line of an import; its id.
create or replace function rules.add_staff(request jsonb) returns bigint
language plpgsql as $$
declare
  s casework.staff := jsonb_populate_record(null::casework.staff, rules.trimmed_keys(request));
begin
  s.roles := rules.sorted_roles(s.roles);
  s.active := coalesce(s.active, true);
  perform rules.check_staff(s, null);
  s.created_at := rules.now();
  s.updated_at := s.created_at;
  s := rules.insert_row(s);
  perform rules.record_desk_event('staff.created', s.id::text, rules.changes(null::casework.staff, s));
  return s.id;
end $$;

create or replace function rules.create_staff(
  request jsonb, out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  staff_id bigint;
begin
  perform rules.begin_staff_change();
  staff_id := rules.add_staff(request);
  select * into status, body, etag, location from rules.staff_answer(staff_id, 201);
end $$;

create or replace function rules.check_rights(before casework.staff, s casework.staff) returns void
language plpgsql as $$
begin
  if before.active and 'administrator' = any (before.roles) and not (s.active and 'administrator' = any (s.roles)) then
    perform rules.require_administrator_left(without => s.id);
  end if;
  if s.id = rules.caller_id() and s.roles <> before.roles then
    perform rules.not_permitted('/roles', 'Nobody changes their own roles: another administrator does.');
  end if;
end $$;

-- before is locked. Whether it is another one now. What a member who is deactivated
-- had to do is left by a trigger (departure.sql).
create or replace function rules.change_staff(before casework.staff, request jsonb) returns boolean
language plpgsql as $$
declare
  s casework.staff;
  ended jsonb := '[]';
begin
  before.roles := rules.sorted_roles(before.roles);
  s := jsonb_populate_record(before, rules.trimmed_keys(request));
  s.roles := rules.sorted_roles(s.roles);
  perform rules.check_rights(before, s);
  perform rules.check_staff(s, before);
  if s is distinct from before then
    perform rules.update_row(before, s, rules.now());
    if before.active and not s.active then
      ended := rules.end_identities_of(staff => array[s.id]);
    end if;
    perform rules.record_desk_event('staff.updated', s.id::text, rules.changes(before, s) || ended);
  end if;
  return s is distinct from before;
end $$;

create or replace function rules.update_staff(
  staff_id bigint, if_match bigint[], request jsonb,
  out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  before casework.staff;
begin
  perform rules.begin_staff_change();
  select * into before from casework.staff l where l.id = staff_id for no key update;
  if not found then
    perform rules.refuse(404, 'not-found', 'There is no such member of the staff.');
  end if;
  perform rules.check_version(before.version, if_match);
  perform rules.change_staff(before, request);
  select * into status, body, etag, location from rules.staff_answer(staff_id, 200);
end $$;

create or replace function rules.team_answer(
  code text, answer int, out status int, out body json, out etag text, out location text)
language plpgsql stable as $$
begin
  status := answer;
  select d.body, d.version, case when answer = 201 then '/v1/teams/' || d.code end
    into body, etag, location
  from views.team_document d where d.code = team_answer.code;
end $$;

create or replace function rules.create_team(
  request jsonb, out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  t casework.teams := jsonb_populate_record(null::casework.teams, request);
begin
  t.active := coalesce(t.active, true);
  t.created_at := rules.now();
  t.updated_at := t.created_at;
  begin
    perform rules.insert_row(t);
  exception when unique_violation then
    perform rules.refuse(409, 'already-exists', 'There is a team with this code.', jsonb_build_object('errors',
      jsonb_build_array(rules.fault('/code', 'already-exists', 'must be unique'))));
  end;
  perform rules.record_desk_event('team.created', t.code, rules.changes(null::casework.teams, t));
  select * into status, body, etag, location from rules.team_answer(t.code, 201);
end $$;

-- Who belongs to a team that ends stays with it until it is changed. What cases are
-- given by does not end (fact 58).
create or replace function rules.update_team(
  code text, if_match bigint[], request jsonb,
  out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  before casework.teams;
  t casework.teams;
begin
  select * into before from casework.teams l where l.code = update_team.code for no key update;
  if not found then
    perform rules.refuse(404, 'not-found', 'There is no such team.');
  end if;
  perform rules.check_version(before.version, if_match);
  t := jsonb_populate_record(before, request);
  if before.active and not t.active and (
    exists (select from casework.escalation_path p where p.team = t.code)
    or exists (select from casework.product_areas a where a.team = t.code and a.active))
  then
    perform rules.refuse(409, 'conflict', 'The escalation path or a product area names this team.');
  end if;
  if t is distinct from before then
    perform rules.update_row(before, t, rules.now());
    perform rules.record_desk_event('team.updated', t.code, rules.changes(before, t));
  end if;
  select * into status, body, etag, location from rules.team_answer(before.code, 200);
end $$;
