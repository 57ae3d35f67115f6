"""What a line of an import does to districts, people and assignments (3.2): it
creates, changes or leaves as it is, by the rules that hold for requests."""

import contextlib

import pytest
from jsonschema import Draft202012Validator

from imported import Importer, key
from sql import Role

pytestmark = pytest.mark.rule("2.10")
KINDS = ("district", "site", "contact", "staff", "partner", "assignment",
         "case", "note")


@pytest.fixture(scope="module")
def administrator(world):
    return world.staff("administrator")


@pytest.fixture
def importer(as_role, administrator):
    return Importer(as_role("staff"), administrator)


@pytest.fixture
def home(importer):
    """The external id of a district that was imported."""
    name = key("D")
    importer.line("districts", **a_district(name))
    return name


def a_district(external_id, **changes):
    return {"external_id": external_id, "name": "Pine County Schools",
            "state": "WI", "hosting": "self_hosted", **changes}


def a_contact(home, external_id, **changes):
    return {"district_external_id": home, "external_id": external_id,
            "name": "Contact 1", "email": f"{external_id}@pine.example",
            **changes}


def types(by, **query):
    return [e["type"] for e in by.all("/v1/events", **query)]


def unknown(member):
    return 422, [(f"/{member}", "unknown")]


def missing(*members):
    return 422, [(f"/{m}", "required") for m in members]


# -- the document ------------------------------------------------------------

@pytest.mark.parametrize("kind", KINDS)
def test_the_example_of_each_kind_is_a_line_of_it(contract, kind):
    document = contract.document
    example = document["components"]["examples"][f"import_{kind}"]["value"]
    schema = {"$ref": f"#/components/schemas/import_{kind}",
              "components": document["components"]}
    assert list(Draft202012Validator(schema).iter_errors(example)) == []
    for surplus in ({"id": 1}, {"created_by": "x"}):
        assert list(Draft202012Validator(schema).iter_errors(
            {**example, **surplus}))


# -- districts and sites -----------------------------------------------------

def test_a_district_is_made_changed_and_left(importer, administrator):
    line = a_district(key("D"), technical_team={
        "name": "Technology", "email": "it@pine.example"})
    result, number = importer.line("districts", **line)
    assert result == "created"
    assert importer.line("districts", **line) == ("unchanged", number)
    assert importer.line("districts", external_id=line["external_id"],
                         name="Pine Schools", technical_team={
                             "phone": "715-555-0100"}) == ("updated", number)
    read = administrator.get(f"/v1/districts/{number}").expect(200)
    assert (read["name"], read["state"]) == ("Pine Schools", "WI")
    assert read["time_zone"] == "America/Chicago"
    assert read["technical_team"] == {
        "name": "Technology", "email": "it@pine.example",
        "phone": "715-555-0100", "url": None}
    importer.line("districts", external_id=line["external_id"],
                  technical_team=None)
    assert administrator.get(f"/v1/districts/{number}")[
        "technical_team"] is None
    events = administrator.all("/v1/events", district_id=number)
    assert [e["type"] for e in events] == ["district.created",
                                           *["district.updated"] * 2]
    assert {e["actor"]["id"] for e in events} == {administrator.id}


def test_what_a_new_one_needs_is_said_at_once(importer, home):
    assert importer.refused("districts", external_id=key()) == missing(
        "name", "state", "hosting")
    assert importer.refused("sites", district_external_id=home,
                            external_id=key()) == missing("name")
    assert importer.refused("contacts", district_external_id=home,
                            external_id=key(), name="Contact 1"
                            ) == missing("email")
    assert importer.refused("staff", external_id=key(), name="Advisor 1"
                            ) == missing("roles")
    assert importer.refused("partners", external_id=key()) == missing(
        "name", "kind", "owner")


@pytest.mark.parametrize("changes, member", [
    ({"time_zone": "Mars/Olympus"}, "time_zone"),
    ({"product_areas": ["astrology"]}, "product_areas")])
def test_a_line_is_checked_as_a_request_is(importer, home, changes, member):
    assert importer.refused("districts", **a_district(
        key("D"), **changes)) == unknown(member)
    assert importer.refused("districts", external_id=home,
                            **changes) == unknown(member)


