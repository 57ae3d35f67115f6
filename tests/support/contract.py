"""The OpenAPI document as the judge of every exchange.

Nothing here shares code with the service: the document is read as plain JSON
and answers are judged by the jsonschema package. A test never calls this
module; client.py and wire.py hand every exchange to Contract.check().
"""

import datetime
import json
import re
from urllib.parse import unquote, urlsplit

from jsonschema import Draft202012Validator, FormatChecker

import tables

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

# What any operation may answer without naming it, covered by `default`:
# faults of framing, of load and of the machine, never of a rule.
GENERAL = {400, 408, 411, 413, 414, 417, 429, 431, 500, 501, 503, 505}

# Members of a problem that differ between two otherwise equal answers.
PER_REQUEST = ("instance", "request_id", "trace_id")

DATE_TIME = re.compile(
    r"(\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:)([0-5]\d|60)(\.\d+)?"
    r"(Z|[+-]([01]\d|2[0-3]):[0-5]\d)")
EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)*")

formats = FormatChecker(formats=())


@formats.checks("date-time")
def is_date_time(value):
    if not isinstance(value, str):
        return True
    found = DATE_TIME.fullmatch(value.upper())
    if not found:
        return False
    leap = found[3] == "60"
    try:
        at = datetime.datetime.fromisoformat(found[1] + (
            "59" if leap else found[3]) + found[5]).astimezone(datetime.UTC)
    except (ValueError, OverflowError):
        return False
    return not leap or (at.hour, at.minute) == (23, 59)


@formats.checks("date")
def is_date(value):
    if not isinstance(value, str):
        return True
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return False
    try:
        datetime.date.fromisoformat(value)
    except ValueError:
        return False
    return True


@formats.checks("email")
def is_email(value):
    return not isinstance(value, str) or EMAIL.fullmatch(value) is not None


@formats.checks("uri")
def is_uri(value):
    return not isinstance(value, str) or bool(
        re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s]+", value))


# Answers are in UTC: the same formats, but a time must end in Z.
answer_formats = FormatChecker(formats=())
answer_formats.checkers = dict(formats.checkers)


@answer_formats.checks("date-time")
def is_utc(value):
    return not isinstance(value, str) or is_date_time(value) and bool(
        re.fullmatch(r"[0-9T:-]{19}(\.\d{1,6})?Z", value))


class Broken(AssertionError):
    """An exchange that the document does not allow."""


class Operation:
    """One operation of the document, references resolved."""

    def __init__(self, contract, path, item, method):
        self.path = path
        self.method = method.upper()
        self.spec = spec = contract.inline(item[method])
        self.id = spec["operationId"]
        self.callers = spec.get("x-callers", [])
        self.roles = spec.get("x-roles", [])
        self.cursor = spec.get("x-cursor")
        shared = contract.inline(item.get("parameters", []))
        self.parameters = shared + spec.get("parameters", [])
        self.bodies = spec.get("requestBody", {}).get("content", {})
        self.responses = spec["responses"]
        self.statuses = {int(s) for s in self.responses if s != "default"}
        pattern = re.sub(r"\\{\w+\\}", r"([^/]*)", re.escape(path))
        self.pattern = re.compile(pattern)
        self.names = re.findall(r"{(\w+)}", path)
        self._validators = {}

    def __repr__(self):
        return self.id

    @property
    def public(self):
        return "public" in self.callers

    @property
    def raw(self):
        """Whether its body is bytes, of which no type is JSON."""
        return bool(self.bodies) and not any(
            media.endswith(("/json", "+json")) for media in self.bodies)

    @property
    def scope(self):
        for requirement in self.spec.get("security", []):
            for scopes in requirement.values():
                if scopes:
                    return scopes[0]
        return None

    @property
    def writes(self):
        """A search by POST is none."""
        return self.method not in ("GET", "HEAD") and not (
            self.scope or "").endswith(":read")

    @property
    def success(self):
        """What the example of the document is answered with."""
        return 201 if 201 in self.statuses else min(
            s for s in self.statuses if 200 <= s < 300)

    def parameters_in(self, place):
        return [p for p in self.parameters if p["in"] == place]

    @property
    def body_schema(self):
        for media in self.bodies.values():
            return media["schema"]
        return None

    @property
    def body_type(self):
        return next(iter(self.bodies), None)

    def response(self, status):
        return self.responses.get(str(status), self.responses.get("default"))

    def validator(self, status, media, schema):
        key = (status, media)
        if key not in self._validators:
            self._validators[key] = Draft202012Validator(
                schema, format_checker=answer_formats)
        return self._validators[key]


