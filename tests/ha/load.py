"""Callers who write, read and follow the feed, whatever happens, and what
they see meanwhile. A write has an Idempotency-Key and is sent again until it
is acknowledged, as openapi/README.md asks of clients."""

import collections
import http.client
import itertools
import queue
import threading
import time
import uuid

from client import Client, Service
from instance import until

RATE = 50           # writes a second
THREADS = 48
CONTACTS = 8
TIMEOUT = 10        # of a client that gives up on an answer
PAUSE = 0.5         # until it tries again
PATIENCE = 180      # seconds until a write must have been acknowledged
EVENTS = "/v1/events"


class Callers(Service):
    """Connections of callers that do not wait for ever."""

    def connect(self, timeout=TIMEOUT):
        return super().connect(timeout)


class Attempts:
    """What came of every attempt: (when it began, when it ended, outcome)."""

    def __init__(self):
        self.all = []

    def make(self, send):
        """The answer if it is one, else None."""
        began = time.monotonic()
        try:
            answer = send()
            outcome = answer.status
        except (OSError, http.client.HTTPException) as fault:
            answer = None
            outcome = ("no answer" if isinstance(fault, TimeoutError)
                       else "connection lost")
        self.all.append((began, time.monotonic(), outcome))
        return answer

    def since(self, moment):
        return [one for one in list(self.all) if one[1] >= moment]

    def good(self, moment):
        """When answers came, since then."""
        return [ended for _, ended, outcome in self.since(moment)
                if outcome in (200, 201)]

    def standstill(self, began):
        """The longest time without an answer, from that moment until now."""
        moments = sorted([began, *self.good(began), time.monotonic()])
        return max(b - a for a, b in zip(moments, moments[1:]))

    def failures(self, began):
        return collections.Counter(
            outcome for _, _, outcome in self.since(began)
            if outcome not in (200, 201))

    def longest(self, began):
        """The longest that anybody waited for an answer, of any kind."""
        return max((ended - start for start, ended, _ in self.since(began)),
                   default=0)


class Load:
    def __init__(self, setup):
        self.world = setup.world
        old = setup.service
        self.service = Callers(setup.url, old.contract,
                               setup.authority)
        district = self.world.district()
        self.contacts = [district.contact() for _ in range(CONTACTS)]
        self.advisor = self.world.staff()
        self.cases = [contact.submit() for contact in self.contacts * 3]
        for case in self.cases:
            case.assign(self.advisor).expect(200)
        self.stop = threading.Event()
        self.writing = threading.Event()
        self.writing.set()
        self.waiting = queue.Queue()
        self.writes, self.reads = Attempts(), Attempts()
        self.sent = {}              # text → case
        self.acknowledged = {}      # text → (note's id, when it began)
        self.replayed = 0
        self.faults = []
        self.feed = []              # events as the follower has seen them
        self.start = self.page(None).expect(200)["position"]
        self.position = self.start
        works = [self.schedule, self.read, self.follow,
                 *[self.write] * THREADS]
        self.threads = [threading.Thread(target=self.guarded, args=(work,))
                        for work in works]
        for thread in self.threads:
            thread.start()

    def guarded(self, work):
        try:
            work()
        except Exception as fault:      # told to the test
            self.faults.append(repr(fault))

    def client(self, who):
        return Client(self.service, who.token, who.kind, check=False)

    # -- writing -----------------------------------------------------------

    def schedule(self):
        """A write each 20 ms, however long others wait."""
        due = time.monotonic()
        for number in itertools.count():
            due += 1 / RATE
            if self.stop.wait(max(0, due - time.monotonic())):
                break
            self.waiting.put(number)
        for _ in range(THREADS):
            self.waiting.put(None)

    def write(self):
        while (number := self.waiting.get()) is not None:
            self.note(number)

    def note(self, number):
        """Every fifth by Support: it is mailed to the contact."""
        case = self.cases[number % len(self.cases)]
        text, body = f"Write {number}", {}
        who = case.submitter
        if number % 5 == 0:
            who, body = self.advisor, {"visibility": "public"}
        self.sent[text] = case
        began = time.monotonic()
        key = {"Idempotency-Key": f'"{uuid.uuid4()}"'}
        while True:
            answer = self.writes.make(lambda: self.client(who).post(
                case.path + "/notes", {"text": text, **body}, headers=key))
            if answer is not None and answer.status == 201:
                break
            assert answer is None or again(answer), answer.transcript()
            assert time.monotonic() < began + PATIENCE, f"{text}: {answer}"
            time.sleep(PAUSE)
        assert answer["text"] == text, "another's answer"
        self.replayed += "idempotency-replayed" in answer.headers
        self.acknowledged[text] = (answer["id"], began)

    def until_written(self, moment, count=RATE, seconds=150):
        """Until so many writes that began after that are acknowledged."""
        def enough():
            assert self.faults == []
            return sum(began >= moment for _, began in
                       list(self.acknowledged.values())) >= count
        until(enough, seconds, pause=0.1)

    def until_caught_up(self, seconds=120):
        until(lambda: self.faults or self.waiting.qsize() < RATE, seconds,
              pause=0.1)

    # -- reading -----------------------------------------------------------

    def read(self):
        """Ten a second, each a case."""
        for case in itertools.cycle(self.cases):
            if self.stop.wait(0.1):
                return
            answer = self.reads.make(
                lambda: self.client(case.submitter).get(case.path))
            assert answer is None or answer.status == 200 or again(answer), (
                answer.transcript())

    def follow(self):
        """The feed of the district, page by page."""
        attempts = Attempts()
        while not self.stop.wait(0.2):
            answer = attempts.make(lambda: self.page(self.position))
            if answer is not None and answer.status == 200:
                self.feed += answer.items
                self.position = answer["position"]
            else:
                assert answer is None or again(answer), answer.transcript()

    def page(self, position):
        query = {"start": "now", "limit": 100}
        if position is not None:
            query["cursor"] = position
        return self.client(self.contacts[0]).get(EVENTS, query=query)

    def rest_of_feed(self, position):
        """All that follows that position, when nobody writes any more."""
        found = []
        while True:
            page = self.page(position).expect(200)
            found += page.items
            position = page["position"]
            if not page["has_more"]:
                return found

    # -- the end -----------------------------------------------------------

    def text(self):
        return (f"{len(self.acknowledged)} writes acknowledged in "
                f"{len(self.writes.all)} attempts, {self.replayed} of them by"
                f" the answer to an earlier one; {len(self.feed)} events")

    def end(self):
        """Everything that was begun is acknowledged."""
        self.stop.set()
        for thread in self.threads:
            thread.join(PATIENCE)
        assert not any(thread.is_alive() for thread in self.threads)


def again(answer):
    """Whether the answer asks to be asked again."""
    return answer.status in (429, 500, 502, 503, 504) or (
        answer.status == 409 and answer.problem == "idempotency-key-in-use")
