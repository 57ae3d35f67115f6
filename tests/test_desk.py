"""The desk's queue: what an advisor is to do next, and taking it."""

import pytest

from partners import administrator
from races import at_once, statuses
from world import Case, a_case

pytestmark = pytest.mark.rule("3.5")

QUEUE, NEXT = "/v1/desk/queue", "/v1/desk/next"
MONDAY = "2027-01-04T10:00:00-06:00"


@pytest.fixture
def area(sql, contact):
    """A product area of the test's own, in a team of its own."""
    code = f"desk_{contact.id}"
    sql.run("insert into casework.teams (code, name) values (%s, %s)",
            code, code)
    sql.run("insert into casework.product_areas (code, name, position, team)"
            " select %s, %s, max(position) + 1, %s from casework.product_areas",
            code, code, code)
    yield code
    sql.run("update casework.cases set product_area = null"
            " where product_area = %s", code)
    sql.run("update casework.staff set product_areas = null, team = null"
            " where product_areas = array[%s] or team = %s", code, code)
    sql.run("delete from casework.product_areas where code = %s", code)
    sql.run("delete from casework.teams where code = %s", code)


@pytest.fixture
def someone(world, sql, area):
    """Makes advisors who know the area, and no other."""
    def someone():
        made = world.staff()
        sql.run("update casework.staff set product_areas = array[%s]"
                " where id = %s", area, made.id)
        return made
    return someone


@pytest.fixture
def me(someone):
    return someone()


@pytest.fixture
def submit(contact, area):
    def submit(**members):
        return contact.submit(product_area=area, **members)
    return submit


def queue(who, limit=100, **query):
    """Ids of the whole queue, page by page."""
    found, query = [], {**query, "limit": limit}
    while True:
        page = who.get(QUEUE, query=query).expect(200)
        found += [item["case"]["id"] for item in page.items]
        if page["next"] is None:
            return found
        query["cursor"] = page["next"]


# -- the order ---------------------------------------------------------------

def test_critical_comes_first_then_what_is_due_first(
        submit, me, staff, clock):
    clock.at(MONDAY)
    calm, low, high, critical, soon = (submit(priority=p) for p in (
        "medium", "low", "high", "critical", "medium"))
    calm.note(staff, "We look at it.").expect(201)      # nothing is due
    clock.at("2027-01-04T09:00:00-06:00")
    first = submit(priority="critical")
    expected = [c.id for c in (first, critical, high, soon, calm, low)]
    for limit in (1, 4, 100):
        assert queue(me, limit) == expected


def test_the_queue_tells_the_business_time_that_remains(
        submit, me, staff, clock):
    clock.at(MONDAY)
    case = submit(priority="high")
    item, = me.get(QUEUE).items
    target = case.target
    assert (item["case"]["id"], item["business_seconds_remaining"]) == (
        case.id, target["business_seconds_remaining"])
    clock.at("2027-02-01T10:00:00-06:00")
    item, = me.get(QUEUE).items
    assert item["business_seconds_remaining"] == (
        target["business_seconds"]
        - case.target["business_seconds_elapsed"]) < 0
    case.note(staff, "We look at it.").expect(201)
    item, = me.get(QUEUE).items
    assert item["business_seconds_remaining"] is None


def test_the_queue_names_whom_a_case_is_about(submit, me, world):
    contact, boss = submit().submitter, administrator(world)
    names = {"contact_name": f"/v1/contacts/{contact.id}",
             "district_name": f"/v1/districts/{contact.district.id}"}
    for member, path in names.items():
        assert me.get(QUEUE).items[0][member] == boss.get(path)["name"]
        name = f'Zoë "{contact.id}" \\'
        boss.patch(path, {"name": name}, etag="*").expect(200)
        assert me.get(QUEUE).items[0][member] == name


# -- whose -------------------------------------------------------------------

def test_the_queue_is_mine_and_nobodys(submit, me, someone):
    other = someone()
    mine, theirs, nobodys = submit(), submit(), submit()
    mine.assign(me, me).expect(200)
    theirs.assign(other, other).expect(200)
    assert set(queue(me)) == {mine.id, nobodys.id}
    assert queue(me, assigned="me") == [mine.id]
    assert queue(me, assigned="nobody") == [nobodys.id]
    assert set(queue(other)) == {theirs.id, nobodys.id}


def test_who_knows_other_areas_is_not_given_these(submit, me, world, sql,
                                                  area):
    case = submit()
    stranger = world.staff()
    sql.run("update casework.staff set product_areas = '{}', team = %s"
            " where id = %s", area, stranger.id)
    assert case.id not in queue(stranger)
    for query in ({"team": area}, {"product_area": area}):
        assert queue(stranger, **query) == [case.id]
        assert queue(me, **query) == [case.id]
    case.assign(stranger, stranger).expect(200)
    assert queue(stranger) == [case.id]             # their own, of any area
    assert queue(me, team="support", assigned="me") == []


def test_a_team_takes_what_its_areas_are_about(submit, world, sql, area):
    case = submit()
    of_team = world.staff()
    sql.run("update casework.staff set team = %s where id = %s",
            area, of_team.id)
    assert queue(of_team) == [case.id]


