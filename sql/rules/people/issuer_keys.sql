-- The keys of issuers (3.1): which the worker looks at next, what came of a look,
-- and those that are given by hand. Times are the server's own: they are about
-- other machines, not about cases.

-- The keys of a set that may have signed a token, public members alone: what the
-- worker keeps of a set that it fetches (api/worker/issuers/key_set.c).
create or replace function rules.usable_keys(jwks jsonb) returns jsonb
language plpgsql immutable as $$
begin
  return (
    select coalesce(jsonb_agg((
        select jsonb_object_agg(m.key, m.value) from jsonb_each(k.key) m
        where m.key = any (t.members) or m.key in ('kty', 'kid', 'use', 'alg')) order by k.position), '[]')
    from jsonb_array_elements(case jsonb_typeof(jwks -> 'keys') when 'array' then jwks -> 'keys' else '[]' end)
      with ordinality as k (key, position)
    join (values ('"RSA"'::jsonb, '{n,e}'::text[]), ('"EC"', '{crv,x,y}'), ('"OKP"', '{crv,x}')) as t (kty, members)
      on t.kty = k.key -> 'kty'
    where jsonb_typeof(k.key -> 'kid') = 'string' and length(k.key ->> 'kid') between 1 and 128
      and coalesce(k.key -> 'use' = '"sig"', true) and coalesce(jsonb_typeof(k.key -> 'alg') = 'string', true)
      and coalesce(jsonb_typeof(k.key -> 'key_ops') = 'array' and k.key -> 'key_ops' @> '"verify"', true)
      and not exists (
        select from unnest(t.members) m
        where (jsonb_typeof(k.key -> m) = 'string' and octet_length(k.key ->> m) <= 2048) is not true));
end $$;

-- Why a set given by hand is refused, in a sentence; null: it is a good one.
create or replace function rules.key_set_fault(jwks jsonb) returns text
language plpgsql immutable as $$
declare
  usable jsonb := rules.usable_keys(jwks);
begin
  return case
    when jsonb_typeof(jwks -> 'keys') is distinct from 'array' then 'A key set is an object with an array keys.'
    when jwks @? '$.keys[*] ? (exists (@.d) || exists (@.p) || exists (@.q) || exists (@.dp) || exists (@.dq)
        || exists (@.qi) || exists (@.oth))'
      then 'The key set holds a private key: it is no secret any more, make a new one.'
    when jwks @? '$.keys[*] ? (@.kty == "oct" || exists (@.k))'
      then 'The key set holds a secret: who verifies with it can sign, and it is no secret any more.'
    when jsonb_array_length(usable) = 0
      then 'The key set holds no key that can be used: one of type RSA, EC or OKP, with a kid, for signatures.'
    when jsonb_array_length(usable) > 64 then 'The key set holds more than 64 keys that sign.'
    when (select count(distinct k ->> 'kid') < count(*) from jsonb_array_elements(usable) k)
      then 'The key set holds two keys of one kid.'
  end;
end $$;

create or replace function rules.key_ids(keys jsonb) returns text[]
language plpgsql immutable as $$
begin
  return array(select k ->> 'kid' from jsonb_array_elements(keys) k);
end $$;

-- Keys given by hand are in use at once.
create or replace function rules.use_given_keys(issuer_id bigint) returns void
language plpgsql security definer set search_path = '' as $$
declare
  given jsonb := (select s.jwks from casework.issuers s where s.id = issuer_id);
  why text := rules.key_set_fault(given);
  usable jsonb := case when why is null then rules.usable_keys(given) else '[]' end;
begin
  update casework.issuer_keys k
  set (keys, kids, fetched_at, fault) = (usable, rules.key_ids(usable), clock_timestamp(), why)
  where k.issuer_id = use_given_keys.issuer_id;
end $$;

