"""Changing a case, and what its history tells: facts 15, 41, 42, 47, 78."""

import pytest

from vectors import instant
from world import Case, a_question

NOBODY = 9007199254740991


def test_a_contact_changes_what_the_case_says(case, colleague):
    changed = case.change(colleague, subject="Attendance", impact="All",
                          due_on="2035-01-02", users_affected=3).expect(200)
    assert (changed["subject"], changed["impact"], changed["due_on"],
            changed["users_affected"]) == ("Attendance", "All",
                                           "2035-01-02", 3)
    assert changed["description"] == case.answer["description"]


def test_null_removes_what_may_be_missing(contact):
    case = contact.submit(impact="All", due_on="2035-01-02",
                          product_version="2611")
    changed = case.change(impact=None, due_on=None, product_version=None
                          ).expect(200)
    assert changed["impact"] is changed["due_on"] is None
    assert changed["product_version"] is None


@pytest.mark.parametrize("member", ["subject", "description", "priority",
                                    "type"])
def test_null_removes_nothing_that_is_required(case, member):
    answer = case.change(**{member: None}).expect(422)
    assert answer.faults == ["/" + member]


def test_replication_steps_stay_where_they_are_required(case):
    assert case.change(replication_steps=None).expect(422
                       ).faults == ["/replication_steps"]


@pytest.mark.fact(41)
@pytest.mark.parametrize("changes", [
    {"type": "problem"}, {"type": "request"}, {"priority": "medium"}])
@pytest.mark.parametrize("caller", ["contact", "partner"])
def test_a_question_that_becomes_more_needs_replication_steps(
        request, contact, caller, changes):
    someone = request.getfixturevalue(caller)
    case = Case(contact, contact.post("/v1/cases", a_question()).expect(201))
    assert case.change(someone, **changes).expect(422
                       ).faults == ["/replication_steps"]
    assert (case["type"], case["priority"]) == ("question", "low")
    case.change(someone, replication_steps="Print it.", **changes).expect(200)


@pytest.mark.fact(41)
def test_what_support_makes_of_a_question_asks_for_no_steps_later(
        contact, staff):
    case = Case(contact, contact.post("/v1/cases", a_question()).expect(201))
    case.change(staff, type="problem", priority="medium").expect(200)
    assert case.change(subject="Other").expect(200)["subject"] == "Other"


@pytest.mark.parametrize("member, value", [
    ("id", 1), ("district_id", 1), ("submitted_at", "2026-01-05T15:00:00Z"),
    ("created_at", "2026-01-05T15:00:00Z"), ("closed_at", None),
    ("assigned_advisor", None), ("initial_priority", "low"),
    ("channel", "phone"), ("nonsense", 1)])
def test_read_only_and_unknown_members_are_refused_not_ignored(
        case, staff, member, value):
    for someone in (case.submitter, staff):
        answer = case.change(someone, subject="changed?", **{member: value})
        assert answer.expect(422).faults == ["/" + member]
    assert case["subject"] != "changed?"


@pytest.mark.fact(42)
@pytest.mark.parametrize("members", [
    {"status": "scheduled"}, {"issue_type": "data"},
    {"support_provider": "partner"}])
@pytest.mark.parametrize("caller", ["contact", "partner"])
def test_only_staff_classify(request, case, caller, members):
    someone = request.getfixturevalue(caller)
    case.change(someone, **members).expect(403, problem="not-permitted")
    assert case["status"] == "new"


@pytest.mark.fact(42)
def test_staff_classify(case, staff, partner):
    changed = case.change(staff, issue_type="defect",
                          support_provider="partner").expect(200)
    assert changed["issue_type"] == "defect"
    assert changed["support_provider"] == "partner"


def test_no_partner_provides_support_where_none_serves(case, staff, partner,
                                                       sql):
    sql.run("update casework.partners set active = false where id = %s",
            partner.id)
    assert case.change(staff, support_provider="partner").expect(
        422).faults == ["/support_provider"]
    sql.run("update casework.partners set active = true where id = %s",
            partner.id)
    case.change(staff, support_provider="partner").expect(200)


