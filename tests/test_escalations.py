"""Escalations: facts 19 and 55 to 58, states of 1.12."""

import pytest

from world import Case, a_case

TEAMS = {"training": 1, "process_consulting": 1, "managed_services": 1,
         "technical_services": 2, "development": 3}


@pytest.fixture
def provided(contact, partner):
    """A case that the partner provides support for."""
    return Case(contact, partner.post("/v1/cases", a_case(
        contact_id=contact.id)).expect(201))


@pytest.fixture
def escalation(case, advisor):
    return case.escalate(advisor).expect(201)


def step(by, escalation, action, body=None, etag="*"):
    return by.post(f"{escalation.location}/{action}", body, etag=etag)


# -- the path --------------------------------------------------------------

@pytest.mark.fact(56, 58)
def test_the_path_names_the_five_teams_with_their_levels(public):
    items = public.get("/v1/escalation-path").expect(200).items
    assert {item["team"]: item["level"] for item in items} == TEAMS
    levels = [item["level"] for item in items]
    assert levels == sorted(levels)
    assert all(item["name"] and item["description"] for item in items)


@pytest.mark.fact(55, 56, 58)
@pytest.mark.rule("1.12")
@pytest.mark.parametrize("team", TEAMS)
def test_an_escalation_raises_the_level_to_that_of_the_team(
        case, advisor, team):
    assert case["escalation_level"] == 0
    answer = case.escalate(advisor, team).expect(201)
    assert answer["team"] == team and answer["level"] == TEAMS[team]
    assert case["escalation_level"] == TEAMS[team]
    assert case["status"] == ("assigned_to_development"
                              if team == "development" else "escalated")
    assert case.changes("escalation_level") == [(0, TEAMS[team])]


@pytest.mark.fact(56)
def test_the_level_only_rises(case, advisor):
    case.escalate(advisor, "technical_services").expect(201)
    case.change(advisor, status="assigned").expect(200)
    before = case.read(), case.notes()
    answer = case.escalate(advisor, "training").expect(
        409, problem="escalation-not-allowed")
    assert answer["escalation_level"] == 2
    assert (case.read().json["status"], case.notes()) == (
        before[0]["status"], before[1])
    case.escalate(advisor, "development").expect(201)
    assert case["escalation_level"] == 3


@pytest.mark.fact(56)
def test_a_team_at_the_same_level_may_follow(case, advisor):
    first = case.escalate(advisor, "training").expect(201)
    case.escalate(advisor, "process_consulting").expect(201)
    assert case["escalation_level"] == 1
    passed_on = advisor.get(first.location)
    assert passed_on["state"] == "closed" and passed_on["closed_at"]
    assert passed_on["closed_by"]["id"] == advisor.id
    assert case.event_types()[-2:] == ["case.escalation_closed",
                                       "case.escalated"]


def test_the_team_that_has_the_case_does_not_get_it_again(
        case, advisor, escalation):
    case.escalate(advisor).expect(409, problem="escalation-not-allowed")
    step(advisor, escalation, "return", {}).expect(200)
    case.escalate(advisor).expect(201)


# -- what the contacts are told --------------------------------------------

@pytest.mark.fact(57)
def test_the_note_and_the_status_come_together(case, colleague, advisor):
    answer = case.escalate(advisor, text="Technical Services looks.",
                           internal_reason="Advisor out of ideas.")
    answer.expect(201)
    (note,) = case.notes(colleague)
    assert (note["kind"], note["visibility"], note["text"]) == (
        "escalation", "public", "Technical Services looks.")
    assert note["id"] == answer["note_id"]
    event = case.history(colleague)[-1]
    assert (event["type"], event["note_id"]) == (
        "case.escalated", note["id"])
    assert {c["member"] for c in event["changes"]} >= {
        "status", "escalation_level"}


@pytest.mark.fact(57)
@pytest.mark.parametrize("text", [None, "", " ", "\n\t "])
def test_an_escalation_without_a_word_to_the_contacts_is_refused(
        case, advisor, text):
    case.escalate(advisor, text=text).expect(422)
    body = {"team": "training", "internal_reason": "Only for us."}
    assert case.act(advisor, "escalations", body).expect(422).faults == [
        "/text"]
    assert case["status"] == "new" and case.notes() == []


@pytest.mark.fact(57)
@pytest.mark.parametrize("who", ["contact", "colleague", "partner"])
def test_the_internal_reason_is_for_staff(
        request, case, advisor, staff, who):
    answer = case.escalate(advisor, internal_reason="A secret reason.")
    answer.expect(201)
    assert staff.get(answer.location)["internal_reason"] == "A secret reason."
    someone = request.getfixturevalue(who)
    seen = [someone.get(answer.location), someone.get(case.path),
            *someone.pages(case.path + "/escalations"),
            *someone.pages(case.path + "/history"),
            *someone.pages(case.path + "/notes")]
    assert seen[0].expect(200)["internal_reason"] is None
    assert all(b"secret" not in page.body for page in seen)


