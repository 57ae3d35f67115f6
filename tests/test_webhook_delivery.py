"""Delivery to webhooks: receivers that do not take what is sent, the schedule
of attempts, where it may go, and workers that die."""


import pytest

from feed import Feed
from instance import until
from webhooks import Webhook, documented, now

pytestmark = pytest.mark.direct

SCHEDULE = [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]


# -- what is not taken -----------------------------------------------------

@pytest.fixture
def stopped(clock, sql):
    """The clock stands still a little after now; later(seconds) moves it."""
    start = sql.value("select extract(epoch from clock_timestamp()) as s")
    passed = [0]

    def later(seconds):
        passed[0] += seconds
        clock.at(sql.value("select to_timestamp(%s) as t",
                           start + passed[0]))
    later(1)
    return later


@pytest.fixture
def another_goes_out(new_receiver, stranger):
    """Waits for deliveries of somebody else's, that were ready later than what
    a test says is not ready yet."""
    well = new_receiver()
    Webhook(stranger, well.url)

    def wait():
        for _ in range(2):
            before = len(well.taken)
            stranger.submit()
            until(lambda: len(well.taken) > before)
    return wait


@pytest.mark.parametrize("answer, status", [
    (500, 500), (400, 400), (302, 302), (301, 301), (304, 304),
    ((503, {"Content-Length": "5", "Connection": "close"}), 503),
    ("drop", None)])
def test_only_2xx_is_success(sender, receiver, webhook, stopped, case, answer,
                             status):
    other = f"https://127.0.0.1:{receiver.port}/elsewhere"
    if status in (301, 302):
        answer = (status, {"Location": other})
    receiver.answer(answer)
    case.note().expect(201)
    delivery = webhook.until_attempts(1)
    assert delivery["state"] == "pending"
    assert delivery["log"][0]["status"] == status
    assert (delivery["log"][0]["error"] is None) == (status is not None)
    first = receiver.taken[0]
    stopped(6)
    webhook.until_state("delivered")
    again = receiver.taken[-1]
    assert again.id == first.id and again.body == first.body
    assert again.signed_by(webhook.secret)
    assert {t.path for t in receiver.taken} == {"/hook?key=s3cret"}
    assert len(receiver.taken) == 2


def test_each_attempt_is_signed_anew(sender, receiver, webhook, stopped, case):
    receiver.answer(500, 500)
    case.note().expect(201)
    webhook.until_attempts(1)
    until(lambda: now() > receiver.taken[0].timestamp)
    stopped(6)
    webhook.until_attempts(2)
    one, two = receiver.taken[:2]
    assert two.timestamp > one.timestamp
    assert two.signatures != one.signatures
    assert one.signed_by(webhook.secret) and two.signed_by(webhook.secret)


def test_a_slow_receiver_holds_up_nobody_else(new_sender, new_receiver,
                                              contact, case):
    slow, quick = new_receiver(), new_receiver()
    slow.always = "stall"
    new_sender(WEBHOOK_CONNECTIONS=8, WEBHOOK_TIMEOUT=59)
    behind = Webhook(contact, slow.url)
    Webhook(contact, quick.url)
    for _ in range(12):
        case.note().expect(201)
    quick.until_taken(12, 50)
    assert slow.begun.is_set() and len(slow.taken) <= 4
    slow.always = None
    slow.go_on.set()
    slow.until_taken(12)
    until(lambda: {d["state"] for d in behind.deliveries()} == {"delivered"})


def test_a_receiver_that_stalls_is_given_up(new_sender, receiver, webhook,
                                            stopped, case):
    new_sender(WEBHOOK_TIMEOUT=3)
    receiver.answer("stall")
    case.note().expect(201)
    delivery = webhook.until_attempts(1)
    assert delivery["state"] == "pending"
    assert "imeout" in delivery["log"][0]["error"]
    assert 2900 <= delivery["log"][0]["milliseconds"] < 15000
    stopped(6)
    webhook.until_state("delivered")


def test_nobody_there(sender, contact, case, receiver):
    receiver.stop()
    webhook = Webhook(contact, receiver.url)
    case.note().expect(201)
    delivery = webhook.until_attempts(1)
    assert delivery["log"][0]["status"] is None and delivery["log"][0]["error"]