def test_a_site_is_made_changed_and_left(importer, administrator, home):
    _, district = importer.line("districts", external_id=home)
    line = {"district_external_id": home, "external_id": "HS-1",
            "name": "High School"}
    result, number = importer.line("sites", **line)
    assert result == "created"
    assert importer.line("sites", **line) == ("unchanged", number)
    assert importer.line("sites", **{**line, "active": False}) == (
        "updated", number)
    assert administrator.get(f"/v1/districts/{district}")["sites"] == []
    assert types(administrator, district_id=district) == [
        "district.created", "site.created", "site.updated"]


# -- contacts ----------------------------------------------------------------

def test_a_contact_is_made_changed_and_left(importer, administrator, home):
    line = a_contact(home, key("c"), phone="715-555-0142")
    result, number = importer.line("contacts", **line)
    assert result == "created"
    assert importer.line("contacts", **line) == ("unchanged", number)
    assert importer.line(
        "contacts", district_external_id=home, external_id=line["external_id"],
        kind="technical", phone=None) == ("updated", number)
    read = administrator.get(f"/v1/contacts/{number}").expect(200)
    assert (read["name"], read["phone"], read["kind"], read["authorized"]) == (
        "Contact 1", None, "technical", True)
    assert types(administrator, district_id=read["district_id"]) == [
        "district.created", "contact.created", "contact.updated"]


@pytest.mark.fact(13)
def test_an_import_welcomes_nobody(importer, administrator, home, post,
                                   world):
    world.welcomes(True)
    line = a_contact(home, key("c"))
    number = importer.line("contacts", **line)[1]
    for authorized in (False, True):
        importer.line("contacts", **{**line, "authorized": authorized})
    told = administrator.all("/v1/events", limit=1000, district_id=(
        administrator.get(f"/v1/contacts/{number}")["district_id"]))
    assert [e["imported"] for e in told if e["type"].startswith("contact.")
            ] == [True, True, True]
    post.dispatch()
    assert [m for m in post.mails()
            if str(m["recipient_id"]) == str(number)] == []


def test_an_external_id_of_a_contact_is_its_districts(importer, home):
    other = key("D")
    importer.line("districts", **a_district(other))
    name = key("c")
    one, first = importer.line("contacts", **a_contact(home, name))
    two, second = importer.line("contacts", **a_contact(other, name))
    assert (one, two) == ("created", "created") and first != second


@pytest.mark.parametrize("kind", ["contacts", "sites"])
def test_of_an_unknown_district_there_is_none(importer, kind):
    line = a_contact(key("D"), key("c"))
    if kind == "sites":
        del line["email"]
    assert importer.refused(kind, **line) == unknown("district_external_id")


def test_an_address_occurs_once_in_a_district(importer, home):
    line = a_contact(home, key("c"))
    importer.line("contacts", **line)
    assert importer.refused("contacts", **{
        **line, "external_id": key("c")}) == (
            409, [("/email", "already-exists")])


def test_of_two_imports_at_once_one_makes_and_one_changes(
        instance, administrator, home, meeting):
    """Both have looked and found nobody."""
    line = a_contact(home, key("c"))
    with contextlib.ExitStack() as stack:
        importers = [Importer(stack.enter_context(contextlib.closing(
            Role("staff", instance.role_url("staff"), instance.env))),
            administrator) for _ in range(2)]
        came = meeting.meet("contacts", *(
            lambda importer=importer, n=n: importer.line(
                "contacts", **line, phone=f"715-555-010{n}")
            for n, importer in enumerate(importers)))
    assert {result for result, _ in came} == {"created", "updated"}
    assert len({number for _, number in came}) == 1


# -- staff -------------------------------------------------------------------

