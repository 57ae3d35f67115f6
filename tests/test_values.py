"""Every value of an enumeration and both ends of every bound are sent, for every
operation: what the document allows gets through to the database, and comes back
as it was.
"""

import copy

import pytest

from examples import ask
from generate import edges, good_value, is_good, write_text
from incidents import say
from serving import prepared_order

# Codes of faults that say that a value is none of the schema's.
MALFORMED = {"type", "enum", "const", "minLength", "maxLength", "pattern",
             "minimum", "maximum", "format", "additionalProperties", "anyOf",
             "minItems", "maxItems", "uniqueItems"}


def kind_of(op):
    return next(kind for kind in ("staff", "contact", "telephony", "partner",
                                  "public") if kind in op.callers)


def members(schema, path=()):
    """(path, schema) of all members of an object, those of objects in it too."""
    for name, part in schema.get("properties", {}).items():
        yield (*path, name), part
        for inner in (part, *part.get("anyOf", [])):
            yield from members(inner, (*path, name))


def placed(body, schema, path, value):
    """The body with that value at that place."""
    body = copy.deepcopy(body)
    at = body
    for name in path[:-1]:
        schema = schema["properties"][name]
        schema = next((part for part in schema.get("anyOf", [])
                       if "properties" in part), schema)
        if at.get(name) is None:
            at[name] = good_value(schema)
        at = at[name]
    at[path[-1]] = value
    return body


def is_taken(op, answer, what):
    """Whatever the rules say: the value is one that there is."""
    assert answer.status < 500, (what, answer.transcript())
    for fault in answer.json.get("errors", []) if answer.status >= 400 else []:
        assert fault["code"] not in MALFORMED, (what, answer.transcript())
    return answer.status == op.success


def as_sent(op, answer, path, value):
    """Nothing is cut off of what becomes a member of the answer."""
    told = answer.json.get(path[0])
    if len(path) > 1 or type(told) is not type(value) or not (
            op.method == "PATCH" or op.success == 201):
        return True
    return told == value or isinstance(told, (dict, list))


def is_json(op):
    return bool(op.bodies) and not op.raw


@pytest.mark.operations(where=is_json)
def test_every_value_of_a_member_gets_through(op, stage):
    for path, schema in members(op.body_schema):
        for kind in (kind_of(op), *op.callers):     # some members are of one
            taken, tried = send_edges(op, kind, path, schema, stage)
            if taken or not tried or "enum" not in schema:
                break
        else:
            raise AssertionError(f"the rules refused every value of {path}")


def send_edges(op, kind, path, schema, stage):
    """How many values were taken, and how many there are."""
    taken = tried = 0
    for value in edges(schema):
        order = prepared_order(op, kind, stage)
        order.body = placed(order.body, op.body_schema, path, value)
        if not is_good(op.body_schema, order.body):
            continue        # one that excludes others
        answer, tried = order.send(), tried + 1
        if is_taken(op, answer, (path, value)):
            taken += 1
            assert as_sent(op, answer, path, value), (
                path, value, answer.transcript())
            end(op, answer, stage)
    return taken, tried


def end(op, answer, stage):
    """An incident touches others for as long as it is open."""
    if op.id == "create_incident":
        say(stage.staff, answer, "completed" if answer["kind"]
            == "maintenance" else "resolved").expect(201)


@pytest.mark.operations(where=lambda op: any(
    p["name"] != "cursor" for p in op.parameters_in("query")))
def test_every_value_of_a_parameter_gets_through(op, stage):
    for parameter in op.parameters_in("query"):
        name, schema = parameter["name"], parameter["schema"]
        for value in edges(schema) if name != "cursor" else []:
            order = prepared_order(op, kind_of(op), stage)
            answer = ask(order.caller, op, order.path, body=order.body,
                         query={name: write_text(schema, value)})
            done = is_taken(op, answer, (name, value))
            assert done or "enum" not in schema, answer.transcript()
