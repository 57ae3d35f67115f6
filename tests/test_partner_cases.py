"""Partners and their cases (3.7): a case names the partner that has it, a
partner's people are written to about it and follow others, and close what a
contact has confirmed."""

import json

import pytest

from partners import Identities, a_person, signed_in
from world import a_case

pytestmark = [pytest.mark.fact(19), pytest.mark.rule("3.7")]


def told(case, kind):
    """The last event of that type, and the text of its note."""
    event = [e for e in case.history() if e["type"] == kind][-1]
    texts = {n["id"]: n["text"] for n in case.notes()}
    return event, texts[event["note_id"]]


@pytest.fixture
def person(world, partner):
    return a_person(world, partner.id, "1")


@pytest.fixture
def provided(case, partner, staff):
    """The case of the test, in the partner's hands."""
    case.change(staff, support_provider="partner").expect(200)
    return case


@pytest.fixture
def as_person(sql, as_role, partner, person):
    """Runs a statement as the person, signed in."""
    identity = Identities(sql).link("people", person)

    def ask(statement, *values):
        return json.loads(signed_in(as_role("partner"), partner, identity,
                                    statement, *values))
    return ask


# -- which partner ---------------------------------------------------------

def test_a_case_names_the_partner_that_has_it(
        case, contact, partner, staff, sql):
    name = sql.value("select name from casework.partners where id = %s",
                     partner.id)
    assert case["partner"] is None
    case.change(staff, support_provider="partner").expect(200)
    for someone in (contact, partner, staff):
        assert case.read(someone)["partner"] == {
            "id": partner.id, "name": name}
    assert case.changes("partner_id") == [(None, partner.id)]
    case.change(staff, support_provider="campus").expect(200)
    assert case["partner"] is None


def test_what_a_partner_submits_it_has(contact, partner):
    answer = partner.post("/v1/cases", a_case(contact_id=contact.id))
    assert answer.expect(201)["partner"]["id"] == partner.id


def test_of_several_partners_one_is_named(
        case, district, partner, world, staff, sql):
    other = world.partner(district)
    assert case.change(staff, support_provider="partner").expect(
        422).faults == ["/partner_id"]
    case.change(staff, support_provider="partner", partner_id=other.id
                ).expect(200)
    assert case["partner"]["id"] == other.id
    case.change(staff, partner_id=partner.id).expect(200)
    names = [sql.value("select name from casework.partners where id = %s",
                       p.id) for p in (partner, other)]
    event, text = told(case, "case.handed_over")
    assert event["changes"] == [
        {"member": "partner_id", "old": other.id, "new": partner.id}]
    assert text == (f"{names[0]} has this case now and provides support for"
                    f" it. Before it was {names[1]}.")


def test_a_partner_of_another_district_gets_no_case(
        case, partner, world, staff, stranger):
    elsewhere = world.partner(stranger.district)
    assert case.change(staff, support_provider="partner",
                       partner_id=elsewhere.id).expect(422).faults == [
        "/partner_id"]
    assert case.change(staff, partner_id=partner.id).expect(422).faults == [
        "/partner_id"]
    assert case["support_provider"] == "campus"


def test_staff_alone_say_which_partner(case, contact, partner):
    for someone in (contact, partner):
        assert case.change(someone, partner_id=partner.id).expect(
            403).faults == ["/partner_id"]


def test_a_partner_that_escalates_has_the_case_no_longer(provided, partner):
    provided.escalate(partner, team=None).expect(201)
    assert provided["partner"] is None


def test_cases_are_found_by_their_partner(
        contact, district, partner, world, staff):
    other = world.partner(district)
    none, one, two = (contact.submit() for _ in range(3))
    for case, who in ((one, partner), (two, other)):
        case.change(staff, support_provider="partner", partner_id=who.id
                    ).expect(200)

    def found(by, **query):
        return set(by.get("/v1/cases", query={
            "district_id": district.id, **query}).expect(200).ids)
    for someone in (contact, partner, staff):
        assert found(someone, partner_id=partner.id) == {one.id}
        assert found(someone, partner_id=f"{partner.id},{other.id}") == {
            one.id, two.id}
        assert found(someone, partner_id_not=partner.id) == {
            none.id, two.id}
    assert staff.get("/v1/cases/counts", query={"partner_id": other.id}
                     ).expect(200)["total"] == 1


# -- who is written to -----------------------------------------------------

def people_told(post, case):
    return [(kind, who) for kind, who in post.written(case)
            if who.startswith("partner_person:")]


def test_the_people_of_the_partner_are_written_to(
        post, provided, colleague, person, world, partner, sql):
    sql.run("update casework.partner_people set active = false where id = %s",
            a_person(world, partner.id, "gone"))
    post.forget_the_past()
    provided.note(colleague).expect(201)
    assert people_told(post, provided) == [
        ("case.note_added", f"partner_person:{person}")]


