"""Three follow-ups within ten business days: facts 11, 43 to 45, rule 2.5."""

import datetime

import pytest

from vectors import VECTORS, instant
from world import OPEN

RUNS = [pytest.param(v, marks=pytest.mark.vector(v["id"]), id=v["id"])
        for v in VECTORS["follow_up_3x10"]]
PENDING = "2026-11-02T10:00:00-06:00"       # F01: due 5, 10 and 13 November
DUE = ("2026-11-05T17:00:00-06:00", "2026-11-10T17:00:00-06:00",
       "2026-11-13T17:00:00-06:00")
CLOSES = "2026-11-16T18:00:00-06:00"

each_run = pytest.mark.parametrize("vector", RUNS)
pytestmark = [pytest.mark.fact(11, 45), pytest.mark.rule("2.5")]


@pytest.fixture
def pending(contact, staff, clock):
    """A case that waits for verification since PENDING."""
    clock.at(PENDING)
    case = contact.submit()
    case.resolve(staff).expect(200)
    return case


def follow_up(case, by, text="Does it work now?", etag="*", **body):
    return case.act(by, "follow-ups", {"text": text, **body}, etag)


def done(case):
    return [(f["slot"], f["automatic"]) for f in case["follow_up"]["done"]]


def types(case):
    return [event["type"] for event in case.history()]


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
    answer = follow_up(case, staff).expect(409, problem="illegal-transition")
    assert isinstance(answer["allowed_transitions"], list)
    assert case.all_follow_ups() == []


# -- follow-ups by people --------------------------------------------------

def test_staff_follow_up_in_writing(pending, staff, colleague, clock):
    clock.at("2026-11-05T09:00:00-06:00")
    before = pending.etag
    answer = follow_up(pending, staff, "Please try it.").expect(200)
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
         "run": 1, "by": note["author"], "on_behalf_of": None,
         **answer["follow_up"]["done"][0]}]


def test_a_call_attempt_is_a_follow_up_and_is_written_down(pending, staff):
    follow_up(pending, staff, "Left a message.", method="call").expect(200)
    assert pending["follow_up"]["done"][0]["method"] == "call"
    assert pending.notes()[-1]["text"] == "Left a message."


def test_follow_ups_count_for_the_earliest_open_date(pending, staff):
    for slot in (1, 2, 3):
        follow_up(pending, staff).expect(200)
        assert done(pending) == [(s, False) for s in range(1, slot + 1)]
    follow_up(pending, staff).expect(200)
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
    follow_up(case, partner).expect(403, problem="not-permitted")
    case.change(staff, support_provider="partner").expect(200)
    follow_up(case, partner).expect(200)
    assert case.all_follow_ups(partner)[0]["by"]["kind"] == "partner"


def test_a_follow_up_knows_the_case_it_was_decided_on(pending, staff):
    etag = pending.etag
    follow_up(pending, staff, etag=etag).expect(200)
    follow_up(pending, staff, etag=etag).expect(412)
    assert len(done(pending)) == 1


@pytest.mark.parametrize("text", ["", " \n"])
def test_a_follow_up_needs_words(pending, staff, text):
    assert follow_up(pending, staff, text).expect(422).faults == ["/text"]
    assert done(pending) == []


def test_a_contact_records_no_follow_up(pending, contact, as_role):
    """Neither by the operation nor by its role in the database."""
    follow_up(pending, contact).expect(403, problem="caller-not-allowed")
    settings = {"caller_id": contact.id, "district_id": contact.district.id}
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
    follow_up(pending, staff).expect(200)
    stranger.get(pending.path + "/follow-ups").expect(404)
    for table in ("follow_up_runs", "follow_ups"):
        assert as_role("contact").acting(
            f"select 1 from casework.{table} where case_id = %s", pending.id,
            caller_id=stranger.id, district_id=stranger.district.id) == []


# -- follow-ups by the service ---------------------------------------------

@pytest.mark.fact(81)
@each_run
def test_every_example_runs_to_its_end_by_itself(
        contact, staff, clock, timer, vector):
    """No client looks; each step comes at its hour and not before."""
    clock.at(vector["pending_at"])
    case = contact.submit()
    case.resolve(staff).expect(200)
    for slot, date in enumerate(vector["follow_up_due_dates"]):
        clock.at(f"{date} 16:59:59.999999 America/Chicago")
        timer("follow_ups")
        assert len(done(case)) == slot
        clock.at(f"{date} 17:00 America/Chicago")
        timer("follow_ups")
        timer("auto_close")
        assert done(case) == [(s, True) for s in range(1, slot + 2)]
    closes = instant(vector["auto_close_at"])
    clock.at((closes - datetime.timedelta(microseconds=1)).isoformat())
    timer("auto_close")
    assert case["status"] == "pending_verification"
    clock.at(vector["auto_close_at"])
    timer("auto_close")
    closed = case.read()
    assert (closed["status"], closed["closure_reason"]) == (
        "closed", "no_response")
    assert closed["closed_by"] == {"kind": "system", "id": 0,
                                   "name": "casework"}
    assert instant(closed["closed_at"]) == closes
    assert closed["follow_up"] is None
    assert types(case) == ["case.submitted", "case.resolved",
                           *["case.followed_up"] * 3, "case.closed"]
    timer("auto_close")
    timer("follow_ups")
    assert case.read().json == closed.json


