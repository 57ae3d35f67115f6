"""Incidents and maintenance: facts 64 to 66, and who sees them."""

import pytest

from incidents import INCIDENTS, an_incident, say
from vectors import instant
from world import Case, a_case


# -- what is said stays ------------------------------------------------------

@pytest.mark.fact(64)
def test_an_incident_goes_from_awareness_to_resolved(incident, lead):
    for status in ("investigating", "identified", "monitoring", "resolved"):
        say(lead, incident, status, f"Now {status}.").expect(201)
    now = lead.get(incident.location).expect(200)
    assert [(u["status"], u["text"]) for u in now["updates"]] == [
        ("awareness", "We know of it."),
        *((s, f"Now {s}.") for s in (
            "investigating", "identified", "monitoring", "resolved"))]
    times = [u["at"] for u in now["updates"]]
    assert times == sorted(times, key=instant)
    assert now["resolved_at"] == times[-1]
    assert all(u["author"] == {"kind": "staff", "id": lead.id,
                               "name": u["author"]["name"]}
               for u in now["updates"])


@pytest.mark.fact(64)
def test_a_fix_that_did_not_hold_is_investigated_again(incident, lead):
    for status in ("monitoring", "investigating", "investigating"):
        assert say(lead, incident, status).expect(201)["status"] == status


@pytest.mark.fact(64)
def test_nobody_is_unaware_again(incident, lead):
    say(lead, incident, "awareness").expect(201)
    say(lead, incident, "identified").expect(201)
    answer = say(lead, incident, "awareness").expect(
        409, problem="illegal-transition")
    assert answer["allowed_transitions"] == [
        "investigating", "identified", "monitoring", "resolved"]
    say(lead, incident, "in_progress").expect(
        409, problem="illegal-transition")


@pytest.mark.fact(64)
def test_what_is_resolved_stays_so(incident, lead):
    say(lead, incident, "resolved").expect(201)
    for answer in (say(lead, incident, "investigating"),
                   lead.patch(incident.location, {"title": "Else"},
                                 etag="*")):
        answer.expect(409, problem="illegal-transition")
        assert answer["allowed_transitions"] == []
        assert "another incident" in answer["detail"]
    assert lead.get(incident.location)["title"] == incident["title"]


def test_updates_stay_as_they_were_written(incident, as_role):
    for kind in ("contact", "partner", "staff", "worker"):
        role = as_role(kind)
        for table in ("incident_updates", "incident_events",
                      "incident_deliveries"):
            assert role.fails(f"update casework.{table} set incident_id = 1"
                              ) == "42501"
            assert role.fails(f"delete from casework.{table}") == "42501"
        assert role.fails("delete from casework.incidents") == "42501"


def test_maintenance_is_scheduled_and_done(open_incident, lead, district):
    work = open_incident(
        kind="maintenance", severity="none",
        scope={"districts": [district.id]},
        scheduled_from="2026-12-05T04:00:00-06:00",
        scheduled_until="2026-12-05T06:00:00-06:00")
    assert work["status"] == "scheduled"
    assert work["scheduled_from"] == "2026-12-05T10:00:00Z"
    say(lead, work, "in_progress").expect(201)
    assert say(lead, work, "completed").expect(201)["resolved_at"]


# -- what an incident may be -------------------------------------------------

@pytest.mark.parametrize("changes, pointer", [
    ({"scope": {}}, "/scope"),
    ({"scope": {"districts": []}}, "/scope"),
    ({"scope": {"districts": [9007199254740991]}}, "/scope/districts"),
    ({"scope": {"product_areas": ["none"]}}, "/scope/product_areas"),
    ({"components": ["none"]}, "/components"),
    ({"channels": ["email"]}, "/channels"),
    ({"status": "scheduled"}, "/status"),
    ({"status": "resolved"}, "/status"),
    ({"scheduled_from": "2026-12-05T10:00:00Z"}, "/scheduled_from"),
    ({"kind": "maintenance", "scheduled_until": "2026-12-05T10:00:00Z"},
     "/scheduled_from"),
    ({"kind": "maintenance", "scheduled_from": "2026-12-05T10:00:00Z",
      "scheduled_until": "2026-12-05T10:00:00Z"}, "/scheduled_until"),
])
def test_what_makes_no_incident_is_named(lead, changes, pointer):
    answer = lead.post(INCIDENTS, an_incident(**changes))
    assert pointer in answer.expect(422).faults


def test_a_wrong_status_is_answered_with_those_allowed(lead):
    answer = lead.post(INCIDENTS, an_incident(status="scheduled"))
    (fault,) = answer.expect(422)["errors"]
    for status in ("awareness", "investigating", "identified", "monitoring"):
        assert status in fault["detail"]
    assert "resolved" not in fault["detail"]


