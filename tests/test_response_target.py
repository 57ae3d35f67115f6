"""Response targets: facts 26 and 27, rules 2.1, 2.3, 2.4."""

import time

import pytest

from vectors import (SECONDS, each_answer, each_change, each_target, instant,
                     seconds_between)
from world import Case, a_case


# -- the deadline ----------------------------------------------------------

@pytest.mark.fact(26)
@pytest.mark.rule("2.1")
@each_target
def test_every_example_is_due_at_its_instant(contact, clock, vector):
    clock.at(vector["submitted_at"])
    case = contact.submit(priority=vector["priority"])
    target = case.target
    assert instant(target["started_at"]) == instant(vector["submitted_at"])
    assert instant(target["due_at"]) == instant(vector["response_due_at_utc"])
    assert target["business_seconds"] == SECONDS[vector["priority"]]
    assert target["priority"] == vector["priority"]


@pytest.mark.fact(26)
@pytest.mark.rule("2.10")
def test_the_clock_starts_when_the_case_arrives(contact, clock):
    clock.at("2026-11-23T10:00:00-06:00")
    case = contact.submit(priority="high")
    target = case.target
    assert target["started_at"] == case["submitted_at"]
    assert target["started_at"] == "2026-11-23T16:00:00Z"
    assert seconds_between(target["started_at"], target["due_at"]) == 14400


def test_the_clock_of_the_rules_can_run_shifted(contact, clock):
    began = time.monotonic()
    clock.running_from("2031-03-04T10:00:00-06:00")
    case = contact.submit()
    passed = time.monotonic() - began
    assert 0 <= seconds_between("2031-03-04T10:00:00-06:00",
                                case["submitted_at"]) <= passed


@pytest.mark.fact(24)
def test_a_case_may_be_submitted_at_any_hour(contact, clock):
    for moment in ("2026-11-22T03:00:00-06:00", "2026-12-25T12:00:00-06:00"):
        clock.at(moment)
        contact.post("/v1/cases", a_case()).expect(201)


@pytest.mark.fact(26)
def test_the_answer_tells_what_has_passed_and_what_remains(contact, clock):
    clock.at("2026-11-23T10:00:00-06:00")
    case = contact.submit(priority="critical")
    clock.at("2026-11-23T10:20:00-06:00")
    target = case.target
    assert target["state"] == "pending"
    assert target["business_seconds_elapsed"] == 1200
    assert target["business_seconds_remaining"] == 2400


def test_at_night_nothing_passes(contact, clock):
    clock.at("2026-11-23T17:30:00-06:00")
    case = contact.submit(priority="high")
    clock.at("2026-11-24T02:00:00-06:00")
    assert case.target["business_seconds_elapsed"] == 1800


def test_a_target_missed_shows_so_without_any_request(contact, clock):
    clock.at("2026-11-23T10:00:00-06:00")
    case = contact.submit(priority="critical")
    etag = case.etag
    clock.at("2026-11-23T11:00:00-06:00")
    assert case.target["state"] == "pending"
    clock.at("2026-11-23T11:00:00.000001-06:00")
    target = case.target
    assert target["state"] == "missed"
    assert target["business_seconds_remaining"] == 0
    assert target["first_response_at"] is None
    assert case.etag == etag
    listed = contact.get("/v1/cases", query={"response_state": "missed"})
    assert case.id in listed.ids


# -- met or missed ---------------------------------------------------------

@pytest.mark.fact(26)
@pytest.mark.rule("2.1")
@each_answer
def test_every_answer_is_met_or_missed_as_in_its_example(
        staff, contact, clock, vector):
    clock.at(vector["submitted_at"])
    case = contact.submit(priority=vector["priority"])
    clock.at(vector["first_response_at"])
    case.note(staff, "We are on it.").expect(201)
    target = case.target
    assert instant(target["due_at"]) == instant(vector["response_due_at"])
    assert instant(target["first_response_at"]) == instant(
        vector["first_response_at"])
    assert target["state"] == ("met" if vector["met"] else "missed")
    assert target["business_seconds_elapsed"] == vector[
        "business_seconds_to_response"]
    assert target["business_seconds_remaining"] == max(
        0, SECONDS[vector["priority"]] - target["business_seconds_elapsed"])


# -- what a response is ----------------------------------------------------

def first_response(case):
    return case.target["first_response_at"]


@pytest.mark.rule("2.3")
def test_a_public_note_by_staff_is_the_response(case, advisor):
    note = case.note(advisor).expect(201)
    assert first_response(case) == note["created_at"]
    assert case.target["state"] == "met"


