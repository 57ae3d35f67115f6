"""Closing and reopening: facts 44 to 46, rules 2.5 and 2.6."""

import datetime

import pytest

from hard_dates import each_day, just_before
from vectors import VECTORS, each_reopening, instant
from world import OPEN, a_case


# -- closing ---------------------------------------------------------------

@pytest.mark.fact(44)
@pytest.mark.rule("1.12")
@pytest.mark.parametrize("status", OPEN)
def test_any_contact_closes_from_every_open_state(
        case, bring, colleague, status):
    bring(case, status)
    answer = case.close(colleague).expect(200)
    assert answer["status"] == "closed" and answer["closed_at"]
    assert answer["closed_by"]["id"] == colleague.id
    assert answer["closure_reason"] == (
        "resolved_confirmed" if status == "pending_verification"
        else "withdrawn")
    assert case.changes("status")[-1] == (status, "closed")


@pytest.mark.fact(44)
def test_a_contact_says_why_it_closes(case, advisor):
    case.resolve(advisor).expect(200)
    answer = case.close(closure_reason="withdrawn",
                        comment="Not needed any more.").expect(200)
    assert answer["closure_reason"] == "withdrawn"
    note = case.notes()[-1]
    assert (note["text"], note["visibility"], note["kind"]) == (
        "Not needed any more.", "public", "closing")


@pytest.mark.parametrize("reason", ["no_response", "merged"])
def test_a_contact_does_not_close_for_supports_reasons(case, contact, reason):
    other = contact.submit()
    body = {"merged_into_case_id": other.id} if reason == "merged" else {}
    case.close(closure_reason=reason, **body).expect(
        403, problem="not-permitted")
    assert case["status"] == "new"


@pytest.mark.fact(44)
@pytest.mark.parametrize("status", ["new", "pending_verification"])
def test_staff_do_not_confirm_for_a_contact(case, bring, contact, staff,
                                            status):
    bring(case, status)
    assert case.close(staff).expect(422).faults == ["/closure_reason"]
    case.close(staff, closure_reason="resolved_confirmed").expect(
        403, problem="not-permitted")
    answer = case.close(contact.acting_for(f"staff:{staff.id}"),
                        closure_reason="resolved_confirmed").expect(200)
    assert answer["closed_by"]["id"] == staff.id


@pytest.mark.fact(45)
@pytest.mark.rule("2.5")
def test_staff_withdraw_nothing_that_awaits_verification(contact, staff,
                                                         clock):
    clock.at("2026-11-02T10:00:00-06:00")
    case = contact.submit()
    case.resolve(staff).expect(200)
    answer = case.close(staff, closure_reason="withdrawn").expect(
        409, problem="illegal-transition")
    assert answer["auto_close_at"] == "2026-11-17T00:00:00Z"
    case.note().expect(201)
    case.close(staff, closure_reason="withdrawn").expect(200)


def test_a_partner_closes_nothing_that_waits_for_no_verification(case, partner):
    case.close(partner).expect(409, problem="illegal-transition")


def test_a_closed_case_is_not_closed_again(case, staff):
    first = case.close().expect(200)
    answer = case.close().expect(409, problem="illegal-transition")
    assert set(answer["allowed_transitions"]) == {"assigned"}
    case.close(staff, closure_reason="withdrawn").expect(409)
    assert case["closed_at"] == first["closed_at"]


@pytest.mark.rule("2.5")
@pytest.mark.parametrize("vector", VECTORS["follow_up_3x10"],
                         ids=lambda v: v["id"])
def test_nobody_closes_for_silence_before_the_tenth_business_day_ends(
        contact, staff, clock, timer, vector):
    clock.at(vector["pending_at"])
    case = contact.submit()
    case.resolve(staff).expect(200)
    last = instant(vector["auto_close_at"])
    clock.at(last.replace(hour=17, minute=59, second=59).isoformat())
    timer("follow_ups")
    assert len(case["follow_up"]["done"]) == 3
    answer = case.close(staff, closure_reason="no_response").expect(409)
    assert instant(answer["auto_close_at"]) == last
    assert case["status"] == "pending_verification"
    clock.at(vector["auto_close_at"])
    answer = case.close(staff, closure_reason="no_response").expect(200)
    assert answer["closure_reason"] == "no_response"


@pytest.mark.rule("2.5")
def test_nobody_closes_for_silence_without_three_follow_ups(
        contact, staff, clock):
    """Days on which no worker ran are not held against the contact."""
    clock.at("2026-11-02T10:00:00-06:00")
    case = contact.submit()
    case.resolve(staff).expect(200)
    clock.at("2026-11-17T10:00:00-06:00")
    for number in range(3):
        answer = case.close(staff, closure_reason="no_response").expect(409)
        assert answer["auto_close_at"] == "2026-11-17T00:00:00Z"
        case.follow_up(staff).expect(200)
    case.close(staff, closure_reason="no_response").expect(200)