@pytest.mark.parametrize("pending_at, slots, closes", [
    ("2026-02-27T10:00:00-06:00", ["2026-03-04", "2026-03-09", "2026-03-12"],
     "2026-03-13T23:00:00Z"),       # daylight saving begins 8 March
    ("2026-10-26T10:00:00-05:00", ["2026-10-29", "2026-11-03", "2026-11-06"],
     "2026-11-10T00:00:00Z"),       # and ends 1 November
    ("2027-12-21T10:00:00-06:00", ["2027-12-28", "2028-01-03", "2028-01-06"],
     "2028-01-08T00:00:00Z"),       # New Year 2028 is observed in 2027
], ids=["spring", "autumn", "year's end"])
def test_local_hours_stay_when_the_offset_changes(
        contact, staff, clock, timer, pending_at, slots, closes):
    clock.at(pending_at)
    case = contact.submit()
    run = case.resolve(staff).expect(200)["follow_up"]
    assert run["due_dates"] == slots
    assert run["auto_close_at"] == closes
    clock.at(f"{slots[1]} 16:59:59 America/Chicago")
    timer("follow_ups")
    assert done(case) == [(1, True)]
    clock.at(f"{slots[1]} 17:00 America/Chicago")
    timer("follow_ups")
    assert done(case) == [(1, True), (2, True)]


def test_the_automatic_note_asks_and_says_when_the_case_closes(
        pending, clock, timer):
    clock.at(DUE[0])
    etag = pending.etag
    timer("follow_ups")
    note = pending.notes()[-1]
    assert (note["kind"], note["visibility"]) == ("follow_up", "public")
    assert note["author"]["kind"] == "system"
    for words in ("1 of 3", "close the case", "answer with a note",
                  "Monday, November 16, 2026, 6:00 p.m. Central Time"):
        assert words in note["text"]
    assert pending.etag != etag
    assert pending.history()[-1]["actor"]["kind"] == "system"


@pytest.mark.rule("2.3")
def test_an_automatic_note_is_no_response(pending, clock, timer, sql):
    sql.run("update casework.cases set first_response_at = null,"
            " response_elapsed = null where id = %s", pending.id)
    clock.at(DUE[0])
    timer("follow_ups")
    assert len(done(pending)) == 1
    assert pending.target["first_response_at"] is None


def test_what_staff_have_recorded_the_service_leaves(
        pending, staff, clock, timer):
    follow_up(pending, staff).expect(200)       # early: counts for the 5th
    clock.at(DUE[0])
    timer("follow_ups")
    assert done(pending) == [(1, False)]
    clock.at(DUE[1])
    timer("follow_ups")
    assert done(pending) == [(1, False), (2, True)]
    follow_up(pending, staff).expect(200)
    clock.at(CLOSES)
    timer("auto_close")
    assert pending["closure_reason"] == "no_response"
    assert [f["automatic"] for f in pending.all_follow_ups()] == [
        False, True, False]


def test_after_a_pause_of_the_worker_nothing_is_missing(
        pending, clock, timer, sql):
    """What was not written is written before the closing, in one piece."""
    clock.at("2026-11-20T09:00:00-06:00")
    timer("follow_ups")
    assert pending["status"] == "pending_verification"
    timer("auto_close")
    assert pending["status"] == "closed"
    assert types(pending)[2:] == [*["case.followed_up"] * 3, "case.closed"]
    assert [(f["slot"], f["automatic"]) for f in pending.all_follow_ups()
            ] == [(1, True), (2, True), (3, True)]
    assert sql.value(
        "select count(distinct xid) from casework.events where case_id = %s"
        " and type in ('case.followed_up', 'case.closed')", pending.id) == 1


def test_one_case_that_fails_does_not_hold_up_the_others(
        contact, staff, clock, timer, sql):
    if not sql.value("select count(*) from pg_proc where proname ="
                     " 'timer_failed'"):
        pytest.skip("needs rules.timer_failed")
    clock.at(PENDING)
    bad, good = contact.submit(), contact.submit()
    for case in (bad, good):
        case.resolve(staff).expect(200)
    clock.at(CLOSES)
    sql.run("create function casework.fail() returns trigger language plpgsql"
            " as $$ begin raise exception 'broken'; end $$")
    sql.run("create trigger fail before insert on casework.follow_ups"
            " for each row when (new.case_id = %s)"
            " execute function casework.fail()", bad.id)
    try:
        timer("auto_close")
        assert (good["status"], bad["status"]) == (
            "closed", "pending_verification")
        assert len(bad.notes()) == 1, "half of it was written"
        fault = sql.row("select timer, attempts, last_error from"
                        " casework.timer_faults where item = %s", str(bad.id))
        assert fault == {"timer": "auto_close", "attempts": 1,
                         "last_error": "broken"}
    finally:
        sql.run("drop function casework.fail() cascade")
    clock.at("2026-11-16T19:05:00-06:00")
    timer("auto_close")
    assert bad["status"] == "closed"


