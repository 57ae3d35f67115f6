"""Districts and sites as administrators make and change them: 3.2, 2.10."""

import uuid

import pytest

from phone import Phone
from world import a_case

pytestmark = pytest.mark.rule("3.2")

DISTRICTS = "/v1/districts"


@pytest.fixture(scope="module")
def administrator(world):
    return world.staff("administrator")


def a_district(**changes):
    return {"name": "Pine County Schools", "state": "WI",
            "hosting": "self_hosted", **changes}


def path(district):
    return f"{DISTRICTS}/{district.id}"


def events(by, **query):
    return by.all("/v1/events", limit=1000, **query)


# -- making ------------------------------------------------------------------

def test_a_district_is_made_with_all_that_is_known(administrator, world):
    code = f"wi-{world.district().id}"
    team = {"name": "Technology", "email": "it@pine.example",
            "phone": "715-555-0100", "url": "https://pine.example/it"}
    made = administrator.post(DISTRICTS, a_district(
        time_zone="America/Menominee", product_version="2613.2",
        product_areas=["attendance", "scheduling"], technical_team=team,
        external_id=code)).expect(201)
    assert made.location == f"{DISTRICTS}/{made['id']}"
    read = administrator.get(made.location).expect(200)
    assert read.json == made.json and read.etag == made.etag
    assert read["time_zone"] == "America/Menominee"
    assert read["technical_team"] == team
    assert read["product_areas"] == ["attendance", "scheduling"]
    assert (read["external_id"], read["active"]) == (code, True)
    assert administrator.get(DISTRICTS, query={"external_id": code}).ids == [
        made["id"]]
    (event,) = events(administrator, district_id=made["id"])
    assert event["type"] == "district.created"
    assert {"member": "hosting", "old": None, "new": "self_hosted"} in (
        event["changes"])
    assert event["actor"]["id"] == administrator.id


def test_what_a_district_is_when_nothing_is_said(administrator):
    made = administrator.post(DISTRICTS, a_district()).expect(201)
    assert made["time_zone"] == "America/Chicago" and made["active"] is True
    assert made["sites"] == [] and made["technical_team"] is None
    assert made["product_version"] is made["external_id"] is None


@pytest.mark.parametrize("member, value", [
    ("time_zone", "America/Atlantis"), ("time_zone", "EST5EDT4"),
    ("time_zone", "posix/America/Chicago"), ("time_zone", "Foo/Bar3"),
    ("time_zone", "america/chicago"), ("time_zone", ""), ("state", "Wi"),
    ("state", "XX"), ("state", "FM"), ("state", None),
    ("hosting", "cloud"), ("name", " "), ("product_areas", ["alchemy"]),
    ("product_areas", ["attendance", "attendance"]),
    ("external_id", "x" * 101), ("active", None), ("id", 5),
    ("sites", [])])
def test_a_district_of_the_wrong_shape_is_refused(
        administrator, member, value):
    faults = administrator.post(DISTRICTS, a_district(
        **{member: value})).expect(422).faults
    assert {f.split("/")[1] for f in faults} == {member}


@pytest.mark.parametrize("state", ["DC", "PR", "GU", "VI", "AS", "MP", "AE"])
def test_a_district_is_in_a_state_or_a_territory(administrator, state):
    assert administrator.post(DISTRICTS, a_district(state=state)).expect(
        201)["state"] == state
    answer = administrator.post(DISTRICTS, a_district(state="ZZ")).expect(422)
    assert answer["errors"][0]["detail"].startswith("Must be one of \"AL\"")


def test_a_technical_team_of_nothing_is_none(administrator):
    for team in ({}, {"name": None}):
        assert administrator.post(DISTRICTS, a_district(
            technical_team=team)).expect(201)["technical_team"] is None


def test_a_key_of_another_system_has_no_blanks_around_it(administrator):
    code = uuid.uuid4().hex
    made = administrator.post(DISTRICTS, a_district(
        external_id=f" {code}\u00a0")).expect(201)
    assert made["external_id"] == code
    administrator.post(DISTRICTS, a_district(external_id=code + " ")).expect(
        409, problem="already-exists")
    same = administrator.patch(made.location, {"external_id": code + " "},
                               etag=made.etag).expect(200)
    assert same.etag == made.etag


@pytest.mark.parametrize("member, value", [
    ("email", "nobody"), ("url", "pine"), ("phone", "call us"),
    ("fax", "715-555-0100")])
def test_a_technical_team_of_the_wrong_shape_is_refused(
        administrator, district, member, value):
    assert administrator.patch(path(district), {"technical_team": {
        member: value}}, etag="*").expect(422).faults == [
        f"/technical_team/{member}"]


