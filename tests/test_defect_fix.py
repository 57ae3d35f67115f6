"""A fixed defect and its cases: facts 61 and 62, rule 2.10, states of 1.12."""

import pytest

from world import OPEN, Defect

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
