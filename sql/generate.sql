-- Adds generated cases for benchmarks: psql -v cases=200000 -f sql/generate.sql
-- 200 further districts (ids from 100001) in five states with five contacts each, 60
-- advisors, a partner of 40 districts and a State Department. A case has four notes
-- and six events on average, texts of words that are as frequent as those of people,
-- and one of twenty is open. Every run adds as many again. Prints progress.
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
select 100000 + i, 'Generated District ' || i, (array['MN', 'WI', 'IA', 'KS', 'CO'])[1 + i % 5],
  case when i % 4 = 0 then 'self_hosted' else 'campus_hosted' end
from generate_series(1, 200) as i
on conflict do nothing;

insert into casework.contacts (id, district_id, name, email)
select 100000 + i, 100001 + (i - 1) / 5, 'Generated Contact ' || i, 'contact' || i || '@generated.example'
from generate_series(1, 1000) as i
on conflict do nothing;

-- The first twenty take every area, each of the others two.
insert into casework.staff (id, name, role, product_areas)
select 100000 + i, 'Generated Advisor ' || i, 'advisor', case when i > 20 then array(
  select a.code from casework.product_areas a order by (a.position + i) % 8, a.position limit 2) end
from generate_series(1, 60) as i
on conflict do nothing;

insert into casework.partners (id, name, kind, owner, state)
values (100001, 'Generated Partner', 'esa', 'Support', null),
  (100002, 'Generated Department of Education', 'state_department', 'Support', 'MN')
on conflict do nothing;
insert into casework.partner_districts (partner_id, district_id)
select 100001, 100000 + i * 5 from generate_series(1, 40) as i
where not exists (select from casework.partner_districts d where d.partner_id = 100001);
commit;

-- One of n, by number and purpose: the same in every run.
create function pg_temp.pick(i bigint, purpose int, n int) returns int
  language sql immutable
  return (hashint8extended(i, purpose) & 2147483647)::int % n;

-- Words by rank: a word of rank r comes 1/r as often as the first one. First those
-- of the trade, then such as names are made of.
create temporary table vocabulary as
select w.rank, w.word
from unnest(string_to_array(
  'the to a is in of and not we for it on student when this grade that are report after error can was with section you '
  'have page teacher but no term please they save shows score as all course screen from still see enrollment be '
  'schedule at attendance district missing parent print has period our try log does message school value import user '
  'calendar only file update data some portal mark work button field wrong change list tool list view server click '
  'state date code email open total new setting access post class test family record transcript right export browser '
  'blank loading census address task version rule upload program billing meal lunch balance roster count column role '
  'template filter household guardian credit standard category assignment average comment behavior event health visit '
  'transfer withdrawal entry exit special education plan fee payment registration application staff password timeout '
  'crash slow duplicate locked permission archive sync extract deadline audit queue letter label format sorting',
  ' ')) with ordinality as w (word, rank)
union all
select 180 + r, concat(
  split_part('ba lo mi tar ven sko dru pel gan fir hol jas kem nor rus wil tos yan zed qua', ' ', 1 + r % 20),
  split_part('ra le nim tor das buk fel gor hin jep kul mas por ret sim tun vak wes xal zon', ' ', 1 + r / 20 % 20),
  split_part('a en ix ol um ar et is on ud ake ell ist orn ump ank erd ice olt ung', ' ', 1 + r / 400 % 20))
from generate_series(1, 5820) as r;
create unique index on vocabulary (rank);

-- Sentences and titles of them, and their words as the rules make them.
create temporary table sentences (n int primary key, text text, words tsvector);
create temporary table titles (n int primary key, text text, words tsvector);
select setseed(0.5);
create temporary table drawn as
select s, w, least(1 + floor(exp(random() * ln(6000)))::int, 6000) as rank
from generate_series(0, 24999) as s cross join generate_series(1, 12) as w;
insert into sentences
select t.s, t.text, rules.word_vector(t.text) from (
  select d.s, string_agg(v.word, ' ' order by d.w) || '.' as text
  from drawn d join vocabulary v on v.rank = d.rank where d.s < 20000 group by d.s) as t;
insert into titles
select t.s - 20000, t.text, rules.word_vector(t.text) from (
  select d.s, string_agg(v.word, ' ' order by d.w) as text
  from drawn d join vocabulary v on v.rank = d.rank where d.s >= 20000 and d.w <= 5 group by d.s) as t;
analyze sentences, titles;

