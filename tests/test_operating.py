"""What systemd and logrotate want of a program: being told, signals, the
journal, and no root."""

import json
import os
import pathlib
import signal
import socket
import subprocess

import pytest

from instance import ROOT, children, free_port, get, stopped, until

BOTH = pytest.mark.parametrize("program", ["casework", "casework-worker"])


@pytest.fixture
def manager(instance, tmp_path):
    """The socket of a systemd, and what was sent to it. Its name is in no
    directory: any account reaches it."""
    class Manager:
        def __init__(self):
            self.name = f"casework-{os.getpid()}-{free_port()}"
            self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            self.socket.bind("\0" + self.name)
            self.address = "@" + self.name

        def hears(self, word, seconds=60):
            self.socket.settimeout(seconds)
            while True:
                if word in self.socket.recv(4096).decode().split("\n"):
                    return True

        def forget(self):
            """What has been sent so far."""
            self.socket.setblocking(False)
            try:
                while True:
                    self.socket.recv(4096)
            except BlockingIOError:
                pass

        def falls_silent(self):
            """Three seconds without being told anything."""
            self.socket.settimeout(3)
            try:
                while True:
                    self.socket.recv(4096)
            except TimeoutError:
                return True

    manager = Manager()
    yield manager
    manager.socket.close()


def start(instance, program, **settings):
    if program == "casework":
        return instance.beside(**settings)
    return instance.worker(**settings)


@BOTH
def test_systemd_is_told(instance, manager, program):
    with start(instance, program, NOTIFY_SOCKET=manager.address) as process:
        assert manager.hears("READY=1") and manager.hears("WATCHDOG=1")
        process.terminate()
        assert manager.hears("STOPPING=1")


