-- Issuers (3.1, 3.2): administrators say whose tokens are taken.

insert into rules.columns (relation, name, made, written_by, history) values
  ('issuers', 'id',             false, '{}',      'none'),
  ('issuers', 'name',           true,  '{staff}', 'values'),
  ('issuers', 'issuer',         true,  '{}',      'none'),
  ('issuers', 'audiences',      true,  '{staff}', 'values'),
  ('issuers', 'jwks_url',       true,  '{staff}', 'values'),
  ('issuers', 'jwks',           true,  '{staff}', 'values'),
  ('issuers', 'token_types',    true,  '{staff}', 'values'),
  ('issuers', 'scope_claims',   true,  '{staff}', 'values'),
  ('issuers', 'scopes',         true,  '{staff}', 'values'),
  ('issuers', 'links_by_email', true,  '{staff}', 'values'),
  ('issuers', 'active',         true,  '{staff}', 'values'),
  ('issuers', 'version',        false, '{staff}', 'none'),
  ('issuers', 'created_at',     true,  '{}',      'none'),
  ('issuers', 'updated_at',     true,  '{staff}', 'none');
call rules.make_writers('issuers');

create or replace function rules.issuer_answer(
  issuer_id bigint, code int, out status int, out body json, out etag text, out location text)
language plpgsql stable as $$
begin
  status := code;
  select d.body, d.version, case when code = 201 then '/v1/issuers/' || d.id end
    into body, etag, location
  from views.issuer_document d where d.id = issuer_id;
end $$;

-- Keys are given or looked up, not both.
drop function if exists rules.check_issuer(casework.issuers);    -- what it was counts now
create or replace function rules.check_issuer(s casework.issuers, before casework.issuers) returns void
language plpgsql as $$
begin
  if s.jwks is not null and s.jwks_url is not null then
    perform rules.invalid('/jwks', 'conflict', 'Keys are given as jwks or looked up at jwks_url, not both.');
  elsif s.jwks is not null and s.jwks is distinct from before.jwks then
    perform rules.check_given_keys(s.jwks);
  end if;
end $$;

create or replace function rules.create_issuer(
  request jsonb, out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  s casework.issuers := jsonb_populate_record(null::casework.issuers, request);
begin
  s.jwks := nullif(s.jwks, 'null');
  s.scopes := nullif(s.scopes, 'null');
  perform rules.check_issuer(s, null);
  s.token_types := coalesce(s.token_types, '{at+jwt}');
  s.scope_claims := coalesce(s.scope_claims, '{scope,scp}');
  s.links_by_email := coalesce(s.links_by_email, false);
  s.active := coalesce(s.active, true);
  s.created_at := rules.now();
  s.updated_at := s.created_at;
  begin
    s := rules.insert_row(s);
  exception when unique_violation then
    perform rules.refuse(409, 'already-exists', 'There is this issuer already.',
      jsonb_build_object('errors', jsonb_build_array(rules.fault('/issuer', 'already-exists', 'must be unique'))));
  end;
  perform rules.record_desk_event('issuer.created', s.id::text,
    jsonb_build_array(rules.changed('issuer', null, to_jsonb(s.issuer))) || rules.changes(null::casework.issuers, s));
  select * into status, body, etag, location from rules.issuer_answer(s.id, 201);
end $$;

create or replace function rules.update_issuer(
  issuer_id bigint, if_match bigint[], request jsonb,
  out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  before casework.issuers;
  s casework.issuers;
begin
  if not (request ->> 'active')::boolean then
    perform rules.lock_administrators();
  end if;
  select * into before from casework.issuers l where l.id = issuer_id for no key update;
  if not found then
    perform rules.refuse(404, 'not-found', 'There is no such issuer.');
  end if;
  perform rules.check_version(before.version, if_match);
  s := jsonb_populate_record(before, request);
  s.jwks := nullif(s.jwks, 'null');
  s.scopes := nullif(s.scopes, 'null');
  perform rules.check_issuer(s, before);
  if s is distinct from before then
    perform rules.update_row(before, s, rules.now());
    perform rules.record_desk_event('issuer.updated', s.id::text, rules.changes(before, s));
    if before.active and not s.active then
      perform rules.require_administrator_left();
    end if;
  end if;
  select * into status, body, etag, location from rules.issuer_answer(before.id, 200);
end $$;

create view views.issuer_document with (security_invoker) as
select s.id, s.version, s.active, row_to_json(d) as body
from casework.issuers s
left join casework.issuer_keys k on k.issuer_id = s.id
cross join lateral (
  select s.id, s.name, s.issuer, s.audiences, s.jwks_url, s.token_types, s.scope_claims, s.scopes,
    s.links_by_email, s.active,
    json_build_object('given', s.jwks is not null, 'kids', coalesce(k.kids, '{}'), 'looked_at', views.utc(k.looked_at),
      'fetched_at', views.utc(k.fetched_at), 'fault', k.fault) as keys,
    views.utc(s.created_at) as created_at, views.utc(s.updated_at) as updated_at
) as d;
grant select on views.issuer_document to casework_staff;
