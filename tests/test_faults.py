"""When something breaks: the database, a worker, the client, the process.

What was acknowledged is there; what is not there was not acknowledged; nobody
is answered with another's data; and everything comes back by itself.
"""

import os
import random
import select
import signal
import socket
import threading
import time

import pytest

from client import Client, Service
from instance import Cluster, Instance, Log, children, is_ready, until
from sql import Psql, SqlError
from tokens import Tokens
from wire import Closed, Wire
from world import World, a_case

pytestmark = pytest.mark.direct

WRITERS = 6


@pytest.fixture(scope="module")
def broken(contract, tokens):
    """An instance of its own, with two workers, to be broken."""
    instance = Instance(private=True, WORKERS="2")
    try:
        yield Setting(instance, contract, tokens.scopes)
    finally:
        instance.remove()


class Setting:
    def __init__(self, instance, contract, scopes):
        self.instance = instance
        self.contract = contract
        self.service = Service(instance.url, contract)
        self.cluster = Cluster(instance)
        self.log = Log(instance.log_file)
        self.tokens = Tokens(instance.keys_file, scopes)
        self.open_sql()
        self.contact = self.world.district().contact()
        self.stranger = self.world.district().contact()

    def open_sql(self):
        self.sql = Psql(self.instance.owner_url)
        self.world = World(self.service, self.tokens, self.sql)

    def client(self, who=None, service=None):
        who = who or self.contact
        return Client(service or self.service, who.token, who.kind)

    def worker_pids(self):
        """Children that serve; Kore's other helpers hold no listener."""
        return sorted(pid for pid in children(self.instance.pid)
                      if "wrk" in command_line(pid))


def command_line(pid):
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read().decode()
    except OSError:
        return ""


class Load:
    """Contacts that write notes and read them back, until told to stop."""

    def __init__(self, setting, lost_connections=False):
        self.setting = setting
        self.lost_connections = lost_connections
        self.stop = threading.Event()
        self.acknowledged = {}      # text → note id
        self.sent = set()
        self.statuses = {}
        self.faults = []
        self.cases = [who.submit() for who in
                      (setting.contact, setting.stranger)]
        self.threads = [threading.Thread(target=self.run, args=(number,))
                        for number in range(WRITERS)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *fault):
        self.stop.set()
        for thread in self.threads:
            thread.join(60)

    def run(self, number):
        case = self.cases[number % 2]
        client = self.setting.client(case.submitter)
        count = 0
        while not self.stop.is_set():
            count += 1
            text = f"{number}-{count}"
            try:
                self.write_and_read(client, case, text)
            except (OSError, Closed, ConnectionError) as fault:
                if not self.lost_connections:
                    self.faults.append(f"{text}: {fault!r}")
                    return
            except Exception as fault:
                if type(fault).__module__ == "http.client" and (
                        self.lost_connections):
                    continue
                self.faults.append(f"{text}: {fault!r}")
                return

    def write_and_read(self, client, case, text):
        self.sent.add(text)
        answer = client.post(case.path + "/notes", {"text": text})
        self.count(answer, 201, 503)
        if answer.status == 503:
            time.sleep(0.02)
            return
        assert answer["text"] == text, "answered with another's note"
        assert answer["case_id"] == case.id
        self.acknowledged[text] = answer["id"]
        read = client.get(answer.location)
        self.count(read, 200, 503)
        assert read.status == 503 or read["text"] == text
        mine = client.get("/v1/me")
        self.count(mine, 200, 503)
        assert mine.status == 503 or mine["id"] == case.submitter.id

    def count(self, answer, *allowed):
        answer.expect(*allowed)
        self.statuses[answer.status] = self.statuses.get(
            answer.status, 0) + 1

    def progress(self, more=50):
        """Waits until that many more notes are acknowledged."""
        wanted = len(self.acknowledged) + more
        until(lambda: self.faults or len(self.acknowledged) >= wanted, 60)
        assert self.faults == []

    def verify(self):
        """Every acknowledged note is there, once, as it was sent."""
        assert self.faults == []
        found = {}
        for case in self.cases:
            for note in case.notes():
                assert note["text"] not in found, "written twice"
                found[note["text"]] = note["id"]
        lost = [text for text, number in self.acknowledged.items()
                if found.get(text) != number]
        assert lost == []
        assert set(found) <= self.sent
        for case in self.cases:
            noted = [e["note_id"] for e in case.history()
                     if e["type"] == "case.note_added"]
            assert sorted(noted) == sorted(n["id"] for n in case.notes())


