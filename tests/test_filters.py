"""Filters of collections: declared once in the document (x-filters), found in
its parameters and in the SQL of each statement of the operation."""

import re
import shutil
import subprocess
import sys

import pytest
import yaml

from collecting import bundled, documented_operations
from contract import METHODS
from instance import ROOT

pytestmark = pytest.mark.direct        # needs no service at all

SQL = """\
-- name: list_cakes
select k.body as item from api.cakes k
where true
  --filters k
limit :limit::int + 1;
"""


def declarations():
    """Operation → its x-filters, as the sources have them."""
    return {operation["operationId"]: operation["x-filters"]
            for path in (ROOT / "openapi").glob("*.yaml")
            for item in yaml.load(path.read_text(encoding="utf-8"),
                                  yaml.CSafeLoader).get("paths", {}).values()
            for method, operation in item.items()
            if method in METHODS and "x-filters" in operation}


def statements():
    """Statement → its lines, with those of the filters."""
    parts = re.split(r"^-- name: *(\w+)\n",
                     bundled()["statements.sql"].decode(), flags=re.MULTILINE)
    return {name: text.splitlines()
            for name, text in zip(parts[1::2], parts[2::2])}


def is_of(name, filters):
    """Whether a parameter is of one of the filters."""
    return any(name == one or name.startswith(one + "_") for one in filters)


FILTERED = declarations()


# -- what is declared is there, in both ------------------------------------

@pytest.mark.operations(where=lambda op: op.id in FILTERED)
def test_a_filter_is_a_described_parameter_and_a_line_of_every_statement(
        op):
    made = [p for p in op.parameters_in("query")
            if is_of(p["name"], FILTERED[op.id])]
    assert len(made) >= len(FILTERED[op.id])
    own = [lines for name, lines in statements().items()
           if name == op.id or name.startswith(op.id + "_for_")]
    assert own
    for parameter in made:
        name, text = parameter["name"], parameter["description"]
        assert text.endswith(".") and "\n" not in text and len(text) > 10
        for lines in own:
            (line,) = [x for x in lines if x.endswith(f"--? {name}")]
            assert line.strip().startswith("and ") and f":{name}" in line


def test_every_parameter_says_what_it_is(op):
    for parameter in op.parameters:
        assert parameter["description"].strip(), parameter["name"]


def test_a_collection_filters_by_declaration(contract):
    """Those by hand give what they are asked for to a function."""
    by_hand = {op.id for op in contract.operations
               if op.cursor and op.id not in FILTERED
               and {p["name"] for p in op.parameters_in("query")}
               - {"limit", "cursor"}}
    assert by_hand == {"list_audit", "list_desk_queue", "list_district_months",
                       "list_events", "search_cases",
                       "search_everything"}


def test_declarations_are_not_in_the_document():
    assert b"x-filters" not in bundled()["openapi.json"]
    assert b"--filters" not in bundled()["statements.sql"]
    assert len(FILTERED) > 10 and documented_operations()


def test_partners_have_a_list_of_their_own_with_every_filter():
    conditions = [[line for line in statements()[name]
                   if "--? " in line and "after" not in line
                   and not line.endswith(("--? sort", "--? count"))]
                  for name in ("list_cases", "list_cases_for_partner")]
    assert len(conditions[0]) > 100 and conditions[0] == conditions[1]


# -- each pattern ----------------------------------------------------------

