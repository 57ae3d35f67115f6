"""The list of mutants: what rots in it is named."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "mutation"))

import mutants  # noqa: E402

ENTRY = """
- name: due_today
  breaks: Today is not in the past.
  file: sql/rules/due.sql
  old: due < today
  new: due <= today
  tests: ['test_due.py::test_today']
"""


@pytest.fixture
def tree(tmp_path):
    for name, text in (("tests/mutation/cases.yaml", ENTRY),
                       ("tests/test_due.py", "def test_today():\n    pass\n"),
                       ("sql/rules/due.sql", "select due < today;\n")):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def faults(tree):
    return list(mutants.faults(mutants.load(tree), tree))


def test_a_good_list_has_no_faults(tree):
    assert faults(tree) == []
    (mutant,) = mutants.load(tree)
    assert mutant.name == "cases/due_today" and mutant.area == "cases"


@pytest.mark.parametrize("file, text, fault", [
    ("sql/rules/due.sql", "select due > today;\n", "is not in sql/rules"),
    ("sql/rules/due.sql", "due < today or due < today", "is 2 times in"),
    ("tests/test_due.py", "def test_tomorrow():\n", "there is no test"),
    ("tests/mutation/cases.yaml", ENTRY * 2, "there are two of this name"),
    ("tests/mutation/cases.yaml", ENTRY.replace("<= today", "< today"),
     "it changes nothing"),
    ("tests/mutation/cases.yaml", ENTRY.replace("due.sql", "gone.sql"),
     "there is no sql/rules/gone.sql"),
    ("tests/mutation/cases.yaml", ENTRY.replace("sql/rules", "tests"),
     "is not of the service"),
    ("tests/mutation/cases.yaml", ENTRY.replace("['test_due.py::test_today']",
                                                "[]"), "no test is named"),
])
def test_what_rots_is_named(tree, file, text, fault):
    (tree / file).write_text(text)
    assert any(fault in found for found in faults(tree)), faults(tree)


@pytest.mark.parametrize("text", [
    ENTRY.replace("old:", "odd:"), ENTRY.replace("  breaks: T", "  # T")])
def test_an_entry_that_is_none_is_named(tree, text):
    (tree / "tests/mutation/cases.yaml").write_text(text)
    with pytest.raises(SystemExit, match="cases.yaml: entry 1"):
        mutants.load(tree)


def test_the_list_of_this_tree_is_good():
    assert list(mutants.faults(mutants.load(mutants.ROOT), mutants.ROOT)) == []
