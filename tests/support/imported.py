"""Lines of imports, as the worker has the rules take them: in the context of the
administrator who has sent the file."""

import json
import uuid

from sql import SqlError, literal


class Refused(Exception):
    """A line that was refused: HTTP status, slug, and errors[]."""

    def __init__(self, fault):
        self.status = int(fault.state.removeprefix("CW"))
        lines = str(fault).splitlines()
        self.slug = lines[0].rpartition(": ")[2].strip()
        hint = next(line.partition("HINT:")[2] for line in lines
                    if line.startswith("HINT:"))
        self.errors = json.loads(hint).get("errors", [])
        super().__init__(f"{self.status} {self.slug} {self.errors}")

    @property
    def pointers(self):
        return [(e["pointer"], e["code"]) for e in self.errors]


class Importer:
    def __init__(self, session, administrator):
        self.session = session
        self.administrator = administrator

    def line(self, kind, /, **record):
        """What came of it: (result, id)."""
        if not self.session.admitted:
            self.session.admit()
        try:
            text = self.session.run(
                f"begin;\nselect rules.begin_staff({self.administrator.id},"
                " null) \\g /dev/null\n"
                f"select row_to_json(r) from rules.import_{kind}("
                f"{literal(json.dumps(record))}::jsonb) r;\ncommit")
        except SqlError as fault:
            self.session.run("rollback")
            if not fault.state.startswith("CW"):
                raise
            raise Refused(fault) from None
        answer = json.loads(text)
        return answer["result"], int(answer["resource_id"])

    def refused(self, kind, /, **record):
        """(status, [(pointer, code)])"""
        try:
            came = self.line(kind, **record)
        except Refused as refusal:
            return refusal.status, refusal.pointers
        raise AssertionError(f"not refused: {came}")


def key(letter="K"):
    """What nothing else is called elsewhere."""
    return f"{letter}-{uuid.uuid4().hex[:12]}"
