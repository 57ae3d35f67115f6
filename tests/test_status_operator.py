"""The operator's part of the status feed: incidents said without the database,
and their way into it (facts 63, 64 and 67)."""

import concurrent.futures

import pytest

from incidents import say
from status_files import FILES, HOSTILE, Feed, Page

pytestmark = pytest.mark.direct

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
def test_the_operator_may_say_as_much_as_the_api(feed):
    """In whatever script: characters are counted, not bytes."""
    title, text = "\u505c" * 200, "\u96fb\n" * 10_000
    feed.update()
    done = feed.publish(title=title, text=text)
    assert done.returncode == 0, done.stderr
    feed.update()       # into the database
    shown = feed.incident(feed.last)
    assert shown["name"] == title
    assert [u["body"] for u in shown["incident_updates"]] == [text]
    assert feed.publish(feed.last, "resolved", "It is back.").returncode == 0
    feed.update()


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
        feed, outage, lead, public):
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
    updates = lead.get(outage.location)["updates"]
    assert [u["text"] for u in updates[1:]] == ["The power has failed."]
    assert updates[1]["author"] == {"kind": "system", "id": 0,
                                    "name": "operator"}
    event = lead.all(outage.location + "/history")[-1]
    assert event["actor"]["name"] == "operator"
    found = [i for i in lead.all("/v1/incidents", open="true", limit=100)
             if i["title"] == "The telephone is down"]
    assert len(found) == 1
    assert feed.incident(opened)["name"] == "The telephone is down"
    assert [a["title"] for a in public.all("/v1/announcements", limit=100)
            if a["incident_id"] == found[0]["id"]] == [
        "The telephone is down"]
    say(lead, f"/v1/incidents/{found[0]['id']}", "resolved").expect(201)


def test_an_update_of_an_incident_that_the_database_lost_opens_it(
        feed, lead):
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
        feed, outage, lead, tmp_path, instance):
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
    assert len(lead.get(outage.location)["updates"]) == 2


def test_an_update_of_what_has_gone_on_since_is_added_all_the_same(
        feed, outage, lead):
    feed.update()
    feed.publish(outage["id"], "identified", "Said in the dark.")
    say(lead, outage, "resolved", "All is well.").expect(201)
    feed.update()
    now = lead.get(outage.location).expect(200)
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
        feed, outage, lead):
    feed.update()
    feed.publish(outage["id"], "identified", "The power has failed.")
    path = feed.directory / "operator-updates.jsonl"
    good = path.read_text()
    path.write_text(good.replace("has failed", "is fine"))
    before = feed.stamps()
    done = feed.run("status", **feed.database)
    assert done.returncode == 1 and "line 1" in done.stderr
    assert feed.stamps() == before
    assert len(lead.get(outage.location)["updates"]) == 1
    path.write_text(good)
    feed.update()
    assert len(lead.get(outage.location)["updates"]) == 2


@pytest.mark.parametrize("options, word", [
    ({"incident": "no-such"}, "no incident"),
    ({"incident": "../x"}, "no incident"),
    ({"status": "scheduled"}, "--status"),
    ({"status": "Resolved"}, "--status"),
    ({"text": ""}, "--text"),
    ({"text": "x" * 20001}, "20000"),
    ({"text": "\u200b"}, "--text"),
    ({"text": " \u00a0\n\x1b"}, "--text"),
    ({"title": ""}, "--title"),
    ({"title": "\u2800\u3000\ufffc"}, "--title"),
    ({"title": "Down\nagain"}, "--title"),
    ({"title": "Down\u2028again"}, "--title"),
    ({"title": "\x1b[31mDown"}, "--title"),
    ({"title": "\u202enwoD"}, "--title"),
    ({"title": "\u00e9" * 201}, "200"),
    ({"severity": "huge"}, "--severity"),
    ({"incident": "1", "severity": "minor"}, "--severity"),
    ({"incident": "1", "components": "hosting"}, "--components"),
    ({"components": "nonsense"}, "nonsense is not one of"),
    ({"components": "hosting,Hosting"}, "Hosting is not one of"),
    ({"colour": "red"}, "option"),
])
def test_a_command_that_makes_no_sense_changes_nothing(feed, options, word):
    before = feed.update().stamps()
    done = feed.publish(**options)
    assert done.returncode in (1, 2) and word in done.stderr
    assert done.stdout == "" and feed.stamps() == before


def test_a_resolved_incident_is_not_taken_up_again(feed, outage, lead):
    say(lead, outage, "resolved").expect(201)
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
