"""Product defects: facts 4, 59 and 60, rule 2.10."""

import re

import pytest

from world import Defect


@pytest.fixture
def linked(case, engineer, defect):
    """The case, linked to the defect."""
    case.link(engineer, defect).expect(201)
    return case


def defects_of(case, by=None):
    return (by or case.submitter).all(case.path + "/defects")


# -- reporting -------------------------------------------------------------

def test_a_defect_is_reported_by_staff(engineer, staff):
    defect = Defect(engineer, product_area="grade_book",
                    affected_releases=["2611", "2612"])
    seen = defect.read(staff)
    assert seen["status"] == "reported"
    assert seen["reported_by"]["id"] == engineer.id
    assert seen["affected_releases"] == ["2611", "2612"]
    assert seen["fixes"] == [] and seen["development_issue_key"] is None
    assert seen.etag == defect.answer.etag


def test_a_defect_changes_with_its_version(defect):
    before = defect.read()
    answer = defect.change(etag=before.etag, title="Other").expect(200)
    assert answer["title"] == "Other" and answer.etag != before.etag
    defect.change(etag=before.etag, title="Third").expect(412)
    assert defect.change(title="Other").expect(200).etag == answer.etag


def test_an_unknown_product_area_is_refused(engineer, defect, inactive_area):
    for code in ("none", inactive_area):
        body = {"title": "x", "description": "x", "product_area": code}
        assert engineer.post("/v1/defects", body).expect(422).faults == [
            "/product_area"]
        assert defect.change(product_area=code).expect(422).faults == [
            "/product_area"]


def test_defects_are_found_by_what_they_say(engineer, defect):
    other = Defect(engineer, product_area="attendance")
    other.confirmed()
    issue = f"CAMPUS-{other.id}"
    third = Defect(engineer, title=f"Letters {other.id} are lost")
    third.replicate("staging").expect(201)
    third.replicate("sandbox").expect(201)
    third.confirm(issue=issue).expect(200)

    def found(**query):
        return [d["id"] for d in engineer.all("/v1/defects", **query)]
    assert defect.id in found(status="reported")
    assert other.id in found(product_area="attendance", status="confirmed")
    assert found(development_issue_key=issue) == [third.id]
    assert found(title_contains=f"LETTERS {other.id}") == [third.id]
    ids = found()
    assert ids == sorted(ids, reverse=True)


def test_what_is_not_there_is_not_found(engineer, case):
    nothing = "/v1/defects/9007199254740991"
    engineer.get(nothing).expect(404)
    engineer.patch(nothing, {"title": "x"}, etag="*").expect(404)
    engineer.get(nothing + "/replications").expect(404)
    engineer.post(nothing + "/replications", {
        "environment": "staging", "version": "1", "steps": "x",
        "outcome": "reproduced"}).expect(404)
    engineer.post(nothing + "/confirmation", {"development_issue_key": "x"},
                  etag="*").expect(404)
    engineer.post(nothing + "/fix", {"release": "x"}, etag="*").expect(404)
    engineer.post(case.path + "/defects/9007199254740991/unlink",
                  etag="*").expect(404)
    engineer.post("/v1/cases/9007199254740991/defects", {"defect_id": 1}
                  ).expect(404)
    engineer.get("/v1/cases/9007199254740991/defects").expect(404)


# -- qualifying and confirming (fact 59) -----------------------------------

@pytest.mark.fact(59)
def test_a_replication_is_recorded_with_who_and_when(engineer, defect):
    answer = defect.replicate("sandbox", "inconclusive",
                              tested_at="2026-01-05T09:00:00-06:00")
    answer.expect(201)
    assert answer["tested_at"] == "2026-01-05T15:00:00Z"
    assert answer["tested_by"]["id"] == engineer.id
    assert engineer.all(defect.path + "/replications") == [answer.json]


def test_a_test_lies_in_the_past(defect):
    assert defect.replicate(tested_at="2190-01-01T00:00:00Z").expect(
        422).faults == ["/tested_at"]


def test_replications_stay_as_they_were_recorded(as_role):
    staff = as_role("staff")
    for statement in ("update casework.defect_replications set steps = 'x'",
                      "delete from casework.defect_replications",
                      "update casework.defect_fixes set release = 'x'",
                      "delete from casework.defects",
                      "delete from casework.case_defects",
                      "delete from casework.escalations"):
        assert staff.fails(statement) == "42501", statement


@pytest.mark.fact(59)
@pytest.mark.parametrize("tests, missing", [
    ([], ["environment", "reproduction"]),
    (["staging reproduced"], ["environment"]),
    (["staging reproduced", "staging reproduced"], ["environment"]),
    (["staging not_reproduced", "staging reproduced"], ["environment"]),
    (["staging not_reproduced"], ["environment", "reproduction"]),
    (["staging not_reproduced", "preview inconclusive"], ["reproduction"]),
])
def test_too_few_environments_do_not_confirm(defect, tests, missing):
    for test in tests:
        defect.replicate(*test.split()).expect(201)
    answer = defect.confirm().expect(409, problem="defect-not-qualified")
    assert answer["missing"] == missing
    assert defect["status"] == "reported"
    assert defect["development_issue_key"] is None


