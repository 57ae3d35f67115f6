"""The database dies without saying so: what was begun is given up in time, the
next server is asked, and service and worker serve again by themselves.
"""

import contextlib
import subprocess
import threading

import pytest

from apart import Apart
from client import Client, Service
from faults import note_request, read_request
from files import Log
from instance import ROOT, figure, get, is_ready, until
from relay import Relay
from servers import Server
from wire import Wire

pytestmark = pytest.mark.direct
POOLS = {"READ_CONNECTIONS": 2, "WRITE_CONNECTIONS": 2, "SLOW_CONNECTIONS": 1}
NOTE = {"text": "What was seen at noon."}
SESSIONS = 3 * (2 + 2 + 1) + 2 * (2 + 2 + 1) + 6
SCOUTS = 5              # a kind of caller has one, that serves nobody
OPENED = "casework_database_opened_total"
WORKER_SESSIONS = 7     # threads that have one
WORKER_LEFT = 8         # LEFT_MAX of session.c


class Setting(Apart):
    """Services and workers of a test run beside it, and find the servers that
    the test says."""

    @contextlib.contextmanager
    def serving(self, *servers, wait=True, more=""):
        """A service beside, as its clients see it."""
        with self.instance.beside(
                wait, DATABASE_URL=url_of(*servers, more=more),
                **POOLS) as process:
            service = Service(process.url, self.contract)
            service.contact = Client(service, self.contact.token, "contact")
            service.public = Client(service)
            if wait:
                until(lambda: metric(
                    service, "casework_database_connections") == SESSIONS)
            try:
                yield service
            finally:
                service.close()

    def worker(self, *servers, wait=True):
        return self.instance.worker(wait, DATABASE_URL=url_of(*servers),
                                    WEBHOOK_CONNECTIONS=0)


def url_of(*servers, more=""):
    ports = ",".join(str(server.port) for server in servers)
    hosts = ",".join("127.0.0.1" for _ in servers)
    return f"postgresql:///casework?host={hosts}&port={ports}{more}"


@pytest.fixture(scope="module")
def setting(contract, tokens):
    setting = Setting(contract, tokens.scopes)
    yield setting
    setting.end()


@pytest.fixture
def case(setting):
    return setting.contact.submit()


@pytest.fixture
def asked():
    """The servers that somebody has tried to connect to, in order."""
    return []


@pytest.fixture
def relays(setting, asked):
    """Three ways to the primary, as if they were servers."""
    with contextlib.ExitStack() as begun:
        relays = [Relay(name, setting.primary.port, asked) for name in "abc"]
        for relay in relays:
            begun.callback(relay.end)
        yield relays


@pytest.fixture
def new_server():
    """Starts standbys of a server."""
    with contextlib.ExitStack() as begun:
        def start(of):
            server = Server(of)
            begun.callback(server.end)
            return server
        yield start


@pytest.fixture
def copy(setting, new_server):
    """Starts primaries that have what the setting's has."""
    def start():
        server = new_server(setting.primary)
        server.promote()
        return server
    return start


def metric(service, name):
    text = service.public.get("/metrics").body.decode()
    return sum(float(line.split()[-1]) for line in text.splitlines()
               if line.startswith((name + " ", name + "{")))


def findings(service):
    return {check["name"]: check["finding"]
            for check in service.public.get("/readyz?verbose")["checks"]}


def is_served(service, case):
    return service.public.get("/readyz").status == 200 and (
        service.contact.post(case.path + "/notes", NOTE).status == 201)


@contextlib.contextmanager
def reading(service, case):
    """Meanwhile a case is read, and all who read are told to be ready."""
    stop, others = threading.Event(), []

    def run():
        client = Client(service, service.contact.token, "contact")
        while not stop.is_set():
            others.extend(answer.transcript() for answer in (
                client.get(case.path),
                client.get("/readyz?exclude=writes")) if answer.status != 200)
    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
    assert others == []


def sessions(server, of="service"):
    """Those of the service's roles, or of the worker's."""
    sign = "=" if of == "worker" else "<>"
    return int(server.sql.value(
        "select count(*) as n from pg_stat_activity where usename like"
        f" 'casework_%' and usename {sign} 'casework_worker'"))


def notes(server, case):
    return int(server.sql.value(
        f"select count(*) as n from casework.notes where case_id = {case.id}"))


# -- a server falls silent -------------------------------------------------

def test_the_next_server_is_asked_when_one_falls_silent(
        setting, relays, asked, case):
    """Neither the first again, nor all of them within one deadline; and what
    was under way is answered."""
    with setting.serving(*relays) as service:
        assert set(asked) == {"a"}
        with relays[0].silent(), Wire(service) as reader, (
                Wire(service)) as writer:
            del asked[:]
            reader.send(read_request(reader, setting, case))
            writer.send(note_request(writer, setting, case))
            for wire, method, path in (
                    (reader, "GET", case.path),
                    (writer, "POST", case.path + "/notes")):
                assert wire.answer(method, path).status == 503
            until(lambda: is_served(service, case))
            assert asked and set(asked) == {"b"}
            assert metric(service,
                          'casework_database_lost_total{reason="silent"}') > 0
            assert metric(service, "casework_database_given_up") > 0
        until(lambda: metric(service, "casework_database_given_up") == 0)
        assert set(asked) == {"b"}
        service.contact.get(case.path).expect(200)


