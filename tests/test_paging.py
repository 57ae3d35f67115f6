"""Paging: one scheme for all collections, while data changes."""

import base64
import re
import threading

import pytest

import prepared
from examples import EXAMPLES, Place, a_webhook, query_of
from phone import take_calls
from sign_in import a_subject
from world import Defect, ROLES, a_case

CASES = "/v1/cases"


@pytest.fixture
def seven(contact):
    """Seven case ids in the order of the list."""
    return [contact.submit(priority=priority).id for priority in
            ("low", "high", "low", "high", "low", "low", "low")][::-1]


@pytest.mark.parametrize("limit", [1, 2, 3, 6, 7, 8, 100])
def test_all_pages_make_the_whole_list(contact, seven, limit):
    pages = list(contact.pages(CASES, limit=limit))
    assert [i for page in pages for i in page.ids] == seven
    assert all(len(page.ids) == limit for page in pages[:-1])
    assert [page["has_more"] for page in pages] == (
        [True] * (len(pages) - 1) + [False])
    assert len(pages) == -(-7 // limit)


def test_following_the_link_header_is_the_same(contact, seven, service):
    target, seen = f"{CASES}?limit=2&priority=low", []
    while target:
        page = contact.get(target).expect(200)
        seen += page.ids
        link = page.link("next")
        assert (link is None) == (page["next"] is None)
        assert link is None or link.startswith("http")
        target = link and CASES + link.partition(CASES)[2]
    assert seen == [seven[i] for i in (0, 1, 2, 4, 6)]


def test_a_link_keeps_the_filters_and_adds_no_header(contact):
    text = 'é "x", <y>; rel="next" %0d%0aSet-Cookie: a=b'
    ids = [contact.submit(subject=text).id for _ in range(2)]
    page = contact.get(CASES, query={"limit": 1, "subject_contains": text})
    assert page.expect(200).ids == ids[1:]
    assert "set-cookie" not in page.headers
    target = CASES + page.link("next").partition(CASES)[2]
    assert contact.get(target).expect(200).ids == ids[:1]
    page = contact.get(CASES, query={
        "limit": 1, "subject_not_contains": "a\r\nSet-Cookie: a=b"})
    assert page.expect(200).link("next")
    assert "set-cookie" not in page.headers


def test_an_empty_list_is_a_page_too(contact):
    page = contact.get(CASES).expect(200)
    assert page.json == {"items": [], "has_more": False, "next": None,
                         "count": None}
    assert page.link("next") is None


def test_fifty_items_unless_asked_otherwise(contact):
    for _ in range(51):
        contact.submit()
    assert len(contact.get(CASES).ids) == 50
    assert len(contact.get(CASES, query={"limit": 100}).ids) == 51


def test_cases_of_the_same_instant_are_not_lost_between_pages(
        contact, seven, sql):
    sql.run("""update casework.cases set updated_at =
            '2026-01-05T15:00:00.123456Z' where id = any(%s)""", seven)
    assert [c["id"] for c in contact.all(CASES, limit=2)] == sorted(
        seven, reverse=True)


def test_inserts_between_pages_repeat_and_lose_nothing(contact, seven):
    seen = []
    for page in contact.pages(CASES, limit=2):
        seen += page.ids
        contact.submit()
        contact.submit()
    assert seen == seven


def test_inserts_at_the_same_time_repeat_and_lose_nothing(
        contact, seven, anybody):
    stop = threading.Event()

    def insert():
        writer = anybody(contact.token, "contact")
        while not stop.is_set():
            writer.post(CASES, a_case()).expect(201)
    threads = [threading.Thread(target=insert) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(5):
            seen = [c["id"] for c in contact.all(CASES, limit=3)]
            assert len(seen) == len(set(seen))
            assert [i for i in seen if i in seven] == seven
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def test_a_page_may_be_asked_for_again(contact, seven):
    cursor = contact.get(CASES, query={"limit": 2})["next"]
    pages = [contact.get(CASES, query={"limit": 2, "cursor": cursor}).ids
             for _ in range(2)]
    assert pages[0] == pages[1] == seven[2:4]
    assert contact.get(CASES, query={"limit": 3, "cursor": cursor}
                       ).expect(200).ids == seven[2:5]


def first_cursor(client, path=CASES, **query):
    return client.get(path, query={"limit": 2, **query}).expect(200)["next"]


def refuse(client, path=CASES, **query):
    answer = client.get(path, query={"limit": 2, **query})
    answer.expect(400)
    assert answer.problem in ("invalid-cursor", "invalid-parameter")
    assert answer.faults == ["cursor"]


def test_an_altered_cursor_is_refused(contact, seven):
    cursor = first_cursor(contact)
    for i in range(0, len(cursor), 3):
        other = "B" if cursor[i] == "A" else "A"
        refuse(contact, cursor=cursor[:i] + other + cursor[i + 1:])
    for altered in (cursor[:-1], cursor + "A", cursor + "=", cursor[1:],
                    cursor * 2, "AAAA", "e30", "%", "é"):
        refuse(contact, cursor=altered)


def test_a_cursor_belongs_to_its_filters(contact, seven):
    cursor = first_cursor(contact, priority="low")
    refuse(contact, cursor=cursor)
    refuse(contact, cursor=cursor, priority="high")
    refuse(contact, cursor=cursor, priority="low", status="new")
    contact.get(CASES, query={"cursor": cursor, "priority": "low"}
                ).expect(200)


def test_a_cursor_belongs_to_its_list(contact, seven):
    case = contact.get(f"{CASES}/{seven[0]}")
    for _ in range(4):
        contact.post(case.target + "/notes", {"text": "Note"}).expect(201)
    refuse(contact, case.target + "/notes", cursor=first_cursor(contact))
    other = f"{CASES}/{seven[1]}/notes"
    refuse(contact, other, cursor=first_cursor(
        contact, case.target + "/notes"))


def test_a_cursor_belongs_to_its_caller(contact, colleague, staff, seven):
    cursor = first_cursor(contact)
    refuse(colleague, cursor=cursor)
    refuse(staff, cursor=cursor)


def test_a_cursor_tells_nothing(contact, seven):
    """Neither the column it holds nor the database's transaction."""
    for cursor in (first_cursor(contact),
                   contact.get("/v1/events")["position"]):
        held = base64.urlsafe_b64decode(cursor + "==")
        assert not re.search(rb"\d{4}", held), held


def test_a_place_is_always_the_same_cursor(contact, seven):
    assert first_cursor(contact) == first_cursor(contact)
    page = contact.get("/v1/events").expect(200)
    contact.get("/v1/events", headers={"If-None-Match": page.etag}).expect(304)


def several_administered(place, collections):
    """Two at least of what administrators make, and of its identities."""
    place.district.site()
    issuer = None
    for _ in range(2):
        issuer = place.staff.post("/v1/issuers", {
            "name": "Sign-in", "issuer": f"https://{a_subject()}.example",
            "audiences": ["casework"]}).expect(201)["issuer"]
        for name in ("person_id", "client_id", "assignment_id",
                     "telephony_client_id", "partner_id", "import_id"):
            place.example(name, fresh=True)
        for op in collections:
            if op.path.endswith("/identities"):
                place.staff.post(place.path(op), {
                    "issuer": issuer, "subject": a_subject()}).expect(201)


def test_every_collection_pages_alike(
        contact, world, contract, advisor, phone):
    """One scheme: limit from 1 to 100 (of events 1000), the same envelope,
    signed cursors."""
    staff = world.staff(*ROLES)
    case = contact.submit()
    prepared.several(case, staff)
    for team in ("training", "technical_services", "development"):
        case.note().expect(201)
        follower = contact.district.contact()
        follower.post(case.path + "/followers", {}).expect(201)
        contact.submit()
        case.escalate(staff, team).expect(201)
        defect = Defect(staff)
        case.link(staff, defect).expect(201)
    contact.submit().link(staff, defect).expect(201)
    for environment in ("staging", "preview"):
        defect.replicate(environment).expect(201)
    world.sql.run(
        "insert into casework.alerts (district_id, case_id, kind, cause,"
        " staff_ids, at) select district_id, id, 'assigned', n::text, '{1}',"
        " rules.now() from casework.cases, generate_series(1, 2) n"
        " where id = %s", case.id)
    partner = world.partner(contact.district)
    for name in ("Ada", "Grace"):
        person = world.sql.value(
            "insert into casework.partner_people (partner_id, name)"
            " values (%s, %s) returning id", partner.id, name)
        staff.post(case.path + "/partner-followers", {"person_id": person}
                   ).expect(201)
        staff.post("/v1/saved-filters", {
            "name": name, "filters": [
                {"parameter": "status", "values": ["new"]}]}).expect(201)
    world.district()
    call = phone.talk(advisor, contact)
    phone.call()
    for someone in (advisor, world.staff()):
        take_calls(someone).expect(200)
        staff.post("/v1/on-call-shifts", {
            "staff_id": someone.id, "extension": "7300",
            "starts_at": "2090-01-01T18:00:00-06:00",
            "ends_at": "2090-01-02T06:00:00-06:00"}).expect(201)
        contact.get("/v1/support-line").expect(200)
    for _ in range(2):
        case.attach().expect(201)
    case.resolve(staff).expect(200)
    for _ in range(2):
        case.follow_up(staff).expect(200)
    place = Place(world)
    for _ in range(2):
        EXAMPLES["response_id"](place)
    for _ in range(2):
        webhook = a_webhook(staff)
        staff.post(webhook.location + "/test").expect(201)
        staff.post(webhook.location + "/test").expect(201)
    contact.district.site()     # beside the one that was visited
    collections = [op for op in contract.operations
                   if op.cursor and op.method == "GET"]
    assert len(collections) >= 5
    several_administered(place, collections)
    for op in collections:
        path = place.path(op, case_id=case.id, defect_id=defect.id,
                          call_id=call.id, webhook_id=webhook["id"],
                          district_id=contact.district.id)
        needed = query_of(op)
        page = staff.get(path, query={**needed, "limit": 1}).expect(200)
        assert page["has_more"] is True and page["next"], op.id
        following = staff.get(path, query={**needed, "limit": 1,
                                           "cursor": page["next"]})
        assert following.expect(200).items != page.items
        refuse(staff, path, **needed, cursor=page["next"][:-2])
        most, = {p["schema"]["maximum"] for p in op.parameters
                 if p["name"] == "limit"}
        assert most == (1000 if op.id == "list_events" else 100)
        for limit in (0, most + 1):
            staff.get(path, query={**needed, "limit": limit}).expect(400)