def test_not_about_what_the_partner_does_nor_of_other_cases(
        post, provided, contact, partner, staff, person):
    post.forget_the_past()
    provided.note(partner).expect(201)
    provided.resolve(partner).expect(200)
    other = contact.submit()
    other.note(staff).expect(201)
    assert people_told(post, provided) == people_told(post, other) == []


def test_who_loses_a_case_is_told(post, provided, staff, person):
    post.forget_the_past()
    provided.change(staff, support_provider="campus").expect(200)
    provided.note(staff).expect(201)
    assert people_told(post, provided) == [
        ("case.handed_over", f"partner_person:{person}")]


def test_a_partner_that_serves_no_longer_is_not_written_to(
        post, provided, colleague, partner, district, world, person):
    world.end_partner(partner, district)
    post.forget_the_past()
    provided.note(colleague).expect(201)
    assert people_told(post, provided) == []


@pytest.mark.parametrize("end", ["assignment", "person", "partner"])
def test_a_mail_that_waits_is_withheld_from_who_has_gone(
        post, provided, colleague, partner, district, world, person, sql, end):
    post.forget_the_past()
    provided.note(colleague).expect(201)
    post.dispatch()
    may = ("select rules.may_be_mailed(m) from casework.mails m where"
           " case_id = %s and recipient_kind = 'partner_person'")
    assert sql.value(may, provided.id) is True
    if end == "assignment":
        world.end_partner(partner, district)
    else:
        table, number = {"person": ("partner_people", person),
                         "partner": ("partners", partner.id)}[end]
        sql.run(f"update casework.{table} set active = false where id = %s",
                number)
    assert sql.value(may, provided.id) is False


# -- following -------------------------------------------------------------

def follow(case, by, **body):
    return by.post(case.path + "/partner-followers", body)


def followers(case, by):
    return [f["person_id"] for f in by.all(case.path + "/partner-followers")]


FOLLOW = "select body from rules.follow_as_partner(%s, %s)"


def test_a_person_follows_for_itself(
        post, case, colleague, partner, staff, person, as_person):
    answer = as_person(FOLLOW, case.id, {})
    assert answer["person_id"] == person
    assert answer["added_by"]["name"].startswith("Person 1 (")
    assert followers(case, partner) == followers(case, staff) == [person]
    post.forget_the_past()
    case.note(colleague).expect(201)
    assert people_told(post, case) == [
        ("case.note_added", f"partner_person:{person}")]
    assert "case.followed" in case.event_types()


def test_a_person_follows_for_nobody_else(case, world, partner, as_person):
    other = a_person(world, partner.id, "2")
    for statement, body in ((FOLLOW, {"person_id": other}),
                            ("select from rules.unfollow_as_partner(%s, %s)",
                             other)):
        with pytest.raises(Exception) as refused:
            as_person(statement, case.id, body)
        assert refused.value.state == "CW403"


def test_a_machine_names_the_person(case, partner, person, staff):
    assert follow(case, partner).expect(422).faults == ["/person_id"]
    follow(case, partner, person_id=person).expect(201)
    follow(case, staff, person_id=person).expect(
        409, problem="already-exists")
    path = f"{case.path}/partner-followers/{person}"
    assert partner.delete(path).expect(200)["person_id"] == person
    partner.delete(path).expect(404)
    assert followers(case, partner) == []
    assert case.event_types()[-1] == "case.unfollowed"


def test_a_partner_names_its_own_people_only(
        case, district, partner, staff, world, stranger, as_role):
    other, elsewhere = world.partner(district), world.partner(
        stranger.district)
    numbers = [a_person(world, p.id) for p in (other, elsewhere)]
    for number in numbers:
        assert follow(case, partner, person_id=number).expect(422).faults == [
            "/person_id"]
    assert follow(case, staff, person_id=numbers[1]).expect(422).faults == [
        "/person_id"]
    follow(case, staff, person_id=numbers[0]).expect(201)
    assert followers(case, partner) == []
    assert followers(case, other) == [numbers[0]]
    assert as_role("partner").acting(
        "select * from casework.case_partner_followers where case_id = %s",
        case.id, caller_id=partner.id) == []
    partner.delete(f"{case.path}/partner-followers/{numbers[0]}").expect(404)


# -- what a contact has confirmed ------------------------------------------

def confirm(case, by=None, **body):
    return case.act(by or case.submitter, "confirmation", body)


