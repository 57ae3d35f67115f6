"""How many header lines there may be, and one field on several of them (RFC
9110 5.3)."""

import pytest

pytestmark = pytest.mark.direct

AREAS = "/v1/product-areas"
LINES = 64              # at most, Host among them
SINGLE = {
    "Authorization": "Bearer a", "Content-Type": "application/json",
    "Content-Disposition": "attachment; filename=a.txt",
    "Idempotency-Key": "a", "Content-Length": "0", "Origin": "https://a.example"}


@pytest.mark.parametrize("name", SINGLE)
def test_a_field_of_one_value_is_refused_on_a_second_line(wire, name):
    line = f"{name}: {SINGLE[name]}"
    wire.send(wire.head("POST", "/v1/cases", line, line.swapcase()))
    assert wire.refused(400)["detail"] == f"{name} is given twice."


def test_two_hosts_are_refused(wire):
    wire.send(wire.get(AREAS, "Host: other.example"))
    assert "Host" in wire.refused(400)["detail"]


@pytest.mark.parametrize("lines, status", [
    (("Accept: text/html", "Accept: application/json"), 200),
    (("Accept: application/json", "Accept: text/html"), 200),
    (("Accept: text/html", "Accept: text/plain"), 406)])
def test_what_is_accepted_may_stand_on_several_lines(wire, lines, status):
    wire.send(wire.get(AREAS, *lines))
    assert wire.answer("GET", AREAS).status == status


@pytest.mark.parametrize("order", [1, -1])
def test_known_versions_may_stand_on_several_lines(wire, bearer, case, order):
    lines = ['If-None-Match: "0"', f"If-None-Match: {case.etag}"][::order]
    wire.send(wire.get(case.path, bearer, *lines))
    assert wire.answer("GET", case.path).status == 304


@pytest.mark.parametrize("order", [1, -1])
def test_wanted_versions_may_stand_on_several_lines(wire, bearer, case, order):
    lines = ['If-Match: "0"', f"If-Match: {case.etag}"][::order]
    path = case.path + "/close"
    wire.send(wire.post(path, {"closure_reason": "withdrawn"}, bearer, *lines))
    assert wire.answer("POST", path).status == 200


def test_a_trace_on_two_lines_is_not_refused(wire):
    wire.send(wire.get(AREAS, "traceparent: a", "traceparent: b"))
    assert wire.answer("GET", AREAS).status == 200


def test_as_many_header_lines_as_there_may_be_are_all_read(wire, bearer):
    """The last one, too: it is the token."""
    lines = [f"X-Line-{i}: {i}" for i in range(LINES - 2)]
    wire.send(wire.get("/v1/me", *lines, bearer))
    assert wire.answer("GET", "/v1/me").status == 200
    assert wire.stays_open()


@pytest.mark.parametrize("lines", [LINES + 1, 300])
def test_one_header_line_more_is_refused(wire, bearer, lines):
    wire.send(wire.get("/v1/me", *(f"X-{i}: 1" for i in range(lines - 2)),
                       bearer))
    wire.refused(431)
