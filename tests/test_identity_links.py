"""Who links sign-ins to whom, and ends them (3.1); and what an issuer may be."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from issuers import public_jwk
from sign_in import a_subject
from sql import SqlError
from tokens import encoded

pytestmark = pytest.mark.rule("3.1")

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
    ({"jwks": {"keys": [{"kty": "RSA", "kid": "a"}]}}, "/jwks/keys/0/n",
     "modulus"),
    ({"jwks": {"keys": [{**KEY, "d": "x"}]}}, "/jwks", ""),
    ({"jwks": {"keys": []}}, "/jwks", ""),
    ({"issuer": "ftp://a.example"}, "/issuer", ""),
    ({"issuer": "https://a.example?x"}, "/issuer", ""),
    ({"issuer": "http://a.example"}, "/issuer", "on this machine only"),
    ({"issuer": "http://10.0.0.1/realm"}, "/issuer", "on this machine only"),
    ({"issuer": "http://127.0.0.1.a.example"}, "/issuer", "machine only"),
    ({"issuer": "http://localhost.example"}, "/issuer", "machine only"),
    ({"jwks_url": "http://a.example/keys"}, "/jwks_url", "machine only"),
    ({"audiences": []}, "/audiences", ""),
    ({"scopes": [{"value": "x", "scopes": ["cases:delete"]}]}, "/scopes", ""),
])
def test_what_is_no_issuer(administrator, members, pointer, word):
    answer = create(administrator, **members).expect(422)
    assert answer.faults[0].startswith(pointer)
    assert word in answer.body.decode()


def rsa_of(bits, e=65537, **members):
    """The numbers of such a key, good as far as their lengths go."""
    n = ((1 << bits) - 1).to_bytes((bits + 7) // 8, "big")
    return {"kty": "RSA", "kid": "r", "n": encoded(n),
            "e": encoded(e.to_bytes(3, "big").lstrip(b"\0")), **members}


def ec_of(curve, **members):
    return {**public_jwk(ec.generate_private_key(curve)), "kid": "e",
            **members}


P256 = ec_of(ec.SECP256R1())


@pytest.mark.parametrize("key, member, word", [
    (ec_of(ec.SECP384R1()), "/crv", "P-256"),
    (ec_of(ec.SECP521R1()), "/crv", "P-256"),
    (rsa_of(512), "/n", "512 bits"), (rsa_of(1024), "/n", "1024 bits"),
    (rsa_of(2047), "/n", "2047 bits"), (rsa_of(4097), "/n", "4097 bits"),
    (rsa_of(2048, e=3), "/e", "65537"),
    ({**P256, "use": "enc"}, "/use", "not for signatures"),
    ({**P256, "key_ops": ["deriveKey"]}, "/key_ops", "leave it out"),
    ({**P256, "alg": "ES384"}, "/alg", "ES256"),
    ({**P256, "alg": "RS256"}, "/alg", "ES256"),
    (rsa_of(2048, alg="RS512"), "/alg", "RS256 and PS256"),
    (rsa_of(2048, alg="RSA-OAEP"), "/alg", "RS256 and PS256"),
    ({**P256, "x": P256["y"]}, "", "no point"),
    ({**P256, "y": P256["y"][:-1]}, "/y", "32 bytes"),
    ({**KEY, "crv": "X25519"}, "/crv", "Ed25519"),
    ({**KEY, "x": "AA"}, "/x", "32 bytes"),
    ({"kty": "oct", "kid": "a"}, "/kty", ""),
    ({"kty": "XYZ", "kid": "a"}, "/kty", ""),
    ({**KEY, "kid": ""}, "/kid", "")])
def test_a_given_key_that_verifies_nothing_is_refused_by_its_place(
        administrator, key, member, word):
    """Also beside a good one, and when it comes later."""
    jwks = {"keys": [{**KEY, "kid": "good"}, key]}
    made = create(administrator).expect(201)
    for answer in (create(administrator, jwks=jwks),
                   administrator.patch(made.location, {"jwks": jwks},
                                       etag="*")):
        assert answer.expect(422).faults[0] == "/jwks/keys/1" + member
        assert word in answer.body.decode()
    assert administrator.get(made.location).expect(200)["keys"]["kids"] == []


def test_every_given_key_that_is_good_is_known(administrator):
    keys = [KEY, P256, rsa_of(2048), rsa_of(4096, kid="l", alg="PS256",
                                            use="sig", key_ops=["verify"])]
    made = create(administrator, jwks={"keys": keys}).expect(201)
    assert made["keys"]["kids"] == ["a", "e", "r", "l"]
    assert made["keys"]["fault"] is None
    create(administrator, jwks=None).expect(201)


def test_what_was_taken_once_does_not_hold_up_other_changes(administrator,
                                                            sql):
    """Keys that an older version took."""
    made = create(administrator, jwks={"keys": [KEY]}).expect(201)
    old = {"keys": [{**KEY, "use": "enc"}]}
    sql.run("update casework.issuers set jwks = %s where id = %s",
            json.dumps(old), made["id"])
    changed = administrator.patch(made.location, {"name": "Other"}, etag="*"
                                  ).expect(200)
    assert "no key that can be used" in changed["keys"]["fault"]


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
