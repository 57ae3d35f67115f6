"""What happens without a request: timers and the clock they read, mail,
webhooks, the status feed, and workers of a test's own.
"""

import contextlib
import pathlib
import shutil
import tempfile

import pytest

from instance import until
from mail import Post, Sink
from sql import until_settled
from status_files import HOSTILE, Feed
from webhooks import Receiver, Webhook, make_certificate
from world import Clock


@pytest.fixture
def clock(sql):
    clock = Clock(sql)
    yield clock
    clock.reset()


@pytest.fixture
def timer(as_role):
    """Runs a timer as the worker does, until nothing is due any more."""
    def run(name):
        worker = as_role("worker")
        while int(worker.run(f"select rules.timer_{name}(100)")):
            pass
    return run


@pytest.fixture
def moved(sql, timer):
    """Has all open cases follow the calendar; changes of the test are undone by
    then, so that other tests find none under way."""
    def run():
        until_settled(sql)
        timer("calendar")
        assert sql.value("select changed_at from rules.calendar_change"
                         ) is None
    yield run
    run()


@pytest.fixture
def change_calendar(sql, moved):
    """Changes a table of the calendar by SQL, and back at the end."""
    undone = []

    def change(statement, undo):
        undone.append(undo)
        sql.run(statement)
        moved()
    yield change
    for undo in reversed(undone):
        sql.run(undo)


@pytest.fixture
def another_holiday(change_calendar):
    """Makes that date a holiday for the rest of the test."""
    def make(date):
        change_calendar(
            "insert into casework.holidays (date, name, nominal_date)"
            f" values ('{date}', 'Snow', '{date}')",
            f"delete from casework.holidays where date = '{date}'")
    return make


@pytest.fixture
def tell(as_role, sql):
    """Runs the timer that tells cases of fixes until all are told, whether
    or not a worker does the same."""
    def all_told():
        as_role("worker").run("select rules.timer_defect_fixes(1000)")
        return sql.value("select not exists (select from"
                         " casework.defect_fix_cases where done_at is null)")

    return lambda: until(all_told)


@pytest.fixture
def dispatch(timer, sql):
    """Writes the mails about all that has happened so far: the timer passes
    nothing while something older is under way."""
    def run():
        until_settled(sql)
        timer("mail_dispatch")
    return run


@pytest.fixture
def settle(as_role, sql):
    """Waits until every event so far is in the sums. Other workers may be
    about, and a transaction of another test holds the feed up."""
    def settled():
        as_role("worker").run("select rules.timer_figures(1000)")
        return sql.value(
            "select not exists (select from casework.events e,"
            " casework.event_cursors c where c.consumer = 'figures'"
            " and (e.xid, e.id) > (c.xid, c.event_id))")

    def settle():
        until(settled)
    return settle


@pytest.fixture
def post(sql):
    """The mails of this test: what others left is no longer waiting."""
    post = Post(sql)
    post.begin()
    yield post
    post.end()


@pytest.fixture
def new_worker(instance, post, as_role, sql):
    """Starts a worker of the test's own, on the database of all tests. The
    instance itself has none, since many tests stop the clock; what they have
    left due is done first."""
    timers = [row["call"] for row in sql.rows(
        "select format('select rules.%I(1000) as n', proname) as call"
        " from pg_proc where pronamespace = 'rules'::regnamespace"
        " and proname like 'timer\\_%' and prorettype = 'int4'::regtype")]
    assert timers
    for call in timers:
        while int(as_role("worker").run(call)):
            pass
    post.begin()
    with contextlib.ExitStack() as running:
        def start(wait=True, **settings):
            """It posts to no webhook, unless it is told to."""
            return running.enter_context(instance.worker(
                wait, **{"WEBHOOK_CONNECTIONS": 0, **settings}))
        yield start


@pytest.fixture
def worker(new_worker):
    """A worker that writes into a maildir."""
    return new_worker()


@pytest.fixture
def new_sink():
    """Starts a mail server."""
    running = []

    def start(**options):
        running.append(Sink(**options))
        return running[-1]
    yield start
    for sink in running:
        sink.stop()


@pytest.fixture
def sink(new_sink):
    return new_sink()


@pytest.fixture(scope="session")
def receiver_certificate():
    """Readable by the worker's account."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="casework-tests-"))
    path.chmod(0o755)
    yield make_certificate(path)
    shutil.rmtree(path)


@pytest.fixture
def new_receiver(receiver_certificate):
    """Starts an HTTPS server that takes webhooks."""
    running = []

    def start(certificate=receiver_certificate):
        running.append(Receiver(certificate))
        return running[-1]
    yield start
    for receiver in running:
        receiver.stop()


@pytest.fixture
def receiver(new_receiver):
    return new_receiver()


@pytest.fixture
def webhook(case, contact, receiver):
    """One that is told all that happens after the case was submitted."""
    return Webhook(contact, receiver.url)


@pytest.fixture
def no_other_webhooks(sql):
    """What other tests' webhooks wait for is put aside."""
    sql.run("update casework.webhooks set status = 'disabled',"
            " disabled_reason = 'owner' where status = 'enabled';"
            " update casework.webhook_deliveries set state = 'failed',"
            " next_attempt_at = null, leased_until = null"
            " where state = 'pending';"
            " update casework.webhook_turns set ready_at = null;"
            " update casework.webhook_owners set ready_at = null")


@pytest.fixture
def new_sender(new_worker, receiver_certificate, no_other_webhooks):
    """Starts a worker that may post to loopback, whose certificate it trusts.
    """
    def start(**settings):
        return new_worker(**{
            "WEBHOOK_CONNECTIONS": 32, "WEBHOOK_ALLOW": "127.0.0.0/8,::1/128",
            "WEBHOOK_CA_FILE": receiver_certificate[0], **settings})
    return start


@pytest.fixture
def sender(new_sender):
    return new_sender()


@pytest.fixture
def feed(tmp_path, instance):
    """The status feed, in a directory of the test's own."""
    return Feed(tmp_path, instance)


@pytest.fixture
def outage(open_incident, district):
    """An incident on the status channel."""
    return open_incident(
        scope={"districts": [district.id]}, channels=["status"],
        components=["grade_book"], severity="critical",
        title=f"Slow {HOSTILE}"[:200], text=f"We know. {HOSTILE}")
