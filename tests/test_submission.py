"""Trying a submission out (fact 40): all checks, nothing stored."""

import pytest

from incidents import say
from world import Defect, a_case


def try_out(contact, **changes):
    return contact.post("/v1/cases/validation", a_case(**changes))


def cases_in(answer):
    return [m for m in answer["matches"] if m["kind"] == "case"]


@pytest.mark.fact(40)
def test_a_good_submission_is_valid_and_not_stored(contact, sql):
    before = sql.value("select last_value from pg_sequences where schemaname"
                       " = 'casework' and sequencename = 'cases_id_seq'")
    answer = try_out(contact).expect(200)
    assert answer["valid"] is True and cases_in(answer) == []
    assert answer["support_eligibility"]["eligible"] is True
    assert "location" not in answer.headers
    assert contact.get("/v1/cases").ids == []
    after = sql.value("select last_value from pg_sequences where schemaname"
                      " = 'casework' and sequencename = 'cases_id_seq'")
    assert before == after
    assert sql.rows("select 1 from casework.events where district_id = %s"
                    " and type = 'case.submitted'", contact.district.id
                    ) == []


@pytest.mark.fact(40)
def test_every_check_of_a_submission_is_made(contact, stranger):
    refusals = [
        ({"due_on": "2020-01-01"}, 422), ({"replication_steps": None}, 422),
        ({"product_area": "none"}, 422), ({"contact_id": stranger.id}, 422),
        ({"site_id": 9007199254740991}, 422), ({"priority": "urgent"}, 422),
        ({"reporting_deadline_id": 9007199254740991}, 422),
        ({"issue_type": "data"}, 403), ({"channel": "phone"}, 403)]
    for changes, status in refusals:
        tried = try_out(contact, **changes).expect(status)
        real = contact.post("/v1/cases", a_case(**changes)).expect(status)
        assert tried.problem == real.problem
        assert tried.faults == real.faults


@pytest.mark.fact(40, 65)
def test_an_incident_that_is_over_is_no_longer_named(contact, incident, lead):
    named = {"incident_id": incident["id"]}
    try_out(contact, **named).expect(200)
    say(lead, incident, "resolved").expect(201)
    assert try_out(contact, **named).expect(422).faults == ["/incident_id"]
    assert contact.post("/v1/cases", a_case(**named)).expect(422).faults == [
        "/incident_id"]
    assert incident["id"] not in [
        m["id"] for m in try_out(contact).expect(200)["matches"]
        if m["kind"] == "incident"]


@pytest.mark.fact(40)
def test_open_cases_about_the_same_are_named(contact, colleague, stranger):
    same = {"subject": "Attendance codes are missing", "description": "x",
            "replication_steps": "x"}
    mine = contact.submit(**same)
    closed = contact.submit(**same)
    closed.close().expect(200)
    contact.submit(subject="Rosters are late")
    stranger.submit(**same)
    answer = try_out(colleague, subject="Missing: codes of attendance"
                     ).expect(200)
    assert cases_in(answer) == [{"kind": "case", "id": mine.id,
                        "title": mine.answer["subject"],
                        "href": contact.service.url + mine.path}]


@pytest.mark.fact(40)
def test_what_shares_no_words_is_not_named(contact, staff, defect, engineer):
    """Whatever the product area, however many there are."""
    contact.submit(product_area="attendance").link(staff, defect).expect(201)
    defect.change(product_area="attendance").expect(200)
    article = staff.post("/v1/articles", {
        "title": "Attendance codes", "text": "x", "status": "published",
        "product_area": "attendance"}).expect(201)
    answer = try_out(contact, product_area="attendance", subject="Zzzz"
                     ).expect(200)
    assert [m for m in answer["matches"] if m["kind"] in (
        "case", "defect", "article", "announcement")] == []
    # a word of three is too little, two are not
    for subject, offered in (("Attendance zzzz yyyy", False),
                             ("Attendance codes zzzz", True)):
        assert (("article", article["id"]) in [
            (m["kind"], m["id"]) for m in try_out(
                contact, subject=subject).expect(200)["matches"]]) is offered