-- Case i belongs to contact 100001 + i % 1000; of 20000 the second thousand is open,
-- submitted in the last thirty days, the others one after the other in the last year.
-- The words are put together from those of the sentences, which is what the triggers
-- would come to.
create or replace procedure pg_temp.generate(first bigint, last bigint, cases bigint)
language plpgsql as $$
begin
  alter table casework.cases disable trigger keep_words;
  alter table casework.notes disable trigger keep_words;

  create temporary table batch on commit drop as
  select nextval(pg_get_serial_sequence('casework.cases', 'id')) as id, i,
    100001 + i % 1000 as contact_id, 100001 + (i % 1000) / 5 as district_id, o.open,
    date_trunc('second', rules.now() - case when o.open then pg_temp.pick(i, 1, 2592000) * interval '1 second'
      else (cases - i)::float8 / cases * interval '1 year' + interval '2 days' end) as submitted_at,
    case when not o.open then 'closed' else (array['new', 'assigned', 'assigned', 'pending_customer_input',
      'assist_request', 'assigned', 'new', 'pending_customer_input'])[1 + pg_temp.pick(i, 2, 8)] end as status,
    (array['critical', 'high', 'high', 'medium', 'medium', 'medium', 'medium', 'low'])[1 + pg_temp.pick(i, 3, 8)]
      as priority,
    (array['grade_book', 'scheduling', 'attendance', 'online_registration', 'point_of_sale', 'state_reporting',
      'hosting', 'other', null])[1 + pg_temp.pick(i, 4, 9)] as product_area,
    100001 + pg_temp.pick(i, 5, 60) as advisor_id
  from generate_series(first, last) as i
  cross join lateral (select i / 1000 % 20 = 1 as open) as o;

  with texts as (
    select b.i, t.text as title, t.words as title_words, concat_ws(' ', s1.text, s2.text) as description,
      s3.text || ' Error ' || e.code as steps, s1.words || s2.words || s3.words as words, e.code
    from batch b
    join titles t on t.n = pg_temp.pick(b.i, 6, 5000)
    join sentences s1 on s1.n = pg_temp.pick(b.i, 7, 20000)
    join sentences s2 on s2.n = pg_temp.pick(b.i, 8, 20000)
    join sentences s3 on s3.n = pg_temp.pick(b.i, 9, 20000)
    cross join lateral (select '0x' || lpad(to_hex(pg_temp.pick(b.i, 10, 500000)), 8, '8013') as code) as e
  ), made as (
    insert into casework.cases (id, district_id, contact_id, submitted_by_kind, submitted_by_id, submitted_by_name,
      type, subject, description, replication_steps, product_area, priority, initial_priority, status, channel,
      support_provider, assigned_advisor_id, assigned_advisor_name, closed_at, closed_by_kind, closed_by_id,
      closed_by_name, closure_reason, reopen_until, response_priority, response_seconds, response_started_at,
      response_position, response_due_at,
      first_response_at, response_elapsed, response_missed, submitted_at, created_at, updated_at, shared_with_state_at)
    overriding system value
    select b.id, b.district_id, b.contact_id, 'contact', b.contact_id, c.name,
      'problem', 'Generated case number ' || b.i || ': ' || x.title, x.description, x.steps, b.product_area,
      b.priority, b.priority, b.status, 'portal', 'campus',
      case when b.status <> 'new' then b.advisor_id end,
      case when b.status <> 'new' then 'Generated Advisor ' || b.advisor_id - 100000 end,
      z.at, z.kind, z.id, z.name, z.reason, rules.reopen_until(z.at),
      b.priority, l.business_seconds, b.submitted_at, p.position, d.due_at,
      a.at, rules.business_position(a.at) - p.position, coalesce(a.at > d.due_at, false),
      b.submitted_at, b.submitted_at, coalesce(z.at, a.at, b.submitted_at),
      case when b.product_area = 'state_reporting' and b.i % 2 = 0 then b.submitted_at end
    from batch b
    join texts x on x.i = b.i
    join casework.contacts c on c.id = b.contact_id
    join casework.service_levels l on l.priority = b.priority
    cross join lateral (select rules.business_position(b.submitted_at) as position) as p
    cross join lateral (
      select rules.business_instant(p.position + l.business_seconds * 1000000::bigint) as due_at) as d
    left join lateral (
      select b.submitted_at + interval '1 hour' as at where b.status <> 'new') as a on true
    left join lateral (
      select b.submitted_at + interval '1 day' as at, 'contact' as kind, b.contact_id as id, c.name,
        'resolved_confirmed' as reason where b.status = 'closed') as z on true
    order by b.submitted_at
  )
  insert into casework.case_words (case_id, district_id, words, outdated)
  select b.id, b.district_id,
    setweight(rules.word_vector('Generated case number ' || b.i) || x.title_words || rules.word_vector(b.id::text), 'A')
      || setweight(x.words || rules.word_vector('Error ' || x.code), 'B'), false
  from batch b join texts x on x.i = b.i;

  -- None to eight, of the contact and of the advisor in turn; every sixth is internal.
  create temporary table said on commit drop as
  select nextval(pg_get_serial_sequence('casework.notes', 'id')) as id, b.id as case_id, b.district_id, s.text, s.words,
    case when k.n % 2 = 0 then 'contact' else 'staff' end as kind,
    case when k.n % 2 = 0 then b.contact_id else b.advisor_id end as author_id,
    case when k.n % 2 = 0 then 'Generated Contact ' || b.contact_id - 100000
      else 'Generated Advisor ' || b.advisor_id - 100000 end as author,
    case when k.n % 2 = 1 and pg_temp.pick(b.i, 20 + k.n, 3) = 0 then 'internal' else 'public' end as visibility,
    b.submitted_at + k.n * interval '1 hour' as at
  from batch b
  cross join lateral generate_series(1, case when b.status = 'new' then 0 else pg_temp.pick(b.i, 11, 9) end) as k (n)
  join sentences s on s.n = pg_temp.pick(b.i, 100 + k.n, 20000)
  order by at;

  insert into casework.notes (id, district_id, case_id, visibility, text, author_kind, author_id, author_name,
    created_at)
  overriding system value
  select n.id, n.district_id, n.case_id, n.visibility, n.text, n.kind, n.author_id, n.author, n.at from said n;
  insert into casework.note_words (note_id, district_id, case_id, visibility, words)
  select n.id, n.district_id, n.case_id, n.visibility, setweight(n.words, 'C') from said n;

  insert into casework.events (xid, district_id, case_id, note_id, type, at, actor_kind, actor_id, actor_name,
    visibility, changes)
  select '0', e.* from (
    select b.district_id, b.id, null::bigint, 'case.submitted', b.submitted_at as at, 'contact', b.contact_id,
      'Generated Contact ' || b.contact_id - 100000, 'public', '[]'::jsonb
    from batch b
    union all
    select n.district_id, n.case_id, n.id, 'case.note_added', n.at, n.kind, n.author_id, n.author, n.visibility, '[]'
    from said n
    union all
    select b.district_id, b.id, null, 'case.closed', b.submitted_at + interval '1 day', 'contact', b.contact_id,
      'Generated Contact ' || b.contact_id - 100000, 'public',
      '[{"member": "status", "old": "assigned", "new": "closed"}]'
    from batch b where b.status = 'closed') as e
  order by e.at;

  alter table casework.cases enable trigger keep_words;
  alter table casework.notes enable trigger keep_words;
