"""Mail as each contact wants it: at once, once a day, or not at all, and the
links that stop it (3.3)."""

import pytest

from incidents import say
from instance import until
from meeting import waiting
from sql import Role

PREFERENCES = "/v1/me/mail-preferences"
TOPICS = ("notes", "progress", "fixes", "incidents", "contacts")
PAGE = {"Accept": "text/html,*/*;q=0.8"}
TUESDAY = "2026-11-24T10:00:00-06:00"
WEDNESDAY_7 = "2026-11-25T07:00:00-06:00"


def prefer(contact, **preferences):
    return contact.patch(PREFERENCES, preferences, etag="*").expect(200)


@pytest.fixture
def digests(post, timer):
    """Runs the timer; the digests there are since the test began."""
    def run(to):
        timer("mail_digest")
        assert post.sql.rows("select * from casework.timer_faults") == []
        return [m for m in post.mails()
                if m["kind"] == "mail.digest" and m["recipient_id"] == to.id]
    return run


def mails_to(post, contact):
    return [(m["kind"], m["state"], m["reason"]) for m in post.mails()
            if m["recipient_id"] == contact.id]


# -- what a contact chooses ------------------------------------------------

def test_until_a_contact_chooses_everything_comes_at_once(contact, colleague):
    everything = {**dict.fromkeys(TOPICS, "at_once"), "alerts": None}
    assert contact.get(PREFERENCES).json == everything
    chosen = prefer(contact, notes="none", fixes="daily_digest")
    assert chosen.json == {**everything, "notes": "none",
                           "fixes": "daily_digest"}
    assert contact.get(PREFERENCES).json == chosen.json
    assert contact.get(PREFERENCES).etag == chosen.etag
    assert colleague.get(PREFERENCES).json == everything


def test_two_who_choose_at_once_do_not_undo_each_other(contact):
    seen = contact.get(PREFERENCES).etag
    contact.patch(PREFERENCES, {"notes": "none"}, etag=seen).expect(200)
    contact.patch(PREFERENCES, {"fixes": "none"}, etag=seen).expect(412)
    assert contact.get(PREFERENCES)["fixes"] == "at_once"


def test_only_the_contact_itself_chooses(contact, colleague):
    contact.acting_for(f"contact:{colleague.id}").patch(
        PREFERENCES, {"notes": "none"}, etag="*").expect(
            403, problem="not-permitted")


def test_a_choice_is_an_event_once(contact, sql):
    for _ in range(2):
        prefer(contact, notes="none")
    event, = sql.rows(
        "select actor_kind, actor_id, changes from casework.events where"
        " contact_id = %s and type = 'contact.mail_preferences_changed'",
        contact.id)
    assert event == {
        "actor_kind": "contact", "actor_id": contact.id, "changes": [
            {"member": "notes", "old": "at_once", "new": "none"}]}


# -- not at all ------------------------------------------------------------

def test_a_mail_nobody_wants_is_kept_with_the_reason(
        contact, advisor, post, dispatch):
    prefer(contact, notes="none")
    contact.submit().note(advisor).expect(201)
    dispatch()
    assert mails_to(post, contact) == [
        ("case.note_added", "withheld", "preference")]


def test_what_concerns_the_closing_comes_at_once_to_everybody(
        contact, colleague, advisor, post, dispatch):
    prefer(contact, **dict.fromkeys(TOPICS, "none"))
    case = contact.submit()
    case.resolve(advisor).expect(200)
    case.follow_up(advisor).expect(200)
    case.close(colleague).expect(200)
    dispatch()
    told = [kind for kind, state, _ in mails_to(post, contact)
            if state == "queued"]
    assert {"case.resolved", "case.followed_up", "case.closed"} <= set(told)


def test_a_mail_that_waits_when_it_is_opted_out_of_is_not_sent(
        contact, advisor, post, dispatch, as_role):
    contact.submit().note(advisor).expect(201)
    dispatch()
    prefer(contact, notes="none")
    assert as_role("worker").rows("select * from rules.lease_mail(60, 9)"
                                  ) == []
    assert mails_to(post, contact) == [
        ("case.note_added", "withheld", "preference")]


def test_a_mail_to_who_has_gone_says_so(contact, advisor, staff, post,
                                        dispatch, as_role):
    contact.submit().note(advisor).expect(201)
    dispatch()
    staff.patch(f"/v1/contacts/{contact.id}", {"authorized": False},
                etag="*").expect(200)
    as_role("worker").rows("select * from rules.lease_mail(60, 9)")
    assert mails_to(post, contact) == [
        ("case.note_added", "withheld", "recipient_gone")]


