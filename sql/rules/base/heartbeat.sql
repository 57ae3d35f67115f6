-- Something to commit, so that the service learns whether PostgreSQL can write
-- (api/common/heartbeat.c): a message in the log that says nothing. With the owner's
-- right, since who may choose the message may fill the disk.

create or replace function rules.heartbeat() returns pg_lsn
  language sql security definer set search_path = pg_catalog
  return pg_catalog.pg_logical_emit_message(true, 'casework', 'heartbeat');

revoke execute on function rules.heartbeat() from public;
grant execute on function rules.heartbeat() to casework_public, casework_worker;