def test_only_staff_write_incidents(contact, partner, incident):
    for someone in (contact, partner):
        someone.post(INCIDENTS, an_incident()).expect(403)
        say(someone, incident, "resolved").expect(403)
        someone.patch(incident.location, {"title": "x"}, etag="*").expect(403)
        someone.get(incident.location + "/history").expect(403)


def test_a_change_needs_the_version_it_is_based_on(incident, lead):
    changed = lead.patch(incident.location, {"severity": "critical"},
                            etag=incident.etag).expect(200)
    assert changed["severity"] == "critical"
    lead.patch(incident.location, {"severity": "minor"},
                  etag=incident.etag).expect(412)
    lead.patch(incident.location, {"severity": "minor"}).expect(428)
    say(lead, incident, "identified").expect(201)
    lead.patch(incident.location, {"severity": "minor"},
                  etag=changed.etag).expect(412)


def test_an_unchanged_incident_is_not_sent_again(incident, contact, lead):
    known = {"If-None-Match": incident.etag}
    contact.get(incident.location, headers=known).expect(304)
    say(lead, incident, "identified").expect(201)
    contact.get(incident.location, headers=known).expect(200)


def test_a_change_that_changes_nothing_is_none(incident, lead):
    same = lead.patch(incident.location, {"title": incident["title"]},
                         etag="*").expect(200)
    assert same.etag == incident.etag
    assert len(lead.all(incident.location + "/history")) == 1


def test_a_patch_of_the_scope_leaves_the_rest_of_it(incident, lead):
    scope = lead.patch(incident.location, {"scope": {"states": ["WY"]}},
                          etag="*").expect(200)["scope"]
    assert scope == {**incident["scope"], "states": ["WY"]}


def test_every_change_is_in_the_history(incident, lead):
    lead.patch(incident.location, {"severity": "minor"},
                  etag="*").expect(200)
    say(lead, incident, "resolved").expect(201)
    events = lead.all(incident.location + "/history")
    assert [e["type"] for e in events] == [
        "incident.opened", "incident.updated", "incident.resolved"]
    assert {"member": "severity", "old": "major", "new": "minor"} in (
        events[1]["changes"])
    assert all(e["actor"]["id"] == lead.id for e in events)


# -- who sees it -------------------------------------------------------------

def sees(caller, incident):
    listed = incident["id"] in [
        i["id"] for i in caller.all(INCIDENTS, limit=100)]
    read = caller.get(incident.location).expect(200, 404).status == 200
    assert listed == read
    return read


@pytest.mark.fact(50)
def test_a_district_that_is_named_sees_it_and_no_other(
        incident, contact, colleague, stranger, partner, staff, world):
    for someone in (contact, colleague, partner, staff):
        assert sees(someone, incident)
    for someone in (stranger, world.partner(stranger.district)):
        assert not sees(someone, incident)


@pytest.mark.fact(50)
def test_another_districts_incident_is_none(incident, stranger):
    hidden = stranger.get(incident.location).expect(404)
    unknown = stranger.get(INCIDENTS + "/9007199254740991").expect(404)
    assert hidden["detail"] == unknown["detail"]


@pytest.mark.fact(50)
@pytest.mark.parametrize("scope, touched", [
    ({"all": True}, "abcd"),
    ({"hosting": ["campus_hosted"]}, "ac"),
    ({"states": ["WY"]}, "ab"),
    ({"states": ["WY", "NV"]}, "abc"),
    ({"product_areas": ["attendance"]}, "bcd"),    # d's are not known
    ({"versions": ["9.1"]}, "ab"),
    ({"hosting": ["campus_hosted"], "states": ["WY"]}, "a"),
    ({"versions": ["9.1"], "product_areas": ["attendance"]}, "b"),
    ({"hosting": ["self_hosted"], "versions": ["9.9"]}, ""),
    ({"districts": "d", "states": ["NV"]}, "cd"),
])
def test_a_scope_finds_its_districts(
        world, sql, open_incident, scope, touched):
    districts = {
        "a": world.district(hosting="campus_hosted", state="WY"),
        "b": world.district(hosting="self_hosted", state="WY"),
        "c": world.district(hosting="campus_hosted", state="NV"),
        "d": world.district(hosting="self_hosted", state="VT")}
    for name, version, areas in (
            ("a", "9.1", ["grade_book"]), ("b", "9.1", ["attendance"]),
            ("c", "9.2", ["grade_book", "attendance"])):
        sql.run("update casework.districts set product_version = %s,"
                " product_areas = %s where id = %s",
                version, areas, districts[name].id)
    scope = dict(scope)
    if "districts" in scope:
        scope["districts"] = [districts[scope["districts"]].id]
    incident = open_incident(scope=scope)
    assert "".join(name for name, district in districts.items()
                   if sees(district.contact(), incident)) == touched


