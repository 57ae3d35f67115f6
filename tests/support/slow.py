"""Clients that take their time, watched in the background of a session.

Deadlines are tens of seconds; these connections start with the session and
are asked for at its end, so that nobody waits for them.
"""

import select
import threading
import time

from wire import Closed, Wire

PATIENCE = 120      # seconds until a connection must have been given up
AREAS = "/v1/product-areas"


class SlowClients:
    def __init__(self, service, token, administrator):
        """token: of staff, who may attach something; and one of staff who may
        import."""
        self.service = service
        self.outcome = {}           # name → last answer, or None
        self.threads = [
            threading.Thread(target=self.watch, args=task, daemon=True)
            for task in (
                ("unused", "", ""), ("idle", self.request, ""),
                ("reader", "GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n"
                 * 5, ""),
                ("head", "GET /v1/product-areas HTTP/1.1\r\nX: ", "x"),
                ("second", self.request + "GET", " "),
                ("blank", "", "\r\n"),
                ("body", "POST /v1/cases HTTP/1.1\r\nHost: a\r\n"
                         "Content-Type: application/json\r\n"
                         "Content-Length: 5000\r\n\r\n", " "),
                ("chunks", "POST /v1/cases HTTP/1.1\r\nHost: a\r\n"
                           "Content-Type: application/json\r\n"
                           "Transfer-Encoding: chunked\r\n\r\n",
                 "1\r\n \r\n"),
                ("upload", "POST /v1/cases/1/attachments?visibility=public"
                           " HTTP/1.1\r\nHost: a\r\n"
                           f"Authorization: Bearer {token}\r\n"
                           "Content-Type: text/plain\r\nContent-Disposition:"
                           " attachment; filename=slow.txt\r\n"
                           "Content-Length: 70000\r\n\r\n", " "),
                ("stream", "POST /v1/imports?kind=notes HTTP/1.1\r\nHost: a"
                           f"\r\nAuthorization: Bearer {administrator}\r\n"
                           "Content-Type: text/csv\r\n"
                           "Content-Length: 900000\r\n\r\n" + "x" * 300_000,
                 "x"))]
        for thread in self.threads:
            thread.start()

    request = f"GET {AREAS} HTTP/1.1\r\nHost: a\r\n\r\n"

    def watch(self, name, start, drip):
        try:
            with Wire(self.service, timeout=PATIENCE) as wire:
                wire.send(start)
                if name == "reader":
                    self.outcome[name] = self.read_slowly(wire)
                    return
                if name in ("idle", "second"):
                    assert wire.answer("GET", AREAS).status == 200
                self.drip(wire, drip)
                self.outcome[name] = self.last(wire)
        except Exception as fault:      # told to the test, in its thread
            self.outcome[name] = fault

    def read_slowly(self, wire):
        """Five answers, far faster than the service demands, and longer
        than it waits for somebody who reads nothing."""
        while wire.buffer.count(b"HTTP/1.1 200") < 5:
            wire.more(24 * 1024)
            time.sleep(0.5)
        for _ in range(5):
            answer = wire.answer("GET", "/openapi.json")
        return answer

    def drip(self, wire, drip):
        """A little each half second until the service says something."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if select.select([wire.socket], [], [], 0.5)[0]:
                return
            wire.send(drip)
        raise AssertionError(f"still open after {PATIENCE} s")

    def last(self, wire):
        try:
            answer = wire.answer("POST", "/v1/cases")
        except Closed:
            return None
        assert wire.is_closed(), "open after its last answer"
        return answer

    def _wait(self, name):
        for thread in self.threads:
            thread.join(PATIENCE + 10)
        outcome = self.outcome[name]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def served(self, name):
        answer = self._wait(name)
        assert answer is not None and answer.status == 200, answer

    def silent(self, name):
        """Closed without a byte."""
        assert self._wait(name) is None

    def refused(self, name, status):
        answer = self._wait(name)
        assert answer is not None and answer.status == status, answer
