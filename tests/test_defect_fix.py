"""A fixed defect and its cases: facts 61 and 62, rule 2.10, states of 1.12."""

import pytest

from sql import Role
from races import at_once
from world import OPEN, Defect

ROUNDS = 200
pytestmark = pytest.mark.fact(61)


@pytest.fixture
def defect(engineer):
    """A confirmed defect of the test's own."""
    return Defect(engineer).confirmed()


@pytest.fixture
def linked(case, engineer, defect):
    case.link(engineer, defect).expect(201)
    return case


def told(case):
    """What the case was told of its defects: the events, oldest first."""
    return [e["type"] for e in case.history()
            if e["type"] in ("case.available_in_release",
                             "case.defect_fixed")]


def fix_notes(case):
    return [n for n in case.notes() if n["kind"] == "defect"]


# -- one fix ---------------------------------------------------------------

@pytest.mark.rule("1.12")
@pytest.mark.parametrize("status", [s for s in OPEN
                                    if s != "available_in_release"])
def test_every_open_case_becomes_available_in_release(
        linked, bring, defect, tell, status):
    bring(linked, status)
    defect.fix("2611.3", text="Take the update.").expect(201)
    tell()
    assert linked["status"] == "available_in_release"
    (note,) = fix_notes(linked)
    assert (note["visibility"], note["author"]["kind"]) == (
        "public", "system")
    assert "2611.3" in note["text"] and "Take the update." in note["text"]
    event, = (e for e in linked.history()
              if e["type"] == "case.available_in_release")
    assert event["note_id"] == note["id"]
    assert {"member": "status", "old": status,
            "new": "available_in_release"} in event["changes"]


def test_the_fix_is_told_once(linked, defect, tell):
    defect.fix().expect(201)
    tell()
    tell()
    assert told(linked) == ["case.available_in_release"]
    assert len(fix_notes(linked)) == 1


def test_the_note_and_the_status_come_together_or_not_at_all(
        linked, defect, tell, as_role):
    """A worker that dies before its commit leaves nothing behind."""
    defect.fix().expect(201)
    as_role("worker").run("begin; select rules.timer_defect_fixes(1000);"
                          " rollback")
    tell()
    assert told(linked) == ["case.available_in_release"]
    assert len(fix_notes(linked)) == 1


def test_each_case_is_told_in_a_transaction_of_its_own(
        contact, engineer, defect, tell, sql):
    cases = [contact.submit() for _ in range(5)]
    for case in cases:
        case.link(engineer, defect).expect(201)
    defect.fix().expect(201)
    tell()
    assert sql.value("select count(distinct xid) from casework.events"
                     " where type = 'case.available_in_release'"
                     " and case_id = any (%s)", [c.id for c in cases]) == 5


def test_the_defect_shows_its_fix(linked, contact, engineer, defect):
    answer = defect.fix("2611.3", text="Saved again.").expect(201)
    assert answer["cases_pending"] == 1
    seen = defect.read(contact)
    assert seen["status"] == "fixed" and seen.etag == answer.etag
    (fix,) = seen["fixes"]
    assert (fix["release"], fix["text"]) == ("2611.3", "Saved again.")
    assert fix["fixed_by"]["id"] == engineer.id
    (link,) = contact.all(linked.path + "/defects")
    assert link["fixed_in_release"] == "2611.3"


def test_a_closed_case_gets_the_note_only(linked, contact, defect, tell):
    linked.close().expect(200)
    defect.fix().expect(201)
    tell()
    assert linked["status"] == "closed"
    assert told(linked) == ["case.defect_fixed"]
    assert len(fix_notes(linked)) == 1


@pytest.mark.rule("2.3")
def test_the_note_of_a_fix_is_no_response(linked, defect, tell):
    defect.fix().expect(201)
    tell()
    assert linked.target["first_response_at"] is None


@pytest.mark.rule("1.12")
def test_from_available_in_release_to_closed(linked, defect, staff, tell):
    defect.fix().expect(201)
    tell()
    linked.resolve(staff, kind="update_recommended", defect_id=defect.id,
                   fixed_in_release="2611.3").expect(200)
    linked.close().expect(200)
    assert [new for _, new in linked.changes("status")] == [
        "available_in_release", "pending_verification", "closed"]


def test_cases_of_other_defects_are_not_told(
        contact, engineer, defect, tell):
    other = Defect(engineer).confirmed()
    case = contact.submit()
    case.link(engineer, other).expect(201)
    defect.fix().expect(201)
    tell()
    assert case["status"] == "new" and told(case) == []


def test_only_a_confirmed_defect_is_fixed(engineer):
    defect = Defect(engineer)
    defect.fix().expect(409, problem="conflict")
    assert defect["fixes"] == []


