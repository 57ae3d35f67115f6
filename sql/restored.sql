-- After a backup was restored, once, before service and worker run again:
--
--   psql -X -v ON_ERROR_STOP=1 -v ahead=100000 -f sql/restored.sql "$DATABASE_URL"
--
-- The feed is in the order of transaction numbers, which a dump does not take
-- along: in a new cluster they begin anew, and what is written then would stand
-- before what there is, where neither worker nor reader looks. So the numbers
-- up to the newest in the data are used up, some seconds for each million.
--
-- And what was written after the backup is lost here and known elsewhere: case
-- numbers, webhook-ids. `ahead` is how many may have been given; none of them is
-- given again.
\if :{?ahead}
\else
  \set ahead 100000
\endif

select string_agg(format('select max(%I) as xid from %s', a.attname, a.attrelid::regclass), ' union all ') as all_numbers
from pg_attribute a
join pg_class c on c.oid = a.attrelid and c.relkind = 'r' and c.relnamespace = 'casework'::regnamespace
where a.atttypid = 'xid8'::regtype \gset

select set_config('restored.newest', coalesce(max(xid), '0')::text, false) as newest
from (:all_numbers) as v \gset

create temporary table spent (n int);

-- A subtransaction that writes uses up a number.
do $$
declare
  newest bigint := current_setting('restored.newest');
  left_over bigint;
begin
  loop
    left_over := newest - pg_snapshot_xmax(pg_current_snapshot())::text::bigint + 1;
    exit when left_over <= 0;
    for n in 1 .. least(left_over, 100000) loop
      begin
        insert into pg_temp.spent values (n);
      exception when division_by_zero then
        null;
      end;
    end loop;
    truncate pg_temp.spent;
    commit;
  end loop;
end $$;

select setval(format('casework.%I', s.sequencename)::regclass, s.last_value + :ahead)
from pg_sequences s
where s.schemaname = 'casework' and s.last_value is not null \g /dev/null
