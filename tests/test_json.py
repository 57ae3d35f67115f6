"""Strict JSON in (RFC 8259, I-JSON): what parsers disagree about is refused.

Every refusal is a 4xx problem that says what is wrong and where.
"""

import json
import re

import pytest
from hypothesis import HealthCheck, given, settings, strategies

from world import a_case

CASES = "/v1/cases"


def body_with(value, member="subject"):
    """A case as JSON text in which that member is this raw JSON."""
    case = json.dumps({**a_case(), member: "@"}).encode()
    return case.replace(b'"@"', value)


def refused(client, body, *statuses, media=None):
    answer = client.post(CASES, body, media=media)
    return answer.expect(*(statuses or (400,)))


def test_the_body_these_tests_alter_is_good(contact):
    contact.post(CASES, body_with(b'"fine"')).expect(201)


@pytest.mark.parametrize("body", [
    b"{", b"}", b'{"subject"', b"[1,]", b"{'subject': 1}",
    b'{"subject": "a",}', b"{subject: 1}", b"nul", b"NaN", b"Infinity",
    b"-Infinity", b"01", b"+1", b"1.", b".5", b"0x1", b"1e", b"tru",
    b'{"a": 1} {"b": 2}', b"{}x", b"{}\n]", b"// comment\n{}",
    b"{/* comment */}", b'"a\nb"', b'"\\x41"', b'"\\u12"', b'"open',
    b"\xef\xbb\xbf{}", b"\xff\xfe{\x00}\x00", b"\x0b{}", b"\x00{}",
    b"{}\x00", b"{\x00}",
])
def test_what_is_not_json_is_refused_with_its_place(contact, body):
    answer = refused(contact, body)
    assert answer.problem == "invalid-json"
    assert re.search(r"(line|byte|column) \d|starts", answer["detail"]
                     ), answer["detail"]


def test_a_duplicate_member_is_refused(contact):
    answer = refused(contact, b'{"subject": "a",\n "subject": "b"}')
    assert "twice" in answer["detail"] and "line 2" in answer["detail"]


def test_a_duplicate_member_spelled_with_an_escape_is_refused(contact):
    refused(contact, b'{"subject": "a", "s\\u0075bject": "b"}')


def test_a_duplicate_member_deep_inside_is_refused(contact):
    refused(contact, b'{"subject": [{"a": {"b": 1, "b": 2}}]}')


@pytest.mark.parametrize("raw", [
    b'"\\u0000"', b'"a\\u0000b"', b'"a\x00b"', b'"\x01"', b'"\x1f"', b'"\t"'])
def test_nul_and_raw_control_characters_are_refused(contact, raw):
    refused(contact, body_with(raw))


def test_a_nul_in_a_member_name_is_refused(contact):
    refused(contact, b'{"sub\\u0000ject": "a"}', 400, 422)


@pytest.mark.parametrize("raw", [
    b'"\xff"', b'"\x80"', b'"\xc0\xaf"', b'"\xc1\x81"', b'"\xe0\x80\xaf"',
    b'"\xed\xa0\x80"', b'"\xed\xbf\xbf"', b'"\xf0\x80\x80\xaf"',
    b'"\xf4\x90\x80\x80"', b'"\xf5\x80\x80\x80"', b'"\xe2\x82"',
    b'"caf\xe9"'])
def test_invalid_utf_8_is_refused(contact, raw):
    refused(contact, body_with(raw))


@pytest.mark.parametrize("raw", [
    b'"\\ud800"', b'"\\udc00"', b'"\\ud800x"', b'"\\ud800\\u0041"',
    b'"\\udc00\\ud800"', b'"\\ud83d\\ud83d\\ude00"'])
def test_lone_surrogates_are_refused(contact, raw):
    assert "surrogate" in refused(contact, body_with(raw))["detail"]


@pytest.mark.parametrize("raw, value", [
    (b"100.0", 100), (b"1e2", 100), (b"10.0e1", 100), (b"1E+2", 100)])
def test_a_whole_number_is_an_integer_however_written(contact, raw, value):
    """JSON Schema 2020-12, 6.1.1: 1.0 is an integer."""
    body = body_with(raw, "users_affected")
    assert contact.post(CASES, body).expect(201)["users_affected"] == value


@pytest.mark.parametrize("raw", [
    b"1.5", b"1e-1", b"1e16", b'"100"', b"1e-400", b"4.9999999999999999999",
    b"100.00000000000000000001", b"-1e-9999"])
def test_what_is_not_whole_is_no_integer(contact, raw):
    answer = refused(contact, body_with(raw, "users_affected"), 422)
    assert answer.faults == ["/users_affected"]


