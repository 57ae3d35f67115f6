"""A State Department of Education (3.7): it sees the districts of its state,
and of their cases those of state reporting that a contact has shared with it.
It writes notes on these, and nothing else."""

import os
import string

import pytest

from instance import until
from partners import PARTNERS, a_person, administrator, an_organisation
from world import a_case

pytestmark = [pytest.mark.fact(52), pytest.mark.rule("3.7")]


@pytest.fixture
def states(sql):
    """States that no other test has a district in; those of another process
    are for its own tests."""
    every = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", 1))
    process = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
    taken = {row["state"] for row in sql.rows(
        "select state from casework.districts union"
        " select state from casework.partners")}
    letters = string.ascii_uppercase
    return (one + two for one in letters for two in letters[process::every]
            if one + two not in taken)


@pytest.fixture
def state(states):
    return next(states)


@pytest.fixture
def home(sql, district, state):
    """The district of the test's case, in that state."""
    sql.run("update casework.districts set state = %s where id = %s",
            state, district.id)
    return district


@pytest.fixture
def department(world, home, state):
    answer = administrator(world).post(PARTNERS, an_organisation(
        kind="state_department", state=state)).expect(201)
    return world.caller(f"partner:{answer['id']}")


@pytest.fixture
def reported(contact, home):
    return contact.submit(product_area="state_reporting")


@pytest.fixture
def shared(reported):
    share(reported).expect(200)
    return reported


def share(case, by=None):
    return (by or case.submitter).post(case.path + "/sharing", etag="*")


def take_back(case, by=None):
    return (by or case.submitter).delete(case.path + "/sharing", etag="*")


def seen(department, case):
    """In which of the lists and documents the case turns up."""
    found = {
        "document": department.get(case.path).status == 200,
        "list": case.id in department.get("/v1/cases").expect(200).ids,
        "notes": department.get(case.path + "/notes").status == 200,
        "history": department.get(case.path + "/history").status == 200,
        "feed": case.id in [e["case_id"] for e in department.all(
            "/v1/events")],
        "counts": department.get("/v1/cases/counts")["total"] > 0,
        "count": department.get(
            "/v1/cases", query={"count": "exact"})["count"] > 0}
    return {name for name, yes in found.items() if yes}


EVERYWHERE = {"document", "list", "notes", "history", "feed", "counts",
              "count"}


# -- what it is ------------------------------------------------------------

def test_it_has_a_state_and_nobody_else_has(world, partner):
    boss = administrator(world)
    assert boss.post(PARTNERS, an_organisation(kind="state_department")
                     ).expect(422).faults == ["/state"]
    assert boss.post(PARTNERS, an_organisation(state="MN")).expect(
        422).faults == ["/state"]
    boss.patch(f"{PARTNERS}/{partner.id}", {"kind": "state_department"},
               etag="*").expect(409, problem="conflict")


def test_it_stays_what_it_is(world, department):
    boss, path = administrator(world), f"{PARTNERS}/{department.id}"
    boss.patch(path, {"kind": "esa"}, etag="*").expect(
        409, problem="conflict")
    boss.patch(path, {"name": "Department"}, etag="*").expect(200)


def test_no_district_is_assigned_to_it(world, department, district):
    administrator(world).post(f"{PARTNERS}/{department.id}/assignments", {
        "district_id": district.id}).expect(409, problem="conflict")


def test_an_assignment_opens_nothing_to_it(
        world, department, stranger, reported):
    """Below all rules: as a row."""
    world.assign_partner(department.id, stranger.district)
    world.assign_partner(department.id, reported.submitter.district)
    assert seen(department, reported) == set()
    assert seen(department, stranger.submit()) == set()
    department.get(f"/v1/districts/{stranger.district.id}").expect(404)


# -- what it sees ----------------------------------------------------------

def test_it_sees_the_districts_of_its_state(
        department, home, stranger, state):
    assert department.all("/v1/districts")[0]["id"] == home.id
    assert len(department.all("/v1/districts")) == 1
    department.get(f"/v1/districts/{stranger.district.id}").expect(404)
    assert department.get("/v1/me")["district_ids"] == [home.id]


