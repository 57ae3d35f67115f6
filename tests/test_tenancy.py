"""Who sees what: DESIGN's promise that another district's id is answered
exactly like an id that does not exist. Generated from the document."""

from urllib.parse import quote

import pytest

from contract import same_problem
from generate import good_body
from world import Case, a_case

NOBODY = 9007199254740991


# -- every operation with an id in its path --------------------------------

def has_id(op):
    return any(name.endswith("_id") for name in op.names)


@pytest.fixture
def foreign_ids(stranger):
    """Ids of another district, by the name of their path parameter."""
    case = stranger.submit()
    note = case.note().expect(201)
    return {"district_id": stranger.district.id, "contact_id": stranger.id,
            "case_id": case.id, "note_id": note["id"]}


QUERY = {"get_business_time": {"from": "2026-11-23T10:00:00Z",
                               "seconds": 1}}


def ask(client, op, **ids):
    path = op.path
    for name, value in ids.items():
        path = path.replace(f"{{{name}}}", str(value))
    body = good_body(op) if op.bodies else None
    etag = "*" if any(p["name"] == "If-Match" for p in op.parameters) else None
    return client.request(op.method, path, body, etag=etag,
                          query=QUERY.get(op.id))


@pytest.mark.operations(where=lambda op: has_id(op) and {
    "contact", "partner"} & set(op.callers))
def test_a_foreign_id_is_answered_like_one_that_does_not_exist(
        op, contact, partner, foreign_ids):
    for someone in (contact, partner):
        if someone.kind in op.callers:
            is_foreign_like_unknown(someone, op, foreign_ids)


def is_foreign_like_unknown(someone, op, foreign_ids):
    ids = {name: foreign_ids[name] for name in op.names}
    foreign = ask(someone, op, **ids).expect(404, problem="not-found")
    unknown = ask(someone, op, **{name: NOBODY for name in op.names})
    unknown.expect(404)
    assert same_problem(foreign.json, unknown.json)
    differing = {"request-id", "date", "content-length", "traceparent"}
    assert {k: v for k, v in foreign.headers.items() if k not in differing
            } == {k: v for k, v in unknown.headers.items()
                  if k not in differing}


@pytest.mark.operations(
    where=lambda op: has_id(op) and "staff" in op.callers)
def test_an_id_that_does_not_exist_is_404_for_staff_too(op, staff):
    ask(staff, op, **{name: NOBODY for name in op.names}).expect(
        404, problem="not-found")


@pytest.mark.operations(
    where=lambda op: has_id(op) and "contact" in op.callers)
def test_ids_that_are_none_are_404_too(op, contact):
    for value in ("0", "-1", "x", "1.0", "01", "+1", "%31x", "1%20",
                  "9007199254740992", "99999999999999999999", "1'", "null",
                  "%C2%B2", "%00", "*", "1,2", "١"):
        path = op.path
        for name in op.names:
            path = path.replace(f"{{{name}}}", value)
        body = good_body(op) if op.bodies else None
        contact.request(op.method, quote(path, safe="/%*,'+"), body,
                        etag="*").expect(400, 404)


def test_collections_show_nothing_of_another_district(
        contract, contact, partner, foreign_ids):
    mine = contact.submit()
    mine.note().expect(201)
    for op in contract.operations:
        if not op.cursor:
            continue
        path = op.path.replace("{case_id}", str(mine.id))
        for someone in (contact, partner):
            if someone.kind not in op.callers:
                continue
            text = someone.get(path, query={"limit": 100}).expect(200)
            for item in text.items:
                assert item.get("district_id", mine.answer["district_id"]
                                ) == mine.answer["district_id"]
                assert item["id"] not in foreign_ids.values() or (
                    "case_id" not in op.names and op.id == "list_districts"
                    and item["id"] == contact.district.id)


@pytest.mark.parametrize("filter_", ["id", "district_id", "contact_id",
                                     "follows_case_id"])
def test_no_filter_reaches_into_another_district(
        contact, partner, foreign_ids, filter_):
    value = foreign_ids["case_id" if filter_.endswith("case_id")
                        or filter_ == "id" else filter_]
    for someone in (contact, partner):
        found = someone.get("/v1/cases", query={filter_: value}).expect(200)
        assert found.ids == []


# -- contacts --------------------------------------------------------------

def test_all_contacts_of_a_district_see_all_its_cases(contact, colleague):
    """Fact 49: by district, not by submitter; later contacts see old cases."""
    case = contact.submit()
    for someone in (colleague, contact.district.contact()):
        assert case.read(someone)["id"] == case.id
        assert someone.get("/v1/cases").ids == [case.id]


def revoke(staff, contact):
    staff.patch(f"/v1/contacts/{contact.id}", {"authorized": False},
                etag="*").expect(200)


def test_a_former_contact_is_refused_with_the_next_request(
        contact, contract, staff):
    case = contact.submit()
    contact.get(case.path).expect(200)
    revoke(staff, contact)
    for op in contract.operations:
        if "contact" not in op.callers or 403 not in op.statuses:
            continue
        ids = {"case_id": case.id, "contact_id": contact.id,
               "district_id": contact.district.id, "note_id": 1}
        answer = ask(contact, op, **{name: ids[name] for name in op.names})
        answer.expect(403, problem="not-an-authorized-contact")


def test_a_former_contact_is_told_whom_to_ask(contact, staff):
    """Fact 14."""
    revoke(staff, contact)
    assert contact.get("/v1/me").expect(403)["detail"] == (
        "If you need technical support and are not an Authorized Contact,"
        " please reach out to your district's Infinite Campus technical"
        " team.")


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
               "partners": ("name, kind", "'Leaving', 'esa'"),
               "telephony_clients": ("name", "'Leaving'")}[table]
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

def test_an_actor_must_be_allowed_itself(contact, partner, world, sql):
    contact.acting_for(f"partner:{partner.id}").get("/v1/me").expect(200)
    for actor in (f"partner:{world.partner().id}", f"partner:{NOBODY}",
                  f"staff:{NOBODY}"):
        contact.acting_for(actor).get("/v1/me").expect(
            403, problem="caller-not-active")
    world.end_partner(partner, contact.district)
    contact.acting_for(f"partner:{partner.id}").get("/v1/me").expect(403)


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
