"""The months of a district: 3.8, with numbers computed by hand."""

import re

import pytest

import tables
from instance import until
from surveys import Survey
from world import a_case

pytestmark = pytest.mark.rule("3.8")

TABLE = {"Accept": "text/csv"}


@pytest.fixture
def settle_months(as_role, sql):
    """Waits until every event so far is in the sums."""
    def settled():
        as_role("worker").run("select rules.timer_months(1000)")
        return sql.value(
            "select not exists (select from casework.events e,"
            " casework.event_cursors c where c.consumer = 'months'"
            " and (e.xid, e.id) > (c.xid, c.event_id))")
    return lambda: until(settled)


def path(district):
    return f"/v1/districts/{district.id}/figures"


def months(caller, district, **query):
    return {m["month"]: m for m in caller.all(path(district), **query)}


def flow(month):
    return (month["submitted"], month["closed"], month["reopened"],
            month["open"], *month["open_by_age"].values())


def targets(month):
    return (month["response_targets"]["met"],
            month["response_targets"]["missed"])


@pytest.fixture
def year(district, contact, advisor, clock, settle_months):
    """Five cases over half a year, one of them closed twice."""
    clock.at("2026-02-03T10:00:00-06:00")
    old, twice = contact.submit(), contact.submit()
    clock.at("2026-02-27T10:00:00-06:00")
    twice.close().expect(200)
    clock.at("2026-03-10T10:00:00-05:00")
    third = contact.submit()
    twice.reopen().expect(200)
    clock.at("2026-04-15T10:00:00-05:00")
    twice.close().expect(200)
    clock.at("2026-04-30T23:30:00-05:00")   # already May in UTC
    fourth = contact.submit()
    clock.at("2026-08-05T10:00:00-05:00")
    third.close().expect(200)
    contact.submit()
    settle_months()
    return [old, twice, third, fourth]


def test_the_backlog_and_its_age_by_month(district, contact, year):
    found = months(contact, district, **{"from": "2026-01"})
    assert list(found) == [f"2026-{m:02}" for m in range(8, 0, -1)]
    assert {name: flow(month) for name, month in found.items()} == {
        #           sub cl re  open  0  1-2  3-5  6+
        "2026-01": (0, 0, 0, 0,      0, 0, 0, 0),
        "2026-02": (2, 1, 0, 1,      1, 0, 0, 0),
        "2026-03": (1, 0, 1, 3,      1, 2, 0, 0),
        "2026-04": (1, 1, 0, 3,      1, 2, 0, 0),
        "2026-05": (0, 0, 0, 3,      0, 2, 1, 0),
        "2026-06": (0, 0, 0, 3,      0, 1, 2, 0),
        "2026-07": (0, 0, 0, 3,      0, 0, 3, 0),
        "2026-08": (1, 1, 0, 3,      1, 0, 1, 1)}


def test_the_sums_are_what_the_cases_and_their_histories_say(
        district, contact, year):
    found = months(contact, district)
    events = [e["type"] for case in year for e in case.history()]
    assert sum(m["closed"] for m in found.values()) == events.count(
        "case.closed") == 3
    assert sum(m["reopened"] for m in found.values()) == events.count(
        "case.reopened") == 1
    listed = contact.all("/v1/cases")
    assert found["2026-08"]["open"] == sum(
        c["status"] != "closed" for c in listed)


def test_a_case_that_turns_out_to_be_a_test_adds_nothing(
        district, contact, advisor, year, settle_months):
    case = contact.submit()
    case.close().expect(200)
    case.reopen().expect(200)

    def august():
        settle_months()
        return flow(months(contact, district)["2026-08"])[:4]
    assert august() == (2, 2, 1, 4)
    advisor.patch(case.path, {"test": True}, etag="*").expect(200)
    assert august() == (1, 1, 0, 3)
    advisor.patch(case.path, {"test": False}, etag="*").expect(200)
    assert august() == (2, 2, 1, 4)


def test_what_was_imported_adds_nothing(
        district, contact, clock, settle_months, advisor):
    clock.at("2026-08-05T10:00:00-05:00")
    advisor.post("/v1/cases", a_case(
        contact_id=contact.id, submitted_at="2026-07-05T10:00:00Z")
        ).expect(201)
    contact.submit()
    settle_months()
    found = months(contact, district)
    assert flow(found["2026-07"])[:4] == (0, 0, 0, 0)
    assert flow(found["2026-08"])[:4] == (1, 0, 0, 1)


