-- The caller's context is sealed: no caller's role can make one up, neither by a
-- setting nor by calling what begins a request (sql/rules/base/context.sql).

-- With these the engine proves whom it has authenticated (setting
-- CONTEXT_KEY_FILE). sql/migrate.sh keeps the two newest, so that a key can be
-- changed while services run. No role but the owner reads them.
create table casework.context_keys (
  secret     bytea primary key check (length(secret) >= 32),
  created_at timestamptz not null default clock_timestamp()
);

-- The context stands in settings whose name holds this number: 62 random bits,
-- which no role but the owner reads. A sequence, since a function reads it at next
-- to no cost, in a read-only transaction and on a standby too.
create sequence casework.context_number minvalue 0;
select setval('casework.context_number',
  ('x' || right(replace(gen_random_uuid()::text, '-', ''), 16))::bit(64)::bigint & 9223372036854775807) is not null;

-- What reads the context is no longer inlined: a look-up a statement, not a row.
alter policy caller on casework.idempotency_keys
  using (caller_kind = rules.caller_kind() and caller_id = (select rules.caller_id())
    and districts <@ (select rules.reach())::bigint[]);

-- Phone PINs under a slow hash. It is one of what stood here before, so that the
-- PINs that people know stay theirs. failures: wrong entries since the last right one.
-- The extension's functions are in a schema of their own, which is the owner's only.
create schema crypto;
create extension pgcrypto with schema crypto;
alter table casework.phone_pins add column slow_hash text;
update casework.phone_pins set slow_hash = crypto.crypt(encode(hash, 'hex'), crypto.gen_salt('bf', 8));
alter table casework.phone_pins alter column slow_hash set not null, drop column hash;

-- What took a caller, an actor or a district for an argument.
drop function if exists rules.act_for(text), rules.act_as(text, bigint),
  rules.figure_queue_wait(bigint, date, date), rules.published_satisfaction(bigint, date, date),
  rules.pin_hash(uuid, text), rules.phone_pin_fits(bigint, text), rules.phone_caller(jsonb);