def test_each_server_has_its_own_deadline(setting, relays, asked, case):
    """A start goes past those that are silent."""
    with relays[0].silent(), relays[1].silent():
        with setting.serving(*relays) as service:
            assert is_served(service, case)
            assert set(asked) == set("abc")
        del asked[:]
        with setting.worker(*relays):
            assert set(asked) == set("abc")


def test_the_operator_s_command_goes_past_servers_as_well(
        setting, relays, asked, new_server):
    """One that is silent, one that is a standby, one that has no such
    database."""
    standby = new_server(setting.primary)
    elsewhere = new_server(setting.primary)
    elsewhere.promote()
    elsewhere.command("dropdb", "-h", "127.0.0.1", "-p", str(elsewhere.port),
                      "-U", "postgres", "casework")
    with relays[0].silent():
        done = setting.instance.run(
            "administrator", "--issuer", "https://login.example",
            "--subject", "chief", "--name", "Chief",
            program="casework-worker", DATABASE_URL=url_of(
                relays[0], standby, elsewhere, relays[1],
                more="&user=postgres"))
    assert done.returncode == 0, done.stderr
    assert set(asked) == {"a", "b"}
    assert setting.primary.sql.value(
        "select count(*) as n from casework.identities where subject ="
        " 'chief'") == 1


def test_a_start_during_the_outage_serves_when_it_is_over(
        setting, relays, case):
    with contextlib.ExitStack() as running:
        with relays[0].silent():
            service = running.enter_context(
                setting.serving(relays[0], wait=False))
            worker = running.enter_context(
                setting.worker(relays[0], wait=False))

            def says(url, path, status):
                try:
                    return get(url + path)[0] == status
                except OSError:
                    return False            # it does not listen yet
            for url in (service.url, worker.url):
                until(lambda url=url: says(url, "/livez", 200))
                assert says(url, "/readyz", 503)
            until(lambda: set(findings(service).values()) == {"no_answer"})
        until(lambda: is_served(service, case))
        until(lambda: is_ready(worker.url))


def test_the_worker_s_threads_go_on_elsewhere(setting, relays, asked):
    with setting.worker(*relays[:2]) as worker:
        log = Log(worker.log_file)
        until(lambda: figure(worker,
                             "database_connections") == WORKER_SESSIONS)
        assert set(asked) == {"a"}

        def told(event, who):
            return any(line["event"] == event and line["subject"] == who
                       for line in log.lines(0))
        with relays[0].silent():
            del asked[:]
            for who in ("timers", "readiness"):
                until(lambda who=who: told("database_lost", who))
                until(lambda who=who: told("database_found", who))
            until(lambda: is_ready(worker.url))
            assert set(asked) == {"b"}
            until(lambda: figure(
                worker, 'database_lost_total{reason="silent"}') > 0)


# -- a server is not what is wanted ----------------------------------------

def test_a_standby_is_passed_by_until_it_is_the_primary(
        setting, new_server, case):
    """The primary dies in silence; readiness says what is left meanwhile."""
    standby = new_server(setting.primary)
    with setting.serving(standby, setting.primary) as service, (
            setting.worker(standby, setting.primary)) as worker:
        assert is_served(service, case) and sessions(standby) == 0
        assert sessions(standby, "worker") == 0
        setting.primary.stand_still()
        try:
            until(lambda: findings(service)["contact"] == "standby")
            service.public.get("/readyz?exclude=writes").expect(503)
            until(lambda: "database: a standby" in get(
                worker.url + "/readyz?verbose")[1])
            standby.promote()
            until(lambda: is_served(service, case))
            until(lambda: is_ready(worker.url))
            assert notes(standby, case) >= 2
            assert sessions(standby, "worker") > 0
        finally:
            setting.primary.go_on()


def test_a_start_beside_a_standby_alone_waits_for_its_promotion(
        setting, new_server, case):
    standby = new_server(setting.primary)
    with setting.serving(standby, wait=False) as service:
        def found():
            try:
                return set(findings(service).values())
            except OSError:
                return None
        until(lambda: found() == {"standby"})
        standby.promote()
        until(lambda: is_served(service, case))


