"""Imports as the worker finds them: a file of which all bytes have arrived."""

import json

from instance import until

ENDED = ("finished", "failed", "cancelled")


class Import:
    def __init__(self, sql, by, content, kind="districts",
                 media_type="text/csv", validate_only=False, piece=65536):
        self.sql = sql
        if isinstance(content, str):
            content = content.encode()
        self.id = sql.value(
            "insert into casework.imports (kind, media_type, validate_only,"
            " state, size_bytes, created_by_kind, created_by_id,"
            " created_by_name) values (%s, %s, %s, 'receiving', %s, 'staff',"
            " %s, 'An administrator') returning id", kind, media_type,
            validate_only, len(content), by)
        for number, start in enumerate(range(
                0, len(content), piece), start=1):
            sql.run("insert into casework.import_parts values (%s, %s, %s)",
                    self.id, number,
                    "\\x" + content[start:start + piece].hex())
        sql.run("update casework.imports set state = 'queued' where id = %s;"
                " notify casework", self.id)

    def __getitem__(self, column):
        return self.sql.row("select * from casework.imports where id = %s",
                            self.id)[column]

    @property
    def counts(self):
        row = self.sql.row("select * from casework.imports where id = %s",
                           self.id)
        return {name: row[name] for name in
                ("created", "updated", "unchanged", "failed") if row[name]}

    def ended(self):
        until(lambda: self["state"] in ENDED)
        return self

    def run_out(self):
        """The lease ends, as it does when its worker is no more."""
        self.sql.run("update casework.imports set leased_until ="
                     " clock_timestamp() where id = %s", self.id)

    def parts(self):
        return self.sql.value(
            "select count(*) from casework.import_parts where import_id = %s",
            self.id)

    def lines(self):
        """Of each line what came of it."""
        return {row["line"]: row["result"] for row in self.sql.rows(
            "select line, result from casework.import_lines"
            " where import_id = %s order by line", self.id)}

    def errors(self, line):
        """As pairs of pointer and sentence."""
        return [(error["pointer"], error["detail"])
                for error in self.line(line)["errors"]]

    def line(self, number):
        return self.sql.row("select * from casework.import_lines"
                            " where import_id = %s and line = %s", self.id,
                            number)


def ndjson(*records):
    return "".join(json.dumps(record) + "\n" for record in records)
