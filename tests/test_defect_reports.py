"""A known defect is joined by other districts (3.6), and staff see who has it."""

import json

import pytest

from world import Defect


@pytest.fixture
def known(engineer):
    return Defect(engineer, published=True)


def join(by, defect, case):
    return by.post(defect.path + "/reports", {"case_id": case.id})


def test_a_published_defect_is_joined_by_another_district(
        contact, stranger, staff, known):
    theirs, ours = stranger.submit(), contact.submit()
    theirs.link(staff, known).expect(201)
    link = join(contact, known, ours).expect(201)
    assert link["defect_id"] == known.id and link["case_id"] == ours.id
    assert link["linked_by"]["kind"] == "contact"
    assert link["linked_by"]["id"] == contact.id
    assert contact.get(ours.path + "/defects").expect(200)["items"] == [
        link.json]
    events = contact.get(ours.path + "/history").expect(200)["items"]
    assert events[-1]["type"] == "case.defect_linked"
    assert events[-1]["actor"].items() >= link["linked_by"].items()
    assert events[-1]["changes"] == [
        {"member": "defect_id", "old": None, "new": known.id}]


@pytest.mark.fact(60)
def test_who_joins_learns_of_nobody_else(
        contact, stranger, staff, known, as_role):
    theirs = stranger.submit(subject="Zeugma")
    theirs.link(staff, known).expect(201)
    link = join(contact, known, contact.submit()).expect(201)
    read = json.dumps([link.json, known.read(contact).json])
    assert "Zeugma" not in read and str(theirs.id) not in read
    assert "district" not in read and known["published"] is True
    contact.get(known.path + "/cases").expect(403)
    rows = as_role("contact").acting(
        f"select district_id from casework.case_defects where defect_id ="
        f" {known.id}", caller_id=contact.id)
    assert len(rows) == 1


def test_only_what_one_reads_is_joined(
        contact, stranger, partner, engineer):
    hidden = Defect(engineer)
    case = contact.submit()
    for by in (contact, partner):
        join(by, hidden, case).expect(404)
    assert hidden.change(published=True).expect(200)["published"] is True
    assert join(stranger, hidden, case).expect(422).faults == ["/case_id"]
    join(partner, hidden, case).expect(201)
    assert join(contact, hidden, case).expect(
        409, problem="already-exists")
    assert hidden.id in contact.get("/v1/defects?published=true").ids
    hidden.change(published=False).expect(200)
    hidden.read(contact)        # by its own case
    stranger.get(hidden.path).expect(404)


def test_a_defect_is_published_by_a_lead_or_an_engineer(advisor, lead):
    defect = Defect(advisor)
    known = {"title": "x", "description": "x", "published": True}
    for by, expected in ((advisor, 403), (lead, 200)):
        by.post("/v1/defects", known).expect(
            201 if expected == 200 else expected)
        by.patch(defect.path, {"published": True}, etag="*").expect(expected)


@pytest.mark.parametrize("kind", ["contact", "partner"])
def test_a_role_links_in_its_own_name_and_district_only(
        contact, partner, stranger, known, as_role, kind):
    caller = {"contact": contact, "partner": partner}[kind]
    mine, theirs = contact.submit(), stranger.submit()
    for case, by_kind, by_id, state in (
            (mine, kind, caller.id, None), (theirs, kind, caller.id, "42501"),
            (mine, "staff", caller.id, "42501"),
            (mine, kind, caller.id + 1, "42501")):
        assert as_role(kind).fails(
            "insert into casework.case_defects (district_id, case_id,"
            " defect_id, linked_at, linked_by_kind, linked_by_id,"
            " linked_by_name) values (%s, %s, %s, now(), %s, %s, 'x')",
            (contact if case is mine else stranger).district.id, case.id,
            known.id, by_kind, by_id, caller_id=caller.id) == state


def test_only_what_waits_for_a_fix_is_joined_with_an_open_case(
        contact, engineer):
    fixed = Defect(engineer, published=True).confirmed()
    join(contact, fixed, contact.submit()).expect(201)
    fixed.fix().expect(201)
    refused = join(contact, fixed, contact.submit()).expect(
        409, problem="conflict")
    assert "2611.3" in refused["detail"]
    none = Defect(engineer, published=True)
    none.change(status="not_a_defect").expect(200)
    join(contact, none, contact.submit()).expect(409, problem="conflict")
    closed, known = contact.submit(), Defect(engineer, published=True)
    closed.close().expect(200)
    join(contact, known, closed).expect(409, problem="conflict")


@pytest.mark.fact(61)
def test_a_fix_tells_who_joined(contact, engineer, tell):
    known = Defect(engineer, published=True).confirmed()
    case = contact.submit()
    join(contact, known, case).expect(201)
    assert known.fix(text="Saved again.").expect(201)["cases_pending"] == 1
    tell()
    assert case["status"] == "available_in_release"


def test_staff_list_the_cases_of_a_defect(
        contact, stranger, staff, partner, known):
    cases = [contact.submit(), stranger.submit(), contact.submit()]
    contact.submit()
    join(contact, known, cases[0]).expect(201)
    for case in cases[1:]:
        case.link(staff, known).expect(201)
    path = known.path + "/cases"
    wanted = [c.id for c in reversed(cases)]
    assert staff.get(path).expect(200).ids == wanted
    page = staff.get(path, query={"limit": 2}).expect(200)
    assert page.ids == wanted[:2]
    assert staff.get(path, query={"limit": 2, "cursor": page["next"]}
                     ).expect(200).ids == wanted[2:]
    staff.post(f"{cases[1].path}/defects/{known.id}/unlink", etag="*"
               ).expect(200)
    assert staff.get(path).expect(200).ids == [cases[2].id, cases[0].id]
    for by in (contact, partner):
        by.get(path).expect(403, problem="caller-not-allowed")
    staff.get("/v1/defects/9007199254740991/cases").expect(404)
