"""Bodies that say nothing: many clients send {}, null or nothing at all, with a
type or without, whatever the operation takes. Generated from the document."""

import pytest
from jsonschema import Draft202012Validator

from serving import prepared_order, room_for_one

# (body, Content-Type): how clients say nothing.
NOTHING = [(None, None), (b"", None), (b"", "application/json"),
           (b"", "text/plain"), (b"{}", None), (b"{}", "application/json"),
           (b" {\r\n\t}\n", None), (b" \n", None), (b"null", None),
           (b" null\n", "application/json")]
# Where no body is taken its type is not looked at either.
IGNORED = [(b"{}", "text/plain"), (b"{ }", "application/json; charset=utf-8"),
           (b"{}", "application/x-www-form-urlencoded")]


def takes_json(op):
    return bool(op.bodies) and not op.raw


def requires_nothing(op):
    return takes_json(op) and Draft202012Validator(
        op.body_schema).is_valid({})


@pytest.fixture
def send(stage):
    def send(op, body, media):
        request = prepared_order(op, op.callers[0], stage)
        answer = request.send(body=body, headers={"Content-Type": media})
        if "webhook" in op.path:    # there may be twenty
            room_for_one(request)
        return answer
    return send


@pytest.mark.operations(where=takes_json)
def test_the_document_says_which_bodies_may_be_left_out(op):
    required = op.spec["requestBody"].get("required", False)
    assert required is not requires_nothing(op)


@pytest.mark.operations(where=lambda op: not op.bodies)
def test_where_no_body_is_taken_an_empty_one_is_ignored(op, send):
    for body, media in NOTHING + IGNORED:
        send(op, body, media).expect(op.success)


@pytest.mark.operations(where=lambda op: not op.bodies)
def test_where_no_body_is_taken_another_one_is_refused(op, stage):
    for body in (b"[]", b'{"a": 1}', b"{}{}", b"{", b"text", b"0",
                 b"nul", b"nulls", b"null null", b"{} null"):
        answer = stage.ask(op, body=body).expect(400, problem="bad-request")
        assert f"{op.id} takes no body" in answer["detail"]


@pytest.mark.operations(where=requires_nothing)
def test_a_body_in_which_nothing_is_required_may_be_left_out(op, send):
    wanted = send(op, b"{}", op.body_type)
    for body, media in NOTHING:
        answer = send(op, body, media)
        assert answer.status == wanted.status, answer.transcript()
        if wanted.status >= 400:
            assert answer.problem == wanted.problem
            assert answer["detail"] == wanted["detail"]


@pytest.mark.operations(where=lambda op: takes_json(op)
                        and not requires_nothing(op))
def test_what_is_required_is_named_when_the_body_is_left_out(op, stage):
    wanted = stage.ask(op, body=b"{}", media=op.body_type).expect(422)
    for body, media in NOTHING:
        answer = stage.ask(op, body=body, headers={"Content-Type": media})
        assert answer.expect(422)["errors"] == wanted["errors"]


@pytest.mark.operations(where=takes_json)
def test_the_type_of_a_body_that_says_something_is_needed(op, stage):
    stage.ask(op, headers={"Content-Type": None}, body=b'{"a": 1}').expect(
        415, problem="unsupported-media-type")
