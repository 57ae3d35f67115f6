"""sql/migrate.sh while others are at work: nobody waits behind it, a step that
is interrupted is taken again, and who may migrate."""

import contextlib
import re
import uuid

import pytest

from fixtures_migrating import begin_migrating, is_refused, migrate, up_to_date
from instance import ROOT, until
from sql import Psql, SqlError

pytestmark = pytest.mark.direct
SQL = ROOT / "sql"
ROLES = ("owner", "contact", "partner", "staff", "telephony", "public",
         "worker")


def add_migration(copy, name, text):
    (copy / "schema" / f"{name}.sql").write_text(text + "\n")


@pytest.fixture
def other(changing):
    session = Psql(changing.url)
    yield session
    session.close()


def is_well(begun):
    said, complained = begun.communicate(timeout=300)
    assert (begun.returncode, complained) == (0, ""), said


def rules_of(database):
    return database.value("select xmin::text from rules.version")


def test_rules_are_replaced_while_others_read_views_and_write_tables(
        changing, other):
    """One transaction has read every view and may write every table: the new
    rules are in force while it is still open."""
    for kind, schema, lock in (
            ("v", "views", "select count(*) from (select from {} limit 0) t"),
            ("r", "casework", "lock table {} in row exclusive mode")):
        if kind == "v":
            other.run("begin")
        for name in changing.rows(
                "select c.oid::regclass::text as name from pg_class c"
                " where relkind = %s and relnamespace = %s::regnamespace",
                kind, schema):
            other.run(lock.format(name["name"]))
    before = rules_of(changing)
    begun = begin_migrating(SQL, changing.url)
    until(lambda: rules_of(changing) != before)
    changing.run("set statement_timeout = '10s';"
                 " select count(*) from views.case_document")
    other.run("commit")
    is_well(begun)
    assert changing.value(
        "select to_regnamespace('views_before') is null as gone")


def test_who_writes_does_not_wait_behind_a_migration_that_waits(
        copy, changing, other):
    add_migration(copy, "099_test", "alter table casework.timer_faults"
                                    " add column motto text;")
    other.run("begin; select count(*) from casework.timer_faults")
    begun = begin_migrating(copy, changing.url)
    until(lambda: changing.value(
        "select count(*) from pg_locks where relation ="
        " 'casework.timer_faults'::regclass and not granted") == 1)
    changing.run("set lock_timeout = '5s'")
    for number in range(10):
        changing.run("update casework.timer_faults set item = %s"
                     " where false", number)
    assert begun.poll() is None
    other.run("commit")
    is_well(begun)
    assert changing.rows("select motto from casework.timer_faults") == []


def test_a_lock_that_is_never_free_ends_it_and_nothing_is_half_done(
        copy, changing, other):
    add_migration(copy, "098_first", "create table casework.first ();")
    add_migration(copy, "099_test", "create table casework.second ();"
                  " alter table casework.timer_faults add column motto text;")
    other.run("begin; select count(*) from casework.timer_faults")
    is_refused(migrate(copy, changing.url, LOCK_SECONDS="1"), "099_test",
               "lock timeout")
    other.run("commit")
    assert changing.row("select to_regclass('casework.first') is not null as a,"
                        " to_regclass('casework.second') is null as b"
                        ) == {"a": True, "b": True}
    is_well(begin_migrating(copy, changing.url))


def test_an_index_that_was_left_half_made_is_made_again(copy, changing):
    add_migration(copy, "099_test", "-- concurrently\ncreate unique index"
                  " concurrently if not exists names on casework.districts"
                  " (name);")
    twins = ("insert into casework.districts (name, state, hosting)"
             " select 'Twin', 'MN', 'campus_hosted'"
             " from generate_series(1, 2)")
    changing.run(twins)
    is_refused(migrate(copy, changing.url), "099_test",
               "could not create unique index")
    assert changing.value("select indisvalid from pg_index where indexrelid ="
                          " 'casework.names'::regclass") is False
    changing.run("delete from casework.districts where name = 'Twin'")
    is_well(begin_migrating(copy, changing.url))
    assert changing.value("select indisvalid from pg_index where indexrelid ="
                          " 'casework.names'::regclass") is True


