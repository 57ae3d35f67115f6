"""A body that is never all in memory (`x-stream`): it goes to the database part
by part, and the client is read no faster than they are kept. Imports are what
comes like that."""

import contextlib
import hashlib
import random
import select
import socket

import pytest

from client import Client, Service
from faults import is_waiting, patience
from instance import BINARY, children, until
from sql import Psql
from test_uploads import QUIET, held, resident
from wire import Wire, chunked

pytestmark = pytest.mark.direct

MIB = 1024 * 1024
LIMIT = 64 * MIB
PART = 256 * 1024
ROOM = PART + 2 * 16 * 1024     # of an upload: a part, the head, a chunk's line
IMPORTS = "/v1/imports?kind=contacts"


@pytest.fixture(scope="module")
def data():
    """As much as a file may have, no two parts alike."""
    return random.Random(3).randbytes(LIMIT)


@pytest.fixture
def administrator(world, sql):
    """No worker of another test takes on what is brought here."""
    administrator = world.staff("administrator")
    yield administrator
    sql.run("update casework.imports set state = 'cancelled', finished_at ="
            " rules.now(), leased_until = null where created_by_id = %s"
            " and state in ('receiving', 'queued', 'running')",
            administrator.id)


def upload(wire, who, *lines):
    return wire.head("POST", IMPORTS, "Content-Type: text/csv",
                     f"Authorization: Bearer {who.token}", *lines)


def declared(wire, who, length=LIMIT, *lines):
    return upload(wire, who, f"Content-Length: {length}", *lines)


def answered(wire):
    return wire.answer("POST", IMPORTS)


def kept(sql, number):
    """Size and digest of what lies in the database, as it computes them."""
    return sql.row(
        "select octet_length(string_agg(bytes, '' order by number)) as size,"
        " encode(sha256(string_agg(bytes, '' order by number)), 'hex')"
        " as sha256, max(octet_length(bytes)) as largest"
        " from casework.import_parts where import_id = %s", number)


def is_whole(sql, answer, data):
    digest = hashlib.sha256(data).hexdigest()
    row = kept(sql, answer["id"])
    assert (row["size"], row["sha256"]) == (len(data), digest)
    assert row["largest"] <= ROOM
    assert (answer["size_bytes"], answer["sha256"]) == (len(data), digest)
    return True


def receiving(sql, who):
    return sql.rows(
        "select i.id, (select count(*) from casework.import_parts p"
        " where p.import_id = i.id) as parts from casework.imports i"
        " where i.state = 'receiving' and i.created_by_id = %s", who.id)


# -- whole -----------------------------------------------------------------

def test_the_largest_file_arrives(wire, administrator, data, sql, public):
    wire.send(declared(wire, administrator).encode() + data)
    answer = answered(wire)
    assert answer.status == 202 and is_whole(sql, answer, data)
    assert wire.stays_open()
    until(lambda: held(public) < QUIET)


@pytest.mark.parametrize("sizes", [
    (), (1,), (70_000,) * 3, (PART,) * 8, (PART - 1,) * 8, (1000,) * 3000],
    ids=str)
def test_a_file_arrives_in_chunks(wire, administrator, data, sql, sizes):
    some = data[:max(sum(sizes), 5 * MIB)]
    wire.send(upload(wire, administrator, "Transfer-Encoding: chunked"),
              chunked(some, *sizes, trailers=("X-Trailer: 1",)))
    answer = answered(wire)
    assert answer.status == 202 and is_whole(sql, answer, some)
    assert wire.stays_open()


@pytest.mark.parametrize("length", [
    1, 65536, 65537, PART - 1, PART, PART + 1, 2 * PART, 2 * PART + 1])
def test_files_of_all_lengths_arrive_and_what_follows_is_a_request(
        wire, administrator, data, sql, length):
    some, following = data[:length], wire.get("/livez").encode()
    wire.send(declared(wire, administrator, length).encode() + some
              + following * 2)
    answer = answered(wire)
    assert answer.status == 202 and is_whole(sql, answer, some)
    assert wire.answer("GET", "/livez").status == 200
    assert wire.answer("GET", "/livez").status == 200
    wire.send(upload(wire, administrator, "Transfer-Encoding: chunked"),
              chunked(some) + following)
    assert is_whole(sql, answered(wire), some)
    assert wire.answer("GET", "/livez").status == 200


def test_a_client_may_wait_for_the_word_to_go_on(
        wire, administrator, data, sql):
    wire.send(declared(wire, administrator, MIB, "Expect: 100-continue"))
    assert wire.answer(interim=True).status == 100
    assert len(receiving(sql, administrator)) == 1
    wire.send(data[:MIB])
    assert is_whole(sql, answered(wire), data[:MIB])


# -- refused ---------------------------------------------------------------

