"""A missed response target is an event, exactly once per cycle, although no
one looks at the case: facts 26 and 81, rules 2.3 and 2.4."""

import datetime

import pytest

from vectors import VECTORS, instant

BREACHED = "case.response_target.breached"
MICROSECOND = datetime.timedelta(microseconds=1)
SUBMITTED = "2026-11-23T10:00:00-06:00"
DUE = "2026-11-23T11:00:00-06:00"           # of a critical case
LATE = "2026-11-23T11:00:00.000001-06:00"

TARGETS = [pytest.param(v, marks=pytest.mark.vector(v["id"]), id=v["id"])
           for v in VECTORS["response_targets"]]
CHANGES = [pytest.param(v, marks=pytest.mark.vector(v["id"]), id=v["id"])
           for v in VECTORS["priority_changes"]]

pytestmark = [pytest.mark.fact(26), pytest.mark.rule("2.4")]


@pytest.fixture
def critical(contact, clock):
    """A critical case, submitted at SUBMITTED."""
    clock.at(SUBMITTED)
    return contact.submit(priority="critical")


def breaches(case):
    return [e for e in case.history() if e["type"] == BREACHED]


@pytest.mark.fact(81)
@pytest.mark.rule("2.1")
@pytest.mark.parametrize("vector", TARGETS)
def test_every_deadline_is_reported_when_it_has_passed(
        contact, clock, timer, vector):
    """Across weekends, holidays, both changes of the clock, year's end."""
    due = instant(vector["response_due_at_utc"])
    clock.at(vector["submitted_at"])
    case = contact.submit(priority=vector["priority"])
    clock.at(due.isoformat())
    timer("breaches")
    assert breaches(case) == []
    clock.at((due + MICROSECOND).isoformat())
    timer("breaches")
    assert [instant(e["at"]) for e in breaches(case)] == [due + MICROSECOND]


@pytest.mark.fact(81)
def test_the_event_is_written_once_and_by_the_service(
        critical, clock, timer):
    clock.at(LATE)
    for _ in range(3):
        timer("breaches")
    clock.at("2026-12-24T11:00:00-06:00")
    timer("breaches")
    event, = breaches(critical)
    assert event["actor"] == {"kind": "system", "id": 0, "name": "casework",
                              "person_id": None, "client_id": None}
    assert (event["visibility"], event["changes"]) == ("public", [])


def test_a_miss_changes_nothing_but_the_record(critical, clock, timer):
    """It is a goal: the case stays as it is, with its ETag and its place."""
    clock.at(LATE)
    before = critical.read()
    assert before["response_target"]["state"] == "missed"
    timer("breaches")
    after = critical.read()
    assert (after.json, after.etag) == (before.json, before.etag)


@pytest.mark.rule("2.3")
def test_an_answer_in_time_is_no_breach(critical, staff, clock, timer):
    clock.at(DUE)
    critical.note(staff).expect(201)
    clock.at("2026-11-24T11:00:00-06:00")
    timer("breaches")
    assert breaches(critical) == []
    assert critical.target["state"] == "met"


def test_a_case_closed_in_time_is_no_breach(critical, clock, timer):
    clock.at(DUE)
    critical.close().expect(200)
    clock.at("2026-11-24T11:00:00-06:00")
    timer("breaches")
    assert breaches(critical) == []


@pytest.mark.parametrize("late", ["note", "resolution", "closing",
                                  "priority"])
def test_who_comes_before_the_timer_writes_the_event(
        critical, staff, clock, timer, late):
    clock.at(LATE)
    {"note": lambda: critical.note(staff).expect(201),
     "resolution": lambda: critical.resolve(staff).expect(200),
     "closing": lambda: critical.close().expect(200),
     "priority": lambda: critical.change(priority="low").expect(200),
     }[late]()
    assert len(breaches(critical)) == 1
    timer("breaches")
    event, = breaches(critical)
    assert event["actor"]["kind"] == "system"
    assert critical.target["state"] == "missed"


