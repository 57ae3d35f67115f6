-- Whose delivery goes out next. Owners take turns, and the webhooks of each, so
-- what one has piled up, or how many webhooks it has, delays nobody else's next
-- delivery. A turn costs the same whatever waits: rows of casework.webhook_owners
-- and webhook_turns say who is ready, in order, and are put right by whoever
-- changes what waits, in the same transaction, as the last thing it does.
--
-- Locks: a row of webhook_owners guards the turns of that owner's webhooks. It is
-- taken after all others, several in their order; who takes one first (take_turn)
-- waits for no other lock. So there is no circle.

-- The webhooks of an owner's deliveries that are in hand, one for each.
create or replace function rules.in_hand(owner_kind text, owner_id bigint) returns bigint[]
language plpgsql stable as $$
begin
  return array(
    select v.webhook_id from casework.webhook_owners o
    cross join lateral unnest(o.in_hand) h
    join casework.webhook_deliveries v on v.id = h
    where o.owner_kind = in_hand.owner_kind and o.owner_id = in_hand.owner_id and v.leased_until is not null);
end $$;

-- The next of a webhook's deliveries, and when it may go out: a test at any time,
-- else what was tried before and is due again before what was not. One that
-- fails is probed, so that a backlog does not burn: one attempt at a time, with a
-- rest in between.
create or replace function rules.next_delivery(w casework.webhooks, out id bigint, out ready_at timestamptz)
language plpgsql stable as $$
begin
  select v.id, v.next_attempt_at into id, ready_at from casework.webhook_deliveries v
  where v.webhook_id = w.id and v.state = 'pending' and v.source = 'test' and v.leased_until is null
  order by v.id limit 1;
  if found or w.status = 'disabled' or (w.failing_since is not null
    and w.id = any (rules.in_hand(w.owner_kind, w.owner_id))) then
    return;
  end if;
  select v.id, greatest(v.next_attempt_at, w.rests_until, w.probe_at) into id, ready_at
  from casework.webhook_deliveries v
  where v.webhook_id = w.id and v.state = 'pending' and v.source <> 'test' and v.leased_until is null
  order by v.next_attempt_at, v.id limit 1;
  if ready_at <= rules.now() then
    id := coalesce((
      select v.id from casework.webhook_deliveries v
      where v.webhook_id = w.id and v.state = 'pending' and v.attempts > 0 and v.leased_until is null
        and v.next_attempt_at <= rules.now()
      order by v.next_attempt_at, v.id limit 1), id);
  end if;
end $$;

-- The next of an owner's webhooks. Eight deliveries of one owner are in hand at
-- most, four of one webhook, beyond four one only of each: the slow ones wait for
-- themselves, and leave the others of the same owner a way.
create or replace function rules.next_webhook(
  owner_kind text, owner_id bigint, out webhook_id bigint, out ready_at timestamptz)
language plpgsql stable as $$
declare
  in_hand bigint[] := rules.in_hand(owner_kind, owner_id);
begin
  if cardinality(in_hand) < 8 then
    select t.webhook_id, t.ready_at into webhook_id, ready_at from casework.webhook_turns t
    where t.owner_kind = next_webhook.owner_kind and t.owner_id = next_webhook.owner_id and t.ready_at is not null
      and (cardinality(in_hand) < 4 or t.webhook_id <> all (in_hand))
    order by t.ready_at, t.turn limit 1;
  end if;
end $$;

-- Puts a webhook where it belongs among its owner's, and the owner among owners;
-- with the number of a turn, behind all that are ready. A clock that was set back
-- keeps nobody waiting.
create or replace function rules.place_webhook(webhook_id bigint, turn bigint) returns void
language plpgsql as $$
declare
  at timestamptz := rules.now();
  served timestamptz := (
    select case when place_webhook.turn is null then least(t.served_at, at) else at end
    from casework.webhook_turns t where t.webhook_id = place_webhook.webhook_id);
  ready timestamptz := (
    select n.ready_at from casework.webhooks w cross join lateral rules.next_delivery(w) n where w.id = webhook_id);
begin
  update casework.webhook_turns t
  set ready_at = case when ready is not null then greatest(ready, served) end, served_at = served,
    turn = coalesce(place_webhook.turn, t.turn)
  where t.webhook_id = place_webhook.webhook_id;
end $$;

create or replace function rules.place_owner(owner_kind text, owner_id bigint, turn bigint) returns void
language plpgsql as $$
declare
  at timestamptz := rules.now();
  served timestamptz := (
    select case when place_owner.turn is null then least(o.served_at, at) else at end
    from casework.webhook_owners o
    where o.owner_kind = place_owner.owner_kind and o.owner_id = place_owner.owner_id);
  ready timestamptz := (select n.ready_at from rules.next_webhook(owner_kind, owner_id) n);
