"""Nobody's webhooks wait for somebody else's: owners take turns, and so do the
webhooks of each, whatever has piled up and however badly it is taken."""

import pytest

from instance import until
from webhooks import Webhook, of_type

DEAD = "https://127.0.0.1:9/{}"         # nobody listens there


@pytest.fixture
def pile_up(sql):
    """Makes deliveries of webhooks with these ids, due for a day already."""
    def pile(ids, number):
        sql.run("insert into casework.webhook_deliveries (webhook_id, event_id,"
                " source, type, next_attempt_at, created_at) select w, 8e15 +"
                " n, 'case', 'test.many', rules.now() - interval '1 day',"
                " rules.now() from unnest(%s::bigint[]) w,"
                " generate_series(1, %s) n", ids, number)
        sql.run("select rules.webhooks_wait(%s::bigint[])", ids)
    return pile


@pytest.fixture
def many_events(sql):
    """Events of a district; returns the first id and the last."""
    def make(district, number):
        made = [row["id"] for row in sql.rows(
            "insert into casework.events (district_id, type, at, actor_kind,"
            " actor_id, actor_name) select %s, 'test.many', rules.now(),"
            " 'staff', 1, 'x' from generate_series(1, %s) returning id",
            district.id, number)]
        return min(made), max(made)
    return make


@pytest.fixture
def forgotten(sql):
    """Webhooks with something to send that no turn would ever come to."""
    def ask():
        return sql.rows(
            "select w.id from casework.webhooks w where w.status = 'enabled'"
            " and exists (select from casework.webhook_deliveries v where"
            " v.webhook_id = w.id and v.state = 'pending') and not exists"
            " (select from casework.webhook_deliveries v where v.webhook_id ="
            " w.id and v.leased_until is not null) and not exists (select from"
            " casework.webhook_turns t join casework.webhook_owners o using"
            " (owner_kind, owner_id) where t.webhook_id = w.id and t.ready_at"
            " is not null and (o.ready_at is not null or exists (select from"
            " casework.webhook_deliveries v join casework.webhook_turns s on"
            " s.webhook_id = v.webhook_id where s.owner_id = o.owner_id and"
            " v.leased_until is not null)))")
    return ask


# -- turns -----------------------------------------------------------------

@pytest.mark.direct
def test_a_backlog_of_dead_webhooks_delays_nobody_else(
        new_sender, receiver, contact, stranger, many_events, forgotten, sql):
    first, last = many_events(contact.district, 2000)
    dead = [Webhook(contact, DEAD.format(number)) for number in range(8)]
    for webhook in dead:
        assert webhook.redeliver(first, last).expect(200)["queued"] == 2000
    Webhook(stranger, receiver.url)
    case = stranger.submit()
    new_sender()
    of_type(receiver, "case.submitted")
    case.note().expect(201)
    of_type(receiver, "case.note_added")
    assert sql.value(
        "select sum(attempts) as n from casework.webhook_deliveries where"
        " webhook_id = any (%s::bigint[])", [w.id for w in dead]) < 100
    assert forgotten() == []


@pytest.fixture
def lease(no_other_webhooks, as_role):
    """Leases as a worker does; returns the webhook whose turn it is."""
    worker = as_role("worker")

    def run(settle=204):
        got = worker.row("select id, lease from rules.lease_webhook(60)")
        if got["id"] is None:
            return None
        if settle is not None:
            worker.run("select rules.webhook_settled(%s, %s, %s, null, 0, 1)",
                       got["id"], got["lease"], settle)
        return worker.value("select webhook_id from casework"
                            ".webhook_deliveries where id = %s", got["id"])
    return run


def test_owners_take_turns_and_so_do_their_webhooks(
        lease, pile_up, contact, stranger):
    many = [Webhook(contact, DEAD.format(n)) for n in range(3)]
    one = Webhook(stranger, DEAD.format("x"))
    pile_up([webhook.id for webhook in many], 50)
    pile_up([one.id], 50)
    turns = [lease() for _ in range(12)]
    assert turns.count(one.id) == 6
    theirs = [turn for turn in turns if turn != one.id]
    assert sorted(theirs[:3]) == [webhook.id for webhook in many]
    assert theirs[:3] == theirs[3:]
    assert turns[0::2].count(one.id) in (0, 6)


def test_who_comes_late_does_not_stand_behind_a_backlog(
        lease, pile_up, contact, stranger):
    piled, late = (Webhook(who, DEAD.format("x"))
                   for who in (contact, stranger))
    pile_up([piled.id], 50)
    assert {lease() for _ in range(5)} == {piled.id}
    late.test()
    assert late.id in (lease(), lease())


def test_an_owner_has_eight_in_hand_and_a_webhook_four(
        lease, pile_up, contact, stranger):
    webhooks = [Webhook(contact, DEAD.format(n)).id for n in range(9)]
    pile_up(webhooks[:1], 20)
    in_hand = [lease(settle=None) for _ in range(5)]
    assert in_hand == webhooks[:1] * 4 + [None]
    pile_up(webhooks[1:], 20)
    in_hand = [lease(settle=None) for _ in range(5)]
    assert len(set(in_hand[:4])) == 4 and in_hand[4] is None
    other = Webhook(stranger, DEAD.format("x"))
    pile_up([other.id], 1)
    assert lease() == other.id


def test_what_a_dead_worker_had_in_hand_waits_again(
        lease, pile_up, contact, sql, forgotten):
    webhook = Webhook(contact, DEAD.format("x"))
    pile_up([webhook.id], 20)
    assert [lease(settle=None) for _ in range(5)][4] is None
    sql.run("update casework.webhook_deliveries set leased_until ="
            " clock_timestamp() - interval '1 s' where webhook_id = %s and"
            " leased_until is not null", webhook.id)
    assert lease() == webhook.id
    assert forgotten() == []


