"""What decides how PostgreSQL reads, writes and finds values is set by each
session of both programs: neither a server, a database nor a role can change
it, nor what libpq takes from the environment."""

import contextlib
import re

import pytest

from client import Client, Service
from examples import ask
from instance import until
from mail import in_maildir, text_of
from status_files import Feed
from webhooks import documented, of_type
from world import a_case

KINDS = ("contact", "partner", "staff", "telephony", "public", "worker")

# None of them as the programs need it.
STRANGE = {
    "DateStyle": "'SQL, DMY'", "TimeZone": "'Asia/Kathmandu'",
    "IntervalStyle": "'sql_standard'", "client_encoding": "'LATIN1'",
    "extra_float_digits": "-3", "bytea_output": "'escape'",
    "standard_conforming_strings": "off", "search_path": "pg_temp, public",
    "array_nulls": "off", "transform_null_equals": "on",
    "quote_all_identifiers": "on", "row_security": "off",
    "gin_fuzzy_search_limit": "1", "default_text_search_config": "'simple'",
    "default_transaction_isolation": "'serializable'",
    "default_transaction_deferrable": "on"}
ENVIRONMENT = {
    "PGTZ": "Asia/Kathmandu", "PGDATESTYLE": "SQL, DMY",
    "PGCLIENTENCODING": "LATIN1", "PGOPTIONS": (
        "-c search_path=pg_temp -c bytea_output=escape -c TimeZone=Iran"
        " -c standard_conforming_strings=off -c IntervalStyle=iso_8601"
        " -c default_transaction_read_only=on -c row_security=off")}

pytestmark = pytest.mark.direct     # starts processes of its own


@contextlib.contextmanager
def of_the_roles(sql):
    """Sessions that begin meanwhile would have it all otherwise."""
    database = sql.value("select current_database() as n")
    places = [f"role casework_{kind} in database {database}"
              for kind in KINDS] + [f"database {database}"]
    try:
        for place in places:
            for name, value in STRANGE.items():
                sql.run(f"alter {place} set {name} = {value}")
        yield {}
    finally:
        for place in places:
            for name in STRANGE:
                sql.run(f"alter {place} reset {name}")


@contextlib.contextmanager
def of_the_environment(_):
    yield ENVIRONMENT


@pytest.fixture(params=[of_the_roles, of_the_environment])
def strange(request, sql):
    """Settings of a process whose sessions would be strange."""
    with request.param(sql) as settings:
        yield settings


@pytest.fixture
def other(instance, contract, strange):
    """A process of the service among them: somebody's requests to it."""
    with instance.beside(PUBLIC_URL=instance.url, **strange) as process:
        service = Service(process.url, contract)
        yield lambda caller: Client(service, caller.token, caller.kind)
        service.close()


# What the clock or the process says of an answer.
MOVES = re.compile(rb'"(business_seconds\w*|generated_at|now)":[^,}]+')


# Which tell of the moment, or of the process, as the issuers that it has heard of.
OF_A_PROCESS = ("metrics", "readyz", "livez", "get_calendar",
                "get_protected_resource")


def steady(answer):
    return MOVES.sub(b"", answer.body)


# -- the service -----------------------------------------------------------

def test_every_answer_is_the_same(other, stage, contract):
    for op in contract.operations:
        if op.method != "GET" or op.id in OF_A_PROCESS:
            continue
        someone = stage.someone(op)
        wanted = stage.ask(op).expect(op.success)
        answer = ask(other(someone), op, stage.path(op)).expect(op.success)
        assert steady(answer) == steady(wanted), op.id
        assert answer.etag == wanted.etag