@pytest.mark.rule("2.3")
def test_a_note_by_the_partner_who_provides_support_is_the_response(
        contact, partner):
    case = Case(contact, partner.post("/v1/cases", a_case(
        contact_id=contact.id)).expect(201))
    assert case["support_provider"] == "partner"
    assert first_response(case) is None
    note = case.note(partner).expect(201)
    assert first_response(case) == note["created_at"]


@pytest.mark.rule("2.3")
def test_a_note_by_a_partner_who_does_not_provide_support_is_none(
        case, partner):
    assert case["support_provider"] == "campus"
    case.note(partner).expect(201)
    assert first_response(case) is None


@pytest.mark.rule("2.3")
def test_an_internal_note_is_no_response(case, advisor):
    case.note(advisor, visibility="internal").expect(201)
    assert first_response(case) is None


@pytest.mark.rule("2.3")
def test_a_note_by_a_contact_is_no_response(case, colleague):
    case.note().expect(201)
    case.note(colleague).expect(201)
    assert first_response(case) is None and case["status"] == "new"


@pytest.mark.rule("2.3")
def test_assignment_and_status_are_no_response(case, advisor):
    case.assign(advisor, advisor).expect(200)
    case.change(advisor, status="assist_request").expect(200)
    case.change(advisor, issue_type="data").expect(200)
    assert first_response(case) is None


@pytest.mark.rule("2.3")
def test_the_explanation_of_a_resolution_is_a_response(case, advisor):
    case.resolve(advisor).expect(200)
    target = case.target
    assert target["first_response_at"] and target["state"] == "met"


@pytest.mark.rule("2.3")
def test_a_comment_of_staff_at_the_closing_is_a_response(case, advisor):
    case.close(advisor, closure_reason="withdrawn", comment="As you asked."
               ).expect(200)
    assert first_response(case) == case["closed_at"]


@pytest.mark.rule("2.3")
def test_a_comment_of_a_contact_at_the_closing_is_none(case):
    case.close(comment="Never mind.").expect(200)
    assert first_response(case) is None


@pytest.mark.rule("2.3")
def test_a_case_made_by_an_advisor_on_the_phone_is_answered_at_once(
        advisor, contact, phone):
    call = phone.talk(advisor, contact)
    answer = advisor.post("/v1/cases", a_case(
        contact_id=contact.id, channel="phone", call_id=call.id)).expect(201)
    target = answer["response_target"]
    assert target["first_response_at"] == target["started_at"]
    assert target["business_seconds_elapsed"] == 0
    assert target["state"] == "met"


def test_a_case_made_by_an_advisor_otherwise_is_not_answered(staff, contact):
    answer = staff.post("/v1/cases", a_case(contact_id=contact.id)
                        ).expect(201)
    assert answer["response_target"]["first_response_at"] is None


@pytest.mark.rule("2.3")
def test_the_first_response_never_moves(case, advisor, staff):
    first = case.note(advisor).expect(201)["created_at"]
    case.note(staff).expect(201)
    case.resolve(advisor).expect(200)
    assert first_response(case) == first


def test_what_counts_is_the_first_response_not_the_last(
        contact, staff, clock):
    clock.at("2026-11-23T10:00:00-06:00")
    case = contact.submit(priority="critical")
    clock.at("2026-11-23T10:30:00-06:00")
    case.note(staff).expect(201)
    clock.at("2026-11-24T10:30:00-06:00")
    case.note(staff).expect(201)
    target = case.target
    assert target["state"] == "met"
    assert target["business_seconds_elapsed"] == 1800


@pytest.mark.rule("2.3")
def test_reopening_starts_a_second_cycle(contact, advisor, clock):
    clock.at("2026-11-23T10:00:00-06:00")
    case = contact.submit()
    case.note(advisor).expect(201)
    case.close().expect(200)
    clock.at("2026-11-24T10:00:00-06:00")
    reopened = case.reopen().expect(200)
    target = reopened["response_target"]
    assert target["cycle"] == 2
    assert target["started_at"] == reopened["reopened_at"]
    assert target["first_response_at"] is None
    assert target["state"] == "pending"
    assert seconds_between(target["started_at"], target["due_at"]) == 86400
    case.note(advisor).expect(201)
    assert case.target["state"] == "met"


def test_a_case_closed_unanswered_waits_for_no_answer(contact, clock):
    clock.at("2026-11-23T10:00:00-06:00")
    case = contact.submit()
    case.close().expect(200)
    clock.at("2026-12-23T10:00:00-06:00")
    before = case.target["business_seconds_elapsed"]
    clock.at("2026-12-28T10:00:00-06:00")
    assert case.target["business_seconds_elapsed"] == before