@pytest.mark.rule("3.7")
@pytest.mark.fact(52)
def test_an_analyst_has_the_queue_of_state_reporting_and_takes_from_it(
        contact, world):
    analyst = world.staff("state_reporting_analyst")
    other, theirs = contact.submit(), contact.submit(
        product_area="state_reporting", priority="critical")
    assert theirs.id in queue(analyst) and other.id not in queue(analyst)
    other.assign(analyst, analyst).expect(200)
    assert queue(analyst, assigned="me") == [other.id]
    taken = analyst.post(NEXT).expect(200)
    assert taken["product_area"] == "state_reporting"
    assert taken["assigned_advisor"]["id"] == analyst.id
    assert taken["id"] in queue(analyst, assigned="me")
    analyst.post(f"/v1/cases/{taken['id']}/assignment", {"advisor_id": None},
                 etag="*").expect(200)


def test_what_waits_for_others_is_not_in_the_queue(
        submit, me, staff, partner, contact, area, clock):
    clock.at(MONDAY)
    asked, away, closed, dated = (submit() for _ in range(4))
    asked.assign(staff, staff).expect(200)
    asked.note(staff, "Which class?").expect(201)
    asked.change(staff, status="pending_customer_input").expect(200)
    away.escalate(staff).expect(201)
    closed.close().expect(200)
    Case(contact, partner.post("/v1/cases", a_case(
        contact_id=contact.id, product_area=area)).expect(201))
    staff.post("/v1/cases", a_case(
        contact_id=contact.id, product_area=area, test=True)).expect(201)
    dated.note(staff, "At the end of the month.").expect(201)
    dated.assign(staff, me).expect(200)
    dated.change(staff, status="scheduled", scheduled_on="2027-01-29"
                 ).expect(200)
    assert queue(me) == []
    clock.at("2027-01-29T08:00:00-06:00")
    assert queue(me) == [dated.id]


def test_a_follow_up_is_the_desks_on_its_day(submit, me, clock):
    clock.at("2026-11-02T10:00:00-06:00")
    case = submit()
    case.assign(me, me).expect(200)
    case.resolve(me).expect(200)
    assert queue(me) == []
    clock.at("2026-11-05T08:00:00-06:00")
    assert queue(me) == [case.id]
    case.follow_up(me).expect(200)
    assert queue(me) == []


# -- the next one ------------------------------------------------------------

def test_the_next_case_is_the_first_and_is_mine_from_then_on(submit, me):
    low, critical = submit(priority="low"), submit(priority="critical")
    answer = me.post(NEXT).expect(200)
    assert (answer["id"], answer["status"]) == (critical.id, "assigned")
    assert answer["assigned_advisor"]["id"] == me.id
    assert answer.etag == critical.etag
    assert "case.assigned" in critical.event_types()
    assert me.post(NEXT).expect(200)["id"] == low.id
    me.post(NEXT).expect(404, problem="not-found")


def test_what_somebody_holds_is_passed_by(submit, me, new_session):
    held, free = submit(priority="critical"), submit(priority="low")
    holder = new_session()
    holder.run("begin; select from casework.cases where id = %s for update",
               held.id)
    assert me.post(NEXT).expect(200)["id"] == free.id
    me.post(NEXT).expect(404)
    holder.run("rollback")
    assert me.post(NEXT).expect(200)["id"] == held.id


def test_many_that_are_held_are_passed_by(submit, me, new_session):
    """More than are looked up at a time."""
    cases = [submit(priority="critical") for _ in range(30)]
    holder = new_session()
    holder.run("begin; select from casework.cases where id = any (%s) for update",
               [case.id for case in cases[:-1]])
    assert me.post(NEXT).expect(200)["id"] == cases[-1].id
    me.post(NEXT).expect(404)
    holder.run("rollback")
    assert me.post(NEXT).expect(200)["id"] == cases[0].id


def test_a_key_that_is_repeated_takes_no_second_case(submit, me):
    submit(), submit()
    first, again = (me.post(NEXT, headers={"Idempotency-Key": "next-1"}
                            ).expect(200) for _ in range(2))
    assert first["id"] == again["id"]
    assert len(queue(me, assigned="me")) == 1


@pytest.mark.direct
def test_sixty_four_who_ask_at_once_get_sixty_four_cases(submit, someone):
    cases = {submit().id for _ in range(64)}
    people = [someone() for _ in range(64)]
    answers = at_once(*(lambda p=p: p.post(NEXT) for p in people))
    assert statuses(answers) == [200] * 64
    assert {a["id"] for a in answers} == cases
    assert [a["assigned_advisor"]["id"] for a in answers] == [
        p.id for p in people]


# -- its price ---------------------------------------------------------------

@pytest.mark.direct
def test_the_queue_is_a_walk_along_its_index(as_role, staff):
    """Below row-level security too: no row is read and thrown away but what
    is due later, none is sorted."""
    session = as_role("staff")
    try:
        plan = session.run(session.beginning(staff.id) + """
            set local enable_seqscan = off; set local enable_bitmapscan = off;
            explain (costs off) select q.* from unnest('{0,1}'::bigint[]) a (i)
            cross join lateral (
              select d.* from views.desk_case d
              where d.advisor_id = a.i and d.area = 'attendance'
                and (d.urgency, d.due_at, d.id) > (1, '-infinity', 0)
              order by d.urgency, d.due_at, d.id limit 100) as q""")
    finally:
        session.run("rollback")
    assert "cases_desk on cases" in plan and "Sort" not in plan
    condition, = (line for line in plan.splitlines() if "Index Cond" in line)
    for part in ("assigned_advisor_id", "product_area", "ROW("):
        assert part in condition
