-- PostgreSQL plans with statistics of a whole table, whoever asks: by EXPLAIN a
-- role would learn of rows that it may not read which values are common, and
-- where a value would stand among the others. So what people and the service
-- write freely has none, in tables that row-level security divides; left are
-- the columns that hold one of a few words, by which lists are planned. Those of
-- before are forgotten by sql/migrate.sh. case_words keeps its own: no operator
-- of tsvector uses them below row-level security, and search is planned by them.
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

-- An expression of an index has statistics too.
alter index casework.contacts_email alter column 2 set statistics 0;
