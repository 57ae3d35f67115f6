"""One instance from the outside: start, stop, and what a mistake leaves."""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile

import jwt
import pytest

from client import Client, Service
from instance import (BINARY, ROOT, SCRIPT, Cluster, Instance, free_port,
                      is_ready, until)
from tokens import Tokens
from world import a_case

pytestmark = pytest.mark.direct


@pytest.fixture
def place():
    """A directory for a RUN_DIR that does not exist yet."""
    parent = pathlib.Path(tempfile.mkdtemp(prefix="casework-tests-"))
    parent.chmod(0o755)
    yield parent / "run"
    script("remove", parent / "run")
    shutil.rmtree(parent, ignore_errors=True)


def script(command, run_dir, **settings):
    environment = {k: v for k, v in os.environ.items()
                   if k not in ("DATABASE_URL", "CASEWORK_URL")}
    return subprocess.run(
        [str(SCRIPT), command], cwd=ROOT, text=True, check=False, timeout=600,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**environment, "RUN_DIR": str(run_dir), "BINARY": BINARY,
             "PORT": str(free_port()),
             **{n: str(v) for n, v in settings.items()}})


def processes_of(run_dir):
    """Processes that work in, or run from, that directory."""
    found = []
    for pid in (p for p in os.listdir("/proc") if p.isdigit()):
        for link in ("cwd", "exe"):
            try:
                target = os.readlink(f"/proc/{pid}/{link}")
            except OSError:
                continue
            if target.startswith(str(run_dir)):
                found.append(pid)
    return found


def is_refused(done, *words):
    """One line on standard error that says what and where."""
    assert done.returncode != 0
    lines = [x for x in done.stderr.splitlines() if x.strip()]
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("casework: ")
    for word in words:
        assert word in lines[0], lines[0]


def test_stop_and_start_keep_the_data(contract, tokens):
    instance = Instance(private=True)
    try:
        def client():
            service = Service(instance.url, contract)
            minted = Tokens(instance.keys_file, tokens.scopes)
            return Client(service, minted.mint("contact:1"), "contact")
        worker = instance.env["WORKER_URL"]
        until(lambda: is_ready(worker))
        case = client().post("/v1/cases", a_case()).expect(201)
        assert "already" in instance.script("start")
        instance.script("stop")
        assert processes_of(instance.run_dir) == []
        assert not is_ready(worker)
        instance.start()
        assert client().get(case.location).expect(200)["id"] == case["id"]
    finally:
        instance.remove()
    assert not instance.run_dir.exists()


def test_start_brings_back_a_postgresql_that_was_killed(contract):
    instance = Instance(private=True, WORKER="0")
    try:
        os.kill(Cluster(instance).pid, signal.SIGKILL)
        until(lambda: not is_ready(instance.url))
        service = instance.pid
        assert "already" in instance.script("start")
        assert is_ready(instance.url) and instance.pid == service
        Client(Service(instance.url, contract)).get(
            "/v1/calendar").expect(200)
    finally:
        instance.remove()


def test_several_instances_run_side_by_side(instance, place, contract,
                                            tokens):
    port = free_port()
    assert script("start", place, PORT=port).returncode == 0
    other = Service(f"http://127.0.0.1:{port}", contract)
    until(lambda: Client(other).get("/readyz").status == 200)
    Client(other, tokens.mint("staff:1")).get("/v1/me").expect(401)
    assert script("stop", place).returncode == 0


def test_a_port_in_use_leaves_nothing_half_started(place):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        is_refused(script("start", place, PORT=port), str(port), "PORT")
    assert processes_of(place) == []


@pytest.mark.parametrize("url, word", [
    ("postgresql://nobody@127.0.0.1:1/casework", "127.0.0.1"),
    ("postgresql:///casework?host=/nowhere", "/nowhere")])
def test_a_database_out_of_reach_is_named(place, url, word):
    is_refused(script("start", place, DATABASE_URL=url), word)
    assert processes_of(place) == []


@pytest.mark.parametrize("name, value", [
    ("PORT", "eighty"), ("PORT", "70000"), ("WORKERS", "many"),
    ("RATE_LIMIT", "x"), ("BINARY", "/nonexistent/casework")])
def test_a_bad_setting_leaves_nothing_half_started(place, name, value):
    is_refused(script("start", place, **{name: value}), value)
    assert processes_of(place) == []


def test_a_directory_with_other_files_is_left_alone(place):
    place.mkdir()
    (place / "thesis.txt").write_text("years of work")
    is_refused(script("start", place), str(place))
    script("remove", place)
    assert (place / "thesis.txt").read_text() == "years of work"
    shutil.rmtree(place)


