"""The worker's own port: it answers whoever else is connected to it, and its
/readyz tells the truth about the database.
"""

import os
import pathlib
import signal
import socket

import pytest

from instance import Cluster, figure, get, is_ready, until
from sql import Psql

pytestmark = pytest.mark.direct
PLACES = 32         # clients at once (health_clients.c)


@pytest.fixture
def sql_session(instance):
    session = Psql(instance.owner_url)
    yield session
    session.close()


@pytest.fixture
def connect(worker):
    """Opens connections to the worker's port; all end with the test."""
    opened = []

    def connect(*said):
        client = socket.create_connection(("127.0.0.1", int(worker.port)), 60)
        opened.append(client)
        for part in said:
            client.sendall(part)
        return client
    yield connect
    for client in opened:
        client.close()


def is_alive_for_others(worker):
    return get(worker.url + "/livez") == (200, "ok\n")


def clients_of(worker):
    """Connections that it has accepted and not closed."""
    own = {os.readlink(fd) for fd in
           pathlib.Path(f"/proc/{worker.pid}/fd").iterdir() if fd.is_symlink()}
    lines = pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]
    return sum(local.endswith(f":{int(worker.port):04X}")
               and f"socket:[{rest[5]}]" in own and state != "0A"
               for _, local, _, state, *rest in map(str.split, lines))


# -- clients that take their time ------------------------------------------

def test_silent_and_dripping_clients_hold_up_nobody(worker, connect):
    for _ in range(10):
        connect()
    dripping = [connect(b"GET /livez HT") for _ in range(10)]
    for byte in b"TP/1.1\r\nhost: ":
        for client in dripping:
            client.sendall(bytes([byte]))
        assert is_alive_for_others(worker)
    for client in dripping:
        client.sendall(b"x\r\n\r\n")
    for client in dripping:
        assert client.recv(15) == b"HTTP/1.1 200 OK"


def test_clients_that_do_not_read_their_answer_hold_up_nobody(worker, connect):
    for _ in range(10):
        connect(b"GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n")
    assert is_alive_for_others(worker)


def test_more_clients_than_places_push_out_the_oldest(worker, connect):
    first = connect(b"GET /livez HTTP/1.1\r\n")
    for _ in range(6 * PLACES):
        connect(b"GET /livez HTTP/1.1\r\n")
    assert is_alive_for_others(worker)
    assert PLACES - 1 <= clients_of(worker) <= PLACES
    assert gone(first)


def gone(client):
    try:
        return client.recv(1) == b""
    except ConnectionResetError:
        return True


def test_who_says_nothing_is_sent_away(worker, connect):
    assert gone(connect())
    assert gone(connect(b"GET /livez HTTP/1.1\r\n"))


def test_a_head_without_end_is_refused(worker, connect):
    client = connect(b"GET /livez HTTP/1.1\r\n")
    said = b""
    try:
        for _ in range(1000):
            client.sendall(b"x-more: " + b"y" * 1000 + b"\r\n")
    except OSError:
        pass        # it has gone already
    try:
        said = client.recv(4096)
    except ConnectionResetError:
        pass
    assert said == b"" or said.startswith(b"HTTP/1.1 431 ")
    assert is_alive_for_others(worker)


@pytest.mark.parametrize("said, status", [
    (b"nonsense\r\n\r\n", 400), (b"GET /livez HTTP/3.0\r\n\r\n", 505),
    (b"BREW /livez HTTP/1.1\r\nhost: x\r\n\r\n", 501),
    (b"GET / HTTP/1.1\r\nhost: x\r\n\r\n", 404),
    (b"PUT /readyz HTTP/1.1\r\nhost: x\r\n\r\n", 405)])
def test_what_is_no_request_is_refused_in_so_many_words(connect, said, status):
    assert connect(said).recv(4096).startswith(b"HTTP/1.1 %d " % status)


# -- ready -----------------------------------------------------------------

def test_ready_is_told_in_full_on_demand(worker):
    until(lambda: get(worker.url + "/readyz?verbose") == (
        200, "ok\ndatabase: ok\nwrites: ok\ntimers: ok\nhorizon: ok\n"
             "status page: ok\n"))


def test_a_database_that_hangs_or_cannot_write_is_not_ready(broken):
    with broken.instance.worker() as worker:
        def said():
            return get(worker.url + "/readyz?verbose")
        with Cluster(broken.instance).stalled():
            until(lambda: "database: no answer since" in said()[1])
            assert said()[0] == 503
            assert get(worker.url + "/readyz") == (503, "not ready\n")
            assert is_alive_for_others(worker)
        until(lambda: is_ready(worker.url))
        broken.sql.run(
            "alter system set default_transaction_read_only = on")
        try:
            broken.sql.run("select pg_reload_conf()")
            until(lambda: said() == (503, "not ready\ndatabase: ok\n"
                                     "writes: read-only\ntimers: ok\nhorizon: ok\n"
                                     "status page: ok\n"))
        finally:
            broken.sql.run("set default_transaction_read_only = off")
            broken.sql.run(
                "alter system reset default_transaction_read_only")
            broken.sql.run("select pg_reload_conf()")
        until(lambda: is_ready(worker.url))
        broken.sql.close()
        broken.cluster.stop(signal.SIGQUIT)
        until(lambda: "database: not connected" in said()[1])
        broken.cluster.start()
        until(lambda: is_ready(worker.url))
        broken.open_sql()


def test_a_transaction_that_somebody_forgot_is_told(worker, sql_session):
    """It holds up feed, mails and webhooks; the worker is well."""
    def line():
        (said,) = [part for part in get(worker.url + "/readyz?verbose")[
            1].splitlines() if part.startswith("horizon: ")]
        return said
    sql_session.run("begin; select pg_current_xact_id()")
    until(lambda: figure(worker, "horizon_age_seconds") > 5)
    until(lambda: "a transaction has held up feed, mails and webhooks for"
          in line())
    assert is_ready(worker.url)
    sql_session.run("rollback")
    until(lambda: line() == "horizon: ok")