def test_a_partner_closes_what_a_contact_has_confirmed(
        provided, colleague, partner):
    provided.resolve(partner).expect(200)
    refused = provided.close(partner).expect(409, problem="conflict")
    assert "confirmed" in refused["detail"]
    confirmed = confirm(provided, colleague, comment="It works.").expect(200)
    assert confirmed["status"] == "pending_verification"
    assert confirmed["resolution"]["confirmed_at"]
    assert confirmed["resolution"]["confirmed_by"]["id"] == colleague.id
    event, text = told(provided, "case.resolution_confirmed")
    assert event["actor"]["id"] == colleague.id and text == "It works."
    closed = provided.close(partner).expect(200)
    assert closed["closure_reason"] == "resolved_confirmed"
    assert closed["closed_by"]["id"] == partner.id
    assert closed["closed_by"]["kind"] == "partner"


def test_a_partner_closes_nothing_else(provided, partner, staff):
    provided.close(partner).expect(409, problem="illegal-transition")
    provided.resolve(partner).expect(200)
    confirm(provided).expect(200)
    for reason in ("withdrawn", "no_response"):
        assert provided.close(partner, closure_reason=reason).expect(
            403).faults == ["/closure_reason"]
    provided.change(staff, support_provider="campus").expect(200)
    provided.close(partner).expect(403, problem="not-permitted")


def test_a_partner_closes_no_case_of_another(
        provided, partner, world, district):
    other = world.partner(district)
    provided.resolve(partner).expect(200)
    confirm(provided).expect(200)
    provided.close(other).expect(403, problem="not-permitted")
    provided.close(partner).expect(200)


def test_a_partner_answers_for_no_case_of_another(
        provided, world, district, partner):
    other = world.partner(district)
    for refused in (provided.resolve(other), provided.escalate(other, team=None)):
        assert "Another partner" in refused.expect(
            403, problem="not-permitted")["detail"]
    provided.note(other, "We have seen this too.").expect(201)
    assert provided.target["first_response_at"] is None
    provided.resolve(partner).expect(200)
    provided.follow_up(other).expect(403, problem="not-permitted")
    provided.follow_up(partner).expect(200)


def test_where_an_old_case_names_none_each_partner_answers(
        provided, world, district, sql):
    other = world.partner(district)
    sql.run("update casework.cases set partner_id = null, partner_name = null"
            " where id = %s", provided.id)
    provided.note(other, "We look at it.").expect(201)
    assert provided.target["first_response_at"] is not None
    provided.resolve(other).expect(200)


def test_closing_ends_what_hangs_below(provided, partner, staff):
    provided.ask_for_change(staff).expect(201)
    provided.escalate(staff).expect(201)
    provided.resolve(partner).expect(200)
    confirm(provided).expect(200)
    provided.close(partner).expect(200)
    assert {"case.escalation_closed", "case.change_withdrawn"} <= set(
        provided.event_types())


def test_staff_close_it_too(case, advisor):
    case.resolve(advisor).expect(200)
    assert case.close(advisor, closure_reason="resolved_confirmed").expect(
        403).faults == ["/closure_reason"]
    confirm(case).expect(200)
    confirm(case).expect(409, problem="already-exists")
    case.close(advisor, closure_reason="resolved_confirmed").expect(200)


def test_a_later_note_of_a_contact_takes_it_back(provided, colleague, partner):
    provided.resolve(partner).expect(200)
    confirm(provided).expect(200)
    provided.note(colleague, "Not at the high school.").expect(201)
    assert provided["resolution"]["confirmed_at"] is None
    provided.resolve(partner).expect(200)
    provided.close(partner).expect(409, problem="conflict")


def test_only_a_resolution_that_waits_is_confirmed(case):
    confirm(case).expect(409, problem="illegal-transition")


def test_nobody_confirms_in_a_contacts_name(case, contact, advisor, world):
    case.resolve(advisor).expect(200)
    acting = world.caller(f"contact:{contact.id}",
                          act={"sub": f"staff:{advisor.id}"})
    confirm(case, acting).expect(403, problem="not-permitted")


@pytest.mark.rule("2.5")
def test_what_is_confirmed_is_followed_up_no_more(
        contact, advisor, clock, as_role):
    clock.at("2026-03-02T10:00:00-06:00")
    case = contact.submit()
    case.resolve(advisor).expect(200)
    confirm(case).expect(200)
    worker = as_role("worker")
    clock.at(case["follow_up"]["auto_close_at"])
    worker.run(f"begin; select rules.follow_up_by_itself({case.id},"
               " rules.actor()); commit")
    assert case.all_follow_ups() == []
    worker.run(f"begin; select rules.auto_close({case.id}, rules.actor());"
               " commit")
    assert case["closure_reason"] == "resolved_confirmed"
    assert case.all_follow_ups() == []