def wait_until_served(setting):
    def served():
        setting.service.close()
        return is_ready(setting.instance.url) and all(
            setting.client().get("/v1/me").status == 200 for _ in range(8))
    until(served, 30)


# -- the database ----------------------------------------------------------

def test_without_a_database_503_and_afterwards_everything_again(broken):
    client, public = broken.client(), Client(broken.service)
    case = broken.contact.submit()
    broken.sql.close()
    broken.cluster.stop()
    try:
        until(lambda: client.get(case.path).status == 503)
        for answer in (client.get(case.path), client.get("/v1/cases"),
                       client.post("/v1/cases", a_case()),
                       public.get("/v1/calendar"), client.get("/v1/me")):
            answer.expect(503, problem="unavailable")
            assert int(answer.headers["retry-after"]) >= 1
        until(lambda: public.get("/readyz").status == 503)
        public.get("/livez").expect(200)
        public.get("/openapi.json").expect(200)
        client.get("/v1/cases?unknown=1").expect(400)
        client.get("/nowhere").expect(404)
        public.get("/v1/me").expect(401)
    finally:
        broken.cluster.start()
    wait_until_served(broken)
    broken.open_sql()
    assert client.get(case.path).expect(200)["id"] == case.id
    client.post("/v1/cases", a_case()).expect(201)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT])
def test_a_restart_under_load_loses_nothing_acknowledged(broken, how):
    with Load(broken) as load:
        load.progress()
        broken.sql.close()
        broken.cluster.stop(how)
        until(lambda: load.statuses.get(503, 0) > 20)
        broken.cluster.start()
        load.progress(200)
    wait_until_served(broken)
    broken.open_sql()
    load.verify()


def test_terminated_connections_lose_nothing_acknowledged(broken):
    with Load(broken) as load:
        load.progress()
        end = time.monotonic() + 4
        while time.monotonic() < end and not load.faults:
            broken.sql.run(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where usename ~ '^casework_(contact|public|staff)$'"
                " order by random() limit 3")
            time.sleep(0.05)
        load.progress(100)
    assert load.statuses.get(503), "nothing was interrupted"
    wait_until_served(broken)
    load.verify()


def test_a_service_may_start_before_its_database(instance, contract, tokens):
    with instance.beside(
            wait=False, DATABASE_URL="postgresql:///casework?host=/nowhere"
    ) as process:
        service = Service(process.url, contract)
        public = Client(service)

        def alive():
            try:
                return public.get("/livez").status == 200
            except OSError:
                return False
        until(alive, 20)
        public.get("/readyz").expect(503)
        Client(service, tokens.mint("staff:1"), "staff").get(
            "/v1/me").expect(503, problem="unavailable")
        service.close()


# -- a lock held by somebody else ------------------------------------------

class Held:
    """The row of a case, locked by the owner until released."""

    def __init__(self, setting, case):
        self.session = Psql(setting.instance.owner_url)
        self.session.run(
            f"begin; select id from casework.cases where id = {case.id}"
            " for update")

    def __enter__(self):
        return self

    def release(self):
        self.session.run("rollback")

    def __exit__(self, *fault):
        self.session.close()


def is_waiting(setting):
    """Whether a request of the service waits for a lock."""
    return setting.sql.value(
        "select count(*) as n from pg_stat_activity where usename ~"
        " '^casework_' and wait_event_type = 'Lock'") > 0


