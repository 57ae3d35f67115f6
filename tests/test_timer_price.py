"""What a timer costs for an item does not grow with what else is due, also while
PostgreSQL knows nothing of tables that have just grown: no statement of its
looks at more rows than a few. Counted, since a stopwatch tells nothing here."""

import json
import re
import subprocess

import pytest

from fixtures_migrating import up_to_date
from instance import ROOT

pytestmark = pytest.mark.direct
CASES = 3000
MANY = 150          # rows that one statement may look at; far more are due
DUE = """
set role casework_owner;
update casework.cases c set response_due_at = now() - interval '1 hour',
  response_elapsed = null, response_missed = false
where c.status in ('new', 'assigned');
with waiting as (
  update casework.cases c set status = 'pending_verification',
    closed_at = null, closed_by_kind = null, closed_by_id = null,
    closed_by_name = null, closure_reason = null, reopen_until = null,
    resolution_kind = 'solved', resolution = 'Done.',
    resolved_at = now() - interval '35 days', resolved_by_kind = 'staff',
    resolved_by_id = 100001, resolved_by_name = 'Generated Advisor 1'
  where c.status = 'closed' returning c.id, c.district_id, c.resolved_at
)
insert into casework.follow_up_runs (district_id, case_id, run, started_at,
  due_dates, auto_close_at, next_at)
select w.district_id, w.id, 1000, w.resolved_at, d.due_dates,
  case when w.id % 2 = 0 then d.auto_close_at else now() + interval '9 days' end,
  rules.follow_up_next_at(d.due_dates, 1, d.auto_close_at)
from waiting w cross join lateral rules.follow_up_dates(w.resolved_at) as d;
"""
WATCH = """
load 'auto_explain';
set auto_explain.log_min_duration = 0;
set auto_explain.log_nested_statements = on;
set auto_explain.log_analyze = on;
set auto_explain.log_timing = off;
set auto_explain.log_format = json;
select set_config(split_part(s.set, '=', 1), btrim(split_part(s.set, '=', 2),
  '"'), false)
from pg_roles r, unnest(r.rolconfig) as s (set)
where r.rolname = 'casework_worker' \\g /dev/null
set client_min_messages = log;
set role casework_worker;
"""


def psql(url, *arguments):
    done = subprocess.run(
        ["psql", "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", *arguments,
         url], text=True, check=False, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT)
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def backlog(cluster):
    """A database in which a thousand cases are due that nobody analyzed."""
    with up_to_date(cluster) as session:
        session.run("alter system set autovacuum = off")
        session.run("select pg_reload_conf()")
        psql(session.url, "-v", f"cases={CASES}", "-f",
             ROOT / "sql" / "generate.sql")
        psql(session.url, "-c", DUE)
        for table in ("cases", "follow_up_runs"):
            session.run(f"delete from pg_statistic where starelid ="
                        f" 'casework.{table}'::regclass;"
                        f" update pg_class set reltuples = -1, relpages = 0"
                        f" where oid = 'casework.{table}'::regclass")
        yield session
        session.run("alter system reset autovacuum")
        session.run("select pg_reload_conf()")


def nodes(plan):
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)


def seen(text):
    """(rows looked at, table, statement) of each scan of its statements."""
    for found in re.finditer(r"plan:\n(\{.*?^\})", text, re.S | re.M):
        explained = json.loads(found.group(1))
        for node in nodes(explained["Plan"]):
            if "Relation Name" in node:
                yield (sum(node.get(rows, 0) for rows in (
                    "Actual Rows", "Rows Removed by Filter",
                    "Rows Removed by Index Recheck")) * node["Actual Loops"],
                    node["Relation Name"], explained["Query Text"])


@pytest.mark.parametrize("timer, due", [
    ("auto_close", "r.auto_close_at < now()"),
    ("follow_ups", "r.auto_close_at > now()"),
    ("breaches", None)])
def test_an_item_is_found_without_looking_at_the_others(
        backlog, timer, due, tmp_path):
    watch = tmp_path / "watch.sql"
    watch.write_text(WATCH)
    waiting = (f"select count(*) from casework.follow_up_runs r"
               f" where r.ended_at is null and r.next_at < now() and {due}"
               if due else "select count(*) from casework.cases"
               " where response_due_at < now() and not response_missed"
               " and response_elapsed is null")
    before = backlog.value(waiting)
    assert before > 3 * MANY
    text = psql(backlog.url, "-f", watch, *["-c", f"select"
                                            f" rules.timer_{timer}(1)"] * 3)
    looked = list(seen(text))
    assert any(table in ("cases", "follow_up_runs")
               for _, table, _ in looked)
    assert [one for one in looked if one[0] > MANY] == []
    assert backlog.value(waiting) == before - 3
