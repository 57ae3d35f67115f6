"""Technical contacts look after the contacts of their district, where the
vendor allows it: 3.2."""

import pytest

from partners import Identities

pytestmark = pytest.mark.rule("3.2")

CONTACTS = "/v1/contacts"
SETTINGS = "/v1/settings/contacts"


@pytest.fixture(scope="module")
def administrator(world):
    return world.staff("administrator")


@pytest.fixture
def allow(administrator):
    def allow(allowed=True):
        administrator.patch(SETTINGS, {
            "technical_contacts_manage_contacts": allowed}, etag="*"
            ).expect(200)
    yield allow
    allow(False)


@pytest.fixture
def technical(allow, district):
    allow()
    return district.contact(kind="technical")


def path(person):
    return f"{CONTACTS}/{person.id}"


def somebody(district, **changes):
    return {"district_id": district.id, "name": "Contact 9",
            "email": f"new@{district.id}.example", **changes}


def told(post):
    """(type of event, who, address) of each mail."""
    post.dispatch()
    return sorted((m["kind"], m["recipient_id"], m["to_address"])
                  for m in post.mails())


# -- the vendor's to allow ---------------------------------------------------

def test_it_is_not_allowed_unless_it_is_said(administrator, technical, allow,
                                             district, colleague):
    allow(False)
    assert technical.get(SETTINGS).json == {
        "technical_contacts_manage_contacts": False}
    technical.post(CONTACTS, somebody(district)).expect(
        403, problem="not-permitted")
    technical.patch(path(colleague), {"name": "Eve"}, etag="*").expect(
        403, problem="not-permitted")
    allow()
    assert technical.get(SETTINGS).json == {
        "technical_contacts_manage_contacts": True}
    added = technical.post(CONTACTS, somebody(district)).expect(201)
    assert added["email_confirmed"] is False, "only Support's word links"


def test_the_setting_is_versioned_and_recorded(administrator, allow):
    allow(False)
    read = administrator.get(SETTINGS).expect(200)
    changed = administrator.patch(SETTINGS, {
        "technical_contacts_manage_contacts": True}, etag=read.etag)
    assert changed.expect(200).etag != read.etag
    administrator.patch(SETTINGS, {
        "technical_contacts_manage_contacts": False}, etag=read.etag
        ).expect(412)
    event = administrator.all("/v1/events", limit=1000,
                              type="setting.updated")[-1]
    assert event["data"] == {"setting": "contacts"}
    assert event["actor"]["id"] == administrator.id
    assert event["changes"] == [
        {"member": "technical_contacts_manage_contacts",
         "old": False, "new": True}]


# -- what they may -----------------------------------------------------------

def test_a_technical_contact_adds_one_to_its_district(technical, district):
    made = technical.post(CONTACTS, somebody(
        district, phone="763-555-0142", kind="support")).expect(201)
    assert (made["kind"], made["authorized"]) == ("support", True)
    event = technical.all("/v1/events", limit=1000, type="contact.created")[-1]
    assert event["actor"]["id"] == technical.id
    assert event["data"] == {"contact_id": made["id"]}


@pytest.mark.parametrize("member, value", [
    ("kind", "technical"), ("training_completed_on", "2026-01-05"),
    ("external_id", "x"), ("authorized", False)])
def test_whom_it_adds_is_a_support_contact_and_no_more(
        technical, district, member, value):
    refused = technical.post(CONTACTS, somebody(district, **{member: value}))
    refused.expect(403, problem="not-permitted")
    assert refused.faults == [f"/{member}"]


def test_other_districts_are_none_of_its_business(technical, stranger):
    assert technical.post(CONTACTS, somebody(stranger.district)).expect(
        422).faults == ["/district_id"]
    technical.patch(path(stranger), {"name": "Eve"}, etag="*").expect(404)


def test_it_changes_and_ends_the_others(technical, colleague, administrator):
    read = technical.get(path(colleague))
    changed = technical.patch(path(colleague), {
        "name": "Contact 8", "phone": "763-555-0188"}, etag=read.etag)
    assert changed.expect(200)["name"] == "Contact 8"
    technical.patch(path(colleague), {"name": "X"}, etag=read.etag).expect(412)
    technical.patch(path(colleague), {"authorized": False}, etag="*"
                    ).expect(200)
    colleague.get("/v1/me").expect(403)
    technical.patch(path(colleague), {"authorized": True}, etag="*").expect(
        403, problem="not-permitted")
    administrator.patch(path(colleague), {"authorized": True}, etag="*"
                        ).expect(200)
    colleague.get("/v1/me").expect(200)


@pytest.mark.parametrize("change", [
    {"kind": "technical"}, {"district_id": 1}, {"external_id": "x"},
    {"training_completed_on": None}])
