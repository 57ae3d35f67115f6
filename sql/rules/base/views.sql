-- Schema views: the JSON shapes. It holds no data, so each deployment makes it
-- anew, in the transaction that also replaces the rules, and drops the one before
-- afterwards; prepared statements of running services are planned again by name.
--
-- Each document is fixed in one view, in views.sql of its subject: `body` for a
-- single resource, `item` in a list. Computed only where selected; rows are
-- filtered by the reader's own row-level security (security_invoker). A view with
-- the owner's rights filters them itself, before any condition of the reader's: a
-- cast that fails would tell the rows that the view hides (security_barrier).
create schema views;
grant usage on schema views to
  casework_contact, casework_partner, casework_staff, casework_telephony, casework_public, casework_worker;

-- A time as JSON text: UTC, "Z", fraction only where there is one. Inlined;
-- several times faster than to_char.
create function views.utc(at timestamptz) returns text
  language sql stable
  return replace((at at time zone 'UTC')::text, ' ', 'T') || 'Z';

create type views.actor as (kind text, id bigint, name text);
-- Who did something, as every document shows it; null where nobody did. Inlined.
create function views.actor(kind text, id bigint, name text) returns views.actor
  language sql immutable
  return case when id is not null then row (kind, id, name)::views.actor end;

create type views.partner as (id bigint, name text);
create type views.advisor as (id bigint, display_name text);
create type views.resolution as (
  kind text, explanation text, fixed_in_release text, defect_id bigint, resolved_at text, resolved_by views.actor,
  confirmed_at text, confirmed_by views.actor);
create type views.waiting as (since text, business_seconds numeric, team text);
create type views.redaction as (at text, by views.actor, reason text);
create type views.response_target as (
  priority text, business_seconds int, cycle int, started_at text, due_at text,
  first_response_at text, state text, overdue_on_change boolean,
  business_seconds_elapsed numeric, business_seconds_remaining numeric);

-- Which partner serves which district now, a State Department of Education none, whatever
-- is assigned to it: the owner's, and of it what a caller
-- may know; staff and the worker all.
create view views.assignment with (security_barrier) as
select d.partner_id, d.district_id
from casework.partner_districts d
cross join rules.clock k
where d.valid_from <= coalesce(k.frozen_at, now() + k.shift)
  and (d.valid_to is null or d.valid_to > coalesce(k.frozen_at, now() + k.shift))
  and not exists (select from casework.partners p where p.id = d.partner_id and p.state is not null)
  and d.district_active;

create view views.partner_assignment with (security_barrier) as
select a.partner_id, a.district_id
from views.assignment a
where rules.caller_kind() = 'worker' or (rules.caller_kind() = 'staff' and (select rules.caller_id()) is not null)
  or a.district_id = any ((select rules.reach())::bigint[]);
grant select on views.partner_assignment to casework_contact, casework_partner, casework_staff, casework_worker;
