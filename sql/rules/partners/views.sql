-- The JSON of partners and of what is theirs.

create view views.partner_document with (security_invoker) as
select p.id, p.version, p.kind, p.external_id, p.active, row_to_json(d) as body
from casework.partners p
cross join lateral (
  select p.id, p.name, p.kind, p.state, p.email, p.owner, p.external_id, p.active,
    views.utc(p.created_at) as created_at, views.utc(p.updated_at) as updated_at
) as d;

create view views.partner_person_document with (security_invoker) as
select p.id, p.partner_id, p.version, p.active, row_to_json(d) as body
from casework.partner_people p
cross join lateral (
  select p.id, p.partner_id, p.name, p.email, p.active,
    views.utc(p.created_at) as created_at, views.utc(p.updated_at) as updated_at
) as d;

create view views.partner_client_document with (security_invoker) as
select c.id, c.partner_id, c.version, c.active, row_to_json(d) as body
from casework.partner_clients c
cross join lateral (
  select c.id, c.partner_id, c.name, c.owner, c.active,
    views.utc(c.created_at) as created_at, views.utc(c.updated_at) as updated_at
) as d;

-- Whether one holds is told by time, and no part of it: it would change no version.
create view views.partner_assignment_document with (security_invoker) as
select a.id, a.partner_id, a.district_id, a.version, n.current, row_to_json(d) as body
from casework.partner_districts a
cross join lateral (
  select a.valid_from <= rules.now() and (a.valid_to is null or a.valid_to > rules.now()) as current
) as n
cross join lateral (
  select a.id, a.partner_id, a.district_id,
    case when isfinite(a.valid_from) then views.utc(a.valid_from) end as valid_from, views.utc(a.valid_to) as valid_to,
    views.utc(a.created_at) as created_at, views.utc(a.updated_at) as updated_at
) as d;

grant select on views.partner_document, views.partner_person_document, views.partner_client_document,
  views.partner_assignment_document
  to casework_partner, casework_staff;
