"""The set-up of docker/ha on machines of its own: three with PostgreSQL,
Patroni and etcd, two with the service, two with a worker, one with HAProxy. A
mail server and the callers are outside."""

import json
import os
import pathlib
import secrets
import urllib.request

from client import Client, Service
from contract import Contract, parse
from instance import ROOT, is_ready, until
from machines import OURS, Lan, command
from mail import PLAIN, Sink
from sql import Psql
from tokens import Tokens
from world import World

HA = ROOT / "docker" / "ha"
DATABASES = ("db1", "db2", "db3")
TTL = 20                # of patroni.yml
START_SECONDS = 180
URL_TAIL = "/casework?target_session_attrs=read-write"


def settings_of(path):
    """The lines NAME=value of a file."""
    lines = path.read_text("utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines
                if line and not line.startswith("#"))


def follows(member):
    """A standby that is not far behind: writing goes on."""
    lag = member.get("lag")
    return isinstance(lag, int) and lag < 1 << 20


def runs(machine):
    """PostgreSQL, as Patroni there says itself: etcd tells of what was."""
    return get_status(f"http://{machine.address}:8008/health") == 200


def get_status(url):
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return answer.status
    except OSError:
        return None


class Setup:
    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        (self.directory / "logs").mkdir()
        self.passwords = {name: secrets.token_hex(16) for name in (
            "SUPERUSER", "REPLICATION", "REWIND", "RESTAPI")}
        self.lan = Lan(self.directory)
        self.databases = [self.lan.machine(name, f"etcd{name[-1]}")
                          for name in DATABASES]
        self.nodes = [self.lan.machine(name) for name in ("api1", "api2")]
        self.workers = [self.lan.machine(name)
                        for name in ("worker1", "worker2")]
        self.proxy = self.lan.machine("proxy")
        self.lan.connect()
        self.sink = Sink(host=OURS)
        self.authority = str(self.directory / "ca.pem")
        self.url = "https://proxy:8443"
        hosts = ",".join(DATABASES)
        self.database_url = f"postgresql://{hosts}{URL_TAIL}"
        self.owner_url = (f"postgresql://postgres:"
                          f"{self.passwords['SUPERUSER']}@{hosts}{URL_TAIL}")
        self.state = self.directory / "run"

    def start(self):
        for machine in self.databases:
            self.start_database(machine)
        self.migrate()
        for machine in self.nodes:
            self.start_program(machine, "casework", "serve")
        for machine in self.workers:
            self.start_program(machine, "casework-worker", "run")
        self.start_proxy()
        self.until_well(START_SECONDS)
        self.open_world()

    # -- what is where -----------------------------------------------------

    def start_database(self, machine):
        name, etcd = machine.name, f"etcd{machine.name[-1]}"
        for path in ("/var/lib/postgresql", "/var/run/postgresql",
                     "/var/lib/etcd"):
            machine.has_own(path, "postgres")
        machine.start("postgres", "etcd", **{
            **settings_of(HA / "etcd.env"), "ETCD_NAME": etcd,
            "ETCD_ADVERTISE_CLIENT_URLS": f"http://{etcd}:2379",
            "ETCD_INITIAL_ADVERTISE_PEER_URLS": f"http://{etcd}:2380"})
        machine.start("postgres", "patroni", str(HA / "patroni.yml"),
                      **self.patroni_settings(name))

    def patroni_settings(self, name):
        return {"PATRONI_NAME": name,
                "PATRONI_POSTGRESQL_CONNECT_ADDRESS": f"{name}:5432",
                "PATRONI_RESTAPI_CONNECT_ADDRESS": f"{name}:8008",
                **{f"PATRONI_{who}_PASSWORD": word
                   for who, word in self.passwords.items()}}

    def migrate(self):
        """Keys, roles, tables and the demonstration data."""
        until(self.has_primary, START_SECONDS, pause=0.2)
        command("psql", "-X", "-q", self.owner_url.replace(
            "/casework?", "/postgres?"), "-c", "create database casework")
        command(str(ROOT / "api" / "run" / "instance.sh"), "check",
                cwd=ROOT, env={**os.environ, "RUN_DIR": str(self.state),
                               "DATABASE_URL": self.owner_url})

    def has_primary(self):
        return self.leader() is not None

    def start_program(self, machine, program, what):
        machine.start(
            "casework", str(self.directory / "bin" / program), what,
            DATABASE_URL=self.database_url, BIND=machine.address, PORT="8080",
            PGPASSFILE=str(self.state / "pgpass"),
            KEYS_FILE=str(self.state / "keys.json"),
            CURSOR_KEY_FILE=str(self.state / "cursor.key"),
            CONTEXT_KEY_FILE=str(self.state / "context.key"),
            PID_FILE=str(self.state / f"{machine.name}.pid"),
            PUBLIC_URL=self.url, TRUSTED_PROXIES=self.proxy.address,
            WORKER_BIND=machine.address, WORKER_PORT="8080",
            SMTP_URL=self.sink.url, MAIL_SENDERS="4",
            STATUS_DIR=str(self.state / f"status-{machine.name}"),
            STATUS_KEY_FILE=str(self.state / "status.key"), **PLAIN)

    def start_proxy(self):
        """Its tables of sources are for the public: here is one."""
        limits = {name: "1000000" for name in (
            "SOURCE_CONNECTIONS", "SOURCE_CONNECTION_RATE", "SOURCE_REQUESTS",
            "SOURCE_AT_ONCE", "SOURCE_BAD_TOKENS")}
        self.proxy.start(
            "haproxy", "haproxy", "-db", "-f",
            str(ROOT / "docker" / "haproxy.cfg"),
            CERTIFICATE=str(self.directory / "tls.pem"),
            CASEWORK_SERVER="api1:8080", CASEWORK_SERVER_2="api2:8080",
            **limits)

    def open_world(self):
        service = Service(self.url, None, self.authority)
        document = Client(service, check=False).get("/openapi.json")
        service.contract = Contract(parse(document.expect(200).body))
        scopes = {}
        for op in service.contract.operations:
            for kind in op.callers if op.scope else ():
                scopes.setdefault(kind, set()).add(op.scope)
        self.service = service
        self.world = World(service, Tokens(
            str(self.state / "keys.json"),
            {kind: sorted(found) for kind, found in scopes.items()}),
            Psql(self.owner_url))

    def sql(self):
        """A session of the owner, after whatever happened to others."""
        return Psql(self.owner_url)

    # -- how it is ---------------------------------------------------------

    def cluster(self):
        """Members as a Patroni that answers tells them: name → member."""
        for machine in self.databases:
            try:
                with urllib.request.urlopen(
                        f"http://{machine.address}:8008/cluster",
                        timeout=2) as answer:
                    members = json.load(answer).get("members", [])
            except (OSError, ValueError):
                continue
            return {member["name"]: member for member in members}
        return {}

    def of_role(self, role):
        found = [name for name, member in self.cluster().items()
                 if member["role"] == role]
        return self.lan.machines[found[0]] if len(found) == 1 else None

    def leader(self):
        """The machine that Patroni has made primary, if it is one."""
        machine = self.of_role("leader")
        leads = machine is not None and get_status(
            f"http://{machine.address}:8008/primary") == 200
        return machine if leads else None

    def standby(self):
        """The one that commits wait for."""
        return self.of_role("sync_standby")

    def is_well(self):
        members = self.cluster().values()
        return (len(members) == len(DATABASES) and all(
            member["state"] in ("running", "streaming")
            and (member["role"] == "leader" or follows(member))
            for member in members) and self.leader() and self.standby()
            and all(map(runs, self.databases))
            and all(is_ready(f"http://{machine.address}:8080")
                    for machine in (*self.nodes, *self.workers))
            and self.serves())

    def serves(self):
        """Through HAProxy, which has to find a node first."""
        client = Client(Service(self.url, None, self.authority), check=False)
        return client.get("/v1/calendar").status == 200

    def until_well(self, seconds=120):
        until(self.is_well, seconds, pause=0.5)

    def switch_over(self):
        machine = self.databases[0]
        return machine.run(
            "postgres", "patronictl", "-c", str(HA / "patroni.yml"),
            "switchover", "casework", "--force", env={
                **os.environ, **self.patroni_settings(machine.name)})

    def end(self):
        self.sink.stop()
        self.lan.end()
