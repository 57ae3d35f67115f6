"""Who takes calls, and who is on call (2.8, fact 21)."""

import pytest

from generate import NOBODY
from phone import take_calls

SHIFTS = "/v1/on-call-shifts"


def shift(by, someone, start="2090-01-01T18:00:00-06:00",
          end="2090-01-02T06:00:00-06:00"):
    return by.post(SHIFTS, {"staff_id": someone.id, "extension": "7100",
                            "starts_at": start, "ends_at": end})


def listed(staff, advisor, **query):
    return [item for item in staff.all("/v1/availability", **query)
            if item["id"] == advisor.id]


@pytest.mark.rule("2.8")
def test_available_is_on_shift_not_paused_and_in_no_call(
        advisor, staff, phone):
    assert listed(staff, advisor) == []
    for on_shift in (True, False):
        for paused in (True, False):
            answer = take_calls(advisor, on_shift, paused).expect(200)
            assert answer["available"] == (on_shift and not paused)
            assert listed(staff, advisor) == [answer.json]
            assert listed(staff, advisor, available="true") == (
                [answer.json] if answer["available"] else [])
    take_calls(advisor).expect(200)
    call = phone.call()
    call.answer(advisor).expect(200)
    (now,) = listed(staff, advisor)
    assert now["in_call"] and not now["available"]
    call.hang_up().expect(200)
    assert listed(staff, advisor)[0]["available"]


def test_paused_is_false_when_left_out(advisor):
    assert advisor.post("/v1/availability", {
        "on_shift": True, "extension": "2417"}).expect(200)["available"]


def test_engineers_take_no_calls_from_the_queue(engineer):
    take_calls(engineer).expect(403, problem="caller-not-allowed")


def test_an_advisor_who_left_is_not_listed(advisor, staff, sql):
    take_calls(advisor).expect(200)
    sql.run("update casework.staff set active = false where id = %s",
            advisor.id)
    assert listed(staff, advisor) == []


@pytest.mark.fact(21)
def test_the_roster_is_a_list_of_shifts(advisor, staff, lead):
    added = shift(lead, advisor).expect(201)
    assert added["starts_at"] == "2090-01-02T00:00:00Z"
    assert staff.get(SHIFTS).expect(200).items[0] == added.json
    for moment, found in (("2090-01-02T00:00:00Z", True),
                          ("2090-01-02T12:00:00Z", False)):
        shifts = staff.all(SHIFTS, at=moment)
        assert (added.json in shifts) == found


@pytest.mark.parametrize("start, end", [
    ("2090-01-02T06:00:00Z", "2090-01-02T06:00:00Z"),
    ("2090-01-03T06:00:00Z", "2090-01-02T06:00:00Z"),
    ("2020-01-01T06:00:00Z", "2020-01-02T06:00:00Z")])
def test_a_shift_that_helps_nobody_is_refused(advisor, start, end, lead):
    assert shift(lead, advisor, start, end).expect(422).faults == [
        "/ends_at"]


def test_only_active_staff_are_on_call(staff, world, sql, lead):
    gone = world.staff()
    sql.run("update casework.staff set active = false where id = %s", gone.id)
    assert shift(lead, gone).expect(422).faults == ["/staff_id"]
    gone.id = NOBODY
    assert shift(lead, gone).expect(422).faults == ["/staff_id"]


@pytest.mark.fact(21, 80)
def test_the_roster_is_internal(contact, partner, telephony, as_role):
    for someone in (contact, partner, telephony):
        for path in (SHIFTS, "/v1/availability"):
            someone.get(path).expect(403, problem="caller-not-allowed")
    for table in ("on_call_shifts", "advisor_availability"):
        for kind in ("contact", "partner", "public"):
            assert as_role(kind).fails(f"select 1 from casework.{table}"
                                       ) == "42501"
