"""HTTP/1.1 on the wire (RFC 9110, RFC 9112), byte by byte.

Many servers get one of these wrong, and each of them has been used for
smuggling requests past a proxy or for holding a worker: what two readers could
understand differently is refused, and every refusal is a problem document.
"""

import pytest

from wire import chunked
from world import a_case

pytestmark = pytest.mark.direct

AREAS = "/v1/product-areas"
LEVELS = "/v1/service-levels"
CASES = "/v1/cases"


# -- where a message ends --------------------------------------------------

def test_surplus_behind_the_body_is_the_next_request(
        wire, bearer, case_bytes):
    wire.send(wire.post(CASES, case_bytes, bearer)
              + wire.get(AREAS).encode())
    assert wire.answer("POST", CASES).status == 201
    assert wire.answer("GET", AREAS).status == 200


def test_surplus_that_is_no_request_is_refused_after_the_answer(
        wire, bearer, case_bytes):
    wire.send(wire.post(CASES, case_bytes, bearer) + b"surplus\r\n\r\n")
    assert wire.answer("POST", CASES).status == 201
    wire.refused(400)


def test_two_requests_in_one_segment_are_both_answered_in_order(wire):
    wire.send(wire.get(AREAS) + wire.get(LEVELS))
    first = wire.answer("GET", AREAS)
    second = wire.answer("GET", LEVELS)
    assert (first.status, second.status) == (200, 200)
    assert first.body != second.body


def test_a_hundred_pipelined_requests_keep_their_order(
        wire, bearer, contact):
    case = contact.post(CASES, a_case()).expect(201)
    targets = [case.location, AREAS, CASES + "/9007199254740991",
               "/v1/me", LEVELS] * 20
    wire.send("".join(wire.get(t, bearer) for t in targets))
    seen = [wire.answer("GET", t).status for t in targets]
    assert seen == [200, 200, 404, 200, 200] * 20


def test_requests_behind_a_slow_body_wait_for_their_turn(
        wire, bearer, case_bytes):
    post = wire.post(CASES, case_bytes, bearer)
    wire.send(post[:-20], post[-20:-5], post[-5:] + wire.get(AREAS).encode(),
              pause=0.2)
    assert wire.answer("POST", CASES).status == 201
    assert wire.answer("GET", AREAS).status == 200


def test_every_byte_may_come_alone(wire, bearer, case_bytes):
    data = wire.post(CASES, case_bytes, bearer)
    wire.send(*(data[i:i + 1] for i in range(len(data))), pause=0.0005)
    assert wire.answer("POST", CASES).status == 201
    assert wire.stays_open()


@pytest.mark.parametrize("method, status", [
    ("GET", 400), ("HEAD", 400), ("DELETE", 405), ("OPTIONS", 204)])
@pytest.mark.parametrize("coding", [False, True])
@pytest.mark.parametrize("split", [False, True])
def test_a_body_where_none_belongs_is_never_read_as_a_request(
        wire, method, status, coding, split):
    hidden = wire.get(LEVELS).encode()
    head = wire.head(method, AREAS, "Transfer-Encoding: chunked" if coding
                     else f"Content-Length: {len(hidden)}").encode()
    body = chunked(hidden, 3) if coding else hidden
    wire.send(*([head, body] if split else [head + body]))
    assert wire.answer(method, AREAS).status == status
    assert wire.stays_open()


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_an_empty_object_is_ignored_by_whatever_method(wire, method):
    requests = [wire.head(method, AREAS, f"Content-Length: {len(body)}") + body
                for body in ("{}", " { }\n", "")]
    requests.append(wire.head(method, AREAS, "Transfer-Encoding: chunked")
                    + chunked(b"{}", 1).decode())
    wire.send("".join(requests))
    for _ in requests:
        assert wire.answer(method, AREAS).status == 200
    assert wire.stays_open()


def test_a_get_with_content_length_0_is_served(wire):
    wire.send(wire.get(AREAS, "Content-Length: 0"))
    assert wire.answer("GET", AREAS).status == 200


