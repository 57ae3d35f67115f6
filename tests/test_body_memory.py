"""BODY_MEMORY is shared out: what one caller or one district holds, the others
keep; and nothing is held for what has only been announced."""

import contextlib
import select

import pytest

from client import Client, Service
from instance import until
from test_uploads import LIMIT, MIB, QUIET, answered, data, declared, held
from wire import Wire

pytestmark = pytest.mark.direct

__all__ = ["data"]      # a fixture

MEMORY = 64 * MIB
CALLER = MEMORY // 4
DISTRICT = MEMORY // 2

# Whose bodies leave no room for one more.
OWN = 429, "too-many-at-once"
OTHERS = 503, "unavailable"


@pytest.fixture(scope="module")
def tight(instance, contract):
    """A process with little memory for bodies."""
    with instance.beside(BODY_MEMORY=MEMORY // MIB, WORKERS=1) as process:
        service = Service(process.url, contract)
        yield service
        service.close()


class Crowd:
    """Uploads and downloads that were begun and are not ended."""

    def __init__(self, service, stack):
        self.service = service
        self.stack = stack

    def open(self):
        return self.stack.enter_context(Wire(self.service))

    def upload(self, case, data, submitter=None):
        """All but the last byte; the connection."""
        wire = self.open()
        head = declared(wire, case, bearer(submitter or case.submitter))
        wire.socket.settimeout(60)
        wire.send(head.encode() + data[:-1])
        return wire

    def download(self, path, caller):
        """Asked for, and nothing of it taken."""
        wire = self.open()
        wire.send(wire.get(path, bearer(caller)))
        return wire


def bearer(caller):
    return f"Authorization: Bearer {caller.token}"


@pytest.fixture
def crowd(tight):
    with contextlib.ExitStack() as stack:
        yield Crowd(tight, stack)


@pytest.fixture
def nothing_held(tight):
    anybody = Client(tight, None, "public")
    until(lambda: held(anybody) < QUIET)
    return lambda: held(anybody)


def test_what_was_only_announced_takes_nothing(
        crowd, case, data, nothing_held):
    for _ in range(20):
        wire = crowd.open()
        wire.send(declared(wire, case, bearer(case.submitter)))
    whole = crowd.upload(case, data)
    whole.send(data[-1:])
    assert answered(whole, case).status == 201
    until(lambda: nothing_held() < QUIET)


def test_a_caller_takes_no_more_than_its_share(
        crowd, case, colleague, stranger, data, nothing_held):
    begun = [crowd.upload(case, data) for _ in range(2)]
    refused = []
    until(lambda: refused or refused.extend(
        wire for wire in begun if is_refused(wire, case, OWN)))
    assert nothing_held() <= CALLER
    for other in (case, stranger.submit()):
        who = colleague if other is case else other.submitter
        wire = crowd.upload(other, data, who)
        wire.send(data[-1:])
        assert answered(wire, other).status == 201
    kept = next(wire for wire in begun if wire not in refused)
    kept.send(data[-1:])
    assert answered(kept, case).status == 201


def test_the_contacts_of_a_district_take_no_more_than_its_share(
        crowd, case, district, stranger, data, nothing_held):
    contacts = [district.contact() for _ in range(4)]
    begun = [crowd.upload(case, data, who) for who in contacts]
    refused = []
    until(lambda: refused or refused.extend(
        wire for wire in begun if is_refused(wire, case, OTHERS)))
    assert nothing_held() <= DISTRICT
    elsewhere = stranger.submit()
    wire = crowd.upload(elsewhere, data)
    wire.send(data[-1:])
    assert answered(wire, elsewhere).status == 201


def test_all_callers_take_no_more_than_there_is(
        crowd, case, world, data, nothing_held):
    callers = [world.staff() for _ in range(MEMORY // LIMIT + 1)]
    begun = [crowd.upload(case, data, who) for who in callers]
    refused = []
    until(lambda: refused or refused.extend(
        wire for wire in begun if is_refused(wire, case, OTHERS)))
    assert nothing_held() <= MEMORY


def test_who_takes_no_download_leaves_room_for_others(
        crowd, case, colleague, stranger, data, nothing_held):
    mine = case.attach(data).expect(201).location + "/content"
    theirs = stranger.submit().attach(data).expect(201).location + "/content"
    crowd.download(mine, case.submitter)
    until(lambda: nothing_held() >= LIMIT)
    second = crowd.download(mine, case.submitter)
    refuses(second.answer("GET", mine), OWN)
    third = crowd.download(theirs, stranger)
    assert third.answer("GET", theirs).body == data
    assert nothing_held() <= CALLER


def is_refused(wire, case, why):
    """Told to come back, without having ended its body."""
    if not select.select([wire.socket], [], [], 0.05)[0]:
        return False
    refuses(answered(wire, case), why)
    return True


def refuses(answer, why):
    assert (answer.status, answer.problem) == why, answer.transcript()
    assert answer.headers["retry-after"]
