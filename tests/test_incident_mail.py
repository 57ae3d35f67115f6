"""Mail about incidents and the record of deliveries: facts 63 and 69."""

import pytest

from incidents import hand_out, say


def recipients(sql, incident):
    return sql.rows("select * from rules.incident_mail_recipients(%s)",
                    incident["id"])


@pytest.mark.fact(69)
def test_mail_is_off_until_staff_decide_otherwise(
        incident, lead, contact, sql):
    assert incident["email_contacts"] is False
    assert recipients(sql, incident) == []
    assert not any(e["email"] for e in
                   lead.all(incident.location + "/history"))
    on = lead.patch(incident.location, {"email_contacts": True},
                       etag="*").expect(200)
    assert on["channels"] == ["email"]
    event = lead.all(incident.location + "/history")[-1]
    assert event["type"] == "incident.email_enabled" and event["email"]
    assert event["actor"]["id"] == lead.id
    assert event["update_id"] == on["updates"][-1]["id"]
    lead.patch(incident.location, {"email_contacts": False},
                  etag="*").expect(200)
    event = lead.all(incident.location + "/history")[-1]
    assert event["type"] == "incident.email_disabled" and not event["email"]


@pytest.mark.fact(69)
def test_mail_goes_to_authorized_contacts_of_the_districts_touched(
        open_incident, contact, colleague, stranger, staff, sql, lead):
    incident = open_incident(scope={"districts": [contact.district.id]},
                             email_contacts=True)
    staff.patch(f"/v1/contacts/{colleague.id}", {"authorized": False},
                etag="*").expect(200)
    assert recipients(sql, incident) == [
        {"contact_id": contact.id, "district_id": contact.district.id,
         "email": contact.record["email"]}]
    lead.patch(incident.location, {"scope": {"districts": [
        contact.district.id, stranger.district.id]}}, etag="*").expect(200)
    assert {r["contact_id"] for r in recipients(sql, incident)} == {
        contact.id, stranger.id}


@pytest.mark.fact(69)
def test_who_enabled_mail_when_opening_is_recorded_once(
        open_incident, lead, district):
    incident = open_incident(scope={"districts": [district.id]},
                             email_contacts=True, channels=["email"])
    events = lead.all(incident.location + "/history")
    assert [(e["type"], e["email"]) for e in events] == [
        ("incident.opened", True), ("incident.email_enabled", False)]
    say(lead, incident, "resolved").expect(201)
    assert lead.all(incident.location + "/history")[-1]["email"]


def mailed(sql, incident):
    """(contact, kind of event) of every mail about the incident."""
    return [(m["recipient_id"], m["kind"]) for m in sql.rows(
        "select m.recipient_id, m.kind from casework.mails m"
        " join casework.incident_events e on e.id = m.event_id"
        " where m.source = 'incident' and e.incident_id = %s"
        " order by m.id", incident["id"])]


def widen(lead, incident, *districts, **changes):
    return lead.patch(incident.location, {
        "scope": {"districts": [d.id for d in districts], **changes}},
        etag="*").expect(200)


@pytest.mark.fact(69)
@pytest.mark.rule("2.10")
def test_who_is_newly_touched_is_told_at_once_and_once(
        open_incident, contact, stranger, lead, dispatch, sql, world):
    incident = open_incident(scope={"districts": [contact.district.id]},
                             email_contacts=True)
    dispatch()
    hand_out(sql, contact)
    widen(lead, incident, contact.district, stranger.district)
    dispatch()
    assert mailed(sql, incident) == [
        (contact.id, "incident.opened"), (stranger.id, "incident.widened")]
    widen(lead, incident, contact.district)
    widen(lead, incident, contact.district, stranger.district)
    third = world.district().contact()
    widen(lead, incident, contact.district, stranger.district,
          third.district)
    dispatch()
    assert mailed(sql, incident)[2:] == [(third.id, "incident.widened")]
    event = lead.all(incident.location + "/history")[-1]
    assert (event["type"], event["actor"]["id"]) == (
        "incident.widened", lead.id)
    (delivery,) = lead.get(incident.location)["deliveries"]
    assert (delivery["channel"], delivery["recipients"]) == ("email", 3)


