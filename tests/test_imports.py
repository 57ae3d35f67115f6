"""Cases that wake nobody: those brought from elsewhere, with the time of their
submission there (3.2), and those made for a test."""

import pytest

from surveys import decision
from webhooks import Webhook
from world import Case, a_case

BREACHED = "case.response_target.breached"
LONG_AGO = "2026-01-05T15:00:00Z"
pytestmark = [pytest.mark.rule("2.10"), pytest.mark.rule("3.2")]


def submitted(by, contact, **members):
    return Case(contact, by.post("/v1/cases", a_case(
        contact_id=contact.id, **members)).expect(201))


@pytest.fixture
def old(staff, contact):
    """Submitted elsewhere, years before it was brought here."""
    return submitted(staff, contact, submitted_at=LONG_AGO,
                     priority="critical")


@pytest.fixture
def trial(staff, contact):
    return submitted(staff, contact, test=True, priority="critical",
                     type="outage")


def of(person):
    return f"{person.kind}:{person.id}"


def counted(sql, district):
    return sql.row(
        "select coalesce(sum(submitted), 0) as submitted,"
        " coalesce(sum(critical), 0) as critical,"
        " coalesce(sum(answered), 0) as answered,"
        " coalesce(sum(closed), 0) as closed from casework.daily_figures"
        " where district_id = %s", district.id)


NOTHING = {"submitted": 0, "critical": 0, "answered": 0, "closed": 0}


def breaches(case):
    return [e for e in case.history() if e["type"] == BREACHED]


# -- imports -----------------------------------------------------------------

def test_an_import_is_no_news_to_anybody(post, old, contact):
    assert post.written(old) == []
    assert [e["type"] for e in old.history()] == ["case.submitted"]
    assert old["submitted_at"] == LONG_AGO < old["created_at"]
    assert contact.get(old.path).expect(200)["id"] == old.id


def test_an_import_misses_nothing(old, timer, clock, contact):
    target = old.target
    assert target["state"] == "none"
    assert target["first_response_at"] is None
    assert target["business_seconds_elapsed"] == 0
    clock.at("2031-03-04T10:00:00-06:00")
    timer("breaches")
    assert old.target["state"] == "none" and breaches(old) == []
    assert old["next_steps"] == []
    for state, found in (("none", [old.id]), ("missed", []),
                         ("pending", []), ("met", [])):
        assert contact.get("/v1/cases", query={
            "response_state": state}).expect(200).ids == found


def test_nothing_that_happens_to_it_is_a_response_or_a_miss(old, advisor):
    old.change(priority="high").expect(200)
    old.note(advisor).expect(201)
    old.resolve(advisor).expect(200)
    old.close().expect(200)
    assert old.target["state"] == "none"
    assert old.target["first_response_at"] is None
    assert breaches(old) == []


def test_what_happens_to_it_here_is_told(post, old, advisor, contact):
    old.note(advisor).expect(201)
    assert post.written(old) == [("case.note_added", of(contact))]


def test_a_reopened_import_has_a_target_like_any_other(
        old, advisor, timer, clock):
    clock.at("2026-11-23T10:00:00-06:00")
    old.close(advisor, closure_reason="withdrawn").expect(200)
    old.reopen().expect(200)
    assert (old.target["state"], old.target["cycle"]) == ("pending", 2)
    clock.at("2026-11-23T11:00:01-06:00")
    timer("breaches")
    assert old.target["state"] == "missed" and len(breaches(old)) == 1


def test_nobody_rates_what_was_done_elsewhere(old, sql, post):
    old.close().expect(200)
    assert decision(sql, old) == ("suppressed", "imported_case")
    assert all(kind != "survey.invited" for kind, _ in post.written(old))


def test_no_figure_counts_an_import(old, advisor, contact, settle, sql):
    old.note(advisor).expect(201)
    old.close(advisor, closure_reason="withdrawn").expect(200)
    settle()
    assert counted(sql, contact.district) == NOTHING
    contact.submit()
    settle()
    assert counted(sql, contact.district) == {**NOTHING, "submitted": 1}


