-- Who ends identities tells of each (3.2): the worker too, where an assignment ends.
create policy worker_write on casework.audit_values for insert to casework_worker with check (true);
grant insert on casework.audit_values to casework_worker;
grant select (issuer_id, subject) on casework.identities to casework_worker;
