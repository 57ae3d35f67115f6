"""Authorized Contacts: facts 13, 14, 49."""

import pytest

from partners import Identities
from sql import SqlError
from vectors import instant

CONTACTS = "/v1/contacts"


def person(district, **changes):
    return {"district_id": district.id, "name": "Contact 1",
            "email": f"ada@{district.id}.example", **changes}


def path(contact):
    return f"{CONTACTS}/{contact.id}"


# -- adding ----------------------------------------------------------------

def test_staff_add_a_contact(staff, district):
    answer = staff.post(CONTACTS, person(
        district, phone="763-555-0142", kind="technical",
        training_completed_on="2026-03-02")).expect(201)
    assert answer["district_id"] == district.id
    assert answer["kind"] == "technical" and answer["authorized"] is True
    assert answer["training"]["completed_on"] == "2026-03-02"
    assert answer.location == f"{CONTACTS}/{answer['id']}"
    read = staff.get(answer.location).expect(200)
    assert read.json == answer.json and read.etag == answer.etag


@pytest.mark.fact(13)
def test_a_new_contact_gets_the_link_to_the_free_course(staff, district):
    answer = staff.post(CONTACTS, person(district)).expect(201)
    training = answer["training"]
    assert training["name"] == "Introduction to Support"
    assert training["url"].startswith("https://")
    assert training["completed_on"] is None


@pytest.mark.fact(13)
def test_the_course_is_no_precondition(contact):
    assert contact.record["training"]["completed_on"] is None
    contact.submit()


def test_only_staff_add_contacts(contact, partner, telephony, district):
    for someone in (contact, partner, telephony):
        someone.post(CONTACTS, person(district)).expect(403)


@pytest.mark.parametrize("member", ["district_id", "name", "email"])
def test_what_a_contact_must_have(staff, district, member):
    body = person(district)
    del body[member]
    assert staff.post(CONTACTS, body).expect(422).faults == ["/" + member]


@pytest.mark.parametrize("member, value", [
    ("email", "ada"), ("email", "ada@"), ("email", "@example.org"),
    ("email", "a b@example.org"), ("email", ""), ("email", "a@b@c.org"),
    ("email", "x" * 250 + "@a.org"), ("email", None), ("name", ""),
    ("name", " "), ("name", "x" * 201), ("phone", "call me"), ("phone", ""),
    ("phone", "1" * 41), ("kind", "admin"), ("authorized", "yes"),
    ("authorized", 1), ("district_id", 0), ("district_id", 1.5),
    ("district_id", "1"), ("district_id", 9007199254740992),
    ("training_completed_on", "2026-02-30"),
    ("training_completed_on", "2 March 2026"), ("id", 17),
    ("created_at", "2026-01-05T15:00:00Z"), ("training", {})])
def test_a_contact_of_the_wrong_shape_is_refused(
        staff, district, member, value):
    answer = staff.post(CONTACTS, person(district, **{member: value}))
    assert set(answer.expect(422).faults) == {"/" + member}


def test_a_contact_belongs_to_a_district_that_exists(staff, district):
    answer = staff.post(CONTACTS, person(
        district, district_id=9007199254740991)).expect(422)
    assert answer.faults == ["/district_id"]


def test_an_address_occurs_once_in_a_district(staff, district, world):
    staff.post(CONTACTS, person(district)).expect(201)
    for email in (f"ada@{district.id}.example",
                  f"ADA@{district.id}.Example"):
        answer = staff.post(CONTACTS, person(district, email=email)).expect(
            409, problem="already-exists")
        assert answer.faults == ["/email"]
    staff.post(CONTACTS, person(
        world.district(), email=f"ada@{district.id}.example")).expect(201)


# -- reading ---------------------------------------------------------------

def test_contacts_see_the_contacts_of_their_district(
        contact, colleague, stranger):
    assert contact.get(CONTACTS).ids == [contact.id, colleague.id]
    contact.get(path(colleague)).expect(200)
    contact.get(path(stranger)).expect(404)


def test_every_filter_of_contacts(staff, world, contract):
    district, other = world.district(), world.district()
    wanted = district.contact(kind="technical", name="Zoë 100% Larsen",
                              email=f"Zoe@{district.id}.example",
                              authorized=False)
    unlike = other.contact()
    both = f"{district.id},{other.id}"
    for query in ({"district_id": district.id}, {"kind": "technical"},
                  {"authorized": "false"}):
        found = staff.get(CONTACTS, query={"district_id": both, **query})
        assert found.expect(200).ids == [wanted.id], query
    assert staff.get(CONTACTS, query={"district_id": both}).ids == [
        wanted.id, unlike.id]
    names = {p["name"] for p in contract.by_id["list_contacts"].parameters}
    assert names == {"district_id", "kind", "authorized", "external_id",
                     "limit", "cursor"}


