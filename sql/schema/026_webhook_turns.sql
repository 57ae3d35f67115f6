-- Whose turn it is to be sent something (rules/webhook_turns.sql): owners one
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
create sequence casework.webhook_turn_numbers;

-- For whom something waits; the first turn finds out since when.
insert into casework.webhook_owners (owner_kind, owner_id, ready_at)
select distinct w.owner_kind, w.owner_id, '-infinity'::timestamptz from casework.webhooks w
where exists (select from casework.webhook_deliveries v where v.webhook_id = w.id and v.state = 'pending');
insert into casework.webhook_turns (webhook_id, owner_kind, owner_id, ready_at)
select w.id, w.owner_kind, w.owner_id, '-infinity' from casework.webhooks w
where exists (select from casework.webhook_deliveries v where v.webhook_id = w.id and v.state = 'pending');

alter table casework.webhook_owners enable row level security;
alter table casework.webhook_owners force row level security;
create policy owner on casework.webhook_owners to casework_owner using (true);
alter table casework.webhook_turns enable row level security;
alter table casework.webhook_turns force row level security;
create policy owner on casework.webhook_turns to casework_owner using (true);

-- While it fails, one attempt at a time, and none before that.
alter table casework.webhooks add column probe_at timestamptz;
grant update (probe_at) on casework.webhooks
  to casework_contact, casework_partner, casework_staff, casework_worker;

create index webhook_deliveries_leased on casework.webhook_deliveries (leased_until) where leased_until is not null;
create index webhook_deliveries_tests on casework.webhook_deliveries (webhook_id, id)
  where state = 'pending' and source = 'test';
create index webhook_deliveries_retries on casework.webhook_deliveries (webhook_id, next_attempt_at, id)
  where state = 'pending' and attempts > 0;

drop function if exists rules.due_deliveries(int);
