"""The public status feed as static files, with and without the database:
facts 63, 64 and 67. The program is run as an operator runs it."""

import json
import xml.etree.ElementTree as ElementTree

import pytest

from contract import is_date_time
from incidents import say
from status_files import FILES, Page

ATOM = "{http://www.w3.org/2005/Atom}"
pytestmark = pytest.mark.direct


# -- what is in them ---------------------------------------------------------

@pytest.mark.fact(67)
def test_every_file_says_until_when_it_is_good(feed, outage, clock):
    clock.at("2026-11-23T16:00:00Z")
    feed.update()
    for name in (*FILES, f"incidents/{outage['id']}.json"):
        text = feed.read(name)
        for time in ("2026-11-23T16:00:00Z", "2026-11-23T16:15:00Z"):
            assert time in text, name
        for word in ("generated_at", "stale_after"):
            assert word in text, name


@pytest.mark.fact(67)
def test_clients_of_statuspage_can_read_it(feed, outage, open_incident,
                                           district, lead):
    say(lead, outage, "monitoring", "A fix is in.").expect(201)
    work = open_incident(
        kind="maintenance", severity="none", channels=["status"],
        scope={"districts": [district.id]}, components=["hosting"],
        scheduled_from="2027-12-05T10:00:00Z",
        scheduled_until="2027-12-05T12:00:00Z")
    summary = feed.update().json("summary.json")
    assert set(summary["page"]) == {
        "id", "name", "url", "time_zone", "updated_at"}
    assert summary["status"] == {"indicator": "critical",
                                 "description": "Major Service Outage"}
    components = {c["id"]: c["status"] for c in summary["components"]}
    assert components["grade_book"] == "major_outage"
    assert set(components.values()) <= {
        "operational", "degraded_performance", "partial_outage",
        "major_outage", "under_maintenance"}
    (mine,) = [i for i in summary["incidents"]
               if i["id"] == str(outage["id"])]
    assert mine["name"] == outage["title"] and mine["impact"] == "critical"
    assert mine["status"] == "monitoring" and mine["resolved_at"] is None
    assert [(u["status"], u["body"]) for u in mine["incident_updates"]] == [
        ("monitoring", "A fix is in."),
        ("investigating", outage["updates"][0]["text"])]
    assert mine["monitoring_at"] == mine["incident_updates"][0]["created_at"]
    assert [c["id"] for c in mine["components"]] == ["grade_book"]
    (planned,) = [m for m in summary["scheduled_maintenances"]
                  if m["id"] == str(work["id"])]
    assert planned["status"] == "scheduled"
    assert planned["impact"] == "maintenance"
    assert planned["scheduled_for"] == "2027-12-05T10:00:00Z"
    status = feed.json("status.json")
    assert status["status"] == summary["status"]
    assert status["page"] == summary["page"]
    assert feed.incident(outage["id"]) == mine


@pytest.mark.fact(67)
@pytest.mark.parametrize("at, told", [
    ("2026-11-28T22:00:00-06:00",
     "Sat, Nov 28, 2026, 10:00 p.m. Central Time (Nov 29, 04:00 UTC)"),
    ("2026-07-01T12:05:00-05:00",
     "Wed, Jul 1, 2026, 12:05 p.m. Central Time (17:05 UTC)"),
    ("2027-03-14T08:00:00Z",            # the first hour of summer time
     "Sun, Mar 14, 2027, 3:00 a.m. Central Time (08:00 UTC)")])
def test_the_page_tells_central_time_with_utc_beside(
        feed, open_incident, clock, at, told):
    clock.at(at)
    incident = open_incident(channels=["status"])
    page = feed.update().read("index.html")
    started = incident["created_at"]
    assert f'<time datetime="{started}">{told}</time>' in page


@pytest.mark.fact(67)
def test_the_page_says_of_an_incident_that_it_names_no_component(
        feed, open_incident, lead, sql):
    sql.run("update casework.incidents set resolved_at = rules.now()"
            " where resolved_at is null and 'status' = any (channels)")
    incident = open_incident(channels=["status"], components=["grade_book"])
    note = "A current incident is not tied to a component"
    assert note not in feed.update().read("index.html")
    unbound = open_incident(channels=["status"])
    page = feed.update().read("index.html")
    assert note in page
    article = page.partition(f'id="incident-{unbound["id"]}"')[2]
    assert "Not tied to a component" in article.partition("</article>")[0]
    article = page.partition(f'id="incident-{incident["id"]}"')[2]
    assert "Not tied to a component" not in article.partition("</article>")[0]
    say(lead, unbound, "resolved").expect(201)
    assert note not in feed.update().read("index.html")


def test_what_is_resolved_leaves_the_summary_and_stays_readable(
        feed, outage, lead):
    say(lead, outage, "resolved", "It was a disk.").expect(201)
    feed.update()
    assert str(outage["id"]) not in [
        i["id"] for i in feed.json("summary.json")["incidents"]]
    assert feed.incident(outage["id"])["status"] == "resolved"
    for name in ("history.atom", "index.html"):
        assert "It was a disk." in feed.read(name)


def members(value):
    """The name of every member of a JSON value."""
    if isinstance(value, dict):
        yield from value
    for part in value.values() if isinstance(value, dict) else (
            value if isinstance(value, list) else []):
        yield from members(part)


@pytest.mark.fact(67)
def test_no_district_is_in_any_file(feed, outage, district, contact):
    contact.submit(incident_id=outage["id"])
    feed.update()
    for name in feed.names():
        text = feed.read(name)
        assert district.name not in text, name
        if name.endswith(".json"):
            assert not {"scope", "districts", "district_id", "cases"} & set(
                members(json.loads(text))), name