@pytest.mark.parametrize("late", ["note", "priority", "closing"])
def test_who_comes_after_the_timer_writes_no_second_event(
        critical, staff, clock, timer, late):
    clock.at(LATE)
    timer("breaches")
    {"note": lambda: critical.note(staff).expect(201),
     "closing": lambda: critical.close().expect(200),
     "priority": lambda: critical.change(priority="low").expect(200),
     }[late]()
    timer("breaches")
    assert len(breaches(critical)) == 1
    assert critical.target["state"] == "missed"


@pytest.mark.parametrize("vector", CHANGES)
def test_every_change_of_priority_has_the_breaches_of_its_example(
        contact, clock, timer, vector):
    clock.at(vector["submitted_at"])
    case = contact.submit(priority=vector["from"])
    clock.at(vector["changed_at"])
    timer("breaches")
    assert len(breaches(case)) == vector["breached_before_change"]
    case.change(priority=vector["to"]).expect(200)
    assert case.target["overdue_on_change"] == vector["overdue_at_change"]
    timer("breaches")
    assert len(breaches(case)) == (
        vector["breached_before_change"] or vector["overdue_at_change"])
    due = instant(vector["due_after_from_submission"])
    assert instant(case.target["due_at"]) == due
    clock.at((due + 2 * MICROSECOND).isoformat())
    timer("breaches")
    clock.at("2027-01-04T12:00:00-06:00")
    timer("breaches")
    assert len(breaches(case)) == 1


def test_a_reopened_case_can_be_late_again(critical, clock, timer):
    clock.at(LATE)
    timer("breaches")
    critical.close().expect(200)
    critical.reopen().expect(200)
    timer("breaches")
    assert len(breaches(critical)) == 1
    clock.at("2026-11-23T12:00:01-06:00")
    timer("breaches")
    timer("breaches")
    assert len(breaches(critical)) == 2


@pytest.mark.rule("2.2")
def test_a_changed_calendar_records_what_was_missed_before(
        critical, clock, timer, another_holiday):
    """And the deadline of the missed target stays."""
    clock.at(LATE)
    due = critical.target["due_at"]
    another_holiday("2026-11-23")
    assert len(breaches(critical)) == 1
    timer("breaches")
    assert len(breaches(critical)) == 1
    assert critical.target["due_at"] == due
    assert critical.target["state"] == "missed"


def test_a_case_that_is_being_answered_is_not_waited_for(
        critical, contact, clock, timer, new_session):
    """The timer takes the others, and this one the next time."""
    other = contact.submit(priority="critical")
    clock.at(LATE)
    holder = new_session()
    holder.run("begin; select from casework.cases where id = %s for update",
               critical.id)
    try:
        timer("breaches")
        assert (len(breaches(other)), len(breaches(critical))) == (1, 0)
    finally:
        holder.run("rollback")
    timer("breaches")
    assert len(breaches(critical)) == 1


def test_one_case_that_fails_does_not_hold_up_the_others(
        critical, contact, clock, timer, sql):
    others = [contact.submit(priority="critical") for _ in range(3)]
    clock.at(LATE)
    sql.run("create function casework.fail() returns trigger language plpgsql"
            " as $$ begin raise exception 'broken'; end $$")
    sql.run("create trigger fail before insert on casework.events"
            " for each row when (new.case_id = %s)"
            " execute function casework.fail()", critical.id)
    try:
        timer("breaches")
        assert [len(breaches(c)) for c in others] == [1, 1, 1]
        assert breaches(critical) == []
        assert sql.value("select attempts from casework.timer_faults where"
                         " item = %s", str(critical.id)) == 1
    finally:
        sql.run("drop function casework.fail() cascade")
    clock.at("2026-11-23T12:05:00-06:00")
    timer("breaches")
    assert len(breaches(critical)) == 1
