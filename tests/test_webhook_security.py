"""What a receiver or another caller could do with webhooks to the service, to
their owner or to somebody else: redirects, connections, answers without end,
leases that are over, secrets, and whose they are."""

import base64
import random

import pytest

from instance import figure, until
from webhooks import FAR_TOO_MUCH, Endless, Webhook

# -- where a request goes, and what is read of its answer --------------------


@pytest.mark.direct
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("where", ["to_itself", "elsewhere"])
def test_a_redirect_is_not_followed(sender, receiver, new_receiver, webhook,
                                    status, where):
    other = new_receiver() if where == "elsewhere" else receiver
    receiver.answer((status, {
        "Location": f"https://127.0.0.1:{other.port}/elsewhere"}))
    webhook.test()
    entry, = webhook.until_state("failed")["log"]
    assert entry["status"] == status
    assert [r.path for r in receiver.requests] == ["/hook?key=s3cret"]
    assert other is receiver or other.requests == []
    attempts = 'webhook_attempts_total{outcome="3xx"}'
    until(lambda: figure(sender, attempts) == 1)    # counted once it is kept


@pytest.mark.direct
def test_each_attempt_has_a_connection_of_its_own(sender, receiver, contact,
                                                  case):
    """It is judged by an address of its own: a name may lead elsewhere by
    then. The receiver would keep them."""
    first, second = (Webhook(contact, f"{receiver.url}&n={n}")
                     for n in range(2))
    for number in (1, 2, 3):
        case.note().expect(201)
        receiver.until_taken(2 * number)
        for webhook in (first, second):
            until(lambda: not webhook.deliveries(state="pending"))
    connections = [r.connection for r in receiver.requests]
    assert len(connections) == len(set(connections)) >= 6


