"""Who of the staff has a case open for writing (3.5)."""

import pytest

pytestmark = pytest.mark.rule("3.5")

ENTERED = "2027-01-04T10:00:00-06:00"


def enter(case, advisor):
    return advisor.put(case.path + "/presence").expect(200)


def present(case, by):
    answer = by.get(case.path + "/presence").expect(200)
    return [p["advisor"]["id"] for p in answer["present"]]


def test_who_enters_learns_who_is_there_already(case, world, advisor):
    other = world.staff()
    assert [p["advisor"]["id"] for p in enter(case, advisor)["present"]] == [
        advisor.id]
    assert [p["advisor"]["id"] for p in enter(case, other)["present"]] == [
        advisor.id, other.id]
    assert present(case, world.staff()) == [advisor.id, other.id]


def test_a_lease_is_a_minute(case, advisor, clock):
    clock.at(ENTERED)
    lease, = enter(case, advisor)["present"]
    assert (lease["since"], lease["until"]) == (
        "2027-01-04T16:00:00Z", "2027-01-04T16:01:00Z")
    clock.at("2027-01-04T10:00:59-06:00")
    assert present(case, advisor) == [advisor.id]
    clock.at("2027-01-04T10:01:00-06:00")
    assert present(case, advisor) == []


def test_a_lease_that_is_renewed_goes_on(case, advisor, clock):
    clock.at(ENTERED)
    enter(case, advisor)
    clock.at("2027-01-04T10:00:50-06:00")
    lease, = enter(case, advisor)["present"]
    assert (lease["since"], lease["until"]) == (
        "2027-01-04T16:00:00Z", "2027-01-04T16:01:50Z")


def test_who_comes_too_late_comes_anew(case, advisor, clock):
    clock.at(ENTERED)
    enter(case, advisor)
    clock.at("2027-01-04T10:02:00-06:00")
    lease, = enter(case, advisor)["present"]
    assert lease["since"] == "2027-01-04T16:02:00Z"


def test_leaving_ends_the_lease_and_nobody_elses(case, world, advisor):
    other = world.staff()
    enter(case, advisor)
    enter(case, other)
    left = advisor.delete(case.path + "/presence").expect(200)
    assert [p["advisor"]["id"] for p in left["present"]] == [other.id]
    advisor.delete(case.path + "/presence").expect(200)


def test_leases_that_are_over_are_not_kept(contact, advisor, clock, sql):
    clock.at(ENTERED)
    for _ in range(3):
        enter(contact.submit(), advisor)
    clock.at("2027-01-04T10:05:00-06:00")
    enter(contact.submit(), advisor)
    assert sql.value("select count(*) from casework.case_presence"
                     " where staff_id = %s", advisor.id) == 1


def test_presence_changes_nothing_of_the_case(case, advisor):
    etag, history = case.etag, case.history()
    enter(case, advisor)
    assert (case.etag, case.history()) == (etag, history)


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_presence_of_no_case_is_404(advisor, method):
    getattr(advisor, method)("/v1/cases/9007199254740991/presence").expect(404)


def test_who_writes_ends_no_lease_of_others_by_sql(
        case, world, advisor, as_role):
    """Below the service, too: a lease is its holder's."""
    enter(case, advisor)
    for who, rows in ((world.staff(), []), (advisor, [{"case_id": case.id}])):
        assert as_role("staff").acting(
            "delete from casework.case_presence where case_id = %s"
            " returning case_id", case.id, caller_id=who.id) == rows