def test_a_fix_is_recorded_once_per_release(linked, defect, tell):
    defect.fix("2611.3").expect(201)
    defect.fix("2611.3").expect(409, problem="already-exists")
    assert defect.fix("none-such").expect(422).faults == ["/release"]
    tell()
    assert len(fix_notes(linked)) == 1


@pytest.mark.fact(60)
def test_every_linked_case_of_every_district_is_told(
        linked, world, engineer, defect, tell):
    other = world.district().contact().submit()
    other.link(engineer, defect).expect(201)
    assert defect.fix().expect(201)["cases_pending"] == 2
    tell()
    for case in (linked, other):
        assert case["status"] == "available_in_release"


# -- two defects on one case, and a second fix (2.10) ----------------------

@pytest.mark.rule("2.10")
def test_the_status_changes_with_the_last_defect(
        linked, engineer, defect, tell):
    second = Defect(engineer).confirmed()
    linked.link(engineer, second).expect(201)
    defect.fix().expect(201)
    tell()
    assert linked["status"] == "new"
    assert told(linked) == ["case.defect_fixed"]
    second.fix("2612.1").expect(201)
    tell()
    assert linked["status"] == "available_in_release"
    assert told(linked) == ["case.defect_fixed", "case.available_in_release"]
    assert [("2611.3" in n["text"], "2612.1" in n["text"])
            for n in fix_notes(linked)] == [(True, False), (False, True)]


@pytest.mark.rule("2.10")
@pytest.mark.parametrize("how", ["dismissed", "unlinked"])
def test_a_defect_that_is_none_holds_no_case_back(
        linked, engineer, defect, tell, how):
    second = Defect(engineer)
    linked.link(engineer, second).expect(201)
    defect.fix().expect(201)
    tell()
    assert linked["status"] == "new"
    if how == "dismissed":
        second.change(status="not_a_defect").expect(200)
    else:
        engineer.post(f"{linked.path}/defects/{second.id}/unlink",
                      etag="*").expect(200)
    tell()
    assert linked["status"] == "available_in_release"
    tell()
    assert told(linked) == ["case.defect_fixed", "case.available_in_release"]


@pytest.mark.rule("2.10")
@pytest.mark.parametrize("since", ["taken back", "reopened"])
def test_what_was_told_of_every_fix_is_told_of_none_again(
        linked, engineer, staff, defect, tell, since):
    second, third = Defect(engineer).confirmed(), Defect(engineer)
    linked.link(engineer, second).expect(201)
    for fixed in (defect, second):
        fixed.fix().expect(201)
        tell()
    if since == "taken back":
        linked.change(staff, status="assigned").expect(200)
    else:
        linked.resolve(staff).expect(200)
        linked.close().expect(200)
        linked.reopen().expect(200)
    linked.link(engineer, third).expect(201)
    third.change(status="not_a_defect").expect(200)
    tell()
    assert linked["status"] == "assigned"
    assert told(linked) == ["case.defect_fixed", "case.available_in_release"]
    assert len(fix_notes(linked)) == 2


@pytest.mark.rule("2.10")
def test_a_third_defect_holds_the_case_back_still(
        linked, engineer, defect, tell):
    second, third = Defect(engineer), Defect(engineer)
    for other in (second, third):
        linked.link(engineer, other).expect(201)
    defect.fix().expect(201)
    tell()
    second.change(status="not_a_defect").expect(200)
    tell()
    assert linked["status"] == "new"
    assert told(linked) == ["case.defect_fixed"]
    third.change(status="not_a_defect").expect(200)
    tell()
    assert linked["status"] == "available_in_release"


@pytest.mark.rule("2.10")
def test_a_second_fix_is_a_note_only_for_an_available_case(
        linked, defect, tell):
    defect.fix("2611.3").expect(201)
    tell()
    defect.fix("2612.1").expect(201)
    tell()
    assert linked["status"] == "available_in_release"
    assert told(linked) == ["case.available_in_release", "case.defect_fixed"]
    assert len(fix_notes(linked)) == 2
    assert [f["release"] for f in defect["fixes"]] == ["2611.3", "2612.1"]


@pytest.mark.rule("2.10")
def test_a_second_fix_takes_a_case_along_that_was_taken_back(
        linked, staff, defect, tell):
    defect.fix("2611.3").expect(201)
    tell()
    linked.change(staff, status="assigned").expect(200)
    defect.fix("2612.1").expect(201)
    tell()
    assert linked["status"] == "available_in_release"
    assert told(linked) == ["case.available_in_release"] * 2


def test_a_case_linked_after_the_fix_waits_for_the_next_one(
        contact, engineer, defect, tell):
    defect.fix("2611.3").expect(201)
    late = contact.submit()
    late.link(engineer, defect).expect(201)
    tell()
    assert late["status"] == "new"
    defect.fix("2612.1").expect(201)
    tell()
    assert late["status"] == "available_in_release"


# -- races -----------------------------------------------------------------

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
