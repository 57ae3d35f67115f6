"""What holds for every operation, generated from the document.

Nothing here knows an operation by its rules; adding one to the document adds
its tests.
"""

import json
from urllib.parse import quote, urlencode

import pytest

from examples import KINDS, OWNED, needs_if_match, query_of
from generate import (broken, broken_texts, good_body, good_text, good_value,
                      is_good)
from serving import serve

FORM = "application/x-www-form-urlencoded"


def takes_body(op):
    return bool(op.bodies)


def takes_json(op):
    return takes_body(op) and not op.raw


def is_protected(op):
    return not op.public


# -- who may call ----------------------------------------------------------

@pytest.mark.fact(80)
@pytest.mark.operations(where=is_protected)
def test_without_a_token_401(op, stage, public):
    answer = stage.ask(op, public).expect(401, problem="invalid-token")
    assert "error=" not in answer.headers["www-authenticate"]


@pytest.mark.operations(where=lambda op: op.spec["security"] == [])
def test_a_token_that_is_none_is_not_looked_at(op, stage, anybody):
    """Health checks and scrapers are answered whatever they send."""
    stage.ask(op, anybody("a.b.c")).expect(op.success)


@pytest.mark.operations(where=lambda op: 401 in op.statuses)
def test_a_token_that_is_none_401(op, stage, anybody):
    """Where none is needed, too: the caller means to be somebody."""
    stage.ask(op, anybody("a.b.c")).expect(401, problem="invalid-token")


@pytest.mark.fact(80)
@pytest.mark.operations(where=lambda op: set(KINDS) - set(op.callers) and
                        "public" not in op.callers)
def test_callers_that_are_not_admitted_403(op, stage):
    for kind in set(KINDS) - set(op.callers):
        stage.ask(op, stage.caller(kind)).expect(
            403, problem="caller-not-allowed")


@pytest.mark.fact(14, 68)
@pytest.mark.operations(where=lambda op: "public" in op.callers and
                        op.method == "GET" and "token" not in op.path)
def test_what_is_open_to_everybody_is_open_to_a_former_contact(
        op, stage, staff, world):
    """Whoever is none of its callers reads it as anybody does."""
    former = world.district().contact()
    staff.patch(f"/v1/contacts/{former.id}", {"authorized": False}, etag="*"
                ).expect(200)
    if "contact" in op.callers and op.spec["security"]:
        # what contacts read is not a former one's
        stage.ask(op, former).expect(403, problem="not-an-authorized-contact")
        former = stage.world.public
    for someone in (former, *map(stage.caller, KINDS)):
        stage.ask(op, someone).expect(op.success)


@pytest.mark.fact(80)
@pytest.mark.operations(where=lambda op: op.scope)
def test_without_the_scope_403(op, stage, tokens, anybody, contract):
    others = {o.scope for o in contract.operations} - {op.scope, None}
    for kind in op.callers:
        caller = stage.caller(kind)
        token = tokens.mint(f"{kind}:{caller.id}",
                            scope=" ".join(sorted(others)))
        answer = stage.ask(op, anybody(token, kind))
        answer.expect(403, problem="insufficient-scope")
        assert f'scope="{op.scope}"' in answer.headers["www-authenticate"]


@pytest.mark.fact(80)
def test_everybody_admitted_is_served(op, stage, public):
    for kind in op.callers:
        if kind == "public":
            stage.ask(op, public).expect(op.success)
            continue
        serve(op, kind, stage).expect(op.success)


@pytest.mark.fact(79)
@pytest.mark.operations(where=lambda op: "case_id" in op.names and op.writes)
def test_every_write_on_a_case_is_in_its_history(op, stage):
    for kind in op.callers:
        answer = serve(op, kind, stage).expect(op.success)
        path = "/".join(answer.target.split("/")[:4])
        actor = [e["actor"] for e in stage.staff.all(path + "/history")
                 if e["actor"]["kind"] != "system"][-1]
        assert (actor["kind"], actor["id"]) == (kind, stage.caller(kind).id)


# -- parameters ------------------------------------------------------------

def test_an_unknown_parameter_is_named(op, stage):
    for name in ("unknown", "Limit", "$filter", "access_token", "_method"):
        answer = stage.ask(op, query={name: "1"})
        answer.expect(400, problem="invalid-parameter")
        assert answer.faults == [name]


@pytest.mark.operations(where=lambda op: op.parameters_in("query"))
def test_every_bound_of_a_parameter_is_kept(op, stage):
    for parameter in op.parameters_in("query"):
        name, schema = parameter["name"], parameter["schema"]
        tried = broken_texts(schema)
        assert tried, f"{name} refuses nothing"
        for text in tried:
            answer = stage.ask(op, query={name: text})
            assert answer.status == 400, (name, answer.transcript())
            assert answer.problem == "invalid-parameter" or (
                name == "cursor" and answer.problem == "invalid-cursor")
            assert answer.faults and set(answer.faults) == {name}, (
                name, text, answer.transcript())
            for fault in answer["errors"]:
                assert fault["code"] and fault["detail"]