def test_gone_disables_the_webhook(sender, receiver, webhook, contact, case,
                                   post):
    feed = Feed(contact)
    receiver.answer(410)
    case.note().expect(201)
    event = feed.of_type("webhook.disabled")
    assert event["actor"]["kind"] == "system"
    assert event["data"]["webhook_id"] == webhook.id
    assert (webhook["status"], webhook["disabled_reason"]) == (
        "disabled", "gone")
    mail, = [m for m in post.mails() if m["kind"] == "webhook.disabled"]
    assert mail["to_address"] == contact.record["email"]
    assert receiver.url not in mail["text"]
    case.note().expect(201)
    feed.until(lambda e: len([x for x in feed.seen if
                              x["type"] == "case.note_added"]) == 2)
    assert len(receiver.taken) == 1


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_honored(sender, receiver, webhook, stopped, case,
                                another_goes_out, status):
    receiver.answer((status, {"Retry-After": "900"}))
    case.note().expect(201)
    webhook.until_attempts(1)
    case.note().expect(201)
    until(lambda: len(webhook.deliveries()) == 2)
    stopped(899)
    another_goes_out()
    assert len(receiver.taken) == 1         # nor what came after it
    stopped(2)
    receiver.until_taken(3)


def test_too_many_slows_down_by_itself(sender, receiver, webhook, stopped,
                                       case, another_goes_out):
    receiver.answer(429)
    case.note().expect(201)
    webhook.until_attempts(1)
    stopped(59)
    another_goes_out()
    assert len(receiver.taken) == 1
    stopped(2)
    webhook.until_state("delivered")


# -- the schedule ----------------------------------------------------------

@pytest.fixture
def attempt(as_role, clock, sql, post):
    """Leases and settles the delivery of a webhook, as a worker does."""
    worker = as_role("worker")

    def run(webhook, status=500, retry_after=0):
        until(lambda: worker.value("select rules.timer_webhook_dispatch(100)"
                                   " as n") is not None
              and webhook.deliveries(state="pending"))
        delivery = webhook.deliveries(state="pending")[-1]
        clock.at(delivery["next_attempt_at"])
        sql.run("update casework.webhook_deliveries set lease = lease + 1"
                " where id = %s", delivery["id"])
        return worker.value(
            "select rules.webhook_settled(%s, v.lease, %s, null, %s, 1) as s"
            " from casework.webhook_deliveries v where v.id = %s",
            delivery["id"], status, retry_after, delivery["id"])
    return run


def seconds_between(sql, earlier, later):
    return float(sql.value("select extract(epoch from %s::timestamptz"
                           " - %s::timestamptz) as s", later, earlier))


def test_ten_attempts_over_three_days_then_disabled(
        post, webhook, contact, case, attempt, sql):
    case.note().expect(201)
    waits = []
    for number in range(1, 10):
        assert attempt(webhook) == "pending"
        delivery = webhook.deliveries()[0]
        assert delivery["attempts"] == number
        waits.append(seconds_between(sql, delivery["log"][-1]["at"],
                                     delivery["next_attempt_at"]))
        warned = [m["kind"] for m in post.mails()]
        assert warned == (["webhook.failing"] if number == 9 else [])
        assert webhook["status"] == "enabled"
    for wait, planned in zip(waits, SCHEDULE, strict=True):
        assert planned <= wait <= planned * 1.1001
    assert attempt(webhook) == "failed"
    assert (webhook["status"], webhook["disabled_reason"]) == (
        "disabled", "failing")
    assert [(m["kind"], m["to_address"]) for m in post.mails()] == [
        (kind, contact.record["email"])
        for kind in ("webhook.failing", "webhook.disabled")]
    feed = Feed(contact, "beginning", type="webhook.failing,webhook.disabled")
    feed.of_type("webhook.disabled")
    assert feed.types() == ["webhook.failing", "webhook.disabled"]


@pytest.mark.parametrize("kind", ["staff", "partner"])
def test_other_owners_are_told_by_mail_too(post, receiver, world, district,
                                           case, attempt, sql, kind):
    owner = world.staff() if kind == "staff" else world.partner(district)
    table = {"staff": "staff", "partner": "partners"}[kind]
    sql.run(f"update casework.{table} set email = 'desk@partner.example'"
            " where id = %s", owner.id)
    webhook = Webhook(owner, receiver.url, types=["case.note_added"])
    case.note().expect(201)
    assert attempt(webhook, 410) == "failed"
    assert [m["to_address"] for m in post.mails()
            if m["kind"] == "webhook.disabled"] == ["desk@partner.example"]


def test_who_takes_other_events_is_not_disabled(post, webhook, case, attempt,
                                                as_role):
    case.note().expect(201)
    for _ in range(9):
        attempt(webhook)
    case.note().expect(201)
    worker = as_role("worker")
    until(lambda: worker.value("select rules.timer_webhook_dispatch(100) as n")
          is not None and len(webhook.deliveries(state="pending")) == 2)
    newest = webhook.deliveries(state="pending")[0]
    assert worker.value("select rules.webhook_settled(%s, 0, 204, null, 0, 1)"
                        " as s", newest["id"]) == "delivered"
    assert attempt(webhook) == "failed"
    assert webhook["status"] == "enabled"


