"""Districts and the caller: fact 19, and GET /v1/me."""

import pytest

DISTRICTS = "/v1/districts"


def test_a_contact_may_act_for_its_own_district(contact, district):
    (found,) = contact.get(DISTRICTS).expect(200).items
    assert (found["id"], found["name"]) == (district.id, district.name)


@pytest.mark.fact(19)
def test_a_partner_may_act_for_the_districts_assigned_to_it(world):
    mine, also = world.district(), world.district()
    world.district()
    partner = world.partner(mine, also)
    assert partner.get(DISTRICTS).expect(200).ids == [mine.id, also.id]


@pytest.mark.fact(19)
@pytest.mark.rule("2.10")
def test_an_assignment_opens_a_district_from_its_instant(world, district, sql,
                                                         clock):
    partner = world.partner()
    sql.run("insert into casework.partner_districts"
            " (partner_id, district_id, valid_from) values (%s, %s, %s)",
            partner.id, district.id, "2026-11-24T10:00:00-06:00")
    clock.at("2026-11-24T09:59:59.999999-06:00")
    assert partner.get(DISTRICTS).expect(200).ids == []
    clock.at("2026-11-24T10:00:00-06:00")
    assert partner.get(DISTRICTS).expect(200).ids == [district.id]


def test_staff_may_act_for_all(staff, world):
    ids = {world.district().id for _ in range(3)}
    assert ids <= {d["id"] for d in staff.all(DISTRICTS, limit=100)}


def test_a_district_shows_its_sites(contact, district):
    site = district.site("North High")
    read = contact.get(f"{DISTRICTS}/{district.id}").expect(200)
    assert read["sites"] == [{"id": site, "name": "North High"}]
    assert read["hosting"] == "campus_hosted" and read["state"] == "MN"


def test_every_filter_of_districts(staff, world, contract):
    wanted = world.district(hosting="self_hosted", state="WY")
    world.district()
    name = wanted.name
    for query in ({"hosting": "self_hosted"}, {"state": "WY"},
                  {"name_contains": name[3:].upper()}):
        found = staff.all(DISTRICTS, limit=100, **query)
        ids = [d["id"] for d in found]
        assert wanted.id in ids and ids == sorted(ids)
        assert all(d["hosting"] == "self_hosted" or "hosting" not in query
                   for d in found)
        assert all(d["state"] == "WY" or "state" not in query for d in found)
    assert staff.get(DISTRICTS, query={"name_contains": name}).ids == [
        wanted.id]
    names = {p["name"] for p in contract.by_id["list_districts"].parameters}
    assert names == {"hosting", "state", "name_contains", "external_id",
                     "active", "limit", "cursor"}


def test_the_demonstration_districts_are_there(staff):
    assert staff.get(f"{DISTRICTS}/1")["hosting"] == "campus_hosted"
    assert staff.get(f"{DISTRICTS}/2")["hosting"] == "self_hosted"
    staff.get(f"{DISTRICTS}/3").expect(200)


# -- me --------------------------------------------------------------------

def test_a_contact_is_told_who_it_is(contact, district):
    me = contact.get("/v1/me").expect(200)
    assert (me["kind"], me["id"]) == ("contact", contact.id)
    assert me["name"] == contact.record["name"]
    assert me["email"] == contact.record["email"]
    assert me["district_ids"] == [district.id]
    assert me["all_districts"] is False and me["role"] == "support"
    assert me["actor"] is None


def test_a_partner_is_told_its_districts(partner, district):
    me = partner.get("/v1/me").expect(200)
    assert (me["kind"], me["id"]) == ("partner", partner.id)
    assert me["district_ids"] == [district.id]


def test_staff_are_told_that_all_districts_are_theirs(staff):
    assert staff.get("/v1/me")["all_districts"] is True


def test_telephony_is_told_who_it_is(telephony):
    me = telephony.get("/v1/me").expect(200)
    assert (me["kind"], me["id"], me["district_ids"]) == (
        "telephony", 1, [])


@pytest.mark.fact(36)
def test_an_actor_is_told_for_whom_it_acts(contact, partner):
    me = contact.acting_for(f"partner:{partner.id}").get("/v1/me")
    assert me.expect(200)["id"] == contact.id
    assert me["actor"] == f"partner:{partner.id}"


@pytest.mark.parametrize("subject, district_ids", [
    ("contact:1", [1]), ("contact:2", [1]), ("contact:3", [2]),
    ("contact:4", [3]), ("partner:1", [1, 2])])
def test_the_demonstration_callers_are_who_they_should_be(
        world, subject, district_ids):
    me = world.caller(subject).get("/v1/me").expect(200)
    assert me["district_ids"] == district_ids
