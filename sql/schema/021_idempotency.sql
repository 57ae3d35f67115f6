-- The answers of writes that carried an Idempotency-Key, by caller and key. A
-- row belongs to its caller while the caller still reaches every district that
-- it reached then: what one may no longer see is not repeated either.
create table casework.idempotency_keys (
  caller_kind text not null,
  caller_id   bigint not null,
  key         text not null check (length(key) between 1 and 255),
  fingerprint text not null,             -- of the request: SHA-256, hex
  districts   bigint[] not null,
  created_at  timestamptz not null,
  status      integer,
  body        text,
  etag        text,
  location    text,
  primary key (caller_kind, caller_id, key)
);
create index idempotency_keys_age on casework.idempotency_keys (created_at);

-- The districts that the caller's rows are limited to; none for the desk's own.
create function rules.reach() returns bigint[]
  language sql stable
  return coalesce(rules.districts(), array_remove(array[rules.district()], null));

alter table casework.idempotency_keys enable row level security;
alter table casework.idempotency_keys force row level security;
create policy owner on casework.idempotency_keys to casework_owner using (true);
create policy caller on casework.idempotency_keys
  to casework_contact, casework_partner, casework_staff, casework_telephony
  using (caller_kind = rules.caller_kind() and caller_id = rules.caller_id() and districts <@ rules.reach());
create policy worker on casework.idempotency_keys to casework_worker using (true);

grant select, insert, update (status, body, etag, location) on casework.idempotency_keys
  to casework_contact, casework_partner, casework_staff, casework_telephony;
grant select (caller_kind, caller_id, key, created_at), delete on casework.idempotency_keys to casework_worker;