def test_a_backfill_is_many_transactions(copy, changing):
    changing.run("insert into casework.timer_faults (timer, item, last_error,"
                 " retry_at) select 'none', n, '', now()"
                 " from generate_series(1, 25) n")
    add_migration(copy, "098_test", "alter table casework.timer_faults"
                                    " add column motto text;")
    add_migration(copy, "099_test", "-- in batches\nupdate"
                  " casework.timer_faults set motto = 'none' where item in"
                  " (select item from casework.timer_faults"
                  " where motto is null limit 10);")
    is_well(begin_migrating(copy, changing.url))
    assert changing.rows(
        "select count(*) as n from casework.timer_faults where motto = 'none'"
        " group by xmin::text order by 1") == [
            {"n": 5}, {"n": 10}, {"n": 10}]


def test_two_at_once_are_one_after_the_other(copy, changing):
    add_migration(copy, "099_test", "create table casework.once ();")
    begun = [begin_migrating(copy, changing.url) for _ in range(2)]
    for one in begun:
        is_well(one)


# -- who migrates ----------------------------------------------------------

@contextlib.contextmanager
def no_roles(session):
    """As in a cluster in which there has never been a casework."""
    for role in ROLES:
        session.run(f"alter role casework_{role} rename to before_{role}")
    try:
        yield
    finally:
        for role in ROLES:
            session.run(f"drop role if exists casework_{role}")
            session.run(f"alter role before_{role} rename to casework_{role}")


@pytest.fixture
def plain_owner(cluster):
    """A user who may make roles and owns a database, and nothing else; as
    docker/README.md makes it."""
    name = "owner_" + uuid.uuid4().hex
    admin = Psql(cluster.owner_url)
    book = (ROOT / "docker" / "README.md").read_text(encoding="utf-8")
    (made,) = re.findall(r"^ *(create role \w+ login createrole.*?;) *$"
                         r"\s*(create database .*?;)", book, re.M | re.S)
    with no_roles(admin):
        for statement in made:
            admin.run(re.sub(r"\bcasework\b|\bmigrator\b", name, statement))
        admin.run(f"alter role {name} password 'secret'")
        yield re.sub(r"postgres@(/)casework\?(.*)&passfile=.*",
                     rf"{name}:secret@\1{name}?\2", cluster.owner_url)
        admin.run(f"drop database {name}")
    admin.run(f"drop role {name}")
    admin.close()


def test_an_owner_who_is_no_superuser_migrates(plain_owner):
    is_well(begin_migrating(SQL, plain_owner,
                            CASEWORK_CONTACT_PASSWORD="known"))
    is_well(begin_migrating(SQL, plain_owner))
    session = Psql(plain_owner)
    assert session.value("select rolsuper from pg_roles"
                         " where rolname = current_user") is False
    assert session.value("select count(*) from views.case_document") == 0
    contact = Psql(re.sub(r"//.*?@", "//casework_contact:known@", plain_owner))
    assert contact.run("select current_user") == "casework_contact"
    contact.close()
    session.close()


def test_a_role_that_a_version_adds_gets_its_password(copy, cluster):
    script = copy / "migrate.sh"
    with up_to_date(cluster) as database:
        script.write_text(script.read_text().replace(
            "public worker)", "public worker auditor)"))
        is_refused(migrate(copy, database.url), "casework_auditor",
                   "CASEWORK_AUDITOR_PASSWORD")
        assert database.value("select count(*) from pg_roles where rolname"
                              " = 'casework_auditor'") == 0
        is_well(begin_migrating(copy, database.url,
                                CASEWORK_AUDITOR_PASSWORD="new"))
        try:
            url = re.sub(r"postgres@(.*)&passfile=.*",
                         r"casework_auditor:{}@\1", database.url)
            auditor = Psql(url.format("new"))
            assert auditor.run("select current_user") == "casework_auditor"
            auditor.close()
            is_well(begin_migrating(copy, database.url))    # it is no new one
            with pytest.raises(SqlError, match="password"):
                Psql(url.format("other")).run("select 1")
        finally:
            database.run("drop owned by casework_auditor;"
                         " drop role casework_auditor")
