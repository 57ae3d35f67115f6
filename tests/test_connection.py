"""The life of a connection: interim answers, closing, waiting, giving up."""

import pytest

from wire import Wire

pytestmark = pytest.mark.direct

AREAS = "/v1/product-areas"
LEVELS = "/v1/service-levels"
CASES = "/v1/cases"


def test_expect_100_continue_is_answered_before_the_body(
        wire, bearer, case_bytes):
    post = wire.post(CASES, case_bytes, bearer, "Expect: 100-continue")
    wire.send(post[:-len(case_bytes)])
    assert wire.answer(interim=True).status == 100
    wire.send(case_bytes)
    assert wire.answer("POST", CASES).status == 201
    assert wire.stays_open()


def test_expect_with_the_body_already_there_is_served(
        wire, bearer, case_bytes):
    wire.send(wire.post(CASES, case_bytes, bearer, "Expect: 100-continue"))
    assert wire.answer("POST", CASES).status == 201


def test_expect_100_continue_with_too_large_a_body_is_refused_at_once(
        wire, bearer):
    wire.send(wire.head("POST", CASES, bearer, "Expect: 100-continue",
                        "Content-Type: application/json",
                        "Content-Length: 100000000"))
    answer = wire.answer(interim=True)
    assert answer.status == 413


def test_another_expectation_is_refused(wire):
    wire.send(wire.get(AREAS, "Expect: miracles"))
    wire.refused(417)


def test_the_refusal_reaches_a_client_that_is_still_sending(wire, bearer):
    """Closing with unread bytes would reset the connection, and the answer
    would be lost on its way."""
    wire.send(wire.head("POST", CASES, bearer,
                        "Content-Type: application/json",
                        "Content-Length: 3000000"))
    try:
        for _ in range(30):
            wire.send(b" " * 100000)
    except (BrokenPipeError, ConnectionResetError):
        pass
    assert wire.answer("POST", CASES).status == 413


def test_the_rest_of_a_refused_request_is_taken(wire, bearer):
    """Also what comes when all that was there before is gone."""
    wire.send(wire.head("POST", CASES, bearer,
                        "Content-Type: application/json",
                        "Content-Length: 3000000"))
    assert wire.answer("POST", CASES).status == 413
    for _ in range(10):
        wire.send(b" " * 1000)


@pytest.mark.parametrize("lines", [
    ("Connection: close",), ("Connection: keep-alive, close",),
    ("Connection: CLOSE",), ("Connection: keep-alive", "Connection: close")])
def test_connection_close_closes_after_the_answer(wire, lines):
    wire.send(wire.get(AREAS, *lines) + wire.get(LEVELS))
    answer = wire.answer("GET", AREAS)
    assert answer.status == 200
    assert answer.headers["connection"].lower() == "close"
    assert wire.is_closed()


@pytest.mark.parametrize("value", ["keep-alive", "closed", "x-close, y"])
def test_other_connection_options_do_not_close(wire, value):
    wire.send(wire.get(AREAS, f"Connection: {value}"))
    assert wire.answer("GET", AREAS).status == 200
    assert wire.stays_open()


def test_http_1_0_is_served_without_host_and_closed(wire):
    wire.send(f"GET {AREAS} HTTP/1.0\r\n\r\n")
    assert wire.answer("GET", AREAS).status == 200
    assert wire.is_closed()


def test_http_1_0_keep_alive_is_kept(wire):
    wire.send(f"GET {AREAS} HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
    answer = wire.answer("GET", AREAS)
    assert answer.headers.get("connection", "").lower() == "keep-alive"
    assert wire.stays_open()


def test_http_1_0_delete_is_our_405(wire):
    wire.send(f"DELETE {AREAS} HTTP/1.0\r\n\r\n")
    answer = wire.answer("DELETE", AREAS)
    assert (answer.status, answer.problem) == (405, "method-not-allowed")
    assert wire.is_closed()


def test_http_1_0_has_no_chunks(wire):
    wire.send(f"POST {CASES} HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"
              "0\r\n\r\n")
    wire.refused(400)


def test_head_has_the_length_of_get_and_no_body(wire):
    wire.send(wire.head("HEAD", AREAS) + wire.get(AREAS))
    head, get = wire.answer("HEAD", AREAS), wire.answer("GET", AREAS)
    assert head.headers["content-length"] == get.headers["content-length"]
    assert get.body


def test_a_404_keeps_the_connection(wire):
    wire.send(wire.get("/nowhere"))
    assert wire.answer("GET", "/nowhere").status == 404
    assert wire.stays_open()


def test_a_client_that_half_closes_gets_its_answers(wire, bearer, case_bytes):
    wire.send(wire.post(CASES, case_bytes, bearer)
              + wire.get(AREAS).encode())
    wire.finish()
    assert wire.answer("POST", CASES).status == 201
    assert wire.answer("GET", AREAS).status == 200
    assert wire.is_closed()


def test_half_a_request_and_a_half_close_is_just_closed(wire):
    wire.send(wire.get(AREAS)[:-10])
    wire.finish()
    assert wire.is_closed()


def test_pipelined_answers_wait_for_a_client_that_reads_late(wire):
    """More answers than fit into the socket's buffers."""
    wire.send(wire.get("/openapi.json") * 60)
    with Wire(wire.service) as other:       # served meanwhile
        other.send(other.get(AREAS))
        assert other.answer("GET", AREAS).status == 200
    bodies = {wire.answer("GET", "/openapi.json").body for _ in range(60)}
    assert len(bodies) == 1
    assert wire.stays_open()


# -- clients that take their time (watched since the session began) --------

def test_an_idle_connection_is_closed_in_silence(slow_clients):
    slow_clients.silent("idle")
    slow_clients.silent("unused")


def test_answers_that_are_taken_slowly_are_taken(slow_clients):
    slow_clients.served("reader")


def test_a_head_that_drips_in_is_answered_408(slow_clients):
    slow_clients.refused("head", 408)


def test_so_is_one_behind_an_answer_and_one_behind_empty_lines(slow_clients):
    slow_clients.refused("second", 408)
    slow_clients.refused("blank", 408)


def test_a_body_that_drips_in_is_answered_408(slow_clients):
    slow_clients.refused("body", 408)


def test_chunks_that_drip_in_are_answered_408(slow_clients):
    slow_clients.refused("chunks", 408)


def test_a_large_body_that_drips_in_is_answered_408(slow_clients):
    slow_clients.refused("upload", 408)


def test_a_stream_that_drips_in_behind_a_part_is_answered_408(slow_clients):
    slow_clients.refused("stream", 408)
