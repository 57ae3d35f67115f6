"""The feed: everything that happens, once, in the order of commits, to those
who may see it (fact 79)."""

import json
import random
import threading

import pytest

from feed import EVENTS, Feed
from instance import until
from serving import prepared_order
from sql import until_settled


@pytest.fixture
def insert(sql, district, contact):
    """Writes an event of the district in a session, which may commit later."""
    def write(session, name):
        return int(session.run(
            "insert into casework.events (district_id, type, at, actor_kind,"
            " actor_id, actor_name) values (%s, %s, rules.now(), 'contact',"
            " %s, 'Somebody') returning id",
            district.id, f"test.{name}", contact.id))
    return write


# -- every write -----------------------------------------------------------

@pytest.mark.fact(79)
@pytest.mark.operations(where=lambda op: op.writes)
def test_every_write_is_in_the_feed_with_its_actor(op, stage):
    for kind in op.callers:
        order = prepared_order(op, kind, stage)
        feed = Feed(stage.staff)
        order.send().expect(op.success)
        if kind == "public":        # known by the link in their mail
            feed.until(lambda e: e["actor"]["kind"] == "contact")
            continue
        event = feed.until(lambda e: (e["actor"]["kind"], e["actor"]["id"])
                           == (kind, order.caller.id))
        assert event["actor"]["name"]


@pytest.mark.fact(79)
def test_what_history_shows_is_what_the_feed_shows(contact, advisor, case):
    case.assign(advisor, advisor).expect(200)
    case.note(advisor, visibility="internal").expect(201)
    case.resolve(advisor).expect(200)
    case.close().expect(200)
    for reader in (contact, advisor):
        feed = Feed(reader, "beginning", case_id=case.id)
        feed.until_seen(e["id"] for e in case.history(reader))
        assert feed.seen == case.history(reader)
    whole = Feed(contact, "beginning")
    whole.read()
    assert [e for e in whole.seen if e["case_id"] == case.id] == (
        case.history(contact))


def test_from_now_on_nothing_is_missed(contact, insert, new_session, sql):
    """What was under way before comes, and so what was written since then."""
    until_settled(sql)
    slow = new_session()
    slow.run("begin")
    late = insert(slow, "late")
    early = contact.submit()
    feed = Feed(contact, open_=True)
    slow.run("commit")
    feed.of_type("test.late")
    assert feed.ids()[0] == late
    assert feed.seen[1:] == early.history()


def test_an_event_leads_to_its_note(contact, case):
    feed = Feed(contact)
    note = case.note().expect(201)
    event = feed.of_type("case.note_added")
    assert event["note_id"] == note["id"]
    assert contact.get(f"/v1/notes/{event['note_id']}")["text"]


def test_both_who_acts_and_for_whom_are_named(contact, advisor, case):
    feed = Feed(contact)
    case.note(contact.acting_for(f"staff:{advisor.id}")).expect(201)
    event = feed.of_type("case.note_added")
    assert (event["actor"]["kind"], event["actor"]["id"]) == (
        "staff", advisor.id)
    assert event["on_behalf_of"]["id"] == contact.id


def test_events_of_the_desk_are_read_by_staff(staff, contact, phone, advisor,
                                              open_incident):
    theirs, ours = Feed(contact), Feed(staff)
    incident = open_incident(scope={"all": True})
    phone.call()
    opened = ours.of_type("incident.opened")
    assert opened["data"]["incident_id"] == incident["id"]
    assert opened["district_id"] is None
    assert ours.of_type("call.queued")["data"]["call_id"]
    assert theirs.read() == []
    history = staff.all(f"/v1/incidents/{incident['id']}/history")
    assert history[0]["id"] == opened["id"]


# -- whose events ----------------------------------------------------------

@pytest.mark.fact(79)
def test_a_contact_reads_the_events_of_its_district(contact, colleague, case,
                                                    stranger):
    mine, theirs = Feed(contact), Feed(stranger)
    case.note(colleague).expect(201)
    other = stranger.submit()
    assert mine.of_type("case.note_added")["case_id"] == case.id
    assert theirs.of_type("case.submitted")["case_id"] == other.id
    mine.read()
    assert {e["district_id"] for e in mine.seen} == {contact.district.id}
    assert {e["district_id"] for e in theirs.seen} == {stranger.district.id}
    for query in ({"case_id": other.id},
                  {"district_id": stranger.district.id}):
        assert Feed(contact, "beginning", **query).read() == []


