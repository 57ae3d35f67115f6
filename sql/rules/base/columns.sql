-- How rows are written that requests make and change, and what history tells of a
-- change: of each table that rules.columns declares, three functions are made
-- here, at every deployment.
--
--   rules.insert_row(given)             the row as it is then
--   rules.update_row(before, after, at) what differs; version and updated_at move
--   rules.changes(before, after)        members of the event, by name
--
-- So nothing lists columns by hand, and a new one cannot be forgotten: until it is
-- declared, in columns.sql of its subject, the migration fails and says so. The
-- text that was made is shown by \sf rules.update_row(casework.cases, …).

create or replace function rules.changed(member text, old jsonb, new jsonb) returns jsonb
  language sql immutable
  return jsonb_build_object('member', member, 'old', old, 'new', new);

-- The same of two documents, for what is no row of a table.
create or replace function rules.document_changes(old jsonb, new jsonb) returns jsonb
  language sql immutable
  return (
    select coalesce(jsonb_agg(rules.changed(k.name, old -> k.name, new -> k.name) order by k.name), '[]')
    from jsonb_object_keys(new) as k (name)
    where old -> k.name is distinct from new -> k.name);

-- Every column declared, every declaration a column, and the roles that are to
-- write it hold the right to.
create or replace function rules.check_columns(of_relation text) returns void
language plpgsql as $$
declare
  wrong text;
begin
  with declared as (
    select * from rules.columns d where d.relation = of_relation
  ), present as (
    select a.attname::text as name from pg_attribute a
    where a.attrelid = format('casework.%I', of_relation)::regclass and a.attnum > 0 and not a.attisdropped
  )
  select coalesce(
      (select format('casework.%s.%s is not declared: say in columns.sql of its subject, below sql/rules, whether a new '
        'row comes with it, who writes it afterwards, and whether history tells of it', of_relation, p.name)
        from present p where p.name not in (select d.name from declared d) order by p.name limit 1),
      (select format('casework.%s has no column %s, which rules.columns declares', of_relation, d.name)
        from declared d where d.name not in (select p.name from present p) order by d.name limit 1),
      (select format('casework.%s.%s: casework_%s is to write it, and has no grant to update it', of_relation, d.name, r.kind)
        from declared d cross join unnest(d.written_by) as r (kind)
        where not has_column_privilege('casework_' || r.kind, format('casework.%I', of_relation), d.name, 'update')
        order by d.name limit 1),
      (select format('casework.%s.%s: a new row comes with it, and no role has a grant to insert it', of_relation, d.name)
        from declared d
        where d.made and not exists (
          select from unnest('{contact,partner,staff,worker}'::text[]) as r (kind)
          where has_column_privilege('casework_' || r.kind, format('casework.%I', of_relation), d.name, 'insert'))
        order by d.name limit 1))
    into wrong;
  if wrong is not null then
    raise exception '%', wrong;
  end if;
end $$;

-- Columns as "name, …" or "after.name, …"; of a row that is written, version and
-- updated_at move by themselves.
create or replace function rules.column_list(names text[], prefix text) returns text
  language sql immutable
  return (select string_agg(case
      when prefix = 'after.' and n.name = 'version' then 'before.version + 1'
      when prefix = 'after.' and n.name = 'updated_at' then 'at'
      else prefix || quote_ident(n.name) end, ', ' order by n.place)
    from unnest(names) with ordinality as n (name, place));

create or replace function rules.make_insert(of_relation text) returns void
language plpgsql as $$
declare
  names text[] := array(
    select d.name from rules.columns d where d.relation = of_relation and d.made order by d.name);
begin
  execute format('create or replace function rules.insert_row(given casework.%1$I) returns casework.%1$I
language plpgsql as $body$
begin
  insert into casework.%1$I (%2$s)
  values (%3$s)
  returning * into given;
  return given;
end $body$', of_relation, rules.column_list(names, ''), rules.column_list(names, 'given.'));
end $$;

-- One update for each group of columns that the same roles may write: the largest
-- always, since it moves the version, the others where something of them differs.
create or replace function rules.make_update(of_relation text) returns void
language plpgsql as $$
declare
  matches text := (
    select string_agg(format('s.%1$I = after.%1$I', a.attname), ' and ' order by a.attnum)
    from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
    where i.indrelid = format('casework.%I', of_relation)::regclass and i.indisprimary);
  body text;
begin
  select string_agg(case when g.place = 1 then g.statement else format(E'  if (%s) is distinct from (%s) then\n%s  end if;\n',
      rules.column_list(g.names, 'after.'), rules.column_list(g.names, 'before.'),
      regexp_replace(g.statement, '^(?=.)', '  ', 'gn')) end, '' order by g.place)
    into body
  from (
    select format(E'  update casework.%I s set (%s)\n    = row (%s)\n  where %s;\n', of_relation,
        rules.column_list(array_agg(d.name order by d.name), ''),
        rules.column_list(array_agg(d.name order by d.name), 'after.'), matches) as statement,
      array_agg(d.name order by d.name) as names,
      row_number() over (order by cardinality(d.written_by) desc, d.written_by) as place
    from rules.columns d
    where d.relation = of_relation and d.written_by <> '{}'
    group by d.written_by
  ) as g;
  execute format('create or replace function rules.update_row(
  before casework.%1$I, after casework.%1$I, at timestamptz) returns void
language plpgsql as $body$
begin
%2$send $body$', of_relation, body);
end $$;

-- Times are told in UTC, by their names.
create or replace function rules.make_changes(of_relation text) returns void
language plpgsql as $$
declare
  members text := (
    select string_agg(format(E'\n    case when before.%1$I is distinct from after.%1$I then %2$s end', d.name,
        case when d.history = 'name' then format('jsonb_build_object(''member'', %L)', d.name)
          when d.name ~ '_(at|until)$' then format(
            'rules.changed(%1$L, to_jsonb(views.utc(before.%1$I)), to_jsonb(views.utc(after.%1$I)))', d.name)
          else format('rules.changed(%1$L, to_jsonb(before.%1$I), to_jsonb(after.%1$I))', d.name) end),
      ',' order by d.name)
    from rules.columns d where d.relation = of_relation and d.history <> 'none');
begin
  execute format('create or replace function rules.changes(before casework.%1$I, after casework.%1$I) returns jsonb
language plpgsql stable as $body$
begin
  return to_jsonb(array_remove(array[%2$s], null));
end $body$', of_relation, members);
end $$;

-- The last line of each columns.sql.
create or replace procedure rules.make_writers(of_relation text)
language plpgsql as $$
begin
  perform rules.check_columns(of_relation);
  perform rules.make_insert(of_relation);
  perform rules.make_update(of_relation);
  perform rules.make_changes(of_relation);
end $$;

revoke execute on routine rules.make_writers, rules.make_insert, rules.make_update, rules.make_changes,
  rules.check_columns, rules.column_list from public;

delete from rules.columns;