@pytest.mark.fact(9)
def test_contacts_are_found_by_name_and_address_without_a_word_in_the_url(
        staff, world, contract):
    district = world.district()
    wanted = district.contact(name="Zoë 100% Larsen",
                              email=f"Zoe@{district.id}.example")
    other = district.contact()

    def found(**body):
        return staff.post(CONTACTS + "/search", body).expect(200).ids
    assert found(email=f"zoE@{district.id}.EXAMPLE") == [wanted.id]
    assert found(name_contains="ZOË 100% l",
                 district_id=district.id) == [wanted.id]
    assert found(district_id=district.id) == [wanted.id, other.id]
    assert found(name_contains="_", district_id=district.id) == []
    staff.post(CONTACTS + "/search", {}).expect(422)
    personal = {"email", "name", "name_contains", "phone"}
    assert [op.id for op in contract.operations
            if op.id not in ("list_districts", "list_replies") and personal & {p["name"] for p in op.parameters}] == []


@pytest.mark.fact(9, 49)
def test_a_search_of_contacts_stays_in_the_district(
        contact, colleague, stranger, partner):
    search = CONTACTS + "/search"
    for someone in (contact, partner):
        assert someone.post(search, {
            "email": colleague.record["email"]}).expect(200).ids == [
            colleague.id]
        assert someone.post(search, {
            "email": stranger.record["email"]}).expect(200).ids == []


def test_a_search_of_contacts_has_pages(staff, district, contact, colleague):
    search = CONTACTS + "/search"
    body = {"district_id": district.id}
    first = staff.request("POST", search, body, query={"limit": 1}
                          ).expect(200)
    assert first.ids == [contact.id] and first["has_more"]
    second = staff.request("POST", search, body, query={
        "limit": 1, "cursor": first["next"]}).expect(200)
    assert second.ids == [colleague.id] and not second["has_more"]
    for wrong in ({"limit": 101}, {"limit": 0},
                  {"cursor": first["next"][:-2]}):
        staff.request("POST", search, body, query=wrong).expect(400)


def test_a_filter_by_a_foreign_district_finds_nothing(contact, stranger):
    assert contact.get(CONTACTS, query={
        "district_id": stranger.district.id}).expect(200).ids == []


# -- changing --------------------------------------------------------------

def test_a_contact_changes_its_own_name_address_and_phone(contact, district):
    answer = contact.patch(path(contact), {
        "name": "Ada L.", "phone": "763-555-0199",
        "email": f"new@{district.id}.example"}, etag="*").expect(200)
    assert (answer["name"], answer["phone"]) == ("Ada L.", "763-555-0199")
    assert contact.patch(path(contact), {"phone": None}, etag="*"
                         ).expect(200)["phone"] is None


@pytest.mark.parametrize("change", [
    {"authorized": False}, {"kind": "technical"},
    {"training_completed_on": "2026-03-02"}, {"district_id": 1},
    {"name": "Ada", "kind": "support"}])
def test_a_contact_changes_nothing_else(contact, change):
    contact.patch(path(contact), change, etag="*").expect(
        403, problem="not-permitted")
    assert contact.get(path(contact))["name"] == contact.record["name"]


def test_a_contact_changes_nobody_else(contact, colleague, stranger):
    contact.patch(path(colleague), {"name": "Eve"}, etag="*").expect(
        403, problem="not-permitted")
    contact.patch(path(stranger), {"name": "Eve"}, etag="*").expect(404)


def test_staff_change_everything(staff, contact):
    answer = staff.patch(path(contact), {
        "name": "Ada L.", "kind": "technical", "authorized": False,
        "training_completed_on": "2026-03-02"}, etag="*").expect(200)
    assert answer["kind"] == "technical" and answer["authorized"] is False
    assert answer["training"]["completed_on"] == "2026-03-02"


@pytest.mark.parametrize("member, value", [
    ("id", 5), ("created_at", "2026-01-05T15:00:00Z"), ("training", {}),
    ("name", None), ("email", None), ("kind", None), ("authorized", None),
    ("district_id", None), ("version", 1)])
def test_a_change_of_the_wrong_shape_is_refused(
        staff, contact, member, value):
    assert staff.patch(path(contact), {member: value}, etag="*").expect(
        422).faults == ["/" + member]


def test_the_database_lets_a_contact_change_itself_alone(
        contact, colleague, as_role):
    for whom, changed in ((colleague, []), (contact, [{"id": contact.id}])):
        assert as_role("contact").acting(
            "update casework.contacts set phone = null where id = %s"
            " returning id", whom.id, caller_id=contact.id) == changed


def test_an_address_taken_by_a_colleague_is_a_conflict(
        staff, contact, colleague):
    answer = staff.patch(path(contact), {
        "email": colleague.record["email"].upper()}, etag="*").expect(
        409, problem="already-exists")
    assert answer.faults == ["/email"]


