"""Behind PgBouncer a session is one client's for as long as it is connected, and
the next one's as new; a pooler that does otherwise is found out."""

import contextlib
import pathlib

import pytest

from apart import Apart
from client import Client, Service
from files import Log
from instance import figure, get, is_ready, until
from mail import in_maildir, text_of
from pooler import Pooler
from servers import Server
from sql import Role
from test_silence import NOTE, WORKER_SESSIONS, findings
from world import a_case

pytestmark = pytest.mark.direct
POOLS = {"READ_CONNECTIONS": 2, "WRITE_CONNECTIONS": 2, "SLOW_CONNECTIONS": 1}
SENTENCE = "a pooler gives one session to several"
MAY_NOT = "42501"


class Setting(Apart):
    """And whoever comes by a pooler."""

    def __init__(self, contract, scopes):
        super().__init__(contract, scopes)
        self.advisor = self.world.staff("advisor")

    @contextlib.contextmanager
    def pooler(self, server=None, **settings):
        passwords = pathlib.Path(self.instance.env["PGPASSFILE"]).read_text()
        pooler = Pooler(server or self.primary, passwords, **settings)
        try:
            yield pooler
        finally:
            pooler.end()

    @contextlib.contextmanager
    def serving(self, pooler, wait=True):
        """A service behind it: its clients, and its log."""
        with self.instance.beside(wait, DATABASE_URL=pooler.url(),
                                  **POOLS) as process:
            until(lambda: listens(process))
            service = Service(process.url, self.contract)
            service.log = Log(process.log_file)
            service.public = Client(service)
            for who in (self.contact, self.advisor):
                setattr(service, who.kind,
                        Client(service, who.token, who.kind))
            try:
                yield service
            finally:
                service.close()

    def worker(self, pooler, wait=True):
        return self.instance.worker(wait, DATABASE_URL=pooler.url())


@pytest.fixture(scope="module")
def setting(contract, tokens):
    setting = Setting(contract, tokens.scopes)
    yield setting
    setting.end()


@pytest.fixture(scope="module")
def pooler(setting):
    with setting.pooler() as pooler:
        yield pooler


def listens(process):
    with contextlib.suppress(OSError):
        return get(process.url + "/livez")[0] == 200


def says(log, event, text=""):
    return any(line["event"] == event and text in line["detail"]
               for line in log.lines(0))


# -- what goes on as without ---------------------------------------------------

def test_a_case_lives_behind_a_pooler(setting, pooler):
    """Contact, staff and worker, reads and writes: and what the contact writes
    is mailed, which the worker learns by a notification."""
    with setting.serving(pooler) as service, setting.worker(pooler) as worker:
        contact, advisor = service.contact, service.staff
        until(lambda: figure(worker, "database_connections") > 0)
        made = contact.post("/v1/cases", a_case()).expect(201)
        case = made.location
        for _ in range(3):                  # each connection prepares its own
            assert contact.get(case).expect(200)["id"] == made["id"]
            assert made["id"] in contact.get("/v1/cases").expect(200).ids
            assert advisor.get(case).expect(200)["id"] == made["id"]
            contact.post(case + "/notes", NOTE).expect(201)
        seen = advisor.get(case).expect(200)
        seen = advisor.post(case + "/assignment", {
            "advisor_id": setting.advisor.id}, etag=seen.etag).expect(200)
        assert seen["status"] == "assigned"
        advisor.post(case + "/notes", {**NOTE, "visibility": "public"}
                     ).expect(201)
        (mail,) = until(lambda: in_maildir(worker))
        assert "Support has written a note" in text_of(mail)
        types = {e["type"] for e in contact.get(case + "/history")["items"]}
        assert {"case.submitted", "case.note_added", "case.assigned"} <= types
        for log in (service.log, Log(worker.log_file)):
            assert not says(log, "db_down") and not says(log, "database_lost")


def test_a_pooler_that_starts_again_is_found_again(setting):
    with setting.pooler() as pooler, setting.serving(pooler) as service, (
            setting.worker(pooler)) as worker:
        pooler.stop()
        until(lambda: service.public.get("/readyz").status == 503)
        until(lambda: not is_ready(worker.url))
        pooler.start()
        until(lambda: service.public.get("/readyz").status == 200)
        until(lambda: is_ready(worker.url))
        case = service.contact.post("/v1/cases", a_case()).expect(201)
        service.contact.get(case.location).expect(200)


