"""Requests per second of the service and of PostgreSQL itself, in one run.

wrk asks the service over 64 keep-alive connections with random tokens and
ids; pgbench sends the same statements (begin_contact included), prepared and
pipelined, with 4, 8 and 16 clients, the best of which counts. The two take
turns for ROUNDS rounds, and medians are printed. Compare ratios of one run
only: machines are noisy. Arguments choose parts: compare, rows (see rows.py),
questions, timers, desk, scale; SCALE=1 is scale, and then questions and desk
with as many cases.
"""

import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

import desk
import questions
import rows
import timers

ROOT = pathlib.Path(__file__).resolve().parents[2]
RUN_DIR = pathlib.Path(os.environ["RUN_DIR"])
CASES = int(os.environ["CASES"])
ROUNDS = int(os.environ.get("ROUNDS", "3"))
SECONDS = int(os.environ.get("BENCH_SECONDS", "8"))
ROW_SECONDS = float(os.environ.get("ROW_SECONDS", "0.5"))
SIZES = [int(size) for size in os.environ.get(
    "SIZES", ",".join(map(str, rows.SIZES))).split(",")]
CONTACTS = 1000
FIRST_CONTACT = 100001
CONNECTIONS = 64
CLIENTS = (4, 8, 16)
NOTE = json.dumps({"text": "A note of the benchmark, of ordinary length: "
                           "what was seen, what was tried, what comes next."})
TARGETS = {"get": 0.75, "list": 0.80, "note": 0.80}
# Of 20000 generated cases the second thousand is open; closed take no note.
INDEX = {"get": "random(1, {})", "list": "random(1, {})",
         "note": "random(0, greatest(1, {} / 20000) - 1) * 20000"
                 " + random(1000, 1999)"}
# What the service does when it connects.
ADMISSION = r"""\if :admitted
\else
select rules.admit(sha384(decode(:key, 'hex')
  || convert_to('casework_contact ' || pg_backend_pid() || ' '
    || (extract(epoch from now()) * 1000000)::bigint, 'UTF8')));
\set admitted 1
\endif
"""
STATEMENTS = {"get": "get_case", "list": "list_cases", "note": "add_note"}


def settings():
    values = {}
    for line in (RUN_DIR / "env").read_text().splitlines():
        name, _, value = line.partition("=")
        values[name] = value.strip("'")
    return values


ENV = settings()
CONTEXT_KEY = pathlib.Path(ENV["CONTEXT_KEY_FILE"]).read_bytes().hex()


def owner(statement):
    return subprocess.run(
        ["psql", "-XAtq", ENV["OWNER_URL"], "-c", statement],
        env={**os.environ, "PGPASSFILE": ENV["PGPASSFILE"]},
        check=True, capture_output=True, text=True).stdout.strip()


def generate(wanted=CASES):
    """Makes sure of that many generated cases; returns the first one's id."""
    have = int(owner("select count(*) from casework.cases "
                     "where subject like 'Generated case number %'"))
    if have < wanted:
        subprocess.run([ROOT / "api/run/instance.sh", "data"], check=True,
                       env={**os.environ, "CASES": str(wanted - have)},
                       stdout=sys.stderr)
        settle()
        owner("vacuum analyze")
        owner("checkpoint")
    return int(owner("select min(id) from casework.cases "
                     "where subject like 'Generated case number 1: %'"))


def settle():
    """Lets the timers do what the new data is due for, as a worker would."""
    names = owner("select proname from pg_proc where pronamespace ="
                  " 'rules'::regnamespace and proname ~ '^timer_'"
                  " and prorettype = 'int4'::regtype").split()
    for name in names:
        while int(owner("set role casework_worker;"
                        f" select rules.{name}(10000)")):
            pass


def statement(name):
    """The very text that the service sends, without its optional lines."""
    return subprocess.run(
        [RUN_DIR / "bin/casework", "statement", name],
        env={**os.environ, **ENV}, check=True, capture_output=True,
        text=True).stdout.rstrip() + ";"


def token_of(subject):
    return subprocess.run(
        ["api/run/instance.sh", "token"],
        env={**os.environ, "AS": subject}, check=True, capture_output=True,
        text=True).stdout.strip()


def row_tokens():
    """A few callers of each kind; contacts of different districts."""
    return {"contact": [token_of(f"contact:{FIRST_CONTACT + 5 * n}")
                        for n in range(20)],
            "staff": [token_of("staff:100001")]}


def write_scripts(directory, first):
    begin = statement("begin_contact").replace(":actor", "null")
    for kind, name in STATEMENTS.items():
        (directory / f"{kind}.sql").write_text(
            f"\\set i {INDEX[kind].format(CASES)}\n"
            f"\\set case_id {first} + :i - 1\n"
            f"\\set caller_id {FIRST_CONTACT} + :i % {CONTACTS}\n"
            f"\\set limit 25\n{ADMISSION}\\startpipeline\n"
            f"{begin}\n{statement(name)}\n"
            "\\endpipeline\n")
    (directory / "tokens").write_text("".join(
        token_of(f"contact:{FIRST_CONTACT + n}") + "\n"
        for n in range(CONTACTS)))


