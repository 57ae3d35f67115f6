-- Numbers that the database draws are nobody's to choose: who inserts a row with the
-- number that comes next makes the next writer fail, whoever that is, and an event
-- with another transaction's number is told too early or never. So callers insert
-- the other columns. The worker has no caller, and keeps what it has.
do $$
declare
  t record;
begin
  for t in
    select c.oid::regclass as name, r.rolname as role, string_agg(quote_ident(a.attname), ', ' order by a.attnum)
        filter (where not drawn) as columns
    from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
    cross join lateral (select a.attidentity <> ''
      or coalesce(pg_get_expr(d.adbin, d.adrelid) ~ '^(nextval|pg_current_xact_id)', false) as drawn) as n
    join pg_roles r on r.rolname in ('casework_public', 'casework_contact', 'casework_partner', 'casework_staff',
      'casework_telephony')
    where c.relnamespace = 'casework'::regnamespace and c.relkind = 'r' and has_table_privilege(r.oid, c.oid, 'insert')
    group by c.oid, r.rolname
    having bool_or(drawn)
  loop
    execute format('revoke insert on %s from %I', t.name, t.role);
    execute format('grant insert (%s) on %s to %I', t.columns, t.name, t.role);
  end loop;
end $$;
