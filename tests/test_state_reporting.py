"""State reporting: facts 52 and 54."""

import uuid

import pytest

from world import a_case

DEADLINES = "/v1/state-reporting/deadlines"


@pytest.fixture
def deadline(analyst):
    """Adds a deadline; of Minnesota, like the districts of tests."""
    def add(state="MN", due_on="2027-10-01"):
        return analyst.post(DEADLINES, {
            "state": state, "name": f"Count {uuid.uuid4().hex[:8]}",
            "due_on": due_on}).expect(201)
    return add


@pytest.mark.fact(52)
def test_state_reporting_has_a_team_of_its_own(public, contact, staff):
    teams = {a["code"]: a["team"]
             for a in public.get("/v1/product-areas")["items"]}
    assert teams["state_reporting"] == "state_reporting"
    assert teams["grade_book"] != "state_reporting"
    case = contact.submit(product_area="state_reporting")
    other = contact.submit(product_area="grade_book")
    assert case["support_team"] == "state_reporting"
    assert contact.submit()["support_team"] is None
    found = staff.get("/v1/cases", query={
        "support_team": "state_reporting", "id": f"{case.id},{other.id}"})
    assert found.ids == [case.id]


@pytest.mark.fact(54)
def test_deadlines_are_listed_by_state_and_date(
        contact, partner, staff, deadline):
    later, sooner = deadline(due_on="2031-03-02"), deadline(
        due_on="2031-03-01")
    other = deadline("IA", "2031-03-01")
    query = {"due_from": "2031-03-01", "due_to": "2031-03-03"}
    for someone in (contact, partner, staff):
        found = [d["id"] for d in someone.all(DEADLINES, state="MN",
                                              **query)]
        mine = [i for i in found if i in (later["id"], sooner["id"],
                                          other["id"])]
        assert mine == [sooner["id"], later["id"]]
    found = [d["id"] for d in contact.all(DEADLINES, limit=1, **{
        **query, "due_to": "2031-03-02"})]
    assert sooner["id"] in found and other["id"] in found
    assert later["id"] not in found


def test_a_deadline_is_read_by_its_id(contact, deadline):
    added = deadline()
    answer = contact.get(added.location).expect(200)
    assert answer.json == added.json and answer.etag == added.etag
    contact.get(added.location, headers={"If-None-Match": answer.etag}
                ).expect(304)
    contact.get(DEADLINES + "/9007199254740991").expect(404)


def test_a_deadline_is_added_once_by_staff(analyst, deadline, contact, sql):
    added = deadline()
    body = {k: added[k] for k in ("state", "name", "due_on")}
    analyst.post(DEADLINES, body).expect(409, problem="already-exists")
    contact.post(DEADLINES, body).expect(403, problem="caller-not-allowed")
    event = sql.row("select type, actor_id from casework.desk_events where"
                    " resource = %s and type like 'reporting_deadline.%%'",
                    f"{added['id']}")
    assert event == {"type": "reporting_deadline.published",
                     "actor_id": analyst.id}


@pytest.mark.fact(54)
def test_a_contact_names_a_deadline_of_its_state(contact, deadline):
    mine = deadline()
    case = contact.submit(reporting_deadline_id=mine["id"])
    assert case["reporting_deadline"] == {
        k: mine[k] for k in ("id", "name", "due_on")}
    assert contact.submit()["reporting_deadline"] is None
    for wrong in (deadline("IA")["id"], 9007199254740991):
        answer = contact.post("/v1/cases", a_case(
            reporting_deadline_id=wrong))
        assert answer.expect(422).faults == ["/reporting_deadline_id"]


@pytest.mark.fact(54)
def test_staff_set_the_deadline_afterwards(case, staff, partner, deadline):
    mine = deadline()
    for someone in (case.submitter, partner):
        answer = case.change(someone, reporting_deadline_id=mine["id"])
        assert answer.expect(403).faults == ["/reporting_deadline_id"]
    answer = case.change(staff, reporting_deadline_id=mine["id"])
    assert answer.expect(200)["reporting_deadline"]["id"] == mine["id"]
    assert case.changes("reporting_deadline_id") == [(None, mine["id"])]
    case.change(staff, reporting_deadline_id=deadline("IA")["id"]).expect(
        422)
    answer = case.change(staff, reporting_deadline_id=None).expect(200)
    assert answer["reporting_deadline"] is None


@pytest.mark.fact(54)
def test_cases_are_found_by_an_approaching_deadline(contact, deadline):
    soon, late = (contact.submit(reporting_deadline_id=deadline(
        due_on=day)["id"]) for day in ("2027-10-01", "2027-12-01"))
    contact.submit()

    def found(**query):
        return set(contact.get("/v1/cases", query=query).expect(200).ids)
    assert found(reporting_deadline_to="2027-10-02") == {soon.id}
    assert found(reporting_deadline_to="2027-10-01") == set()
    assert found(reporting_deadline_from="2027-10-02") == {late.id}
    assert found(reporting_deadline_from="2027-10-01") == {soon.id, late.id}
