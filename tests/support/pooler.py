"""Debian's PgBouncer in front of a server, as docker/README.md has it."""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile

from instance import until
from ports import free_port
from servers import account

SETTINGS = """
[databases]
casework = host=127.0.0.1 port={server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {place}/users
default_pool_size = {size}
max_client_conn = 400
pool_mode = {mode}
server_reset_query = {reset}
logfile = {place}/log
"""


class Pooler:
    """The roles sign in by their passwords, to it and to the server."""

    def __init__(self, server, passwords, mode="session", size=40,
                 reset="DISCARD ALL"):
        self.port = free_port()
        self.place = pathlib.Path(tempfile.mkdtemp(prefix="casework-pooler-"))
        users = re.findall(r"^.*:(\w+):(\w+)$", passwords, re.MULTILINE)
        (self.place / "users").write_text(
            "".join(f'"{user}" "{word}"\n' for user, word in users))
        (self.place / "settings").write_text(SETTINGS.format(
            server=server.port, port=self.port, place=self.place, mode=mode,
            size=size, reset=reset))
        if account():
            for path in (self.place, *self.place.iterdir()):
                shutil.chown(path, "postgres", "postgres")
        self.process = None
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [*account(), "/usr/sbin/pgbouncer", "-q",
             self.place / "settings"], cwd="/", stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        log = self.place / "log"
        until(lambda: log.exists() and "process up" in log.read_text())

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        self.process.wait(60)
        (self.place / "log").unlink()

    def url(self, more=""):
        return f"postgresql://127.0.0.1:{self.port}/casework{more}"

    def end(self):
        if self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGTERM)   # at once
            self.process.wait(60)
        shutil.rmtree(self.place, ignore_errors=True)