@pytest.mark.fact(69)
def test_reach_is_told_before_it_is_published(world, lead, district):
    """Of active districts: what the very scope would touch."""
    place = world.district(state="HI")
    for _ in range(3):
        place.contact()
    former = place.contact()
    by = world.registrar
    by.patch(f"/v1/contacts/{former.id}", {"authorized": False},
             etag="*").expect(200)

    def reach(**scope):
        answer = lead.post(f"{INCIDENTS}/validation", an_incident(
            scope=scope)).expect(200)
        assert answer["valid"] is True
        return answer["reach"]
    newest = lead.get(INCIDENTS, query={"limit": 1}).body
    assert reach(districts=[place.id]) == {"districts": 1, "contacts": 3}
    both = reach(districts=[place.id, district.id])
    assert both["districts"] == 2 and both["contacts"] >= 3
    assert reach(states=["HI"])["contacts"] >= 3
    assert reach(all=True)["districts"] > 2
    assert lead.get(INCIDENTS, query={"limit": 1}).body == newest
    lead.post(f"{INCIDENTS}/validation", an_incident(scope={})).expect(
        422, problem="invalid-request")


@pytest.mark.fact(66)
def test_nobody_reads_which_other_districts_are_touched(
        open_incident, contact, stranger, partner, lead, world):
    both = sorted([contact.district.id, stranger.district.id])
    incident = open_incident(scope={"districts": both})
    assert incident["scope"]["districts"] == both
    for someone in (contact, partner):
        seen = someone.get(incident.location).expect(200)
        assert seen["scope"]["districts"] == [contact.district.id]
        assert seen["deliveries"] is None
        assert stranger.district.id not in seen["scope"]["districts"]
    assert lead.get(incident.location)["scope"]["districts"] == both


@pytest.mark.parametrize("kind", ["contact", "partner"])
def test_the_database_itself_hides_what_touches_others(
        incident, stranger, world, as_role, kind):
    who = {"caller_id": {"contact": stranger, "partner": world.partner(
        stranger.district)}[kind].id}
    for table, column in (("incidents", "id"),
                          ("incident_districts", "incident_id"),
                          ("incident_updates", "incident_id")):
        assert as_role(kind).acting(
            f"select 1 from casework.{table} where {column} = %s",
            incident["id"], **who) == []


def test_a_partner_loses_it_with_the_district(
        incident, partner, district, world):
    assert sees(partner, incident)
    world.end_partner(partner, district)
    assert not sees(partner, incident)


@pytest.mark.parametrize("query, found", [
    ({"kind": "incident"}, True), ({"kind": "maintenance"}, False),
    ({"status": "awareness,monitoring"}, True), ({"status": "resolved"}, False),
    ({"severity": "major"}, True), ({"severity": "minor"}, False),
    ({"component": "grade_book"}, True), ({"component": "hosting"}, False),
    ({"open": "true"}, True), ({"open": "false"}, False)])
def test_every_filter_of_incidents(
        open_incident, contact, district, query, found):
    incident = open_incident(scope={"districts": [district.id]},
                             components=["grade_book"])
    ids = [i["id"] for i in contact.all(INCIDENTS, **query)]
    assert (incident["id"] in ids) == found


@pytest.mark.fact(50)
@pytest.mark.rule("2.10")
def test_a_closed_notice_stays_in_the_list(incident, contact, lead):
    say(lead, incident, "resolved", "It was a disk.").expect(201)
    (closed,) = [i for i in contact.all(INCIDENTS, open="false")
                 if i["id"] == incident["id"]]
    assert closed["latest_update"]["text"] == "It was a disk."


# -- cases -------------------------------------------------------------------

@pytest.mark.fact(65)
def test_a_critical_case_that_names_an_incident_needs_no_call(
        incident, contact):
    without = contact.submit(priority="critical")
    assert [s["action"] for s in without.answer["next_steps"]] == ["call"]
    case = contact.submit(priority="critical", incident_id=incident["id"])
    assert case.answer["next_steps"] == [] == case["next_steps"]
    assert case["incident_id"] == incident["id"]
    without.change(incident_id=incident["id"]).expect(200)
    assert without["next_steps"] == []
    without.change(incident_id=None).expect(200)
    assert without["next_steps"] != []