def test_internal_notes_are_in_no_contact_s_feed(contact, partner, advisor,
                                                 case):
    feeds = [Feed(contact), Feed(partner), Feed(advisor)]
    case.note(advisor, visibility="internal").expect(201)
    case.note(advisor).expect(201)
    for feed in feeds:
        feed.until(lambda e: e["visibility"] == "public")
    assert [[e["visibility"] for e in f.seen if e["type"] ==
             "case.note_added"] for f in feeds] == [
        ["public"], ["public"], ["internal", "public"]]


@pytest.mark.rule("2.10")
def test_a_partner_reads_while_it_is_assigned(world, case, partner, district):
    feed = Feed(partner)
    case.note().expect(201)
    feed.of_type("case.note_added")
    world.end_partner(partner, district)
    case.note().expect(201)
    until(lambda: len(case.history()) >= 3)
    assert feed.read() == []
    assert Feed(partner, "beginning").read() == []


def test_a_partner_s_districts_are_one_feed(world):
    districts = [world.district() for _ in range(3)]
    partner = world.partner(*districts)
    contacts = [d.contact() for d in districts]
    feed = Feed(partner, limit=2)
    cases = [contact.submit().id for _ in range(3) for contact in contacts]
    feed.until(lambda e: e["case_id"] == cases[-1])
    assert [e["case_id"] for e in feed.seen] == cases
    one = Feed(partner, "beginning", district_id=districts[1].id,
               type="case.submitted")
    assert [e["case_id"] for e in one.read()] == cases[1::3]


# -- going on --------------------------------------------------------------

def test_a_position_is_where_to_go_on(contact, case):
    feed = Feed(contact)
    assert feed.read() == []
    for _ in range(3):
        case.note().expect(201)
        feed.until(lambda e: len(feed.seen) > 0)
        feed.seen.clear()
    assert feed.read() == []
    case.note().expect(201)
    case.note().expect(201)
    feed.until(lambda e: len(feed.seen) >= 2)
    assert len(feed.seen) == 2
    assert feed.ids() == sorted(set(feed.ids()))


def test_nothing_new_is_304(contact, case, stranger):
    feed = Feed(contact)
    case.note().expect(201)
    feed.of_type("case.note_added")
    etag = feed.ask().expect(200).etag
    stranger.submit()
    again = feed.ask(headers={"If-None-Match": etag}).expect(304)
    assert again.body == b"" and again.etag == etag
    case.note().expect(201)
    until(lambda: feed.ask(headers={"If-None-Match": etag}).status == 200)
    assert feed.ask().etag != etag


def test_a_position_belongs_to_its_filters_and_caller(contact, colleague,
                                                      case):
    feed = Feed(contact, type="case.note_added")
    cursor = feed.position
    good = {"start": "now", "type": "case.note_added", "cursor": cursor}
    contact.get(EVENTS, query=good).expect(200)
    for query in ({**good, "type": "case.closed"},
                  {**good, "case_id": case.id},
                  {**good, "cursor": cursor[:-8] + 8 * "A"},
                  {"start": "now", "cursor": cursor}):
        contact.get(EVENTS, query=query).expect(400, problem="invalid-cursor")
    colleague.get(EVENTS, query=good).expect(400, problem="invalid-cursor")


def test_events_are_chosen_by_type(contact, case, advisor):
    feed = Feed(contact, type="case.resolved,case.closed")
    case.note().expect(201)
    case.resolve(advisor).expect(200)
    case.close().expect(200)
    feed.of_type("case.closed")
    assert feed.types() == ["case.resolved", "case.closed"]


