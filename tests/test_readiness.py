"""/readyz of the service tells the truth: while PostgreSQL hangs, for one kind
of caller or for all, is read-only, or has no room left on its disk. What it
says is at most two seconds old, and asking costs nothing.
"""

import contextlib
import os
import select
import signal

import pytest

from client import Client, Service
from faults import (is_waiting, note_request, read_request, small_disk,
                    wait_until_served)
from instance import children, is_ready, stopped, until
from meeting import locked
from wire import Wire
from world import a_case

pytestmark = pytest.mark.direct
CHECKS = {"public", "contact", "partner", "staff", "telephony", "writes"}
READS = "&exclude=writes"
FRESH = 2000        # ms


@pytest.fixture
def ready(broken):
    """Asks one of the two processes; each knows for itself."""
    wait_until_served(broken)
    public = Client(broken.service)

    def ask(query=""):
        broken.service.close()
        return public.get("/readyz" + query)
    until(lambda: all(ask().status == 200 for _ in range(8)))
    yield ask
    wait_until_served(broken)


def findings(answer):
    return {c["name"]: c["finding"] for c in answer["checks"]}


def all_say(ready, status, query=""):
    """Whether both processes do, as far as eight questions tell."""
    return all(ready(query).status == status for _ in range(8))


def until_told(ready, status, usual="ok", more="", **others):
    """The answer of that status that finds so of every check, but for others.
    On a slow machine an answer may be late at times: that is no fault."""
    wanted = {**dict.fromkeys(CHECKS, usual), **others}

    def answer():
        said = ready("?verbose" + more)
        return (said.status, findings(said)) == (status, wanted) and said
    return until(answer)


def until_says(ready, status, sentence, query=""):
    def answer():
        said = ready(query)
        return said.status == status and sentence in said["detail"] and said
    return until(answer)


# -- when all is well ------------------------------------------------------

def test_ready_is_said_shortly_and_on_demand_in_full(ready):
    until(lambda: ready().json == {"status": "ok"})
    for query in ("", "=", "=true"):
        until_told(ready, 200, more=query)
    for query in ("?verbose=yes", "?exclude=reads", "?exclude=", "?x"):
        ready(query).expect(400)


def test_no_ready_answer_is_older_than_two_seconds(ready):
    ages = []
    for _ in range(100):
        answer = ready("?verbose")
        if answer.status == 200:
            ages += [c["milliseconds"] for c in answer["checks"]]
    assert ages and max(ages) <= FRESH


# -- a database that hangs -------------------------------------------------

def test_a_database_that_hangs_is_not_ready_and_nobody_waits_for_it(
        broken, ready):
    with broken.cluster.stalled():
        until(lambda: all_say(ready, 503))
        for query in ("", "?exclude=writes"):
            answer = until_says(ready, 503, "does not answer", query)
            answer.expect(503, problem="unavailable")
            assert "checks" not in answer.json
        answer = until_told(ready, 503, "no_answer")
        assert min(c["milliseconds"] for c in answer["checks"]) > FRESH
        Client(broken.service).get("/livez").expect(200)
    until(lambda: all_say(ready, 200))


@pytest.mark.parametrize("kind", ["staff", "telephony"])
def test_one_kind_of_caller_that_gets_no_answer_is_named(broken, ready, kind):
    pids = [row["pid"] for row in broken.sql.rows(
        "select pid from pg_stat_activity where usename = %s",
        "casework_" + kind)]
    assert pids
    with stopped(pids):
        until_told(ready, 503, **{kind: "no_answer"})
    until(lambda: all_say(ready, 200))


def test_a_database_that_has_gone_is_not_ready(broken, ready):
    broken.sql.close()
    broken.cluster.stop(signal.SIGQUIT)
    try:
        until(lambda: all_say(ready, 503))
        said = until_told(ready, 503, "not_connected")
        for secret in ("casework_", "host", "socket", str(
                broken.instance.state())):
            assert secret not in str(said["checks"])
    finally:
        broken.cluster.start()
        wait_until_served(broken)
        broken.open_sql()


def test_callers_cannot_make_it_look_dead(broken, ready):
    """Their connections wait, all of them; none is asked meanwhile."""
    case = broken.contact.submit()
    with contextlib.ExitStack() as stack:
        wires = [stack.enter_context(Wire(broken.service)) for _ in range(80)]
        with locked(broken.instance, "cases"):
            for writer, reader in zip(wires[::2], wires[1::2]):
                writer.send(note_request(writer, broken, case))
                reader.send(read_request(reader, broken, case))
            until(lambda: is_waiting(broken, 6))
            # The first has waited in vain: two seconds have passed.
            until(lambda: select.select(wires, [], [], 0)[0])
            until(lambda: findings(ready("?verbose"))["contact"] == "ok")
            assert is_waiting(broken), "they came before it"
        for writer, reader in zip(wires[::2], wires[1::2]):
            writer.answer("POST", case.path + "/notes")
            reader.answer("GET", case.path)


POOLS = {"casework read", "casework write", "casework slow", "casework probe"}


