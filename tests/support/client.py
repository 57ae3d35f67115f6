"""Callers of the API: every exchange of every test is checked on its way.

A Client is one caller: a token, and the kind it belongs to. Connections are
kept alive, one per thread, and shared by all callers of that thread, so that
a service which remembered anything of the caller before would be found out.
"""

import http.client
import json
import ssl
import threading
import time
from urllib.parse import quote, urlencode, urlsplit

import contract as contract_module

IDLE_SECONDS = 3        # older connections are not used again
PATCH_TYPE = "application/merge-patch+json"
# What is said where no rule has looked, and grants, keys and references of the
# database hold alone. A refusal of a rule says which.
OF_NO_RULE = (
    "The caller may use the operation, but not with this member, value or"
    " object.",
    "Another resource has the value that must be unique.",
    "The request does not fit the present state of the resource.")


class Headers(dict):
    """Header fields by lower-case name; repeated ones joined by a comma."""

    def __init__(self, pairs=()):
        super().__init__()
        for name, value in pairs:
            name = name.lower()
            self[name] = f"{self[name]}, {value}" if name in self else value


class Answer:
    """One exchange: what was sent, and what came back."""

    def __init__(self, caller_kind, method, target, sent, body_sent):
        self.caller_kind = caller_kind
        self.method = method
        self.target = target
        self.sent = sent
        self.body_sent = body_sent
        self.status = None
        self.headers = Headers()
        self.body = b""

    def __repr__(self):
        return f"<{self.method} {self.target} → {self.status}>"

    def transcript(self):
        lines = [f"> {self.method} {self.target} as {self.caller_kind}"]
        lines += [f"> {n}: {v}" for n, v in self.sent.items()
                  if n.lower() != "authorization"]
        if self.body_sent is not None:
            lines.append(f"> {self.body_sent[:2000]!r}")
        lines.append(f"< {self.status}")
        lines += [f"< {n}: {v}" for n, v in self.headers.items()]
        lines.append(f"< {self.body[:4000].decode('utf-8', 'replace')}")
        return "\n".join(lines)

    @property
    def json(self):
        return contract_module.parse(self.body)

    def __getitem__(self, member):
        return self.json[member]

    @property
    def items(self):
        return self.json["items"]

    @property
    def ids(self):
        return [item["id"] for item in self.items]

    @property
    def etag(self):
        return self.headers.get("etag")

    @property
    def location(self):
        where = self.headers.get("location")
        return where and urlsplit(where).path

    @property
    def problem(self):
        """The problem's slug, the last part of its type."""
        return self.json["type"].rstrip("/").rsplit("/", 1)[-1]

    @property
    def faults(self):
        """Where the request is wrong: pointers and parameter names."""
        return [fault.get("pointer", fault.get("parameter"))
                for fault in self.json.get("errors", [])]

    def link(self, rel):
        """The target of that relation in the Link header, or None."""
        for part in self.headers.get("link", "").split(", <"):
            target, _, parameters = part.lstrip("<").partition(">")
            if f'rel="{rel}"' in parameters:
                return target
        return None

    def expect(self, *statuses, problem=None):
        assert self.status in statuses, \
            f"{self.status}, not {statuses}\n{self.transcript()}"
        if problem is not None:
            assert self.problem == problem, self.transcript()
            assert self["detail"] not in OF_NO_RULE, self.transcript()
        return self


class Service:
    """Where the service is, and the connections to it."""

    def __init__(self, url, contract, ca_file=None):
        self.url = url
        self.contract = contract
        parts = urlsplit(url)
        self.host, self.port = parts.hostname, parts.port
        self.tls = parts.scheme == "https"
        self.context = None
        if self.tls:
            self.context = ssl.create_default_context(cafile=ca_file)
            if ca_file is None:
                self.context.check_hostname = False
                self.context.verify_mode = ssl.CERT_NONE
        self.local = threading.local()
        self.settle = lambda: None      # waits for what is under way

    def connect(self, timeout=60):
        if self.tls:
            return http.client.HTTPSConnection(
                self.host, self.port, timeout=timeout, context=self.context)
        return http.client.HTTPConnection(
            self.host, self.port, timeout=timeout)

    def connection(self):
        held = getattr(self.local, "connection", None)
        used = getattr(self.local, "used", 0)
        if held is None or time.monotonic() - used > IDLE_SECONDS:
            self.close()
            held = self.local.connection = self.connect()
        self.local.used = time.monotonic()
        return held

    def close(self):
        held = getattr(self.local, "connection", None)
        if held is not None:
            held.close()
        self.local.connection = None

    def exchange(self, answer):
        """Sends what the answer holds and fills in what comes back."""
        connection = self.connection()
        try:
            connection.putrequest(answer.method, answer.target,
                                  skip_accept_encoding=True)
            for name, value in answer.sent.items():
                connection.putheader(name, value)
            connection.endheaders(answer.body_sent)
            response = connection.getresponse()
            answer.status = response.status
            answer.headers = Headers(response.getheaders())
            answer.body = response.read()
        except Exception:
            self.close()
            raise
        self.local.used = time.monotonic()
        if response.will_close:
            self.close()
        return answer


# They pass nothing that is under way, so they show what was written just before
# once all that began before it has ended.
IN_ORDER = ("/v1/events", "/v1/audit")


class Client:
    def __init__(self, service, token=None, kind="public", check=True):
        self.service = service
        self.token = token
        self.kind = kind
        self.check = check

    def request(self, method, path, body=None, *, query=None, headers=None,
                etag=None, media=None):
        """body: what becomes JSON, or bytes as they are. etag: If-Match."""
        sent = {}
        if self.token is not None:
            sent["Authorization"] = "Bearer " + self.token
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body, ensure_ascii=False).encode()
        if body is not None or method in ("POST", "PATCH", "PUT"):
            sent["Content-Length"] = str(len(body or b""))
        if body is not None:
            sent["Content-Type"] = media or (
                PATCH_TYPE if method == "PATCH" else "application/json")
        if etag is not None:
            sent["If-Match"] = etag
        for name, value in (headers or {}).items():
            if value is None:
                sent.pop(name, None)
            else:
                sent[name] = value
        if query:
            path += "?" + urlencode(query, quote_via=quote, safe=":,*")
        if method == "GET" and path.partition("?")[0] in IN_ORDER:
            self.service.settle()
        answer = Answer(self.kind, method, path, sent, body)
        self.service.exchange(answer)
        if self.check:
            self.service.contract.check(answer)
        return answer

    def get(self, path, **options):
        return self.request("GET", path, query=options.pop("query", None),
                            **options)

    def post(self, path, body=None, **options):
        return self.request("POST", path, body, **options)

    def patch(self, path, body=None, **options):
        return self.request("PATCH", path, body, **options)

    def put(self, path, body=None, **options):
        return self.request("PUT", path, body, **options)

    def delete(self, path, **options):
        return self.request("DELETE", path, **options)

    def head(self, path, **options):
        return self.request("HEAD", path, **options)

    def options(self, path, **options):
        return self.request("OPTIONS", path, **options)

    def pages(self, path, **query):
        """All pages of a collection, following `next`."""
        while True:
            page = self.get(path, query=query).expect(200)
            yield page
            if page["next"] is None:
                return
            query["cursor"] = page["next"]

    def all(self, path, **query):
        return [item for page in self.pages(path, **query)
                for item in page.items]
