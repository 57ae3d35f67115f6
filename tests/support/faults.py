"""An instance that may be broken, load on it, and locks against it."""

import contextlib
import http.client
import os
import subprocess
import threading
import time

from client import Client, Service
from files import Log
from instance import Cluster, children, is_ready, until
from meeting import waiting
from sql import Psql
from tokens import Tokens
from world import World

WRITERS = 6


class Setting:
    def __init__(self, instance, contract, scopes):
        self.instance = instance
        self.contract = contract
        self.service = Service(instance.url, contract)
        self.cluster = Cluster(instance)
        self.log = Log(instance.log_file)
        self.tokens = Tokens(instance.keys_file, scopes)
        self.open_sql()
        self.contact = self.world.district().contact()
        self.stranger = self.world.district().contact()

    def open_sql(self):
        self.sql = Psql(self.instance.owner_url)
        self.world = World(self.service, self.tokens, self.sql)

    def client(self, who=None, service=None):
        who = who or self.contact
        return Client(service or self.service, who.token, who.kind)

    def worker_pids(self):
        """Children that serve; Kore's other helpers hold no listener."""
        return sorted(pid for pid in children(self.instance.pid)
                      if "wrk" in command_line(pid))


def command_line(pid):
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read().decode()
    except OSError:
        return ""


class Load:
    """Contacts that write notes and read them back, until told to stop."""

    def __init__(self, setting, lost_connections=False):
        self.setting = setting
        self.lost_connections = lost_connections
        self.stop = threading.Event()
        self.acknowledged = {}      # text → note id
        self.sent = set()
        self.statuses = {}
        self.faults = []
        self.cases = [who.submit() for who in
                      (setting.contact, setting.stranger)]
        self.threads = [threading.Thread(target=self.run, args=(number,))
                        for number in range(WRITERS)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *fault):
        self.stop.set()
        for thread in self.threads:
            thread.join(60)

    def run(self, number):
        case = self.cases[number % 2]
        client = self.setting.client(case.submitter)
        count = 0
        while not self.stop.is_set():
            count += 1
            text = f"{number}-{count}"
            try:
                self.write_and_read(client, case, text)
            except (OSError, http.client.HTTPException) as fault:
                if not self.lost_connections:
                    self.faults.append(f"{text}: {fault!r}")
                    return
            except Exception as fault:      # told to the test
                self.faults.append(f"{text}: {fault!r}")
                return

    def write_and_read(self, client, case, text):
        self.sent.add(text)
        answer = client.post(case.path + "/notes", {"text": text})
        self.count(answer, 201, 503)
        if answer.status == 503:
            time.sleep(0.02)
            return
        assert answer["text"] == text, "answered with another's note"
        assert answer["case_id"] == case.id
        self.acknowledged[text] = answer["id"]
        read = client.get(answer.location)
        self.count(read, 200, 503)
        assert read.status == 503 or read["text"] == text
        mine = client.get("/v1/me")
        self.count(mine, 200, 503)
        assert mine.status == 503 or mine["id"] == case.submitter.id

    def count(self, answer, *allowed):
        answer.expect(*allowed)
        self.statuses[answer.status] = self.statuses.get(
            answer.status, 0) + 1

    def progress(self, more=50):
        """Waits until that many more notes are acknowledged."""
        wanted = len(self.acknowledged) + more
        until(lambda: self.faults or len(self.acknowledged) >= wanted, 60)
        assert self.faults == []

    def verify(self):
        """Every acknowledged note is there, once, as it was sent."""
        assert self.faults == []
        found = {}
        for case in self.cases:
            for note in case.notes():
                assert note["text"] not in found, "written twice"
                found[note["text"]] = note["id"]
        lost = [text for text, number in self.acknowledged.items()
                if found.get(text) != number]
        assert lost == []
        assert set(found) <= self.sent
        for case in self.cases:
            noted = [e["note_id"] for e in case.history()
                     if e["type"] == "case.note_added"]
            assert sorted(noted) == sorted(n["id"] for n in case.notes())