@pytest.mark.parametrize("lines", [
    ("Content-Length: 2", "Transfer-Encoding: chunked"),
    ("Transfer-Encoding: chunked", "Content-Length: 2"),
    ("Content-Length: 2", "Content-Length: 3"),
    ("Content-Length: 2", "Content-Length: 2"),
    ("Content-Length: 2, 2",),
    ("Content-Length: +2",),
    ("Content-Length: -2",),
    ("Content-Length: 0x2",),
    ("Content-Length: 2.0",),
    ("Content-Length: two",),
    ("Content-Length: ",),
    ("Content-Length: 2 2",),
    ("Content-Length: 18446744073709551618",),
    ("Content-Length: 99999999999999999999999999999999",),
    ("Content-Length : 2",),
    ("Content_Length: 2", "Content-Length: 1a"),
])
def test_a_doubtful_length_is_refused(wire, bearer, lines):
    wire.send(wire.head("POST", CASES, bearer,
                        "Content-Type: application/json", *lines) + "{}")
    wire.refused(400)


@pytest.mark.parametrize("coding", [
    "gzip", "gzip, chunked", "chunked, gzip", "chunked, chunked", "xchunked",
    "chunkedx", "identity", "", '"chunked"', "chunked;q=1"])
def test_any_coding_but_chunked_is_refused(wire, bearer, coding):
    wire.send(wire.head("POST", CASES, bearer,
                        f"Transfer-Encoding: {coding}") + "0\r\n\r\n")
    wire.refused(501)


def test_a_coding_behind_a_control_character_is_refused(wire, bearer):
    wire.send(wire.head("POST", CASES, bearer,
                        "Transfer-Encoding: \x0bchunked") + "0\r\n\r\n")
    wire.refused(400)


def test_two_transfer_encodings_are_refused(wire, bearer):
    wire.send(wire.head("POST", CASES, bearer, "Transfer-Encoding: chunked",
                        "Transfer-Encoding: identity") + "0\r\n\r\n")
    wire.refused(501)


def test_a_post_without_a_length_has_an_empty_body(wire, bearer):
    wire.send(wire.head("POST", CASES, bearer,
                        "Content-Type: application/json"))
    answer = wire.answer("POST", CASES)
    assert answer.status == 422 and "/subject" in answer.faults
    assert wire.stays_open()


# -- header lines ----------------------------------------------------------

def test_a_header_block_over_the_limit_is_refused(wire):
    wire.send(wire.get(AREAS, "X-Long: " + "x" * 70000))
    wire.refused(431)


def test_a_header_block_of_8_kib_is_read(wire, bearer):
    wire.send(wire.get("/v1/me", "X-Long: " + "x" * 8000, bearer))
    assert wire.answer("GET", "/v1/me").status == 200


@pytest.mark.parametrize("line", [
    b"X-Nul: a\x00b", b"X-Control: a\x01b", b"X-Delete: a\x7fb",
    b"X-Return: a\rb", b"X-Feed: a\nb", b"X Space: 1", b"X-Space : 1",
    b"\tX-Tab: 1", b" folded", b": nameless", b"colonless",
    b"X-\xc3\xa9: 1", b"X(comment): 1", b"X@at: 1", b"X-N\x00ul: 1"])
def test_a_malformed_header_line_is_refused(wire, line):
    wire.send(f"GET {AREAS} HTTP/1.1\r\nHost: a\r\n".encode()
              + line + b"\r\n\r\n")
    wire.refused(400)


@pytest.mark.parametrize("head", [
    "GET /\0 HTTP/1.1\r\nHost: a", "G\0ET / HTTP/1.1\r\nHost: a",
    "GET / HTTP/1.1\r\nHost: a\r\nX-N\0ul: 1",
    "GET / HTTP/1.1\r\nHost: a\r\nX-Nul: 1\0"])
def test_a_nul_is_called_so(wire, head):
    wire.send(head + "\r\n\r\n")
    assert "NUL" in wire.refused(400)["detail"]


@pytest.mark.parametrize("value", [
    b"", b"\t", b"a\tb", b"caf\xc3\xa9", b"\xff\xfe", b" padded \t "])
