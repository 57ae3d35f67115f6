"""What one client can do to the others: each function here is one attack, run
in a process of its own until it is ended. All of it goes to loopback, from
addresses of 127.8.0.0/16, so that a bound per address alone does not help.
"""

import itertools
import random
import select
import socket
import subprocess
import sys
import threading
import time

SOURCES = 200       # addresses that an attack comes from, where it has many


def connect(target, source=1):
    """A connection; source numbers the address that it comes from."""
    link = socket.socket()
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    link.bind((f"127.8.{source // 250}.{source % 250 + 1}", 0))
    link.settimeout(30)
    link.connect((target.host, target.port))
    return link


def request(target, method, path, token=None, *lines, body=b""):
    head = [f"{method} {path} HTTP/1.1", f"Host: {target.host}", *lines]
    if token:
        head.append(f"Authorization: Bearer {token}")
    if body:
        head.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(head) + "\r\n\r\n").encode() + body


def again_and_again(target, make, source=1):
    """One request after the other on one connection."""
    while True:
        try:
            link = connect(target, source)
            while True:
                link.sendall(make())
                if not read_answer(link):
                    break
        except OSError:
            time.sleep(0.01)


def read_answer(link):
    """Whether it came whole and the connection goes on; reads no further."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = link.recv(65536)
        if not more:
            return False
        data += more
    head, _, rest = data.partition(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    length = next((int(line.split(b":")[1]) for line in lines
                   if line.startswith(b"content-length:")), 0)
    while len(rest) < length:
        more = link.recv(65536)
        if not more:
            return False
        rest += more
    return b"connection: close" not in lines


def crowd(count, work):
    """work(n) in count threads, for ever."""
    threads = [threading.Thread(target=work, args=(n,), daemon=True)
               for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


# -- one costly request ------------------------------------------------------

def unknown_parameters(target):
    again_and_again(target, lambda: request(
        target, "GET", "/v1/calendar?" + "a&" * 3950))


def badly_encoded_parameters(target):
    again_and_again(target, lambda: request(
        target, "GET", "/v1/calendar?" + "%zz=1&" * 1300))


def many_tags(target):
    token = target.token("contact:4")
    tags = "If-Match: " + ",".join(f'"{n}"' for n in range(2400))
    body = b'{"text": "x"}'
    again_and_again(target, lambda: request(
        target, "PATCH", "/v1/cases/1", token, tags,
        "Content-Type: application/merge-patch+json", body=body))


# -- connections -------------------------------------------------------------

def answers_not_taken(target):
    """6,000 documents asked for in a row, and none of them read."""
    asked = request(target, "GET", "/openapi.json")
    while True:
        try:
            link = connect(target)
            link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            link.settimeout(60)
            link.sendall(asked * 6000)
            while link.recv(1):
                time.sleep(0.5)
        except OSError:
            time.sleep(0.1)


def pipelined_404s(target):
    asked = request(target, "GET", "/nowhere") * 500

    def flood(n):
        while True:
            try:
                link = connect(target, n)
                while True:
                    readable, writable, _ = select.select(
                        [link], [link], [], 30)
                    if readable and not link.recv(1 << 20):
                        break
                    if writable:
                        link.send(asked)
            except OSError:
                time.sleep(0.01)
    crowd(4, flood)


def documents_read(target, count=490):
    """The longest answer there is, asked for without end and taken."""
    asked = request(target, "GET", "/openapi.json") * 8
    poll, links = select.poll(), {}

    def again():
        link = connect(target)
        link.setblocking(False)
        links[link.fileno()] = link
        poll.register(link, select.POLLIN | select.POLLOUT)
    for _ in range(count):
        again()
    while True:
        for number, event in poll.poll():
            link = links[number]
            try:
                if event & ~select.POLLOUT and not link.recv(1 << 20):
                    raise OSError
                if event & select.POLLOUT:
                    link.send(asked)
            except BlockingIOError:
                pass
            except OSError:
                poll.unregister(links.pop(number))
                link.close()
                again()


def requests_at_one_instant(target, count=490, each=5):
    """Dear ones, of all connections at once; again when all are answered."""
    asked = request(target, "GET", "/v1/calendar?" + "a&" * 3900) * each
    while True:
        try:
            links = [connect(target) for _ in range(count)]
            while True:
                for link in links:
                    link.sendall(asked)
                for link in links:
                    read = b""
                    while read.count(b"HTTP/1.1 ") < each or not \
                            read.endswith(b"}"):
                        more = link.recv(65536)
                        if not more:
                            raise OSError
                        read += more
        except OSError:
            time.sleep(0.01)


def dripping_heads(target, count=2000):
    """So many connections, each with a head that does not end."""
    links = {}
    while True:
        for n in range(count):
            link = links.get(n)
            try:
                if link is None:
                    link = links[n] = connect(target, n % SOURCES)
                    link.settimeout(0.05)
                    link.sendall(b"GET / HTTP/1.1\r\nX: ")
                link.sendall(b"x")
            except OSError:
                links[n] = None
        time.sleep(0.2)


def bodies_on_their_way(target, count=2000):
    """So many uploads of one contact, a byte of each."""
    head = request(
        target, "POST", f"/v1/cases/{target.case_of(4)}/attachments",
        target.token("contact:4"), "Content-Type: application/octet-stream",
        "Content-Disposition: attachment; filename=x",
        "Content-Length: 100000") + b"x"
    links = {}
    while True:
        for n in range(count):
            try:
                if links.get(n) is None:
                    links[n] = connect(target, n % SOURCES)
                    links[n].setblocking(False)
                    links[n].send(head)
                elif links[n].recv(65536) is not None:
                    links[n] = None
            except BlockingIOError:
                pass
            except OSError:
                links[n] = None
        time.sleep(0.2)


def new_connections(target):
    """Connections made and left, as fast as they can be."""
    def flood(n):
        while True:
            try:
                connect(target, n).close()
            except OSError:
                pass
    crowd(8, flood)


# -- what is shared ----------------------------------------------------------

def uploads_announced(target):
    """Four uploads of one contact, of which no byte comes."""
    token = target.token("contact:4")
    head = request(
        target, "POST", f"/v1/cases/{target.case_of(4)}/attachments", token,
        "Content-Type: application/octet-stream",
        "Content-Disposition: attachment; filename=x",
        "Content-Length: 10485760")

    def announce(n):
        while True:
            try:
                link = connect(target, n)
                link.sendall(head)
                link.recv(65536)
            except OSError:
                time.sleep(0.1)
    crowd(4, announce)


def downloads_not_taken(target):
    token = target.token("contact:4")
    asked = request(target, "GET", target.file_of(4), token)

    def ask(n):
        while True:
            try:
                link = connect(target, n)
                link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                link.sendall(asked)
                while link.recv(1):
                    time.sleep(1)
            except OSError:
                time.sleep(0.1)
    crowd(6, ask)


def junk_tokens(target):
    """Tokens of a known key with a signature of nobody."""
    tokens = [target.junk_token() for _ in range(500)]

    def flood(n):
        mine = itertools.cycle(random.sample(tokens, len(tokens)))
        again_and_again(target, lambda: request(
            target, "GET", "/v1/me", next(mine)), n)
    crowd(4, flood)


# -- those whom the service knows -------------------------------------------

def filter_combinations(target):
    token = target.token("contact:4")
    names = target.filters("list_cases")

    def make():
        chosen = random.sample(sorted(names), random.randrange(1, 9))
        return request(target, "GET", "/v1/cases?" + "&".join(
            f"{name}={names[name]}" for name in chosen), token)

    crowd(4, lambda n: again_and_again(target, make, n))


def slow_filters(target):
    token = target.token("staff:2")

    def ask(n):
        again_and_again(target, lambda: request(
            target, "GET", "/v1/cases?description_contains="
            f"nothing{random.random()}", token), n)
    crowd(16, ask)


def ten_years_of_figures(target):
    def ask(n):
        again_and_again(target, lambda: request(
            target, "GET", target.figures(random.randrange(1, 300))), n)
    crowd(16, ask)


def subjects(target):
    """No index has subjects: each of these lists looks at every case."""
    token = target.token("staff:2")
    crowd(16, lambda n: again_and_again(target, lambda: request(
        target, "GET", f"/v1/cases?subject=nothing{random.random()}", token),
        n))


def lists_of_another_district(target, count=32):
    """Full pages of a hundred cases."""
    token = target.token(target.of_full_pages())
    crowd(count, lambda n: again_and_again(target, lambda: request(
        target, "GET", "/v1/cases?limit=100", token), n))


def more_lists_of_another_district(target):
    lists_of_another_district(target, 64)


def notes_of_another_district(target):
    token, case = target.token("contact:4"), target.case_of(4)
    note = b'{"text": "One of very many."}'
    crowd(32, lambda n: again_and_again(target, lambda: request(
        target, "POST", f"/v1/cases/{case}/notes", token,
        "Content-Type: application/json", body=note), n))


def bursts_of_another_district(target):
    """A hundred notes at once, and again when all of them are answered."""
    token, case = target.token("contact:4"), target.case_of(4)
    asked = request(
        target, "POST", f"/v1/cases/{case}/notes", token,
        "Content-Type: application/json", body=b'{"text": "One of many."}')
    links = []
    while True:
        try:
            links = links or [connect(target, n) for n in range(100)]
            for link in links:
                link.sendall(asked)
            if not all([read_answer(link) for link in links]):
                links = []
        except OSError:
            links = []


def uploads_of_another_district(target):
    """Whole ones, of the largest size, eight at once, over a line of a gigabit:
    loopback would be one of many."""
    token, case = target.token("contact:4"), target.case_of(4)
    asked = request(
        target, "POST", f"/v1/cases/{case}/attachments", token,
        "Content-Type: application/octet-stream",
        "Content-Disposition: attachment; filename=x", body=bytes(10 << 20))

    def send(n):
        while True:
            try:
                link = connect(target, n)
                while True:
                    for at in range(0, len(asked), 65536):
                        link.sendall(asked[at:at + 65536])
                        time.sleep(0.004)
                    if not read_answer(link):
                        break
            except OSError:
                time.sleep(0.01)
    crowd(8, send)


def wrong_pins(target):
    """A phone system that tries PINs, of many contacts who have one."""
    token, numbers = target.token("telephony:1"), target.with_pins()
    crowd(8, lambda n: again_and_again(target, lambda: request(
        target, "POST", "/v1/calls/routing", token,
        "Content-Type: application/json",
        body=b'{"contact_number": %d, "pin": "%06d"}' % (
            random.choice(numbers), random.randrange(1000000))), n))


def junk_flood(target):
    """wrk: as many refused requests as one machine can send."""
    wrk(target, "/nowhere")


def requests_without_token(target):
    wrk(target, "/v1/cases")


def wrk(target, path):
    subprocess.run(["wrk", "-t", "1", "-c", "64", "-d", "600",
                    f"http://{target.host}:{target.port}{path}"],
                   stdout=subprocess.DEVNULL, stderr=sys.stderr, check=False)
