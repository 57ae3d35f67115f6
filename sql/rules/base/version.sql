-- Which versions of the programs this database serves. A version is known by the
-- names of its migrations, which each program has with it. When rules are
-- replaced the database notes those that it has had: the rules are as old.
create table if not exists rules.version (migrations text[] not null, serves text not null);
delete from rules.version;
insert into rules.version (migrations, serves)
select array_agg(m.name order by m.name),
  -- The last migration of the oldest version that is served: the one before this.
  -- What its statements call stays as it is until this moves on.
  '052_vendor'
from casework.migrations m;

-- Why a program with these migrations does not fit; null: it does.
create or replace function rules.misfit(known text[]) returns text
language sql stable security definer set search_path = '' as $$
  select case
    when n.missing <> '{}' then pg_catalog.format('the database is older than this program: it lacks %s%s; run the migrate.sh'
      ' of this version', n.missing[1], case when pg_catalog.cardinality(n.missing) > 1
        then pg_catalog.format(' and %s more', pg_catalog.cardinality(n.missing) - 1) else '' end)
    when v.migrations <@ known or v.serves = any (known) then null
    else pg_catalog.format('the database is newer than this program: it has had %s, and serves programs from %s on',
      v.migrations[pg_catalog.cardinality(v.migrations)], v.serves) end
  from rules.version v
  cross join (
    select array(select k from pg_catalog.unnest(known) as k where k <> all (w.migrations) order by k)
    from rules.version w) as n (missing)
$$;

-- At the beginning of each session of a program.
create or replace function rules.require_version(known text[]) returns void
language plpgsql as $$
declare
  why text := rules.misfit(known);
begin
  if why is not null then
    raise exception using errcode = 'CW000', message = why;
  end if;
end $$;

revoke execute on function rules.misfit, rules.require_version from public;
grant execute on function rules.misfit, rules.require_version to casework_contact, casework_partner, casework_staff,
  casework_telephony, casework_public, casework_worker;