def test_a_service_takes_the_sessions_of_the_one_before(setting):
    """What a client leaves behind is reset; nothing of it is in the way."""
    with setting.pooler() as pooler:
        for _ in range(2):
            with setting.serving(pooler) as service:
                service.contact.get("/v1/cases").expect(200)
                pids = set(setting.primary.sql.run(
                    "select pid from pg_stat_activity where usename ="
                    " 'casework_contact'").split())
        with setting.serving(pooler):
            assert pids & set(setting.primary.sql.run(
                "select pid from pg_stat_activity where usename ="
                " 'casework_contact'").split())


def test_a_standby_behind_a_pooler_serves_once_it_is_the_primary(setting):
    """PgBouncer tells each client what the server was when the first one came,
    whatever has become of it."""
    standby = Server(of=setting.primary)
    try:
        with setting.pooler(standby) as pooler, (
                setting.serving(pooler, wait=False)) as service, (
                setting.worker(pooler, wait=False)) as worker:
            until(lambda: set(findings(service).values()) == {"standby"})
            assert not is_ready(worker.url)
            standby.promote()
            until(lambda: service.public.get("/readyz").status == 200)
            until(lambda: is_ready(worker.url))
            service.contact.post("/v1/cases", a_case()).expect(201)
    finally:
        standby.end()


# -- secrecy -------------------------------------------------------------------

def test_a_session_leaves_the_next_client_nothing(setting):
    """Who has a role's password and no key gets a session that was the
    engine's, and can begin nothing in it."""
    own = setting.contact.id
    begin = "select rules.begin_contact(%s, null)"
    with setting.pooler(size=1) as pooler, contextlib.ExitStack() as begun:
        def connect():
            role = Role("contact", pooler.url("?user=casework_contact"),
                        setting.instance.env)
            begun.callback(role.close)
            return role
        engine = connect()
        proof = engine.admit()
        assert engine.fails(begin, own) is None
        engine.run("listen casework; prepare hers as select 1;"
                   " set search_path = pg_temp")
        engine.close()
        stranger = connect()
        assert stranger.process_id == engine.process_id
        assert stranger.run("show search_path") != "pg_temp"
        assert stranger.fails("execute hers") == "26000"
        assert stranger.run("select pg_listening_channels()") == ""
        assert stranger.fails(begin, own) == MAY_NOT
        for seen in (proof, stranger.proof_before()):
            assert stranger.fails("select rules.admit(%s)", seen) == MAY_NOT
            assert stranger.fails(begin, own) == MAY_NOT
        stranger.admit()                    # by the key
        assert stranger.fails(begin, own) is None


# -- poolers that share --------------------------------------------------------

SHARING = pytest.mark.parametrize("how", [
    {"mode": "transaction"}, {"mode": "transaction", "size": 2},
    {"mode": "statement"}], ids=["transactions", "few", "statements"])


def is_refused(service):
    """Somebody was told why, and nobody is told nonsense meanwhile."""
    until(lambda: says(service.log, "db_down", SENTENCE))
    until(lambda: "pooled" in findings(service).values())
    assert service.public.get("/readyz").status == 503
    return all(service.contact.get("/v1/cases").status in (200, 503)
               for _ in range(20))


def refuses(worker):
    until(worker.log_file.exists)
    until(lambda: says(Log(worker.log_file), "database_lost", SENTENCE))
    until(lambda: not is_ready(worker.url))
    return figure(worker, "database_connections") < WORKER_SESSIONS


@SHARING
def test_a_service_refuses_a_pooler_that_shares(setting, how):
    with setting.pooler(**how) as pooler, (
            setting.serving(pooler, wait=False)) as service:
        assert is_refused(service)


@SHARING
def test_a_worker_refuses_a_pooler_that_shares(setting, how):
    with setting.pooler(**how) as pooler, (
            setting.worker(pooler, wait=False)) as worker:
        assert refuses(worker)


def test_a_pooler_that_resets_nothing_is_refused(setting):
    """By whoever comes second."""
    with setting.pooler(reset="") as pooler:
        with setting.serving(pooler), setting.worker(pooler):
            pass
        with setting.serving(pooler, wait=False) as service:
            assert is_refused(service)
        with setting.worker(pooler, wait=False) as worker:
            assert refuses(worker)
