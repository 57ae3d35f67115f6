"""Who sees what: contacts by their district, partners by their assignments,
staff everything. What outsiders see is in test_outsiders.py."""

import pytest

from contract import same_problem
from examples import Place, ask
from generate import NOBODY
from world import Case, a_case


# -- contacts --------------------------------------------------------------

@pytest.mark.fact(49)
def test_all_contacts_of_a_district_see_all_its_cases(contact, colleague):
    """Fact 49: by district, not by submitter; later contacts see old cases."""
    case = contact.submit()
    for someone in (colleague, contact.district.contact()):
        assert case.read(someone)["id"] == case.id
        assert someone.get("/v1/cases").ids == [case.id]


def revoke(staff, contact):
    staff.patch(f"/v1/contacts/{contact.id}", {"authorized": False},
                etag="*").expect(200)


@pytest.mark.fact(14, 49)
def test_a_former_contact_is_refused_with_the_next_request(
        contract, staff, world):
    place = Place(world)
    paths = {op.id: place.path(op) for op in contract.operations
             if "contact" in op.callers and "public" not in op.callers}
    place.contact.get(place.case.path).expect(200)
    revoke(staff, place.contact)
    for op in contract.operations:
        if op.id in paths:
            ask(place.contact, op, paths[op.id]).expect(
                403, problem="not-an-authorized-contact")


@pytest.mark.fact(14)
def test_a_former_contact_is_told_whom_to_ask(contact, staff):
    """Fact 14."""
    revoke(staff, contact)
    assert contact.get("/v1/me").expect(403)["detail"] == (
        "If you need technical support and are not an Authorized Contact,"
        " please reach out to your district's Infinite Campus technical"
        " team.")


@pytest.mark.fact(14)
def test_a_former_contact_still_reads_what_is_public(contact, staff):
    revoke(staff, contact)
    contact.token = None
    for path in ("/v1/calendar", "/v1/service-levels"):
        contact.get(path).expect(200)


def test_a_contact_authorized_again_is_back_at_once(contact, staff):
    revoke(staff, contact)
    contact.get("/v1/cases").expect(403)
    staff.patch(f"/v1/contacts/{contact.id}", {"authorized": True},
                etag="*").expect(200)
    contact.get("/v1/cases").expect(200)


def test_a_contact_who_never_was_is_refused_alike(world, contact, staff):
    unknown = world.caller(f"contact:{NOBODY}").get("/v1/cases")
    unknown.expect(403, problem="not-an-authorized-contact")
    revoke(staff, contact)
    assert same_problem(unknown.json, contact.get("/v1/cases").json)


@pytest.mark.fact(49)
def test_a_contact_who_moves_sees_the_new_district_and_not_the_old(
        contact, colleague, stranger, staff):
    old, new = contact.submit(), stranger.submit()
    staff.patch(f"/v1/contacts/{contact.id}",
                {"district_id": stranger.district.id}, etag="*").expect(200)
    contact.get(old.path).expect(404)
    contact.get(new.path).expect(200)
    assert contact.get("/v1/cases").ids == [new.id]
    assert contact.get("/v1/me")["district_ids"] == [stranger.district.id]
    assert colleague.get("/v1/cases").ids == [old.id]
    assert old.read(colleague)["submitted_by"]["name"] == (
        contact.record["name"])


def test_a_contact_loses_access_in_the_middle_of_a_page_through(
        contact, staff):
    for _ in range(3):
        contact.submit()
    cursor = contact.get("/v1/cases", query={"limit": 1})["next"]
    revoke(staff, contact)
    contact.get("/v1/cases", query={"limit": 1, "cursor": cursor}
                ).expect(403)


# -- partners --------------------------------------------------------------

@pytest.mark.fact(19)
def test_a_partner_sees_the_districts_assigned_to_it_only(
        world, contact, stranger):
    mine, theirs = contact.submit(), stranger.submit()
    partner = world.partner(contact.district)
    assert partner.get("/v1/cases").ids == [mine.id]
    partner.get(theirs.path).expect(404)
    partner.get(f"/v1/contacts/{stranger.id}").expect(404)


def test_a_partner_of_two_districts_sees_both(world, contact, stranger):
    ids = {contact.submit().id, stranger.submit().id}
    partner = world.partner(contact.district, stranger.district)
    assert set(partner.get("/v1/cases").ids) == ids


@pytest.mark.fact(19)
@pytest.mark.rule("2.10")
def test_a_partner_loses_a_district_at_the_instant_its_assignment_ends(
        world, contact, stranger):
    partner = world.partner(contact.district, stranger.district)
    lost, kept = contact.submit(), stranger.submit()
    partner.get(lost.path).expect(200)
    world.end_partner(partner, contact.district)
    partner.get(lost.path).expect(404)
    lost.note(partner).expect(404)
    assert partner.get("/v1/cases").ids == [kept.id]
    assert partner.get("/v1/me")["district_ids"] == [stranger.district.id]