def test_a_member_of_staff_is_made_changed_and_left(
        importer, administrator, sql):
    line = {"external_id": key("S"), "name": "Advisor 1",
            "roles": ["lead", "advisor"], "capacity": 40}
    result, number = importer.line("staff", **line)
    assert result == "created"
    assert importer.line("staff", **line) == ("unchanged", number)
    assert importer.line("staff", external_id=line["external_id"],
                         capacity=None, active=False) == ("updated", number)
    read = administrator.get(f"/v1/staff/{number}").expect(200)
    assert (read["roles"], read["capacity"], read["active"]) == (
        ["advisor", "lead"], None, False)
    assert sql.rows(
        "select type, actor_id from casework.desk_events where type like"
        " 'staff.%%' and resource = %s order by id", str(number)) == [
            {"type": f"staff.{what}", "actor_id": administrator.id}
            for what in ("created", "updated")]


def test_nobody_gives_themselves_roles_by_an_import(
        importer, administrator, sql):
    name = key("S")
    sql.run("update casework.staff set external_id = %s where id = %s",
            name, administrator.id)
    assert importer.refused("staff", external_id=name, roles=[
        "administrator", "lead"]) == (403, [("/roles", "not-permitted")])


def test_who_is_no_administrator_imports_no_staff(as_role, advisor):
    status, _ = Importer(as_role("staff"), advisor).refused(
        "staff", external_id=key("S"), name="Advisor 1", roles=["lead"])
    assert status == 403


# -- partners and assignments ------------------------------------------------

def a_partner(external_id, **changes):
    return {"external_id": external_id, "name": "Lakes Cooperative",
            "kind": "esa", "owner": "Partner desk", **changes}


@pytest.fixture
def cooperative(importer):
    name = key("P")
    importer.line("partners", **a_partner(name))
    return name


def test_a_partner_is_made_changed_and_left(importer, administrator):
    line = a_partner(key("P"), email="desk@lakes.example")
    result, number = importer.line("partners", **line)
    assert result == "created"
    assert importer.line("partners", **line) == ("unchanged", number)
    assert importer.line("partners", external_id=line["external_id"],
                         email=None, kind="channel") == ("updated", number)
    read = administrator.get(f"/v1/partners/{number}").expect(200)
    assert (read["email"], read["kind"], read["owner"]) == (
        None, "channel", "Partner desk")


def test_an_assignment_is_made_ended_and_left(
        importer, administrator, home, cooperative):
    pair = {"partner_external_id": cooperative, "district_external_id": home}
    result, number = importer.line("assignments", **pair)
    assert result == "created"
    assert importer.line("assignments", **pair) == ("unchanged", number)
    until = "2099-07-01T05:00:00Z"
    assert importer.line("assignments", **pair, valid_to=until) == (
        "updated", number)
    assert importer.line("assignments", **pair) == ("unchanged", number)
    _, partner = importer.line("partners", external_id=cooperative)
    (read,) = administrator.all(f"/v1/partners/{partner}/assignments")
    assert (read["id"], read["valid_to"]) == (number, until)
    assert importer.line("assignments", **pair, valid_to=None) == (
        "updated", number)


def test_an_assignment_that_is_over_stays_over(
        importer, home, cooperative, sql):
    pair = {"partner_external_id": cooperative, "district_external_id": home,
            "valid_from": "2024-07-01T05:00:00Z"}
    until = "2099-07-01T05:00:00Z"
    _, number = importer.line("assignments", **pair, valid_to=until)
    sql.run("update casework.partner_districts set valid_to ="
            " '2025-07-01T05:00:00Z' where id = %s", number)
    over = {**pair, "valid_to": "2025-07-01T05:00:00Z"}
    assert importer.line("assignments", **over) == ("unchanged", number)
    assert importer.refused("assignments", **pair, valid_to=until) == (409, [])
    del over["valid_from"]
    assert importer.line("assignments", **over) == ("unchanged", number)
    del over["valid_to"]
    result, anew = importer.line("assignments", **over)
    assert result == "created" and anew != number


@pytest.mark.parametrize("member", ["partner_external_id",
                                    "district_external_id"])
def test_an_assignment_names_what_there_is(
        importer, home, cooperative, member):
    pair = {"partner_external_id": cooperative, "district_external_id": home}
    assert importer.refused("assignments", **{
        **pair, member: key()}) == unknown(member)
    assert importer.refused(
        "assignments", **pair, valid_to="2024-01-01T00:00:00Z") == (
            422, [("/valid_to", "out-of-range")])