def test_a_socket_in_a_directory_will_do(instance):
    """As systemd's own is."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        path = pathlib.Path(f"/tmp/casework-notify-{free_port()}")
        manager.bind(str(path))
        path.chmod(0o777)
        manager.settimeout(60)
        try:
            with instance.worker(NOTIFY_SOCKET=path):
                assert manager.recv(4096).startswith(b"READY=1\n")
        finally:
            path.unlink()


def test_one_process_that_hangs_silences_the_service(instance, manager):
    with instance.beside(WORKERS=2, NOTIFY_SOCKET=manager.address) as service:
        assert manager.hears("WATCHDOG=1")
        with stopped(children(service.pid)[:1]):
            until(manager.falls_silent)
        assert manager.hears("WATCHDOG=1")


def test_a_process_that_is_started_again_is_heard(instance, manager):
    with instance.beside(NOTIFY_SOCKET=manager.address) as service:
        (first,) = children(service.pid)
        os.kill(first, signal.SIGKILL)
        until(lambda: children(service.pid) not in ([], [first]))
        manager.forget()
        assert manager.hears("WATCHDOG=1")


# -- the log -----------------------------------------------------------------

def lines(path):
    return [json.loads(x) for x in path.read_text().splitlines()]


def requests_in(path):
    return path.exists() and sum(x["event"] == "request" for x in lines(path))


def test_after_sighup_the_service_writes_a_new_log(instance):
    with instance.beside(WORKERS=2) as service:
        rotated = service.log_file.with_name("rotated.log")
        service.log_file.rename(rotated)
        os.kill(service.pid, signal.SIGHUP)
        held = {os.stat(f"/proc/{pid}/fd").st_ino: pid
                for pid in (service.pid, *children(service.pid))}
        until(lambda: not any(rotated in map(pathlib.Path.resolve,
              pathlib.Path(f"/proc/{pid}/fd").iterdir())
              for pid in held.values()))
        before = requests_in(rotated)
        assert get(service.url + "/v1/calendar")[0] == 200
        until(lambda: requests_in(service.log_file))
        assert requests_in(rotated) == before


def test_after_sighup_the_worker_goes_on_in_a_new_log(instance):
    with instance.worker() as worker:
        rotated = worker.log_file.with_name("rotated.log")
        worker.log_file.rename(rotated)
        os.kill(worker.pid, signal.SIGHUP)
        until(worker.log_file.exists)
        worker.terminate()
        assert worker.wait() == 0
        events = {x["event"] for x in lines(worker.log_file)}
        assert {"drain_started", "drain_ended"} <= events
        assert "worker_started" not in events


@BOTH
def test_a_log_that_cannot_be_opened_anew_goes_on(instance, program):
    with start(instance, program) as process:
        rotated = process.log_file.with_name("rotated.log")
        process.log_file.rename(rotated)
        process.log_file.mkdir()
        os.kill(process.pid, signal.SIGHUP)
        until(lambda: any(x["event"] == "log_not_reopened"
                          and x["level"] == "error" for x in lines(rotated)))


# -- the journal -------------------------------------------------------------

def said_to_a_journal(instance, tmp_path, program, command, named=None,
                      **settings):
    """Standard output and error of a program that does not start, to a file
    that JOURNAL_STREAM names."""
    with open(tmp_path / "journal", "w+", encoding="utf-8") as journal:
        at = os.fstat(journal.fileno())
        done = subprocess.run(
            [*instance.account, str(instance.run_dir / "bin" / program),
             command], cwd="/", stdin=subprocess.DEVNULL, stdout=journal,
            stderr=journal, timeout=60, check=False,
            env={**os.environ, **instance.env, "LOG_FILE": "-",
                 "PORT": str(free_port()), "WORKER_PORT": str(free_port()),
                 "JOURNAL_STREAM": named or f"{at.st_dev}:{at.st_ino}",
                 **settings})
        journal.seek(0)
        return done.returncode, journal.read()


@BOTH
def test_a_line_to_the_journal_has_a_priority(instance, tmp_path, program):
    command = "serve" if program == "casework" else "run"
    for named, prefix in ((None, "<3>"), ("1:1", ""), ("nonsense", "")):
        assert said_to_a_journal(
            instance, tmp_path, program, command, named,
            DATABASE_URL="") == (1, f"{prefix}casework: DATABASE_URL is not"
                                    " set\n")


def test_levels_are_priorities(instance):
    with open(instance.log_file.parent / f"journal-{free_port()}", "w+",
              encoding="utf-8") as journal:
        os.unlink(journal.name)
        at = os.fstat(journal.fileno())
        process = subprocess.Popen(
            [*instance.account, str(instance.run_dir / "bin/casework-worker"),
             "run"], cwd="/", stdin=subprocess.DEVNULL, stdout=journal,
            env={**os.environ, **instance.env, "LOG_FILE": "-",
                 "WORKER_PORT": str(free_port()), "STATUS_DIR": "",
                 "MAIL_SENDERS": "0", "WEBHOOK_CONNECTIONS": "0",
                 "JOURNAL_STREAM": f"{at.st_dev}:{at.st_ino}"})

        def said():
            journal.seek(0)
            return [line for line in journal.read().splitlines()
                    if '"worker_started"' in line]
        try:
            (line,) = until(said)
        finally:
            process.terminate()
            process.wait(60)
    assert line.startswith("<5>{")
    assert json.loads(line[3:])["level"] == "notice"


# -- root --------------------------------------------------------------------

@BOTH
@pytest.mark.skipif(os.geteuid() != 0, reason="it takes root to be refused")
def test_root_serves_only_if_that_is_wished(instance, program):
    command = "serve" if program == "casework" else "run"
    for wish, words in (({}, "RUN_AS_ROOT=allow"),
                        ({"RUN_AS_ROOT": "allow"}, "DATABASE_URL")):
        done = subprocess.run(
            [instance.run_dir / "bin" / program, command], cwd="/", text=True,
            capture_output=True, check=False, timeout=60,
            env={**os.environ, **instance.env, "DATABASE_URL": "", **wish})
        assert done.returncode == 1 and words in done.stderr
        assert done.stderr.count("\n") == 1


@BOTH
def test_a_wish_has_two_answers(instance, program):
    done = instance.run("serve" if program == "casework" else "run",
                        program=program, RUN_AS_ROOT="maybe")
    assert done.returncode == 1
    assert done.stderr == ("casework: RUN_AS_ROOT=maybe: use refuse or"
                           " allow\n")


# -- what is installed -------------------------------------------------------

@BOTH
def test_every_setting_is_in_the_installed_file(instance, program):
    helped = {line.split()[0] for line in instance.run(
        "help", program=program).stdout.partition("settings (")[2]
        .splitlines()[1:]}
    installed = subprocess.run(
        [ROOT / "docker/install/pages.py", "env", instance.run_dir / "bin" / program,
         ROOT / "docker/install/values"], text=True, check=True,
        stdout=subprocess.PIPE).stdout
    names = [line.lstrip("#").split("=")[0]
             for line in installed.splitlines()
             if "=" in line and not line.startswith("# ")]
    assert len(names) == len(set(names)) and set(names) == helped