@pytest.mark.fact(40)
def test_the_best_matches_of_a_kind_are_named_first(contact):
    """Ten, and not the latest ten."""
    def of(subject):
        return contact.submit(subject=subject, description="x",
                              replication_steps="x").id
    best = of("Locker labels print upside down")
    for number in range(10):
        of(f"Locker labels print late {number}")
    named = [m["id"] for m in cases_in(try_out(
        contact, subject="Locker labels print upside down").expect(200))]
    assert named[0] == best and len(named) == 10


@pytest.mark.fact(40)
def test_trying_out_is_an_operation_of_its_own(contact, contract):
    """So each of the two answers in one shape."""
    for name in ("create_case", "validate_case"):
        assert len([status for status in contract.by_id[name].statuses
                    if status < 300]) == 1
    answer = contact.post("/v1/cases?validate_only=true", a_case())
    assert answer.expect(400, problem="invalid-parameter").faults == [
        "validate_only"]
    contact.get("/v1/cases/validation").expect(405)
    assert contact.get("/v1/cases").ids == []


@pytest.mark.fact(40)
def test_trying_out_needs_the_right_to_read(contact, tokens, anybody):
    """It names cases, and writes none."""
    body = a_case()
    for scope, status in (("cases:write", 403), ("cases:read", 200)):
        token = tokens.mint(f"contact:{contact.id}", scope=scope)
        anybody(token, "contact").post("/v1/cases/validation", body
                                       ).expect(status)


@pytest.mark.fact(1, 40)
def test_eligibility_is_told_before_submitting(contact):
    for platform, eligible in (("Windows XP", False), ("Windows 11", True)):
        answer = try_out(contact, platform=platform).expect(200)
        assert answer["support_eligibility"]["eligible"] is eligible


@pytest.mark.parametrize("kind", ["partner", "staff"])
def test_partners_and_staff_try_out_too(request, contact, kind):
    someone = request.getfixturevalue(kind)
    assert try_out(someone).expect(422).faults == ["/contact_id"]
    try_out(someone, contact_id=contact.id).expect(200)
    assert contact.get("/v1/cases").ids == []


@pytest.mark.fact(40)
def test_what_is_known_already_is_named(
        contact, stranger, staff, open_incident, defect, world, lead):
    incident = open_incident(scope={"districts": [contact.district.id]})
    open_incident(scope={"districts": [stranger.district.id]})
    word = f"Zeugma{contact.id}"
    known = defect.change(title=f"{word} once more").expect(200)
    contact.submit().link(staff, defect).expect(201)
    article = staff.post("/v1/articles", {
        "title": "Where it is", "text": word, "status": "published"}
        ).expect(201)
    news = lead.post("/v1/announcements", {
        "title": "A new report", "text": f"About {word}."}).expect(201)

    def matches(by):
        return [(m["kind"], m["id"]) for m in try_out(
            by, product_area="attendance", subject=f"{word} is late"
        ).expect(200)["matches"]]

    wanted = [("incident", incident["id"]), ("defect", known["id"]),
              ("article", article["id"]), ("announcement", news["id"])]
    assert [m for m in matches(contact) if m in wanted] == wanted
    assert ("defect", known["id"]) not in matches(stranger)
    assert ("incident", incident["id"]) not in matches(stranger)


@pytest.mark.fact(40)
def test_only_defects_that_are_still_to_be_fixed_are_named(
        contact, staff, engineer):
    case, defects = contact.submit(), {}
    for status in ("reported", "confirmed", "fixed", "not_a_defect"):
        defects[status] = Defect(engineer, title=f"Zeugma{contact.id}")
        case.link(staff, defects[status]).expect(201)
    defects["confirmed"].confirmed()
    defects["fixed"].confirmed().fix().expect(201)
    defects["not_a_defect"].change(status="not_a_defect").expect(200)
    assert {d["status"]: d.id for d in defects.values()} == {
        status: d.id for status, d in defects.items()}
    named = [m["id"] for m in try_out(contact, subject=f"Zeugma{contact.id}"
                                      ).expect(200)["matches"]
             if m["kind"] == "defect"]
    assert set(named) == {defects["reported"].id, defects["confirmed"].id}
