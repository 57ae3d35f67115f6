"""Published figures (facts 27-30, 55, 75, 77; 2.9), kept by a timer."""

import datetime
import itertools

import pytest

from hard_dates import each_day, just_before
from surveys import Survey, ratings
from vectors import VECTORS
from world import a_question

METRICS = VECTORS["metrics"]
NOVEMBER = {"from": "2026-11-01", "to": "2026-11-30"}


def unused_year(sql):
    """A year for which there is nothing yet."""
    return sql.value(
        "select y from generate_series(2031, 2098) y where not exists (select"
        " from casework.daily_figures where extract(year from date) = y)"
        " and not exists (select from casework.survey_responses where"
        " extract(year from submitted_at) = y) limit 1")


def figures(caller, path, **query):
    answer = caller.get(path, query=query).expect(200)
    return {f["name"]: f for f in answer["figures"]}


def of_district(caller, district, **query):
    return figures(caller, f"/v1/districts/{district.id}/metrics",
                   **(query or NOVEMBER))


def shown(figure):
    return figure["numerator"], figure["denominator"], figure["value"]


def play(vector, contact, advisor, clock, sql):
    """A case of the data set, as it went."""
    clock.at(vector["submitted_at"])
    priority = vector["priority"]
    case = contact.submit(priority=priority)
    if vector["first_response_at"]:
        clock.at(vector["first_response_at"])
        case.note(advisor).expect(201)
    if vector["escalated"]:
        sql.run("update casework.cases set escalation_level = 1"
                " where id = %s", case.id)
    if vector["resolved"]:
        clock.at("2026-11-20T12:00:00-06:00")
        case.close(advisor, closure_reason="withdrawn").expect(200)
    else:       # so that its events say that it was escalated
        case.note(contact).expect(201)
    return case


def answer_surveys(sql, public, world, district, answers):
    for answer in answers:
        contact = district.contact()
        case = contact.submit()
        case.close().expect(200)
        Survey(sql, case).answer(public, **answer).expect(201)


@pytest.fixture
def data_set(district, advisor, clock, sql, public, world, settle):
    """The data set of the vectors, in a district of its own. The surveys'
    own cases were submitted the month before."""
    for vector in METRICS["cases"]:
        play(vector, district.contact(), advisor, clock, sql)
    sql.run("update casework.contacts set authorized = false"
            " where district_id = %s", district.id)
    clock.at("2026-10-20T10:00:00-05:00")
    cases = []
    for answer in METRICS["surveys"]:
        case = district.contact().submit()
        case.close().expect(200)
        cases.append((case, answer))
    clock.at("2026-11-10T10:00:00-06:00")
    for case, answer in cases:
        Survey(sql, case).answer(public, **answer).expect(201)
    clock.at("2026-11-20T23:00:00-06:00")
    settle()
    return district


@pytest.mark.fact(27, 28, 29, 30, 55, 75)
@pytest.mark.rule("2.9")
@pytest.mark.vector("metrics")
def test_the_data_set_gives_its_figures(data_set, advisor, sql):
    expected = METRICS["expected"]
    found = of_district(advisor, data_set)
    assert shown(found["critical_in_time"]) == (
        expected["critical_under_1_business_hour"],
        expected["critical_answered"],
        expected["critical_under_1_business_hour_pct"])
    assert shown(found["average_response"]) == (
        97500, expected["answered"],
        expected["average_response_business_seconds"])
    assert shown(found["medium_share"]) == (
        4, expected["submitted"], expected["medium_share_pct"])
    assert shown(found["initial_level"]) == (
        6, expected["resolved"], expected["initial_level_resolution_pct"])
    assert shown(found["satisfaction"]) == (
        3, 4, expected["satisfaction_rate_pct_overall_ge_4"])
    assert {name: f["holds"] for name, f in found.items()} == {
        "critical_in_time": False, "average_response": False,
        "medium_share": False, "initial_level": True,
        "queue_wait": None, "satisfaction": False}
    averages = sql.row(
        "select " + ", ".join(f"avg({n})::float as {n}" for n in ratings())
        + " from casework.survey_responses where district_id = %s",
        data_set.id)
    assert averages == expected["area_averages"]


