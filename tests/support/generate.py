"""Values from the schemas of the document: good, broken, and random ones.

What is good or broken is decided by the jsonschema package, never by the
service: candidates are made freely and then judged.
"""

import copy
import random
import re
import string
from urllib.parse import quote

from jsonschema import Draft202012Validator

from contract import formats

NOBODY = 9007199254740991       # an id that nothing has
DATE, TIME = "2026-11-23", "2026-11-23T10:00:00Z"

JUNK = [None, True, False, 0, -1, 1.5, 9007199254740992, 10**15 + 0.5, "",
        " ", "text", "0", "TRUE", "\u2028", "x" * 300, "x" * 20001, [], [[]],
        {}, {"a": 1}, [None], ["a", "a"], "2026-02-30", "2026-11-23T10:00:00",
        "2026-11-23T10:00:00+24:00", "2026-11-23T10:00:60Z",
        "not an address", "a@b@c"]

TEXTS = ["a", "Text", "MN", "763-555-0142", "some-slug", "ada@example.org",
         "case.note_added", "https://desk.example/hook", "staff:3", "09:30",
         DATE, TIME, "7", "2417", "-", "x y", "é", "😀", "'", '"', "\\", "%", "\u202e",
         "line\nline", "{}", "<b>", "null", "a" * 199, "2024-02",
         "data:image/png;base64,iVBORw0KGgo="]


def validator(schema):
    return Draft202012Validator(schema, format_checker=formats)


def is_good(schema, value):
    return validator(schema).is_valid(value)


# -- bodies ----------------------------------------------------------------

def good_body(op):
    """The document's own example of the request."""
    for media in op.bodies.values():
        examples = [e["value"] for e in media.get("examples", {}).values()]
        body = copy.deepcopy((examples + [media.get("example")])[0])
        return body.encode() if op.raw else body
    return None


def candidates(schema):
    """Values at and just beyond every bound that the schema names."""
    yield from JUNK
    for key, step in (("minimum", -1), ("maximum", 1),
                      ("exclusiveMinimum", 0), ("exclusiveMaximum", 0)):
        if key in schema:
            yield schema[key] + step
            yield schema[key] + step * 0.5
    if "maxLength" in schema:
        yield "x" * (schema["maxLength"] + 1)
        yield "😀" * (schema["maxLength"] + 1)
    if schema.get("minLength", 0) > 1:
        yield "x" * (schema["minLength"] - 1)
    for text in schema.get("enum", [])[:1]:
        yield str(text).upper()
        yield f"{text} "
    if "items" in schema:
        good = good_value(schema["items"])
        yield [good] * (schema.get("maxItems", 0) + 1)
        for value in broken(schema["items"])[:5]:
            yield [value]
            yield [good, value]
    for part in schema.get("anyOf", []) + schema.get("allOf", []):
        yield from candidates(part)


def broken(schema):
    """Distinct values that the schema refuses."""
    judge, found = validator(schema), {}
    for value in candidates(schema):
        if not judge.is_valid(value):
            found.setdefault(repr(value), value)
    return list(found.values())


def long_texts(length):
    """Texts of that length, one of which a schema may take."""
    if length is None:
        return
    for character in "xX19":
        yield character * length
    host = "@" + ".".join(["b" * 60] * 3) + "."
    yield "a" * 60 + host + "c" * (length - 60 - len(host))
    yield "https://desk.example/".ljust(length, "x")
    yield "case.".ljust(length, "x")
    yield "case." + "x" * (length - 6) + "y"


def edges(schema):
    """Every value of an enumeration, and values at each bound: the shortest
    and the longest, the least and the greatest, as many as there may be."""
    found = list(schema.get("enum", [schema["const"]] if "const" in schema
                            else []))
    if "boolean" in schema.get("type", ""):
        found += [False, True]
    found += [schema[key] for key in ("minimum", "maximum") if key in schema]
    for key in ("minLength", "maxLength"):
        found += [t for t in long_texts(schema.get(key))
                  if is_good(schema, t)][:1]
    if "items" in schema:
        for count in (schema.get("minItems"), schema.get("maxItems")):
            if count is not None:
                found.append(list_of(schema["items"], count))
        found += [[value] for value in edges(schema["items"])]
    for part in schema.get("anyOf", []) + schema.get("allOf", []):
        found += edges(part)
    return [v for i, v in enumerate(found)
            if is_good(schema, v) and v not in found[:i]]


