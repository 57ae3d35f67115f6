"""The business clock as anybody can check it: rules 2.1 and 2.2, fact 20."""

import datetime
import time
import zoneinfo

import pytest
from hypothesis import HealthCheck, given, settings, strategies

from vectors import (HOLIDAYS, SECONDS, each_answer, each_moment, each_target,
                     instant, seconds_between)

CALENDAR = "/v1/calendar"
BUSINESS_TIME = "/v1/calendar/business-time"


def business_time(client, **query):
    return client.get(BUSINESS_TIME, query=query)


def at(client, since, seconds):
    return business_time(client, **{"from": since, "seconds": seconds}
                         ).expect(200)["at"]


def between(client, since, to):
    return business_time(client, **{"from": since, "to": to}
                         ).expect(200)["seconds"]


# -- business time ---------------------------------------------------------

@pytest.mark.rule("2.1")
@each_target
def test_every_example_is_due_when_the_calendar_says(public, vector):
    target = SECONDS[vector["priority"]]
    assert instant(at(public, vector["submitted_at"], target)) == instant(
        vector["response_due_at_utc"])


@pytest.mark.fact(20)
@pytest.mark.rule("2.1")
@each_target
def test_measuring_an_example_back_gives_its_target(public, vector):
    assert between(public, vector["submitted_at"], vector["response_due_at"]
                   ) == SECONDS[vector["priority"]]


@pytest.mark.rule("2.1")
@each_answer
def test_every_answer_took_the_business_time_of_the_example(public, vector):
    assert between(public, vector["submitted_at"],
                   vector["first_response_at"]
                   ) == vector["business_seconds_to_response"]


@pytest.mark.rule("2.1")
def test_the_end_of_a_day_is_earlier_than_the_start_of_the_next(public):
    assert instant(at(public, "2026-11-23T06:00:00-06:00", 43200)) == instant(
        "2026-11-23T18:00:00-06:00")


def test_no_business_time_ends_where_it_starts_even_when_closed(public):
    for start in ("2026-11-23T10:00:00-06:00", "2026-11-22T10:00:00-06:00"):
        assert instant(at(public, start, 0)) == instant(start)


@pytest.mark.rule("2.1")
def test_fractions_are_kept_to_the_microsecond(public):
    assert instant(at(public, "2026-11-23T10:00:00.000001-06:00", 0.5)
                   ) == instant("2026-11-23T10:00:00.500001-06:00")
    assert between(public, "2026-11-23T17:59:59.999999-06:00",
                   "2026-11-24T06:00:00.000001-06:00") == 0.000002


@pytest.mark.rule("2.1")
def test_closed_time_is_no_business_time(public):
    for since, to in (("2026-11-23T18:00:00-06:00",
                       "2026-11-24T06:00:00-06:00"),
                      ("2026-11-26T00:00:00-06:00",
                       "2026-11-30T06:00:00-06:00"),
                      ("2026-07-03T00:00:00-05:00",
                       "2026-07-06T06:00:00-05:00")):
        assert between(public, since, to) == 0


@pytest.mark.rule("2.1")
def test_a_business_day_has_twelve_hours_in_both_weeks_of_a_clock_change(
        public):
    for monday, friday in (("2026-03-02", "2026-03-06"),
                           ("2026-03-09", "2026-03-13"),
                           ("2026-10-26", "2026-10-30"),
                           ("2026-11-02", "2026-11-06")):
        assert between(public, f"{monday}T06:00:00-05:00",
                       f"{friday}T19:00:00-06:00") == 5 * 43200


def test_a_year_adds_up(public):
    """2026 has 261 weekdays; nine of them are holidays."""
    assert between(public, "2026-01-01T00:00:00-06:00",
                   "2027-01-01T00:00:00-06:00") == 252 * 43200


def test_long_times_agree_in_both_directions(public):
    start = "2026-02-03T04:05:06Z"
    for seconds in (1, 43200, 43201, 1_000_000, 20_000_000, 99_999_999):
        assert between(public, start, at(public, start, seconds)) == seconds


moments = strategies.datetimes(
    datetime.datetime(2001, 1, 1), datetime.datetime(2060, 1, 1)
).map(lambda moment: moment.isoformat() + "Z")
spans = strategies.integers(0, 40_000_000)
often = settings(max_examples=60, deadline=None, derandomize=True,
                 suppress_health_check=list(HealthCheck))


@often
@given(moments, spans)
def test_adding_and_measuring_are_inverse(public, moment, span):
    assert between(public, moment, at(public, moment, span)) == span


@often
@given(moments, spans, spans)
def test_business_time_adds_up(public, moment, one, other):
    if one and other:       # 0 s after a closed moment is that moment
        assert at(public, at(public, moment, one), other) == at(
            public, moment, one + other)