def test_a_migration_waits_for_a_standby_that_does_not_know_the_database_yet(
        setting, new_server, tmp_path):
    """libpq asks no further host of one that refuses."""
    standby = new_server(setting.primary)
    standby.sql.run("select pg_wal_replay_pause()")
    setting.primary.sql.run("create database young")
    url = (f"postgresql://postgres@127.0.0.1:{standby.port},127.0.0.1:"
           f"{setting.primary.port}/young?target_session_attrs=read-write")
    with (tmp_path / "log").open("w") as log, subprocess.Popen(
            [ROOT / "sql" / "migrate.sh", url], stdin=subprocess.DEVNULL,
            stdout=log, stderr=log) as migrating:
        try:
            refused = 'database "young" does not exist'
            until(lambda: refused in (standby.place / "log").read_text())
            assert migrating.poll() is None
            standby.sql.run("select pg_wal_replay_resume()")
            assert migrating.wait(120) == 0, (tmp_path / "log").read_text()
        finally:
            migrating.kill()
            migrating.wait()
            setting.primary.sql.run("drop database young with (force)")


def test_what_target_session_attrs_says_is_what_is_wanted(
        setting, new_server, case):
    """Who asks for a standby gets one, and reads there."""
    standby = new_server(setting.primary)
    with setting.serving(setting.primary, standby, wait=False,
                         more="&target_session_attrs=standby") as service:
        def read():
            try:
                return service.contact.get(case.path).status == 200
            except OSError:
                return False
        until(read)
        assert sessions(standby) > 0
        service.contact.post(case.path + "/notes", NOTE).expect(503)


def test_a_primary_that_becomes_read_only_is_left(setting, copy, case):
    """And if there is no other, reading goes on until there is one."""
    one, other = copy(), copy()

    def may_write(server, yes):
        server.sql.run("set default_transaction_read_only = off")
        server.sql.run("alter system set default_transaction_read_only = "
                       + ("off" if yes else "on"))
        server.sql.run("select pg_reload_conf()")
    with setting.serving(one, other) as service, (
            setting.worker(one, other)) as worker:
        assert is_served(service, case) and sessions(other) == 0
        may_write(one, False)
        until(lambda: is_served(service, case) and sessions(one) == 0)
        until(lambda: is_ready(worker.url) and sessions(other, "worker") > 0)
        until(lambda: sessions(other) == metric(
            service, "casework_database_connections") == SESSIONS)
        with reading(service, case):
            may_write(other, False)
            until(lambda: set(findings(service).values()) == {"read_only"})
            until(lambda: "writes: read-only" in get(
                worker.url + "/readyz?verbose")[1])
            opened = metric(service, OPENED)
            until(lambda: metric(service, OPENED) >= opened + SCOUTS)
        may_write(one, True)
        until(lambda: is_served(service, case) and sessions(other) == 0)
        until(lambda: is_ready(worker.url) and sessions(one, "worker") > 0)


# -- a standby that commits wait for ---------------------------------------

def test_a_lost_synchronous_standby_ends_no_reading(
        setting, copy, new_server, case):
    """Writes wait for it, and their backends outlive the requests; no more of
    these are opened than there is room for."""
    cases = [setting.contact.submit() for _ in range(12)]
    primary = copy()
    standby = new_server(primary)
    owner = primary.sql
    for kind in ("contact", "worker"):
        owner.run(f"alter role casework_{kind} set statement_timeout = '1s'")
    with setting.serving(primary) as service, (
            setting.worker(primary)) as worker:
        assert is_served(service, case)
        owner.run("alter system set synchronous_standby_names ="
                  f" 's{standby.port}'")
        owner.run("select pg_reload_conf()")
        until(lambda: owner.value("select count(*) as n from"
                                  " pg_stat_replication where sync_state ="
                                  " 'sync'") == 1)
        assert is_served(service, case)
        standby.stand_still()

        def waiting():
            """Backends of contacts' writes; those of all of the worker."""
            row, = owner.rows(
                "select count(*) filter (where application_name ="
                " 'casework write' and usename = 'casework_contact') as writes,"
                " count(*) filter (where usename = 'casework_worker') as"
                " worker from pg_stat_activity")
            assert row["writes"] <= 4       # two, one in reserve, one asks
            assert row["worker"] <= 3 * WORKER_SESSIONS + WORKER_LEFT
            return row["writes"]

        others = iter(cases)

        def upload():
            """Slow, as some reads are, which share its connections."""
            service.contact.post(
                next(others, case).path + "/attachments", b"seen",
                media="text/plain", headers={
                    "Content-Disposition": "attachment; filename=seen.txt"
                }).expect(503)

        def write_and_read():
            """Each to a case of its own: a write holds its rows."""
            service.contact.post(next(others, case).path + "/notes",
                                 NOTE).expect(503)
            service.contact.get(case.path).expect(200)
            service.public.get("/readyz?exclude=writes").expect(200)
            return waiting() >= 3 and (
                findings(service)["contact"] == "writes_hang")
        until(write_and_read)
        for _ in range(3):
            upload()
            until(lambda: service.contact.get(
                "/v1/cases?count=exact").status == 200)
        assert metric(service, "casework_database_given_up") >= 3
        until(lambda: figure(worker, "database_given_up") > WORKER_LEFT
              and waiting())
        standby.go_on()
        until(lambda: is_served(service, case))
        until(lambda: metric(service, "casework_database_given_up") == 0)
        until(lambda: is_ready(worker.url))
