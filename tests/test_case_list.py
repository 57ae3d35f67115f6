"""The list of cases: its order, and how many match."""

import pytest

CASES = "/v1/cases"


@pytest.mark.fact(51)
def test_the_case_modified_last_comes_first(contact, staff):
    one, two, three = (contact.submit() for _ in range(3))

    def order():
        return contact.get(CASES).ids
    assert order() == [three.id, two.id, one.id]
    one.change(impact="All").expect(200)
    assert order() == [one.id, three.id, two.id]
    two.note(staff).expect(201)
    assert order() == [two.id, one.id, three.id]
    three.close().expect(200)
    assert order() == [three.id, two.id, one.id]


def test_an_internal_note_moves_nothing_that_a_contact_sees(contact, staff):
    one, two = contact.submit(), contact.submit()
    before = contact.get(CASES).json, one.read().etag
    one.note(staff, visibility="internal").expect(201)
    after = contact.get(CASES).json
    assert [c["id"] for c in after["items"]] == [two.id, one.id]
    assert after["items"] == before[0]["items"]
    assert one.read().etag == before[1]


@pytest.mark.fact(39)
def test_closed_cases_are_listed_like_others(contact):
    case = contact.submit()
    case.close().expect(200)
    assert contact.get(CASES).ids == [case.id]
    assert contact.get(CASES, query={"status": "closed"}).ids == [case.id]


def test_a_page_counts_all_matches_when_asked(
        contact, colleague, stranger, partner, staff):
    """By the same rights and filters, whichever page it is."""
    ids = [contact.submit(priority="low").id for _ in range(3)]
    contact.submit(priority="high")
    stranger.submit(priority="low")
    asked = {"count": "exact", "priority": "low", "limit": 2}
    for someone in (colleague, partner):
        first = someone.get(CASES, query=asked).expect(200)
        assert (first["count"], len(first.ids)) == (3, 2)
        last = someone.get(CASES, query={**asked, "cursor": first["next"]})
        assert (last.expect(200)["count"], last.ids) == (3, ids[:1])
    assert staff.get(CASES, query={**asked, "contact_id": contact.id})[
        "count"] == 3
    assert contact.get(CASES, query={**asked, "priority": "medium"})[
        "count"] == 0
    for query in ({}, {"count": "none"},
                  {"count": "none", "priority": "medium"}):
        assert contact.get(CASES, query=query)["count"] is None
    contact.get(CASES, query={"count": "all"}).expect(400)


# -- a partner's districts are read one by one -----------------------------

def test_a_partners_pages_merge_its_districts_by_last_change(
        world, contact, stranger, clock):
    third = world.district().contact()
    partner = world.partner(contact.district, stranger.district,
                            third.district)
    clock.at("2027-01-04T10:00:00-06:00")
    cases = [by.submit(priority=priority)
             for by, priority in ((contact, "high"), (third, "low"),
                                  (stranger, "high"), (contact, "high"),
                                  (stranger, "low"), (contact, "high"))]
    newest_first = [case.id for case in reversed(cases)]
    urgent = [case.id for case in reversed(cases)
              if case["priority"] == "high"]
    for filters, expected in (("", newest_first), ("&priority=high", urgent),
                              (f"&district_id={third.district.id}",
                               [cases[1].id])):
        for limit in (1, 2, 100):
            seen, page = [], f"{CASES}?limit={limit}{filters}"
            while page:
                answer = partner.get(page).expect(200)
                seen += answer.ids
                page = answer["next"] and (
                    f"{CASES}?limit={limit}{filters}"
                    f"&cursor={answer['next']}")
            assert seen == expected


# -- other orders, and how many there are ------------------------------------

def pages(someone, limit=2, **query):
    """All ids of a list, page after page."""
    found, query = [], {**query, "limit": limit}
    while True:
        page = someone.get(CASES, query=query).expect(200)
        found += page.ids
        if page["next"] is None:
            return found
        query["cursor"] = page["next"]


