"""From the version before this one to this one, while people work: a database
with 50,000 cases and two nodes, which are replaced one by one."""

import contextlib
import http.client
import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import threading
import time
from pathlib import Path

import pytest

from faults import Setting
from fixtures_migrating import migrate
from instance import BINARY, ROOT, is_ready, until
from previous import TREE, PreviousInstance
from world import a_case

pytestmark = [
    pytest.mark.direct,
    pytest.mark.skipif("asan" in BINARY, reason="sanitizers take their time")]
CASES = 50_000
PEOPLE = 6
PAUSE = 0.02        # between requests of one person
LONGEST = 0.5       # seconds that an upgrade may add to a request
LOCK = 250          # ms: longer waits for a lock are in PostgreSQL's log


class Balancer:
    """Nodes in turn; one that is taken out first ends what it has begun."""

    def __init__(self, *urls):
        self.nodes = list(urls)
        self.busy = dict.fromkeys(urls, 0)
        self.turn = itertools.count()
        self.lock = threading.Lock()

    @contextlib.contextmanager
    def node(self):
        with self.lock:
            url = self.nodes[next(self.turn) % len(self.nodes)]
            self.busy[url] += 1
        try:
            yield url.removeprefix("http://")
        finally:
            with self.lock:
                self.busy[url] -= 1

    def add(self, url):
        until(lambda: is_ready(url))
        with self.lock:
            self.busy[url] = 0
            self.nodes.append(url)

    def take_out(self, url):
        with self.lock:
            self.nodes.remove(url)
        until(lambda: self.busy[url] == 0)


class Work:
    """People who submit, read, list and answer cases, each its own; what each
    request took, and whatever was not answered well."""

    def __init__(self, setting, balancer):
        self.balancer = balancer
        self.stop = threading.Event()
        self.faults, self.times, self.written = [], [], []
        people = [setting.world.district().contact() for _ in range(PEOPLE)]
        self.threads = [threading.Thread(target=self.work, args=(who.token,))
                        for who in people]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *fault):
        self.stop.set()
        for thread in self.threads:
            thread.join()

    def ask(self, token, method, path, status, body=None):
        headers = {"Authorization": f"Bearer {token}"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        began = time.monotonic()
        with self.balancer.node() as node:
            connection = http.client.HTTPConnection(node, timeout=60)
            try:
                connection.request(method, path, headers=headers,
                                   body=body and json.dumps(body))
                answer = connection.getresponse()
                said = answer.read()
                assert answer.status == status, (method, path, said)
            finally:
                connection.close()
        self.times.append(time.monotonic() - began)
        return json.loads(said)

    def work(self, token):
        try:
            while not self.stop.is_set():
                self.one_case(token)
        except Exception as fault:      # told to the test
            self.faults.append(repr(fault))

    def one_case(self, token):
        case = self.ask(token, "POST", "/v1/cases", 201, a_case())
        path = f"/v1/cases/{case['id']}"
        for step in (("GET", path, 200), ("GET", "/v1/cases", 200),
                     ("POST", path + "/notes", 201, {"text": "And more."}),
                     ("GET", path + "/history", 200), ("GET", "/v1/me", 200)):
            self.stop.wait(PAUSE)
            self.ask(token, *step)
        self.written.append(case["id"])

    def go_on(self, requests=200):
        """Waits until so many more have been answered; the longest of all
        since the last time."""
        wanted = len(self.times) + requests
        until(lambda: self.faults or len(self.times) >= wanted)
        assert self.faults == []
        times, self.times = self.times, []
        return max(times)


@pytest.fixture(scope="module")
def setting(contract, tokens):
    instance = PreviousInstance(private=True)
    try:
        setting = Setting(instance, contract, tokens.scopes)
        subprocess.run(
            ["psql", "-X", "-q", "-v", f"cases={CASES}", "-f",
             TREE / "sql" / "generate.sql", instance.owner_url], check=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        setting.sql.run("alter system set log_lock_waits = on")
        setting.sql.run(f"alter system set deadlock_timeout = '{LOCK}ms'")
        setting.sql.run("select pg_reload_conf()")
        yield setting
    except BaseException:
        instance.keep_logs()
        raise
    finally:
        instance.remove()


def install_new(instance):
    """The programs of this version, beside those of the version before."""
    for name in ("casework", "casework-worker"):
        place = instance.run_dir / "bin" / (name + "-new")
        shutil.copy(Path(BINARY).parent / name, place)
        place.chmod(0o755)


def running(binary):
    """The processes of that program."""
    for place in Path("/proc").glob("[0-9]*/exe"):
        with contextlib.suppress(OSError):
            if place.readlink() == binary:
                yield int(place.parent.name)


def waits(instance):
    """Of requests, for a lock of a table, view or function."""
    log = (instance.state() / "postgres.log").read_text(errors="replace")
    return re.findall(r"still waiting for \w+ on (?:relation|object).*", log)


def test_from_the_version_before_to_this_one_while_people_work(setting):
    instance = setting.instance
    setting.sql.run("analyze")
    with contextlib.ExitStack() as stack:
        second = stack.enter_context(instance.beside())
        balancer = Balancer(instance.url, second.url)
        work = stack.enter_context(Work(setting, balancer))
        usual = work.go_on(400)

        done = migrate(ROOT / "sql", instance.owner_url,
                       CONTEXT_KEY_FILE=instance.env["CONTEXT_KEY_FILE"])
        assert (done.returncode, done.stderr) == (0, "")
        slowest = {"migration": work.go_on()}

        install_new(instance)
        for number, old in enumerate((second.url, instance.url), 1):
            node = stack.enter_context(instance.process(
                True, "casework-new", "serve", {}))
            balancer.add(node.url)
            slowest[f"node {number}, mixed"] = work.go_on()
            balancer.take_out(old)
            slowest[f"node {number}"] = work.go_on()
        stack.enter_context(instance.process(
            True, "casework-worker-new", "run", {}))
        slowest["two workers"] = work.go_on()
        for pid in running(instance.state() / "bin" / "casework-worker"):
            os.kill(pid, signal.SIGTERM)
        slowest["new worker"] = work.go_on()

    print(f"usual {usual:.3f} s", *(f"{name} {seconds:.3f} s"
                                    for name, seconds in slowest.items()))
    assert waits(instance) == []
    assert max(slowest.values()) < usual + LONGEST, slowest
    kept = setting.sql.value(
        "select count(*) from casework.cases where id = any (%s::bigint[])",
        "{" + ",".join(map(str, work.written)) + "}")
    assert kept == len(work.written) > 50
    assert setting.sql.value("select count(*) from casework.cases") > CASES


def test_the_version_before_is_one_that_is_served(setting):
    """tests/previous and sql/rules/base/version.sql name the same."""
    assert migrate(ROOT / "sql", setting.instance.owner_url).returncode == 0
    names = sorted(path.stem for path in (TREE / "sql/schema").glob("*.sql"))
    assert setting.sql.row(
        "select serves, rules.misfit(%s::text[]) as why from rules.version",
        "{" + ",".join(names) + "}") == {"serves": names[-1], "why": None}
    old = subprocess.run(
        [TREE / "build" / "casework", "check"], check=False, text=True,
        env={**os.environ, **setting.instance.env},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert old.returncode == 0, old.stdout
