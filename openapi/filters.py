"""Filters of a collection, declared once: `x-filters` of its operation.

    x-filters: {subject: text, site_id: [ids, not], submitted: times}

stands for described query parameters (subject, subject_not, subject_contains,
…, site_id, site_id_not, submitted_from, submitted_to) and for a line of SQL
each, which goes where the operation's statements say `--filters c` (c: the
alias of the table):

    and c.site_id = any (:site_id::bigint[])                --? site_id

A filter is a pattern, or a list of patterns that add up:

    site_id: ids                one of these ids
    platform: words             one of these words
    status: any case_status     one of these values of #/components/schemas/…
    event_id: one id            this value, of a schema likewise
    test: boolean               true, or false
    subject: exact              this very text
    site_id: [ids, not]         …_not also: none of these (ids, words, any, one, exact)
    title: contains             …_contains; so not_contains, starts_with, ends_with
    impact: parts               the four of them
    subject: text               exact, not and parts
    submitted: times            …_from ≤ submitted_at < …_to, instants
    due_on: dates               the same of dates, column due_on
    users_affected: numbers     the same of numbers

What deviates is said in the long form, {filter: PATTERN or list, …}, with

    schema: {…}                 of one value, for any, one and numbers
    max: 3                      of how many values (any: 20), or characters (exact: 200)
    column: due_on              another column, or an expression with its alias
    field: resolution.kind      what the sentences call it, if not as the column
    sql: …                      the whole condition; `...` in it stands for what
                                the pattern makes of the column
    description: …              the sentence, of a filter with one parameter
    slow: true                  each row is looked at (x-slow)

What is null matches no filter but those that say what it is not.
"""
import re
from typing import NamedTuple

METHODS = ("get", "put", "post", "delete", "patch")
DEVIATIONS = {"filter", "schema", "max", "column", "field", "sql",
              "description", "slow"}
MOST_VALUES, MOST_CHARACTERS = 20, 200
TEXT = {"type": "string", "format": "text", "maxLength": MOST_CHARACTERS}
KEPT = ("type", "format", "enum", "minimum", "maximum", "maxLength")
DATE = {"type": "string", "format": "date", "maxLength": 10}


class Fault(Exception):
    """A declaration that means nothing: the file, operation and filter."""


class Operator(NamedTuple):
    suffix: str
    sql: str            # true of what is wanted, or of what is not
    says: str           # behind "Those whose `field`"
    negated: bool = False
    slow: bool = False  # no index serves it: each row is looked at


ANY = "{column} = any (:{name}::{type}[])"
WORD = "{column} = any ((select rules.spellings(:{name}::text[]))::text[])"
IS = "{column} = :{name}::{type}"
EXACTLY = "{column} = any ((select rules.spellings(:{name}::text))::text[])"
# Folded once a statement (sql/rules/base/text.sql), and once a row.
TEXT_OF = "rules.folded({column})"
ASKED = "(select rules.folded(:{name}::text))"
CONTAINS = f"strpos({TEXT_OF}, {ASKED}) > 0"
FROM, TO = "{column} >= :{name}::{type}", "{column} < :{name}::{type}"
OPERATORS = {
    "any": Operator("", ANY, "is one of these"),
    "none": Operator("_not", ANY, "is none of these, or null", True),
    "is": Operator("", IS, "is this"),
    "is not": Operator("_not", IS, "is not this, or null", True),
    "true": Operator("", IS, "is this, true or false"),
    "word": Operator("", WORD, "is one of these, separated by commas"),
    "no word": Operator("_not", WORD, "is none of these, separated by commas, "
                        "or null", True),
    "exactly": Operator("", EXACTLY, "is exactly this text"),
    "not exactly": Operator("_not", EXACTLY,
                            "is not exactly this text, or null", True),
    "contains": Operator("_contains", CONTAINS,
                         "contains this text, whatever its capitals, accents "
                         "and width", slow=True),
    "not_contains": Operator("_not_contains", CONTAINS,
                             "does not contain this text, whatever its "
                             "capitals, accents and width, or is null",
                             True, slow=True),
    "starts_with": Operator(
        "_starts_with", f"starts_with({TEXT_OF}, {ASKED})",
        "starts with this text, whatever its capitals, accents and width",
        slow=True),
    "ends_with": Operator(
        "_ends_with", f"right({TEXT_OF}, length({ASKED})) = {ASKED}",
        "ends with this text, whatever its capitals, accents and width",
        slow=True),
    "from instant": Operator("_from", FROM, "is this instant or later"),
    "to instant": Operator("_to", TO, "is before this instant"),
    "from date": Operator("_from", FROM, "is this date or later"),
    "to date": Operator("_to", TO, "is before this date"),
    "from number": Operator("_from", FROM, "is this number or more"),
    "to number": Operator("_to", TO, "is less than this number"),
}
NEGATIONS = {"any": "none", "word": "no word", "is": "is not",
             "exactly": "not exactly"}
