"""Staff who leave: their cases wait for somebody else (2.10)."""

import pytest


@pytest.fixture
def leave(sql):
    def leave(advisor):
        sql.run("update casework.staff set active = false where id = %s",
                advisor.id)
    return leave


@pytest.mark.rule("2.10")
@pytest.mark.fact(15)
def test_the_cases_of_an_owner_who_leaves_are_unassigned(
        case, contact, advisor, staff, leave):
    closed, others = contact.submit(), contact.submit()
    for owned in (case, closed):
        owned.assign(staff, advisor).expect(200)
    others.assign(staff, staff).expect(200)
    closed.close().expect(200)
    before = case.read()
    leave(advisor)
    after = case.read()
    assert after["assigned_advisor"] is None
    assert after["status"] == "assigned" and after.etag != before.etag
    assert case.changes("assigned_advisor_id")[-1] == (advisor.id, None)
    event = case.history()[-1]
    assert (event["type"], event["actor"]["kind"]) == (
        "case.assigned", "system")
    assert closed["assigned_advisor"]["id"] == advisor.id
    assert others["assigned_advisor"]["id"] == staff.id
    assert contact.get("/v1/cases", query={"assigned": "false"}).ids == [
        case.id]


@pytest.mark.rule("2.10")
def test_an_advisor_who_does_something_else_leaves_its_cases_too(
        case, advisor, staff, sql):
    case.assign(staff, advisor).expect(200)
    sql.run("update casework.staff set name = name || ' x' where id = %s",
            advisor.id)
    assert case["assigned_advisor"]["id"] == advisor.id
    sql.run("update casework.staff set roles = '{lead,development_engineer}'"
            " where id = %s", advisor.id)
    assert case["assigned_advisor"] is None


@pytest.mark.rule("2.10", "3.5")
def test_what_an_owner_leaves_is_in_the_queue_of_others(
        case, advisor, staff, leave, world):
    other = world.staff()
    case.assign(staff, advisor).expect(200)
    assert case.id not in [i["case"]["id"] for i in other.all(
        "/v1/desk/queue")]
    leave(advisor)
    assert case.id in [i["case"]["id"] for i in other.all(
        "/v1/desk/queue", assigned="nobody")]


@pytest.mark.rule("3.7")
def test_an_analyst_who_is_no_more_leaves_its_cases_too(
        case, analyst, world, staff, sql):
    someone = world.staff("state_reporting_analyst")
    case.assign(staff, someone).expect(200)
    assert case["assigned_advisor"]["id"] == someone.id
    sql.run("update casework.staff set roles ="
            " '{advisor,state_reporting_analyst}' where id = %s", someone.id)
    sql.run("update casework.staff set roles = '{advisor}' where id = %s",
            someone.id)
    assert case["assigned_advisor"]["id"] == someone.id
    sql.run("update casework.staff set roles = '{lead}' where id = %s",
            someone.id)
    assert case["assigned_advisor"] is None


@pytest.mark.rule("2.6", "2.10")
@pytest.mark.parametrize("who", ["contact", "staff"])
def test_a_case_reopened_after_its_owner_left_has_none(
        request, case, advisor, staff, leave, who):
    case.assign(staff, advisor).expect(200)
    case.close().expect(200)
    leave(advisor)
    reopened = case.reopen(request.getfixturevalue(who),
                           etag=case.etag).expect(200)
    assert reopened["assigned_advisor"] is None
    assert case.event_types()[-2:] == ["case.assigned", "case.reopened"]


@pytest.mark.rule("2.6")
def test_a_case_reopened_keeps_an_owner_who_is_there(case, advisor, staff):
    case.assign(staff, advisor).expect(200)
    case.close().expect(200)
    assert case.reopen().expect(200)["assigned_advisor"]["id"] == advisor.id
    assert case.event_types()[-1] == "case.reopened"