def test_targets_by_the_month_in_which_they_began(
        district, contact, advisor, clock, settle_months):
    clock.at("2026-03-31T10:00:00-05:00")
    in_time, late, closed = (contact.submit() for _ in range(3))
    in_time.note(advisor).expect(201)
    closed.close().expect(200)
    clock.at("2026-05-04T10:00:00-05:00")
    late.note(advisor).expect(201)
    closed.reopen().expect(200)
    closed.note(advisor).expect(201)
    settle_months()
    found = months(contact, district)
    assert targets(found["2026-03"]) == (1, 1)
    assert targets(found["2026-05"]) == (1, 0)


def test_a_miss_counts_without_an_answer(
        district, contact, clock, settle_months, timer):
    clock.at("2026-03-31T10:00:00-05:00")
    contact.submit()
    clock.at("2026-05-04T10:00:00-05:00")

    def missed():
        """Where another test has changed the calendar, cases follow it first."""
        timer("calendar")
        timer("breaches")
        settle_months()
        return targets(months(contact, district)["2026-03"]) == (0, 1)
    until(missed)


@pytest.mark.fact(77)
def test_satisfaction_with_five_answers_of_a_month_that_is_over(
        district, contact, advisor, public, sql, clock, settle):
    def answered(*values):
        for value in values:
            case = district.contact().submit()
            case.close().expect(200)
            Survey(sql, case).answer(
                public, 5, overall_service=value).expect(201)

    def shown(by=contact):
        return {name: month["satisfaction"] for name, month in months(
            by, district, **{"from": "2026-03"}).items()}
    clock.at("2026-03-10T10:00:00-05:00")
    answered(5, 4, 4, 3)
    clock.at("2026-04-10T10:00:00-05:00")
    answered(5, 4, 4, 3, 1)
    settle()
    assert shown() == {"2026-04": None, "2026-03": None}
    clock.at("2026-05-01T00:00:00-05:00")
    for by in (contact, advisor):
        assert shown(by) == {"2026-05": None, "2026-03": None, "2026-04": {
            "responses": 5, "satisfied": 3, "percent": 60}}


@pytest.mark.fact(8)
def test_accesses_of_the_month_at_the_desk(district, contact, advisor, clock):
    clock.at("2026-03-10T10:00:00-05:00")
    case, site = contact.submit(), district.site()
    case.visit(advisor, site).expect(201)
    clock.at("2026-03-31T23:59:00-05:00")
    case.visit(advisor, site).expect(201)
    clock.at("2026-04-01T00:00:00-05:00")
    case.visit(advisor, site).expect(201)
    found = months(contact, district)
    assert found["2026-03"]["site_accesses"] == 2
    assert found["2026-04"]["site_accesses"] == 1


def test_the_months_asked_for(district, contact, clock):
    clock.at("2026-05-10T10:00:00-05:00")
    assert list(months(contact, district)) == [
        "2026-05", "2026-04", "2026-03", "2026-02", "2026-01", "2025-12",
        "2025-11", "2025-10", "2025-09", "2025-08", "2025-07", "2025-06"]
    assert list(months(contact, district, **{
        "from": "2026-03", "to": "2026-04"})) == ["2026-04", "2026-03"]
    assert list(months(contact, district, **{
        "from": "2026-05", "to": "2030-01"})) == ["2026-05"]
    assert list(months(contact, district, to="2024-02"))[-1] == "2023-03"
    pages = list(contact.pages(path(district), limit=5))
    assert [len(page.items) for page in pages] == [5, 5, 2]
    for wrong in ({"from": "2026-06"}, {"from": "2026-02", "to": "2026-01"},
                  {"from": "2016-05", "to": "2026-05"}, {"to": "2026-13"},
                  {"to": "2026-05-01"}, {"to": "1999-12"}):
        contact.get(path(district), query=wrong).expect(
            400, problem="invalid-parameter")
    assert len(months(contact, district, limit=100, **{
        "from": "2016-06"})) == 120


def test_it_is_for_those_who_see_the_cases(
        district, colleague, partner, advisor, stranger, year):
    seen = [months(by, district) for by in (colleague, partner, advisor)]
    assert seen[0] == seen[1] == seen[2]
    assert seen[0]["2026-02"]["submitted"] == 2
    stranger.get(path(district)).expect(404)
    assert not any(m["submitted"] for m in months(
        stranger, stranger.district).values())


