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