def list_of(schema, count):
    """So many different values, if there are so many."""
    if "enum" in schema:
        return schema["enum"][:count]
    if schema.get("type") == "integer":
        return [schema.get("minimum", 0) + n for n in range(count)]
    if schema.get("type") == "object":
        texts = [name for name in schema["required"] if is_good(
            schema["properties"][name], "x")]
        return [{**good_value(schema), **{name: f"x{n}" for name in texts}}
                for n in range(count)]
    for form in (two_letters, "x{}".format,
                 lambda n: "case." + two_letters(n).lower()):
        made = [form(n) for n in range(count)]
        if all(is_good(schema, text) for text in made):
            return made
    if "properties" in schema:
        made = [random_value(schema, random.Random(n)) for n in range(count)]
        for n, value in enumerate(made):
            value.update({name: two_letters(n) for name in schema["required"]
                          if is_good(schema, {**value, name: two_letters(n)})})
        return made
    raise AssertionError(f"no list of {schema}")


def two_letters(number):
    return string.ascii_uppercase[number // 26 % 26] + (
        string.ascii_uppercase[number % 26])


def good_value(schema):
    """One value that the schema accepts, always the same."""
    return random_value(schema, random.Random(1))


def random_value(schema, rng):
    """A random value that the schema accepts."""
    for key in ("anyOf", "oneOf", "allOf"):     # allOf has one, described
        if key in schema:
            return random_value(rng.choice(schema[key]), rng)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return rng.choice(schema["enum"])
    kind = schema.get("type", "string")
    if isinstance(kind, list):
        kind = rng.choice(kind)
    if kind == "object" or "properties" in schema:
        return random_object(schema, rng)
    if kind == "array":
        count = rng.randint(schema.get("minItems", 0),
                            min(schema.get("maxItems", 4), 4))
        return [random_value(schema["items"], rng) for _ in range(count)]
    if kind == "integer":
        low, high = schema.get("minimum", -5), schema.get("maximum", 1000)
        return rng.choice([low, high, rng.randint(low, high),
                           min(high, low + rng.randint(0, 9))])
    if kind == "number":
        return round(rng.uniform(schema.get("minimum", -5),
                                 schema.get("maximum", 1000)), 3)
    if kind == "boolean":
        return rng.random() < 0.5
    if kind == "null":
        return None
    return random_text(schema, rng)


def random_object(schema, rng):
    required = schema.get("required", [])
    chosen = {name: random_value(part, rng)
              for name, part in schema.get("properties", {}).items()
              if name in required or rng.random() < 0.3}
    if len(chosen) < schema.get("minProperties", 0):
        name = rng.choice(list(schema["properties"]))
        chosen[name] = random_value(schema["properties"][name], rng)
    return chosen


def random_text(schema, rng):
    form = schema.get("format")
    if form == "date":
        return "20{}-0{}-1{}".format(rng.randint(20, 40), rng.randint(1, 9),
                                     rng.randint(0, 9))
    if form == "date-time":
        return (f"20{rng.randint(20, 40)}-0{rng.randint(1, 9)}-11"
                f"{rng.choice('TTt')}0{rng.randint(0, 9)}:00:00"
                + rng.choice(["", f".{rng.randint(0, 999999):06}",
                              f".{rng.randint(0, 999999999):09}"])
                + rng.choice(["Z", "z", "+05:45", "-06:00", "-00:00",
                              "+23:59", "-18:30"]))
    if form == "email":
        return "".join(rng.choices(string.ascii_letters, k=12)) + "@x.org"
    judge = validator(schema)
    texts = TEXTS + ["".join(rng.choices(string.printable, k=30))]
    good = [t for t in texts if judge.is_valid(t)]
    assert good, f"no text for {schema}"
    return rng.choice(good)


# -- parameters ------------------------------------------------------------

UNREADABLE = object()


def read_text(schema, text):
    """What a parameter's text means under its schema."""
    kind = schema.get("type")
    if kind == "array":
        return [read_text(schema["items"], t) for t in text.split(",")]
    if kind == "integer":
        return int(text) if re.fullmatch(r"-?(0|[1-9][0-9]*)", text) \
            else UNREADABLE
    if kind == "number":
        return float(text) if re.fullmatch(
            r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?", text) else UNREADABLE
    if kind == "boolean":
        return {"true": True, "false": False}.get(text, UNREADABLE)
    return text


def write_text(schema, value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join(write_text(schema["items"], v) for v in value)
    return str(value)


def good_text(schema):
    if schema.get("format") in ("date", "date-time"):
        return DATE if schema["format"] == "date" else TIME
    return write_text(schema, good_value(schema))


def broken_texts(schema):
    """Texts that cannot be a value of that parameter."""
    inner = schema.get("items", schema)
    texts = {"", " ", "x", "-1", "0", "1.5", "1e2", "TRUE", "null", "[]",
             "{}", "1,,2", ",", "٣", "9" * 40, "2026-02-30", "x" * 20001,
             *(str(v) for v in candidates(inner)
               if isinstance(v, (int, float, str)))}
    judge = validator(schema)

    def is_broken(text):
        value = read_text(schema, text)
        parts = value if isinstance(value, list) else [value]
        return UNREADABLE in parts or not judge.is_valid(value)
    return sorted(t for t in texts if is_broken(t)
                  and len(quote(t)) < 7000)      # a target ends at 8000
