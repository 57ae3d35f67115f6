"""The banner of the portal: fact 50 and its edge cases in 2.10."""

import pytest

from hard_dates import each_span, just_before, later
from incidents import say

BANNER = "/v1/status/banner"
NOW = "2026-11-23T10:00:00-06:00"


@pytest.fixture(autouse=True)
def quiet(sql):
    """What other tests left open touches nobody but their own districts."""
    sql.run("update casework.incidents set resolved_at = rules.now() where"
            " resolved_at is null and (scope_all or cardinality(scope_hosting"
            " || scope_states || scope_product_areas || scope_versions) > 0)")


def banner(caller, district=None):
    query = {"district_id": district.id} if district else None
    return caller.get(BANNER, query=query).expect(200)["banner"]


def maintenance(open_incident, district, start, end, **changes):
    return open_incident(
        kind="maintenance", severity="none", scheduled_from=start,
        scheduled_until=end, scope={"districts": [district.id]}, **changes)


@pytest.mark.fact(50)
def test_no_incident_no_banner(contact):
    assert banner(contact) is None


@pytest.mark.fact(50)
def test_an_incident_is_an_orange_banner_with_what_was_said_last(
        open_incident, contact, district, lead):
    incident = open_incident(scope={"districts": [district.id]})
    say(lead, incident, "identified", "Use the mobile app.").expect(201)
    shown = banner(contact)
    assert (shown["kind"], shown["colour"]) == ("incident", "orange")
    assert shown["text"] == "Use the mobile app."
    assert shown["title"] == incident["title"]
    assert shown["status"] == "identified"
    assert shown["incident_id"] == incident["id"]
    contact.get(f"/v1/incidents/{shown['incident_id']}").expect(200)


@pytest.mark.fact(50)
def test_another_districts_banner_is_not_shown(
        open_incident, contact, stranger, district):
    open_incident(scope={"districts": [district.id]})
    assert banner(stranger) is None and banner(contact) is not None


@pytest.mark.fact(50)
@pytest.mark.rule("2.10")
def test_widening_shows_at_once_and_closing_hides(
        open_incident, contact, stranger, lead):
    incident = open_incident(scope={"districts": [contact.district.id]})
    assert banner(stranger) is None
    lead.patch(incident.location, {"scope": {"districts": [
        contact.district.id, stranger.district.id]}}, etag="*").expect(200)
    assert banner(stranger)["incident_id"] == incident["id"]
    say(lead, incident, "resolved").expect(201)
    assert banner(stranger) is None is banner(contact)
    assert incident["id"] in [
        i["id"] for i in stranger.all("/v1/incidents", open="false")]


@pytest.mark.fact(50)
@pytest.mark.rule("2.10")
def test_the_banner_follows_the_district(open_incident, world, sql):
    """Hosting, version and product areas are data of the district."""
    district = world.district(hosting="self_hosted", state="AK")
    sql.run("update casework.districts set product_areas = '{attendance}'"
            " where id = %s", district.id)
    contact = district.contact()
    open_incident(scope={"hosting": ["campus_hosted"], "states": ["AK"],
                         "versions": ["7.7"],
                         "product_areas": ["point_of_sale"]})
    for change in ("hosting = 'campus_hosted'", "product_version = '7.7'",
                   "product_areas = array['point_of_sale']"):
        assert banner(contact) is None
        sql.run(f"update casework.districts set {change} where id = %s",
                district.id)
    assert banner(contact)["colour"] == "orange"


@pytest.mark.fact(50)
@pytest.mark.parametrize("areas", [None, "{}"])
def test_a_district_whose_areas_are_not_known_uses_all(
        open_incident, contact, district, sql, areas):
    sql.run("update casework.districts set product_areas = %s where id = %s",
            areas, district.id)
    open_incident(scope={"product_areas": ["point_of_sale"]})
    assert banner(contact)["colour"] == "orange"
    sql.run("update casework.districts set product_areas = '{attendance}'"
            " where id = %s", district.id)
    assert banner(contact) is None


@pytest.mark.fact(50)
def test_several_open_incidents_are_several_banners(
        open_incident, contact, stranger, district, lead):
    opened = [open_incident(severity=severity, scope={
        "districts": [district.id]}) for severity in ("minor", "critical")]
    open_incident(scope={"districts": [stranger.district.id]})
    answer = contact.get(BANNER).expect(200)
    assert [b["incident_id"] for b in answer["banners"]] == [
        opened[1]["id"], opened[0]["id"]]
    assert answer["banner"] == answer["banners"][0]
    say(lead, opened[1], "resolved").expect(201)
    assert [b["incident_id"] for b in contact.get(BANNER)["banners"]] == [
        opened[0]["id"]]
    say(lead, opened[0], "resolved").expect(201)
    none = contact.get(BANNER).expect(200)
    assert none["banner"] is None and none["banners"] == []


