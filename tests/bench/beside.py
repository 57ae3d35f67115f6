"""One good caller at 50 requests a second beside one that is not: p50 and p99 of
its answers, and how many it did not get.

    beside.py RUN_DIR [RUN_DIR …]       instances, named by their directories

Rows alternate between the instances, so that versions are compared in one run:
a row is measured on each before the next one begins. A latency counts from the
moment at which the request was due, so that waiting behind one's own requests
counts too. Who attacks runs at a lower priority than the service.
ATTACKS chooses rows by a pattern, BESIDE_SECONDS how long each takes.
"""

import ctypes
import json
import math
import multiprocessing
import os
import pathlib
import random
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
import uuid

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

import attackers
import rows

RATE = 50
SECONDS = float(os.environ.get("BESIDE_SECONDS", "6"))
PATIENCE = 10       # seconds until an answer has not come
KID = "bench-es256"


class Target:
    """An instance, and what callers need to know of it."""

    def __init__(self, run_dir):
        self.run_dir = pathlib.Path(run_dir)
        self.env = dict(
            (line.partition("=")[0], line.partition("=")[2].strip("'"))
            for line in (self.run_dir / "env").read_text().splitlines())
        url = urllib.parse.urlsplit(self.env["CASEWORK_URL"])
        self.host, self.port = url.hostname, url.port
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.other_key = ec.generate_private_key(ec.SECP256R1())
        self.publish_key()
        self.document = rows.document(self.env["CASEWORK_URL"])
        self.scopes = self.scopes_of()
        self.made = {}

    def publish_key(self):
        """The service reads its keys again when the file has changed."""
        path = pathlib.Path(self.env["KEYS_FILE"])
        keys = json.loads(path.read_text())
        keys["keys"] = [k for k in keys["keys"] if k["kid"] != KID] + [{
            "kid": KID, "alg": "ES256",
            "public_key": self.key.public_key().public_bytes(
                serialization.Encoding.PEM,
                serialization.PublicFormat.SubjectPublicKeyInfo).decode()}]
        written = path.with_suffix(".new")
        written.write_text(json.dumps(keys))
        owner = path.stat()
        os.chown(written, owner.st_uid, owner.st_gid)
        written.chmod(owner.st_mode & 0o777)
        written.rename(path)
        time.sleep(2)

    def scopes_of(self):
        scopes = set()
        for item in self.document["paths"].values():
            for spec in item.values():
                for need in (spec.get("security") or ()
                             if isinstance(spec, dict) else ()):
                    scopes.update(s for all in need.values() for s in all)
        return " ".join(sorted(scopes))

    def token(self, subject, key=None):
        now = int(time.time())
        return jwt.encode(
            {"iss": "https://auth.casework.example", "aud": "casework",
             "sub": subject, "client_id": "bench", "jti": uuid.uuid4().hex,
             "iat": now, "exp": now + 3600, "scope": self.scopes},
            key or self.key, algorithm="ES256",
            headers={"kid": KID, "typ": "at+jwt"})

    def junk_token(self):
        return self.token("contact:4", self.other_key)

    def call(self, method, path, subject, body=None, **headers):
        asked = urllib.request.Request(
            f"http://{self.host}:{self.port}{path}", body, method=method,
            headers={"Authorization": "Bearer " + self.token(subject),
                     **{k.replace("_", "-"): v for k, v in headers.items()}})
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return json.loads(answer.read())

    def case_of(self, contact):
        """A case of the contact's; made when it is asked for first."""
        if contact not in self.made:
            self.made[contact] = self.call(
                "POST", "/v1/cases", f"contact:{contact}", json.dumps({
                    "subject": "Beside others", "priority": "low",
                    "description": "A case of the benchmark.",
                    "replication_steps": "None."}).encode(),
                Content_Type="application/json")["id"]
        return self.made[contact]

    def file_of(self, contact):
        name = ("file", contact)
        if name not in self.made:
            self.made[name] = "/v1/attachments/%d/content" % self.call(
                "POST", f"/v1/cases/{self.case_of(contact)}/attachments",
                f"contact:{contact}", random.randbytes(10 << 20),
                Content_Type="application/octet-stream",
                Content_Disposition="attachment; filename=x")["id"]
        return self.made[name]

    def contacts(self):
        """Contacts, of generated districts for the most part."""
        return self.call(
            "GET", "/v1/contacts?authorized=true&limit=100", "staff:1")["items"]

    def of_full_pages(self):
        """A contact whose list of cases has a page of a hundred."""
        if "full" not in self.made:
            self.made["full"] = next(
                (caller for contact in self.contacts() if len(self.call(
                    "GET", "/v1/cases?limit=100",
                    caller := f"contact:{contact['id']}")["items"]) == 100),
                None) or sys.exit("beside.py: make data CASES=100000")
        return self.made["full"]

    def with_pins(self):
        """Numbers of contacts who have a phone PIN that nobody has tried."""
        if "pins" not in self.made:
            self.made["pins"] = [self.call(
                "POST", "/v1/phone-pin", f"contact:{contact['id']}",
                b"")["contact_number"] for contact in self.contacts()]
        return self.made["pins"]

    def filters(self, operation):
        """Filters that take one of a few words or numbers, with a value."""
        _, spec = rows.operation(self.document, operation)
        found = {}
        for parameter in spec["parameters"]:
            parameter = rows.resolved(self.document, parameter)
            if parameter["in"] == "query" and parameter["name"] in rows.VALUES:
                found[parameter["name"]] = urllib.parse.quote(
                    str(rows.VALUES[parameter["name"]]))
        return found

    def figures(self, days):
        """Public figures by day, over ten years that end so long ago."""
        last = time.strftime("%Y-%m-%d",
                             time.gmtime(time.time() - days * 86400))
        return (f"/v1/metrics/cases?from={int(last[:4]) - 9}{last[4:]}"
                f"&to={last}&interval=day")

    def resident(self):
        """MiB of the processes that serve."""
        parent = int(pathlib.Path(self.env["PID_FILE"]).read_text())
        pids = subprocess.run(["pgrep", "-P", str(parent)], check=True,
                              capture_output=True, text=True).stdout.split()
        return sum(int(found[1]) for pid in pids if (found := re.search(
            r"VmRSS:\s+(\d+)", pathlib.Path(
                f"/proc/{pid}/status").read_text()))) / 1024