def test_no_partner_provides_support_that_serves_another_district(
        case, staff, world, stranger):
    world.partner(stranger.district)
    assert case.change(staff, support_provider="partner").expect(
        422).faults == ["/support_provider"]


def test_an_empty_change_is_refused(case):
    case.change().expect(422)


def test_a_change_that_changes_nothing_writes_nothing(case):
    before, history = case.read(), case.history()
    case.change(subject=before["subject"], impact=None).expect(200)
    after = case.read()
    assert (after.etag, after["updated_at"]) == (
        before.etag, before["updated_at"])
    assert case.history() == history


def test_a_wished_date_cannot_be_moved_into_the_past(contact, clock):
    clock.at("2026-11-24T23:30:00-06:00")       # the 25th in UTC
    case = contact.submit()
    assert case.change(due_on="2026-11-23").expect(
        422).faults == ["/due_on"]
    case.change(due_on="2026-11-24").expect(200)


def test_a_wished_date_that_has_passed_hinders_no_other_change(
        contact, clock):
    clock.at("2026-11-24T10:00:00-06:00")
    case = contact.submit(due_on="2026-11-25")
    clock.at("2026-12-24T10:00:00-06:00")
    case.change(impact="All").expect(200)


def test_a_foreign_site_or_contact_cannot_be_put_on_a_case(
        case, stranger, world):
    for changes in ({"site_id": world.district().site()},
                    {"contact_id": stranger.id}):
        (member, _), = changes.items()
        foreign = case.change(**changes).expect(422)
        unknown = case.change(**{member: NOBODY}).expect(422)
        assert foreign["errors"] == unknown["errors"]


def test_a_change_shows_in_version_and_time_of_change(case):
    before = case.read()
    changed = case.change(impact="All").expect(200)
    assert changed.etag != before.etag
    assert instant(changed["updated_at"]) > instant(before["updated_at"])
    assert changed["created_at"] == before["created_at"]


@pytest.mark.fact(15, 79)
def test_the_history_tells_every_change_with_actor_and_time(
        case, colleague, staff):
    case.change(colleague, priority="high", due_on="2035-01-02").expect(200)
    case.change(staff, issue_type="data").expect(200)
    assert case.changes("priority") == [("medium", "high")]
    assert case.changes("due_on") == [(None, "2035-01-02")]
    assert case.changes("issue_type") == [(None, "data")]
    history = case.history()
    assert history[0]["type"] == "case.submitted"
    assert [e["id"] for e in history] == sorted(e["id"] for e in history)
    by = {(e["actor"]["kind"], e["actor"]["id"]) for e in history[1:]}
    assert by == {("contact", colleague.id), ("staff", staff.id)}
    assert history[0]["actor"]["id"] == case.submitter.id
    assert history[-1]["at"] == case["updated_at"]


def test_a_refused_change_leaves_no_trace(case, stranger):
    before = case.read(), case.history()
    case.change(due_on="2020-01-02").expect(422)
    case.change(status="closed").expect(403)
    case.change(stranger, impact="All").expect(404)
    case.change(etag='"999"', impact="All").expect(412)
    after = case.read()
    assert (after.etag, after["updated_at"]) == (
        before[0].etag, before[0]["updated_at"])
    assert case.history() == before[1]


@pytest.mark.fact(78)
def test_nothing_can_be_deleted(case, contact, staff):
    """Fact 78."""
    note = case.note().expect(201)
    for someone in (contact, staff):
        someone.delete(case.path).expect(405)
        someone.delete(case.path + "/notes").expect(405)
        someone.delete(note.location).expect(405)
        someone.patch(note.location, {"text": "Other"}).expect(405)
        someone.put(case.path, {}).expect(405)


def test_times_are_utc_to_the_microsecond(staff, contact, clock):
    clock.at("2026-05-31T19:00:00-05:00")
    case = contact.submit()
    clock.at("2026-06-02T09:08:07.000005-05:00")
    case.note(staff).expect(201)
    assert case.target["first_response_at"] == "2026-06-02T14:08:07.000005Z"
    assert case["submitted_at"] == "2026-06-01T00:00:00Z"
