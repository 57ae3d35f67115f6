"""Mail about incidents and the record of deliveries: facts 63 and 69."""

import pytest

from incidents import say


def recipients(sql, incident):
    return sql.rows("select * from rules.incident_mail_recipients(%s)",
                    incident["id"])


@pytest.mark.fact(69)
def test_mail_is_off_until_staff_decide_otherwise(
        incident, advisor, contact, sql):
    assert incident["email_contacts"] is False
    assert recipients(sql, incident) == []
    assert not any(e["email"] for e in
                   advisor.all(incident.location + "/history"))
    on = advisor.patch(incident.location, {"email_contacts": True},
                       etag="*").expect(200)
    assert on["channels"] == ["email"]
    event = advisor.all(incident.location + "/history")[-1]
    assert event["type"] == "incident.email_enabled" and event["email"]
    assert event["actor"]["id"] == advisor.id
    assert event["update_id"] == on["updates"][-1]["id"]
    advisor.patch(incident.location, {"email_contacts": False},
                  etag="*").expect(200)
    event = advisor.all(incident.location + "/history")[-1]
    assert event["type"] == "incident.email_disabled" and not event["email"]


@pytest.mark.fact(69)
def test_mail_goes_to_authorized_contacts_of_the_districts_touched(
        open_incident, contact, colleague, stranger, staff, sql, advisor):
    incident = open_incident(scope={"districts": [contact.district.id]},
                             email_contacts=True)
    staff.patch(f"/v1/contacts/{colleague.id}", {"authorized": False},
                etag="*").expect(200)
    assert recipients(sql, incident) == [
        {"contact_id": contact.id, "district_id": contact.district.id,
         "email": contact.record["email"]}]
    advisor.patch(incident.location, {"scope": {"districts": [
        contact.district.id, stranger.district.id]}}, etag="*").expect(200)
    assert {r["contact_id"] for r in recipients(sql, incident)} == {
        contact.id, stranger.id}


@pytest.mark.fact(69)
def test_who_enabled_mail_when_opening_is_recorded_once(
        open_incident, advisor, district):
    incident = open_incident(scope={"districts": [district.id]},
                             email_contacts=True, channels=["email"])
    events = advisor.all(incident.location + "/history")
    assert [(e["type"], e["email"]) for e in events] == [
        ("incident.opened", True), ("incident.email_enabled", False)]
    say(advisor, incident, "resolved").expect(201)
    assert advisor.all(incident.location + "/history")[-1]["email"]


def mailed(sql, incident):
    """(contact, kind of event) of every mail about the incident."""
    return [(m["recipient_id"], m["kind"]) for m in sql.rows(
        "select m.recipient_id, m.kind from casework.mails m"
        " join casework.incident_events e on e.id = m.event_id"
        " where m.source = 'incident' and e.incident_id = %s"
        " order by m.id", incident["id"])]


def widen(advisor, incident, *districts, **changes):
    return advisor.patch(incident.location, {
        "scope": {"districts": [d.id for d in districts], **changes}},
        etag="*").expect(200)


@pytest.mark.fact(69)
@pytest.mark.rule("2.10")
def test_who_is_newly_touched_is_told_at_once_and_once(
        open_incident, contact, stranger, advisor, dispatch, sql, world):
    incident = open_incident(scope={"districts": [contact.district.id]},
                             email_contacts=True)
    dispatch()
    widen(advisor, incident, contact.district, stranger.district)
    dispatch()
    assert mailed(sql, incident) == [
        (contact.id, "incident.opened"), (stranger.id, "incident.widened")]
    widen(advisor, incident, contact.district)
    widen(advisor, incident, contact.district, stranger.district)
    third = world.district().contact()
    widen(advisor, incident, contact.district, stranger.district,
          third.district)
    dispatch()
    assert mailed(sql, incident)[2:] == [(third.id, "incident.widened")]
    event = advisor.all(incident.location + "/history")[-1]
    assert (event["type"], event["actor"]["id"]) == (
        "incident.widened", advisor.id)
    (delivery,) = advisor.get(incident.location)["deliveries"]
    assert (delivery["channel"], delivery["recipients"]) == ("email", 3)


@pytest.mark.fact(69)
def test_a_wider_incident_is_mailed_only_where_staff_have_enabled_it(
        open_incident, contact, stranger, advisor, dispatch, sql):
    quiet = open_incident(scope={"districts": [contact.district.id]})
    widen(advisor, quiet, contact.district, stranger.district)
    dispatch()
    assert mailed(sql, quiet) == []
    assert "incident.widened" not in [
        e["type"] for e in advisor.all(quiet.location + "/history")]
    advisor.patch(quiet.location, {"email_contacts": True}, etag="*"
                  ).expect(200)
    advisor.patch(quiet.location, {"title": "Slower still"}, etag="*"
                  ).expect(200)
    dispatch()
    assert sorted(mailed(sql, quiet)) == sorted(
        (c.id, "incident.email_enabled") for c in (contact, stranger))


@pytest.mark.fact(63, 69)
def test_each_delivery_is_recorded(
        open_incident, advisor, contact, dispatch):
    district = contact.district
    incident = open_incident(
        scope={"districts": [district.id]}, email_contacts=True,
        channels=["community"])
    first = incident["updates"][0]["id"]
    assert [(d["update_id"], d["channel"]) for d in incident["deliveries"]
            ] == [(first, "community")]
    dispatch()
    say(advisor, incident, "identified").expect(201)
    deliveries = advisor.get(incident.location)["deliveries"]
    assert [(d["update_id"] == first, d["channel"], d["recipients"])
            for d in deliveries] == [
        (True, "community", None), (True, "email", 1),
        (False, "community", None)]
