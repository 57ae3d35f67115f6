"""The binary as a command, and what it refuses to start with."""

import copy
import json
import os
import re
import signal
import stat
import time

import jwt
import pytest

from collecting import bundled
from instance import children, free_port, is_alive, until
from tokens import secret_of


# -- command line ----------------------------------------------------------

def test_check_finds_everything_in_agreement(instance, contract):
    done = instance.run("check")
    assert done.returncode == 0, done.stderr
    assert str(len(contract.operations)) in done.stdout


def test_routes_lists_every_operation(instance, contract):
    done = instance.run("routes")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert len(lines) >= len(contract.operations)
    for op in contract.operations:
        (line,) = [x for x in lines if f" {op.id} " in f"{x} "]
        assert line.startswith(op.method) and op.path in line
        assert all(kind in line for kind in op.callers)
        assert op.scope is None or op.scope in line


def test_statement_prints_what_is_sent(instance):
    done = instance.run("statement", "get_note")
    assert done.returncode == 0
    assert ":note_id" in done.stdout and "select" in done.stdout
    listed = instance.run("statement", "list_cases").stdout
    assert ":limit" in listed and ":status" not in listed
    partners = instance.run("statement", "list_cases_for_partner").stdout
    assert "rules.districts()" in partners and ":status" not in partners
    for words in (("statement",), ("statement", "no_such")):
        done = instance.run(*words)
        assert done.returncode == 1 and done.stderr.count("\n") == 1


def test_a_token_from_the_command_line_is_good(instance, anybody, tokens):
    done = instance.run("token", "staff:2")
    assert done.returncode == 0 and done.stdout.count("\n") == 1
    token = done.stdout.strip()
    assert anybody(token).get("/v1/me").expect(200)["id"] == 2
    claims = jwt.decode(token, secret_of(tokens.key), algorithms=["HS256"],
                        audience=tokens.audience)
    assert 3500 < claims["exp"] - time.time() <= 3600
    assert set(claims["scope"].split()) == set(tokens.scopes["staff"])
    assert jwt.get_unverified_header(token)["typ"] == "at+jwt"


@pytest.mark.parametrize("subject", ["", "admin:1", "staff", "staff:x",
                                     "staff:0"])
def test_no_token_for_nobody(instance, subject):
    done = instance.run("token", subject)
    assert done.returncode != 0 and done.stdout == ""
    assert done.stderr.count("\n") == 1


def test_a_token_may_have_fewer_scopes(instance, anybody):
    token = instance.run("token", "staff:1", "cases:read").stdout.strip()
    anybody(token).get("/v1/cases").expect(200)
    anybody(token).get("/v1/contacts").expect(403)


def test_help_lists_commands_and_settings(instance):
    done = instance.run("help")
    assert done.returncode == 0
    for word in ("serve", "check", "routes", "token", "version",
                 "DATABASE_URL", "KEYS_FILE", "WORKERS", "DRAIN_SECONDS",
                 "PGPASSFILE"):
        assert word in done.stdout
    done = instance.run("help", program="casework-worker")
    assert done.returncode == 0
    for word in ("run", "status", "publish", "version", "DATABASE_URL"):
        assert word in done.stdout


def test_both_programs_are_of_the_documents_version(instance, contract):
    version = contract.document["info"]["version"]
    commits = set()
    for program in ("casework", "casework-worker"):
        for word in ("version", "--version"):
            done = instance.run(word, program=program, WORKERS="many")
            assert (done.returncode, done.stderr) == (0, "")
            said = re.fullmatch(r"(\S+) (\S+) \(commit (\S+)\)\n", done.stdout)
            assert said.group(1, 2) == (program, version)
            commits.add(said[3])
    assert len(commits) == 1
    assert re.fullmatch(r"[0-9a-f]{7,}(-dirty)?|unknown", commits.pop())


def test_an_unknown_command_is_an_error(instance):
    for program in ("casework", "casework-worker"):
        done = instance.run("dance", program=program)
        assert (done.returncode, done.stdout) == (1, "")
        assert "no command dance" in done.stderr
        assert done.stderr.count("\n") == 1
    done = instance.run()
    assert done.returncode != 0 and "usage" in done.stdout


# -- a document and statements that do not agree ---------------------------

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
               "select n.id, n.district_id\n",
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
    {"maxLength": None}, {"maxLength": 3 * 10**9}, {"maxLength": 64 << 20}])
def test_a_body_of_bytes_without_a_fitting_limit_is_refused(
        document, refuse, changes):
    schema = document["components"]["schemas"]["attachment_bytes"]
    schema.update(changes)
    if schema["maxLength"] is None:
        del schema["maxLength"]
    refuse("add_attachment", document=document)


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


def test_a_limit_that_is_nowhere_is_refused(document, refuse):
    limits = document["paths"]["/v1/limits"]["get"]["x-limits"]
    limits["page_items"] = "#/components/parameters/limit/schema/maxi"
    refuse("get_limits", "page_items", document=document)


@pytest.mark.parametrize("old, new, word", [
    (":body::bytea", "decode(:body::text, 'hex')", "bytea"),
    ("encode(a.sha256, 'hex') as etag", "a.id as etag", "etag"),
    ("a.media_type, a.filename", "a.filename", "media_type")])
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


