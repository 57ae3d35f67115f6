"""What an answer may hold at most. A page ends at its limit, or where its items
are long enough, and a walk along `next` loses and repeats nothing; what is read
as one has a bound where it is written."""

import itertools
import json
import math
import random
import re

import pytest

from incidents import INCIDENTS, an_incident, say
from world import Defect

LETTERS = "".join(map(chr, range(0x4e00, 0x9000)))
LINE = 200
AT_MOST = 4     # bytes of a character in UTF-8


@pytest.fixture(scope="module")
def most(public):
    return public.get("/v1/limits").expect(200)["page"]["bytes"]


def long_texts():
    """Such as PostgreSQL packs well, and such as it cannot; short ones between."""
    rng = random.Random(4)
    yield from itertools.cycle((
        "x" * 20000, "short", '"\\' * 10000,
        "".join(rng.choices(LETTERS, k=20000)), "é\n" * 7000,
        "".join(rng.choices(LETTERS, k=3000))))


def walk(reader, path, most, **query):
    """The ids of all pages, each of which is as long as it may be."""
    ids, sizes = [], []
    for page in reader.pages(path, **query):
        assert page.items
        lengths = [len(json.dumps(i, ensure_ascii=False,
                                  separators=(",", ":")).encode())
                   for i in page.items]
        assert sum(lengths[:-1]) < most, "it ends as soon as it may"
        if page["has_more"]:
            assert sum(lengths) >= most or len(lengths) == query["limit"]
        ids += page.ids
        sizes.append(len(page.items))
    return ids, sizes


@pytest.mark.parametrize("limit", [100, 7, 1])
def test_many_long_notes_are_walked_whole(contact, most, limit):
    case = contact.submit()
    ids = [case.note(contact, text).expect(201)["id"]
           for text in itertools.islice(long_texts(), 36)]
    seen, sizes = walk(contact, case.path + "/notes", most, limit=limit)
    assert seen == ids
    assert all(size <= limit for size in sizes)
    if limit == 100:
        assert 1 < len(sizes) < len(ids)


