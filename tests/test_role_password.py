"""What somebody with nothing but the password of a role cannot do to others,
besides reading what is theirs (test_tenancy)."""

import pytest

KINDS = ("contact", "partner", "staff", "telephony", "public", "worker")
MAY_NOT = "42501"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("statement", [
    "select lo_creat(-1)",
    "select lo_create(0)",
    "select lo_from_bytea(0, '\\x00')",
    "select pg_cancel_backend(pg_backend_pid())",
    "select pg_terminate_backend(pg_backend_pid())",
    "set temp_file_limit = -1",
    "create temporary table t ()",
    "select pg_logical_emit_message(false, 'x', 'x')",
    "select pg_logical_emit_message(true, 'x', '\\x00'::bytea)",
    "copy (select 1) to program 'true'",
    "select pg_read_file('/etc/passwd')",
    "create table casework.t ()"])
def test_a_role_may_not(as_role, kind, statement):
    assert as_role(kind).fails(statement) == MAY_NOT


@pytest.mark.parametrize("kind", KINDS)
def test_a_role_writes_files_of_a_bounded_size(as_role, kind):
    role = as_role(kind)
    assert role.run("show temp_file_limit") == "1GB"


@pytest.mark.parametrize("kind", ["contact", "partner", "telephony", "public"])
def test_a_role_keeps_nobody_from_cases_notes_and_people(as_role, kind):
    role = as_role(kind)
    for table in ("cases", "notes", "contacts", "districts", "events",
                  "attachments", "idempotency_keys", "incidents"):
        assert role.fails(f"lock table casework.{table} in exclusive mode"
                          ) == MAY_NOT, table


def test_a_role_holds_no_row_that_it_does_not_see(as_role, contact):
    """Nor its own, while nobody calls."""
    contact.submit()
    role = as_role("contact")
    assert role.rows("select id from casework.cases") == []
    assert role.acting("select id from casework.cases for update") == []


# -- numbers ---------------------------------------------------------------

DRAWN = """
    select c.relname || '.' || a.attname as name
    from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
    left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
    where c.relnamespace = 'casework'::regnamespace and c.relkind = 'r'
      and (a.attidentity <> ''
        or pg_get_expr(d.adbin, d.adrelid) ~ '^(nextval|pg_current_xact_id)')
      and has_any_column_privilege(%s, c.oid, 'insert')
      and (%s or has_column_privilege(%s, c.oid, a.attnum, 'insert'))
    order by 1"""


@pytest.mark.parametrize("kind", ["contact", "partner", "staff", "telephony",
                                  "public"])
def test_nobody_chooses_a_number_that_is_drawn(sql, kind):
    """Whoever took the next one would make the writes of others fail."""
    role = f"casework_{kind}"
    if kind != "public":
        assert sql.rows(DRAWN, role, True, role), "it does insert"
    assert sql.rows(DRAWN, role, False, role) == []


@pytest.mark.parametrize("column", ["id", "feed_id", "xid"])
def test_nor_in_its_own_name(as_role, contact, column):
    """As SQL that is slipped into a request of its own."""
    role = as_role("contact")
    insert = ("insert into casework.desk_events ({}type, at, actor_kind,"
              " actor_id, actor_name, owner_kind, owner_id, resource, changes)"
              " overriding system value values ({}'webhook.created', now(),"
              " 'contact', {id}, 'x', 'contact', {id}, '1', '[]')")
    assert role.fails(insert.format("", "", id=contact.id),
                      caller_id=contact.id) is None
    assert role.fails(insert.format(column + ", ", "'9000000', ",
                                    id=contact.id),
                      caller_id=contact.id) == MAY_NOT