def test_seven_hundred_events_make_a_page(contact, sql, district):
    """A thousand are more than page.bytes, however small."""
    sql.run("insert into casework.events (district_id, type, at, actor_kind,"
            " actor_id, actor_name) select %s, 'test.many', rules.now(),"
            " 'staff', 1, 'x' from generate_series(1, 701)", district.id)
    page = until(lambda: (lambda p: len(p.items) == 700 and p)(contact.get(
        EVENTS, query={"limit": 700, "type": "test.many"}).expect(200)))
    assert page["has_more"] is True
    contact.get(EVENTS, query={"limit": 1000}).expect(200)
    contact.get(EVENTS, query={"limit": 1001}).expect(400)


@pytest.mark.parametrize("kind", ["contact", "partner", "staff"])
def test_a_page_costs_what_it_holds(new_session, contact, partner, advisor,
                                    case, world, kind):
    """Not what the feed holds: 30,000 events of others are not looked at."""
    who = {"contact": contact, "partner": partner, "staff": advisor}[kind]
    session, other = new_session(), world.district()
    session.run(
        "begin; insert into casework.events (district_id, type, at,"
        " actor_kind, actor_id, actor_name) select %s, 'test.many',"
        " rules.now(), 'staff', 1, 'x' from generate_series(1, 30000)",
        other.id)
    session.run(
        "select rules.seal(%s, %s, %s, %s, null);"
        " select set_config('role', %s, true)", f"casework_{kind}",
        who.id, contact.district.id, [contact.district.id, other.id],
        f"casework_{kind}")
    # plans are made once; what is counted is a page
    page = ("select count(*) from rules.feed_page(null, null, 51,"
            " 'beginning', null, null, null)")
    session.run(page)
    plan = json.loads(session.run("explain (analyze, buffers, format json) "
                                  + page))[0]["Plan"]
    session.run("rollback")
    assert plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] < 1500


# -- the order of commits --------------------------------------------------

@pytest.mark.fact(79)
def test_nobody_passes_an_event_that_commits_later(contact, new_session,
                                                   insert):
    """The first to begin writes last and commits last; ids and commits are
    in another order than transactions."""
    feed = Feed(contact)
    slow, quick = new_session(), new_session()
    slow.run("begin; select pg_current_xact_id()")
    later = insert(quick, "quick")
    for _ in range(5):
        assert feed.read() == []        # it would be passed
    earlier = insert(slow, "slow")
    assert feed.read() == [] and later < earlier
    slow.run("commit")
    feed.until(lambda e: e["id"] == earlier)
    assert sorted(feed.ids()) == [later, earlier]


def test_what_is_rolled_back_is_never_seen(contact, new_session, insert):
    feed = Feed(contact)
    session = new_session()
    session.run("begin")
    lost = insert(session, "lost")
    session.run("rollback")
    kept = insert(session, "kept")
    feed.until(lambda e: e["id"] == kept)
    assert lost not in feed.ids()


@pytest.mark.fact(79)
def test_readers_of_many_writers_miss_nothing(contact, partner, staff,
                                              new_session, insert, district):
    """Long and short transactions that commit out of order, some of which
    roll back, while three callers poll."""
    writers = [new_session() for _ in range(8)]
    written, stop = [], threading.Event()

    def write(session, seed):
        chance = random.Random(seed)
        for _ in range(25):
            session.run("begin")
            ids = []
            for _ in range(chance.randint(1, 4)):
                ids.append(insert(session, "many"))
            if chance.random() < 0.2:
                session.run("rollback")
            else:
                session.run("commit")
                written.extend(ids)

    feeds = [Feed(contact, limit=3), Feed(partner, limit=7),
             Feed(staff, limit=100)]

    def poll(feed):
        while not stop.is_set():
            feed.read()
    threads = [threading.Thread(target=write, args=(s, i))
               for i, s in enumerate(writers)]
    readers = [threading.Thread(target=poll, args=(f,)) for f in feeds]
    for thread in threads + readers:
        thread.start()
    for thread in threads:
        thread.join()
    stop.set()
    for thread in readers:
        thread.join()
    for feed in feeds:
        feed.until_seen(written)
        mine = [e["id"] for e in feed.seen if e["type"] == "test.many"]
        assert sorted(mine) == sorted(written)
    first, second = (f.ids() for f in feeds[:2])
    assert first == second
