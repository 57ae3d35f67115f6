"""A raw connection: bytes out, answers in, for what no HTTP library sends."""

import json
import re
import select
import socket
import struct
import time

from client import Answer, Headers


class Closed(Exception):
    """The service closed the connection, and nothing more had come."""


class Wire:
    def __init__(self, service, timeout=60, source=None, room=None):
        """source: which address of this machine it comes from; room: bytes
        that the kernel keeps here of what has not been read."""
        self.service = service
        self.host = f"{service.host}:{service.port}"
        self.socket = socket.socket()
        self.socket.settimeout(timeout)
        if room:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
        if source:
            self.socket.bind((source, 0))
        self.socket.connect((service.host, service.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *fault):
        self.socket.close()

    def fileno(self):
        return self.socket.fileno()

    def send(self, *parts, pause=0.03):
        """Each part becomes a segment of its own."""
        for i, part in enumerate(parts):
            if i:
                time.sleep(pause)
            self.socket.sendall(
                part if isinstance(part, bytes) else part.encode())
        return self

    def finish(self):
        """Half-closes: nothing more will be sent."""
        self.socket.shutdown(socket.SHUT_WR)

    def abort(self):
        """Leaves with a reset."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                               struct.pack("ii", 1, 0))
        self.socket.close()

    def more(self, most=65536):
        try:
            data = self.socket.recv(most)
        except ConnectionResetError:
            data = b""
        if not data:
            raise Closed(self.buffer)
        self.buffer += data

    def _take(self, n):
        while len(self.buffer) < n:
            self.more()
        taken, self.buffer = self.buffer[:n], self.buffer[n:]
        return taken

    def _take_line(self):
        while b"\r\n" not in self.buffer:
            self.more()
        line, _, self.buffer = self.buffer.partition(b"\r\n")
        return line

    def answer(self, method="GET", target="/", interim=False):
        """The next answer; an interim one only when asked for. It is held
        against the document like every other."""
        answer = Answer("raw", method, target, {}, None)
        version, status, *_ = self._take_line().decode().split(" ", 2)
        assert version in ("HTTP/1.1", "HTTP/1.0"), version
        answer.status = int(status)
        pairs = []
        while line := self._take_line():
            name, colon, value = line.decode("latin-1").partition(":")
            assert colon and re.fullmatch(r"[!#$%&'*+.^_`|~\w-]+", name), line
            pairs.append((name, value.strip()))
        answer.headers = Headers(pairs)
        if answer.status < 200:
            return answer if interim else self.answer(method, target)
        answer.body = self._body(method, answer)
        self.service.contract.check(answer)
        return answer

    def _body(self, method, answer):
        if method == "HEAD" or answer.status in (204, 304):
            return b""
        if "chunked" in answer.headers.get("transfer-encoding", ""):
            body = b""
            while size := int(self._take_line().split(b";")[0], 16):
                body += self._take(size)
                self._take(2)
            self._take(2)
            return body
        return self._take(int(answer.headers["content-length"]))

    def refused(self, *statuses):
        """The next answer is such a problem, and the connection closes."""
        answer = self.answer()
        assert answer.status in statuses, answer.transcript()
        assert answer["detail"]
        assert answer.headers.get("connection", "").lower() == "close"
        assert self.is_closed()
        return answer

    def is_closed(self, within=20):
        """Whether the service closes now, without another byte. Connections
        that it only finds idle stay open for longer."""
        if self.buffer:
            return False
        readable, _, _ = select.select([self.socket], [], [], within)
        if not readable:
            return False
        try:
            return self.socket.recv(65536) == b""
        except ConnectionResetError:
            return True

    def stays_open(self, probe="/v1/product-areas"):
        """Whether the connection still serves a request."""
        try:
            self.send(self.get(probe))
            return self.answer("GET", probe).status == 200
        except (Closed, BrokenPipeError, ConnectionResetError):
            return False

    # -- requests as bytes -------------------------------------------------

    def head(self, method, target, *lines, version="HTTP/1.1"):
        """Request line, Host and those lines, with the empty line."""
        first = f"{method} {target} {version}"
        return "\r\n".join((first, f"Host: {self.host}", *lines, "", ""))

    def get(self, target, *lines):
        return self.head("GET", target, *lines)

    def post(self, target, body, *lines):
        """A request with a JSON body and its Content-Length, as bytes."""
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        return self.head("POST", target, *lines,
                         "Content-Type: application/json",
                         f"Content-Length: {len(body)}").encode() + body


def chunked(body, *sizes, extension="", trailers=()):
    """The body in chunks of those sizes, the rest in a last one."""
    out, at = b"", 0
    for size in (*sizes, len(body) - sum(sizes)):
        if size:
            out += f"{size:x}{extension}\r\n".encode()
            out += body[at:at + size] + b"\r\n"
            at += size
    end = "".join(t + "\r\n" for t in trailers)
    return out + f"0\r\n{end}\r\n".encode()
