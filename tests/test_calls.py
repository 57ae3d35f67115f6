"""Calls: their states, who is calling, and the case they are about (facts 5,
6, 32, 47; 2.3)."""

import pytest

from generate import NOBODY
from phone import take_calls
from vectors import instant
from world import Case, a_case

MORNING = "2026-11-23T{}-06:00"


def at(clock, time):
    clock.at(MORNING.format(time))


def same(one, other):
    return instant(one) == instant(MORNING.format(other))


# -- states ----------------------------------------------------------------

@pytest.mark.fact(30)
@pytest.mark.rule("2.8")
def test_a_call_waits_until_it_is_answered(advisor, phone, clock, staff):
    at(clock, "10:00:00")
    call = phone.call()
    assert (call.record["state"], call.record["wait_seconds"]) == (
        "queued", None)
    at(clock, "10:00:08.875000")
    answer = call.answer(advisor).expect(200)
    assert (answer["state"], answer["wait_seconds"]) == ("answered", 8.875)
    assert answer["advisor"]["id"] == advisor.id
    at(clock, "10:10:00")
    ended = call.hang_up().expect(200)
    assert ended["state"] == "ended" and same(ended["ended_at"], "10:10:00")
    assert staff.get(call.path).expect(200).json == ended.json


def test_a_caller_who_leaves_before_an_answer_has_abandoned(phone):
    answer = phone.call().hang_up().expect(200)
    assert answer["state"] == "abandoned"
    assert answer["wait_seconds"] is None


@pytest.mark.rule("2.8")
def test_a_direct_connection_has_waited_0_seconds(
        contact, advisor, world, phone, clock):
    at(clock, "10:00:00")
    take_calls(advisor).expect(200)
    one, other = phone.routed_call(contact), phone.routed_call(contact)
    assert one.record["direct"] and other.record["direct"]
    at(clock, "10:00:05")
    assert one.answer(advisor).expect(200)["wait_seconds"] == 0
    answer = other.answer(world.staff()).expect(200)    # not whom it was meant for
    assert (answer["direct"], answer["wait_seconds"]) == (False, 5)


def test_a_call_that_has_not_changed_is_304(phone, staff, advisor):
    call = phone.call()
    etag = staff.get(call.path).expect(200).etag
    staff.get(call.path, headers={"If-None-Match": etag}).expect(304)
    call.answer(advisor).expect(200)
    staff.get(call.path, headers={"If-None-Match": etag}).expect(200)


def test_a_call_goes_forward_only(advisor, phone):
    call = phone.call()
    call.answer(advisor).expect(200)
    again = call.answer(advisor).expect(409, problem="illegal-transition")
    assert again["allowed_transitions"] == ["ended"]
    call.hang_up().expect(200)
    for answer in (call.answer(advisor), call.hang_up()):
        answer.expect(409, problem="illegal-transition")
        assert answer["allowed_transitions"] == []


def test_nobody_is_in_two_calls(advisor, phone):
    phone.call().answer(advisor).expect(200)
    phone.call().answer(advisor).expect(409, problem="conflict")


def test_only_active_staff_answer(phone, world, sql):
    gone = world.staff()
    sql.run("update casework.staff set active = false where id = %s", gone.id)
    call = phone.call()
    assert call.answer(gone).expect(422).faults == ["/advisor_id"]
    gone.id = NOBODY
    assert call.answer(gone).expect(422).faults == ["/advisor_id"]


@pytest.mark.fact(5)
def test_a_routing_serves_one_call_and_not_for_long(contact, phone, clock):
    at(clock, "10:00:00")
    routing = phone.route(phone.pin(contact))["routing_id"]
    call = phone.call(routing_id=routing)
    assert call.record["contact_id"] == contact.id
    assert call.record["district_id"] == contact.district.id
    assert call.record["verification"]["method"] == "pin"
    phone.telephony.post("/v1/calls", {"routing_id": routing}).expect(
        409, problem="already-exists")
    late = phone.route(phone.pin(contact))["routing_id"]
    at(clock, "10:15:00")
    for number in (late, NOBODY):
        assert phone.telephony.post("/v1/calls", {"routing_id": number}
                                    ).expect(422).faults == ["/routing_id"]


def test_calls_are_found_by_what_they_are(contact, advisor, staff, phone):
    call, other = phone.talk(advisor, contact), phone.call()
    case = contact.submit()
    call.link(advisor, case).expect(200)
    mine = {"state": "answered", "contact_id": contact.id,
            "district_id": contact.district.id, "advisor_id": advisor.id,
            "case_id": case.id}
    for name, value in mine.items():
        found = staff.get("/v1/calls", query={name: value, "limit": 100}
                          ).expect(200).ids
        assert call.id in found and other.id not in found, name
    queued = other.record["queued_at"]
    assert other.id in staff.get("/v1/calls", query={
        "queued_from": queued}).ids
    assert other.id not in staff.get("/v1/calls", query={
        "queued_to": queued, "limit": 100}).ids