# -- once a day ------------------------------------------------------------

@pytest.fixture
def collected(contact, advisor, clock, post, dispatch):
    """Two notes on Tuesday, for who gets a digest."""
    prefer(contact, notes="daily_digest")
    clock.at(TUESDAY)
    cases = [contact.submit(), contact.submit()]
    for case in cases:
        case.note(advisor).expect(201)
    dispatch()
    assert mails_to(post, contact) == [
        ("case.note_added", "collected", "preference")] * 2
    return cases


def test_a_digest_is_one_mail_at_seven_in_the_morning(
        collected, contact, clock, digests, post):
    clock.at("2026-11-25T06:59:59-06:00")
    assert digests(contact) == []
    clock.at(WEDNESDAY_7)
    digest, = digests(contact)
    assert digest["subject"] == "Daily digest: 2 messages"
    assert digest["to_address"] == contact.record["email"]
    for case in collected:
        assert f"Case {case.id}: new note from Support: {case['subject']}\n" \
            f"Support has written a note on case {case.id}.\n" \
            f"{{portal}}/cases/{case.id}\n" in digest["text"]
    assert digest["text"].count("not monitored") == 1
    assert [m["digest_id"] for m in post.mails()
            if m["state"] == "collected"] == [digest["id"]] * 2
    assert digests(contact) == [digest]


def test_seven_is_that_of_the_district(world, advisor, clock, digests,
                                       dispatch, sql):
    contact = world.district().contact()
    sql.run("update casework.districts set time_zone = 'America/Los_Angeles'"
            " where id = %s", contact.district.id)
    prefer(contact, notes="daily_digest")
    clock.at(TUESDAY)
    contact.submit().note(advisor).expect(201)
    dispatch()
    clock.at("2026-11-25T08:59:59-06:00")
    assert digests(contact) == []
    clock.at("2026-11-25T09:00:00-06:00")
    assert len(digests(contact)) == 1


def test_there_is_one_digest_a_day(collected, contact, advisor, clock,
                                   digests, dispatch, sql, post):
    clock.at(WEDNESDAY_7)
    assert len(digests(contact)) == 1
    collected[0].note(advisor).expect(201)
    dispatch()
    # written before seven, and committed only now
    sql.run("update casework.mails set digest_at = %s where id > %s"
            " and state = 'collected' and digest_id is null",
            WEDNESDAY_7, post.first)
    assert len(digests(contact)) == 1
    clock.at("2026-11-26T07:00:00-06:00")
    assert [d["subject"] for d in digests(contact)] == [
        "Daily digest: 2 messages", "Daily digest: 1 message"]


def test_a_worker_that_was_away_sends_one_digest_of_all(
        collected, contact, advisor, clock, digests, dispatch):
    clock.at("2026-11-25T10:00:00-06:00")
    collected[0].note(advisor).expect(201)
    dispatch()
    clock.at("2026-11-28T12:00:00-06:00")
    assert [d["subject"] for d in digests(contact)] == [
        "Daily digest: 3 messages"]


def test_a_worker_that_dies_has_lost_and_doubled_nothing(
        collected, contact, clock, digests, instance):
    clock.at(WEDNESDAY_7)
    worker = Role("worker", instance.role_url("worker"), instance.env)
    worker.run("begin")
    worker.run("select rules.timer_mail_digest(100)")
    worker.process.kill()
    worker.close()
    until(lambda: [d["subject"] for d in digests(contact)] == [
        "Daily digest: 2 messages"])


def test_two_workers_write_one_digest(collected, contact, clock, digests,
                                      instance, sql):
    clock.at(WEDNESDAY_7)
    pair = [Role("worker", instance.role_url("worker"), instance.env)
            for _ in range(2)]
    for worker in pair:
        worker.run("set lock_timeout = '60s'; set statement_timeout = '60s'")
    pair[0].run("begin")
    pair[0].run("select rules.timer_mail_digest(100)")
    mark = pair[1].begin_run("select rules.timer_mail_digest(100)")
    until(lambda: waiting(sql, "worker") == 1)
    pair[0].run("commit")
    pair[1].finish_run(mark)
    for worker in pair:
        worker.close()
    assert len(digests(contact)) == 1


def test_what_is_not_wanted_any_more_is_not_in_the_digest(
        collected, contact, clock, digests, post):
    prefer(contact, notes="none")
    clock.at(WEDNESDAY_7)
    assert digests(contact) == []
    assert mails_to(post, contact) == [
        ("case.note_added", "withheld", "preference")] * 2


def test_what_was_collected_comes_whatever_is_chosen_then(
        collected, contact, clock, digests):
    prefer(contact, notes="at_once")
    clock.at(WEDNESDAY_7)
    assert len(digests(contact)) == 1