def test_odd_header_values_are_legal_and_hide_nothing(wire, bearer, value):
    wire.send(wire.head("GET", "/v1/me", "X-Odd: ").encode()[:-4]
              + value + b"\r\n" + bearer.encode() + b"\r\n\r\n")
    assert wire.answer("GET", "/v1/me").status == 200


def test_a_header_whose_name_starts_with_host_is_not_host(wire):
    wire.send(f"GET {AREAS} HTTP/1.1\r\nHostile: a\r\n\r\n")
    wire.refused(400)


def test_hostile_beside_host_is_no_second_host(wire):
    wire.send(wire.get(AREAS, "Hostile: a"))
    assert wire.answer("GET", AREAS).status == 200


@pytest.mark.parametrize("lines", [
    "", "Host:\r\n", "Host: a\r\nHost: a\r\n", "Host: a\r\nhost: b\r\n",
    "Host: a b\r\n", "Host: a/b\r\n", "Host: user@a\r\n", "Host: a:b\r\n",
    "Host: a:65536\r\n", "Host: <a>\r\n", "Host: a%zz\r\n", "Host: [::1\r\n",
    "Host: [a]\r\n", "Host: ::1\r\n", "Host: a, b\r\n", "Host: caf\xe9\r\n"])
def test_host_is_there_once_and_a_host_name(wire, lines):
    wire.send(f"GET {AREAS} HTTP/1.1\r\n{lines}\r\n".encode("latin-1"))
    wire.refused(400)


@pytest.mark.parametrize("host", [
    "a", "a_b:8080", "127.0.0.1:", "[::1]:80", "[::1]", "xn--bcher-kva.example"])
def test_host_may_have_a_port_and_be_an_address(wire, host):
    wire.send(f"GET {AREAS} HTTP/1.1\r\nHost: {host}\r\n\r\n")
    assert wire.answer("GET", AREAS).status == 200


@pytest.mark.parametrize("data", [
    b"GET " + AREAS.encode() + b" HTTP/1.1\nHost: a\r\n\r\n",
    b"GET " + AREAS.encode() + b" HTTP/1.1\r\nHost: a\nX: 1\r\n\r\n",
])
def test_a_bare_line_feed_ends_no_line(wire, data):
    wire.send(data)
    wire.refused(400)


def test_header_names_are_read_in_any_case(wire, contact, case_bytes):
    wire.send(f"POST {CASES} HTTP/1.1\r\nhOST: a\r\n"
              f"AUTHORIZATION: bearer {contact.token}\r\n"
              f"content-TYPE: Application/JSON; Charset=UTF-8\r\n"
              f"CONTENT-length: {len(case_bytes)}\r\n\r\n".encode()
              + case_bytes)
    assert wire.answer("POST", CASES).status == 201


# -- the request line ------------------------------------------------------

@pytest.mark.parametrize("line, status", [
    ("BREW /v1/me HTTP/1.1", 501),
    ("get /v1/me HTTP/1.1", 501),
    ("CONNECT a:443 HTTP/1.1", 501),
    ("TRACE /v1/me HTTP/1.1", 501),
    ("GET /v1/me HTTP/2.0", 505),
    ("GET /v1/me HTTP/0.9", 505),
    ("GET /v1/me HTTP/3.1", 505),
    ("PRI * HTTP/2.0", 505),
    ("GET /v1/me HTTP/1.1 ", 400),
    ("GET /v1/me http/1.1", 400),
    ("GET /v1/me HTTP/1", 400),
    ("GET /v1/me HTTP/11", 400),
    ("GET /v1/me", 400),
    ("GET  /v1/me HTTP/1.1", 400),
    (" GET /v1/me HTTP/1.1", 400),
    ("GET\t/v1/me HTTP/1.1", 400),
    ("GET /v1/ me HTTP/1.1", 400),
    ("GET v1/me HTTP/1.1", 400),
    ("GET * HTTP/1.1", 400),
    ("GET http:///v1/me HTTP/1.1", 400),
    ("GET http://:80/v1/me HTTP/1.1", 400),
    ("GET http://user@a/v1/me HTTP/1.1", 400),
    ("GET http://user:password@a HTTP/1.1", 400),
    ("GET http://a:b/v1/me HTTP/1.1", 400),
    ("GET http://[::1/v1/me HTTP/1.1", 400),
    ("GET ftp://a/v1/me HTTP/1.1", 400),
    ("GET http: HTTP/1.1", 400),
    ("GET /v1/me#part HTTP/1.1", 400),
    ("GET /v1/\x7f HTTP/1.1", 400),
    ("GET /v1/\x01 HTTP/1.1", 400),
    ("GET /v1/é HTTP/1.1", 400),
    ("G(T /v1/me HTTP/1.1", 400),
    ("HTTP/1.1 200 OK", 400),
    ("\x16\x03\x01\x02", 400),
])
def test_a_request_line_we_do_not_speak_is_refused(wire, line, status):
    wire.send(f"{line}\r\nHost: a\r\n\r\n")
    wire.refused(status)


