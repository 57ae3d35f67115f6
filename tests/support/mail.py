"""Mails: what waits in the queue, what lies in a maildir, and mail servers
that take it well or badly."""

import asyncio
import collections
import email
import email.policy
import subprocess
import threading
import time

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, TLSSetupException

from instance import free_port, until

PLAIN = {"SMTP_STARTTLS": "none", "MAIL_RETRY_SECONDS": "1"}


def read(data):
    """The bytes of a mail as an EmailMessage."""
    return email.message_from_bytes(data, policy=email.policy.default)


def text_of(mail):
    """What it says to who reads no HTML."""
    return mail.get_body(("plain",)).get_content()


def html_of(mail):
    return mail.get_body(("html",)).get_content()


def in_maildir(worker):
    """What the worker has delivered so far."""
    return [read(path.read_bytes())
            for path in sorted((worker.mail_dir / "new").glob("*"))]


class Post:
    """The table of mails, as the owner sees it."""

    def __init__(self, sql):
        self.sql = sql
        self.first = None

    def begin(self):
        self.forget_the_past()
        self.first = self.sql.value(
            "select coalesce(max(id), 0) from casework.mails")

    def end(self):
        self.forget_the_past()
        self.sql.run("update casework.worker_wait set asleep = false")

    def forget_the_past(self):
        self.sql.run(
            "update casework.event_cursors"
            " set xid = pg_snapshot_xmax(pg_current_snapshot()), event_id = 0")
        self.sql.run("update casework.mails set state = 'failed'"
                     " where state = 'queued'")
        self.sql.run("delete from casework.timer_faults")

    def mails(self, case=None):
        """Rows since the test began, those of the case if it is given."""
        return self.sql.rows(
            "select * from casework.mails where id > %s"
            " and (%s::bigint is null or case_id = %s) order by id",
            self.first, case and case.id, case and case.id)

    def written(self, case):
        """Dispatches; who is written to about the case: (kind, recipient)."""
        self.dispatch()
        return sorted((m["kind"], f"{m['recipient_kind']}:{m['recipient_id']}")
                      for m in self.mails(case))

    def dispatch(self):
        """Until the dispatcher has passed what is committed now."""
        last = self.sql.value("select max(id) from casework.events")

        def passed():
            self.sql.run("select rules.timer_mail_dispatch(1000)")
            return self.sql.value(
                "select not exists (select from casework.events e"
                " join casework.event_cursors c on c.consumer = 'mail'"
                " where e.id <= %s and (e.xid, e.id) > (c.xid, c.event_id))",
                last)
        until(passed)

    def put(self, case, number=1, **changes):
        """Queues mails as they are; returns their Message-IDs."""
        row = {"subject": "Test", "text": "Text\n",
               "to_address": "contact@district.example",
               "unsubscribe": None, **changes}
        rows = self.sql.rows(
            "insert into casework.mails (district_id, case_id, source,"
            " event_id, recipient_kind, recipient_id, kind, to_address,"
            " subject, text, unsubscribe)"
            " select c.district_id, c.id, 'test', n + nextval("
            "pg_get_serial_sequence('casework.mails', 'id')) * 10000,"
            " 'contact', c.contact_id, 'test', %s, %s, %s, %s"
            " from casework.cases c, generate_series(1, %s) as n"
            " where c.id = %s returning message_id",
            row["to_address"], row["subject"], row["text"],
            row["unsubscribe"], number, case.id)
        return [row["message_id"] for row in rows]

    def state(self, message_id):
        return self.sql.row("select state, attempts, last_error, visible_at"
                            " from casework.mails where message_id = %s",
                            message_id)

    def until_state(self, message_id, state, seconds=60):
        def reached():
            row = self.state(message_id)
            return row if row["state"] == state else None
        return until(reached, seconds)



class Sink:
    """A mail server that notes what it takes, and answers as told to."""

    def __init__(self, tls=None, user=None, host="127.0.0.1"):
        self.taken = []                             # EmailMessage
        self.faults = []                            # of this server itself
        self.recipients = []
        self.logins = []                            # (user, password, in TLS)
        self.answers = collections.defaultdict(collections.deque)
        self.begun = threading.Event()              # a DATA has arrived
        self.go_on = threading.Event()              # for those that stall
        options = {}
        if tls:
            options = {"tls_context": tls, "require_starttls": True}
        if user:
            options.update(auth_required=True, authenticator=self.log_in)
        self.user = user
        self.controller = SinkController(
            self, hostname=host, port=free_port(), **options)
        self.controller.start()
        self.url = f"smtp://{host}:{self.controller.port}"

    def stop(self):
        self.go_on.set()
        self.controller.stop(no_assert=True)
        assert self.faults == []

    def log_in(self, server, session, envelope, mechanism, data):
        given = (data.login.decode(), data.password.decode())
        self.logins.append((*given, session.ssl is not None))
        return AuthResult(success=given == self.user, handled=False)

    def answer(self, command, *replies):
        """What it says to the next such commands, instead of 250: a reply,
        "drop" or "stall"."""
        self.answers[command].extend(replies)

    def ids(self):
        """Message-IDs without host, in the order of arrival."""
        return [m["Message-ID"].strip("<>").partition("@")[0]
                for m in self.taken]

    def until_taken(self, number=1, seconds=60):
        until(lambda: len(self.taken) >= number, seconds)
        return self.taken

    async def reply(self, command):
        """The scripted answer, or None."""
        if not self.answers[command]:
            return None
        reply = self.answers[command].popleft()
        if reply == "stall":
            end = time.monotonic() + 60
            while not self.go_on.is_set() and time.monotonic() < end:
                await asyncio.sleep(0.02)
            return None
        return reply

    # what aiosmtpd calls

    async def handle_RCPT(self, server, session, envelope, address, options):
        reply = await self.reply("RCPT")
        if reply is None:
            envelope.rcpt_tos.append(address)
        return reply or "250 OK"

    async def handle_exception(self, fault):
        """A client may leave when it likes."""
        if not isinstance(fault, (OSError, TLSSetupException)):
            self.faults.append(fault)
        return "500 fault"

    async def handle_DATA(self, server, session, envelope):
        self.begun.set()
        reply = await self.reply("DATA")
        if reply is None:
            self.recipients.append(envelope.rcpt_tos)
            self.taken.append(read(envelope.content))
        return reply or "250 OK"


class SinkServer(SMTP):
    async def smtp_DATA(self, arg):
        answers = self.event_handler.answers["DATA"]
        if answers and answers[0] == "drop":
            answers.popleft()
            await self.push("354 go on")
            await self._reader.read(20)
            self.transport.abort()
            return
        await super().smtp_DATA(arg)


class SinkController(Controller):
    def factory(self):
        return SinkServer(self.handler, **self.SMTP_kwargs)


def make_certificate(directory):
    """A certificate for 127.0.0.1 that is its own authority; key and all."""
    path = directory / "mail.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
         "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", path, "-out", directory / "mail.crt"], check=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with open(path, "ab") as file:
        file.write((directory / "mail.crt").read_bytes())
    return path
