"""Announcements: fact 68, for everybody and without login."""

import itertools

import pytest

from hard_dates import each_span, just_before, later
from incidents import say

ANNOUNCEMENTS = "/v1/announcements"
NOW = "2026-11-23T16:00:00Z"
counter = itertools.count(1)


def announce(by, **changes):
    return by.post(ANNOUNCEMENTS, {
        "title": f"Spring release ({next(counter)})",
        "text": "It adds a seating chart.", **changes})


def shown(caller, answer, **query):
    """The announcement as that caller reads it, or None."""
    found = [a for a in caller.all(ANNOUNCEMENTS, limit=100, **query)
             if a["id"] == answer["id"]]
    return found[0] if found else None


def announced(caller, incident, **query):
    """What the announcements say of an incident, or None."""
    found = [a for a in caller.all(ANNOUNCEMENTS, limit=100, **query)
             if a["incident_id"] == incident["id"]]
    return found[0] if found else None


@pytest.mark.fact(68)
def test_everybody_reads_announcements(
        lead, public, contact, partner, telephony, staff):
    news = announce(lead).expect(201)
    for someone in (public, contact, partner, telephony, staff):
        assert shown(someone, news) == news.json
        read = someone.get(news.location).expect(200)
        assert read.json == news.json and read.etag == news.etag
    public.get(news.location, headers={"If-None-Match": news.etag}
               ).expect(304)


@pytest.mark.fact(63)
def test_an_announcement_says_where_it_is_published(
        lead, public, open_incident):
    assert shown(public, announce(lead).expect(201))["channels"] == [
        "community"]
    for channels, email in ((["community", "status"], False),
                            (["status"], True)):
        incident = open_incident(channels=channels, email_contacts=email)
        assert announced(public, incident)["channels"] == (
            ["email"] * email + channels)


@pytest.mark.fact(14, 68)
def test_who_is_no_authorized_contact_reads_them_without_login(
        staff, contact, public, lead):
    news = announce(lead).expect(201)
    staff.patch(f"/v1/contacts/{contact.id}", {"authorized": False},
                etag="*").expect(200)
    contact.get("/v1/incidents").expect(
        403, problem="not-an-authorized-contact")
    for someone in (public, contact):
        assert shown(someone, news)
        someone.get(news.location).expect(200)


@pytest.mark.fact(68)
def test_whoever_is_logged_in_sees_no_more_than_the_public(
        lead, public, contact, partner, telephony, anybody):
    planned = announce(lead, publish_at="2090-01-01T00:00:00Z"
                       ).expect(201)
    assert shown(lead, planned)
    for someone in (public, contact, partner, telephony):
        assert shown(someone, planned) is None
        someone.get(planned.location).expect(404)
    anybody("nonsense", "contact").get(ANNOUNCEMENTS).expect(401)


def test_who_has_left_support_is_nobody_of_support(lead, staff, sql):
    news = announce(lead).expect(201)
    sql.run("update casework.staff set active = false where id = %s",
            lead.id)
    for path in (ANNOUNCEMENTS, news.location):
        lead.get(path).expect(403, problem="caller-not-active")


@pytest.mark.fact(68)
def test_an_announcement_has_its_time(lead, public, clock):
    clock.at(NOW)
    news = announce(lead, publish_at="2026-11-24T16:00:00Z",
                    expires_at="2026-11-25T16:00:00Z").expect(201)
    for moment, visible in (("2026-11-24T15:59:59Z", False),
                            ("2026-11-24T16:00:00Z", True),
                            ("2026-11-25T15:59:59Z", True),
                            ("2026-11-25T16:00:00Z", False)):
        clock.at(moment)
        assert (shown(public, news) is not None) == visible
        public.get(news.location).expect(200 if visible else 404)
        assert shown(lead, news)


@pytest.mark.fact(68)
@each_span
def test_an_announcement_is_there_to_the_instant_whatever_the_date(
        lead, public, clock, begins, ends):
    clock.at(later(begins, days=-1))
    news = announce(lead, publish_at=begins, expires_at=ends).expect(201)

    def shown_at(moment):
        clock.at(moment)
        return shown(public, news) is not None
    assert [shown_at(m) for m in (just_before(begins), begins,
                                  just_before(ends), ends)] == [
        False, True, True, False]


def test_the_latest_comes_first(lead, public, clock):
    clock.at(NOW)
    ids = [announce(lead, publish_at=f"2026-11-23T1{hour}:00:00Z"
                    ).expect(201)["id"] for hour in (3, 5, 4)]
    listed = [a["id"] for a in public.all(ANNOUNCEMENTS, limit=2)
              if a["id"] in ids]
    assert listed == [ids[1], ids[2], ids[0]]