def test_a_district_that_does_not_exist_is_no_place_to_move(staff, contact):
    assert staff.patch(path(contact), {"district_id": 9007199254740991},
                       etag="*").expect(422).faults == ["/district_id"]


@pytest.mark.fact(79)
def test_every_change_of_a_contact_is_recorded_with_its_actor(
        staff, contact, sql):
    """Fact 79: one event in the same transaction, and none for a refusal."""
    contact.patch(path(contact), {"phone": "763-555-0199"}, etag="*"
                  ).expect(200)
    contact.patch(path(contact), {"kind": "technical"}, etag="*").expect(403)
    staff.patch(path(contact), {"authorized": False}, etag="*").expect(200)
    events = sql.rows(
        "select type, actor_kind, actor_id, district_id, changes"
        " from casework.events where contact_id = %s order by id", contact.id)
    assert [(e["actor_kind"], e["actor_id"]) for e in events] == [
        ("staff", 1), ("contact", contact.id), ("staff", staff.id)]
    assert {e["district_id"] for e in events} == {contact.district.id}
    assert [c["member"] for c in events[2]["changes"]] == ["authorized"]


def test_a_change_of_one_s_own_record_is_still_versioned(contact):
    read = contact.get(path(contact))
    changed = contact.patch(path(contact), {"name": "A"}, etag=read.etag)
    assert changed.expect(200).etag != read.etag
    contact.patch(path(contact), {"name": "B"}, etag=read.etag).expect(412)
    assert instant(changed["updated_at"]) > instant(read["updated_at"])


# -- what they sign in by ----------------------------------------------------

@pytest.fixture
def identities(sql):
    return Identities(sql)


def test_with_the_access_ends_what_a_contact_signs_in_by(
        staff, contact, colleague, identities):
    """As with staff and partners, and for good."""
    mine = [identities.link("contact", contact.id) for _ in range(2)]
    identities.link("contact", colleague.id)
    staff.patch(path(contact), {"name": "Another"}, etag="*").expect(200)
    assert identities.ended() == set()
    staff.patch(path(contact), {"authorized": False}, etag="*").expect(200)
    assert identities.ended() == set(mine)
    assert identities.ended_by(mine[0]) == ("staff", staff.id)
    event = colleague.all("/v1/events", type="contact.updated")[-1]
    assert event["changes"] == [
        {"member": "authorized"},
        {"member": "identity_ids", "old": mine, "new": []}]
    staff.patch(path(contact), {"authorized": True}, etag="*").expect(200)
    assert identities.ended() == set(mine)


def test_a_district_that_is_let_go_keeps_them(
        world, contact, district, identities):
    """It may be back with the next contract, and all is as before."""
    identities.link("contact", contact.id)
    administrator = world.staff("administrator")
    administrator.patch(f"/v1/districts/{district.id}", {"active": False},
                        etag="*").expect(200)
    assert identities.ended() == set()


# -- whose word an address is ----------------------------------------------

def test_an_address_of_its_own_is_confirmed_by_support(contact, staff):
    path = f"/v1/contacts/{contact.id}"
    assert contact.get(path)["email_confirmed"] is True
    email = f"own-{contact.id}@example.org"
    own = contact.patch(path, {"email": email, "phone": None}, etag="*")
    assert own.expect(200)["email_confirmed"] is False
    contact.patch(path, {"email": email.upper()}, etag="*").expect(200)
    staff.patch(path, {"phone": "763-555-0142"}, etag="*").expect(200)
    assert staff.get(path)["email_confirmed"] is False
    confirmed = staff.patch(path, {"email": email.upper()}, etag="*")
    assert confirmed.expect(200)["email_confirmed"] is True
    assert staff.all("/v1/events", type="contact.updated",
                     district_id=contact.district.id)[-1]["changes"] == [
        {"member": "email_confirmed", "old": False, "new": True}]
    contact.patch(path, {"email": email}, etag="*").expect(200)
    assert contact.get(path)["email_confirmed"] is True, "it is the same one"


def test_the_database_lets_no_contact_confirm(contact, as_role):
    with pytest.raises(SqlError, match="permission denied"):
        as_role("contact").acting(
            "update casework.contacts set email_confirmed = true"
            " where id = %s returning id", contact.id, caller_id=contact.id)


@pytest.mark.fact(13)
def test_a_contact_learns_where_the_training_is(contact, advisor, sql):
    told = contact.get("/v1/me")["training"]
    assert told["url"].startswith("https://") and told["name"]
    assert told["completed_on"] is None
    sql.run("update casework.contacts set training_completed_on ="
            " '2026-09-14' where id = %s", contact.id)
    assert contact.get("/v1/me")["training"] == {
        **told, "completed_on": "2026-09-14"}
    assert advisor.get("/v1/me")["training"] is None
