"""Databases to be migrated, in a cluster that serves nobody."""

import contextlib
import os
import shutil
import subprocess
import uuid

import pytest

from instance import ROOT, Instance
from sql import Psql

LAST = max(path.stem for path in (ROOT / "sql" / "schema").glob("*.sql"))


@pytest.fixture
def copy(tmp_path):
    """A copy of sql/ that a test may spoil."""
    return shutil.copytree(ROOT / "sql", tmp_path / "sql")


def begin_migrating(folder, url, **settings):
    return subprocess.Popen(
        [folder / "migrate.sh", url], text=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, **settings})


def migrate(folder, url, **settings):
    begun = begin_migrating(folder, url, **settings)
    said, complained = begun.communicate(timeout=300)
    return subprocess.CompletedProcess(
        begun.args, begun.returncode, said, complained)


@pytest.fixture(scope="session")
def cluster():
    alone = Instance(private=True, WORKER="0", DEMO="0")
    yield alone
    alone.remove()


@contextlib.contextmanager
def up_to_date(cluster, options=None):
    """A database of its own where all roles are; its URL is with it. It is a
    copy of one that was migrated, unless it is to be another one."""
    name = "test_" + uuid.uuid4().hex
    owner = Psql(cluster.owner_url)
    if options is None and not owner.rows(
            "select from pg_database where datname = 'pattern'"):
        make(cluster, owner, "pattern")
    if options is None:
        owner.run(f"create database {name} template pattern")
    else:
        make(cluster, owner, name, options)
    session = Psql(url_of(cluster, name))
    session.url = url_of(cluster, name)
    yield session
    session.close()
    owner.run(f"drop database {name}")
    owner.close()


def url_of(cluster, name):
    return cluster.owner_url.replace("/casework?", f"/{name}?")


def make(cluster, owner, name, options=""):
    owner.run(f"create database {name} {options}")
    done = migrate(ROOT / "sql", url_of(cluster, name))
    assert (done.returncode, done.stderr) == (0, "")


@pytest.fixture(scope="module")
def database(cluster):
    """For what is refused: nothing of it stays."""
    with up_to_date(cluster) as session:
        yield session


@pytest.fixture
def changing(cluster):
    with up_to_date(cluster) as session:
        yield session


def is_refused(done, *words):
    """One line that names what is wrong and where."""
    assert done.returncode != 0 and done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.startswith("migrate: ")
    for word in words:
        assert word in done.stderr