def test_a_write_that_waits_too_long_is_503_and_nothing_is_written(broken):
    case = broken.contact.submit()
    with Held(broken, case):
        answer = broken.client().post(case.path + "/notes", {"text": "Late"})
        answer.expect(503, problem="unavailable")
        assert answer.headers["retry-after"]
    assert case.notes() == []


def test_reads_do_not_wait_behind_a_write(broken):
    case, other = broken.contact.submit(), broken.contact.submit()
    with Held(broken, case) as held, Wire(broken.service) as wire:
        wire.send(note_request(wire, broken, case))
        until(lambda: is_waiting(broken))
        started = time.monotonic()
        client = broken.client()
        for _ in range(20):
            client.get(other.path).expect(200)
            client.get("/v1/cases").expect(200)
        assert time.monotonic() - started < 1
        held.release()
        assert wire.answer("POST", case.path + "/notes").status == 201


def note_request(wire, setting, case, text="Waiting"):
    return wire.post(case.path + "/notes", {"text": text},
                     "Authorization: Bearer " + setting.contact.token)


# -- a worker --------------------------------------------------------------

def test_a_killed_worker_is_replaced_and_loses_nothing_acknowledged(broken):
    before = broken.worker_pids()
    assert len(before) == 2
    with Load(broken, lost_connections=True) as load:
        load.progress()
        for pid in before:
            os.kill(pid, signal.SIGKILL)
            until(lambda: len(broken.worker_pids()) == 2
                  and pid not in broken.worker_pids(), 20)
            load.progress(100)
    wait_until_served(broken)
    load.verify()
    assert not set(before) & set(broken.worker_pids())


# -- the end of the process ------------------------------------------------

@pytest.fixture
def ending(broken):
    """A process beside, with the service to speak to it."""
    with broken.instance.beside(DRAIN_SECONDS=10) as process:
        service = Service(process.url, broken.contract)
        yield process, service
        service.close()


def test_a_request_in_flight_is_answered_before_the_end(broken, ending):
    process, service = ending
    case = broken.contact.submit()
    with Held(broken, case) as held, Wire(service) as wire, \
            Wire(service) as idle:
        idle.send(idle.get("/livez"))
        assert idle.answer("GET", "/livez").status == 200
        wire.send(note_request(wire, broken, case, "In flight"))
        until(lambda: is_waiting(broken))
        process.terminate()
        assert idle.is_closed(5), "an idle connection outlives the drain"
        until(lambda: not accepts(process))
        held.release()
        answer = wire.answer("POST", case.path + "/notes")
        assert answer.status == 201 and answer["text"] == "In flight"
        assert answer.headers["connection"].lower() == "close"
        assert wire.is_closed()
        assert process.wait(10) == 0
    assert [n["text"] for n in case.notes()] == ["In flight"]


def accepts(process):
    try:
        socket.create_connection(("127.0.0.1", int(process.port)), 1).close()
    except OSError:
        return False
    return True


