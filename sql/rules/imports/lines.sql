-- The lines of an import (3.2): a transaction for some of them, a savepoint for each.
-- They run as the administrator who sent them, below the policies of staff; so
-- what an import may do is what its sender may.

-- Seals the sender's context; only while a worker has the import in hand. False if
-- the sender is no administrator any more. As for webhooks (rules.seal_webhook_owner).
create or replace function rules.seal_importer(import_id bigint) returns boolean
language plpgsql security definer as $$
declare
  sender bigint;
begin
  select s.id into sender
  from casework.imports m join casework.staff s on m.created_by_kind = 'staff' and s.id = m.created_by_id
  where m.id = import_id and m.state = 'running' and m.leased_until > pg_catalog.clock_timestamp()
    and s.active and 'administrator' = any (s.roles);
  if sender is null then
    return false;
  end if;
  perform rules.seal('casework_staff', sender, null, null, null);
  return true;
end $$;

-- From here on the transaction is the sender's, until rules.act_as_worker.
create or replace function rules.act_as_importer(import_id bigint) returns boolean
language plpgsql as $$
begin
  if not rules.seal_importer(import_id) then
    return false;
  end if;
  perform set_config('role', 'casework_staff', true);
  return true;
end $$;

-- What a record does, by the kind of its import.
create or replace function rules.import_record(kind text, record jsonb, out result text, out resource_id text)
language plpgsql as $$
begin
  if kind = 'districts' then
    select r.result, r.resource_id into result, resource_id from rules.import_districts(record) r;
  elsif kind = 'sites' then
    select r.result, r.resource_id into result, resource_id from rules.import_sites(record) r;
  elsif kind = 'contacts' then
    select r.result, r.resource_id into result, resource_id from rules.import_contacts(record) r;
  elsif kind = 'staff' then
    select r.result, r.resource_id into result, resource_id from rules.import_staff(record) r;
  elsif kind = 'partners' then
    select r.result, r.resource_id into result, resource_id from rules.import_partners(record) r;
  elsif kind = 'assignments' then
    select r.result, r.resource_id into result, resource_id from rules.import_assignments(record) r;
  elsif kind = 'cases' then
    select r.result, r.resource_id into result, resource_id from rules.import_cases(record) r;
  else
    select r.result, r.resource_id into result, resource_id from rules.import_notes(record) r;
  end if;
end $$;

-- errors[] of a refusal, as its problem would have them.
create or replace function rules.errors_of(slug text, sentence text, extra jsonb) returns jsonb
language plpgsql immutable as $$
begin
  return coalesce(extra -> 'errors', jsonb_build_array(rules.fault('', slug, sentence)));
end $$;

-- What PostgreSQL refuses where no rule has: a race with somebody else, or a fault of ours.
create or replace function rules.errors_of_state(state text) returns jsonb
language plpgsql immutable as $$
begin
  return jsonb_build_array(case
    when state = '23505' then
      rules.fault('', 'already-exists', 'Something else has a value already that only one may have.')
    when state in ('23503', '23P01') then
      rules.fault('', 'conflict', 'This line does not go with what is there: what it refers to, or what it overlaps with.')
    else rules.fault('', 'internal-error', 'This line could not be taken; the service is at fault.') end);
end $$;

-- One record in a savepoint, which is undone if it only was to be tried; then behind
-- the earlier ones that would have been. What ails the
-- database (locks, connections, disks) is no fault of the line: then all of the batch is
-- tried again. Anything else that is no refusal is logged by its SQLSTATE.
drop function if exists rules.import_line(text, boolean, jsonb);     -- it takes earlier ones now
create or replace function rules.import_line(
  kind text, validate_only boolean, record jsonb, earlier jsonb[],
  out result text, out resource_id text, out errors jsonb, out fault text)
language plpgsql as $$
declare
  slug text;
  sentence text;
  extra text;
  made boolean := false;
  before jsonb;
begin
  foreach before in array earlier loop
    made := (select r.result = 'created' from rules.import_record(kind, before) r) or made;
  end loop;
  select r.result, r.resource_id into result, resource_id from rules.import_record(kind, record) r;
  if validate_only then
    raise exception using errcode = 'CW200';
  end if;
