"""The life of a case: facts 43 to 46 and 48, rules 1.12, 2.5 and 2.6."""

import pytest

from world import ESCALATED, OPEN, WITH, WORKING, Case, a_case


# -- assignment ------------------------------------------------------------

@pytest.mark.fact(48)
def test_an_assigned_advisor_is_known_to_the_contacts(
        case, colleague, advisor, staff):
    answer = case.assign(staff, advisor).expect(200)
    assert answer["status"] == "assigned"
    seen = case.read(colleague)["assigned_advisor"]
    assert seen["id"] == advisor.id and seen["display_name"]
    assert set(seen) == {"id", "display_name"}


def test_a_case_may_lose_its_advisor(case, advisor, staff):
    case.assign(staff, advisor).expect(200)
    answer = case.assign(staff, None).expect(200)
    assert answer["assigned_advisor"] is None
    assert len(case.changes("assigned_advisor_id")
               or case.changes("assigned_advisor")) == 2


@pytest.mark.parametrize("status", [*WORKING, "pending_verification"])
def test_another_advisor_changes_no_status_but_new(
        case, bring, advisor, staff, status):
    bring(case, status)
    answer = case.assign(staff, advisor).expect(200)
    assert answer["status"] == status


def test_only_an_active_advisor_is_assigned(case, advisor, staff, engineer,
                                            sql):
    sql.run("update casework.staff set active = false where id = %s",
            advisor.id)
    inactive = case.assign(staff, advisor).expect(422)
    assert inactive.faults == ["/advisor_id"]
    assert case.assign(staff, engineer).expect(422).faults == ["/advisor_id"]
    unknown = case.act(staff, "assignment",
                       {"advisor_id": 9007199254740991}).expect(422)
    assert unknown.faults == ["/advisor_id"]
    assert case["status"] == "new"


def test_a_closed_case_is_not_assigned(case, advisor, staff):
    case.close().expect(200)
    case.assign(staff, advisor).expect(409, problem="illegal-transition")
    assert case["assigned_advisor"] is None


def test_nobody_but_staff_assigns(case, partner, advisor):
    for someone in (case.submitter, partner):
        case.assign(someone, advisor).expect(403,
                                             problem="caller-not-allowed")


# -- resolution ------------------------------------------------------------

@pytest.mark.fact(43)
def test_a_resolution_is_a_public_note_and_a_status(case, advisor):
    answer = case.resolve(advisor, explanation="It was the filter.",
                          kind="configuration_changed").expect(200)
    assert answer["status"] == "pending_verification"
    resolution = answer["resolution"]
    assert resolution["explanation"] == "It was the filter."
    assert resolution["kind"] == "configuration_changed"
    assert resolution["resolved_by"]["id"] == advisor.id
    (note,) = case.notes()
    assert (note["text"], note["visibility"], note["kind"]) == (
        "It was the filter.", "public", "resolution")
    assert note["author"]["id"] == advisor.id
    assert case.changes("status")[-1] == ("new", "pending_verification")


@pytest.mark.fact(43)
@pytest.mark.parametrize("explanation", ["", " ", "\n\t "])
def test_a_resolution_without_words_is_refused_whole(
        case, advisor, explanation):
    answer = case.resolve(advisor, explanation=explanation).expect(422)
    assert answer.faults == ["/explanation"]
    assert case.act(advisor, "resolution", {"kind": "solved"}
                    ).expect(422).faults == ["/explanation"]
    assert case["status"] == "new" and case.notes() == []


@pytest.mark.fact(4)
def test_an_update_is_recommended_with_its_release_and_defect(
        case, advisor, defect):
    def resolve(**members):
        return case.resolve(advisor, kind="update_recommended", **members)
    assert resolve().expect(422).faults == ["/fixed_in_release", "/defect_id"]
    assert resolve(fixed_in_release="2613").expect(422).faults == [
        "/defect_id"]
    case.link(advisor, defect).expect(201)
    assert resolve(defect_id=defect.id).expect(422).faults == [
        "/fixed_in_release"]
    assert resolve(fixed_in_release="2613", defect_id=defect.id).expect(
        422).faults == ["/fixed_in_release"]
    defect.confirmed().fix("2613").expect(201)
    answer = resolve(fixed_in_release="2613", defect_id=defect.id).expect(200)
    assert answer["resolution"]["fixed_in_release"] == "2613"
    assert answer["resolution"]["defect_id"] == defect.id


@pytest.mark.rule("1.12")
@pytest.mark.parametrize("status", [*WORKING, "assigned",
                                    "available_in_release"])
def test_a_case_is_resolved_from_every_state_of_work(
        case, bring, advisor, status):
    bring(case, status)
    case.resolve(advisor).expect(200)


def test_a_closed_case_is_not_resolved(case, advisor):
    case.close().expect(200)
    answer = case.resolve(advisor).expect(409, problem="illegal-transition")
    assert isinstance(answer["allowed_transitions"], list)
    assert case.notes() == [] or case.notes()[0]["kind"] != "resolution"


def test_a_contact_does_not_resolve(case):
    case.resolve(case.submitter).expect(403, problem="caller-not-allowed")


def test_a_partner_resolves_what_it_provides_support_for(
        case, contact, partner):
    case.resolve(partner).expect(403, problem="not-permitted")
    own = Case(contact, partner.post("/v1/cases", a_case(
        contact_id=contact.id)).expect(201))
    assert own.resolve(partner).expect(200)["status"] == (
        "pending_verification")


# -- status ----------------------------------------------------------------

