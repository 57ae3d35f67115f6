"""Webhooks of a test, and receivers that take what is sent well or badly.

A receiver is a real HTTPS server with a certificate of its own making, which
the worker trusts by its settings; what is signed is verified here, by code
that shares nothing with the service's.
"""

import base64
import collections
import datetime
import functools
import hashlib
import hmac
import http.server
import ipaddress
import itertools
import json
import ssl
import sys
import threading
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from jsonschema import Draft202012Validator

from contract import answer_formats
from instance import until

FAR_TOO_MUCH = 256 << 20     # bytes of one answer


def make_certificate(directory, name="receiver"):
    """A certificate for loopback and localhost, and its key, as files."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.timezone.utc)
    certificate = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject)
        .public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([
            x509.DNSName("localhost"),
            x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
            x509.IPAddress(ipaddress.ip_address("::1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None),
                       critical=True)
        .sign(key, hashes.SHA256()))
    crt, pem = directory / f"{name}.crt", directory / f"{name}.key"
    crt.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    pem.write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption()))
    return crt, pem


def signature(secret, message_id, timestamp, body):
    """As Standard Webhooks 1.0.0 says."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    assert 24 <= len(key) <= 64
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(
        hmac.new(key, signed, hashlib.sha256).digest()).decode()


class Endless:
    """An answer that begins so and goes on so."""

    def __init__(self, begin, again):
        self.begin, self.again = begin, again * (65536 // len(again))


class Taken:
    """One request that a receiver got, kept before anything reads it: what it
    says is looked into when a test asks."""

    def __init__(self, line, connection):
        self.line, self.connection = line, connection
        self.headers, self.body = {}, b""

    @property
    def method(self):
        return self.line.split()[0]

    @property
    def path(self):
        return self.line.split()[1]

    @functools.cached_property
    def json(self):
        return json.loads(self.body)

    @property
    def id(self):
        return self.headers["webhook-id"]

    @property
    def timestamp(self):
        return int(self.headers["webhook-timestamp"])

    @property
    def signatures(self):
        return self.headers["webhook-signature"].split()

    @property
    def data(self):
        return self.json["data"]

    def signed_by(self, secret):
        return signature(secret, self.id, self.timestamp,
                         self.body) in self.signatures


class Handler(http.server.BaseHTTPRequestHandler):
    """One connection to a receiver."""

    protocol_version = "HTTP/1.1"

    def setup(self):
        super().setup()
        self.number = next(self.server.receiver.connections)

    def handle_one_request(self):
        """Whatever the method is."""
        self.raw_requestline = self.rfile.readline(65536)
        if not self.raw_requestline:
            self.close_connection = True
            return
        taken = Taken(self.raw_requestline.decode("latin-1").rstrip(),
                      self.number)
        self.server.receiver.requests.append(taken)
        assert self.parse_request(), f"no request: {taken.line}"
        taken.headers = {k.lower(): v for k, v in self.headers.items()}
        taken.body = self.rfile.read(
            int(taken.headers.get("content-length", 0)))
        self.server.receiver.serve(self, taken)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """A client may leave when it likes. What else goes wrong fails the
        test, when the receiver is stopped."""
        fault = sys.exc_info()[1]
        if not isinstance(fault, OSError):
            self.receiver.faults.append(fault)


class Receiver:
    """Answers 204, or as told to. `requests` are all that came, `taken` those
    that came whole; each knows the number of its connection."""

    def __init__(self, certificate, host="127.0.0.1"):
        self.requests, self.taken, self.faults = [], [], []
        self.connections = itertools.count(1)
        self.answers = collections.deque()
        self.always = None
        self.begun = threading.Event()
        self.go_on = threading.Event()
        self.written = 0            # bytes of an answer without end
        self.server = Server((host, 0), Handler)
        self.server.receiver = self
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        self.server.socket = context.wrap_socket(
            self.server.socket, server_side=True,
            do_handshake_on_connect=False)
        self.port = self.server.server_address[1]
        self.url = f"https://127.0.0.1:{self.port}/hook?key=s3cret"
        threading.Thread(target=self.server.serve_forever,
                         daemon=True).start()

    def answer(self, *answers):
        """To the next requests: a status, (status, headers), "drop", "stall"
        or an Endless."""
        self.answers.extend(answers)

    def serve(self, request, taken):
        self.taken.append(taken)
        self.begun.set()
        answer = self.answers.popleft() if self.answers else (
            self.always or 204)
        if answer == "drop":
            request.close_connection = True
            request.connection.close()
            return
        if answer == "stall":
            self.go_on.wait(60)
            answer = 204
        if isinstance(answer, Endless):
            self.write_on(request, answer)
            return
        status, headers = answer if isinstance(answer, tuple) else (answer, {})
        request.send_response(status)
        for name, value in {"Content-Length": "0", **headers}.items():
            request.send_header(name, value)
        request.end_headers()

    def write_on(self, request, answer):
        """Until it is too much for the other side, or far too much."""
        request.close_connection = True
        request.wfile.write(answer.begin)
        while self.written < FAR_TOO_MUCH:
            request.wfile.write(answer.again)
            self.written += len(answer.again)

    def until_taken(self, number=1, seconds=60):
        until(lambda: len(self.taken) >= number, seconds)
        return self.taken[:number]

    def ids(self):
        return [taken.id for taken in self.taken]

    def stop(self):
        self.go_on.set()
        self.server.shutdown()
        self.server.server_close()
        assert self.faults == []


class Webhook:
    """A webhook of a caller's, and what can be done with it."""

    def __init__(self, by, url, **members):
        self.by = by
        answer = by.post("/v1/webhooks", {"url": url, **members}).expect(201)
        self.id, self.path = answer["id"], answer.location
        self.secret = answer["secret"]
        self.answer = answer

    def read(self):
        return self.by.get(self.path).expect(200)

    def __getitem__(self, member):
        return self.read()[member]

    def change(self, etag="*", **members):
        return self.by.patch(self.path, members, etag=etag)

    def rotate(self, **body):
        answer = self.by.post(self.path + "/secret", body).expect(200)
        self.secret = answer["secret"]
        return answer

    def test(self):
        return self.by.post(self.path + "/test").expect(201)

    def redeliver(self, first, last=None):
        return self.by.post(self.path + "/redeliveries", {
            "from_event_id": first,
            **({"to_event_id": last} if last is not None else {})})

    def deliveries(self, **query):
        return self.by.all(self.path + "/deliveries", **query)

    def until_state(self, wanted, seconds=60, **query):
        """The latest delivery, as soon as it is in that state."""
        def reached():
            found = self.deliveries(**query)
            return found and found[0]["state"] == wanted and found[0]
        return until(reached, seconds)

    def until_attempts(self, number, seconds=60):
        """The latest delivery, once it was tried that often."""
        def reached():
            found = self.deliveries()
            return found and len(found[0]["log"]) >= number and found[0]
        return until(reached, seconds)


def now():
    return int(time.time())


def of_type(receiver, name, seconds=60):
    """The first thing of that type that a receiver gets."""
    return until(lambda: next((t for t in receiver.taken
                               if t.json["type"] == name), None), seconds)


def documented(contract, taken, name="event"):
    """Asserts that the document describes what was sent."""
    sent = contract.inline(contract.document["webhooks"][name]["post"])
    schema = sent["requestBody"]["content"]["application/json"]["schema"]
    validator = Draft202012Validator(schema, format_checker=answer_formats)
    assert list(validator.iter_errors(taken.json)) == []
    for parameter in sent.get("parameters", []):
        assert parameter["name"] in taken.headers