@pytest.mark.rule("2.1")
@often
@given(moments, strategies.integers(1, 40_000_000))
def test_a_deadline_is_the_earliest_instant(public, moment, span):
    due = instant(at(public, moment, span))
    sooner = due - datetime.timedelta(microseconds=1)
    assert between(public, moment, sooner.isoformat()) < span
    local = due.astimezone(zoneinfo.ZoneInfo("America/Chicago"))
    assert local.weekday() < 5
    assert datetime.time(6) < local.time() <= datetime.time(18)


def test_the_answer_repeats_the_question_in_utc(public):
    answer = business_time(public, **{"from": "2026-11-23T16:30:00-07:00",
                                      "seconds": 3600})
    assert instant(answer["from"]) == instant("2026-11-23T23:30:00Z")
    assert answer["from"].endswith("Z") and answer["seconds"] == 3600


@pytest.mark.parametrize("query", [
    {}, {"from": "2026-11-23T10:00:00Z"},
    {"seconds": 3600}, {"to": "2026-11-23T10:00:00Z"},
    {"from": "2026-11-23T10:00:00Z", "seconds": 1,
     "to": "2026-11-23T10:00:00Z"},
    {"from": "2026-11-23T10:00:00", "seconds": 1},
    {"from": "2026-11-23", "seconds": 1},
    {"from": "2026-11-23 10:00:00Z", "seconds": 1},
    {"from": "2026-02-30T10:00:00Z", "seconds": 1},
    {"from": "2026-11-23T24:00:00Z", "seconds": 1},
    {"from": "2026-11-23T10:00:60Z", "seconds": 1},
    {"from": "2026-11-23T10:00:00+25:00", "seconds": 1},
    {"from": "now", "seconds": 1}, {"from": "infinity", "seconds": 1},
    {"from": "0000-01-01T00:00:00Z", "seconds": 1},
    {"from": "2026-11-23T10:00:00Z", "seconds": -1},
    {"from": "2026-11-23T10:00:00Z", "seconds": "6e-9000"},
    {"from": "2026-11-23T10:00:00Z", "seconds": "6e-9000000000"},
    {"from": "2026-11-23T10:00:00Z", "seconds": "1h"},
    {"from": "2026-11-23T10:00:00Z", "seconds": ""},
    {"from": "2026-11-23T10:00:00Z", "seconds": "NaN"},
    {"from": "2026-11-23T10:00:00Z", "seconds": "1e999"},
    {"from": "2026-11-23T10:00:00Z", "seconds": 1e12},
    {"from": "2026-11-23T10:00:00Z", "to": "2026-11-22T10:00:00Z"},
    {"from": "1776-07-04T10:00:00Z", "seconds": 1},
    {"from": "9999-12-31T10:00:00Z", "seconds": 100000},
    {"from": "2026-11-23T10:00:00Z", "to": "9999-12-31T10:00:00Z"},
])
def test_a_question_without_an_answer_is_refused(public, query):
    answer = public.get(BUSINESS_TIME, query=query)
    answer.expect(400, problem="invalid-parameter")


@pytest.mark.parametrize("time", [
    "2026-11-23T10:00:00z", "2026-11-23t10:00:00Z", "2026-11-23T10:00:00+00:00",
    "2026-11-23T10:00:00-00:00", "2026-11-23T15:45:00+05:45"])
def test_any_offset_is_accepted(public, time):
    answer = public.get(BUSINESS_TIME, query={"from": time, "seconds": 0})
    answer.expect(200)
    assert instant(answer["at"]) == instant("2026-11-23T10:00:00Z")


# -- the calendar ----------------------------------------------------------

@pytest.mark.fact(16, 20)
def test_the_hours_are_those_of_the_document(public, sql):
    calendar = public.get(CALENDAR).expect(200)
    assert calendar["time_zone"] == "America/Chicago"
    assert calendar["tzdata_version"] == sql.value(
        "select (regexp_match(pg_read_file('/usr/share/zoneinfo/tzdata.zi'),"
        " '^# version ([0-9a-z]+)'))[1]")
    assert calendar["weekly_hours"] == [
        {"day": day, "opens": "06:00", "closes": "18:00"} for day in
        ("monday", "tuesday", "wednesday", "thursday", "friday")]


@pytest.mark.fact(25)
@pytest.mark.rule("2.2")
@pytest.mark.vector("holidays")
def test_the_holidays_are_those_of_nine_years(public):
    calendar = public.get(CALENDAR, query={
        "from": "2022-01-01", "to": "2030-12-31"}).expect(200)
    listed = [(h["date"], h["nominal_date"]) for h in calendar["holidays"]]
    # New Year's Day 2022 was a Saturday: observed in the year before.
    assert listed == sorted((h["date"], h["nominal"]) for h in HOLIDAYS
                            if "2022-01-01" <= h["date"] <= "2030-12-31")
    for holiday in calendar["holidays"]:
        same_day = holiday["date"] == holiday["nominal_date"]
        assert holiday["observed"] is not same_day


