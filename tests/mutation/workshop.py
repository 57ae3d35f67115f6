"""Where mutants are made and tried: a copy of the tree, of what is built, and an
instance of its own. The work tree is never touched.

What is built is copied with its times, so that make compiles only what a mutant
has changed; afterwards source and objects are those of before. The PostgreSQL
stays. Its database is made anew for each mutant, from one that was kept when all
was well: what one mutant has written is nobody's reason to fail. The service
stays too where a file of sql/rules holds functions and nothing else: they are
replaced while it runs. Everything else is a migration and another start.
"""
import contextlib
import fcntl
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

from instance import settings_of    # noqa: E402
from ports import free_port         # noqa: E402

# Of build/, what no test of a mutant needs.
NOT_BUILT = ("asan", "fuzz", "lint", "mutants.*", "price", "pycache", "results")
NOT_COPIED = (".git", ".run*", "build", "__pycache__", "secrets")
# Who loops for ever is stopped: after so much, and so many times what its tests
# took when nothing was broken.
LEAST_SECONDS = 180
TIMES = 10
# What a file of functions has at the beginning of its statements.
FUNCTIONS = re.compile(r"(create or replace function|revoke execute|"
                       r"grant execute|language|returns|as |  |--|begin|end|"
                       r"declare|\$|\)|exception|$)")


