"""Notes, history and events name who of a partner acted: the person or machine
client that has signed in, and the partner (3.1, fact 36)."""

import json

import pytest

from partners import PARTNERS, Identities, a_client, a_person, signed_in
from sql import SqlError

NOTE = "select body from rules.add_note(%s, %s)"


@pytest.fixture
def team(world, sql, as_role, partner):
    """The test's partner, by the identities of a person and a machine."""
    class Team:
        def __init__(self):
            rows = Identities(sql)
            self.name = partner.get("/v1/me")["name"]
            self.person = a_person(world, partner.id, "1")
            self.client = a_client(world, partner.id, "nightly")
            self.identities = {
                "person": rows.link("people", self.person),
                "client": rows.link("clients", self.client)}

        def ask(self, who, statement, *values, **by):
            return signed_in(as_role("partner"), partner,
                             self.identities[who], statement, *values, **by)

        def note(self, who, case, text="We look at it.", **by):
            return json.loads(self.ask(who, NOTE, case.id, {"text": text},
                                       **by))

        def me(self, who):
            return json.loads(self.ask(who, "select body from views.me"))
    return Team()


@pytest.mark.fact(36)
@pytest.mark.parametrize("who, named", [
    ("person", "Person 1"), ("client", "Sync nightly")])
def test_notes_history_and_events_name_who_acted_and_the_partner(
        team, case, contact, partner, staff, world, district, who, named):
    """By name to all, by id to who may look it up."""
    ids = {"person_id": None, "client_id": None}
    named = {"kind": "partner", "id": partner.id,
             "name": f"{named} ({team.name})", **ids}
    known = {**named, f"{who}_id": getattr(team, who)}
    assert team.note(who, case)["author"] == known
    other = world.partner(district)
    for by, wanted in ((contact, named), (other, named), (partner, known),
                       (staff, known)):
        assert case.notes(by)[-1]["author"] == wanted
        assert case.history(by)[-1]["actor"] == wanted
        event = by.all("/v1/events", type="case.note_added",
                       case_id=case.id)[-1]
        assert event["actor"] == wanted


@pytest.mark.fact(36)
def test_a_token_that_names_the_partner_itself_is_the_partner(
        team, case, partner):
    case.note(by=partner).expect(201)
    assert case.notes()[-1]["author"]["name"] == team.name


@pytest.mark.fact(36)
def test_who_acts_in_the_name_of_a_person_is_named_beside_it(
        team, case, staff):
    team.note("person", case, actor=f"staff:{staff.id}")
    event = case.history()[-1]
    assert (event["actor"]["kind"], event["actor"]["id"]) == (
        "staff", staff.id)
    assert event["on_behalf_of"]["name"] == f"Person 1 ({team.name})"
    event, note = case.history(staff)[-1], case.notes(staff)[-1]
    for by in (event["on_behalf_of"], note["on_behalf_of"]):
        assert (by["person_id"], by["client_id"]) == (team.person, None)
    for by in (event["actor"], note["author"]):
        assert (by["person_id"], by["client_id"]) == (None, None)


@pytest.mark.fact(36)
def test_a_name_stays_as_it_was_when_it_was_written(
        team, case, partner, world):
    administrator = world.staff("administrator")
    team.note("person", case, "first")
    for path, name in ((f"/people/{team.person}", "Person Two"), ("", "New")):
        administrator.patch(f"{PARTNERS}/{partner.id}{path}", {"name": name},
                            etag="*").expect(200)
    team.note("person", case, "second")
    assert [n["author"]["name"] for n in case.notes()] == [
        f"Person 1 ({team.name})", "Person Two (New)"]


@pytest.mark.fact(36)
def test_who_wrote_follows_from_who_has_signed_in(
        team, case, staff, partner):
    """Whatever the row says."""
    team.ask("client", "insert into casework.notes (district_id, case_id,"
             " visibility, text, author_kind, author_id, author_name,"
             " created_at) values (%s, %s, 'public', 'Mine', 'partner', %s,"
             " 'Other', now()) returning id", case.answer["district_id"], case.id,
             partner.id)
    author = case.notes(staff)[-1]["author"]
    assert (author["person_id"], author["client_id"]) == (None, team.client)


def test_me_says_who_of_the_partner_calls(team, partner):
    person, client = team.me("person"), team.me("client")
    for me in (person, client):
        assert (me["kind"], me["id"], me["name"]) == (
            "partner", partner.id, team.name)
    assert person["person"] == {"id": team.person, "name": "Person 1"}
    assert person["client"] is None and person["owner"] is None
    assert client["client"] == {"id": team.client, "name": "Sync nightly",
                                "owner": "Integration team"}
    assert client["person"] is None and client["owner"] == "Integration team"


def test_of_others_it_says_neither(partner, contact, staff, telephony):
    for someone in (partner, contact, staff, telephony):
        me = someone.get("/v1/me").expect(200)
        assert me["person"] is None and me["client"] is None


@pytest.mark.parametrize("who, path", [
    ("person", "/people/{team.person}"), ("client", "/clients/{team.client}")])
def test_who_is_deactivated_is_refused_at_its_next_request(
        team, case, partner, world, who, path):
    team.note(who, case)
    world.staff("administrator").patch(
        f"{PARTNERS}/{partner.id}{path.format(team=team)}", {"active": False},
        etag="*").expect(200)
    with pytest.raises(SqlError) as refused:
        team.note(who, case)
    assert refused.value.state == "CW403"
    other, = {"person", "client"} - {who}
    team.note(other, case)


def test_an_identity_of_another_partner_is_none(
        team, sql, world, district, as_role):
    other = world.partner(district)
    identity = Identities(sql).link("people", a_person(world, other.id))
    team.identities["person"] = identity
    with pytest.raises(SqlError) as refused:
        team.me("person")
    assert refused.value.state == "CW403"


def test_a_partner_reads_no_identities(team, partner, as_role):
    assert as_role("partner").fails(
        "select from casework.identities", caller_id=partner.id) == "42501"