@pytest.fixture
def various(contact, staff, clock):
    """Name → case; each order puts them otherwise."""
    found = {}
    for hour, name, priority, due_on in (
            (8, "old", "low", "2027-01-20"), (9, "late", "critical", None),
            (10, "twin", "critical", None), (11, "soon", "medium", None),
            (12, "calm", "high", None), (13, "new", "low", None)):
        clock.at(f"2027-01-04T{hour:02}:00:00-06:00")
        found[name] = contact.submit(priority=priority, due_on=due_on)
    for hour, name in ((14, "calm"), (15, "old")):
        clock.at(f"2027-01-04T{hour:02}:00:00-06:00")
        found[name].note(staff, "We look at it.").expect(201)
    return {case.id: name for name, case in found.items()}


@pytest.mark.parametrize("sort, order", [
    ("updated_at", "old calm new soon twin late"),
    ("submitted_at", "new calm soon twin late old"),
    ("priority", "twin late calm soon old new"),
    ("due", "late twin soon new old calm")])
def test_lists_are_sorted_by_what_is_asked(
        various, contact, partner, staff, sort, order):
    """Page by page, and a partner's districts merged."""
    for someone, more in ((contact, {}), (partner, {}),
                          (staff, {"contact_id": contact.id})):
        for limit in (2, 100):
            found = pages(someone, limit, sort=sort, **more)
            assert [various[i] for i in found] == order.split()


def test_unassigned_cases_come_critical_high_medium_low(contact, advisor):
    ids = {priority: contact.submit(priority=priority).id
           for priority in ("low", "critical", "medium", "high")}
    contact.submit(priority="critical").assign(advisor, advisor).expect(200)
    assert pages(contact, 1, sort="priority", assigned="false") == [
        ids[p] for p in ("critical", "high", "medium", "low")]


def test_a_cursor_belongs_to_its_order(contact):
    for _ in range(2):
        contact.submit()
    cursor = contact.get(CASES, query={"sort": "due", "limit": 1})["next"]
    assert contact.get(CASES, query={
        "sort": "priority", "limit": 1, "cursor": cursor}).expect(
            400, problem="invalid-cursor").faults == ["cursor"]


def test_counts_are_of_the_very_list(
        contact, colleague, stranger, partner, staff, bring):
    contact.submit(priority="low", product_area="state_reporting")
    contact.submit(priority="low")
    bring(contact.submit(priority="high"), "pending_verification")
    bring(contact.submit(priority="high"), "closed")
    stranger.submit(priority="critical")
    for someone, query in ((colleague, {}), (partner, {}), (
            staff, {"district_id": contact.district.id})):
        counts = someone.get("/v1/cases/counts", query=query).expect(200)
        assert counts.json == {
            "total": 4,
            "status": [{"status": "closed", "count": 1},
                       {"status": "new", "count": 2},
                       {"status": "pending_verification", "count": 1}],
            "priority": [{"priority": "high", "count": 2},
                         {"priority": "low", "count": 2}],
            "support_team": [
                {"support_team": "state_reporting", "count": 1},
                {"support_team": None, "count": 3}],
            "waiting_on": [{"waiting_on": "contact", "count": 1},
                           {"waiting_on": "support", "count": 2},
                           {"waiting_on": None, "count": 1}]}
    few = contact.get("/v1/cases/counts", query={
        "priority": "high", "waiting_on": "contact"}).expect(200)
    assert (few["total"], few["status"]) == (
        1, [{"status": "pending_verification", "count": 1}])
    none = contact.get("/v1/cases/counts", query={"priority": "critical"})
    assert (none["total"], none["status"]) == (0, [])


def test_counts_have_the_filters_of_the_list(contract):
    names = [{p["name"] for p in contract.by_id[op].parameters}
             for op in ("list_cases", "count_cases")]
    assert names[0] - names[1] == {"count", "sort", "limit", "cursor"}
    assert names[1] < names[0]
