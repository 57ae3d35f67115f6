"""Answers to the public are asked of the database once for everybody, and kept
for no longer than the document says; `Age` says how old they are."""

import contextlib

import pytest

import meeting
from client import Client, Service
from instance import until
from meeting import long_waits
from wire import Wire

pytestmark = pytest.mark.direct

CALENDAR = "/v1/calendar"
FIGURES = "/v1/metrics?from=2016-01-01&to=2025-12-31"
MIB = 1024 * 1024


@pytest.fixture
def keeping(instance, contract, sql):
    with long_waits(sql, "public"):
        with instance.beside(
                WORKERS=1, ANSWER_MEMORY=1, QUEUE_SECONDS=60) as process:
            service = Service(process.url, contract)
            yield service
            service.close()


@pytest.fixture
def public(keeping):
    return Client(keeping)


def waiting(sql):
    return meeting.waiting(sql, "public")


def figures_locked(instance):
    return meeting.locked(instance, "daily_figures")


def crowd(service, count, target=FIGURES):
    return meeting.crowd(service, count, target)


def test_an_answer_is_kept_and_says_how_old_it_is(public):
    """By its own clock: `now` is that of the first."""
    first = public.get("/v1/service-levels").expect(200)
    assert "age" not in first.headers
    again = public.get("/v1/service-levels").expect(200)
    assert 0 <= int(again.headers["age"]) <= 60
    assert again.body == first.body
    assert again.headers["content-type"] == first.headers["content-type"]
    assert again.headers["cache-control"] == first.headers["cache-control"]
    head = public.head("/v1/service-levels").expect(200)
    assert "age" in head.headers
    assert head.headers["content-length"] == str(len(first.body))


def test_it_is_kept_no_longer_than_the_document_says(public):
    first = public.get(CALENDAR).expect(200)
    ages = []

    def renewed():
        answer = public.get(CALENDAR).expect(200)
        if "age" in answer.headers:
            ages.append(int(answer.headers["age"]))
        return answer["now"] != first["now"]
    until(renewed, pause=0.2)
    assert max(ages, default=0) <= 10


def test_each_request_has_its_own_answer(public):
    """Parameters that are there, that are not, and that run together."""
    time = "/v1/calendar/business-time?from=2026-03-02T12:00:00Z&"
    targets = [f"{time}seconds={number}" for number in (1, 11, 111, 3600)]
    targets += [f"{time}to=2026-03-0{day}T12:00:00Z" for day in range(3, 8)]
    targets += ["/v1/releases", "/v1/releases?support_status=current",
                "/v1/releases?support_status=prior", "/v1/platforms"]
    first = [public.get(target).expect(200).body for target in targets]
    again = [public.get(target).expect(200).body for target in targets]
    assert again == first
    assert len(set(first[:9])) == 9


def test_what_is_somebody_s_is_never_kept(keeping, contact, colleague):
    target = f"/v1/districts/{contact.district.id}/metrics"
    for who in (contact, colleague) * 2:
        client = Client(keeping, who.token, who.kind)
        assert "age" not in client.get(target).expect(200).headers
        assert client.get("/v1/me").expect(200)["id"] == who.id


def test_many_who_ask_the_same_ask_the_database_once(
        keeping, public, instance, sql):
    with figures_locked(instance) as release, crowd(keeping, 40) as wires:
        until(lambda: waiting(sql))
        public.get(CALENDAR).expect(200)
        assert waiting(sql) == 1
        release()
        answers = [wire.answer("GET", FIGURES) for wire in wires]
    assert {answer.status for answer in answers} == {200}
    assert len({answer.body for answer in answers}) == 1
    assert sum("age" not in answer.headers for answer in answers) == 1


def test_another_one_asks_when_the_first_has_left(keeping, instance, sql):
    with figures_locked(instance) as release, crowd(keeping, 1) as first:
        until(lambda: waiting(sql))
        with crowd(keeping, 3) as wires:
            with crowd(keeping, 1):
                pass        # one that waits leaves: nothing happens
            first[0].abort()
            wires[0].abort()
            release()
            for wire in wires[1:]:
                assert wire.answer("GET", FIGURES).status == 200