# -- what ends a run -------------------------------------------------------

def wait_out(clock, timer):
    clock.at("2026-11-30T10:00:00-06:00")
    timer("follow_ups")
    timer("auto_close")


@pytest.mark.parametrize("who", ["contact", "colleague"])
def test_a_note_by_any_contact_cancels_the_closing(
        pending, request, clock, timer, who):
    writer = request.getfixturevalue(who)
    pending.note(writer, "It still fails.").expect(201)
    case = pending.read()
    assert (case["status"], case["follow_up"]) == ("assigned", None)
    event = pending.history()[-1]
    assert (event["type"], event["actor"]["id"]) == (
        "case.follow_up_cancelled", writer.id)
    wait_out(clock, timer)
    assert pending["status"] == "assigned"
    assert pending.all_follow_ups() == []


def test_an_answer_after_the_hour_wins_over_a_late_job(
        pending, contact, clock, timer):
    clock.at("2026-11-16T18:00:02-06:00")
    pending.note(contact, "One moment!").expect(201)
    clock.at("2026-11-16T18:05:00-06:00")
    timer("auto_close")
    assert pending["status"] == "assigned"
    assert types(pending).count("case.follow_up_cancelled") == 1


@pytest.mark.fact(44)
def test_a_closing_by_a_contact_ends_the_run(
        pending, colleague, clock, timer, sql):
    pending.close(colleague).expect(200)
    wait_out(clock, timer)
    case = pending.read()
    assert (case["closure_reason"], case["closed_by"]["id"]) == (
        "resolved_confirmed", colleague.id)
    assert types(pending) == ["case.submitted", "case.resolved",
                              "case.closed"]
    assert sql.value("select outcome from casework.follow_up_runs"
                     " where case_id = %s", pending.id) == "closed"


def test_staff_take_the_case_back(pending, staff, clock, timer):
    pending.change(staff, status="assigned").expect(200)
    assert types(pending)[-1] == "case.follow_up_cancelled"
    wait_out(clock, timer)
    assert pending["status"] == "assigned"


def test_a_change_without_words_does_not_end_the_run(pending, contact):
    before = pending["follow_up"]
    pending.change(contact, impact="Two schools.").expect(200)
    assert pending["follow_up"] == before


@pytest.mark.fact(43)
def test_a_new_resolution_starts_a_new_run(pending, staff, clock, timer):
    follow_up(pending, staff).expect(200)
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


# -- what moves a run ------------------------------------------------------

@pytest.mark.rule("2.2")
def test_a_new_holiday_moves_the_dates_of_open_runs(pending, clock, sql):
    before = pending.read()
    sql.run("insert into casework.holidays (date, name, nominal_date)"
            " values ('2026-11-09', 'Snow', '2026-11-09')")
    try:
        after = pending.read()
        assert after["follow_up"]["due_dates"] == [
            "2026-11-05", "2026-11-11", "2026-11-16"]
        assert after["follow_up"]["auto_close_at"] == "2026-11-18T00:00:00Z"
        assert after.etag != before.etag
        event = pending.history()[-1]
        assert (event["type"], event["actor"]["kind"]) == (
            "case.follow_up_changed", "system")
        assert event["changes"] == [
            {"member": "auto_close_at", "old": "2026-11-17T00:00:00Z",
             "new": "2026-11-18T00:00:00Z"}]
    finally:
        sql.run("delete from casework.holidays where date = '2026-11-09'")
    assert pending["follow_up"] == before["follow_up"]


def test_a_closing_moved_by_a_holiday_comes_on_the_new_day(
        pending, staff, clock, timer, sql):
    sql.run("insert into casework.holidays (date, name, nominal_date)"
            " values ('2026-11-16', 'Snow', '2026-11-16')")
    try:
        clock.at(CLOSES)
        timer("auto_close")
        answer = pending.close(staff, closure_reason="no_response"
                               ).expect(409, problem="illegal-transition")
        assert answer["auto_close_at"] == "2026-11-18T00:00:00Z"
        clock.at("2026-11-17T18:00:00-06:00")
        timer("auto_close")
        assert pending["status"] == "closed"
    finally:
        sql.run("delete from casework.holidays where date = '2026-11-16'")


def test_days_and_hour_are_data(pending, clock, timer, sql):
    sql.run("update casework.follow_up_plan set slot_days = '{2,4}',"
            " length = 5, automatic_at = '08:30'")
    try:
        run = pending["follow_up"]
        assert run["due_dates"] == ["2026-11-04", "2026-11-06"]
        assert run["auto_close_at"] == "2026-11-10T00:00:00Z"
        clock.at("2026-11-04T08:30:00-06:00")
        timer("follow_ups")
        assert done(pending) == [(1, True)]
    finally:
        sql.run("update casework.follow_up_plan set slot_days = '{3,6,9}',"
                " length = 10, automatic_at = '17:00'")


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
