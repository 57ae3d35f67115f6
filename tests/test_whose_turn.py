"""Whose turn a case is, since when, and what of it is due next."""

import pytest

from vectors import instant
from world import Case, a_case

pytestmark = pytest.mark.rule("3.5")

CASES = "/v1/cases"
MONDAY = "2027-01-04T10:00:00-06:00"


def turn(case, by=None):
    answer = case.read(by)
    return answer["waiting_on"], answer["waiting"]


@pytest.mark.parametrize("status, whose", [
    ("new", "support"), ("assigned", "support"), ("assist_request", "support"),
    ("pending_customer_input", "contact"), ("scheduled", "date"),
    ("escalated", "team"), ("assigned_to_development", "team"),
    ("pending_verification", "contact"), ("closed", None)])
def test_every_status_says_whose_turn_it_is(
        contact, staff, bring, status, whose):
    case = bring(contact.submit(), status)
    for someone in (contact, staff):
        assert turn(case, someone)[0] == whose
        row, = someone.get(CASES, query={"id": case.id}).items
        assert (row["waiting_on"], row["contact_id"]) == (whose, contact.id)
    assert (case["waiting"] is None) == (whose is None)


def test_a_fix_waits_for_its_release(case, staff, defect, tell):
    case.link(staff, defect.confirmed()).expect(201)
    defect.fix().expect(201)
    tell()
    assert turn(case)[0] == "release"


def test_what_a_partner_provides_for_is_the_partners_until_it_hands_over(
        contact, partner):
    case = Case(contact, partner.post(CASES, a_case(
        contact_id=contact.id)).expect(201))
    assert turn(case)[0] == "partner"
    case.escalate(partner, team=None).expect(201)
    assert turn(case)[0] == "support"       # Campus has to find the team
    assert case["waiting"]["team"] is None


def test_a_turn_names_its_team_and_begins_anew_with_another(
        case, advisor, engineer, clock):
    clock.at(MONDAY)
    first = case.escalate(advisor, "training").expect(201)
    assert (turn(case)[0], case["waiting"]["team"]) == ("team", "training")
    clock.at("2027-01-04T11:00:00-06:00")
    assert case["waiting"]["business_seconds"] == 3600
    case.note(advisor, "They look at it.").expect(201)
    assert case["waiting"]["business_seconds"] == 3600
    second = case.escalate(advisor, "development").expect(201)
    assert first["id"] != second["id"]
    assert case["waiting"]["team"] == "development"
    assert case["waiting"]["business_seconds"] == 0
    clock.at("2027-01-04T12:00:00-06:00")
    engineer.post(f"{second.location}/return", {}, etag="*").expect(200)
    assert turn(case)[0] == "support"
    assert case["waiting"]["team"] is None


def test_a_turn_lasts_for_business_time_only(contact, staff, clock):
    clock.at("2027-01-04T16:00:00-06:00")
    case = contact.submit()
    case.assign(staff, staff).expect(200)           # still Support's turn
    clock.at("2027-01-05T07:00:00-06:00")           # it opens at 6, as it ends at 18
    whose, waiting = turn(case)
    assert whose == "support"
    assert instant(waiting["since"]) == instant("2027-01-04T16:00:00-06:00")
    since = contact.get("/v1/calendar/business-time", query={
        "from": "2027-01-04T22:00:00Z", "to": "2027-01-05T13:00:00Z"})
    assert waiting["business_seconds"] == since["seconds"] > 0
    assert waiting["business_seconds"] < 15 * 3600


def test_an_answer_of_the_contact_begins_supports_turn(
        contact, staff, bring, clock):
    clock.at(MONDAY)
    case = bring(contact.submit(), "pending_customer_input")
    clock.at("2027-01-04T12:00:00-06:00")
    case.note(contact, "Here it is.").expect(201)
    whose, waiting = turn(case)
    assert (whose, waiting["business_seconds"]) == ("support", 0)
    assert instant(waiting["since"]) == instant("2027-01-04T12:00:00-06:00")


@pytest.mark.parametrize("provider, whose", [
    ("campus", "support"), ("partner", "partner")])