def test_a_length_over_the_limit_is_refused_at_once(
        wire, administrator, sql):
    wire.send(declared(wire, administrator, LIMIT + 1, "Expect: 100-continue"))
    answer = answered(wire)
    assert answer.status == 413 and answer["limit_bytes"] == LIMIT
    assert wire.is_closed() and receiving(sql, administrator) == []


def test_chunks_over_the_limit_are_refused_when_they_exceed_it(
        wire, administrator, data, sql):
    wire.send(upload(wire, administrator, "Transfer-Encoding: chunked"))
    wire.send(f"{LIMIT:x}\r\n".encode() + data + b"\r\n")
    until(lambda: receiving(sql, administrator)[0]["parts"] >= 64 * 3)
    assert not select.select([wire.socket], [], [], 0)[0]
    wire.send(b"1\r\n")
    answer = answered(wire)
    assert answer.status == 413 and answer["limit_bytes"] == LIMIT
    assert wire.is_closed()


def test_all_but_the_body_is_judged_before_the_body_comes(
        wire, administrator, world, contact, sql):
    """Rights too, which the database knows: not a byte of these is sent."""
    lead = world.staff("lead")
    other = world.caller(f"staff:{administrator.id}", scope="imports:read")
    length, media = f"Content-Length: {LIMIT}", "Content-Type: text/csv"
    by = f"Authorization: Bearer {administrator.token}"
    for status, head in (
            (401, wire.head("POST", IMPORTS, media, length)),
            (403, declared(wire, contact)), (403, declared(wire, lead)),
            (403, declared(wire, other)),
            (400, wire.head("POST", "/v1/imports", media, length, by)),
            (400, wire.head("POST", IMPORTS + "&x=1", media, length, by)),
            (415, wire.head("POST", IMPORTS, length, by)),
            (415, wire.head("POST", IMPORTS, length, by,
                            "Content-Type: text/csv; charset=latin1")),
            (415, declared(wire, administrator, LIMIT,
                           "Content-Encoding: gzip")),
            (422, declared(wire, administrator, LIMIT, "Repr-Digest: x"))):
        with Wire(wire.service) as refused:
            refused.send(head)
            answer = answered(refused)
            assert answer.status == status, answer.transcript()
            assert answer.headers["connection"].lower() == "close"
            assert refused.is_closed()
    assert receiving(sql, lead) == receiving(sql, administrator) == []


@pytest.mark.parametrize("bad", [b"xyz\r\n", b"5\r\nabcdefg\r\n", b"5\nabcde"])
def test_a_malformed_chunk_behind_a_part_is_refused(
        wire, administrator, data, sql, bad):
    wire.send(upload(wire, administrator, "Transfer-Encoding: chunked"),
              chunked(data[:MIB], 300_000)[:-len("0\r\n\r\n")] + bad)
    assert answered(wire).status == 400
    assert wire.is_closed()
    assert receiving(sql, administrator)[0]["parts"] > 0


def test_an_import_that_is_ended_takes_no_further_part(
        wire, administrator, data, sql):
    wire.send(declared(wire, administrator).encode() + data[:MIB])
    number = until(lambda: receiving(sql, administrator))[0]["id"]
    until(lambda: receiving(sql, administrator)[0]["parts"] > 2)
    administrator.post(f"/v1/imports/{number}/cancellation").expect(200)
    wire.send(data[MIB:2 * MIB])
    answer = answered(wire)
    assert answer.status == 409 and answer.problem == "conflict"
    assert wire.is_closed()
    assert kept(sql, number)["size"] is None


def test_a_part_that_was_lost_is_missed(wire, administrator, data, sql):
    """A server that took the place of another may not have had it."""
    wire.send(declared(wire, administrator, 4 * MIB).encode() + data[:MIB])
    until(lambda: [row for row in receiving(sql, administrator)
                   if row["parts"] > 2])
    number = receiving(sql, administrator)[0]["id"]
    sql.run("delete from casework.import_parts where import_id = %s"
            " and number = 2", number)
    wire.send(data[MIB:4 * MIB])
    answer = answered(wire)
    assert answer.status == 409 and answer.problem == "conflict"


# -- clients that leave ----------------------------------------------------

@pytest.mark.parametrize("leave", ["abort", "finish"])
def test_who_leaves_midway_has_begun_nothing(
        service, administrator, data, sql, public, leave):
    with Wire(service) as wire:
        wire.send(declared(wire, administrator).encode() + data[:MIB])
        until(lambda: [row for row in receiving(sql, administrator)
                       if row["parts"] > 2])
        getattr(wire, leave)()
        until(lambda: held(public) < QUIET)
    read = administrator.get("/v1/imports?state=receiving").expect(200)
    mine = [i for i in read.items
            if i["created_by"]["id"] == administrator.id]
    assert [(i["size_bytes"], i["sha256"]) for i in mine] == [(0, None)]


