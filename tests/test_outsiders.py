"""Nobody from outside a district learns or changes anything of it.

Generated from the document: a contact of another district, a partner not
assigned to it, a telephony client and the public try every operation on a
district with one of everything (examples.py), whose texts hold a mark that no
answer to them may hold. Another district's id is answered exactly like one
that does not exist.
"""

from urllib.parse import quote

import pytest

from contract import same_problem
from examples import SECRETS, SHARED, Place, ask, has_id
from generate import NOBODY, good_body

OUTSIDERS = ("contact", "partner", "telephony", "public")
FILTERS = {"id": "case_id", "follows_case_id": "case_id",
           "merged_into_case_id": "case_id"}


@pytest.fixture(scope="module")
def outside(world):
    """Another district with one of everything, and its people."""
    return Place(world)


@pytest.fixture
def outsiders(outside, public):
    return {"contact": outside.contact, "partner": outside.partner,
            "telephony": outside.telephony, "public": public}


def is_for_anybody(op):
    """Operations whose secret path is the permission itself."""
    return bool(set(op.names) & SECRETS)


def bodies(op, place):
    """The documented body, and the same naming the district's things."""
    body = good_body(op)
    if body is None:
        return [None]
    named = {name: place.example(name) for name in op.body_schema.get(
        "properties", {}) if name.endswith("_id") and
        name in ("case_id", "contact_id", "district_id")}
    return [body, {**body, **named}] if named else [body]


def queries(op, place):
    """No filter, each id of the district, and the start of the mark."""
    yield {}
    for parameter in op.parameters_in("query"):
        name, schema = parameter["name"], parameter["schema"]
        inner = schema.get("items", schema)
        named = FILTERS.get(name, name)
        if name == "cursor" or name == "id" and op.id != "list_cases":
            continue
        if named in ("case_id", "contact_id", "district_id"):
            yield {name: place.example(named)}
        elif inner.get("type") == "string" and not (
                {"enum", "pattern", "format"} & set(inner)):
            yield {name: place.mark[:20]}


def requests(op, place):
    for body in bodies(op, place):
        for query in queries(op, place):
            yield {"body": body, "query": query}


@pytest.mark.fact(14, 49, 80)
@pytest.mark.parametrize("kind", OUTSIDERS)
@pytest.mark.operations(where=lambda op: not is_for_anybody(op))
def test_an_outsider_learns_and_changes_nothing(op, kind, place, outsiders):
    outsider = outsiders[kind]
    path = place.path(op)
    before = place.state()
    for request in requests(op, place):
        answer = ask(outsider, op, path, **request)
        if kind not in op.callers and not op.public:
            answer.expect(401 if kind == "public" else 403)
        elif kind not in op.callers:
            answer.expect(op.success, 403)
        elif has_id(op) and kind == "telephony":
            answer.expect(404, 409)     # the phone system has every call
        elif has_id(op):
            answer.expect(404, problem="not-found")
        told = answer.body.decode() + str(answer.headers)
        assert place.mark not in told, answer.transcript()
    assert place.state() == before


@pytest.mark.fact(80)
@pytest.mark.operations(where=lambda op: has_id(op) and {
    "contact", "partner"} & set(op.callers))
def test_a_foreign_id_is_answered_like_one_that_does_not_exist(
        op, place, outsiders):
    for kind in {"contact", "partner"} & set(op.callers):
        foreign = ask(outsiders[kind], op, place.path(op))
        unknown = ask(outsiders[kind], op, nowhere(op, place))
        foreign.expect(404, problem="not-found")
        unknown.expect(404)
        assert same_problem(foreign.json, unknown.json)
        differing = {"request-id", "date", "content-length", "traceparent"}
        assert {k: v for k, v in foreign.headers.items()
                if k not in differing} == {
                    k: v for k, v in unknown.headers.items()
                    if k not in differing}


def nowhere(op, place):
    """The path with ids of the district's things that do not exist."""
    return place.path(op, **{name: NOBODY for name in op.names
                             if name not in SHARED})


@pytest.mark.fact(80)
@pytest.mark.operations(
    where=lambda op: len(set(op.names) - SHARED) > 1 and not
    is_for_anybody(op))
def test_no_own_thing_opens_the_way_to_a_foreign_one(
        op, place, outside, outsiders):
    """/cases/{own}/things/{foreign} and the other way round."""
    for own in set(op.names) - SHARED:
        for kind in {"contact", "partner"} & set(op.callers):
            ask(outsiders[kind], op,
                place.path(op, **{own: outside.example(own)})).expect(
                    403, 404)


@pytest.mark.operations(where=lambda op: has_id(op) and "staff" in op.callers)
def test_an_id_that_does_not_exist_is_404_for_staff_too(op, place):
    ask(place.staff, op, nowhere(op, place)).expect(404, problem="not-found")


def nothing(op, name):
    """What such a path parameter may be, and nothing has."""
    [schema] = [p["schema"] for p in op.parameters_in("path")
                if p["name"] == name]
    if schema.get("type") == "integer":
        return NOBODY
    if schema.get("format") == "date":
        return "2099-12-30"
    return "none-such"


# The page of a case says to everybody how to log in, whatever its number.
@pytest.mark.operations(where=lambda op: 404 in op.statuses and op.names
                        and not has_id(op) and op.id != "get_case_page")
def test_what_belongs_to_no_district_and_does_not_exist_is_404(op, place):
    kind = next(kind for kind in ("staff", *OUTSIDERS) if kind in op.callers)
    caller = place.world.public if kind == "public" else getattr(place, kind)
    path = place.path(op, **{name: nothing(op, name) for name in op.names})
    ask(caller, op, path, etag="*").expect(404, problem="not-found")


@pytest.mark.operations(
    where=lambda op: has_id(op) and "contact" in op.callers)
def test_ids_that_are_none_are_404_too(op, contact):
    for value in ("0", "-1", "x", "1.0", "01", "+1", "%31x", "1%20",
                  "9007199254740992", "99999999999999999999", "1'", "null",
                  "%C2%B2", "%00", "*", "1,2", "١"):
        path = op.path
        for name in op.names:
            path = path.replace(f"{{{name}}}", value)
        body = good_body(op) if op.bodies else None
        contact.request(op.method, quote(path, safe="/%*,'+"), body,
                        etag="*").expect(400, 404)


@pytest.mark.parametrize("filter_", ["id", "district_id", "contact_id",
                                     "follows_case_id"])
def test_no_filter_reaches_into_another_district(
        outsiders, place, filter_):
    value = place.example(FILTERS.get(filter_, filter_))
    for kind in ("contact", "partner"):
        found = outsiders[kind].get("/v1/cases", query={filter_: value})
        assert found.expect(200).ids == []


def test_the_mark_is_what_those_inside_do_see(place):
    """Or the search for it would prove nothing."""
    note = place.contact.get(f"/v1/notes/{place.example('note_id')}")
    for answer in (place.case.read(), note.expect(200),
                   place.contact.get("/v1/cases").expect(200),
                   place.contact.get("/v1/contacts").expect(200),
                   place.contact.get("/v1/districts").expect(200)):
        assert place.mark in answer.body.decode()