def test_a_target_over_the_limit_is_refused(wire):
    wire.send(wire.get(AREAS + "?" + "x" * 9000))
    wire.refused(414)


def test_a_target_without_an_end_is_refused(wire):
    wire.send("GET /" + "x" * 100000)
    wire.refused(414)


def test_the_target_may_be_a_whole_url(wire):
    wire.send(wire.get(f"http://{wire.host}{AREAS}"))
    assert wire.answer("GET", AREAS).status == 200


@pytest.mark.parametrize("target, status", [
    ("http://a", 200), ("HTTP://a:80", 200), ("https://[::1]?x=1", 400)])
def test_a_url_without_a_path_has_the_root_for_its_path(wire, target, status):
    wire.send(wire.get(target) + wire.get(AREAS))
    assert wire.answer("GET", "/").status == status
    assert wire.answer("GET", AREAS).status == 200


@pytest.mark.parametrize("minor", [2, 9])
def test_a_newer_minor_version_is_answered_in_ours(wire, minor):
    """RFC 9110 2.5: as the highest minor version that is spoken here."""
    wire.send(f"GET {AREAS} HTTP/1.{minor}\r\nHost: a\r\n\r\n")
    assert wire.answer("GET", AREAS).status == 200
    assert wire.stays_open()


def test_the_server_itself_has_options(wire):
    wire.send(wire.head("OPTIONS", "*") + wire.head("OPTIONS", "http://a")
              + wire.get(AREAS))
    for _ in range(2):
        answer = wire.answer("OPTIONS", "*")
        assert (answer.status, answer.body) == (204, b"")
    assert wire.answer("GET", AREAS).status == 200


def test_empty_lines_before_a_request_are_skipped(wire):
    wire.send("\r\n\r\n" + wire.get(AREAS))
    assert wire.answer("GET", AREAS).status == 200


@pytest.mark.parametrize("path", [
    "/v1/product%2Dareas", "/v1/product-areas/", "//v1/product-areas",
    "/v1//product-areas", "/v1/./product-areas", "/v1/x/../product-areas",
    "/V1/product-areas", "/v1/product-areas%00", "/v1/product-areas;x=1",
    "/v1/product-areas%", "/v1/product-areas%zz", "/v1/%ff",
    "/v1/cases%2F1", "/v1/cases/1%2Fnotes", "/v1", "/etc/passwd",
    "/v1" + "/x" * 60, "/" * 500, "/..%2f..%2fetc/passwd",
    "/v1/cases/1\\notes"])
def test_a_path_means_one_thing(wire, bearer, path):
    """Nothing is collapsed, folded or decoded into another operation; only
    an escaped unreserved character equals itself (RFC 3986 6.2.2.2)."""
    wire.send(wire.get(path, bearer))
    answer = wire.answer("GET", path)
    if path == "/v1/product%2Dareas":
        assert answer.status == 200
    elif "%" in path:
        assert answer.status in (400, 404)
    else:
        assert answer.status == 404