def test_silence_closes_only_what_waits_for_verification(
        contact, staff, clock):
    clock.at("2026-11-02T10:00:00-06:00")
    case = contact.submit()
    case.assign(staff, staff).expect(200)
    clock.at("2026-12-30T10:00:00-06:00")
    case.close(staff, closure_reason="no_response").expect(409)


@pytest.mark.rule("2.5")
def test_a_note_by_a_contact_cancels_the_closing(contact, staff, clock):
    clock.at("2026-11-02T10:00:00-06:00")
    case = contact.submit()
    case.resolve(staff).expect(200)
    clock.at("2026-11-16T17:59:59-06:00")
    case.note().expect(201)
    clock.at("2026-11-16T18:05:00-06:00")
    case.close(staff, closure_reason="no_response").expect(409)


@pytest.mark.rule("2.5")
def test_a_new_resolution_starts_a_new_run(contact, staff, clock):
    clock.at("2026-11-02T10:00:00-06:00")
    case = contact.submit()
    case.resolve(staff).expect(200)
    case.note().expect(201)
    clock.at("2026-11-13T10:00:00-06:00")
    case.resolve(staff).expect(200)
    clock.at("2026-11-16T18:05:00-06:00")
    answer = case.close(staff, closure_reason="no_response").expect(409)
    assert instant(answer["auto_close_at"]) == instant(
        "2026-12-01T18:00:00-06:00")


def test_a_duplicate_is_merged_into_another_case_of_the_district(
        case, contact, staff, stranger):
    other, foreign = contact.submit(), stranger.submit()

    def merge(**body):
        return case.close(staff, closure_reason="merged", **body)
    assert merge().expect(422).faults == ["/merged_into_case_id"]
    for wrong in (foreign.id, 9007199254740991, case.id):
        assert merge(merged_into_case_id=wrong).expect(
            422).faults == ["/merged_into_case_id"]
    answer = merge(merged_into_case_id=other.id).expect(200)
    assert answer["merged_into_case_id"] == other.id
    assert answer["reopen_until"] is None
    other.close(staff, closure_reason="merged", merged_into_case_id=case.id
                ).expect(422)


@pytest.mark.direct
@pytest.mark.rule("2.6")
@pytest.mark.parametrize("first", [0, 1])
def test_of_two_cases_merged_into_each_other_one_goes_on(
        meeting, contact, staff, first):
    pair = [contact.submit(), contact.submit()]
    pair = pair if first else pair[::-1]

    def merge(one, other):
        return lambda: one.close(meeting.by(staff), closure_reason="merged",
                                 merged_into_case_id=other.id)
    answers = meeting.meet("cases", merge(*pair), merge(*pair[::-1]))
    assert [a.status for a in answers] == [200, 422]
    assert [case["status"] for case in pair] == ["closed", "new"]


def test_nothing_is_merged_into_what_was_merged_itself(
        case, contact, staff):
    """Whoever follows the case finds the one that goes on."""
    duplicate, goes_on = contact.submit(), contact.submit()

    def merge(into):
        return case.close(staff, closure_reason="merged",
                          merged_into_case_id=into.id)
    duplicate.close(staff, closure_reason="merged",
                    merged_into_case_id=goes_on.id).expect(200)
    assert merge(duplicate).expect(422).faults == ["/merged_into_case_id"]
    assert case["status"] == "new"
    merge(goes_on).expect(200)


# -- reopening -------------------------------------------------------------

@pytest.mark.fact(46)
@pytest.mark.rule("2.6")
@each_reopening
def test_every_example_of_the_sixty_days(contact, clock, vector):
    clock.at(vector["closed_at"])
    case = contact.submit()
    closed = case.close().expect(200)
    assert instant(closed["reopen_until"]) == instant(
        vector["reopen_until_utc"])
    clock.at(vector["reopen_attempt_at"])
    answer = case.reopen()
    if vector["allowed"]:
        assert answer.expect(200)["status"] == "assigned"
        return
    answer.expect(409, problem="reopen-window-expired")
    assert instant(answer["reopen_until"]) == instant(
        vector["reopen_until_utc"])
    assert case["status"] == "closed"


