"""Files of a running service: its log, which is read, and its list of keys,
which tests change.
"""

import contextlib
import json
import os
import pathlib

from instance import until


class Log:
    """The JSON lines that an instance writes."""

    def __init__(self, path):
        self.path = pathlib.Path(path)

    def mark(self):
        """Where the log ends now."""
        return self.path.stat().st_size if self.path.exists() else 0

    def since(self, mark):
        with open(self.path, "rb") as file:
            file.seek(mark)
            return file.read().decode("utf-8", "replace")

    def lines(self, mark=0):
        """Whole lines only: the last one may still be on its way."""
        text = self.since(mark)
        return [json.loads(line)
                for line in text[:text.rfind("\n") + 1].splitlines()]

    def of_request(self, request_id, mark=0):
        """The line of that request, as soon as it is there."""
        return until(lambda: next(
            (line for line in self.lines(mark)
             if line.get("request_id") == request_id), None))


class Keyring:
    """keys.json of the running service; restored at the end."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.before = self.path.read_text(encoding="utf-8")

    def write(self, text):
        """Replaces the file in one step, owner and mode as they were."""
        status = self.path.stat()
        fresh = self.path.with_name("keys.json.new")
        fresh.write_text(text, encoding="utf-8")
        os.chown(fresh, status.st_uid, status.st_gid)
        os.chmod(fresh, status.st_mode & 0o777)
        fresh.replace(self.path)

    def keys(self):
        return json.loads(self.path.read_text(encoding="utf-8"))["keys"]

    def add(self, *keys):
        self.write(json.dumps({"keys": [*self.keys(), *keys]}))

    @contextlib.contextmanager
    def holding(self, key):
        before = self.keys()
        self.write(json.dumps({"keys": [*before, key]}))
        try:
            yield
        finally:
            self.write(json.dumps({"keys": before}))

    @contextlib.contextmanager
    def text(self, text):
        before = self.path.read_text(encoding="utf-8")
        self.write(text)
        try:
            yield
        finally:
            self.write(before)

    def restore(self):
        self.write(self.before)
