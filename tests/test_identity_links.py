"""Who links sign-ins to whom, and ends them (3.1); and what an issuer may be."""

import pytest

from sign_in import a_subject
from sql import SqlError

NAME = "https://{}.example"


@pytest.fixture(scope="module")
def administrator(world):
    return world.staff("administrator")


def create(administrator, **members):
    return administrator.post("/v1/issuers", {
        "name": "Sign-in", "issuer": NAME.format(a_subject()),
        "audiences": ["casework"], **members})


@pytest.fixture(scope="module")
def issuer(administrator):
    return create(administrator).expect(201)


def identities(contact):
    return f"/v1/contacts/{contact.id}/identities"


def link(by, contact, issuer, subject=None):
    return by.post(identities(contact), {
        "issuer": issuer["issuer"], "subject": subject or a_subject()})


@pytest.fixture
def technical(district):
    return district.contact(kind="technical")


# -- linking ---------------------------------------------------------------

def test_an_administrator_links_and_ends(administrator, contact, issuer):
    subject = a_subject()
    made = link(administrator, contact, issuer, subject).expect(201)
    assert made["issuer"] == issuer["issuer"] and made["subject"] == subject
    assert made["contact_id"] == contact.id and made["staff_id"] is None
    assert made["linked_by"]["id"] == administrator.id
    assert administrator.all(identities(contact)) == [made.json]
    ended = administrator.delete(made.location).expect(200)
    assert ended["ended_by"]["id"] == administrator.id
    again = administrator.delete(made.location).expect(200)
    assert again.json == ended.json
    link(administrator, contact, issuer, subject).expect(201)


def test_a_subject_is_one_caller(administrator, contact, stranger, issuer):
    subject = a_subject()
    link(administrator, contact, issuer, subject).expect(201)
    for who in (contact, stranger):
        answer = link(administrator, who, issuer, subject)
        assert answer.expect(409, problem="already-exists").faults == [
            "/subject"]


def test_a_technical_contact_links_those_of_its_district(technical, contact,
                                                         issuer):
    made = link(technical, contact, issuer).expect(201)
    assert made["linked_by"] == {
        "kind": "contact", "id": technical.id,
        "name": technical.record["name"]}
    assert technical.all(identities(contact)) == [made.json]
    technical.delete(made.location).expect(200)


def test_no_other_contact_links_anybody(contact, district, issuer):
    other = district.contact()
    for whom in (contact, other):
        link(contact, whom, issuer).expect(403, problem="not-permitted")


def test_a_contact_reads_its_own_and_ends_none(administrator, contact,
                                               district, issuer):
    mine = link(administrator, contact, issuer).expect(201)
    theirs = link(administrator, district.contact(), issuer).expect(201)
    assert contact.all(identities(contact)) == [mine.json]
    contact.get(mine.location).expect(200)
    contact.get(theirs.location).expect(404)
    contact.delete(mine.location).expect(403, problem="not-permitted")
    contact.delete(theirs.location).expect(404)


def test_nobody_reaches_another_district(technical, stranger, administrator,
                                         issuer):
    made = link(administrator, stranger, issuer).expect(201)
    link(technical, stranger, issuer).expect(404)
    technical.get(identities(stranger)).expect(404)
    technical.get(made.location).expect(404)
    technical.delete(made.location).expect(404)


@pytest.mark.parametrize("role", ["advisor", "lead", "development_engineer",
                                  "state_reporting_analyst"])
def test_no_other_staff_link_anybody(world, contact, issuer, role):
    staff = world.staff(role)
    for answer in (link(staff, contact, issuer),
                   staff.get(identities(contact)),
                   staff.get("/v1/issuers"), create(staff)):
        answer.expect(403, problem="caller-not-allowed")


