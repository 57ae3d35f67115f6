"""Which fact, rule and example each test proves: the marks `fact(1, …)`,
`rule("2.5", …)` and `vector("R01", …)`, and the table made of them.

As a plugin it notes what the passed tests of a run prove and writes
RESULTS/rules.json; as a program it prints that file as a table and fails when
something has no test (`make rules`). test_rules.py asks the same at the end
of a whole run.
"""

import json
import os
import pathlib
import sys

import pytest

TESTS = pathlib.Path(__file__).resolve().parents[1]
DATA = json.loads((TESTS / "data" / "facts.json").read_text(encoding="utf-8"))
VECTORS = json.loads(
    (TESTS / "data" / "vectors.json").read_text(encoding="utf-8"))


def examples(section, entries):
    """Ids of a section's examples; one without ids is one example."""
    found = [entry["id"] for entry in entries
             if isinstance(entry, dict) and "id" in entry]
    return found or [section]


# Everything to be proven: mark → {what it may name: title}.
WANTED = {
    "fact": {fact["number"]: fact["title"] for fact in DATA["facts"]},
    "rule": {rule["section"]: rule["title"] for rule in DATA["rules"]},
    "vector": {name: section.replace("_", " ")
               for section, entries in VECTORS.items()
               if isinstance(entries, list) or section == "metrics"
               for name in examples(section, entries)},
}


def named_by(item):
    """(mark, what it names) for all marks of a test."""
    for mark in WANTED:
        for found in item.iter_markers(mark):
            for name in found.args:
                if name not in WANTED[mark]:
                    raise pytest.UsageError(
                        f"{item.nodeid}: there is no {mark} {name!r}")
                yield mark, name


class Proof:
    """Tests that proved something, by mark and what it names."""

    def __init__(self):
        self.tests = {mark: {name: set() for name in names}
                      for mark, names in WANTED.items()}
        self.refuted = set()
        self.untold = []            # of these, for other processes of the run

    def add(self, item, report):
        test = item.nodeid.partition("[")[0].rpartition("/")[2]
        if report.failed:
            self.note(None, None, test)
        elif report.when == "call" and report.passed:
            for mark, name in named_by(item):
                self.note(mark, name, test)

    def note(self, mark, name, test):
        """A test that proved something or, without a mark, that failed."""
        self.untold.append((mark, name, test))
        self.take([(mark, name, test)])

    def news(self):
        told, self.untold = self.untold, []
        return told

    def take(self, news):
        for mark, name, test in news:
            if mark is None:
                self.refuted.add(test)
            else:
                self.tests[mark][name].add(test)

    def table(self):
        """Tests of which no run failed, in order."""
        return {mark: {str(name): sorted(tests - self.refuted)
                       for name, tests in found.items()}
                for mark, found in self.tests.items()}

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item):
        outcome = yield
        self.add(item, outcome.get_result())

    def pytest_collection_modifyitems(self, items):
        for item in items:
            list(named_by(item))

    def pytest_sessionfinish(self, session):
        directory = os.environ.get("RESULTS")
        config = session.config
        if (directory and getattr(config, "whole_suite", False)
                and getattr(config, "proof_is_whole", True)):
            path = pathlib.Path(directory) / "rules.json"
            path.write_text(json.dumps(self.table(), indent=1) + "\n",
                            encoding="utf-8")


def unproven(table):
    return [f"{mark} {name}: {title}"
            for mark, names in WANTED.items()
            for name, title in names.items()
            if not table[mark][str(name)]]


def print_table(table):
    for mark, names in WANTED.items():
        for name, title in names.items():
            print(f"{mark} {name}: {title}")
            for test in table[mark][str(name)] or ["-- no test --"]:
                print(f"    {test}")


def main(path):
    table = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    print_table(table)
    missing = unproven(table)
    wanted = sum(len(names) for names in WANTED.values())
    print(f"{wanted - len(missing)} of {wanted} are proven")
    if missing:
        print("\n".join(["not proven:", *missing]), file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
