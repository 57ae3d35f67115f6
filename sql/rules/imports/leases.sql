-- Which import the worker has in hand, and what becomes of it (3.2). A lease is the
-- time until which it holds: whose lease is over, or whose import was cancelled,
-- writes nothing any more. Leases go by the server's own clock.

-- A worker that dies takes its session along, and with it what it has in hand. A pid
-- may be somebody else's by then; that import waits for the end of its lease.
create or replace function rules.is_left_behind(leased_by int) returns boolean
language plpgsql as $$
begin
  return leased_by is not null and not exists (select from pg_stat_get_activity(leased_by));
end $$;

-- The next import: in the order in which they came, of each kind one at a time. One
-- that a worker has left behind goes on behind its at_line.
create or replace function rules.lease_import(
  lease_seconds int, out id bigint, out lease timestamptz, out kind text, out media_type text, out at_line int,
  out lines int)
language plpgsql as $$
declare
  at timestamptz := clock_timestamp();
begin
  select m.id, at + lease_seconds * interval '1 s', m.kind, m.media_type, m.at_line, m.lines
    into id, lease, kind, media_type, at_line, lines
  from casework.imports m
  where m.state in ('queued', 'running')
    and ((m.leased_until between at and at + interval '1 day') is not true or rules.is_left_behind(m.leased_by))
    and not exists (
      select from casework.imports o where o.kind = m.kind and o.id < m.id and o.state in ('queued', 'running'))
  order by m.id limit 1 for no key update skip locked;
  update casework.imports m
  set state = 'running', started_at = coalesce(m.started_at, rules.now()), leased_until = lease,
    leased_by = pg_backend_pid(), version = m.version + 1
  where m.id = lease_import.id;
end $$;

-- Null behind the last one.
create or replace function rules.import_part(import_id bigint, number int) returns bytea
language plpgsql stable as $$
begin
  return (select p.bytes from casework.import_parts p
    where p.import_id = import_part.import_id and p.number = import_part.number);
end $$;

-- The whole file has been read once, and can be: it has so many lines with a record.
create or replace function rules.import_counted(
  import_id bigint, lease timestamptz, lines int, lease_seconds int, out renewed timestamptz)
language plpgsql as $$
begin
  update casework.imports m
  set lines = import_counted.lines, leased_until = clock_timestamp() + lease_seconds * interval '1 s',
    leased_by = pg_backend_pid(), version = m.version + 1
  where m.id = import_id and m.leased_until = lease and m.state = 'running'
  returning m.leased_until into renewed;
end $$;

-- A worker that stops lets another one go on at once.
create or replace function rules.release_import(import_id bigint, lease timestamptz) returns boolean
language plpgsql as $$
begin
  update casework.imports m set leased_until = null
  where m.id = import_id and m.leased_until = lease and m.state = 'running';
  return found;
end $$;

-- It has ended: failed as a whole, in a sentence, or with a result for each line.
create or replace function rules.settle_import(import_id bigint, lease timestamptz, failure text) returns boolean
language plpgsql as $$
begin
  perform from casework.imports m
  where m.id = import_id and m.leased_until = lease and m.state = 'running' for no key update;
  if not found then
    return false;
  end if;
  perform rules.end_import(import_id, case when failure is null then 'finished' else 'failed' end, failure);
  return true;
end $$;

revoke execute on function rules.lease_import, rules.import_part, rules.import_counted, rules.release_import,
  rules.settle_import from public;
grant execute on function rules.lease_import, rules.import_part, rules.import_counted, rules.release_import,
  rules.settle_import to casework_worker;
