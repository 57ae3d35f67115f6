"""The timers of a case against people and against each other, each of them
first: rule 2.5, "the row lock decides"."""

import pytest

from instance import until
from meeting import Begun, waiting
from sql import Role

pytestmark = pytest.mark.direct

PENDING = "2026-11-02T10:00:00-06:00"
DUE = "2026-11-05T17:00:00-06:00"
CLOSES = "2026-11-16T18:00:00-06:00"


@pytest.fixture
def workers(instance):
    """Sessions of two workers."""
    pair = [Role("worker", instance.role_url("worker"), instance.env)
            for _ in range(2)]
    for worker in pair:
        worker.run("set lock_timeout = '60s'; set statement_timeout = '60s'")
    yield pair
    for worker in pair:
        worker.close()


@pytest.fixture
def pending(contact, staff, clock, timer):
    """Submits and resolves a case at PENDING, and moves on to a moment. What
    others have left due by then is done before."""
    def make(moment):
        clock.at(moment)
        for name in ("follow_ups", "auto_close"):
            timer(name)
        clock.at(PENDING)
        case = contact.submit()
        case.resolve(staff).expect(200)
        clock.at(moment)
        return case
    return make


def run(worker, name):
    return lambda: int(worker.run(f"select rules.timer_{name}(100)"))


def happened(case):
    return [e["type"].removeprefix("case.") for e in case.history()
            if e["type"] not in ("case.submitted", "case.resolved")]


@pytest.mark.fact(11, 45)
@pytest.mark.rule("2.5")
def test_a_reply_before_the_closing_job_keeps_the_case_open(
        meeting, pending, colleague, workers, timer):
    case = pending(CLOSES)
    note, done = meeting.meet(
        "cases", lambda: case.note(meeting.by(colleague), "One moment!"),
        run(workers[0], "auto_close"))
    assert (note.status, done) == (201, 0)
    timer("auto_close")
    assert happened(case) == ["note_added", "follow_up_cancelled"]
    assert case["status"] == "assigned"
    assert [n["kind"] for n in case.notes()] == ["resolution", "note"]


@pytest.mark.fact(11, 45)
@pytest.mark.rule("2.5")
def test_a_reply_after_the_closing_job_is_refused(
        meeting, pending, colleague, workers, timer):
    case = pending(CLOSES)
    done, note = meeting.meet(
        "cases", run(workers[0], "auto_close"),
        lambda: case.note(meeting.by(colleague), "One moment!"))
    assert done == 1
    note.expect(409, problem="illegal-transition")
    timer("auto_close")
    assert happened(case) == [*["followed_up"] * 3, "closed"]
    assert case["closure_reason"] == "no_response"
    assert [n["kind"] for n in case.notes()] == [
        "resolution", *["follow_up"] * 3]


@pytest.mark.fact(11, 45)
@pytest.mark.rule("2.5")
def test_two_workers_close_a_case_once(meeting, pending, workers):
    case = pending(CLOSES)
    assert meeting.meet("cases", *(
        run(worker, "auto_close") for worker in workers)) == [1, 0]
    assert happened(case) == [*["followed_up"] * 3, "closed"]


@pytest.mark.fact(11, 45)
@pytest.mark.rule("2.5")
@pytest.mark.parametrize("first", ["staff", "service"])
def test_staff_and_the_service_follow_up_once(
        meeting, pending, staff, workers, timer, first):
    """Whoever is second sees the first: staff by the ETag they have read."""
    case = pending(DUE)
    etag = case.etag

    def record():
        return case.follow_up(meeting.by(staff), etag=etag)
    job = run(workers[0], "follow_ups")
    if first == "staff":
        answer, done = meeting.meet("cases", record, job)
        assert (answer.status, done) == (200, 0)
    else:
        done, answer = meeting.meet("cases", job, record)
        assert (answer.status, done) == (412, 1)
    timer("follow_ups")
    assert happened(case) == ["followed_up"]
    assert [(f["slot"], f["automatic"]) for f in case["follow_up"]["done"]
            ] == [(1, first == "service")]
    assert len(case.notes()) == 2


@pytest.mark.fact(26)
@pytest.mark.rule("2.4")
@pytest.mark.parametrize("first", ["answer", "timer"])
def test_an_answer_and_the_breach_timer_write_one_event(
        meeting, contact, staff, clock, workers, timer, first):
    clock.at("2026-11-23T10:00:00-06:00")
    case = contact.submit(priority="critical")
    clock.at("2026-11-23T11:00:01-06:00")
    both = [lambda: case.note(meeting.by(staff)).expect(201),
            run(workers[0], "breaches")]
    meeting.meet("cases", *(both if first == "answer" else both[::-1]))
    timer("breaches")
    wanted = ["note_added", "response_target.breached"]
    assert sorted(happened(case)) == wanted


# -- the same, step by step ------------------------------------------------

@pytest.mark.fact(11, 45)
@pytest.mark.rule("2.5")
def test_a_reply_not_yet_committed_keeps_the_case_open(
        pending, contact, as_role, clock, timer):
    """Written at 18:00:02, committed while the late job runs at 18:05."""
    case = pending("2026-11-16T18:00:02-06:00")
    role = as_role("contact")
    role.run(role.beginning(contact.id)
             + "select status from rules.add_note(%s, '{\"text\": \"Wait!\"}')",
             case.id)
    clock.at("2026-11-16T18:05:00-06:00")
    timer("auto_close")
    role.run("commit")
    timer("auto_close")
    assert case["status"] == "assigned"
    assert happened(case) == ["note_added", "follow_up_cancelled"]


@pytest.mark.fact(11, 45)
@pytest.mark.rule("2.5")
def test_a_closing_not_yet_committed_refuses_the_reply(
        meeting, pending, contact, workers, sql):
    case = pending(CLOSES)
    workers[0].run("begin; select rules.timer_auto_close(100)")
    reply = Begun(lambda: case.note(meeting.by(contact)))
    until(lambda: waiting(sql, "contact"))
    assert not reply.is_done
    workers[0].run("commit")
    reply.end().expect(409, problem="illegal-transition")
    assert len(case.notes()) == 4


@pytest.mark.fact(11, 45)
@pytest.mark.rule("2.5")
def test_a_worker_that_dies_has_done_nothing(pending, workers, timer):
    case = pending(CLOSES)
    workers[0].run("begin; select rules.timer_auto_close(100)")
    workers[0].process.kill()
    workers[0].process.wait()

    def closed():
        timer("auto_close")
        return case["status"] == "closed"
    until(closed)
    assert happened(case) == [*["followed_up"] * 3, "closed"]


@pytest.mark.fact(11, 45)
@pytest.mark.rule("2.5")
@pytest.mark.parametrize("act", ["auto_close", "follow_up_by_itself"])
def test_the_service_looks_again_once_it_has_the_case(
        pending, contact, staff, workers, act):
    """Answered and resolved anew since the timer found it: a new run."""
    case = pending(CLOSES)
    case.note(contact).expect(201)
    case.resolve(staff).expect(200)
    before = case.read()
    workers[0].run(f"select rules.{act}(%s, rules.actor())", case.id)
    after = case.read()
    assert (after.json, after.etag) == (before.json, before.etag)
    assert before["follow_up"]["done"] == []
