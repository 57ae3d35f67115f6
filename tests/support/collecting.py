"""Which tests there are: one for each operation of the document where a test
asks for it, which are left out behind a proxy, and what runs last.
"""

import functools
import pathlib
import subprocess
import sys
import tempfile

import pytest

import rules
from contract import Contract, parse
from instance import BEHIND_PROXY, ROOT

TESTS = ROOT / "tests"
SOURCES = ROOT / "openapi"
BUILT = ROOT / "build" / "openapi.json"


def pytest_configure(config):
    config.proof = rules.Proof()
    if not BEHIND_PROXY:        # where some tests are left out
        config.pluginmanager.register(config.proof)


@functools.cache
def bundled():
    """What the sources make: openapi.json, statements.sql, as bytes."""
    with tempfile.TemporaryDirectory() as directory:
        subprocess.run([sys.executable, SOURCES / "bundle.py", directory],
                       check=True, stdout=subprocess.DEVNULL)
        return {path.name: path.read_bytes()
                for path in pathlib.Path(directory).iterdir()}


def is_built():
    """As make judges it: the folder is newer where a file has gone."""
    changed = max(path.stat().st_mtime
                  for path in (SOURCES, *SOURCES.rglob("*")))
    return BUILT.exists() and BUILT.stat().st_mtime > changed


@functools.cache
def documented_operations():
    """The operations, for collecting tests; what is built saves a second."""
    text = BUILT.read_bytes() if is_built() else bundled()["openapi.json"]
    return Contract(parse(text)).operations


def pytest_generate_tests(metafunc):
    """A test with `op` runs once per operation, or once for each that its
    mark `operations(where=…)` chooses."""
    if "op" not in metafunc.fixturenames:
        return
    mark = metafunc.definition.get_closest_marker("operations")
    chosen = [op.id for op in documented_operations()
              if mark is None or mark.kwargs["where"](op)]
    metafunc.parametrize("operation_id", chosen)


@pytest.fixture
def op(operation_id, contract):
    return contract.by_id[operation_id]


def pytest_collection_modifyitems(config, items):
    """Skips what cannot pass a proxy; orders what has to wait to the end.
    The day is one thing, and long: at the front nothing divides it among
    processes."""
    if BEHIND_PROXY:
        skip = pytest.mark.skip(reason="speaks to the service directly")
        for item in items:
            if item.get_closest_marker("direct"):
                item.add_marker(skip)
    items.sort(key=lambda item: (
        item.get_closest_marker("last") is not None,
        "slow_clients" in item.fixturenames,
        "day" not in item.fixturenames))
    config.whole_suite = is_whole_suite(config, items)


def is_whole_suite(config, items):
    option = config.option
    if option.keyword or option.markexpr or option.deselect:
        return False
    if any("::" in arg for arg in config.args):
        return False
    collected = {item.path.name for item in items}
    return collected >= {path.name for path in TESTS.glob("test_*.py")}