@pytest.mark.fact(57)
@pytest.mark.parametrize("kind", ["contact", "partner", "worker", "public",
                                  "telephony"])
def test_no_other_role_may_even_ask_for_the_internal_reason(as_role, kind):
    assert as_role(kind).fails(
        "select * from casework.escalation_reasons") == "42501"


@pytest.mark.rule("2.3")
def test_the_note_of_an_escalation_is_a_response(case, advisor):
    answer = case.escalate(advisor).expect(201)
    assert case.target["first_response_at"] == answer["opened_at"]
    assert case.target["state"] == "met"


# -- its life --------------------------------------------------------------

@pytest.mark.fact(56)
def test_opened_accepted_and_closed_have_their_times(
        case, advisor, engineer, escalation, clock):
    clock.at("2030-01-07T10:00:00-06:00")
    accepted = step(engineer, escalation, "acceptance").expect(200)
    assert accepted["state"] == "accepted"
    assert accepted["accepted_at"] == "2030-01-07T16:00:00Z"
    assert accepted["accepted_by"]["id"] == engineer.id
    clock.at("2030-01-08T10:00:00-06:00")
    closed = step(engineer, escalation, "closure",
                  {"text": "The server is in order."}).expect(200)
    assert closed["state"] == "closed"
    assert closed["closed_at"] == "2030-01-08T16:00:00Z"
    assert closed["opened_at"] == escalation["opened_at"]
    assert case["status"] == "assigned" and case["escalation_level"] == 2
    assert case.notes()[-1]["text"] == "The server is in order."
    assert [e["type"] for e in case.history()][-3:] == [
        "case.escalated", "case.escalation_accepted",
        "case.escalation_closed"]


@pytest.mark.fact(56)
def test_a_team_returns_a_case(case, advisor, escalation):
    answer = step(advisor, escalation, "return",
                  {"text": "We need a log first."}).expect(200)
    assert answer["state"] == "returned" and answer["returned_at"]
    assert case["status"] == "assigned"
    assert case.notes()[-1]["text"] == "We need a log first."
    assert case.history()[-1]["type"] == "case.escalation_returned"


def test_a_finished_escalation_stays_as_it_is(case, advisor, escalation):
    step(advisor, escalation, "closure", {}).expect(200)
    for action, body in (("acceptance", None), ("return", {}),
                         ("closure", {})):
        step(advisor, escalation, action, body).expect(
            409, problem="conflict")


def test_an_escalation_is_accepted_once(advisor, escalation):
    step(advisor, escalation, "acceptance",
         etag=escalation.etag).expect(200)
    step(advisor, escalation, "acceptance").expect(409)
    step(advisor, escalation, "closure", {},
         etag=escalation.etag).expect(412)


def test_a_case_that_has_moved_on_stays_there(case, advisor, escalation):
    case.resolve(advisor).expect(200)
    step(advisor, escalation, "closure", {}).expect(200)
    assert case["status"] == "pending_verification"


def test_a_closed_case_is_neither_escalated_nor_written_to(
        case, advisor, escalation):
    case.close().expect(200)
    case.escalate(advisor).expect(409, problem="illegal-transition")
    step(advisor, escalation, "acceptance").expect(409)
    step(advisor, escalation, "return", {}).expect(409)
    step(advisor, escalation, "closure", {}).expect(409, problem="conflict")
    assert case["status"] == "closed"


@pytest.mark.fact(15, 56)
@pytest.mark.parametrize("who", ["contact", "advisor"])
def test_the_escalation_is_closed_with_its_case(
        request, case, advisor, escalation, who):
    someone = request.getfixturevalue(who)
    closed = case.close(someone, closure_reason="withdrawn").expect(200)
    ended = advisor.get(escalation.location)
    assert ended["state"] == "closed"
    assert ended["closed_at"] == closed["closed_at"]
    assert ended["closed_by"] == closed["closed_by"]
    assert case.event_types().count("case.escalation_closed") == 1


@pytest.mark.fact(56)
def test_the_timer_that_closes_a_case_closes_its_escalation(
        case, advisor, escalation, clock, timer):
    clock.at("2030-01-07T10:00:00-06:00")
    case.resolve(advisor).expect(200)
    clock.at("2030-02-01T18:00:00-06:00")
    timer("auto_close")
    assert case["status"] == "closed"
    assert advisor.get(escalation.location)["closed_by"]["kind"] == "system"


def test_a_closed_case_has_no_second_end_of_an_escalation(
        case, advisor, escalation):
    step(advisor, escalation, "return", {}).expect(200)
    case.close().expect(200)
    assert advisor.get(escalation.location)["state"] == "returned"
    assert "case.escalation_closed" not in case.event_types()


@pytest.mark.rule("1.12")
@pytest.mark.parametrize("status", ["pending_verification",
                                    "available_in_release"])
