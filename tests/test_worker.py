"""The worker as a process: leases, mail servers that misbehave, its end, and
timers that nobody has to ask for (fact 81)."""

import os
import pathlib
import re
import shutil
import signal
import ssl
import tempfile
import urllib.error
import urllib.request

import pytest

from instance import Cluster, free_port, is_ready, until
from mail import PLAIN, Post, in_maildir, make_certificate

pytestmark = pytest.mark.direct


def get(url):
    """Status and text."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as answer:
        return answer.code, answer.read().decode()


def figure(worker, name):
    """A value of /metrics, 0 if it is not there."""
    found = re.search(rf"^casework_worker_{re.escape(name)} (\S+)$",
                      get(worker.url + "/metrics")[1], re.MULTILINE)
    return float(found.group(1)) if found else 0


@pytest.fixture
def directory():
    """A directory that the worker's account can read."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="casework-tests-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


def is_asleep(sql):
    return sql.value("select asleep from casework.worker_wait")


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
    assert figure(worker, 'jobs_done_total{job="mail"}') == 1


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
    assert figure(worker, 'mails_failed_total{kind="test"}') == 1
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
    row = post.until_state(message_id, "sent", 30)
    assert row["attempts"] >= 2
    assert set(sink.ids()) == {message_id}


def test_a_server_that_is_away_is_waited_for(new_worker, new_sink, post,
                                             case):
    message_id, = post.put(case)
    nobody = free_port()
    with_nobody = new_worker(SMTP_URL=f"smtp://127.0.0.1:{nobody}", **PLAIN)
    until(lambda: post.state(message_id)["last_error"], 20)
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
    assert waits == [pytest.approx(x, abs=5) for x in (
        30, 60, 120, 240, 480, 960, 1920, 3600, 3600)]


def test_encrypted_and_with_a_password(new_worker, new_sink, post, case,
                                       directory):
    certificate = make_certificate(directory)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    sink = new_sink(tls=tls, user=("desk", "s3cret"))
    password = directory / "password"
    password.write_text("s3cret\n")
    message_id, = post.put(case)
    worker = new_worker(
        SMTP_URL=sink.url, SMTP_USER="desk", SMTP_PASSWORD_FILE=password,
        SMTP_CA_FILE=directory / "mail.crt", MAIL_RETRY_SECONDS=1)
    post.until_state(message_id, "sent")
    assert sink.logins == [("desk", "s3cret", True)]
    assert "s3cret" not in worker.log_file.read_text()


def test_nothing_is_sent_in_the_clear_unless_told_so(new_worker, sink, post,
                                                     case):
    message_id, = post.put(case)
    new_worker(SMTP_URL=sink.url)
    until(lambda: post.state(message_id)["last_error"], 20)
    assert post.state(message_id)["state"] == "queued" and sink.taken == []


# -- leases ----------------------------------------------------------------

def test_a_killed_workers_mail_goes_out_after_its_lease(
        new_worker, new_sink, post, case):
    sink = new_sink()
    sink.answer("DATA", "stall")
    message_id, = post.put(case)
    lease = {"MAIL_LEASE_SECONDS": 3, "SMTP_TIMEOUT": 2, **PLAIN}
    first = new_worker(SMTP_URL=sink.url, **lease)
    assert sink.begun.wait(20)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    row = post.state(message_id)
    assert (row["state"], row["attempts"]) == ("queued", 1)
    other = new_sink()
    new_worker(SMTP_URL=other.url, **lease)
    other.until_taken()
    assert other.ids() == [message_id]
    assert post.until_state(message_id, "sent")["attempts"] == 2


def test_a_lease_is_of_real_time(post, case, as_role, clock):
    """The clock of the rules may stand still; leases go on."""
    clock.at("2030-01-01T00:00:00Z")
    message_id, = post.put(case)
    worker = as_role("worker")
    lease = "select message_id from rules.lease_mail(1, 100)"
    assert worker.value(lease) == message_id
    assert worker.rows(lease) == []
    until(lambda: worker.rows(lease) == [{"message_id": message_id}])


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
    workers = [new_worker(SMTP_URL=sink.url, MAIL_SENDERS=4, **PLAIN)
               for _ in range(2)]
    sink.until_taken(240, 60)
    until(lambda: sum(figure(w, 'mails_sent_total{kind="test"}')
                      for w in workers) == 240)
    assert sorted(sink.ids()) == sorted(ids)
    shares = [figure(w, 'mails_sent_total{kind="test"}') for w in workers]
    assert min(shares) > 0, shares


# -- waking, ending --------------------------------------------------------

def test_a_change_wakes_a_sleeping_worker(new_worker, post, case, advisor,
                                          sql):
    """By itself it would look again after a minute."""
    worker = new_worker(TIMER_SECONDS=60)
    until(lambda: is_asleep(sql), 20)
    case.note(advisor).expect(201)
    until(lambda: in_maildir(worker), 20)


