"""What the service refuses to start with: a document and statements that do not
agree, or that mean nothing."""

import copy
import json
import re
import stat

import pytest

from collecting import bundled
from instance import free_port

pytestmark = pytest.mark.direct        # starts processes of its own


@pytest.fixture
def document(contract):
    return copy.deepcopy(contract.document)


@pytest.fixture(scope="module")
def statements():
    return bundled()["statements.sql"].decode()


@pytest.fixture
def refuse(instance, tmp_path):
    """`check` and `serve` refuse, and say so with these words."""
    def refuse(*words, document=None, statements=None,
               commands=("check", "serve")):
        settings = {}
        tmp_path.chmod(0o755)
        for parent in tmp_path.parents:
            if parent.stat().st_mode & stat.S_IXOTH:
                break
            parent.chmod(0o755)
        if document is not None:
            path = tmp_path / "openapi.json"
            path.write_text(json.dumps(document), encoding="utf-8")
            settings["OPENAPI_FILE"] = path
        if statements is not None:
            path = tmp_path / "statements.sql"
            path.write_text(statements, encoding="utf-8")
            settings["STATEMENTS_FILE"] = path
        for command in commands:
            done = instance.run(command, PORT=free_port(), **settings)
            assert done.returncode not in (0, None), done.stdout
            assert "Sanitizer" not in done.stderr
            assert done.stderr.strip(), "no word about it"
            if command == "check":
                for word in words:
                    assert word in done.stderr, done.stderr
    return refuse


def test_an_unknown_keyword_is_refused(document, refuse):
    create = document["components"]["schemas"]["case_create"]
    create["properties"]["subject"] = {"type": "string", "maxLengt": 5}
    refuse("maxLengt", "subject", document=document)


@pytest.mark.parametrize("keyword, value", [
    ("if", {}), ("not", {"type": "null"}), ("patternProperties", {}),
    ("dependentRequired", {}), ("contains", {}), ("multipleOf", 2),
    ("contentEncoding", "base64"), ("unevaluatedProperties", False)])
def test_a_keyword_that_is_not_on_the_list_is_refused(
        document, refuse, keyword, value):
    document["components"]["schemas"]["case_create"][keyword] = value
    refuse(keyword, document=document)


@pytest.mark.parametrize("schema", [
    {"type": "text"}, {"type": "string", "maxLength": "5"},
    {"type": "string", "pattern": "("}, {"enum": []}, {"enum": "a"},
    {"type": "string", "format": "telephone"},
    {"$ref": "#/components/schemas/nowhere"}, {"$ref": "other.json#/a"},
    {"type": "object", "required": "a"}, {"anyOf": []}])
def test_a_schema_that_means_nothing_is_refused(document, refuse, schema):
    document["components"]["schemas"]["case_create"]["properties"][
        "subject"] = schema
    refuse(document=document)


@pytest.mark.parametrize("schema", [
    {"type": "string"}, {"type": "array", "items": {"type": "integer"}},
    {"type": "array", "maxItems": 10}, {"type": "object"},
    {"type": "string", "format": "text", "maxLength": 10**9}])
def test_a_body_without_end_is_refused(document, refuse, schema):
    document["components"]["schemas"]["case_create"]["properties"][
        "subject"] = schema
    refuse("create_case", "BODY_MEMORY", document=document)


def test_an_operation_without_a_statement_is_refused(document, refuse):
    item = document["paths"]["/v1/me"]
    item["post"] = {**copy.deepcopy(item["get"]), "operationId": "dance"}
    refuse("dance", document=document)


def test_a_hook_that_does_not_exist_is_refused(document, refuse):
    document["paths"]["/livez"]["get"]["x-hook"] = "no_such_hook"
    refuse("no_such_hook", document=document)


def test_two_operations_of_one_name_are_refused(document, refuse):
    document["paths"]["/v1/me"]["get"]["operationId"] = "get_case"
    refuse("get_case", document=document)


def test_a_missing_statement_is_refused(statements, refuse):
    refuse("get_case", statements=statements.replace(
        "-- name: get_case\n", "-- name: get_cake\n"))


def test_a_surplus_statement_is_refused(statements, refuse):
    refuse("surplus", statements=statements
           + "\n-- name: surplus\nselect 1 as body;\n")


def test_a_statement_given_twice_is_refused(statements, refuse):
    refuse("get_me", statements=statements
           + "\n-- name: get_me\nselect 1 as body;\n")


def test_an_undeclared_parameter_is_refused(statements, refuse):
    refuse("undeclared", statements=re.sub(
        r"(-- name: get_me\s*\nselect)", r"\1 :undeclared::text as x,",
        statements))


# -- a statement for one kind of caller ------------------------------------

PARTNERS = "-- name: list_cases_for_partner\n"


@pytest.mark.parametrize("kind", ["robot", "telephony", "public"])
def test_a_statement_for_nobody_who_may_call_is_refused(
        statements, refuse, kind):
    refuse(f"list_cases_for_{kind}", kind, statements=statements.replace(
        PARTNERS, f"-- name: list_cases_for_{kind}\n"))


