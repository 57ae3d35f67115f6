"""The toll-free number stands nowhere but where fact 34 allows it: every other
answer, the specification, the log, every other table and every file that the
instance writes are searched, in any spelling."""

import pathlib
import re

import pytest

from examples import Stage
from generate import good_body
from instance import until
from mail import in_maildir
from phone import take_calls
from serving import serve
from world import a_case

TELLING = {"get_support_line", "create_case", "get_case", "update_case",
           "close_case", "reopen_case"}     # contacts' own, outages only


@pytest.fixture
def secret(sql):
    """Matches the number with whatever stands between its digits."""
    digits = re.sub(r"\D", "", sql.value(
        "select toll_free_number from casework.support_line"))
    assert len(digits) >= 10
    pattern = r"([ ().+/_\u2010-\u2015\u00a0-]|%20|&nbsp;){0,3}".join(digits)
    return re.compile(pattern)


def test_the_pattern_finds_every_spelling(secret, sql):
    number = sql.value("select toll_free_number from casework.support_line")
    area, office, line = re.split(r"\D", number)
    for text in (number, area + office + line, f"{area} {office} {line}",
                 f"({area}) {office}-{line}", f"{area}.{office}.{line}",
                 f"+1 {area}%20{office}%20{line}", f"1-{number}"):
        assert secret.search(f"x {text} y"), text
    assert not secret.search("763-555-0142")


@pytest.fixture
def spread(contact, colleague, advisor, staff, telephony, phone, world):
    """An outage that has been through everything, read by everybody."""
    take_calls(advisor).expect(200)
    contact.get("/v1/support-line").expect(200)
    case = contact.submit(type="outage", priority="critical")
    contact.post("/v1/cases", a_case(type="outage", priority="critical"),
                 headers={"Idempotency-Key": "once"}).expect(201)
    case.note(colleague).expect(201)
    case.assign(staff, advisor).expect(200)
    phone.talk(advisor, contact).link(advisor, case).expect(200)
    case.resolve(advisor).expect(200)
    case.close().expect(200)
    case.reopen().expect(200)
    case.read(colleague)
    return case


def text_of(answer):
    return "\n".join(f"{name}: {value}"
                     for name, value in answer.headers.items()) + (
        answer.body.decode("utf-8", "replace"))


@pytest.mark.fact(34, 38)
@pytest.mark.rule("2.8")
def test_no_other_answer_tells_the_number(
        spread, world, contract, public, secret, partner, desk_kept):
    stage = Stage(world)
    stage.case = spread
    stage.district, stage.contact = (spread.submitter.district,
                                     spread.submitter)
    stage.partner = partner
    stage.site = stage.district.site()
    stage.made["note_id"] = spread.notes()[0]["id"]
    for op in contract.operations:      # before anything is tried on them
        stage.ids(op)
    told = set()
    for op in contract.operations:
        if op.id == "update_support_line":
            continue                    # it would be another number
        for kind in {*op.callers, "contact", "partner", "staff", "telephony",
                     "public"}:
            someone = public if kind == "public" else stage.caller(kind)
            answers = [stage.ask(op, someone),
                       stage.ask(op, someone, query={"unknown": "1"}),
                       stage.ask(op, someone, etag="*", body=good_body(op))]
            if kind in op.callers and kind != "public":
                answers.append(serve(op, kind, stage))
            for answer in answers:
                if secret.search(text_of(answer)):
                    told.add((op.id, kind))
    assert {op for op, _ in told} <= TELLING
    assert {kind for _, kind in told} == {"contact"}
    assert {"get_support_line", "get_case"} <= {op for op, _ in told}


@pytest.mark.fact(34)
def test_neither_lists_nor_history_nor_notes_tell_it(
        spread, contact, staff, secret):
    for by in (contact, staff):
        for found in (by.get("/v1/cases", query={"id": spread.id}),
                      by.get(spread.path + "/history"),
                      by.get(spread.path + "/notes")):
            assert found.expect(200).items
            assert not secret.search(text_of(found))


@pytest.mark.fact(34)
def test_the_specification_does_not_tell_it(public, secret):
    for path in ("/openapi.json", "/openapi.yaml"):
        assert not secret.search(public.get(path).expect(200).body.decode())


@pytest.mark.fact(34)
def test_no_other_table_holds_it(spread, sql, secret):
    digits = re.sub(r"\D", "", sql.value(
        "select toll_free_number from casework.support_line"))
    tables = sql.rows(
        "select table_schema as s, table_name as t"
        " from information_schema.tables where table_type = 'BASE TABLE'"
        " and table_schema not in ('pg_catalog', 'information_schema')")
    assert {"s": "casework", "t": "events"} in tables
    pattern = "[^0-9A-Za-z]{0,3}".join(digits)
    for table in tables:
        name = f"{table['s']}.{table['t']}"
        held = sql.value(f"select count(*) as n from {name} x"
                         " where to_jsonb(x)::text ~ %s", pattern)
        assert held == (1 if name == "casework.support_line" else 0), name


@pytest.mark.fact(34)
@pytest.mark.direct
def test_no_file_of_the_instance_tells_it(spread, instance, secret):
    """Its logs, whatever there is beside the database's own files."""
    spread.submitter.get("/v1/support-line").expect(200)
    assert {"casework.log", "postgres.log"} <= searched(
        pathlib.Path(instance.run_dir), secret)


def searched(directory, secret):
    """Names of the files below the directory, none of which tells it."""
    seen = set()
    for path in directory.rglob("*"):
        if path.relative_to(directory).parts[0] == "cluster" or (
                not path.is_file()):
            continue
        text = path.read_bytes().decode("utf-8", "replace")
        assert not secret.search(text), path
        seen.add(path.name)
    return seen


@pytest.mark.direct
@pytest.mark.fact(34, 38)
def test_neither_mail_nor_status_page_tells_it(
        new_worker, spread, advisor, open_incident, secret):
    worker = new_worker()
    open_incident(scope={"districts": [spread.submitter.district.id]},
                  title="Outage of the hosting")
    spread.note(advisor, "We are on it.").expect(201)
    spread.resolve(advisor).expect(200)
    spread.close().expect(200)          # invites to a survey, too
    until(lambda: len(in_maildir(worker)) >= 4)
    until((worker.status_dir / "index.html").exists)
    assert {"status.json", "history.atom", "casework.log"} <= searched(
        worker.directory, secret)
