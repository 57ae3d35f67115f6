"""The public status feed as static files, with and without the database:
facts 63, 64 and 67. The program is run as an operator runs it."""

import concurrent.futures
import html.parser
import json
import os
import secrets
import subprocess
import xml.etree.ElementTree as ElementTree

import pytest

from contract import is_date_time
from incidents import say
from instance import BINARY

ATOM = "{http://www.w3.org/2005/Atom}"
FILES = ("status.json", "summary.json", "history.atom", "index.html")
HOSTILE = "<script>alert(1)</script> & \"quoted\" 'too' ]]> \u2028 é 😀"
pytestmark = pytest.mark.direct


class Feed:
    """A directory of status files and the program that writes it."""

    def __init__(self, directory, instance):
        self.directory = directory / "status"
        self.directory.mkdir()
        self.key = directory / "status.key"
        self.key.write_text(secrets.token_hex(32))
        self.database = {
            "DATABASE_URL": instance.env["DATABASE_URL"],
            "PGPASSFILE": instance.env["PGPASSFILE"]}

    def run(self, *arguments, **settings):
        environment = {**os.environ, "STATUS_DIR": str(self.directory),
                       "STATUS_KEY_FILE": str(self.key), **settings}
        return subprocess.run(
            [BINARY + "-worker", *arguments], env=environment, text=True,
            capture_output=True, check=False, timeout=300)

    def update(self):
        """What the worker does: files from the database."""
        done = self.run("status", **self.database)
        assert done.returncode == 0, done.stderr
        return self

    def publish(self, incident="new", status="investigating",
                text="We are looking.", **options):
        """What the operator does; there is no DATABASE_URL."""
        if incident == "new":
            options.setdefault("title", "The portal is down")
        words = [word for name, value in options.items()
                 for word in (f"--{name}", value)]
        done = self.run("publish", "--incident", str(incident), "--status",
                        status, "--text", text, *words, DATABASE_URL="")
        if done.returncode == 0:
            self.last = done.stdout.split()[2]
        return done

    def read(self, name):
        return (self.directory / name).read_text(encoding="utf-8")

    def json(self, name):
        return json.loads(self.read(name))

    def incident(self, number):
        return self.json(f"incidents/{number}.json")["incident"]

    def names(self):
        return {str(p.relative_to(self.directory))
                for p in self.directory.rglob("*") if p.is_file()}

    def stamps(self):
        return {name: (self.directory / name).stat().st_mtime_ns
                for name in self.names() if name != ".lock"}


@pytest.fixture
def feed(tmp_path, instance):
    return Feed(tmp_path, instance)


@pytest.fixture
def outage(open_incident, district):
    """An incident on the status channel."""
    return open_incident(
        scope={"districts": [district.id]}, channels=["status"],
        components=["grade_book"], severity="critical",
        title=f"Slow {HOSTILE}"[:200], text=f"We know. {HOSTILE}")


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
                                           district, advisor):
    say(advisor, outage, "monitoring", "A fix is in.").expect(201)
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


def test_what_is_resolved_leaves_the_summary_and_stays_readable(
        feed, outage, advisor):
    say(advisor, outage, "resolved", "It was a disk.").expect(201)
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


class Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.text, self.ids = [], "", set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.append((tag, attrs))
        if "id" in attrs:
            assert attrs["id"] not in self.ids, "an id stands twice"
            self.ids.add(attrs["id"])

    def handle_data(self, data):
        self.text += data


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
        feed, outage, clock, advisor):
    clock.at("2026-11-23T16:00:00Z")
    before = feed.update().stamps()
    assert feed.update().stamps() == before
    clock.at("2026-11-23T16:07:00Z")
    assert feed.update().stamps() == before
    say(advisor, outage, "identified").expect(201)
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
        feed, outage, advisor):
    assert advisor.get(outage.location)["deliveries"] == []
    feed.update().update()
    (delivery,) = advisor.get(outage.location)["deliveries"]
    assert delivery["channel"] == "status"
    assert delivery["update_id"] == outage["updates"][0]["id"]


