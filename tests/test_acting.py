"""On behalf of: who may act in whose name (fact 36), and what nobody does in
another's name because it would outlive the right to (rule 2.10)."""

import pytest

from webhooks import Webhook

pytestmark = pytest.mark.rule("3.1")

KINDS = ("contact", "partner", "staff", "telephony")

# who acts → in whose name; everything else is refused
MAY = {("contact", "contact"), ("partner", "contact"), ("staff", "contact"),
       ("staff", "partner"), ("staff", "staff"), ("staff", "telephony")}


def a_caller(kind, world, district):
    """An active caller of that kind, nobody else's, for that district."""
    if kind == "contact":
        return district.contact()
    if kind == "partner":
        return world.partner(district)
    if kind == "staff":
        return world.staff()
    return world.caller("telephony:%d" % world.sql.value(
        "insert into casework.telephony_clients (name, owner)"
        " values ('Another switch', 'Phone team') returning id"))


def me(subject, actor):
    return subject.acting_for(f"{actor.kind}:{actor.id}").get("/v1/me")


@pytest.mark.fact(36)
@pytest.mark.parametrize("actor", KINDS)
@pytest.mark.parametrize("subject", KINDS)
def test_who_may_act_for_whom(world, district, subject, actor):
    for_whom = a_caller(subject, world, district)
    who = a_caller(actor, world, district)
    if (actor, subject) in MAY:
        answer = me(for_whom, who).expect(200)
        assert answer["actor"] == f"{actor}:{who.id}"
    else:
        me(for_whom, who).expect(403, problem="caller-not-active")


@pytest.mark.fact(36)
@pytest.mark.parametrize("actor", ["contact", "partner"])
def test_who_acts_for_a_contact_is_of_its_district(world, district, stranger,
                                                   actor):
    me(district.contact(), a_caller(actor, world, stranger.district)).expect(
        403, problem="caller-not-active")


@pytest.mark.fact(36)
@pytest.mark.parametrize("kind", KINDS)
def test_nobody_acts_for_itself(world, district, kind):
    who = a_caller(kind, world, district)
    me(who, who).expect(403, problem="caller-not-active")


TABLES = {"staff": "staff", "partner": "partners", "contact": "contacts",
          "telephony": "telephony_clients"}


@pytest.mark.fact(36)
@pytest.mark.parametrize("actor, subject", sorted(MAY))
def test_who_is_no_longer_active_acts_for_nobody(world, sql, district,
                                                 subject, actor):
    for_whom = a_caller(subject, world, district)
    who = a_caller(actor, world, district)
    column = "authorized" if actor == "contact" else "active"
    sql.run(f"update casework.{TABLES[actor]} set {column} = false"
            " where id = %s", who.id)
    me(for_whom, who).expect(403, problem="caller-not-active")


@pytest.mark.fact(36)
@pytest.mark.parametrize("kind", ["staff", "partner", "telephony"])
def test_who_is_no_longer_active_calls_nothing(world, sql, district, kind):
    who = a_caller(kind, world, district)
    who.get("/v1/me").expect(200)
    sql.run(f"update casework.{TABLES[kind]} set active = false"
            " where id = %s", who.id)
    who.get("/v1/me").expect(403, problem="caller-not-active")


# -- what would stay behind ------------------------------------------------

@pytest.mark.rule("2.10")
@pytest.mark.fact(36)
@pytest.mark.parametrize("actor, subject", [
    pair for pair in sorted(MAY) if pair[1] != "telephony"])
def test_a_webhook_is_its_owner_s_to_make_and_to_change(
        world, district, contact, case, subject, actor):
    owner = a_caller(subject, world, district)
    who = a_caller(actor, world, district)
    acting = owner.acting_for(f"{who.kind}:{who.id}")
    url = "https://desk.example/hook"
    webhook = Webhook(owner, url)
    before = webhook.read()
    event = case.history()[0]["id"]
    for answer in (
            acting.post("/v1/webhooks", {"url": url}),
            acting.patch(webhook.path, {"url": url + "/x"}, etag="*"),
            acting.post(webhook.path + "/secret", {"overlap_seconds": 0}),
            acting.post(webhook.path + "/test"),
            acting.post(webhook.path + "/redeliveries",
                        {"from_event_id": event})):
        answer.expect(403, problem="not-permitted")
        assert "owner itself" in answer["detail"]
    assert webhook.read().body == before.body
    assert webhook.deliveries() == []
    assert [w["id"] for w in owner.all("/v1/webhooks")] == [webhook.id]
    acting.get(webhook.path).expect(200)


@pytest.mark.rule("2.10")
def test_nobody_sets_where_a_contact_s_mails_go_in_its_name(contact, partner):
    acting = contact.acting_for(f"partner:{partner.id}")
    path = f"/v1/contacts/{contact.id}"
    answer = acting.patch(path, {"email": "desk@partner.example"}, etag="*")
    assert answer.expect(403, problem="not-permitted").faults == ["/email"]
    acting.patch(path, {"phone": "763-555-0142"}, etag="*").expect(200)
    contact.patch(path, {"email": contact.record["email"]}, etag="*"
                  ).expect(200)