NEGATED = ("ids", "words", "any", "one", "exact")


class Pattern(NamedTuple):
    operators: tuple
    schema: dict = None         # of its parameters; None: the filter says it


def component(name):
    return {"$ref": f"#/components/schemas/{name}"}


PARTS = ("contains", "not_contains", "starts_with", "ends_with")
PATTERNS = {
    "ids": Pattern(("any",), component("id_list")),
    "words": Pattern(("word",), component("word_list")),
    "any": Pattern(("any",)),
    "one": Pattern(("is",)),
    "boolean": Pattern(("true",), {"type": "boolean"}),
    "exact": Pattern(("exactly",), TEXT),
    **{part: Pattern((part,), TEXT) for part in PARTS},
    "parts": Pattern(PARTS, TEXT),
    "text": Pattern(("exactly", "not exactly", *PARTS), TEXT),
    "times": Pattern(("from instant", "to instant"), component("time")),
    "dates": Pattern(("from date", "to date"), DATE),
    "numbers": Pattern(("from number", "to number")),
}
NAMING = ("any", "one", "numbers")      # need the schema of one value
LIMITED = ("any", "exact")              # have a max


class Filter:
    """One declaration: its parameters, and their conditions in SQL."""

    def __init__(self, name, declared, schemas):
        self.name, self.schemas = name, schemas
        self.long = (declared if isinstance(declared, dict)
                     else {"filter": declared})
        self.patterns = []      # their names
        self.uses = []          # (operator, schema of the parameter)
        surplus = sorted(set(self.long) - DEVIATIONS)
        if surplus:
            raise Fault(f"unknown key {surplus[0]}")
        words = self.long.get("filter", [])
        for word in words if isinstance(words, list) else [words]:
            self.add(word)
        self.check()

    def add(self, words):
        """One pattern more: "ids", "any case_status", "not"."""
        if words == "not":
            operator, schema = self.uses[-1] if self.uses else ("", None)
            if operator not in NEGATIONS:
                raise Fault(f"not needs one of {', '.join(NEGATED)} before it")
            self.uses.append((NEGATIONS[operator], schema))
            return
        word, _, name = str(words).partition(" ")
        if word not in PATTERNS or name and word not in NAMING:
            raise Fault(f"there is no pattern {words}")
        self.patterns.append(word)
        pattern = PATTERNS[word]
        schema = pattern.schema or self.named(word, name)
        self.resolved(schema)
        if word == "any":
            schema = {"type": "array", "minItems": 1,
                      "maxItems": self.long.get("max", MOST_VALUES),
                      "items": schema}
        elif word == "exact":
            schema = {**schema,
                      "maxLength": self.long.get("max", MOST_CHARACTERS)}
        self.uses += [(operator, schema) for operator in pattern.operators]

    def named(self, word, name):
        """The schema of one value: "any NAME", or that of the long form."""
        if bool(name) == ("schema" in self.long):
            raise Fault(f"{word} needs a schema, behind it or as schema: …")
        return component(name) if name else self.long["schema"]

    def check(self):
        if not self.uses:
            raise Fault("no filter: PATTERN")
        for key, meant in (("schema", NAMING), ("max", LIMITED)):
            if key in self.long and not set(meant) & set(self.patterns):
                raise Fault(f"{key} is for {', '.join(meant)}")
        if len(self.uses) > 1 and "description" in self.long:
            raise Fault("one description for several parameters")
        sql = self.long.get("sql", "...")
        if "..." not in sql and (len(self.uses) > 1
                                 or f":{self.name}" not in sql):
            raise Fault(f"sql has neither ... nor its one :{self.name}")

    def parameters(self):
        for operator, schema in self.uses:
            suffix, _, says, _, slow = OPERATORS[operator]
            sentence = f"Those whose `{self.field()}` {says}."
            style = ({"style": "form", "explode": True}
                     if self.resolved(schema).get("type") == "array" else {})
            yield {"name": self.name + suffix, "in": "query",
                   "description": self.long.get("description", sentence),
                   **style, "schema": schema,
                   **({"x-slow": True}
                      if slow or self.long.get("slow") else {})}

    def conditions(self, alias):
        """(parameter, condition), of the table that goes by this alias."""
        for operator, schema in self.uses:
            suffix, sql, _, negated, _ = OPERATORS[operator]
            name = self.name + suffix
            sql = sql.format(column=self.column(alias), name=name,
                             type=self.sql_type(schema))
            if "sql" in self.long:
                sql = " ".join(self.long["sql"].split()).replace("...", sql)
            yield name, f"({sql}) is not true" if negated else sql

    def column(self, alias):
        column = self.long.get("column", self.stem())
        if re.fullmatch(r"\w+", column):
            return f"{alias}.{column}"
        return column if re.fullmatch(r"\w+\.\w+", column) else f"({column})"

    def field(self):
        column = self.long.get("column", self.stem())
        return self.long.get(
            "field", column if re.fullmatch(r"\w+", column) else self.name)

    def stem(self):
        """submitted_from and submitted_to are of submitted_at."""
        return self.name + ("_at" if "times" in self.patterns else "")

    def resolved(self, schema):
        while "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            if name not in self.schemas:
                raise Fault(f"there is no schema {name}")
            schema = self.schemas[name]
        return schema

    def sql_type(self, schema):
        """That of one value."""
        schema = self.resolved(schema)
        kind = schema.get("type")
        if kind == "array":
            return self.sql_type(schema["items"])
        if kind == "integer":
            return "int" if schema.get("maximum", 2**63) < 2**31 else "bigint"
        if kind == "boolean":
            return "boolean"
        return {"date": "date", "date-time": "timestamptz"}.get(
            schema.get("format"), "text")