def test_kinds_are_a_filter(lead, public):
    work = announce(lead, kind="maintenance").expect(201)
    assert shown(public, work, kind="maintenance,incident")
    assert shown(public, work, kind="news") is None


@pytest.mark.fact(63, 68)
@pytest.mark.parametrize("channels, published", [
    ([], False), (["status"], True), (["community"], True)])
def test_an_incident_that_is_published_is_announced(
        open_incident, public, district, lead, channels, published):
    incident = open_incident(scope={"districts": [district.id]},
                             channels=channels, components=["grade_book"])
    found = announced(public, incident)
    assert (found is not None) == published
    if not published:
        return
    assert found["kind"] == "incident" and found["status"] == "awareness"
    assert found["title"] == incident["title"]
    say(lead, incident, "resolved", "It was a disk.").expect(201)
    after = announced(public, incident, kind="incident")
    assert (after["status"], after["text"]) == ("resolved", "It was a disk.")


@pytest.mark.fact(68)
def test_maintenance_is_announced_with_its_window(
        open_incident, public, district):
    work = open_incident(
        kind="maintenance", severity="none", channels=["community"],
        scope={"districts": [district.id]},
        scheduled_from="2026-12-05T10:00:00Z",
        scheduled_until="2026-12-05T12:00:00Z")
    found = announced(public, work, kind="maintenance")
    assert (found["scheduled_from"], found["scheduled_until"]) == (
        "2026-12-05T10:00:00Z", "2026-12-05T12:00:00Z")


@pytest.mark.fact(67, 68)
def test_no_district_is_in_an_announcement(
        open_incident, public, district, stranger):
    """Neither the touched one nor how many there are."""
    incident = open_incident(channels=["status"], scope={
        "districts": [district.id, stranger.district.id]})
    answer = public.get(
        f"{ANNOUNCEMENTS}/{announced(public, incident)['id']}").expect(200)
    text = answer.body.decode()
    assert "district" not in text and district.name not in text
    assert f'"{district.id}"' not in text and "scope" not in text


def test_publishing_later_announces_and_withdrawing_hides(
        open_incident, public, district, lead):
    incident = open_incident(scope={"districts": [district.id]})
    for channels, published in ((["community"], True), ([], False),
                                (["status"], True)):
        lead.patch(incident.location, {"channels": channels},
                      etag="*").expect(200)
        assert (announced(public, incident) is not None) == published


def test_an_announced_incident_is_changed_at_the_incident(
        open_incident, public, district, lead):
    incident = open_incident(scope={"districts": [district.id]},
                             channels=["community"])
    path = f"{ANNOUNCEMENTS}/{announced(public, incident)['id']}"
    before = public.get(path).etag
    lead.patch(path, {"title": "Else"}, etag="*").expect(
        409, problem="conflict")
    lead.patch(incident.location, {"title": "Else"}, etag="*").expect(200)
    after = public.get(path).expect(200)
    assert after["title"] == "Else" and after.etag != before


def test_staff_change_an_announcement(lead, public):
    news = announce(lead).expect(201)
    changed = lead.patch(news.location, {"title": "Summer release"},
                            etag=news.etag).expect(200)
    assert shown(public, news)["title"] == "Summer release"
    lead.patch(news.location, {"title": "x"}, etag=news.etag).expect(412)
    lead.patch(news.location, {"title": "x"}).expect(428)
    same = lead.patch(news.location, {"title": "Summer release"},
                         etag="*").expect(200)
    assert same.etag == changed.etag


def test_an_announcement_that_does_not_exist_is_404(lead, public):
    nowhere = ANNOUNCEMENTS + "/9007199254740991"
    public.get(nowhere).expect(404)
    lead.patch(nowhere, {"title": "x"}, etag="*").expect(404)


def test_every_change_names_its_actor(lead, sql):
    news = announce(lead).expect(201)
    lead.patch(news.location, {"title": "Else"}, etag="*").expect(200)
    assert sql.rows(
        "select type, actor_kind, actor_id from casework.incident_events"
        " where announcement_id = %s order by id", news["id"]) == [
        {"type": f"announcement.{what}", "actor_kind": "staff",
         "actor_id": lead.id} for what in ("created", "updated")]


def test_it_expires_after_it_is_published(lead):
    answer = announce(lead, publish_at="2026-11-24T16:00:00Z",
                      expires_at="2026-11-24T16:00:00Z")
    assert answer.expect(422).faults == ["/expires_at"]
    news = announce(lead).expect(201)
    lead.patch(news.location, {"expires_at": "2001-01-01T00:00:00Z"},
                  etag="*").expect(422)


def test_only_staff_announce(contact, partner, telephony, lead):
    news = announce(lead).expect(201)
    for someone in (contact, partner, telephony):
        announce(someone).expect(403)
        someone.patch(news.location, {"title": "x"}, etag="*").expect(403)
