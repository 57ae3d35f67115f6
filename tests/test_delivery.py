"""Delivery: mail servers that take it well or badly, and leases that a
worker's death ends (facts 62 and 70 are only as good as this)."""

import os
import pathlib
import re
import shutil
import signal
import ssl
import tempfile

import pytest

from incidents import say
from instance import figure, free_port, until
from mail import PLAIN, make_certificate
from webhooks import Webhook

pytestmark = pytest.mark.direct


@pytest.fixture
def directory():
    """A directory that the worker's account can read."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="casework-tests-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


# -- mail servers ----------------------------------------------------------

def test_a_mail_is_sent_over_smtp(new_worker, sink, post, case, advisor):
    worker = new_worker(SMTP_URL=sink.url, **PLAIN)
    case.note(advisor).expect(201)
    mail, = sink.until_taken()
    row, = post.mails(case)
    assert mail["Message-ID"] == f"<{row['message_id']}@casework.example>"
    assert sink.recipients == [[case.submitter.record["email"]]]
    post.until_state(row["message_id"], "sent")
    until(lambda: figure(
        worker, 'mails_sent_total{kind="case.note_added"}') == 1)
    until(lambda: figure(worker, 'jobs_done_total{job="mail"}') >= 1)


@pytest.mark.fact(62)
def test_mails_of_one_case_are_one_thread(
        new_worker, sink, post, case, contact, colleague, advisor):
    """RFC 5322, 3.6.4: each has an id of its own, and all refer to one."""
    other = contact.submit()
    new_worker(SMTP_URL=sink.url, MAIL_FROM="desk@vendor.example", **PLAIN)
    case.note(colleague).expect(201)
    case.note(advisor).expect(201)
    case.close(advisor, closure_reason="withdrawn").expect(200)
    other.note(advisor).expect(201)

    def told():
        found = {}
        for mail in sink.taken:
            found.setdefault(mail["References"], []).append(mail)
        return sum(map(len, found.values())) >= 7 and found
    threads = until(told)
    assert sorted(map(len, threads.values())) == [1, 6]
    for of, mails in ((case, 6), (other, 1)):
        root = f"<case-{of.id}@vendor.example>"
        assert len(threads[root]) == mails
        for mail in threads[root]:
            assert mail["In-Reply-To"] == root != mail["Message-ID"]
            assert str(of.id) in mail["Subject"]
    ids = [mail["Message-ID"] for mail in sink.taken]
    assert len(set(ids)) == len(ids)
    # only what the subject tells as well
    for mail in sink.taken:
        for name in ("References", "In-Reply-To", "Message-ID"):
            for secret in (contact.id, colleague.id, contact.district.id):
                assert not re.search(rf"\b{secret}\b", mail[name])


def test_mails_about_an_incident_or_a_webhook_are_a_thread_each(
        new_worker, sink, post, open_incident, contact, sql, lead):
    incident = open_incident(scope={"districts": [contact.district.id]},
                             email_contacts=True)
    webhook = Webhook(contact, "https://receiver.example/hook")
    for kind in ("failing", "disabled"):
        sql.run("select rules.mail_webhook_owner(w, 'webhook.%s', %s)"
                " from casework.webhooks w where w.id = %s" % (
                    kind, {"failing": 1, "disabled": 2}[kind], webhook.id))
    new_worker(SMTP_URL=sink.url, **PLAIN)
    sink.until_taken(3)
    say(lead, incident, "resolved").expect(201)
    mails = sink.until_taken(4)
    roots = sorted(mail["References"] for mail in mails)
    assert roots == sorted(
        [f"<incident-{incident['id']}@casework.example>"] * 2
        + [f"<webhook-{webhook.id}@casework.example>"] * 2)
    assert all(m["In-Reply-To"] == m["References"] for m in mails)


def test_a_mail_of_the_version_before_stands_alone(new_worker, sink, post,
                                                   case):
    post.put(case)
    new_worker(SMTP_URL=sink.url, **PLAIN)
    mail, = sink.until_taken()
    assert "References" not in mail and "In-Reply-To" not in mail


def test_a_mail_that_is_refused_has_failed(new_worker, sink, post, case):
    sink.answer("RCPT", "550 5.1.1 no such mailbox")
    refused, = post.put(case)
    worker = new_worker(SMTP_URL=sink.url, MAIL_SENDERS=1, **PLAIN)
    failed = post.until_state(refused, "failed")
    assert failed["attempts"] == 1
    assert "550 5.1.1 no such mailbox" in failed["last_error"]
    taken, = post.put(case)
    post.until_state(taken, "sent")
    assert sink.ids() == [taken]
    until(lambda: figure(worker, 'mails_failed_total{kind="test"}') == 1)
    assert "no such mailbox" not in worker.log_file.read_text()


@pytest.mark.parametrize("command, reply", [
    ("RCPT", "450 4.2.1 busy"), ("DATA", "451 4.3.0 try later"),
    ("DATA", "drop")])
def test_what_is_deferred_is_sent_later_as_the_same_mail(
        new_worker, sink, post, case, command, reply):
    sink.answer(command, reply, reply)
    message_id, = post.put(case)
    new_worker(SMTP_URL=sink.url, **PLAIN)
    sink.until_taken()
    row = post.until_state(message_id, "sent")
    assert sink.ids() == [message_id] and row["attempts"] == 3


def test_a_server_that_stalls_is_given_up_in_time(new_worker, sink, post,
                                                  case):
    sink.answer("DATA", "stall")
    message_id, = post.put(case)
    new_worker(SMTP_URL=sink.url, SMTP_TIMEOUT=1, MAIL_SENDERS=1, **PLAIN)
    row = post.until_state(message_id, "sent", 25)      # not after 30
    assert row["attempts"] >= 2
    assert set(sink.ids()) == {message_id}


def test_a_server_that_is_away_is_waited_for(new_worker, new_sink, post,
                                             case):
    message_id, = post.put(case)
    nobody = free_port()
    with_nobody = new_worker(SMTP_URL=f"smtp://127.0.0.1:{nobody}", **PLAIN)
    until(lambda: post.state(message_id)["last_error"])
    assert post.state(message_id)["state"] == "queued"
    with_nobody.terminate()
    assert with_nobody.wait() == 0
    sink = new_sink()
    new_worker(SMTP_URL=sink.url, **PLAIN)
    sink.until_taken()
    assert sink.ids() == [message_id]


def test_attempts_have_an_end(new_worker, sink, post, case):
    sink.answer("RCPT", *["450 busy"] * 5)
    message_id, = post.put(case)
    new_worker(SMTP_URL=sink.url, MAIL_ATTEMPTS=2, **PLAIN)
    failed = post.until_state(message_id, "failed")
    assert failed["attempts"] == 2 and "450 busy" in failed["last_error"]


def test_attempts_are_further_and_further_apart(post, case, as_role, sql):
    """30 s, 1, 2, 4 … minutes, at most an hour."""
    message_id, = post.put(case)
    worker = as_role("worker")
    waits = []
    for attempt in range(1, 10):
        sql.run("update casework.mails set visible_at = clock_timestamp()"
                " where message_id = %s", message_id)
        leased = worker.row("select * from rules.lease_mail(60, 100)")
        assert leased["attempts"] == attempt
        worker.run("select rules.mail_refused(%s, %s, 'busy', false, 30, 100)",
                   leased["id"], attempt)
        waits.append(sql.value(
            "select round(extract(epoch from visible_at - clock_timestamp()))"
            " as seconds from casework.mails where message_id = %s",
            message_id))
    assert waits == [pytest.approx(x, abs=14) for x in (
        30, 60, 120, 240, 480, 960, 1920, 3600, 3600)]


@pytest.fixture
def strict_sink(new_sink, directory):
    """A mail server that asks for TLS and a password."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(make_certificate(directory))
    return new_sink(tls=tls, user=("desk", "s3cret"))


