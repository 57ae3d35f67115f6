-- JSON documents of releases, deadlines, change requests, permissions, accesses.

create view views.release_document with (security_invoker) as
select r.release, r.released_on, r.support_status, r.version, row_to_json(d) as body
from casework.releases r
cross join lateral (select r.release, r.released_on, r.support_status) as d;

create view views.reporting_deadline_document with (security_invoker) as
select r.id, r.state, r.due_on, r.version, row_to_json(d) as body
from casework.reporting_deadlines r
cross join lateral (select r.id, r.state, r.name, r.due_on) as d;

create view views.change_request_document with (security_invoker) as
select r.id, r.district_id, r.case_id, r.state, r.version, row_to_json(d) as body
from casework.change_requests r
cross join lateral (
  select r.id, rules.change_reference(r.id) as reference, r.case_id, r.kind, r.description, r.revision, r.state,
    views.utc(r.requested_at) as requested_at,
    views.actor(r.requested_by_kind, r.requested_by_id, r.requested_by_name) as requested_by,
    views.utc(r.revised_at) as revised_at,
    views.actor(r.revised_by_kind, r.revised_by_id, r.revised_by_name) as revised_by,
    views.utc(r.verified_at) as verified_at,
    views.actor('contact', r.verified_by_id, r.verified_by_name) as verified_by,
    r.verification_note_id, r.rejection_note_id, views.utc(r.ended_at) as ended_at,
    views.actor(r.ended_by_kind, r.ended_by_id, r.ended_by_name) as ended_by,
    r.remark, r.mention_count, r.last_mention_note_id
) as d;

-- What is exported of a confirmation, of the text as it reads now and of earlier ones.
create view views.change_confirmation_document with (security_invoker) as
select k.change_request_id, k.district_id, k.revision, r.revision as current_revision, row_to_json(d) as body
from casework.change_confirmations k
join casework.change_requests r on r.id = k.change_request_id and r.district_id = k.district_id
cross join lateral (
  select k.change_request_id, rules.change_reference(k.change_request_id) as reference, k.district_id, k.case_id,
    r.kind, k.revision, k.text, encode(k.sha256, 'hex') as sha256, k.note_id,
    views.utc(k.confirmed_at) as confirmed_at,
    views.actor('contact', k.contact_id, k.contact_name) as confirmed_by,
    json_build_object('id', k.identity_id, 'issuer', k.issuer, 'subject', k.subject) as identity
) as d;
grant select on views.change_confirmation_document to casework_contact, casework_staff;

create view views.site_permission_document with (security_invoker) as
select p.id, p.district_id, p.case_id, p.site_id, p.scope, d.state, p.granted_at, p.version,
  row_to_json(d) as body
from casework.site_permissions p
cross join lateral (
  select p.id, p.case_id, p.site_id, p.scope, rules.permission_state(p, (select rules.now())) as state, p.note_id,
    views.utc(p.granted_at) as granted_at,
    views.actor('contact', p.granted_by_id, p.granted_by_name) as granted_by,
    views.utc(p.expires_at) as expires_at, views.utc(p.revoked_at) as revoked_at,
    views.actor('contact', p.revoked_by_id, p.revoked_by_name) as revoked_by
) as d;

create view views.site_access_document with (security_invoker) as
select a.id, a.district_id, a.case_id, a.site_id, a.purpose, a.accessed_at, row_to_json(d) as body
from casework.site_accesses a
cross join lateral (
  select a.id, a.case_id, a.site_id, a.purpose, a.note, a.site_permission_id,
    views.utc(a.accessed_at) as accessed_at,
    views.actor(a.accessed_by_kind, a.accessed_by_id, a.accessed_by_name) as accessed_by,
    views.actor(a.behalf_kind, a.behalf_id, a.behalf_name) as on_behalf_of
) as d;

grant select on views.release_document to casework_contact, casework_partner, casework_staff, casework_public;
grant select on views.reporting_deadline_document, views.change_request_document, views.site_permission_document,
  views.site_access_document to casework_contact, casework_partner, casework_staff;