@pytest.mark.fact(46)
@pytest.mark.rule("2.6")
@each_day
def test_day_sixty_ends_at_local_midnight_whatever_the_date(
        contact, clock, begins, ends):
    sixtieth = datetime.date.fromisoformat(begins[:10])
    clock.at(f"{sixtieth - datetime.timedelta(days=60)} 12:00"
             " America/Chicago")
    case = contact.submit()
    closed = case.close().expect(200)
    assert instant(closed["reopen_until"]) == instant(ends)
    clock.at(ends)
    case.reopen().expect(409, problem="reopen-window-expired")
    clock.at(just_before(ends))
    case.reopen().expect(200)


@pytest.mark.rule("2.6")
def test_the_last_microsecond_of_day_sixty_counts(contact, clock):
    clock.at("2026-09-24T16:00:00-05:00")
    case = contact.submit()
    case.close().expect(200)
    clock.at("2026-11-23T23:59:59.999999-06:00")
    case.reopen().expect(200)


@pytest.mark.fact(12)
@pytest.mark.rule("2.6")
def test_a_refused_reopening_offers_a_case_that_follows(contact, clock):
    clock.at("2026-01-10T12:00:00-06:00")
    case = contact.submit()
    case.close().expect(200)
    clock.at("2026-03-12T06:00:00-05:00")
    offer = case.reopen().expect(409)["follow_up_case"]
    assert offer["body"] == {"follows_case_id": case.id}
    answer = contact.request(
        offer["method"], "/v1/cases" + offer["href"].partition("/v1/cases")[2],
        a_case(**offer["body"])).expect(201)
    assert answer["follows_case_id"] == case.id


@pytest.mark.fact(46)
def test_reopening_is_told_in_a_note_and_the_history(case, colleague):
    case.close().expect(200)
    answer = case.reopen(colleague, details="Back since Monday.").expect(200)
    assert answer["status"] == "assigned" and answer["reopened_at"]
    assert answer["closed_at"] is answer["closed_by"] is None
    assert answer["closure_reason"] is answer["reopen_until"] is None
    note = case.notes()[-1]
    assert (note["text"], note["visibility"], note["kind"]) == (
        "Back since Monday.", "public", "reopening")
    assert case.changes("status")[-1] == ("closed", "assigned")
    assert case.history()[-1]["actor"]["id"] == colleague.id


@pytest.mark.fact(46)
@pytest.mark.rule("2.6")
@pytest.mark.parametrize("details", ["", "  ", None])
def test_reopening_needs_words(case, details):
    case.close().expect(200)
    assert case.reopen(details=details).expect(422).faults == ["/details"]
    assert case.act(case.submitter, "reopen", {}).expect(
        422).faults == ["/details"]
    assert case["status"] == "closed"


@pytest.mark.rule("2.6")
def test_a_case_found_satisfactory_is_reopened_too(case, advisor):
    case.resolve(advisor).expect(200)
    case.close(closure_reason="resolved_confirmed").expect(200)
    case.reopen().expect(200)


@pytest.mark.rule("2.6")
def test_the_latest_closing_counts(contact, clock):
    clock.at("2026-01-10T12:00:00-06:00")
    case = contact.submit()
    case.close().expect(200)
    clock.at("2026-03-01T12:00:00-06:00")
    case.reopen().expect(200)
    case.close().expect(200)
    clock.at("2026-04-20T12:00:00-05:00")
    case.reopen().expect(200)


@pytest.mark.rule("2.6")
def test_staff_reopen_without_limit(contact, staff, clock):
    clock.at("2026-01-10T12:00:00-06:00")
    case = contact.submit()
    case.close().expect(200)
    clock.at("2028-01-10T12:00:00-06:00")
    case.reopen().expect(409, problem="reopen-window-expired")
    case.reopen(staff, details="").expect(422)
    assert case.reopen(staff).expect(200)["status"] == "assigned"


@pytest.mark.rule("2.6")
def test_a_merged_case_stays_closed(case, contact, staff):
    other = contact.submit()
    case.close(staff, closure_reason="merged", merged_into_case_id=other.id
               ).expect(200)
    for someone in (contact, staff):
        case.reopen(someone).expect(409)
    assert case["status"] == "closed"


@pytest.mark.parametrize("status", ["new", "pending_verification"])
def test_an_open_case_is_not_reopened(case, bring, status):
    bring(case, status)
    case.reopen().expect(409, problem="illegal-transition")
    assert case["status"] == status


def test_a_partner_does_not_reopen(case, partner):
    case.close().expect(200)
    case.reopen(partner).expect(403, problem="caller-not-allowed")


def test_the_advisor_stays_when_a_case_is_reopened(case, advisor, staff):
    case.assign(staff, advisor).expect(200)
    case.close().expect(200)
    answer = case.reopen().expect(200)
    assert answer["assigned_advisor"]["id"] == advisor.id
