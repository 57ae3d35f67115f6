"""A fix, a confirmation, a link or a dismissal of a defect against each other and
against the worker: the case is told once, and not forgotten."""

import pytest

from races import at_once
from sql import Role
from test_defect_fix import fix_notes, told
from world import Defect

ROUNDS = 200
pytestmark = pytest.mark.fact(61)


@pytest.fixture
def defect(engineer):
    """A confirmed defect of the test's own."""
    return Defect(engineer).confirmed()


@pytest.fixture
def half(engineer):
    """A defect that lacks one replication to be confirmed."""
    defect = Defect(engineer)
    defect.replicate("staging").expect(201)
    return defect


def confirm(defect, by, etag):
    return by.post(defect.path + "/confirmation", {
        "development_issue_key": "CAMPUS-4711"}, etag=etag)


def replicate(defect, by):
    return by.post(defect.path + "/replications", {
        "environment": "preview", "version": "2611.1",
        "steps": "Save a score.", "outcome": "not_reproduced"})


@pytest.mark.direct
@pytest.mark.fact(59)
@pytest.mark.parametrize("read_before", [True, False])
def test_a_confirmation_before_the_replication_it_lacks_is_refused(
        meeting, engineer, half, read_before):
    by, etag = meeting.by(engineer), half.read().etag if read_before else "*"
    answers = meeting.meet("defects", lambda: confirm(half, by, etag),
                           lambda: replicate(half, by))
    assert [a.status for a in answers] == [409, 201]
    assert half.read()["status"] == "reported"
    half.confirm().expect(200)


@pytest.mark.direct
@pytest.mark.fact(59)
@pytest.mark.parametrize("read_before", [True, False])
def test_a_confirmation_after_the_replication_counts_if_it_knows_of_it(
        meeting, engineer, half, read_before):
    by, etag = meeting.by(engineer), half.read().etag if read_before else "*"
    answers = meeting.meet("defects", lambda: replicate(half, by),
                           lambda: confirm(half, by, etag))
    assert [a.status for a in answers] == [201, 412 if read_before else 200]
    assert half.read()["status"] == (
        "reported" if read_before else "confirmed")


def test_a_fix_against_a_closing(contact, engineer, defect, tell, as_role):
    """Available and then closed, or closed with the note: never half."""
    cases = [contact.submit() for _ in range(ROUNDS)]
    for case in cases:
        case.link(engineer, defect).expect(201)
    assert defect.fix().expect(201)["cases_pending"] == ROUNDS
    worker = as_role("worker")
    for case in cases:
        close, _ = at_once(
            case.close,
            lambda: worker.run("select rules.timer_defect_fixes(1)"))
        close.expect(200)
    tell()
    for case in cases:
        assert case["status"] == "closed"
        assert len(fix_notes(case)) == 1
        wanted = {"case.available_in_release": [
            ("new", "available_in_release"),
            ("available_in_release", "closed")],
            "case.defect_fixed": [("new", "closed")]}
        (event,) = told(case)
        assert case.changes("status") == wanted[event]


@pytest.mark.rule("2.10")
def test_a_dismissal_against_the_fix_that_waits_for_it(
        contact, engineer, tell, as_role):
    """Whoever comes first, the case is not forgotten."""
    worker = as_role("worker")
    for _ in range(ROUNDS // 4):
        case = contact.submit()
        fixed, dismissed = Defect(engineer).confirmed(), Defect(engineer)
        for defect in (fixed, dismissed):
            case.link(engineer, defect).expect(201)
        fixed.fix().expect(201)
        answer, _ = at_once(
            lambda: dismissed.change(status="not_a_defect"),
            lambda: worker.run("select rules.timer_defect_fixes(10)"))
        answer.expect(200)
        tell()
        assert case["status"] == "available_in_release"
        assert told(case)[-1] == "case.available_in_release"
        assert told(case)[:-1] in ([], ["case.defect_fixed"])


@pytest.mark.direct
@pytest.mark.parametrize("first", ["link", "fix"])
def test_a_link_against_a_fix(meeting, contact, engineer, tell, defect, first):
    """A link before the fix is counted and told, one after it is not."""
    case, by = contact.submit(), meeting.by(engineer)
    both = [lambda: by.post(case.path + "/defects", {"defect_id": defect.id}),
            lambda: by.post(defect.path + "/fix", {"release": "2611.3"},
                            etag="*")]
    if first == "link":
        link, fix = meeting.meet("case_defects", *both)
    else:
        fix, link = meeting.meet("defects", *both[::-1])
    link.expect(201)
    assert fix.expect(201)["cases_pending"] == int(first == "link")
    tell()
    assert len(fix_notes(case)) == int(first == "link")


def test_two_workers_tell_each_case_once(
        contact, engineer, defect, tell, instance):
    cases = [contact.submit() for _ in range(ROUNDS)]
    for case in cases:
        case.link(engineer, defect).expect(201)
    defect.fix().expect(201)
    workers = [Role("worker", instance.role_url("worker"), instance.env)
               for _ in range(2)]

    def work(worker):
        return sum(worker.value("select rules.timer_defect_fixes(1) as n")
                   for _ in range(ROUNDS))
    try:
        done = at_once(*(lambda w=w: work(w) for w in workers))
    finally:
        for worker in workers:
            worker.close()
    assert sum(done) <= ROUNDS
    tell()
    for case in cases:
        assert told(case) == ["case.available_in_release"]
        assert len(fix_notes(case)) == 1