def test_what_is_not_on_the_status_channel_is_not_in_them(
        feed, open_incident, district):
    quiet = open_incident(scope={"districts": [district.id]},
                          channels=["community"], title="Only in the forum")
    feed.update()
    assert f"incidents/{quiet['id']}.json" not in feed.names()
    assert "Only in the forum" not in feed.read("index.html")


@pytest.mark.fact(67)
def test_the_page_is_plain_and_loads_nothing(feed, outage):
    page = Page(feed.update().read("index.html"))
    names = [tag for tag, _ in page.tags]
    assert not {"script", "img", "iframe", "form", "object"} & set(names)
    for tag, attrs in page.tags:
        assert "src" not in attrs and "style" not in attrs
        assert not any(name.startswith("on") for name in attrs)
        if "href" in attrs:
            assert attrs["href"] in {*FILES}, attrs
    assert names.count("h1") == 1 and names.count("main") == 1
    assert dict(page.tags)["html"]["lang"] == "en"
    assert f"incident-{outage['id']}" in page.ids
    for labelled in (a["aria-labelledby"] for _, a in page.tags
                     if "aria-labelledby" in a):
        assert labelled in page.ids
    assert outage["title"] in page.text
    assert outage["updates"][0]["text"] in page.text


@pytest.mark.fact(67)
def test_the_feed_is_valid_atom(feed, outage):
    """RFC 4287: what a feed and an entry must have."""
    root = ElementTree.fromstring(feed.update().read("history.atom"))
    assert root.tag == ATOM + "feed"
    nodes = [root, *root.findall(ATOM + "entry")]
    for node in nodes:
        for name in ("id", "title", "updated"):
            (found,) = node.findall(ATOM + name)
            assert found.text
        assert is_date_time(node.find(ATOM + "updated").text)
        assert all(link.get("href") for link in node.findall(ATOM + "link"))
    assert root.find(ATOM + "author").find(ATOM + "name").text
    ids = [node.find(ATOM + "id").text for node in nodes]
    assert len(set(ids)) == len(ids)
    (mine,) = [n for n in nodes if n.find(ATOM + "id").text.endswith(
        f"/incidents/{outage['id']}")]
    assert mine.find(ATOM + "title").text == outage["title"]
    text = "".join(mine.find(ATOM + "content").itertext())
    assert outage["updates"][0]["text"] in text


# -- when they are written ---------------------------------------------------

def test_nothing_is_written_when_nothing_has_changed(
        feed, outage, clock, lead):
    clock.at("2026-11-23T16:00:00Z")
    before = feed.update().stamps()
    assert feed.update().stamps() == before
    clock.at("2026-11-23T16:07:00Z")
    assert feed.update().stamps() == before
    say(lead, outage, "identified").expect(201)
    assert feed.update().stamps() != before


def test_files_are_renewed_before_they_grow_stale(feed, clock):
    clock.at("2026-11-23T16:00:00Z")
    feed.update()
    clock.at("2026-11-23T16:08:00Z")
    feed.update()
    assert feed.json("status.json")["stale_after"] == "2026-11-23T16:23:00Z"


def test_files_are_whole_and_the_web_server_may_read_them(feed, outage):
    feed.update()
    assert not [name for name in feed.names() if name.endswith(".tmp")]
    for name in FILES:
        assert (feed.directory / name).stat().st_mode & 0o777 == 0o644
    for name in ("snapshot.json", ".lock"):
        assert (feed.directory / name).stat().st_mode & 0o077 == 0


@pytest.mark.fact(63)
def test_the_delivery_to_the_status_page_is_recorded(
        feed, outage, lead):
    assert lead.get(outage.location)["deliveries"] == []
    feed.update().update()
    (delivery,) = lead.get(outage.location)["deliveries"]
    assert delivery["channel"] == "status"
    assert delivery["update_id"] == outage["updates"][0]["id"]


@pytest.mark.parametrize("url", [
    "https://status.example/desk", "https://status.example/desk/",
    "HTTPS://Status.example/desk//"])
def test_the_address_of_the_page_is_the_same_however_it_is_set(feed, url):
    """In the command as in the worker."""
    done = feed.run("status", **feed.database, STATUS_URL=url)
    assert done.returncode == 0, done.stderr
    assert feed.json("status.json")["page"]["url"] == (
        "https://status.example/desk")
    root = ElementTree.fromstring(feed.read("history.atom"))
    assert root.find(ATOM + "id").text == (
        "https://status.example/desk/history.atom")
    before = feed.stamps()
    done = feed.run("status", **feed.database,
                    STATUS_URL="https://status.example/desk")
    assert done.returncode == 0 and feed.stamps() == before


@pytest.mark.parametrize("url", ["foo", "https://status.example/?x",
                                 "https://status.example/#x"])
def test_an_address_that_is_none_is_refused(feed, url):
    done = feed.run("status", **feed.database, STATUS_URL=url)
    assert done.returncode == 1 and "STATUS_URL" in done.stderr
    assert "snapshot.json" not in feed.names()


@pytest.mark.fact(67)
def test_without_the_database_the_files_stay(feed, outage):
    before = feed.update().stamps()
    done = feed.run("status", DATABASE_URL="host=/nowhere dbname=none")
    assert done.returncode == 1 and done.stderr.startswith("casework-worker:")
    assert feed.stamps() == before
