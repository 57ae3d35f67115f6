"""The toll-free number, where it is told (facts 22, 34, 37, 38)."""

import pytest

from contract import same_problem
from world import Case, a_case

LINE = "/v1/support-line"


@pytest.fixture
def number(sql):
    return sql.value("select toll_free_number from casework.support_line")


def reads(lead, contact):
    return [(r["case_id"], r["district_id"]) for r in lead.all(
        LINE + "/reads", contact_id=contact.id)]


@pytest.mark.fact(22, 34)
def test_an_authorized_contact_is_told_the_number(contact, number):
    answer = contact.get(LINE).expect(200)
    assert answer.json == {"toll_free_number": number, "option": 8}
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.fact(37)
def test_option_8_is_for_hosted_districts(world, number, sql):
    contact = world.district(hosting="self_hosted").contact()
    assert contact.get(LINE).json == {"toll_free_number": number,
                                      "option": None}
    sql.run("update casework.districts set hosting = 'campus_hosted'"
            " where id = %s", contact.district.id)
    assert contact.get(LINE)["option"] == 8


@pytest.mark.fact(22)
def test_each_reading_is_recorded(contact, colleague, clock, lead):
    clock.at("2026-11-23T10:00:00-06:00")
    assert reads(lead, contact) == []
    contact.get(LINE).expect(200)
    case = contact.submit(type="outage")
    case.read(colleague)
    district = contact.district.id
    assert reads(lead, contact) == [(case.id, district), (None, district)]
    assert reads(lead, colleague) == [(case.id, district)]
    found = lead.get(LINE + "/reads", query={"district_id": district}
                      ).expect(200).items
    assert {item["at"] for item in found} == {"2026-11-23T16:00:00Z"}
    assert len(found) == 3


@pytest.mark.fact(22, 34, 80)
def test_nobody_else_is_told(
        contact, partner, staff, telephony, public, number, lead):
    for someone in (partner, staff, telephony):
        someone.get(LINE).expect(403, problem="caller-not-allowed")
    public.get(LINE).expect(401)
    for actor in (f"partner:{partner.id}", "staff:1"):
        answer = contact.acting_for(actor).get(LINE).expect(
            403, problem="not-permitted")
        assert number not in answer.body.decode()
    assert reads(lead, contact) == []


@pytest.mark.fact(14)
def test_who_is_refused_is_told_where_to_turn(contact, public, staff):
    """Nobody and a former contact alike."""
    nobody = public.get(LINE).expect(401)["detail"]
    assert nobody.startswith("Send an access token")
    staff.patch(f"/v1/contacts/{contact.id}", {"authorized": False},
                etag="*").expect(200)
    former = contact.get(LINE).expect(403)["detail"]
    assert former.startswith("If you need technical support")
    assert nobody.endswith(f" {former}")


@pytest.mark.fact(34)
def test_a_former_contact_is_not_told(contact, staff, number, lead):
    contact.get(LINE).expect(200)
    staff.patch(f"/v1/contacts/{contact.id}", {"authorized": False},
                etag="*").expect(200)
    answer = contact.get(LINE).expect(
        403, problem="not-an-authorized-contact")
    assert number not in answer.body.decode()
    assert len(reads(lead, contact)) == 1


@pytest.mark.fact(38)
def test_an_outage_case_lists_the_number_for_the_district(
        contact, colleague, stranger, number):
    case = contact.submit(type="outage")
    shown = {"toll_free_number": number, "option": 8}
    assert case.answer["support_line"] == shown
    for someone in (contact, colleague):
        assert case.read(someone)["support_line"] == shown
    assert same_problem(stranger.get(case.path).expect(404).json,
                        stranger.get("/v1/cases/9007199254740991").json)


@pytest.mark.fact(37, 38)
def test_the_outage_of_a_district_that_is_not_hosted_has_no_option(
        world, number):
    contact = world.district(hosting="self_hosted").contact()
    assert contact.submit(type="outage").answer["support_line"] == {
        "toll_free_number": number, "option": None}


@pytest.mark.fact(38)
@pytest.mark.parametrize("type_", ["problem", "question", "request"])
def test_other_cases_do_not_list_it(contact, type_, lead):
    case = contact.submit(type=type_, priority="critical")
    assert case.answer["support_line"] is None
    assert case["support_line"] is None
    assert reads(lead, contact) == []


@pytest.mark.fact(34, 38)
def test_an_outage_case_shows_it_to_nobody_but_contacts_themselves(
        contact, partner, staff, lead):
    outage = a_case(type="outage", contact_id=contact.id)
    for someone in (staff, partner,
                    contact.acting_for(f"partner:{partner.id}")):
        answer = someone.post("/v1/cases", outage).expect(201)
        assert answer["support_line"] is None
        assert Case(someone, answer)["support_line"] is None
    assert reads(lead, contact) == []


@pytest.mark.fact(38)
def test_a_case_that_becomes_an_outage_lists_it_from_then_on(
        contact, number):
    case = contact.submit()
    case.change(type="outage").expect(200)
    assert case["support_line"]["toll_free_number"] == number
    case.change(type="problem").expect(200)
    assert case["support_line"] is None


@pytest.mark.fact(34)
def test_without_a_configured_number_none_is_told(contact, sql, number):
    sql.run("delete from casework.support_line")
    try:
        assert contact.get(LINE).expect(200).json == {
            "toll_free_number": None, "option": None}
        assert contact.submit(type="outage").answer["support_line"] is None
    finally:
        sql.run("insert into casework.support_line (toll_free_number)"
                " values (%s)", number)


@pytest.mark.fact(34)
def test_no_role_reads_the_number_but_through_the_one_function(
        contact, as_role, number, sql):
    who = {"caller_id": contact.id}
    ask = "select rules.toll_free_number(null) as number"
    for kind in ("contact", "partner", "staff", "telephony", "public",
                 "worker"):
        role = as_role(kind)
        assert role.fails("select 1 from casework.support_line") == "42501"
        if kind != "contact":
            assert role.fails(ask) == "42501", kind
    role = as_role("contact")
    assert role.acting(ask, **who) == [{"number": number}]
    assert role.acting(ask, **who, actor="staff:1") == [{"number": None}]
    assert role.acting(ask) == [{"number": None}]
    readers = sql.rows(
        "select proname from pg_proc p join pg_namespace n on"
        " n.oid = p.pronamespace where n.nspname in ('rules', 'views',"
        " 'casework') and prosrc ~ 'casework[.]support_line( |$|[)])'"
        " order by 1")
    assert [r["proname"] for r in readers] == [
        "has_toll_free_number", "set_toll_free_number", "toll_free_number"]
    # The worker tells who is welcomed that there is one.
    for told, knows in (("has_toll_free_number()", {"worker"}),
                        ("set_toll_free_number('1')", set())):
        kinds = {kind for kind in ("contact", "partner", "telephony", "public",
                                   "worker")
                 if as_role(kind).fails(f"select rules.{told}") != "42501"}
        assert kinds == knows, told
