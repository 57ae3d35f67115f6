"""Running services: one for the session, and more of them on demand.

The session's is started by api/run/instance.sh unless the environment names one
(CASEWORK_URL and RUN_DIR, as `make test` does). Further ones are plain
processes of the same binary beside it, with settings of their own; they share
its database.
"""

import contextlib
import http.client
import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

from ports import free_port

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "api" / "run" / "instance.sh"
BINARY = os.environ.get("BINARY", str(ROOT / "build" / "casework"))
START_SECONDS = 120
os.environ.setdefault("TOKEN_HS256", "allow")   # tests sign with a secret
ORIGIN = "https://portal.casework.example"

# Tests look for the lines of their requests, which are many a second.
os.environ.setdefault("LOG_LINES", "0")
# Tests read what they have just changed: instances keep no public answers,
# but those that a test asks to.
os.environ.setdefault("ANSWER_MEMORY", "0")

# The instance that the environment names, and whether a proxy is before it.
URL = os.environ.get("CASEWORK_URL", "").rstrip("/") or None
BEHIND_PROXY = URL is not None and URL.startswith("https:")


def until(condition, seconds=60, pause=0.02):
    """Polls until the condition is true, and returns its value. Only a fault
    waits that long: a loaded machine may be slow."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(pause)


def is_ready(url):
    try:
        with urllib.request.urlopen(url + "/readyz", timeout=20) as answer:
            return answer.status == 200
    except (OSError, http.client.HTTPException):
        return False


def get(url):
    """Status and text."""
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as answer:
        return answer.code, answer.read().decode()


def figure(worker, name):
    """A value of the worker's /metrics, 0 if it is not there."""
    found = re.search(rf"^casework_worker_{re.escape(name)} (\S+)$",
                      get(worker.url + "/metrics")[1], re.MULTILINE)
    return float(found.group(1)) if found else 0


def build_of(metrics):
    """Version and commit that /metrics of a program tells."""
    assert "# TYPE casework_build_info gauge\n" in metrics
    (build,) = re.findall(
        r'^casework_build_info\{version="(.+)",commit="(.+)"\} 1$', metrics,
        re.MULTILINE)
    return build


def settings_of(run_dir):
    """The settings that a running instance was started with."""
    text = (pathlib.Path(run_dir) / "env").read_text(encoding="utf-8")
    settings = {}
    for word in shlex.split(text, comments=True):
        name, is_setting, value = word.partition("=")
        if is_setting:
            settings[name] = value
    return settings


class Instance:
    """An instance with keys, log and (unless DATABASE_URL names another, or
    private is set) a database cluster of its own."""

    def __init__(self, run_dir=None, url=None, private=False, **settings):
        self.ours = url is None
        self.url = url
        self.settings = settings
        if private:
            self.settings["DATABASE_URL"] = ""
        if self.ours:
            parent = tempfile.mkdtemp(prefix="casework-tests-")
            os.chmod(parent, 0o755)     # root's instance has its own account
            run_dir = pathlib.Path(parent) / "run"
        self.run_dir = pathlib.Path(run_dir)
        if self.ours:
            try:
                self.start()
            except AssertionError:
                self.remove()
                raise
        self.env = settings_of(self.run_dir)

    def script(self, command):
        environment = {**os.environ, "RUN_DIR": str(self.run_dir),
                       "BINARY": BINARY, **self.settings}
        done = subprocess.run(
            [str(SCRIPT), command], env=environment, cwd=ROOT, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, check=False, timeout=600)
        assert done.returncode == 0, f"{SCRIPT} {command}:\n{done.stdout}"
        return done.stdout

    def start(self):
        self.settings["PORT"] = str(free_port())
        self.settings["WORKER_PORT"] = str(free_port())
        self.script("start")
        self.url = settings_of(self.run_dir)["CASEWORK_URL"]

    def remove(self):
        if self.ours and os.environ.get("KEEP_RUN_DIR"):
            self.script("stop")
            print(f"kept {self.run_dir}")
        elif self.ours:
            self.script("remove")
            shutil.rmtree(self.run_dir.parent, ignore_errors=True)

    def keep_logs(self):
        """Copies what a failure needs to be understood to RESULTS."""
        results = os.environ.get("RESULTS")
        if results and self.ours:
            process = os.environ.get("PYTEST_XDIST_WORKER", "")
            for path in (*self.state().glob("*.log"),
                         *self.state().glob("*.err")):
                shutil.copy(path, pathlib.Path(results, process + path.name))

    @property
    def account(self):
        """Prefix that runs a command as the owner of the instance."""
        if os.geteuid() != 0:
            return []
        owner = os.stat(self.run_dir / "env")
        return ["setpriv", f"--reuid={owner.st_uid}",
                f"--regid={owner.st_gid}", "--init-groups"]

    @property
    def pid(self):
        return int((self.run_dir / "casework.pid").read_text())

    @property
    def owner_url(self):
        return self.env["OWNER_URL"]

    @property
    def log_file(self):
        return pathlib.Path(self.env["LOG_FILE"])

    @property
    def keys_file(self):
        return pathlib.Path(self.env["KEYS_FILE"])

    def state(self):
        """The directory itself: RUN_DIR may be a link to it."""
        return self.run_dir.resolve()

    def role_url(self, kind):
        """How the service itself connects for callers of that kind."""
        url = self.env["DATABASE_URL"]
        if not url.startswith("postgres"):      # key=value words
            return f"{url} user=casework_{kind}"
        joint = "&" if "?" in url else "?"
        return f"{url}{joint}user=casework_{kind}"

    def run(self, *arguments, program="casework", **settings):
        """The binary as a command: `run("check")`, finished."""
        with tempfile.TemporaryDirectory() as directory:
            os.chmod(directory, 0o755)
            return subprocess.run(
                [*self.account, str(self.run_dir / "bin" / program),
                 *arguments], cwd=directory, text=True, check=False,
                env={**os.environ, **self.env,
                     **{n: str(v) for n, v in settings.items()}},
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, timeout=300)

    def beside(self, wait=True, **settings):
        """Another process of the binary on the same database."""
        return self.process(wait, "casework", "serve", settings)

    def worker(self, wait=True, **settings):
        """A worker on the same database, with a maildir of its own."""
        return self.process(wait, "casework-worker", "run", settings)

    @contextlib.contextmanager
    def process(self, wait, program, command, settings):
        process = Process(self, program, command, settings)
        try:
            if wait:
                process.wait_until_ready()
            yield process
        finally:
            process.end()


