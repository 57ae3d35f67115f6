"""Mail as a partner's people and staff want it, by the same means as contacts
(3.3, 3.7)."""

import pytest

from partners import a_person
from sign_in import sign_in

pytestmark = pytest.mark.rule("3.3")
PREFERENCES = "/v1/me/mail-preferences"
CLICK = {"List-Unsubscribe": "One-Click"}
TUESDAY = "2026-11-24T10:00:00-06:00"
WEDNESDAY_7 = "2026-11-25T07:00:00-06:00"
OF_STAFF = {"notes": "at_once", "progress": None, "fixes": None,
            "incidents": None, "contacts": None, "alerts": "at_once"}


def prefer(caller, **preferences):
    return caller.patch(PREFERENCES, preferences, etag="*").expect(200).json


@pytest.fixture
def person_id(world, partner):
    return a_person(world, partner.id)


@pytest.fixture
def person(world, partner, person_id):
    """Signed in."""
    return sign_in(world, partner, person_id)


@pytest.fixture
def provided(case, partner, staff, dispatch, post):
    """The case of the test, in the partner's hands for a while."""
    case.change(staff, support_provider="partner").expect(200)
    dispatch()
    post.begin()
    return case


def mails_to(post, kind, number):
    return [(m["kind"], m["state"], m["reason"]) for m in post.mails()
            if (m["recipient_kind"], m["recipient_id"]) == (kind, number)]


def address_of(sql, table, number):
    return sql.value(f"select email from casework.{table} where id = %s",
                     number)


# -- people of a partner ---------------------------------------------------

def test_a_person_of_a_partner_chooses_for_itself(
        person, person_id, partner, sql, world):
    everything = {**dict.fromkeys(OF_STAFF), "notes": "at_once",
                  "progress": "at_once", "fixes": "at_once"}
    assert person.get(PREFERENCES).json == everything
    other = sign_in(world, partner, a_person(world, partner.id))
    assert prefer(person, notes="none") == {**everything, "notes": "none"}
    assert other.get(PREFERENCES).json == everything
    event = sql.row(
        "select actor_name, owner_kind, owner_id, changes"
        " from casework.desk_events where resource = %s::text"
        " and type = 'partner_person.mail_preferences_changed'", person_id)
    name = sql.value("select p.name || ' (' || o.name || ')' from"
                     " casework.partner_people p join casework.partners o"
                     " on o.id = p.partner_id where p.id = %s", person_id)
    assert event == {
        "actor_name": name, "owner_kind": "partner", "owner_id": partner.id,
        "changes": [{"member": "notes", "old": "at_once", "new": "none"}]}


def test_a_topic_of_others_is_no_choice(person, contact, advisor):
    for caller, topic in ((person, "incidents"), (contact, "alerts"),
                          (advisor, "progress")):
        assert caller.patch(PREFERENCES, {topic: "none"}, etag="*").expect(
            422).faults == [f"/{topic}"]


def test_a_partner_without_a_person_has_no_mailbox(partner):
    for answer in (partner.get(PREFERENCES), partner.patch(
            PREFERENCES, {"notes": "none"}, etag="*")):
        answer.expect(403, problem="not-permitted")


def test_a_person_gets_no_mail_that_it_does_not_want(
        person, person_id, provided, dispatch, post):
    prefer(person, notes="none")
    provided.note(text="It is still so.").expect(201)
    provided.close().expect(200)
    dispatch()
    assert mails_to(post, "partner_person", person_id) == [
        ("case.note_added", "withheld", "preference"),
        ("case.closed", "queued", None)]


