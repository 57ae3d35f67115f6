"""Alerts and dashboard ask for what /metrics of both programs tells, and both
tell what a process takes."""

import json
import os
import pathlib
import re
import time

import pytest
import yaml

from client import Client, Service
from instance import ROOT, children, get, until

WATCHING = ROOT / "docker" / "prometheus"
# Prometheus's own, and what a node exporter or the scrape itself brings.
OF_PROMETHEUS = {"up", "ALERTS"}
WORDS = {"by", "or", "sum", "rate", "max", "count", "absent", "changes", "increase",
         "topk", "histogram_quantile"}


def expressions():
    rules = yaml.safe_load((WATCHING / "alerts.yaml").read_text())
    for group in rules["groups"]:
        for rule in group["rules"]:
            yield rule["alert"], rule["expr"]
    for panel in json.loads((WATCHING / "dashboard.json").read_text()
                            )["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]


def asked(expression):
    """Names of series, and each with the labels that are used with it."""
    inside = re.sub(r'"[^"]*"', "", expression)
    outside = re.sub(r"\{[^}]*\}|\[[^]]*\]|by \([^)]*\)", "", inside)
    return set(re.findall(r"[a-zA-Z_]\w*", outside)) - WORDS


@pytest.fixture(scope="module")
def told(instance):
    """Type of each series of both programs."""
    with instance.worker() as worker, instance.beside() as service:
        text = get(worker.url + "/metrics")[1] + get(
            service.url + "/metrics")[1]
    types = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE))
    for name, kind in list(types.items()):
        if kind == "histogram":
            types |= {f"{name}_{part}": "counter"
                      for part in ("bucket", "sum", "count")}
    return types


@pytest.mark.parametrize("title, expression", expressions())
def test_what_is_asked_for_is_told(told, title, expression):
    names = asked(expression) - OF_PROMETHEUS
    assert names <= told.keys(), title
    for name in names:      # a counter is of use by its growth alone
        if told[name] == "counter":
            assert re.search(rf"(rate|increase)\({name}[{{[]", expression)


def test_every_alert_is_in_the_operator_s_book():
    book = (ROOT / "docker" / "README.md").read_text()
    alerts = re.findall(r"- alert: (\w+)", (WATCHING / "alerts.yaml"
                                            ).read_text())
    listed = re.findall(r"^\| `(Casework\w+)` \|", book, re.MULTILINE)
    assert listed == alerts


def figures(url):
    return {name: float(value) for name, value in re.findall(
        r"^(process_\w+) (\S+)$", get(url + "/metrics")[1], re.MULTILINE)}


def resident(pid):
    pages = pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def open_files(pids):
    return sum(len(list(pathlib.Path(f"/proc/{pid}/fd").iterdir()))
               for pid in pids)


@pytest.mark.parametrize("program", ["casework", "casework-worker"])
def test_what_a_process_takes(instance, program):
    began = time.time()
    with (instance.beside(WORKERS=2) if program == "casework"
          else instance.worker()) as process:
        pids = (children(process.pid) if program == "casework"
                else [process.pid])

        def near():
            """What was counted a while ago is about what is there now."""
            told = figures(process.url)
            memory = told["process_resident_memory_bytes"]
            files = told["process_open_fds"]
            return (sum(map(resident, pids)) / 2 < memory
                    < sum(map(resident, pids)) * 2
                    and open_files(pids) / 2 < files < open_files(pids) * 2)
        until(near)
        told = figures(process.url)
        assert told["process_open_fds"] < told["process_max_fds"]
        assert (told["process_virtual_memory_bytes"]
                > told["process_resident_memory_bytes"])
        assert (began - 2 <= told["process_start_time_seconds"]
                <= time.time() + 2)
        before = told["process_cpu_seconds_total"]
        until(lambda: figures(process.url)["process_cpu_seconds_total"]
              > before)


# -- the database --------------------------------------------------------------

def series(process, name, labels=""):
    """Its value, 0 if it is not there."""
    found = re.search(rf"^{name}{re.escape(labels)} (\S+)$",
                      get(process.url + "/metrics")[1], re.MULTILINE)
    return float(found.group(1)) if found else 0


def until_all_are_up(process, program):
    """How many connections there are to be, once they are there."""
    def expected():
        return series(process, f"{program}_database_connections_expected")
    until(lambda: series(process, f"{program}_database_connections")
          == expected() > 0)
    return expected()


@pytest.mark.parametrize("program", ["casework", "casework_worker"])
def test_as_many_connections_as_expected_are_up(instance, program):
    with (instance.beside(WORKERS=2) if program == "casework"
          else instance.worker()) as process:
        expected = until_all_are_up(process, program)
        assert series(process, f"{program}_database_opened_total") >= expected


@pytest.mark.direct
def test_a_connection_that_is_opened_anew_is_counted(instance, sql):
    """And that it was lost."""
    with instance.beside() as process:
        until_all_are_up(process, "casework")   # else it may be one of these
        opened = series(process, "casework_database_opened_total")
        lost = series(process, "casework_database_lost_total",
                      '{reason="ended"}')
        sql.run("select pg_terminate_backend(pid, 60000) from pg_stat_activity"
                " where usename = 'casework_telephony'"
                " and application_name = 'casework probe'")
        until(lambda: series(process, "casework_database_opened_total")
              > opened)
        assert series(process, "casework_database_lost_total",
                      '{reason="ended"}') > lost


@pytest.mark.direct
def test_what_postgresql_refuses_is_counted(instance, contract, case, staff):
    """By SQLSTATE: here of a rule."""
    with instance.beside(PUBLIC_URL=instance.url) as process:
        service = Service(process.url, contract)
        before = series(process, "casework_database_errors_total",
                        '{sqlstate="CW"}')
        Client(service, staff.token, "staff").post(
            case.path + "/notes", {"text": "Which?"}).expect(422)
        until(lambda: series(process, "casework_database_errors_total",
                             '{sqlstate="CW"}') > before)
        service.close()


def test_who_follows_the_events_is_as_late_as_the_next_one_is_old(sql, case):
    """For as long as this takes, no worker moves on."""
    lag = "select seconds from rules.feed_lag() where consumer = 'mail'"
    event = sql.row("select xid, id from casework.events where case_id = %s"
                    " order by id limit 1", case.id)
    sql.run("begin")
    try:
        sql.run("update casework.event_cursors set xid = %s::xid8,"
                " event_id = %s where consumer = 'mail'", str(event["xid"]),
                event["id"] - 1)
        assert sql.value(lag) == sql.value(
            "select extract(epoch from rules.now() - at) as n"
            " from casework.events where id = %s", event["id"]) > 0
        sql.run("update casework.event_cursors set xid ="
                " '18446744073709551615' where consumer = 'mail'")
        assert sql.value(lag) == 0
    finally:
        sql.run("rollback")
