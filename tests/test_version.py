"""Database and programs know each other's version: who does not fit says so and
what is wrong, at its start and while it runs."""

import contextlib
import json

import pytest

from client import Client, Service
from instance import get, until
from sql import Psql

pytestmark = pytest.mark.direct
KINDS = ("public", "contact", "partner", "staff", "telephony", "writes")
NEWER = ("migrations = migrations || '{900_later}'::text[],"
         " serves = '900_later'")
OLDER = "migrations = trim_array(migrations, 2)"


@pytest.fixture
def database(broken):
    """Of another version for a while: sets columns of rules.version."""
    session = Psql(broken.instance.owner_url)
    before = session.row("select * from rules.version")

    def become(columns):
        session.run(f"update rules.version set {columns}")
    yield become
    session.run("update rules.version set migrations = %s, serves = %s",
                before["migrations"], before["serves"])
    session.close()


def findings(url, contract):
    service = Service(url, contract)
    with contextlib.suppress(OSError):          # not listening yet
        answer = Client(service).get("/readyz?verbose&exclude=writes")
        service.close()
        return answer.status, {c["name"]: c["finding"]
                               for c in answer["checks"]}
    return None


def all_say(finding):
    return dict.fromkeys(KINDS, finding)


@pytest.mark.parametrize("columns, sentence", [
    (NEWER, "the database is newer than this program: it has had 900_later,"
            " and serves programs from 900_later on"),
    (OLDER, "the database is older than this program: it lacks ")])
def test_a_node_that_does_not_fit_is_not_ready_and_says_why(
        broken, database, contract, columns, sentence):
    database(columns)
    with broken.instance.beside(wait=False) as node:
        until(lambda: findings(node.url, contract) == (
            503, {**all_say("does_not_fit"), "writes": "does_not_fit"}))
        assert sentence in "".join(
            line["detail"] for line in map(
                json.loads, node.log_file.read_text().splitlines())
            if line["event"] == "db_down")
    done = broken.instance.run("check")
    assert done.returncode == 1 and sentence in done.stderr


def test_what_is_missing_is_named(broken, database):
    database("migrations = migrations[1:45]")
    names = broken.sql.value(
        "select array_agg(name order by name) from casework.migrations")
    assert (f"it lacks {names[45]} and {len(names) - 46} more; run the"
            " migrate.sh of this version") in broken.instance.run(
                "check").stderr


def test_a_program_that_the_new_version_still_serves_fits(broken, database):
    """The last migration that it knows is the one that is named."""
    database("migrations = migrations || '{900_later}'::text[],"
             " serves = migrations[cardinality(migrations)]")
    assert broken.instance.run("check").returncode == 0


def test_a_node_that_runs_sees_that_the_schema_has_changed(
        broken, database, contract):
    with broken.instance.beside() as node:
        until(lambda: (findings(node.url, contract) or (0, {}))[0] == 200)
        database(NEWER)
        kinds = {**all_say("does_not_fit"), "writes": "ok"}
        until(lambda: findings(node.url, contract) == (503, kinds))
        database("serves = migrations[1]")
        until(lambda: findings(node.url, contract) == (200, all_say("ok")))


def test_a_worker_that_does_not_fit_is_not_ready_and_says_why(
        broken, database):
    with broken.instance.worker() as worker:
        database(NEWER)
        until(lambda: get(worker.url + "/readyz")[0] == 503)
        assert "database: of another version" in get(
            worker.url + "/readyz?verbose")[1]
        database("serves = migrations[1]")
        until(lambda: get(worker.url + "/readyz")[0] == 200)
        database(NEWER)
    with broken.instance.worker(wait=False) as worker:
        until(lambda: "serves programs from 900_later on"
              in worker.log_file.read_text() if worker.log_file.exists()
              else "serves programs from 900_later on" in worker.said())