def test_it_sees_a_case_that_a_contact_has_shared(department, reported):
    assert seen(department, reported) == set()
    assert share(reported).expect(200)["shared_with_state_at"]
    assert seen(department, reported) == EVERYWHERE
    assert take_back(reported).expect(200)["shared_with_state_at"] is None
    assert seen(department, reported) == set()
    assert [t for t in reported.event_types() if "shar" in t] == [
        "case.shared", "case.sharing_ended"]


def test_it_sees_no_other_case_of_that_district(
        department, shared, contact, staff):
    for other in (contact.submit(), contact.submit(
            product_area="state_reporting")):
        other.note(staff).expect(201)
        department.get(other.path).expect(404)
        assert {e["case_id"] for e in department.all("/v1/events")} <= {
            shared.id, None}    # and that it was made
        assert department.get("/v1/cases").ids == [shared.id]
        assert department.get("/v1/cases/counts")["total"] == 1


def test_it_sees_no_shared_case_of_another_state(
        department, shared, stranger):
    other = stranger.submit(product_area="state_reporting")
    share(other).expect(200)
    department.get(other.path).expect(404)
    assert department.get("/v1/cases").ids == [shared.id]


def test_it_sees_a_shared_case_no_longer_once_it_is_of_another_area(
        department, shared):
    shared.change(product_area="grade_book").expect(200)
    assert seen(department, shared) == set()
    take_back(shared).expect(200)


def test_nobody_else_of_that_kind_sees_it(world, shared, department, states):
    other = administrator(world).post(PARTNERS, an_organisation(
        kind="state_department", state=next(states))).expect(201)
    assert seen(world.caller(f"partner:{other['id']}"), shared) == set()


def test_an_internal_note_and_a_file_are_not_for_it(
        department, shared, staff):
    internal = shared.note(staff, visibility="internal").expect(201)
    public = shared.note(staff, "Say more.").expect(201)
    file = shared.attach().expect(201)
    assert [n["id"] for n in shared.notes(department)] == [public["id"]]
    department.get(internal.location).expect(404)
    department.get(public.location).expect(200)
    assert shared.attachments(department) == []
    department.get(f"/v1/attachments/{file['id']}").expect(404)
    department.get(f"/v1/attachments/{file['id']}/content").expect(404)


def test_people_and_what_hangs_below_are_not_for_it(
        department, shared, staff, contact, home):
    shared.escalate(staff).expect(201)
    shared.ask_for_change(staff).expect(201)
    for path in ("escalations", "change-requests", "followers",
                 "site-permissions", "site-accesses", "follow-ups"):
        assert department.all(f"{shared.path}/{path}") == []
    assert department.get("/v1/sites", query={"district_id": home.id}
                          ).status in (200, 404)
    department.get(f"/v1/contacts/{contact.id}").expect(404)


def hits(by, q, **query):
    """What both searches find: of cases, and of everything."""
    cases = by.get("/v1/cases/search", query={"q": q, **query}).expect(200)
    return cases.ids, [
        (f["kind"], f["id"], f["match"]["member"]) for f in by.get(
            "/v1/search", query={"q": q, "limit": 100, **query}
        ).expect(200)["items"]]


@pytest.mark.rule("3.6")
def test_it_finds_a_shared_case_by_its_texts_notes_and_number(
        department, reported, contact, staff):
    word = f"celesta{reported.id}"
    case = contact.submit(product_area="state_reporting", subject=word)
    case.note(text=f"{word}n").expect(201)
    case.note(staff, f"{word}i", visibility="internal").expect(201)
    asked = word, f"{word}n", str(case.id), f"{word}i"
    assert [hits(department, q) for q in asked] == [([], [])] * 4
    share(case).expect(200)
    assert hits(department, word) == (
        [case.id], [("case", case.id, "subject")])
    assert hits(department, f"{word}n") == (
        [], [("case", case.id, "note")])
    assert hits(department, str(case.id)) == (
        [case.id], [("case", case.id, "number")])
    assert hits(department, f"{word}i") == ([], [])
    case.change(product_area="grade_book").expect(200)
    assert [hits(department, q) for q in asked] == [([], [])] * 4