@pytest.mark.parametrize("kind", ["contact", "staff"])
def test_the_database_itself_refuses_who_may_not(as_role, contact, kind,
                                                 issuer, world, sql):
    """Policies, below the code."""
    who = contact.id if kind == "contact" else world.staff().id
    before = sql.value("select count(*) as n from casework.identities")
    with pytest.raises(SqlError, match="row-level security"):
        as_role(kind).acting(
            "insert into casework.identities (issuer_id, subject, contact_id,"
            " linked_at, linked_by_kind, linked_by_id, linked_by_name)"
            " values (%s, 'x', %s, now(), 'staff', 1, 'x') returning id",
            issuer["id"], contact.id, caller_id=who)
    assert sql.value("select count(*) as n from casework.identities") == before


def test_nobody_links_on_behalf_of_somebody_else(world, technical, contact,
                                                 issuer):
    acting = world.caller(f"contact:{technical.id}",
                          act={"sub": f"contact:{contact.id}"})
    link(acting, contact, issuer).expect(403, problem="not-permitted")


@pytest.mark.parametrize("name", ["https://unknown.example", "https://a"])
def test_an_issuer_that_is_not_there_links_nobody(administrator, contact,
                                                  name):
    answer = link(administrator, contact, {"issuer": name}).expect(422)
    assert answer.faults == ["/issuer"]


def test_nor_does_one_that_is_not_active(administrator, contact):
    issuer = create(administrator, active=False).expect(201)
    assert link(administrator, contact, issuer).expect(422).faults == [
        "/issuer"]


def test_both_are_told_in_the_feed(administrator, contact, issuer):
    made = link(administrator, contact, issuer).expect(201)
    administrator.delete(made.location).expect(200)
    events = [(e["type"], e["actor"]["id"]) for e in contact.all(
        "/v1/events", start="beginning") if e["type"].startswith("identity")]
    assert events == [("identity.linked", administrator.id),
                      ("identity.ended", administrator.id)]


# -- issuers ---------------------------------------------------------------

KEY = {"kty": "OKP", "crv": "Ed25519", "kid": "a",
       "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}


@pytest.mark.parametrize("members, pointer, word", [
    ({"jwks": {"keys": [KEY]}, "jwks_url": "https://a.example/k"}, "/jwks",
     "not both"),
    ({"jwks": {"keys": [KEY, KEY]}}, "/jwks", "two keys of one kid"),
    ({"jwks": {"keys": [{"kty": "RSA", "kid": "a"}]}}, "/jwks", "no key"),
    ({"jwks": {"keys": [{**KEY, "d": "x"}]}}, "/jwks", ""),
    ({"jwks": {"keys": []}}, "/jwks", ""),
    ({"issuer": "ftp://a.example"}, "/issuer", ""),
    ({"issuer": "https://a.example?x"}, "/issuer", ""),
    ({"audiences": []}, "/audiences", ""),
    ({"scopes": [{"value": "x", "scopes": ["cases:delete"]}]}, "/scopes", ""),
])
def test_what_is_no_issuer(administrator, members, pointer, word):
    answer = create(administrator, **members).expect(422)
    assert answer.faults[0].startswith(pointer)
    assert word in answer.body.decode()


def test_an_issuer_is_there_once(administrator, issuer):
    create(administrator, issuer=issuer["issuer"]).expect(
        409, problem="already-exists")


def test_what_is_left_out_is_as_most_providers_have_it(issuer):
    assert issuer["token_types"] == ["at+jwt"]
    assert issuer["scope_claims"] == ["scope", "scp"]
    assert issuer["scopes"] is None and not issuer["keys"]["given"]
    assert issuer["active"] and not issuer["links_by_email"]


def test_a_change_is_told_with_old_and_new(administrator):
    issuer = create(administrator).expect(201)
    administrator.patch(issuer.location, {"audiences": ["desk"]},
                        etag=issuer.headers["etag"]).expect(200)
    administrator.patch(issuer.location, {"audiences": ["x"]},
                        etag=issuer.headers["etag"]).expect(412)
    event = administrator.all("/v1/events", start="beginning",
                              type="issuer.updated")[-1]
    assert event["changes"] == [{"member": "audiences", "old": ["casework"],
                                 "new": ["desk"]}]
