"""When something breaks: the database, or a worker.

What was acknowledged is there; what is not there was not acknowledged; nobody
is answered with another's data; and everything comes back by itself.
"""

import os
import signal
import time

import pytest

from client import Client, Service
from faults import (Held, Load, is_waiting, note_request, patience,
                    wait_until_served)
from instance import until
from wire import Wire
from world import a_case

pytestmark = pytest.mark.direct



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
        until(lambda: load.faults or load.statuses.get(503, 0) > 20)
        broken.cluster.start()
        load.progress(200)
    wait_until_served(broken)
    broken.open_sql()
    load.verify()


def test_terminated_connections_lose_nothing_acknowledged(broken):
    with Load(broken) as load:
        load.progress()
        end = time.monotonic() + 4

        def interrupted():
            broken.sql.run(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where usename ~ '^casework_(contact|public|staff)$'"
                " order by random() limit 3")
            return load.faults or (
                time.monotonic() > end and load.statuses.get(503))
        until(interrupted, pause=0.05)
        load.progress(100)
    wait_until_served(broken)
    load.verify()


def test_a_database_that_hangs_is_503_and_not_a_wait_for_ever(broken):
    """Longer than any statement may take; the client's connection lives."""
    case = broken.contact.submit()
    with Wire(broken.service) as wire:
        with broken.cluster.stalled():
            wire.send(wire.get(case.path, "Authorization: Bearer "
                               + broken.contact.token))
            assert wire.answer("GET", case.path).status == 503
        assert wire.stays_open("/livez")
    wait_until_served(broken)


def test_faults_stand_out_in_the_log(broken):
    mark = broken.log.mark()
    broken.sql.close()
    broken.cluster.stop(signal.SIGINT)
    answer = broken.client().get("/v1/me").expect(503)
    broken.cluster.start()
    wait_until_served(broken)
    broken.open_sql()
    request = broken.log.of_request(answer.headers["request-id"], mark)
    assert request["level"] == "warning"
    assert {line["level"] for line in broken.log.lines(mark)
            if line["event"] == "db_down"} == {"error"}


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
        until(alive)
        public.get("/readyz").expect(503)
        Client(service, tokens.mint("staff:1"), "staff").get(
            "/v1/me").expect(503, problem="unavailable")
        service.close()


# -- a lock held by somebody else ------------------------------------------

def test_a_write_that_waits_too_long_is_503_and_nothing_is_written(broken):
    case = broken.contact.submit()
    with Held(broken, case):
        answer = broken.client().post(case.path + "/notes", {"text": "Late"})
        answer.expect(503, problem="unavailable")
        assert answer.headers["retry-after"]
    assert case.notes() == []


def test_reads_do_not_wait_behind_a_write(broken):
    case, other = broken.contact.submit(), broken.contact.submit()
    with patience(broken), Held(broken, case) as held, Wire(
            broken.service) as wire:
        wire.send(note_request(wire, broken, case))
        until(lambda: is_waiting(broken))
        client = broken.client()
        for _ in range(20):
            client.get(other.path).expect(200)
            client.get("/v1/cases").expect(200)
        assert is_waiting(broken), "they came after it"
        held.release()
        assert wire.answer("POST", case.path + "/notes").status == 201


def test_many_writers_behind_one_lock_each_get_their_own_answer(broken):
    case = broken.contact.submit()
    wires = [Wire(broken.service) for _ in range(300)]
    with Held(broken, case) as held:
        for number, wire in enumerate(wires):
            wire.send(note_request(wire, broken, case, f"Crowd {number}"))
        until(lambda: is_waiting(broken))
        held.release()
        written = 0
        for number, wire in enumerate(wires):
            with wire:
                answer = wire.answer("POST", case.path + "/notes")
                assert answer.status in (201, 429, 503)
                if answer.status == 201:
                    assert answer["text"] == f"Crowd {number}"
                    written += 1
    assert written == len(case.notes())


# -- a worker --------------------------------------------------------------

def test_a_killed_worker_is_replaced_and_loses_nothing_acknowledged(broken):
    before = broken.worker_pids()
    assert len(before) == 2
    with Load(broken, lost_connections=True) as load:
        load.progress()
        for pid in before:
            os.kill(pid, signal.SIGKILL)
            until(lambda: len(broken.worker_pids()) == 2
                  and pid not in broken.worker_pids())
            load.progress(100)
    wait_until_served(broken)
    load.verify()
    assert not set(before) & set(broken.worker_pids())
