"""Times and dates as clients write them (RFC 3339), and clocks that differ."""

import datetime
import time
from urllib.parse import quote

import pytest

from world import a_case

CASES = "/v1/cases"

# What is sent, and the instant that it is: to the microsecond, never rounded.
SPELLED = {
    "2026-01-05T15:00:00Z": "2026-01-05T15:00:00Z",
    "2026-01-05t15:00:00z": "2026-01-05T15:00:00Z",
    "2026-01-05T09:00:00.5-06:00": "2026-01-05T15:00:00.5Z",
    "2026-01-05T15:00:00.000001Z": "2026-01-05T15:00:00.000001Z",
    # .NET, Java and Go
    "2026-01-05T15:00:00.1234567Z": "2026-01-05T15:00:00.123456Z",
    "2026-01-05T16:00:00.12345678+01:00": "2026-01-05T15:00:00.123456Z",
    "2026-01-05T09:30:00.123456789-05:30": "2026-01-05T15:00:00.123456Z",
    "2026-01-05T15:00:00.0000009Z": "2026-01-05T15:00:00Z",
    "2026-01-05T15:00:00.999999999999z": "2026-01-05T15:00:00.999999Z",
    "2025-12-31T23:59:59.9999999Z": "2025-12-31T23:59:59.999999Z",
    # offsets that no place has
    "2026-01-06T14:59:00+23:59": "2026-01-05T15:00:00Z",
    "2026-01-04T15:01:00-23:59": "2026-01-05T15:00:00Z",
    "2026-03-01T07:00:00+16:00": "2026-02-28T15:00:00Z",
    "2024-02-29T20:00:00.25-17:45": "2024-03-01T13:45:00.25Z",
    # leap seconds: the first second of the next day
    "2016-12-31T23:59:60Z": "2017-01-01T00:00:00Z",
    "2016-12-31T17:59:60.75-06:00": "2017-01-01T00:00:00.75Z",
    "2015-07-01T08:59:60.9999999+09:00": "2015-07-01T00:00:00.999999Z",
}
NONE = ["2026-01-05T15:00:60Z", "2016-12-31T23:59:60-06:00",
        "2016-12-31T23:59:61Z", "2026-01-05T15:00:00+24:00",
        "2026-01-05T15:00:00+05:60", "2026-01-05T15:00:00.Z",
        "2026-01-05T15:00:00,5Z", "2026-01-05T15:00:00.123456789",
        "2026-01-05 15:00:00Z", "2026-01-05T15:00Z", "20260105T150000Z",
        "2026-01-05T24:00:00Z", "2026-01-05T15:00:00+0600",
        "9999-12-31T23:59:60Z", "2026-01-05T15:00:00 +01:00"]


@pytest.fixture
def imported(staff, contact):
    """A case of that time, in years that business days are known of."""
    def submit(at):
        return staff.submit(contact_id=contact.id, submitted_at=at)
    return submit


@pytest.mark.parametrize("sent, at", SPELLED.items())
def test_a_time_is_kept_to_the_microsecond(imported, contact, sent, at):
    case = imported(sent)
    assert case.answer["submitted_at"] == at
    assert contact.get(case.path)["submitted_at"] == at


@pytest.mark.parametrize("sent, at", SPELLED.items())
def test_a_filter_means_the_same_instant(imported, contact, sent, at):
    """From it on, and before it, is divided at this very microsecond."""
    case, here = imported(at), quote(sent)
    for query, wanted in ((f"submitted_from={here}", [case.id]),
                          (f"submitted_to={here}", []),
                          (f"submitted_from={here}&submitted_to={here}", [])):
        assert contact.get(f"{CASES}?{query}").expect(200).ids == wanted


@pytest.mark.parametrize("sent", SPELLED)
def test_pages_go_on_below_a_filter(imported, contact, sent):
    cases = [imported(at) for at in ("2026-02-28T15:00:00Z",) * 3]
    query = f"{CASES}?limit=1&submitted_from={quote(sent)}"
    ids = []
    while query:
        page = contact.get(query).expect(200)
        ids += page.ids
        query = page.link("next")
        query = query and query[query.index("/v1/"):]
    assert sorted(ids) == sorted(case.id for case in cases)


