"""Texts (tests/data/texts.json), through everything that takes some: each
member and query parameter of each operation, found in the document."""

import json
import re
import sys
import unicodedata

import pytest

from generate import good_body, good_value
from instance import ROOT
from world import a_case

sys.path.insert(0, str(ROOT / "openapi"))
import characters   # noqa: E402 (of the sources)

TEXTS = json.loads((ROOT / "tests/data/texts.json").read_text())["texts"]
FORMATS = {"text": 2, "text-line": 3}       # the column of its outcome
SPOILT = "no_such_member"   # with it, a request never reaches the database
PATTERNS = characters.patterns()


def is_taken(row, form):
    return row[FORMATS[form]] == "taken"


def an_item(schema, given):
    """With what it requires besides."""
    return ({**good_value(schema), **given} if isinstance(given, dict)
            else given)


def texts_in(schema, pointer=""):
    """(pointer, format, how to put a text there) of each text of a body."""
    if schema.get("format") in FORMATS and "x-says" not in schema:
        yield pointer, schema["format"], lambda text: text
    for key in ("anyOf", "oneOf", "allOf"):
        for part in schema.get(key, []):
            yield from texts_in(part, pointer)
    for name, part in schema.get("properties", {}).items():
        for place, form, put in texts_in(part, f"{pointer}/{name}"):
            yield place, form, lambda text, name=name, put=put: {
                name: put(text)}
    if "items" in schema:
        for place, form, put in texts_in(schema["items"], f"{pointer}/0"):
            yield place, form, lambda text, put=put: [
                an_item(schema["items"], put(text))]


def merge(into, body):
    for name, value in body.items():
        if isinstance(value, dict):
            merge(into.setdefault(name, {}), value)
        else:
            into[name] = value


def takes_texts(op):
    return not op.raw and any(True for _ in texts_in(op.body_schema or {}))


def text_parameters(op):
    return {p["name"]: p["schema"]["format"] for p in op.parameters_in("query")
            if p["schema"].get("format") in FORMATS}


# -- what the document says ------------------------------------------------

def strings_in(schema, pointer=""):
    kinds = schema.get("type", [])
    if "string" in kinds:
        yield pointer, schema
    for key in ("anyOf", "oneOf", "allOf"):
        for part in schema.get(key, []):
            yield from strings_in(part, pointer)
    for name, part in schema.get("properties", {}).items():
        yield from strings_in(part, f"{pointer}/{name}")
    if "items" in schema:
        yield from strings_in(schema["items"], f"{pointer}/0")


def strings_of(op):
    if not op.raw:
        yield from strings_in(op.body_schema or {})
    for parameter in op.parameters_in("query"):
        if parameter["name"] != "cursor":
            yield from strings_in(parameter["schema"], parameter["name"])


def test_a_text_of_a_request_has_a_format(op):
    """So that a new operation is tried with every text below."""
    for pointer, schema in strings_of(op):
        assert {"format", "pattern", "enum", "const"} & set(schema), pointer


def test_a_pattern_says_in_words_what_it_wants(op):
    schemas = [*strings_of(op), *((p["name"], p["schema"])
                                  for p in op.parameters_in("path"))]
    for pointer, schema in schemas:
        if "pattern" in schema and schema.get("format") not in FORMATS:
            assert re.fullmatch(r"Must .*[.]", schema["x-says"]), pointer
            assert schema["pattern"] not in schema["x-says"]


def test_no_pattern_has_a_raw_control_character(contract):
    """Generators copy it into source code."""
    def patterns(node):
        if isinstance(node, dict):
            if isinstance(node.get("pattern"), str):
                yield node["pattern"]
            node = list(node.values())
        if isinstance(node, list):
            for part in node:
                yield from patterns(part)
    found = set(patterns(contract.document))
    assert len(found) > 10
    for pattern in found:
        assert re.fullmatch("[ -~]+", pattern), pattern
        re.compile(pattern)