@pytest.mark.fact(19)
def test_an_assignment_has_a_first_and_a_last_instant(
        world, contact, clock):
    partner = world.partner()
    case = contact.submit()
    world.sql.run(
        "insert into casework.partner_districts values (%s, %s, %s, %s)",
        partner.id, contact.district.id, "2026-11-23T10:00:00-06:00",
        "2026-11-24T10:00:00-06:00")
    for moment, status in (("2026-11-23T09:59:59.999999-06:00", 404),
                           ("2026-11-23T10:00:00-06:00", 200),
                           ("2026-11-24T09:59:59.999999-06:00", 200),
                           ("2026-11-24T10:00:00-06:00", 404)):
        clock.at(moment)
        partner.get(case.path).expect(status)


def test_a_partner_without_districts_sees_nothing(world, contact):
    case = contact.submit()
    partner = world.partner()
    assert partner.get("/v1/cases").ids == []
    assert partner.get("/v1/districts").ids == []
    partner.get(case.path).expect(404)


# -- staff, telephony, the public ------------------------------------------

def test_staff_see_all_districts(staff, contact, stranger):
    for someone in (contact, stranger):
        case = someone.submit()
        assert case.read(staff)["id"] == case.id


@pytest.mark.parametrize("kind, table", [
    ("staff", "staff"), ("partner", "partners"),
    ("telephony", "telephony_clients")])
def test_whoever_is_not_active_any_more_is_refused_at_once(
        world, sql, kind, table):
    columns = {"staff": ("name, role", "'Leaving', 'advisor'"),
               "partners": ("name, kind, owner",
                            "'Leaving', 'esa', 'Somebody'"),
               "telephony_clients": ("name, owner", "'Leaving', 'Somebody'")}[table]
    number = sql.value(f"insert into casework.{table} ({columns[0]})"
                       f" values ({columns[1]}) returning id")
    someone = world.caller(f"{kind}:{number}")
    someone.get("/v1/me").expect(200)
    sql.run(f"update casework.{table} set active = false where id = %s",
            number)
    someone.get("/v1/me").expect(403, problem="caller-not-active")
    world.caller(f"{kind}:{NOBODY}").get("/v1/me").expect(
        403, problem="caller-not-active")


def test_a_case_of_an_advisor_who_left_can_be_given_on(
        world, sql, contact, staff):
    """2.10"""
    advisor = world.staff()
    case = contact.submit()
    case.assign(staff, advisor).expect(200)
    sql.run("update casework.staff set active = false where id = %s",
            advisor.id)
    assert case.read()["id"] == case.id
    assert case.assign(staff, staff).expect(200)[
        "assigned_advisor"]["id"] == staff.id


# -- on behalf of ----------------------------------------------------------

@pytest.mark.fact(36)
def test_an_actor_must_be_allowed_itself(contact, partner, world, sql):
    contact.acting_for(f"partner:{partner.id}").get("/v1/me").expect(200)
    for actor in (f"partner:{world.partner().id}", f"partner:{NOBODY}",
                  f"staff:{NOBODY}"):
        contact.acting_for(actor).get("/v1/me").expect(
            403, problem="caller-not-active")
    world.end_partner(partner, contact.district)
    contact.acting_for(f"partner:{partner.id}").get("/v1/me").expect(403)


@pytest.mark.fact(36)
def test_the_phone_system_says_who_acts_through_it(
        telephony, advisor, contact, sql):
    """Both stand in the record; a contact is no user of the phone system."""
    for actor in (f"staff:{NOBODY}", f"contact:{contact.id}",
                  f"telephony:{telephony.id}"):
        telephony.acting_for(actor).get("/v1/me").expect(
            403, problem="caller-not-active")
    call = telephony.acting_for(f"staff:{advisor.id}").post("/v1/calls", {}
                                                            ).expect(201)
    assert sql.row(
        "select actor_kind, actor_id, behalf_kind, behalf_id from"
        " casework.phone_events where type = 'call.queued' and"
        " subject_id = %s", call["id"]) == {
        "actor_kind": "staff", "actor_id": advisor.id,
        "behalf_kind": "telephony", "behalf_id": telephony.id}


def test_an_actor_gets_the_rights_of_the_caller_and_no_more(
        contact, partner, stranger, world):
    world.assign_partner(partner.id, stranger.district)
    case = stranger.submit()
    contact.acting_for(f"partner:{partner.id}").get(case.path).expect(404)


def test_settings_of_one_request_end_with_it(contact, stranger):
    """Pooled connections carry many callers; none inherits another's."""
    mine, theirs = contact.submit(), stranger.submit()
    for _ in range(50):
        assert contact.get("/v1/cases").ids == [mine.id]
        assert stranger.get("/v1/cases").ids == [theirs.id]


def test_a_partner_s_case_belongs_to_the_district_not_the_partner(
        partner, contact, world):
    case = Case(contact, partner.post("/v1/cases", a_case(
        contact_id=contact.id)).expect(201))
    world.end_partner(partner, contact.district)
    partner.get(case.path).expect(404)
    case.read(contact)