@pytest.mark.fact(69)
def test_a_wider_incident_is_mailed_only_where_staff_have_enabled_it(
        open_incident, contact, stranger, lead, dispatch, sql):
    quiet = open_incident(scope={"districts": [contact.district.id]})
    widen(lead, quiet, contact.district, stranger.district)
    dispatch()
    assert mailed(sql, quiet) == []
    assert "incident.widened" not in [
        e["type"] for e in lead.all(quiet.location + "/history")]
    lead.patch(quiet.location, {"email_contacts": True}, etag="*"
                  ).expect(200)
    lead.patch(quiet.location, {"title": "Slower still"}, etag="*"
                  ).expect(200)
    dispatch()
    assert sorted(mailed(sql, quiet)) == sorted(
        (c.id, "incident.email_enabled") for c in (contact, stranger))


@pytest.mark.fact(63, 69)
def test_each_delivery_is_recorded(
        open_incident, lead, contact, dispatch):
    district = contact.district
    incident = open_incident(
        scope={"districts": [district.id]}, email_contacts=True,
        channels=["community"])
    first = incident["updates"][0]["id"]
    assert [(d["update_id"], d["channel"]) for d in incident["deliveries"]
            ] == [(first, "community")]
    dispatch()
    say(lead, incident, "identified").expect(201)
    deliveries = lead.get(incident.location)["deliveries"]
    assert [(d["update_id"] == first, d["channel"], d["recipients"])
            for d in deliveries] == [
        (True, "community", None), (True, "email", 1),
        (False, "community", None)]


# -- what they hold, and how many (3.3) --------------------------------------

def mails(sql, contact):
    return sql.rows(
        "select subject, text, collected, state, extract(epoch from visible_at"
        " - created_at) as waits from casework.mails where source = 'incident'"
        " and recipient_id = %s order by id", contact.id)


@pytest.mark.fact(69)
def test_a_mail_says_what_it_is_about(
        open_incident, contact, dispatch, sql, clock, world):
    sql.run("update casework.districts set time_zone = 'America/Denver'"
            " where id = %s", contact.district.id)
    clock.at("2026-11-28T22:00:00-07:00")
    incident = open_incident(
        scope={"districts": [contact.district.id]}, email_contacts=True,
        components=["grade_book", "attendance"], text="Scores are not saved.")
    dispatch()
    (mail,) = mails(sql, contact)
    assert mail["subject"] == f"Incident: {incident['title']}"
    for words in (incident["title"], "Affected: Attendance, Grade Book",
                  "Saturday, November 28, 2026, 10:00 p.m. Mountain Time"
                  " (11:00 p.m. Central Time)\nScores are not saved.",
                  "Status page: {status}", "Please do not reply"):
        assert words in mail["text"], words


@pytest.mark.parametrize("scope, affected", [
    ({"product_areas": ["grade_book"], "states": ["GU"]}, "Grade Book"),
    ({}, "no part of the product in particular")])
def test_a_mail_says_what_is_affected_where_no_component_is_named(
        open_incident, contact, dispatch, sql, scope, affected):
    open_incident(scope={"districts": [contact.district.id], **scope},
                  email_contacts=True, components=[])
    dispatch()
    (mail,) = mails(sql, contact)
    assert f"\nAffected: {affected}\n" in mail["text"]


