"""What was recorded stays: nobody may delete it, in the API or in the
database; and all of it is checked with nothing but curl."""

import json
import pathlib
import re
import subprocess

import pytest

from instance import ROOT

# Wishes of a person, who may take them back (facts 62, 74), what the desk runs by
# from now on, of which each change is an event, and sign-ins, whose record stays
# with who ended it; what is marked and for how long; nothing else goes.
MAY_GO = re.compile("opt_out|followers|holidays|business_hours|platform_names"
                    "|support_facts|identities|import|case_months|presence"
                    "|tags|sharing|saved_filters|alert_times")


@pytest.mark.fact(78)
def test_no_operation_deletes_what_was_recorded(contract):
    deleting = [op.path for op in contract.operations
                if op.method == "DELETE"]
    assert [path for path in deleting
            if not MAY_GO.search(path.replace("-", "_"))] == []


@pytest.mark.fact(78)
def test_no_role_deletes_what_was_recorded(sql):
    """Leases of the worker come and go; what belongs to a district stays."""
    rows = sql.rows(
        "select r.rolname as role, t.relname as name from pg_roles r,"
        " pg_class t where t.relnamespace = 'casework'::regnamespace and"
        " t.relkind in ('r', 'p') and r.rolname ~ '^casework_'"
        " and r.rolname <> 'casework_owner'"
        " and (r.rolname <> 'casework_worker' or exists (select from"
        "  pg_attribute a where a.attrelid = t.oid"
        "  and a.attname = 'district_id'))"
        " and (has_table_privilege(r.oid, t.oid, 'delete')"
        "  or has_table_privilege(r.oid, t.oid, 'truncate'))")
    assert [row for row in rows if not MAY_GO.search(row["name"])] == []


@pytest.mark.direct
@pytest.mark.fact(82)
def test_the_tour_of_the_readme_runs_with_curl(
        service, contact, advisor, world, tmp_path):
    """The commands of README.md as they stand, with people of this test."""
    text = pathlib.Path(ROOT, "README.md").read_text(encoding="utf-8")
    tour, = re.findall(r"^## A tour with curl$.*?^```sh$(.*?)^```$", text,
                       re.M | re.S)
    stranger = world.district().contact()
    tokens = {"contact:1": contact.token, "staff:1": advisor.token,
              "contact:4": stranger.token}
    tour = re.sub(r"\$\(make token AS=([\w:]+)\)",
                  lambda found: tokens[found[1]], tour)
    tour = re.sub(r"^api=.*$", f"api={service.url}", tour, flags=re.M)
    tour = tour.replace('"advisor_id": 1}', f'"advisor_id": {advisor.id}}}')
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", tour], cwd=tmp_path, text=True,
        check=False, timeout=300, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode == 0, done.stdout
    said = values(done.stdout)
    assert said[0]["state"] == "pending"
    assert "assigned" in said and "pending_verification" in said
    assert "closed" in said and said[-1] == 404
    happened = [value[1] for value in said if isinstance(value, list)]
    assert happened[0] == "case.submitted" and "case.closed" in happened


def values(text):
    """The JSON values that jq printed, one after the other."""
    decoder, found = json.JSONDecoder(), []
    while text := text.lstrip():
        value, end = decoder.raw_decode(text)
        found.append(value)
        text = text[end:]
    return found
