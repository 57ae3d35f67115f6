"""Any machine may die, without saying so, and comes back by itself: nothing
that was acknowledged is lost or done twice, and writes go on 15 seconds after
the lease of a dead primary has ended at the latest."""

import collections
import os

import pytest

from events import BOUND, SOON
from instance import until

# name → how long writes may stand still
EVENTS = {
    "primary_killed": BOUND, "primary_cut_off": BOUND, "primary_frozen": BOUND,
    "switched_over": SOON, "standby_killed": SOON, "standby_cut_off": SOON,
    "third_killed": SOON, "node_killed": SOON, "worker_killed": SOON}
SHORT = ("primary_killed", "primary_cut_off")
CHOSEN = [name for name in EVENTS
          if name in SHORT or not os.environ.get("SHORT")]


@pytest.mark.parametrize("name", CHOSEN)
def test_writes_go_on_and_all_is_well_again_without_a_hand(events, name):
    row = events.happen(name)
    assert row.writes <= EVENTS[name], row.text()


@pytest.fixture(scope="module")
def over(setup, load):
    """The load, when it has ended."""
    setup.until_well()
    load.until_caught_up()
    load.end()
    return load


@pytest.fixture(scope="module")
def notes(over):
    """Text → ids of the notes that are there, of all cases."""
    found = collections.defaultdict(list)
    for case in over.cases:
        for note in case.notes():
            found[note["text"]].append(note["id"])
    return found


def test_no_caller_was_told_anything_else_than_to_try_again(over):
    assert over.faults == []
    assert set(over.acknowledged) == set(over.sent)


def test_no_acknowledged_write_is_lost_or_doubled(over, notes):
    assert {text: [number] for text, (number, _) in over.acknowledged.items()
            } == {text: ids for text, ids in notes.items()
                  if text in over.sent}
    assert len(over.sent) > 500


def test_the_feed_has_no_gap_and_no_repeat(over, notes):
    over.feed += over.rest_of_feed(over.position)
    ids = [event["id"] for event in over.feed]
    assert len(set(ids)) == len(ids)
    assert ids == [event["id"] for event in over.rest_of_feed(over.start)]
    told = collections.Counter(
        event["note_id"] for event in over.feed
        if event["type"] == "case.note_added")
    assert told == {number: 1 for number, _ in over.acknowledged.values()}


def test_each_mail_arrived_under_one_message_id(setup, over):
    """It may be sent twice, where a worker died before it had noted that:
    receivers know it by its Message-ID."""
    sql = setup.sql()
    until(lambda: sql.value("select count(*) from casework.mails"
                            " where state <> 'sent'") == 0, 180, pause=0.5)
    rows = sql.rows("select message_id::text as id, event_id, recipient_kind,"
                    " recipient_id from casework.mails")
    written = collections.Counter(
        (row["event_id"], row["recipient_kind"], row["recipient_id"])
        for row in rows)
    assert [one for one, count in written.items() if count > 1] == []
    assert set(setup.sink.ids()) == {row["id"] for row in rows}
    mailed = {row["event_id"] for row in rows}
    told = {event["note_id"]: event["id"] for event in over.feed
            if event["type"] == "case.note_added"}
    by_support = [number for text, (number, _) in over.acknowledged.items()
                  if int(text.split()[1]) % 5 == 0]
    assert by_support
    assert [number for number in by_support
            if told[number] not in mailed] == []
    sql.close()
