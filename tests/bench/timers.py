"""The worker on a backlog, and what the API feels of it.

Part of bench.py (`timers`): DUE closed cases are made to wait for an answer since
five weeks without a single follow-up, the dearest thing a timer meets: each gets
its three missing follow-ups and is closed, in its own step, from the first second
on: PostgreSQL knows nothing of them yet. Meanwhile callers
send RATE requests a second, at times fixed beforehand, so that a slow answer
delays none of the others.
"""

import http.client
import os
import pathlib
import subprocess
import tempfile
import threading
import time
import urllib.parse

DUE = int(os.environ.get("DUE", "20000"))
FIRST = 5                   # seconds
RATE = 200                  # requests a second
CALLERS = 16
BACKLOG = """
set role casework_owner;
with picked as (
  select c.id, c.district_id, now() - interval '35 days' as at
  from casework.cases c
  where c.status = 'closed' and c.subject like 'Generated case number %%'
    and not exists (select from casework.follow_up_runs r
      where r.case_id = c.id)
  limit %d
), waiting as (
  update casework.cases c set status = 'pending_verification',
    closed_at = null, closed_by_kind = null, closed_by_id = null,
    closed_by_name = null, closure_reason = null, reopen_until = null,
    resolution_kind = 'solved', resolution = 'Done.', resolved_at = p.at,
    resolved_by_kind = 'staff', resolved_by_id = 1,
    resolved_by_name = 'Advisor 1'
  from picked p where c.id = p.id and c.district_id = p.district_id
  returning c.id, c.district_id, c.resolved_at
)
insert into casework.follow_up_runs (district_id, case_id, run, started_at,
  due_dates, auto_close_at, next_at)
select w.district_id, w.id, 1000, w.resolved_at, d.due_dates, d.auto_close_at,
  rules.follow_up_next_at(d.due_dates, 1, d.auto_close_at)
from waiting w cross join lateral rules.follow_up_dates(w.resolved_at) as d
"""
WAITING = ("select count(*) from casework.follow_up_runs"
           " where ended_at is null and auto_close_at < now()")


class Load:
    """Reads and lists at a fixed rate; how long each took since it was due."""

    def __init__(self, url, tokens, first):
        self.address = urllib.parse.urlsplit(url)
        self.tokens, self.first = tokens, first
        self.taken, self.on, self.faults = [], True, 0
        self.threads = [threading.Thread(target=self.call, args=(n,))
                        for n in range(CALLERS)]

    def call(self, number):
        connection = http.client.HTTPConnection(
            self.address.hostname, self.address.port, timeout=30)
        headers = {"Authorization":
                   "Bearer " + self.tokens[number % len(self.tokens)]}
        due = time.monotonic() + number / RATE
        while self.on:
            time.sleep(max(0, due - time.monotonic()))
            path = ("/v1/cases?limit=25" if len(self.taken) % 2 else
                    f"/v1/cases/{self.first + 5000 * number % 100000}")
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            answer.read()
            self.faults += answer.status >= 500
            self.taken.append(time.monotonic() - due)
            due += CALLERS / RATE

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.on = False
        for thread in self.threads:
            thread.join()

    def p99(self):
        taken, self.taken = sorted(self.taken), []
        return taken[int(len(taken) * 0.99)] * 1000 if taken else 0.0


def run(env, run_dir, owner, tokens, first):
    owner(BACKLOG % DUE)
    with tempfile.TemporaryDirectory() as directory, Load(
            env["CASEWORK_URL"], tokens, first) as load:
        os.chmod(directory, 0o777)
        time.sleep(5)
        quiet = load.p99()
        before = int(owner(WAITING))
        began = time.monotonic()
        worker = subprocess.Popen(
            [run_dir / "bin/casework-worker", "run"],
            env={**os.environ, **env, "LOG_FILE": "/dev/null",
                 "MAIL_DIR": str(pathlib.Path(directory, "mail")),
                 "STATUS_DIR": ""}, stdout=subprocess.DEVNULL)
        try:
            time.sleep(FIRST)
            first = before - int(owner(WAITING))
            while int(owner(WAITING)) and time.monotonic() - began < 300:
                time.sleep(0.2)
            took = time.monotonic() - began
            busy, left = load.p99(), int(owner(WAITING))
        finally:
            worker.terminate()
            worker.wait()
    done = before - left
    print(f"timers: {done} of {before} due cases followed up and closed in "
          f"{took:.1f} s, {60 * done / took:.0f} a minute, in the first {FIRST} s "
          f"{60 * first / FIRST:.0f} (aim: 10000)")
    print(f"API beside it, {RATE} requests/s: p99 {busy:.1f} ms (aim: 25), "
          f"before {quiet:.1f} ms, {load.faults} faults")
