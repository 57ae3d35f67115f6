"""What an answer tells of a request that has more faults than anybody reads:
the first 20, the number of the others, and no more of a name than is needed.
What such requests cost is counted by tests/unit/test_price.c."""

import pytest

from wire import chunked
from world import a_case

CASES = "/v1/cases"
CALENDAR = "/v1/calendar"


def listed_and_omitted(answer):
    errors = answer.json["errors"]
    assert len(errors) <= 20
    omitted = answer.json.get("errors_omitted", 0)
    assert len(errors) == 20 or omitted == 0
    return len(errors) + omitted


@pytest.mark.parametrize("count", [1, 20, 21, 159, 160, 161, 300, 3950])
def test_all_unknown_parameters_are_counted(public, count):
    answer = public.get(f"{CALENDAR}?" + "&".join(["a"] * count)).expect(
        400, problem="invalid-parameter")
    assert listed_and_omitted(answer) == count


def test_faults_of_every_kind_are_counted_together(contact):
    query = ["limit=0", "limit=5", "status=%ff", "nobody=1"] + ["%f"] * 40
    answer = contact.get(f"{CASES}?" + "&".join(query)).expect(
        400, problem="invalid-parameter")
    assert listed_and_omitted(answer) == 44
    assert [error["code"] for error in answer.json["errors"][:4]] == [
        "minimum", "repeated", "encoding", "unknown"]


@pytest.mark.parametrize("count", [19, 20, 21, 1000])
def test_all_unknown_members_are_counted(contact, count):
    body = {**a_case(), **{f"m{i}": i for i in range(count)}}
    answer = contact.post(CASES, body).expect(422, problem="invalid-request")
    assert listed_and_omitted(answer) == count


def test_all_items_that_do_not_fit_are_counted(lead):
    body = {"scope": {"districts": [-1] * 900}, "unknown": 1}
    answer = lead.post("/v1/incidents", body).expect(
        422, problem="invalid-request")
    missing = [error for error in answer.json["errors"]
               if error["code"] == "required"]
    assert listed_and_omitted(answer) == 900 + 1 + len(missing)


@pytest.mark.parametrize("letter, shown", [
    ("n", "n" * 100), ("%C3%A9", "é" * 50), ("%E2%82%AC", "€" * 33),
    ("%22", '"' * 100)])
def test_a_long_name_is_cut(public, letter, shown):
    answer = public.get(f"{CALENDAR}?{letter * 800}=1").expect(400)
    assert [error["parameter"] for error in answer.json["errors"]] == [
        shown + "…"]


def test_a_long_name_that_cannot_be_read_is_cut(public):
    answer = public.get(f"{CALENDAR}?{'n' * 7000}=%ff").expect(400)
    assert answer.json["errors"][0]["parameter"] == "n" * 100 + "…"


@pytest.mark.parametrize("body, place", [
    (b"[" * 40, "nested more than 32 levels deep at byte 32"),
    (b"[" + b"1," * 2000 + b"1]", "more than 1200 values at byte"),
    (b'{"priority":1' + b"1" * 200 + b"}",
     "128 characters at line 1, column 13"),
    (b'{"a":1,\n "a":2}', "twice at line 2, column 2 (byte 9)")])
def test_json_beyond_a_limit_is_told_with_its_place(contact, body, place):
    answer = contact.post(CASES, body, media="application/json").expect(
        400, problem="invalid-json")
    assert place in answer.json["detail"]


@pytest.mark.direct
@pytest.mark.parametrize("field", [
    "Accept", "If-Match", "If-None-Match", "Connection", "Repr-Digest",
    "Content-Digest"])
@pytest.mark.parametrize("lines", [1, 4])
def test_a_list_of_too_many_members_is_refused(wire, field, lines):
    line = f"{field}: " + ", ".join(['"1"'] * (120 // lines))
    wire.send(wire.get(CALENDAR, *[line] * lines))
    wire.refused(431)


@pytest.mark.direct
@pytest.mark.parametrize("lines", [1, 3])
def test_what_is_accepted_has_6000_bytes_at_most(wire, lines):
    """Each parameter is work, and there is one in four bytes."""
    for more, status in ((0, 200), (1, 431)):
        value = "*/*" + ";a=b" * ((6000 // lines - 3) // 4)
        value += ";" * (6000 // lines - len(value) + more)
        wire.send(wire.get(CALENDAR, *[f"Accept: {value}"] * lines))
        if status == 200:
            assert wire.answer("GET", CALENDAR).status == 200
        else:
            wire.refused(431)


@pytest.mark.direct
def test_chunks_that_are_mostly_framing_are_refused(wire, bearer, case_bytes):
    wire.send(wire.head("POST", CASES, bearer, "Transfer-Encoding: chunked",
                        "Content-Type: application/json"),
              chunked(case_bytes, *[1] * 100, extension=";a=" + "x" * 240))
    wire.refused(400)
