"""Webhooks (Standard Webhooks 1.0.0): what is sent to whom, signed how, and who
may know the secret (facts 79, 9, 34)."""

import base64

import pytest

from feed import Feed
from instance import until
from webhooks import Webhook, documented, now, of_type


# -- what is sent ----------------------------------------------------------

@pytest.mark.direct
@pytest.mark.fact(79)
def test_an_event_is_sent_and_signed(sender, receiver, webhook, case, contact,
                                     contract):
    note = case.note().expect(201)
    taken = of_type(receiver, "case.note_added")
    documented(contract, taken)
    assert taken.headers["content-type"] == "application/json"
    assert taken.signed_by(webhook.secret) and len(taken.signatures) == 1
    assert abs(taken.timestamp - now()) < 60
    event = case.history()[-1]
    assert taken.id == f"evt_{event['id']}"
    assert taken.json["timestamp"] == event["at"]
    assert taken.data["event_id"] == event["id"]
    assert (taken.data["case_id"], taken.data["note_id"]) == (
        case.id, note["id"])
    assert taken.data["actor"] == {"kind": "contact", "id": contact.id}
    delivery = webhook.until_state("delivered", event_id=event["id"])
    assert [a["status"] for a in delivery["log"]] == [204]


@pytest.mark.direct
@pytest.mark.fact(79)
def test_every_event_of_the_feed_is_sent_once(sender, colleague, receiver,
                                              webhook, contact, advisor,
                                              contract):
    feed = Feed(contact)
    case = contact.submit(type="outage", priority="critical")
    case.assign(advisor, advisor).expect(200)
    case.note(colleague).expect(201)
    case.change(subject="Another subject", priority="high").expect(200)
    case.resolve(advisor).expect(200)
    case.close().expect(200)
    case.reopen().expect(200)
    feed.of_type("case.reopened")
    of_case = [e["id"] for e in feed.seen if e["case_id"] == case.id]
    assert len(of_case) >= 7
    receiver.until_taken(len(of_case))
    assert sorted(receiver.ids()) == [f"evt_{i}" for i in sorted(of_case)]
    for taken in receiver.taken:
        documented(contract, taken)


@pytest.mark.direct
@pytest.mark.fact(9)
@pytest.mark.fact(34)
def test_what_is_sent_tells_no_text_no_name_and_no_number(
        sender, receiver, webhook, contact, advisor, sql):
    mark = "Planted words"
    number = sql.value("select toll_free_number from casework.support_line")
    contact.get("/v1/support-line").expect(200)
    case = contact.submit(type="outage", priority="critical", subject=mark,
                          impact=mark, description=mark)
    case.assign(advisor, advisor).expect(200)
    case.change(subject=mark + " anew", priority="high").expect(200)
    case.note(text=mark).expect(201)
    case.resolve(advisor, explanation=mark).expect(200)
    case.close(comment=mark).expect(200)
    contact.patch(f"/v1/contacts/{contact.id}", {"name": mark}, etag="*"
                  ).expect(200)
    of_type(receiver, "contact.updated")        # written last, as its delivery
    until(lambda: not webhook.deliveries(state="pending"))
    assert len(receiver.taken) >= 6
    names = [mark, number, contact.record["name"], contact.record["email"],
             sql.value("select name from casework.staff where id = %s",
                       advisor.id)]
    for taken in receiver.taken:
        assert len(taken.body) < 20000
        for name in names:
            assert name.encode() not in taken.body
    changed = [c for t in receiver.taken for c in t.data["changes"]]
    assert {"member": "subject"} in changed
    assert {"member": "priority", "old": "critical", "new": "high"} in changed


@pytest.mark.direct
def test_only_types_that_were_asked_for(sender, receiver, contact, case,
                                        advisor):
    webhook = Webhook(contact, receiver.url, types=["case.closed"])
    case.note().expect(201)
    case.close().expect(200)
    receiver.until_taken()
    webhook.until_state("delivered")
    assert [t.json["type"] for t in receiver.taken] == ["case.closed"]
    assert len(webhook.deliveries()) == 1


@pytest.mark.direct
def test_an_event_that_commits_late_is_sent_too(sender, receiver, webhook,
                                                case, district, new_session):
    slow = new_session()
    slow.run("begin; select pg_current_xact_id()")
    case.note().expect(201)
    late = slow.run(
        "insert into casework.events (district_id, type, at, actor_kind,"
        " actor_id, actor_name) values (%s, 'test.late', rules.now(),"
        " 'contact', 1, 'x') returning id", district.id)
    slow.run("commit")
    of_type(receiver, "test.late")
    of_type(receiver, "case.note_added")
    assert f"evt_{late}" in receiver.ids()


