"""The worker as a process: how it wakes and ends, the timers that nobody has to
ask for (fact 81), what it tells of itself."""

import signal
import urllib.error
import urllib.request

import pytest

from instance import (
    Cluster, build_of, figure, free_port, get, is_ready, until)
from mail import PLAIN, Post, in_maildir
from sql import until_settled

pytestmark = pytest.mark.direct


def is_asleep(sql):
    return sql.value("select asleep from casework.worker_wait")


# -- waking, ending --------------------------------------------------------

def test_a_change_wakes_a_sleeping_worker(broken):
    """By itself it would look again after a minute. On a database of its own:
    on that of all tests there is always something to do."""
    case = broken.contact.submit()
    with broken.instance.worker(TIMER_SECONDS=60) as worker:
        until(lambda: is_asleep(broken.sql), 60)
        case.close().expect(200)        # invites to a survey
        until(lambda: in_maildir(worker), 45)


def test_a_worker_without_work_stays_asleep(broken):
    """A timer that woke it at each look kept it awake for ever."""
    with broken.instance.worker(TIMER_SECONDS=60) as worker:
        until(lambda: is_asleep(broken.sql), 60)
        looks = 'timer_runs_total{timer="timer_breaches"}'
        last = figure(worker, looks)
        with pytest.raises(AssertionError):
            until(lambda: figure(worker, looks) > last + 1, 3)
        assert is_asleep(broken.sql)


def test_a_timer_without_work_wakes_nobody(as_role, sql, clock):
    """On a database that has seen everything that the other tests do."""
    names = [row["name"] for row in sql.rows(
        "select proname as name from pg_proc where pronamespace ="
        " 'rules'::regnamespace and prorettype = 'int4'::regtype"
        " and proname like 'timer\\_%'")]
    worker = as_role("worker")
    clock.at(sql.value("select clock_timestamp() as now"))  # no more falls due

    def handled():
        until_settled(sql)
        return any([int(worker.run(f"select rules.{name}(1000)"))
                    for name in names])
    while handled():
        pass
    sql.run("update casework.worker_wait set asleep = true")
    listener = as_role("worker")
    listener.run("listen casework")
    try:
        for name in names:
            assert listener.run(f"select rules.{name}(100)") == "0", name
    finally:
        listener.run("unlisten casework")
        sql.run("update casework.worker_wait set asleep = false")


def test_without_a_worker_nobody_is_notified(broken):
    with broken.instance.worker() as worker:
        until(lambda: is_asleep(broken.sql), 60)
        worker.terminate()
        assert worker.wait() == 0
        assert not is_asleep(broken.sql)


def test_the_mail_in_hand_is_finished_before_the_end(new_worker, sink, post,
                                                     case):
    sink.answer("DATA", "stall")
    first, second = post.put(case, number=2)
    worker = new_worker(SMTP_URL=sink.url, MAIL_SENDERS=1, **PLAIN)
    assert sink.begun.wait(60)
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
    worker = new_worker(SMTP_URL=sink.url, SMTP_TIMEOUT=59, DRAIN_SECONDS=1,
                        **PLAIN)
    assert sink.begun.wait(60)
    worker.terminate()
    assert worker.wait() == 0
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
    until(lambda: ticks(sql, "tick") >= 3)
    until(lambda: figure(
        worker, 'timer_runs_total{timer="timer_test_tick"}') >= 3)


def test_a_timer_is_called_again_while_there_is_work(timer, new_worker, sql):
    timer("test_work", "if (select count(*) from casework.test_ticks) < 500"
          " then insert into casework.test_ticks values ('work');"
          " return 1; end if; return 0;")
    worker = new_worker()
    until(lambda: ticks(sql, "work") == 500, 95)    # 100 s, five a second
    until(lambda: figure(
        worker, 'timer_items_total{timer="timer_test_work"}') == 500)