@pytest.mark.parametrize("webhooks, deep", [(4, 5000), (1000, 20)])
def test_a_turn_costs_the_same_whatever_waits(
        no_other_webhooks, pile_up, world, sql, new_session, webhooks, deep):
    """Counted in pages that PostgreSQL looks at."""
    owners = [world.staff() for _ in range(max(1, webhooks // 20))]
    made = [row["id"] for row in sql.rows(
        "insert into casework.webhooks (owner_kind, owner_id, url, created_at,"
        " updated_at) select 'staff', o, %s, rules.now(), rules.now() from"
        " unnest(%s::bigint[]) o, generate_series(1, %s) returning id",
        DEAD.format("x"),
        [owner.id for owner in owners], min(webhooks, 20))]
    pile_up(made, deep)
    session = new_session()
    try:
        pages = []
        for _ in range(8):
            plan = session.run(
                "begin; explain (analyze, buffers, timing off, format json)"
                " select rules.take_turn(60); rollback")
            pages.append(int(plan.partition('"Shared Hit Blocks": ')[2]
                             .partition(",")[0]))
        assert min(pages) < 400, pages
    finally:
        sql.run("delete from casework.webhook_deliveries where webhook_id ="
                " any (%s::bigint[])", made)
        sql.run("update casework.webhooks set status = 'disabled',"
                " disabled_reason = 'owner' where id = any (%s::bigint[])",
                made)


# -- a webhook that fails --------------------------------------------------

@pytest.mark.direct
def test_what_fails_is_probed_and_its_backlog_kept(
        new_sender, new_receiver, contact, stranger, case, clock, sql):
    broken, well = new_receiver(), new_receiver()
    broken.always = 500
    start = sql.value("select extract(epoch from clock_timestamp()) as s")
    clock.at(sql.value("select to_timestamp(%s) as t", start))
    webhook = Webhook(contact, broken.url)
    Webhook(stranger, well.url)
    for _ in range(20):
        case.note().expect(201)
    new_sender()

    def others_are_served():
        before = len(well.taken)
        stranger.submit()
        until(lambda: len(well.taken) > before)

    broken.until_taken()
    others_are_served()
    until(lambda: not sql.value(
        "select count(*) as n from casework.webhook_deliveries where"
        " webhook_id = %s and leased_until is not null", webhook.id))
    tried = len(broken.taken)
    assert tried <= 4
    for probes in range(1, 4):
        clock.at(sql.value("select to_timestamp(%s) as t",
                           start + 5.01 * probes))
        broken.until_taken(tried + probes)
        others_are_served()
        assert len(broken.taken) == tried + probes
    broken.always = None
    clock.at(sql.value("select to_timestamp(%s) as t", start + 400))
    until(lambda: not webhook.deliveries(state="pending"))
    assert {d["state"] for d in webhook.deliveries()} == {"delivered"}
    assert len(set(broken.ids())) == 20


def test_while_it_fails_what_was_tried_is_tried_first(
        lease, pile_up, contact, sql, clock):
    """So that a backlog does not keep it from being disabled in time."""
    webhook = Webhook(contact, DEAD.format("x"))
    start = sql.value("select extract(epoch from clock_timestamp()) as s")
    clock.at(sql.value("select to_timestamp(%s) as t", start))
    pile_up([webhook.id], 50)
    assert lease(settle=500) == webhook.id
    assert lease() is None
    for passed in (5.6, 400, 4000):
        clock.at(sql.value("select to_timestamp(%s) as t", start + passed))
        assert lease(settle=500) == webhook.id
    assert sql.row("select max(attempts) as most, count(*) filter (where"
                   " attempts > 0) as tried from casework.webhook_deliveries"
                   " where webhook_id = %s", webhook.id) == {
        "most": 4, "tried": 1}


# -- how much may wait -----------------------------------------------------

def test_no_more_than_ten_thousand_are_redelivered_at_once(
        webhook, pile_up, case):
    events = [event["id"] for event in case.history()]
    pile_up([webhook.id], 9999)
    assert webhook.redeliver(events[0]).expect(200)["queued"] == 1
    case.note().expect(201)
    last = case.history()[-1]["id"]
    assert "10000" in webhook.redeliver(last).expect(
        409, problem="conflict")["detail"]
    assert webhook.redeliver(events[0]).expect(200)["queued"] == 1


def test_twenty_tests_wait_at_most(webhook):
    for _ in range(20):
        webhook.test()
    webhook.by.post(webhook.path + "/test").expect(409, problem="conflict")


# -- at the same time ------------------------------------------------------

@pytest.mark.direct
def test_owner_and_workers_do_not_hinder_each_other(
        new_sender, receiver, contact, many_events, instance, forgotten):
    """Whatever the owner does while several workers send and record."""
    log = instance.run_dir / "postgres.log"
    before = log.read_bytes().count(b"deadlock") if log.exists() else 0
    webhooks = [Webhook(contact, f"{receiver.url}&n={n}") for n in range(3)]
    for _ in range(3):
        new_sender(WEBHOOK_CONNECTIONS=6)
    receiver.answer(*[204] * 20, 500, *[204] * 20, 500)
    for number in range(9):
        first, last = many_events(contact.district, 10)
        for webhook in webhooks:
            assert webhook.redeliver(first, last).status in (200, 409)
        webhooks[number % 3].change(description=str(number)).expect(200)
        webhooks[0].test()
    for webhook in webhooks:
        until(lambda w=webhook: not w.deliveries(state="pending"), 60)
        assert {d["state"] for d in webhook.deliveries()
                if d["event_id"]} == {"delivered"}
    assert forgotten() == []
    if log.exists():
        assert log.read_bytes().count(b"deadlock") == before
