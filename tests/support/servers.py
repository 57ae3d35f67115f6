"""PostgreSQL servers of a test's own, on TCP: a primary, and standbys of it.

The instance's private cluster writes too little WAL for a standby.
"""

import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

from instance import children, is_alive, until
from ports import free_port
from sql import Psql

BIN = pathlib.Path(os.environ.get("PG_BIN", "/usr/lib/postgresql/15/bin"))
SETTINGS = """
listen_addresses = '127.0.0.1'
max_connections = 200
shared_buffers = 32MB
fsync = off
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
"""
# Roles of the service have passwords, as everywhere; the owner needs none.
HBA = """
local all postgres trust
host all postgres 127.0.0.1/32 trust
host replication postgres 127.0.0.1/32 trust
host all all 127.0.0.1/32 scram-sha-256
"""


def account():
    """PostgreSQL does not run as root."""
    if os.geteuid() != 0:
        return []
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]


class Server:
    def __init__(self, of=None):
        """A new cluster, or a standby of another server."""
        self.port = free_port()
        self.place = pathlib.Path(tempfile.mkdtemp(prefix="casework-server-"))
        if account():
            shutil.chown(self.place, "postgres", "postgres")
        self.data = self.place / "data"
        self.session = None
        if of is None:
            self.command("initdb", "-D", self.data, "-U", "postgres",
                         "--encoding=UTF8", "--locale=C.UTF-8",
                         "--no-instructions")
            (self.data / "postgresql.auto.conf").write_text(SETTINGS)
            (self.data / "pg_hba.conf").write_text(HBA)
            self.start()
            self.command("createdb", "-h", "127.0.0.1", "-p", str(self.port),
                         "-U", "postgres", "casework")
        else:
            self.command("pg_basebackup", "-D", self.data, "-h", "127.0.0.1",
                         "-p", str(of.port), "-U", "postgres", "-R", "-X",
                         "stream", "-c", "fast")
            self.start()

    def command(self, name, *arguments):
        done = subprocess.run(
            [*account(), BIN / name, *arguments], check=False, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=120, cwd="/")
        assert done.returncode == 0, f"{name}: {done.stdout}"

    def start(self):
        self.command("pg_ctl", "-D", self.data, "-s", "-w", "-t", "60", "-l",
                     self.place / "log", "-o",
                     f"-p {self.port} -k {self.place} "
                     f"-c cluster_name=s{self.port}", "start")

    @property
    def pid(self):
        return int((self.data / "postmaster.pid").read_text().split()[0])

    def url(self, database="casework"):
        """Its owner's."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    @property
    def sql(self):
        """Its owner's session."""
        if self.session is None:
            self.session = Psql(self.url())
        return self.session

    def promote(self):
        self.command("pg_ctl", "-D", self.data, "-s", "-w", "promote")

    def stand_still(self):
        """Every process of it: to who asks it is a machine that has died."""
        os.kill(self.pid, signal.SIGSTOP)       # first: it starts others
        for pid in children(self.pid):
            os.kill(pid, signal.SIGSTOP)

    def go_on(self):
        for pid in (*children(self.pid), self.pid):
            os.kill(pid, signal.SIGCONT)

    def end(self):
        if self.session is not None:
            self.session.process.kill()
        if (self.data / "postmaster.pid").exists():
            pid = self.pid
            self.go_on()
            os.kill(pid, signal.SIGQUIT)
            until(lambda: not is_alive(pid))
        shutil.rmtree(self.place, ignore_errors=True)