def test_what_is_written_is_the_same(other, staff, contact, lead):
    """Texts, times, dates, lists and numbers."""
    words = "Gr\u00e8ve \\ 'n' \"\u20ac\" \\x41 \\101 NULL \u65e5\u672c \U0001f600"
    mine = other(staff)
    made = mine.post("/v1/cases", a_case(
        contact_id=contact.id, subject=words, description=words,
        submitted_at="2026-03-04T05:06:07.123456+05:45",
        due_on="2026-12-11", users_affected=7)).expect(201)
    seen = contact.get(made.location).expect(200)
    assert (seen["subject"], seen["description"]) == (words, words)
    assert seen["submitted_at"] == "2026-03-03T23:21:07.123456Z"
    assert (seen["due_on"], seen["users_affected"]) == ("2026-12-11", 7)
    assert steady(seen) == steady(other(contact).get(made.location))
    made = other(lead).post("/v1/incidents", {
        "title": words, "severity": "minor", "text": words, "scope": {
            "districts": [contact.district.id], "versions": ["NULL", "a\\b"]}})
    seen = staff.get(made.expect(201).location)
    assert seen["title"] == words
    assert seen["scope"]["versions"] == ["NULL", "a\\b"]


def test_bytes_are_the_same(other, case):
    content = bytes(range(256)) * 3 + rb"\\x41\101''" + "\u00e9".encode()
    made = other(case.submitter).post(
        case.path + "/attachments", content, media="text/plain", headers={
            "Content-Disposition": "attachment; filename=all.txt"}
    ).expect(201)
    for caller in (case.submitter, other(case.submitter)):
        assert caller.get(made.location + "/content").expect(
            200).body == content


def test_filters_mean_the_same(other, contact):
    case = contact.submit(platform="NULL", subject="Caf\u00e9 \\ 2026")
    at = case["submitted_at"]
    for query, found in (
            ({"platform": "NULL"}, True), ({"platform_not": "NULL"}, False),
            ({"subject_contains": "caf\u00e9 \\"}, True),
            ({"submitted_from": at}, True), ({"submitted_to": at}, False),
            ({"due_on_from": "2026-01-02"}, False)):
        for caller in (contact, other(contact)):
            assert caller.get("/v1/cases", query=query).expect(200).ids == (
                [case.id] if found else []), query


def test_pages_and_cursors_are_the_same(other, contact):
    """They hold times: what one process has begun another one goes on with."""
    cases = [contact.submit().id for _ in range(5)]
    ids, query, callers = [], {"limit": 1}, [contact, other(contact)]
    while query:
        callers.reverse()
        page = callers[0].get("/v1/cases", query=query).expect(200)
        ids += page.ids
        query = page["next"] and {"limit": 1, "cursor": page["next"]}
    assert ids == cases[::-1]


def test_a_repetition_is_known_by_either(other, contact):
    body, key = a_case(subject="Caf\u00e9"), {"Idempotency-Key": "one"}
    first = other(contact).post("/v1/cases", body, headers=key).expect(201)
    again = contact.post("/v1/cases", body, headers=key).expect(201)
    assert again.body == first.body


def test_the_check_of_an_operator_finds_no_fault(instance, strange):
    done = instance.run("check", **strange)
    assert done.returncode == 0, done.stderr


# -- the worker ------------------------------------------------------------

def test_webhooks_are_the_same(new_sender, strange, webhook, receiver, case,
                               contract):
    new_sender(**strange)
    case.note(text="Caf\u00e9").expect(201)
    taken = of_type(receiver, "case.note_added")
    documented(contract, taken)
    (event,) = [e for e in case.history() if e["type"] == "case.note_added"]
    assert taken.json["timestamp"] == event["at"]
    assert webhook.until_state("delivered")["log"][0]["status"] == 204


def test_mails_are_the_same(new_worker, strange, case, post):
    words = "Caf\u00e9 \\ 2026, \u65e5\u672c\n"
    worker = new_worker(**strange)
    post.put(case, text=words, subject=words.strip())
    (mail,) = until(lambda: in_maildir(worker))
    assert (text_of(mail), mail["Subject"]) == (words, words.strip())


def test_the_status_page_is_the_same(feed, strange, outage, tmp_path,
                                     instance):
    feed.update()
    (tmp_path / "other").mkdir()
    other = Feed(tmp_path / "other", instance)
    other.database.update(strange)
    other.update()
    assert other.names() == feed.names()
    assert other.incident(outage["id"]) == feed.incident(outage["id"])