def test_an_external_id_names_one_district(administrator, world, district):
    other, code = world.district(), f"mn-{district.id}"
    administrator.patch(path(other), {"external_id": code}, etag="*"
                        ).expect(200)
    for refused in (
            administrator.post(DISTRICTS, a_district(external_id=code)),
            administrator.patch(path(district), {"external_id": code},
                                etag="*")):
        refused.expect(409, problem="already-exists")
        assert refused.faults == ["/external_id"]
    administrator.patch(path(other), {"external_id": code, "name": "Same"},
                        etag="*").expect(200)


@pytest.mark.fact(80)
def test_the_database_lets_administrators_alone_write_districts(
        administrator, staff, district, as_role):
    site = district.site()
    for who, changed in ((staff, 0), (administrator, 1)):
        for table, number in (("districts", district.id), ("sites", site)):
            assert len(as_role("staff").acting(
                f"update casework.{table} set name = 'X' where id = %s"
                " returning id", number, caller_id=who.id)) == changed


# -- changing ----------------------------------------------------------------

def test_a_change_is_recorded_with_old_and_new(administrator, contact,
                                               district):
    administrator.patch(path(district), {
        "hosting": "self_hosted", "time_zone": "America/Denver",
        "technical_team": {"name": "Technology"}}, etag="*").expect(200)
    event = events(contact, type="district.updated")[-1]
    assert event["district_id"] == district.id and event["case_id"] is None
    assert event["actor"]["id"] == administrator.id
    assert event["changes"] == [
        {"member": "hosting", "old": "campus_hosted", "new": "self_hosted"},
        {"member": "technical_team", "old": None,
         "new": {"name": "Technology"}},
        {"member": "time_zone", "old": "America/Chicago",
         "new": "America/Denver"}]
    read = contact.get(path(district))
    assert administrator.patch(path(district), {"hosting": "self_hosted"},
                               etag=read.etag).expect(200).etag == read.etag
    assert len(events(contact, type="district.updated")) == 1


def test_a_technical_team_is_changed_member_by_member(administrator,
                                                      district):
    def change(team):
        return administrator.patch(path(district), {"technical_team": team},
                                   etag="*").expect(200)["technical_team"]
    change({"name": "Technology", "phone": "715-555-0100"})
    assert change({"phone": None, "email": "it@pine.example"}) == {
        "name": "Technology", "email": "it@pine.example",
        "phone": None, "url": None}
    assert change({"name": None, "email": None}) is None
    change({"url": "https://pine.example"})
    assert change(None) is None


def test_a_change_is_of_a_version(administrator, district):
    read = administrator.get(path(district))
    administrator.patch(path(district), {"name": "A"}, etag=read.etag
                        ).expect(200)
    administrator.patch(path(district), {"name": "B"}, etag=read.etag
                        ).expect(412)
    administrator.patch(path(district), {"name": "B"}).expect(428)
    administrator.patch(f"{DISTRICTS}/9007199254740991", {"name": "B"},
                        etag="*").expect(404)


def test_a_product_area_that_ended_stays_where_it_is(
        administrator, district, sql):
    sql.run("update casework.districts set product_areas = '{gone}'"
            " where id = %s", district.id)
    administrator.patch(path(district), {
        "product_areas": ["gone", "attendance"]}, etag="*").expect(200)
    administrator.patch(path(district), {
        "product_areas": ["gone", "gone_too"]}, etag="*").expect(422)


@pytest.mark.rule("2.10")
@pytest.mark.fact(21)
def test_hosting_decides_outage_rights_at_once(administrator, contact,
                                               district, telephony):
    phone = Phone(telephony)
    entered = phone.pin(contact)
    for hosting, option in (("self_hosted", None), ("campus_hosted", 8)):
        administrator.patch(path(district), {"hosting": hosting}, etag="*"
                            ).expect(200)
        decision = phone.route(entered, option=8)["decision"]
        assert (decision == "on_call_hosting") is (option == 8)
        assert contact.get("/v1/support-line").expect(200)["option"] == option


# -- a district that is let go -----------------------------------------------

@pytest.fixture
def let_go(administrator, district):
    def let_go(active=False):
        administrator.patch(path(district), {"active": active}, etag="*"
                            ).expect(200)
    return let_go