def test_a_timer_that_fails_stops_no_other(timer, new_worker, sql):
    timer("test_a_broken", "raise exception 'no luck';")
    timer("test_b_tick", TICK % "tick")
    worker = new_worker()
    until(lambda: ticks(sql, "tick") >= 5)
    assert 1 <= figure(
        worker, 'timer_faults_total{timer="timer_test_a_broken"}') <= 4
    until(lambda: get(worker.url + "/readyz")[0] == 200)
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
    until(lambda: get(worker.url + "/readyz") == (200, "ok\n"))
    status, text = get(worker.url + "/metrics")
    assert status == 200
    for name in ("jobs_leased_total", "jobs_done_total", "jobs_failed_total",
                 "mails_sent_total", "mails_failed_total",
                 "mail_queue_length", "mail_queue_oldest_seconds",
                 "webhook_queue_length", "webhook_queue_oldest_seconds",
                 "webhook_attempts_total",
                 "timer_runs_total", "timer_seconds_total"):
        assert f"# TYPE casework_worker_{name} " in text
    assert get(worker.url + "/v1/cases")[0] == 404
    request = urllib.request.Request(worker.url + "/livez", b"", method="POST")
    with pytest.raises(urllib.error.HTTPError, match="405"):
        urllib.request.urlopen(request, timeout=20)


def test_service_and_worker_tell_what_was_built(public, worker, instance,
                                                contract):
    build = build_of(public.get("/metrics").expect(200).body.decode())
    assert build == build_of(get(worker.url + "/metrics")[1])
    version, commit = build
    assert version == contract.document["info"]["version"]
    assert instance.run("version").stdout == (
        f"casework {version} (commit {commit})\n")


def test_the_queue_is_measured(new_worker, post, case):
    post.put(case, number=3)
    worker = new_worker(MAIL_SENDERS=0)
    until(lambda: figure(worker, "mail_queue_length") == 3)
    first = figure(worker, "mail_queue_oldest_seconds")
    until(lambda: figure(worker, "mail_queue_oldest_seconds") > first > 0)


def test_the_worker_waits_for_a_database_that_is_away(broken):
    """Nothing is lost: what was queued goes out when it is back."""
    post = Post(broken.sql)
    post.begin()
    case = broken.contact.submit()
    with broken.instance.worker(MAIL_SENDERS=1) as worker:
        cluster = Cluster(broken.instance)
        cluster.stop(signal.SIGQUIT)
        until(lambda: "database_lost" in worker.log_file.read_text())
        assert get(worker.url + "/livez")[0] == 200
        assert get(worker.url + "/metrics")[0] == 200
        until(lambda: get(worker.url + "/readyz")[0] == 503)
        cluster.start()
        until(lambda: is_ready(broken.instance.url))
        broken.open_sql()
        post.sql = broken.sql
        until(lambda: is_ready(worker.url))
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
    ({"PORTAL_URL": "https://portal.example/?from=mail"}, "PORTAL_URL"),
    ({"MAIL_FROM": "nobody"}, "MAIL_FROM"),
    ({"MAIL_DIR": ""}, "MAIL_DIR"),
    ({"MAIL_DIR": "/nonexistent/mail"}, "/nonexistent/mail"),
    ({"MAIL_SENDERS": "many"}, "MAIL_SENDERS"),
    ({"MAIL_LEASE_SECONDS": "30"}, "SMTP_TIMEOUT"),
    ({"LOG_FILE": "/nonexistent/log"}, "LOG_FILE"),
    ({"SMTP_URL": "http://127.0.0.1"}, "SMTP_URL"),
    ({"SMTP_URL": "smtp://x:99999"}, "SMTP_URL"),
    ({"SMTP_URL": "smtp://"}, "SMTP_URL"),
    ({"SMTP_URL": "smtp://desk:word@x"}, "SMTP_URL"),
    ({"SMTP_URL": "smtp://x/?y"}, "SMTP_URL"),
    ({"SMTP_URL": "smtp://x/y"}, "SMTP_URL"),
    ({"SMTP_CA_FILE": "/nonexistent/ca"}, "SMTP_CA_FILE"),
    ({"WEBHOOK_CA_FILE": "/nonexistent/ca"}, "WEBHOOK_CA_FILE"),
    ({"WEBHOOK_CA_FILE": "/tmp"}, "WEBHOOK_CA_FILE"),
    ({"STATUS_URL": "foo"}, "STATUS_URL"),
    ({"STATUS_URL": "https://status.example/#now"}, "STATUS_URL"),
    ({"STATUS_DIR": "/nonexistent/x"}, "STATUS_DIR=/nonexistent/x"),
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
    for word in ("run", "MAIL_DIR", "SMTP_URL", "WORKER_PORT", "PORTAL_URL",
                 "PGPASSFILE"):
        assert word in done.stdout
    done = instance.run(program="casework-worker")
    assert done.returncode == 1 and "usage" in done.stdout
