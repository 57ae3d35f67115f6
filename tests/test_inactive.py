"""What is not active any more: product areas, partners, phone systems. It stays
where it was named, and nobody names it anew; that cases and defects do not name
such an area is in test_cases.py and test_defects.py, that nobody of these calls
anything in test_acting.py."""

import pytest

from contract import same_problem
from generate import NOBODY
from instance import until
from phone import Phone
from webhooks import Webhook
from world import Defect, a_case


# -- product areas -----------------------------------------------------------

def test_it_is_not_among_the_product_areas(inactive_area, public):
    listed = public.get("/v1/product-areas").expect(200).items
    assert inactive_area not in [area["code"] for area in listed]


def test_no_incident_is_about_a_retired_area(inactive_area, incident, lead):
    body = {"title": "Slow", "severity": "minor", "text": "We know."}
    within = {"scope": {"product_areas": [inactive_area]}}
    parts = {"components": [inactive_area]}
    for answer, place in (
            (lead.post("/v1/incidents", {**body, **within}),
             "/scope/product_areas"),
            (lead.post("/v1/incidents", {
                **body, "scope": {"all": True}, **parts}), "/components"),
            (lead.patch(incident.location, parts, etag="*"),
             "/components")):
        assert answer.expect(422).faults == [place]
        assert answer["errors"][0]["code"] == "unknown"


def test_no_case_is_changed_to_a_retired_area(inactive_area, case):
    answer = case.change(product_area=inactive_area)
    assert answer.expect(422).faults == ["/product_area"]
    assert answer["errors"][0]["code"] == "unknown"


def test_what_has_a_retired_area_keeps_it(inactive_area, contact, engineer,
                                          sql):
    """Whatever else is changed of it."""
    case, defect = contact.submit(), Defect(engineer)
    for table, number in (("cases", case.id), ("defects", defect.id)):
        sql.run(f"update casework.{table} set product_area = %s where id = %s",
                inactive_area, number)
    case.change(subject="Another subject").expect(200)
    defect.change(title="Another title").expect(200)
    assert case["product_area"] == inactive_area
    assert engineer.get(defect.path)["product_area"] == inactive_area


# -- partners ----------------------------------------------------------------

def test_no_case_is_submitted_to_a_partner_that_has_ended(
        contact, staff, world, district, sql):
    """Nor handed to it later (test_case_changes.py)."""
    body = {**a_case(), "contact_id": contact.id,
            "support_provider": "partner"}
    gone = world.partner(district)
    sql.run("update casework.partners set active = false where id = %s",
            gone.id)
    assert staff.post("/v1/cases", body).expect(422).faults == [
        "/support_provider"]
    world.partner(district)
    staff.post("/v1/cases", body).expect(201)


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