def test_it_raises_nobody(technical, colleague, change):
    refused = technical.patch(path(colleague), change, etag="*")
    refused.expect(403, problem="not-permitted")
    assert refused.faults == [f"/{member}" for member in change]


def test_of_itself_it_changes_no_more_than_others_of_themselves(technical):
    for change in ({"authorized": False}, {"kind": "support"}):
        technical.patch(path(technical), change, etag="*").expect(
            403, problem="not-permitted")
    technical.patch(path(technical), {"name": "Contact T"}, etag="*"
                    ).expect(200)


def test_support_contacts_look_after_nobody(technical, contact, colleague,
                                            district):
    contact.post(CONTACTS, somebody(district)).expect(
        403, problem="not-permitted")
    contact.patch(path(colleague), {"authorized": False}, etag="*").expect(
        403, problem="not-permitted")


@pytest.mark.fact(36)
def test_nobody_does_it_on_behalf_of_a_technical_contact(
        technical, colleague, district, partner):
    acting = technical.acting_for(f"partner:{partner.id}")
    acting.post(CONTACTS, somebody(district)).expect(
        403, problem="not-permitted")
    acting.patch(path(colleague), {"name": "Eve"}, etag="*").expect(
        403, problem="not-permitted")


def test_the_database_holds_it_too(technical, allow, colleague, district,
                                   contact, as_role, world):
    """Who may, whom, and nothing that raises anybody."""
    def changed(by):
        return len(as_role("contact").acting(
            "update casework.contacts set name = 'Eve' where id = %s"
            " returning id", colleague.id, caller_id=by.id))

    def refused(by, kind="support", place=district, **columns):
        columns = {"district_id": place.id, "name": "Eve", "kind": kind,
                   "email": f"eve@{place.id}.example", **columns}
        return as_role("contact").fails(
            f"insert into casework.contacts ({', '.join(columns)}) values"
            f" ({', '.join(['%s'] * len(columns))})", *columns.values(),
            caller_id=by.id) == "42501"
    assert changed(contact) == 0 and changed(technical) == 1
    assert not refused(technical)
    assert refused(technical, "technical") and refused(contact)
    assert refused(technical, place=world.district())
    assert refused(technical, external_id="x")
    assert refused(technical, training_completed_on="2026-01-05")
    allow(False)
    assert changed(technical) == 0 and refused(technical)


# -- who is told -------------------------------------------------------------

def test_the_other_technical_contacts_are_told(technical, district, post,
                                               colleague, world):
    other = district.contact(kind="technical")
    world.district().contact(kind="technical")
    district.contact(kind="technical", authorized=False)
    post.forget_the_past()
    world.welcomes(True)
    new = technical.post(CONTACTS, somebody(district)).expect(201)
    technical.patch(path(colleague), {"authorized": False}, etag="*"
                    ).expect(200)
    address = other.record["email"]
    assert told(post) == [("contact.created", other.id, address),
                          ("contact.updated", other.id, address),
                          ("contact.welcomed", new["id"], new["email"])]
    for mail in post.mails():
        assert colleague.record["name"] not in mail["subject"] + mail["text"]
        assert "@" not in mail["text"]


def test_nobody_is_told_what_a_contact_changes_of_itself(
        technical, district, post, administrator, colleague, partner):
    district.contact(kind="technical")
    post.forget_the_past()
    technical.patch(path(technical), {"phone": "763-555-0111"}, etag="*"
                    ).expect(200)
    acting = colleague.acting_for(f"partner:{partner.id}")
    acting.patch(path(colleague), {"phone": "763-555-0112"}, etag="*"
                 ).expect(200)
    administrator.patch(path(colleague), {"authorized": False}, etag="*"
                        ).expect(200)
    assert told(post) == []


# -- what another system calls them ------------------------------------------

def test_an_external_id_names_one_contact_of_a_district(
        administrator, contact, colleague, stranger):
    administrator.patch(path(contact), {"external_id": "sis-9"}, etag="*"
                        ).expect(200)
    refused = administrator.patch(path(colleague), {"external_id": "sis-9"},
                                  etag="*")
    refused.expect(409, problem="already-exists")
    assert refused.faults == ["/external_id"]
    administrator.patch(path(stranger), {"external_id": "sis-9"}, etag="*"
                        ).expect(200)
    assert administrator.get(CONTACTS, query={
        "external_id": "sis-9", "district_id": contact.district.id}).ids == [
        contact.id]
    assert administrator.get(path(contact))["external_id"] == "sis-9"
    assert colleague.get(path(contact))["external_id"] is None


def test_with_the_access_it_ends_what_the_other_signs_in_by(
        technical, colleague, sql):
    identities = Identities(sql)
    theirs = identities.link("contact", colleague.id)
    technical.patch(path(colleague), {"authorized": False}, etag="*"
                    ).expect(200)
    assert identities.ended() == {theirs}
    assert identities.ended_by(theirs) == ("contact", technical.id)
