-- Announcements (fact 68): news and notices that everybody reads without login.
-- Those of incidents come with the incident and are changed there.

create or replace function rules.announcement_answer(
  announcement_id bigint, code int, out status int, out body json, out etag text, out location text)
language plpgsql stable as $$
begin
  status := code;
  select d.body, d.version, case when code = 201 then '/v1/announcements/' || d.id end
    into body, etag, location
  from views.announcement_document d where d.id = announcement_id;
end $$;

create or replace function rules.check_announcement(a casework.announcements) returns void
language plpgsql as $$
begin
  if a.expires_at <= a.publish_at then
    perform rules.invalid('/expires_at', 'out-of-range', 'An announcement expires after it is published.');
  end if;
end $$;

create or replace function rules.create_announcement(
  request jsonb, out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  actor rules.actor := rules.actor();
  a casework.announcements := jsonb_populate_record(null::casework.announcements, request);
begin
  a.kind := coalesce(a.kind, 'news');
  a.publish_at := coalesce(a.publish_at, actor.at);
  a.created_at := actor.at;
  a.updated_at := actor.at;
  perform rules.check_announcement(a);
  a := rules.insert_row(a);
  perform rules.record_incident_event(null, a.id, null, actor, 'announcement.created');
  select n.* into status, body, etag, location from rules.announcement_answer(a.id, 201) n;
end $$;

create or replace function rules.update_announcement(
  announcement_id bigint, if_match bigint[], request jsonb,
  out status int, out body json, out etag text, out location text)
language plpgsql as $$
declare
  before casework.announcements;
  a casework.announcements;
  actor rules.actor := rules.actor();
begin
  select * into before from casework.announcements l where l.id = announcement_id for no key update;
  if not found then
    perform rules.refuse(404, 'not-found', 'There is no such announcement.');
  elsif before.incident_id is not null then
    perform rules.refuse(409, 'conflict',
      format('It announces incident %s: change that, or add an update to it.', before.incident_id));
  end if;
  perform rules.check_version(before.version, if_match);
  a := jsonb_populate_record(before, request);
  perform rules.check_announcement(a);
  if a is distinct from before then
    perform rules.update_row(before, a, actor.at);
    perform rules.record_incident_event(null, announcement_id, null, actor, 'announcement.updated', false,
      rules.changes(before, a));
  end if;
  select n.* into status, body, etag, location from rules.announcement_answer(announcement_id, 200) n;
end $$;
