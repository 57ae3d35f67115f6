"""Whose files the programs leave: started as root, by mistake or in an
emergency, those of the account that goes on working with them."""

import contextlib
import os
import pathlib
import shutil
import subprocess
import tempfile

import pytest

from instance import figure, free_port, get, is_ready, until
from status_files import FILES, Feed

pytestmark = [pytest.mark.direct, pytest.mark.skipif(
    os.geteuid() != 0, reason="it takes root to leave root's files")]


@pytest.fixture
def account(instance):
    """The one that the instance runs as."""
    owner = os.stat(instance.run_dir / "env")
    return owner.st_uid, owner.st_gid


@pytest.fixture
def place(account):
    """A directory of that account's."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="casework-tests-"))
    path.chmod(0o755)
    os.chown(path, *account)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def feed(place, account, instance):
    """A status feed whose directory is that account's, used as root."""
    feed = Feed(place, instance)
    os.chown(feed.directory, *account)
    os.chown(feed.key, *account)
    return feed


def owners(path):
    """Of all that is there; what is about to be renamed has gone by then."""
    found = set()
    for file in [path, *path.rglob("*")]:
        with contextlib.suppress(FileNotFoundError):
            found.add((file.lstat().st_uid, file.lstat().st_gid))
    return found


def status_of(worker):
    """What its readiness says of the status page."""
    lines = get(worker.url + "/readyz?verbose")[1].splitlines()
    (line,) = (x for x in lines if x.startswith("status page: "))
    return line.removeprefix("status page: ")


# -- the status page ---------------------------------------------------------

def test_what_root_publishes_belongs_to_the_owner_of_the_directory(
        feed, account):
    feed.update()
    assert feed.publish(title="The portal is down").returncode == 0
    assert owners(feed.directory) == {account}
    assert "operator-updates.jsonl" in feed.names()
    feed.publish(feed.last, "resolved", "It is back.")
    feed.update()


def test_a_directory_that_root_made_is_left_to_who_made_the_snapshot(
        feed, account):
    """As with a volume whose root is not the account's."""
    feed.update()
    os.chown(feed.directory, 0, account[1])
    feed.directory.chmod(0o775)
    assert feed.publish(title="The portal is down").returncode == 0
    assert {p.stat().st_uid for p in feed.directory.glob("*.json*")
            } == {account[0]}
    os.chown(feed.directory, *account)
    feed.publish(feed.last, "resolved", "It is back.")
    feed.update()


def test_a_key_that_only_root_reads_signs_all_the_same(feed, account):
    feed.update()
    os.chown(feed.key, 0, 0)
    feed.key.chmod(0o600)
    assert feed.publish(title="The portal is down").returncode == 0
    assert owners(feed.directory) == {account}
    feed.publish(feed.last, "resolved", "It is back.")
    feed.update()


def test_a_link_in_the_way_leads_root_nowhere(feed, place):
    feed.update()
    victim = pathlib.Path(tempfile.mkdtemp(prefix="casework-tests-"))
    secret = victim / "secret"
    secret.write_text("root's")
    secret.chmod(0o600)
    for name in (*FILES, "snapshot.json"):
        (feed.directory / (name + ".tmp")).symlink_to(secret)
    (feed.directory / "operator-updates.jsonl").symlink_to(secret)
    assert feed.publish(title="The portal is down").returncode == 1
    (feed.directory / "operator-updates.jsonl").unlink()
    assert feed.publish(title="The portal is down").returncode == 0
    assert secret.read_text() == "root's"
    assert not list(feed.directory.glob("*.tmp"))
    feed.publish(feed.last, "resolved", "It is back.")
    feed.update()
    shutil.rmtree(victim)


def test_the_worker_goes_on_behind_root(feed, new_worker, outage, account):
    """Also where the version before has left files of root's."""
    feed.update()
    for name in (".lock", "snapshot.json"):
        os.chown(feed.directory / name, 0, 0)
    worker = new_worker(STATUS_DIR=feed.directory, STATUS_KEY_FILE=feed.key)
    until(lambda: owners(feed.directory) == {account})
    done = feed.publish(outage["id"], "identified", "The power has failed.")
    assert done.returncode == 0, done.stderr
    until(lambda: "operator-updates.jsonl" not in feed.names())
    assert "The power has failed." in feed.read("index.html")
    until(lambda: is_ready(worker.url))
    assert status_of(worker) == "ok"


