"""What the service does by itself while a resolution awaits verification,
and what moves its dates: facts 11, 45 and 81, rule 2.5."""

import datetime

import pytest

from vectors import VECTORS, instant

RUNS = [pytest.param(v, marks=pytest.mark.vector(v["id"]), id=v["id"])
        for v in VECTORS["follow_up_3x10"]]
PENDING = "2026-11-02T10:00:00-06:00"       # F01: due 5, 10 and 13 November
DUE = ("2026-11-05T17:00:00-06:00", "2026-11-10T17:00:00-06:00",
       "2026-11-13T17:00:00-06:00")
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


# -- follow-ups by the service ---------------------------------------------

@pytest.mark.fact(45, 81)
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
    assert case.event_types() == ["case.submitted", "case.resolved",
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


@pytest.mark.rule("3.3")
def test_a_district_reads_when_a_case_closes_in_its_own_time(
        pending, clock, timer, post, sql):
    sql.run("update casework.districts set time_zone = 'America/Denver'"
            " where id = %s", pending.submitter.district.id)
    clock.at(DUE[0])
    timer("follow_ups")
    post.dispatch()
    told = ("Monday, November 16, 2026, 5:00 p.m. Mountain Time"
            " (6:00 p.m. Central Time)")
    mail, = [m for m in post.mails(pending) if m["kind"] == "case.followed_up"]
    assert told in mail["text"] and told in pending.notes()[-1]["text"]


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
    pending.follow_up(staff).expect(200)       # early: counts for the 5th
    clock.at(DUE[0])
    timer("follow_ups")
    assert done(pending) == [(1, False)]
    clock.at(DUE[1])
    timer("follow_ups")
    assert done(pending) == [(1, False), (2, True)]
    pending.follow_up(staff).expect(200)
    clock.at(CLOSES)
    timer("auto_close")
    assert pending["closure_reason"] == "no_response"
    assert [f["automatic"] for f in pending.all_follow_ups()] == [
        False, True, False]


@pytest.mark.fact(45)
def test_after_a_pause_of_the_worker_nothing_is_missing(
        pending, clock, timer, sql):
    """What was not written is written before the closing, in one piece."""
    clock.at("2026-11-20T09:00:00-06:00")
    timer("follow_ups")
    assert pending["status"] == "pending_verification"
    timer("auto_close")
    assert pending["status"] == "closed"
    assert pending.event_types()[2:] == [*["case.followed_up"] * 3, "case.closed"]
    assert [(f["slot"], f["automatic"]) for f in pending.all_follow_ups()
            ] == [(1, True), (2, True), (3, True)]
    assert sql.value(
        "select count(distinct xid) from casework.events where case_id = %s"
        " and type in ('case.followed_up', 'case.closed')", pending.id) == 1


def test_one_case_that_fails_does_not_hold_up_the_others(
        contact, staff, clock, timer, sql):
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


# -- what moves a run ------------------------------------------------------

@pytest.mark.rule("2.2")
def test_a_new_holiday_moves_the_dates_of_open_runs(
        pending, another_holiday, moved, sql):
    before = pending.read()
    another_holiday("2026-11-09")
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
    sql.run("delete from casework.holidays where date = '2026-11-09'")
    moved()
    assert pending["follow_up"] == before["follow_up"]


@pytest.mark.rule("2.2")
def test_a_closing_moved_by_a_holiday_comes_on_the_new_day(
        pending, staff, clock, timer, another_holiday):
    another_holiday("2026-11-16")
    clock.at(CLOSES)
    timer("auto_close")
    answer = pending.close(staff, closure_reason="no_response"
                           ).expect(409, problem="illegal-transition")
    assert answer["auto_close_at"] == "2026-11-18T00:00:00Z"
    clock.at("2026-11-17T18:00:00-06:00")
    timer("auto_close")
    assert pending["status"] == "closed"


@pytest.mark.rule("2.10")
def test_a_changed_time_zone_rule_moves_what_is_open(
        pending, contact, clock, sql, as_role, moved):
    """As after an update of tzdata: instants computed by the old rules are
    computed anew, with their events, once the worker has noticed."""
    waiting = contact.submit(priority="low")
    due = waiting.target["due_at"]
    sql.run("update casework.follow_up_runs set next_at = next_at"
            " + interval '1 hour', auto_close_at = auto_close_at"
            " + interval '1 hour' where case_id = %s", pending.id)
    sql.run("update casework.cases set response_due_at = response_due_at"
            " + interval '1 hour' where id = %s", waiting.id)
    sql.run("update rules.business_days set opens_at = opens_at + interval"
            " '1 hour', closes_at = closes_at + interval '1 hour'"
            " where date = (select max(date) from rules.business_days"
            " where date < rules.today() + 400)")
    look = "select rules.timer_time_zone(100)"
    assert as_role("worker").run(look) == "1"
    assert as_role("worker").run(look) == "0"
    moved()
    told = sql.row("select actor_kind, changes from casework.desk_events"
                   " where type = 'calendar.time_zone_changed'"
                   " order by id desc limit 1")
    assert told["actor_kind"] == "system"
    assert [(c["member"], instant(c["old"]) - instant(c["new"]))
            for c in told["changes"]] == [
                ("opens_at", datetime.timedelta(hours=1)),
                ("closes_at", datetime.timedelta(hours=1))]
    assert instant(pending["follow_up"]["auto_close_at"]) == instant(CLOSES)
    assert pending.event_types()[-1] == "case.follow_up_changed"
    assert waiting.target["due_at"] == due
    assert waiting.event_types()[-1] == "case.response_target_changed"
    assert sql.value("select next_at = %s from casework.follow_up_runs"
                     " where case_id = %s", DUE[0], pending.id)


def test_the_closing_follows_the_business_hours(
        pending, clock, timer, change_calendar):
    hours = "update casework.business_hours set closes = '{}' where weekday = 1"
    change_calendar(hours.format("17:30"), hours.format("18:00"))
    assert pending["follow_up"]["auto_close_at"] == "2026-11-16T23:30:00Z"
    clock.at("2026-11-16T17:30:00-06:00")
    timer("auto_close")
    assert pending["status"] == "closed"


PLAN = ("update casework.follow_up_plan set slot_days = '{%s}', length = %s,"
        " automatic_at = '%s'")
USUAL = PLAN % ("3,6,9", 10, "17:00")


def test_a_changed_hour_counts_for_open_runs(
        pending, clock, timer, change_calendar):
    etag, events = pending.etag, pending.event_types()
    change_calendar(PLAN % ("3,6,9", 10, "08:30"), USUAL)
    assert (pending.etag, pending.event_types()) == (etag, events)
    clock.at("2026-11-05T08:29:59-06:00")
    timer("follow_ups")
    assert done(pending) == []
    clock.at("2026-11-05T08:30:00-06:00")
    timer("follow_ups")
    assert done(pending) == [(1, True)]


def test_days_and_hour_are_data(pending, clock, timer, change_calendar):
    change_calendar(PLAN % ("2,4", 5, "08:30"), USUAL)
    run = pending["follow_up"]
    assert run["due_dates"] == ["2026-11-04", "2026-11-06"]
    assert run["auto_close_at"] == "2026-11-10T00:00:00Z"
    clock.at("2026-11-04T08:30:00-06:00")
    timer("follow_ups")
    assert done(pending) == [(1, True)]
