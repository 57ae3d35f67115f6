-- As 021, for the tables that came since, and for those that row-level security has
-- divided since.
do $$
declare
  c record;
begin
  for c in
    select a.attrelid::regclass as relation, a.attname as name
    from pg_attribute a
    join pg_class r on r.oid = a.attrelid and r.relkind = 'r' and r.relrowsecurity
    where r.relnamespace = 'casework'::regnamespace and a.attnum > 0 and not a.attisdropped
      and a.atttypid = any ('{text,text[],jsonb,bytea}'::regtype[])
      and a.attname !~ '(^|_)kind$'
      and a.attname <> all ('{channels,components,decision,environment,hosting,initial_priority,method,outcome,platform,
        priority,product_area,product_areas,product_version,response_priority,review_use,scope_hosting,
        scope_product_areas,scope_states,scope_versions,severity,source,state,status,status_key,survey_scope,type,
        types}'::name[])
  loop
    execute format('alter table %s alter column %I set statistics 0', c.relation, c.name);
  end loop;
end $$;

-- Expressions of indexes have statistics too.
do $$
declare
  c record;
begin
  for c in
    select i.indexrelid::regclass as relation, k.number
    from pg_index i
    join pg_class r on r.oid = i.indrelid and r.relrowsecurity
    cross join unnest(i.indkey::smallint[]) with ordinality as k (attribute, number)
    where r.relnamespace = 'casework'::regnamespace and k.attribute = 0
  loop
    execute format('alter index %s alter column %s set statistics 0', c.relation, c.number);
  end loop;
end $$;