@pytest.mark.fact(67)
def test_without_the_database_the_files_stay(feed, outage):
    before = feed.update().stamps()
    done = feed.run("status", DATABASE_URL="host=/nowhere dbname=none")
    assert done.returncode == 1 and done.stderr.startswith("casework-worker:")
    assert feed.stamps() == before


# -- the operator ------------------------------------------------------------

@pytest.mark.fact(67)
def test_the_operator_opens_an_incident_without_the_database(feed):
    feed.update()
    done = feed.publish(title=HOSTILE, severity="critical",
                        components="hosting,point_of_sale")
    assert done.returncode == 0, done.stderr
    incident = feed.incident(feed.last)
    assert incident["name"] == HOSTILE
    assert incident["impact"] == "critical"
    assert [c["status"] for c in incident["components"]] == [
        "major_outage"] * 2
    assert feed.json("status.json")["status"]["indicator"] == "critical"
    assert HOSTILE in Page(feed.read("index.html")).text
    assert feed.publish(feed.last, "resolved", "It is back.").returncode == 0
    assert feed.incident(feed.last)["resolved_at"]
    feed.update()       # leaves nothing open for others


@pytest.mark.fact(67)
def test_the_operator_goes_on_with_what_the_database_said(feed, outage):
    feed.update()
    done = feed.publish(outage["id"], "identified", "The power has failed.")
    assert done.returncode == 0, done.stderr
    incident = feed.incident(outage["id"])
    assert [u["status"] for u in incident["incident_updates"]] == [
        "identified", "investigating"]
    for name in FILES[2:]:
        assert "The power has failed." in feed.read(name)


@pytest.mark.fact(67)
def test_what_the_operator_said_is_in_the_database_exactly_once(
        feed, outage, advisor, public):
    feed.update()
    feed.publish(outage["id"], "identified", "The power has failed.")
    feed.publish(title="The telephone is down", status="awareness")
    opened = feed.last
    lines = feed.read("operator-updates.jsonl")
    feed.update()
    assert "operator-updates.jsonl" not in feed.names()
    # killed between the commit and the removal of the file: it comes again
    (feed.directory / "operator-updates.jsonl").write_text(lines)
    feed.update()
    updates = advisor.get(outage.location)["updates"]
    assert [u["text"] for u in updates[1:]] == ["The power has failed."]
    assert updates[1]["author"] == {"kind": "system", "id": 0,
                                    "name": "operator"}
    event = advisor.all(outage.location + "/history")[-1]
    assert event["actor"]["name"] == "operator"
    found = [i for i in advisor.all("/v1/incidents", open="true", limit=100)
             if i["title"] == "The telephone is down"]
    assert len(found) == 1
    assert feed.incident(opened)["name"] == "The telephone is down"
    assert [a["title"] for a in public.all("/v1/announcements", limit=100)
            if a["incident_id"] == found[0]["id"]] == [
        "The telephone is down"]
    say(advisor, f"/v1/incidents/{found[0]['id']}", "resolved").expect(201)


def test_an_update_of_an_incident_that_the_database_lost_opens_it(
        feed, advisor):
    """As after it was restored from yesterday's backup."""
    feed.update()
    feed.publish(title="A line is cut", severity="major", status="awareness")
    lost = feed.last
    (feed.directory / "operator-updates.jsonl").unlink()
    assert feed.publish(lost, "monitoring", "It is mended.").returncode == 0
    feed.update()
    incident = feed.incident(lost)
    assert (incident["name"], incident["impact"]) == ("A line is cut", "major")
    assert [u["body"] for u in incident["incident_updates"]] == [
        "It is mended."]
    feed.publish(lost, "resolved", "It holds.")
    feed.update()


