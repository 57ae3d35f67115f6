"""sql/migrate.sh: what it refuses, before it has changed anything."""

import os
import re
import shutil
import subprocess
import uuid

import pytest

from instance import ROOT, Instance
from rules import WANTED
from sql import Psql

pytestmark = pytest.mark.direct


@pytest.fixture
def copy(tmp_path):
    """A copy of sql/ that a test may spoil."""
    return shutil.copytree(ROOT / "sql", tmp_path / "sql")


def migrate(folder, url):
    return subprocess.run(
        [folder / "migrate.sh", url], text=True, check=False, timeout=300,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, env=os.environ)


@pytest.fixture(scope="module")
def cluster():
    alone = Instance(private=True, WORKER="0", DEMO="0")
    yield alone
    alone.remove()


@pytest.fixture
def url(cluster):
    """An empty database of the test's own, where all roles are."""
    name = "test_" + uuid.uuid4().hex
    owner = Psql(cluster.owner_url)
    owner.run(f"create database {name}")
    yield cluster.owner_url.replace("/casework?", f"/{name}?")
    owner.run(f"drop database {name}")
    owner.close()


@pytest.fixture
def database(url):
    """The same, up to date."""
    done = migrate(ROOT / "sql", url)
    assert (done.returncode, done.stderr) == (0, "")
    session = Psql(url)
    yield session
    session.close()


def is_refused(done, *words):
    """One line that names what is wrong and where."""
    assert done.returncode != 0 and done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.startswith("migrate: ")
    for word in words:
        assert word in done.stderr


def test_a_rule_file_that_is_not_listed_is_named(copy):
    (copy / "rules" / "cases" / "forgotten.sql").write_text("select 1;")
    is_refused(migrate(copy, "host=/nowhere"),
               "sql/rules/cases/forgotten.sql", "not listed")


def test_a_listed_rule_file_that_is_missing_is_named(copy):
    (copy / "rules" / "cases" / "notes.sql").unlink()
    is_refused(migrate(copy, "host=/nowhere"),
               "cases/notes.sql", "no such file")


def test_a_rule_file_that_is_listed_twice_is_named(copy):
    with (copy / "rules" / "order").open("a") as order:
        order.write("  # once more\ncases/notes.sql   # here\n")
    is_refused(migrate(copy, "host=/nowhere"), "cases/notes.sql", "twice")


def test_a_migration_that_was_changed_is_named(copy, url, database):
    with (copy / "schema" / "012_surveys.sql").open("a") as file:
        file.write("-- a second thought")
    is_refused(migrate(copy, url), "sql/schema/012_surveys.sql",
               "changed after it was applied")


def test_a_database_of_another_version_is_left_alone(copy, url, database):
    database.run("insert into casework.migrations (name, sha256)"
                 " values ('099_later', '')")
    (copy / "rules" / "base" / "api.sql").write_text("create schema api;")
    is_refused(migrate(copy, url), "1 migrations", "099_later",
               "another version")
    assert database.value("select to_regclass('api.case_document')"
                          " is not null as there")


def test_migrating_again_applies_nothing_again(url, database):
    applied = ("select name, sha256, applied_at from casework.migrations"
               " order by name")
    before = database.rows(applied)
    assert [m["name"] for m in before] == sorted(
        path.stem for path in (ROOT / "sql" / "schema").glob("*.sql"))
    assert migrate(ROOT / "sql", url).returncode == 0
    assert database.rows(applied) == before


def references(text):
    """The numbers of facts and sections of rules that comments name."""
    comments = " ".join(re.findall(r"--(.*)", text))
    for numbers in re.findall(
            r"\bfacts? (\d+(?:(?:, | to |-| and )\d+)*)", comments, re.I):
        yield from (("fact", int(n)) for n in re.findall(r"\d+", numbers))
    for section in re.findall(r"(?<![\d.])[12]\.\d+(?![\d.])", comments):
        yield "rule", section


def test_every_fact_and_rule_that_a_comment_names_is_listed():
    named = {(path.relative_to(ROOT), *reference)
             for path in (ROOT / "sql").rglob("*.sql")
             for reference in references(path.read_text(encoding="utf-8"))}
    assert len(named) > 100
    astray = [n for n in named if n[2] not in WANTED[n[1]]]
    assert astray == []
