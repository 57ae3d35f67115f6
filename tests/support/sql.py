"""PostgreSQL through one long-lived psql process per session.

Only for what the API cannot do: making districts, staff and partners, moving
the clock, holding locks, and looking at the database as one of its roles.
"""

import contextlib
import hashlib
import json
import os
import subprocess
import threading
import uuid
from pathlib import Path

from instance import until


class SqlError(Exception):
    """What psql wrote to standard error."""

    @property
    def state(self):
        return str(self).partition("ERROR:  ")[2].partition(":")[0]


def literal(value):
    """A Python value as an SQL literal of unknown type."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, dict):
        value = json.dumps(value)
    if isinstance(value, (list, tuple)):
        return "array[" + ", ".join(literal(v) for v in value) + "]"
    return "'" + str(value).replace("'", "''") + "'"


class Psql:
    def __init__(self, dsn, environment=None, options=()):
        self.lock = threading.Lock()
        self.process = subprocess.Popen(
            ["psql", "--no-psqlrc", "--quiet", "--no-align", "--tuples-only",
             "-v", "VERBOSITY=verbose", *options, dsn],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, bufsize=1,
            env={**os.environ, **(environment or {})})

    def begin_run(self, statement, *values):
        """Sends without waiting; finish_run() reads what comes of it."""
        if values:
            statement = statement % tuple(literal(v) for v in values)
        mark = "--" + uuid.uuid4().hex
        self.process.stdin.write(
            f"{statement.rstrip().rstrip(';')}\n;\n\\echo '{mark}'\n")
        self.process.stdin.flush()
        return mark

    def finish_run(self, mark):
        lines, faults = [], []
        for line in self.process.stdout:
            line = line.rstrip("\n")
            if line == mark:
                break
            if faults or line.startswith(("ERROR:", "FATAL:", "psql:")):
                faults.append(line)
            else:
                lines.append(line)
        else:
            faults = faults or lines or ["psql has ended"]
        if faults:
            raise SqlError("\n".join(faults))
        return "\n".join(lines)

    def run(self, statement, *values):
        """Runs statements (%s are the values); returns what psql prints."""
        with self.lock:
            return self.finish_run(self.begin_run(statement, *values))

    def rows(self, statement, *values):
        """The rows of one statement (select, or with returning) as dicts."""
        text = self.run(
            f"with q as ({statement.rstrip().rstrip(';')}\n) "
            "select coalesce(json_agg(q), '[]') from q", *values)
        return json.loads(text)

    def row(self, statement, *values):
        rows = self.rows(statement, *values)
        assert len(rows) == 1, rows
        return rows[0]

    def value(self, statement, *values):
        return next(iter(self.row(statement, *values).values()))

    def close(self):
        self.process.stdin.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


def until_settled(sql, seconds=60):
    """Returns once all that was being written has ended. A feed passes nothing
    that is under way: one of now shows what was committed just before."""
    own = sql.run("select pg_current_xact_id()")
    until(lambda: sql.value(
        "select pg_snapshot_xmin(pg_current_snapshot()) > %s::xid8 as over",
        own), seconds)


def settle(sql, seconds=3):
    """The same as far as it takes no longer: a test may hold something up."""
    with contextlib.suppress(AssertionError):
        until_settled(sql, seconds)


class Role(Psql):
    """A session as one of the service's roles, acting for a caller."""

    def __init__(self, kind, url, environment):
        super().__init__(url, {
            "PGPASSFILE": environment.get("PGPASSFILE", "")})
        self.kind = kind
        self.key = Path(environment["CONTEXT_KEY_FILE"]).read_bytes()
        self.process_id = self.run("select pg_backend_pid()")
        self.admitted = False

    @staticmethod
    def proof_of(key, kind, opening):
        """What the engine would open a session with."""
        line = f"casework_{kind} {opening}"
        return "\\x" + hashlib.sha384(key + line.encode()).hexdigest()

    def proof(self):
        """In the transaction that there is."""
        return self.proof_of(self.key, self.kind, self.run(
            "select pg_backend_pid() || ' ' || (extract(epoch from now())"
            " * 1000000)::bigint").split("\n")[-1])

    def proof_before(self):
        """That of an engine of the version before."""
        return self.proof_of(self.key, self.kind, self.process_id)

    def admit(self):
        """Makes it a session of the engine; returns by what proof."""
        self.run("begin")
        proof = self.proof()
        self.run("select rules.admit(%s) \\g /dev/null", proof)
        self.run("commit")
        self.admitted = True
        return proof

    def beginning(self, caller_id, actor=""):
        """What begins a transaction for that caller; for nobody without."""
        if caller_id is None or self.kind in ("public", "worker"):
            return "begin;\n"
        if not self.admitted:
            self.admit()
        return (f"begin;\nselect rules.begin_{self.kind}({caller_id},"
                f" {literal(actor or None)}) \\g /dev/null\n")

    def acting(self, statement, *values, caller_id=None, actor=""):
        """Rows of the statement in a transaction of that caller."""
        if values:
            statement = statement % tuple(literal(v) for v in values)
        try:
            text = self.run(f"{self.beginning(caller_id, actor)}"
                            f"with q as ({statement})"
                            " select coalesce(json_agg(q), '[]') from q")
        finally:
            self.run("rollback")
        return json.loads(text)

    def fails(self, statement, *values, caller_id=None, actor=""):
        """The SQLSTATE of the statement, or None if it succeeds."""
        if values:
            statement = statement % tuple(literal(v) for v in values)
        try:
            self.run(self.beginning(caller_id, actor) + statement)
        except SqlError as fault:
            return fault.state
        finally:
            self.run("rollback")
        return None