@pytest.mark.fact(14)
def test_contacts_of_an_inactive_district_are_refused(contact, district,
                                                      let_go, administrator):
    let_go()
    contact.get("/v1/me").expect(403, problem="not-an-authorized-contact")
    administrator.patch(f"/v1/contacts/{contact.id}", {"kind": "technical"},
                        etag="*").expect(200)
    contact.get("/v1/me").expect(403, problem="not-an-authorized-contact")
    let_go(True)
    contact.get("/v1/me").expect(200)


@pytest.mark.fact(14)
def test_who_comes_to_an_inactive_district_is_refused_too(
        stranger, district, let_go, administrator, world):
    let_go()
    new = district.contact()
    new.get("/v1/me").expect(403)
    moved = f"/v1/contacts/{stranger.id}"
    administrator.patch(moved, {"district_id": district.id}, etag="*"
                        ).expect(200)
    stranger.get("/v1/me").expect(403)
    administrator.patch(moved, {"district_id": world.district().id}, etag="*"
                        ).expect(200)
    stranger.get("/v1/me").expect(200)
    let_go(True)
    new.get("/v1/me").expect(200)


@pytest.mark.fact(14)
def test_who_comes_while_the_district_is_let_go_is_refused(
        administrator, district, world, meeting, sql):
    """The district is locked first, and whoever comes then waits for it."""
    sql.run("insert into casework.contacts (district_id, name, email)"
            " values (%s, 'Contact', 'first@example.org')", district.id)
    let_go, came = meeting.meet(
        "contacts",
        lambda: meeting.by(administrator).patch(
            path(district), {"active": False}, etag="*"),
        lambda: meeting.by(world.registrar, 1).post("/v1/contacts", {
            "district_id": district.id, "name": "Contact",
            "email": "second@example.org"}))
    let_go.expect(200)
    new = world.caller(f"contact:{came.expect(201)['id']}")
    new.get("/v1/me").expect(403, problem="not-an-authorized-contact")


def test_a_former_contact_stays_one_when_its_district_comes_back(
        contact, let_go, staff):
    staff.patch(f"/v1/contacts/{contact.id}", {"authorized": False}, etag="*"
                ).expect(200)
    let_go()
    let_go(True)
    contact.get("/v1/me").expect(403)


@pytest.mark.fact(19)
def test_partners_no_longer_see_an_inactive_district(
        case, partner, district, let_go, world):
    partner.get(case.path).expect(200)
    let_go()
    partner.get(case.path).expect(404)
    assert partner.get(DISTRICTS).expect(200).ids == []
    late = world.partner(district)
    assert late.get(DISTRICTS).expect(200).ids == []
    let_go(True)
    partner.get(case.path).expect(200)
    assert late.get(DISTRICTS).expect(200).ids == [district.id]


def test_an_inactive_district_gets_no_new_cases(case, contact, let_go, staff):
    let_go()
    refused = staff.post("/v1/cases", a_case(contact_id=contact.id))
    assert refused.expect(422).faults == ["/contact_id"]
    assert "not active" in refused["errors"][0]["detail"]
    case.note(staff).expect(201)


@pytest.mark.fact(33)
def test_the_phone_knows_nobody_of_an_inactive_district(
        contact, let_go, telephony):
    phone = Phone(telephony)
    entered = phone.pin(contact)
    let_go()
    assert phone.route(entered, option=8)["decision"] == "refuse"


def test_staff_find_inactive_districts(administrator, district, let_go):
    name = {"name_contains": district.name}
    let_go()
    assert administrator.get(DISTRICTS, query={
        **name, "active": "false"}).ids == [district.id]
    assert administrator.get(DISTRICTS, query={
        **name, "active": "true"}).ids == []


# -- sites -------------------------------------------------------------------

@pytest.fixture
def site(administrator, district):
    return administrator.post(path(district) + "/sites", {
        "name": "Oak Elementary", "external_id": "oak"}).expect(201)


def test_a_site_is_made_and_read(administrator, contact, district, site):
    assert site.location == f"/v1/sites/{site['id']}"
    read = contact.get(site.location).expect(200)
    assert read.json == site.json and read.etag == site.etag
    assert (read["district_id"], read["name"], read["active"]) == (
        district.id, "Oak Elementary", True)
    listed = contact.get(path(district) + "/sites").expect(200)
    assert listed.items == [read.json]
    assert contact.get(path(district))["sites"] == [
        {"id": site["id"], "name": "Oak Elementary"}]


def test_sites_are_of_a_district_that_the_caller_sees(
        administrator, site, stranger, district):
    stranger.get(site.location).expect(404)
    stranger.get(path(district) + "/sites").expect(404)
    nowhere = f"{DISTRICTS}/9007199254740991/sites"
    administrator.get(nowhere).expect(404)
    administrator.post(nowhere, {"name": "Oak"}).expect(404)