@pytest.mark.parametrize("zone, at, told", [
    ("America/Chicago", "2026-11-28T22:00:00-06:00",
     "Saturday, November 28, 2026, 10:00 p.m. Central Time"),
    ("Pacific/Honolulu", "2026-11-28T22:00:00-10:00",
     "Saturday, November 28, 2026, 10:00 p.m. Hawaii Time"
     " (Sunday, 2:00 a.m. Central Time)"),
    ("America/New_York", "2026-07-01T00:30:00-04:00",
     "Wednesday, July 1, 2026, 12:30 a.m. Eastern Time"
     " (Tuesday, 11:30 p.m. Central Time)"),
    ("Pacific/Guam", "2026-07-01T12:00:00+10:00",
     "Wednesday, July 1, 2026, 12:00 p.m. Pacific/Guam"
     " (Tuesday, 9:00 p.m. Central Time)")])
def test_times_are_the_district_s_with_central_time_beside(
        sql, zone, at, told):
    assert sql.value("select rules.told_time(%s, %s)", at, zone) == told


@pytest.mark.fact(69)
def test_maintenance_is_mailed_with_its_times(
        open_incident, contact, dispatch, sql):
    open_incident(kind="maintenance", severity="none",
                  scheduled_from="2099-12-05T20:00:00-06:00",
                  scheduled_until="2099-12-05T22:00:00-06:00",
                  scope={"districts": [contact.district.id]},
                  email_contacts=True)
    dispatch()
    (mail,) = mails(sql, contact)
    assert mail["subject"].startswith("Maintenance: ")
    assert ("From: Saturday, December 5, 2099, 8:00 p.m. Central Time\n"
            "Until: Saturday, December 5, 2099, 10:00 p.m. Central Time"
            ) in mail["text"]


@pytest.mark.fact(69)
def test_what_is_said_before_a_mail_goes_is_in_it(
        open_incident, contact, lead, dispatch, sql):
    incident = open_incident(scope={"districts": [contact.district.id]},
                             email_contacts=True, text="First.")
    dispatch()
    say(lead, incident, "identified", "Second.").expect(201)
    say(lead, incident, "monitoring", "Third.").expect(201)
    dispatch()
    (mail,) = mails(sql, contact)
    assert len(mail["collected"]) == 2 and mail["waits"] < 1
    first, second, third = (mail["text"].index(word) for word in (
        "First.", "Second.", "Third."))
    assert first < second < third
    deliveries = lead.get(incident.location)["deliveries"]
    assert [d["recipients"] for d in deliveries] == [1, 1, 1]


@pytest.mark.fact(69)
def test_a_person_gets_one_mail_in_half_an_hour(
        open_incident, contact, lead, dispatch, sql):
    incident = open_incident(scope={"districts": [contact.district.id]},
                             email_contacts=True, text="First.")
    dispatch()
    hand_out(sql, contact)
    for text in ("Second.", "Third."):
        say(lead, incident, "identified", text).expect(201)
        dispatch()
    first, second = mails(sql, contact)
    assert "Second." not in first["text"]
    assert 1700 < second["waits"] <= 1800
    assert "First." not in second["text"]
    assert "Second." in second["text"] and "Third." in second["text"]
    assert second["subject"].startswith("News about the incident: ")


@pytest.mark.fact(69)
@pytest.mark.parametrize("waits", [True, False])
def test_that_it_is_resolved_is_told_at_once(
        open_incident, contact, lead, dispatch, sql, waits):
    incident = open_incident(scope={"districts": [contact.district.id]},
                             email_contacts=True)
    dispatch()
    hand_out(sql, contact)
    if waits:
        say(lead, incident, "identified", "Second.").expect(201)
        dispatch()
    say(lead, incident, "resolved", "It works again.").expect(201)
    dispatch()
    first, last = mails(sql, contact)
    assert last["subject"] == f"Resolved: {incident['title']}"
    assert "It works again." in last["text"]
    assert ("Second." in last["text"]) == waits
    assert sql.value("select bool_and(visible_at <= clock_timestamp()) as due"
                     " from casework.mails where recipient_id = %s",
                     contact.id)
