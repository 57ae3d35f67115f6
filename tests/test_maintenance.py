"""Maintenance begins and ends by its schedule: facts 50, 64 and 68."""

import pytest

from incidents import hand_out, say

BEFORE = "2026-12-05T03:59:59-06:00"
BEGINS = "2026-12-05T04:00:00-06:00"
ENDS = "2026-12-05T06:00:00-06:00"


@pytest.fixture
def work(open_incident, district, clock):
    clock.at("2026-11-23T10:00:00-06:00")
    return open_incident(
        kind="maintenance", severity="none", channels=["community"],
        scope={"districts": [district.id]}, scheduled_from=BEGINS,
        scheduled_until=ENDS)


@pytest.mark.fact(50, 64, 68)
def test_it_begins_and_ends_by_itself(
        work, lead, contact, public, clock, timer):
    def look(moment):
        clock.at(moment)
        timer("maintenance")
        return lead.get(work.location)

    assert look(BEFORE).etag == work.etag
    begun = look(BEGINS)
    assert begun["status"] == "in_progress"
    said = begun["updates"][-1]
    assert said["text"] and said["at"] == "2026-12-05T10:00:00Z"
    assert said["author"]["kind"] == "system"
    assert contact.get("/v1/status/banner")["banner"]["text"] == said["text"]
    assert [a["text"] for a in public.all("/v1/announcements")
            if a["incident_id"] == work["id"]] == [said["text"]]
    assert look("2026-12-05T05:59:59-06:00").etag == begun.etag
    ended = look(ENDS)
    assert ended["status"] == "completed"
    assert ended["resolved_at"] == "2026-12-05T12:00:00Z"
    assert contact.get("/v1/status/banner")["banner"] is None
    types = [e["type"] for e in lead.all(work.location + "/history")]
    assert types == ["incident.opened", "incident.update_added",
                     "incident.resolved"]


@pytest.mark.fact(69)
def test_mails_about_it_speak_of_maintenance(
        open_incident, contact, clock, timer, dispatch, sql):
    clock.at("2026-11-23T10:00:00-06:00")
    work = open_incident(
        kind="maintenance", severity="none", email_contacts=True,
        scope={"districts": [contact.district.id]}, scheduled_from=BEGINS,
        scheduled_until=ENDS)
    dispatch()
    for moment in (BEGINS, ENDS):
        clock.at(moment)
        timer("maintenance")
        hand_out(sql, contact)
        dispatch()
    mails = sql.rows(
        "select m.kind, m.subject, m.text, m.unsubscribe from casework.mails m join"
        " casework.incident_events e on e.id = m.event_id where m.source ="
        " 'incident' and e.incident_id = %s order by m.id", work["id"])
    assert [m["kind"] for m in mails] == [
        "maintenance.opened", "maintenance.update_added",
        "maintenance.resolved"]
    assert not any("incident" in m["subject"] + m["text"].replace(
        m["unsubscribe"], "") for m in mails)


@pytest.mark.fact(64)
def test_what_passed_while_no_worker_ran_is_only_ended(
        work, lead, clock, timer):
    clock.at("2026-12-06T10:00:00-06:00")
    timer("maintenance")
    updates = lead.get(work.location)["updates"]
    assert [u["status"] for u in updates] == ["scheduled", "completed"]


@pytest.mark.fact(64)
def test_what_a_person_has_taken_in_hand_is_theirs_to_end(
        work, lead, clock, timer):
    clock.at(BEGINS)
    timer("maintenance")
    say(lead, work, "in_progress", "It takes longer.").expect(201)
    clock.at(ENDS)
    timer("maintenance")
    assert lead.get(work.location)["status"] == "in_progress"
    say(lead, work, "completed").expect(201)


@pytest.mark.fact(64)
def test_a_new_schedule_counts(work, lead, clock, timer):
    clock.at(BEGINS)
    timer("maintenance")
    later = "2026-12-05T09:00:00-06:00"
    lead.patch(work.location, {"scheduled_until": later}, etag="*"
                  ).expect(200)
    clock.at(ENDS)
    timer("maintenance")
    assert lead.get(work.location)["status"] == "in_progress"
    clock.at(later)
    timer("maintenance")
    assert lead.get(work.location)["status"] == "completed"


def test_what_cannot_be_moved_holds_up_no_other(
        work, open_incident, district, lead, clock, timer, sql):
    other = open_incident(
        kind="maintenance", severity="none", scheduled_from=BEGINS,
        scheduled_until=ENDS, scope={"districts": [district.id]})
    sql.run("create function rules.test_refuse() returns trigger language"
            " plpgsql as $$ begin raise exception 'no'; end $$;"
            " create trigger test_refuse before insert on"
            " casework.incident_updates for each row when"
            f" (new.incident_id = {work['id']})"
            " execute function rules.test_refuse()")
    try:
        clock.at(BEGINS)
        timer("maintenance")
        assert lead.get(other.location)["status"] == "in_progress"
        assert lead.get(work.location)["status"] == "scheduled"
        assert sql.value("select last_error from casework.timer_faults where"
                         " timer = 'maintenance' and item = %s",
                         str(work["id"])) == "no"
    finally:
        sql.run("drop function rules.test_refuse() cascade;"
                " delete from casework.timer_faults"
                " where timer = 'maintenance'")