def test_an_external_id_names_one_site_of_a_district(
        administrator, site, district, world):
    sites = path(district) + "/sites"
    other = administrator.post(sites, {"name": "Elm"}).expect(201)
    for refused in (
            administrator.post(sites, {"name": "Elm", "external_id": "oak"}),
            administrator.patch(other.location, {"external_id": "oak"},
                                etag="*")):
        refused.expect(409, problem="already-exists")
        assert refused.faults == ["/external_id"]
    administrator.post(path(world.district()) + "/sites", {
        "name": "Oak", "external_id": "oak"}).expect(201)
    assert administrator.get(sites, query={"external_id": "oak"}).ids == [
        site["id"]]


def test_a_site_that_is_no_longer_used(administrator, contact, district,
                                       site):
    case = contact.submit(site_id=site["id"])
    before = contact.get(path(district)).etag
    changed = administrator.patch(site.location, {
        "active": False, "name": "Oak (closed)"}, etag=site.etag).expect(200)
    assert changed["active"] is False and changed.etag != site.etag
    now = contact.get(path(district))
    assert now["sites"] == [] and now.etag != before
    assert contact.get(path(district) + "/sites", query={
        "active": "true"}).ids == []
    refused = contact.post("/v1/cases", a_case(site_id=site["id"]))
    assert refused.expect(422).faults == ["/site_id"]
    assert case["site_id"] == site["id"]
    case.change(priority="high").expect(200)
    event = events(contact, type="site.updated")[-1]
    assert event["data"] == {"site_id": site["id"]}
    assert [c["member"] for c in event["changes"]] == ["active", "name"]


def test_a_change_of_a_site_is_of_a_version(administrator, site):
    administrator.patch(site.location, {"name": "A"}, etag=site.etag
                        ).expect(200)
    administrator.patch(site.location, {"name": "B"}, etag=site.etag
                        ).expect(412)
    administrator.patch("/v1/sites/9007199254740991", {"name": "B"},
                        etag="*").expect(404)


# -- trying out --------------------------------------------------------------

EFFECT = {"valid": True, "contacts_gaining_access": 0,
          "contacts_losing_access": 0, "contacts_gaining_outage_line": 0,
          "contacts_losing_outage_line": 0, "open_outage_cases": 0}


@pytest.fixture
def attempt(administrator):
    def attempt(district, **change):
        return administrator.post(path(district) + "/validation", change)
    return attempt


@pytest.mark.fact(37)
@pytest.mark.rule("2.10")
def test_a_change_of_hosting_shows_whose_outage_line_it_touches(
        attempt, administrator, world, staff):
    district = world.district(hosting="campus_hosted")
    contact, other = district.contact(), district.contact()
    contact.submit(type="outage", priority="critical")
    contact.submit(type="outage", priority="critical").close().expect(200)
    contact.submit()
    staff.patch(f"/v1/contacts/{other.id}", {"authorized": False}, etag="*"
                ).expect(200)
    before = administrator.get(path(district))
    assert attempt(district, hosting="self_hosted").expect(200).json == {
        **EFFECT, "contacts_losing_outage_line": 1, "open_outage_cases": 1}
    assert administrator.get(path(district)).etag == before.etag
    assert events(administrator, district_id=district.id,
                  type="district.updated") == []
    assert attempt(district, hosting="campus_hosted",
                   name="Another").expect(200).json == EFFECT
    administrator.patch(path(district), {"hosting": "self_hosted"}, etag="*"
                        ).expect(200)
    assert attempt(district, hosting="campus_hosted").expect(200).json == {
        **EFFECT, "contacts_gaining_outage_line": 1, "open_outage_cases": 1}


def test_letting_go_shows_whose_access_it_touches(
        attempt, administrator, world):
    district = world.district(hosting="self_hosted")
    district.contact(), district.contact()
    assert attempt(district, active=False).expect(200).json == {
        **EFFECT, "contacts_losing_access": 2}
    administrator.patch(path(district), {"active": False}, etag="*"
                        ).expect(200)
    assert attempt(district, active=True).expect(200).json == {
        **EFFECT, "contacts_gaining_access": 2}


def test_what_would_be_refused_is(attempt, administrator, world):
    district, other = world.district(), world.district()
    code = f"taken-{other.id}"
    administrator.patch(path(other), {"external_id": code}, etag="*"
                        ).expect(200)
    attempt(district, external_id=code).expect(409, problem="already-exists")
    assert attempt(district, time_zone="Mars/Base").expect(422).faults == [
        "/time_zone"]
