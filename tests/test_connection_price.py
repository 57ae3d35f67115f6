"""What one client may take of what connections need: memory, turns of the
event loop, places, lines of the log."""

import contextlib
import errno
import fcntl
import os
import pathlib
import random
import re
import signal
import socket
import subprocess
import sys
import termios
import threading

import pytest

from client import Client, Service
from faults import Held, command_line, is_waiting, note_request, patience
from files import Log
from incidents import INCIDENTS, an_incident, say
from instance import children, until
from wire import Closed, Wire

pytestmark = pytest.mark.direct

MANY = 6000
STEPS = 8                   # CLIENT_STEPS
STEP_BYTES = 8192           # CLIENT_STEP_BYTES
MESSAGE_BYTES = 2048        # CLIENT_MESSAGE_BYTES
TURN = 4                    # clients: TURN_STEPS / CLIENT_STEPS
UNSENT = 64 * 1024          # CLIENT_UNSENT_MAX
MIB = 1024 * 1024
UNSENT_MEMORY = 16          # MiB, the least
ELSEWHERE = "127.0.0.2"     # loopback too


class Place:
    """A process of one worker, with settings of its own."""

    def __init__(self, process, contract):
        self.process = process
        self.service = Service(process.url, contract)
        self.public = Client(self.service)
        self.log = Log(process.log_file)
        (self.pid,) = [pid for pid in children(process.pid)
                       if "wrk" in command_line(pid)]

    def wire(self, source=None, room=None):
        return Wire(self.service, source=source, room=room)

    def client(self, token):
        return Client(self.service, token, "contact")

    def figure(self, name):
        text = self.public.get("/metrics").expect(200).body.decode()
        found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
        return float(found.group(1)) if found else 0

    def ended(self, reason):
        return self.figure("casework_http_connections_ended_total"
                           f'{{reason="{reason}"}}')

    def nowhere(self):
        """Requests to no operation that were answered 404."""
        return self.figure("casework_http_requests_total{operation="
                           '"none",status="404"}')

    def memory(self):
        """Bytes of the process that are in memory."""
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1)) * 1024

    def is_sanitized(self):
        maps = pathlib.Path(f"/proc/{self.pid}/maps").read_text()
        return "libasan" in maps

    @contextlib.contextmanager
    def standing_still(self):
        """What is sent meanwhile is there at one instant."""
        os.kill(self.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.pid, signal.SIGCONT)

    def before(self, operation, mark):
        """The lines of requests since then, up to that operation's."""
        def lines():
            found = [line["operation"] for line in self.log.lines(mark)
                     if line["event"] == "request"]
            return operation in found and (found[:found.index(operation)],)
        return until(lines)[0]


@pytest.fixture
def new_place(instance, contract):
    with contextlib.ExitStack() as stack:
        def start(**settings):
            process = stack.enter_context(instance.beside(
                WORKERS=1, **settings))
            place = Place(process, contract)
            stack.callback(place.service.close)
            return place
        yield start


@pytest.fixture(scope="module")
def place(instance, contract):
    with instance.beside(WORKERS=1) as process:
        place = Place(process, contract)
        yield place
        place.service.close()


@pytest.fixture(scope="module")
def deaf(place):
    """Clients that ask for much and read nothing, since the module began."""
    wires = [place.wire() for _ in range(8)]
    before = place.memory()
    for wire in wires:
        shove(wire, wire.get("/openapi.json") * MANY)
    place.public.get("/livez").expect(200)
    yield before, wires
    for wire in wires:
        wire.socket.close()


def until_logged(place, mark, operation):
    """Where the log ends, once there is a line of that operation."""
    place.before(operation, mark)
    return place.log.mark()


def shove(wire, text):
    """Sends what the kernel takes, and says how much."""
    data, sent = text.encode(), 0
    wire.socket.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        while sent < len(data):
            sent += wire.socket.send(data[sent:])
    wire.socket.settimeout(60)
    return sent


# -- answers that nobody takes ---------------------------------------------

def test_answers_that_are_not_read_take_no_memory(place, deaf):
    """The document is hundreds of KiB: a few copies would show."""
    before, wires = deaf
    size = len(place.public.get("/openapi.json").expect(200).body)
    for _ in range(50):             # turns in which they might have had more
        place.public.get("/livez").expect(200)
    assert place.memory() - before < len(wires) * UNSENT + 6 * size


