"""Two things on the phone at once: one wins, the other is told."""

import pytest

from races import at_once, statuses

ROUNDS = 10


def test_an_advisor_picks_up_one_of_two_calls(advisor, phone, staff):
    for _ in range(ROUNDS):
        calls = phone.call(), phone.call()
        answers = at_once(*(lambda c=c: c.answer(advisor) for c in calls))
        assert statuses(answers) == [200, 409]
        states = sorted(staff.get(c.path)["state"] for c in calls)
        assert states == ["answered", "queued"]
        for call in calls:
            call.hang_up().expect(200)


def test_a_call_is_answered_once(phone, world):
    people = world.staff(), world.staff()
    for _ in range(ROUNDS):
        call = phone.call()
        answers = at_once(*(lambda p=p: call.answer(p) for p in people))
        assert statuses(answers) == [200, 409]
        call.hang_up().expect(200)


def test_a_routing_becomes_one_call(contact, phone):
    entered = phone.pin(contact)
    for _ in range(ROUNDS):
        body = {"routing_id": phone.route(entered)["routing_id"]}
        answers = at_once(*(lambda: phone.telephony.post("/v1/calls", body),
                            ) * 2)
        assert statuses(answers) == [201, 409]


@pytest.mark.rule("2.3")
def test_a_call_linked_twice_leaves_one_note(contact, advisor, staff, phone):
    for _ in range(ROUNDS):
        case = contact.submit()
        call = phone.talk(advisor, contact)
        answers = at_once(*(lambda by=by: call.link(by, case)
                            for by in (advisor, staff)))
        assert statuses(answers) == [200, 409]
        assert [n["kind"] for n in case.notes()] == ["call"]
        call.hang_up().expect(200)


@pytest.mark.fact(5)
def test_guessing_in_parallel_gains_no_try(contact, phone, sql, clock):
    clock.at("2026-11-23T10:00:00-06:00")
    entered = phone.pin(contact)
    guess = {**entered, "pin": "0"}
    at_once(*(lambda: phone.route(guess),) * 8)
    assert sql.value("select failures from casework.phone_pins"
                     " where contact_id = %s", contact.id) == 5
    assert phone.route(entered)["decision"] == "refuse"