@pytest.mark.fact(59)
@pytest.mark.parametrize("tests", [
    ["staging reproduced", "preview not_reproduced"],
    ["production inconclusive", "sandbox reproduced"],
    ["staging reproduced", "production reproduced"],
])
def test_two_environments_and_a_reproduction_confirm(
        engineer, defect, tests):
    for test in tests:
        defect.replicate(*test.split()).expect(201)
    answer = defect.confirm(issue="CAMPUS-1").expect(200)
    assert answer["status"] == "confirmed"
    assert answer["development_issue_key"] == "CAMPUS-1"
    assert answer["confirmed_at"] and (
        answer["confirmed_by"]["id"] == engineer.id)
    defect.confirm().expect(409, problem="conflict")


@pytest.mark.fact(60)
def test_the_confirmation_reaches_every_linked_case(
        linked, contact, world, engineer, defect):
    other = world.district().contact().submit()
    unlike = contact.submit()
    other.link(engineer, defect).expect(201)
    defect.confirmed()
    for case in (linked, other):
        event = case.history()[-1]
        assert event["type"] == "case.defect_confirmed"
        assert {"member": "development_issue_key", "old": None,
                "new": "CAMPUS-4711"} in event["changes"]
        (seen,) = defects_of(case)
        assert seen["development_issue_key"] == "CAMPUS-4711"
    assert "case.defect_confirmed" not in [
        e["type"] for e in unlike.history()]


@pytest.mark.parametrize("before, wanted, status", [
    ("reported", "not_a_defect", 200), ("confirmed", "not_a_defect", 200),
    ("reported", "confirmed", 409), ("reported", "fixed", 409),
    ("confirmed", "fixed", 409), ("confirmed", "reported", 409),
    ("fixed", "not_a_defect", 409), ("fixed", "confirmed", 409)])
def test_a_defect_is_dismissed_but_not_confirmed_or_fixed_by_its_status(
        linked, defect, before, wanted, status):
    if before != "reported":
        defect.confirmed()
    if before == "fixed":
        defect.fix().expect(201)
    defect.change(status=wanted).expect(status)
    assert defect["status"] == (wanted if status == 200 else before)
    assert ("case.defect_dismissed" in [
        e["type"] for e in linked.history()]) == (status == 200)


def test_a_dismissed_defect_is_taken_up_again(linked, defect):
    defect.change(status="not_a_defect").expect(200)
    defect.fix().expect(409, problem="conflict")
    defect.change(status="reported").expect(200)
    assert linked.history()[-1]["type"] == "case.defect_reported"


# -- cases of a defect (fact 60) -------------------------------------------

@pytest.mark.fact(60)
def test_many_cases_have_one_defect_and_one_case_several(
        contact, engineer, defect):
    one, other = contact.submit(), contact.submit()
    second = Defect(engineer)
    for case in (one, other):
        case.link(engineer, defect).expect(201)
    one.link(engineer, second).expect(201)
    assert [d["defect_id"] for d in defects_of(one)] == sorted(
        [defect.id, second.id])
    assert [d["defect_id"] for d in defects_of(other)] == [defect.id]


@pytest.mark.fact(15, 60)
def test_a_link_shows_in_the_history(linked, engineer, defect):
    event = linked.history()[-1]
    assert event["type"] == "case.defect_linked"
    assert event["actor"]["id"] == engineer.id
    assert event["changes"] == [
        {"member": "defect_id", "old": None, "new": defect.id}]


def test_a_case_is_linked_once(linked, engineer, defect):
    linked.link(engineer, defect).expect(409, problem="already-exists")
    answer = engineer.post(linked.path + "/defects",
                           {"defect_id": 9007199254740991}).expect(422)
    assert answer.faults == ["/defect_id"]
    assert len(defects_of(linked)) == 1


def test_a_link_made_by_mistake_ends(linked, engineer, defect):
    engineer.post(f"{linked.path}/defects/{defect.id}/unlink",
                  etag="*").expect(200)
    assert defects_of(linked) == []
    assert linked.history()[-1]["type"] == "case.defect_unlinked"
    linked.submitter.get(defect.path).expect(404)
    engineer.post(f"{linked.path}/defects/{defect.id}/unlink",
                  etag="*").expect(404)
    assert defect.confirmed().fix().expect(201)["cases_pending"] == 0
    linked.link(engineer, defect).expect(201)


