-- Who ends identities tells of each (3.2): the worker too, where an assignment ends.
create policy worker_write on casework.audit_values for insert to casework_worker with check (true);
grant insert on casework.audit_values to casework_worker;
grant select (issuer_id, subject) on casework.identities to casework_worker;

-- Whether Support has written a contact's address: only then does it link a sign-in.
-- Of those that there are, what contacts have changed themselves is not.
alter table casework.contacts add column email_confirmed boolean not null default true;
grant update (email_confirmed) on casework.contacts to casework_staff;
update casework.contacts c set email_confirmed = false
from (
  select distinct on (e.contact_id) e.contact_id, coalesce(e.behalf_kind, e.actor_kind) as kind
  from casework.events e
  where e.type in ('contact.created', 'contact.updated') and e.changes @> '[{"member": "email"}]'
  order by e.contact_id, e.id desc) as last
where last.contact_id = c.id and last.kind = 'contact';