-- Where an issuer's keys are from has changed. What is being fetched from where
-- they were counts no more, and the worker looks at once. The keys from there stay
-- until there are others, but those that were given by hand are taken back.
create or replace function rules.issuer_keys_follow() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'INSERT' then
    insert into casework.issuer_keys (issuer_id) values (new.id) on conflict do nothing;
  elsif row (new.jwks, new.jwks_url) is not distinct from row (old.jwks, old.jwks_url) then
    return null;
  else
    update casework.issuer_keys k
    set (source, etag, fresh_until, looked_at, wanted_at, leased_until, fault) = (null, null, null, null, null, null, null),
      keys = case when old.jwks is null then k.keys else '[]' end,
      kids = case when old.jwks is null then k.kids else '{}' end
    where k.issuer_id = new.id;
  end if;
  if new.jwks is not null then
    perform rules.use_given_keys(new.id);
  end if;
  perform pg_notify('casework', '');
  return null;
end $$;
create or replace trigger keys_follow after insert or update of jwks, jwks_url on casework.issuers
  for each row execute function rules.issuer_keys_follow();

-- The next issuer to look at: one never looked at, one whose keys may be old, one
-- of which a token came with an unknown key. At most every half a minute each, and
-- once more for who wants it (rules.want_keys: choice); a clock that was set back
-- keeps nobody waiting.
create or replace function rules.lease_issuer(
  lease_seconds int, out id bigint, out lease timestamptz, out began timestamptz, out issuer text, out jwks_url text,
  out source text, out etag text)
language plpgsql security definer set search_path = '' as $$
declare
  at timestamptz := clock_timestamp();
begin
  select k.issuer_id, at + lease_seconds * interval '1 s', at, s.issuer, s.jwks_url, k.source, k.etag
    into id, lease, began, issuer, jwks_url, source, etag
  from casework.issuer_keys k join casework.issuers s on s.id = k.issuer_id
  where s.active and s.jwks is null
    and (k.leased_until not between at and at + interval '10 min') is not false
    and ((k.looked_at not between at - interval '30 s' and at) is not false or k.wanted_at > k.looked_at)
    and (k.looked_at is null or k.fresh_until is null or k.fresh_until <= at or k.wanted_at > k.looked_at)
  order by k.wanted_at > k.looked_at desc nulls last, k.fresh_until nulls first
  limit 1 for update of k skip locked;
  update casework.issuer_keys k set leased_until = lease where k.issuer_id = id;
end $$;

-- What came of a look: keys (null: those that are known), or why there are none. It
-- began then; who wants keys since is served by another look. An answer is kept for
-- an hour, or as it says, within a minute and a day (choice). After a fault the
-- keys stay in use, and the next look is in a minute, then in two, up to fifteen.
-- Whose lease is over changes nothing. A look that brought other keys was worth it:
-- the next unknown one is looked for at once again.
create or replace function rules.settle_issuer(
  issuer_id bigint, lease timestamptz, began timestamptz, keys jsonb, source text, etag text, fresh_seconds int,
  fault text) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  at timestamptz := clock_timestamp();
begin
  update casework.issuer_keys k
  set leased_until = null, looked_at = began, fault = settle_issuer.fault,
    keys = coalesce(settle_issuer.keys, k.keys),
    kids = rules.key_ids(coalesce(settle_issuer.keys, k.keys)),
    wanted_at = case when rules.key_ids(coalesce(settle_issuer.keys, k.keys)) = k.kids then k.wanted_at end,
    source = case when settle_issuer.fault is null then settle_issuer.source else k.source end,
    etag = case when settle_issuer.fault is null then settle_issuer.etag else k.etag end,
    fetched_at = case when settle_issuer.fault is null then at else k.fetched_at end,
    fresh_until = case
      when settle_issuer.fault is null
        then at + least(greatest(coalesce(fresh_seconds, 3600), 60), 86400) * interval '1 s'
      when k.fault is null then began + interval '1 min'
      else began + least(greatest((k.fresh_until - k.looked_at) * 2, interval '1 min'), interval '15 min') end
  where k.issuer_id = settle_issuer.issuer_id and k.leased_until = lease;
  return found;
end $$;

revoke execute on function rules.use_given_keys, rules.issuer_keys_follow, rules.lease_issuer, rules.settle_issuer
  from public;
grant execute on function rules.lease_issuer, rules.settle_issuer to casework_worker;
