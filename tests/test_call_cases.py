"""A call and its case: made in a call, linked to a call (facts 5, 32, 47, 65;
2.3, 2.5)."""

import pytest

from generate import NOBODY
from test_calls import at, same
from vectors import instant
from world import Case, a_case


# -- a case made in a call -------------------------------------------------

def phone_case(by, contact, **members):
    return by.post("/v1/cases", a_case(
        contact_id=contact.id, channel="phone", **members))


@pytest.mark.fact(5)
@pytest.mark.rule("2.3")
def test_a_phone_case_is_made_in_a_call_of_a_verified_contact(
        contact, colleague, advisor, phone):
    call = phone.talk(advisor, contact)
    case = phone_case(advisor, colleague, call_id=call.id).expect(201)
    assert case["response_target"]["business_seconds_elapsed"] == 0
    assert advisor.get(call.path)["case_id"] == case["id"]


@pytest.mark.rule("2.3")
@pytest.mark.parametrize("submitted, answered", [
    ("09:59:00", "10:00:00"),       # an import: the call answers it
    ("10:00:00", "10:00:00"), ("10:05:00", "10:05:00"),
    ("10:10:00", "10:10:00"), ("10:10:01", None), ("15:00:00", None)])
def test_a_call_answers_what_was_submitted_by_its_end(
        contact, advisor, phone, clock, submitted, answered):
    def day(time):
        return f"2026-11-02T{time}-06:00"
    clock.at(day("10:00:00"))
    call = phone.talk(advisor, contact)
    clock.at(day("10:10:00"))
    call.hang_up().expect(200)
    clock.at("2026-11-20T10:00:00-06:00")
    target = phone_case(advisor, contact, call_id=call.id,
                        submitted_at=day(submitted)).expect(201)[
                            "response_target"]
    assert (target["first_response_at"] and instant(
        target["first_response_at"])) == (answered and instant(day(answered)))
    late = phone_case(advisor, contact, call_id=call.id).expect(201)
    assert late["response_target"]["state"] == "pending"


def test_a_case_made_in_a_call_is_a_phone_case(contact, advisor, phone):
    call = phone.talk(advisor, contact)
    assert advisor.post("/v1/cases", a_case(
        contact_id=contact.id, call_id=call.id)).expect(201)[
        "channel"] == "phone"
    assert advisor.post("/v1/cases", a_case(
        contact_id=contact.id, call_id=call.id, channel="portal")
        ).expect(422).faults == ["/call_id"]


def test_a_call_keeps_its_first_case(contact, advisor, phone):
    call = phone.talk(advisor, contact)
    first, _ = (phone_case(advisor, contact, call_id=call.id).expect(201)
                for _ in range(2))
    assert advisor.get(call.path)["case_id"] == first["id"]


@pytest.mark.fact(5)
def test_without_a_verified_contact_of_the_district_there_is_no_phone_case(
        contact, stranger, advisor, staff, world, phone):
    unverified, foreign = phone.call(), phone.talk(world.staff(), stranger)
    unanswered = phone.routed_call(contact)
    unverified.answer(advisor).expect(200)
    for members in ({}, {"call_id": unverified.id}, {"call_id": NOBODY},
                    {"call_id": foreign.id}, {"call_id": unanswered.id},
                    {"submitted_at": "2026-01-05T15:00:00Z"}):
        phone_case(staff, contact, **members).expect(
            403, problem="contact-not-verified")
    assert contact.get("/v1/cases").ids == []


@pytest.mark.fact(5, 6)
def test_who_is_no_longer_authorized_is_no_verified_caller(
        contact, colleague, advisor, staff, phone):
    case, call = contact.submit(), phone.talk(advisor, contact)
    staff.patch(f"/v1/contacts/{contact.id}", {"authorized": False},
                etag="*").expect(200)
    phone_case(advisor, colleague, call_id=call.id).expect(
        403, problem="contact-not-verified")
    call.link(advisor, case).expect(403, problem="contact-not-verified")
    assert advisor.get(call.path)["case_id"] is None
    assert colleague.get("/v1/cases").ids == [case.id]
    assert case.notes(colleague) == []


def test_contacts_and_partners_name_no_call(contact, partner):
    contact.post("/v1/cases", a_case(call_id=1)).expect(
        403, problem="not-permitted")
    partner.post("/v1/cases", a_case(call_id=1, contact_id=contact.id)
                 ).expect(403, problem="not-permitted")


# -- a call linked to a case -----------------------------------------------

@pytest.mark.rule("2.3")
@pytest.mark.fact(32, 47)
def test_an_answered_call_is_the_first_response(
        contact, advisor, phone, clock):
    at(clock, "10:00:00")
    case = contact.submit(priority="critical")
    at(clock, "10:20:00")
    call = phone.talk(advisor, contact)
    at(clock, "10:50:00")
    answer = call.link(advisor, case).expect(200)
    assert answer["case_id"] == case.id
    now = case.read()
    assert same(now["response_target"]["first_response_at"], "10:20:00")
    assert now["response_target"]["business_seconds_elapsed"] == 1200
    assert same(now["phone_follow_up_at"], "10:20:00")
    assert now["next_steps"] == []


