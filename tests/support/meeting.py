"""What a test holds up with a lock: a crowd of requests that waits, and actions
that meet, one behind the other, at the very place where it counts.

    with meeting.at("calls") as meet:
        first, second = meet(lambda: …, lambda: …)

A table is locked against writers alone ("share"): whoever comes has read and
decided, and waits with what it holds when it wants to write. The next one is
begun when the one before stands there. So the order is the test's, and nothing
is left to luck.
"""

import contextlib
import threading

from client import Client, Service
from instance import until
from sql import Psql
from wire import Wire

WAITING = ("select count(*) as n from pg_stat_activity where usename ~ %s and"
           " datname = current_database() and wait_event_type = 'Lock'")


def waiting(sql, kind="[a-z]+"):
    """How many sessions of such callers wait for a lock."""
    return sql.value(WAITING, f"^casework_{kind}$")


@contextlib.contextmanager
def locked(instance, table, mode="access exclusive"):
    """Holds a lock on a table; what it yields lets go of it."""
    session = Psql(instance.owner_url)
    session.run(f"begin; lock table casework.{table} in {mode} mode")
    try:
        yield lambda: session.run("rollback")
    finally:
        session.close()


@contextlib.contextmanager
def crowd(service, count, target, *lines):
    """So many requests at once, each on a connection of its own."""
    with contextlib.ExitStack() as stack:
        wires = [stack.enter_context(Wire(service)) for _ in range(count)]
        for wire in wires:
            wire.send(wire.get(target, *lines))
        yield wires


@contextlib.contextmanager
def long_waits(sql, *kinds):
    """Sessions of such callers that begin meanwhile wait for a lock as long as
    a test may need on a loaded machine."""
    roles = [f"alter role casework_{kind} in database"
             f" {sql.value('select current_database() as n')}"
             for kind in kinds]
    names = ("lock_timeout", "statement_timeout")
    for role in roles:
        for name in names:
            sql.run(f"{role} set {name} = '60s'")
    try:
        yield
    finally:
        for role in roles:
            for name in names:
                sql.run(f"{role} reset {name}")


class Begun:
    """An action in a thread of its own."""

    def __init__(self, action):
        self.action, self.result, self.fault = action, None, None
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        try:
            self.result = self.action()
        except BaseException as fault:      # told to the test
            self.fault = fault

    @property
    def is_done(self):
        return not self.thread.is_alive()

    def end(self):
        self.thread.join()
        if self.fault is not None:
            raise self.fault
        return self.result


class Meeting:
    """Two processes of the service whose sessions wait long for a lock: of a
    phone system each lets one write at a time."""

    KINDS = ("contact", "partner", "staff", "telephony")

    def __init__(self, instance, contract, sql):
        self.instance, self.contract, self.sql = instance, contract, sql
        self.services = []

    @contextlib.contextmanager
    def serving(self):
        with contextlib.ExitStack() as stack:
            stack.enter_context(long_waits(self.sql, *self.KINDS))
            for _ in range(2):
                process = stack.enter_context(self.instance.beside(
                    WORKERS=1, WRITE_CONNECTIONS=8, SLOW_CONNECTIONS=8))
                self.services.append(Service(process.url, self.contract))
                stack.callback(self.services[-1].close)
            yield self

    def by(self, who, at=0):
        """The same caller, at one of these processes."""
        return Client(self.services[at], who.token, who.kind)

    @contextlib.contextmanager
    def at(self, table):
        """Yields what lets actions meet there, once: it begins one after the
        other, lets them go, and returns their results."""
        with locked(self.instance, table, "share") as let_go:
            def meet(*actions):
                begun = []
                for action in actions:
                    before = waiting(self.sql)
                    begun.append(Begun(action))
                    until(lambda: begun[-1].is_done
                          or waiting(self.sql) > before)
                assert waiting(self.sql), "nobody waits: they do not meet"
                let_go()
                return [one.end() for one in begun]
            yield meet

    def meet(self, table, *actions):
        with self.at(table) as meet:
            return meet(*actions)
