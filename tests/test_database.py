"""The second line: what PostgreSQL itself lets each role see and do."""

import pytest


def test_row_level_security_is_forced_on_every_table_of_a_district(sql):
    tables = sql.rows("""
        select c.relname as name,
               c.relrowsecurity and c.relforcerowsecurity as safe,
               pg_get_userbyid(c.relowner) as owner
        from pg_class c
        join pg_attribute a on a.attrelid = c.oid
          and a.attname = 'district_id' and not a.attisdropped
        join pg_namespace n on n.oid = c.relnamespace
        where c.relkind in ('r', 'p') and n.nspname in ('casework', 'rules')
        """)
    assert len(tables) >= 6
    assert [t["name"] for t in tables if not t["safe"]] == []
    assert {t["owner"] for t in tables} == {"casework_owner"}


def test_the_owner_never_logs_in_and_services_own_nothing(sql):
    roles = {r["rolname"]: r for r in sql.rows(
        "select rolname, rolcanlogin, rolsuper, rolbypassrls, rolcreaterole,"
        " rolcreatedb from pg_roles where rolname like 'casework_%'")}
    assert roles["casework_owner"]["rolcanlogin"] is False
    for kind in ("contact", "partner", "staff", "telephony", "public",
                 "worker"):
        role = roles["casework_" + kind]
        assert role["rolcanlogin"] is True
        assert not any(role[f] for f in ("rolsuper", "rolbypassrls",
                                         "rolcreaterole", "rolcreatedb"))
    owned = sql.value(
        "select count(*) as n from pg_class where"
        " pg_get_userbyid(relowner) ~ '^casework_(contact|partner|staff|"
        "telephony|public|worker)$'")
    assert owned == 0


TABLES = ("casework.cases", "casework.notes", "casework.events",
          "casework.contacts", "casework.districts", "casework.sites",
          "casework.response_cycles", "casework.change_requests",
          "casework.site_permissions", "casework.site_accesses")


@pytest.mark.parametrize("kind", ["contact", "partner"])
def test_a_role_without_a_caller_sees_no_row(case, as_role, kind):
    """The connection forgot nothing, because it never knew: fail closed."""
    role = as_role(kind)
    for table in TABLES:
        assert role.acting(f"select 1 from {table} limit 1") == [], table


@pytest.mark.parametrize("kind", ["telephony", "public"])
def test_telephony_and_the_public_have_no_way_to_cases(
        case, as_role, kind):
    role = as_role(kind)
    for table in TABLES:
        assert role.fails(f"select 1 from {table} limit 1") == "42501", table


def test_a_contact_s_role_sees_its_district_whatever_the_sql(
        case, stranger, as_role):
    other = stranger.submit()
    role = as_role("contact")
    who = {"caller_id": case.submitter.id,
           "district_id": case.submitter.district.id}
    for table in TABLES:
        column = "id" if table == "casework.districts" else "district_id"
        seen = role.acting(f"select distinct {column} as d from {table}",
                           **who)
        assert {row["d"] for row in seen} <= {case.submitter.district.id}
    assert role.acting("select id from casework.cases", **who) == [
        {"id": case.id}]
    assert role.acting(
        "update casework.cases set impact = 'x' where id = %s returning id",
        other.id, **who) == []
    assert role.fails(
        "update casework.cases set district_id = %s where id = %s",
        stranger.district.id, case.id, **who) == "42501"
