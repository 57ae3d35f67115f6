"""Prepared answers and their placeholders (3.5)."""

import pytest

pytestmark = pytest.mark.rule("3.5")

REPLIES = "/v1/replies"
EVERY = ("{case_number} {case_subject} {contact_name} {district_name}"
         " {advisor_name}")


@pytest.fixture
def lead(world):
    return world.staff("lead")


def prepare(lead, text, **more):
    return lead.post(REPLIES, {"name": "Posting window", "text": text, **more})


def filled(case, reply, by):
    return by.get(f"{case.path}/replies/{reply['id']}").expect(200)["text"]


def test_every_placeholder_is_filled_in(case, contact, advisor, lead, sql):
    reply = prepare(lead, EVERY).expect(201)
    name = sql.value("select name from casework.staff where id = %s",
                     advisor.id)
    assert filled(case, reply, advisor) == " ".join([
        str(case.id), case["subject"], contact.record["name"],
        contact.district.name, name])


def test_what_is_filled_in_is_not_looked_at_again(contact, advisor, lead):
    case = contact.submit(subject="{advisor_name} {case_number}")
    reply = prepare(lead, "{case_subject}{ {case_number}}").expect(201)
    assert filled(case, reply, advisor) == (
        f"{{advisor_name}} {{case_number}}{{ {case.id}}}")


@pytest.mark.parametrize("text", [
    "Dear {contact}", "{Contact_Name}", "{contact name}", "{}",
    "{ case_number }"])
def test_an_unknown_placeholder_is_refused(lead, text):
    answer = prepare(lead, text).expect(422)
    assert answer.faults == ["/text"]
    assert "{contact_name}" in answer["errors"][0]["detail"]
    reply = prepare(lead, "Dear {contact_name}").expect(201)
    lead.patch(reply.location, {"text": text}, etag="*").expect(422)


@pytest.mark.parametrize("text", ["if (x) {", "}", "{\n}", "a } { b"])
def test_braces_around_nothing_are_text(case, advisor, lead, text):
    assert filled(case, prepare(lead, text).expect(201), advisor) == text


def test_all_staff_read_and_leads_write(case, advisor, lead, world):
    reply = prepare(lead, "Hello").expect(201)
    for someone in (advisor, world.staff("administrator")):
        assert someone.get(reply.location).expect(200)["text"] == "Hello"
    prepare(advisor, "Hello").expect(403)
    advisor.patch(reply.location, {"text": "x"}, etag="*").expect(403)
    prepare(world.staff("administrator"), "Hello").expect(201)


def test_an_area_has_to_be_one_that_there_is(lead):
    assert prepare(lead, "Hello", product_area="no_such_area").expect(
        422).faults == ["/product_area"]


def test_what_is_archived_is_found_by_who_looks_for_it(lead, advisor):
    reply = prepare(lead, "Hello", product_area="attendance").expect(201)
    lead.patch(reply.location, {"active": False}, etag=reply.etag
               ).expect(200)
    for active, found in (("false", True), ("true", False)):
        ids = [r["id"] for r in advisor.all(
            f"{REPLIES}?product_area=attendance&active={active}")]
        assert (reply["id"] in ids) == found


def test_history_tells_who_changed_what(lead, world):
    reply = prepare(lead, "Hello").expect(201)
    lead.patch(reply.location, {"text": "Good day"}, etag="*").expect(200)
    event = next(e for e in reversed(world.staff("administrator").all(
        "/v1/audit?type=reply.updated")) if e["actor"]["id"] == lead.id)
    assert event["changes"] == [
        {"member": "text", "old": "Hello", "new": "Good day"}]


def test_a_reply_is_filled_in_for_a_case_that_there_is(advisor, lead, case):
    reply = prepare(lead, "Hello").expect(201)
    advisor.get(f"/v1/cases/9007199254740991/replies/{reply['id']}").expect(404)
    advisor.get(f"{case.path}/replies/9007199254740991").expect(404)


def test_an_advisors_role_writes_none_by_sql(advisor, lead, as_role):
    reply = prepare(lead, "Hello").expect(201)
    change = "update casework.replies set text = 'x' where id = %s returning id"
    for who, rows in ((advisor, []), (lead, [{"id": reply["id"]}])):
        assert as_role("staff").acting(
            change, reply["id"], caller_id=who.id) == rows