def test_no_search_finds_what_is_not_shared(department, contact, home):
    case = contact.submit(subject="Xylophones are missing",
                          product_area="state_reporting")
    case.note(text="The glockenspiel too.").expect(201)
    for q in ("xylophones", "glockenspiel", str(case.id)):
        assert hits(department, q) == ([], [])


def test_a_search_finds_what_is_shared(department, shared, contact):
    """By its texts and its notes, however it is looked up."""
    word = f"ocarina{shared.id}"
    shared.note(text=f"The {word} is missing.").expect(201)
    other = contact.submit(subject=word, product_area="state_reporting")
    for q in (str(shared.id), f"{word} or {shared.id}"):
        answer = department.get("/v1/cases/search", query={"q": q}).expect(200)
        assert answer.ids == [shared.id]
    for q in (word, f"{word} or {other.id}"):
        answer = department.get("/v1/search", query={"q": q}).expect(200)
        assert answer.ids == [shared.id]


@pytest.mark.direct
def test_no_more_than_what_is_shared_is_found(shared, contact, home, sql):
    """What is newer and not shared takes no place of it."""
    word = f"celesta{shared.id}"
    shared.change(contact, subject=word).expect(200)
    note = shared.note(text=word).expect(201)
    other = contact.submit(subject=word, product_area="state_reporting")
    other.note(text=word).expect(201)
    assert sql.value("select rules.matching_cases(%s, array[%s]::bigint[], true,"
                     " null, null, null, 1)", word, home.id) == [shared.id]
    for kind, number in (("case", shared.id), ("note", note["id"])):
        assert sql.value(
            "select rules.latest_matching(%s, %s, array[%s]::bigint[], true,"
            " false, 1)", kind, word, home.id) == [number]


def test_incidents_are_not_for_it(department, home, world):
    incident = world.staff("lead").post("/v1/incidents", {
        "title": "Slow", "severity": "minor", "text": "It is slow.",
        "scope": {"districts": [home.id]}}).expect(201)
    department.get(incident.location).expect(404)


def test_its_webhook_hears_of_what_is_shared(
        department, shared, contact, stranger, sql):
    hook = department.post("/v1/webhooks", {
        "url": "https://receiver.example/hook",
        "types": ["case.note_added"]}).expect(201)
    others = [contact.submit(product_area="state_reporting"),
              stranger.submit(product_area="state_reporting"), shared]
    for case in others:
        case.note().expect(201)
    last = sql.value("select max(id) from casework.events")

    def passed():
        sql.run("select rules.timer_webhook_dispatch(1000)")
        return sql.value(
            "select not exists (select from casework.events e join"
            " casework.event_cursors c on c.consumer = 'webhook' where"
            " e.id <= %s and (e.xid, e.id) > (c.xid, c.event_id))", last)
    until(passed)
    assert [row["case_id"] for row in sql.rows(
        "select e.case_id from casework.webhook_deliveries v join"
        " casework.events e on e.id = v.event_id where v.webhook_id = %s",
        hook["id"])] == [shared.id]


def test_the_database_shows_it_nothing_else(
        as_role, department, shared, contact, stranger, staff):
    """By construction: whatever is asked for, below every statement."""
    hidden = contact.submit(product_area="state_reporting")
    hidden.note(staff).expect(201)
    share(stranger.submit(product_area="state_reporting")).expect(200)
    role = as_role("partner")
    for table, column in (("cases", "id"), ("notes", "case_id"),
                          ("events", "case_id")):
        rows = role.acting(f"select distinct {column} as id from"
                           f" casework.{table}", caller_id=department.id)
        assert {row["id"] for row in rows} <= {shared.id}, table
    for table in ("attachments", "contacts", "sites", "escalations",
                  "follow_up_runs", "change_requests", "site_permissions",
                  "case_followers", "case_defects", "partner_districts",
                  "case_partner_followers"):
        assert role.acting(f"select * from casework.{table}",
                           caller_id=department.id) == [], table


