"""Answers as CSV: read, and held against the JSON schema of the operation."""

import csv
import io

SIGNS = "=+-@'＝＋－＠"


def columns(schema, prefix=""):
    """The columns of an item, by its schema without $ref."""
    found = []
    for name, member in schema["properties"].items():
        inner = next((s for s in [member, *member.get("anyOf", [])]
                      if "properties" in s), None)
        found += ([prefix + name] if inner is None
                  else columns(inner, prefix + name + "."))
    return found


def fields(text):
    """(columns, rows); what is not exactly RFC 4180 raises."""
    assert text.endswith("\r\n")
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert all(len(row) == len(rows[0]) for row in rows)
    return rows[0], rows[1:]


def rows(answer):
    """Each line by column, as texts that a program has read."""
    assert answer.headers["content-type"] == (
        "text/csv; charset=utf-8; header=present")
    head, lines = fields(answer.body.decode())
    return [{name: field[1:] if field.startswith("'") else field
             for name, field in zip(head, line)} for line in lines]


def flat(item, names):
    """An item of the JSON answer as its line has to be."""
    line = {}
    for name in names:
        value = item
        for part in name.split("."):
            value = value and value[part]
        line[name] = ("" if value is None else
                      str(value).lower() if isinstance(value, bool)
                      else str(value))
    return line


def fault(answer, schema):
    """What is wrong with a table, or None: it has the columns of the JSON
    answer, and nothing that a spreadsheet runs."""
    if "accept" not in answer.headers.get("vary", ""):
        return "a table that does not vary by Accept"
    head, lines = fields(answer.body.decode())
    item = schema["properties"]["items"]["items"]
    if head != columns(item):
        return "other columns than the items of the JSON answer"
    for line in lines:
        for field in line:
            rest = field.lstrip("".join(map(chr, range(1, 33))))
            if rest[:1] in SIGNS and rest and not field.startswith("'"):
                if not is_number(field):
                    return f"a text that may be run: {field!r}"
    return None


def is_number(field):
    try:
        float(field)
    except ValueError:
        return False
    return field == field.strip()
