"""Issuers, providers, and workers that look at their keys."""

import contextlib

import pytest

from instance import stopped
from issuers import INSIDE, WANT, Issuer, end_all
from provider import Provider
from publisher import Publisher


@pytest.fixture(scope="module")
def a_provider():
    with contextlib.closing(Provider(["cases:read"])) as provider:
        yield provider


@pytest.fixture
def provider(a_provider):
    a_provider.tell("mood", mood="well")
    a_provider.tell("rotate")
    return a_provider


@pytest.fixture
def new_issuer(sql):
    """The only ones that there are."""
    end_all(sql)
    yield lambda name, **columns: Issuer(sql, name, **columns)
    end_all(sql)


@pytest.fixture
def new_publisher():
    with contextlib.ExitStack() as running:
        def start(*certificate):
            publisher = Publisher(*certificate)
            running.callback(publisher.stop)
            return publisher
        yield start


@pytest.fixture
def publisher(new_publisher):
    return new_publisher()


@pytest.fixture(scope="module")
def the_fetcher(instance, receiver_certificate):
    with instance.worker(ISSUER_ALLOW=INSIDE, ISSUER_TIMEOUT=300,
                         ISSUER_CA_FILE=receiver_certificate[0],
                         WEBHOOK_CONNECTIONS=0, MAIL_SENDERS=0) as fetcher:
        yield fetcher


@pytest.fixture
def fetcher(the_fetcher, new_issuer):
    """One that may ask on loopback, and has time."""
    return the_fetcher


@pytest.fixture
def new_fetcher(new_worker, the_fetcher, new_issuer):
    """Starts one of the test's own; the other stands still."""
    with stopped([the_fetcher.pid]):
        yield lambda **settings: new_worker(
            **{"ISSUER_ALLOW": INSIDE, **settings})


@pytest.fixture
def want(as_role):
    """As when a token has come with an unknown key, and nobody has looked for
    half a minute."""
    def want(issuer):
        issuer.pass_time("31 s")
        assert as_role("public").value(WANT,
                                       issuer.id)
    return want
