"""The mail of the day of test_nothing_lost.py: each one at least once, and
with one Message-ID however often it was sent."""

import collections
import email
import email.policy

import pytest

from instance import until

pytestmark = pytest.mark.direct


def mails(day):
    """Those that were to be sent: somebody has no address, and its row says
    so."""
    return day.sql.rows(
        "select m.id, m.case_id, m.event_id, m.recipient_kind,"
        " m.recipient_id, m.message_id::text, m.state"
        " from casework.mails m where m.state <> 'withheld'")


@pytest.fixture(scope="module")
def sent(day):
    """The rows of all mails once none waits any more."""
    until(lambda: day.sql.value(
        "select count(*) as n from casework.mails where state not in"
        " ('sent', 'withheld')") == 0, 300, pause=0.5)
    return mails(day)


@pytest.fixture(scope="module")
def delivered(day, sent):
    """Message-ID → how often the maildir has it."""
    found = collections.Counter()
    for directory in day.instance.state().rglob("new"):
        for path in directory.iterdir():
            mail = email.message_from_bytes(path.read_bytes(),
                                            policy=email.policy.default)
            found[mail["Message-ID"]] += 1
    return found


def test_only_who_has_no_address_was_not_written_to(day, sent):
    assert day.sql.rows(
        "select m.id from casework.mails m where m.state = 'withheld'"
        " and m.reason is distinct from 'no_address'") == []


def test_the_worker_had_its_accidents(day):
    assert day.killed["worker"] >= 1


@pytest.mark.fact(62)
def test_every_change_is_mailed_to_each_involved_once(day, sent):
    rows = collections.Counter(
        (row["event_id"], row["recipient_kind"], row["recipient_id"])
        for row in sent)
    assert [key for key, count in rows.items() if count > 1] == []
    resolved = day.sql.rows(
        "select e.id, c.contact_id from casework.events e"
        " join casework.cases c on c.id = e.case_id"
        " where e.type = any (array['case.resolved'])"
        " and e.actor_kind = 'staff' and e.id > 100000")    # no demo data
    assert resolved
    assert [event for event in resolved if rows[
        event["id"], "contact", event["contact_id"]] != 1] == []


@pytest.mark.fact(62)
def test_every_mail_arrived_under_one_message_id(sent, delivered):
    """The part before the @ is the mail's own; nothing else was sent."""
    names = collections.Counter(
        message_id.strip("<>").partition("@")[0] for message_id in delivered)
    assert names == collections.Counter(row["message_id"] for row in sent)