# -- the good caller ---------------------------------------------------------

class Good:
    """Asks what it is given, RATE times a second, over one connection or, with
    fresh, over a new one each time. It comes from 127.0.0.1."""

    def __init__(self, target, make, fresh, rate=RATE):
        self.target, self.make, self.fresh = target, make, fresh
        self.rate = rate
        self.link = None

    def run(self, seconds):
        """(milliseconds of each answer, how many did not come or not well)."""
        asked = [self.make() for _ in range(int(seconds * self.rate))]
        begin = time.monotonic()
        took, lost = [], 0
        for n, message in enumerate(asked):
            due = begin + n / self.rate
            time.sleep(max(0, due - time.monotonic()))
            if time.monotonic() > begin + seconds + PATIENCE:
                lost += len(asked) - n
                break
            if self.ask(message):
                took.append((time.monotonic() - due) * 1000)
            else:
                lost += 1
        return took, lost

    def ask(self, message):
        for attempt in (1, 2):      # an idle connection may have been closed
            try:
                if self.link is None or self.fresh:
                    self.link = socket.create_connection(
                        (self.target.host, self.target.port), PATIENCE)
                    self.link.setsockopt(
                        socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    attempt = 2
                self.link.sendall(message)
                status = self.read()
                if status is not None:
                    return 200 <= status < 300
            except OSError:
                pass
            self.link = None
            if attempt == 2:
                return False
        return False

    def read(self):
        data = self.link.recv(65536)
        status = int(data[9:12]) if data else None
        while data and b"\r\n\r\n" not in data:
            data += self.link.recv(65536)
        if not data:
            return None
        head, _, rest = data.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head.lower())
        while length and len(rest) < int(length[1]):
            rest += self.link.recv(1 << 20)
        if b"connection: close" in head.lower():
            self.link = None
        return status


def reads(target):
    """A contact of another district reads a case of its own."""
    token, path = target.token("contact:1"), f"/v1/cases/{target.case_of(1)}"
    return lambda: attackers.request(target, "GET", path, token)


def writes(target):
    token, path = target.token("contact:1"), f"/v1/cases/{target.case_of(1)}"
    return lambda: attackers.request(
        target, "POST", path + "/notes", token,
        "Content-Type: application/json", body=b'{"text": "A note."}')


def signs_in(target):
    """Each request has a token that the service has not seen yet."""
    path = f"/v1/cases/{target.case_of(1)}"
    return lambda: attackers.request(
        target, "GET", path, target.token("contact:1"))


def staff_reads(target):
    token, path = target.token("staff:1"), f"/v1/cases/{target.case_of(1)}"
    return lambda: attackers.request(target, "GET", path, token)


def public_reads(target):
    year = time.gmtime().tm_year
    return lambda: attackers.request(
        target, "GET", f"/v1/calendar?from={year}-01-01&to={year}-12-31")


def uploads(target):
    token = target.token("contact:1")
    body = random.randbytes(100_000)
    return lambda: attackers.request(
        target, "POST", f"/v1/cases/{target.case_of(1)}/attachments", token,
        "Content-Type: application/octet-stream",
        "Content-Disposition: attachment; filename=x", body=body)


def downloads(target):
    token, path = target.token("contact:1"), target.file_of(1)
    return lambda: attackers.request(target, "GET", path, token)


