-- The audit (3.2): who changed what of the desk, of contacts and of districts, old
-- and new, of people too. These are events of the feed, in its order; what happened
-- to cases and on the phone is not among them.

-- resource: "setting:survey", "contact:17", the kind alone, "setting", or null. What
-- a contact signs in by is about the contact too; an identity's id is its first change.
create or replace function rules.audit_keys(
  after_xid xid8, after_id bigint, below xid8, types text[], by_kind text, by_id bigint,
  about text, about_id text, since timestamptz, until timestamptz, max int)
returns table (source text, xid xid8, id bigint)
language plpgsql stable as $$
begin
  return query
  select k.source, k.xid, k.id
  from (
    select 'desk' as source, e.xid, e.feed_id as id
    from casework.desk_events e
    where (e.xid, e.feed_id) > (after_xid, after_id) and e.xid < below
      and (types is null or e.type = any (types))
      and (by_kind is null or (e.actor_kind, e.actor_id) = (by_kind, by_id))
      and (about is null or split_part(e.type, '.', 1) = about) and (about_id is null or e.resource = about_id)
      and (since is null or e.at >= since) and (until is null or e.at < until)
    union all
    select 'case', e.xid, e.id
    from casework.events e
    where e.case_id is null and (e.xid, e.id) > (after_xid, after_id) and e.xid < below
      and (types is null or e.type = any (types))
      and (by_kind is null or (e.actor_kind, e.actor_id) = (by_kind, by_id))
      and (about is null or split_part(e.type, '.', 1) = about or (about = 'contact' and e.contact_id is not null))
      and (about_id is null or about_id = case about
        when 'identity' then coalesce(e.changes -> 0 ->> 'new', e.changes -> 0 ->> 'old')
        else coalesce(e.contact_id, e.district_id)::text end)
      and (since is null or e.at >= since) and (until is null or e.at < until)
  ) as k
  order by k.xid, k.id
  limit max;
end $$;

-- What an event of the feed says, with the values that are kept for the audit alone.
create or replace function rules.audit_body(event_id bigint, body json) returns json
language plpgsql stable as $$
declare
  kept jsonb := (select v.changes from casework.audit_values v where v.event_id = audit_body.event_id);
begin
  if kept is null then
    return body;
  end if;
  return (
    select json_object_agg(m.key, case when m.key = 'changes' then kept::json else m.value end)
    from json_each(body) as m);
end $$;

-- A page, as rules.feed_page makes one: behind it where the audit ends now.
create or replace function rules.audit_page(
  after_xid xid8, after_id bigint, max int, types text[], actor text, resource text, since timestamptz, until timestamptz)
returns table (item json, xid xid8, id bigint)
language plpgsql stable as $$
declare
  below xid8 := pg_snapshot_xmin(pg_current_snapshot());
  about_id text := nullif(substr(resource, strpos(resource || ':', ':') + 1), '');
begin
  return query
  select case when rules.page_open() then rules.page_item(rules.audit_body(k.id,
      case k.source when 'case' then (select d.body from views.event_document d where d.id = k.id)
        else rules.other_event_body(k.source, k.id) end)) end, k.xid, k.id
  from rules.audit_keys(coalesce(after_xid, '0'), coalesce(after_id, 0), below, types,
    split_part(actor, ':', 1), split_part(actor, ':', 2)::bigint,
    split_part(resource, ':', 1), about_id, since, until, max) as k;
  return query select null::json, below, 0::bigint;
end $$;