def test_without_a_worker_nobody_is_notified(new_worker, sql):
    worker = new_worker()
    until(lambda: is_asleep(sql), 20)
    worker.terminate()
    assert worker.wait() == 0
    assert not is_asleep(sql)


def test_the_mail_in_hand_is_finished_before_the_end(new_worker, sink, post,
                                                     case):
    sink.answer("DATA", "stall")
    first, second = post.put(case, number=2)
    worker = new_worker(SMTP_URL=sink.url, MAIL_SENDERS=1, **PLAIN)
    assert sink.begun.wait(20)
    worker.terminate()
    until(lambda: "drain_started" in worker.log_file.read_text())
    sink.go_on.set()
    assert worker.wait() == 0
    states = [post.state(x) for x in sink.ids()]
    assert [s["state"] for s in states] == ["sent"]
    waiting, = {first, second} - set(sink.ids())
    assert post.state(waiting)["attempts"] == 0
    assert "every mail in hand was settled" in worker.log_file.read_text()


def test_the_end_does_not_wait_for_ever(new_worker, sink, post, case):
    sink.answer("DATA", "stall")
    message_id, = post.put(case)
    worker = new_worker(SMTP_URL=sink.url, DRAIN_SECONDS=1, **PLAIN)
    assert sink.begun.wait(20)
    worker.terminate()
    assert worker.wait(15) == 0
    assert post.state(message_id)["state"] == "queued"


# -- timers ----------------------------------------------------------------

@pytest.fixture
def timer(sql):
    """Makes timers for one test: timer(name, body)."""
    made = []
    sql.run("create table if not exists casework.test_ticks (name text);"
            " truncate casework.test_ticks;"
            " grant select, insert on casework.test_ticks to casework_worker")

    def make(name, body):
        made.append(name)
        sql.run(f"create function rules.timer_{name}(batch int) returns int"
                f" language plpgsql as $timer$ begin {body} end $timer$")

    yield make
    for name in made:
        sql.run(f"drop function rules.timer_{name}(int)")
    sql.run("drop table casework.test_ticks")


TICK = "insert into casework.test_ticks values ('%s'); return 0;"


def ticks(sql, name):
    return sql.value("select count(*) from casework.test_ticks"
                     " where name = %s", name)


@pytest.mark.fact(81)
def test_timers_run_without_anybody_asking(timer, new_worker, sql):
    timer("test_tick", TICK % "tick")
    worker = new_worker()
    until(lambda: ticks(sql, "tick") >= 3, 20)
    assert figure(worker, 'timer_runs_total{timer="timer_test_tick"}') >= 3


def test_a_timer_is_called_again_while_there_is_work(timer, new_worker, sql):
    timer("test_work", "if (select count(*) from casework.test_ticks) < 500"
          " then insert into casework.test_ticks values ('work');"
          " return 1; end if; return 0;")
    worker = new_worker()
    until(lambda: ticks(sql, "work") == 500, 30)
    assert figure(worker,
                  'timer_items_total{timer="timer_test_work"}') == 500


def test_a_timer_that_fails_stops_no_other(timer, new_worker, sql):
    timer("test_a_broken", "raise exception 'no luck';")
    timer("test_b_tick", TICK % "tick")
    worker = new_worker()
    until(lambda: ticks(sql, "tick") >= 5, 20)
    assert 1 <= figure(
        worker, 'timer_faults_total{timer="timer_test_a_broken"}') <= 4
    assert get(worker.url + "/readyz")[0] == 200
    assert "no luck" not in worker.log_file.read_text()


def test_an_item_that_fails_is_left_alone_longer_each_time(post, as_role,
                                                           clock, sql):
    """A minute times the square of its attempts, at most an hour."""
    clock.at("2026-11-23T12:00:00Z")
    worker = as_role("worker")
    waits = []
    for _ in range(9):
        worker.run("select rules.timer_failed('test', '17', 'no luck')")
        waits.append(sql.value(
            "select extract(epoch from retry_at - rules.now()) / 60"
            " from casework.timer_faults where timer = 'test'"))
    assert waits == [1, 4, 9, 16, 25, 36, 49, 60, 60]
    skips = "select rules.timer_skips('test', %s)"
    assert worker.value(skips, "17") and not worker.value(skips, "18")
    clock.at("2026-11-23T13:00:00Z")
    assert not worker.value(skips, "17")
    assert worker.value("select rules.timer_forget_faults(10)") == 0
    clock.at("2026-11-24T13:00:01Z")
    assert worker.value("select rules.timer_forget_faults(10)") == 1


# -- health ----------------------------------------------------------------