# What it says, who attacks, what the good caller does, how.
ROWS = [
    ("nobody", None, reads, {}),
    ("nobody, uploading", None, uploads, {"rate": 5}),
    ("nobody, downloading", None, downloads, {"rate": 2}),
    ("nobody, writing", None, writes, {}),
    ("3,950 unknown parameters", attackers.unknown_parameters, reads, {}),
    ("1,300 badly encoded parameters", attackers.badly_encoded_parameters,
     reads, {}),
    ("If-Match of 2,400 tags", attackers.many_tags, reads, {}),
    ("6,000 answers not taken", attackers.answers_not_taken, reads, {}),
    ("pipelined 404s, four connections", attackers.pipelined_404s, reads, {}),
    ("490 connections that read the document", attackers.documents_read,
     reads, {}),
    ("490 connections that read the document, downloading",
     attackers.documents_read, downloads, {"rate": 2}),
    ("2,000 dripping heads", attackers.dripping_heads, reads, {"fresh": True}),
    ("490 connections at one instant", attackers.requests_at_one_instant,
     reads, {}),
    ("2,000 bodies on their way", attackers.bodies_on_their_way, reads,
     {"fresh": True}),
    ("new connections, no request", attackers.new_connections, reads,
     {"fresh": True}),
    ("four uploads announced", attackers.uploads_announced, uploads,
     {"rate": 5}),
    ("six downloads not taken", attackers.downloads_not_taken, downloads,
     {"rate": 2}),
    ("junk tokens of a known key", attackers.junk_tokens, signs_in, {}),
    ("filter combinations of a contact", attackers.filter_combinations, reads,
     {}),
    ("16 slow filters of a colleague", attackers.slow_filters, staff_reads,
     {}),
    ("16 filters of a colleague by subject", attackers.subjects, staff_reads,
     {}),
    ("ten-year figures, 16 at once", attackers.ten_years_of_figures,
     public_reads, {}),
    ("lists of another district, 32 at once",
     attackers.lists_of_another_district, reads, {}),
    ("lists of another district, 64 at once",
     attackers.more_lists_of_another_district, reads, {}),
    ("notes of another district, 32 at once",
     attackers.notes_of_another_district, reads, {}),
    ("the same, writing", attackers.notes_of_another_district, writes, {}),
    ("notes of another district, 100 at a time",
     attackers.bursts_of_another_district, reads, {}),
    ("the same bursts, writing", attackers.bursts_of_another_district, writes,
     {}),
    ("uploads of another district, 8 at once",
     attackers.uploads_of_another_district, reads, {}),
    ("wrong PINs, 8 at once", attackers.wrong_pins, reads, {}),
    ("as many 404s as wrk can", attackers.junk_flood, reads, {}),
    ("as many 401s as wrk can", attackers.requests_without_token, reads, {}),
]


def measure(target, attack, kind, options):
    """(p50, p99, refused, asked, MiB more than before)."""
    good = Good(target, kind(target), options.get("fresh", False),
                options.get("rate", RATE))
    good.run(0.5)
    before = target.resident()
    attacker = None
    if attack is not None:
        attacker = multiprocessing.Process(target=begin, args=(attack, target))
        attacker.start()
        time.sleep(1.5)
    try:
        took, lost = good.run(SECONDS)
        grown = target.resident() - before
    finally:
        if attacker is not None:
            os.killpg(attacker.pid, 9)
            attacker.join()
    return percentile(took, 50), percentile(took, 99), lost, \
        len(took) + lost, grown


def begin(attack, target):
    """Leads a group of its own, and ends with its parent."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)      # PR_SET_PDEATHSIG
    os.setpgid(0, 0)
    os.nice(5)
    attack(target)


def percentile(values, part):
    if not values:
        return math.nan
    return sorted(values)[min(len(values) - 1, len(values) * part // 100)]


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    targets = [Target(run_dir) for run_dir in sys.argv[1:]]
    wanted = re.compile(os.environ.get("ATTACKS", ""))
    for target in targets:
        for contact in (1, 4):
            target.file_of(contact)
        target.of_full_pages()
        target.with_pins()
    print(f"One good caller at {RATE} requests/s beside …"
          f" ({', '.join(t.run_dir.name for t in targets)})\n")
    print("| beside | " + " | ".join(
        "p50 ms | p99 ms | refused | MiB" for _ in targets) + " |")
    print("|---" * (1 + 4 * len(targets)) + "|")
    for name, attack, kind, options in ROWS:
        if not wanted.search(name):
            continue
        cells = [name]
        for target in targets:
            p50, p99, lost, asked, grown = measure(
                target, attack, kind, options)
            cells += [f"{p50:.1f}", f"{p99:.1f}", f"{lost}/{asked}",
                      f"{grown:+.0f}"]
            time.sleep(1.5)
        print("| " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
