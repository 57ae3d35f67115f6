"""KEYS_FILE may be what a provider publishes: a JWK set (RFC 7517)."""

import contextlib
import json
import os
import pathlib
import tempfile

import pytest

from client import Client, Service
from instance import until
from provider import Provider

pytestmark = pytest.mark.direct
ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]


class Place:
    """A provider, and a process that takes its tokens by its keys."""

    def __init__(self, provider, process, contract, keys_file):
        self.provider, self.keys_file = provider, keys_file
        self.service = Service(process.url, contract)

    def learn(self):
        """As an operator who fetches them: a rename over the file."""
        write(self.keys_file, self.provider.key_set())

    def status(self, token, kind):
        return Client(self.service, token, kind).get(
            "/v1/cases?limit=1").status


def write(path, keys):
    new = path.with_suffix(".new")
    new.write_text(json.dumps(keys))
    new.chmod(0o644)
    new.rename(path)


@pytest.fixture(scope="module")
def place(instance, contract):
    scopes = {op.scope for op in contract.operations if op.scope}
    with (contextlib.closing(Provider(sorted(scopes))) as provider,
          tempfile.TemporaryDirectory() as directory):
        os.chmod(directory, 0o755)      # the service has its own account
        keys_file = pathlib.Path(directory) / "keys.json"
        write(keys_file, provider.key_set())
        with instance.beside(WORKERS=1, KEYS_FILE=keys_file,
                             TOKEN_ISSUER=provider.issuer) as process:
            place = Place(provider, process, contract, keys_file)
            yield place
            place.service.close()


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_tokens_of_a_provider_are_taken_by_the_keys_it_publishes(
        place, algorithm):
    before = place.provider.machine("partner:1", "cases:read")
    place.provider.tell("rotate", algorithm=algorithm)
    machine = place.provider.machine("partner:1", "cases:read")
    person = place.provider.person("contact:1", "cases:read")
    assert place.status(machine, "partner") == 401, "its key is not known yet"
    place.learn()
    until(lambda: place.status(machine, "partner") == 200)
    assert place.status(person, "contact") == 200
    assert place.status(before, "partner") == 401, "its key has gone"


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_key_that_signed_nothing_takes_nothing(place, algorithm):
    place.provider.tell("rotate", algorithm=algorithm)
    place.learn()
    token = place.provider.machine("partner:1", "cases:read")
    until(lambda: place.status(token, "partner") == 200)
    place.provider.tell("mood", mood="lying")
    try:
        place.learn()
    finally:
        place.provider.tell("mood", mood="well")
    until(lambda: place.status(token, "partner") == 401)