def test_a_worker_says_how_it_is(worker):
    assert get(worker.url + "/livez") == (200, "ok\n")
    assert get(worker.url + "/readyz") == (200, "ok\n")
    status, text = get(worker.url + "/metrics")
    assert status == 200
    for name in ("jobs_leased_total", "jobs_done_total", "jobs_failed_total",
                 "mails_sent_total", "mails_failed_total",
                 "mail_queue_length", "mail_queue_oldest_seconds",
                 "timer_runs_total", "timer_seconds_total"):
        assert f"# TYPE casework_worker_{name} " in text
    assert get(worker.url + "/v1/cases")[0] == 404
    request = urllib.request.Request(worker.url + "/livez", b"", method="POST")
    with pytest.raises(urllib.error.HTTPError, match="405"):
        urllib.request.urlopen(request, timeout=5)


def test_the_queue_is_measured(new_worker, post, case):
    post.put(case, number=3)
    worker = new_worker(MAIL_SENDERS=0)
    until(lambda: figure(worker, "mail_queue_length") == 3, 20)
    first = figure(worker, "mail_queue_oldest_seconds")
    until(lambda: figure(worker, "mail_queue_oldest_seconds") > first > 0, 20)


def test_the_worker_waits_for_a_database_that_is_away(broken):
    """Nothing is lost: what was queued goes out when it is back."""
    post = Post(broken.sql)
    post.begin()
    case = broken.contact.submit()
    with broken.instance.worker(MAIL_SENDERS=1) as worker:
        cluster = Cluster(broken.instance)
        cluster.stop(signal.SIGQUIT)
        until(lambda: "database_lost" in worker.log_file.read_text(), 20)
        assert get(worker.url + "/livez")[0] == 200
        assert get(worker.url + "/metrics")[0] == 200
        until(lambda: get(worker.url + "/readyz")[0] == 503, 30)
        cluster.start()
        until(lambda: is_ready(broken.instance.url), 30)
        broken.open_sql()
        post.sql = broken.sql
        until(lambda: is_ready(worker.url), 30)
        message_id, = post.put(case)
        post.until_state(message_id, "sent")
        assert len(in_maildir(worker)) == 1


# -- the command line ------------------------------------------------------

@pytest.mark.parametrize("settings, word", [
    ({"DATABASE_URL": ""}, "DATABASE_URL"),
    ({"DATABASE_URL": "nonsense"}, "DATABASE_URL"),
    ({"WORKER_PORT": "http"}, "WORKER_PORT"),
    ({"WORKER_BIND": "192.0.2.1"}, "WORKER_BIND"),
    ({"PUBLIC_URL": "portal"}, "PUBLIC_URL"),
    ({"PORTAL_URL": "https://portal.example/"}, "PORTAL_URL"),
    ({"MAIL_FROM": "nobody"}, "MAIL_FROM"),
    ({"MAIL_DIR": ""}, "MAIL_DIR"),
    ({"MAIL_DIR": "/nonexistent/mail"}, "/nonexistent/mail"),
    ({"MAIL_SENDERS": "many"}, "MAIL_SENDERS"),
    ({"MAIL_LEASE_SECONDS": "30"}, "SMTP_TIMEOUT"),
    ({"LOG_FILE": "/nonexistent/log"}, "LOG_FILE"),
    ({"SMTP_URL": "http://127.0.0.1"}, "SMTP_URL"),
    ({"SMTP_URL": "smtp://a", "SMTP_STARTTLS": "maybe"}, "SMTP_STARTTLS"),
    ({"SMTP_URL": "smtp://a", "SMTP_USER": "desk"}, "SMTP_PASSWORD_FILE"),
    ({"SMTP_URL": "smtp://a", "SMTP_USER": "desk",
      "SMTP_PASSWORD_FILE": "/nonexistent/x"}, "/nonexistent/x"),
    ({"SMTP_URL": "smtp://a", "SMTP_USER": "desk", "SMTP_STARTTLS": "try",
      "SMTP_PASSWORD_FILE": "/dev/null"}, "SMTP_STARTTLS")])
def test_a_bad_setting_is_one_line(instance, settings, word):
    done = instance.run("run", program="casework-worker",
                        **{"WORKER_PORT": free_port(), **settings})
    assert done.returncode == 1
    assert done.stderr.startswith("casework: ") and word in done.stderr
    assert done.stderr.count("\n") == 1


def test_help_lists_commands_and_settings(instance):
    done = instance.run("help", program="casework-worker")
    assert done.returncode == 0
    for word in ("run", "MAIL_DIR", "SMTP_URL", "WORKER_PORT", "PORTAL_URL"):
        assert word in done.stdout
    done = instance.run("dance", program="casework-worker")
    assert done.returncode == 1 and "usage" in done.stdout
