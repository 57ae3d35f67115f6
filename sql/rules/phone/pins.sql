-- Phone PINs: how the phone system knows an Authorized Contact before anybody
-- has picked up (facts 5, 14). The number of a line proves nothing, since
-- anybody can send it; what was shown to the contact alone does.
--
-- No role has rights to casework.phone_pins. The two functions with the owner's
-- rights each serve one kind of caller, known by session_user.

-- Slow (bcrypt, some ten milliseconds), since there are a million PINs only.
create or replace function rules.pin_hash(salt uuid, pin text, settings text) returns text
language plpgsql immutable as $$
begin
  return crypto.crypt(encode(sha256(convert_to(salt::text || pin, 'UTF8')), 'hex'), settings);
end $$;
revoke execute on function rules.pin_hash from public;

-- A new PIN in place of any older one; the only moment at which it can be read.
-- It counts at once, however many wrong entries there were. The first 32 bits of
-- a version 4 UUID are random.
create or replace function rules.new_phone_pin() returns text
language plpgsql security definer set search_path = '' as $$
declare
  pin text := lpad(((('x' || left(gen_random_uuid()::text, 8))::bit(32)::bit(64) >> 32)::bigint % 1000000)::text, 6, '0');
  new_salt uuid := gen_random_uuid();
begin
  insert into casework.phone_pins (contact_id, salt, slow_hash, created_at)
  select c.id, new_salt, rules.pin_hash(new_salt, pin, crypto.gen_salt('bf', 8)), rules.now()
  from casework.contacts c
  where c.id = rules.caller_id() and c.may_call and session_user = 'casework_contact'
  on conflict (contact_id) do update
  set (salt, slow_hash, failures, failed_at, created_at)
    = (excluded.salt, excluded.slow_hash, 0, null, excluded.created_at);
  insert into casework.phone_events (type, subject_id, at, actor_kind, actor_id, actor_name)
  select 'phone_pin.created', c.id, rules.now(), 'contact', c.id, c.name
  from casework.contacts c where c.id = rules.caller_id();
  return pin;
end $$;
revoke execute on function rules.new_phone_pin() from public;
grant execute on function rules.new_phone_pin() to casework_contact;

-- How long no entry counts after that many wrong ones: a quarter of an hour after
-- five, twice as long after each five more, four hours at most (choice). Never for
-- good: else whoever knows numbers of contacts could take the phone from them.
create or replace function rules.pin_rest(failures int) returns interval
  language sql immutable
  return case when failures > 0 and failures % 5 = 0
    then least(interval '15 minutes' * 2 ^ least(failures / 5 - 1, 8), interval '4 hours')
    else interval '0' end;

-- Whether this is the contact's PIN; the right one does not count either while
-- entries rest, and none costs a hash. A phone system has one hash computed at a
-- time: however fast it asks, it takes one core at most.
create or replace function rules.phone_pin_fits(who bigint, pin text) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  known casework.phone_pins;
  fits boolean;
begin
  select p.* into known from casework.phone_pins p
  join casework.contacts c on c.id = p.contact_id and c.may_call
  where p.contact_id = who and session_user = 'casework_telephony' and rules.caller_id() is not null
  for update of p;
  if known.contact_id is null or pin is null
    or (known.failures > 0 and rules.now() < known.failed_at + rules.pin_rest(known.failures))
  then
    return false;
  end if;
  perform pg_advisory_xact_lock(7309456, (rules.caller_id() % 2147483647)::int);
  fits := rules.pin_hash(known.salt, pin, known.slow_hash) = known.slow_hash;
  if not fits or known.failures > 0 then
    update casework.phone_pins p set
      failures = case when fits then 0 else known.failures + 1 end,
      failed_at = case when not fits then rules.now() end
    where p.contact_id = who;
  end if;
  return fits;
end $$;
revoke execute on function rules.phone_pin_fits(bigint, text) from public;

create or replace function rules.create_phone_pin(out status int, out body json)
language plpgsql as $$
begin
  perform rules.require_caller_itself('A PIN is shown to the contact alone, not to who acts for it.');
  status := 201;
  body := json_build_object('contact_number', rules.caller_id(), 'pin', rules.new_phone_pin());
end $$;
