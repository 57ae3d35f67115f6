-- Partners as organisations (fact 36): administrators add and change them.

create or replace function rules.partner_answer(
  partner_id bigint, code int, out status int, out body json, out etag text, out location text)
language plpgsql stable as $$
begin
  status := code;
  select d.body, d.version, case when code = 201 then '/v1/partners/' || d.id end
    into body, etag, location
  from views.partner_document d where d.id = partner_id;
end $$;

create or replace function rules.require_partner(partner_id bigint) returns bigint
language plpgsql stable as $$
begin
  if not exists (select from casework.partners p where p.id = partner_id) then
    perform rules.refuse(404, 'not-found', 'There is no such partner.');
  end if;
  return partner_id;
end $$;

drop function if exists rules.check_partner(casework.partners);   -- it has grown
-- One external_id once; a race ends at the index. A State Department of Education has
-- a state, for good, and nobody else becomes one.
create or replace function rules.check_partner(p casework.partners, before casework.partners) returns void
language plpgsql as $$
begin
  if before.id is not null and ((p.kind = 'state_department') <> (before.kind = 'state_department')
    or p.state is distinct from before.state)
  then
    perform rules.refuse(409, 'conflict', 'A State Department of Education stays that of its state, and nobody else '
      'becomes one: add another partner.');
  elsif p.kind = 'state_department' and p.state is null then
    perform rules.invalid('/state', 'required', 'A State Department of Education has a state.');
  elsif p.kind <> 'state_department' and p.state is not null then
    perform rules.invalid('/state', 'not-allowed', 'Only a State Department of Education has a state.');
  end if;
  if exists (
    select from casework.partners o
    where o.external_id = p.external_id and o.id is distinct from p.id)
  then
    perform rules.refuse(409, 'already-exists', 'Another partner has this external_id.',
      jsonb_build_object('errors', jsonb_build_array(
        rules.fault('/external_id', 'already-exists', 'must be unique'))));
  end if;
end $$;

-- A new one, by a request or by a line of an import; its id.
create or replace function rules.add_partner(request jsonb) returns bigint
language plpgsql as $$
declare
  p casework.partners := jsonb_populate_record(null::casework.partners, rules.trimmed_keys(request));
begin
  perform rules.check_partner(p, null);
  p.active := coalesce(p.active, true);
  p.created_at := rules.now();
  p.updated_at := p.created_at;
  p := rules.insert_row(p);
  perform rules.record_desk_event('partner.created', p.id::text, rules.changes(null::casework.partners, p),
    'partner', p.id);
  return p.id;
end $$;

-- before is locked. Whether it is another one now: one that is deactivated loses
-- what it calls by.
create or replace function rules.change_partner(before casework.partners, request jsonb) returns boolean
language plpgsql as $$
declare
  p casework.partners := jsonb_populate_record(before, rules.trimmed_keys(request));
begin
  perform rules.check_partner(p, before);
  if p is distinct from before then
    perform rules.update_row(before, p, rules.now());
    perform rules.record_desk_event('partner.updated', p.id::text, rules.changes(before, p), 'partner', p.id);
    if before.active and not p.active then
      perform rules.end_partner_access(p.id);
    end if;
  end if;
  return p is distinct from before;
end $$;

create or replace function rules.create_partner(
  request jsonb, out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  partner_id bigint;
begin
  partner_id := rules.add_partner(request);
  select * into status, body, etag, location from rules.partner_answer(partner_id, 201);
end $$;

create or replace function rules.update_partner(
  partner_id bigint, if_match bigint[], request jsonb,
  out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  before casework.partners;
begin
  select * into before from casework.partners l
  where l.id = rules.require_partner(partner_id) for no key update;
  perform rules.check_version(before.version, if_match);
  perform rules.change_partner(before, request);
  select * into status, body, etag, location from rules.partner_answer(partner_id, 200);
end $$;
