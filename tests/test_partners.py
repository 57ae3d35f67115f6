"""Partners as organisations: administrators add, change and end them (3.2)."""

import uuid

import pytest

from partners import PARTNERS, an_organisation
from vectors import instant


@pytest.fixture
def administrator(world):
    return world.staff("administrator")


def path(partner):
    return f"{PARTNERS}/{partner.id}"


# -- adding ----------------------------------------------------------------

def test_an_administrator_adds_a_partner(administrator, world):
    number = f"ESA-{uuid.uuid4().hex[:8]}"
    answer = administrator.post(PARTNERS, an_organisation(
        kind="channel", email="desk@lakes.example", external_id=number)
        ).expect(201)
    assert answer["kind"] == "channel" and answer["active"] is True
    assert answer["external_id"] == number
    assert answer.location == f"{PARTNERS}/{answer['id']}"
    read = administrator.get(answer.location).expect(200)
    assert read.json == answer.json and read.etag == answer.etag
    me = world.caller(f"partner:{answer['id']}").get("/v1/me").expect(200)
    assert (me["name"], me["district_ids"]) == (answer["name"], [])


def test_nobody_else_adds_or_changes_a_partner(
        contact, partner, telephony, world):
    everybody_else = world.staff("advisor", "lead", "development_engineer",
                                 "state_reporting_analyst")
    for someone in (contact, partner, telephony, everybody_else):
        someone.post(PARTNERS, an_organisation()).expect(
            403, problem="caller-not-allowed")
        someone.patch(path(partner), {"name": "Eve"}, etag="*").expect(
            403, problem="caller-not-allowed")


@pytest.mark.parametrize("kind, roles", [
    ("partner", ()), ("staff", ("advisor", "lead"))])
def test_the_database_lets_administrators_write_partners_alone(
        world, partner, as_role, kind, roles):
    caller = partner if kind == "partner" else world.staff(*roles)
    change = "update casework.partners set name = 'Eve' where id = %s"
    if kind == "staff":
        assert as_role(kind).acting(change + " returning id", partner.id,
                                    caller_id=caller.id) == []
    else:
        assert as_role(kind).fails(change, partner.id,
                                   caller_id=caller.id) == "42501"
    assert as_role(kind).fails(
        "insert into casework.partners (name, kind, owner, active, created_at,"
        " updated_at) values ('Eve', 'esa', 'Eve', true, now(), now())",
        caller_id=caller.id) == "42501"


@pytest.mark.parametrize("member", ["name", "kind", "owner"])
def test_what_a_partner_must_have(administrator, member):
    body = an_organisation()
    del body[member]
    assert administrator.post(PARTNERS, body).expect(422).faults == [
        "/" + member]


@pytest.mark.parametrize("member, value", [
    ("name", ""), ("name", " "), ("name", "a\nb"), ("name", None),
    ("kind", "state"), ("kind", None), ("owner", "\u200b"), ("owner", None),
    ("email", "desk"), ("email", ""), ("external_id", ""),
    ("external_id", 7), ("active", None), ("active", "no"), ("id", 7),
    ("version", 1), ("created_at", "2026-01-05T15:00:00Z")])
def test_a_partner_of_the_wrong_shape_is_refused(
        administrator, partner, member, value):
    for answer in (
            administrator.post(PARTNERS, an_organisation(**{member: value})),
            administrator.patch(path(partner), {member: value}, etag="*")):
        assert set(answer.expect(422).faults) == {"/" + member}


def test_an_external_id_occurs_once(administrator, partner):
    number = f"ESA-{uuid.uuid4().hex[:8]}"
    first = administrator.post(PARTNERS, an_organisation(
        external_id=number)).expect(201)
    for answer in (
            administrator.post(PARTNERS, an_organisation(external_id=number)),
            administrator.patch(path(partner), {"external_id": number},
                                etag="*")):
        assert answer.expect(409, problem="already-exists").faults == [
            "/external_id"]
    administrator.patch(first.location, {"name": "Another", "external_id":
                                         number}, etag="*").expect(200)
    administrator.patch(first.location, {"external_id": None}, etag="*"
                        ).expect(200)
    administrator.patch(path(partner), {"external_id": number}, etag="*"
                        ).expect(200)


# -- reading ---------------------------------------------------------------

def test_a_partner_reads_itself_and_no_other(partner, world, district):
    other = world.partner(district)
    assert partner.get(PARTNERS).expect(200).ids == [partner.id]
    assert partner.get(path(partner)).expect(200)["owner"] == (
        "Integration team")
    partner.get(path(other)).expect(404)


def test_whoever_is_staff_reads_partners(staff, partner, contact):
    staff.get(path(partner)).expect(200)
    contact.get(path(partner)).expect(403, problem="caller-not-allowed")


def test_a_partner_learns_nothing_of_another_from_the_database(
        partner, world, district, as_role):
    other = world.partner(district)
    assert as_role("partner").acting(
        "select id from casework.partners where id = any (%s)",
        [partner.id, other.id], caller_id=partner.id) == [{"id": partner.id}]


