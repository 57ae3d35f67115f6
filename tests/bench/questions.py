"""What people at a desk ask all day: the queue, the next case, counts, searches of
every caller, what is unread.

Part of bench.py (`questions`; SCALE=1 asks it at a million cases). One connection
asks one after the other; each time with other words, as they stand in the generated
texts (sql/generate.sql): of a word that every case holds, of such that one of ten,
of a hundred, of a thousand hold, of one case's error code or number. Beside the time
stands what PostgreSQL's processes have computed meanwhile, which other programs on
the machine do not change much.
"""

import os
import pathlib
import random
import re
import statistics
import time
import urllib.parse

import rows

SECONDS = float(os.environ.get("QUESTION_SECONDS", "2"))
AIMS = {"queue": 5, "next": 5, "search": 50}        # ms, 99 of 100
SAMPLE = """
select c.id, c.subject, c.description, c.replication_steps from casework.cases c
where c.contact_id between 100001 and 101000 and {where}
order by hashint8(c.id) limit 400"""
# Of the vocabulary of sql/generate.sql by rank: in so many of a hundred cases.
FREQUENT = "portal button field tool server family export blank loading".split()


class Database:
    """The processes of an instance's PostgreSQL, and their processor time."""

    def __init__(self, run_dir):
        postmaster = pathlib.Path(run_dir, "cluster/postmaster.pid")
        self.parent = postmaster.read_text().split()[0]
        self.files = []

    def look(self):
        """Which processes there are."""
        self.files = []
        for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
            try:
                if stat.read_text().rpartition(") ")[2].split()[1
                        ] == self.parent:
                    self.files.append(open(stat.with_name("schedstat")))
            except OSError:
                continue

    def milliseconds(self):
        total = 0
        for file in self.files:
            try:
                file.seek(0)
                total += int(file.read().split()[0])
            except OSError:
                continue        # it has ended
        return total / 1e6


def sampled(owner, where="true"):
    """[id, subject, description, steps] of some generated cases."""
    return [line.split("|") for line in owner(SAMPLE.format(where=where)
                                              ).splitlines()]


def words_of(case):
    return re.findall(r"[a-z]+", f"{case[1].partition(': ')[2]} {case[2]}")


def pair(case):
    """Two words of different places of a text."""
    words = words_of(case)
    return f"{words[0]} {words[-1]}"


def asked(cases):
    """What is asked for → how a q of it is made."""
    def one():
        return random.choice(cases)
    return {
        "a word of every case": lambda: "generated",
        "a word of one in ten": lambda: random.choice(FREQUENT),
        "any word of a text": lambda: random.choice(words_of(one())),
        "its rarest word": lambda: max(words_of(one()), key=len),
        "two words": lambda: pair(one()),
        "two frequent words": lambda: " ".join(random.sample(FREQUENT, 2)),
        "a pasted sentence": lambda: one()[2].split(".")[0],
        "two words in a row": lambda: '"' + " ".join(
            words_of(one())[:2]) + '"',
        "a number": lambda: one()[0],
        "an error code": lambda: one()[3].split()[-1],
        "words and one of none": lambda: pair(one()) + " nowhere",
        "nothing": lambda: f"nowhere{random.randint(1, 10**6)}",
    }


def searches(who, cases):
    """name → (kind of aim, caller, target)"""
    found = {}
    for path, limit in (("/v1/cases/search", 25), ("/v1/search", 25),
                        ("/v1/cases/search", 100)):
        for name, make in asked(cases).items():
            found[f"{who} {path[4:]} {limit}: {name}"] = (
                "search", who, lambda make=make, path=path, limit=limit:
                f"{path}?limit={limit}&q={urllib.parse.quote(make())}")
    return found


def desk_rows():
    def fixed(kind, who, target):
        return kind, who, lambda: target
    queue = "/v1/desk/queue?limit=25"
    return {
        **{f"queue: {name or 'all'}": fixed("queue", "advisor",
                                            f"{queue}&{name}")
           for name in ("", "assigned=me", "assigned=nobody", "team=support",
                        "team=state_reporting", "product_area=grade_book",
                        "product_area=hosting&assigned=nobody")},
        "queue: of two areas": fixed("queue", "knows", queue),
        "queue: a hundred": fixed("queue", "advisor", "/v1/desk/queue?limit=100"),
        "next": fixed("next", "advisor", "/v1/desk/next"),
        "next: of two areas": fixed("next", "knows", "/v1/desk/next"),
        **{f"counts: {who}, {name or 'all'}": fixed(
            "counts", who, f"/v1/cases/counts?{name}")
           for who, name in (("staff", ""), ("staff", "status_not=closed"),
                             ("staff", "assigned_advisor_id=100001"),
                             ("staff", "district_id=100005"),
                             ("contact", ""), ("partner", ""))},
        **{f"unread={value}: {who} {more}": fixed(
            "unread", who, f"/v1/cases?limit=25&unread={value}{more}")
           for value in ("true", "false")
           for who, more in (("contact", ""), ("staff", ""),
                             ("staff", "&assigned_advisor_id=100001"))},
    }


class Asking(rows.Measured):
    def ask_for(self, kind, who, target):
        method = "POST" if kind == "next" else "GET"
        return self.ask((who, method, target, None))


def measured(client, database, row, seconds):
    """Sorted milliseconds of each, and of the database; None: given up."""
    kind, who, make = row
    client.ask_for(kind, who, make())
    database.look()
    times, computed, end = [], [], time.monotonic() + seconds
    before = database.milliseconds()
    while time.monotonic() < end or len(times) < 3:
        taken, status = client.ask_for(kind, who, make())
        if status == 503:
            return None
        now = database.milliseconds()
        times.append(taken)
        computed.append(now - before)
        before = now
    return sorted(times), sorted(computed)


def figures(times):
    return (f"{statistics.median(times):8.2f}"
            f"{times[int(len(times) * 0.99)]:8.2f}")


def run(env, run_dir, owner, token_of, only=""):
    tokens = {
        "contact": [token_of(f"contact:{100021 + 5 * n}") for n in range(20)],
        "partner": [token_of("partner:100001")],
        "department": [token_of("partner:100002")],
        "staff": [token_of("staff:100001")],
        "advisor": [token_of(f"staff:{100001 + n}") for n in range(20)],
        "knows": [token_of(f"staff:{100021 + n}") for n in range(20)],
    }
    cases = sampled(owner)
    of = {who: cases for who in ("contact", "partner", "staff")}
    of["department"] = sampled(owner, "c.shared_with_state_at is not null")
    questions = desk_rows()
    for who, known in of.items():
        questions.update(searches(who, known))
    client, database = Asking(env["CASEWORK_URL"], tokens), Database(run_dir)
    every = {}
    print(f"{'':44}{'ms':>8}{'':>8}{'of it PostgreSQL computes':>28}")
    print(f"{'one connection':44}" + f"{'p50':>8}{'p99':>8}" * 2)
    for name, row in questions.items():
        if not re.search(only, name):
            continue
        found = measured(client, database, row, SECONDS)
        print(f"{name:44}" + ("     503" if found is None else
                              "".join(figures(times) for times in found)),
              flush=True)
        if found is not None:
            every.setdefault(row[0], []).append(found)
    for kind, lists in every.items():
        # each question counts alike, however often it could be asked
        drawn = [sorted(t for found in lists
                        for t in random.choices(found[i], k=200))
                 for i in (0, 1)]
        print(f"{kind + ', all of them':44}"
              + "".join(figures(times) for times in drawn)
              + (f"  aim of p99: {AIMS[kind]}" if kind in AIMS else ""))