@pytest.mark.rule("1.12")
@pytest.mark.parametrize("status", WORKING)
def test_staff_move_an_assigned_case_through_its_states(
        case, bring, staff, status):
    bring(case, status)
    case.change(staff, status="assigned").expect(200)
    assert case.changes("status")[-2:] == [
        ("assigned", status), (status, "assigned")]


@pytest.mark.fact(43)
@pytest.mark.rule("1.12")
@pytest.mark.parametrize("target", [
    "pending_verification", "closed", "escalated", "assigned_to_development",
    "available_in_release"])
@pytest.mark.parametrize("status", ["new", "assigned", "scheduled"])
def test_no_status_stands_for_an_action_that_tells_the_contacts(
        case, bring, staff, status, target):
    bring(case, status)
    answer = case.change(staff, status=target)
    answer.expect(409, problem="illegal-transition")
    assert case["status"] == status


@pytest.mark.rule("1.12")
@pytest.mark.parametrize("status", [s for s in OPEN if s != "new"])
def test_no_case_becomes_new_again(case, bring, staff, status):
    bring(case, status)
    case.change(staff, status="new").expect(409,
                                            problem="illegal-transition")


@pytest.mark.rule("1.12")
@pytest.mark.parametrize("status", OPEN)
def test_a_refused_step_names_the_steps_that_are_allowed(
        contact, bring, staff, status):
    """Each status that a refusal names can be reached, and no other."""
    allowed = None
    for target in [*OPEN, "closed"]:
        case = bring(contact.submit(), status)
        if target == status:
            continue
        answer = case.change(staff, status=target, **WITH.get(target, {})
                             ).expect(200, 409)
        if answer.status == 409:
            assert answer.problem == "illegal-transition"
            assert allowed in (None, set(answer["allowed_transitions"]))
            allowed = set(answer["allowed_transitions"])
            assert case["status"] == status
            if target in allowed:
                act = {
                    "pending_verification": lambda: case.resolve(staff),
                    "closed": lambda: case.close(
                        staff, closure_reason="merged",
                        merged_into_case_id=contact.submit().id),
                    **{s: lambda team=team: case.escalate(staff, team)
                       for s, team in ESCALATED.items()}}[target]
                act().expect(200, 201)
                assert case["status"] == target
        else:
            assert allowed is None or target in allowed
            assert answer["status"] == target


@pytest.mark.rule("1.12")
@pytest.mark.parametrize("status", ["new", "available_in_release",
                                    "pending_verification"])
def test_what_is_not_at_work_is_assigned_before_anything_else(
        case, bring, staff, status):
    bring(case, status)
    for target in ("assist_request", "pending_customer_input", "scheduled"):
        case.change(staff, status=target).expect(
            409, problem="illegal-transition")
    case.change(staff, status="assigned").expect(200)


def test_a_closed_case_takes_no_change(case, staff):
    case.close().expect(200)
    for someone in (case.submitter, staff):
        case.change(someone, impact="All").expect(409)
    for status in OPEN:
        case.change(staff, status=status).expect(409)
    assert case["status"] == "closed"


# -- a contact's note ------------------------------------------------------

@pytest.mark.rule("1.12", "2.5")
@pytest.mark.parametrize("status", ["pending_verification",
                                    "pending_customer_input"])
@pytest.mark.parametrize("who", ["contact", "colleague"])
def test_a_note_by_any_contact_brings_a_waiting_case_back(
        request, case, bring, status, who):
    someone = request.getfixturevalue(who)
    bring(case, status)
    case.note(someone, "It still fails.").expect(201)
    assert case["status"] == "assigned"
    assert case.changes("status")[-1] == (status, "assigned")
    assert case.history()[-1]["actor"]["id"] == someone.id


@pytest.mark.rule("1.12")
@pytest.mark.parametrize("status", ["new", "assigned", "scheduled",
                                    "escalated", "assigned_to_development",
                                    "available_in_release"])
def test_a_note_by_a_contact_changes_no_other_status(case, bring, status):
    bring(case, status)
    case.note().expect(201)
    assert case["status"] == status


@pytest.mark.parametrize("status", ["pending_verification",
                                    "pending_customer_input"])
def test_a_note_by_support_keeps_a_case_waiting(
        case, bring, staff, partner, status):
    bring(case, status)
    case.note(staff).expect(201)
    case.note(staff, visibility="internal").expect(201)
    case.note(partner).expect(201)
    assert case["status"] == status


# -- the whole story -------------------------------------------------------

@pytest.mark.fact(39)
def test_from_submission_to_closing(contact, colleague, advisor, staff):
    case = contact.submit(priority="high")
    case.assign(staff, advisor).expect(200)
    case.note(advisor, "Which section?").expect(201)
    case.change(advisor, status="pending_customer_input").expect(200)
    case.note(colleague, "Section 4.").expect(201)
    case.resolve(advisor).expect(200)
    case.close(closure_reason="resolved_confirmed").expect(200)
    assert [new for _, new in case.changes("status")][-5:] == [
        "assigned", "pending_customer_input", "assigned",
        "pending_verification", "closed"]
    assert [n["author"]["kind"] for n in case.notes()] == [
        "staff", "staff", "contact", "staff"]
    actors = [(e["actor"]["kind"], e["actor"]["id"]) for e in case.history()]
    assert actors == [("contact", contact.id), ("staff", staff.id),
                      ("staff", advisor.id), ("staff", advisor.id),
                      ("staff", advisor.id),    # the note that asks
                      ("contact", colleague.id), ("staff", advisor.id),
                      ("contact", contact.id)]
    assert all(e["at"] for e in case.history())
