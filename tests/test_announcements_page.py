"""Announcements for people: a page and an Atom feed, without login (fact 68,
3.8), and where the status page is."""

import html
import itertools
import re
import xml.etree.ElementTree as ElementTree

import pytest

from contract import is_date_time
from incidents import say
from status_files import HOSTILE

pytestmark = [pytest.mark.fact(68), pytest.mark.rule("3.8")]
ATOM = "{http://www.w3.org/2005/Atom}"
PAGE = {"Accept": "text/html"}
STATUS_PAGE = "https://status.casework.example"
counter = itertools.count(1)


@pytest.fixture
def announce(lead):
    def announce(**changes):
        return lead.post("/v1/announcements", {
            "title": f"Release day ({next(counter)})",
            "text": f"A seating chart. {HOSTILE}", **changes}).expect(201)
    return announce


def article(public, announcement):
    """What the page says of it, or None."""
    page = public.get("/announcements", headers=PAGE).expect(200).body.decode()
    found = re.search(r'<article id="announcement-%d">\n(.*?)</article>'
                      % announcement["id"], page, re.S)
    return found and html.unescape(found[1])


def entry(public, announcement):
    feed = public.get("/announcements.atom").expect(200)
    assert feed.headers["content-type"] == "application/atom+xml"
    return next((e for e in ElementTree.fromstring(feed.body).iter(
        ATOM + "entry") if e.find(ATOM + "id").text.endswith(
            f"/announcements/{announcement['id']}")), None)


def test_everybody_reads_the_page(public, announce, clock):
    clock.at("2026-11-29T04:00:00Z")
    told = article(public, announce(title=f"More {HOSTILE}"[:200]))
    assert f"<h2>More {HOSTILE}</h2>" in told
    assert f"A seating chart. {HOSTILE}</p>" in told
    assert ('<time datetime="2026-11-29T04:00:00Z">Saturday, November 28, 2026,'
            " 10:00 p.m. Central Time</time>") in told


def test_readers_of_feeds_follow_it(public, announce):
    made = announce(title=f"More {HOSTILE}"[:200])
    told = entry(public, made)
    text = {e.tag.removeprefix(ATOM): e.text for e in told}
    assert text["title"] == made["title"] and text["content"] == made["text"]
    assert text["published"] == made["publish_at"]
    assert text["updated"] == made["updated_at"]
    assert told.find(ATOM + "link").get("href").endswith(
        f"/announcements#announcement-{made['id']}")


def test_what_xml_cannot_hold_is_replaced(public, announce):
    made = announce(text="One\x0cand\ufffe\uffff two\nthree\tfour")
    told = entry(public, made).find(ATOM + "content").text
    assert told == re.sub("[\x0c\ufffe\uffff]", "\ufffd", made["text"])
    assert told.endswith(" two\nthree\tfour")


def test_the_feed_is_whole(public, announce):
    """What RFC 4287 requires of a feed and of each entry."""
    announce()
    answer = public.get("/announcements.atom").expect(200)
    feed = ElementTree.fromstring(answer.body)
    for of in (feed, *feed.iter(ATOM + "entry")):
        for name in ("id", "title", "updated"):
            assert len(of.findall(ATOM + name)) == 1, name
        assert is_date_time(of.find(ATOM + "updated").text)
    assert feed.find(f"{ATOM}author/{ATOM}name").text
    links = {e.get("rel"): e.get("href") for e in feed.findall(ATOM + "link")}
    assert links["self"] == feed.find(ATOM + "id").text
    assert links["alternate"].endswith("/announcements")
    ids = [e.find(ATOM + "id").text for e in feed.iter(ATOM + "entry")]
    assert len(ids) == len(set(ids)) <= 50
    assert feed.find(ATOM + "updated").text == max(
        e.find(ATOM + "updated").text for e in feed.iter(ATOM + "entry"))


def test_the_latest_comes_first(public, announce):
    first, second = announce(), announce()
    page = public.get("/announcements", headers=PAGE).expect(200).body.decode()
    feed = public.get("/announcements.atom").expect(200).body.decode()
    for text, name in ((page, "announcement-{}\""), (feed, "#announcement-{}")):
        assert text.index(name.format(second["id"])) < text.index(
            name.format(first["id"]))


def test_what_is_not_published_now_is_in_neither(public, announce, clock):
    clock.at("2026-11-23T16:00:00Z")
    made = announce(publish_at="2026-11-23T17:00:00Z",
                    expires_at="2026-11-23T18:00:00Z")
    for at, shown in (("2026-11-23T16:59:59Z", False),
                      ("2026-11-23T17:00:00Z", True),
                      ("2026-11-23T18:00:00Z", False)):
        clock.at(at)
        assert (article(public, made) is not None) == shown, at
        assert (entry(public, made) is not None) == shown, at


def test_an_incident_is_there_with_what_was_said_last(
        public, open_incident, lead):
    incident = open_incident(channels=["status"])
    say(lead, incident, "monitoring", "A fix is in.").expect(201)
    (announced,) = [a for a in public.all("/v1/announcements", limit=100)
                    if a["incident_id"] == incident["id"]]
    assert "A fix is in." in article(public, announced)
    assert entry(public, announced).find(
        ATOM + "content").text == "A fix is in."
    hidden = open_incident(channels=[], email_contacts=True)
    assert hidden["title"] not in public.get(
        "/announcements.atom").expect(200).body.decode()


def test_a_feed_that_has_not_changed_is_not_sent_again(public, announce):
    made = announce()
    assert entry(public, made) is not None
    answer = public.get("/announcements.atom").expect(200)
    public.get("/announcements.atom",
               headers={"If-None-Match": answer.etag}).expect(304)
    announce()
    public.get("/announcements.atom",
               headers={"If-None-Match": answer.etag}).expect(200)


def test_programs_are_told_where_all_of_it_is(public, contact):
    home = public.get("/").expect(200)
    assert home["status_page"] == STATUS_PAGE
    page = public.get("/announcements").expect(200)
    assert page["status_page"] == STATUS_PAGE
    assert home["announcements"].endswith("/announcements")
    assert page["feed"] == home["announcements"] + ".atom"
    assert page["announcements"].endswith("/v1/announcements")
    assert contact.get("/v1/status/banner").expect(
        200)["status_page"] == STATUS_PAGE
    for path in ("/", "/announcements"):
        told = public.get(path, headers=PAGE).expect(200).body.decode()
        assert f'href="{STATUS_PAGE}"' in told
