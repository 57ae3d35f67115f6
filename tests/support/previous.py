"""The version before this one, as sources of its own: the commit that
tests/previous names, out of the history of this repository."""

import os
import shutil
import subprocess

import pytest

from instance import ROOT, Instance

COMMIT = (ROOT / "tests" / "previous").read_text(encoding="utf-8").strip()
TREE = ROOT / "build" / "previous" / COMMIT


def git(*arguments):
    return subprocess.run(["git", "-c", f"safe.directory={ROOT}", *arguments],
                          cwd=ROOT, check=False, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL)


def previous_tree():
    """Its sources and programs, built once."""
    if git("cat-file", "-e", COMMIT + "^{commit}").returncode != 0:
        # a shallow clone may still reach where it came from
        git("fetch", "--quiet", "--depth=1", "origin", COMMIT)
    archive = git("archive", COMMIT)
    if archive.returncode != 0:
        pytest.skip(f"the history has no {COMMIT}: git fetch --unshallow")
    if not (TREE / "build" / "casework-worker").exists():
        shutil.rmtree(TREE, ignore_errors=True)
        TREE.mkdir(parents=True)
        subprocess.run(["tar", "-x", "-C", TREE], input=archive.stdout,
                       check=True)
        environment = {name: value for name, value in os.environ.items()
                       if not name.startswith(("MAKE", "MFLAGS", "SANITIZE"))}
        done = subprocess.run(
            ["make", "-s", "build", f"COMMIT={COMMIT[:7]}"], cwd=TREE,
            env=environment, check=False, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        assert done.returncode == 0, done.stdout
    return TREE


class PreviousInstance(Instance):
    """Made, started and removed by the scripts of that version."""

    def script(self, command):
        tree = previous_tree()
        done = subprocess.run(
            [tree / "api" / "run" / "instance.sh", command], cwd=tree,
            env={**os.environ, "RUN_DIR": str(self.run_dir),
                 "BINARY": str(tree / "build" / "casework"), **self.settings},
            text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, check=False, timeout=600)
        assert done.returncode == 0, done.stdout
        return done.stdout
