"""What every test can ask for. README.md says which settings matter here."""

import contextlib
import functools
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import pytest

import rules
from client import Client, Service
from contract import Contract, parse
from day import Day
from examples import Place
from faults import Setting
from incidents import Incidents
from instance import ORIGIN, ROOT, Instance, Keyring, Log, until
from mail import Post, Sink
from phone import Phone
from slow import SlowClients
from sql import Psql, Role, until_settled
from tokens import Tokens
from webhooks import Receiver, Webhook, make_certificate
from wire import Wire
from world import ESCALATED, Clock, Defect, World, a_case

HERE = pathlib.Path(__file__).resolve().parent
URL = os.environ.get("CASEWORK_URL", "").rstrip("/") or None
BEHIND_PROXY = URL is not None and URL.startswith("https:")


def pytest_configure(config):
    config.proof = rules.Proof()
    if not BEHIND_PROXY:        # where some tests are left out
        config.pluginmanager.register(config.proof)


@functools.cache
def bundled():
    """What the sources make: openapi.json, statements.sql, as bytes."""
    with tempfile.TemporaryDirectory() as directory:
        subprocess.run([sys.executable, ROOT / "openapi" / "bundle.py",
                        directory], check=True, stdout=subprocess.DEVNULL)
        return {path.name: path.read_bytes()
                for path in pathlib.Path(directory).iterdir()}


@functools.cache
def documented_operations():
    """The operations as the sources describe them, for collecting tests."""
    return Contract(parse(bundled()["openapi.json"])).operations


def pytest_generate_tests(metafunc):
    """A test with `op` runs once per operation, or once for each that its
    mark `operations(where=…)` chooses."""
    if "op" not in metafunc.fixturenames:
        return
    mark = metafunc.definition.get_closest_marker("operations")
    chosen = [op.id for op in documented_operations()
              if mark is None or mark.kwargs["where"](op)]
    metafunc.parametrize("operation_id", chosen)


@pytest.fixture
def op(operation_id, contract):
    return contract.by_id[operation_id]


def pytest_collection_modifyitems(config, items):
    """Skips what cannot pass a proxy; orders what has to wait to the end."""
    if BEHIND_PROXY:
        skip = pytest.mark.skip(reason="speaks to the service directly")
        for item in items:
            if item.get_closest_marker("direct"):
                item.add_marker(skip)
    items.sort(key=lambda item: (
        item.get_closest_marker("last") is not None,
        "slow_clients" in item.fixturenames))
    config.whole_suite = is_whole_suite(config, items)


def is_whole_suite(config, items):
    option = config.option
    if option.keyword or option.markexpr or option.deselect:
        return False
    if any("::" in arg for arg in config.args):
        return False
    collected = {item.path.name for item in items}
    return collected >= {path.name for path in HERE.glob("test_*.py")}


# -- the service -----------------------------------------------------------

@pytest.fixture(scope="session")
def instance(request):
    if URL is not None:
        yield Instance(os.environ["RUN_DIR"], URL)
        return
    try:
        instance = Instance(CORS_ORIGINS=ORIGIN, WORKER="0")
    except AssertionError as fault:
        pytest.exit(f"no service to test: {fault}", 3)
    yield instance
    if request.session.testsfailed:
        instance.keep_logs()
    instance.remove()


@pytest.fixture(scope="session")
def service(instance):
    service = Service(instance.url, None, os.environ.get("CASEWORK_CA"))
    try:
        answer = Client(service, check=False).get("/openapi.json")
    except OSError as fault:
        pytest.exit(f"no service at {instance.url}: {fault}", 3)
    service.contract = Contract(parse(answer.expect(200).body))
    yield service
    service.close()


@pytest.fixture(scope="session")
def contract(service):
    return service.contract


@pytest.fixture(scope="session")
def tokens(instance, contract):
    scopes = {}
    for op in contract.operations:
        for kind in op.callers:
            if op.scope:
                scopes.setdefault(kind, set()).add(op.scope)
    env = instance.env
    return Tokens(instance.keys_file,
                  {kind: sorted(found) for kind, found in scopes.items()},
                  env.get("TOKEN_ISSUER"), env.get("TOKEN_AUDIENCE"))


@pytest.fixture(scope="session")
def keyring(instance):
    keyring = Keyring(instance.keys_file)
    yield keyring
    keyring.restore()


@pytest.fixture(scope="session")
def log(instance):
    return Log(instance.log_file)


