"""Timers over weekends, holidays, both changes of the clock and the year's
end (fact 81): nothing an instant too early, all of it once.
test_follow_up_timer.py and test_breach.py say so of business days."""

import uuid

import pytest

from hard_dates import each_end, each_span, each_start, just_before, later
from surveys import Survey, decision, invitations
from test_mail import of, record
from vectors import instant
from webhooks import Webhook
from world import a_case

pytestmark = pytest.mark.fact(81)


@pytest.fixture
def look(clock, as_role):
    """look(moment, timer, seen): what is seen once the timer has looked at
    that moment, twice."""
    def look(moment, name, seen):
        clock.at(moment)
        for _ in range(2):
            as_role("worker").run(f"select rules.timer_{name}(1000)")
        return seen()
    return look


# -- what ends when somebody has said --------------------------------------

@pytest.mark.fact(10)
@each_span
def test_a_permission_expires_at_its_time(contact, clock, look, begins, ends):
    clock.at(begins)
    case = contact.submit()
    case.permit(site_id=contact.district.site(), expires_at=ends).expect(201)

    def expired_at(moment):
        return look(moment, "site_permissions", lambda: [
            instant(event["at"]) for event in case.history()
            if event["type"] == "case.site_permission_expired"])
    assert expired_at(just_before(ends)) == []
    assert expired_at(ends) == [instant(ends)]
    assert expired_at(later(ends, days=30)) == [instant(ends)]


@pytest.mark.fact(19)
@pytest.mark.rule("2.10")
@each_span
def test_a_partner_loses_a_district_at_the_end_of_its_assignment(
        contact, partner, clock, look, sql, begins, ends):
    clock.at(begins)
    case = contact.submit()
    sql.run("update casework.partner_districts set valid_to = %s"
            " where partner_id = %s", ends, partner.id)

    def ended_at(moment):
        return look(moment, "partner_assignments", lambda: [
            instant(row["at"]) for row in sql.rows(
                "select to_json(at) as at from casework.events where"
                " district_id = %s and type = 'partner.assignment_ended'",
                contact.district.id)])
    assert ended_at(just_before(ends)) == []
    partner.get(case.path).expect(200)
    assert ended_at(ends) == [instant(ends)]
    partner.get(case.path).expect(404)
    assert ended_at(later(ends, days=30)) == [instant(ends)]


@pytest.mark.fact(50, 64, 68)
@each_span
def test_maintenance_begins_and_ends_by_its_schedule(
        open_incident, district, advisor, clock, look, begins, ends):
    clock.at(later(begins, days=-3))
    work = open_incident(
        kind="maintenance", severity="none", scheduled_from=begins,
        scheduled_until=ends, scope={"districts": [district.id]})

    def updates_at(moment):
        return look(moment, "maintenance", lambda: [
            (u["status"], instant(u["at"]))
            for u in advisor.get(work.location)["updates"][1:]])
    assert updates_at(just_before(begins)) == []
    begun = [("in_progress", instant(begins))]
    assert updates_at(begins) == updates_at(just_before(ends)) == begun
    ended = [*begun, ("completed", instant(ends))]
    assert updates_at(ends) == updates_at(later(ends, days=30)) == ended


# -- what a closing decides ------------------------------------------------

@pytest.mark.fact(45, 71)
@pytest.mark.rule("2.7")
@each_start
def test_a_closing_by_the_timer_is_judged_once(
        contact, staff, clock, timer, sql, start):
    clock.at(start)
    case = contact.submit()
    closes = case.resolve(staff).expect(200)["follow_up"]["auto_close_at"]
    clock.at(just_before(closes))
    timer("follow_ups")
    timer("auto_close")
    assert invitations(sql, case) == []
    for moment in (closes, later(closes, days=30)):
        clock.at(moment)
        timer("auto_close")
        assert invitations(sql, case) == [("sent", None)]


@pytest.mark.fact(72)
@pytest.mark.rule("2.7")
@each_start
def test_thirty_days_between_surveys_are_of_24_hours(
        contact, clock, sql, start):
    clock.at(start)
    first, early, due = (contact.submit() for _ in range(3))
    first.close().expect(200)
    allowed = later(start, days=30)
    for moment, case in ((just_before(allowed), early), (allowed, due)):
        clock.at(moment)
        case.close().expect(200)
    assert [decision(sql, case) for case in (first, early, due)] == [
        ("sent", None), ("suppressed", "sent_within_30_days"),
        ("sent", None)]


