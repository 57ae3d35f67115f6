"""Alerts and dashboard ask for what /metrics of both programs tells, and both
tell what a process takes."""

import json
import os
import pathlib
import re
import time

import pytest
import yaml

from instance import ROOT, children, get, until

WATCHING = ROOT / "docker" / "prometheus"
# Prometheus's own, and what a node exporter or the scrape itself brings.
OF_PROMETHEUS = {"up", "ALERTS"}
WORDS = {"by", "sum", "rate", "max", "count", "absent", "changes", "increase",
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
