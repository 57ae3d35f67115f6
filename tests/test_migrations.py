"""What a file of sql/schema may do while everybody works (sql/README.md), as
far as its text tells. Files before 054 were written when a migration was an
outage."""

import re

import pytest

from instance import ROOT

FIRST = "054"
FILES = sorted(path for path in (ROOT / "sql" / "schema").glob("*.sql")
               if path.name >= FIRST)
INDEX = (r"(?:create (?:unique )?index concurrently if not exists"
         r"|drop index concurrently if exists) ")


def statements(text):
    """In small letters, without comments and what stands in $$."""
    text = re.sub(r"--.*", "", text)
    text = re.sub(r"\$(\w*)\$.*?\$\1\$", "''", text, flags=re.S)
    return [" ".join(part.lower().split())
            for part in text.split(";") if part.strip()]


def faults(text):
    """Why that file would hold up others, a sentence each."""
    first, parts = text.partition("\n")[0], statements(text)
    if first == "-- concurrently":
        if len(parts) != 1 or not re.match(INDEX, parts[0]):
            yield "is one index, made or dropped concurrently, and if need be"
        return
    if first == "-- in batches":
        if len(parts) != 1 or not re.match(
                r"(update|delete|insert) .* limit \d{1,4}\b", parts[0]):
            yield "is one statement that changes at most 9999 rows"
        return
    new = re.findall(r"create table (?:if not exists )?(\S+)",
                     "; ".join(parts))
    for part in parts:
        table = re.search(r"(?:alter table (?:only )?|\bon (?:only )?"
                          r"|^update (?:only )?|^delete from )(\w+\.\w+)",
                          part)
        if table is None or table.group(1) in new:
            continue
        if re.match(r"create (unique )?index", part):
            yield f"makes an index while {table.group(1)} waits"
        if re.match(r"(update|delete) ", part):
            yield f"changes all of {table.group(1)} at once"
        if re.search(r" alter (column )?\w+ (set data )?type |set not null",
                     part):
            yield f"reads all of {table.group(1)} while it waits"
        if re.search(r" rename (column |to )|rename \w+ to ", part):
            yield "takes a name away that the version before uses"
        if re.search(r"add (constraint \w+ )?(check|foreign key|unique|primary"
                     r" key|exclude)|add column [^,]* references ", part) \
                and "not valid" not in part and "using index" not in part:
            yield f"checks all of {table.group(1)} while it waits"
        if re.search(r"add column [^,]* not null", part) \
                and " default " not in part and " generated " not in part:
            yield "asks the version before for a column it does not know"


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_a_migration_holds_up_nobody(path):
    assert list(faults(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("text", [
    "create index on casework.cases (id);",
    "create unique index x on casework.cases (id);",
    "update casework.cases set version = 1;",
    "delete from casework.mails where true;",
    "alter table casework.cases alter column version type bigint;",
    "alter table casework.cases alter subject set not null;",
    "alter table casework.cases rename column subject to title;",
    "alter table casework.cases rename to tickets;",
    "alter table casework.cases add constraint c check (version > 0);",
    "alter table casework.cases add check (version > 0);",
    "alter table casework.cases add column x bigint references casework.y;",
    "alter table casework.cases add column x int not null;",
    "-- concurrently\ncreate index x on casework.cases (id);",
    "-- concurrently\ncreate index concurrently x on casework.cases (id);",
    "-- concurrently\ncreate index concurrently if not exists x on casework.c"
    " (id); select 1;",
    "-- in batches\nupdate casework.cases set version = 1;"])
def test_what_would_hold_up_others_is_seen(text):
    assert list(faults(text)) != []


@pytest.mark.parametrize("text", [
    "create table casework.x (id int); create index on casework.x (id);"
    " update casework.x set id = 1;",
    "alter table casework.cases add column x int;",
    "alter table casework.cases add column x int not null default 0;",
    "alter table casework.cases add constraint c check (x > 0) not valid;",
    "-- concurrently\ncreate index concurrently if not exists x on"
    " casework.cases (id);",
    "-- in batches\nupdate casework.cases set x = 1 where id in (select id"
    " from casework.cases where x is null limit 1000);"])
def test_what_holds_up_nobody_is_let_through(text):
    assert list(faults(text)) == []