def test_a_case_that_waits_for_its_contact_is_taken_back_first(
        case, bring, advisor, status):
    bring(case, status)
    answer = case.escalate(advisor).expect(409, problem="illegal-transition")
    assert "assigned" in answer["allowed_transitions"]
    assert case["status"] == status


def test_staff_name_the_team(case, advisor):
    assert case.escalate(advisor, team=None).expect(422).faults == ["/team"]


def test_of_two_escalations_of_one_version_one_wins(case, advisor):
    etag = case.etag
    case.escalate(advisor, "training", etag=etag).expect(201)
    case.escalate(advisor, "development", etag=etag).expect(412)


# -- hand-over by a partner (fact 19) --------------------------------------

@pytest.mark.fact(19)
def test_a_partner_hands_a_case_over_to_campus(provided, partner):
    assert provided["support_provider"] == "partner"
    answer = provided.escalate(partner, team=None,
                               text="Campus takes this over.").expect(201)
    assert answer["team"] is None and answer["opened_by"]["kind"] == "partner"
    case = provided.read()
    assert case["support_provider"] == "campus"
    assert case["status"] == "escalated" and case["escalation_level"] == 1
    assert provided.notes()[-1]["text"].startswith("Campus takes this over.")
    assert provided.changes("support_provider") == [("partner", "campus")]
    assert provided.target["first_response_at"]


@pytest.mark.fact(19)
def test_a_partner_hands_over_only_what_it_provides_for(
        case, provided, partner):
    case.escalate(partner, team=None).expect(403, problem="not-permitted")
    provided.escalate(partner, team=None).expect(201)
    provided.escalate(partner, team=None).expect(
        403, problem="not-permitted")
    assert case["escalation_level"] == 0


@pytest.mark.fact(19)
def test_a_partner_names_neither_team_nor_reason(provided, partner):
    assert provided.escalate(partner, "training").expect(403).faults == [
        "/team"]
    assert provided.escalate(partner, team=None, internal_reason="x").expect(
        403).faults == ["/internal_reason"]
    assert provided["support_provider"] == "partner"


def test_a_case_that_lies_with_a_team_is_not_handed_over(
        provided, partner, advisor):
    provided.escalate(advisor, "training").expect(201)
    provided.escalate(partner, team=None).expect(
        409, problem="escalation-not-allowed")


# -- who sees it -----------------------------------------------------------

def test_every_contact_of_the_district_sees_it(case, colleague, escalation):
    assert colleague.get(escalation.location).expect(200)["id"] == (
        escalation["id"])
    assert colleague.get(case.path + "/escalations").ids == [
        escalation["id"]]


def test_another_district_sees_no_escalation(case, stranger, escalation):
    unknown = stranger.get("/v1/escalations/9007199254740991").expect(404)
    hidden = stranger.get(escalation.location).expect(404)
    assert hidden["detail"] == unknown["detail"]
    stranger.get(case.path + "/escalations").expect(404)


def test_what_is_not_there_is_not_found(advisor):
    nothing = "/v1/escalations/9007199254740991"
    for action, body in (("acceptance", None), ("return", {}),
                         ("closure", {})):
        advisor.post(f"{nothing}/{action}", body, etag="*").expect(404)
    advisor.post("/v1/cases/9007199254740991/escalations",
                 {"team": "training", "text": "x"}, etag="*").expect(404)


def test_cases_are_found_by_their_level(contact, advisor):
    plain, raised = contact.submit(), contact.submit()
    raised.escalate(advisor, "development").expect(201)
    found = contact.get("/v1/cases", query={"escalation_level": "3"})
    assert found.ids == [raised.id]
    found = contact.get("/v1/cases", query={"escalation_level": "0,1"})
    assert found.ids == [plain.id]


# -- the queue of a team -----------------------------------------------------

def test_the_escalations_of_a_team_are_a_queue(contact, stranger, advisor,
                                               staff):
    def queue(by, **query):
        return by.get("/v1/escalations", query=query).expect(200).ids
    one, two, three = (contact.submit() for _ in range(3))
    first, second, other = (
        case.escalate(advisor, team).expect(201)
        for case, team in ((one, "training"), (two, "training"),
                           (three, "development")))
    step(advisor, second, "acceptance").expect(200)
    mine = {"district_id": contact.district.id}
    for someone in (contact, staff):
        assert queue(someone, team="training", **mine) == [
            first["id"], second["id"]]
        assert queue(someone, team="training", state="open", **mine) == [
            first["id"]]
        assert queue(someone, team_not="training", **mine) == [other["id"]]
        assert queue(someone, case_id=three.id) == [other["id"]]
    step(advisor, first, "return", {}).expect(200)
    assert queue(staff, team="training", state="open,accepted", **mine) == [
        second["id"]]
    assert queue(stranger, **mine) == []
    assert staff.get("/v1/escalations", query={"case_id": one.id}).items[0][
        "state"] == "returned"