def test_a_page_that_just_fits_is_the_last_one(contact, most):
    """Neither an empty page nor a note less, whichever note ends it."""
    case = contact.submit()
    path = case.path + "/notes"
    for count in range(1, 2 + most // 20000):
        case.note(contact, "x" * 20000).expect(201)
        assert len(walk(contact, path, most, limit=100)[0]) == count


def test_history_and_feed_of_long_changes(contact, advisor, most):
    case = contact.submit()
    for text in itertools.islice(long_texts(), 24):
        case.change(contact, description=text, impact=text[::-1]).expect(200)
    for reader in (contact, advisor):
        for path, query in ((case.path + "/history", {"limit": 100}),
                            ("/v1/events", {"limit": 1000,
                                            "case_id": case.id})):
            seen, sizes = walk(reader, path, most, **query)
            assert len(seen) == len(set(seen)) and seen == sorted(seen)
            assert len(seen) >= 25 and len(sizes) > 2


def test_the_feed_is_followed_by_its_position(contact, most):
    case = contact.submit()
    for text in itertools.islice(long_texts(), 24):
        case.change(contact, description=text).expect(200)
    query, seen = {"limit": 1000}, []
    while True:
        page = contact.get("/v1/events", query=query).expect(200)
        if not page.items:
            break
        seen += page.ids
        query["cursor"] = page["position"]
    assert seen == walk(contact, "/v1/events", most, limit=1000)[0]


def test_long_defects_newest_first(advisor, most):
    ids = [Defect(advisor, description=text).id
           for text in itertools.islice(long_texts(), 24)]
    seen, _ = walk(advisor, "/v1/defects", most, limit=100)
    assert seen == sorted(seen, reverse=True)
    assert [i for i in seen if i in ids] == ids[::-1]


def test_long_announcements_by_two_keys(advisor, contact, most, lead):
    ids = [lead.post("/v1/announcements", {
        "kind": "news", "title": "Long", "text": text}).expect(201)["id"]
        for text in itertools.islice(long_texts(), 24)]
    for reader in (contact, advisor):
        seen, sizes = walk(reader, "/v1/announcements", most, limit=100)
        assert len(seen) == len(set(seen)) and len(sizes) > 1
        assert [i for i in seen if i in ids] == ids[::-1]


# -- what is read as one ---------------------------------------------------

def until_refused(action):
    """How often it is taken before it is 409."""
    for times in range(20):
        answer = action(times)
        if answer.status == 409:
            answer.expect(409, problem="conflict")
            return times
        answer.expect(201)
    pytest.fail("there is no end to it")


@pytest.fixture
def quiet(world, lead):
    """An incident that touches one district."""
    return lead.post(INCIDENTS, an_incident(
        scope={"districts": [world.district().id]})).expect(201)


@pytest.mark.parametrize("text", ["中" * 20000, "x" * 20000])
def test_what_is_said_of_an_incident_has_a_price(quiet, most, text, lead):
    """Who refuses more of it still takes its end."""
    taken = until_refused(lambda _: say(lead, quiet, "identified", text))
    assert taken == most // (len(text.encode()) + 256)
    say(lead, quiet, "identified", "Short.").expect(201)
    say(lead, quiet, "resolved", text).expect(201)
    answer = lead.get(quiet.location).expect(200)
    assert len(answer["updates"]) == 1 + taken + 2
    assert len(answer.body) < 2 * most


def test_many_words_of_an_incident_have_a_price_too(quiet, most, sql, lead):
    sql.run("insert into casework.incident_updates (incident_id, status, text,"
            " at, actor_kind, actor_id, actor_name) select incident_id, status,"
            " 'x', at, actor_kind, actor_id, actor_name from"
            " casework.incident_updates, generate_series(1, %s)"
            " where incident_id = %s", most // 257 - 4, quiet["id"])
    assert 0 < until_refused(
        lambda _: say(lead, quiet, "investigating", "x")) < 5
    say(lead, quiet, "resolved", "x").expect(201)


def test_the_fixes_of_a_defect_have_a_price(public, most, engineer):
    releases = [one["release"] for one in public.get(
        "/v1/releases").expect(200)["items"]]
    defect, text = Defect(engineer).confirmed(), "中" * 20000
    taken = until_refused(lambda n: defect.fix(releases[n], text=text))
    assert taken == most // len(text.encode()) < len(releases)
    defect.fix(releases[taken]).expect(201)
    assert len(defect["fixes"]) == taken + 1


# -- all lists -------------------------------------------------------------

def written(contract):
    """Of each member of a request: how long its text or list may be."""
    longest = {}

    def look(schema, name):
        for part in (schema.get("anyOf", []) + schema.get("allOf", [])
                     + schema.get("oneOf", [])):
            look(part, name)
        for key in ("maxLength", "maxItems"):
            if key in schema:
                longest[name, key] = max(
                    schema[key], longest.get((name, key), 0))
        for member, part in schema.get("properties", {}).items():
            look(part, member)
        if "items" in schema:
            look(schema["items"], name)
    for op in contract.operations:
        if op.bodies and not op.raw:
            look(op.body_schema, None)
        for parameter in op.parameters:
            look(parameter["schema"], parameter["name"])
    return longest


def size(schema, longest, name=None):
    """How many bytes a value may have. A text that no request has is a name or
    a word of the service; a list that none has, or any JSON, is endless."""
    def bound(key, otherwise=math.inf):
        return schema.get(key, longest.get((name, key), otherwise))
    if not {"type", "enum", "const", "anyOf", "oneOf", "allOf"} & set(schema):
        return math.inf
    parts = [size(part, longest, name) for key in ("anyOf", "oneOf", "allOf")
             for part in schema.get(key, [])]
    if "enum" in schema or "const" in schema:
        return max(len(json.dumps(value))
                   for value in schema.get("enum", [schema.get("const")]))
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if "object" in kinds:
        parts.append(sum(
            len(member) + 4 + size(part, longest, member)
            for member, part in schema.get("properties", {}).items()))
    if "array" in kinds:
        parts.append(bound("maxItems")
                     * (1 + size(schema["items"], longest, name)))
    if "string" in kinds:
        parts.append(AT_MOST * bound("maxLength", LINE))
    return max(parts, default=20)


def functions_of(statement, sql):
    """The text of what it calls, besides its own."""
    names = re.findall(r"rules\.(\w+)\(", statement)
    return statement + " ".join(row["prosrc"] for row in sql.rows(
        "select prosrc from pg_proc where prokind = 'f' and proname = any(%s)"
        " and pronamespace = 'rules'::regnamespace", names or [""]))


def test_whatever_may_be_long_has_a_price_in_bytes(
        contract, instance, sql, most):
    """Of all lists there are: a page of it is short by its schema, or its
    statement ends it."""
    longest = written(contract)
    lists = [op for op in contract.operations if op.cursor]
    long = []
    for op in lists:
        page = op.responses["200"]["content"]["application/json"]["schema"]
        limit, = {p["schema"]["maximum"] for p in op.parameters
                  if p["name"] == "limit"}
        held = limit * size(page["properties"]["items"]["items"], longest)
        if held > 4 * most:
            long.append(op.id)
            assert "rules.page_item(" in functions_of(instance.run(
                "statement", op.id).stdout, sql), (op.id, held)
    assert {"list_notes", "list_events", "list_case_history"} <= set(long)
    assert len(long) < len(lists), "the schemas bound something"