def is_list(parameter):
    return parameter["schema"].get("type") == "array"


@pytest.mark.operations(where=lambda op: op.parameters_in("query"))
def test_a_parameter_given_twice_is_refused_but_for_a_list(op, stage):
    for parameter in op.parameters_in("query"):
        if is_list(parameter):
            continue
        name, text = parameter["name"], quote(good_text(parameter["schema"]))
        answer = stage.someone(op).request(
            op.method, f"{stage.path(op)}?{name}={text}&{name}={text}",
            good_body(op))
        answer.expect(400, problem="invalid-parameter")
        assert name in answer.faults


@pytest.mark.operations(where=lambda op: any(
    p.get("required") for p in op.parameters_in("query")))
def test_a_required_parameter_is_missed(op, stage):
    answer = stage.someone(op).request(op.method, stage.path(op))
    answer.expect(400, problem="invalid-parameter")
    assert set(answer.faults) == {
        p["name"] for p in op.parameters_in("query") if p.get("required")}


# -- bodies ----------------------------------------------------------------

def objects_in(schema, pointer=""):
    """(pointer, schema) of the object itself and of those within."""
    yield pointer, schema
    for name, part in schema.get("properties", {}).items():
        if "properties" in part:
            yield from objects_in(part, f"{pointer}/{name}")


@pytest.mark.operations(where=takes_json)
def test_an_unknown_member_is_named(op, stage):
    for name in ("unknown", "__proto__", "ID", "é", "a/b~c", ""):
        body = {**good_body(op), name: 1}
        answer = stage.ask(op, body=body).expect(422,
                                                 problem="invalid-request")
        escaped = name.replace("~", "~0").replace("/", "~1")
        assert answer.faults == ["/" + escaped]


@pytest.mark.operations(where=takes_json)
def test_every_bound_of_a_member_is_kept(op, stage):
    for name, schema in op.body_schema["properties"].items():
        tried = broken(schema)
        assert tried, f"{name} refuses nothing"
        for value in tried:
            answer = stage.ask(op, body={**good_body(op), name: value})
            if len(json.dumps(value)) > 60000:
                answer.expect(413, 422)
                continue
            assert answer.status == 422, (name, value, answer.transcript())
            assert all(f == "/" + name or f.startswith(f"/{name}/")
                       for f in answer.faults), answer.transcript()
            assert answer.faults, answer.transcript()
            for fault in answer["errors"]:
                assert fault["code"] and fault["detail"]


@pytest.mark.operations(where=lambda op: takes_json(op) and
                        op.body_schema.get("required"))
def test_every_required_member_is_missed(op, stage):
    for name in op.body_schema["required"]:
        body = good_body(op)
        body.pop(name)
        assert stage.ask(op, body=body).expect(422).faults == ["/" + name]


@pytest.mark.operations(where=takes_json)
def test_values_the_schema_allows_pass_it(op, stage):
    """Whatever the rules say then, no member is called malformed."""
    for name, schema in op.body_schema["properties"].items():
        value = good_value(schema)
        assert is_good(schema, value)
        answer = stage.ask(op, body={**good_body(op), name: value})
        malformed = {"type", "enum", "const", "minLength", "maxLength",
                     "pattern", "minimum", "maximum", "format",
                     "additionalProperties", "anyOf"}
        for fault in answer.json.get("errors", []):
            assert fault["code"] not in malformed, (name, value,
                                                    answer.transcript())


@pytest.mark.operations(where=takes_json)
def test_a_body_of_another_shape_is_refused(op, stage):
    for body in (b"[]", b"false", b'"text"', b"1"):
        stage.ask(op, body=body).expect(422)
    for body in (b"{", b"nul"):
        stage.ask(op, body=body).expect(400, problem="invalid-json")


@pytest.mark.operations(where=lambda op: len(op.bodies) > 1)
def test_every_documented_content_type_is_taken(op, stage):
    for media in op.bodies:
        body = good_body(op)
        if media == FORM:
            body = urlencode(body).encode()
        elif media == "multipart/form-data":
            media += "; boundary=x"
            body = "".join(
                '--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n'
                "%s\r\n" % field for field in body.items()) + "--x--\r\n"
            body = body.encode()
        elif media == "*/*":
            media = "video/x-anything"
        answer = stage.ask(op, media=media, body=body)
        if needs_if_match(op):
            answer.expect(412)      # as stage.ask wants it
        else:
            assert answer.status not in (400, 415, 422), answer.transcript()


@pytest.mark.operations(where=lambda op: takes_body(op) and not op.raw)
def test_another_content_type_415(op, stage):
    for media in {"text/plain", FORM, "application/xml"} - set(op.bodies):
        answer = stage.ask(op, media=media)
        answer.expect(415, problem="unsupported-media-type")
        assert op.body_type in json.dumps(answer.json) + str(answer.headers)