@pytest.fixture(scope="session")
def new_session(instance):
    """Opens further sessions of the owner: new_session().run("...")."""
    opened = []

    def open_session(**options):
        opened.append(Psql(instance.owner_url, **options))
        return opened[-1]
    yield open_session
    for session in opened:
        session.close()


@pytest.fixture(scope="session")
def sql(new_session):
    return new_session()


@pytest.fixture(scope="session")
def as_role(instance):
    """The database as one of the service's roles sees it."""
    roles = {}

    def session(kind):
        if kind not in roles:
            roles[kind] = Role(instance.role_url(kind), instance.env)
        return roles[kind]
    yield session
    for role in roles.values():
        role.close()


@pytest.fixture(scope="session", autouse=True)
def start_slow_clients(request):
    """They take a minute, so they begin before everything else."""
    if not BEHIND_PROXY and any("slow_clients" in item.fixturenames
                                for item in request.session.items):
        request.getfixturevalue("slow_clients")


@pytest.fixture(scope="session")
def slow_clients(service, tokens):
    return SlowClients(service, tokens.mint("staff:1"))


@pytest.fixture
def wire(service):
    """A raw connection to the service."""
    with Wire(service) as wire:
        yield wire


@pytest.fixture
def bearer(contact):
    return "Authorization: Bearer " + contact.token


@pytest.fixture
def case_bytes():
    return json.dumps(a_case()).encode()


@pytest.fixture(scope="session")
def broken(contract, tokens):
    """An instance of its own, with two workers, to be broken."""
    instance = Instance(private=True, WORKERS="2", WORKER="0")
    try:
        yield Setting(instance, contract, tokens.scopes)
    finally:
        instance.remove()


@pytest.fixture(scope="session")
def day(contract, tokens):
    """A day of 500 cases and some accidents, on an instance of its own."""
    seed = int(os.environ.get("RANDOM_SEED", time.time()))
    print(f"RANDOM_SEED={seed}")
    instance = Instance(private=True, WORKERS="2")
    try:
        day = Day(instance, contract, tokens.scopes, 500, seed)
        day.run()
        yield day
    except BaseException:
        instance.keep_logs()
        raise
    finally:
        instance.remove()


# -- callers ---------------------------------------------------------------

@pytest.fixture(scope="session")
def anybody(service):
    """A caller with that token."""
    def caller(token, kind="staff"):
        return Client(service, token, kind)
    return caller


@pytest.fixture(scope="session")
def public(service):
    return Client(service)


@pytest.fixture(scope="session")
def world(service, tokens, sql):
    return World(service, tokens, sql)


@pytest.fixture(scope="module")
def place(world):
    """A district with one of everything; no test changes it."""
    return Place(world)


@pytest.fixture(scope="session")
def staff(world):
    """The advisor of the demonstration data."""
    return world.caller("staff:1")


@pytest.fixture(scope="session")
def engineer(world):
    """The development engineer of the demonstration data."""
    return world.caller("staff:2")


@pytest.fixture(scope="session")
def telephony(world):
    return world.caller("telephony:1")


@pytest.fixture
def district(world):
    """A district of the test's own; make its people with .contact()."""
    return world.district()


@pytest.fixture
def contact(district):
    return district.contact()


@pytest.fixture
def colleague(contact, district):
    """Another contact of the same district."""
    return district.contact()


@pytest.fixture
def stranger(world):
    """A contact of another district."""
    return world.district().contact()


@pytest.fixture
def partner(district, world):
    """A partner that serves the district."""
    return world.partner(district)


@pytest.fixture
def advisor(world):
    """A staff member of the test's own."""
    return world.staff()


@pytest.fixture
def case(contact, advisor):
    """A case just submitted; its actions are methods (world.py)."""
    return contact.submit()


@pytest.fixture
def bring(staff, sql):
    """Brings a case to a status along its states; the fix of a defect, which
    the worker tells, has tests of its own."""
    def bring(case, status):
        if status == "new":
            return case
        case.assign(staff, staff).expect(200)
        if status == "pending_verification":
            case.resolve(staff).expect(200)
        elif status == "closed":
            case.close().expect(200)
        elif status == "available_in_release":
            sql.run("update casework.cases set status = %s where id = %s",
                    status, case.id)
        elif status in ESCALATED:
            case.escalate(staff, ESCALATED[status]).expect(201)
        elif status != "assigned":
            case.change(staff, status=status).expect(200)
        assert case["status"] == status
        return case
    return bring


@pytest.fixture
def defect(engineer):
    """A reported defect of the test's own; its actions are methods."""
    return Defect(engineer)