@pytest.mark.parametrize("text", [
    "😀", "é", "e\u0301", "x\u202e", "𝔘𝔫𝔦", "日本語", "\ufeffx", "\uffff",
    "\U0010ffff", "x\u2028", "x\x7f", '"', "\\", "/", "</script>", "%00",
    "'; drop table casework.case; --", "\\u0041", "{1,2}", "NULL"])
def test_any_other_text_comes_back_as_it_was_sent(contact, text):
    case = contact.post(CASES, {**a_case(), "description": text}).expect(201)
    assert case["description"] == text
    assert contact.get(case.location)["description"] == text


@settings(max_examples=80, deadline=None, derandomize=True,
          suppress_health_check=list(HealthCheck))
@given(text=strategies.text(strategies.characters(
    blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=300
).map(lambda text: text + "."))
def test_all_text_of_unicode_survives(contact, case, text):
    """Raw and escaped, written and read back."""
    for escaped in (False, True):
        body = json.dumps({"text": text}, ensure_ascii=escaped).encode()
        note = contact.post(case.path + "/notes", body).expect(201)
        assert note["text"] == text
        assert contact.get(note.location)["text"] == text


def test_a_surrogate_pair_is_one_character(contact):
    case = contact.post(CASES, body_with(b'"\\ud83d\\ude00"')).expect(201)
    assert case["subject"] == "😀"


def test_strings_are_counted_in_characters(contact, contract):
    limit = contract.by_id["create_case"].body_schema[
        "properties"]["subject"]["maxLength"]
    contact.post(CASES, a_case(subject="😀" * limit)).expect(201)
    answer = contact.post(CASES, a_case(subject="😀" * (limit + 1)))
    assert "/subject" in answer.expect(422).faults


@pytest.mark.parametrize("open_, close", [(b"[", b"]"), (b'{"a":', b"}")])
def test_depth_over_32_is_refused(contact, open_, close):
    def nested(depth):
        return open_ * depth + b"1" + close * depth

    answer = refused(contact, nested(33))
    assert answer.problem == "invalid-json"
    assert "32" in answer["detail"]
    refused(contact, nested(32), 422)
    refused(contact, nested(30000), 400, 413)


@pytest.mark.parametrize("raw", [
    b"1e400", b"-1e400", b"1" + b"0" * 400, b"9223372036854775808",
    b"-9223372036854775809", b"18446744073709551616", b"1e99999999999"])
def test_numbers_out_of_range_are_refused(contact, raw):
    refused(contact, body_with(raw), 400, 422)
    refused(contact, raw, 400, 422)


def test_a_body_over_the_limit_is_413(contact):
    case = a_case(description="x" * 2000000)
    answer = refused(contact, json.dumps(case).encode(), 413)
    assert answer.problem == "content-too-large"
    assert re.search(r"\d{4,}", answer["detail"])


def test_white_space_counts_to_the_byte(contact, public):
    most = public.get("/v1/limits").expect(200)["request"]["body_bytes"]
    body = json.dumps(a_case()).encode()
    limit = refused(contact, body.ljust(most + 1), 413)["limit_bytes"]
    contact.post(CASES, body.ljust(limit)).expect(201)
    refused(contact, body.ljust(limit + 1), 413)


def test_white_space_around_json_is_fine(contact):
    contact.post(CASES, b" \t\r\n" + json.dumps(a_case()).encode()
                 + b"\r\n\t ").expect(201)


@pytest.mark.parametrize("body", [b"null", b"true", b"1", b'"text"', b"[]"])
def test_a_body_that_is_no_object_is_refused(contact, body):
    refused(contact, body, 422)


@pytest.mark.parametrize("media", [
    "text/plain", "application/x-www-form-urlencoded", "multipart/form-data",
    "application/xml", "application", "json", "", "application/jsonx",
    "application/json, text/plain", "application/json; charset=latin-1"])
def test_another_content_type_is_415(contact, media):
    answer = contact.post(CASES, json.dumps(a_case()).encode(), media=media,
                          headers={"Content-Type": media})
    answer.expect(415, problem="unsupported-media-type")


def test_a_body_without_content_type_is_415(contact):
    contact.post(CASES, a_case(), headers={"Content-Type": None}).expect(415)


@pytest.mark.parametrize("media", [
    "application/json", "application/json; charset=utf-8",
    'application/json;charset="UTF-8"', "APPLICATION/JSON"])
def test_json_may_name_its_charset(contact, media):
    contact.post(CASES, a_case(), media=media).expect(201)