def test_what_a_contact_has_confirmed_is_the_providers_to_close(
        contact, partner, staff, clock, provider, whose):
    clock.at(MONDAY)
    case = contact.submit()
    if provider == "partner":
        case.change(staff, support_provider="partner").expect(200)
    case.resolve(staff).expect(200)
    assert turn(case)[0] == "contact"
    clock.at("2027-01-04T12:00:00-06:00")
    case.act(contact, "confirmation", {}).expect(200)
    confirmed, waiting = turn(case)
    assert (confirmed, waiting["business_seconds"]) == (whose, 0)
    assert contact.get(CASES, query={"waiting_on": whose}).ids == [case.id]
    case.note(contact, "Not yet.").expect(201)
    case.resolve(staff).expect(200)
    assert turn(case)[0] == "contact"


def test_lists_are_filtered_by_whose_turn_it_is(contact, staff, bring):
    mine = contact.submit()
    theirs = bring(contact.submit(), "pending_verification")
    closed = bring(contact.submit(), "closed")

    def found(**query):
        return set(contact.get(CASES, query=query).expect(200).ids)
    assert found(waiting_on="support") == {mine.id}
    assert found(waiting_on="contact,date") == {theirs.id}
    assert closed.id not in found(
        waiting_on="support,contact,partner,team,release,date")


# -- what is due -----------------------------------------------------------

def test_the_response_is_due_until_there_is_one(case, staff, contact):
    assert case["due_at"] == case.target["due_at"]
    row, = contact.get(CASES, query={"id": case.id}).items
    assert row["due_at"] == case["due_at"] and row["due_on"] is None
    case.note(staff, "We look at it.").expect(201)
    assert case["due_at"] is None
    assert contact.get(CASES, query={
        "id": case.id, "due_from": "2000-01-01T00:00:00Z"}).ids == []


def test_the_due_date_ends_with_its_day_and_not_while_the_contact_is_asked(
        contact, staff, clock):
    clock.at(MONDAY)
    case = contact.submit(due_on="2027-01-20")
    case.note(staff, "We look at it.").expect(201)
    assert instant(case["due_at"]) == instant("2027-01-21T00:00:00-06:00")
    row, = contact.get(CASES, query={"id": case.id}).items
    assert row["due_on"] == "2027-01-20"
    assert row["due_at"] == case["due_at"]
    case.change(staff, status="assigned").expect(200)
    case.change(staff, status="pending_customer_input").expect(200)
    assert case["due_at"] is None


def test_a_scheduled_case_is_due_on_its_date(contact, staff, clock):
    clock.at(MONDAY)
    case = contact.submit()
    case.note(staff, "On Friday.").expect(201)
    case.assign(staff, staff).expect(200)
    case.change(staff, status="scheduled", scheduled_on="2027-01-08"
                ).expect(200)
    assert (case["waiting_on"], instant(case["due_at"])) == (
        "date", instant("2027-01-09T00:00:00-06:00"))
    case.change(staff, scheduled_on="2027-01-15").expect(200)
    assert instant(case["due_at"]) == instant("2027-01-16T00:00:00-06:00")


def test_follow_ups_are_due_one_after_the_other(contact, staff, clock):
    clock.at("2026-11-02T10:00:00-06:00")
    case = contact.submit()
    case.resolve(staff).expect(200)
    for date in ("2026-11-05", "2026-11-10", "2026-11-13"):
        assert case["due_at"][:10] == date
        case.follow_up(staff).expect(200)
    assert case["due_at"] is None
    case.note(contact, "It still fails.").expect(201)
    assert case["due_at"] is None and case["waiting_on"] == "support"


def test_an_import_waits_since_it_was_submitted_and_misses_nothing(
        contact, staff):
    case = Case(contact, staff.post(CASES, a_case(
        contact_id=contact.id, submitted_at="2026-03-02T16:00:00Z")
        ).expect(201))
    whose, waiting = turn(case)
    assert (whose, waiting["since"]) == ("support", "2026-03-02T16:00:00Z")
    assert case["due_at"] is None


def test_a_merged_case_waits_for_nobody(contact, staff):
    kept, merged = contact.submit(), contact.submit()
    merged.close(staff, closure_reason="merged",
                 merged_into_case_id=kept.id).expect(200)
    assert turn(merged) == (None, None) and merged["due_at"] is None
    assert turn(kept)[0] == "support"