end $$;

-- An index of words is made in a third of the time that it takes to grow it.
create temporary table indexes as
select c.oid::regclass::text as name, pg_get_indexdef(c.oid) as definition, (
  select string_agg(format('alter index %s alter column %s set statistics 0', c.oid::regclass, a.attnum), ';')
  from pg_attribute a where a.attrelid = c.oid and a.attstattarget = 0) as statistics
from pg_index i
join pg_class c on c.oid = i.indexrelid
join pg_am m on m.oid = c.relam and m.amname = 'gin'
where i.indrelid in ('casework.case_words'::regclass, 'casework.note_words'::regclass) and :cases >= 50000;
set maintenance_work_mem = '1GB';
select 'drop index ' || name from indexes
\gexec

-- Procedures cannot print between commits quietly, so each batch is one
-- transaction and one line.
select format('call pg_temp.generate(%s, %s, %s)', first, least(first + 19999, :cases), :cases),
  format('select %L as progress', format('%s of %s cases', least(first + 19999, :cases), :cases))
from generate_series(1, :cases, 20000) as first
\gexec

select definition, statistics from indexes
\gexec
vacuum analyze casework.districts, casework.contacts, casework.staff, casework.cases, casework.notes, casework.events,
  casework.case_words, casework.note_words;
select count(*) || ' cases in the database' as done from casework.cases;
