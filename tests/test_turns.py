"""What may be slow takes turns, so that nobody pays for what others ask.

Slow are the ones that a test holds up with a lock. What counts is the order of
answers: who is answered while the others wait."""

import contextlib
import select

import pytest

import meeting
from client import Client, Service
from files import Log
from instance import until
from meeting import long_waits
from wire import Wire

pytestmark = pytest.mark.direct

FIGURES = "/v1/metrics?from=2016-01-01&to=2025-12-31"
WAITING = 8             # slow calls of a caller, besides the one that runs
SHARE = 64              # reads of a caller
QUEUE = 64              # slow calls of all callers that wait
# Longer than any statement may take among the fast.
WAITING_LONG = ("select count(*) as n from pg_stat_activity where usename = %s"
                " and wait_event_type = 'Lock'"
                " and query_start < now() - interval '1 s'")


class Setting:
    """A process of its own, whose slow statements wait for locks."""

    def __init__(self, instance, process, contract, sql):
        self.instance, self.sql = instance, sql
        self.service = Service(process.url, contract)

    def client(self, who):
        return Client(self.service, who.token, who.kind)

    def waiting(self, kind):
        return meeting.waiting(self.sql, kind)

    def locked(self, table):
        return meeting.locked(self.instance, table)

    def crowd(self, count, target, *lines):
        return meeting.crowd(self.service, count, target, *lines)


@pytest.fixture
def start(instance, contract, sql):
    """Starts one with such settings; its sessions wait long for a lock."""
    with contextlib.ExitStack() as stack:
        def start(**settings):
            with long_waits(sql, "staff", "public", "contact"):
                process = stack.enter_context(instance.beside(
                    WORKERS=1, **{"READ_CONNECTIONS": 2,
                                  "QUEUE_SECONDS": 60, **settings}))
                setting = Setting(instance, process, contract, sql)
                until(lambda: Client(setting.service).get(
                    FIGURES).status == 200)
            stack.callback(setting.service.close)
            return setting
        yield start


def bearer(who):
    return "Authorization: Bearer " + who.token


def figures_of(district):
    return f"/v1/districts/{district.id}/metrics"


def unanswered(wires):
    return len(wires) - len(select.select(wires, [], [], 0)[0])


def test_slow_requests_of_one_hold_up_no_colleague(start, world, contact):
    setting = start()
    busy, colleague = world.staff(), world.staff()
    case, target = contact.submit(), figures_of(contact.district)
    client = setting.client(colleague)
    with setting.locked("daily_figures") as release, setting.crowd(
            1 + WAITING, target, bearer(busy)) as wires:
        until(lambda: setting.waiting("staff"))
        for _ in range(4):
            client.get(case.path).expect(200)
            client.get("/v1/cases").expect(200)
            client.get("/v1/cases?subject_contains=nobody").expect(200)
            client.get("/v1/cases?count=exact&limit=1").expect(200)
        refused = setting.client(busy).get(target).expect(
            429, problem="too-many-at-once")
        assert int(refused.headers["retry-after"]) >= 1
        setting.client(busy).get(case.path).expect(200)
        assert setting.waiting("staff") == 1, "its share is one connection"
        assert unanswered(wires) == len(wires), "they came after them"
        release()
        for wire in wires:
            assert wire.answer("GET", target).status == 200
    setting.client(busy).get(target).expect(200)


def test_what_waits_too_long_for_its_turn_is_refused(start, world, contact):
    setting = start(QUEUE_SECONDS=1)
    target, busy = figures_of(contact.district), world.staff()
    with setting.locked("daily_figures") as release, setting.crowd(
            2, target, bearer(busy)) as wires:
        until(lambda: unanswered(wires) == 1)
        late = wires.index(select.select(wires, [], [], 0)[0][0])
        answer = wires[late].answer("GET", target)
        assert answer.status == 503 and answer.problem == "unavailable"
        assert int(answer.headers["retry-after"]) >= 1
        assert unanswered(wires) == 2, "the one that runs goes on"
        release()
        assert wires[1 - late].answer("GET", target).status == 200


def test_who_leaves_gives_its_place_in_the_queue_back(start, world, contact):
    setting = start()
    target, busy = figures_of(contact.district), world.staff()
    with setting.locked("daily_figures") as release:
        with setting.crowd(1 + WAITING, target, bearer(busy)):
            until(lambda: setting.waiting("staff"))
            setting.client(busy).get(target).expect(429)
        with setting.crowd(1, target, bearer(busy)) as wires:

            def is_taken():
                """Not refused: it waits."""
                if unanswered(wires):
                    return True
                wires[0].answer("GET", target)
                wires[0].send(wires[0].get(target, bearer(busy)))
                return False
            until(is_taken)
            release()
            until(lambda: not unanswered(wires))
            assert wires[0].answer("GET", target).status in (200, 429)


def test_the_calendar_is_answered_while_figures_are_added_up(start):
    """Even to who asks for the figures; and no source waits for another."""
    setting = start(TRUSTED_PROXIES="127.0.0.1")
    public = Client(setting.service)
    one, other = ({"X-Forwarded-For": f"198.51.100.{n}"} for n in (1, 2))
    line = "X-Forwarded-For: 198.51.100.1"
    with setting.locked("daily_figures") as release, setting.crowd(
            1 + WAITING, FIGURES, line) as wires:
        until(lambda: setting.waiting("public"))
        for headers in (one, other) * 5:
            public.get("/v1/calendar", headers=headers).expect(200)
        public.get("/v1/metrics/satisfaction", headers=other).expect(200)
        public.get(FIGURES, headers=one).expect(
            429, problem="too-many-at-once")
        assert setting.waiting("public") == 1
        assert unanswered(wires) == len(wires), "they came after them"
        release()
        for wire in wires:
            assert wire.answer("GET", FIGURES).status == 200