def test_no_message_is_started_behind_many_unsent_bytes(new_place):
    place, wanted = new_place(), 20000
    with place.wire() as wire:
        assert shove(wire, wire.get("/nowhere") * wanted) > 100000
        begun = -1
        while begun != (begun := place.nowhere()):
            for _ in range(20):     # turns in which it might have more
                place.public.get("/livez").expect(200)
        answer = wire.answer("GET", "/nowhere")
        size = len(answer.transcript())
        # Kernels keep some of it at both ends.
        assert begun * size < UNSENT + 2 ** 20 < wanted * size
        for _ in range(int(begun) + 100):
            assert wire.answer("GET", "/nowhere").status == 404


@pytest.fixture(scope="module")
def incident(world, sql):
    """An answer of more than a MiB, and who may read it."""
    return write_updates(world, sql, 20)


def write_updates(world, sql, count):
    """More than the API takes; the operator's file may say as much."""
    staff = world.staff("lead")
    incident = staff.post(INCIDENTS, an_incident(
        scope={"districts": [world.district().id]})).expect(201)
    say(staff, incident, "resolved", "\u4e2d" * 20000).expect(201)
    sql.run("insert into casework.incident_updates (incident_id, status, text,"
            " at, actor_kind, actor_id, actor_name) select incident_id, status,"
            " text, at, actor_kind, actor_id, actor_name from"
            " casework.incident_updates, generate_series(3, %s)"
            " where incident_id = %s and status = 'resolved'",
            count, incident["id"])
    return staff, incident.location


class Reader:
    """Asks for the incident, and takes nothing until it is to."""

    def __init__(self, stack, place, incident, source=None):
        who, self.path = incident
        self.wire = stack.enter_context(place.wire(source, room=4096))
        self.wire.send(self.wire.get(
            self.path, f"Authorization: Bearer {who.token}"))
        until(lambda: arrived(self.wire) > 0)

    def gets_all(self, count=20):
        try:
            return len(self.wire.answer("GET", self.path)["updates"]) == count
        except Closed:
            return False


