"""A dump restored into another cluster, as docker/README.md tells it."""

import hashlib
import os
import shutil
import subprocess

import pytest

from client import Client, Service
from instance import ROOT, Instance
from sql import Psql
from tokens import Tokens
from world import a_case

pytestmark = pytest.mark.direct
AHEAD = 5000
SPEND = """
create temporary table spent (n int);
do $$ begin
  for n in 1 .. 50000 loop
    begin
      insert into pg_temp.spent values (n);
    exception when division_by_zero then
      null;
    end;
  end loop;
end $$"""


def run(*command, **settings):
    done = subprocess.run(
        list(map(str, command)), text=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
        env={**os.environ, **settings})
    assert done.returncode == 0, done.stdout
    return done.stdout


def psql(url, *arguments):
    return run("psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1",
               *arguments, url)


@pytest.fixture(scope="module")
def clusters():
    """The one that is lost, and an empty one that has the roles."""
    lost = Instance(private=True, WORKER="0")
    try:
        other = Instance(private=True, WORKER="0", DEMO="0")
        try:
            yield lost, other
        finally:
            other.remove()
    finally:
        lost.remove()


def brings_its_version(lost, restored, tmp_path):
    """Before migrate.sh has seen it: programs and migrate.sh of an older version
    refuse it, those of this one do not."""
    older = shutil.copytree(ROOT / "sql", tmp_path / "older")
    last = max((older / "schema").iterdir())
    last.unlink()
    for url in (lost.owner_url, restored):
        known = psql(url, "-c", "select migrations from rules.version").strip()
        ask = "select rules.misfit('{}'::text[])"
        assert psql(url, "-c", ask.format(known)) == "\n"
        assert "newer than this program: it has had " + last.stem in psql(
            url, "-c", ask.format("{" + known[1:-1].split(",")[0] + "}"))
        done = subprocess.run([older / "migrate.sh", url], text=True,
                              check=False, stderr=subprocess.PIPE)
        assert done.returncode != 0 and "of a newer version" in done.stderr


def restore(lost, other, tmp_path):
    """What it says there; the URL of the database that holds it then."""
    dump = tmp_path / "casework.dump"
    run("pg_dump", "-Fc", "-f", dump, lost.owner_url)
    psql(other.owner_url, "-c", "create database restored")
    owner_url = other.owner_url.replace("/casework?", "/restored?")
    run("pg_restore", "--exit-on-error", "-d", owner_url, dump)
    brings_its_version(lost, owner_url, tmp_path)
    run(ROOT / "sql" / "migrate.sh", owner_url)
    psql(owner_url, "-v", f"ahead={AHEAD}", "-f",
         ROOT / "sql" / "restored.sql")
    return other.env["DATABASE_URL"].replace("/casework?", "/restored?")


def test_what_was_saved_goes_on_where_it_was(clusters, contract, tokens,
                                             tmp_path):
    lost, other = clusters
    minted = Tokens(lost.keys_file, tokens.scopes)

    def contact(url):
        return Client(Service(url, contract), minted.mint("contact:1"),
                      "contact")
    before = contact(lost.url)
    session = Psql(lost.owner_url)
    session.run(SPEND)
    session.close()
    case = before.post("/v1/cases", a_case()).expect(201)
    digest = before.post(
        case.location + "/attachments", b"x" * 300_000, media="text/plain",
        headers={"Content-Disposition": "attachment; filename=log.txt"}
    ).expect(201)["sha256"]
    position = before.get("/v1/events?start=now").expect(200)["position"]

    restored = restore(lost, other, tmp_path)
    with other.beside(DATABASE_URL=restored, KEYS_FILE=lost.keys_file,
                      CURSOR_KEY_FILE=lost.env["CURSOR_KEY_FILE"],
                      CONTEXT_KEY_FILE=lost.env["CONTEXT_KEY_FILE"]) as node:
        after = contact(node.url)
        assert after.get(case.location).expect(200)["id"] == case["id"]
        [file] = after.get(case.location + "/attachments").items
        content = after.get(f"/v1/attachments/{file['id']}/content")
        assert hashlib.sha256(content.expect(200).body).hexdigest() == digest

        def news(cursor):
            page = after.get(
                f"/v1/events?start=now&cursor={cursor}").expect(200)
            return page["position"], [e["type"] for e in page.items]
        position, seen = news(position)
        after.post(case.location + "/notes", {"text": "Still?"}).expect(201)
        position, seen = news(position)
        assert seen == ["case.note_added"]
        second = after.post("/v1/cases", a_case()).expect(201)
        assert second["id"] > case["id"] + AHEAD
        assert "case.submitted" in news(position)[1]
