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