def test_another_one_queues_when_the_first_in_the_queue_has_left(
        keeping, public, instance, sql):
    later = FIGURES.replace("2016", "2017")
    with figures_locked(instance) as release, crowd(keeping, 1) as running:
        until(lambda: waiting(sql))
        with crowd(keeping, 1, later) as first:
            public.get(CALENDAR).expect(200)
            with crowd(keeping, 3, later) as wires:
                public.get(CALENDAR).expect(200)
                first[0].abort()
                public.get(CALENDAR).expect(200)
                release()
                for wire in wires:
                    assert wire.answer("GET", later).status == 200
        assert running[0].answer("GET", FIGURES).status == 200


def test_nobody_waits_behind_the_queue_of_another_source(
        instance, contract, sql):
    """It asks for itself, and for who was there before."""
    target, source = "/v1/metrics/satisfaction", (
        "X-Forwarded-For: 198.51.100.1")
    with long_waits(sql, "public"), instance.beside(
            WORKERS=1, ANSWER_MEMORY=1, QUEUE_SECONDS=60,
            TRUSTED_PROXIES="127.0.0.1") as process, (
                figures_locked(instance)) as release:
        service = Service(process.url, contract)
        public = Client(service)
        with Wire(service) as running, Wire(service) as queued:
            running.send(running.get(FIGURES, source))
            until(lambda: waiting(sql))
            queued.send(queued.get(target, source))
            public.get(CALENDAR, headers={
                "X-Forwarded-For": "198.51.100.3"}).expect(200)
            public.get(target, headers={
                "X-Forwarded-For": "198.51.100.2"}).expect(200)
            release()
            assert running.answer("GET", FIGURES).status == 200
            assert queued.answer("GET", target).status == 200
        service.close()


def test_what_one_source_has_too_much_of_is_no_answer_for_others(
        instance, contract, sql):
    """Who may not ask any more neither asks for others, nor in their place."""
    target = "/v1/metrics/satisfaction"
    good, bad, other = (f"X-Forwarded-For: 198.51.100.{n}" for n in (1, 2, 3))
    with long_waits(sql, "public"), instance.beside(
            WORKERS=1, ANSWER_MEMORY=1, QUEUE_SECONDS=60,
            TRUSTED_PROXIES="127.0.0.1") as process, (
                figures_locked(instance)) as release, (
                    contextlib.ExitStack()) as stack:
        service = stack.enter_context(
            contextlib.closing(Service(process.url, contract)))

        def send(path, source):
            wire = stack.enter_context(Wire(service))
            wire.send(wire.get(path, source))
            return wire
        running = send(FIGURES, good)
        until(lambda: waiting(sql) == 1)
        theirs = [send(target, good) for _ in range(3)]
        for year in range(9):
            send(FIGURES.replace("2016", str(2017 + year)), bad)
        until(lambda: waiting(sql) == 2)
        send(CALENDAR, other).answer("GET", CALENDAR)
        assert send(target, bad).answer("GET", target).status == 429
        release()
        assert running.answer("GET", FIGURES).status == 200
        assert [w.answer("GET", target).status for w in theirs] == [200] * 3


def test_a_refusal_is_not_kept(public):
    target = f"{CALENDAR}?from=2026-02-01&to=2026-01-01"
    for _ in range(3):
        answer = public.get(target).expect(400, problem="invalid-parameter")
        assert "age" not in answer.headers
        assert answer.headers["cache-control"] == "no-store"


def test_what_is_kept_has_a_bound(public):
    """A mebibyte here: what was not asked for lately gives way."""
    target, size, number = f"{CALENDAR}?from=2001-01-01&to=2026-01-", 0, 0
    first = public.get(target + "01").expect(200)
    while size < 2 * MIB:
        number += 1
        size += len(public.get(
            f"{CALENDAR}?from=2001-01-01&to={2030 + number // 28}-02-"
            f"{number % 28 + 1:02}").expect(200).body)
    again = public.get(target + "01").expect(200)
    assert "age" not in again.headers or again["now"] != first["now"]
