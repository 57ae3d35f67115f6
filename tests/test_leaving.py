"""When somebody leaves: the process, drained; clients, at any moment."""

import os
import random
import select
import signal
import socket
import threading

import pytest

from client import Client, Service
from faults import Held, gauge, is_waiting, note_request, patience
from instance import children, until
from wire import Closed, Wire

pytestmark = pytest.mark.direct


# -- the end of the process ------------------------------------------------

@pytest.fixture
def ending(broken):
    """A process beside, with the service to speak to it."""
    with patience(broken), broken.instance.beside(
            DRAIN_SECONDS=20) as process:
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
        assert idle.is_closed(), "an idle connection outlives the drain"
        until(lambda: not accepts(process))
        held.release()
        answer = wire.answer("POST", case.path + "/notes")
        assert answer.status == 201 and answer["text"] == "In flight"
        assert answer.headers["connection"].lower() == "close"
        assert wire.is_closed()
        assert process.wait() == 0
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
    case, results, faults = broken.contact.submit(), [], []

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
        except Exception as fault:      # told in the test's thread
            faults.append(repr(fault))
    threads = [threading.Thread(target=write, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    until(lambda: len(results) > 60)
    process.terminate()
    assert process.wait() == 0
    for thread in threads:
        thread.join()
    assert faults == []
    told = [text for status, text in results if status == 201]
    written = [n["text"] for n in case.notes()]
    assert len(written) == len(set(written))
    assert sorted(told) == sorted(written)


def test_the_drain_has_an_end(broken):
    with patience(broken), broken.instance.beside(DRAIN_SECONDS=1) as process:
        service = Service(process.url, broken.contract)
        case = broken.contact.submit()
        with Held(broken, case), Wire(service) as wire:
            wire.send(note_request(wire, broken, case))
            until(lambda: is_waiting(broken))
            process.terminate()
            process.wait()
            assert is_waiting(broken), "it waited for the last request"


LONG = "/openapi.json"
AHEAD = 2000    # requests, more than are read of a client that takes nothing


def deaf_client(service):
    """One that the kernel keeps little for."""
    return Wire(service, room=4096)


@pytest.mark.parametrize("behind", [
    b"x" * 3000, b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n" * AHEAD],
    ids=["junk", "requests"])
def test_the_last_answer_arrives_whatever_is_sent_behind_it(ending, behind):
    _, service = ending
    with deaf_client(service) as wire:
        wire.send(wire.get(LONG, "Connection: close").encode() + behind)
        assert len(wire.answer("GET", LONG).body) > 2 ** 18
        assert wire.is_closed()
        # It is not waited for without end: it does not close.
        others = Client(service, None, "public")
        until(lambda: connections(others) == 1)


def test_who_takes_its_last_answer_late_gets_it_whole(ending):
    """The kernel has it; who got all of its own before has gone since."""
    _, service = ending
    others = Client(service, None, "public")
    with deaf_client(service) as late, deaf_client(service) as prompt:
        late.send(late.get("/problems") * 4,
                  late.get("/problems", "Connection: close"), pause=0)
        until(lambda: metric(others, "casework_http_requests_total{operation="
                             '"list_problems",status="200"}') == 5)
        prompt.send(prompt.get("/livez", "Connection: close"))
        assert prompt.answer("GET", "/livez").status == 200
        until(lambda: connections(others) <= 2)
        late.send(b"x" * 3000)
        for _ in range(5):
            assert late.answer("GET", "/problems").status == 200
        assert late.is_closed()


def connections(client):
    return metric(client, "casework_http_connections")


def metric(client, name):
    text = client.get("/metrics").expect(200).body.decode()
    return sum(int(line.rpartition(" ")[2]) for line in text.splitlines()
               if line.startswith(name + " "))


def test_answers_arrive_in_a_drain_whatever_is_sent_behind_them(ending):
    """Of a client that is answered once more, and of one that is not."""
    process, service = ending
    with deaf_client(service) as ahead, deaf_client(service) as late:
        ahead.send(ahead.get(LONG) * AHEAD)
        late.send(late.get(LONG))
        for wire in (ahead, late):
            wire.more(1)                # its answer has begun
        late.send(late.get("/livez") * AHEAD)
        process.terminate()
        until(lambda: not accepts(process))
        last = False
        while not last:
            answer = ahead.answer("GET", LONG)
            assert len(answer.body) > 2 ** 18
            last = "connection" in answer.headers
        assert len(late.answer("GET", LONG).body) > 2 ** 18
        assert process.wait() == 0, "it waited for who does not leave"


def runs(pid):
    """Whether there is such a process, and not only its remains."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
            return stat.read().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def test_workers_do_not_outlive_their_parent(broken, ending):
    """Else they would hold port and PID file, and nobody could end them."""
    process, service = ending
    case = broken.contact.submit()
    with Held(broken, case) as held, Wire(service) as wire:
        wire.send(note_request(wire, broken, case, "In flight"))
        until(lambda: is_waiting(broken))
        workers = children(process.pid)
        os.kill(process.pid, signal.SIGKILL)
        until(lambda: not accepts(process))
        held.release()
        assert wire.answer("POST", case.path + "/notes").status == 201
    until(lambda: not any(runs(pid) for pid in workers))
    with broken.instance.beside(PID_FILE=process.directory / "casework.pid"):
        pass


# -- clients that leave ----------------------------------------------------

def descriptors(pids):
    return sum(len(os.listdir(f"/proc/{pid}/fd")) for pid in pids)


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
    with patience(broken), Held(broken, case) as held:
        for number in range(4):     # as many as a caller may write at once
            with Wire(broken.service) as wire:
                wire.send(note_request(wire, broken, case, f"Gone {number}"))
                until(lambda: is_waiting(broken, number + 1))
                wire.abort()
        held.release()
    until(lambda: not is_waiting(broken))
    until(lambda: gauge(broken, "casework_database_calls_in_flight") == 0)
    until(lambda: gauge(broken, "casework_http_abandoned_total") >= left + 4)
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
