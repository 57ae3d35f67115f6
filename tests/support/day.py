"""A scripted day of many cases while processes are killed at random.

Threads play contacts and advisors over HTTP and write down what was
acknowledged. Each request has an Idempotency-Key and is sent until it is
answered. Beside them one process after the other gets SIGKILL, each at a random
moment, and is started again. The seed decides who does what and when; what the
machine does with it differs.
"""

import collections
import contextlib
import http.client
import itertools
import os
import pathlib
import random
import signal
import subprocess
import threading
import time
import uuid

from faults import Setting, command_line, wait_until_served
from instance import children, is_alive, until
from world import a_case

THREADS = 8
PATIENCE = 120      # seconds until an action must have been answered
KILLS = ("server_process", "server", "backend", "postgres", "worker") * 2


class Day(Setting):
    def __init__(self, instance, contract, scopes, cases, seed):
        super().__init__(instance, contract, scopes)
        self.count, self.seed = cases, seed
        self.numbers = itertools.count()
        self.acknowledged = collections.defaultdict(list)
        self.subjects, self.texts = set(), set()    # every one sent
        self.overdue = set()        # cases whose target was missed
        self.request_ids = collections.Counter()
        self.uncertain = 0          # attempts without a certain end
        self.repeated = 0           # answers of an earlier attempt
        self.killed = collections.Counter()
        self.faults = []
        self.done = 0
        self.contacts = [self.world.district().contact() for _ in range(10)]
        self.advisors = [self.world.staff() for _ in range(3)]

    # -- the people --------------------------------------------------------

    def run(self):
        threads = [threading.Thread(target=self.work)
                   for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        try:
            self.kill_all_day()
        finally:
            for thread in threads:
                thread.join(3 * PATIENCE)
        assert self.faults == []
        wait_until_served(self)
        self.sql.close()
        self.open_sql()

    def work(self):
        while not self.faults:
            number = next(self.numbers)
            if number >= self.count:
                return
            try:
                self.live(number, random.Random(f"{self.seed}-{number}"))
            except Exception as fault:      # told to the test
                self.faults.append(f"case {number}: {fault!r}")
            self.done += 1

    def attempt(self, client, path, body):
        """One request again and again until it is answered."""
        end = time.monotonic() + PATIENCE
        key = {"Idempotency-Key": f'"{uuid.uuid4()}"'}
        while True:
            with contextlib.suppress(OSError, http.client.HTTPException):
                answer = client.post(path, body, etag="*", headers=key)
                self.request_ids[answer.headers["request-id"]] += 1
                if answer.status != 503 and not in_use(answer):
                    self.repeated += "idempotency-replayed" in answer.headers
                    return answer.expect(200, 201)
            self.uncertain += 1
            assert time.monotonic() < end, f"{path}: no answer"
            time.sleep(0.05)

    def act(self, kind, client, case, action, body, text_member=None):
        if text_member:
            self.texts.add(body[text_member])
        answer = self.attempt(client, f"/v1/cases/{case}/{action}", body)
        assert answer.json.get("text", body.get("text")) == body.get("text"), (
            "another's answer")
        self.acknowledged[kind].append((case, answer.json))

    def live(self, number, rng):
        """The life of one case."""
        contact = self.contacts[number % len(self.contacts)]
        advisor = rng.choice(self.advisors)
        case = self.submit(number, contact)
        self.say(contact, case, f"Day {number} contact")
        self.act("assigned", advisor, case, "assignment",
                 {"advisor_id": advisor.id})
        self.say(advisor, case, f"Day {number} advisor")
        self.resolve(advisor, case, f"Day {number} resolved")
        if rng.random() < 0.2:
            return
        self.close(contact, case)
        if rng.random() < 0.4:
            self.act("reopened", contact, case, "reopen",
                     {"details": f"Day {number} again"}, "details")
            self.resolve(advisor, case, f"Day {number} resolved again")
            self.close(contact, case)

    def submit(self, number, contact):
        """Of every tenth case the target was missed long ago."""
        body = a_case(subject=f"Day {self.seed} case {number}")
        self.subjects.add(body["subject"])
        answer = self.attempt(contact, "/v1/cases", body)
        assert answer["subject"] == body["subject"], "another's answer"
        self.acknowledged["submitted"].append((answer["id"], answer.json))
        if number % 10 == 0:
            self.overdue.add(answer["id"])
            until(lambda: self.miss(answer["id"]), PATIENCE)
        return answer["id"]

    def miss(self, case):
        """By a session of its own: PostgreSQL is killed now and then."""
        return subprocess.run(
            ["psql", "-X", "-q", self.instance.owner_url, "-c",
             "update casework.cases set response_due_at = submitted_at"
             f" - interval '1 year' where id = {case}"], check=False,
            stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            ).returncode == 0

    def say(self, client, case, text):
        body = {"text": text}
        if client.kind == "staff":
            body["visibility"] = "public"
        self.act("note_added", client, case, "notes", body, "text")

    def resolve(self, advisor, case, explanation):
        self.act("resolved", advisor, case, "resolution",
                 {"explanation": explanation}, "explanation")

    def close(self, contact, case):
        self.act("closed", contact, case, "close", {})

    # -- the killing -------------------------------------------------------

    def kill_all_day(self):
        rng = random.Random(self.seed)
        kills = list(KILLS)
        rng.shuffle(kills)
        moments = sorted(rng.uniform(0.02, 0.95) for _ in kills)
        for name, moment in zip(kills, moments):
            until(lambda at=moment: self.faults or
                  self.done >= at * self.count, 3 * PATIENCE)
            self.killed[name] += getattr(self, "kill_" + name)(rng)

    def kill_server_process(self, rng):
        """One of the processes that serve; its parent starts another."""
        pids = until(lambda: self.all_of(self.worker_pids()))
        killed = rng.choice(pids)
        kill(killed)
        until(lambda: killed not in self.worker_pids()
              and self.all_of(self.worker_pids()))
        return 1

    def all_of(self, pids):
        """Those that serve, once they are as many as there should be."""
        return len(pids) == int(self.instance.settings["WORKERS"]) and pids

    def kill_server(self, _):
        """The parent; what is left is cleared away, and all is started."""
        pid = self.instance.pid
        kill(pid)
        until(lambda: not is_alive(pid))
        self.instance.script("start")
        return 1

    def kill_backend(self, rng):
        """PostgreSQL then ends all sessions and recovers."""
        pids = until(lambda: [pid for pid in children(self.cluster.pid)
                              if ": casework_" in command_line(pid)])
        kill(rng.choice(pids))
        return 1

    def kill_postgres(self, _):
        pid = self.cluster.pid
        backends = children(pid)
        kill(pid)
        if self.cluster.started is not None:
            self.cluster.started.wait(60)
        until(lambda: not any(map(is_alive, [pid, *backends])))
        # Where nobody has reaped it yet, the dead one looks alive to the next.
        lock = self.cluster.data / "postmaster.pid"
        lock.unlink()
        for path in self.instance.state().glob("socket/.s.PGSQL.*"):
            path.unlink()
        self.cluster.start()
        until(lambda: lock.exists() and "ready" in lock.read_text())
        return 1

    def kill_worker(self, rng):
        """The program that writes mail and keeps the timers."""
        kill(rng.choice(until(lambda: self.programs("casework-worker"))))
        self.instance.script("start")
        return 1

    def programs(self, name):
        """Processes of that binary of this instance."""
        wanted, found = str(self.instance.state() / "bin" / name), []
        for exe in pathlib.Path("/proc").glob("[0-9]*/exe"):
            with contextlib.suppress(OSError):
                if os.readlink(exe) == wanted:
                    found.append(int(exe.parent.name))
        return found


def in_use(answer):
    """An attempt given up on is still being done."""
    return answer.status == 409 and answer.problem == "idempotency-key-in-use"


def kill(pid):
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