exception when others then
  get stacked diagnostics slug = message_text, sentence = pg_exception_detail, extra = pg_exception_hint;
  if sqlstate = 'CW200' then
    resource_id := case when not made and result <> 'created' then resource_id end;
    return;
  elsif sqlstate ~ '^(25|40|53|55|57|58|XX)' then
    raise;
  end if;
  result := 'failed';
  resource_id := null;
  if sqlstate like 'CW%' then
    errors := rules.errors_of(slug, sentence, nullif(extra, '')::jsonb);
  else
    fault := sqlstate;
    errors := rules.errors_of_state(sqlstate);
  end if;
end $$;

-- Lines in the order of the file, [{line, external_id, record, local}], local being the
-- times of the record that have no offset; of one that does not fit its schema there
-- are errors for a record. In one transaction with their results, so
-- that nothing is done twice. After half a second the rest is left for the next
-- call: others wait for what these lines have locked. The import itself is locked
-- at the end alone, so who cancels it does not wait; then these lines are undone.
create or replace function rules.import_lines(
  import_id bigint, lease timestamptz, lease_seconds int, lines jsonb,
  out state text, out taken int, out renewed timestamptz, out created int, out updated int, out unchanged int,
  out failed int, out faults text)
language plpgsql as $$
declare
  i casework.imports;
  l record;
  r record;
  results casework.import_lines[] := '{}';
  key text;
  until timestamptz := clock_timestamp() + interval '0.5 s';
begin
  select * into i from casework.imports m
  where m.id = import_id and m.leased_until = lease and m.state = 'running';
  if not found then
    state := 'lost';
    return;
  end if;
  if not rules.act_as_importer(import_id) then
    perform rules.settle_import(import_id, lease, 'Who sent this import is no active administrator any more.');
    state := 'failed';
    return;
  end if;
  for l in
    select * from jsonb_to_recordset(lines) as x (line int, external_id text, record jsonb, local jsonb, errors jsonb)
  loop
    if l.record is null then
      results := results || row (import_id, l.line, l.external_id, 'failed', null, l.errors)::casework.import_lines;
    else
      l.record := rules.plain_record(i.kind, l.record, l.local);
      key := case when i.validate_only then rules.key_of_line(l.record) end;
      r := rules.import_line(i.kind, i.validate_only, l.record,
        case when key is null then '{}' else rules.tried_before(import_id, key) end);
      if i.validate_only and r.result <> 'failed' then
        perform rules.keep_try(import_id, key, l.line, l.record);
      end if;
      results := results || row (import_id, l.line, l.external_id, r.result, r.resource_id, r.errors)::casework.import_lines;
      faults := nullif(concat_ws(' ', faults, r.fault), '');
    end if;
    exit when clock_timestamp() > until;
  end loop;
  perform rules.act_as_worker();
  insert into casework.import_lines select * from unnest(results);
  select count(*), count(*) filter (where u.result = 'created'), count(*) filter (where u.result = 'updated'),
    count(*) filter (where u.result = 'unchanged'), count(*) filter (where u.result = 'failed')
    into taken, created, updated, unchanged, failed
  from unnest(results) u;
  update casework.imports m
  set at_line = coalesce(results[cardinality(results)].line, m.at_line), created = m.created + import_lines.created,
    updated = m.updated + import_lines.updated, unchanged = m.unchanged + import_lines.unchanged,
    failed = m.failed + import_lines.failed, version = m.version + 1,
    leased_until = clock_timestamp() + lease_seconds * interval '1 s', leased_by = pg_backend_pid()
  where m.id = import_id and m.leased_until = lease and m.state = 'running'
  returning m.leased_until, m.state into renewed, state;
  if not found then
    perform rules.refuse(409, 'import-lost', 'This import was cancelled meanwhile, or is in other hands.');
  end if;
end $$;

revoke execute on function rules.seal_importer, rules.act_as_importer, rules.import_lines from public;
grant execute on function rules.seal_importer, rules.act_as_importer, rules.import_lines to casework_worker;
