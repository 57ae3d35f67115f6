"""How long a body may be: as its operation's schema can make it, and the
refusal of a longer one says so."""

import json

import pytest

from generate import good_body, good_value, is_good
from wire import Wire
from world import a_case

pytestmark = pytest.mark.direct
LEAST = 65536
JSON = "Content-Type: application/json"


def told_limit(service, op, *lines):
    """The limit_bytes of a 413, of which nothing but the head was sent."""
    path = op.path
    for parameter in op.parameters_in("path"):
        schema = parameter["schema"]
        path = path.replace(f"{{{parameter['name']}}}", str(
            next(v for v in ("1", good_value(schema)) if is_good(schema, v)
                 or schema.get("type") == "integer")))
    with Wire(service) as wire:
        wire.send(wire.head(op.method, path, f"Content-Length: {10**12}",
                            *lines))
        answer = wire.answer(op.method, path)
    assert (answer.status, answer.problem) == (413, "content-too-large")
    assert str(answer["limit_bytes"]) in answer["detail"]
    return answer["limit_bytes"]


def takes_json(op):
    return bool(op.bodies) and not op.raw


def has_body(op):
    return op.method in ("POST", "PATCH", "PUT")


def longest(schema):
    """A value that the schema takes and that is long as JSON."""
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return max(map(longest, schema[key]),
                       key=lambda value: len(json.dumps(value)))
    if "properties" in schema:
        return {name: longest(part)
                for name, part in schema["properties"].items()}
    if "items" in schema:
        return [longest(schema["items"])] * (
            1 if schema.get("uniqueItems") else min(schema["maxItems"], 50))
    if "enum" in schema:
        return max(schema["enum"], key=lambda value: len(str(value)))
    if schema.get("format") in ("text", "text-line") and (
            "x-says" not in schema):
        return "\U0001f600" * schema["maxLength"]
    return good_value(schema)


@pytest.mark.operations(where=has_body)
def test_a_413_tells_the_limit(op, service):
    assert told_limit(service, op, JSON) >= LEAST


@pytest.mark.operations(where=takes_json)
def test_a_body_may_be_as_long_as_its_schema_lets_it_become(
        op, stage, service):
    """Every character written as two escapes, each value on its line."""
    limit = told_limit(service, op, JSON)
    body = json.dumps({**good_body(op), **longest(op.body_schema),
                       "no_such_member": 1}, indent=4).encode()
    assert len(body) <= limit
    answer = stage.ask(op, body=body.ljust(limit)).expect(422)
    assert answer.faults == ["/no_such_member"]
    answer = stage.ask(op, body=body.ljust(limit + 1)).expect(413)
    assert answer["limit_bytes"] == limit


@pytest.mark.direct
def test_chunks_over_the_limit_are_told_it_too(service, contract, bearer):
    op = contract.by_id["create_case"]
    limit = told_limit(service, op, JSON)
    with Wire(service) as wire:
        wire.send(wire.head("POST", op.path, bearer, JSON,
                            "Transfer-Encoding: chunked"))
        for size in (limit - 1, 1, 1):
            wire.send(b"%x\r\n" % size + b" " * size + b"\r\n")
        answer = wire.answer("POST", op.path)
    assert (answer.status, answer["limit_bytes"]) == (413, limit)


def test_the_largest_limit_is_among_the_limits(public, service, contract):
    most = max(told_limit(service, op, JSON)
               for op in contract.operations if takes_json(op))
    assert public.get("/v1/limits").expect(200)["request"][
        "body_bytes"] == most > LEAST


def test_a_case_of_escapes_is_taken_whole(contact, advisor):
    texts = {"description": "\U0001f600" * 20000,
             "replication_steps": "\u00e9" * 11000,
             "impact": "\u4e2d" * 20000, "workaround": "\U0001d518" * 20000,
             "subject": "\U0001f600" * 200}
    body = json.dumps(a_case(**texts)).encode()
    assert len(body) > 600000
    case = contact.post("/v1/cases", body).expect(201)
    for reader in (contact, advisor):
        read = reader.get(case.location)
        assert {name: read[name] for name in texts} == texts
    longer = json.dumps(a_case(**{**texts, "impact": "\u4e2d" * 20001}))
    assert contact.post("/v1/cases", longer.encode()).expect(
        422).faults == ["/impact"]


def test_a_large_body_with_a_key_is_done_once(contact):
    asked = a_case()

    def submit(text):
        body = json.dumps({**asked, "description": text * 11000}).encode()
        return contact.post("/v1/cases", body,
                            headers={"Idempotency-Key": '"large"'})
    first, again = submit("\u00e9").expect(201), submit("\u00e9").expect(201)
    assert first["id"] == again["id"]
    submit("\u00e8").expect(422, problem="idempotency-key-reused")
