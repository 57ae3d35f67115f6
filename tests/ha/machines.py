"""Machines on a network of their own: each is a network namespace on one
bridge, with directories that only it sees. It can lose its power, stand still,
or be cut off, so that no packet of it arrives and nobody is told.

tests/suite.sh runs all of it in namespaces of processes, mounts and networks
made for the run: with the run they end, however it ends.
"""

import contextlib
import os
import pathlib
import signal
import subprocess
import threading
import time

from instance import until

NETWORK = "10.77.0."
HARDWARE = "02:00:0a:4d:00:"
OURS = NETWORK + "1"        # of the tests themselves
RESTART_SECONDS = 1         # as RestartSec= of a unit


def command(*words, **options):
    done = subprocess.run(words, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False, **options)
    assert done.returncode == 0, f"{' '.join(words)}:\n{done.stdout}"
    return done.stdout


def private_namespaces():
    """Whether this run has namespaces that nobody else is in."""
    links = pathlib.Path("/proc/net/dev").read_text().splitlines()[2:]
    return [line.split(":")[0].strip() for line in links] == ["lo"] and (
        os.readlink("/proc/self/ns/mnt") != os.environ["OUTER_MOUNTS"])


class Lan:
    def __init__(self, directory):
        assert private_namespaces(), "run it by `make test-ha`"
        self.directory = directory
        self.machines = {}
        self.hosts = directory / "hosts"
        pathlib.Path("/run/netns").mkdir(exist_ok=True)
        command("mount", "-t", "tmpfs", "casework", "/run/netns")
        self.hosts.write_text("127.0.0.1 localhost\n")
        command("mount", "--bind", str(self.hosts), "/etc/hosts")
        command("ip", "link", "set", "lo", "up")
        command("ip", "link", "add", "lan", "address", HARDWARE + "01", "type",
                "bridge")
        command("ip", "address", "add", OURS + "/24", "dev", "lan")
        command("ip", "link", "set", "lan", "up")

    def machine(self, name, *others):
        """Also known by these other names."""
        number = 11 + len(self.machines)
        machine = self.machines[name] = Machine(self, name, number)
        with open(self.hosts, "a", encoding="ascii") as file:
            file.write(f"{machine.address} {name} {' '.join(others)}\n")
        return machine

    def connect(self):
        """Once all are there. Each knows the others' hardware: who is cut off
        would otherwise be missed by its neighbours, as no machine of another
        network is."""
        everybody = self.machines.values()
        for machine in everybody:
            known = [(OURS, HARDWARE + "01")]
            known += [(other.address, other.hardware) for other in everybody]
            lines = "".join(
                f"neigh replace {address} lladdr {hardware} dev eth0"
                " nud permanent\n" for address, hardware in known)
            command("ip", "-n", machine.name, "-batch", "-", input=lines)
            command("ip", "neigh", "replace", machine.address, "lladdr",
                    machine.hardware, "dev", "lan", "nud", "permanent")

    def end(self):
        for machine in self.machines.values():
            machine.power_off()


class Machine:
    def __init__(self, lan, name, number):
        self.lan, self.name = lan, name
        self.address = f"{NETWORK}{number}"
        self.hardware = f"{HARDWARE}{number:02x}"
        self.directory = lan.directory / name
        self.directory.mkdir()
        self.directory.chmod(0o755)
        self.programs = []
        self.own = {}       # path that only it sees → what is there
        command("ip", "netns", "add", name)
        command("ip", "link", "add", name, "type", "veth", "peer", "name",
                "eth0", "address", self.hardware, "netns", name)
        command("ip", "link", "set", name, "master", "lan", "up")
        command("ip", "-n", name, "address", "add", self.address + "/24",
                "dev", "eth0")
        for link in ("eth0", "lo"):
            command("ip", "-n", name, "link", "set", link, "up")

    def has_own(self, path, account):
        """A directory of its own at that place."""
        at = self.directory / path.strip("/").replace("/", "-")
        at.mkdir()
        command("chown", account, str(at))
        at.chmod(0o700)
        self.own[path] = at

    def words(self, account, arguments):
        """How to run something here as that account."""
        mounts = "".join(f"mount --bind {at} {path} && "
                         for path, at in self.own.items())
        return ["ip", "netns", "exec", self.name, "sh", "-c",
                mounts + 'exec "$@"', "sh", "setpriv", "--reuid", account,
                "--regid", account, "--init-groups", *arguments]

    def run(self, account, *arguments, **options):
        return command(*self.words(account, arguments), **options)

    def start(self, account, *arguments, **environment):
        """A program that is started again whenever it ends."""
        program = Program(self, account, arguments, environment)
        self.programs.append(program)
        return program

    def pids(self):
        return [int(pid) for pid in command(
            "ip", "netns", "pids", self.name).split()]

    def signal(self, number):
        """To all its processes, and to those that they start meanwhile."""
        done = set()
        while set(pids := self.pids()) - done:
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)
            done |= set(pids)

    def power_off(self):
        for program in self.programs:
            program.switch(off=True)
        self.signal(signal.SIGKILL)
        until(lambda: not self.pids())

    def power_on(self):
        for program in self.programs:
            program.switch(off=False)

    def freeze(self):
        self.signal(signal.SIGSTOP)

    def thaw(self):
        self.signal(signal.SIGCONT)

    def cut_off(self):
        """Its port of the bridge takes and gives nothing."""
        command("bridge", "link", "set", "dev", self.name, "state", "0")

    def join(self):
        command("bridge", "link", "set", "dev", self.name, "state", "3")


class Program:
    """A process that is started again when it has ended, as by systemd."""

    def __init__(self, machine, account, arguments, environment):
        self.machine = machine
        self.words = machine.words(account, arguments)
        self.environment = {**os.environ, **environment}
        name = pathlib.Path(arguments[0]).name
        self.log = (machine.lan.directory / "logs"
                    / f"{machine.name}-{name}.log")
        self.off = False
        self.lock = threading.Lock()    # nothing starts while it goes off
        self.process = None
        threading.Thread(target=self.look_after, daemon=True).start()

    def switch(self, off):
        with self.lock:
            self.off = off

    def look_after(self):
        while True:
            with self.lock:
                if not self.off:
                    self.begin()
            if self.process is not None:
                self.process.wait()
            time.sleep(RESTART_SECONDS)

    def begin(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                self.words, env=self.environment, stdout=log, stderr=log,
                stdin=subprocess.DEVNULL, cwd=self.machine.directory,
                start_new_session=True)
