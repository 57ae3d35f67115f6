"""Every combination of filters is a statement of its own; what thousands of
them cost the database has a bound, and each gets its own answer."""

import pathlib
import random

import pytest

from client import Client, Service

pytestmark = pytest.mark.direct

COMBINATIONS = 1500
PREPARED = 64           # of a connection
MIB = 1024 * 1024


def memory_of(pid):
    """Its own: what PostgreSQL shares among its processes is not in it."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) * 1024
    raise AssertionError(f"no memory of process {pid}")


def backends(sql):
    return {row["pid"] for row in sql.rows(
        "select pid from pg_stat_activity where usename = 'casework_contact'")}


def prepared(client):
    for line in client.get("/metrics").body.decode().splitlines():
        if line.startswith("casework_database_prepared_statements "):
            return int(line.split()[1])
    raise AssertionError("no such gauge")


@pytest.fixture
def cases(contact):
    """Five that differ, in the order of the list."""
    for number, (priority, users) in enumerate((
            ("high", 5), ("low", None), ("medium", 50), ("high", 500),
            ("critical", 20))):
        contact.submit(
            priority=priority, impact=f"Impact {number % 2}",
            subject=f"Subject {number}",
            **({} if users is None else {"users_affected": users}))
    return [contact.get(f"/v1/cases/{number}").expect(200).json
            for number in contact.get("/v1/cases").expect(200).ids]


def filters_of(cases):
    """Parameter and value, and which cases have it."""
    ids = [case["id"] for case in cases]

    def among(value, least, most):
        return value is not None and least <= value < most
    return [
        ("priority", "high", lambda c: c["priority"] == "high"),
        ("priority_not", "low", lambda c: c["priority"] != "low"),
        ("users_affected_from", 10,
         lambda c: among(c.get("users_affected"), 10, 10**9)),
        ("users_affected_to", 400,
         lambda c: among(c.get("users_affected"), 0, 400)),
        ("id", ",".join(str(i) for i in ids[1:]),
         lambda c: c["id"] in ids[1:]),
        ("subject_not", cases[2]["subject"],
         lambda c: c["subject"] != cases[2]["subject"]),
        ("subject", cases[3]["subject"],
         lambda c: c["subject"] == cases[3]["subject"]),
        ("status", "new", lambda c: True),
        ("status_not", "closed,escalated", lambda c: True),
        ("assigned", "false", lambda c: True),
        ("channel_not", "phone", lambda c: True),
        ("test", "false", lambda c: True),
        ("submitted_by_kind", "contact", lambda c: True),
        ("initial_priority", "high,low,medium,critical", lambda c: True),
        ("closure_reason_not", "resolved_confirmed", lambda c: True),
        ("submitted_from", "2020-01-01T00:00:00Z", lambda c: True),
    ]


def ask(client, kinds, bits, cases):
    """With the filters whose bits are set, and it is answered as they say."""
    use = [kind for i, kind in enumerate(kinds) if bits >> i & 1]
    answer = client.get("/v1/cases", query={
        name: value for name, value, _ in use}).expect(200)
    assert answer.ids == [
        case["id"] for case in cases
        if all(has(case) for _, _, has in use)], answer.transcript()


def test_thousands_of_filters_cost_a_bounded_memory(
        instance, contract, sql, contact, cases):
    before = backends(sql)
    with instance.beside(WORKERS=1) as process:
        service = Service(process.url, contract)
        client = Client(service, contact.token, "contact")
        client.get("/v1/cases").expect(200)
        ours = backends(sql) - before
        size = {pid: memory_of(pid) for pid in ours}
        names = prepared(client)
        kinds = filters_of(cases)
        for bits in random.Random(8).sample(
                range(1, 2 ** len(kinds)), COMBINATIONS):
            ask(client, kinds, bits, cases)
        assert names < prepared(client) <= names + PREPARED
        assert backends(sql) >= ours, "they are the same as before"
        for pid in ours:
            assert memory_of(pid) < size[pid] + 30 * MIB
        service.close()


def test_what_is_used_changes_and_each_gets_its_own_answer(
        instance, contract, sql, contact, cases):
    """Each often enough to be prepared in the place of another one."""
    before = backends(sql)
    with instance.beside(WORKERS=1) as process:
        service = Service(process.url, contract)
        client = Client(service, contact.token, "contact")
        kinds, chosen = filters_of(cases), random.Random(9)
        ours = backends(sql) - before
        size = {pid: memory_of(pid) for pid in ours}
        used = chosen.sample(range(1, 2 ** len(kinds)), 4 * PREPARED)
        for first in range(0, len(used), 8):
            for bits in chosen.choices(used[first:first + 12], k=30):
                ask(client, kinds, bits, cases)
        assert prepared(client) < 4 * PREPARED
        for pid in ours:
            assert memory_of(pid) < size[pid] + 30 * MIB
        service.close()
