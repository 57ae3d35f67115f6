"""The statements of sql/api in one text, with the lines of their filters.

Where a statement of an operation says `--filters c`, the conditions of its
x-filters are put (filters.py), of the table that goes by the alias c there. A
statement belongs to an operation by its name: list_cases, or, for one kind of
caller, list_cases_for_partner.

A line `--parameters list_cases` becomes what the filters of that operation, and
its order, take: a constant, {"status": {"type": "string", "values": 20, …}, …}.
"""
import json
import re

from filters import Fault, taken

NAME = re.compile(r"-- name: *(\w+)")
MARK = re.compile(r"( *)--filters\b *(.*)")
TAKEN = re.compile(r"( *)--parameters +(\w+)")
SWITCH = re.compile(r".*--\? *(\w+)")
COMMENT_COLUMN = 72


def read(directory, filters, document):
    """filters: operation → its file and filters, as expand() returns them."""
    lines, files, marked = [], {}, set()
    for path in sorted(directory.glob("*.sql")):
        statement = None
        for number, line in enumerate(
                path.read_text(encoding="utf-8").splitlines(), 1):
            name, mark = NAME.match(line), MARK.fullmatch(line)
            if name:
                statement = name[1]
                files[statement] = path.name
            wanted = TAKEN.fullmatch(line)
            if wanted:
                text = json.dumps(taken(document, wanted[2]),
                                  separators=(",", ":")).replace("'", "''")
                lines.append(f"{wanted[1]}'{text}'::jsonb")
                continue
            if re.match(r"\s+-- name:", line):
                raise Fault(f"{path.name}:{number}: -- name: begins the line")
            if not mark:
                refuse_by_hand(line, f"{path.name}:{number}: {statement}",
                               filters.get(owner(statement, filters)))
                lines.append(line)
                continue
            indent, alias = mark.groups()
            where = f"{path.name}:{number}: {statement}"
            if not re.fullmatch(r"[a-z_]+", alias):
                raise Fault(f"{where}: --filters needs the table's alias")
            operation = owner(statement, filters)
            if operation is None:
                raise Fault(f"{where}: --filters, but no operation of this "
                            "name has x-filters")
            lines += lines_of(filters[operation][1], alias, indent)
            marked.add(statement)
    refuse_unmarked(files, marked, filters)
    return "\n".join([*lines, ""])


def refuse_by_hand(line, where, declared):
    """A filter is declared, or written by hand, not both."""
    switch = SWITCH.fullmatch(line)
    if switch and declared and any(
            switch[1] == name for one in declared[1]
            for name, _ in one.conditions("c")):
        raise Fault(f"{where}: {switch[1]} is one of its x-filters already")


def owner(statement, filters):
    if statement in filters:
        return statement
    operation = str(statement).rpartition("_for_")[0]
    return operation if operation in filters else None


def lines_of(filters, alias, indent):
    for one in filters:
        for name, condition in one.conditions(alias):
            line = f"{indent}and {condition}"
            yield f"{line:<{COMMENT_COLUMN}} --? {name}"


def refuse_unmarked(files, marked, filters):
    """Each statement of an operation has all its filters."""
    for statement, file in files.items():
        operation = owner(statement, filters)
        if operation is not None and statement not in marked:
            raise Fault(f"{file}: {statement}: no line --filters, although "
                        f"{operation} has x-filters")
    for operation, (file, _) in filters.items():
        if operation not in files:
            raise Fault(f"{file}: {operation}: x-filters, but there is no "
                        f"statement {operation}")