def test_a_person_gets_one_digest_of_all_its_districts(
        person, person_id, partner, provided, clock, dispatch, post, timer,
        world, staff, sql):
    elsewhere = world.district()
    sql.run("insert into casework.partner_districts (partner_id, district_id,"
            " valid_from) values (%s, %s, rules.now() - interval '20 years')",
            partner.id, elsewhere.id)
    prefer(person, notes="daily_digest")
    clock.at(TUESDAY)
    other = elsewhere.contact().submit()
    other.change(staff, support_provider="partner").expect(200)
    for case in (provided, other):
        case.note(text="It is still so.").expect(201)
    dispatch()
    assert mails_to(post, "partner_person", person_id).count(
        ("case.note_added", "collected", "preference")) == 2

    def digests():
        timer("mail_digest")
        assert sql.rows("select * from casework.timer_faults") == []
        return [m for m in post.mails() if m["kind"] == "mail.digest"
                and m["recipient_kind"] == "partner_person"
                and m["recipient_id"] == person_id]
    clock.at("2026-11-25T06:59:59-06:00")
    assert digests() == []
    clock.at(WEDNESDAY_7)
    for _ in range(2):
        digest, = digests()
        assert digest["subject"] == "Daily digest: 2 messages"
        assert digest["district_id"] is None
    for case in (provided, other):
        assert f"Case {case.id}: new note" in digest["text"]
    leased = sql.value("select rules.may_be_mailed(m) from casework.mails m"
                       " where m.id = %s", digest["id"])
    assert leased


def test_the_link_of_its_mail_is_the_person_s(
        person, person_id, contact, provided, dispatch, post, public, sql):
    provided.note(text="It is still so.").expect(201)
    dispatch()
    mail, = [m for m in post.mails() if m["recipient_kind"] == "partner_person"
             and m["recipient_id"] == person_id]
    link = mail["unsubscribe"].removeprefix("{api}")
    assert mail["unsubscribe"] in mail["text"]
    about = {"topic": "notes",
             "address": address_of(sql, "partner_people", person_id)}
    assert public.get(link).json == {**about, "opted_out": False}
    for other in (link.replace("/p", "/"), link.replace("/p", "/s"),
                  link.replace("-notes-", "-fixes-"),
                  link.replace("-notes-", "-alerts-")):
        public.post(other, CLICK).expect(404)
    for _ in range(2):
        assert public.post(link, CLICK).expect(200).json == {
            **about, "opted_out": True}
    assert person.get(PREFERENCES)["notes"] == "none"
    event, = sql.rows(
        "select actor_kind, actor_id from casework.desk_events"
        " where type = 'partner_person.mail_preferences_changed'"
        " and resource = %s::text", person_id)
    assert event == {"actor_kind": "partner",
                     "actor_id": provided["partner"]["id"]}


# -- staff -----------------------------------------------------------------

def test_staff_choose_about_notes_and_what_can_wait(advisor, sql):
    assert advisor.get(PREFERENCES).json == OF_STAFF
    assert prefer(advisor, alerts="daily_digest") == {
        **OF_STAFF, "alerts": "daily_digest"}
    assert sql.value(
        "select count(*) from casework.desk_events where actor_id = %s"
        " and type = 'staff.mail_preferences_changed'", advisor.id) == 1


@pytest.mark.fact(48)
def test_an_advisor_reads_of_notes_once_a_day(
        case, world, clock, dispatch, post, timer, sql):
    advisor = world.staff()
    sql.run("update casework.staff set email = 'advisor@desk.example'"
            " where id = %s", advisor.id)
    case.assign(advisor, advisor).expect(200)
    prefer(advisor, notes="daily_digest")
    clock.at(TUESDAY)
    case.note(text="It is still so.").expect(201)
    dispatch()
    assert mails_to(post, "staff", advisor.id) == [
        ("case.note_added", "collected", "preference")]
    clock.at(WEDNESDAY_7)
    timer("mail_digest")
    assert mails_to(post, "staff", advisor.id)[1:] == [
        ("mail.digest", "queued", None)]


def test_staff_are_told_where_there_is_no_address(
        case, world, dispatch, post, sql, advisor):
    nobody = world.staff()
    sql.run("update casework.staff set email = null where id = %s", nobody.id)
    case.assign(nobody, nobody).expect(200)
    case.note(text="It is still so.").expect(201)
    dispatch()
    assert mails_to(post, "staff", nobody.id) == [
        ("case.note_added", "withheld", "no_address")]