def milliseconds(text):
    value, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", text).groups()
    return float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def wrk(directory, kind, first):
    out = subprocess.run(
        ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "--latency",
         "-s", ROOT / "tests/bench/requests.lua", ENV["CASEWORK_URL"], "--",
         kind, str(first), str(CASES), directory / "tokens"],
        check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in out or "Socket errors" in out:
        raise SystemExit(f"bench: {kind} was not answered:\n{out}")
    return {
        "rate": float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1]),
        "p50": milliseconds(re.search(r"^ +50%\s+(\S+)", out, re.M)[1]),
        "p99": milliseconds(re.search(r"^ +99%\s+(\S+)", out, re.M)[1]),
    }


def pgbench(directory, kind):
    url = urllib.parse.urlsplit(ENV["DATABASE_URL"])
    query = urllib.parse.parse_qs(url.query)
    host = query.get("host", [url.hostname or ""])[0]
    best = 0.0
    for clients in CLIENTS:
        out = subprocess.run(
            ["/usr/lib/postgresql/15/bin/pgbench", "-n", "-M", "prepared",
             "-j", "2", "-c", str(clients), "-T", str(max(3, SECONDS // 2)),
             "-D", f"body={NOTE}", "-D", "admitted=0",
             "-D", f"key={CONTEXT_KEY}", "-f", directory / f"{kind}.sql",
             "-h", host, "-p", str(url.port or 5432),
             "-U", "casework_contact", url.path.lstrip("/")],
            env={**os.environ, "PGPASSFILE": ENV["PGPASSFILE"]},
            check=True, capture_output=True, text=True).stdout
        best = max(best, float(re.search(r"tps = ([\d.]+)", out)[1]))
    return best


def resident():
    """MiB resident in all processes of the service; shared pages once."""
    total = 0
    for exe in pathlib.Path("/proc").glob("[0-9]*/exe"):
        try:
            if not os.readlink(exe).startswith(str(
                    (RUN_DIR / "bin/casework").resolve())):
                continue
            text = (exe.parent / "smaps_rollup").read_text()
            total += int(re.search(r"^Pss:\s+(\d+)", text, re.M)[1])
        except OSError:
            continue
    return total / 1024


def ready_time():
    """Milliseconds from exec to the first 200 of /readyz; best of five."""
    times = []
    environment = {**os.environ, **ENV, "PORT": "8087",
                   "PID_FILE": str(RUN_DIR / "ready.pid"),
                   "LOG_FILE": "/dev/null", "PUBLIC_URL": ""}
    for _ in range(5):
        start = time.monotonic()
        service = subprocess.Popen(
            [RUN_DIR / "bin/casework", "serve"], env=environment,
            stdout=subprocess.DEVNULL)
        while True:
            try:
                urllib.request.urlopen("http://127.0.0.1:8087/readyz").read()
                break
            except OSError:
                time.sleep(0.002)
        times.append((time.monotonic() - start) * 1000)
        service.terminate()
        service.wait()
    return statistics.median(times)


def compare():
    first = generate()
    results = {kind: [] for kind in STATEMENTS}
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        write_scripts(directory, first)
        for number in range(ROUNDS):
            for kind in STATEMENTS:
                mine = wrk(directory, kind, first)
                mine["pgbench"] = pgbench(directory, kind)
                results[kind].append(mine)
                print(f"round {number + 1} {kind}: service "
                      f"{mine['rate']:.0f}/s, pgbench "
                      f"{mine['pgbench']:.0f}/s", file=sys.stderr)
    print(f"{CASES} cases, {CONNECTIONS} connections, medians of {ROUNDS}")
    print(f"{'':6}{'service/s':>11}{'pgbench/s':>11}{'ratio':>8}"
          f"{'aim':>7}{'p50 ms':>9}{'p99 ms':>9}")
    for kind, rounds in results.items():
        middle = {key: statistics.median(r[key] for r in rounds)
                  for key in rounds[0]}
        ratio = statistics.median(r["rate"] / r["pgbench"] for r in rounds)
        print(f"{kind:6}{middle['rate']:11.0f}{middle['pgbench']:11.0f}"
              f"{ratio:8.2f}{TARGETS[kind]:7.2f}{middle['p50']:9.2f}"
              f"{middle['p99']:9.2f}")
    print(f"resident {resident():.1f} MiB in all (aim: 60), "
          f"ready after {ready_time():.0f} ms (aim: 300)")


def main(parts):
    status = 0
    if "scale" in parts:
        first = generate(SIZES[0])
        status = rows.print_scale(ENV["CASEWORK_URL"], row_tokens(), first,
                                  ROW_SECONDS, generate, SIZES)
    if "compare" in parts:
        compare()
    if "rows" in parts:
        rows.print_rows(ENV["CASEWORK_URL"], row_tokens(), generate(),
                        ROW_SECONDS)
    if "timers" in parts:
        timers.run(ENV, RUN_DIR, owner, row_tokens()["contact"], generate())
    if "questions" in parts:
        generate()
        questions.run(ENV, RUN_DIR, owner, token_of,
                      os.environ.get("QUESTIONS", ""))
    if "desk" in parts:
        generate()
        contacts = [FIRST_CONTACT + 5 * n for n in range(20)]
        desk.run(ENV, RUN_DIR, owner, token_of, row_tokens()["contact"],
                 [int(owner("select max(id) from casework.cases where"
                            f" contact_id = {n}")) for n in contacts])
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or (
        ["scale", "questions", "desk"] if os.environ.get("SCALE") else [
            "compare", "rows", "questions", "timers", "desk"])))
