"""Three follow-ups within ten business days, as people see them: facts 11,
43 to 46, rule 2.5. What the service does by itself: test_follow_up_timer."""

import datetime

import pytest

from vectors import VECTORS, instant
from world import OPEN

RUNS = [pytest.param(v, marks=pytest.mark.vector(v["id"]), id=v["id"])
        for v in VECTORS["follow_up_3x10"]]
PENDING = "2026-11-02T10:00:00-06:00"       # F01: due 5, 10 and 13 November
CLOSES = "2026-11-16T18:00:00-06:00"

each_run = pytest.mark.parametrize("vector", RUNS)
pytestmark = [pytest.mark.fact(11), pytest.mark.rule("2.5")]


@pytest.fixture
def pending(contact, staff, clock):
    """A case that waits for verification since PENDING."""
    clock.at(PENDING)
    case = contact.submit()
    case.resolve(staff).expect(200)
    return case


def done(case):
    return [(f["slot"], f["automatic"]) for f in case["follow_up"]["done"]]


# -- the dates -------------------------------------------------------------

@pytest.mark.fact(43)
@each_run
def test_every_example_has_its_dates(contact, staff, clock, vector):
    clock.at(vector["pending_at"])
    case = contact.submit()
    assert case["follow_up"] is None
    run = case.resolve(staff).expect(200)["follow_up"]
    assert run["due_dates"] == vector["follow_up_due_dates"]
    assert instant(run["auto_close_at"]) == instant(
        vector["auto_close_at_utc"])
    assert instant(run["started_at"]) == instant(vector["pending_at"])
    assert (run["business_day"], run["done"]) == (0, [])
    assert case["follow_up"] == run


@each_run
def test_every_example_counts_its_business_days(
        contact, staff, clock, vector):
    """Noon of each calendar day; F04 crosses the end of daylight saving."""
    clock.at(vector["pending_at"])
    case = contact.submit()
    case.resolve(staff).expect(200)
    day = datetime.date.fromisoformat(vector["pending_at"][:10])
    passed = 0
    while passed < 10:
        day += datetime.timedelta(days=1)
        passed += day.isoformat() in vector["business_days"]
        clock.at(f"{day} 12:00 America/Chicago")
        assert case["follow_up"]["business_day"] == passed, day


@pytest.mark.parametrize("status", [
    s for s in OPEN + ("closed",) if s != "pending_verification"])
def test_only_a_case_that_waits_for_verification_is_followed_up(
        case, bring, staff, status):
    """available_in_release starts no run either: that contact waits."""
    bring(case, status)
    assert case["follow_up"] is None
    answer = case.follow_up(staff).expect(409, problem="illegal-transition")
    assert isinstance(answer["allowed_transitions"], list)
    assert case.all_follow_ups() == []


# -- follow-ups by people --------------------------------------------------

def test_staff_follow_up_in_writing(pending, staff, colleague, clock):
    clock.at("2026-11-05T09:00:00-06:00")
    before = pending.etag
    answer = pending.follow_up(staff, "Please try it.").expect(200)
    note = pending.notes(colleague)[-1]
    assert (note["kind"], note["visibility"], note["text"]) == (
        "follow_up", "public", "Please try it.")
    assert answer["follow_up"]["done"] == [
        {"slot": 1, "at": "2026-11-05T15:00:00Z", "method": "note",
         "automatic": False, "note_id": note["id"]}]
    assert answer["status"] == "pending_verification"
    assert answer.etag != before
    event = pending.history(colleague)[-1]
    assert (event["type"], event["note_id"], event["actor"]["id"]) == (
        "case.followed_up", note["id"], staff.id)
    assert pending.all_follow_ups(colleague) == [
        {"id": pending.all_follow_ups()[0]["id"], "case_id": pending.id,
         "run": 1, "on_behalf_of": None,
         "by": {m: note["author"][m] for m in ("kind", "id", "name")},
         **answer["follow_up"]["done"][0]}]


def test_a_call_attempt_is_a_follow_up_and_is_written_down(pending, staff):
    pending.follow_up(staff, "Left a message.", method="call").expect(200)
    assert pending["follow_up"]["done"][0]["method"] == "call"
    assert pending.notes()[-1]["text"] == "Left a message."


def test_follow_ups_count_for_the_earliest_open_date(pending, staff):
    for slot in (1, 2, 3):
        pending.follow_up(staff).expect(200)
        assert done(pending) == [(s, False) for s in range(1, slot + 1)]
    pending.follow_up(staff).expect(200)
    assert len(done(pending)) == 3
    assert [f["slot"] for f in pending.all_follow_ups()] == [1, 2, 3, None]


def test_other_public_notes_of_staff_are_no_follow_ups(pending, staff):
    pending.note(staff, "By the way.").expect(201)
    pending.note(staff, "Seems fine.", visibility="internal").expect(201)
    assert done(pending) == []
    assert pending["status"] == "pending_verification"


def test_a_partner_follows_up_where_it_provides(partner, contact, staff):
    case = contact.submit()
    case.resolve(staff).expect(200)
    case.follow_up(partner).expect(403, problem="not-permitted")
    case.change(staff, support_provider="partner").expect(200)
    case.follow_up(partner).expect(200)
    assert case.all_follow_ups(partner)[0]["by"]["kind"] == "partner"


def test_a_follow_up_knows_the_case_it_was_decided_on(pending, staff):
    etag = pending.etag
    pending.follow_up(staff, etag=etag).expect(200)
    pending.follow_up(staff, etag=etag).expect(412)
    assert len(done(pending)) == 1