@pytest.mark.fact(25)
@pytest.mark.vector("holidays")
def test_every_holiday_has_its_name(public):
    calendar = public.get(CALENDAR, query={
        "from": "2022-01-01", "to": "2030-12-31"})
    assert [h["name"] for h in calendar["holidays"]] == [
        h["name"] for h in sorted(HOLIDAYS, key=lambda h: h["date"])]


def test_holidays_are_listed_between_two_dates_both_included(public):
    calendar = public.get(CALENDAR, query={
        "from": "2026-11-27", "to": "2026-12-24"}).expect(200)
    assert [h["date"] for h in calendar["holidays"]] == [
        "2026-11-27", "2026-12-24"]


def test_a_period_that_ends_before_it_begins_is_refused(public):
    answer = public.get(CALENDAR, query={
        "from": "2026-03-01", "to": "2026-02-28"})
    answer.expect(400, problem="invalid-parameter")
    assert answer["errors"][0]["parameter"] == "to"
    for alone in ({"from": "2026-03-01"}, {"to": "2026-03-01"},
                  {"from": "2026-03-01", "to": "2026-03-01"}):
        public.get(CALENDAR, query=alone).expect(200)


@pytest.mark.rule("2.2")
def test_a_christmas_that_falls_on_saturday_goes_back_to_thursday(public):
    calendar = public.get(CALENDAR, query={
        "from": "2027-12-20", "to": "2027-12-31"})
    assert [(h["date"], h["nominal_date"]) for h in calendar["holidays"]] == [
        ("2027-12-23", "2027-12-25"), ("2027-12-24", "2027-12-24"),
        ("2027-12-31", "2028-01-01")]


@pytest.mark.fact(20)
@pytest.mark.rule("2.1")
@each_moment
def test_open_or_closed_at_every_moment_of_the_examples(
        public, clock, vector):
    clock.at(vector["at"])
    calendar = public.get(CALENDAR).expect(200)
    assert instant(calendar["now"]) == instant(vector["at"])
    assert calendar["open_now"] is vector["open"]
    if vector["open"]:
        assert calendar["opens_at"] is None
        assert instant(calendar["closes_at"]) == instant(
            vector["at"][:10] + "T18:00:00" + vector["at"][-6:])
    else:
        assert calendar["closes_at"] is None
        assert instant(calendar["opens_at"]) == instant(vector["opens_at"])


def test_the_rules_read_a_clock_that_can_be_shifted(public, clock):
    began = time.monotonic()
    clock.running_from("2031-03-04T10:00:00-06:00")
    first = public.get(CALENDAR)["now"]
    passed = time.monotonic() - began
    assert 0 <= seconds_between("2031-03-04T10:00:00-06:00", first) <= passed
    assert instant(public.get(CALENDAR)["now"]) > instant(first)


def test_only_the_owner_moves_the_clock(sql, as_role):
    for kind in ("contact", "partner", "staff", "telephony", "public"):
        assert as_role(kind).fails(
            "update rules.clock set shift = interval '1 day'") == "42501"
    assert sql.value("select count(*) as n from rules.clock") == 1


# -- the other public facts ------------------------------------------------

@pytest.mark.fact(26)
def test_the_service_levels_are_those_of_the_document(public):
    levels = public.get("/v1/service-levels").expect(200)
    assert [(x["priority"], x["business_seconds"], x["example"])
            for x in levels.items] == [
        ("critical", 3600, "Campus software is not operational."),
        ("high", 14400, "Inability to perform a time-sensitive task."),
        ("medium", 43200, "Usable, but functionality is affected."),
        ("low", 86400, "Questions and advice.")]
    assert levels["business_hour_seconds"] == 3600
    assert levels["business_day_seconds"] == 43200


@pytest.mark.fact(17)
def test_the_product_areas_include_those_of_the_document(public):
    areas = public.get("/v1/product-areas").expect(200)
    assert {"grade_book", "scheduling", "attendance", "online_registration",
            "point_of_sale", "state_reporting"} <= {
        area["code"] for area in areas.items}


@pytest.mark.parametrize("path", [
    CALENDAR, "/v1/service-levels", "/v1/product-areas"])
def test_public_facts_may_be_cached_and_need_no_token(public, staff, path):
    answer = public.get(path).expect(200)
    assert "public" in answer.headers["cache-control"]
    assert staff.get(path).expect(200).json.keys() == answer.json.keys()
