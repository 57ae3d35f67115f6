"""The document itself: sound, complete, and the one that is served."""

import json
import re
import shutil
import subprocess
import sys

import pytest
import yaml

from collecting import bundled
from contract import METHODS, formats, parse
from instance import ROOT
from jsonschema import Draft202012Validator

KINDS = {"contact", "partner", "staff", "telephony", "public"}
TYPES = {"string", "integer", "number", "boolean", "null", "array", "object"}
KEYWORDS = {
    "$ref", "type", "enum", "const", "properties", "required",
    "additionalProperties", "items", "minItems", "maxItems", "uniqueItems",
    "minLength", "maxLength", "pattern", "minimum", "maximum",
    "exclusiveMinimum", "exclusiveMaximum", "format", "minProperties",
    "allOf", "anyOf", "oneOf", "title", "description", "example", "examples",
    "default", "deprecated", "readOnly", "$comment", "x-says",
    "contentMediaType", "contentSchema"}


@pytest.fixture(scope="module")
def document(contract):
    return contract.document


def test_it_is_openapi_3_1(document):
    assert re.fullmatch(r"3\.1\.\d", document["openapi"])
    info = document["info"]
    assert info["title"] == "casework"
    assert re.fullmatch(r"\d+\.\d+\.\d+", info["version"])
    assert info["description"]
    assert set(document) <= {"openapi", "info", "servers", "tags", "paths",
                             "webhooks",
                             "components", "security", "externalDocs",
                             "jsonSchemaDialect"}


def tool(name, *arguments):
    return subprocess.run(
        [sys.executable, str(name), *map(str, arguments)], text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)


def judged(document, path):
    path.write_text(json.dumps(document))
    return tool(ROOT / "openapi" / "validate.py", path)


def test_the_published_schema_knows_every_member(document, tmp_path):
    done = judged(document, tmp_path / "openapi.json")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("where, member", [
    ("/tags/0", {"and this document.": None}),
    ("/info", {"sumary": "x"}),
    ("/components/responses/conflict", {"example": 1}),
    ("/components/schemas/id", {"type": "int"})])
def test_a_member_that_openapi_does_not_know_is_named(
        document, tmp_path, where, member):
    copy = json.loads(json.dumps(document))
    node = copy
    for part in where[1:].split("/"):
        node = node[int(part) if part.isdigit() else part]
    node.update(member)
    done = judged(copy, tmp_path / "openapi.json")
    assert done.returncode != 0 and f"#{where}" in done.stderr


def test_an_unquoted_comma_is_no_document(tmp_path):
    """It makes two members of {description: this, that}."""
    for folder in ("openapi", "sql/api"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    bundle = tmp_path / "openapi" / "bundle.py"
    assert tool(bundle, tmp_path / "out").returncode == 0
    path = tmp_path / "openapi" / "openapi.yaml"
    path.write_text(path.read_text() + "x-note: {text: this, that}\n")
    done = tool(bundle, tmp_path / "out")
    assert done.returncode != 0
    assert "openapi.yaml:" in done.stderr and "'that'" in done.stderr


def test_json_and_yaml_are_the_same_document(public, document):
    answer = public.get("/openapi.yaml").expect(200)
    assert yaml.safe_load(answer.body) == document


def test_the_served_document_is_that_of_the_sources(document):
    sources = parse(bundled()["openapi.json"])
    assert [(op.id, op.spec) for op in document_operations(sources)] == [
        (op.id, op.spec) for op in document_operations(document)]


def document_operations(document):
    from contract import Contract
    return Contract(document).operations


def references(node):
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def test_every_reference_points_at_something(document):
    for reference in set(references(document)):
        assert reference.startswith("#/components/"), reference
        target = document
        for part in reference[2:].split("/"):
            target = target[part]


def test_nothing_in_components_is_unused(document):
    used = set(references(document))
    unused = [f"#/components/{section}/{name}"
              for section, entries in document["components"].items()
              if section not in ("securitySchemes", "examples")
              for name in entries
              if f"#/components/{section}/{name}" not in used]
    assert unused == []


def test_operation_ids_are_unique_and_snake_case(contract):
    ids = [op.id for op in contract.operations]
    assert len(set(ids)) == len(ids)
    for name in ids:
        assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name), name


def test_paths_are_kebab_case_and_versioned(document):
    for path, item in document["paths"].items():
        assert re.fullmatch(r"/|(/([a-z0-9.-]+|\{[a-z_]+\}))+", path), path
        assert path.startswith("/v1/") or path in (
            "/livez", "/readyz", "/metrics", "/openapi.json",
            "/openapi.yaml", "/problems", "/problems/{slug}",
            "/.well-known/oauth-protected-resource",
            "/", "/cases/{case_number}",    # in mails, for people
            "/announcements", "/announcements.atom")
        assert set(item) <= {*METHODS, "parameters", "summary",
                             "description"}


