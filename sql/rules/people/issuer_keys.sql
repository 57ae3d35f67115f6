-- The keys of issuers (3.1): which the worker looks at next, what came of a look,
-- and those that are given by hand. Times are the server's own: they are about
-- other machines, not about cases.

-- The bytes of base64url without padding in its one form; null: it is none.
create or replace function rules.base64url_bytes(value text) returns bytea
language plpgsql immutable as $$
declare
  bytes bytea;
begin
  if value ~ '^[A-Za-z0-9_-]+$' and length(value) <= 2048 and length(value) % 4 <> 1 then
    bytes := decode(rpad(translate(value, '-_', '+/'), (length(value) + 3) / 4 * 4, '='), 'base64');
    if translate(encode(bytes, 'base64'), E'+/=\n', '-_') = value then
      return bytes;
    end if;
  end if;
  return null;
end $$;

create or replace function rules.number_of(bytes bytea) returns numeric
language plpgsql immutable as $$
declare
  n numeric := 0;
begin
  for i in 0 .. octet_length(bytes) - 1 loop
    n := n * 256 + get_byte(bytes, i);
  end loop;
  return n;
end $$;

-- Why a key verifies no token here, and the member at fault; null: it does. As
-- api/auth/auth_key.c has it, and the worker of those that it fetches
-- (api/worker/issuers/key_set.c).
create or replace function rules.rsa_fault(key jsonb, out member text, out fault text)
language plpgsql immutable as $$
declare
  n bytea := ltrim(rules.base64url_bytes(key ->> 'n'), '\x00');
  bits int := octet_length(n) * 8 - 8 + length(ltrim(get_byte(n, 0)::bit(8)::text, '0'));
begin
  if n is null then
    member := 'n';
    fault := 'An RSA key has its modulus in n, in base64url.';
  elsif bits not between 2048 and 4096 then
    member := 'n';
    fault := format('This RSA key has %s bits: 2048 to 4096 are taken.', bits);
  elsif rules.base64url_bytes(key ->> 'e') is distinct from '\x010001' then
    member := 'e';
    fault := 'The exponent of an RSA key is 65537, "AQAB".';
  end if;
end $$;

create or replace function rules.point_fault(key jsonb, curve text, coordinates text[], out member text, out fault text)
language plpgsql immutable as $$
begin
  if key -> 'crv' is distinct from to_jsonb(curve) then
    member := 'crv';
    fault := format('Of %s keys those on %s are taken.', key ->> 'kty', curve);
  else
    select c, format('A key on %s has %s, 32 bytes in base64url.', curve, c) into member, fault
    from unnest(coordinates) c
    where octet_length(rules.base64url_bytes(key ->> c)) is distinct from 32 limit 1;
  end if;
end $$;

create or replace function rules.key_fault(key jsonb, out member text, out fault text)
language plpgsql immutable as $$
declare
  kty text := case jsonb_typeof(key -> 'kty') when 'string' then key ->> 'kty' end;
  algorithms text[] := case kty when 'RSA' then '{RS256,PS256}' when 'EC' then '{ES256}' when 'OKP' then '{EdDSA}' end;
begin
  if algorithms is null then
    member := 'kty';
    fault := 'A key is of type RSA, EC or OKP.';
  elsif (jsonb_typeof(key -> 'kid') = 'string' and length(key ->> 'kid') between 1 and 128) is not true then
    member := 'kid';
    fault := 'A key has a kid of 1 to 128 characters.';
  elsif key -> 'use' <> '"sig"' then
    member := 'use';
    fault := 'This key is not for signatures: leave it out.';
  elsif (jsonb_typeof(key -> 'key_ops') = 'array' and key -> 'key_ops' @> '"verify"') is false then
    member := 'key_ops';
    fault := 'This key is not to verify signatures: leave it out.';
  elsif key -> 'alg' <> all (array(select to_jsonb(a) from unnest(algorithms) a)) then
    member := 'alg';
    fault := format('%s keys are taken for %s.', kty, array_to_string(algorithms, ' and '));
  elsif kty = 'RSA' then
    select f.member, f.fault into member, fault from rules.rsa_fault(key) f;
  elsif kty = 'EC' then
    select f.member, f.fault into member, fault from rules.point_fault(key, 'P-256', '{x,y}') f;
  else
    select f.member, f.fault into member, fault from rules.point_fault(key, 'Ed25519', '{x}') f;
  end if;
end $$;

-- The keys of a set that may have signed a token, public members alone: what the
-- worker keeps of a set that it fetches.
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
    where (select f.fault from rules.key_fault(k.key) f) is null);
end $$;

-- y² = x³ - 3x + b modulo p (SEC 2, 2.4.2): a coordinate with one wrong character
-- is no point.
create or replace function rules.is_on_p256(key jsonb) returns boolean
language plpgsql immutable as $$
declare
  p numeric := 2 ^ 256::numeric - 2 ^ 224::numeric + 2 ^ 192::numeric + 2 ^ 96::numeric - 1;
  b numeric := 41058363725152142129326129780047268409114441015993725554835256314039467401291;
  x numeric := rules.number_of(rules.base64url_bytes(key ->> 'x'));
  y numeric := rules.number_of(rules.base64url_bytes(key ->> 'y'));
begin
  return x < p and y < p and mod(y * y, p) = mod(x * x * x + (p - 3) * x + b, p);
end $$;

-- Of a set that is given by hand each key is good, or is told with its place: who
-- writes it can leave out what is for something else.
create or replace function rules.check_given_keys(jwks jsonb) returns void
language plpgsql as $$
declare
  faults jsonb;
  first text;
begin
  select jsonb_agg(rules.fault(format('/jwks/keys/%s', k.position - 1) || coalesce('/' || f.member, ''), 'unfit', f.fault)
      order by k.position), min(f.fault)
    into faults, first
  from jsonb_array_elements(jwks -> 'keys') with ordinality as k (key, position)
  cross join lateral (
    select g.member, coalesce(g.fault, case when k.key ->> 'kty' = 'EC' and not rules.is_on_p256(k.key)
      then 'x and y are no point of P-256.' end) as fault
    from rules.key_fault(k.key) g) as f
  where f.fault is not null;
  if faults is not null then
    perform rules.refuse(422, 'invalid-request', first, jsonb_build_object('errors', faults));
  elsif rules.key_set_fault(jwks) is not null then
    perform rules.invalid('/jwks', 'unfit', rules.key_set_fault(jwks));
  end if;
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
      then 'The key set holds no key that can be used: RSA of 2048 to 4096 bits (RS256, PS256), EC on P-256 (ES256) or '
        'OKP on Ed25519 (EdDSA), with a kid, for signatures.'
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
call rules.keep_trigger($$create trigger keys_follow
  after insert or update of jwks, jwks_url on casework.issuers
  for each row execute function rules.issuer_keys_follow()$$);

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
