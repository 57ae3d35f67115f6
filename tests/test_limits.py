"""RATE_LIMIT: requests a minute for each caller, off by default."""

import pytest

from client import Client, Service

pytestmark = pytest.mark.direct
LIMIT = 3


@pytest.fixture
def limited(instance, contract, tokens):
    with instance.beside(RATE_LIMIT=LIMIT) as process:
        service = Service(process.url, contract)
        yield lambda kind, number: Client(
            service, tokens.mint(f"{kind}:{number}"), kind)
        service.close()


def test_a_caller_over_its_quota_is_told_when_to_come_back(limited):
    client = limited("staff", 1)
    for left in (2, 1, 0):
        answer = client.get("/v1/me").expect(200)
        assert answer.headers["ratelimit-policy"] == f'"caller";q={LIMIT};w=60'
        assert answer.headers["ratelimit"].startswith(f'"caller";r={left};t=')
        more = int(answer.headers["ratelimit"].rpartition(";t=")[2])
        assert 1 <= more <= 60 // LIMIT + 1     # seconds, until there is more
    refused = client.get("/v1/me").expect(429, problem="rate-limited")
    assert refused.headers["ratelimit"].endswith(
        ";t=" + refused.headers["retry-after"])
    assert 1 <= int(refused.headers["retry-after"]) <= 60 // LIMIT + 1


def test_the_quota_of_one_caller_is_not_that_of_another(limited):
    for _ in range(LIMIT):
        limited("staff", 1).get("/v1/me").expect(200)
    limited("staff", 1).get("/v1/me").expect(429)
    limited("staff", 2).get("/v1/me").expect(200)
    limited("contact", 1).get("/v1/me").expect(200)


def test_without_a_limit_nothing_is_counted(contact):
    answer = contact.get("/v1/me").expect(200)
    assert "ratelimit" not in answer.headers
