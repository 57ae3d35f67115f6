"""Idempotency-Key: which request is the same as another one: not by its bytes,
but by what it asks for."""

import json

import pytest

from repeated import KEY, new_key, same_answer, submit_with
from world import a_case


@pytest.fixture
def submit(contact):
    return submit_with(contact)


@pytest.mark.parametrize("change", [
    {"subject": "Another subject"}, {"priority": "low"}])
def test_another_body_needs_another_key(submit, change):
    key = new_key()
    submit(key).expect(201)
    submit(key, **change).expect(422, problem="idempotency-key-reused")
    submit(new_key(), **change).expect(201)


def members_reversed(body):
    if isinstance(body, dict):
        return {name: members_reversed(value)
                for name, value in reversed(body.items())}
    return body


BODY = {**a_case(subject='Sch\u00e9ma "A"/\u20ac \U0001f600'),
        "users_affected": 300, "workaround": None}
SAME = [
    json.dumps(BODY, indent=4, separators=(" , ", "  :\t")),
    json.dumps(members_reversed(BODY), ensure_ascii=False),
    json.dumps(BODY).replace("/", "\\/").replace("Sch", "\\u0053ch"),
    "\r\n\t " + json.dumps(BODY).replace("300", "3E+2") + "\n",
    json.dumps(BODY).replace("300", "300.000"),
    json.dumps(BODY).replace("\\ud83d\\ude00", "\\uD83D\\uDE00")]


@pytest.mark.parametrize("text", SAME)
def test_the_same_json_in_other_words_is_the_same_request(contact, text):
    assert json.loads(text) == BODY
    key = {KEY: new_key()}
    first = contact.post("/v1/cases", BODY, headers=key).expect(201)
    again = contact.post("/v1/cases", text.encode(), headers=key)
    assert same_answer(first, again.expect(201))
    assert contact.get("/v1/cases").ids == [first["id"]]


def test_the_order_within_members_does_not_matter_either(stranger, lead):
    district, key = stranger.district.id, {KEY: new_key()}
    body = {"title": "Slow", "severity": "minor", "text": "It is slow.",
            "scope": {"districts": [district], "hosting": ["self_hosted"],
                      "states": ["WY"]}}
    first = lead.post("/v1/incidents", body, headers=key).expect(201)
    again = lead.post("/v1/incidents", members_reversed(body), headers=key)
    assert again.expect(201)["id"] == first["id"]


@pytest.mark.parametrize("change", [
    {"users_affected": 301}, {"users_affected": None},
    {"workaround": "None"}, {"subject": BODY["subject"] + "."},
    {"subject": BODY["subject"].upper()}])
def test_other_json_is_another_request(contact, change):
    key = {KEY: new_key()}
    contact.post("/v1/cases", BODY, headers=key).expect(201)
    contact.post("/v1/cases", {**BODY, **change}, headers=key).expect(
        422, problem="idempotency-key-reused")


def test_the_order_of_a_list_makes_another_request(contact):
    key, types = {KEY: new_key()}, ["case.closed", "case.note_added"]
    body = {"url": "https://receiver.example/hook", "types": types}
    contact.post("/v1/webhooks", body, headers=key).expect(201)
    contact.post("/v1/webhooks", {**body, "types": types[::-1]}, headers=key
                 ).expect(422, problem="idempotency-key-reused")


def test_a_body_that_is_left_out_is_an_empty_one(case):
    key, path = {KEY: new_key()}, case.path + "/followers"
    first = case.submitter.post(path, headers=key)
    for body in (b"{}", b" { } ", b""):
        again = case.submitter.post(path, body, headers=key)
        assert same_answer(first, again.expect(first.status))
        assert again.headers["idempotency-replayed"] == "true"


def test_another_operation_needs_another_key(case):
    """Even of the same case, where both take an empty body."""
    key, contact = {KEY: new_key()}, case.submitter
    contact.post(case.path + "/followers", {}, headers=key).expect(200, 201)
    contact.post(case.path + "/close", {}, etag="*", headers=key).expect(
        422, problem="idempotency-key-reused")


def test_another_path_needs_another_key(contact, case):
    key, body = {KEY: new_key()}, {"text": "One."}
    contact.post(case.path + "/notes", body, headers=key).expect(201)
    contact.post(contact.submit().path + "/notes", body, headers=key).expect(
        422, problem="idempotency-key-reused")


def test_another_query_needs_another_key(case, advisor):
    key = {KEY: new_key()}
    case.attach(by=advisor, headers=key, visibility="public").expect(201)
    case.attach(by=advisor, headers=key, visibility="internal").expect(
        422, problem="idempotency-key-reused")


@pytest.mark.parametrize("change", [
    {"filename": "other.txt"}, {"media": "text/csv"}, {"content": b"other"}])
def test_another_file_needs_another_key(case, change):
    key = {KEY: new_key()}
    first = case.attach(headers=key).expect(201)
    assert case.attach(headers=key)["id"] == first["id"]
    case.attach(headers=key, **change).expect(
        422, problem="idempotency-key-reused")


def test_another_spelling_of_a_file_name_is_the_same_request(case):
    key = new_key()
    first = case.attach(headers={KEY: key}).expect(201)
    again = case.attach(headers={
        KEY: key, "Content-Disposition": 'attachment; filename="error.txt"',
        "Content-Type": "Text/Plain"})
    assert same_answer(first, again.expect(201))


def test_a_newer_etag_is_the_same_request(contact, case):
    """Who read again before repeating has still sent one request."""
    key, etag = new_key(), contact.get(case.path).etag
    body = {"closure_reason": "withdrawn"}
    path = case.path + "/close"
    first = contact.post(path, body, etag=etag, headers={KEY: key})
    again = contact.post(path, body, etag=first.expect(200).etag,
                         headers={KEY: key})
    assert same_answer(first, again)
    contact.post(path, body, etag=first.etag).expect(409)


@pytest.mark.parametrize("sent, same", [
    ('"plain"', "plain"), ('"a \\"b\\" \\\\c"', '"a \\"b\\" \\\\c"'),
    ("x" * 255, '"' + "x" * 255 + '"')])
def test_quotes_are_optional(submit, sent, same):
    first = submit(sent).expect(201)
    assert submit(same).expect(201)["id"] == first["id"]


@pytest.mark.parametrize("sent", [
    '""', "a b", '"a', 'a"', '"a"b"', '"a\\n"', '"a\\"', "a,b", "a;b",
    "x" * 256, '"' + "x" * 256 + '"', '"é"'])
def test_a_malformed_key_is_named(contact, sent):
    answer = contact.post("/v1/cases", a_case(),
                          headers={KEY: sent.encode()})
    assert answer.expect(422, problem="invalid-request").faults == [KEY]
    assert "body" not in answer["title"] + answer["detail"]
