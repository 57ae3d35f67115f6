"""Large bodies on their way: refused before they are read, counted while they
are held, given back whatever the client does. Attachments carry them."""

import contextlib
import hashlib
import pathlib
import random
import select

import pytest

from client import Client, Service
from faults import Held, is_waiting, patience
from instance import BINARY, children, until
from wire import Wire, chunked

pytestmark = pytest.mark.direct

MIB = 1024 * 1024
LIMIT = 10 * MIB
QUIET = 100_000     # a client of slow.py may be at work
NAMED = ("Content-Type: application/octet-stream",
         "Content-Disposition: attachment; filename=core.bin")


@pytest.fixture(scope="module")
def data():
    """As much as one file may have."""
    return random.Random(1).randbytes(LIMIT)


def upload(wire, case, *lines):
    return wire.head("POST", case.path + "/attachments", *NAMED, *lines)


def declared(wire, case, bearer, length=LIMIT):
    return upload(wire, case, bearer, f"Content-Length: {length}")


def answered(wire, case):
    return wire.answer("POST", case.path + "/attachments")


def held(public):
    """Bytes of large bodies that the service holds now."""
    for line in public.get("/metrics").body.decode().splitlines():
        if line.startswith("casework_http_large_body_bytes "):
            return float(line.split()[1])
    raise AssertionError("no such metric")


# -- whole -----------------------------------------------------------------

def test_the_largest_file_arrives_and_comes_back(
        wire, bearer, case, data, public):
    wire.send(declared(wire, case, bearer).encode() + data)
    answer = answered(wire, case)
    assert answer.status == 201
    assert answer["sha256"] == hashlib.sha256(data).hexdigest()
    file = case.submitter.get(answer.location + "/content").expect(200)
    assert file.body == data
    assert wire.stays_open()
    until(lambda: held(public) < QUIET)


