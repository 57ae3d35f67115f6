"""Every fact, rule and example of the domain is proven by some test."""

import json
import subprocess
import sys

import pytest

import rules


@pytest.mark.direct     # behind a proxy tests are left out that prove things
@pytest.mark.last
def test_every_fact_rule_and_example_is_proven(request):
    if not request.config.whole_suite:
        pytest.skip("only part of the suite was run")
    missing = rules.unproven(request.config.proof.table())
    assert missing == [], "\n".join(["not proven:", *missing])


def test_the_facts_are_numbered_without_a_gap():
    assert list(rules.WANTED["fact"]) == list(range(1, 83))
    assert len(rules.WANTED["vector"]) == 38 + 10 + 4 + 7 + 8 + 5 + 11 + 9 + 2


def test_the_table_names_what_is_missing_and_fails(tmp_path):
    table = {mark: {str(name): ["test_x.py::test_x"] for name in names}
             for mark, names in rules.WANTED.items()}
    path = tmp_path / "rules.json"

    def told():
        path.write_text(json.dumps(table))
        return subprocess.run(
            [sys.executable, rules.__file__, path], text=True, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert told().returncode == 0 and told().stderr == ""
    table["fact"]["34"] = []
    table["vector"]["R01"] = []
    done = told()
    assert done.returncode == 1
    assert "fact 34" in done.stderr and "vector R01" in done.stderr
    assert "fact 33" not in done.stderr