@pytest.mark.fact(73)
@each_start
def test_a_survey_is_open_for_thirty_days_of_24_hours(
        contact, public, clock, sql, start):
    clock.at(start)
    case = contact.submit()
    case.close().expect(200)
    survey = Survey(sql, case)
    closes = later(start, days=30)
    clock.at(closes)
    survey.answer(public).expect(410, problem="survey-expired")
    clock.at(just_before(closes))
    survey.answer(public).expect(201)


# -- what is kept for a time -----------------------------------------------

@each_start
def test_a_key_is_kept_for_24_hours_of_any_day(contact, clock, timer, start):
    clock.at(start)
    key, body = {"Idempotency-Key": f'"{uuid.uuid4()}"'}, a_case()

    def submit_at(moment):
        clock.at(moment)
        timer("forget_keys")
        return contact.post("/v1/cases", body, headers=key).expect(201)["id"]
    first = submit_at(start)
    assert submit_at(later(start, hours=24)) == first
    assert submit_at(later(start, hours=24, microseconds=1)) != first


@each_start
def test_an_item_that_failed_rests_for_a_minute_and_is_forgotten_in_a_day(
        clock, as_role, timer, sql, start):
    worker, item = as_role("worker"), str(uuid.uuid4())
    clock.at(start)
    worker.run("select rules.timer_failed('test', %s, 'no luck')", item)
    again = later(start, minutes=1)
    for moment, rests, kept in (
            (just_before(again), True, 1), (again, False, 1),
            (later(again, hours=24), False, 1),
            (later(again, hours=24, microseconds=1), False, 0)):
        clock.at(moment)
        assert worker.value("select rules.timer_skips('test', %s)", item
                            ) is rests
        timer("forget_faults")
        assert len(sql.rows("select from casework.timer_faults"
                            " where item = %s", item)) == kept


@pytest.mark.fact(79)
@each_start
def test_a_webhook_s_log_is_kept_for_thirty_days_of_24_hours(
        contact, clock, timer, sql, start):
    clock.at(start)
    webhook = Webhook(contact, "https://hook.example.org/")
    webhook.test()
    sql.run("update casework.webhook_deliveries set state = 'delivered',"
            " next_attempt_at = null where webhook_id = %s", webhook.id)
    ends = later(start, days=30)
    for moment, kept in ((ends, 1), (later(ends, microseconds=1), 0)):
        clock.at(moment)
        timer("webhook_forget")
        assert len(webhook.deliveries()) == kept


@pytest.mark.fact(79)
@each_start
def test_a_webhook_s_old_secret_signs_for_24_hours_of_any_day(
        contact, clock, timer, sql, start):
    clock.at(start)
    webhook = Webhook(contact, "https://hook.example.org/")
    ends = later(start, hours=24)
    assert instant(webhook.rotate()["previous_expires_at"]) == instant(ends)
    for moment, kept in ((just_before(ends), 2), (ends, 1)):
        clock.at(moment)
        timer("webhook_forget")
        assert sql.value("select count(*) from casework.webhook_secrets"
                         " where webhook_id = %s", webhook.id) == kept


# -- what is tried again, and what is looked at every day ------------------

@pytest.mark.fact(62)
@each_end
def test_a_mail_that_could_not_be_written_is_written_a_minute_later(
        post, contact, clock, look, sql, moment):
    clock.at(later(moment, minutes=-1))
    case = contact.submit()
    sql.run(f"alter table casework.mails add constraint broken"
            f" check (case_id <> {case.id}) not valid")
    try:
        record(sql, case, "case.escalated")
        post.dispatch()
    finally:
        sql.run("alter table casework.mails drop constraint broken")

    def mailed_at(when):
        return look(when, "mail_retry", lambda: post.written(case))
    assert mailed_at(just_before(moment)) == []
    written = [("case.escalated", of(contact))]
    assert mailed_at(moment) == written
    assert mailed_at(later(moment, days=1)) == written


@pytest.mark.rule("2.10")
@each_end
def test_no_date_looks_like_a_change_of_the_time_zone_s_rules(
        clock, as_role, sql, moment):
    def looks():
        return int(as_role("worker").run("select rules.timer_time_zone(100)"))
    clock.at(moment)
    assert looks() == 0
    sql.run("update rules.business_days set opens_at = opens_at + interval"
            " '1 hour' where date = (select min(date) from"
            " rules.business_days where date > rules.today())")
    assert looks() == 1
    assert looks() == 0
