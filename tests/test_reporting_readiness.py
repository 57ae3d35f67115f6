"""Analysts of state reporting (3.7): their queue, how far each district is,
and reminders before each deadline."""

import json
import uuid

import pytest

from desk import keep_desk, put_desk_back

pytestmark = [pytest.mark.fact(54), pytest.mark.rule("3.7")]

READINESS = "/v1/state-reporting/readiness"
MONDAY = "2027-01-04T10:00:00-06:00"


@pytest.fixture
def state(sql, district):
    """A state of the test's own, and its district in it."""
    code = sql.value(
        "select chr(65 + n / 26) || chr(65 + n % 26) from generate_series(0,"
        " 675) as n where not exists (select from casework.districts d where"
        " d.state = chr(65 + n / 26) || chr(65 + n % 26)) order by random()"
        " limit 1")
    sql.run("update casework.districts set state = %s where id = %s",
            code, district.id)
    return code


@pytest.fixture
def deadline(world, state):
    analyst = world.staff("state_reporting_analyst")

    def add(due_on):
        return analyst.post("/v1/state-reporting/deadlines", {
            "state": state, "due_on": due_on,
            "name": f"Count {uuid.uuid4().hex[:8]}"}).expect(201)
    return add


def ready(who, district, **query):
    found = who.get(READINESS, query={"district_id": district.id, **query})
    return found.expect(200).items


# -- how far it is ---------------------------------------------------------

def test_a_district_tells_its_open_cases_and_the_next_deadline(
        clock, contact, district, partner, staff, deadline, state):
    clock.at(MONDAY)
    later, sooner = deadline("2027-02-01"), deadline("2027-01-06")
    deadline("2027-01-03")
    for who in (contact, partner, staff):
        assert ready(who, district) == [{
            "district_id": district.id, "state": state, "open_cases": 0,
            "waiting_on_contact": 0, "without_deadline": 0,
            "next_deadline": {"id": sooner["id"], "name": sooner["name"],
                              "due_on": "2027-01-06",
                              "business_days_left": 2}}]
    contact.submit(product_area="state_reporting",
                   reporting_deadline_id=later["id"])
    asked = contact.submit(product_area="state_reporting")
    asked.resolve(staff).expect(200)
    contact.submit(product_area="state_reporting").close().expect(200)
    contact.submit(product_area="grade_book")
    found, = ready(contact, district)
    assert (found["open_cases"], found["waiting_on_contact"],
            found["without_deadline"]) == (2, 1, 1)


def test_every_filter_of_readiness(staff, contact, district, state):
    def found(**query):
        return [r["district_id"] for r in staff.all(READINESS, **query)]
    assert found(state=state) == [district.id]
    assert found(state=state, with_open_cases="true") == []
    contact.submit(product_area="state_reporting")
    assert found(state=state, with_open_cases="true") == [district.id]
    assert found(state=state, with_open_cases="false") == []
    assert found(district_id=district.id) == [district.id]


def test_another_district_is_not_told(contact, stranger, partner, state):
    assert ready(contact, stranger.district) == []
    assert ready(partner, stranger.district) == []
    assert [r["district_id"] for r in contact.all(READINESS)] == [
        contact.district.id]


def test_without_a_deadline_there_is_none(contact, district, state):
    found, = ready(contact, district)
    assert found["next_deadline"] is None


def test_a_department_counts_what_is_shared_with_it(
        world, contact, district, state):
    boss = world.staff("administrator")
    number = boss.post("/v1/partners", {
        "name": "Department", "kind": "state_department", "state": state,
        "owner": "Data office"}).expect(201)["id"]
    department = world.caller(f"partner:{number}")
    cases = [contact.submit(product_area="state_reporting") for _ in "ab"]
    found, = ready(department, district)
    assert found["open_cases"] == 0
    contact.post(cases[0].path + "/sharing", etag="*").expect(200)
    found, = department.all(READINESS)
    assert (found["district_id"], found["open_cases"]) == (district.id, 1)


