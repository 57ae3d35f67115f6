-- Whether Support is open now, and until when or from when.

create view views.calendar with (security_invoker) as
select n.at as now, b.opens_at <= n.at as open_now,
  case when b.opens_at > n.at then b.opens_at end as opens_at,
  case when b.opens_at <= n.at then b.closes_at end as closes_at
from rules.clock k
cross join lateral (select coalesce(k.frozen_at, now() + k.shift) as at) as n
left join lateral (
  select d.opens_at, d.closes_at from rules.business_days d
  where d.closes_at > n.at order by d.closes_at limit 1) as b on true;
grant select on views.calendar
  to casework_contact, casework_partner, casework_staff, casework_telephony, casework_public;