# -- settings --------------------------------------------------------------

@pytest.mark.parametrize("name, value", [
    ("PORT", "eighty"), ("PORT", "0"), ("PORT", "70000"),
    ("WORKERS", "0"), ("WORKERS", "many"), ("RATE_LIMIT", "-1"),
    ("DRAIN_SECONDS", "1s"), ("READ_CONNECTIONS", "0"),
    ("PUBLIC_URL", "casework"), ("KEYS_FILE", "/nonexistent/keys.json"),
    ("CURSOR_KEY_FILE", "/nonexistent/key"), ("BIND", "999.1.1.1"),
    ("LOG_FILE", "/nonexistent/log"), ("OPENAPI_FILE", "/nonexistent/x"),
    ("KEYS_FILE", ""), ("CURSOR_KEY_FILE", ""), ("DATABASE_URL", ""),
    ("KEYS_FILE", "/tmp"), ("CURSOR_KEY_FILE", "/tmp"),
    ("DATABASE_URL", "garbage"), ("DATABASE_URL", "postgres://h/?x=y"),
    ("PID_FILE", "/nonexistent/x/casework.pid"),
    ("CORS_ORIGINS", "foo"), ("CORS_ORIGINS", "null"),
    ("CORS_ORIGINS", "https://a.example,https://b.example/"),
    ("CORS_ORIGINS", "https://a.example/x"), ("CORS_ORIGINS", "https://"),
    ("PUBLIC_URL", 'https://x"y'), ("PUBLIC_URL", "https://x\\y"),
    ("PUBLIC_URL", "https://x?y"), ("PUBLIC_URL", "https://"),
    ("PUBLIC_URL", "https:///x"), ("PUBLIC_URL", "httpx://x y")])
def test_a_bad_setting_is_one_clear_line(instance, name, value):
    done = instance.run("serve", **{"PORT": free_port(), name: value})
    assert done.returncode not in (0, None)
    lines = (done.stdout + done.stderr).strip().splitlines()
    assert len(lines) == 1, lines
    assert name in lines[0] or name in ("BIND", "OPENAPI_FILE") and (
        value in lines[0]), lines
    assert "empty" not in lines[0]


def test_good_settings_are_taken(instance):
    for settings in ({"CORS_ORIGINS": "https://a.example, http://[::1]:81"},
                     {"CORS_ORIGINS": "app://a.example"},
                     {"CORS_ORIGINS": "*"},
                     {"PUBLIC_URL": "http://[::1]:8080/api/v0"}):
        assert instance.run("routes", **settings).returncode == 0


def test_a_second_service_leaves_the_pid_file_of_the_first(instance):
    with instance.beside() as first:
        path = first.directory / "casework.pid"
        done = instance.run("serve", PORT=free_port(), PID_FILE=path)
        assert done.returncode == 1 and f"PID_FILE={path}" in done.stderr
        assert int(path.read_text()) == first.pid


def test_the_pid_file_of_a_killed_service_is_in_nobodys_way(instance):
    with instance.beside() as first:
        path, workers = first.directory / "casework.pid", children(first.pid)
        for pid in (first.pid, *workers):
            os.kill(pid, signal.SIGKILL)
        first.wait()
        until(lambda: not any(map(is_alive, workers)), 20)
        assert int(path.read_text()) == first.pid
        with instance.beside(PID_FILE=path) as second:
            assert int(path.read_text()) == second.pid


@pytest.mark.parametrize("keys", [
    "", "{", "[]", '{"keys": []}', '{"keys": [{}]}',
    '{"keys": [{"kid": "a", "alg": "none"}]}',
    '{"keys": [{"kid": "a", "alg": "HS256", "secret": ""}]}',
    '{"keys": [{"kid": "a", "alg": "HS256", "secret": "AA"}]}',
    '{"keys": [{"kid": "a", "alg": "HS256", "secret": "*"}]}',
    '{"keys": [{"kid": "a", "alg": "HS256", "secret": "' + "A" * 42 + 'B"}]}',
    '{"keys": [{"kid": "a", "alg": "RS256", "public_key": "x"}]}',
    '{"keys": [{"kid": "", "alg": "HS256", "secret": "' + "A" * 43 + '"}]}',
    '{"keys": [' + ", ".join(
        ['{"kid": "a", "alg": "HS256", "secret": "' + "A" * 43 + '"}'] * 2)
    + ']}'])
def test_keys_that_protect_nothing_are_refused(instance, tmp_path, keys):
    path = tmp_path / "keys.json"
    path.write_text(keys)
    for parent in [path, *path.parents]:
        if parent.stat().st_uid == 0 and parent.name.startswith("pytest"):
            parent.chmod(0o755)
    tmp_path.chmod(0o755)
    path.chmod(0o644)
    done = instance.run("serve", PORT=free_port(), KEYS_FILE=path)
    assert done.returncode not in (0, None)
    said = (done.stdout + done.stderr).strip().splitlines()
    assert len(said) == 1 and "keys.json" in said[0], said
    assert "AAAAAAAA" not in said[0]


def test_a_port_in_use_is_named(instance, service):
    if service.tls:
        pytest.skip("the port is the proxy's")
    done = instance.run("serve", PORT=service.port)
    assert done.returncode not in (0, None)
    assert str(service.port) in done.stderr
