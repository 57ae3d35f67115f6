"""The public status feed as files, and the program that writes them, run as
an operator runs it."""

import html.parser
import json
import os
import secrets
import subprocess

from instance import BINARY

FILES = ("status.json", "summary.json", "history.atom", "index.html")
HOSTILE = "<script>alert(1)</script> & \"quoted\" 'too' ]]> é 😀"


class Feed:
    """A directory of status files and the program that writes it."""

    def __init__(self, directory, instance):
        self.directory = directory / "status"
        self.directory.mkdir()
        self.key = directory / "status.key"
        self.key.write_text(secrets.token_hex(32))
        self.database = {
            "DATABASE_URL": instance.env["DATABASE_URL"],
            "PGPASSFILE": instance.env["PGPASSFILE"]}

    def run(self, *arguments, **settings):
        environment = {**os.environ, "STATUS_DIR": str(self.directory),
                       "STATUS_KEY_FILE": str(self.key), **settings}
        return subprocess.run(
            [BINARY + "-worker", *arguments], env=environment, text=True,
            capture_output=True, check=False, timeout=300)

    def update(self):
        """What the worker does: files from the database."""
        done = self.run("status", **self.database)
        assert done.returncode == 0, done.stderr
        return self

    def publish(self, incident="new", status="investigating",
                text="We are looking.", **options):
        """What the operator does; there is no DATABASE_URL."""
        if incident == "new":
            options.setdefault("title", "The portal is down")
        words = [word for name, value in options.items()
                 for word in (f"--{name}", value)]
        done = self.run("publish", "--incident", str(incident), "--status",
                        status, "--text", text, *words, DATABASE_URL="")
        if done.returncode == 0:
            self.last = done.stdout.split()[2]
        return done

    def read(self, name):
        return (self.directory / name).read_text(encoding="utf-8")

    def json(self, name):
        return json.loads(self.read(name))

    def incident(self, number):
        return self.json(f"incidents/{number}.json")["incident"]

    def names(self):
        return {str(p.relative_to(self.directory))
                for p in self.directory.rglob("*") if p.is_file()}

    def stamps(self):
        return {name: (self.directory / name).stat().st_mtime_ns
                for name in self.names() if name != ".lock"}


class Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.text, self.ids = [], "", set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.append((tag, attrs))
        if "id" in attrs:
            assert attrs["id"] not in self.ids, "an id stands twice"
            self.ids.add(attrs["id"])

    def handle_data(self, data):
        self.text += data
