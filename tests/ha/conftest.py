"""One set-up and one load for all events; see tests/README.md."""

import os
import pathlib

import pytest

from events import Events, table
from load import Load
from setting import Setup


@pytest.fixture(scope="session")
def setup():
    setup = Setup(os.environ["HA_DIRECTORY"])
    try:
        setup.start()
        yield setup
    finally:
        setup.end()


@pytest.fixture(scope="session")
def load(setup):
    load = Load(setup)
    yield load
    load.end()


@pytest.fixture(scope="session")
def events(setup, load, pytestconfig):
    pytestconfig.ha_events = events = Events(setup, load)
    return events


def pytest_terminal_summary(terminalreporter, config):
    events = getattr(config, "ha_events", None)
    if events is not None:
        text = table(events.rows) + "\n\n" + events.load.text()
        terminalreporter.write_line(text)
        pathlib.Path(os.environ["RESULTS"], "ha.md").write_text(
            text + "\n", encoding="utf-8")
