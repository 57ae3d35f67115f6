"""RATE_LIMIT: requests a minute for each caller, off by default; and what
else GET /v1/limits tells."""

import pytest

from client import Client, Service
from webhooks import Webhook

LIMIT = 3


@pytest.fixture
def limited(instance, contract, tokens):
    with instance.beside(RATE_LIMIT=LIMIT) as process:
        service = Service(process.url, contract)
        yield lambda kind, number: Client(
            service, tokens.mint(f"{kind}:{number}"), kind)
        service.close()


@pytest.mark.direct
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


@pytest.mark.direct
def test_the_quota_of_one_caller_is_not_that_of_another(limited):
    for _ in range(LIMIT):
        limited("staff", 1).get("/v1/me").expect(200)
    limited("staff", 1).get("/v1/me").expect(429)
    limited("staff", 2).get("/v1/me").expect(200)
    limited("contact", 1).get("/v1/me").expect(200)


@pytest.mark.direct
def test_without_a_limit_nothing_is_counted(contact):
    answer = contact.get("/v1/me").expect(200)
    assert "ratelimit" not in answer.headers


def test_the_page_of_the_feed_is_as_long_as_told(public, contact):
    page = public.get("/v1/limits").expect(200)["page"]
    longest = page["events"]
    assert longest > page["items"]
    contact.get(f"/v1/events?limit={longest}").expect(200)
    contact.get(f"/v1/events?limit={longest + 1}").expect(400)
    contact.get(f"/v1/webhooks?limit={page['items'] + 1}").expect(400)


def test_as_many_webhooks_as_told_may_be_enabled(public, contact, receiver):
    told = public.get("/v1/limits").expect(200)["webhook"]["enabled"]
    webhooks = [Webhook(contact, receiver.url) for _ in range(told)]
    contact.post("/v1/webhooks", {"url": receiver.url}).expect(
        409, problem="conflict")
    for webhook in webhooks:
        webhook.change(status="disabled").expect(200)


def test_a_redelivery_spans_as_many_events_as_told(webhook, public, case):
    span = public.get("/v1/limits").expect(200)["webhook"]["redelivered_ids"]
    case.note().expect(201)
    newest = case.submitter.get("/v1/events?limit=1000").items[-1]["id"]
    first = max(1, newest - span + 1)
    redeliver = f"{webhook.path}/redeliveries"

    def ask(until):
        return case.submitter.post(redeliver, {
            "from_event_id": first, "to_event_id": until})
    ask(first + span - 1).expect(200)
    ask(first + span).expect(422)