@pytest.mark.parametrize("at, state", [
    ("10:00:30", "pending"), ("10:00:00", "pending"),
    ("09:59:59.999999", "pending"), ("09:59:30", "pending"),
    ("09:59:29.999999", "none"), ("09:00:00", "none")])
def test_who_says_now_by_a_clock_of_its_own_imports_nothing(
        staff, contact, clock, post, at, state):
    clock.at("2026-11-23T10:00:00-06:00")
    case = submitted(staff, contact, submitted_at=f"2026-11-23T{at}-06:00")
    assert case.target["state"] == state
    assert (post.written(case) == []) is (state == "none")


def test_a_trial_of_an_import_is_checked_like_one(staff, contact):
    staff.post("/v1/cases/validation", a_case(
        contact_id=contact.id, submitted_at=LONG_AGO)).expect(200)


# -- tests -------------------------------------------------------------------

@pytest.fixture
def reachable(advisor, sql):
    sql.run("update casework.staff set email = %s where id = %s",
            f"advisor-{advisor.id}@casework.example", advisor.id)
    return advisor


def test_nobody_gets_a_mail_about_a_test(
        post, staff, contact, reachable, colleague, clock, timer):
    """Whatever happens to it, whoever does it."""
    clock.at("2026-11-23T10:00:00-06:00")
    trial = submitted(staff, contact, test=True)
    trial.assign(reachable, reachable).expect(200)
    trial.note(reachable).expect(201)
    trial.note(colleague).expect(201)
    trial.attach().expect(201)
    trial.escalate(reachable).expect(201)
    trial.resolve(reachable).expect(200)
    clock.at("2027-01-23T10:00:00-06:00")
    timer("follow_ups")
    timer("auto_close")
    assert trial["closure_reason"] == "no_response"
    trial.reopen(colleague).expect(200)
    assert post.written(trial) == []


def test_what_turns_out_to_be_a_test_is_not_told_any_more(
        post, case, advisor, as_role):
    case.note(advisor).expect(201)
    assert post.written(case) == [("case.note_added", of(case.submitter))]
    case.change(advisor, test=True).expect(200)
    worker = as_role("worker")
    while worker.rows("select * from rules.lease_mail(60, 30)"):
        pass
    assert {m["state"] for m in post.mails(case)} == {"withheld"}
    case.note(advisor).expect(201)
    assert len(post.written(case)) == 1
    case.change(advisor, test=False).expect(200)
    case.note(advisor).expect(201)
    assert len(post.written(case)) == 2


def test_a_missed_target_of_a_test_is_no_news(contact, staff, clock, timer):
    clock.at("2026-11-23T10:00:00-06:00")
    ways = [submitted(staff, contact, test=True, priority="critical")
            for _ in range(3)]
    clock.at("2026-11-23T11:00:01-06:00")
    ways[0].note(staff).expect(201)
    ways[1].close().expect(200)
    timer("breaches")
    for case in ways:
        assert case.target["state"] == "missed" and breaches(case) == []


def test_nobody_is_to_call_about_a_test(trial):
    assert trial["next_steps"] == []


def test_a_test_is_in_no_figure_and_without_a_survey(
        trial, contact, advisor, settle, sql):
    trial.note(advisor).expect(201)
    trial.close().expect(200)
    settle()
    assert counted(sql, contact.district) == NOTHING
    assert decision(sql, trial) == ("suppressed", "test_case")


def test_no_webhook_is_woken_by_a_test(contact, staff, advisor, trial, timer):
    """The feed tells of it: who asks is not woken."""
    watch = [Webhook(by, "https://receiver.example/hook")
             for by in (contact, advisor)]
    trial.note(advisor).expect(201)
    real = contact.submit()
    while not watch[0].deliveries():
        timer("webhook_dispatch")
    for webhook in watch:
        assert {d["type"] for d in webhook.deliveries()
                } <= {"case.submitted", "webhook.created"}
    events = contact.all("/v1/events", case_id=trial.id)
    assert [e["type"] for e in events] == ["case.submitted",
                                           "case.note_added"]
    assert real.id in {e["case_id"] for e in contact.all("/v1/events")}
