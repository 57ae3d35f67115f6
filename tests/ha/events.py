"""What happens to the set-up, one after the other, and what callers see of
it: a row of the table each."""

import dataclasses
import time

from setting import TTL

AFTER_LEASE = 15        # seconds from the end of the lease until writes go on
BOUND = TTL + AFTER_LEASE
SOON = 20               # where no lease has to end


@dataclasses.dataclass
class Row:
    name: str
    writes: float       # seconds without one that was acknowledged
    reads: float
    longest: float
    failures: dict

    def text(self):
        seen = ", ".join(f"{count} × {what}" for what, count in sorted(
            self.failures.items(), key=str)) or "nothing"
        return (f"| {self.name} | {self.writes:.1f} s | {self.reads:.1f} s |"
                f" {self.longest:.1f} s | {seen} |")


def table(rows):
    return "\n".join([
        "| event | no write for | no read for | longest wait |"
        " answers to try again |", "|---|---|---|---|---|",
        *(row.text() for row in rows)])


class Events:
    """Each method lets something happen, waits until writes are acknowledged
    again, and mends what a machine that comes back mends."""

    def __init__(self, setup, load):
        self.setup, self.load = setup, load
        self.rows = []

    def happen(self, name):
        """Of the whole, when all is well: how it was, as a Row."""
        self.setup.until_well()
        self.load.until_caught_up()
        began = time.monotonic()
        mend = getattr(self, name)()
        try:
            self.load.until_written(began)
        finally:
            if mend:
                mend()
        self.setup.until_well()
        row = self.row(name, began)
        self.rows.append(row)
        return row

    def row(self, name, began):
        failures = (self.load.writes.failures(began)
                    + self.load.reads.failures(began))
        return Row((getattr(self, name).__doc__).rstrip("."),
                   self.load.writes.standstill(began),
                   self.load.reads.standstill(began),
                   max(self.load.writes.longest(began),
                       self.load.reads.longest(began)), failures)

    def primary_killed(self):
        """the machine of the primary loses its power (kill -9 of all)."""
        machine = self.setup.leader()
        machine.power_off()
        return machine.power_on

    def primary_frozen(self):
        """the machine of the primary stands still (SIGSTOP of all)."""
        machine = self.setup.leader()
        machine.freeze()
        return machine.thaw

    def primary_cut_off(self):
        """the packets of the primary's machine are dropped."""
        machine = self.setup.leader()
        machine.cut_off()
        return machine.join

    def switched_over(self):
        """a switchover, as for maintenance."""
        old = self.setup.leader()
        self.setup.switch_over()
        assert self.setup.leader() is not old

    def standby_killed(self):
        """the standby that commits wait for loses its power."""
        machine = self.setup.standby()
        machine.power_off()
        return machine.power_on

    def standby_cut_off(self):
        """the packets of that standby are dropped."""
        machine = self.setup.standby()
        machine.cut_off()
        return machine.join

    def third_killed(self):
        """the third machine with PostgreSQL loses its power."""
        others = (self.setup.leader(), self.setup.standby())
        machine = next(one for one in self.setup.databases
                       if one not in others)
        machine.power_off()
        return machine.power_on

    def node_killed(self):
        """a node of the service is killed."""
        self.setup.nodes[0].signal(9)

    def worker_killed(self):
        """a worker is killed."""
        self.setup.workers[0].signal(9)
