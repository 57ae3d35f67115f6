"""Who and what calls in the name of a partner: its people, each with its own
sign-in, and its machine clients, each with an owner (fact 36)."""

import uuid

import pytest

from partners import PARTNERS, Identities

pytestmark = pytest.mark.rule("3.1")

KINDS = ("people", "clients")


@pytest.fixture
def administrator(world):
    return world.staff("administrator")


@pytest.fixture
def identities(sql):
    return Identities(sql)


def good(kind, **changes):
    if kind == "people":
        return {"name": "Person 1",
                "email": f"{uuid.uuid4().hex}@lakes.example", **changes}
    return {"name": "Nightly sync", "owner": "Data team", **changes}


def under(partner, kind):
    return f"{PARTNERS}/{partner.id}/{kind}"


@pytest.fixture
def added(administrator, partner):
    """added(kind): one of the test's partner."""
    def added(kind, of=None, **changes):
        return administrator.post(under(of or partner, kind), good(
            kind, **changes)).expect(201)
    return added


# -- adding ----------------------------------------------------------------

def test_an_administrator_adds_people_and_machine_clients(
        added, partner, administrator):
    for kind in KINDS:
        answer = added(kind)
        assert answer["partner_id"] == partner.id and answer["active"] is True
        assert answer.location == f"{under(partner, kind)}/{answer['id']}"
        for reader in (administrator, partner):
            read = reader.get(answer.location).expect(200)
            assert read.json == answer.json and read.etag == answer.etag


@pytest.mark.fact(36)
def test_a_machine_client_has_an_owner(administrator, partner, added):
    body = good("clients")
    del body["owner"]
    assert administrator.post(under(partner, "clients"), body).expect(
        422).faults == ["/owner"]
    for owner in (None, "", " "):
        assert administrator.patch(
            added("clients").location, {"owner": owner}, etag="*").expect(
                422).faults == ["/owner"]


def test_people_may_have_no_address(added):
    for _ in range(2):
        assert added("people", email=None)["email"] is None


@pytest.mark.parametrize("kind, member, value", [
    ("people", "name", "\t"), ("people", "name", None),
    ("people", "email", "a@"), ("people", "active", None),
    ("people", "partner_id", 1), ("people", "id", 5), ("people", "owner", "X"),
    ("clients", "name", "x" * 201), ("clients", "email", "a@b.example"),
    ("clients", "active", 1), ("clients", "partner_id", 1)])
def test_those_of_the_wrong_shape_are_refused(
        administrator, partner, added, kind, member, value):
    for answer in (
            administrator.post(under(partner, kind), good(
                kind, **{member: value})),
            administrator.patch(added(kind).location, {member: value},
                                etag="*")):
        assert set(answer.expect(422).faults) == {"/" + member}


def test_an_address_occurs_once_in_a_partner(
        administrator, partner, added, world, district):
    first = added("people", email="Ada@lakes.example")
    other = added("people")
    for answer in (
            administrator.post(under(partner, "people"), good(
                "people", email="aDA@LAKES.example")),
            administrator.patch(other.location, {
                "email": "ada@lakes.example"}, etag="*")):
        assert answer.expect(409, problem="already-exists").faults == [
            "/email"]
    added("people", of=world.partner(district), email="ada@lakes.example")
    administrator.patch(first.location, {"email": "ADA@lakes.example"},
                        etag="*").expect(200)


def test_a_partner_of_the_demonstration_data_has_some_of_both(staff):
    for kind, names in (("people", ["Person 1", "Person 2"]),
                        ("clients", ["Nightly sync"])):
        assert [one["name"] for one in staff.all(
            f"{PARTNERS}/1/{kind}")] == names


# -- who may ---------------------------------------------------------------

@pytest.mark.parametrize("kind", KINDS)
def test_nobody_else_adds_or_changes_them(
        world, partner, contact, added, kind):
    mine = added(kind)
    for someone in (partner, contact, world.staff("lead")):
        someone.post(under(partner, kind), good(kind)).expect(
            403, problem="caller-not-allowed")
        someone.patch(mine.location, {"name": "Eve"}, etag="*").expect(
            403, problem="caller-not-allowed")


@pytest.mark.parametrize("kind", KINDS)
def test_a_partner_reads_its_own(
        partner, world, district, added, staff, administrator, kind):
    other = world.partner(district)
    mine, theirs = added(kind), added(kind, of=other)
    assert partner.get(under(partner, kind)).expect(200).ids == [mine["id"]]
    assert staff.get(under(other, kind)).expect(200).ids == [theirs["id"]]
    partner.get(theirs.location).expect(404)
    partner.get(under(other, kind)).expect(404)
    staff.get(f"{under(partner, kind)}/{theirs['id']}").expect(404)
    administrator.patch(f"{under(partner, kind)}/{theirs['id']}", {
        "name": "Eve"}, etag="*").expect(404)


