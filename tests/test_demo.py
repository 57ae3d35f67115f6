"""The demonstration data: its histories tell how everything came to be as it
is, and the instance of `make run` sends mails whose links lead somewhere."""

import pathlib
import re
import subprocess
import urllib.request

import pytest

from client import Client, Service
from instance import ROOT, Instance, until
from mail import read, text_of
from surveys import PAGE
from tokens import Tokens
from world import a_case

DEMO = ROOT / "sql" / "demo.sql"
BREACHED = "case.response_target.breached"

# What a case is before anything has happened, where that is not null.
AT_FIRST = {"status": "new", "response_cycle": 1, "response_missed": False,
            "overdue_on_change": False, "escalation_level": 0,
            "scope": "undetermined", "policy_question": False}


def tracked(sql):
    """Case → member → value as its history tells it; which came with it."""
    rows = sql.rows(
        "select c.id, d.name, d.made, case when d.name ~ '_(at|until)$'"
        " then to_jsonb(views.utc((to_jsonb(c) ->> d.name)::timestamptz))"
        " else to_jsonb(c) -> d.name end as value"
        " from casework.cases c cross join rules.columns d"
        " where d.relation = 'cases' and d.history = 'values' and c.id < 1000")
    cases, made = {}, set()
    for row in rows:
        cases.setdefault(row["id"], {})[row["name"]] = row["value"]
        if row["made"]:
            made.add(row["name"])
    return cases, made


def events_of(sql, case):
    return sql.rows("select * from casework.events where case_id = %s"
                    " order by id", case)


def test_every_case_came_to_be_as_its_history_tells(sql):
    """Those that no other test has taken from the desk, on its own clock."""
    cases, made = tracked(sql)
    histories = {number: events_of(sql, number) for number in cases}
    untouched = {number: events for number, events in histories.items()
                 if events[-1]["id"] <= 100000}
    assert len(cases) >= 4 and untouched
    for number, events in untouched.items():
        now = cases[number]
        assert events[0]["type"] == "case.submitted", number
        assert [e["at"] for e in events] == sorted(e["at"] for e in events)
        for event in reversed(events):
            if event["type"] == BREACHED:
                now["response_missed"] = False
            for change in event["changes"]:
                if change["member"] in now:
                    assert now[change["member"]] == change["new"], event
                    now[change["member"]] = change["old"]
        first = {name: value for name, value in now.items()
                 if name not in made or name in AT_FIRST
                 or name == "first_response_at"}
        assert first == {name: AT_FIRST.get(name) for name in first}, number


@pytest.mark.parametrize("things, told", [
    ("notes where true", "note_id is not null"),
    ("case_defects where unlinked_at is null", "type = 'case.defect_linked'"),
    ("case_followers where true", "type = 'case.followed'"),
    ("change_requests where true", "type = 'case.change_requested'"),
    ("site_accesses where true", "type = 'case.site_accessed'"),
    ("calls where true", "type = 'case.called'"),
    ("survey_invitations where outcome = 'sent'", "type = 'survey.invited'"),
    ("survey_responses where true", "type = 'survey.answered'")])
def test_everything_about_a_case_is_told_once(sql, things, told):
    for number in tracked(sql)[0]:
        assert sql.value(
            f"select count(*) from casework.{things} and case_id = %s", number
            ) == sql.value("select count(*) from casework.events"
                           f" where case_id = %s and {told}", number), number


def test_a_defect_is_what_its_events_say(sql):
    told = sql.rows("select type from casework.desk_events"
                    " where type like 'defect.%' and resource = '1'"
                    " order by feed_id")
    assert [e["type"] for e in told] == [
        "defect.reported", *["defect.replicated"] * sql.value(
            "select count(*) from casework.defect_replications"
            " where defect_id = 1"), "defect.confirmed"]
    assert sql.value(
        "select status from casework.defects where id = 1") == "confirmed"


def test_an_incident_ends_with_its_last_event(sql):
    for row in sql.rows(
            "select i.resolved_at, e.type, e.at from casework.incidents i"
            " cross join lateral (select * from casework.incident_events e"
            " where e.incident_id = i.id order by e.id desc limit 1) e"
            " where i.id < 1000"):
        assert (row["type"], row["at"]) == (
            "incident.resolved", row["resolved_at"])


def test_no_row_of_it_gives_way_to_another(instance, sql):
    """It is loaded once, so that a number used twice is an error; again it
    changes nothing."""
    assert "on conflict" not in DEMO.read_text(encoding="utf-8").lower()
    before = sql.value("select count(*) from casework.events where id < 1000")
    done = subprocess.run(
        ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", DEMO,
         instance.owner_url], text=True, check=False, capture_output=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert sql.value("select count(*) from casework.events where id < 1000"
                     ) == before


# -- the instance of `make run` ----------------------------------------------

@pytest.fixture(scope="module")
def demo():
    """As it is by default, on an address of IPv6."""
    instance = Instance(private=True, BIND="::1", WORKER="1")
    yield instance
    instance.remove()


def open_as_browser(url):
    request = urllib.request.Request(url, headers=PAGE)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.status


@pytest.mark.direct
def test_every_link_of_every_mail_leads_somewhere(demo, contract, tokens):
    service = Service(demo.url, contract)
    minted = Tokens(demo.keys_file, tokens.scopes)

    def caller(name):
        return Client(service, minted.mint(name), name.split(":")[0])
    contact, colleague, advisor, lead = (
        caller(name) for name in ("contact:1", "contact:2", "staff:1",
                                  "staff:5"))
    case = contact.post("/v1/cases", a_case()).expect(201)
    for path, by, body in (
            ("assignment", advisor, {"advisor_id": 1}),
            ("notes", advisor, {"text": "See.", "visibility": "public"}),
            ("notes", contact, {"text": "Seen."}),
            ("resolution", advisor, {"explanation": "It was a filter."}),
            ("close", colleague, {"closure_reason": "resolved_confirmed"})):
        by.post(f"{case.location}/{path}", body, etag="*").expect(200, 201)
    lead.post("/v1/incidents", {
        "title": "Slow", "severity": "minor", "text": "We know.",
        "scope": {"districts": [1]}, "email_contacts": True}).expect(201)

    kinds = {"new note from Support", "new note from the district",
             "please verify", "was closed", "how was the support", "Incident: "}

    def arrived():
        mails = [read(path.read_bytes()) for path in
                 pathlib.Path(demo.env["MAIL_DIR"], "new").glob("*")]
        return all(any(kind in mail["Subject"] for mail in mails)
                   for kind in kinds) and mails
    links = set()
    for mail in until(arrived):
        found = re.findall(r"https?://[^\s>]+", text_of(mail))
        assert found, mail["Subject"]
        links.update(found)
        if "List-Unsubscribe" in mail:
            links.add(mail["List-Unsubscribe"].strip("<>"))
    assert any("/surveys/" in link for link in links)
    assert any(f"/cases/{case['id']}" in link for link in links)
    # The status page is files that somebody else serves.
    pages = {link for link in links if link.startswith("https://status.")}
    assert len(pages) == 1
    for link in links - pages:
        assert open_as_browser(link) == 200, link
    service.close()


@pytest.mark.direct
def test_what_it_prints_is_where_it_answers(demo):
    assert demo.url == f"http://[::1]:{demo.env['PORT']}"
    assert demo.url in demo.script("start")
    for url in (demo.url, demo.env["WORKER_URL"]):
        assert open_as_browser(url + "/livez") == 200
