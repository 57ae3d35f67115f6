"""Imports (3.2): how a file arrives, who sees it, how it is ended, how long
it is kept. What becomes of its lines is the worker's."""

import base64
import hashlib
import json

import pytest

from feed import Feed
from instance import until
from meeting import Begun, waiting

IMPORTS = "/v1/imports"
NDJSON = "application/x-ndjson"
LINE = b'{"external_id": "D-1", "name": "North Lakes"}\n'
MIB = 1024 * 1024


@pytest.fixture
def administrator(world, sql):
    """No worker of another test takes on what is brought here."""
    administrator = world.staff("administrator")
    yield administrator
    sql.run("update casework.imports set state = 'cancelled', finished_at ="
            " rules.now(), leased_until = null where created_by_id = %s"
            " and state in ('receiving', 'queued', 'running')",
            administrator.id)


@pytest.fixture
def bring(administrator):
    """Sends a file."""
    def bring(data=LINE, kind="districts", media=NDJSON, by=administrator,
              headers=None, **query):
        return by.post(IMPORTS, data, query={"kind": kind, **query},
                       media=media, headers=headers)
    return bring


@pytest.fixture
def parts(sql):
    """The bytes that are kept of an import, and in how many parts."""
    def parts(number):
        rows = sql.rows(
            "select number, encode(bytes, 'hex') as bytes"
            " from casework.import_parts where import_id = %s order by number",
            number)
        assert [int(row["number"]) for row in rows] == [
            *range(1, len(rows) + 1)]
        return b"".join(bytes.fromhex(r["bytes"]) for r in rows), len(rows)
    return parts


@pytest.fixture
def advance(sql):
    """Sets what the worker would."""
    def advance(number, **columns):
        for column, value in columns.items():
            sql.run(f"update casework.imports set {column} = %s"
                    " where id = %s", value, number)
    return advance


def own(administrator):
    """What this administrator has brought, newest first."""
    return [i for i in administrator.all(IMPORTS)
            if i["created_by"]["id"] == administrator.id]


# -- arriving --------------------------------------------------------------

def test_an_import_waits_for_its_turn(bring, administrator, parts):
    answer = bring(validate_only="true").expect(202)
    assert answer.location == f"{IMPORTS}/{answer['id']}"
    assert (answer["state"], answer["kind"], answer["media_type"]) == (
        "queued", "districts", NDJSON)
    assert answer["validate_only"] is True
    assert answer["size_bytes"] == len(LINE)
    assert answer["sha256"] == hashlib.sha256(LINE).hexdigest()
    assert answer["lines"] is None and answer["lines_done"] == 0
    assert answer["created_by"]["id"] == administrator.id
    read = administrator.get(answer.location).expect(200)
    assert read.json == answer.json and read.etag == answer.etag
    assert parts(answer["id"]) == (LINE, 1)


@pytest.mark.parametrize("kind", [
    "districts", "sites", "contacts", "staff", "partners", "assignments",
    "cases", "notes"])
def test_each_kind_is_taken_as_csv_too(bring, kind):
    answer = bring(b"\xef\xbb\xbfexternal_id\r\n1\r\n", kind,
                   "text/csv; charset=UTF-8").expect(202)
    assert (answer["kind"], answer["media_type"]) == (kind, "text/csv")


def test_a_file_is_kept_in_parts_as_it_is(bring, parts):
    data = bytes(range(256)) * 4096
    answer = bring(data).expect(202)
    kept, number = parts(answer["id"])
    assert kept == data and number > 1
    assert answer["size_bytes"] == len(data)
    assert answer["sha256"] == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("media", [
    "application/json", "text/plain", "application/octet-stream",
    "multipart/form-data; boundary=x", "text/csv; charset=windows-1252"])
def test_another_type_or_charset_is_refused(bring, media):
    bring(media=media).expect(415, problem="unsupported-media-type")


def test_a_coded_file_is_refused(bring):
    bring(headers={"Content-Encoding": "gzip"}).expect(
        415, problem="unsupported-media-type")
    bring(headers={"Content-Type": None}).expect(415)


def test_an_empty_file_is_refused(bring, administrator):
    assert "empty" in bring(b"").expect(422)["detail"]
    assert own(administrator) == []


def test_a_file_over_the_limit_is_refused(bring, public):
    limit = public.get("/v1/limits").expect(200)["import"]["file_bytes"]
    answer = bring(headers={"Content-Length": str(limit + 1)}).expect(
        413, problem="content-too-large")
    public.service.close()      # what was announced never comes
    assert answer["limit_bytes"] == limit == 64 * MIB


def test_a_kind_is_required_and_known(bring, administrator):
    administrator.post(IMPORTS, LINE, media=NDJSON).expect(
        400, problem="invalid-parameter")
    bring(kind="cars").expect(400, problem="invalid-parameter")


