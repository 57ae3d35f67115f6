-- Webhooks (fact 79; Standard Webhooks 1.0.0). One belongs to who made it and
-- is sent what its owner could read in the feed at that moment.

create table casework.webhooks (
  id              bigint generated always as identity (start with 100001) primary key,
  owner_kind      text not null check (owner_kind in ('contact', 'partner', 'staff')),
  owner_id        bigint not null,
  url             text not null,
  types           text[],                -- of events; null: all
  description     text,
  status          text not null default 'enabled' check (status in ('enabled', 'disabled')),
  disabled_reason text check (disabled_reason in ('owner', 'failing', 'gone')),
  failing_since   timestamptz,           -- first failure since the last success
  probe_at        timestamptz,           -- while it fails, one attempt at a time, and none before that
  last_success_at timestamptz,
  rests_until     timestamptz,           -- it asked for fewer
  begins_at       xid8 not null default pg_current_xact_id(),  -- older events are not sent; when last enabled
  created_at      timestamptz not null,
  updated_at      timestamptz not null,
  version         bigint not null default 1,
  check ((status = 'disabled') = (disabled_reason is not null))
);
create index webhooks_owner on casework.webhooks (owner_kind, owner_id, id);
alter table casework.webhooks enable row level security, force row level security;
create policy owner on casework.webhooks to casework_owner using (true);
create policy contact on casework.webhooks to casework_contact
  using (owner_kind = 'contact' and owner_id = (select rules.caller_id()));
create policy partner on casework.webhooks to casework_partner
  using (owner_kind = 'partner' and owner_id = (select rules.caller_id()));
create policy staff on casework.webhooks to casework_staff
  using (owner_kind = 'staff' and owner_id = (select rules.caller_id()));
create policy worker on casework.webhooks to casework_worker using (true);
grant select, update (status, disabled_reason, failing_since, probe_at, rests_until, begins_at, updated_at,
    version)
  on casework.webhooks to casework_contact, casework_partner, casework_staff, casework_worker;
grant insert, update (url, types, description)
  on casework.webhooks to casework_contact, casework_partner, casework_staff;
grant update (last_success_at) on casework.webhooks to casework_worker;

-- What signs. The roles of the API write secrets and never read one. Secrets and
-- deliveries are their webhook's, whose policies say whose it is.
create table casework.webhook_secrets (
  webhook_id bigint not null references casework.webhooks,
  created_at timestamptz not null,
  secret     bytea not null check (length(secret) = 32),
  expires_at timestamptz,                -- null: the current one
  id         bigint generated always as identity primary key
);
create unique index webhook_secrets_current on casework.webhook_secrets (webhook_id) where expires_at is null;
create index webhook_secrets_webhook on casework.webhook_secrets (webhook_id, id);
alter table casework.webhook_secrets enable row level security, force row level security;
create policy owner on casework.webhook_secrets to casework_owner using (true);
create policy caller on casework.webhook_secrets to casework_contact, casework_partner, casework_staff
  using (exists (select from casework.webhooks w where w.id = webhook_id));
create policy worker on casework.webhook_secrets to casework_worker using (true);
grant select (webhook_id, expires_at), insert (webhook_id, created_at, secret), update (expires_at)
  on casework.webhook_secrets to casework_contact, casework_partner, casework_staff;
grant select, delete on casework.webhook_secrets to casework_worker;

-- One row per webhook and event, and per test (without event). next_attempt_at
-- is by the clock of the rules; a lease is of real time.
create table casework.webhook_deliveries (
  id              bigint generated always as identity (start with 100001) primary key,
  webhook_id      bigint not null references casework.webhooks,
  event_id        bigint,
  source          text not null,         -- as in rules.all_events, or 'test'
  type            text not null,
  state           text not null default 'pending'
    check (state in ('pending', 'delivered', 'failed', 'withheld')),
  attempts        integer not null default 0,   -- of this round of the schedule
  next_attempt_at timestamptz,
  leased_until    timestamptz,
  lease           bigint not null default 0,    -- tells one lease from the next
  log             jsonb not null default '[]',
  created_at      timestamptz not null,
  first_attempt_at timestamptz,
  delivered_at    timestamptz,
  unique (webhook_id, event_id),
  check ((event_id is null) = (source = 'test')),
  check ((state = 'pending') = (next_attempt_at is not null))
);
create index webhook_deliveries_due on casework.webhook_deliveries (webhook_id, next_attempt_at, id)
  where state = 'pending';
create index webhook_deliveries_log on casework.webhook_deliveries (webhook_id, id);
create index webhook_deliveries_old on casework.webhook_deliveries (created_at) where state <> 'pending';
create index webhook_deliveries_leased on casework.webhook_deliveries (leased_until) where leased_until is not null;
create index webhook_deliveries_tests on casework.webhook_deliveries (webhook_id, id)
  where state = 'pending' and source = 'test';
create index webhook_deliveries_retries on casework.webhook_deliveries (webhook_id, next_attempt_at, id)
  where state = 'pending' and attempts > 0;
alter table casework.webhook_deliveries enable row level security, force row level security;
create policy owner on casework.webhook_deliveries to casework_owner using (true);
create policy caller on casework.webhook_deliveries to casework_contact, casework_partner, casework_staff
  using (exists (select from casework.webhooks w where w.id = webhook_id));
create policy worker on casework.webhook_deliveries to casework_worker using (true);
grant select, insert (webhook_id, event_id, source, type, next_attempt_at, created_at),
  update (state, attempts, next_attempt_at, leased_until, lease, log, first_attempt_at)
  on casework.webhook_deliveries to casework_contact, casework_partner, casework_staff, casework_worker;
grant delete, update (delivered_at) on casework.webhook_deliveries to casework_worker;

-- Whose turn it is to be sent something (sql/rules/webhooks/turns.sql): owners one
-- after the other, and of each its webhooks. ready_at: when the next could go
-- out, but not before the last turn, so that who had one stands behind who
-- waits; null: nothing could, until something comes or comes back. Of those that
-- are ready at one instant the lower turn comes first.
create table casework.webhook_owners (
  owner_kind text not null,
  owner_id   bigint not null,
  ready_at   timestamptz,
  served_at  timestamptz not null default '-infinity',
  turn       bigint not null default 0,
  in_hand    bigint[] not null default '{}',   -- deliveries leased since; those still are that have leased_until
  primary key (owner_kind, owner_id)
);
create index webhook_owners_ready on casework.webhook_owners (ready_at, turn);
alter table casework.webhook_owners enable row level security, force row level security;
create policy owner on casework.webhook_owners to casework_owner using (true);

create table casework.webhook_turns (
  webhook_id bigint primary key references casework.webhooks,
  owner_kind text not null,
  owner_id   bigint not null,
  ready_at   timestamptz,
  served_at  timestamptz not null default '-infinity',
  turn       bigint not null default 0,
  foreign key (owner_kind, owner_id) references casework.webhook_owners
);
create index webhook_turns_ready on casework.webhook_turns (owner_kind, owner_id, ready_at, turn);
alter table casework.webhook_turns enable row level security, force row level security;
create policy owner on casework.webhook_turns to casework_owner using (true);
create sequence casework.webhook_turn_numbers;