@pytest.mark.fact(30)
@pytest.mark.rule("2.9")
@pytest.mark.vector("metrics")
def test_the_wait_in_the_queue(district, advisor, sql, clock):
    """Answered calls only; a direct connection counts as 0 s, however long
    the telephone rings."""
    clock.at("2026-11-20T23:00:00-06:00")
    for number, call in enumerate(METRICS["calls"]):
        wait = call["queue_wait_seconds"]
        contact = district.contact()
        queued = f"2026-11-0{number + 2}T10:00:00-06:00"
        answered = call["outcome"] == "answered"
        sql.run("""
            insert into casework.calls (district_id, contact_id,
              telephony_client_id, queued_at, answered_at, ended_at, direct,
              advisor_id, verification_method, verified_at, verified_by_kind,
              verified_by_id, verified_by_name)
            select %s, %s, 1, q, case when a then q + case
                when w = '0 s' then interval '3 s' else w end end,
              q + w + '1 minute', a and w = '0 s', case when a then 1 end,
              'call_back', q, 'staff', 1, 'Advisor 1'
            from (select %s::timestamptz as q, %s::boolean as a,
              make_interval(secs => %s) as w) v""",
                district.id, contact.id, queued, answered, wait)
    found = of_district(advisor, district)
    expected = METRICS["expected"]["average_queue_wait_seconds_answered"]
    assert shown(found["queue_wait"]) == (35.5, 4, expected)
    assert found["queue_wait"]["holds"] is True
    answer = advisor.get(f"/v1/districts/{district.id}/metrics",
                         query=NOVEMBER).expect(200)
    assert answer["calls_abandoned"] == 1


@pytest.mark.rule("2.9")
def test_a_call_about_a_test_case_is_in_no_figure(
        district, contact, advisor, phone, clock):
    clock.at("2026-11-20T10:00:00-06:00")

    def waited_for():
        return shown(of_district(advisor, district)["queue_wait"])[1]

    real, test = contact.submit(), contact.submit()
    for case in (real, test):
        call = phone.talk(advisor, contact)
        call.link(advisor, case).expect(200)
        call.hang_up().expect(200)
    assert waited_for() == 2
    test.change(advisor, test=True).expect(200)
    assert waited_for() == 1


@pytest.mark.rule("2.9")
def test_without_anything_there_is_no_value(district, advisor):
    answer = advisor.get(f"/v1/districts/{district.id}/metrics").expect(200)
    for figure in answer["figures"]:
        assert shown(figure) == (0, 0, None) and figure["holds"] is None
        assert figure["claim"]["text"]


@pytest.mark.fact(27, 28)
@pytest.mark.rule("2.9", "2.3")
def test_the_first_cycle_counts_after_a_reopening(district, contact, advisor,
                                                  clock, settle):
    clock.at("2026-11-02T09:00:00-06:00")
    case = contact.submit(priority="critical")
    clock.at("2026-11-02T09:10:00-06:00")
    case.note(advisor).expect(201)
    case.close().expect(200)
    settle()
    before = of_district(advisor, district)
    assert shown(before["average_response"]) == (600, 1, 600)
    assert shown(before["initial_level"]) == (1, 1, 100)
    for day in (3, 5):
        clock.at(f"2026-11-0{day}T09:00:00-06:00")
        case.reopen().expect(200)
        clock.at(f"2026-11-0{day + 1}T17:00:00-06:00")
        settle()
        after = of_district(advisor, district)
        assert shown(after["critical_in_time"]) == (1, 1, 100)
        assert shown(after["average_response"]) == (600, 1, 600)
        assert shown(after["initial_level"]) == (0, 0, None)
        case.close().expect(200)


@pytest.mark.fact(27)
@pytest.mark.rule("2.9")
def test_an_overdue_critical_case_counts_as_not_in_time(
        district, contact, advisor, clock, settle):
    clock.at("2026-11-02T09:00:00-06:00")
    case = contact.submit(priority="critical")
    settle()
    assert shown(of_district(advisor, district)["critical_in_time"]) == (
        0, 0, None)
    clock.at("2026-11-02T10:30:00-06:00")
    case.close().expect(200)        # unanswered: the miss is recorded
    settle()
    found = of_district(advisor, district)
    assert shown(found["critical_in_time"]) == (0, 1, 0)
    assert shown(found["average_response"]) == (0, 0, None)


