"""The binary as a command, and the settings that it refuses to start with."""

import os
import re
import signal

import pytest

from instance import children, free_port, is_alive, until


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
        assert not op.roles or f" staff{{{','.join(op.roles)}}}" in line
        assert op.scope is None or op.scope in line


def test_statement_prints_what_is_sent(instance):
    done = instance.run("statement", "get_note")
    assert done.returncode == 0
    assert ":note_id" in done.stdout and "select" in done.stdout
    listed = instance.run("statement", "list_cases").stdout
    assert ":limit" in listed and ":status" not in listed
    partners = instance.run("statement", "list_cases_for_partner").stdout
    assert "rules.seen_districts()" in partners and ":status" not in partners
    for words in (("statement",), ("statement", "no_such")):
        done = instance.run(*words)
        assert done.returncode == 1 and done.stderr.count("\n") == 1


def test_the_service_cannot_mint(instance):
    """It verifies. What could be asked to sign would be asked by a thief."""
    done = instance.run("token", "staff:1")
    assert (done.returncode, done.stdout) == (1, "")
    assert "no command token" in done.stderr


@pytest.mark.parametrize("value", ["", "1", "ALLOW", "allow,refuse"])
def test_a_secret_is_accepted_in_so_many_words_only(instance, value):
    done = instance.run("serve", PORT=free_port(), TOKEN_HS256=value)
    assert done.returncode == 1 and done.stderr.count("\n") == 1
    assert "TOKEN_HS256" in done.stderr


def test_no_secret_is_a_key_by_default(instance):
    done = instance.run("serve", PORT=free_port(), TOKEN_HS256="refuse")
    assert done.returncode == 1 and done.stderr.count("\n") == 1
    assert "TOKEN_HS256" in done.stderr and "dev-2" in done.stderr


def test_help_lists_commands_and_settings(instance):
    done = instance.run("help")
    assert done.returncode == 0
    for word in ("serve", "check", "routes", "version",
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
    ("CONTEXT_KEY_FILE", ""), ("CONTEXT_KEY_FILE", "/nonexistent/key"),
    ("DATABASE_URL", "garbage"), ("DATABASE_URL", "postgres://h/?x=y"),
    ("PID_FILE", "/nonexistent/x/casework.pid"),
    ("CORS_ORIGINS", "foo"), ("CORS_ORIGINS", "null"),
    ("CORS_ORIGINS", "https://a.example,https://b.example//"),
    ("CORS_ORIGINS", "https://a.example/x"), ("CORS_ORIGINS", "https://"),
    ("PUBLIC_URL", 'https://x"y'), ("PUBLIC_URL", "https://x\\y"),
    ("PUBLIC_URL", "https://x?y"), ("PUBLIC_URL", "https://"),
    ("PUBLIC_URL", "https:///x"), ("PUBLIC_URL", "httpx://x y"),
    ("PUBLIC_URL", "https://user:word@x"), ("PUBLIC_URL", "https://x/a/../b"),
    ("PUBLIC_URL", "https://x/#/y"), ("PUBLIC_URL", "http://::1")])
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
                     {"PUBLIC_URL": "http://[::1]:8080/api/v0"},
                     {"PUBLIC_URL": "HTTPS://desk.example/"}):
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