@pytest.fixture
def tell(as_role, sql):
    """Runs the timer that tells cases of fixes until all are told, whether
    or not a worker does the same."""
    def all_told():
        as_role("worker").run("select rules.timer_defect_fixes(1000)")
        return sql.value("select not exists (select from"
                         " casework.defect_fix_cases where done_at is null)")

    return lambda: until(all_told)


@pytest.fixture
def phone(telephony, sql):
    """The phone system; at first nobody takes calls."""
    sql.run("update casework.advisor_availability set on_shift = false")
    return Phone(telephony)


@pytest.fixture
def open_incident(advisor):
    """open_incident(scope={…}, …): ended with the test."""
    incidents = Incidents(advisor)
    yield incidents
    incidents.end()


@pytest.fixture
def incident(open_incident, district):
    """One that touches the test's district only."""
    return open_incident(scope={"districts": [district.id]})


@pytest.fixture
def post(sql):
    """The mails of this test: what others left is no longer waiting."""
    post = Post(sql)
    post.begin()
    yield post
    post.end()


@pytest.fixture
def new_worker(instance, post, as_role, sql):
    """Starts a worker of the test's own, on the database of all tests. The
    instance itself has none, since many tests stop the clock; what they have
    left due is done first."""
    timers = [row["call"] for row in sql.rows(
        "select format('select rules.%I(1000) as n', proname) as call"
        " from pg_proc where pronamespace = 'rules'::regnamespace"
        " and proname like 'timer\\_%' and prorettype = 'int4'::regtype")]
    assert timers
    for call in timers:
        while int(as_role("worker").run(call)):
            pass
    post.begin()
    with contextlib.ExitStack() as running:
        def start(wait=True, **settings):
            """It posts to no webhook, unless it is told to."""
            return running.enter_context(instance.worker(
                wait, **{"WEBHOOK_CONNECTIONS": 0, **settings}))
        yield start


@pytest.fixture
def worker(new_worker):
    """A worker that writes into a maildir."""
    return new_worker()


@pytest.fixture
def new_sink():
    """Starts a mail server."""
    running = []

    def start(**options):
        running.append(Sink(**options))
        return running[-1]
    yield start
    for sink in running:
        sink.stop()


@pytest.fixture
def sink(new_sink):
    return new_sink()


@pytest.fixture(scope="session")
def receiver_certificate():
    """Readable by the worker's account."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="casework-tests-"))
    path.chmod(0o755)
    yield make_certificate(path)
    shutil.rmtree(path)


@pytest.fixture
def new_receiver(receiver_certificate):
    """Starts an HTTPS server that takes webhooks."""
    running = []

    def start(certificate=receiver_certificate):
        running.append(Receiver(certificate))
        return running[-1]
    yield start
    for receiver in running:
        receiver.stop()


@pytest.fixture
def receiver(new_receiver):
    return new_receiver()


@pytest.fixture
def webhook(case, contact, receiver):
    """One that is told all that happens after the case was submitted."""
    return Webhook(contact, receiver.url)


@pytest.fixture
def no_other_webhooks(sql):
    """What other tests' webhooks wait for is put aside."""
    sql.run("update casework.webhooks set status = 'disabled',"
            " disabled_reason = 'owner' where status = 'enabled';"
            " update casework.webhook_deliveries set state = 'failed',"
            " next_attempt_at = null, leased_until = null"
            " where state = 'pending';"
            " update casework.webhook_turns set ready_at = null;"
            " update casework.webhook_owners set ready_at = null")


@pytest.fixture
def new_sender(new_worker, receiver_certificate, no_other_webhooks):
    """Starts a worker that may post to loopback, whose certificate it trusts.
    """
    def start(**settings):
        return new_worker(**{
            "WEBHOOK_CONNECTIONS": 32, "WEBHOOK_ALLOW": "127.0.0.0/8,::1/128",
            "WEBHOOK_CA_FILE": receiver_certificate[0], **settings})
    return start


@pytest.fixture
def sender(new_sender):
    return new_sender()


@pytest.fixture
def clock(sql):
    clock = Clock(sql)
    yield clock
    clock.reset()


@pytest.fixture
def timer(as_role):
    """Runs a timer as the worker does, until nothing is due any more."""
    def run(name):
        worker = as_role("worker")
        while int(worker.run(f"select rules.timer_{name}(100)")):
            pass
    return run


@pytest.fixture
def dispatch(timer, sql):
    """Writes the mails about all that has happened so far: the timer passes
    nothing while something older is under way."""
    def run():
        until_settled(sql)
        timer("mail_dispatch")
    return run