@pytest.mark.parametrize("asked, rests", [
    (3600, 3600), (86400, 86400), (86401, 86400), (2**31 - 1, 86400)])
def test_retry_after_comes_on_top_of_the_schedule(post, webhook, case,
                                                  attempt, sql, asked, rests):
    """For a day at most."""
    case.note().expect(201)
    attempt(webhook, 503, asked)
    delivery = webhook.deliveries()[0]
    assert seconds_between(sql, delivery["log"][-1]["at"],
                           delivery["next_attempt_at"]) == rests


# -- coming back -----------------------------------------------------------

def test_a_test_brings_back_what_the_service_disabled(sender, receiver,
                                                      webhook, case, contact,
                                                      contract):
    receiver.answer(410, 500)
    case.note().expect(201)
    until(lambda: webhook["status"] == "disabled")
    webhook.test()
    webhook.until_state("failed")
    assert webhook["status"] == "disabled"
    webhook.test()
    until(lambda: webhook["status"] == "enabled")
    assert webhook["disabled_reason"] is None
    taken = receiver.taken[-1]
    documented(contract, taken, "test")
    assert taken.id.startswith("test_") and taken.signed_by(webhook.secret)
    case.note().expect(201)
    receiver.until_taken(4)


def test_a_test_does_not_enable_what_the_owner_disabled(sender, receiver,
                                                        webhook):
    webhook.change(status="disabled").expect(200)
    webhook.test()
    webhook.until_state("delivered")
    assert (webhook["status"], webhook["disabled_reason"]) == (
        "disabled", "owner")


def test_disabled_it_gets_nothing_until_it_is_enabled(new_sender, receiver,
                                                      webhook, case, contact):
    """Even if the worker looks at that time only afterwards."""
    feed = Feed(contact)
    webhook.change(status="disabled").expect(200)
    case.note().expect(201)
    missed = feed.of_type("case.note_added")["id"]
    webhook.redeliver(missed).expect(409)
    webhook.change(status="enabled").expect(200)
    case.note().expect(201)
    new_sender()
    receiver.until_taken()
    webhook.until_state("delivered")
    assert f"evt_{missed}" not in receiver.ids()
    assert webhook.redeliver(missed).expect(200)["queued"] == 1
    until(lambda: f"evt_{missed}" in receiver.ids())
    feed.of_type("webhook.redelivered")
    assert [t for t in feed.types() if t.startswith("webhook.")] == [
        "webhook.disabled", "webhook.enabled", "webhook.redelivered"]


def test_what_waits_is_dropped_when_it_is_disabled(sender, receiver, webhook,
                                                   case):
    receiver.answer(500)
    case.note().expect(201)
    webhook.until_attempts(1)
    webhook.change(status="disabled").expect(200)
    assert webhook.deliveries()[0]["state"] == "failed"


def test_events_are_delivered_again_by_id_or_range(sender, receiver, webhook,
                                                   case, stranger):
    for _ in range(3):
        case.note().expect(201)
    events = [e["id"] for e in case.history() if e["note_id"]]
    receiver.until_taken(3)
    until(lambda: {d["state"] for d in webhook.deliveries()} == {"delivered"})
    assert webhook.redeliver(events[1]).expect(200)["queued"] == 1
    assert receiver.until_taken(4)[3].id == f"evt_{events[1]}"
    foreign = stranger.submit()
    until(lambda: not webhook.deliveries(state="pending"))
    assert webhook.redeliver(events[0], events[0] + 9999).expect(
        200)["queued"] == 3
    receiver.until_taken(7)
    assert sorted(receiver.ids()[4:]) == [f"evt_{e}" for e in events]
    for first, last in ((foreign.history()[0]["id"], None), (5, 4),
                        (1, 10001), (9007199254740991, None)):
        webhook.redeliver(first, last).expect(422)


# -- the log ---------------------------------------------------------------

@pytest.mark.parametrize("days, month", [(30, 11), (61, 10)])
def test_logs_are_kept_for_thirty_days_or_as_long_as_is_said(
        post, webhook, case, attempt, clock, as_role, sql, desk_kept, days,
        month):
    if days != 30:
        sql.run("update casework.retention_settings"
                " set webhook_delivery_days = %s", days)
    clock.at(f"2026-{month}-01T12:00:00Z")
    case.note().expect(201)
    assert attempt(webhook, 204) == "delivered"
    forget = "select rules.timer_webhook_forget(1000) as n"
    clock.at("2026-12-01T11:59:00Z")
    as_role("worker").value(forget)
    assert len(webhook.deliveries()) == 1
    clock.at("2026-12-01T12:00:01Z")
    assert as_role("worker").value(forget) >= 1
    assert webhook.deliveries() == []