@pytest.mark.parametrize("row", TEXTS, ids=lambda row: row[0])
def test_the_pattern_of_a_format_says_the_same(row):
    """As far as U+FFFF, beyond which languages write patterns differently."""
    beyond = any(ord(c) > characters.LAST for c in row[1])
    for form, pattern in PATTERNS.items():
        matches = re.search(pattern.removesuffix("$") + (
            r"\Z" if pattern.endswith("$") else ""), row[1]) is not None
        assert matches == is_taken(row, form) or (beyond and matches)


def test_the_table_agrees_with_another_one():
    """Python's own, which knows categories."""
    found = characters.read()
    unseen = characters.union(found, characters.UNSEEN)
    for code in range(0x110000):
        kind = unicodedata.category(chr(code))
        if kind in ("Cc", "Zs", "Zl", "Zp"):
            assert code in unseen, f"{code:04X}"
        elif kind in ("Lu", "Ll", "Lt", "Nd", "Sc", "Sm", "Pd", "Ps", "Pe"):
            assert code not in unseen, f"{code:04X}"
    assert found["control"] == {*range(0x20), *range(0x7f, 0xa0)}


# -- what the service does -------------------------------------------------

@pytest.mark.operations(where=takes_texts)
def test_each_member_takes_the_texts_of_its_kind(op, stage):
    members = list(texts_in(op.body_schema))
    for row in TEXTS:
        body = {**good_body(op), SPOILT: 1}
        for _, _, put in members:
            merge(body, put(row[1]))
        answer = stage.ask(op, body=body).expect(
            422, problem="invalid-request")
        wrong = {place for place, form, _ in members
                 if not is_taken(row, form)}
        if len(wrong) < 20:
            assert set(answer.faults) == {"/" + SPOILT, *wrong}, row[0]
        for fault in answer["errors"]:
            assert re.fullmatch(r"(Must|There) .*[.]", fault["detail"])


@pytest.mark.operations(where=text_parameters)
def test_each_parameter_takes_the_texts_of_its_kind(op, stage):
    names = list(text_parameters(op).items())
    for at in range(0, len(names), 8):      # a target has 8000 bytes
        some = dict(names[at:at + 8])
        for row in TEXTS:
            answer = stage.ask(op, query={
                **dict.fromkeys(some, row[1]), SPOILT: "1"}).expect(
                    400, problem="invalid-parameter")
            control = re.search("[\0-\x08\x0e-\x1f\x7f]", row[1])
            assert set(answer.faults) == {SPOILT, *(
                name for name, form in some.items()
                if control or not is_taken(row, form))}, row[0]


def test_a_text_comes_back_as_it_was_sent(case, advisor):
    for text in (row[1] for row in TEXTS if is_taken(row, "text")):
        note = case.note(text=text).expect(201)
        assert note["text"] == text
        assert advisor.get(note.location)["text"] == text


def test_a_line_comes_back_as_it_was_sent(contact):
    for line in (row[1] for row in TEXTS if is_taken(row, "text-line")):
        case = contact.post("/v1/cases", a_case(
            subject=line, platform=line)).expect(201)
        assert (case["subject"], case["platform"]) == (line, line)
        assert contact.get(case.location)["subject"] == line


def test_a_note_that_shows_nothing_is_no_response(case, advisor):
    for text in ("\u200b", "\u2800\u3164", " \ufeff\n"):
        case.note(advisor, text=text).expect(422)
    assert case["response_target"]["state"] == "pending"
    case.note(advisor, text="\u200b?").expect(201)
    assert case["response_target"]["state"] == "met"


# -- phones and addresses --------------------------------------------------

def patched(contact, **members):
    return contact.patch(f"/v1/contacts/{contact.id}", members, etag="*")


