"""The timers of a case against people and against each other, on connections
of their own, many rounds: rule 2.5, "the row lock decides"."""

import threading
import time

import pytest

from sql import Role
from races import at_once

ROUNDS = 200
PENDING = "2026-11-02T10:00:00-06:00"
DUE = "2026-11-05T17:00:00-06:00"
CLOSES = "2026-11-16T18:00:00-06:00"


@pytest.fixture
def workers(instance):
    """Sessions of two workers."""
    pair = [Role("worker", instance.role_url("worker"), instance.env)
            for _ in range(2)]
    yield pair
    for worker in pair:
        worker.close()


@pytest.fixture
def pending(contact, staff, clock):
    """Submits and resolves a case at PENDING, and moves on to a moment."""
    def make(moment):
        clock.at(PENDING)
        case = contact.submit()
        case.resolve(staff).expect(200)
        clock.at(moment)
        return case
    return make


def run(worker, name, delay=0.0):
    def action():
        time.sleep(delay)
        return int(worker.run(f"select rules.timer_{name}(100)"))
    return action


def head_starts(number):
    """Seconds by which either side begins later, another way each round; in
    some rounds so many that the other side is certain to be first."""
    early = number % 10
    return {0: (0.03, 0.0), 1: (0.0, 0.03)}.get(
        early, (0.0, 0.0005 * early))


def happened(case):
    return [e["type"].removeprefix("case.") for e in case.history()
            if e["type"] not in ("case.submitted", "case.resolved")]


@pytest.mark.fact(11, 45)
@pytest.mark.rule("2.5")
def test_a_reply_and_the_closing_job(pending, colleague, workers, timer):
    """Exactly one of them happens, wholly."""
    seen = set()
    for number in range(ROUNDS):
        case = pending(CLOSES)
        job, person = head_starts(number)

        def reply():
            time.sleep(person)
            return case.note(colleague, "One moment!")
        note, _ = at_once(reply, run(workers[0], "auto_close", job))
        timer("auto_close")
        if note.status == 201:
            assert happened(case) == ["note_added", "follow_up_cancelled"]
            assert case["status"] == "assigned"
            assert [n["kind"] for n in case.notes()] == [
                "resolution", "note"]
        else:
            note.expect(409, problem="illegal-transition")
            assert happened(case) == [*["followed_up"] * 3, "closed"]
            assert case["closure_reason"] == "no_response"
            assert [n["kind"] for n in case.notes()] == [
                "resolution", *["follow_up"] * 3]
        seen.add(note.status)
    assert seen == {201, 409}, "one side was always first: no race"


@pytest.mark.fact(11, 45)
@pytest.mark.rule("2.5")
def test_two_workers_close_a_case_once(pending, workers):
    for number in range(ROUNDS):
        case = pending(CLOSES)
        one, two = head_starts(number)
        done = at_once(run(workers[0], "auto_close", one / 30),
                       run(workers[1], "auto_close", two / 30))
        assert sorted(done) == [0, 1]
        assert happened(case) == [*["followed_up"] * 3, "closed"]


@pytest.mark.fact(11, 45)
@pytest.mark.rule("2.5")
def test_staff_and_the_service_follow_up_once(
        pending, staff, workers, timer):
    """Whoever is second sees the first: staff by the ETag they have read."""
    seen = set()
    for number in range(ROUNDS):
        case = pending(DUE)
        etag = case.etag
        job, person = head_starts(number)

        def record():
            time.sleep(person)
            return case.follow_up(staff, etag=etag)
        answer, _ = at_once(record, run(workers[0], "follow_ups", job))
        timer("follow_ups")
        assert answer.status in (200, 412)
        assert happened(case) == ["followed_up"]
        run_now = case["follow_up"]
        assert [(f["slot"], f["automatic"]) for f in run_now["done"]] == [
            (1, answer.status == 412)]
        assert len(case.notes()) == 2
        seen.add(answer.status)
    assert seen == {200, 412}, "one side was always first: no race"


@pytest.mark.fact(26)
@pytest.mark.rule("2.4")
def test_an_answer_and_the_breach_timer_write_one_event(
        contact, staff, clock, workers, timer):
    for number in range(ROUNDS):
        clock.at("2026-11-23T10:00:00-06:00")
        case = contact.submit(priority="critical")
        clock.at("2026-11-23T11:00:01-06:00")
        job, person = head_starts(number)

        def answer():
            time.sleep(person)
            return case.note(staff)
        note, _ = at_once(answer, run(workers[0], "breaches", job))
        note.expect(201)
        timer("breaches")
        assert sorted(happened(case)) == [
            "note_added", "response_target.breached"]


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
        pending, contact, workers):
    case = pending(CLOSES)
    workers[0].run("begin; select rules.timer_auto_close(100)")
    answers = []
    reply = threading.Thread(target=lambda: answers.append(case.note()))
    reply.start()
    time.sleep(0.1)
    assert answers == []
    workers[0].run("commit")
    reply.join()
    answers[0].expect(409, problem="illegal-transition")
    assert len(case.notes()) == 4


@pytest.mark.fact(11, 45)
@pytest.mark.rule("2.5")
def test_a_worker_that_dies_has_done_nothing(pending, workers, timer):
    case = pending(CLOSES)
    workers[0].run("begin; select rules.timer_auto_close(100)")
    workers[0].process.kill()
    workers[0].process.wait()
    deadline = time.monotonic() + 60
    while case["status"] != "closed" and time.monotonic() < deadline:
        timer("auto_close")
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
