"""Back to a chosen moment, from a base backup and archived WAL, by the very
commands of docker/README.md."""

import os
import re
import subprocess
from urllib.parse import quote

import pytest

from client import Client, Service
from faults import Setting
from instance import ROOT, Instance, until

pytestmark = pytest.mark.direct
BOOK = (ROOT / "docker" / "README.md").read_text(encoding="utf-8")
PROGRAMS = "/usr/lib/postgresql/15/bin"


def told(first):
    """The block of the operator's book that begins with these words."""
    (block,) = re.findall(rf"```sh\n({re.escape(first)}.*?)```", BOOK, re.S)
    return block


@pytest.fixture
def setting(contract, tokens):
    instance = Instance(private=True, WORKER="0")
    try:
        yield Setting(instance, contract, tokens.scopes)
    finally:
        instance.remove()


class Machine:
    """Where the server's account types what the book says."""

    def __init__(self, instance):
        self.instance = instance
        self.place = instance.state() / "recovery"
        self.sockets = self.place / "sockets"
        self.environment = {
            **os.environ, "DATABASE_URL": instance.owner_url,
            "BACKUP": str(self.place / "backup"),
            "ARCHIVE": str(self.place / "archive"),
            "DATA": str(self.place / "data"),
            "PATH": f"{PROGRAMS}:{os.environ['PATH']}"}
        self.run(f"mkdir -p -m 700 {self.sockets} $ARCHIVE")

    def run(self, commands, **settings):
        done = subprocess.run(
            [*self.instance.account, "bash", "-euc", commands], text=True,
            env={**self.environment, **settings}, cwd=ROOT,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, check=False, timeout=120)
        assert done.returncode == 0, done.stdout

    def url(self, url):
        """The same database, on the server that was recovered."""
        return re.sub(r"(?<=[?&]host=)[^&]*",
                      quote(str(self.sockets), safe=""), url)


@pytest.fixture
def machine(setting):
    machine = Machine(setting.instance)
    yield machine
    machine.run(
        '[[ ! -e $DATA/postmaster.pid ]] || pg_ctl -D "$DATA" -s -w stop')


def archive(setting, machine):
    """What the private cluster leaves out, and a server of one's own has."""
    for words in ("wal_level = replica", "max_wal_senders = 4",
                  f"unix_socket_directories = '{machine.sockets}'"):
        setting.sql.run("alter system set " + words)
    machine.run(told("psql \"$DATABASE_URL\" -c \"alter system set archive"))
    setting.sql.close()
    setting.cluster.stop()
    setting.cluster.start()
    machine.run("until pg_isready -q -d \"$DATABASE_URL\"; do sleep 0.1; done")
    setting.open_sql()


def test_the_database_as_it_was_at_a_chosen_moment(
        setting, machine, contract):
    contact = setting.contact
    case = contact.submit()
    archive(setting, machine)
    until(lambda: case.note(contact).status == 201)
    machine.run(told("pg_basebackup"))

    kept = case.note(contact).expect(201)["id"]
    position = contact.get("/v1/events?start=now").expect(200)["position"]
    when = setting.sql.run("select clock_timestamp()")
    lost = case.note(contact).expect(201)["id"]
    late = contact.submit()
    setting.sql.close()
    setting.cluster.stop()              # which archives what there is

    recovered = machine.url(setting.instance.owner_url)
    machine.run(told("cp -a"), WHEN=when, DATABASE_URL=recovered)
    machine.run(told("psql -X -v ON_ERROR_STOP=1 -v ahead"),
                DATABASE_URL=recovered)
    with setting.instance.beside(DATABASE_URL=machine.url(
            setting.instance.env["DATABASE_URL"])) as node:
        after = Client(Service(node.url, contract), contact.token, "contact")
        assert after.get(late.path).status == 404
        assert [note["id"] for note in after.get(
            case.path + "/notes").expect(200).items][-1] == kept
        new = after.post(case.path + "/notes", {"text": "Again."}).expect(201)
        assert new["id"] > lost
        page = after.get(f"/v1/events?start=now&cursor={position}")
        assert [event["type"] for event in page.expect(200).items
                ] == ["case.note_added"]