# -- digests and keys ------------------------------------------------------

def digest(algorithm, data):
    found = hashlib.new(algorithm.replace("-", ""), data).digest()
    return f"{algorithm}=:{base64.b64encode(found).decode()}:"


@pytest.mark.parametrize("header", ["Repr-Digest", "Content-Digest"])
@pytest.mark.parametrize("size", [len(LINE), MIB])
def test_a_digest_that_is_claimed_is_held_against_the_bytes(
        bring, administrator, header, size):
    data = (LINE * (size // len(LINE) + 1))[:size]
    good = [digest("sha-256", data), digest("sha-512", data)]
    for claim in (*good, ", ".join(good)):
        bring(data, headers={header: claim}).expect(202)
    for claim in (digest("sha-256", b"x"), digest("sha-512", b"x"),
                  ", ".join((good[0], digest("sha-512", b"x")))):
        answer = bring(data, headers={header: claim}).expect(
            422, problem="invalid-request")
        assert answer.faults == [header]
        last = own(administrator)[0]
        assert (last["state"], last["sha256"]) == ("receiving", None)


def test_a_file_that_is_sent_again_with_its_key_is_one_import(
        bring, administrator):
    key = {"Idempotency-Key": '"file-1"'}
    data = LINE * 10_000
    first = bring(data, headers=key).expect(202)
    again = bring(data, headers=key).expect(202)
    assert again.json == first.json and again.location == first.location
    assert again.headers["idempotency-replayed"] == "true"
    for other in (bring(data[1:], headers=key),
                  bring(data, "sites", headers=key),
                  bring(data, media="text/csv", headers=key)):
        other.expect(422, problem="idempotency-key-reused")
    queued = administrator.get(IMPORTS, query={"state": "queued"}).items
    assert [i["id"] for i in queued
            if i["created_by"]["id"] == administrator.id] == [first["id"]]


# -- who -------------------------------------------------------------------

def test_imports_are_for_administrators(
        bring, world, contact, partner, telephony, public):
    made = bring().expect(202)
    for someone in (world.staff("lead"), world.staff("advisor"), contact,
                    partner, telephony, public):
        for answer in (
                bring(by=someone), someone.get(IMPORTS),
                someone.get(made.location),
                someone.get(made.location + "/lines"),
                someone.post(made.location + "/cancellation")):
            answer.expect(401 if someone is public else 403)
    world.staff("administrator").get(made.location).expect(200)


def test_an_import_is_made_with_its_scope(bring, world, administrator):
    for scope in ("imports:read", "desk:write districts:write"):
        bring(by=world.caller(f"staff:{administrator.id}",
                              scope=scope)).expect(
            403, problem="insufficient-scope")


def test_the_database_shows_imports_to_administrators_alone(
        bring, as_role, administrator, world):
    number = bring().expect(202)["id"]
    for who, seen in ((administrator, 1), (world.staff("lead"), 0)):
        for what in (f"imports where id = {number}",
                     f"import_parts where import_id = {number}"):
            rows = as_role("staff").acting(
                f"select 1 from casework.{what}", caller_id=who.id)
            assert len(rows) == seen


# -- watching --------------------------------------------------------------

def test_imports_are_listed_newest_first_by_state_and_kind(
        bring, administrator):
    made = [bring(kind=kind).expect(202)["id"]
            for kind in ("staff", "notes", "staff")]
    administrator.post(f"{IMPORTS}/{made[2]}/cancellation").expect(200)

    def listed(**query):
        return [i["id"] for i in administrator.all(IMPORTS, **query)
                if i["id"] in made]
    assert listed(limit=2) == made[::-1]
    assert listed(kind="staff") == [made[2], made[0]]
    assert listed(kind="staff", state="queued") == [made[0]]
    assert listed(state="cancelled") == [made[2]]


def test_what_came_of_each_line_is_told(bring, administrator, sql):
    made = bring().expect(202)
    fault = {"pointer": "/name", "code": "required", "detail": "It is."}
    for line, result, resource, errors in (
            (1, "created", "17", None), (2, "failed", None, [fault]),
            (4, "unchanged", "18", None), (5, "failed", None, [fault] * 2)):
        sql.run("insert into casework.import_lines (import_id, line,"
                " external_id, result, resource_id, errors) values"
                " (%s, %s, %s, %s, %s, %s)", made["id"], line, f"D-{line}",
                result, resource, errors and json.dumps(errors))
    lines = administrator.all(made.location + "/lines", limit=1)
    assert [line["line"] for line in lines] == [1, 2, 4, 5]
    assert lines[0] == {"line": 1, "external_id": "D-1", "result": "created",
                        "resource_id": "17", "errors": []}
    failed = administrator.get(made.location + "/lines",
                               query={"result": "failed"}).expect(200).items
    assert [line["errors"] for line in failed] == [[fault], [fault] * 2]
    administrator.get(f"{IMPORTS}/999999999/lines").expect(404)


def test_progress_is_a_new_version(bring, administrator, advance):
    made = bring().expect(202)
    assert administrator.get(made.location, headers={
        "If-None-Match": made.etag}).status == 304
    advance(made["id"], state="running", at_line=7, created=7, lines=9)
    now = administrator.get(made.location, headers={
        "If-None-Match": made.etag}).expect(200)
    assert (now["lines"], now["lines_done"], now["created"]) == (9, 7, 7)


# -- ending ----------------------------------------------------------------

@pytest.mark.parametrize("state", ["receiving", "queued", "running"])
def test_an_import_is_ended_and_what_was_done_stays(
        bring, administrator, advance, parts, sql, state):
    made = bring().expect(202)
    advance(made["id"], state=state, at_line=3, created=3)
    sql.run("insert into casework.import_lines (import_id, line, result)"
            " values (%s, 3, 'created')", made["id"])
    ended = administrator.post(made.location + "/cancellation").expect(200)
    assert (ended["state"], ended["created"], ended["lines_done"]) == (
        "cancelled", 3, 3)
    assert ended["finished_at"] is not None
    assert ended.etag == administrator.get(made.location).etag != made.etag
    assert parts(made["id"]) == (b"", 0)
    assert len(administrator.get(made.location + "/lines").items) == 1


@pytest.mark.parametrize("state", ["finished", "failed", "cancelled"])
def test_what_has_ended_is_not_ended_again(
        bring, administrator, advance, state):
    made = bring().expect(202)
    advance(made["id"], state=state)
    answer = administrator.post(made.location + "/cancellation").expect(
        409, problem="conflict")
    assert state in answer["detail"]
    administrator.post(f"{IMPORTS}/999999999/cancellation").expect(404)


def test_an_end_waits_for_the_lines_that_are_being_done(
        bring, administrator, meeting, new_session):
    made = bring().expect(202)
    worker = new_session()
    worker.run("begin; update casework.imports set created = created + 1"
               f" where id = {made['id']}")
    ended = Begun(lambda: meeting.by(administrator).post(
        made.location + "/cancellation"))
    until(lambda: ended.is_done or waiting(worker, "staff"))
    worker.run("commit")
    assert ended.end().expect(200)["created"] == 1


def test_beginning_and_each_end_are_in_the_feed(
        bring, administrator, as_role):
    feed = Feed(administrator)
    made = bring().expect(202)
    event = feed.of_type("import.created")
    assert event["data"] == {"import_id": made["id"]}
    assert event["actor"]["id"] == administrator.id
    assert {"member": "kind", "old": None, "new": "districts"} in (
        event["changes"])
    administrator.post(made.location + "/cancellation").expect(200)
    event = feed.of_type("import.cancelled")
    assert {"member": "state", "old": "queued", "new": "cancelled"} in (
        event["changes"])
    other = bring().expect(202)
    as_role("worker").run(
        f"select rules.end_import({other['id']}, 'finished')")
    event = feed.of_type("import.finished")
    assert event["data"] == {"import_id": other["id"]}
    assert event["actor"]["kind"] == "system"


# -- what is kept ----------------------------------------------------------

def kept(sql, number):
    return sql.value("select count(*) from casework.imports where id = %s",
                     number) == 1


def test_what_never_came_whole_is_forgotten_after_an_hour(
        bring, advance, sql, timer):
    rest, gone = (bring().expect(202)["id"] for _ in range(2))
    for number, age in ((rest, "59 min"), (gone, "61 min")):
        advance(number, state="receiving")
        sql.run("update casework.imports set created_at = created_at"
                " - interval '2 h', received_at = rules.now() - %s::interval"
                " where id = %s", age, number)
    timer("forget_imports")
    assert kept(sql, rest) and not kept(sql, gone)


@pytest.mark.parametrize("days", [90, 7])
def test_what_came_of_an_import_is_kept_for_90_days_or_as_long_as_is_said(
        bring, advance, administrator, sql, timer, desk_kept, days):
    if days != 90:
        sql.run("update casework.retention_settings set import_days = %s",
                days)
    rest, gone, running = (bring().expect(202)["id"] for _ in range(3))
    for number, age in ((rest, f"{days - 1} d 23 h"), (gone, f"{days} d 1 h")):
        administrator.post(f"{IMPORTS}/{number}/cancellation").expect(200)
        sql.run("update casework.imports set finished_at = rules.now()"
                " - %s::interval where id = %s", age, number)
    sql.run("insert into casework.import_lines (import_id, line, result)"
            " select %s, n, 'created' from generate_series(1, 250) n", gone)
    advance(running, created_at="2020-01-01T00:00:00Z")
    timer("forget_imports")
    assert kept(sql, rest) and kept(sql, running) and not kept(sql, gone)