@pytest.mark.rule("2.3")
def test_a_call_in_time_counts_even_when_it_is_linked_late(
        contact, advisor, phone, clock):
    at(clock, "10:00:00")
    case = contact.submit(priority="critical")
    at(clock, "10:59:00")
    call = phone.talk(advisor, contact)
    at(clock, "11:30:00")
    call.link(advisor, case).expect(200)
    target = case.target
    assert same(target["first_response_at"], "10:59:00")
    # unless a timer was faster: a miss that is recorded is final
    breached = "case.response_target.breached" in {
        event["type"] for event in case.history()}
    assert target["state"] == ("missed" if breached else "met")


@pytest.mark.rule("2.3")
def test_a_response_that_is_recorded_never_moves(
        contact, advisor, phone, clock):
    at(clock, "10:00:00")
    case = contact.submit()
    at(clock, "10:10:00")
    call = phone.talk(advisor, contact)
    at(clock, "10:20:00")
    case.note(advisor).expect(201)
    at(clock, "10:30:00")
    call.link(advisor, case).expect(200)
    assert same(case.target["first_response_at"], "10:20:00")


@pytest.mark.rule("2.3")
def test_a_case_submitted_during_the_call_is_answered_at_once(
        contact, advisor, phone, clock):
    at(clock, "10:00:00")
    call = phone.talk(advisor, contact)
    at(clock, "10:05:00")
    case = contact.submit()
    at(clock, "10:10:00")
    call.link(advisor, case).expect(200)
    assert case.target["business_seconds_elapsed"] == 0
    assert case["phone_follow_up_at"] is None


@pytest.mark.rule("2.3")
def test_a_call_that_was_over_before_is_no_response_but_its_note_is(
        contact, advisor, phone, clock):
    at(clock, "10:00:00")
    call = phone.talk(advisor, contact)
    call.hang_up().expect(200)
    at(clock, "10:05:00")
    case = contact.submit()
    at(clock, "10:10:00")
    call.link(advisor, case).expect(200)
    assert same(case.target["first_response_at"], "10:10:00")


@pytest.mark.fact(47)
def test_a_linked_call_leaves_a_public_note_and_an_event(
        contact, advisor, staff, phone, district):
    caller = district.contact(phone="763-555-0188")
    case = caller.submit()
    phone.talk(advisor, caller).link(advisor, case).expect(200)
    (note,) = case.notes()
    assert (note["kind"], note["visibility"]) == ("call", "public")
    assert caller.record["name"] in note["text"]
    assert "555-0188" not in note["text"]
    event = case.history()[-1]
    assert (event["type"], event["note_id"]) == ("case.called", note["id"])
    assert event["actor"]["id"] == advisor.id
    (old, new), = case.changes("phone_follow_up_at")
    assert old is None and new is not None


@pytest.mark.rule("2.5")
@pytest.mark.fact(11, 45)
def test_a_call_of_the_contact_brings_a_resolved_case_back(
        case, colleague, advisor, phone, bring):
    bring(case, "pending_verification")
    phone.talk(advisor, colleague).link(advisor, case).expect(200)
    assert case["status"] == "assigned"
    assert [e["type"] for e in case.history()][-2:] == [
        "case.called", "case.follow_up_cancelled"]


@pytest.mark.rule("2.5")
@pytest.mark.parametrize("status", ["pending_verification",
                                    "pending_customer_input"])
def test_a_call_from_before_the_question_is_no_answer_to_it(
        contact, advisor, phone, bring, clock, status):
    at(clock, "10:00:00")
    case = contact.submit()
    call = phone.talk(advisor, contact)
    at(clock, "10:30:00")
    bring(case, status)
    at(clock, "10:31:00")
    call.link(advisor, case).expect(200)
    assert case["status"] == status


def test_a_call_about_a_case_with_an_advisor_changes_no_status(
        case, contact, advisor, phone, bring):
    for status in ("new", "assigned", "scheduled"):
        bring(case, status)
        call = phone.talk(advisor, contact)
        call.link(advisor, case).expect(200)
        call.hang_up().expect(200)
        assert case["status"] == status


@pytest.mark.fact(5, 6)
def test_a_call_is_linked_to_a_case_of_its_verified_caller_only(
        contact, stranger, advisor, world, phone):
    case, theirs = contact.submit(), stranger.submit()
    call = phone.call()
    call.link(advisor, case).expect(409, problem="illegal-transition")
    call.answer(advisor).expect(200)
    call.link(advisor, case).expect(403, problem="contact-not-verified")
    call.verify(advisor, contact).expect(200)
    foreign = call.link(advisor, theirs).expect(422)
    theirs.id = NOBODY
    assert foreign["errors"] == call.link(advisor, theirs).expect(422)[
        "errors"]
    call.link(advisor, case).expect(200)
    call.link(advisor, case).expect(409, problem="conflict")
    assert len(case.notes()) == 1


@pytest.mark.fact(12)
def test_a_closed_case_takes_no_call(case, contact, advisor, phone):
    case.close().expect(200)
    phone.talk(advisor, contact).link(advisor, case).expect(
        409, problem="illegal-transition")


@pytest.mark.fact(65)
def test_who_names_an_incident_need_not_call(contact, sql):
    """Even when it is critical."""
    case = contact.submit(priority="critical")
    assert case["next_steps"] != []
    sql.run("set session_replication_role = replica;"
            " update casework.cases set incident_id = 1 where id = %s;"
            " reset session_replication_role", case.id)
    assert Case(contact, case.answer)["next_steps"] == []