def test_what_is_said_of_an_incident_is_collected_in_its_mail(
        contact, lead, open_incident, clock, digests, dispatch, post):
    prefer(contact, incidents="daily_digest")
    clock.at(TUESDAY)
    incident = open_incident(scope={"districts": [contact.district.id]},
                             email_contacts=True)
    dispatch()
    say(lead, incident, "identified", text="It is the disk.").expect(201)
    dispatch()
    assert [state for _, state, _ in mails_to(post, contact)] == ["collected"]
    clock.at(WEDNESDAY_7)
    digest, = digests(contact)
    assert digest["subject"] == "Daily digest: 1 message"
    assert "It is the disk." in digest["text"]
    say(lead, incident, "resolved").expect(201)
    dispatch()
    assert len(digests(contact)) == 1
    assert [state for kind, state, _ in mails_to(post, contact)
            if kind == "incident.resolved"] == ["collected"]


def test_who_wants_no_mail_of_incidents_is_counted_in_none(
        contact, colleague, advisor, open_incident, dispatch):
    prefer(contact, incidents="none")
    incident = open_incident(scope={"districts": [contact.district.id]},
                             email_contacts=True)
    dispatch()
    delivery, = advisor.get(incident.location)["deliveries"]
    assert delivery["recipients"] == 1


# -- links -----------------------------------------------------------------

@pytest.fixture
def link(contact, advisor, post, dispatch):
    """Of a mail about a note."""
    contact.submit().note(advisor).expect(201)
    dispatch()
    mail, = post.mails()
    assert mail["unsubscribe"] in mail["text"]
    return mail["unsubscribe"].removeprefix("{api}")


def test_one_click_stops_mails_of_that_kind(contact, colleague, link, public,
                                            sql):
    about = {"topic": "notes", "address": contact.record["email"]}
    assert public.get(link).json == {**about, "opted_out": False}
    for _ in range(2):
        assert public.post(
            link, b"List-Unsubscribe=One-Click",
            media="application/x-www-form-urlencoded").expect(200).json == {
                **about, "opted_out": True}
    assert public.get(link).json == {**about, "opted_out": True}
    assert contact.get(PREFERENCES).json == {
        **dict.fromkeys(TOPICS, "at_once"), "notes": "none", "alerts": None}
    assert colleague.get(PREFERENCES)["notes"] == "at_once"
    assert sql.value(
        "select count(*) from casework.events where contact_id = %s"
        " and type = 'contact.mail_preferences_changed'", contact.id) == 1


def test_looking_at_the_link_stops_nothing(contact, link, public):
    page = public.get(link, headers=PAGE).expect(200).body.decode()
    assert "new notes and files" in page and "List-Unsubscribe" in page
    assert contact.record["email"] in page
    public.head(link).expect(200)
    assert contact.get(PREFERENCES)["notes"] == "at_once"
    public.post(link, b"List-Unsubscribe=One-Click", headers=PAGE,
                media="application/x-www-form-urlencoded").expect(200)
    assert b"No more of these" in public.get(link, headers=PAGE).body


def test_a_link_is_of_one_contact_and_one_topic(contact, colleague, link,
                                                public):
    for other in (link.replace("-notes-", "-fixes-"),
                  link.replace("-notes-", "-digest-"),
                  link.replace(f"/{contact.id}-", f"/{colleague.id}-"),
                  link[:-1], link + "0", "/v1/mail-opt-out/x"):
        public.get(other).expect(404)
        public.post(other, {"List-Unsubscribe": "One-Click"}).expect(404)


def test_the_link_of_a_digest_stops_all_that_comes_daily(
        collected, contact, clock, digests, public):
    prefer(contact, fixes="daily_digest", contacts="at_once")
    clock.at(WEDNESDAY_7)
    digest, = digests(contact)
    link = digest["unsubscribe"].removeprefix("{api}")
    assert public.get(link).json == {
        "topic": "digest", "address": contact.record["email"],
        "opted_out": False}
    public.post(link, {"List-Unsubscribe": "One-Click"}).expect(200)
    assert contact.get(PREFERENCES).json == {
        **dict.fromkeys(TOPICS, "at_once"), "alerts": None, "notes": "none",
        "fixes": "none"}


def test_what_nobody_may_opt_out_of_has_no_link(
        contact, advisor, post, dispatch):
    contact.submit().resolve(advisor).expect(200)
    dispatch()
    mail, = [m for m in post.mails() if m["kind"] == "case.resolved"]
    assert mail["unsubscribe"] is None and mail["topic"] is None