@pytest.fixture
def build(tmp_path):
    """A document of one collection, its statement, and what comes of them:
    (parameters, lines of SQL), or the words on standard error."""
    openapi, sql = tmp_path / "openapi", tmp_path / "sql" / "api"
    openapi.mkdir()
    sql.mkdir(parents=True)
    for tool in (ROOT / "openapi").glob("*.py"):
        shutil.copy(tool, openapi)

    def build(filters, statement=SQL, parameters=(), shared=()):
        operation = {"operationId": "list_cakes",
                     "parameters": [*parameters]}
        if filters is not None:
            operation["x-filters"] = filters
        (openapi / "openapi.yaml").write_text(yaml.safe_dump({
            "openapi": "3.1.0", "components": {
                "schemas": {
                    "id": {"type": "integer", "maximum": 2**53 - 1},
                    "id_list": {"type": "array", "items": {
                        "$ref": "#/components/schemas/id"}},
                    "word_list": {"type": "array", "items": {
                        "type": "string"}},
                    "time": {"type": "string", "format": "date-time"},
                    "shape": {"type": "string", "enum": ["round"]},
                    "layers": {"type": "integer", "maximum": 9}},
                "parameters": {"size": {"name": "size", "in": "query"}}}}))
        (openapi / "cakes.yaml").write_text(yaml.safe_dump({"paths": {
            "/cakes": {"parameters": [*shared], "get": operation}}}))
        (sql / "cakes.sql").write_text(statement)
        out = tmp_path / "out"
        done = subprocess.run(
            [sys.executable, openapi / "bundle.py", out], text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        if done.returncode != 0:
            return done.stderr
        made = yaml.safe_load((out / "openapi.yaml").read_text())
        return (made["paths"]["/cakes"]["get"]["parameters"],
                [" ".join(x.split()) for x in (
                    out / "statements.sql").read_text().splitlines()
                 if "--?" in x])
    return build


@pytest.mark.parametrize("declared, lines", [
    ("ids", ["k.x = any (:x::bigint[]) --? x"]),
    (["words", "not"], [
        "k.x = any ((select rules.spellings(:x::text[]))::text[]) --? x",
        "(k.x = any ((select rules.spellings(:x_not::text[]))::text[]))"
        " is not true --? x_not"]),
    ("any layers", ["k.x = any (:x::int[]) --? x"]),
    ("one shape", ["k.x = :x::text --? x"]),
    ("one id", ["k.x = :x::bigint --? x"]),
    (["one shape", "not"], ["k.x = :x::text --? x",
                            "(k.x = :x_not::text) is not true --? x_not"]),
    ("boolean", ["k.x = :x::boolean --? x"]),
    ("exact", ["k.x = any ((select rules.spellings(:x::text))::text[])"
               " --? x"]),
    ("contains", [
        "strpos(rules.folded(k.x), (select rules.folded(:x_contains::text)))"
        " > 0 --? x_contains"]),
    ("times", ["k.x_at >= :x_from::timestamptz --? x_from",
               "k.x_at < :x_to::timestamptz --? x_to"]),
    ("dates", ["k.x >= :x_from::date --? x_from",
               "k.x < :x_to::date --? x_to"]),
    ({"filter": "numbers", "schema": {"type": "integer", "maximum": 5}},
     ["k.x >= :x_from::int --? x_from", "k.x < :x_to::int --? x_to"]),
    ({"filter": "dates", "column": "baked_on"},
     ["k.baked_on >= :x_from::date --? x_from",
      "k.baked_on < :x_to::date --? x_to"]),
    ({"filter": "boolean", "column": "k.eaten_at is null"},
     ["(k.eaten_at is null) = :x::boolean --? x"]),
    ({"filter": ["words", "not"], "column": "f.name",
      "sql": "k.id = any (array(select f.id from fillings f where ...))"},
     ["k.id = any (array(select f.id from fillings f where"
      " f.name = any ((select rules.spellings(:x::text[]))::text[]))) --? x",
      "(k.id = any (array(select f.id from fillings f where f.name ="
      " any ((select rules.spellings(:x_not::text[]))::text[])))) is not true"
      " --? x_not"]),
    ({"filter": "one shape", "sql": ":x = any (k.shapes)"},
     [":x = any (k.shapes) --? x"])])
def test_a_pattern_makes_its_lines(build, declared, lines):
    parameters, made = build({"x": declared})
    assert made == [f"and {line}" for line in lines]
    assert [p["name"] for p in parameters] == [
        line.rpartition(" ")[2] for line in lines]


def test_text_has_every_operator(build):
    parameters, lines = build({"x": "text"})
    names = ["x", "x_not", "x_contains", "x_not_contains", "x_starts_with",
             "x_ends_with"]
    assert [p["name"] for p in parameters] == names
    assert [line.rpartition(" ")[2] for line in lines] == names
    assert [p["name"] for p in build({"x": "parts"})[0]] == names[2:]
    assert build({"x": ["exact", "not", "parts"]}) == (parameters, lines)


def test_a_list_of_values_is_one_of_a_schema(build):
    (one, other), _ = build({"x": {"filter": ["any shape", "not"],
                                   "max": 3, "field": "cake.shape"}})
    assert one == {
        "name": "x", "in": "query", "style": "form", "explode": True,
        "description": "Those whose `cake.shape` is one of these.",
        "schema": {"type": "array", "minItems": 1, "maxItems": 3,
                   "items": {"$ref": "#/components/schemas/shape"}}}
    assert (other["name"], other["schema"]) == ("x_not", one["schema"])


def test_a_sentence_of_ones_own_is_taken(build):
    (parameter,), _ = build({"x": {"filter": "boolean",
                                   "description": "Whether it is x."}})
    assert parameter["description"] == "Whether it is x."


def test_declared_parameters_come_before_those_by_hand(build):
    parameters, _ = build({"x": "ids"}, parameters=[
        {"$ref": "#/components/parameters/size"}])
    assert parameters[0]["name"] == "x" and parameters[1] == {
        "$ref": "#/components/parameters/size"}


def test_a_kinds_own_statement_has_the_lines_too(build):
    _, lines = build({"x": "ids"}, SQL + SQL.replace(
        "list_cakes", "list_cakes_for_partner").replace("filters k",
                                                        "filters c"))
    assert lines == ["and k.x = any (:x::bigint[]) --? x",
                     "and c.x = any (:x::bigint[]) --? x"]


# -- what means nothing is named, with its file and operation --------------

@pytest.mark.parametrize("declared, words", [
    ("texts", ["no pattern texts"]), ("ids shape", ["no pattern ids shape"]),
    (["ids", "contain"], ["no pattern contain"]), (5, ["no pattern 5"]),
    ("any", ["any needs a schema"]), ("numbers", ["numbers needs a schema"]),
    ("any cake", ["no schema cake"]), ("not", ["not needs one of"]),
    (["times", "not"], ["not needs one of"]), ([], ["no filter"]),
    ({"column": "y"}, ["no filter"]),
    ({"filter": "ids", "colum": "y"}, ["unknown key colum"]),
    ({"filter": "one shape", "schema": {}}, ["one needs a schema"]),
    ({"filter": "ids", "schema": {}}, ["schema is for"]),
    ({"filter": "ids", "max": 3}, ["max is for"]),
    ({"filter": "times", "description": "Of old."}, ["one description"]),
    ({"filter": "times", "sql": "k.x > :x_from"}, ["sql has neither"]),
    ({"filter": "one id", "sql": "k.x > 1"}, ["sql has neither", ":x"])])
def test_a_declaration_that_means_nothing_is_named(build, declared, words):
    said = build({"x": declared})
    assert isinstance(said, str), "it was taken"
    for word in ["cakes.yaml: list_cakes: x: ", *words]:
        assert word in said, said
    assert said.count("\n") == 1


def test_declared_filters_are_a_mapping(build):
    assert "cakes.yaml: list_cakes: x-filters is not" in build(["x"])


def test_two_filters_of_one_parameter_are_refused(build):
    said = build({"x": ["ids", "not"], "x_not": "boolean"})
    assert "cakes.yaml: list_cakes: two parameters are called x_not" in said


@pytest.mark.parametrize("place", ["parameters", "shared"])
def test_a_filter_that_is_also_given_by_hand_is_refused(build, place):
    for by_hand in ({"name": "size", "in": "query"},
                    {"$ref": "#/components/parameters/size"}):
        said = build({"size": "ids"}, **{place: [by_hand]})
        assert ("cakes.yaml: list_cakes: two parameters are called size"
                in said)


def test_declared_filters_without_a_place_in_the_sql_are_refused(build):
    said = build({"x": "ids"}, SQL.replace("  --filters k\n", ""))
    assert "cakes.sql: list_cakes: no line --filters" in said
    said = build({"x": "ids"}, SQL + "-- name: list_cakes_for_staff\nselect")
    assert "cakes.sql: list_cakes_for_staff: no line --filters" in said
    said = build({"x": "ids"}, SQL.replace("list_cakes", "list_pies"))
    assert "cakes.sql:4: list_pies: --filters, but no operation" in said
    said = build({"x": "ids"}, "-- name: list_pies\nselect 1;\n")
    assert "cakes.yaml: list_cakes: x-filters, but there is no" in said


def test_a_declared_filter_is_not_also_a_line_by_hand(build):
    fault = build({"shape": "one shape"}, SQL.replace(
        "  --filters k", "  --filters k\n  and k.shape = :shape --? shape"))
    assert "cakes.sql:5: list_cakes: shape is one of its x-filters" in fault


def test_a_statement_begins_at_the_edge(build):
    fault = build({"shape": "one shape"}, SQL + "   -- name: more\nselect 1;\n")
    assert "cakes.sql:6: -- name: begins the line" in fault


def test_a_place_in_the_sql_without_declared_filters_is_refused(build):
    said = build(None)
    assert "cakes.sql:4: list_cakes: --filters, but no operation" in said


@pytest.mark.parametrize("mark", ["--filters", "--filters k c",
                                  "--filters :k"])
def test_a_place_in_the_sql_names_the_alias(build, mark):
    said = build({"x": "ids"}, SQL.replace("--filters k", mark))
    assert "cakes.sql:4: list_cakes: --filters needs" in said
