-- Phone systems that call the service, each with who answers for it (fact 36). One
-- that is deactivated loses what it signs in by.

create view views.telephony_client_document with (security_invoker) as
select t.id, t.version, t.active, row_to_json(d) as body
from casework.telephony_clients t
cross join lateral (
  select t.id, t.name, t.owner, t.active,
    views.utc(t.created_at) as created_at, views.utc(t.updated_at) as updated_at
) as d;
grant select on views.telephony_client_document to casework_staff;

create or replace function rules.telephony_client_answer(
  client_id bigint, code int, out status int, out body json, out etag text, out location text)
language plpgsql stable as $$
begin
  status := code;
  select d.body, d.version, case when code = 201 then '/v1/telephony-clients/' || d.id end
    into body, etag, location
  from views.telephony_client_document d where d.id = client_id;
end $$;

create or replace function rules.create_telephony_client(
  request jsonb, out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  t casework.telephony_clients := jsonb_populate_record(null::casework.telephony_clients, request);
begin
  t.active := coalesce(t.active, true);
  t.created_at := rules.now();
  t.updated_at := t.created_at;
  t := rules.insert_row(t);
  perform rules.record_desk_event('telephony_client.created', t.id::text,
    rules.changes(null::casework.telephony_clients, t));
  select * into status, body, etag, location from rules.telephony_client_answer(t.id, 201);
end $$;

create or replace function rules.update_telephony_client(
  client_id bigint, if_match bigint[], request jsonb,
  out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  before casework.telephony_clients;
  t casework.telephony_clients;
  ended jsonb := '[]';
begin
  select * into before from casework.telephony_clients l where l.id = client_id for no key update;
  if not found then
    perform rules.refuse(404, 'not-found', 'There is no such phone system.');
  end if;
  perform rules.check_version(before.version, if_match);
  t := jsonb_populate_record(before, request);
  if t is distinct from before then
    perform rules.update_row(before, t, rules.now());
    if before.active and not t.active then
      ended := rules.end_identities_of(phones => array[t.id]);
    end if;
    perform rules.record_desk_event('telephony_client.updated', t.id::text, rules.changes(before, t) || ended);
  end if;
  select * into status, body, etag, location from rules.telephony_client_answer(client_id, 200);
end $$;
