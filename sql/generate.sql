-- Adds generated cases for benchmarks: psql -v cases=200000 -f sql/generate.sql
-- 200 further districts (ids from 100001), five contacts each, a note and two
-- events per case; every run adds as many again. Prints progress.
\set ON_ERROR_STOP on
\if :{?cases}
\else
  \set cases 10000
\endif
set role casework_owner;
set timezone = 'UTC';
set synchronous_commit = off;
set client_min_messages = notice;

begin;
insert into casework.districts (id, name, state, hosting)
select 100000 + i, 'Generated District ' || i, 'MN', case when i % 4 = 0 then 'self_hosted' else 'campus_hosted' end
from generate_series(1, 200) as i
on conflict do nothing;

insert into casework.contacts (id, district_id, name, email)
select 100000 + i, 100001 + (i - 1) / 5, 'Generated Contact ' || i, 'contact' || i || '@generated.example'
from generate_series(1, 1000) as i
on conflict do nothing;

insert into casework.staff (id, name, role)
select 100000 + i, 'Generated Advisor ' || i, 'advisor' from generate_series(1, 20) as i
on conflict do nothing;
commit;

-- Case i belongs to contact 100001 + i % 1000, was submitted some time in the
-- past year, and every 1000 cases share a status (i / 1000 % 7 = 1: assigned).
create or replace procedure pg_temp.generate(first bigint, last bigint)
language plpgsql as $$
begin
  create temporary table batch on commit drop as
  select nextval(pg_get_serial_sequence('casework.cases', 'id')) as id, i,
    100001 + i % 1000 as contact_id, 100001 + (i % 1000) / 5 as district_id,
    date_trunc('second', rules.now() - (i * 7919 % 31536000) * interval '1 second' - interval '2 days') as submitted_at,
    (array['new', 'assigned', 'closed', 'closed', 'pending_customer_input', 'assigned', 'closed']
      )[1 + i / 1000 % 7] as status,
    (array['critical', 'high', 'medium', 'medium', 'medium', 'medium', 'medium', 'low'])[1 + i % 8] as priority
  from generate_series(first, last) as i;

  insert into casework.cases (id, district_id, contact_id, submitted_by_kind, submitted_by_id, submitted_by_name,
    type, subject, description, replication_steps, product_area, priority, initial_priority, status, channel,
    support_provider, assigned_advisor_id, assigned_advisor_name, closed_at, closed_by_kind, closed_by_id, closed_by_name, closure_reason,
    reopen_until, response_priority, response_seconds, response_started_at, response_position, response_due_at,
    first_response_at, response_elapsed, response_missed, submitted_at, created_at, updated_at)
  overriding system value
  select b.id, b.district_id, b.contact_id, 'contact', b.contact_id, c.name,
    'problem', 'Generated case number ' || b.i, repeat('What happens is described here. ', 8),
    repeat('First do this, then that. ', 4),
    (array['grade_book', 'scheduling', 'attendance', 'state_reporting'])[1 + b.i % 4],
    b.priority, b.priority, b.status, 'portal', 'campus',
    case when b.status <> 'new' then 100001 + b.i % 20 end,
    case when b.status <> 'new' then 'Generated Advisor ' || 1 + b.i % 20 end,
    z.at, z.kind, z.id, z.name, z.reason, rules.reopen_until(z.at),
    b.priority, l.business_seconds, b.submitted_at, p.position, d.due_at,
    a.at, rules.business_position(a.at) - p.position, coalesce(a.at > d.due_at, false),
    b.submitted_at, b.submitted_at, coalesce(z.at, a.at, b.submitted_at)
  from batch b
  join casework.contacts c on c.id = b.contact_id
  join casework.service_levels l on l.priority = b.priority
  cross join lateral (select rules.business_position(b.submitted_at) as position) as p
  cross join lateral (
    select rules.business_instant(p.position + l.business_seconds * 1000000::bigint) as due_at) as d
  left join lateral (
    select b.submitted_at + interval '1 hour' as at where b.status <> 'new') as a on true
  left join lateral (
    select b.submitted_at + interval '1 day' as at, 'contact' as kind, b.contact_id as id, c.name,
      'resolved_confirmed' as reason where b.status = 'closed') as z on true;

  insert into casework.notes (district_id, case_id, visibility, text, author_kind, author_id, author_name, created_at)
  select b.district_id, b.id, 'public', 'Generated note.', 'staff', 100001 + b.i % 20,
    'Generated Advisor ' || 1 + b.i % 20, b.submitted_at + interval '1 hour'
  from batch b where b.status <> 'new';

  insert into casework.events (xid, district_id, case_id, type, at, actor_kind, actor_id, actor_name, changes)
  select '0', b.district_id, b.id, 'case.submitted', b.submitted_at, 'contact', b.contact_id, c.name, '[]'
  from batch b join casework.contacts c on c.id = b.contact_id;
  insert into casework.events (xid, district_id, case_id, type, at, actor_kind, actor_id, actor_name, changes)
  select '0', b.district_id, b.id, 'case.closed', b.submitted_at + interval '1 day', 'contact', b.contact_id, c.name,
    '[{"member": "status", "old": "assigned", "new": "closed"}]'
  from batch b join casework.contacts c on c.id = b.contact_id where b.status = 'closed';
end $$;

-- Procedures cannot print between commits quietly, so each batch is one
-- transaction and one line.
select format('call pg_temp.generate(%s, %s)', first, least(first + 19999, :cases)),
  format('select %L as progress', format('%s of %s cases', least(first + 19999, :cases), :cases))
from generate_series(1, :cases, 20000) as first
\gexec

vacuum analyze casework.districts, casework.contacts, casework.staff, casework.cases, casework.notes, casework.events,
  casework.case_words, casework.note_words;
select count(*) || ' cases in the database' as done from casework.cases;
