"""One header field on several lines (RFC 9110 5.3)."""

import pytest

pytestmark = pytest.mark.direct

AREAS = "/v1/product-areas"
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