@pytest.mark.parametrize("sizes", [
    (), (1,), (LIMIT - 1,), (LIMIT // 2,), (65536,) * 150, (1000,) * 3000])
def test_the_largest_file_arrives_in_chunks(wire, bearer, case, data, sizes):
    wire.send(upload(wire, case, bearer, "Transfer-Encoding: chunked"),
              chunked(data, *sizes, trailers=("X-Trailer: 1",)))
    answer = answered(wire, case)
    assert answer.status == 201
    assert answer["sha256"] == hashlib.sha256(data).hexdigest()
    assert wire.stays_open()


@pytest.mark.parametrize("trailer", [
    "Repr-Digest: sha-256=:eA==:", "repr-digest: sha-512=:eA==:",
    "Content-Digest: sha-256=:eA==:", "Digest: SHA-256=eA==",
    "Content-MD5: eA=="])
def test_a_digest_behind_the_body_is_not_passed_over(
        wire, bearer, case, data, trailer):
    """It is checked in the head alone: who sends it later is told."""
    wire.send(upload(wire, case, bearer, "Transfer-Encoding: chunked",
                     f"Trailer: {trailer.partition(':')[0]}"),
              chunked(data[:100], 40, trailers=(trailer,)))
    wire.refused(400)
    assert case.attachments() == []


def test_small_chunks_cost_no_more_room_than_their_bytes(
        wire, bearer, case, data):
    """Their framing is larger than they are."""
    part = data[:200_000]
    wire.send(upload(wire, case, bearer, "Transfer-Encoding: chunked"),
              b"".join(b"1;x=123456789\r\n%c\r\n" % byte for byte in part),
              b"0\r\n\r\n")
    assert answered(wire, case)["sha256"] == hashlib.sha256(part).hexdigest()


def test_what_follows_a_large_body_is_the_next_request(
        wire, bearer, case, data):
    following = wire.get("/livez").encode()
    wire.send(declared(wire, case, bearer, 300_000).encode()
              + data[:300_000] + following + following)
    assert answered(wire, case).status == 201
    assert wire.answer("GET", "/livez").status == 200
    assert wire.answer("GET", "/livez").status == 200
    assert wire.stays_open()


def test_a_client_may_wait_for_the_word_to_go_on(wire, bearer, case, data):
    wire.send(upload(wire, case, bearer, "Expect: 100-continue",
                     f"Content-Length: {LIMIT}"))
    assert wire.answer(interim=True).status == 100
    wire.send(data)
    assert answered(wire, case).status == 201


# -- refused before it is read ---------------------------------------------

def test_a_length_over_the_limit_is_refused_at_once(wire, bearer, case):
    wire.send(upload(wire, case, bearer, "Expect: 100-continue",
                     f"Content-Length: {LIMIT + 1}"))
    answer = answered(wire, case)
    assert answer.status == 413 and str(LIMIT) in answer["detail"]
    assert wire.is_closed()


def test_chunks_over_the_limit_are_refused_when_they_exceed_it(
        wire, bearer, case, data, public):
    wire.send(upload(wire, case, bearer, "Transfer-Encoding: chunked"))
    piece = b"100000\r\n" + data[:MIB] + b"\r\n"
    for _ in range(10):
        wire.send(piece)
    assert not select.select([wire.socket], [], [], 0.1)[0]
    wire.send(b"1\r\n")
    answer = answered(wire, case)
    assert answer.status == 413 and str(LIMIT) in answer["detail"]
    assert wire.is_closed()
    assert case.attachments() == []
    until(lambda: held(public) < QUIET)


def test_all_but_the_body_is_judged_before_the_body_comes(
        wire, bearer, case, service, telephony):
    """Not a byte of these is sent, and none is waited for."""
    path = case.path + "/attachments"
    length = f"Content-Length: {LIMIT}"
    for status, head in (
            (401, wire.head("POST", path, *NAMED, length)),
            (403, wire.head("POST", path, *NAMED, length,
                            f"Authorization: Bearer {telephony.token}")),
            (400, wire.head("POST", path + "?x=1", *NAMED, bearer, length)),
            (404, wire.head("POST", "/v1/cases/x/attachments", *NAMED, bearer,
                            length)),
            (404, wire.head("POST", "/nowhere", *NAMED, bearer, length)),
            (405, wire.head("PUT", path, *NAMED, bearer, length)),
            (406, wire.head("POST", path, *NAMED, bearer, length,
                            "Accept: text/html")),
            (415, wire.head("POST", path, bearer, length, NAMED[1],
                            "Content-Type: multipart/form-data; boundary=x")),
            (422, wire.head("POST", path, bearer, length, NAMED[0])),
            (413, wire.head("POST", case.path + "/notes", bearer, length,
                            "Content-Type: application/json"))):
        with Wire(service) as refused:
            refused.send(head)
            answer = refused.answer(head.split(" ")[0], head.split(" ")[1])
            assert answer.status == status, answer.transcript()
            assert answer.headers["connection"].lower() == "close"
            assert refused.is_closed()


def test_a_malformed_chunk_in_a_large_body_is_refused(
        wire, bearer, case, data, public):
    wire.send(upload(wire, case, bearer, "Transfer-Encoding: chunked"),
              b"20000\r\n" + data[:0x20000] + b"\r\nxyz\r\n")
    assert answered(wire, case).status == 400
    assert wire.is_closed()
    until(lambda: held(public) < QUIET)


# -- memory ----------------------------------------------------------------

def test_a_client_that_leaves_takes_nothing_along(
        service, bearer, case, data, public):
    until(lambda: held(public) < QUIET)
    rng = random.Random(7)
    stored = case.attach(data, media="application/octet-stream").expect(201)
    pieces = chunked(data, *[100_000] * 100)
    for number in range(60):
        wire = Wire(service)
        request, parts = rng.choice([
            (declared(wire, case, bearer), data),
            (upload(wire, case, bearer, "Transfer-Encoding: chunked"), pieces),
            (wire.get(stored.location + "/content", bearer), b"")])
        try:
            wire.send(request.encode() + parts[:rng.randrange(len(data))])
            select.select([wire.socket], [], [], rng.choice([0, 0.002, 0.02]))
            if not parts:
                wire.socket.recv(rng.choice([1, 5000, 300_000]))
        except OSError:
            pass
        if rng.random() < 0.5:
            wire.abort()
        else:
            wire.socket.close()
    until(lambda: held(public) < QUIET)
    assert [a["id"] for a in case.attachments()] == [stored["id"]]
    file = case.submitter.get(stored.location + "/content").expect(200)
    assert file.body == data


def resident(pid, name="VmRSS"):
    """Bytes."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1]) * 1024
    return 0


@pytest.mark.skipif("asan" in BINARY, reason="sanitizers keep what is freed")
def test_memory_is_given_back(instance, contract, contact, staff, data):
    with instance.beside(WORKERS=1) as process:
        service = Service(process.url, contract)
        clients = [Client(service, who.token, who.kind)
                   for who in (contact, staff)]
        case = contact.submit()
        stored = []
        for client in clients:
            client.get(case.path).expect(200)

        def largest():
            return max(resident(pid) for pid in children(process.pid))
        before = largest()
        for client in clients * 2:
            answer = client.post(
                case.path + "/attachments", data, query={
                    "visibility": "public"}, media="application/octet-stream",
                headers={"Content-Disposition": "attachment; filename=x"})
            stored.append(answer.expect(201).location)
        for client in clients:
            for where in stored:
                client.get(where + "/content").expect(200)
        service.close()
        until(lambda: largest() < before + 4 * MIB)
        service.close()


# -- others ----------------------------------------------------------------

def test_uploads_that_wait_hold_up_nobody_else(broken, data):
    """They have connections of their own to the database."""
    case, other = broken.contact.submit(), broken.contact.submit()
    bearer = "Authorization: Bearer " + broken.contact.token
    with patience(broken), Held(broken, case) as lock, (
            contextlib.ExitStack()) as crowd:
        wires = [crowd.enter_context(Wire(broken.service)) for _ in range(8)]
        for wire in wires:
            wire.send(declared(wire, case, bearer, 1000).encode()
                      + data[:1000])
        until(lambda: is_waiting(broken))
        for _ in range(5):
            other.note().expect(201)
            other.read()
        assert select.select(wires, [], [], 0)[0] == [], "they came after them"
        lock.release()
        assert answered(wires[-1], case).status == 201


def test_an_upload_that_is_drained_is_answered(broken, data):
    with broken.instance.beside(DRAIN_SECONDS=30) as process:
        service = Service(process.url, broken.contract)
        case = broken.contact.submit()
        bearer = "Authorization: Bearer " + broken.contact.token
        with Wire(service) as wire:
            wire.send(declared(wire, case, bearer).encode() + data[:MIB])
            until(lambda: held(Client(service)) >= MIB)
            service.close()
            process.terminate()
            until(lambda: "drain_started" in process.log_file.read_text())
            wire.send(data[MIB:])
            answer = answered(wire, case)
            assert answer.status == 201
            assert answer.headers["connection"].lower() == "close"
        assert process.wait() == 0
        service.close()
    assert len(case.attachments()) == 1
