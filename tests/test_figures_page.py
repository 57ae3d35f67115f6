"""The published figures as a page for people: 3.8."""

import html
import json
import re

import pytest

pytestmark = pytest.mark.rule("3.8")

PAGE = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
NOVEMBER = {"from": "2026-11-01", "to": "2026-11-30"}


def page_of(public, **query):
    answer = public.get("/v1/metrics", query=query or NOVEMBER, headers=PAGE
                        ).expect(200)
    return answer.body.decode()


def rows(section):
    return [tuple(html.unescape(cell) for cell in row) for row in re.findall(
        r'<tr><th scope="row">(.*?)</th><td>(.*?)</td></tr>', section)]


def written(sql, name, numerator, denominator):
    """The section of a figure with these numbers."""
    return sql.value(
        "select rules.figure_section(rules.figure(p, %s, %s), t.title,"
        " t.numerator, t.denominator) from casework.published_claims p"
        " join rules.figure_titles() t on t.name = p.figure"
        " where p.figure = %s", numerator, denominator, name)


def test_each_figure_has_its_claim_and_both_numbers(public):
    page, answer = page_of(public), public.get("/v1/metrics", query=NOVEMBER)
    sections = re.split("<h2>", page)[1:]
    for section, figure in zip(sections, answer["figures"]):
        assert html.escape(figure["claim"]["text"]) in section
        assert "<svg " in section
        told = [cell for _, cell in rows(section)]
        assert told[1] == str(figure["denominator"])
        assert told[4] == {True: "Yes", False: "No", None:
                           "There is nothing to compare"}[figure["holds"]]
    assert len(sections) >= len(answer["figures"]) == 6
    assert 'value="2026-11-01"' in page and 'value="2026-11-30"' in page


def test_what_is_counted_is_told_as_it_is(sql):
    assert rows(written(sql, "initial_level", 6, 8)) == [
        ("Closed cases that were never escalated", "6"), ("Closed cases", "8"),
        ("Value", "75 %"), ("Claim", "about 70 %, at least 65 %"),
        ("Does it hold?", "Yes")]
    assert rows(written(sql, "average_response", 97500, 10)) == [
        ("Business time until the first response, added up",
         "27 h 5 min"),
        ("Cases that were responded to", "10"),
        ("Value", "2 h 42 min 30 s"), ("Claim", "below 3 h"),
        ("Does it hold?", "Yes")]
    assert rows(written(sql, "satisfaction", 3, 4))[2:] == [
        ("Value", "75 %"), ("Claim", "above 98 %; goal 95 %"),
        ("Does it hold?", "No")]
    assert rows(written(sql, "queue_wait", 0, 0))[2:] == [
        ("Value", "none"), ("Claim", "below 15 s"),
        ("Does it hold?", "There is nothing to compare")]


@pytest.mark.parametrize("numbers, bar, mark", [
    (("initial_level", 6, 8), 75, 69.58),
    (("critical_in_time", 0, 5), 0, 98.41),
    (("queue_wait", 30, 1), 80, 39.76)])
def test_the_plot_shows_value_and_claim(sql, numbers, bar, mark):
    plot = written(sql, *numbers)
    assert float(re.search(r'"bar" width="([\d.]+)"', plot)[1]) == bar
    assert float(re.search(r'"mark" x="([\d.]+)"', plot)[1]) == mark


def test_a_plot_without_a_value_has_no_bar(sql):
    assert 'class="bar" width="0"' in written(sql, "satisfaction", 0, 0)


def plotted(sql, figure, months):
    """The part of a section that is about months."""
    return sql.value(
        "select rules.figure_months(%s::json, 'Satisfaction', 'Good', 'All',"
        " %s::jsonb)", json.dumps(figure), json.dumps(months))


def test_a_figure_by_month_as_bars_and_as_a_table(sql):
    figure = {"unit": "percent", "claim": {"value": 98}}
    section = plotted(sql, figure, [
        {"month": month, "figure": {"unit": "percent", "numerator": n,
                                    "denominator": 20, "value": value}}
        for month, n, value in (("2026-10", 19, 95), ("2026-11", 0, None))])
    assert re.findall(r'"three" x="([\d.]+)" y="([\d.]+)" width="7"'
                      r' height="([\d.]+)"', section) == [("1.5", "5", "95")]
    assert '<line class="claim" x2="20" y1="2" y2="2"/>' in section
    assert re.findall(
        r'row">([\d-]+)</th><td>(.*?)</td><td>(.*?)</td><td>(.*?)</td>',
        section) == [("2026-10", "19", "20", "95 %"),
                     ("2026-11", "0", "20", "–")]
    assert plotted(sql, figure, []) == ""


def test_months_are_those_of_the_period(sql):
    """The last twelve; what the period cuts off as far as it is in it."""
    months = sql.value("select rules.monthly_figures(0, '2024-05-10',"
                       " '2026-11-20')::text")
    assert [m["month"] for m in json.loads(months)] == [
        "2025-12", *(f"2026-{n:02}" for n in range(1, 12))]


def test_a_period_that_is_wrong_is_refused(public):
    public.get("/v1/metrics", headers=PAGE, query={
        "from": "2026-11-02", "to": "2026-11-01"}).expect(
            400, problem="invalid-parameter")