begin
  update casework.webhook_owners o
  set ready_at = case when ready is not null then greatest(ready, served) end, served_at = served,
    turn = coalesce(place_owner.turn, o.turn)
  where o.owner_kind = place_owner.owner_kind and o.owner_id = place_owner.owner_id;
end $$;

-- What waits for these webhooks, or may go out, has changed. The owner is locked
-- before it is looked what waits: else a turn that ends at this moment could say
-- that nothing does.
create or replace function rules.webhooks_wait(ids bigint[]) returns void
language plpgsql security definer set search_path = '' as $$
declare
  o record;
begin
  for o in
    select w.owner_kind, w.owner_id, array_agg(w.id) as webhooks from casework.webhooks w
    where w.id = any (ids) and (session_user not in ('casework_contact', 'casework_partner', 'casework_staff')
      or ('casework_' || w.owner_kind = session_user and w.owner_id = rules.caller_id()))
    group by w.owner_kind, w.owner_id order by w.owner_kind, w.owner_id
  loop
    insert into casework.webhook_owners (owner_kind, owner_id) values (o.owner_kind, o.owner_id) on conflict do nothing;
    perform from casework.webhook_owners l
    where l.owner_kind = o.owner_kind and l.owner_id = o.owner_id for update;
    insert into casework.webhook_turns (webhook_id, owner_kind, owner_id)
    select w, o.owner_kind, o.owner_id from unnest(o.webhooks) w on conflict do nothing;
    perform rules.place_webhook(w, null) from unnest(o.webhooks) w;
    perform rules.place_owner(o.owner_kind, o.owner_id, null);
  end loop;
end $$;

-- What a worker that died had in hand waits again.
create or replace function rules.end_leases() returns void
language plpgsql security definer set search_path = '' as $$
declare
  ended bigint[] := array(
    select v.id from casework.webhook_deliveries v
    where v.leased_until < clock_timestamp() order by v.leased_until limit 20 for update skip locked);
begin
  if ended <> '{}' then
    update casework.webhook_deliveries v set leased_until = null where v.id = any (ended);
    perform rules.webhooks_wait(array(
      select distinct v.webhook_id from casework.webhook_deliveries v where v.id = any (ended)));
  end if;
end $$;

-- Leases the delivery whose turn it is. Whose turn comes to nothing, since what
-- waits is being changed at this moment, has had it all the same.
create or replace function rules.take_turn(lease_seconds int) returns casework.webhook_deliveries
language plpgsql security definer set search_path = '' as $$
declare
  o casework.webhook_owners;
  w casework.webhooks;
  v casework.webhook_deliveries;
  due bigint;
  turn bigint;
begin
  perform rules.end_leases();
  for tries in 1 .. 200 loop
    select * into o from casework.webhook_owners q
    where q.ready_at <= rules.now() order by q.ready_at, q.turn limit 1 for update skip locked;
    exit when not found;
    turn := nextval('casework.webhook_turn_numbers');
    select h.* into w from rules.next_webhook(o.owner_kind, o.owner_id) n join casework.webhooks h on h.id = n.webhook_id
    where n.ready_at <= rules.now();
    if found then
      select n.id into due from rules.next_delivery(w) n where n.ready_at <= rules.now();
      -- by its id alone: with statistics of before a backlog came, the index of
      -- what waits would seem the shorter way
      select * into v from casework.webhook_deliveries l where l.id = due for update skip locked;
      if v.state = 'pending' and v.leased_until is null then
        update casework.webhook_deliveries d
        set leased_until = clock_timestamp() + lease_seconds * interval '1 second', lease = d.lease + 1
        where d.id = v.id returning * into v;
        update casework.webhook_owners q
        set in_hand = v.id || array(
          select h from unnest(q.in_hand) h join casework.webhook_deliveries d on d.id = h where d.leased_until is not null)
        where q.owner_kind = o.owner_kind and q.owner_id = o.owner_id;
      else
        v := null;
      end if;
      perform rules.place_webhook(w.id, turn);
    end if;
    perform rules.place_owner(o.owner_kind, o.owner_id, turn);
    exit when v.id is not null;
  end loop;
  return v;
end $$;

revoke execute on function rules.webhooks_wait, rules.end_leases, rules.take_turn from public;
grant execute on function rules.webhooks_wait to casework_contact, casework_partner, casework_staff, casework_worker;
grant execute on function rules.take_turn to casework_worker;