@pytest.mark.operations(where=takes_json)
def test_another_charset_415(op, stage):
    for charset in ("utf-8x", "utf-16", '"utf-8"; charset=utf-8'):
        answer = stage.ask(op, media=f"{op.body_type}; charset={charset}")
        answer.expect(415, problem="unsupported-media-type")


# -- preconditions ---------------------------------------------------------

@pytest.mark.operations(where=needs_if_match)
def test_without_if_match_428(op, stage):
    stage.ask(op, etag=None).expect(428, problem="precondition-required")


@pytest.mark.operations(where=needs_if_match)
def test_a_stale_version_412(op, stage, staff):
    before = stage.case.read(), stage.case.history()
    caller = stage.caller("contact" if "staff" not in op.callers
                          or "contact" in op.callers and OWNED & set(op.names)
                          else "staff")
    for etag in ('"0"', '"999999"', '"x"', 'W/"1"', '""', '"0", W/"1"',
                 '"9223372036854775808"', '"-1"', '"é"'.encode()):
        stage.ask(op, caller, etag=etag).expect(
            412, problem="precondition-failed")
    after = stage.case.read(), stage.case.history()
    assert (after[0].etag, after[1]) == (before[0].etag, before[1])


@pytest.mark.operations(where=needs_if_match)
def test_what_is_no_entity_tag_is_told_to_be_quoted(op, stage):
    for etag in ("5", "5, 6", '"5', '5"', "'5'", 'w/"5"', "W/5", '"5" "6"',
                 '"5";"6"', '*, "5"', '"5", *', '"5 "', "", ",", "W/*"):
        answer = stage.ask(op, etag=etag).expect(
            400, problem="invalid-parameter")
        assert answer.faults == ["If-Match"]
        assert "double quotes" in answer["errors"][0]["detail"]


# -- methods ---------------------------------------------------------------

@pytest.mark.operations(where=lambda op: op.method == "GET")
def test_head_is_get_without_its_body(op, stage):
    get = stage.ask(op)
    head = stage.someone(op).request("HEAD", stage.path(op),
                                     query=query_of(op))
    assert head.status == get.status == op.success
    assert head.body == b""
    for name in ("content-type", "etag", "cache-control", "vary"):
        assert head.headers.get(name) == get.headers.get(name), name
    if op.id not in ("metrics", "get_calendar", "get_case",
                     "list_desk_queue"):
        assert head.headers["content-length"] == str(len(get.body))


def test_options_lists_the_methods_of_the_path(op, stage, contract, public):
    answer = public.options(stage.path(op)).expect(204)
    methods = {o.method for o in contract.operations if o.path == op.path}
    if "GET" in methods:
        methods.add("HEAD")
    allowed = {m.strip() for m in answer.headers["allow"].split(",")}
    assert allowed - {"OPTIONS"} == methods and "OPTIONS" in allowed
    if "PATCH" in methods:
        patchable = answer.headers.get("accept-patch", "")
        assert "application/merge-patch+json" in patchable


def test_other_methods_405(op, stage, contract, public):
    methods = {o.method for o in contract.operations if o.path == op.path}
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - methods:
        for someone in (stage.someone(op), public):
            answer = someone.request(method, stage.path(op))
            answer.expect(405, 401)
            if answer.status == 405:
                allowed = {m.strip()
                           for m in answer.headers["allow"].split(",")}
                assert allowed - {"HEAD", "OPTIONS"} == methods
        if not op.public:
            stage.someone(op).request(method, stage.path(op)).expect(
                405, problem="method-not-allowed")


def test_paths_beside_the_path_404(op, stage, contract):
    """Or 405, where the document has that path without GET."""
    path = stage.path(op)
    for other in (path + "/", path + "/x", path + "x", "/" + path,
                  path.upper() if path.upper() != path else "/X"):
        found, here = contract.find("GET", other)
        stage.someone(op).get(other).expect(
            404 if found or not here else 405)


# -- every answer ----------------------------------------------------------

def test_answers_say_how_long_they_keep(op, stage):
    """A refusal for no time; what the document lets keep, as long as that."""
    wanted = op.spec.get("x-cache", "no-store")
    if not op.writes or op.public:
        answer = stage.ask(op).expect(op.success)
        assert answer.headers["cache-control"] == wanted
    refused = stage.ask(op, query={"unknown": "1"}).expect(400)
    assert refused.headers["cache-control"] == "no-store"


@pytest.mark.operations(where=is_protected)
def test_answers_that_depend_on_the_caller_say_so(op, stage):
    """Whether it is served or refused."""
    for query in ({}, {"unknown": "1"}):
        vary = stage.ask(op, query=query).headers.get("vary", "").lower()
        assert "authorization" in vary.split(", ")