def test_the_table_of_months(district, contact, year):
    query = {"from": "2026-03", "to": "2026-04"}
    answer = contact.get(path(district), query=query, headers=TABLE)
    assert answer.expect(200).body.decode() == (
        "month,submitted,closed,reopened,open,open_by_age.same_month,"
        "open_by_age.months_1_to_2,open_by_age.months_3_to_5,"
        "open_by_age.months_6_and_more,response_targets.met,"
        "response_targets.missed,satisfaction.responses,"
        "satisfaction.satisfied,satisfaction.percent,site_accesses\r\n"
        "2026-04,1,1,0,3,1,2,0,0,0,0,,,,0\r\n"
        "2026-03,1,0,1,3,1,2,0,0,0,2,,,,0\r\n")
    names, _ = tables.fields(answer.body.decode())
    assert tables.rows(answer) == [
        tables.flat(item, names) for item in contact.all(
            path(district), **query)]


# -- as a page -----------------------------------------------------------------

def page_of(caller, district, **query):
    return caller.get(f"/v1/districts/{district.id}/metrics", query=query,
                      headers={"Accept": "text/html"}).expect(
                          200).body.decode()


def section(page, title):
    return page.partition(f"<h2>{title}</h2>")[2].partition("<h2>")[0]


def cells(section):
    return {month: tuple(re.findall("<td>(.*?)</td>", row)) for month, row
            in re.findall(r'<th scope="row">([\d-]+)</th>(.*?)</tr>', section)}


def bars(section, month):
    """(tone, y, height) of a month, the first being 0, from below."""
    return [(tone, float(y), float(height)) for tone, x, y, height in
            re.findall(r'class="(\w+)" x="([\d.]+)" y="([\d.]+)"'
                       r' width="[\d.]+" height="([\d.]+)"', section)
            if 10 * month < float(x) < 10 * month + 10]


def test_backlog_and_age_are_a_plot_with_its_numbers(district, contact, year):
    told = section(page_of(contact, district, **{
        "from": "2026-01-01", "to": "2026-08-05"}), "Backlog and how old it is")
    assert cells(told) == {
        name: tuple(str(n) for n in (*flow(month)[4:], flow(month)[3]))
        for name, month in months(contact, district, **{
            "from": "2026-01", "to": "2026-08"}).items()}
    assert bars(told, 0) == []
    assert bars(told, 2) == [("one", 75, 25), ("two", 25, 50)]      # 1 and 2
    assert bars(told, 7) == [("one", 75, 25), ("three", 50, 25),
                             ("four", 25, 25)]                      # of 4
    assert ">4</span><span>2</span><span>0<" in told


def test_what_came_and_was_closed_stands_side_by_side(district, contact, year):
    page = page_of(contact, district, **{"from": "2026-01-01"})
    told = section(page, "What came and what was closed")
    assert cells(told)["2026-02"] == ("2", "1", "0")
    assert cells(told)["2026-03"] == ("1", "0", "1")
    assert bars(told, 1) == [("one", 0, 100), ("three", 50, 50)]
    assert "<h2>Response targets</h2>" in page


def test_the_page_of_a_district_is_for_its_own(district, contact, stranger,
                                               lead):
    path = f"/v1/districts/{district.id}/metrics"
    stranger.get(path, headers={"Accept": "text/html"}).expect(404)
    assert f"The figures of {district.name}</h1>" in page_of(lead, district)
    assert page_of(lead, district, **{"from": "2026-11-30"})


def test_many_months_have_few_names(sql):
    """Of ten years each label has room."""
    shown = sql.value(
        "select rules.plot_months(jsonb_agg(jsonb_build_object('month',"
        " to_char(m, 'YYYY-MM')))) from generate_series('2017-01-01'::date,"
        " '2026-12-01', '1 month') m")
    assert re.findall("<span>([^<]+)</span>", shown.replace("<br>", " ")
                      )[:2] == ["Jan 2017", "Sep 2018"]
    assert shown.count("<span>") == 120 and shown.count("<br>") == 6


@pytest.mark.parametrize("most, unit, top", [
    (0, None, 2), (3, None, 4), (9, None, 10), (25, None, 30),
    (245, None, 300), (80, "percent", 100), (97, "seconds", 100),
    (7000, "seconds", 7080), (10800, "seconds", 14400)])
def test_an_axis_ends_above_and_has_a_middle(sql, most, unit, top):
    assert sql.value("select rules.plot_top(%s, %s)", most, unit) == top