# -- who is calling --------------------------------------------------------

@pytest.mark.fact(5)
def test_staff_verify_the_caller_once_during_the_call(
        contact, stranger, advisor, phone):
    call = phone.call()
    call.verify(advisor, contact).expect(409, problem="illegal-transition")
    call.answer(advisor).expect(200)
    answer = call.verify(advisor, contact).expect(200)
    assert answer["contact_id"] == contact.id
    assert answer["district_id"] == contact.district.id
    assert answer["verification"]["verified_by"]["id"] == advisor.id
    call.verify(advisor, stranger).expect(409, problem="conflict")


@pytest.mark.fact(5, 14)
def test_only_an_authorized_contact_can_be_verified(
        contact, advisor, staff, phone):
    staff.patch(f"/v1/contacts/{contact.id}", {"authorized": False},
                etag="*").expect(200)
    call = phone.call()
    call.answer(advisor).expect(200)
    for number in (contact.id, NOBODY):
        contact.id = number
        assert call.verify(advisor, contact).expect(422).faults == [
            "/contact_id"]


@pytest.mark.fact(6)
@pytest.mark.rule("2.8")
def test_an_unverified_call_finds_no_case_whatever_the_number(
        contact, stranger, advisor, phone):
    mine, theirs = contact.submit(), stranger.submit()
    call = phone.call()
    call.answer(advisor).expect(200)
    answers = [advisor.get(call.path + "/cases", query=query).expect(200)
               for query in ({}, {"case_number": mine.id},
                             {"case_number": theirs.id},
                             {"case_number": NOBODY})]
    assert len({answer.body for answer in answers}) == 1
    assert answers[0].ids == []


@pytest.mark.fact(6)
def test_a_verified_call_finds_the_cases_of_the_district_only(
        contact, colleague, stranger, advisor, staff, phone):
    mine, theirs = colleague.submit(), stranger.submit()
    call = phone.talk(advisor, contact)
    assert call.cases(advisor) == [mine.id]
    assert call.cases(advisor, case_number=mine.id) == [mine.id]
    assert call.cases(advisor, case_number=theirs.id) == []
    staff.patch(f"/v1/contacts/{contact.id}", {"authorized": False},
                etag="*").expect(200)
    assert call.cases(advisor) == []


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
    assert case.target["state"] == "met"


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
    assert "555" not in note["text"]
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
    assert case.history()[-1]["type"] == "case.called"


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


# -- tenancy ---------------------------------------------------------------

@pytest.mark.fact(80)
def test_calls_are_for_staff_and_the_phone_system(
        contact, partner, phone, as_role):
    call = phone.call()
    for someone in (contact, partner):
        someone.get(call.path).expect(403, problem="caller-not-allowed")
        someone.get("/v1/calls").expect(403, problem="caller-not-allowed")
    phone.telephony.get("/v1/calls").expect(
        403, problem="caller-not-allowed")
    for kind in ("contact", "partner", "public"):
        assert as_role(kind).fails("select 1 from casework.calls",
                                   caller_id=contact.id) == "42501"
    assert as_role("staff").acting("select 1 from casework.calls") == []
    assert as_role("telephony").fails(
        "update casework.calls set contact_id = 1", caller_id=1) == "42501"
    assert as_role("staff").fails(
        "update casework.calls set answered_at = now()", caller_id=1
        ) == "42501"


def test_calls_that_do_not_exist_are_404(staff, telephony):
    path = f"/v1/calls/{NOBODY}"
    for name, body in (("verification", {"contact_id": 1,
                                         "method": "call_back"}),
                       ("case", {"case_id": 1})):
        staff.post(f"{path}/{name}", body).expect(404)
    telephony.post(path + "/answer", {"advisor_id": 1}).expect(404)
    telephony.post(path + "/hang-up").expect(404)
    staff.get(path + "/cases").expect(404)


@pytest.mark.fact(79)
def test_everything_on_the_phone_names_who_did_it(
        contact, advisor, phone, sql):
    call = phone.talk(advisor, contact)
    call.link(advisor, contact.submit()).expect(200)
    call.hang_up().expect(200)
    events = sql.rows("select type, actor_kind, actor_id from"
                      " casework.phone_events where subject_id = %s and"
                      " starts_with(type, 'call.') order by id", call.id)
    assert [(e["type"], e["actor_kind"]) for e in events] == [
        ("call.queued", "telephony"), ("call.answered", "telephony"),
        ("call.verified", "staff"), ("call.linked", "staff"),
        ("call.ended", "telephony")]