@pytest.mark.fact(29)
@pytest.mark.rule("2.9", "2.4")
def test_shares_are_by_the_initial_priority(district, contact, advisor, clock,
                                            settle):
    clock.at("2026-11-02T09:00:00-06:00")
    case = contact.submit(priority="medium")
    contact.post("/v1/cases", a_question()).expect(201)
    case.change(priority="critical").expect(200)
    clock.at("2026-11-02T09:30:00-06:00")
    case.note(advisor).expect(201)
    settle()
    found = of_district(advisor, district)
    assert shown(found["medium_share"]) == (1, 2, 50)
    assert shown(found["critical_in_time"]) == (1, 1, 100)


@pytest.mark.rule("2.9")
def test_test_cases_are_in_no_figure(district, contact, advisor, public,
                                     clock, sql, settle):
    """Also when one turns out to be a test after it was counted."""
    clock.at("2026-11-02T09:00:00-06:00")
    case = contact.submit()
    case.note(advisor).expect(201)
    case.close().expect(200)
    Survey(sql, case).answer(public).expect(201)
    settle()
    found = of_district(advisor, district)
    assert [f["denominator"] for f in found.values()] == [0, 1, 1, 1, 0, 1]
    case.reopen(advisor).expect(200)
    case.change(advisor, test=True).expect(200)
    settle()
    found = of_district(advisor, district)
    assert {f["denominator"] for f in found.values()} == {0}
    case.change(advisor, test=False).expect(200)
    settle()
    assert of_district(advisor, district)["medium_share"]["denominator"] == 1


@pytest.mark.rule("2.9")
def test_a_period_is_of_local_dates(district, contact, advisor, clock,
                                    settle):
    """23:59:59 of the 2nd in Blaine is the 3rd in UTC."""
    for moment in ("2026-11-02T23:59:59-06:00", "2026-11-03T00:00:00-06:00"):
        clock.at(moment)
        contact.submit()
    settle()

    def submitted(first, last):
        found = of_district(advisor, district, **{"from": first, "to": last})
        return found["medium_share"]["denominator"]
    assert submitted("2026-11-02", "2026-11-02") == 1
    assert submitted("2026-11-03", "2026-11-03") == 1
    assert submitted("2026-11-02", "2026-11-03") == 2
    assert submitted("2026-11-04", "2026-11-30") == 0


@pytest.mark.fact(29, 30, 81)
@pytest.mark.rule("2.9")
@each_day
def test_a_day_counts_from_midnight_to_midnight_whatever_the_date(
        district, contact, advisor, phone, clock, settle, begins, ends):
    for moment in (just_before(begins), begins, just_before(ends), ends):
        clock.at(moment)
        contact.submit()
        phone.talk(advisor, contact).hang_up().expect(200)
    for _ in range(2):
        settle()
        for date, number in ((begins[:10], 2), (ends[:10], 1)):
            found = of_district(advisor, district,
                                **{"from": date, "to": date})
            assert found["medium_share"]["denominator"] == number
            assert found["queue_wait"]["denominator"] == number


@pytest.mark.rule("2.9")
def test_a_period_has_a_beginning_and_an_end(public, staff, district):
    answer = public.get("/v1/metrics").expect(200)
    first, last = (datetime.date.fromisoformat(answer[n])
                   for n in ("from", "to"))
    assert 364 <= (last - first).days <= 365
    for path in ("/v1/metrics", "/v1/metrics/satisfaction"):
        for query in ({"from": "2026-11-03", "to": "2026-11-02"},
                      {"from": "2010-01-01", "to": "2026-11-02"}):
            public.get(path, query=query).expect(
                400, problem="invalid-parameter")


@pytest.mark.fact(15, 28)
@pytest.mark.rule("2.9")
def test_a_district_is_seen_by_its_own(district, contact, stranger, partner,
                                       advisor, public, world, clock, settle):
    clock.at("2026-11-02T09:00:00-06:00")
    contact.submit()
    settle()
    path = f"/v1/districts/{district.id}/metrics"
    for caller in (contact, partner, advisor):
        assert figures(caller, path, **NOVEMBER)["medium_share"][
            "denominator"] == 1
    answer = contact.get(path)
    contact.get(path, headers={"If-None-Match": answer.etag}).expect(304)
    stranger.get(path).expect(404, problem="not-found")
    world.partner().get(path).expect(404)
    public.get(path).expect(401)