# -- the queue -------------------------------------------------------------

def test_an_analyst_has_a_queue_of_state_reporting(world, contact):
    reported = contact.submit(product_area="state_reporting",
                              priority="critical")
    other = contact.submit(product_area="grade_book", priority="critical")

    def queue(who):
        return {item["case"]["id"] for item in who.all("/v1/desk/queue")}
    analyst = world.staff("state_reporting_analyst")
    assert {item["case"]["product_area"]
            for item in analyst.all("/v1/desk/queue")} == {"state_reporting"}
    assert reported.id in queue(analyst) and other.id not in queue(analyst)
    assert other.id in queue(world.staff("advisor"))


# -- reminders -------------------------------------------------------------

@pytest.fixture
def remind(as_role):
    def remind():
        """How many there were to remind of."""
        return int(as_role("worker").run(
            "select rules.timer_deadline_reminders(1000)"))
    return remind


@pytest.fixture
def reminders(sql):
    """How many business days were left, each time."""
    def of(deadline):
        return [json.loads(row["changes"])[0]["new"]
                if isinstance(row["changes"], str)
                else row["changes"][0]["new"] for row in sql.rows(
                    "select changes from casework.desk_events where type ="
                    " 'reporting_deadline.reminded' and resource = %s"
                    " order by id", str(deadline["id"]))]
    return of


def test_a_deadline_is_told_of_so_many_business_days_before(
        clock, deadline, remind, reminders):
    clock.at(MONDAY)
    ahead = deadline("2027-01-20")      # 12 business days
    remind()
    assert reminders(ahead) == []
    for day, told in (("05", []), ("06", [10]), ("07", [10]), ("14", [10]),
                      ("15", [10, 3]), ("20", [10, 3])):
        clock.at(f"2027-01-{day}T10:00:00-06:00")
        remind()
        assert remind() == 0
        assert reminders(ahead) == told, day


def test_what_is_published_late_is_told_once(
        clock, deadline, remind, reminders):
    clock.at(MONDAY)
    near, past = deadline("2027-01-05"), deadline("2027-01-01")
    remind()
    remind()
    assert reminders(near) == [1] and reminders(past) == []


@pytest.fixture
def desk(sql):
    """Kept, and put back."""
    keep_desk(sql)
    yield
    put_desk_back(sql)


def test_the_setting_says_when(
        clock, deadline, remind, reminders, world, desk):
    clock.at(MONDAY)
    boss = world.staff("administrator")
    boss.patch("/v1/settings/state-reporting", {
        "reminder_business_days": []}, etag="*").expect(200)
    near = deadline("2027-01-05")
    remind()
    assert reminders(near) == []
    boss.patch("/v1/settings/state-reporting", {
        "reminder_business_days": [1]}, etag="*").expect(200)
    remind()
    assert reminders(near) == [1]


def test_analysts_and_contacts_on_open_cases_get_a_mail(
        clock, deadline, remind, post, world, district, sql, stranger):
    clock.at(MONDAY)
    analyst = world.staff("state_reporting_analyst")
    sql.run("update casework.staff set email = %s where id = %s",
            f"analyst-{analyst.id}@casework.example", analyst.id)
    busy, done, other = (district.contact() for _ in range(3))
    for _ in range(2):
        busy.submit(product_area="state_reporting")
    done.submit(product_area="state_reporting").close().expect(200)
    other.submit(product_area="grade_book")
    stranger.submit(product_area="state_reporting")
    near = deadline("2027-01-06")
    post.forget_the_past()
    remind()
    post.dispatch()
    mails = {f"{m['recipient_kind']}:{m['recipient_id']}": m
             for m in post.mails() if near["name"] in m["subject"]}
    assert {f"staff:{analyst.id}", f"contact:{busy.id}"} <= set(mails)
    assert not {f"contact:{p.id}" for p in (done, other, stranger)} & set(
        mails)
    text = mails[f"contact:{busy.id}"]["text"]
    assert "Wednesday, January 6, 2027" in text
    assert "business days left, 2" in text
