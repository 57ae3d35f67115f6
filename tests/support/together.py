"""Several processes run the tests (pytest -n 2), each with an instance of its
own. What a run must have shown as a whole, the tests marked `last` ask in one
of them: it waits until all other tests are over, and takes over what the
others have seen.

Each process writes one line for each of its tests into a file beside those of
the others, in a directory that the process which hands out the tests makes.
"""

import json
import pathlib
import shutil
import tempfile

import pytest

from instance import until

QUIET_SECONDS = 600     # without a line from anybody: a process has died


def pytest_configure(config):
    given = getattr(config, "workerinput", None)
    if given is not None:
        config.pluginmanager.register(
            Share(config, pathlib.Path(given["shared"]), given["workerid"]))
    elif getattr(config.option, "dist", "no") != "no":
        config.pluginmanager.register(Distribution())


class Distribution:
    """In the process that hands out the tests."""

    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="casework-tests-")

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node):
        node.workerinput["shared"] = self.directory

    def pytest_unconfigure(self):
        shutil.rmtree(self.directory, ignore_errors=True)


class Share:
    """In a process that runs its share of the tests."""

    def __init__(self, config, directory, name):
        self.config = config
        self.directory = directory
        self.own = directory / name
        self.seen = set()
        self.served = set()
        self.expected = 0       # tests of all processes that are not `last`
        self.config.proof_is_whole = False

    def pytest_collection_finish(self, session):
        self.expected = sum(not is_last(item) for item in session.items)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item):
        yield
        if not is_last(item):
            self.tell()

    def tell(self):
        """What this test has shown, beyond what is told already."""
        contract = getattr(self.config, "contract", None)
        seen = contract.seen - self.seen if contract else set()
        served = contract.served - self.served if contract else set()
        self.seen |= seen
        self.served |= served
        with open(self.own, "a", encoding="utf-8") as file:
            file.write(json.dumps({
                "seen": list(seen), "served": list(served),
                "proof": self.config.proof.news()}) + "\n")

    # After the fixtures: they may be what makes the contract.
    @pytest.hookimpl(trylast=True)
    def pytest_runtest_setup(self, item):
        if is_last(item):
            while len(lines := self.lines()) < self.expected:
                self.wait_for_more_than(len(lines))
            self.take(lines)

    def lines(self):
        """Of all processes; the last one of a file may be half written."""
        return [line for path in self.directory.iterdir()
                for line in path.read_text("utf-8").split("\n")[:-1]]

    def wait_for_more_than(self, count):
        until(lambda: len(self.lines()) > count, QUIET_SECONDS, pause=0.5)

    def take(self, lines):
        contract = getattr(self.config, "contract", None)
        for line in map(json.loads, lines):
            self.config.proof.take(line["proof"])
            if contract:
                contract.seen.update(map(tuple, line["seen"]))
                contract.served.update(map(tuple, line["served"]))
        self.config.proof_is_whole = True


def is_last(item):
    return item.get_closest_marker("last") is not None
