"""Assignment of new cases by the service (3.5)."""

import pytest

from races import at_once
from sql import Role
from world import Case, a_case

pytestmark = pytest.mark.rule("3.5")

SETTING = "/v1/settings/assignment"


@pytest.fixture
def area(sql, contact):
    """A product area of the test's own, in a team of its own."""
    code = f"assigned_{contact.id}"
    sql.run("insert into casework.teams (code, name) values (%s, %s)",
            code, code)
    sql.run("insert into casework.product_areas (code, name, position, team)"
            " select %s, %s, max(position) + 1, %s from casework.product_areas",
            code, code, code)
    yield code
    sql.run("update casework.cases set product_area = null"
            " where product_area = %s", code)
    sql.run("update casework.staff set product_areas = null, team = null,"
            " capacity = null where product_areas = array[%s] or team = %s",
            code, code)
    sql.run("delete from casework.product_areas where code = %s", code)
    sql.run("delete from casework.teams where code = %s", code)


@pytest.fixture
def someone(world, sql, area):
    """Makes advisors who know the area alone, and have room."""
    def someone(capacity=10, *roles):
        made = world.staff(*roles)
        sql.run("update casework.staff set product_areas = array[%s],"
                " capacity = %s where id = %s", area, capacity, made.id)
        return made
    return someone


@pytest.fixture
def automatic(world, desk_kept):
    """On, and for those alone of whom a capacity is said."""
    world.staff("administrator").patch(
        SETTING, {"automatic": True, "capacity": 0}, etag="*").expect(200)


@pytest.fixture
def assign(as_role):
    """Until there is nothing to assign any more."""
    def assign():
        while int(as_role("worker").run("select rules.timer_assignment(1)")):
            pass
    return assign


@pytest.fixture
def submit(contact, area):
    def submit(**members):
        return contact.submit(product_area=area, **members)
    return submit


def owner(case):
    advisor = case.read()["assigned_advisor"]
    return advisor and advisor["id"]


def test_it_is_off_until_it_is_switched_on(
        world, submit, someone, assign, desk_kept):
    someone()
    case = submit()
    administrator = world.staff("administrator")
    assert administrator.get(SETTING).expect(200).json == {
        "automatic": False, "capacity": 20}
    assign()
    assert owner(case) is None and case["status"] == "new"


def test_a_new_case_goes_to_who_takes_its_area(
        automatic, submit, someone, assign):
    me = someone()
    case = submit()
    assign()
    assert (owner(case), case["status"]) == (me.id, "assigned")
    event = case.history()[-1]
    assert (event["type"], event["actor"]["kind"]) == (
        "case.assigned", "system")
    assert {"member": "assigned_advisor_id", "old": None, "new": me.id} in (
        event["changes"])


def test_those_with_the_fewest_cases_come_first(
        automatic, submit, someone, assign):
    busy, free = someone(), someone()
    submit().assign(busy, busy).expect(200)
    cases = [submit() for _ in range(3)]
    assign()
    assert sorted(map(owner, cases)) == sorted([busy.id, free.id, free.id])


def test_a_larger_capacity_weighs_more(automatic, submit, someone, assign):
    half, full = someone(2), someone(4)
    cases = [submit() for _ in range(6)]
    assign()
    owners = [owner(case) for case in cases]
    assert (owners.count(half.id), owners.count(full.id)) == (2, 4)


def test_who_has_no_room_gets_none(automatic, submit, someone, assign):
    me = someone(1)
    someone(0)
    first = submit(priority="high")
    second = submit(priority="low")
    assign()
    assert (owner(first), owner(second)) == (me.id, None)
    first.close().expect(200)
    assign()
    assert owner(second) == me.id


def test_the_most_urgent_is_assigned_first(automatic, submit, someone, assign):
    someone(1)
    low, critical = submit(priority="low"), submit(priority="critical")
    assign()
    assert owner(low) is None and owner(critical)


def test_capacity_stands_for_whom_none_is_said(
        automatic, submit, someone, assign, world, sql):
    me = someone(None)
    case = submit()
    assign()
    assert owner(case) is None
    # nobody else: what they have no room for they do not get
    sql.run("update casework.staff set capacity = 0"
            " where capacity is null and id <> %s", me.id)
    world.staff("administrator").patch(SETTING, {"capacity": 1}, etag="*"
                                       ).expect(200)
    try:
        assign()
        assert owner(case) == me.id
    finally:
        sql.run("update casework.staff set capacity = null"
                " where capacity = 0")


def test_who_is_no_advisor_or_has_left_gets_none(
        automatic, submit, someone, assign, sql):
    someone(10, "lead")
    former = someone()
    sql.run("update casework.staff set active = false where id = %s",
            former.id)
    case = submit()
    assign()
    assert owner(case) is None


def test_the_team_takes_what_nobody_else_does(
        automatic, submit, world, assign, sql, area):
    """As the queue has it."""
    of_team = world.staff()
    sql.run("update casework.staff set team = %s, capacity = 5"
            " where id = %s", area, of_team.id)
    case = submit()
    assign()
    assert owner(case) == of_team.id


def test_what_is_not_the_desks_is_left_alone(
        automatic, submit, someone, assign, contact, partner, sql, area):
    someone()
    theirs = Case(contact, partner.post("/v1/cases", a_case(
        contact_id=contact.id, product_area=area)).expect(201))
    tried, brought, taken_back = submit(), submit(), submit()
    sql.run("update casework.cases set test = true where id = %s", tried.id)
    sql.run("update casework.cases set imported = true where id = %s",
            brought.id)
    sql.run("update casework.cases set status = 'assist_request'"
            " where id = %s", taken_back.id)
    new = submit(priority="low")
    assign()
    assert [owner(case) for case in (theirs, tried, brought, taken_back)] == [
        None] * 4
    assert owner(new)


def test_one_worker_assigns_at_a_time(
        automatic, submit, someone, assign, new_session):
    """Or two would find the same advisor free, and fill them twice."""
    me = someone()
    case = submit()
    other = new_session()
    other.run("begin")
    other.run("select pg_advisory_xact_lock(7309458)")
    assign()
    assert owner(case) is None
    other.run("commit")
    assign()
    assert owner(case) == me.id


def test_two_workers_never_assign_one_case_twice(
        automatic, submit, someone, instance):
    me = someone(3)
    cases = [submit() for _ in range(8)]

    def work(session):
        for _ in range(20):
            session.run("select rules.timer_assignment(1)")
    first, second = (Role("worker", instance.role_url("worker"), instance.env)
                     for _ in range(2))
    at_once(lambda: work(first), lambda: work(second))
    first.close()
    second.close()
    assert [owner(case) for case in cases].count(me.id) == 3
    assert sum(case.event_types().count("case.assigned")
               for case in cases) == 3


@pytest.mark.rule("2.10")
def test_what_somebody_has_left_goes_to_who_is_there(
        automatic, submit, someone, assign, sql, staff):
    former = someone()
    case = submit()
    case.assign(staff, former).expect(200)
    me = someone()
    sql.run("update casework.staff set active = false where id = %s",
            former.id)
    assert owner(case) is None
    assign()
    assert (owner(case), case["status"]) == (me.id, "assigned")


@pytest.mark.rule("3.7")
def test_an_analyst_is_assigned_what_it_takes(
        automatic, submit, someone, assign):
    analyst = someone(10, "state_reporting_analyst")
    case = submit()
    assign()
    assert owner(case) == analyst.id