def test_two_workers_import_an_update_once(
        feed, outage, advisor, tmp_path, instance):
    """Both found it, for instance on a disk that they share."""
    feed.update()
    feed.publish(outage["id"], "identified", "The power has failed.")
    (tmp_path / "other").mkdir()
    other = Feed(tmp_path / "other", instance)
    other.key.write_text(feed.key.read_text())
    (other.directory / "operator-updates.jsonl").write_text(
        feed.read("operator-updates.jsonl"))
    with concurrent.futures.ThreadPoolExecutor() as both:
        list(both.map(Feed.update, (feed, other)))
    assert len(advisor.get(outage.location)["updates"]) == 2


def test_an_update_of_what_has_gone_on_since_is_added_all_the_same(
        feed, outage, advisor):
    feed.update()
    feed.publish(outage["id"], "identified", "Said in the dark.")
    say(advisor, outage, "resolved", "All is well.").expect(201)
    feed.update()
    now = advisor.get(outage.location).expect(200)
    assert now["status"] == "resolved"
    assert "Said in the dark." in [u["text"] for u in now["updates"]]
    assert "Said in the dark." in feed.read("index.html")


def test_an_altered_snapshot_is_refused(feed, outage):
    feed.update()
    path = feed.directory / "snapshot.json"
    path.write_text(path.read_text().replace('"critical"', '"minor"', 1))
    before = feed.stamps()
    done = feed.publish()
    assert done.returncode == 1 and "signature" in done.stderr
    assert feed.stamps() == before
    feed.update()
    assert feed.publish(outage["id"], "identified").returncode == 0


def test_an_altered_update_is_not_imported_and_not_lost(
        feed, outage, advisor):
    feed.update()
    feed.publish(outage["id"], "identified", "The power has failed.")
    path = feed.directory / "operator-updates.jsonl"
    good = path.read_text()
    path.write_text(good.replace("has failed", "is fine"))
    before = feed.stamps()
    done = feed.run("status", **feed.database)
    assert done.returncode == 1 and "line 1" in done.stderr
    assert feed.stamps() == before
    assert len(advisor.get(outage.location)["updates"]) == 1
    path.write_text(good)
    feed.update()
    assert len(advisor.get(outage.location)["updates"]) == 2


@pytest.mark.parametrize("options, word", [
    ({"incident": "no-such"}, "no incident"),
    ({"incident": "../x"}, "no incident"),
    ({"status": "scheduled"}, "--status"),
    ({"status": "Resolved"}, "--status"),
    ({"text": ""}, "--text"),
    ({"text": "x" * 20001}, "20000"),
    ({"title": ""}, "--title"),
    ({"severity": "huge"}, "--severity"),
    ({"incident": "1", "severity": "minor"}, "--severity"),
    ({"incident": "1", "components": "hosting"}, "--components"),
    ({"colour": "red"}, "option"),
])
def test_a_command_that_makes_no_sense_changes_nothing(feed, options, word):
    before = feed.update().stamps()
    done = feed.publish(**options)
    assert done.returncode in (1, 2) and word in done.stderr
    assert done.stdout == "" and feed.stamps() == before


def test_a_resolved_incident_is_not_taken_up_again(feed, outage, advisor):
    say(advisor, outage, "resolved").expect(201)
    feed.update()
    done = feed.publish(outage["id"], "investigating")
    assert done.returncode == 1 and "open a new one" in done.stderr


def test_the_operator_needs_the_key_and_the_snapshot(feed):
    assert "snapshot.json" in feed.publish().stderr
    feed.update()
    other = feed.key.parent / "other.key"
    other.write_text("x" * 32)
    for setting, words in (("", "STATUS_KEY_FILE"), ("/nowhere", "/nowhere"),
                           (str(other), "signature")):
        done = feed.run("publish", "--incident", "new", "--title", "x",
                        "--status", "awareness", "--text", "x",
                        STATUS_KEY_FILE=setting)
        assert done.returncode == 1 and words in done.stderr
    other.write_text("short")
    done = feed.run("status", **feed.database, STATUS_KEY_FILE=str(other))
    assert done.returncode == 1 and "32 bytes" in done.stderr
    done = feed.run("status", **feed.database, STATUS_DIR="")
    assert done.returncode == 1 and "STATUS_DIR" in done.stderr