@pytest.mark.fact(50)
def test_twenty_banners_at_most(open_incident, contact, district):
    for _ in range(21):
        open_incident(severity="minor", scope={"districts": [district.id]})
    last = open_incident(severity="major", scope={"districts": [district.id]})
    banners = contact.get(BANNER).expect(200)["banners"]
    assert len(banners) == 20 and banners[0]["incident_id"] == last["id"]


@pytest.mark.fact(50)
def test_an_incident_comes_before_maintenance(
        open_incident, contact, district, clock, lead):
    clock.at(NOW)
    maintenance(open_incident, district, "2026-11-23T09:00:00-06:00",
                "2026-11-23T12:00:00-06:00")
    assert banner(contact)["colour"] == "green"
    minor = open_incident(severity="minor",
                          scope={"districts": [district.id]})
    assert banner(contact)["colour"] == "orange"
    major = open_incident(severity="major",
                          scope={"districts": [district.id]})
    assert banner(contact)["incident_id"] == major["id"]
    say(lead, minor, "identified").expect(201)
    assert banner(contact)["incident_id"] == major["id"]
    for incident in (minor, major):
        say(lead, incident, "resolved").expect(201)
    assert banner(contact)["kind"] == "maintenance"


@pytest.mark.fact(50)
@pytest.mark.parametrize("moment, shown", [
    ("2026-11-21T05:59:59-06:00", False),
    ("2026-11-21T06:00:00-06:00", True),
    ("2026-12-05T07:59:59-06:00", True),
    ("2026-12-05T08:00:00-06:00", False)])
def test_maintenance_is_posted_two_weeks_ahead(
        open_incident, contact, district, clock, moment, shown):
    clock.at("2026-11-01T10:00:00-06:00")
    maintenance(open_incident, district, "2026-12-05T06:00:00-06:00",
                "2026-12-05T08:00:00-06:00")
    clock.at(moment)
    assert (banner(contact) is not None) == shown


@pytest.mark.fact(50)
@each_span
def test_maintenance_is_posted_until_its_end_whatever_the_date(
        open_incident, contact, district, clock, begins, ends):
    posted = later(begins, days=-14)
    clock.at(later(posted, days=-1))
    maintenance(open_incident, district, begins, ends)

    def shown_at(moment):
        clock.at(moment)
        return banner(contact) is not None
    assert [shown_at(m) for m in (just_before(posted), posted,
                                  just_before(ends), ends)] == [
        False, True, True, False]


def test_maintenance_that_takes_longer_stays_posted(
        open_incident, contact, district, clock, lead):
    clock.at(NOW)
    work = maintenance(open_incident, district, "2026-11-23T08:00:00-06:00",
                       "2026-11-23T09:00:00-06:00")
    assert banner(contact) is None
    say(lead, work, "in_progress", "It takes longer.").expect(201)
    assert banner(contact)["text"] == "It takes longer."
    say(lead, work, "completed").expect(201)
    assert banner(contact) is None


def test_partners_and_staff_ask_for_a_district_or_for_all_of_theirs(
        open_incident, partner, district, stranger, staff, world):
    assert banner(partner) is None
    incident = open_incident(scope={"districts": [district.id]},
                             severity="critical")
    for someone in (partner, staff):
        assert banner(someone)["incident_id"] == incident["id"]
        assert banner(someone, district)["colour"] == "orange"
    assert banner(staff, stranger.district) is None
    assert banner(world.partner(stranger.district)) is None
    elsewhere = {"district_id": stranger.district.id}
    partner.get(BANNER, query=elsewhere).expect(404)
    staff.get(BANNER, query={"district_id": 9007199254740991}).expect(404)


def test_a_partners_banner_is_that_of_the_district_asked_for(
        open_incident, partner, district, stranger, world):
    world.assign_partner(partner.id, stranger.district)
    open_incident(scope={"districts": [stranger.district.id]})
    assert banner(partner, district) is None
    assert banner(partner, stranger.district) is not None


def test_a_contact_asks_for_its_own_district_only(contact, stranger):
    assert banner(contact, contact.district) is None
    contact.get(BANNER, query={"district_id": stranger.district.id}
                ).expect(404)