@pytest.fixture
def credentials(directory):
    """Settings with that password."""
    def settings(password="s3cret"):
        path = directory / "password"
        path.write_text(password + "\n")
        return {"SMTP_USER": "desk", "SMTP_PASSWORD_FILE": path,
                "SMTP_CA_FILE": directory / "mail.crt",
                "MAIL_RETRY_SECONDS": "1"}
    return settings


def test_encrypted_and_with_a_password(new_worker, strict_sink, credentials,
                                       post, case):
    message_id, = post.put(case)
    worker = new_worker(SMTP_URL=strict_sink.url, **credentials())
    post.until_state(message_id, "sent")
    assert strict_sink.logins == [("desk", "s3cret", True)]
    assert "s3cret" not in worker.log_file.read_text()


def test_a_wrong_password_fails_no_mail(new_worker, strict_sink, credentials,
                                        post, case):
    message_id, = post.put(case)
    new_worker(SMTP_URL=strict_sink.url, **credentials("wrong"))
    until(lambda: post.state(message_id)["attempts"] > 1)
    row = post.state(message_id)
    assert row["state"] == "queued" and "535" in row["last_error"]


def test_a_certificate_of_nobody_is_not_trusted(new_worker, strict_sink, post,
                                                case):
    message_id, = post.put(case)
    new_worker(SMTP_URL=strict_sink.url)
    until(lambda: post.state(message_id)["last_error"])
    assert strict_sink.logins == [] and strict_sink.taken == []


