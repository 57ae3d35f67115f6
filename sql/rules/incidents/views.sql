-- The JSON of incidents and announcements.

-- Totals over all districts, for readers who see their own cases only: the
-- owner's rights, numbers only (fact 66), of incidents that they see, and of
-- enough districts not to be one's.
create view views.incident_impact with (security_barrier) as
select m.incident_id, m.districts, m.cases
from (
  select c.incident_id, count(distinct c.district_id) as districts, count(*) as cases
  from casework.cases c
  where c.incident_id is not null and not c.test
  group by c.incident_id
) as m
join casework.incidents i on i.id = m.incident_id
where (select rules.caller_id()) is not null
  and ((select rules.caller_kind()) = 'staff'
    or (m.districts >= rules.smallest_crowd() and exists (
      select from casework.districts d
      where d.id = any ((select rules.reach())::bigint[]) and rules.incident_touches(i, d))));

create type views.incident_latest as (status text, text text, at text);

create view views.incident_summary with (security_invoker) as
select i.*, coalesce(i.resolved_at is null, false) as open, row_to_json(d) as item
from casework.incidents i
cross join lateral (
  select i.id, i.kind, i.title, i.severity, i.status, i.components,
    views.utc(i.scheduled_from) as scheduled_from, views.utc(i.scheduled_until) as scheduled_until,
    (select row (u.status, u.text, views.utc(u.at))::views.incident_latest
      from casework.incident_updates u where u.incident_id = i.id order by u.id desc limit 1) as latest_update,
    views.utc(i.created_at) as created_at, views.utc(i.updated_at) as updated_at,
    views.utc(i.resolved_at) as resolved_at
) as d;

-- What only staff may know (where mail went, which districts reported) is null
-- for others; of the districts that a scope names they see their own.
create view views.incident_document with (security_invoker) as
select i.id, i.version, row_to_json(d) as body
from casework.incidents i
cross join lateral (select rules.caller_kind() = 'staff' as staff) as w
left join views.incident_impact m on m.incident_id = i.id
cross join lateral (
  select i.id, i.kind, i.title, i.severity, i.status, i.components,
    json_build_object(
      'all', i.scope_all, 'districts', array(
        select n.district_id from casework.incident_districts n where n.incident_id = i.id and n.named order by 1),
      'hosting', i.scope_hosting, 'states', i.scope_states, 'product_areas', i.scope_product_areas,
      'versions', i.scope_versions) as scope,
    case when i.email_contacts then array['email'] || i.channels else i.channels end as channels,
    i.email_contacts, views.utc(i.scheduled_from) as scheduled_from, views.utc(i.scheduled_until) as scheduled_until,
    json_build_object('districts', case when w.staff then coalesce(m.districts, 0) else m.districts end,
      'cases', case when w.staff then coalesce(m.cases, 0) else m.cases end, 'by_district',
      case when w.staff then (
        select coalesce(json_agg(json_build_object('district_id', r.district_id, 'cases', r.cases)
          order by r.district_id), '[]')
        from (select c.district_id, count(*) as cases from casework.cases c
          where c.incident_id = i.id and not c.test group by c.district_id) as r) end) as impact,
    (select json_agg(json_build_object('id', u.id, 'status', u.status, 'text', u.text, 'at', views.utc(u.at),
        'author', views.actor(u.actor_kind, u.actor_id, u.actor_name)) order by u.id)
      from casework.incident_updates u where u.incident_id = i.id) as updates,
    case when w.staff then (
      select coalesce(json_agg(json_build_object('update_id', l.update_id, 'channel', l.channel,
        'delivered_at', views.utc(l.delivered_at), 'recipients', l.recipients) order by l.update_id, l.channel), '[]')
      from casework.incident_deliveries l where l.incident_id = i.id) end as deliveries,
    views.utc(i.created_at) as created_at, views.utc(i.updated_at) as updated_at,
    views.utc(i.resolved_at) as resolved_at
) as d;

create view views.incident_event_document with (security_invoker) as
select e.feed_id as id, e.incident_id, e.announcement_id, row_to_json(d) as item
from casework.incident_events e
cross join lateral (
  select e.feed_id as id, e.type, views.utc(e.at) as at,
    views.actor(e.actor_kind, e.actor_id, e.actor_name) as actor,
    views.actor(e.behalf_kind, e.behalf_id, e.behalf_name) as on_behalf_of,
    e.update_id, e.email, e.changes
) as d;

-- The same events in the shape of the feed.
create view views.incident_feed_document with (security_invoker) as
select e.feed_id as id, row_to_json(d) as body
from casework.incident_events e
cross join lateral (
  select e.feed_id as id, e.type, views.utc(e.at) as at,
    views.author(e.actor_kind, e.actor_id, e.actor_name, null, null) as actor,
    views.author(e.behalf_kind, e.behalf_id, e.behalf_name, null, null) as on_behalf_of,
    false as imported, null::bigint as district_id, null::bigint as case_id, 'internal' as visibility,
    null::bigint as note_id, null::bigint as attachment_id, e.changes,
    json_build_object('incident_id', e.incident_id, 'announcement_id', e.announcement_id,
      'update_id', e.update_id) as data
) as d;

-- Public, hence the owner's rights and no scope in it. Staff also see what is
-- not yet, or no longer, published.
create view views.announcement_document with (security_barrier) as
select a.id, a.kind, a.publish_at, a.version + coalesce(i.version, 0) as version, row_to_json(d) as body
from casework.announcements a
left join casework.incidents i on i.id = a.incident_id
left join lateral (
  select u.text from casework.incident_updates u where u.incident_id = i.id order by u.id desc limit 1) as u on true
cross join lateral (
  select a.id, a.kind, coalesce(i.title, a.title) as title, coalesce(u.text, a.text) as text,
    a.incident_id, i.status, i.severity, coalesce(i.components, '{}') as components,
    coalesce(case when i.email_contacts then array['email'] || i.channels else i.channels end, array['community']) as channels,
    views.utc(i.scheduled_from) as scheduled_from, views.utc(i.scheduled_until) as scheduled_until,
    views.utc(a.publish_at) as publish_at, views.utc(a.expires_at) as expires_at,
    views.utc(coalesce(i.updated_at, a.updated_at)) as updated_at
) as d
where (rules.caller_kind() = 'staff' and (select rules.caller_id()) is not null)
  or (a.publish_at <= (select rules.now()) and (a.expires_at is null or a.expires_at > (select rules.now()))
    and (i.id is null or i.channels && array['community', 'status']));

grant select on views.incident_impact, views.incident_summary, views.incident_document
  to casework_contact, casework_partner, casework_staff;
grant select on views.incident_event_document, views.incident_feed_document to casework_staff;
grant select on views.announcement_document
  to casework_contact, casework_partner, casework_staff, casework_public;