def test_all_answers_in_flight_arrive(broken, ending):
    """Many clients at once, SIGTERM in the middle: each gets a whole answer
    or none at all; whatever was written was told to somebody or cut off
    before it was read."""
    process, service = ending
    case, results = broken.contact.submit(), []

    def write(number):
        try:
            with Wire(service) as wire:
                for count in range(1000):
                    wire.send(note_request(wire, broken, case,
                                           f"{number}-{count}"))
                    answer = wire.answer("POST", case.path + "/notes")
                    results.append((answer.status, f"{number}-{count}"))
                    if answer.headers.get("connection") == "close":
                        return
        except (Closed, OSError):
            pass
    threads = [threading.Thread(target=write, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    until(lambda: len(results) > 60)
    process.terminate()
    assert process.wait(15) == 0
    for thread in threads:
        thread.join()
    told = [text for status, text in results if status == 201]
    written = [n["text"] for n in case.notes()]
    assert len(written) == len(set(written))
    assert sorted(told) == sorted(written)


def test_the_drain_has_an_end(broken):
    with broken.instance.beside(DRAIN_SECONDS=1) as process:
        service = Service(process.url, broken.contract)
        case = broken.contact.submit()
        with Held(broken, case), Wire(service) as wire:
            wire.send(note_request(wire, broken, case))
            until(lambda: is_waiting(broken))
            process.terminate()
            process.wait(8)


# -- clients that leave ----------------------------------------------------

def descriptors(pids):
    return sum(len(os.listdir(f"/proc/{pid}/fd")) for pid in pids)


def gauge(setting, name):
    """The sum over all workers' answers to /metrics."""
    text = Client(setting.service).get("/metrics").body.decode()
    return sum(float(line.split()[-1]) for line in text.splitlines()
               if line.startswith(name))


def test_clients_that_leave_at_any_moment_do_no_harm(broken):
    case = broken.contact.submit()
    rng = random.Random(7)
    pids = broken.worker_pids()
    broken.service.close()
    before = descriptors(pids)
    for number in range(400):
        wire = Wire(broken.service)
        data = rng.choice([
            wire.get(case.path, "Authorization: Bearer "
                     + broken.contact.token).encode(),
            wire.get("/v1/cases?limit=100", "Authorization: Bearer "
                     + broken.contact.token).encode(),
            note_request(wire, broken, case, f"Leaving {number}"),
            wire.get("/openapi.json").encode() * 20])
        try:
            wire.send(data[:rng.choice([len(data), len(data),
                                        rng.randrange(len(data))])])
            select.select([wire.socket], [], [], rng.choice([0, 0, 0.002]))
            if rng.random() < 0.3:
                wire.socket.settimeout(0.005)
                wire.socket.recv(rng.choice([1, 50, 5000]))
        except OSError:
            pass
        if rng.random() < 0.5:
            wire.abort()
        else:
            wire.socket.close()
    assert broken.worker_pids() == pids, "a worker died"
    until(lambda: descriptors(pids) <= before + 2)
    until(lambda: gauge(broken, "casework_database_calls_in_flight") == 0)
    written = [n["text"] for n in case.notes()]
    assert len(written) == len(set(written))
    broken.client().get(case.path).expect(200)


def test_a_client_that_leaves_while_its_write_waits(broken):
    case = broken.contact.submit()
    pids = broken.worker_pids()
    left = gauge(broken, "casework_http_abandoned_total")
    with Held(broken, case) as held:
        for number in range(5):
            with Wire(broken.service) as wire:
                wire.send(note_request(wire, broken, case, f"Gone {number}"))
                until(lambda: is_waiting(broken))
                wire.abort()
        held.release()
    until(lambda: not is_waiting(broken))
    until(lambda: gauge(broken, "casework_database_calls_in_flight") == 0)
    until(lambda: gauge(broken, "casework_http_abandoned_total") >= left + 5)
    assert broken.worker_pids() == pids
    texts = [n["text"] for n in case.notes()]
    assert len(texts) == len(set(texts))
    broken.client().post(case.path + "/notes", {"text": "Here"}).expect(201)


def test_more_clients_than_it_takes_do_no_harm(broken):
    with broken.instance.beside(CONNECTIONS=16) as process:
        service = Service(process.url, broken.contract)
        crowd = [Wire(service) for _ in range(40)]
        for wire in crowd:
            wire.socket.close()

        def served():
            try:
                return Client(service).get("/livez").status == 200
            except OSError:
                return False
        until(served)
        service.close()


# -- what is left behind ---------------------------------------------------

def test_faults_leave_no_person_and_no_token_in_the_log(broken):
    text = broken.log.since(0)
    assert '"status":503' in text
    for who in (broken.contact, broken.stranger):
        for found in (who.token.split(".")[1], who.record["email"],
                      who.record["name"]):
            assert found not in text
    assert "Leaving" not in text and "In flight" not in text
    assert all(isinstance(line, dict) for line in broken.log.lines())


def test_faults_leave_no_transaction_open(broken):
    until(lambda: broken.sql.value(
        "select count(*) as n from pg_stat_activity where usename ~"
        " '^casework_' and state <> 'idle'") == 0)
    with pytest.raises(SqlError):
        broken.sql.run("select 1/0")
