"""A desk at work: 64 advisors take cases and answer them, 500 contacts read
theirs, and the worker runs beside it with all timers and alerts.

Part of bench.py (`desk`). Callers ask at times fixed beforehand, so that a slow
answer delays none of the others: a contact every two seconds, an advisor every
four, which is far more than people do. Five contacts share a connection, as
behind a portal. The cases are submitted while it runs, as many as are taken.
"""

import asyncio
import json
import os
import pathlib
import random
import subprocess
import tempfile
import time
import urllib.parse

ADVISORS, CONTACTS = 64, 500
ADVISOR_EVERY, CONTACT_EVERY = 4, 2     # seconds
SHARED = 5                              # contacts of a connection
SECONDS = int(os.environ.get("DESK_SECONDS", "30"))
AIM = 25                                # ms, 99 of 100 answers
MAKE = """
set role casework_owner;
insert into casework.staff (name, role, roles, ferpa_trained_on, email)
select 'Bench advisor ' || n, 'advisor', '{advisor}', '2024-08-01',
  'advisor-' || n || '@casework.example'
from generate_series(1, %d) n
where not exists (select from casework.staff where name = 'Bench advisor ' || n)
"""
IDS = ("select id from casework.staff where name like 'Bench advisor %%'"
       " limit %d")


class Line:
    """A caller's connection; how long each answer took since it was due."""

    def __init__(self, address, token, taken):
        self.address, self.taken = address, taken
        self.head = (f"Host: {address.hostname}\r\nAuthorization: Bearer"
                     f" {token}\r\n")
        self.reader = self.writer = None

    async def open(self):
        self.reader, self.writer = await asyncio.open_connection(
            self.address.hostname, self.address.port)

    async def ask(self, kind, due, method, path, body=None):
        """(status, JSON)"""
        data = b"" if body is None else json.dumps(body).encode()
        more = ("" if method == "GET" else
                "Content-Type: application/json\r\n"
                f"Content-Length: {len(data)}\r\n")
        self.writer.write(f"{method} {path} HTTP/1.1\r\n{self.head}{more}\r\n"
                          .encode() + data)
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.partition("content-length: ")[2].split("\r")[0] or 0)
        answer = await self.reader.readexactly(length)
        status = int(head.split()[1])
        self.taken.append((kind, status, time.monotonic() - due))
        return status, json.loads(answer) if length else None


async def every(seconds, until, step):
    """Calls step(due) at that pace from a random moment of it on."""
    due = time.monotonic() + random.uniform(0, seconds)
    while due < until:
        await asyncio.sleep(max(0, due - time.monotonic()))
        await step(due)
        due += seconds


async def contact(line, cases, until):
    await line.open()

    async def read(due):
        await line.ask("read", due, "GET", random.choice((
            "/v1/cases?limit=25", f"/v1/cases/{cases}",
            f"/v1/cases/{cases}/notes")))
    await every(CONTACT_EVERY / SHARED, until, read)


async def submitter(line, until):
    """As many cases as the advisors take."""
    await line.open()

    async def submit(due):
        await line.ask("submit", due, "POST", "/v1/cases", {
            "subject": "A case of the benchmark", "priority": "medium",
            "description": "Saving a score shows an error.",
            "replication_steps": "1. Open a section. 2. Enter a score."})
    await every(ADVISOR_EVERY / ADVISORS, until, submit)


async def advisor(line, until):
    await line.open()

    async def work(due):
        status, case = await line.ask("take", due, "POST", "/v1/desk/next")
        if status == 200:
            await line.ask("answer", time.monotonic(), "POST",
                           f"/v1/cases/{case['id']}/notes",
                           {"text": "We look into it.", "visibility": "public"})
    await every(ADVISOR_EVERY, until, work)


async def play(url, tokens, advisors, cases):
    address, taken = urllib.parse.urlsplit(url), []
    until = time.monotonic() + SECONDS
    await asyncio.gather(
        *(contact(Line(address, tokens[n % len(tokens)], taken),
                  cases[n % len(tokens)], until)
          for n in range(CONTACTS // SHARED)),
        *(advisor(Line(address, token, taken), until) for token in advisors),
        submitter(Line(address, tokens[0], taken), until))
    return taken


def told(taken, kinds, name):
    times = sorted(1000 * t for kind, _, t in taken if kind in kinds)
    if times:
        print(f"desk: {name}: {len(times) / SECONDS:.0f} a second, p50 "
              f"{times[len(times) // 2]:.1f} ms, p99 "
              f"{times[int(len(times) * 0.99)]:.1f} ms (aim: {AIM})")


def run(env, run_dir, owner, token_of, contacts, cases):
    """contacts: tokens; cases: a case of each."""
    owner(MAKE % ADVISORS)
    ids = owner(IDS % ADVISORS).split()
    advisors = [token_of(f"staff:{number}") for number in ids]
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o777)
        worker = subprocess.Popen(
            [run_dir / "bin/casework-worker", "run"],
            env={**os.environ, **env, "LOG_FILE": "/dev/null",
                 "MAIL_DIR": str(pathlib.Path(directory, "mail")),
                 "STATUS_DIR": ""}, stdout=subprocess.DEVNULL)
        try:
            time.sleep(3)
            taken = asyncio.run(play(env["CASEWORK_URL"], contacts, advisors,
                                     cases))
        finally:
            worker.terminate()
            worker.wait()
    told(taken, {"read"}, f"{CONTACTS} contacts read")
    told(taken, {"take", "answer"}, f"{ADVISORS} advisors take and answer")
    told(taken, {"submit"}, "cases come")
    told(taken, {"read", "take", "answer", "submit"}, "all of it")
    bad = [status for _, status, _ in taken if status >= 400 and status != 404]
    print(f"desk: {len(bad)} of {len(taken)} refused"
          + (f", the first with {bad[0]}" if bad else ""))