@pytest.mark.fact(65)
def test_maintenance_to_come_is_no_incident_yet(open_incident, contact, clock,
                                                timer):
    clock.at("2026-11-23T10:00:00-06:00")
    work = open_incident(
        kind="maintenance", severity="none", scope={"all": True},
        scheduled_from="2026-11-23T11:00:00-06:00",
        scheduled_until="2026-11-23T12:00:00-06:00")
    body = a_case(priority="critical", incident_id=work["id"])
    assert contact.post("/v1/cases", body).expect(422).faults == [
        "/incident_id"]
    clock.at("2026-11-23T11:00:00-06:00")
    timer("maintenance")
    assert contact.post("/v1/cases", body).expect(201)["next_steps"] == []


@pytest.mark.fact(65)
def test_an_outage_that_names_an_incident_needs_no_call(incident, contact):
    case = contact.submit(type="outage", priority="critical",
                          incident_id=incident["id"])
    assert case["next_steps"] == []


@pytest.mark.fact(66)
def test_impact_is_counted_from_the_cases(
        open_incident, contact, colleague, stranger, partner, lead):
    incident = open_incident(scope={"districts": [
        contact.district.id, stranger.district.id]})
    assert incident["impact"] == {"districts": 0, "cases": 0,
                                  "by_district": []}
    contact.submit(incident_id=incident["id"])
    colleague.submit(incident_id=incident["id"]).close().expect(200)
    stranger.submit(incident_id=incident["id"])
    contact.submit(incident_id=incident["id"]).change(lead, test=True
                                                      ).expect(200)
    assert lead.get(incident.location)["impact"] == {
        "districts": 2, "cases": 3, "by_district": sorted(
            [{"district_id": contact.district.id, "cases": 2},
             {"district_id": stranger.district.id, "cases": 1}],
            key=lambda row: row["district_id"])}
    for someone in (contact, stranger, partner):
        assert someone.get(incident.location)["impact"] == {
            "districts": None, "cases": None, "by_district": None}


def test_totals_are_told_of_five_districts(
        open_incident, contact, partner, lead, world, as_role):
    """Of four, less one's own, they would be those of three others."""
    others = [world.district().contact() for _ in range(4)]
    incident = open_incident(scope={"districts": [
        one.district.id for one in (contact, *others)]})
    held = {"districts": None, "cases": None, "by_district": None}
    for submitter in (contact, contact, *others):
        for someone in (contact, partner, others[-1]):
            assert someone.get(incident.location)["impact"] == held
        submitter.submit(incident_id=incident["id"])
    for someone in (contact, partner, others[-1]):
        assert someone.get(incident.location)["impact"] == {
            "districts": 5, "cases": 6, "by_district": None}
    stranger = world.district().contact()
    stranger.get(incident.location).expect(404)
    told = "select from views.incident_impact where incident_id = %s"
    role = as_role("contact")
    assert role.acting(told, incident["id"], caller_id=stranger.id) == []
    assert len(role.acting(told, incident["id"], caller_id=contact.id)) == 1
    case = contact.submit(incident_id=incident["id"])
    case.change(lead, test=True).expect(200)
    assert contact.get(incident.location)["impact"]["cases"] == 6


def test_a_case_names_an_open_incident_that_it_may_see(
        incident, contact, stranger, lead, partner):
    for someone, number in ((stranger, incident["id"]),
                            (contact, 9007199254740991)):
        answer = someone.post("/v1/cases", a_case(incident_id=number))
        assert answer.expect(422).faults == ["/incident_id"]
    case = Case(contact, partner.post("/v1/cases", a_case(
        contact_id=contact.id, incident_id=incident["id"])).expect(201))
    say(lead, incident, "resolved").expect(201)
    assert contact.post("/v1/cases", a_case(incident_id=incident["id"])
                        ).expect(422).faults == ["/incident_id"]
    case.change(impact="All").expect(200)   # what is linked stays linked
    assert case["incident_id"] == incident["id"]


def test_a_partners_case_names_no_incident_of_another_of_its_districts(
        incident, contact, stranger, partner, world):
    world.assign_partner(partner.id, stranger.district)
    answer = partner.post("/v1/cases", a_case(
        contact_id=stranger.id, incident_id=incident["id"]))
    assert answer.expect(422).faults == ["/incident_id"]


def test_cases_are_found_by_their_incident(incident, contact, stranger):
    case = contact.submit(incident_id=incident["id"])
    contact.submit()
    query = {"incident_id": incident["id"]}
    assert contact.get("/v1/cases", query=query).ids == [case.id]
    assert stranger.get("/v1/cases", query=query).ids == []


def test_a_district_named_twice_is_named_once(open_incident, district):
    incident = open_incident(scope={"districts": [district.id, district.id]})
    assert incident["scope"]["districts"] == [district.id]