def test_a_worker_of_root_leaves_nothing_that_is_root_s(
        instance, post, case, advisor, place, account, tmp_path):
    (place / "mail").mkdir()
    os.chown(place / "mail", *account)
    case.note(advisor).expect(201)
    shutil.copy(instance.env["PGPASSFILE"], tmp_path / "pgpass")
    (tmp_path / "pgpass").chmod(0o600)
    process = subprocess.Popen(
        [instance.run_dir / "bin" / "casework-worker", "run"], cwd=tmp_path,
        env={**os.environ, **instance.env, "WEBHOOK_CONNECTIONS": "0",
             "MAIL_DIR": str(place / "mail"), "WORKER_PORT": str(free_port()),
             "STATUS_DIR": str(place / "status"),
             "LOG_FILE": str(place / "worker.log"), "RUN_AS_ROOT": "allow",
             "PGPASSFILE": str(tmp_path / "pgpass")},
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL)
    try:
        until(lambda: list((place / "mail" / "new").glob("*"))
              and (place / "status" / "snapshot.json").exists())
    finally:
        process.terminate()
        process.wait()
    assert owners(place) == {account}


def test_the_log_of_root_is_the_account_s(
        instance, place, account):
    environment = {**os.environ, **instance.env, "BIND": "192.0.2.1",
                   "RUN_AS_ROOT": "allow",
                   "LOG_FILE": str(place / "casework.log")}
    done = subprocess.run(
        [instance.run_dir / "bin" / "casework", "serve"], env=environment,
        cwd=place, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        check=False, timeout=60)
    assert "cannot listen" in done.stderr
    assert owners(place) == {account}


# -- a fault of publishing ---------------------------------------------------

def spoil_directory(path):
    os.chown(path, 0, 0)
    path.chmod(0o755)


def spoil_incidents(path):
    os.chown(path / "incidents", 0, 0)


def spoil_updates(path):
    (path / "operator-updates.jsonl").write_text("root's")
    (path / "operator-updates.jsonl").chmod(0o600)


def lose_directory(path):
    """Where it was is a file now."""
    path.rename(path.with_name("gone"))
    path.write_text("")


@pytest.mark.parametrize("spoil", [spoil_directory, spoil_incidents,
                                   spoil_updates, lose_directory])
def test_what_cannot_be_published_is_not_ready_until_it_is_mended(
        feed, new_worker, account, spoil):
    """Though nothing new is to be published."""
    worker = new_worker(STATUS_DIR=feed.directory, STATUS_KEY_FILE=feed.key)
    until(lambda: "snapshot.json" in feed.names())
    until(lambda: is_ready(worker.url))
    until(lambda: figure(worker, "status_failing") == 0)
    spoil(feed.directory)
    until(lambda: not is_ready(worker.url))
    assert str(feed.directory) in status_of(worker)
    until(lambda: figure(worker, "status_failing") == 1)
    until(lambda: figure(worker, "status_failures_total") >= 1)
    if feed.directory.is_file():
        feed.directory.unlink()
    else:
        (feed.directory / "operator-updates.jsonl").unlink(missing_ok=True)
        for path in [feed.directory, *feed.directory.rglob("*")]:
            os.chown(path, *account)
    until(lambda: is_ready(worker.url))
    assert status_of(worker) == "ok"
    until(lambda: figure(worker, "status_failing") == 0)
    said = worker.log_file.read_text()
    assert said.count("status_failed") == 1 and "status_mended" in said


def test_a_full_disk_is_a_fault_and_leaves_no_half_files(
        feed, new_worker, account):
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size=1m,uid={account[0]},"
         f"gid={account[1]},mode=755", "none", feed.directory], check=False)
    if mounted.returncode != 0:
        pytest.skip("no disk of its own may be mounted here")
    try:
        worker = new_worker(STATUS_DIR=feed.directory,
                            STATUS_KEY_FILE=feed.key)
        until(lambda: "snapshot.json" in feed.names())
        (feed.directory / "status.json").unlink()
        filler = os.open(feed.directory / "filler", os.O_WRONLY | os.O_CREAT)
        with pytest.raises(OSError):
            while True:
                os.write(filler, b"x" * 4096)
        os.close(filler)
        until(lambda: not is_ready(worker.url))
        assert "No space left" in status_of(worker)
        assert not list(feed.directory.glob("*.tmp"))
        (feed.directory / "filler").unlink()
        until(lambda: is_ready(worker.url))
        assert "status.json" in feed.names()
    finally:
        subprocess.run(["umount", "-l", feed.directory], check=True)


def test_files_that_have_gone_come_back(feed, new_worker):
    new_worker(STATUS_DIR=feed.directory, STATUS_KEY_FILE=feed.key)
    until(lambda: "snapshot.json" in feed.names())
    for name in FILES:
        (feed.directory / name).unlink()
        until(lambda n=name: n in feed.names())
    feed.directory.rename(feed.directory.with_name("gone"))
    until(lambda: feed.directory.exists() and set(FILES) <= feed.names())