@contextlib.contextmanager
def stopped(pids):
    """Processes that stand still."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


class Process:
    """`casework serve`, or a worker, with settings and a port of its own."""

    def __init__(self, instance, program, command, settings):
        self.directory = pathlib.Path(
            tempfile.mkdtemp(prefix="casework-beside-"))
        if instance.account:
            owner = os.stat(instance.run_dir / "env")
            os.chown(self.directory, owner.st_uid, owner.st_gid)
        self.port = str(free_port())
        self.url = f"http://127.0.0.1:{self.port}"
        self.log_file = self.directory / "casework.log"
        self.mail_dir = self.directory / "mail"
        self.status_dir = self.directory / "status"
        environment = {
            **os.environ, **instance.env, "PORT": self.port,
            "WORKER_PORT": self.port, "MAIL_DIR": str(self.mail_dir),
            "STATUS_DIR": str(self.status_dir),
            "BIND": "127.0.0.1", "PUBLIC_URL": self.url,
            "READ_CONNECTIONS": "1", "WRITE_CONNECTIONS": "2",
            "LOG_FILE": str(self.log_file),
            "PID_FILE": str(self.directory / "casework.pid"),
            **{name: str(value) for name, value in settings.items()}}
        self.output = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [*instance.account, str(instance.run_dir / "bin" / program),
             command], env=environment, cwd=self.directory,
            stdin=subprocess.DEVNULL, stdout=self.output,
            stderr=subprocess.STDOUT)

    @property
    def pid(self):
        return self.process.pid

    def wait_until_ready(self):
        def ready():
            assert self.process.poll() is None, self.said()
            return is_ready(self.url)
        until(ready, START_SECONDS)

    def said(self):
        self.output.seek(0)
        return self.output.read().decode("utf-8", "replace")

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)

    def wait(self, seconds=50):
        return self.process.wait(seconds)

    def end(self):
        workers = children(self.pid) if self.process.poll() is None else []
        if self.process.poll() is None:
            self.terminate()
            try:
                self.wait()
            except subprocess.TimeoutExpired:
                for pid in (*workers, self.pid):
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                self.wait()
                raise
        said = self.said()
        self.output.close()
        shutil.rmtree(self.directory, ignore_errors=True)
        assert "Sanitizer" not in said and "runtime error:" not in said, said


def is_alive(pid):
    """Not so of one that has ended and nobody has waited for."""
    try:
        state = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return state.rpartition(")")[2].split()[0] != "Z"


class Cluster:
    """The PostgreSQL server of an instance, to be stopped and started."""

    def __init__(self, instance):
        self.account = instance.account
        self.data = instance.state() / "cluster"
        self.command = pathlib.Path(
            f"/proc/{self.pid}/cmdline").read_text().split("\0")[:-1]
        self.started = None

    @property
    def pid(self):
        return int((self.data / "postmaster.pid").read_text().split()[0])

    def stop(self, how=signal.SIGINT):
        """SIGINT: fast shutdown; SIGQUIT: immediate, as in a crash."""
        pid = self.pid
        os.kill(pid, how)
        if self.started is not None:
            self.started.wait(60)
        else:
            until(lambda: not is_alive(pid))

    @contextlib.contextmanager
    def stalled(self):
        """All its processes stand still, as behind a disk that hangs."""
        os.kill(self.pid, signal.SIGSTOP)       # first: it starts others
        with stopped([self.pid, *children(self.pid)]):
            yield

    def start(self):
        with open(self.data.parent / "postgres.log", "ab") as log:
            self.started = subprocess.Popen(
                [*self.account, *self.command], cwd=self.data,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True)


def children(pid):
    """Process ids of a process's children: workers and helpers."""
    path = pathlib.Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in path.read_text().split()]