def test_many_that_leave_take_nothing_along(
        service, administrator, data, public, sql):
    rng = random.Random(5)
    pieces = chunked(data[:4 * MIB], *[100_000] * 40)
    for number in range(40):
        wire = Wire(service)
        head, body = rng.choice([
            (declared(wire, administrator, 4 * MIB), data),
            (upload(wire, administrator, "Transfer-Encoding: chunked"),
             pieces)])
        with contextlib.suppress(OSError):
            wire.send(head.encode() + body[:rng.randrange(4 * MIB)])
            select.select([wire.socket], [], [], rng.choice([0, 0.002, 0.02]))
        wire.abort() if rng.random() < 0.5 else wire.socket.close()
    until(lambda: held(public) < QUIET)
    with Wire(service) as wire:
        wire.send(declared(wire, administrator, MIB).encode() + data[:MIB])
        assert is_whole(sql, answered(wire), data[:MIB])


# -- memory, and others ----------------------------------------------------

@pytest.mark.skipif("asan" in BINARY, reason="sanitizers keep what is freed")
def test_the_largest_file_takes_no_more_memory_than_parts(
        instance, contract, administrator, data, sql):
    """The peak of the process, which forgets nothing (VmHWM)."""
    with instance.beside(WORKERS=1) as process:
        service = Service(process.url, contract)
        client = Client(service, administrator.token, "staff")
        some = data[:MIB]
        for _ in range(4):      # what every process grows to
            client.post(IMPORTS, some, media="text/csv").expect(202)

        def peak():
            return max(resident(pid, "VmHWM") for pid in children(process.pid))
        before = peak()
        with Wire(service) as one, Wire(service) as other:
            for wire in (one, other):
                wire.send(declared(wire, administrator))
            for at in range(0, LIMIT, MIB):
                for wire in (one, other):
                    wire.socket.sendall(data[at:at + MIB])
                assert held(Client(service)) <= 2 * ROOM
                if at == LIMIT // 2:
                    client.get("/v1/imports?limit=1").expect(200)
            for wire in (one, other):
                assert is_whole(sql, answered(wire), data)
        assert peak() < before + 4 * MIB
        service.close()


def push(wire, data):
    """Sends what the other side takes; how much that was."""
    sent = 0
    wire.socket.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        while sent < len(data):
            sent += wire.socket.send(data[sent:sent + PART])
    wire.socket.settimeout(60)
    return sent


def test_who_sends_is_read_no_faster_than_the_database_keeps(broken, data):
    """And nobody else waits for that."""
    administrator = broken.world.staff("administrator")
    with patience(broken, "staff"), Wire(broken.service) as wire:
        wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
        lock = Psql(broken.instance.owner_url)
        lock.run("begin; lock table casework.import_parts in share mode")
        try:
            wire.send(declared(wire, administrator))
            sent = 0

            def is_full():
                """All is waiting: database, service, kernel."""
                nonlocal sent
                more = push(wire, data[sent:])
                sent += more
                return more == 0 and is_waiting(broken)
            until(is_full)
            assert sent < 4 * MIB
            for _ in range(5):
                administrator.get("/v1/imports?limit=1").expect(200)
                broken.contact.submit()
        finally:
            lock.run("rollback")
            lock.close()
        wire.send(data[sent:])
        assert is_whole(broken.sql, answered(wire), data)


def test_a_file_that_is_on_its_way_is_drained(broken, data):
    administrator = broken.world.staff("administrator")
    with broken.instance.beside(DRAIN_SECONDS=30) as process:
        service = Service(process.url, broken.contract)
        with Wire(service) as wire:
            wire.send(declared(wire, administrator, 4 * MIB).encode()
                      + data[:MIB])
            until(lambda: receiving(broken.sql, administrator))
            service.close()
            process.terminate()
            until(lambda: "drain_started" in process.log_file.read_text())
            wire.send(data[MIB:4 * MIB])
            answer = answered(wire)
            assert answer.status == 202
            assert answer.headers["connection"].lower() == "close"
        assert process.wait() == 0
        service.close()
    assert is_whole(broken.sql, answer, data[:4 * MIB])


def test_a_database_that_goes_away_ends_the_file_with_a_sentence(
        broken, data):
    administrator = broken.world.staff("administrator")
    with Wire(broken.service) as wire:
        wire.send(declared(wire, administrator).encode() + data[:MIB])
        until(lambda: [row for row in receiving(broken.sql, administrator)
                       if row["parts"] > 2])
        broken.sql.run(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where usename = 'casework_staff'")
        with contextlib.suppress(OSError):
            wire.send(data[MIB:])
        answer = answered(wire)
        assert answer.status in (202, 503)
        if answer.status == 202:        # it was back in time
            assert is_whole(broken.sql, answer, data)