@pytest.mark.parametrize("phone", [
    "763-555-0142", "(763) 555-0142", "+1 763 555 0142", "763.555.0142",
    "763-555-0142 x12", "763-555-0142x12", "763-555-0142 X12",
    "763-555-0142 ext 12", "763-555-0142 ext. 12", "763-555-0142 Ext.12",
    "763-555-0142 extension 12", "763-555-0142 #12", "763-555-0142,,12#",
    "763-555-0142, ext. 12", "763-555-0142;ext=12",
    "tel:+1-763-555-0142;ext=12", "Tel. 763-555-0142", "030 1234-0",
    "+49 (0)30 1234-56", "030/1234 Durchwahl 12", "030 1234 DW -12",
    "+7 495 123-45-67 \u0434\u043e\u0431. 12", "763\u2011555\u20110142",
    "763\u00a0555\u00a00142", "1-800-FLOWERS", "911", "763-555-0142 (work)",
    "Cell 763-555-0142", "Fax: 763-555-0142", "T +1 763 555 0142",
    "ph#763-555-0142"])
def test_a_phone_number_is_taken_as_people_write_it(contact, phone):
    assert patched(contact, phone=phone).expect(200)["phone"] == phone


@pytest.mark.parametrize("phone", [
    "", " ", "12", "+1", "-", "()", "x12", "ext. 12", "call me", "- - -",
    "call me 763-555-0142", "<b>763</b>", "763-555-0142\n", "763\t555 0142",
    "\u202e763-555-0142", "1" * 41, "\u0661\u0662\u0663",
    "ada@example.org", "javascript:alert(123)"])
def test_what_is_no_phone_number_is_refused_in_words(contact, phone):
    answer = patched(contact, phone=phone).expect(422)
    assert answer.faults == ["/phone"]
    assert re.fullmatch(r"Must [^\[\]^\\]*[.]", answer["errors"][0]["detail"])


@pytest.mark.parametrize("email, taken", [
    ("ada@example.org", True), ("a.b+c@example.org", True),
    ("o'hara@k12.mn.us", True), (f"a@{'x' * 63}.org", True),
    ("a@b", True), (".a@example.org", False), ("a.@example.org", False),
    ("a..b@example.org", False), (".@example.org", False),
    (f"a@{'x' * 64}.org", False), ("a@example..org", False),
    ("a@.example.org", False), ("a@example.org.", False),
    ("a@-x.org", False), ("a@x-.org", False), ("a@x_y.org", False)])
def test_an_email_address_has_no_empty_part(contact, email, taken):
    answer = patched(contact, email=email)
    if taken:
        assert answer.expect(200)["email"] == email
    else:
        assert answer.expect(422).faults == ["/email"]


@pytest.mark.parametrize("url", [
    "https://desk.example/hook", "HTTPS://desk.example/hook",
    "Https://DESK.example", "https://help_desk.example/x",
    "https://_hook.a_b.example:8443/?a=b&c=%20", "https://desk.example.:443/",
    "https://93.184.216.34/hook", "https://xn--mnchen-3ya.example/",
    f"https://{'x' * 63}.example/"])
def test_the_address_of_a_webhook_is_taken(contact, url):
    made = contact.post("/v1/webhooks", {"url": url}).expect(201)
    assert made["url"] == url


@pytest.mark.parametrize("url", [
    "http://desk.example/", "https://", "https:///x", "https://.example/",
    "https://a..example/", "https://desk.example../", "https://-a.example/",
    "https://a-.example/", f"https://{'x' * 64}.example/",
    "https://desk.example:99999/", "https://desk.example:0/",
    "https://desk.example:x/", "https://u:p@desk.example/",
    "https://desk.example/#top", "https://desk.example/a b",
    "https://desk.example/%zz", "https://m\u00fcnchen.example/",
    "https://[::1]/", "desk.example", "ftp://desk.example/", "\u200b",
    "https://desk.example/\n"])
def test_what_is_no_address_of_a_webhook_is_refused_in_words(contact, url):
    answer = contact.post("/v1/webhooks", {"url": url}).expect(422)
    assert answer.faults == ["/url"]
    assert re.fullmatch(r"(Must|The) [^\[\]^\\]*[.]",
                        answer["errors"][0]["detail"])