def expand(document, files):
    """Puts parameters in the place of each x-filters of the document.

    files: path → the file that it stands in. Returns operation → its file
    and filters, for the statements."""
    found = {}
    for path, item in document["paths"].items():
        for method in METHODS:
            operation = item.get(method, {})
            if "x-filters" in operation:
                name = operation.get("operationId")
                filters = take(document, item, operation,
                               f"{files[path]}: {name}")
                found[name] = files[path], filters
    return found


def take(document, item, operation, where):
    """The filters of an operation, which gets their parameters instead."""
    declared = operation.pop("x-filters")
    if not isinstance(declared, dict):
        raise Fault(f"{where}: x-filters is not a mapping")
    filters = []
    for name, value in declared.items():
        try:
            filters.append(Filter(name, value,
                                  document["components"]["schemas"]))
        except Fault as fault:
            raise Fault(f"{where}: {name}: {fault}") from None
    made = [p for one in filters for p in one.parameters()]
    given = operation.get("parameters", [])
    operation["parameters"] = made + given
    names = set()
    for parameter in [*made, *given, *item.get("parameters", [])]:
        name = parameter_name(document, parameter)
        if name in names:
            raise Fault(f"{where}: two parameters are called {name}")
        names.add(name)
    return filters


def parameter_name(document, parameter):
    return resolved(document, parameter)["name"]


def resolved(document, node):
    while "$ref" in node:
        kind, name = node["$ref"].split("/")[2:]
        node = document["components"][kind][name]
    return node


def taken(document, name):
    """What each parameter that filters or sorts takes, name → schema of one
    value and how many `values`: for those who keep such a question."""
    found = {}
    for item in document["paths"].values():
        for method in METHODS:
            if item.get(method, {}).get("operationId") != name:
                continue
            for parameter in item[method]["parameters"]:
                parameter = resolved(document, parameter)
                schema = resolved(document, parameter["schema"])
                one = resolved(document, schema.get("items", schema))
                if parameter["name"] not in ("limit", "cursor", "count"):
                    found[parameter["name"]] = {
                        **{key: one[key] for key in KEPT if key in one},
                        "values": schema.get("maxItems", 1)}
    if not found:
        raise Fault(f"--parameters {name}: no operation of this name")
    return found
