-- What lines of imports have in common (3.2). A line names things by what another
-- system calls them. A member that is missing stays as it is, null takes it away. Who
-- may import, x-roles of the document says and the policies of the tables.
--
-- Plans of these functions are kept for a session, and what was small when an import
-- began is large at its end: so each looks things up by index (enable_seqscan).

-- What a new one cannot be without, all of it said at once.
create or replace function rules.require_members(record jsonb, members text[]) returns void
language plpgsql as $$
declare
  missing jsonb := (
    select jsonb_agg(rules.fault('/' || m.name, 'required', 'is required of what is new here') order by m.place)
    from unnest(members) with ordinality as m (name, place)
    where record ->> m.name is null);
begin
  if missing is not null then
    perform rules.refuse(422, 'invalid-request', 'Nothing here is called that yet, and a new one needs more members.',
      jsonb_build_object('errors', missing));
  end if;
end $$;

create or replace function rules.district_named(record jsonb) returns bigint
language plpgsql stable as $$
declare
  found_id bigint := (select d.id from casework.districts d where d.external_id = record ->> 'district_external_id');
begin
  if found_id is null then
    perform rules.invalid('/district_external_id', 'unknown', 'There is no district with this external id.');
  end if;
  return found_id;
end $$;

create or replace function rules.partner_named(record jsonb) returns bigint
language plpgsql stable as $$
declare
  found_id bigint := (select p.id from casework.partners p where p.external_id = record ->> 'partner_external_id');
begin
  if found_id is null then
    perform rules.invalid('/partner_external_id', 'unknown', 'There is no partner with this external id.');
  end if;
  return found_id;
end $$;

-- Who did something elsewhere, on behalf of who brings it here: nobody reads as a
-- person's own what somebody else has put in.
create or replace function rules.brought_by_caller(kind text, id bigint, name text, at timestamptz) returns rules.actor
language plpgsql stable as $$
declare
  caller rules.actor := rules.actor();
begin
  if (kind, id) = (caller.kind, caller.id) then
    return row (kind, id, name, null, null, null, at)::rules.actor;
  end if;
  return row (kind, id, name, caller.kind, caller.id, caller.name, at)::rules.actor;
end $$;

-- A contact of that district; another's is as good as none.
create or replace function rules.contact_named(record jsonb, member text, district_id bigint) returns casework.contacts
language plpgsql stable as $$
declare
  p casework.contacts;
begin
  select * into p from casework.contacts l
  where l.district_id = contact_named.district_id and l.external_id = record ->> member;
  if not found then
    perform rules.invalid('/' || member, 'unknown', 'The district has no contact with this external id.');
  end if;
  return p;
end $$;

create or replace function rules.staff_named(record jsonb, member text) returns casework.staff
language plpgsql stable as $$
declare
  s casework.staff;
begin
  select * into s from casework.staff l where l.external_id = record ->> member;
  if not found then
    perform rules.invalid('/' || member, 'unknown', 'There is no member of the staff with this external id.');
  end if;
  return s;
end $$;
