"""What PostgreSQL's planner tells a role of rows that it may not read: nothing of
what anybody has written."""

import json

import pytest

KINDS = ("contact", "partner", "staff", "telephony", "public", "worker")

# Columns of few words of the service's own, by which it plans; domains list theirs.
WORDS = """
    channels components decision environment hosting initial_priority method
    outcome platform priority product_area product_areas product_version
    response_priority review_use scope_hosting scope_product_areas scope_states
    scope_versions severity source state status status_key survey_scope type
    types""".split()

# Everything that is no number, time, word or yes and no, and no kind of
# something, in tables of which a
# caller sees some rows, and not all. Search is planned by the words of cases; only
# operators that are not leakproof use their statistics.
FREE = """
    select r.oid as relation, r.oid::regclass::text as name,
      a.attnum as number, a.attname as column
    from pg_catalog.pg_class r
    join pg_catalog.pg_attribute a on a.attrelid = r.oid and a.attnum > 0
      and not a.attisdropped
    join pg_catalog.pg_type t on t.oid = a.atttypid
    where r.relnamespace = 'casework'::regnamespace and r.relrowsecurity
      and (t.typcategory in ('S', 'U', 'Z')
        or t.typelem <> 0 and t.typcategory = 'A' and exists (
          select from pg_catalog.pg_type e
          where e.oid = t.typelem and e.typcategory in ('S', 'U')))
      and not exists (select from pg_catalog.pg_policy p
        where p.polrelid = r.oid and p.polname = 'reader')
      and t.typtype <> 'd' and t.typname not in ('xid8', 'tsvector', 'uuid')
      and a.attname <> all (%s) and a.attname !~ '(^|_)kind$'"""


@pytest.fixture(scope="module")
def free(sql):
    sql.run("analyze")
    columns = sql.rows(FREE, WORDS)
    named = {(c["name"], c["column"]) for c in columns}
    assert {("casework.contacts", "email"), ("casework.notes", "text"),
            ("casework.cases", "subject"), ("casework.events", "changes"),
            ("casework.mails", "to_address")} <= named
    return columns


def test_every_word_is_of_a_column(sql):
    """A name that no table has any longer would let another one in."""
    assert sql.rows("""
        select w from unnest(%s::text[]) w
        where not exists (select from pg_catalog.pg_attribute a
          join pg_catalog.pg_class r on r.oid = a.attrelid
          where r.relnamespace = 'casework'::regnamespace and r.relrowsecurity
            and a.attname = w)""", WORDS) == []


def test_domains_are_lists_of_words(sql):
    assert sql.rows("""
        select t.typname from pg_catalog.pg_type t
        where t.typtype = 'd' and t.typnamespace = 'casework'::regnamespace
          and not exists (select from pg_catalog.pg_constraint c
            where c.contypid = t.oid and pg_catalog.pg_get_constraintdef(c.oid)
              ~ 'ANY')""") == []


def test_what_people_write_has_no_statistics(sql, free):
    assert sql.rows("""
        select r.relation::regclass::text, r.column from (%s) r
        join pg_catalog.pg_statistic s
          on s.starelid = r.relation and s.staattnum = r.number"""
                    .replace("%s", FREE, 1), WORDS) == []
    assert sql.rows("""
        select i.indexrelid::regclass::text as index
        from pg_catalog.pg_index i
        join pg_catalog.pg_class r on r.oid = i.indrelid
        join pg_catalog.pg_statistic s on s.starelid = i.indexrelid
        where r.relnamespace = 'casework'::regnamespace and r.relrowsecurity
          and not exists (select from pg_catalog.pg_policy p
            where p.polrelid = r.oid and p.polname = 'reader')
        """) == []
    assert sql.rows("select statistics_name from pg_catalog.pg_stats_ext"
                    " where schemaname = 'casework'") == []
    assert sql.value("select count(*) from pg_catalog.pg_stats where schemaname"
                     " = 'casework' and tablename = 'contacts'") > 3


def expected(role, relation, condition):
    plan = json.loads(role.run(
        f"explain (format json) select from {relation} where {condition}"))
    return plan[0]["Plan"]["Plan Rows"]


@pytest.mark.parametrize("kind", ["contact", "partner", "staff"])
def test_no_plan_tells_a_text_that_there_is_from_one_there_is_not(
        as_role, world, sql, kind):
    """Of many, so that statistics would know them."""
    district = world.district()
    known = [district.contact(name="Zanzibar Often") for _ in range(30)][0]
    email, = sql.rows("select email from casework.contacts where id = %s",
                      known.id)
    sql.run("analyze casework.contacts")
    role = as_role(kind)
    for column, there, nowhere in (
            ("name", "Zanzibar Often", "Zanzibar Never"),
            ("email", email["email"], "nobody@example.org"),
            ("lower(email)", email["email"].lower(), "nobody@example.org")):
        for operator in ("=", "<", ">=", "<>"):
            assert expected(role, "casework.contacts",
                            f"{column} {operator} '{there}'") == expected(
                role, "casework.contacts",
                f"{column} {operator} '{nowhere}'"), (column, operator)


@pytest.mark.parametrize("kind", KINDS)
def test_no_plan_shows_where_a_text_stands(as_role, free, kind):
    """Of any column that the role may name: below one text as many rows as
    below another, and as many without one."""
    role = as_role(kind)
    tried = 0
    for column in role.rows("""
            select c.relation, c.name, c.type from json_to_recordset(%s)
              as j (name text, "column" text)
            join lateral (select j.name as relation, j."column" as name,
              format_type(a.atttypid, null) as type
              from pg_catalog.pg_attribute a
              where a.attrelid = j.name::regclass and a.attname = j."column"
            ) as c on c.type = 'text'
            where pg_catalog.has_column_privilege(c.relation, c.name, 'select')
            """, json.dumps(free)):
        rows = {expected(role, column["relation"],
                         f"{column['name']} {condition}")
                for condition in ("< '!'", "< 'h'", "< '~'", "< '\u9000'")}
        assert len(rows) == 1, (column, rows)
        tried += 1
    assert tried > 20 or kind in ("telephony", "public", "worker")