def test_nothing_is_sent_in_the_clear_unless_told_so(new_worker, sink, post,
                                                     case):
    message_id, = post.put(case)
    new_worker(SMTP_URL=sink.url)
    until(lambda: post.state(message_id)["last_error"])
    assert post.state(message_id)["state"] == "queued" and sink.taken == []


# -- leases ----------------------------------------------------------------

def test_a_killed_workers_mail_goes_out_after_its_lease(
        new_worker, new_sink, post, case):
    sink = new_sink()
    sink.answer("DATA", "stall")
    message_id, = post.put(case)
    lease = {"MAIL_LEASE_SECONDS": 8, "SMTP_TIMEOUT": 7, **PLAIN}
    first = new_worker(SMTP_URL=sink.url, **lease)
    assert sink.begun.wait(60)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    row = post.state(message_id)
    assert (row["state"], row["attempts"]) == ("queued", 1)
    other = new_sink()
    new_worker(SMTP_URL=other.url, **lease)
    other.until_taken(seconds=45)
    assert other.ids() == [message_id]
    assert post.until_state(message_id, "sent")["attempts"] == 2


def test_a_lease_is_of_real_time(post, case, as_role, clock):
    """The clock of the rules may stand still; leases go on."""
    clock.at("2030-01-01T00:00:00Z")
    message_id, = post.put(case)
    worker = as_role("worker")
    lease = "select message_id from rules.lease_mail(%s, 100)"
    assert worker.value(lease, 1) == message_id
    until(lambda: worker.rows(lease, 3600) == [{"message_id": message_id}])
    assert worker.rows(lease, 1) == []


def test_who_lost_the_lease_cannot_undo_what_another_did(post, case,
                                                         as_role):
    message_id, = post.put(case)
    worker = as_role("worker")
    first = worker.row("select * from rules.lease_mail(0, 100)")
    second = worker.row("select * from rules.lease_mail(60, 100)")
    assert first["id"] == second["id"]
    assert worker.value("select rules.mail_refused(%s, %s, 'x', true, 1, 9)",
                        first["id"], first["attempts"]) is False
    assert post.state(message_id)["state"] == "queued"
    worker.run("select rules.mail_sent(%s)", second["id"])
    assert post.state(message_id)["state"] == "sent"


def test_a_mail_that_ends_every_worker_fails_in_the_end(post, case, as_role):
    message_id, = post.put(case)
    worker = as_role("worker")
    for _ in range(3):
        assert worker.rows("select * from rules.lease_mail(0, 3)")
    assert worker.rows("select * from rules.lease_mail(0, 3)") == []
    failed = post.state(message_id)
    assert failed["state"] == "failed" and "worker" in failed["last_error"]


def test_two_workers_deliver_each_mail_exactly_once(new_worker, sink, post,
                                                    case):
    ids = post.put(case, number=240)
    sink.answer("DATA", *["stall"] * 4)     # as many as one worker can send
    workers = [new_worker(SMTP_URL=sink.url, MAIL_SENDERS=4, SMTP_TIMEOUT=90,
                          MAIL_LEASE_SECONDS=120, **PLAIN) for _ in range(2)]
    sink.until_taken(236)
    sink.go_on.set()
    sink.until_taken(240)
    until(lambda: sum(figure(w, 'mails_sent_total{kind="test"}')
                      for w in workers) == 240)
    assert sorted(sink.ids()) == sorted(ids)
    shares = [figure(w, 'mails_sent_total{kind="test"}') for w in workers]
    assert min(shares) > 0, shares