def wait_until_served(setting):
    def served():
        setting.service.close()
        return is_ready(setting.instance.url) and all(
            setting.client().get("/v1/me").status == 200 for _ in range(8))
    until(served)


def gauge(setting, name):
    """The sum over all workers' answers to /metrics."""
    text = Client(setting.service).get("/metrics").body.decode()
    return sum(float(line.split()[-1]) for line in text.splitlines()
               if line.startswith(name))


@contextlib.contextmanager
def patience(setting, kind="contact"):
    """Requests of such callers wait four times as long for a lock, so that what
    a test does meanwhile may take its time on a loaded machine."""
    sessions = ("select pid from pg_stat_activity where usename ="
                f" 'casework_{kind}'")

    had = len(setting.sql.rows(sessions))

    def change(*settings):
        """For sessions anew: those that are there end, as many come."""
        for words in settings:
            setting.sql.run(f"alter role casework_{kind} in database casework "
                            + words)
        before = setting.sql.rows(sessions)
        setting.sql.run(f"select pg_terminate_backend(pid) from ({sessions}) s")
        until(lambda: not any(row in before
                              for row in setting.sql.rows(sessions)))
        until(lambda: len(setting.sql.rows(sessions)) >= had)
        wait_until_served(setting)
    change("set lock_timeout = '8s'", "set statement_timeout = '9s'")
    try:
        yield
    finally:
        change("reset lock_timeout", "reset statement_timeout")


class Held:
    """The row of a case, locked by the owner until released."""

    def __init__(self, setting, case):
        self.session = Psql(setting.instance.owner_url)
        self.session.run(
            f"begin; select id from casework.cases where id = {case.id}"
            " for update")

    def __enter__(self):
        return self

    def release(self):
        self.session.run("rollback")

    def __exit__(self, *fault):
        self.session.close()


class SmallDisk:
    """The directory of all databases, on a disk that can be filled."""

    def __init__(self, path):
        self.filler = path / "filler"

    def fill(self):
        with contextlib.suppress(OSError), open(self.filler, "wb",
                                                buffering=0) as file:
            while True:
                file.write(bytes(4096))

    def free(self):
        self.filler.unlink(missing_ok=True)


@contextlib.contextmanager
def small_disk(setting):
    """Puts the databases on a tmpfs with 16 MB to spare, until the end. WAL
    stays where it is: without room for it PostgreSQL does not live on."""
    base = setting.cluster.data / "base"
    beside = base.with_name("base.beside")

    def move(*command):
        """While the server is down."""
        setting.sql.close()
        setting.cluster.stop()
        for words in command:
            subprocess.run(words, check=True)
        setting.cluster.start()
        wait_until_served(setting)
        setting.open_sql()
    size = sum(f.stat().st_size for f in base.rglob("*") if f.is_file())
    owner = os.stat(base)
    move(["mv", base, beside], ["mkdir", base],
         ["mount", "-t", "tmpfs", "-o", f"size={size + (16 << 20)},mode=700,"
          f"uid={owner.st_uid},gid={owner.st_gid}", "casework", base],
         ["cp", "-a", f"{beside}/.", base])
    disk = SmallDisk(base)
    try:
        yield disk
    finally:
        disk.free()
        move(["rm", "-r", beside], ["cp", "-a", base, beside],
             ["umount", base], ["rmdir", base], ["mv", beside, base])


def is_waiting(setting, requests=1):
    """Whether so many requests of the service wait for a lock."""
    return waiting(setting.sql) >= requests


def note_request(wire, setting, case, text="Waiting"):
    return wire.post(case.path + "/notes", {"text": text},
                     "Authorization: Bearer " + setting.contact.token)


def read_request(wire, setting, case):
    return wire.get(case.path, "Authorization: Bearer "
                    + setting.contact.token)