HEAD = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.direct
@pytest.mark.parametrize("answer, state", [
    (Endless(HEAD + b"\r\n", b"x"), "delivered"),
    (Endless(HEAD + b"Content-Length: 100000000000\r\n\r\n", b"x"),
     "delivered"),
    (Endless(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
     "delivered"),
    (Endless(b"HTTP/1.1 500 No\r\n\r\n", b"x"), "failed"),
    (Endless(HEAD, b"X-More: of it\r\n"), None),
    (Endless(HEAD + b"X-Long: ", b"x"), None),
    (Endless(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"), None),
    (Endless(b"", b"x"), "failed")],
    ids=["body", "length", "chunks", "failure", "headers", "header", "interim",
         "junk"])
def test_an_answer_without_end_is_left(new_sender, receiver, webhook, answer,
                                       state):
    """Its status counts, if it has come; no memory is spent on the rest."""
    new_sender(WEBHOOK_TIMEOUT=59)
    receiver.answer(answer)
    webhook.test()
    delivery = until(lambda: next((
        d for d in webhook.deliveries() if d["state"] != "pending"), None))
    assert state is None or delivery["state"] == state
    assert len(delivery["log"]) == 1
    assert receiver.written < FAR_TOO_MUCH
    webhook.test()
    webhook.until_state("delivered")


# -- leases that are over ----------------------------------------------------

@pytest.fixture
def hands(no_other_webhooks, as_role, sql, webhook, case):
    """A delivery that is in the hands of a second worker, since the lease of
    the first has ended; returns what settles it."""
    worker = as_role("worker")
    webhook.test()

    def lease():
        row = worker.row("select id, lease from rules.lease_webhook(60)")
        return row["id"], row["lease"]
    first = lease()
    sql.run("update casework.webhook_deliveries set leased_until ="
            " clock_timestamp() - interval '1 second' where id = %s", first[0])
    second = lease()
    assert second[0] == first[0] and second[1] > first[1]

    def settle(which, status, error=None):
        return worker.value(
            "select rules.webhook_settled(%s, %s, %s, %s, 0, 1) as s",
            *(first, second)[which], status, error)
    return settle


def kept(sql, webhook):
    """All that is kept of the webhook and its deliveries."""
    return sql.value(
        "select json_build_object('webhook', (select to_json(w) from"
        " casework.webhooks w where w.id = %s), 'deliveries', (select"
        " json_agg(v order by v.id) from casework.webhook_deliveries v where"
        " v.webhook_id = %s)) as kept", webhook.id, webhook.id)


@pytest.mark.parametrize("status, error", [
    (500, None), (410, None), (429, None), (0, "Timeout was reached")])
def test_a_failure_of_a_lease_that_is_over_changes_nothing(
        hands, webhook, sql, status, error):
    """Neither while another worker tries, nor after it has succeeded."""
    before = kept(sql, webhook)
    assert hands(0, status, error) == "stale"
    assert kept(sql, webhook) == before
    assert hands(1, 204) == "delivered"
    before = kept(sql, webhook)
    assert hands(0, status, error) == "stale"
    assert hands(1, status, error) == "stale"
    assert kept(sql, webhook) == before
    assert webhook["status"] == "enabled"


def test_a_success_of_a_lease_that_is_over_counts(hands, webhook):
    """The receiver has it: nobody sends it again."""
    assert hands(0, 204) == "delivered"
    assert hands(1, 500) == "stale"
    assert webhook.deliveries()[0]["state"] == "delivered"


def test_a_lease_that_is_over_withholds_nothing(hands, webhook, as_role, sql):
    before = kept(sql, webhook)
    as_role("worker").run("select rules.withhold_delivery(%s, %s)",
                          before["deliveries"][0]["id"],
                          before["deliveries"][0]["lease"] - 1)
    assert kept(sql, webhook) == before


def test_the_worker_acts_for_owners_of_what_it_has_in_hand_only(
        as_role, webhook, sql):
    def acts():
        return as_role("worker").acting(
            "select rules.seal_webhook_owner(%s) as may", webhook.id) == [
                {"may": True}]
    assert not acts()
    webhook.test()
    assert not acts()
    for passed, may in (("-1 minute", True), ("1 minute", False)):
        sql.run("update casework.webhook_deliveries set leased_until ="
                " clock_timestamp() - %s::interval where webhook_id = %s",
                passed, webhook.id)
        assert acts() is may


# -- secrets -----------------------------------------------------------------

@pytest.fixture
def sign(no_other_webhooks, as_role, webhook):
    """The secrets that would sign a test now."""
    worker = as_role("worker")

    def secrets():
        webhook.test()
        row = worker.row("select id, lease, secrets from"
                         " rules.lease_webhook(60)")
        worker.run("select rules.webhook_settled(%s, %s, 204, null, 0, 1)",
                   row["id"], row["lease"])
        return {bytes.fromhex(s) for s in row["secrets"].split()}
    return secrets


def key(secret):
    return base64.b64decode(secret.removeprefix("whsec_"))


def test_no_overlap_ends_every_secret_before(webhook, sign, clock):
    """A secret is told to whom it should not be during a slow rotation."""
    clock.at("2026-11-23T16:00:00Z")
    oldest = key(webhook.secret)
    webhook.rotate(overlap_seconds=604800)
    older = key(webhook.secret)
    assert sign() == {oldest, older}
    answer = webhook.rotate(overlap_seconds=0)
    assert answer["previous_expires_at"] == "2026-11-23T16:00:00Z"
    assert sign() == {key(webhook.secret)}


def test_a_longer_overlap_prolongs_no_secret_but_the_last(webhook, sign,
                                                          clock):
    clock.at("2026-11-23T16:00:00Z")
    secrets = [key(webhook.secret)]
    for overlap in (600, 86400, 3600):
        webhook.rotate(overlap_seconds=overlap)
        secrets.append(key(webhook.secret))
    assert sign() == set(secrets)
    clock.at("2026-11-23T16:09:59Z")
    assert sign() == set(secrets)
    clock.at("2026-11-23T16:10:00Z")
    assert sign() == set(secrets[1:])
    clock.at("2026-11-23T17:00:00Z")    # the third overlap ended both of them
    assert sign() == {secrets[3]}


def test_a_day_is_the_overlap_when_none_is_said(webhook, sign, clock):
    clock.at("2026-11-23T16:00:00Z")
    old = key(webhook.secret)
    webhook.rotate()
    clock.at("2026-11-24T15:59:59Z")
    assert sign() == {old, key(webhook.secret)}
    clock.at("2026-11-24T16:00:00Z")
    assert sign() == {key(webhook.secret)}


# -- whose they are ----------------------------------------------------------

@pytest.fixture
def namesakes(world, district, sql):
    """A contact, a partner and a staff member, all of one number."""
    number = random.randrange(10 ** 15, 9 * 10 ** 15)
    for table, columns, values in (
            ("contacts", "district_id, name, email",
             (district.id, "Namesake", f"namesake-{number}@example.org")),
            ("staff", "name, role, ferpa_trained_on",
             ("Namesake", "advisor", "2024-08-01")),
            ("partners", "name, kind, owner", ("Namesake", "esa", "Team"))):
        sql.run(f"insert into casework.{table} (id, {columns}) overriding"
                f" system value values ({', '.join(['%s'] * (len(values) + 1))})",
                number, *values)
    world.assign_partner(number, district)
    return {kind: world.caller(f"{kind}:{number}")
            for kind in ("contact", "partner", "staff")}


@pytest.mark.parametrize("kind", ["contact", "partner", "staff"])
def test_a_webhook_is_its_owner_s_alone(namesakes, world, district, receiver,
                                        kind):
    """Unreachable for others of the owner's kind, and for those of another
    kind who have the owner's number."""
    owner = namesakes[kind]
    webhook = Webhook(owner, receiver.url)
    webhook.test()
    webhook.read()
    others = [namesakes[k] for k in namesakes if k != kind] + [
        district.contact(), world.partner(district), world.staff(),
        world.staff("development_engineer")]
    for other in others:
        for path in ("", "/deliveries"):
            other.get(webhook.path + path).expect(404)
        other.patch(webhook.path, {"url": "https://other.example/"},
                    etag="*").expect(404)
        for path, body in (("/secret", {}), ("/test", None),
                           ("/redeliveries", {"from_event_id": 1})):
            other.post(webhook.path + path, body).expect(404)
        assert other.get("/v1/webhooks").expect(200).ids == []
    assert len(webhook.deliveries()) == 1
    assert webhook["url"] == receiver.url
    assert owner.get("/v1/webhooks").ids == [webhook.id]


@pytest.mark.parametrize("kind", ["contact", "partner", "staff"])
def test_the_database_shows_a_webhook_to_its_owner_alone(
        namesakes, receiver, as_role, kind):
    """Below the statements: rows of each of its tables."""
    number = namesakes[kind].id
    webhook = Webhook(namesakes[kind], receiver.url)
    webhook.test()
    for table, column in (("webhooks", "id"), ("webhook_secrets", "webhook_id"),
                          ("webhook_deliveries", "webhook_id")):
        for other in namesakes:
            seen = as_role(other).acting(
                f"select count(*) as n from casework.{table}"
                f" where {column} = %s", webhook.id, caller_id=number)
            assert seen == [{"n": int(other == kind)}], (table, other)