def test_an_operation_says_all_there_is_to_say(op, document):
    spec = op.spec
    assert spec["summary"] and spec["description"]
    assert set(spec["tags"]) <= {t["name"] for t in document["tags"]}
    assert spec["x-callers"] and set(spec["x-callers"]) <= KINDS
    public = spec["security"] == [] or {} in spec["security"]
    assert ("public" in spec["x-callers"]) == public
    if spec["security"] == []:      # tokens are not looked at
        assert not {401, 403} & op.statuses
    assert "default" in spec["responses"]
    assert any(200 <= s < 300 for s in op.statuses)
    for status, response in spec["responses"].items():
        assert response["description"], status
        assert status == "default" or 200 <= int(status) < 600


TEXT_FILTERS = ("_contains", "_starts_with", "_ends_with")


def test_what_looks_at_every_row_is_said_to_be_slow(op, document):
    for parameter in op.parameters_in("query"):
        assert parameter.get("x-slow") == (
            True if parameter["name"].endswith(TEXT_FILTERS)
            or parameter["name"] in ("sort", "unread") else
            {"count": "exact"}.get(parameter["name"])), parameter["name"]
    for _, schema in requests_of(op):
        schema = document["components"]["schemas"].get(
            schema.get("$ref", "").rpartition("/")[2], schema)
        if any(name.endswith(TEXT_FILTERS)
               for name in schema.get("properties", {})):
            assert op.spec["x-slow"] is True


def test_path_parameters_are_those_of_the_path(op):
    named = {p["name"] for p in op.parameters_in("path")}
    assert named == set(op.names)
    assert all(p["required"] for p in op.parameters_in("path"))


@pytest.mark.operations(where=lambda op: not op.public)
def test_a_protected_operation_documents_its_refusals(op):
    wanted = {400, 401, 403}
    if "application/json" in op.responses[str(op.success)]["content"]:
        wanted.add(406)     # of a file there is no other form to choose
    if op.names:
        wanted.add(404)
    if op.bodies:
        wanted |= {415, 422}
    if any(p["name"] == "If-Match" for p in op.parameters):
        wanted |= {412, 428}
    assert wanted <= op.statuses


@pytest.mark.operations(
    where=lambda op: op.method == "GET" and op.id.startswith("get_")
    and op.names and not op.public)
def test_a_single_resource_has_a_version(op):
    assert 304 in op.statuses
    assert "ETag" in op.responses["200"]["headers"]


@pytest.mark.operations(where=lambda op: op.cursor)
def test_a_collection_pages_by_one_scheme(op):
    names = {p["name"] for p in op.parameters_in("query")}
    assert {"limit", "cursor"} <= names
    limit = next(p["schema"] for p in op.parameters if p["name"] == "limit")
    assert (limit["minimum"], limit["maximum"], limit["default"]) == (
        1, 1000 if op.id == "list_events" else 100, 50)
    schema = op.responses["200"]["content"]["application/json"]["schema"]
    counted = {"count"} & names     # only where it can be asked for
    assert set(schema["required"]) == {"items", "has_more", "next"} | (
        counted) | ({"position"} if op.spec.get("x-resumable") else set())
    assert "Link" in op.responses["200"]["headers"]


# -- schemas ---------------------------------------------------------------

def subschemas(schema, where):
    yield where, schema
    if isinstance(schema.get("additionalProperties"), dict):
        yield from subschemas(schema["additionalProperties"], where + "/*")
    for name, part in schema.get("properties", {}).items():
        yield from subschemas(part, f"{where}/{name}")
    if "items" in schema:
        yield from subschemas(schema["items"], where + "/0")
    for key in ("allOf", "anyOf", "oneOf"):
        for i, part in enumerate(schema.get(key, [])):
            yield from subschemas(part, f"{where}({key} {i})")


def requests_of(op):
    for media, content in op.bodies.items():
        yield f"{op.id} {media}", content["schema"]


def responses_of(op):
    for status, response in op.responses.items():
        for media, content in response.get("content", {}).items():
            yield f"{op.id} {status} {media}", content["schema"]


def test_schemas_are_sound_and_use_known_keywords(op):
    everything = [*requests_of(op), *responses_of(op),
                  *((f"{op.id} {p['name']}", p["schema"])
                    for p in op.parameters)]
    for where, root in everything:
        Draft202012Validator.check_schema(root)
        for place, schema in subschemas(root, where):
            assert set(schema) <= KEYWORDS, place
            kinds = schema.get("type", [])
            kinds = kinds if isinstance(kinds, list) else [kinds]
            assert set(kinds) <= TYPES, place
            assert schema.get("format") in (
                None, "date", "date-time", "email", "uri", "text",
                "text-line"), place


@pytest.mark.operations(where=lambda op: op.bodies)
def test_a_request_is_bounded_everywhere(op):
    """No unknown members, no endless text, no number without limits."""
    for where, root in requests_of(op):
        for place, schema in subschemas(root, where):
            kinds = schema.get("type", [])
            kinds = kinds if isinstance(kinds, list) else [kinds]
            if "object" in kinds:
                assert schema["additionalProperties"] is False, place
            if "string" in kinds and "enum" not in schema:
                assert "maxLength" in schema, place
            if {"integer", "number"} & set(kinds):
                assert "minimum" in schema and "maximum" in schema, place
            if "array" in kinds:
                assert "maxItems" in schema, place


