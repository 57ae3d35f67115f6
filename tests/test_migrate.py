"""sql/migrate.sh: what it refuses, before it has changed anything."""

import os
import re
import shutil
import subprocess

import pytest

from instance import ROOT
from rules import WANTED

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
