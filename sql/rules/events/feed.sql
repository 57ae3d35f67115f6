-- The feed of all events (fact 79), in the order of their commits. A page ends
-- below the oldest transaction that still runs, behind which nothing can appear
-- any more; so who goes on from its last row misses nothing, whatever commits
-- when. Row-level security says whose events they are.

-- Events of every table in one order: for those who see them all.
create or replace function rules.all_events(
  after_xid xid8, after_id bigint, below xid8, types text[], max int)
returns table (source text, xid xid8, id bigint, type text)
language plpgsql stable as $$
begin
  return query
  select k.source, k.xid, k.id, k.type
  from (
    select 'case' as source, e.xid, e.id, e.type from casework.events e
    union all
    select 'desk', e.xid, e.feed_id, e.type from casework.desk_events e
    union all
    select 'phone', e.xid, e.feed_id, e.type from casework.phone_events e
    union all
    select 'incident', e.xid, e.feed_id, e.type from casework.incident_events e
  ) as k
  where (k.xid, k.id) > (after_xid, after_id) and k.xid < below and (types is null or k.type = any (types))
  order by k.xid, k.id
  limit max;
end $$;

-- The next events for one who follows them all: mail, webhooks, figures. Its
-- place moves with them, in the caller's transaction; the lock keeps other workers out.
create or replace function rules.take_events(consumer text, batch int)
returns table (source text, xid xid8, id bigint, type text)
language plpgsql as $$
declare
  place casework.event_cursors;
  news record;
begin
  select * into place from casework.event_cursors c where c.consumer = take_events.consumer for update skip locked;
  if not found then
    return;
  end if;
  for news in
    select * from rules.all_events(place.xid, place.event_id, pg_snapshot_xmin(pg_current_snapshot()), null, batch)
  loop
    source := news.source;
    xid := news.xid;
    id := news.id;
    type := news.type;
    return next;
  end loop;
  if id is not null then
    update casework.event_cursors c set (xid, event_id) = (take_events.xid, take_events.id)
    where c.consumer = place.consumer;
  end if;
end $$;

-- How far behind each of them is: how old the next event is that it has to take.
create or replace function rules.feed_lag() returns table (consumer text, seconds numeric)
language plpgsql stable as $$
begin
  return query
  select c.consumer, greatest(0, coalesce(extract(epoch from rules.now() - next.at), 0))
  from casework.event_cursors c
  left join lateral (
    select case k.source
      when 'case' then (select e.at from casework.events e where (e.xid, e.id) = (k.xid, k.id))
      when 'desk' then (select e.at from casework.desk_events e where (e.xid, e.feed_id) = (k.xid, k.id))
      when 'phone' then (select e.at from casework.phone_events e where (e.xid, e.feed_id) = (k.xid, k.id))
      when 'incident' then (select e.at from casework.incident_events e where (e.xid, e.feed_id) = (k.xid, k.id))
      end as at
    from rules.all_events(c.xid, c.event_id, '18446744073709551615', null, 1) as k
  ) as next on true;
end $$;

-- The same for who counts cases: how many events, and which cases they are about. These
-- are read by a statement of their own, which sees what rules.take_events has seen.
create or replace function rules.take_cases(consumer text, batch int, out events int, out case_ids bigint[])
language plpgsql as $$
declare
  event_ids bigint[];
begin
  select count(*), array_agg(t.id) filter (where t.source = 'case')
    into events, event_ids
  from rules.take_events(consumer, batch) as t;
  select array_agg(distinct e.case_id) into case_ids
  from casework.events e where e.id = any (event_ids) and e.case_id is not null;
end $$;

-- Events of some districts, one after the other by index, and those of what the
-- caller owns, unless only districts were asked for.
create or replace function rules.district_events(
  districts bigint[], own boolean, after_xid xid8, after_id bigint, below xid8, types text[], max int)
returns table (source text, xid xid8, id bigint, type text)
language plpgsql stable as $$
begin
  return query
  select k.source, k.xid, k.id, k.type
  from (
    select 'case' as source, n.xid, n.id, n.type
    from unnest(districts) as d (id)
    cross join lateral (
      select e.xid, e.id, e.type from casework.events e
      where e.district_id = d.id and (e.xid, e.id) > (after_xid, after_id) and e.xid < below
        and (types is null or e.type = any (types))
      order by e.xid, e.id limit max
    ) as n
    union all
    select 'desk', e.xid, e.feed_id, e.type from casework.desk_events e
    where own and e.owner_kind = rules.caller_kind() and e.owner_id = rules.caller_id()
      and (e.xid, e.feed_id) > (after_xid, after_id) and e.xid < below
      and (types is null or e.type = any (types))
  ) as k
  order by k.xid, k.id
  limit max;
end $$;

-- Those of one case; few, and found like its history.
create or replace function rules.case_events(
  in_case bigint, districts bigint[], after_xid xid8, after_id bigint, below xid8, types text[], max int)
returns table (source text, xid xid8, id bigint, type text)
language plpgsql stable as $$
begin
  return query
  select 'case', e.xid, e.id, e.type
  from casework.cases c join casework.events e on e.district_id = c.district_id and e.case_id = c.id
  where c.id = in_case and (districts is null or c.district_id = any (districts))
    and (e.xid, e.id) > (after_xid, after_id) and e.xid < below
    and (types is null or e.type = any (types))
  order by e.xid, e.id
  limit max;
end $$;

-- One event that belongs to no case, as JSON; null if the caller may not read it.
create or replace function rules.other_event_body(source text, event_id bigint) returns json
language plpgsql stable as $$
begin
  if source = 'desk' then
    return (select d.body from views.desk_event_document d where d.id = event_id);
  elsif source = 'phone' then
    return (select d.body from views.phone_event_document d where d.id = event_id);
  end if;
  return (select d.body from views.incident_feed_document d where d.id = event_id);
end $$;

-- What a page holds. Without districts: all events there are.
create or replace function rules.feed_keys(
  after_xid xid8, after_id bigint, below xid8, types text[], in_districts bigint[], in_case bigint, max int)
returns table (source text, xid xid8, id bigint, type text)
language plpgsql stable as $$
declare
  districts bigint[] := coalesce(in_districts, case rules.caller_kind()
    when 'contact' then array[rules.district()] when 'partner' then rules.seen_districts() end);
begin
  if in_case is not null then
    return query select * from rules.case_events(in_case, districts, after_xid, after_id, below, types, max);
  elsif districts is not null then
    return query select * from rules.district_events(
      districts, in_districts is null, after_xid, after_id, below, types, max);
  else
    return query select * from rules.all_events(after_xid, after_id, below, types, max);
  end if;
end $$;

-- A page, and behind it a row without item: where the feed ends now, for who
-- has read no event at all.
create or replace function rules.feed_page(
  after_xid xid8, after_id bigint, max int, start text, types text[], in_districts bigint[], in_case bigint)
returns table (item json, xid xid8, id bigint)
language plpgsql stable as $$
declare
  below xid8 := pg_snapshot_xmin(pg_current_snapshot());
begin
  return query
  select case when rules.page_open() then rules.page_item(
      case k.source when 'case' then (select d.body from views.event_document d where d.id = k.id)
        else rules.other_event_body(k.source, k.id) end) end, k.xid, k.id
  from rules.feed_keys(coalesce(after_xid, case when start = 'now' then below else '0' end),
    coalesce(after_id, 0), below, types, in_districts, in_case, max) as k;
  return query select null::json, below, 0::bigint;
end $$;