class Contract:
    def __init__(self, document):
        self.document = document
        self.seen = set()           # (operation id, status)
        self.served = set()         # (operation id, caller kind) with a 2xx
        self.exchanges = 0
        self.operations = [
            Operation(self, path, item, method)
            for path, item in document["paths"].items()
            for method in METHODS if method in item]
        self.by_id = {op.id: op for op in self.operations}
        self.problem = Draft202012Validator(
            self.inline({"$ref": "#/components/schemas/problem"}
                        if "problem" in document["components"]["schemas"]
                        else {"$ref": "#/components/schemas/Problem"}),
            format_checker=answer_formats)

    def inline(self, node, trail=()):
        """The node with every $ref replaced by what it points at."""
        if isinstance(node, list):
            return [self.inline(n, trail) for n in node]
        if not isinstance(node, dict):
            return node
        if "$ref" not in node:
            return {k: self.inline(v, trail) for k, v in node.items()}
        ref = node["$ref"]
        if ref in trail:
            raise Broken(f"{ref} contains itself")
        target = self.document
        for part in ref.removeprefix("#/").split("/"):
            target = target[part.replace("~1", "/").replace("~0", "~")]
        beside = {k: v for k, v in node.items() if k != "$ref"}
        found = self.inline(target, trail + (ref,))
        if not beside:
            return found
        if set(beside) <= {"description", "summary", "title", "example"}:
            return {**found, **beside}
        return {"allOf": [found], **self.inline(beside, trail)}

    def find(self, method, path):
        """(operation, operations at that path); a literal path wins."""
        here = [op for op in self.operations if op.path == path]
        here = here or [op for op in self.operations
                        if op.pattern.fullmatch(path)]
        for op in here:
            if op.method == method or (method, op.method) == ("HEAD", "GET"):
                return op, here
        return None, here

    def missing(self):
        """Documented statuses and admitted callers no exchange has shown."""
        lines = [f"{op.id} {status}" for op in self.operations
                 for status in sorted(op.statuses)
                 if (op.id, status) not in self.seen]
        lines += [f"{op.id} by {kind}" for op in self.operations
                  for kind in op.callers if (op.id, kind) not in self.served]
        return lines

    # -- judging -----------------------------------------------------------

    def check(self, exchange):
        """Raises Broken, with the whole exchange in the text."""
        try:
            self._check(exchange)
        except Broken as broken:
            raise Broken(f"{broken}\n{exchange.transcript()}") from None

    def _check(self, x):
        self.exchanges += 1
        if not x.headers.get("request-id"):
            raise Broken("no request-id")
        if not x.headers.get("date"):
            raise Broken("no Date")
        path = plain(path_of(x.target))
        op, here = self.find(x.method, path)
        if is_page(x, op):
            self._check_html(x)
        elif x.status >= 400:
            self._check_problem(x)
        elif x.method == "OPTIONS":
            return
        if op is None:
            allowed = {405, 404} if here else {404}
            if x.status not in allowed | GENERAL | {401, 403}:
                raise Broken(f"{x.status} outside the document")
            return
        self._check_status(x, op)
        self._check_headers(x, op)
        self._check_body(x, op)
        self.seen.add((op.id, x.status))
        if x.status < 400:
            self.served.add((op.id, x.caller_kind))

    def _check_status(self, x, op):
        if x.status in op.statuses:
            return
        if x.status in GENERAL and "default" in op.responses:
            return
        if x.method == "HEAD" and x.status == 405:
            return
        raise Broken(f"{op.id} does not document {x.status}")

    def _check_headers(self, x, op):
        for name, header in op.response(x.status).get("headers", {}).items():
            value = x.headers.get(name.lower())
            if value is None:
                if header.get("required") or name in ("ETag", "Location"):
                    raise Broken(f"{op.id} {x.status}: no {name}")
                continue
            schema = header.get("schema", {})
            if schema.get("type") == "integer" and value.isdigit():
                value = int(value)
            validator = op.validator(x.status, "header " + name, schema)
            for fault in validator.iter_errors(value):
                raise Broken(f"{op.id} {x.status}: {name}: {fault.message}")
        keeps = op.spec.get("x-cache") if x.status < 400 else None
        if x.headers.get("cache-control") != (keeps or "no-store"):
            raise Broken(f"{op.id} {x.status}: it keeps for another time")

    def _check_body(self, x, op):
        content = op.response(x.status).get("content", {})
        if x.method == "HEAD" or x.status in (204, 304) or not content:
            if x.body:
                raise Broken("a body where there must be none")
            return
        kind = media_type(x)
        if kind not in content:
            raise Broken(f"{op.id} {x.status}: undocumented content {kind!r}")
        if kind == "text/csv" and "application/json" in content:
            schema = self.inline(content["application/json"]["schema"])
            fault = tables.fault(x, schema)
            if fault:
                raise Broken(fault)
        if not kind.endswith("json"):
            return
        value = parse(x.body)
        schema = content[kind].get("schema", {})
        for fault in op.validator(x.status, kind, schema).iter_errors(value):
            where = "/".join(str(p) for p in fault.absolute_path)
            raise Broken(f"{op.id} {x.status}: /{where}: {fault.message}")
        self._check_page(x, op, value)

    def _check_page(self, x, op, value):
        """next, has_more and the Link header say the same."""
        if not op.cursor or x.status != 200:
            return
        link = 'rel="next"' in x.headers.get("link", "")
        if not (value["has_more"] == (value["next"] is not None) == link):
            raise Broken(f"{op.id}: has_more, next and Link disagree")

    def _check_html(self, x):
        """A page for people: self-contained, without script, and its address
        is told to nobody."""
        if x.headers["content-type"] != "text/html; charset=utf-8":
            raise Broken("a page without its character set")
        policy = x.headers.get("content-security-policy", "")
        for directive in ("default-src 'none'", "form-action 'self'",
                          "frame-ancestors 'none'", "base-uri 'none'"):
            if directive not in policy:
                raise Broken(f"no {directive} in the page's policy")
        if x.headers.get("referrer-policy") != "no-referrer":
            raise Broken("the page's address goes to other sites")
        if "accept" not in x.headers.get("vary", ""):
            raise Broken("a page that does not vary by Accept")
        page = x.body.decode()
        if x.method == "HEAD":
            return
        if not page.startswith('<!doctype html>\n<html lang="en">'):
            raise Broken("not an HTML page")
        if not re.search(r"<title>[^<]+</title>", page) or "<h1>" not in page:
            raise Broken("a page without a title")
        loads = re.sub(r'<a (?:type="[^"]*" )?href="https://[^"]*">', "", page)
        if re.search(r"<script|\son\w+=|javascript:|<[^>]*https?://", loads):
            raise Broken("a page with script or references")

    def _check_problem(self, x):
        if x.status == 401 and not x.headers.get(
                "www-authenticate", "").startswith("Bearer"):
            raise Broken("401 without WWW-Authenticate: Bearer")
        if x.status == 405 and x.headers.get("allow") is None:
            raise Broken("405 without Allow")
        if x.status in (429, 503) and not x.headers.get("retry-after"):
            raise Broken(f"{x.status} without Retry-After")
        if x.method == "HEAD":
            return
        if media_type(x) != "application/problem+json":
            raise Broken(f"{x.status} as {media_type(x)!r}")
        problem = parse(x.body)
        for fault in self.problem.iter_errors(problem):
            raise Broken(f"not a problem: {fault.message}")
        if problem["status"] != x.status:
            raise Broken(f"problem says {problem['status']}")
        if not is_uri(problem["type"]):
            raise Broken(f"problem type {problem['type']!r} is not absolute")
        if problem["request_id"] != x.headers["request-id"]:
            raise Broken("request_id is not the request-id")
        if re.search(r"(?i)\b(select|insert|update)\b .*\b(from|into|set)\b|"
                     r"pg_|SQLSTATE|plpgsql", x.body.decode()):
            raise Broken("SQL in a problem")


def is_page(x, op):
    return op is not None and media_type(x) == "text/html" and (
        "text/html" in op.response(x.status).get("content", {}))


def path_of(target):
    """Of "//x/y" too, where a URL would have a host."""
    return (target.partition("?")[0] if target.startswith("/")
            else urlsplit(target).path)


def media_type(x):
    return x.headers.get("content-type", "").split(";")[0].strip().lower()


def unique(pairs):
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Broken("an answer with duplicate members")
    return found


def parse(body):
    try:
        return json.loads(body, object_pairs_hook=unique)
    except ValueError as fault:
        raise Broken(f"not JSON: {fault}") from None


def same_problem(one, other):
    """Whether two problems are equal but for what belongs to the request."""
    def kept(problem):
        return {k: v for k, v in problem.items() if k not in PER_REQUEST}
    return kept(one) == kept(other)


def plain(path):
    """The path with escaped unreserved characters as themselves, which is
    the same path (RFC 3986 6.2.2.2)."""
    return re.sub(r"%([0-9A-Fa-f]{2})",
                  lambda m: unquote(m[0]) if re.fullmatch(
                      r"[A-Za-z0-9._~-]", chr(int(m[1], 16))) else m[0], path)
