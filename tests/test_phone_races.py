"""Two things on the phone at once: one wins, the other is told. They meet where
each has looked and wants to write."""

import pytest

from races import statuses
from sql import Role

pytestmark = pytest.mark.direct


@pytest.mark.parametrize("first", [0, 1])
def test_an_advisor_picks_up_one_of_two_calls(meeting, advisor, phone, staff,
                                              telephony, first):
    """Each has seen that the advisor is free."""
    calls = [phone.call(), phone.call()]
    calls = [calls[first], calls[1 - first]]
    answers = meeting.meet("calls", *(
        lambda c=c, at=at: c.answer(advisor, meeting.by(telephony, at))
        for at, c in enumerate(calls)))
    assert statuses(answers) == [200, 409]
    for call, answer in zip(calls, answers, strict=True):
        assert staff.get(call.path)["state"] == (
            "answered" if answer.status == 200 else "queued")
    won = calls[[a.status for a in answers].index(200)]
    won.hang_up().expect(200)
    lost = calls[1 - calls.index(won)]
    lost.answer(advisor).expect(200)
    lost.hang_up().expect(200)


@pytest.mark.parametrize("first", [0, 1])
def test_a_call_is_answered_once(meeting, phone, world, telephony, staff,
                                 first):
    people = [world.staff(), world.staff()]
    people = [people[first], people[1 - first]]
    call = phone.call()
    answers = meeting.meet("calls", *(
        lambda p=p, at=at: call.answer(p, meeting.by(telephony, at))
        for at, p in enumerate(people)))
    assert [a.status for a in answers] == [200, 409]
    assert staff.get(call.path)["advisor"]["id"] == people[0].id
    call.hang_up().expect(200)


def test_an_answer_and_a_caller_who_leaves_exclude_each_other(
        meeting, phone, advisor, telephony, staff):
    """Whoever is first: a call that is over is not answered, and one that is
    answered is not abandoned but ended."""
    by, other = (meeting.by(telephony, at) for at in (0, 1))
    call = phone.call()
    answers = meeting.meet(
        "calls", lambda: by.post(call.path + "/hang-up"),
        lambda: call.answer(advisor, other))
    assert [a.status for a in answers] == [200, 409]
    assert staff.get(call.path)["state"] == "abandoned"
    call = phone.call()
    answers = meeting.meet(
        "calls", lambda: call.answer(advisor, other),
        lambda: by.post(call.path + "/hang-up"))
    assert [a.status for a in answers] == [200, 200]
    assert staff.get(call.path)["state"] == "ended"


def test_a_routing_becomes_one_call(meeting, contact, phone, telephony, sql):
    """Each has seen that it has none yet."""
    body = {"routing_id": phone.route(phone.pin(contact))["routing_id"]}
    answers = meeting.meet("calls", *(
        lambda at=at: meeting.by(telephony, at).post("/v1/calls", body)
        for at in (0, 1)))
    assert statuses(answers) == [201, 409]
    assert sql.value("select count(*) as n from casework.calls where"
                     " routing_id = %s", body["routing_id"]) == 1


@pytest.mark.rule("2.3")
@pytest.mark.parametrize("first", [0, 1])
def test_a_call_linked_twice_leaves_one_note(meeting, contact, advisor, staff,
                                             phone, first):
    case = contact.submit()
    call = phone.talk(advisor, contact)
    people = [advisor, staff] if first else [staff, advisor]
    answers = meeting.meet("calls", *(
        lambda p=p: call.link(meeting.by(p), case) for p in people))
    assert [a.status for a in answers] == [200, 409]
    assert [n["kind"] for n in case.notes()] == ["call"]
    call.hang_up().expect(200)


@pytest.mark.parametrize("first", [0, 1])
def test_a_caller_is_verified_once(meeting, contact, colleague, advisor, staff,
                                   phone, first):
    who = [contact, colleague] if first else [colleague, contact]
    call = phone.call()
    call.answer(advisor).expect(200)
    answers = meeting.meet("calls", *(
        lambda p=p: call.verify(meeting.by(advisor), p) for p in who))
    assert [a.status for a in answers] == [200, 409]
    assert staff.get(call.path)["contact_id"] == who[0].id
    call.hang_up().expect(200)


@pytest.mark.fact(5)
def test_guessing_in_parallel_gains_no_try(meeting, contact, phone, instance,
                                           sql, clock):
    """In sessions as of many processes: each lets a phone system guess once
    at a time."""
    clock.at("2026-11-23T10:00:00-06:00")
    entered = phone.pin(contact)
    roles = [Role("telephony", instance.role_url("telephony"), instance.env)
             for _ in range(7)]

    def guess(role):
        role.run(role.beginning(1) + "select rules.phone_caller(%s);"
                 " commit", {**entered, "pin": "0"})
    try:
        for role in roles:
            role.run("set lock_timeout = '60s'; set statement_timeout = '60s'")
        meeting.meet("phone_pins", *(lambda r=r: guess(r) for r in roles))
    finally:
        for role in roles:
            role.close()
    assert sql.value("select failures from casework.phone_pins"
                     " where contact_id = %s", contact.id) == 5
    assert phone.route(entered)["decision"] == "refuse"
