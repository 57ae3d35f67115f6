"""Further rows of `make bench`: other requests, and how they grow.

`rows` prints requests per second and latency of the list with each single
filter, of searches, of staff's list over all districts, of the public figures
over a year and of submitting. `scale` asks for lists and searches in the same districts
with ten times the cases each time, and fails when the median latency of one
grows by more than FLAT. Both are part of bench.py, which makes the data.
"""

import datetime
import http.client
import json
import random
import re
import statistics
import sys
import time
import urllib.parse

FLAT = 1.25
PASSES = 3
FLAT_ROWS = re.compile("^list$|^staff list$| search: ")
SIZES = (10_000, 100_000, 1_000_000)

# Values that generated cases have (sql/generate.sql); other parameters get
# one that few or none have, which is the harder question.
VALUES = {
    "status": "assigned", "priority": "high", "initial_priority": "high",
    "type": "problem", "product_area": "grade_book", "channel": "portal",
    "support_provider": "campus", "response_state": "met",
    "escalation_level": "1",
    "submitted_by_kind": "contact", "closure_reason": "resolved_confirmed",
    "subject": "Generated case number 77", "assigned": "true",
    "subject_contains": "number 777", "subject_starts_with": "generated case",
    "description_contains": "described", "impact_contains": "nothing",
    "replication_steps_contains": "do this", "workaround_contains": "none",
}


def document(url):
    address = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname, address.port)
    connection.request("GET", "/openapi.json")
    found = json.loads(connection.getresponse().read())
    connection.close()
    return found


def operation(doc, name):
    """(path, operation) of that operationId, or None."""
    for path, item in doc["paths"].items():
        for spec in item.values():
            if isinstance(spec, dict) and spec.get("operationId") == name:
                return path, spec
    return None


def resolved(doc, node):
    while "$ref" in node:
        target = doc
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    return node


def filter_value(doc, parameter, first):
    """A value for one filter of the list of cases."""
    name, schema = parameter["name"], resolved(doc, parameter["schema"])
    inner = resolved(doc, schema.get("items", schema))
    if name in VALUES:
        return VALUES[name]
    if inner.get("enum"):
        return inner["enum"][-1]
    if inner.get("format") == "date-time":
        return "2026-06-01T00:00:00Z"
    if inner.get("format") == "date":
        return "2026-06-01"
    if inner.get("type") == "boolean":
        return "true"
    if name == "district_id":
        return "100001"
    if name in ("contact_id", "submitted_by_id", "assigned_advisor_id"):
        return "100001"
    return str(first) if inner.get("type") == "integer" else "2611"


def requests_of(doc, first):
    """name → (caller kind, method, target, body)."""
    rows = {"list": ("contact", "GET", "/v1/cases?limit=25", None)}
    for parameter in operation(doc, "list_cases")[1]["parameters"]:
        parameter = resolved(doc, parameter)
        name = parameter["name"]
        if parameter["in"] != "query" or name in ("limit", "cursor"):
            continue
        value = urllib.parse.quote(str(filter_value(doc, parameter, first)))
        for kind in ("contact", "staff"):
            rows[f"{kind}: {name}"] = (
                kind, "GET", f"/v1/cases?limit=25&{name}={value}", None)
    rows["staff list"] = ("staff", "GET", "/v1/cases?limit=25", None)
    for kind in ("contact", "staff"):
        for words, q in (("common word", "generated"), ("rare word", "{n}"),
                         ("no such word", "nowhere"),
                         ("rare and common", "generated {n}")):
            rows[f"{kind} search: {words}"] = (
                kind, "GET", "/v1/cases/search?limit=25&q="
                + urllib.parse.quote(q, safe="{}"), None)
    today = datetime.date.today()
    rows["figures of a year"] = (
        "public", "GET", f"{operation(doc, 'get_figures')[0]}?from="
        f"{today - datetime.timedelta(days=365)}&to={today}", None)
    rows["submit"] = ("contact", "POST", "/v1/cases", json.dumps({
        "subject": "A case of the benchmark", "priority": "medium",
        "description": "What was seen.", "replication_steps": "1. Look."}))
    return rows


class Measured:
    """One connection that asks and keeps the times."""

    def __init__(self, url, tokens):
        address = urllib.parse.urlsplit(url)
        self.connection = http.client.HTTPConnection(
            address.hostname, address.port, timeout=60)
        self.tokens = tokens

    def ask(self, row):
        kind, method, target, body = row
        target = target.replace("{n}", str(random.randint(1, SIZES[0])))
        headers = {}
        if kind != "public":
            headers["Authorization"] = "Bearer " + random.choice(
                self.tokens[kind])
        if body:
            headers["Content-Type"] = "application/json"
        start = time.perf_counter()
        self.connection.request(method, target, body, headers)
        answer = self.connection.getresponse()
        answer.read()
        taken = (time.perf_counter() - start) * 1000
        if answer.status not in (200, 201, 503):
            raise SystemExit(f"bench: {method} {target}: {answer.status}")
        return taken, answer.status

    def times(self, row, seconds):
        """Milliseconds of each request in that time; None: given up, 503."""
        self.ask(row)
        times, end = [], time.monotonic() + seconds
        while time.monotonic() < end or len(times) < 3:
            taken, status = self.ask(row)
            if status == 503:
                return None
            times.append(taken)
        return times


def print_rows(url, tokens, first, seconds):
    client = Measured(url, tokens)
    print(f"{'one connection':38}{'a second':>10}{'p50 ms':>9}{'p99 ms':>9}")
    for name, row in requests_of(document(url), first).items():
        times = client.times(row, seconds)
        if times is None:
            print(f"{name:38}{'503':>10}")
            continue
        times.sort()
        print(f"{name:38}{1000 / statistics.mean(times):10.0f}"
              f"{statistics.median(times):9.2f}"
              f"{times[int(len(times) * 0.99)]:9.2f}")


def median(times):
    """Infinite, where the service gave up."""
    return statistics.median(times) if times else float("inf")


def print_scale(url, tokens, first, seconds, grow, sizes=SIZES):
    """grow(n) makes sure of n cases. 1 when something is not flat. Of each
    median the best of PASSES counts: what else the machine does just then,
    the database's own work after a load included, is not the question."""
    found = {}
    for size in sizes:
        grow(size)
        client = Measured(url, tokens)      # the old one has been idle
        rows = {name: row for name, row in requests_of(
            document(url), first).items() if FLAT_ROWS.search(name)}
        passes = [{name: median(client.times(row, seconds))
                   for name, row in rows.items()} for _ in range(PASSES)]
        for name in rows:
            found.setdefault(name, []).append(min(p[name] for p in passes))
    print(f"{'p50 ms':38}" + "".join(f"{size:>10}" for size in sizes))
    steep = []
    for name, middles in found.items():
        flat = max(middles) <= FLAT * middles[0]
        if not flat:
            steep.append(name)
        print(f"{name:38}" + "".join(f"{m:10.2f}" for m in middles)
              + ("" if flat else "  not flat"))
    if steep:
        print("not flat: " + ", ".join(steep), file=sys.stderr)
    return 1 if steep else 0
