-- The machine clients of a partner, each with who answers for it (fact 36). One that
-- is deactivated loses what it signs in by.

create or replace function rules.partner_client_answer(
  client_id bigint, code int, out status int, out body json, out etag text, out location text)
language plpgsql stable as $$
begin
  status := code;
  select d.body, d.version, case when code = 201 then format('/v1/partners/%s/clients/%s', d.partner_id, d.id) end
    into body, etag, location
  from views.partner_client_document d where d.id = client_id;
end $$;

create or replace function rules.create_partner_client(
  partner_id bigint, request jsonb, out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  c casework.partner_clients := jsonb_populate_record(null::casework.partner_clients, request);
begin
  c.partner_id := rules.require_partner(partner_id);
  c.active := coalesce(c.active, true);
  c.created_at := rules.now();
  c.updated_at := c.created_at;
  c := rules.insert_row(c);
  perform rules.record_desk_event('partner_client.created', c.id::text,
    rules.changes(null::casework.partner_clients, c), 'partner', c.partner_id);
  select * into status, body, etag, location from rules.partner_client_answer(c.id, 201);
end $$;

create or replace function rules.update_partner_client(
  partner_id bigint, client_id bigint, if_match bigint[], request jsonb,
  out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  before casework.partner_clients;
  c casework.partner_clients;
  ended jsonb := '[]';
begin
  select * into before from casework.partner_clients l
  where l.id = client_id and l.partner_id = update_partner_client.partner_id for no key update;
  if not found then
    perform rules.refuse(404, 'not-found', 'The partner has no such machine client.');
  end if;
  perform rules.check_version(before.version, if_match);
  c := jsonb_populate_record(before, request);
  if c is distinct from before then
    perform rules.update_row(before, c, rules.now());
    if before.active and not c.active then
      ended := rules.end_identities_of(clients => array[c.id]);
    end if;
    perform rules.record_desk_event('partner_client.updated', c.id::text, rules.changes(before, c) || ended,
      'partner', c.partner_id);
  end if;
  select * into status, body, etag, location from rules.partner_client_answer(client_id, 200);
end $$;