@pytest.mark.parametrize("sent", NONE)
def test_what_is_no_time_is_refused_everywhere(staff, contact, sent):
    answer = staff.post(CASES, a_case(contact_id=contact.id,
                                      submitted_at=sent))
    assert answer.expect(422).faults == ["/submitted_at"]
    assert "a time with its offset" in answer["errors"][0]["detail"]
    answer = contact.get(f"{CASES}?submitted_from={quote(sent)}")
    assert answer.expect(400).faults == ["submitted_from"]


def test_what_stands_beside_a_time_is_kept_as_it_was(staff, contact):
    words = 'A "quote" \\ / at 2026-03-01T00:00:00.1234567Z, \u00e9 \U0001f600'
    case = staff.submit(contact_id=contact.id, description=words,
                        submitted_at="2026-03-01T00:00:00.1234567Z",
                        users_affected=7)
    assert (case["description"], case["users_affected"]) == (words, 7)


def test_several_times_of_one_body_are_read_alike(district, lead):
    incident = lead.post("/v1/incidents", {
        "kind": "maintenance", "title": "Upgrade", "severity": "none",
        "text": "We upgrade.", "scope": {"districts": [district.id]},
        "scheduled_from": "2027-03-01T00:00:00.1234567+18:00",
        "scheduled_until": "2027-03-01t00:00:00.999999999z"})
    incident.expect(201)
    assert incident["scheduled_from"] == "2027-02-28T06:00:00.123456Z"
    assert incident["scheduled_until"] == "2027-03-01T00:00:00.999999Z"


# -- dates -----------------------------------------------------------------

@pytest.mark.rule("2.10")
@pytest.mark.parametrize("now, today", [
    ("2026-11-25T11:59:59.999999Z", "2026-11-24"),
    ("2026-11-25T12:00:00Z", "2026-11-25"),
    ("2027-01-01T11:59:59Z", "2026-12-31"),
    ("2028-03-01T11:59:59Z", "2028-02-29")])
def test_a_date_is_past_when_it_is_over_everywhere(contact, clock, now, today):
    """Even twelve hours west of UTC: there may be who says today."""
    clock.at(now)
    yesterday = str(datetime.date.fromisoformat(today)
                    - datetime.timedelta(days=1))
    case = contact.submit(due_on=today)
    assert contact.post(CASES, a_case(due_on=yesterday)).expect(
        422).faults == ["/due_on"]
    case.change(due_on=None).expect(200)
    assert case.change(due_on=yesterday).expect(422).faults == ["/due_on"]
    case.change(due_on=today).expect(200)


@pytest.mark.rule("2.10")
def test_the_date_of_an_import_is_judged_by_its_own_day(staff, contact):
    old = a_case(contact_id=contact.id, submitted_at="2026-01-06T11:59:59Z")
    staff.post(CASES, {**old, "due_on": "2026-01-05"}).expect(201)
    answer = staff.post(CASES, {**old, "due_on": "2026-01-04"})
    assert answer.expect(422).faults == ["/due_on"]


# -- clocks that differ ----------------------------------------------------

@pytest.mark.parametrize("claim", ["iat", "nbf"])
def test_the_clock_of_an_issuer_may_be_ahead(tokens, anybody, claim):
    """By 30 seconds; to the second it is a unit test's (test_auth.c)."""
    for ahead, status in ((0, 200), (25, 200), (3600, 401)):
        now = int(time.time())
        token = tokens.mint("staff:1", **{
            claim: now + ahead, "exp": now + 7200})
        anybody(token).get("/v1/me").expect(status)


def test_a_token_that_has_expired_is_no_longer_good(tokens, anybody):
    now = int(time.time())
    token = tokens.mint("staff:1", iat=now - 60, exp=now)
    anybody(token).get("/v1/me").expect(401, problem="invalid-token")