@pytest.mark.parametrize("kind", KINDS)
def test_the_database_lets_administrators_write_them_alone(
        world, partner, added, as_role, kind):
    table = f"casework.partner_{kind}"
    lead = world.staff("lead")
    assert as_role("staff").acting(
        f"update {table} set name = 'Eve' where id = %s returning id",
        added(kind)["id"], caller_id=lead.id) == []
    columns, values = ("", "") if kind == "people" else (", owner", ", 'X'")
    assert as_role("staff").fails(
        f"insert into {table} (partner_id, name{columns}) values (%s, 'Eve'"
        f"{values})", partner.id, caller_id=lead.id) == "42501"
    assert as_role("partner").fails(
        f"update {table} set name = 'Eve'", caller_id=partner.id) == "42501"


# -- changing --------------------------------------------------------------

@pytest.mark.parametrize("kind", KINDS)
def test_they_are_changed_and_versioned(administrator, added, kind):
    read = added(kind)
    changed = administrator.patch(read.location, {"name": "Another"},
                                  etag=read.etag).expect(200)
    assert changed["name"] == "Another" and changed.etag != read.etag
    administrator.patch(read.location, {"name": "B"}, etag=read.etag).expect(
        412)
    assert administrator.patch(read.location, {"name": "Another"}, etag="*"
                               ).expect(200).etag == changed.etag


@pytest.mark.parametrize("kind", KINDS)
def test_the_active_ones_are_found(administrator, partner, added, kind):
    former, there = added(kind, active=False), added(kind)
    for active, wanted in (("true", there), ("false", former)):
        assert administrator.get(under(partner, kind), query={
            "active": active}).expect(200).ids == [wanted["id"]]


@pytest.mark.fact(79)
@pytest.mark.parametrize("kind, one, told", [
    ("people", "person", {"member": "name"}),
    ("clients", "client", {"member": "name", "old": "Nightly sync",
                           "new": "Another"})])
def test_every_change_of_them_is_in_the_feed_of_the_partner(
        administrator, partner, added, kind, one, told):
    """Of a person no value is told."""
    mine = added(kind)
    administrator.patch(mine.location, {"name": "Another", "active": False},
                        etag="*").expect(200)
    events = [e for e in partner.all("/v1/events")
              if e["type"].startswith(f"partner_{one}.")]
    assert [e["type"].partition(".")[2] for e in events] == [
        "created", "updated"]
    for event in events:
        assert event["data"] == {"partner_id": partner.id,
                                 f"{one}_id": mine["id"]}
        assert event["actor"]["id"] == administrator.id
    assert events[1]["changes"] == [
        {"member": "active", "old": True, "new": False}, told]


# -- ending ----------------------------------------------------------------

@pytest.mark.parametrize("kind", KINDS)
def test_who_is_deactivated_has_no_identity_any_more(
        administrator, partner, added, identities, kind):
    gone, stays = added(kind), added(kind)
    ended = [identities.link(kind, gone["id"]) for _ in range(2)]
    kept = identities.link(kind, stays["id"])
    administrator.patch(gone.location, {"name": "Another"}, etag="*").expect(
        200)
    assert identities.ended() & {*ended, kept} == set()
    administrator.patch(gone.location, {"active": False}, etag="*").expect(200)
    assert identities.ended() & {*ended, kept} == set(ended)
    assert identities.ended_by(ended[0]) == ("staff", administrator.id)
    event = partner.all("/v1/events")[-1]
    assert event["changes"][-1] == {
        "member": "identity_ids", "old": ended, "new": []}
    administrator.patch(gone.location, {"active": True}, etag="*").expect(200)
    assert identities.ended() & {*ended, kept} == set(ended)


def test_a_partner_that_is_deactivated_takes_them_all_along(
        administrator, partner, added, identities, world, district):
    mine = [identities.link(kind, added(kind)["id"]) for kind in KINDS]
    other = identities.link("people", added(
        "people", of=world.partner(district))["id"])
    administrator.patch(f"{PARTNERS}/{partner.id}", {"active": False},
                        etag="*").expect(200)
    assert identities.ended() & {*mine, other} == set(mine)
    event = [e for e in administrator.all("/v1/events",
                                          type="partner.access_ended")
             if e["data"] == {"partner_id": partner.id}][-1]
    assert event["changes"] == [
        {"member": "identity_ids", "old": mine, "new": []}]