# -- who is written to -----------------------------------------------------

@pytest.fixture
def person(world, department):
    return a_person(world, department.id)


def told(post, case):
    """What the people of partners had mail about."""
    return [(kind, who) for kind, who in post.written(case)
            if who.startswith("partner_person:")]


def test_its_people_are_told_what_they_may_read(
        post, person, department, reported, contact, staff, world):
    someone = f"partner_person:{person}"
    share(reported).expect(200)
    reported.note(staff, "Say more.").expect(201)
    reported.note(department, "The file misses a grade.").expect(201)
    reported.note(staff, "Among us.", visibility="internal").expect(201)
    reported.attach(by=contact).expect(201)
    reported.escalate(staff).expect(201)
    other = contact.submit(product_area="state_reporting")
    other.note(staff).expect(201)
    assert told(post, reported) == [
        ("case.note_added", someone), ("case.shared", someone)]
    assert told(post, other) == []


def test_its_people_are_told_nothing_once_it_is_taken_back(
        post, person, shared, staff, sql):
    post.forget_the_past()
    shared.note(staff, "Say more.").expect(201)
    post.dispatch()
    may = ("select rules.may_be_mailed(m) from casework.mails m where"
           " case_id = %s and recipient_kind = 'partner_person'")
    assert sql.value(may, shared.id) is True
    take_back(shared).expect(200)
    assert sql.value(may, shared.id) is False
    shared.note(staff, "And more.").expect(201)
    assert len(told(post, shared)) == 1


# -- what it does ----------------------------------------------------------

def test_it_writes_a_public_note(department, shared, contact, staff):
    before = shared.read()
    note = shared.note(department, "The file misses a grade.").expect(201)
    assert note["visibility"] == "public"
    assert note["author"]["kind"] == "partner"
    assert note["author"]["id"] == department.id
    assert shared.notes(contact)[-1]["id"] == note["id"]
    assert shared.history()[-1]["type"] == "case.note_added"
    after = shared.read()
    assert after.etag != before.etag
    assert after["response_target"]["first_response_at"] is None
    assert after["status"] == before["status"]


def test_no_note_where_it_reads_nothing(
        department, reported, shared, stranger, contact):
    for case in (contact.submit(), stranger.submit()):
        case.note(department).expect(404)
    take_back(shared).expect(200)
    shared.note(department).expect(404)


def test_no_internal_note_and_none_on_a_closed_case(department, shared):
    assert shared.note(department, visibility="internal").expect(
        403).faults == ["/visibility"]
    shared.close().expect(200)
    shared.note(department).expect(409, problem="illegal-transition")


def test_it_does_nothing_else_to_a_case(department, shared, contact):
    before = shared.read()
    for answer in (
            shared.change(department, subject="Theirs"),
            shared.resolve(department), shared.close(department),
            shared.escalate(department, team=None),
            shared.attach(by=department), shared.ask_for_change(department),
            shared.follow_up(department)):
        assert answer.status in (403, 404), answer
    share(shared, department).expect(403, problem="caller-not-allowed")
    take_back(shared, department).expect(403, problem="caller-not-allowed")
    assert department.post("/v1/cases", a_case(contact_id=contact.id)).expect(
        422).faults == ["/contact_id"]
    assert shared.read().etag == before.etag


# -- sharing ---------------------------------------------------------------

def test_only_a_case_of_state_reporting_is_shared(contact, home, shared):
    share(contact.submit()).expect(409, problem="conflict")
    share(shared).expect(409, problem="conflict")
    take_back(contact.submit()).expect(409, problem="conflict")


def test_a_contact_alone_shares(
        reported, partner, staff, stranger, colleague, world, contact):
    for someone in (partner, staff):
        share(reported, someone).expect(403, problem="caller-not-allowed")
    share(reported, stranger).expect(404)
    acting = world.caller(f"contact:{contact.id}",
                          act={"sub": f"staff:{staff.id}"})
    share(reported, acting).expect(403, problem="not-permitted")
    share(reported, colleague).expect(200)