@pytest.mark.fact(60)
def test_a_district_sees_a_defect_only_with_a_case_of_its_own(
        world, engineer, defect, as_role):
    one, other = world.district().contact(), world.district().contact()
    first, second = one.submit(), other.submit()
    partner = world.partner(other.district)
    first.link(engineer, defect).expect(201)
    for outsider in (other, partner):
        hidden = outsider.get(defect.path).expect(404)
        assert hidden["detail"] == outsider.get(
            "/v1/defects/9007199254740991").expect(404)["detail"]
        outsider.get(defect.path + "/replications").expect(404)
        assert defect.id not in outsider.get("/v1/defects").ids
    for table, column in (("defects", "id"), ("case_defects", "defect_id"),
                          ("defect_replications", "defect_id"),
                          ("defect_fixes", "defect_id")):
        assert as_role("contact").acting(
            f"select from casework.{table} where {column} = %s", defect.id,
            caller_id=other.id) == []
    second.link(engineer, defect).expect(201)
    for insider in (one, other, partner):
        assert defect.id in insider.get("/v1/defects").ids
        defect.read(insider)


@pytest.mark.fact(60)
def test_no_district_learns_of_the_others_cases(
        world, engineer, as_role, defect, tell):
    one, other = world.district().contact(), world.district().contact()
    case, foreign = one.submit(), other.submit()
    foreign.link(engineer, defect).expect(201)
    case.link(engineer, defect).expect(201)
    defect.confirmed().fix(text="Take the update.").expect(201)
    tell()
    seen = [one.get(defect.path), one.get(case.path),
            *one.pages("/v1/defects"), *one.pages(case.path + "/defects"),
            *one.pages(case.path + "/history"),
            *one.pages(case.path + "/notes"),
            *one.pages(defect.path + "/replications")]
    for page in seen:
        text = page.expect(200).body.decode()
        # as a number of its own: digits of a time may be the same
        assert not re.search(rf"(?<![\d.]){foreign.id}(?!\d)", text), page
        assert other.district.name not in text
        assert "cases_pending" not in text
    who = {"caller_id": one.id}
    role = as_role("contact")
    assert role.acting("select case_id from casework.case_defects"
                       " where defect_id = %s", defect.id, **who) == [
        {"case_id": case.id}]
    assert role.fails("select * from casework.defect_fix_cases", **who) == (
        "42501")


def test_a_former_partner_sees_the_defect_no_longer(
        world, linked, partner, district, defect):
    defect.read(partner)
    world.end_partner(partner, district)
    partner.get(defect.path).expect(404)


# -- a resolution that recommends the update (fact 4) ----------------------

@pytest.mark.fact(4)
def test_a_recommended_update_names_the_defect(
        linked, engineer, defect, staff):
    defect.confirmed().fix("2611.3").expect(201)
    answer = linked.resolve(staff, kind="update_recommended",
                            fixed_in_release="2611.3", defect_id=defect.id)
    assert answer.expect(200)["resolution"]["defect_id"] == defect.id
    assert linked.changes("resolution_defect_id") == [(None, defect.id)]
    engineer.post(f"{linked.path}/defects/{defect.id}/unlink",
                  etag="*").expect(409, problem="conflict")


@pytest.mark.fact(4)
def test_only_a_defect_of_the_case_is_named(case, linked, engineer, staff):
    other = Defect(engineer)
    for number in (other.id, 9007199254740991):
        assert linked.resolve(
            staff, kind="update_recommended", fixed_in_release="2611.3",
            defect_id=number).expect(422).faults == ["/defect_id"]
    assert linked["status"] == "new" and linked.notes() == []


@pytest.mark.fact(4)
def test_an_update_is_recommended_once_development_has_fixed_the_defect(
        linked, engineer, defect, staff):
    def recommend(release):
        return linked.resolve(staff, kind="update_recommended",
                              fixed_in_release=release, defect_id=defect.id)
    for step in (lambda: None, defect.confirmed):
        step()
        assert recommend("2612.1").expect(422).faults == [
            "/fixed_in_release"]
    defect.fix("2612.1").expect(201)
    assert recommend("2611.3").expect(422).faults == ["/fixed_in_release"]
    recommend("2613").expect(200)       # later, hence with the fix


@pytest.mark.fact(4)
def test_a_defect_unlinked_since_is_not_named(linked, engineer, defect, staff):
    defect.confirmed().fix("2611.3").expect(201)
    engineer.post(f"{linked.path}/defects/{defect.id}/unlink", etag="*"
                  ).expect(200)

    def resolve():
        return linked.resolve(staff, kind="update_recommended",
                              fixed_in_release="2611.3", defect_id=defect.id)
    assert resolve().expect(422).faults == ["/defect_id"]
    linked.link(engineer, defect).expect(201)
    resolve().expect(200)


@pytest.mark.fact(4)
def test_only_a_recommended_update_names_a_defect(
        linked, engineer, defect, staff):
    assert linked.resolve(staff, kind="solved", defect_id=defect.id
                          ).expect(422).faults == ["/defect_id"]
    answer = linked.resolve(staff, kind="solved").expect(200)
    assert answer["resolution"]["defect_id"] is None
