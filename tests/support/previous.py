"""The version before this one, as sources of its own: the commit that
tests/previous names, out of the history of this repository."""

import os
import subprocess

import pytest

from instance import ROOT, Instance

COMMIT = (ROOT / "tests" / "previous").read_text(encoding="utf-8").strip()
TREE = ROOT / "build" / "previous" / COMMIT


def previous_tree():
    """Its sources and programs, built once."""
    done = subprocess.run([ROOT / "tests" / "support" / "previous.sh"],
                          check=False, text=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode == 3:
        pytest.skip(f"the history has no {COMMIT}: git fetch --unshallow")
    assert done.returncode == 0, done.stderr
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