# -- a priority that changes -----------------------------------------------

@pytest.mark.rule("2.4")
@each_change
def test_a_changed_priority_counts_from_submission(contact, clock, vector):
    clock.at(vector["submitted_at"])
    case = contact.submit(priority=vector["from"])
    assert instant(case.target["due_at"]) == instant(vector["due_before"])
    clock.at(vector["changed_at"])
    changed = case.change(priority=vector["to"]).expect(200)
    target = changed["response_target"]
    assert instant(target["due_at"]) == instant(
        vector["due_after_from_submission"])
    assert target["priority"] == vector["to"]
    assert target["business_seconds"] == SECONDS[vector["to"]]
    assert target["overdue_on_change"] is vector["overdue_at_change"]
    missed = vector["breached_before_change"] or vector["overdue_at_change"]
    assert target["state"] == ("missed" if missed else "pending")
    assert changed["initial_priority"] == vector["from"]
    assert changed["priority"] == vector["to"]


@pytest.mark.rule("2.4")
def test_lowering_after_the_deadline_does_not_erase_the_miss(
        staff, contact, clock):
    clock.at("2026-11-23T08:00:00-06:00")
    case = contact.submit(priority="critical")
    clock.at("2026-11-23T09:30:00-06:00")
    case.change(priority="medium").expect(200)
    case.note(staff).expect(201)
    assert case.target["state"] == "missed"


@pytest.mark.rule("2.4")
def test_raising_into_the_past_is_a_miss_even_if_lowered_again(
        contact, staff, clock):
    clock.at("2026-11-23T08:00:00-06:00")
    case = contact.submit(priority="medium")
    clock.at("2026-11-23T10:00:00-06:00")
    target = case.change(priority="critical").expect(200)["response_target"]
    assert (target["state"], target["overdue_on_change"]) == ("missed", True)
    case.change(priority="low").expect(200)
    case.note(staff).expect(201)
    assert case.target["state"] == "missed"
    assert case.target["overdue_on_change"] is True


@pytest.mark.rule("2.4")
def test_after_the_response_the_priority_no_longer_moves_the_target(
        case, staff, clock):
    case.note(staff).expect(201)
    before = case.target
    case.change(staff, priority="critical").expect(200)
    after = case.target
    assert case["priority"] == "critical"
    for member in ("due_at", "business_seconds", "state", "priority"):
        assert after[member] == before[member]


@pytest.mark.rule("1.12", "2.4")
@pytest.mark.parametrize("caller", ["contact", "colleague"])
def test_a_contact_raises_and_lowers_before_the_response(
        request, case, caller):
    someone = request.getfixturevalue(caller)
    case.change(someone, priority="high").expect(200)
    case.change(someone, priority="low").expect(200)


def test_a_contact_changes_no_priority_after_the_response(case, advisor):
    case.note(advisor).expect(201)
    case.change(priority="high").expect(409, problem="priority-fixed")
    assert case["priority"] == "medium"
    case.change(advisor, priority="high").expect(200)
    assert case["priority"] == "high"


@pytest.mark.fact(41)
def test_the_wished_date_does_not_change_the_target(contact, clock):
    clock.at("2026-11-23T10:00:00-06:00")
    case = contact.submit(due_on="2026-11-23")
    assert seconds_between(case.target["started_at"],
                           case.target["due_at"]) == 86400


# -- a calendar that changes -----------------------------------------------

@pytest.mark.rule("2.2")
def test_a_new_holiday_moves_open_targets_and_no_past_result(
        contact, staff, clock, another_holiday):
    """2.2: dates are data; closed targets stay as they were."""
    clock.at("2026-12-01T16:00:00-06:00")
    waiting, answered = contact.submit(), contact.submit()
    answered.note(staff).expect(201)
    before = answered.target
    assert instant(waiting.target["due_at"]) == instant(
        "2026-12-02T16:00:00-06:00")
    another_holiday("2026-12-02")
    assert instant(waiting.target["due_at"]) == instant(
        "2026-12-03T16:00:00-06:00")
    assert answered.target == before
    clock.at("2026-12-02T10:00:00-06:00")
    assert contact.get("/v1/calendar")["open_now"] is False


@pytest.mark.rule("2.2")
def test_a_holiday_taken_back_moves_targets_back(
        contact, clock, another_holiday, moved, sql):
    clock.at("2026-12-01T16:00:00-06:00")
    case = contact.submit()
    another_holiday("2026-12-02")
    sql.run("delete from casework.holidays where date = '2026-12-02'")
    moved()
    assert instant(case.target["due_at"]) == instant(
        "2026-12-02T16:00:00-06:00")