@pytest.mark.direct
@pytest.mark.fact(79, 81)
def test_a_missed_target_is_news_exactly_once(new_sender, receiver, contact,
                                              clock):
    """Although nobody has touched the case."""
    clock.at("2026-11-23T10:00:00-06:00")
    case = contact.submit(priority="critical")
    Webhook(contact, receiver.url)
    feed = Feed(contact)
    new_sender()
    clock.at("2026-11-23T11:00:01-06:00")
    breached = "case.response_target.breached"
    taken = of_type(receiver, breached)
    assert taken.data["case_id"] == case.id
    assert taken.data["actor"] == {"kind": "system", "id": 0}
    case.note().expect(201)
    of_type(receiver, "case.note_added")
    feed.of_type("case.note_added")
    assert feed.types().count(breached) == 1
    assert [t.json["type"] for t in receiver.taken].count(breached) == 1


# -- who gets it -----------------------------------------------------------

@pytest.mark.direct
@pytest.mark.fact(79)
def test_internal_notes_go_to_staff_s_webhooks_only(
        sender, new_receiver, contact, partner, advisor, case):
    theirs = {who: new_receiver() for who in (contact, partner, advisor)}
    webhooks = {who: Webhook(who, receiver.url, types=["case.note_added"])
                for who, receiver in theirs.items()}
    case.note(advisor, visibility="internal").expect(201)
    case.note(advisor).expect(201)
    theirs[advisor].until_taken(2)
    for who in (contact, partner):
        theirs[who].until_taken()
        assert [t.data["visibility"] for t in theirs[who].taken] == ["public"]
        assert len(webhooks[who].deliveries()) == 1     # nor is one withheld


@pytest.mark.direct
def test_a_webhook_sends_its_owner_s_district_only(
        sender, new_receiver, contact, stranger, case):
    mine, theirs = new_receiver(), new_receiver()
    webhooks = Webhook(contact, mine.url), Webhook(stranger, theirs.url)
    stranger.submit()
    case.note().expect(201)
    of_type(mine, "case.note_added")
    of_type(theirs, "case.submitted")
    for webhook in webhooks:
        assert "withheld" not in {d["state"] for d in webhook.deliveries()}
    assert {t.data["district_id"] for t in mine.taken} == {
        contact.district.id}
    assert {t.data["district_id"] for t in theirs.taken} == {
        stranger.district.id}


@pytest.mark.direct
@pytest.mark.rule("2.10")
def test_when_the_assignment_ends_the_partner_s_webhooks_stop(
        new_sender, receiver, world, partner, district, case, clock, sql,
        as_role):
    # The last assignment would end the webhook itself.
    world.assign_partner(partner.id, world.district())
    webhook = Webhook(partner, receiver.url)
    case.note().expect(201)
    until(lambda: as_role("worker").value(
        "select rules.timer_webhook_dispatch(100) as n") is not None
        and webhook.deliveries())
    world.end_partner(partner, district)    # it waits; it may not go out
    new_sender()
    delivery = webhook.until_state("withheld")
    case.note().expect(201)
    until(lambda: sql.value(
        "select exists (select from casework.event_cursors c where consumer ="
        " 'webhook' and (c.xid, c.event_id) >= (select e.xid, e.id from"
        " casework.events e where e.id = %s))", case.history()[-1]["id"]))
    assert receiver.taken == [] and delivery["log"] == []
    assert len(webhook.deliveries()) == 1


@pytest.mark.direct
def test_who_is_no_longer_a_contact_gets_nothing(
        new_sender, receiver, contact, colleague, staff, case, as_role):
    webhook = Webhook(contact, receiver.url)
    case.note(colleague).expect(201)
    until(lambda: as_role("worker").value(
        "select rules.timer_webhook_dispatch(100) as n") is not None
        and webhook.deliveries())
    staff.patch(f"/v1/contacts/{contact.id}", {"authorized": False},
                etag="*").expect(200)
    new_sender()
    until(lambda: as_role("worker").value(
        "select bool_and(state = 'withheld') from casework.webhook_deliveries"
        " where webhook_id = %s", webhook.id))
    assert receiver.taken == []