@pytest.mark.fact(27, 28, 29, 55)
@pytest.mark.rule("2.9")
def test_the_public_sees_the_sums_of_all(public, world, advisor, clock,
                                         settle, sql):
    """In a year that nobody else uses, so that all are five districts."""
    year = unused_year(sql)
    period = {"from": f"{year}-01-01", "to": f"{year}-12-31"}
    before = figures(public, "/v1/metrics", **period)
    for number in range(5):
        clock.at(f"{year}-03-04T12:00:00-06:00")
        case = world.district().contact().submit()
        case.note(advisor).expect(201)
        case.close().expect(200)
    settle()
    after = figures(public, "/v1/metrics", **period)
    for name in ("average_response", "medium_share", "initial_level"):
        assert after[name]["denominator"] == before[name]["denominator"] + 5
    answer = public.get("/v1/metrics", query=period)
    assert answer["district_id"] is None


@pytest.mark.rule("2.9")
def test_a_day_of_fewer_than_five_districts_is_not_published(
        public, world, advisor, contact, phone, clock, settle, sql):
    """Else what another did would be the sum less what one did oneself."""
    day = f"{unused_year(sql)}-03-04"
    period = {"from": day, "to": day}
    clock.at(f"{day}T12:00:00-06:00")
    callers = [world.district().contact() for number in range(5)]

    def published():
        answer = public.get("/v1/metrics", query=period).expect(200)
        return [f["denominator"] for f in answer["figures"]
                if f["name"] != "satisfaction"], answer["calls_abandoned"]
    for caller in callers[:4]:
        for again in range(3):
            caller.submit()
        phone.routed_call(caller).hang_up().expect(200)
    settle()
    assert published() == ([0] * 5, 0)
    own = figures(callers[0], f"/v1/districts/{callers[0].district.id}/metrics",
                  **period)
    assert own["medium_share"]["denominator"] == 3
    callers[4].submit()
    settle()
    assert max(published()[0]) == 13 and published()[1] == 0
    phone.routed_call(callers[4]).hang_up().expect(200)
    assert published()[1] == 5


@pytest.mark.rule("2.9")
def test_five_districts_are_counted_for_each_figure(
        public, world, advisor, phone, clock, settle, sql):
    """On a day of five districts, of which one was answered, the average would
    be the time of one case."""
    day = f"{unused_year(sql)}-03-04"
    period = {"from": day, "to": day}
    clock.at(f"{day}T12:00:00-06:00")
    callers = [world.district().contact() for number in range(5)]
    cases = [caller.submit(priority="critical") for caller in callers]
    calls = [phone.routed_call(caller) for caller in callers]

    def published():
        settle()
        found = figures(public, "/v1/metrics", **period)
        return [found[n]["denominator"] for n in (
            "medium_share", "critical_in_time", "average_response",
            "initial_level", "queue_wait")]
    assert published() == [5, 0, 0, 0, 0]
    for case, call in zip(cases[1:], calls[1:]):
        case.note(advisor).expect(201)
        case.close().expect(200)
        call.answer(advisor).expect(200)
        call.hang_up().expect(200)
    assert published() == [5, 0, 0, 0, 0]
    cases[0].note(advisor).expect(201)
    calls[0].answer(advisor).expect(200)
    assert published() == [5, 5, 5, 0, 5]
    cases[0].close().expect(200)
    assert published() == [5, 5, 5, 5, 5]