def test_a_parameter_is_bounded(op):
    for parameter in op.parameters:
        schema = parameter["schema"]
        schema = schema.get("items", schema)
        if parameter["in"] == "header":
            continue
        if schema.get("type") == "string" and "enum" not in schema:
            assert "maxLength" in schema, parameter["name"]
        if schema.get("type") in ("integer", "number"):
            assert "minimum" in schema and "maximum" in schema
        if parameter["schema"].get("type") == "array":
            assert "maxItems" in parameter["schema"]
            assert (parameter["style"], parameter["explode"]) == (
                "form", True)


@pytest.mark.operations(where=lambda op: op.id != "openapi_json")
def test_an_answer_is_closed_and_complete(op):
    """A member that is not in the document cannot slip out."""
    for where, root in responses_of(op):
        if "problem+json" in where:
            continue
        for place, schema in subschemas(root, where):
            if schema.get("type") == "object":
                assert schema["additionalProperties"] is False, place
                assert set(schema["required"]) == set(
                    schema["properties"]), place


def examples_of(content):
    if "example" in content:
        yield content["example"]
    for example in content.get("examples", {}).values():
        yield example["value"]


def test_every_example_is_valid(op):
    contents = [(f"{op.id} request {media}", content)
                for media, content in op.bodies.items()]
    contents += [(f"{op.id} {status} {media}", content)
                 for status, response in op.responses.items()
                 for media, content in response.get("content", {}).items()]
    for where, content in contents:
        found = list(examples_of(content))
        assert found, f"{where} has no example"
        judge = Draft202012Validator(content["schema"],
                                     format_checker=formats)
        for example in found:
            if "json" in where.rsplit(" ", 1)[1]:
                faults = [f.message for f in judge.iter_errors(example)]
                assert faults == [], where


@pytest.fixture(scope="module")
def problems(public):
    return {p["slug"]: p for p in public.get("/problems").expect(200).items}


def refusals(responses):
    """Of each documented problem: its status, text, and example."""
    for status, response in responses.items():
        content = response.get("content", {}).get("application/problem+json")
        if content:
            yield status, response["description"], content["example"]


def test_an_error_is_shown_by_a_problem_of_its_own(op, problems):
    shown = dict.fromkeys(s for s in op.responses
                          if s == "default" or int(s) >= 400)
    for status, text, example in refusals(op.responses):
        slug = example["type"].rsplit("/", 1)[1]
        shown[status] = slug
        assert example["title"] == problems[slug]["title"]
        assert example["status"] == problems[slug]["status"]
        assert "trace_id" in example and "request_id" in example
        if status == "default":
            assert example["status"] not in op.statuses
            continue
        assert example["status"] == int(status)
        assert f"`{slug}`" in text
        for named in re.findall(r"`([a-z]+(?:-[a-z]+)*)`", text):
            if named in problems:
                assert problems[named]["status"] == int(status), named
    assert all(shown.values()), shown


def test_an_error_that_everybody_meets_is_named(document):
    text = document["components"]["responses"]["bad_request"]["description"]
    for slug in ("invalid-parameter", "invalid-cursor", "invalid-json"):
        assert f"`{slug}`" in text


def test_a_list_is_paged_or_says_that_it_is_whole(op):
    content = op.responses.get("200", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema", {})
    if "items" in schema.get("properties", {}):
        whole = "Always told whole: no cursor." in " ".join(
            op.spec["description"].split())
        assert whole == ("has_more" not in schema["properties"])


@pytest.mark.fact(34)
def test_the_support_line_is_nowhere_in_it(document):
    """Fact 34: the toll-free number is not published."""
    text = json.dumps(document)
    assert not re.search(r"\b1?[-. (]*(800|833|844|855|866|877|888)[-. )]+"
                         r"\d{3}[-. ]\d{4}\b", text)


def test_the_readme_explains_every_key_name_and_column():
    text = (ROOT / "openapi" / "README.md").read_text()

    def words(pattern, *files):
        return {word for file in files for path in ROOT.glob(file)
                for word in re.findall(pattern, path.read_text(), re.M)}
    assert set(re.findall(r"^\| `(x-[a-z-]+)` \|", text, re.M)) == words(
        r'(?:^ +|")(x-[a-z-]+)[:"]', "openapi/*.yaml", "openapi/*.py",
        "api/contract/*.c", "tests/support/contract.py")
    for word in (
            words(r'strcmp\(name, "(\w+)"', "api/contract/operation_bind.c")
            | words(r'(?:rows_first|PQfnumber)\(.+"(\w+)"\)',
                    "api/request/answer*.c")):
        assert re.search(rf"\b{word}\b", text), word


# -- after everything else -------------------------------------------------

@pytest.mark.last
def test_every_operation_status_and_caller_was_seen(request, contract):
    """Each documented status of each operation must have been produced, and
    each caller served, by some test of this run."""
    if not request.config.whole_suite:
        pytest.skip("only part of the suite was run")
    missing = contract.missing()
    assert missing == [], "\n".join(["never seen:", *missing])
