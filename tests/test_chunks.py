"""Chunked bodies on the wire (RFC 9112 7.1): sizes, extensions, trailers. As
strict as the head, since a proxy that reads a line otherwise would see another
end of the message."""

import pytest

from wire import chunked

pytestmark = pytest.mark.direct

LINES = 64              # trailers at most
CASES = "/v1/cases"


def send_chunked(wire, bearer, data):
    wire.send(wire.head("POST", CASES, bearer, "Transfer-Encoding: chunked",
                        "Content-Type: application/json"))
    if isinstance(data, bytes):
        data = [data]
    try:
        wire.send(*data)
    except (BrokenPipeError, ConnectionResetError):
        pass


def test_a_chunked_body_is_accepted(wire, bearer, case_bytes):
    send_chunked(wire, bearer, chunked(case_bytes, 1, 2, 30))
    assert wire.answer("POST", CASES).status == 201
    assert wire.stays_open()


def test_chunks_may_be_cut_anywhere(wire, bearer, case_bytes):
    data = chunked(case_bytes, 1, 16, 17)
    wire.send(wire.head("POST", CASES, bearer, "Transfer-Encoding: CHUNKED",
                        "Content-Type: application/json"),
              *(data[i:i + 1] for i in range(len(data))), pause=0.0005)
    assert wire.answer("POST", CASES).status == 201


def test_extensions_and_trailers_of_chunks_are_dropped(
        wire, bearer, case_bytes):
    send_chunked(wire, bearer, chunked(
        case_bytes, 5, 6, extension=';name="value";flag',
        trailers=("X-Checksum: 1", "Server-Timing: a;dur=1")))
    assert wire.answer("POST", CASES).status == 201
    assert wire.stays_open()


@pytest.mark.parametrize("trailer", [
    "Content-Length: 5", "Transfer-Encoding: chunked", "Host: other.example",
    "authorization: Bearer nonsense", "Content-Type: text/html",
    "Idempotency-Key: k", "If-Match: *", "X-Forwarded-For: 10.0.0.1",
    "GET /v1/me HTTP/1.1", "X Y: 1", "X : 1", ": 1", "X: a\x00b", "X: a\nY: b",
    " folded: 1", "X: a\rb"])
def test_a_trailer_is_a_field_line_that_may_stand_there(
        wire, bearer, case_bytes, trailer):
    send_chunked(wire, bearer, chunked(case_bytes, 5, trailers=(trailer,)))
    wire.refused(400)


def test_there_are_as_many_trailers_as_header_lines(wire, bearer, case_bytes):
    send_chunked(wire, bearer, chunked(
        case_bytes, 5, trailers=[f"X-{i}: 1" for i in range(LINES)]))
    assert wire.answer("POST", CASES).status == 201


@pytest.mark.parametrize("lines", [LINES + 1, 300])
def test_there_are_no_more_trailers_than_header_lines(
        wire, bearer, case_bytes, lines):
    send_chunked(wire, bearer, chunked(
        case_bytes, 5, trailers=[f"X-{i}: 1" for i in range(lines)]))
    wire.refused(431)


@pytest.mark.parametrize("extension", [
    " ", "\t", " ;a", ";", ";a b", ";a=", ';a="b', ";a=b;", ';a="b\x01"', ";=b",
    ";a\n", "\x0b", ";a=\x7f", " x", ';"a"', ';a="b"c', ';a="b\\"'])
def test_a_chunk_extension_is_written_as_its_grammar_says(
        wire, bearer, case_bytes, extension):
    send_chunked(wire, bearer, chunked(case_bytes, 5, extension=extension))
    wire.refused(400)


def test_chunk_sizes_may_have_leading_zeros_and_capitals(
        wire, bearer, case_bytes):
    size = f"{len(case_bytes):X}".zfill(40).encode()
    send_chunked(wire, bearer, size + b"\r\n" + case_bytes + b"\r\n"
                 + b"0" * 40 + b"\r\n\r\n")
    assert wire.answer("POST", CASES).status == 201


@pytest.mark.parametrize("data", [
    b"x\r\n{}\r\n0\r\n\r\n",
    b"-2\r\n{}\r\n0\r\n\r\n",
    b"+2\r\n{}\r\n0\r\n\r\n",
    b"0x2\r\n{}\r\n0\r\n\r\n",
    b"\r\n{}\r\n0\r\n\r\n",
    b" 2\r\n{}\r\n0\r\n\r\n",
    b"2\n{}\r\n0\r\n\r\n",
    b"2\r\n{} \r\n0\r\n\r\n",
    b"2\r\n{}0\r\n\r\n",
    b"2\r\n{}xx0\r\n\r\n",
    b"2\r\n{}\r\r0\r\n\r\n",
    b"1\r\n{}\r\n0\r\n\r\n",
    b"100000000\r\n{}",
    b"ffffffffffffffff\r\n{}",
    b"fffffffffffffffff\r\n{}",
    b"2;\x00\r\n{}\r\n0\r\n\r\n",
    b"2;" + b"e" * 20000 + b"\r\n{}\r\n0\r\n\r\n",
])
def test_a_malformed_chunk_is_refused(wire, bearer, data):
    send_chunked(wire, bearer, data)
    wire.refused(400)


def test_endless_trailers_are_refused(wire, bearer):
    send_chunked(wire, bearer,
                 [b"2\r\n{}\r\n0\r\n"] + [b"X-Trailer: 1\r\n" * 2000] * 20)
    wire.refused(431)


def test_a_chunked_body_over_the_limit_is_refused(wire, bearer):
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    send_chunked(wire, bearer, [chunk * 4] * 8)
    wire.refused(413)


def test_many_small_chunks_over_the_limit_are_refused(wire, bearer):
    chunk = b"10;x=12345678\r\n" + b" " * 16 + b"\r\n"
    send_chunked(wire, bearer, [chunk * 20000] * 4)
    wire.refused(413)