def test_a_kinds_own_statement_has_the_operations_parameters(
        statements, refuse):
    assert statements.count(PARTNERS) == 1
    before, after = statements.split(PARTNERS)
    refuse("list_cases_for_partner", ":undeclared",
           statements=before + PARTNERS + after.replace(
               "select", "select :undeclared::text,", 1))
    line = "limit :limit::int + 1"
    refuse("list_cases_for_partner", "limit",
           statements=before + PARTNERS + after.replace(line, "", 2))


def test_a_kinds_own_statement_is_prepared_as_that_kind(statements, refuse):
    refuse("list_cases_for_partner", "casework_partner", "no_such_column",
           statements=statements.replace(
               "select n.id, n.district_id, n.place\n",
               "select n.id, n.district_id, n.no_such_column\n"),
           commands=["check"])


def test_a_statement_that_nobody_is_left_for_is_refused(statements, refuse):
    refuse("get_me", statements=statements + "".join(
        f"\n-- name: get_me_for_{kind}\nselect m.body from views.me m;\n"
        for kind in ("contact", "partner", "staff", "telephony")))


def test_a_statement_that_does_not_prepare_is_refused(statements, refuse):
    refuse("get_me", statements=re.sub(
        r"(-- name: get_me\s*\nselect)", r"\1 no_such_column,", statements),
        commands=["check"])


@pytest.mark.parametrize("changes", [
    {"maxLength": None}, {"maxLength": 3 * 10**9}, {"maxLength": 256 << 20}])
def test_a_body_of_bytes_without_a_fitting_limit_is_refused(
        document, refuse, changes):
    schema = document["components"]["schemas"]["attachment_bytes"]
    schema.update(changes)
    if schema["maxLength"] is None:
        del schema["maxLength"]
    refuse("add_attachment", document=document)


@pytest.mark.parametrize("path, required", [
    ("/v1/cases", False), ("/v1/cases/{case_id}/close", True)])
def test_a_body_is_required_exactly_when_something_of_it_is(
        document, refuse, path, required):
    operation = document["paths"][path]["post"]
    operation["requestBody"]["required"] = required
    refuse(operation["operationId"], "required", document=document)


def test_a_list_in_a_query_without_a_limit_is_refused(document, refuse):
    document["components"]["schemas"]["id_list"].pop("maxItems")
    refuse("maxItems", document=document)


def test_types_of_one_body_with_different_limits_are_refused(
        document, refuse):
    media = document["paths"]["/v1/cases/{case_id}/attachments"]["post"][
        "requestBody"]["content"]
    media["image/png"]["schema"] = {"maxLength": 5}
    refuse("add_attachment", "maxLength", document=document)


def test_a_header_that_the_engine_does_not_know_is_refused(document, refuse):
    document["paths"]["/v1/me"]["get"]["parameters"] = [
        {"name": "X-Color", "in": "header", "schema": {"type": "string"}}]
    refuse("X-Color", document=document)


def test_bytes_that_may_be_left_out_are_refused(document, refuse):
    attach = document["paths"]["/v1/cases/{case_id}/attachments"]["post"]
    del attach["requestBody"]["required"]
    refuse("add_attachment", "required", document=document)


def test_a_stream_of_json_is_refused(document, refuse):
    document["paths"]["/v1/cases"]["post"]["x-stream"] = True
    refuse("create_case", "x-stream", document=document)


@pytest.mark.parametrize("name", ["create_import_begin", "create_import_part"])
def test_a_stream_without_one_of_its_statements_is_refused(
        statements, refuse, name):
    refuse("create_import", name, statements=re.sub(
        rf"-- name: {name}\n.*?(?=-- name:)", "", statements, flags=re.S))


def test_what_a_stream_is_kept_as_is_nothing_elsewhere(statements, refuse):
    refuse("cancel_import", ":stream", statements=statements.replace(
        "rules.cancel_import(:import_id", "rules.cancel_import(:stream"))


def test_a_limit_that_is_nowhere_is_refused(document, refuse):
    limits = document["paths"]["/v1/limits"]["get"]["x-limits"]
    limits["page_items"] = "#/components/parameters/limit/schema/maxi"
    refuse("get_limits", "page_items", document=document)


@pytest.mark.parametrize("old, new, word", [
    (":body::bytea", "decode(:body::text, 'hex')", "bytea"),
    ("encode(a.sha256, 'hex') as etag", "a.id as etag", "etag"),
    ("else '' end as media_type", "else '' end as kind", "media_type")])
def test_bytes_that_would_not_be_sent_as_they_are_are_refused(
        statements, refuse, old, new, word):
    assert old in statements
    refuse("attachment", word, statements=statements.replace(old, new),
           commands=("check",))


def test_a_caller_that_does_not_exist_is_refused(document, refuse):
    document["paths"]["/v1/me"]["get"]["x-callers"] = ["robot"]
    refuse("robot", document=document)


def test_a_document_that_is_no_json_is_refused(instance, tmp_path, refuse):
    refuse(document="text")
    refuse(document={})