def test_where_all_connections_wait_another_one_is_asked(broken):
    """Questions are answered while backends stand still in mid-request: twice,
    since the first may have been on its way. After three seconds the service
    gives up on them, which may be too soon for a slow machine, and whoever
    connects beside it may be taken for it: then again, with another one."""
    case, pools = broken.contact.submit(), (
        "select application_name as pool, pid from pg_stat_activity"
        " where usename = 'casework_contact'")

    def check(public):
        found, = (c for c in public.get("/readyz?verbose")["checks"]
                  if c["name"] == "contact")
        return found["finding"], found["milliseconds"]

    def answered_anew(public):
        """None if there is no answer any more."""
        before = check(public)
        while before[0] == "ok":
            now = check(public)
            if now[0] == "ok" and now[1] < before[1]:
                return True
            before = now
        return None

    def answered_while_they_wait():
        others = broken.sql.rows(pools)
        with broken.instance.beside(
                WORKERS=1, READ_CONNECTIONS=1, WRITE_CONNECTIONS=1,
                SLOW_CONNECTIONS=1) as process, contextlib.ExitStack() as stack:
            service = Service(process.url, broken.contract)
            stack.callback(service.close)
            public = Client(service)
            until(lambda: check(public)[0] == "ok")
            own = [row for row in broken.sql.rows(pools) if row not in others]
            pids = {row["pool"]: row["pid"] for row in own}
            if len(own) != len(POOLS) or set(pids) != POOLS:
                return False
            writer = stack.enter_context(Wire(service))
            reader = stack.enter_context(Wire(service))
            public.get("/livez").expect(200)            # both are accepted
            with stopped([pids["casework read"], pids["casework write"]]):
                with stopped(children(process.pid)):
                    writer.send(note_request(writer, broken, case))
                    reader.send(read_request(reader, broken, case))
                return all(answered_anew(public) for _ in range(2)) and not (
                    select.select([writer, reader], [], [], 0)[0])
    until(answered_while_they_wait)


# -- one that cannot write -------------------------------------------------

@contextlib.contextmanager
def read_only(broken):
    def change(words):
        broken.sql.run("set default_transaction_read_only = off")
        broken.sql.run("alter system " + words)
        broken.sql.run("select pg_reload_conf()")
    change("set default_transaction_read_only = on")
    try:
        yield
    finally:
        change("reset default_transaction_read_only")


def test_a_read_only_database_is_ready_for_reads_only(broken, ready):
    case, client = broken.contact.submit(), broken.client()
    with read_only(broken):
        until(lambda: all_say(ready, 503))
        until_says(ready, 503, "read-only")
        until_told(ready, 200, "read_only", READS)
        until(lambda: all_say(ready, 200, "?exclude=writes"))
        client.get(case.path).expect(200)
        client.post("/v1/cases", a_case()).expect(503, problem="unavailable")
    until(lambda: all_say(ready, 200))
    client.post("/v1/cases", a_case()).expect(201)


def test_one_role_that_may_not_write_is_named(broken, ready):
    role = "alter role casework_partner in database casework "
    end = ("select pg_terminate_backend(pid) from pg_stat_activity"
           " where usename = 'casework_partner'")
    broken.sql.run(role + "set default_transaction_read_only = on")
    try:
        broken.sql.run(end)
        until(lambda: all_say(ready, 503))
        until_told(ready, 503, partner="read_only")
    finally:
        broken.sql.run(role + "reset default_transaction_read_only")
        broken.sql.run(end)
    until(lambda: all_say(ready, 200))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount")
def test_a_full_disk_is_told_and_what_is_there_can_be_read(broken, ready):
    case, client = broken.contact.submit(), broken.client()
    with small_disk(broken) as disk:
        until(lambda: all_say(ready, 200))
        disk.fill()
        until(lambda: all_say(ready, 503))
        until_says(ready, 503, "disk is full")
        until_told(ready, 200, more=READS, writes="disk_full")
        client.get(case.path).expect(200)
        disk.free()
        until(lambda: all_say(ready, 200))


def test_a_write_that_is_refused_otherwise_is_told_too(broken, ready):
    heartbeat = "execute on function rules.heartbeat()"
    broken.sql.run(f"revoke {heartbeat} from casework_public")
    try:
        until(lambda: all_say(ready, 503))
        until_says(ready, 503, "refuses")
        until_told(ready, 200, more=READS, writes="refused")
    finally:
        broken.sql.run(f"grant {heartbeat} to casework_public")
    until(lambda: all_say(ready, 200))


def test_a_service_ends_at_once_while_the_database_hangs(broken, ready):
    """What it only asks for itself is nothing to wait for."""
    with broken.instance.beside(DRAIN_SECONDS=600) as process:
        with broken.cluster.stalled():
            until(lambda: not is_ready(process.url))
            process.terminate()
            assert process.wait() == 0


# -- what an operator sees -------------------------------------------------

def test_the_log_says_each_change(broken, ready):
    """Not each time that it is asked, ten times a second: two processes say
    it, and say it again if an answer was late between."""
    mark = broken.log.mark()

    def told(event, detail):
        return [line for line in broken.log.lines(mark)
                if line["event"] == event and line["subject"] == "writes"
                and line["detail"] == detail]
    with read_only(broken):
        until(lambda: len(told("db_check_failed", "read_only")) >= 2)
    until(lambda: len(told("db_check_ok", "ok")) >= 2)
    failed = told("db_check_failed", "read_only")
    assert len(failed) < 10
    assert {line["level"] for line in failed} == {"error"}


def test_a_context_key_that_the_database_does_not_know_is_told(
        instance, contract):
    """A service with another key can do nothing for anybody."""
    with instance.beside(
            wait=False,
            CONTEXT_KEY_FILE=instance.env["CURSOR_KEY_FILE"]) as process:
        service = Service(process.url, contract)

        def found():
            try:
                return findings(Client(service).get("/readyz?verbose"))
            except OSError:
                return None             # not listening yet
        until(lambda: found() == dict.fromkeys(CHECKS, "not_connected"))
        until(lambda: "this session may not begin requests"
              in process.log_file.read_text())
        service.close()
