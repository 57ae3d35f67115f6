-- The JSON of partners and of what is theirs.

create view views.partner_document with (security_invoker) as
select p.id, p.version, p.kind, p.external_id, p.active, row_to_json(d) as body
from casework.partners p
cross join lateral (
  select p.id, p.name, p.kind, p.email, p.owner, p.external_id, p.active,
    views.utc(p.created_at) as created_at, views.utc(p.updated_at) as updated_at
) as d;
grant select on views.partner_document to casework_partner, casework_staff;