class Workshop:
    def __init__(self, root):
        self.root = root
        self.place = root / ".run-mutants"
        self.tree = self.place / "tree"
        self.run_dir = self.place / "instance"
        self.good = self.place / "build"
        self.seconds = {}       # of a test when nothing is broken
        self.failing = set()    # then already
        self.environment = {
            **os.environ, "RUN_DIR": str(self.run_dir), "COMMIT": "mutant",
            "TRY_PORT": str(free_port()), "PYTHONDONTWRITEBYTECODE": "1",
            "BINARY": str(self.tree / "build" / "casework")}
        for name in ("ONLY", "TEST", "DATABASE_URL", "MAKEFLAGS",
                     "MAKELEVEL", "MFLAGS", "RESULTS"):
            self.environment.pop(name, None)

    def __enter__(self):
        (self.root / "build").mkdir(exist_ok=True)
        self.lock = open(self.root / "build" / "mutants.lock", "w")
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit("casework: another `make mutants` is at work here")
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.default_int_handler)
        self.remove()
        shutil.copytree(self.root, self.tree, symlinks=True,
                        ignore=shutil.ignore_patterns(*NOT_COPIED))
        shutil.copytree(self.root / "build", self.tree / "build",
                        ignore=shutil.ignore_patterns(*NOT_BUILT))
        return self

    def __exit__(self, *what):
        self.remove()

    def remove(self):
        if self.tree.exists():
            self.instance("remove")
        shutil.rmtree(self.place, ignore_errors=True)

    # ---- without a mutant ---------------------------------------------------

    def prove(self, mutants):
        """Runs all their tests while nothing is broken: what fails now proves
        nothing later."""
        units = sorted({unit for mutant in mutants for unit in mutant.units})
        files = sorted({file for mutant in mutants for file in mutant.files})
        print(f"{len(mutants)} mutants; nothing is broken yet: "
              f"{len(units)} unit tests and {len(files)} others", flush=True)
        self.must("make", "-s", "build")
        if units:
            self.must("make", "-s", "test", "TEST=" + paths(units))
        if files:
            _, output = self.call(("tests/suite.sh", "try"), None,
                                  TEST=paths(files))
            found = list(self.results())
            if not found:
                sys.exit(output)
            self.seconds = {name: took for name, took, _ in found}
            self.failing = {name for name, _, failed in found if failed}
            self.keep_database()
        shutil.copytree(self.tree / "build", self.good)

    def must(self, *command):
        status, output = self.call(command, None)
        if status != 0:
            sys.exit(f"{output}\ncasework: without a mutant, "
                     f"{' '.join(command[:3])} fails")

    # ---- one mutant ---------------------------------------------------------

    def judge(self, mutant):
        """What came of it and by what, and the seconds it took."""
        began = time.monotonic()
        with self.broken(mutant):
            verdict, by = self.verdict(mutant)
        took = round(time.monotonic() - began)
        print(f"{mutant.name}: {verdict} {by} ({took} s)", flush=True)
        return verdict, by

    def verdict(self, mutant):
        for name in self.failing:
            if is_among(name, mutant.files):
                return "not judged", f"{name} fails without it"
        limit = LEAST_SECONDS + TIMES * sum(
            took for name, took in self.seconds.items()
            if is_among(name, mutant.files))
        verdict = "survived", ""
        if mutant.units:
            verdict = self.try_units(mutant, limit)
        if verdict[0] == "survived" and (mutant.files
                                         or mutant.may_stop_the_start):
            verdict = self.try_files(mutant, limit)
        return verdict

    def try_units(self, mutant, limit):
        """Without the programs, of which unit tests need nothing."""
        programs = [f"build/{unit.removesuffix('.c')}"
                    for unit in mutant.units]
        status, output = self.call(("make", "-s", *programs), None)
        if status != 0:
            return "does not build", last_line(output)
        for unit, program in zip(mutant.units, programs):
            status, _ = self.call((program,), limit)
            if status != 0:
                return "killed", unit if status else "the time limit"
        return "survived", ""

    def try_files(self, mutant, limit):
        if not mutant.file.startswith(("sql/rules/", "sql/schema/")):
            status, output = self.call(("make", "-s", "build"), None)
            if status != 0:
                return "does not build", last_line(output)
        fresh = mutant.fresh or mutant.file.startswith("sql/schema/")
        self.renew_database(fresh)
        if not fresh and self.is_of_functions(mutant.file):
            fault = self.replace_functions(mutant.file)
            if fault:
                return "does not load", fault
        report = self.tree / "build" / "results" / "http.xml"
        report.unlink(missing_ok=True)
        status, output = self.call(
            ("tests/suite.sh", "try"), limit, DEMO=str(int(fresh)),
            TEST=f"{paths(mutant.files)} -x")
        if status == 0:
            return "survived", ""
        if status is None:
            return "killed", "the time limit"
        failed = [name for name, _, failed in self.results() if failed]
        if failed:
            return "killed", failed[0]
        if mutant.may_stop_the_start and not report.exists():
            return "killed", "start"
        return "does not start", last_line(output)

    @contextlib.contextmanager
    def broken(self, mutant):
        path = self.tree / mutant.file
        text, times = path.read_text(encoding="utf-8"), path.stat()
        assert text.count(mutant.old) == 1, mutant.name
        path.write_text(text.replace(mutant.old, mutant.new),
                        encoding="utf-8")
        try:
            yield
        finally:
            path.write_text(text, encoding="utf-8")
            os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
            shutil.rmtree(self.tree / "build")
            shutil.copytree(self.good, self.tree / "build")

    def results(self):
        """Of the tests that pytest has run: name, seconds, whether it failed."""
        report = self.tree / "build" / "results" / "http.xml"
        if not report.exists():
            return
        for case in xml.etree.ElementTree.parse(report).iter("testcase"):
            file = case.get("classname").rpartition(".")[2] + ".py"
            yield (f"{file}::{case.get('name').partition('[')[0]}",
                   float(case.get("time")),
                   case.find("failure") is not None
                   or case.find("error") is not None)

    # ---- its database -------------------------------------------------------

    def keep_database(self):
        """What it holds by now, tests have made; that hurts nobody. Nobody may
        be connected while it is copied."""
        self.must_psql("alter system set fsync = off", "select pg_reload_conf()",
                       "alter database casework allow_connections false",
                       "select pg_terminate_backend(pid)"
                       " from pg_stat_activity where datname = 'casework'",
                       "create database casework_good template casework",
                       "alter database casework allow_connections true")

    def renew_database(self, fresh):
        """fresh: without migrations, since one of them is another or makes
        other data."""
        self.must_psql("drop database casework with (force)",
                       "create database casework"
                       + ("" if fresh else " template casework_good"))

    def is_of_functions(self, file):
        lines = (self.tree / file).read_text(encoding="utf-8").splitlines()
        return file.startswith("sql/rules/") and all(
            FUNCTIONS.match(line) for line in lines)

    def replace_functions(self, file):
        """Then the instance is as it should be: renew leaves it alone."""
        fault = self.psql("set role casework_owner",
                          f"\\i '{self.tree / file}'", database="casework")
        (self.run_dir.resolve() / "sql").touch()
        return fault

    def psql(self, *statements, database="postgres"):
        """What went wrong, if anything did."""
        url = settings_of(self.run_dir)["OWNER_URL"]
        done = subprocess.run(
            ["psql", "-X", "-q", "-o", os.devnull, "-v", "ON_ERROR_STOP=1",
             url.replace("/casework?", f"/{database}?"),
             *(f"--command={statement}" for statement in statements)],
            stderr=subprocess.PIPE, text=True, check=False)
        return last_line(done.stderr) if done.returncode else ""

    def must_psql(self, *statements):
        fault = self.psql(*statements)
        assert not fault, fault

    def instance(self, command):
        subprocess.run([self.tree / "api" / "run" / "instance.sh", command],
                       env=self.environment, check=False)

    # ---- processes ----------------------------------------------------------

    def call(self, command, limit, **environment):
        """Status, None if the time was up, and what was said."""
        process = subprocess.Popen(
            command, cwd=self.tree, text=True,
            env={**self.environment, **environment},
            errors="replace", stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            start_new_session=True)
        try:
            output, _ = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            end(process)
            return None, ""
        except BaseException:
            end(process)
            raise
        return process.returncode, output


def end(process):
    """pytest puts its instances away, if it is given the time to."""
    for how, seconds in ((signal.SIGINT, 60), (signal.SIGKILL, None)):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, how)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=seconds)
            return


def is_among(name, tests):
    return any(name == test or name.startswith(test + "::") for test in tests)


def paths(tests):
    return " ".join(f"tests/{test}" for test in tests)


def last_line(output):
    lines = [line for line in output.splitlines() if line.strip()]
    faults = [line for line in lines
              if re.search(r"\berror: |ERROR: |casework: ", line)]
    return (faults or lines or [""])[-1].strip()