@pytest.mark.parametrize("proxies, bound", [
    ("", UNSENT_MEMORY // 4), ("127.0.0.2/32", UNSENT_MEMORY)],
    ids=["address", "proxy"])
def test_answers_that_are_not_taken_have_a_bound(
        new_place, incident, proxies, bound):
    """Who has been taking longest goes first; of others nobody does."""
    place = new_place(UNSENT_MEMORY=UNSENT_MEMORY, TRUSTED_PROXIES=proxies)
    with contextlib.ExitStack() as stack:
        one = Reader(stack, place, incident)
        before = place.memory()
        crowd = [Reader(stack, place, incident, ELSEWHERE) for _ in range(40)]
        place.public.get("/livez").expect(200)
        # libc keeps some of what was freed, a sanitizer most of it.
        assert place.memory() - before < (bound + 12) * MIB < 40 * MIB \
            or place.is_sanitized()
        gone = int(place.ended("unsent"))
        assert [reader.gets_all() for reader in crowd] == \
            [False] * gone + [True] * (40 - gone)
        assert 40 - bound <= gone < 40
        assert one.gets_all()


def test_where_all_is_held_the_address_with_most_makes_room(
        new_place, incident):
    place = new_place(UNSENT_MEMORY=UNSENT_MEMORY)
    with contextlib.ExitStack() as stack:
        greedy = [Reader(stack, place, incident, "127.0.0.3") for _ in range(3)]
        others = []
        while not (gone := int(place.ended("unsent"))):
            others.append(Reader(stack, place, incident,
                                 f"127.0.1.{len(others) + 1}"))
            assert len(others) < 2 * UNSENT_MEMORY
        assert [reader.gets_all() for reader in greedy] == \
            [False] * gone + [True] * (3 - gone)
        assert all(reader.gets_all() for reader in others)


def test_the_only_answer_of_an_address_may_be_longer(new_place, world, sql):
    place = new_place(UNSENT_MEMORY=UNSENT_MEMORY)
    with contextlib.ExitStack() as stack:
        one = Reader(stack, place, write_updates(world, sql, 80),
                     ELSEWHERE)         # 4.6 MiB
        assert one.gets_all(80)
        assert place.ended("unsent") == 0


# -- turns -----------------------------------------------------------------

@pytest.mark.parametrize("crowd", [1, 5, 40])
def test_a_request_passes_those_of_who_sends_many(new_place, crowd):
    """All are there at one instant; the log tells the order of answers. Each
    has its steps when its bytes come, and some once more in that turn; twice
    that, if the kernel tells of them in several turns."""
    place, each = new_place(), 2000 // crowd
    mark = place.log.mark()
    with contextlib.ExitStack() as stack:
        flood = [stack.enter_context(place.wire()) for _ in range(crowd)]
        other = stack.enter_context(place.wire())
        place.public.get("/livez").expect(200)      # all are accepted
        mark = until_logged(place, mark, "livez")
        with place.standing_still():
            for wire in flood:
                assert shove(wire, wire.get("/nowhere") * each) > 40 * each
            other.send(other.get("/problems"))
        assert other.answer("GET", "/problems").status == 200
        before = place.before("list_problems", mark)
        assert len(before) <= 2 * (crowd + min(crowd, TURN)) * STEPS
        for wire in flood:
            for _ in range(each):
                assert wire.answer("GET", "/nowhere").status == 404


@pytest.mark.parametrize("length", [0, 3 * STEP_BYTES])
def test_many_who_send_little_at_one_instant_are_not_all_served_first(
        new_place, length):
    """None of them uses up a turn; together they would be hundreds."""
    place, crowd, each = new_place(), 150, 1 if length else 3
    body = "x" * length
    asked = "POST /nowhere HTTP/1.1\r\nHost: a\r\n" \
        f"Content-Length: {length}\r\n\r\n{body}"
    with contextlib.ExitStack() as stack:
        flood = [stack.enter_context(place.wire(ELSEWHERE))
                 for _ in range(crowd)]
        one = stack.enter_context(place.wire())
        for wire in flood:
            assert wire.stays_open()                # all are accepted
        before = place.nowhere()
        with place.standing_still():
            for wire in flood:
                wire.send(asked * each)
            one.send(one.get("/metrics"))
        text = one.answer("GET", "/metrics").body.decode()
        begun = int(re.search(r'"none",status="404"} (\d+)', text).group(1))
        cost = 2 + length // MESSAGE_BYTES          # the first: it is read too
        # By events and by the queue, in two turns if they do not come in one.
        assert begun - before <= 4 * (TURN * STEPS // cost + 1) * each
        for wire in flood:
            for _ in range(each):
                assert wire.answer("POST", "/nowhere").status == 404


def test_who_gets_long_answers_gets_fewer_in_a_turn(new_place):
    place, each = new_place(), 60
    size = len(place.public.get("/problems").expect(200).body)
    mark = place.log.mark()
    with place.wire() as wire, place.wire() as other:
        place.public.get("/livez").expect(200)
        mark = until_logged(place, mark, "livez")
        with place.standing_still():
            wire.send(wire.get("/problems") * each)
            other.send(other.get("/livez"))
        assert other.answer("GET", "/livez").status == 200
        before = place.before("livez", mark)
        assert len(before) <= 2 * -(-STEPS // (1 + size // STEP_BYTES))
        for _ in range(each):
            assert wire.answer("GET", "/problems").status == 200


def test_who_takes_long_answers_lets_others_pass(new_place):
    """A crowd makes room for the rest of its answers, all at one instant, and
    has asked for more."""
    place, crowd = new_place(), 60
    mark = place.log.mark()
    with contextlib.ExitStack() as stack:
        wires = [stack.enter_context(place.wire(room=4096))
                 for _ in range(crowd)]
        other = stack.enter_context(place.wire())
        for wire in wires:
            wire.send(wire.get("/openapi.json") + wire.get("/problems"))
        until(lambda: place.figure(
            'casework_http_requests_total{operation="openapi_json",'
            'status="200"}') == crowd)
        place.public.get("/livez").expect(200)
        mark = until_logged(place, mark, "livez")
        with place.standing_still():
            for wire in wires:
                take(wire)
            other.send(other.get("/livez"))
        assert other.answer("GET", "/livez").status == 200
        assert len(place.before("livez", mark)) <= TURN


def test_who_has_one_connection_is_served_as_often_as_who_has_many(new_place):
    """Each has more to ask for than some turns give. The last that the one
    asks for tells how many of the others' were answered."""
    place, crowd, turns = new_place(), 40, 12
    with contextlib.ExitStack() as stack:
        flood = [stack.enter_context(place.wire(ELSEWHERE))
                 for _ in range(crowd)]
        one = stack.enter_context(place.wire())
        assert one.stays_open()                     # all are accepted
        with place.standing_still():
            for wire in flood:
                wire.send(wire.get("/nowhere") * STEPS * turns)
            one.send(one.get("/livez") * STEPS * turns + one.get("/metrics"))
        for _ in range(STEPS * turns):
            assert one.answer("GET", "/livez").status == 200
        text = one.answer("GET", "/metrics").body.decode()
        begun = int(re.search(r'"none",status="404"} (\d+)', text).group(1))
        # Of each there is a turn as its bytes come, before the queue begins;
        # then one of them goes for each of the one's.
        assert begun <= (crowd + turns + TURN) * STEPS < crowd * STEPS * turns
        for wire in flood:
            for _ in range(STEPS * turns):
                assert wire.answer("GET", "/nowhere").status == 404


def test_a_turn_sends_so_many_bytes_whoever_takes_them(new_place, tmp_path):
    """All have taken what there was, at one instant, and wait for more."""
    place, crowd = new_place(), 40
    size = len(place.public.get("/openapi.json").expect(200).body)
    with contextlib.ExitStack() as stack:
        wires = [stack.enter_context(place.wire(room=2 ** 18))
                 for _ in range(crowd)]
        for wire in wires:
            wire.send(wire.get("/openapi.json") * 2)
        for wire in wires:
            until(lambda: arrived(wire) > 2 ** 17)
        with bytes_by_turn(place.pid, tmp_path / "trace") as turns:
            with place.standing_still():
                left = {wire: 2 * size - take(wire) for wire in wires}
            for wire, bytes_left in left.items():
                wire.socket.settimeout(60)
                while bytes_left > 0:
                    bytes_left -= len(wire.socket.recv(2 ** 20))
        # By events and as much by the queue, each with the last of them, who
        # may end with an answer: its head is less than a step.
        last = STEPS * STEP_BYTES + size
        assert max(turns) <= 2 * (TURN * STEPS * STEP_BYTES + last)
        assert sum(turns) > crowd * size


@contextlib.contextmanager
def bytes_by_turn(pid, trace):
    """What the process sends between two looks for events, until the end."""
    turns = []
    tracer = subprocess.Popen(
        ["strace", "-qq", "-s", "0", "-e", "signal=none", "-e",
         "trace=epoll_wait,epoll_pwait,sendto,writev", "-o", trace,
         "-p", str(pid)])
    until(lambda: re.search(r"TracerPid:\t[1-9]", pathlib.Path(
        f"/proc/{pid}/status").read_text()))
    try:
        yield turns
    finally:
        tracer.terminate()
        tracer.wait()
    sent = 0
    for line in trace.read_text().splitlines():
        if line.startswith("epoll"):
            turns.append(sent)
            sent = 0
        elif found := re.search(r" = (\d+)$", line):
            sent += int(found[1])


def arrived(wire):
    """Bytes that are there to be read."""
    count = bytearray(4)
    fcntl.ioctl(wire.socket, termios.FIONREAD, count)
    return int.from_bytes(count, sys.byteorder)


def take(wire):
    """Reads what is there already, and says how much."""
    wire.socket.setblocking(False)
    taken = 0
    with contextlib.suppress(BlockingIOError):
        while data := wire.socket.recv(2 ** 20):
            taken += len(data)
    return taken


def test_pipelined_messages_of_all_sizes_are_answered_in_order(new_place):
    """They end anywhere in the buffer, which is used again and again."""
    place, rng = new_place(), random.Random(8)
    paths = [f"/nowhere/{number}" for number in range(3000)]
    with place.wire() as wire:
        text = "".join(wire.get(path, "X: " + "x" * rng.choice(
            [0, 1, rng.randrange(4000)])) for path in paths)
        sender = threading.Thread(target=wire.send, args=(text,))
        sender.start()
        for path in paths:
            assert wire.answer("GET", path)["instance"] == path
        sender.join()
        assert wire.stays_open()


def test_a_refused_client_that_goes_on_sending_holds_nobody(new_place):
    """It sends for as long as the service lets it."""
    place = new_place()
    with place.wire() as wire:
        wire.send(wire.head("POST", "/v1/cases", "Content-Length: 99999999"))
        stop = threading.Event()

        def send():
            with contextlib.suppress(OSError):
                while not stop.is_set():
                    wire.socket.sendall(b" " * 2 ** 20)
        sender = threading.Thread(target=send)
        sender.start()
        try:
            assert wire.answer("POST", "/v1/cases").status == 413
            for _ in range(20):
                place.public.get("/livez").expect(200)
            until(lambda: not sender.is_alive())
        finally:
            stop.set()
            sender.join()


# -- places ----------------------------------------------------------------

UNFINISHED = {
    "head": "GET /livez HTTP/1.1\r\nX: ",
    "body": "POST /v1/cases HTTP/1.1\r\nHost: a\r\n"
            "Content-Length: 5000\r\n\r\n ",
    "empty lines": "\r\n\r\n",
    "nothing": "",
    "large body": "POST /v1/cases HTTP/1.1\r\nHost: a\r\n"
                  "Content-Length: 500000\r\n\r\n ",
    "idle": "GET /livez HTTP/1.1\r\nHost: a\r\n\r\n",
    "deaf": "GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n" * 20}


@pytest.mark.parametrize("name", UNFINISHED)
def test_those_that_hold_a_place_make_room(new_place, name):
    place = new_place(CONNECTIONS=16)
    with contextlib.ExitStack() as stack:
        crowd = [stack.enter_context(place.wire()) for _ in range(40)]
        for wire in crowd:
            with contextlib.suppress(OSError):      # gone already
                wire.send(UNFINISHED[name])
        for _ in range(40):
            with place.wire() as newcomer:
                newcomer.send(newcomer.get("/livez"))
                assert newcomer.answer("GET", "/livez").status == 200
        assert place.figure("casework_http_connections") <= 16
        assert place.ended("room") >= 40 - 16
        assert place.ended("full") == 0
        until(lambda: "connections_full" in place.process.log_file.read_text())


def test_large_bodies_on_their_way_make_room(new_place, contact):
    """They hold no memory before their bytes come, but a place each."""
    case, place = contact.submit(), new_place(CONNECTIONS=16)
    with contextlib.ExitStack() as stack:
        crowd = [stack.enter_context(place.wire()) for _ in range(16)]
        for wire in crowd:
            wire.send(wire.head(
                "POST", case.path + "/attachments",
                f"Authorization: Bearer {contact.token}",
                "Content-Type: application/octet-stream",
                "Content-Disposition: attachment; filename=x",
                "Expect: 100-continue", "Content-Length: 10000000"))
            wire.more()                             # it may be sent
            assert wire.buffer.startswith(b"HTTP/1.1 100 ")
        for _ in range(20):
            with place.wire() as newcomer:
                newcomer.send(newcomer.get("/livez"))
                assert newcomer.answer("GET", "/livez").status == 200
        assert place.ended("full") == 0


def test_who_has_begun_to_send_goes_before_who_is_between_requests(new_place):
    place = new_place(CONNECTIONS=16)
    with contextlib.ExitStack() as stack:
        idle = [stack.enter_context(place.wire()) for _ in range(4)]
        for wire in idle:
            assert wire.stays_open()
        crowd = [stack.enter_context(place.wire()) for _ in range(60)]
        for wire in crowd:
            with contextlib.suppress(OSError):
                wire.send(UNFINISHED["head"])
        until(lambda: place.ended("room") >= 40)
        assert all(wire.stays_open() for wire in idle)


def test_who_arrives_has_a_place_until_its_request_is_there(new_place):
    """However many arrive behind it, among clients that are idle."""
    place = new_place(CONNECTIONS=16)
    place.service.close()
    with contextlib.ExitStack() as stack:
        def arrive():
            return stack.enter_context(place.wire())
        idle = [arrive() for _ in range(16)]
        for wire in idle:
            assert wire.stays_open()
        for _ in range(10):
            newcomer, _ = arrive(), arrive()
            newcomer.send(newcomer.get("/livez"))
            assert newcomer.answer("GET", "/livez").status == 200


def test_a_request_in_progress_keeps_its_place(broken):
    case = broken.contact.submit()
    with patience(broken), broken.instance.beside(
            CONNECTIONS=16, WORKERS=1, WRITE_CONNECTIONS=4) as process, \
            contextlib.ExitStack() as stack:
        place = Place(process, broken.contract)
        held = stack.enter_context(Held(broken, case))
        busy = []
        for number in range(2):
            busy.append(stack.enter_context(place.wire()))
            busy[-1].send(note_request(busy[-1], broken, case, "In progress"))
            until(lambda: is_waiting(broken, number + 1))
        for _ in range(60):
            stack.enter_context(place.wire())
        place.public.get("/livez").expect(200)
        held.release()
        for wire in busy:
            assert wire.answer("POST", case.path + "/notes").status == 201
        place.service.close()


def test_an_address_has_so_many_places_and_others_have_theirs(new_place):
    place = new_place(CONNECTIONS_PER_ADDRESS=5)
    place.service.close()
    with contextlib.ExitStack() as stack:
        mine = [stack.enter_context(place.wire(ELSEWHERE)) for _ in range(5)]
        assert all(wire.stays_open() for wire in mine)
        for _ in range(3):
            assert not comes_in(place)
        assert place.ended("address") == 3
        assert all(wire.stays_open() for wire in mine)
        mine[0].socket.close()
        until(lambda: comes_in(place))


def comes_in(place):
    try:
        with place.wire(ELSEWHERE) as wire:
            return wire.stays_open()
    except OSError:
        return False


def test_a_trusted_proxy_has_as_many_as_it_wants(new_place):
    place = new_place(CONNECTIONS_PER_ADDRESS=2,
                      TRUSTED_PROXIES="127.0.0.0/31,::1")
    with contextlib.ExitStack() as stack:
        wires = [stack.enter_context(place.wire()) for _ in range(9)]
        assert all(wire.stays_open() for wire in wires)
        assert place.ended("address") == 0


# -- lines -----------------------------------------------------------------

def left_out(place):
    """Status → lines that were counted instead of written."""
    counts = {}
    for line in place.log.lines():
        if line["event"] == "log_suppressed":
            assert line["level"] == "warning"
            for status, count in re.findall(r"(\d+): (\d+)", line["detail"]):
                counts[status] = counts.get(status, 0) + int(count)
    return counts


def test_refusals_of_nobody_are_counted_when_they_are_many(
        new_place, contact):
    place = new_place(LOG_LINES=5)
    with place.wire() as wire:
        for start, status in (("/nowhere", 404), ("/v1/me", 401)):
            wire.send(wire.get(start) * 400)
            for _ in range(400):
                assert wire.answer("GET", start).status == status
    mine = [place.client(contact.token).get("/v1/me").expect(200)
            .headers["request-id"] for _ in range(20)]

    def accounted():
        counts = left_out(place)
        written = [line for line in place.log.lines()
                   if line["event"] == "request"]
        return counts and written and all(
            counts.get(str(status), 0)
            + sum(line["status"] == status for line in written) == 400
            for status in (401, 404))
    until(accounted)
    assert sum(left_out(place).values()) > 400
    # A caller's lines are all there.
    until(lambda: {line.get("request_id") for line in place.log.lines()}
          >= set(mine))
    assert place.nowhere() == 400


def test_without_a_limit_each_request_has_its_line(new_place):
    place = new_place(LOG_LINES=0)
    with place.wire() as wire:
        wire.send(wire.get("/nowhere") * 300)
        for _ in range(300):
            assert wire.answer("GET", "/nowhere").status == 404
    until(lambda: sum(line.get("status") == 404
                      for line in place.log.lines()) == 300)
    assert left_out(place) == {}


# -- those that have read nothing all the while ----------------------------

def test_who_takes_no_answers_is_closed(place, deaf):
    _, wires = deaf
    until(lambda: place.ended("slow") >= len(wires))
    assert all(is_reset(wire) for wire in wires)


def is_reset(wire):
    error = wire.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    return error == errno.ECONNRESET
