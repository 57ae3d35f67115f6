"""The service under test: its keys, its log, its database, and instances that
a test may break.
"""

import json
import os
import time

import pytest

from client import Client, Service
from contract import Contract, parse
from day import Day
from faults import Setting
from files import Keyring, Log
from instance import BEHIND_PROXY, ORIGIN, URL, Instance
from meeting import Meeting
from slow import SlowClients
from sql import Psql, Role
from tokens import Tokens
from wire import Wire
from world import a_case


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
def service(instance, pytestconfig):
    service = Service(instance.url, None, os.environ.get("CASEWORK_CA"))
    try:
        answer = Client(service, check=False).get("/openapi.json")
    except OSError as fault:
        pytest.exit(f"no service at {instance.url}: {fault}", 3)
    service.contract = Contract(parse(answer.expect(200).body))
    pytestconfig.contract = service.contract        # together.py asks it
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
            roles[kind] = Role(kind, instance.role_url(kind),
                               instance.env)
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
    return SlowClients(service, tokens.mint("staff:1"),
                       tokens.mint("staff:3"))


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


@pytest.fixture(scope="module")
def meeting(instance, contract, sql):
    """Requests that meet, one behind the other, at a lock."""
    with Meeting(instance, contract, sql).serving() as meeting:
        yield meeting


@pytest.fixture(scope="session")
def broken(contract, tokens):
    """An instance of its own, with two workers, to be broken."""
    instance = Instance(private=True, WORKERS="2", WORKER="0",
                        QUEUE_SECONDS="60")
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