def test_nothing_to_speak_to_is_said_so(place):
    is_refused(script("token", place, AS="contact:1"), "start")
    is_refused(script("psql", place, SQL="select 1"), "start")
    assert script("stop", place).returncode == 0


def test_a_token_is_printed_and_nothing_else(instance, anybody):
    done = script("token", instance.run_dir, AS="contact:1")
    assert done.returncode == 0 and done.stderr == ""
    assert len(done.stdout.splitlines()) == 1
    me = anybody(done.stdout.strip(), "contact").get("/v1/me").expect(200)
    assert (me["kind"], me["id"]) == ("contact", 1)


@pytest.mark.parametrize("subject", ["contact:1", "partner:1", "staff:2",
                                     "telephony:1"])
def test_a_token_has_every_scope_of_its_kind_for_an_hour(instance, tokens,
                                                         subject):
    token = script("token", instance.run_dir, AS=subject).stdout.strip()
    (key,) = [k for k in tokens.keys() if k["kid"] == "dev-1"]
    claims = jwt.decode(token, key["public_key"], algorithms=["RS256"],
                        audience=tokens.audience, issuer=tokens.issuer)
    assert claims["exp"] - claims["iat"] == 3600
    kind = subject.partition(":")[0]
    assert set(claims["scope"].split()) == set(tokens.scopes[kind])
    header = jwt.get_unverified_header(token)
    assert (header["typ"], header["kid"]) == ("at+jwt", key["kid"])


@pytest.mark.parametrize("subject", ["admin:1", "staff", "staff:x", "staff:0",
                                     'staff:1","sub":"x', "public:1"])
def test_no_token_for_nobody(instance, subject):
    is_refused(script("token", instance.run_dir, AS=subject), "subject")


def test_a_token_may_have_fewer_scopes(instance, anybody):
    token = script("token", instance.run_dir, AS="staff:1",
                   SCOPES="cases:read").stdout.strip()
    anybody(token).get("/v1/cases").expect(200)
    anybody(token).get("/v1/contacts").expect(403)
    is_refused(script("token", instance.run_dir, AS="staff:1",
                      SCOPES='cases:read","x":"'), "scope")


def test_what_signs_is_closed_and_not_the_services(instance):
    """Whoever runs for development gets a public key and no secret."""
    state = instance.state()
    assert (state / "token.pem").stat().st_mode & 0o077 == 0
    listed = instance.keys_file.read_text()
    assert "PRIVATE" not in listed and "BEGIN PUBLIC KEY" in listed
    assert not any("token.pem" in value for value in instance.env.values())


def test_psql_runs_one_statement_as_the_owner(instance):
    done = script("psql", instance.run_dir,
                  SQL="select '$HOME', count(*) from casework.districts"
                      " where id <= 3")
    assert (done.returncode, done.stdout.strip()) == (0, "$HOME|3")
    done = script("psql", instance.run_dir, SQL="select nonsense")
    assert done.returncode != 0 and "nonsense" in done.stderr


def test_generated_data_can_be_added_and_used(place, contract, tokens):
    port = free_port()
    assert script("start", place, PORT=port).returncode == 0
    done = script("data", place, CASES=2000)
    assert done.returncode == 0, done.stderr
    service = Service(f"http://127.0.0.1:{port}", contract)
    minted = Tokens(place / "keys.json", tokens.scopes)
    staff = Client(service, minted.mint("staff:1"), "staff")
    assert len(staff.get("/v1/cases?limit=100").expect(200).items) == 100
    count = script("psql", place, SQL="select count(*),"
                   " count(distinct district_id) from casework.cases")
    cases, districts = map(int, count.stdout.strip().split("|"))
    assert cases >= 2000 and districts >= 200
    for item in staff.get("/v1/cases?limit=10").items:
        staff.get(f"/v1/cases/{item['id']}").expect(200)


def test_the_private_cluster_has_no_port_and_no_open_door(broken):
    instance = broken.instance
    run_dir = instance.state()
    listening = (run_dir / "cluster" / "postmaster.pid").read_text()
    assert listening.splitlines()[5].strip() == ""
    for name in ("keys.json", "cursor.key", "pgpass", "pgpass.owner",
                 "cluster", "casework.log"):
        mode = (run_dir / name).stat().st_mode
        assert mode & 0o077 == 0, f"{name} is open to others: {mode:o}"
    outsider = subprocess.run(
        ["psql", "-X", "-w", "-d", instance.role_url("staff"),
         "-c", "select 1"], env={**os.environ, "PGPASSFILE": "/dev/null"},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, check=False)
    assert outsider.returncode != 0 and "password" in outsider.stderr
