"""Phone systems: made, changed and ended by administrators (3.2)."""

import pytest

from partners import Identities

SYSTEMS = "/v1/telephony-clients"
GOOD = {"name": "Second line", "owner": "Phone team"}


@pytest.fixture
def administrator(world):
    return world.staff("administrator")


@pytest.fixture
def added(administrator):
    def added(**changes):
        return administrator.post(SYSTEMS, {**GOOD, **changes}).expect(201)
    return added


def test_an_administrator_adds_a_phone_system(added, administrator, world):
    answer = added()
    assert answer["owner"] == "Phone team" and answer["active"] is True
    assert answer.location == f"{SYSTEMS}/{answer['id']}"
    read = administrator.get(answer.location).expect(200)
    assert read.json == answer.json and read.etag == answer.etag
    me = world.caller(f"telephony:{answer['id']}").get("/v1/me").expect(200)
    assert (me["name"], me["owner"]) == ("Second line", "Phone team")


def test_nobody_else_reads_or_writes_them(
        added, contact, partner, telephony, world):
    system = added()
    for someone in (contact, partner, telephony, world.staff("lead")):
        for answer in (
                someone.get(SYSTEMS), someone.get(system.location),
                someone.post(SYSTEMS, GOOD),
                someone.patch(system.location, {"name": "Eve"}, etag="*")):
            answer.expect(403, problem="caller-not-allowed")


def test_the_database_lets_administrators_write_them_alone(
        added, world, as_role, telephony):
    system, lead = added()["id"], world.staff("lead")
    change = "update casework.telephony_clients set name = 'Eve' where id = %s"
    insert = ("insert into casework.telephony_clients (name, owner) values"
              " ('Eve', 'Eve')")
    assert as_role("staff").acting(change + " returning id", system,
                                   caller_id=lead.id) == []
    assert as_role("staff").fails(insert, caller_id=lead.id) == "42501"
    for statement in (change.replace("%s", "1"), insert):
        assert as_role("telephony").fails(
            statement, caller_id=telephony.id) == "42501"


@pytest.mark.fact(36)
@pytest.mark.parametrize("member, value", [
    ("owner", None), ("owner", " "), ("name", ""), ("name", None),
    ("active", None), ("email", "a@b.example"), ("id", 1), ("version", 2)])
def test_one_of_the_wrong_shape_is_refused(
        added, administrator, member, value):
    for answer in (
            administrator.post(SYSTEMS, {**GOOD, member: value}),
            administrator.patch(added().location, {member: value}, etag="*")):
        assert set(answer.expect(422).faults) == {"/" + member}


@pytest.mark.parametrize("member", sorted(GOOD))
def test_what_a_phone_system_must_have(administrator, member):
    body = {name: value for name, value in GOOD.items() if name != member}
    assert administrator.post(SYSTEMS, body).expect(422).faults == [
        "/" + member]


def test_the_active_ones_are_found(added, administrator):
    there, former = added(), added(active=False)
    for active, wanted in (("true", there), ("false", former)):
        found = [s["id"] for s in administrator.all(SYSTEMS, active=active)]
        assert {there["id"], former["id"]} & set(found) == {wanted["id"]}


@pytest.mark.fact(79)
def test_a_change_is_versioned_and_recorded(added, administrator, contact):
    system = added()
    changed = administrator.patch(system.location, {"owner": "Night team"},
                                  etag=system.etag).expect(200)
    assert changed["owner"] == "Night team" and changed.etag != system.etag
    administrator.patch(system.location, {"owner": "B"}, etag=system.etag
                        ).expect(412)
    assert administrator.patch(system.location, {"owner": "Night team"},
                               etag="*").expect(200).etag == changed.etag
    created, updated = [
        e for kind in ("created", "updated") for e in administrator.all(
            "/v1/events", type=f"telephony_client.{kind}")
        if e["data"] == {"telephony_client_id": system["id"]}]
    assert created["actor"]["id"] == administrator.id
    assert updated["changes"] == [
        {"member": "owner", "old": "Phone team", "new": "Night team"}]
    assert contact.get("/v1/events", query={
        "type": "telephony_client.updated"}).items == []


def test_one_that_is_deactivated_calls_no_more(
        added, administrator, world, sql):
    system, identities = added(), Identities(sql)
    caller = world.caller(f"telephony:{system['id']}")
    caller.get("/v1/me").expect(200)
    ended = identities.link("telephony", system["id"])
    kept = identities.link("telephony", added()["id"])
    administrator.patch(system.location, {"active": False}, etag="*").expect(
        200)
    caller.get("/v1/me").expect(403, problem="caller-not-active")
    assert identities.ended() & {ended, kept} == {ended}
    assert identities.ended_by(ended) == ("staff", administrator.id)