def test_every_filter_of_partners(administrator):
    mark = uuid.uuid4().hex[:8]
    wanted = administrator.post(PARTNERS, an_organisation(
        kind="channel", external_id=f"Köln-{mark}")).expect(201)
    unlike = administrator.post(PARTNERS, an_organisation(
        external_id=f"K-{mark}", active=False)).expect(201)

    def found(**query):
        return [number for number in administrator.all(
            PARTNERS, **query) if number["id"] in (wanted["id"], unlike["id"])]
    assert [p["id"] for p in found(kind="channel")] == [wanted["id"]]
    assert [p["id"] for p in found(active="false")] == [unlike["id"]]
    assert administrator.get(PARTNERS, query={
        "external_id": f"Ko\u0308ln-{mark}"}).ids == [wanted["id"]]


# -- changing --------------------------------------------------------------

def test_an_administrator_changes_a_partner(administrator, partner):
    read = administrator.get(path(partner))
    changed = administrator.patch(path(partner), {
        "name": "Lakes", "kind": "channel", "owner": "Data team",
        "email": "desk@lakes.example"}, etag=read.etag).expect(200)
    assert changed.etag != read.etag
    assert instant(changed["updated_at"]) > instant(read["updated_at"])
    assert partner.get(path(partner)).json == changed.json
    administrator.patch(path(partner), {"name": "B"}, etag=read.etag).expect(
        412)
    same = administrator.patch(path(partner), {"name": "Lakes"}, etag="*")
    assert same.expect(200).etag == changed.etag


@pytest.mark.fact(79)
def test_every_change_of_a_partner_is_recorded(administrator, partner, sql):
    administrator.patch(path(partner), {"owner": "Data team"}, etag="*"
                        ).expect(200)
    administrator.patch(path(partner), {"owner": "Data team"}, etag="*"
                        ).expect(200)
    event = sql.row(
        "select type, actor_kind, actor_id, owner_kind, owner_id, changes"
        " from casework.desk_events where type ~ '^partner[.]' and resource ="
        " %s", str(partner.id))
    assert event == {
        "type": "partner.updated", "actor_kind": "staff",
        "actor_id": administrator.id, "owner_kind": "partner",
        "owner_id": partner.id, "changes": [
            {"member": "owner", "old": "Integration team",
             "new": "Data team"}]}


@pytest.mark.fact(79)
def test_a_partner_reads_in_the_feed_what_became_of_it(
        administrator, partner, staff):
    administrator.patch(path(partner), {"kind": "channel"}, etag="*").expect(
        200)
    event = partner.get("/v1/events", query={"type": "partner.updated"}
                        ).expect(200).items[-1]
    assert event["data"] == {"partner_id": partner.id}
    assert event["changes"] == [
        {"member": "kind", "old": "esa", "new": "channel"}]


# -- deactivating ----------------------------------------------------------

def test_a_partner_that_is_deactivated_calls_no_more(
        administrator, partner, case):
    partner.get(case.path).expect(200)
    administrator.patch(path(partner), {"active": False}, etag="*").expect(200)
    partner.get(case.path).expect(403, problem="caller-not-active")
    administrator.patch(path(partner), {"active": True}, etag="*").expect(200)
    partner.get(case.path).expect(200)


def test_its_webhooks_are_disabled_with_it(administrator, partner, sql):
    hook = partner.post("/v1/webhooks", {
        "url": "https://receiver.example/hook"}).expect(201)
    administrator.patch(path(partner), {"active": False}, etag="*").expect(200)
    administrator.patch(path(partner), {"active": True}, etag="*").expect(200)
    now = partner.get(hook.location).expect(200)
    assert (now["status"], now["disabled_reason"]) == (
        "disabled", "owner_inactive")
    assert now.etag != hook.etag
    event = sql.row(
        "select actor_kind, actor_id, owner_id, changes from"
        " casework.desk_events where type = 'webhook.disabled'"
        " and resource = %s", str(hook["id"]))
    assert (event["actor_kind"], event["actor_id"]) == (
        "staff", administrator.id)
    assert event["owner_id"] == partner.id
    assert event["changes"][1]["new"] == "owner_inactive"
    enabled = partner.patch(hook.location, {"status": "enabled"}, etag="*")
    assert enabled.expect(200)["disabled_reason"] is None


def test_what_waited_for_them_is_not_sent_any_more(
        administrator, partner, case, sql):
    hook = partner.post("/v1/webhooks", {
        "url": "https://receiver.example/hook"}).expect(201)
    sql.run("insert into casework.webhook_deliveries (webhook_id, event_id,"
            " source, type, next_attempt_at, created_at) values"
            " (%s, 7, 'case', 'case.updated', rules.now(), rules.now())",
            hook["id"])
    administrator.patch(path(partner), {"active": False}, etag="*").expect(200)
    assert sql.value("select state from casework.webhook_deliveries"
                     " where webhook_id = %s", hook["id"]) == "failed"


def test_webhooks_of_others_stay(administrator, partner, world, district):
    other = world.partner(district)
    hooks = [(who, who.post("/v1/webhooks", {
        "url": "https://receiver.example/hook"}).expect(201))
        for who in (other, administrator)]
    administrator.patch(path(partner), {"active": False}, etag="*").expect(200)
    for who, hook in hooks:
        assert who.get(hook.location)["status"] == "enabled"


def test_no_other_change_ends_anything(administrator, partner):
    hook = partner.post("/v1/webhooks", {
        "url": "https://receiver.example/hook"}).expect(201)
    administrator.patch(path(partner), {"name": "Lakes", "active": True},
                        etag="*").expect(200)
    assert partner.get(hook.location)["status"] == "enabled"
