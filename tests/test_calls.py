"""Calls: their states, and who is calling (facts 5, 6, 30)."""

import pytest

from generate import NOBODY
from phone import take_calls
from vectors import instant

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
        "queued_from": queued, "limit": 100}).ids
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
        assert as_role(kind).fails("select 1 from casework.calls") == "42501"
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
