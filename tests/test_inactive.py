"""What is not active any more: product areas, partners, phone systems. It stays
where it was named, and nobody names or uses it anew."""

import pytest

from contract import same_problem
from generate import NOBODY
from instance import until
from phone import Phone
from webhooks import Webhook
from world import Defect, a_case

GONE = "retired_area"


@pytest.fixture
def retired(sql):
    """A product area that is not offered any more."""
    sql.run("insert into casework.product_areas (code, name, position, active)"
            " values (%s, 'Retired Area', 999, false) on conflict do nothing",
            GONE)
    return GONE


@pytest.fixture
def gone(world, district, sql):
    """A partner of the district that has ended its work as one."""
    partner = world.partner(district)
    sql.run("update casework.partners set active = false where id = %s",
            partner.id)
    return partner


# -- product areas -----------------------------------------------------------

def test_it_is_not_among_the_product_areas(retired, public):
    listed = public.get("/v1/product-areas").expect(200).items
    assert retired not in [area["code"] for area in listed]


def test_nothing_is_made_with_a_retired_area(retired, contact, engineer,
                                             advisor):
    body = {"title": "It fails", "description": "x", "product_area": retired}
    incident = {"title": "Slow", "severity": "minor", "text": "We know.",
                "scope": {"product_areas": [retired]}}
    for answer, place in (
            (contact.post("/v1/cases", a_case(product_area=retired)),
             "/product_area"),
            (engineer.post("/v1/defects", body), "/product_area"),
            (advisor.post("/v1/incidents", incident), "/scope/product_areas"),
            (advisor.post("/v1/incidents", {
                **incident, "scope": {"all": True}, "components": [retired]}),
             "/components")):
        assert answer.expect(422).faults == [place]
        assert answer["errors"][0]["code"] == "unknown"


def test_nothing_is_changed_to_a_retired_area(retired, contact, engineer,
                                              incident, advisor):
    case, defect = contact.submit(), Defect(engineer)
    for answer in (case.change(product_area=retired),
                   defect.change(product_area=retired),
                   advisor.patch(incident.location, {"components": [retired]},
                                 etag="*")):
        answer.expect(422)
        assert answer["errors"][0]["code"] == "unknown"


def test_what_has_a_retired_area_keeps_it(retired, contact, engineer, sql):
    """Whatever else is changed of it."""
    case, defect = contact.submit(), Defect(engineer)
    for table, number in (("cases", case.id), ("defects", defect.id)):
        sql.run(f"update casework.{table} set product_area = %s where id = %s",
                retired, number)
    case.change(subject="Another subject").expect(200)
    defect.change(title="Another title").expect(200)
    assert case["product_area"] == retired
    assert engineer.get(defect.path)["product_area"] == retired


# -- partners ----------------------------------------------------------------

def test_a_partner_that_has_ended_calls_nothing(gone):
    for path in ("/v1/me", "/v1/cases"):
        gone.get(path).expect(403, problem="caller-not-active")
    gone.post("/v1/webhooks", {"url": "https://desk.example/"}).expect(
        403, problem="caller-not-active")


def test_a_partner_that_has_ended_supports_nobody(gone, contact, staff, world,
                                                  district):
    refused = staff.post("/v1/cases", {
        **a_case(), "contact_id": contact.id, "support_provider": "partner"})
    assert refused.expect(422).faults == ["/support_provider"]
    case = contact.submit()
    assert case.change(staff, support_provider="partner").expect(
        422).faults == ["/support_provider"]
    world.partner(district)
    case.change(staff, support_provider="partner").expect(200)


@pytest.mark.direct
@pytest.mark.parametrize("kind", ["partner", "staff"])
def test_webhooks_of_who_has_ended_are_sent_nothing(
        world, district, new_sender, receiver, case, sql, as_role, kind):
    owner = world.staff() if kind == "staff" else world.partner(district)
    webhook = Webhook(owner, receiver.url)
    case.note().expect(201)
    table = "staff" if kind == "staff" else "partners"
    sql.run(f"update casework.{table} set active = false where id = %s",
            owner.id)
    new_sender()
    until(lambda: as_role("worker").value(
        "select bool_and(state = 'withheld') from casework.webhook_deliveries"
        " where webhook_id = %s", webhook.id))
    assert receiver.requests == []


# -- phone systems -----------------------------------------------------------

@pytest.fixture
def other_phone(world, sql):
    """Another phone system."""
    return Phone(world.caller("telephony:%d" % sql.value(
        "insert into casework.telephony_clients (name, owner)"
        " values ('Another switch', 'Phone team') returning id")))


def test_a_phone_system_that_has_ended_routes_nothing(other_phone, sql):
    other_phone.route({})
    sql.run("update casework.telephony_clients set active = false"
            " where id = %s", other_phone.telephony.id)
    for path in ("/v1/calls/routing", "/v1/calls"):
        other_phone.telephony.post(path, {}).expect(
            403, problem="caller-not-active")


def test_a_routing_of_another_phone_system_is_as_good_as_none(
        contact, phone, other_phone, as_role):
    """Its caller was verified there, and by nobody here."""
    entered = phone.pin(contact)
    routing = {"routing_id": phone.route(entered)["routing_id"]}
    refused = other_phone.telephony.post("/v1/calls", routing)
    missing = other_phone.telephony.post("/v1/calls", {"routing_id": NOBODY})
    assert refused.expect(422).faults == ["/routing_id"]
    assert same_problem(refused.json, missing.expect(422).json)
    for who, seen in ((phone, 1), (other_phone, 0)):
        assert as_role("telephony").acting(
            "select count(*) as n from casework.call_routings where id = %s",
            routing["routing_id"], caller_id=who.telephony.id) == [{"n": seen}]
    call = phone.call(**routing)
    assert call.record["contact_id"] == contact.id