def test_a_webhook_is_its_owner_s_alone(webhook, colleague, staff, partner):
    for other in (colleague, staff, partner):
        other.get(webhook.path).expect(404)
        other.get(webhook.path + "/deliveries").expect(404)
        other.patch(webhook.path, {"status": "disabled"}, etag="*").expect(404)
        other.post(webhook.path + "/secret", {}).expect(404)
        other.post(webhook.path + "/test").expect(404)
        other.post(webhook.path + "/redeliveries",
                   {"from_event_id": 1}).expect(404)
        assert webhook.id not in [w["id"] for w in other.all("/v1/webhooks")]


def test_the_worker_acts_as_the_owner_for_a_moment_only(webhook, as_role,
                                                        case):
    """It is a member of the callers' roles, and inherits nothing of them."""
    worker = as_role("worker")
    worker.run("select rules.webhook_payload(w, 'case', 1)"
               " from casework.webhooks w where w.id = %s", webhook.id)
    assert worker.value("select current_user::text as who") == (
        "casework_worker")
    assert worker.fails(
        "select 1 from casework.escalation_reasons") == "42501"
    for kind in ("contact", "partner", "staff"):
        assert as_role(kind).fails(
            "select rules.seal_webhook_owner(1)") == "42501"
        assert as_role(kind).fails(
            "select * from rules.lease_webhook(60)") == "42501"


# -- secrets ---------------------------------------------------------------

def test_a_secret_is_told_once(webhook, as_role, contact):
    key = base64.b64decode(webhook.secret.removeprefix("whsec_"))
    assert webhook.secret.startswith("whsec_") and len(key) == 32
    assert "secret" not in webhook.read().json
    for answer in (contact.get("/v1/webhooks"), webhook.test(),
                   contact.get(webhook.path + "/deliveries")):
        assert webhook.secret.encode() not in answer.body
    for kind in ("contact", "partner", "staff"):
        assert as_role(kind).fails(
            "select secret from casework.webhook_secrets") == "42501"
    assert as_role("worker").value(
        "select encode(secret, 'base64') as s from casework.webhook_secrets"
        " where webhook_id = %s", webhook.id) in webhook.secret


@pytest.mark.direct
def test_while_it_is_rotated_both_secrets_sign(sender, receiver, webhook,
                                               clock):
    old = webhook.secret
    clock.at("2026-11-23T16:00:00Z")
    ends = webhook.rotate(overlap_seconds=600)["previous_expires_at"]
    assert ends == "2026-11-23T16:10:00Z" and webhook.secret != old
    webhook.test()
    both, = receiver.until_taken(1)
    assert both.signed_by(old) and both.signed_by(webhook.secret)
    assert len(both.signatures) == 2
    clock.at("2026-11-23T16:10:00Z")
    webhook.test()
    new = receiver.until_taken(2)[1]
    assert new.signed_by(webhook.secret) and len(new.signatures) == 1
    webhook.rotate(overlap_seconds=0)
    webhook.test()
    last = receiver.until_taken(3)[2]
    assert last.signed_by(webhook.secret) and len(last.signatures) == 1


# -- keeping them ----------------------------------------------------------

def test_twenty_are_enough(contact, receiver):
    webhooks = [Webhook(contact, receiver.url) for _ in range(20)]
    contact.post("/v1/webhooks", {"url": receiver.url}).expect(
        409, problem="conflict")
    webhooks[0].change(status="disabled").expect(200)
    Webhook(contact, receiver.url)
    webhooks[0].change(status="enabled").expect(409)
    disabled = contact.get("/v1/webhooks", query={"status": "disabled"})
    assert disabled.ids == [webhooks[0].id]


def test_a_stale_change_is_refused(webhook):
    etag = webhook.read().etag
    not_modified = {"If-None-Match": etag}
    webhook.by.get(webhook.path, headers=not_modified).expect(304)
    webhook.change(etag, description="Ours").expect(200)
    webhook.by.get(webhook.path, headers=not_modified).expect(200)
    webhook.change(etag, description="Theirs").expect(412)
    assert webhook["description"] == "Ours"
    webhook.change(types=["case.closed"], url="https://desk.example/x",
                   description=None).expect(200)
    assert webhook["types"] == ["case.closed"]


def test_what_the_url_was_stands_in_no_event(webhook, contact, advisor):
    feeds = [Feed(contact), Feed(advisor)]
    of_district = Feed(contact, district_id=contact.district.id)
    webhook.change(url="https://desk.example/?key=s3cret").expect(200)
    for feed in feeds:
        event = feed.of_type("webhook.updated")
        assert event["changes"] == [{"member": "url"}]
        assert "s3cret" not in str(event)
    assert of_district.read() == []