@pytest.mark.fact(75, 77)
@pytest.mark.rule("2.9")
def test_the_public_sees_months_of_five_districts(public, world, settle,
                                                  advisor, clock, sql):
    """Whole months that are over; sums hold only what the months show. One's
    own district has months of five responses."""
    year = unused_year(sql)
    period = {"from": f"{year}-01-01", "to": f"{year}-12-31"}
    district, path = world.district(), "/v1/metrics/satisfaction"
    for month, others in ((3, 3), (4, 4)):
        clock.at(f"{year}-{month:02}-10T12:00:00-06:00")
        answer_surveys(sql, public, world, district, itertools.islice(
            itertools.cycle([ratings(5), ratings(4, overall_service=3)]), 5))
        for other in range(others):
            answer_surveys(sql, public, world, world.district(), [ratings(5)])
    settle()
    answer = public.get(path, query=period).expect(200)
    assert answer["responses"] == 0         # April is not over
    assert answer["satisfaction"]["value"] is None
    assert {a["average"] for a in answer["areas"]} == {None}
    clock.at(f"{year}-05-01T00:00:00-05:00")
    answer = public.get(path, query=period).expect(200)
    assert answer["months"] == [{"month": f"{year}-04", "responses": 9,
                                 "satisfaction_percent": 77.7778}]
    assert answer["responses"] == 9         # March is in no sum
    assert shown(answer["satisfaction"]) == (7, 9, 77.7778)
    assert answer["satisfaction"]["claim"]["goal"] == 95
    assert {a["name"]: a["average"] for a in answer["areas"]} == {
        **ratings(4.7778), "overall_service": 4.5556}
    assert shown(figures(public, "/v1/metrics", **period)["satisfaction"]
                 ) == (7, 9, 77.7778)
    part = public.get(path, query={**period, "from": f"{year}-04-02"})
    assert part["responses"] == 0
    insider = district.contact()
    assert shown(of_district(insider, district, **period)["satisfaction"]
                 ) == (6, 10, 60)
    number = sql.value("select max(case_id) from casework.survey_responses"
                       " where district_id = %s", district.id)
    case = f"/v1/cases/{number}"
    advisor.post(case + "/reopen", {"details": "A test."},
                 etag="*").expect(200)
    advisor.patch(case, {"test": True}, etag="*").expect(200)
    settle()
    assert public.get(path, query=period)["responses"] == 8
    assert shown(of_district(insider, district, **period)["satisfaction"]
                 ) == (3, 5, 60)            # four are too few
    advisor.patch(case, {"test": False}, etag="*").expect(200)
    settle()
    assert shown(of_district(insider, district, **period)["satisfaction"]
                 ) == (6, 10, 60)


@pytest.mark.rule("2.9")
def test_sums_are_for_those_who_see_all_cases_of_a_district(
        as_role, district, contact, settle, world):
    contact.submit()
    world.district().contact().submit()
    settle()
    assert as_role("contact").acting(
        "select distinct district_id from casework.daily_figures",
        caller_id=contact.id) == [{"district_id": district.id}]
    for kind in ("public", "telephony"):
        assert as_role(kind).fails(
            "select from casework.daily_figures") == "42501"


@pytest.mark.rule("2.9")
def test_the_sums_are_those_of_the_cases(settle, sql, contact, advisor,
                                         district, clock):
    """However often the timer looks in between."""
    def withdraw(by):
        return case.close(by, closure_reason="withdrawn")
    for number in range(12):
        clock.at(f"2026-11-{number % 5 + 2:02}T10:00:00-06:00")
        case = contact.submit(priority=("critical", "medium")[number % 2])
        for act in (case.note, withdraw, case.reopen)[:number % 4]:
            if number % 3:
                settle()
            act(advisor).expect(200, 201)
    settle()
    names = ("submitted medium critical critical_in_time answered elapsed"
             " closed closed_initially").split()
    assert sql.rows(f"""
        select * from (
          select d.date, {", ".join(f"d.{n}" for n in names)}
          from casework.daily_figures d where d.district_id = %s
          except all
          select c.date, {", ".join(f"sum(c.{n})" for n in names)}
          from views.case_contribution c where c.district_id = %s
          group by c.date) x""", district.id, district.id) == []
    assert sql.value("select sum(submitted) from casework.daily_figures"
                     " where district_id = %s", district.id) == 12


def test_the_timer_does_nothing_beside_another(new_session, as_role, sql,
                                               contact):
    contact.submit()
    other = new_session()
    other.run("begin; select from casework.event_cursors for update")
    try:
        assert as_role("worker").run(
            "select rules.timer_figures(100)").strip() == "0"
    finally:
        other.run("rollback")