def test_a_filter_that_turns_out_slow_is_sent_again_among_the_slow(
        start, world, contact):
    """The document does not say so; the fast connections find out."""
    setting = start()
    busy, colleague = setting.client(world.staff()), world.staff()
    target = "/v1/webhooks?status=enabled"
    with setting.locked("webhooks") as release, setting.crowd(
            WAITING, target, "Authorization: Bearer " + busy.token) as wires:
        until(lambda: setting.waiting("staff"))
        client = setting.client(colleague)
        for _ in range(5):
            client.get("/v1/me").expect(200)
            busy.get("/v1/me").expect(200)
        until(lambda: setting.waiting("staff") == 1)
        assert unanswered(wires) == len(wires), "they came after them"
        release()
        for wire in wires:
            assert wire.answer("GET", target).status == 200


def test_nobody_has_all_that_a_connection_takes(broken):
    """One that does not get on at all: the database stands still."""
    with broken.instance.beside(
            WORKERS=1, READ_CONNECTIONS=1, QUEUE_SECONDS=60) as process, (
                contextlib.ExitStack()) as stack:
        service = Service(process.url, broken.contract)
        stack.callback(service.close)
        target = "/v1/me"

        def ask(who, count):
            wires = [stack.enter_context(Wire(service)) for _ in range(count)]
            for wire in wires:
                wire.send(wire.get(target, bearer(who)))
            return wires
        Client(service, broken.contact.token, "contact").get(
            target).expect(200)
        with broken.cluster.stalled():
            wires = ask(broken.contact, SHARE + 3)
            until(lambda: unanswered(wires) == SHARE)
            others = ask(broken.stranger, 3)
        answers = [wire.answer("GET", target) for wire in wires]
        assert sum(a.status == 429 and a.problem == "too-many-at-once"
                   for a in answers) == 3
        assert all(a.status in (200, 429) for a in answers)
        assert [w.answer("GET", target).status for w in others] == [200] * 3


def test_the_first_read_of_one_goes_before_the_rest_of_another(broken):
    """Whatever waits for a connection: the log has the order of answers."""
    with broken.instance.beside(
            WORKERS=1, READ_CONNECTIONS=1, QUEUE_SECONDS=60) as process, (
                contextlib.ExitStack()) as stack:
        service = Service(process.url, broken.contract)
        stack.callback(service.close)
        log = Log(process.log_file)

        def ask(who, count, target):
            wires = [stack.enter_context(Wire(service)) for _ in range(count)]
            for wire in wires:
                wire.send(wire.get(target, bearer(who)))
            return wires
        Client(service, broken.contact.token, "contact").get(
            "/v1/me").expect(200)
        mark = log.mark()
        with broken.cluster.stalled():
            # One more than may wait: when it is refused, the others are in.
            many = ask(broken.contact, SHARE + 1, "/v1/me")
            until(lambda: unanswered(many) == SHARE)
            one = ask(broken.stranger, 1, "/v1/cases?limit=1")
            for _ in range(3):      # what comes later is read later
                Client(service).get("/livez").expect(200)
        assert one[0].answer("GET", "/v1/cases").status == 200
        for wire in many:
            assert wire.answer("GET", "/v1/me").status in (200, 429)
        until(lambda: len(log.lines(mark)) >= SHARE + 2)
        order = [line["operation"] for line in log.lines(mark)
                 if line["event"] == "request" and line["status"] == 200]
        assert order.index("list_cases") < SHARE / 2


def test_the_longest_queue_gives_way_to_who_has_none(start, world, contact):
    """Seven who ask for all they may fill the queue; an eighth comes in, and
    one of theirs is refused for each of its own."""
    setting = start()
    target, fair = figures_of(contact.district), world.staff()
    with setting.locked("daily_figures") as release, (
            contextlib.ExitStack()) as stack:
        greedy = []
        for _ in range(7):
            wires = stack.enter_context(setting.crowd(
                2 + WAITING, target, bearer(world.staff())))
            until(lambda wires=wires: unanswered(wires) == 1 + WAITING)
            greedy += wires
        assert unanswered(greedy) == 7 * (1 + WAITING)
        room = QUEUE - (7 * (1 + WAITING) - 2)      # two of them run
        wires = stack.enter_context(setting.crowd(
            room + 2, target, bearer(fair)))
        until(lambda: unanswered(greedy) == 7 * (1 + WAITING) - 2)
        assert unanswered(wires) == len(wires)
        release()
        for wire in wires:
            assert wire.answer("GET", target).status == 200
        answers = [wire.answer("GET", target) for wire in greedy]
    refused = [a for a in answers if a.status != 200]
    assert len(refused) == 7 + 2
    for answer in refused:
        assert answer.status == 429
        assert answer.problem == "too-many-at-once"
        assert int(answer.headers["retry-after"]) >= 1


def test_what_is_slow_in_one_list_is_not_slow_in_another(start, world, sql):
    """Whose filters were slow begins among the slow there, not elsewhere."""
    setting = start()
    who = world.staff()
    client, target = setting.client(who), "/v1/webhooks?status=enabled"
    with setting.locked("webhooks") as release, setting.crowd(
            1, target, bearer(who)) as first:
        until(lambda: sql.value(WAITING_LONG, "casework_staff"))
        with setting.crowd(WAITING, target, bearer(who)) as others:
            for _ in range(3):
                client.get("/v1/cases?status=assigned").expect(200)
                client.get("/v1/cases?users_affected_from=9").expect(200)
                client.get("/v1/districts?state=MN").expect(200)
            assert unanswered(others) == WAITING
            assert setting.waiting("staff") == 1
            release()
            for wire in first + others:
                assert wire.answer("GET", target).status == 200