@pytest.mark.parametrize("text", ["", " \n"])
def test_a_follow_up_needs_words(pending, staff, text):
    assert pending.follow_up(staff, text).expect(422).faults == ["/text"]
    assert done(pending) == []


def test_a_contact_records_no_follow_up(pending, contact, as_role):
    """Neither by the operation nor by its role in the database."""
    pending.follow_up(contact).expect(403, problem="caller-not-allowed")
    settings = {"caller_id": contact.id}
    role = as_role("contact")
    for statement in (
            "insert into casework.follow_ups (district_id, case_id, run, at,"
            " method, automatic, note_id) values (1, 1, 1, now(), 'note',"
            " true, 1)",
            "insert into casework.follow_up_runs (district_id, case_id, run,"
            " started_at, due_dates, auto_close_at, next_at) values"
            " (1, 1, 1, now(), '{}', now(), now())",
            "update casework.follow_up_runs set next_at = now()",
            "delete from casework.follow_up_runs"):
        assert role.fails(statement, **settings) == "42501"


def test_follow_ups_of_another_district_are_not_there(
        pending, staff, stranger, as_role):
    pending.follow_up(staff).expect(200)
    stranger.get(pending.path + "/follow-ups").expect(404)
    for table in ("follow_up_runs", "follow_ups"):
        assert as_role("contact").acting(
            f"select 1 from casework.{table} where case_id = %s", pending.id,
            caller_id=stranger.id) == []


# -- what ends a run -------------------------------------------------------

def outcome(case, sql):
    return sql.value("select outcome from casework.follow_up_runs"
                     " where case_id = %s", case.id)


def wait_out(clock, timer):
    clock.at("2026-11-30T10:00:00-06:00")
    timer("follow_ups")
    timer("auto_close")


@pytest.mark.fact(45)
@pytest.mark.parametrize("who", ["contact", "colleague"])
def test_a_note_by_any_contact_cancels_the_closing(
        pending, request, clock, timer, sql, who):
    writer = request.getfixturevalue(who)
    pending.note(writer, "It still fails.").expect(201)
    case = pending.read()
    assert (case["status"], case["follow_up"]) == ("assigned", None)
    event = pending.history()[-1]
    assert (event["type"], event["actor"]["id"]) == (
        "case.follow_up_cancelled", writer.id)
    assert outcome(pending, sql) == "answered"
    wait_out(clock, timer)
    assert pending["status"] == "assigned"
    assert pending.all_follow_ups() == []


@pytest.mark.fact(45)
def test_an_answer_after_the_hour_wins_over_a_late_job(
        pending, contact, clock, timer):
    clock.at("2026-11-16T18:00:02-06:00")
    pending.note(contact, "One moment!").expect(201)
    clock.at("2026-11-16T18:05:00-06:00")
    timer("auto_close")
    assert pending["status"] == "assigned"
    assert pending.event_types().count("case.follow_up_cancelled") == 1


@pytest.mark.fact(44)
def test_a_closing_by_a_contact_ends_the_run(
        pending, colleague, clock, timer, sql):
    pending.close(colleague).expect(200)
    wait_out(clock, timer)
    case = pending.read()
    assert (case["closure_reason"], case["closed_by"]["id"]) == (
        "resolved_confirmed", colleague.id)
    assert pending.event_types() == ["case.submitted", "case.resolved",
                              "case.closed"]
    assert outcome(pending, sql) == "closed"


def test_staff_take_the_case_back(pending, staff, clock, timer, sql):
    pending.change(staff, status="assigned").expect(200)
    assert outcome(pending, sql) == "withdrawn"
    assert pending.event_types()[-1] == "case.follow_up_cancelled"
    wait_out(clock, timer)
    assert pending["status"] == "assigned"


def test_a_change_without_words_does_not_end_the_run(pending, contact):
    before = pending["follow_up"]
    pending.change(contact, impact="Two schools.").expect(200)
    assert pending["follow_up"] == before


@pytest.mark.fact(43)
def test_a_new_resolution_starts_a_new_run(pending, staff, clock, timer):
    pending.follow_up(staff).expect(200)
    pending.note().expect(201)
    clock.at("2026-11-13T10:00:00-06:00")
    run = pending.resolve(staff).expect(200)["follow_up"]
    assert run["done"] == []
    assert run["due_dates"] == ["2026-11-18", "2026-11-23", "2026-11-30"]
    clock.at("2026-11-18T17:00:00-06:00")
    timer("follow_ups")
    timer("auto_close")
    assert done(pending) == [(1, True)]
    assert [(f["run"], f["slot"]) for f in pending.all_follow_ups()] == [
        (1, 1), (2, 1)]


# -- afterwards ------------------------------------------------------------

@pytest.mark.fact(12, 46)
@pytest.mark.rule("2.6")
def test_a_case_closed_for_silence_is_reopened_or_followed(
        pending, contact, clock, timer):
    clock.at(CLOSES)
    timer("auto_close")
    pending.note().expect(409, problem="illegal-transition")
    assert pending["reopen_until"] == "2027-01-16T06:00:00Z"
    clock.at("2027-01-15T23:59:59-06:00")
    pending.reopen(details="We were away.").expect(200)
    pending.close().expect(200)
    clock.at("2027-03-17T00:00:00-05:00")
    offer = pending.reopen().expect(409, problem="reopen-window-expired")
    after = contact.submit(**offer["follow_up_case"]["body"])
    assert after["follows_case_id"] == pending.id
    listed = contact.get("/v1/cases", query={"follows_case_id": pending.id})
    assert listed.ids == [after.id]
