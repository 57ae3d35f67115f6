"""Whoever signs in at a provider is somebody here: identities (3.1), with a real
OpenID provider."""

import contextlib

import jwt
import pytest

from browser import chromium
from instance import until
from sign_in import Issuer, a_subject
from provider import Provider
from world import a_case

# Each process learns of issuers within a second: one connection is one process.
pytestmark = [pytest.mark.direct, pytest.mark.rule("3.1")]
SCOPES = ("cases:read", "cases:write", "contacts:read", "calls:write",
          "calls:read", "identities:write")


@pytest.fixture(scope="module")
def provider(instance):
    with contextlib.closing(Provider(SCOPES)) as provider:
        yield provider


@pytest.fixture(scope="module")
def issuer(world, provider):
    issuer = Issuer(world, provider)
    yield issuer
    issuer.change(active=False)


@pytest.fixture
def somebody(issuer, provider):
    """A person who has signed in: subject and token."""
    subject = a_subject()
    token = provider.person(subject, *SCOPES)
    issuer.until_known(token)
    return subject, token


def path_of(contact):
    return f"/v1/contacts/{contact.id}"


def sub(token):
    return jwt.decode(token, options={"verify_signature": False})["sub"]


# -- who it is -------------------------------------------------------------

def test_a_contact_who_signed_in_is_who_is_linked(issuer, somebody, contact):
    subject, token = somebody
    me = issuer.caller(token, "contact")
    refused = me.get("/v1/me").expect(403, problem="unknown-identity")
    assert "Ask a technical contact" in refused["detail"]
    assert "are not an Authorized Contact" in refused["detail"]
    issuer.link(subject, path_of(contact))
    answer = me.get("/v1/me").expect(200)
    assert (answer["kind"], answer["id"]) == ("contact", contact.id)
    case = me.post("/v1/cases", a_case()).expect(201)
    assert case["submitted_by"]["id"] == contact.id
    assert contact.get(case.location).expect(200)["id"] == case["id"]


def test_somebody_signs_in_with_a_browser(issuer, provider, contact):
    def log_in(address, back, sub, password):
        with chromium() as driver:
            driver.get(address)
            driver.find_element("name", "sub").send_keys(sub)
            driver.find_element("name", "password").send_keys(password)
            driver.find_element("css selector", "button").click()
            until(lambda: driver.current_url.startswith(back))
            return driver.current_url
    subject = a_subject()
    token = provider.person(subject, *SCOPES, log_in=log_in)
    issuer.link(subject, path_of(contact))
    me = issuer.caller(token, "contact")
    until(lambda: me.get("/v1/me").status == 200)
    assert me.get("/v1/me").expect(200)["id"] == contact.id


@pytest.mark.parametrize("kind", ["staff", "telephony"])
def test_so_are_staff_and_machines(issuer, provider, world, kind):
    token = provider.machine(a_subject(), *SCOPES)
    issuer.until_known(token)
    number = world.staff().id if kind == "staff" else 1
    issuer.link(sub(token), {"staff": f"/v1/staff/{number}",
                             "telephony": "/v1/telephony-clients/1"}[kind])
    me = issuer.caller(token, kind).get("/v1/me").expect(200)
    assert (me["kind"], me["id"]) == (kind, number)


@pytest.mark.parametrize("who, body", [
    ("people", {"name": "Person 1"}),
    ("clients", {"name": "Nightly sync", "owner": "Integration team"})])
def test_a_partner_s_people_and_machines_are_the_partner(
        issuer, somebody, world, district, contact, who, body):
    subject, token = somebody
    partner = world.partner(district)
    whom = issuer.by.post(f"/v1/partners/{partner.id}/{who}", body).expect(
        201).location
    issuer.link(subject, whom)
    me = issuer.caller(token, "partner")
    answer = me.get("/v1/me").expect(200)
    assert (answer["kind"], answer["id"]) == ("partner", partner.id)
    case = me.post("/v1/cases", a_case(contact_id=contact.id)).expect(201)
    history = contact.get(f"{case.location}/history").expect(200)["items"]
    assert history[0]["actor"]["name"] == (
        f"{body['name']} ({partner.get('/v1/me').expect(200)['name']})")
    issuer.by.patch(whom, {"active": False}, etag="*").expect(200)
    for _ in range(4):
        me.get("/v1/me").expect(403, problem="unknown-identity")


# -- who acts in somebody's name -------------------------------------------

@pytest.fixture
def acting(issuer, provider, world, district, contact):
    """A partner's person acts for a contact: that person's identity, its token
    and where the person is."""
    partner = world.partner(district)
    person = issuer.by.post(f"/v1/partners/{partner.id}/people",
                            {"name": "Person 1"}).expect(201).location
    subject, actor = a_subject(), a_subject()
    token = provider.person(subject, *SCOPES, act={
        "sub": actor, "iss": provider.issuer, "act": {"sub": "staff:3"}})
    issuer.until_known(token)
    issuer.link(subject, path_of(contact))
    return (lambda: issuer.link(actor, person)), token, person, partner


def test_who_acts_is_whom_the_issuer_s_subject_is_here(
        issuer, acting, contact):
    link, token, person, partner = acting
    me = issuer.caller(token, "contact")
    me.get("/v1/me").expect(403, problem="unknown-identity")
    link()
    case = me.post("/v1/cases", a_case()).expect(201)
    first = contact.get(f"{case.location}/history").expect(200)["items"][0]
    name = f"Person 1 ({partner.get('/v1/me').expect(200)['name']})"
    assert first["actor"].items() >= {
        "kind": "partner", "id": partner.id, "name": name}.items()
    assert first["on_behalf_of"]["id"] == contact.id


@pytest.mark.parametrize("end", [
    lambda issuer, identity, person: issuer.end(identity),
    lambda issuer, identity, person: issuer.by.patch(
        person, {"active": False}, etag="*").expect(200)])
def test_who_may_not_act_any_more_does_not(issuer, acting, end):
    link, token, person, _ = acting
    identity = link()
    me = issuer.caller(token, "contact")
    for _ in range(4):
        me.get("/v1/me").expect(200)
    end(issuer, identity, person)
    for _ in range(4):
        me.get("/v1/me").expect(403, problem="unknown-identity")


@pytest.mark.parametrize("act", [
    {"sub": "staff:3"}, {"sub": "contact:1"}])
def test_an_issuer_s_actor_is_no_caller_by_its_word(
        issuer, provider, contact, act):
    """Only tokens of the operator's own keys name callers."""
    subject = a_subject()
    token = provider.person(subject, *SCOPES, act=act)
    issuer.until_known(token)
    issuer.link(subject, path_of(contact))
    issuer.caller(token, "contact").get("/v1/me").expect(
        403, problem="unknown-identity")


def test_an_actor_of_another_issuer_is_refused(issuer, provider, contact):
    subject = a_subject()
    token = provider.person(subject, *SCOPES, act={
        "sub": a_subject(), "iss": "https://other.example"})
    issuer.link(subject, path_of(contact))
    me = issuer.caller(token, "contact")
    until(lambda: me.get("/v1/me")["detail"].startswith(
        "The token's actor is of another issuer."))
    me.get("/v1/me").expect(401, problem="invalid-token")


# -- several ---------------------------------------------------------------

def test_one_caller_has_several_identities(issuer, provider, contact):
    for _ in range(2):
        subject = a_subject()
        token = provider.person(subject, "cases:read")
        issuer.link(subject, path_of(contact))
        me = issuer.caller(token, "contact").get("/v1/me").expect(200)
        assert me["id"] == contact.id


def test_the_same_subject_of_two_issuers_is_two(issuer, somebody, world,
                                                contact, stranger):
    subject, token = somebody
    with contextlib.closing(Provider(SCOPES)) as provider:
        other = Issuer(world, provider)
        theirs = provider.person(subject, *SCOPES)
        other.until_known(theirs)
        issuer.link(subject, path_of(contact))
        other.link(subject, path_of(stranger))
        for at, shown, who in ((issuer, token, contact),
                               (other, theirs, stranger)):
            assert at.caller(shown, "contact").get("/v1/me").expect(
                200)["id"] == who.id
        other.change(active=False)


# -- what has ended --------------------------------------------------------

@pytest.fixture
def linked(issuer, somebody, contact):
    """Somebody who calls, and is known by the process that is asked."""
    subject, token = somebody
    identity = issuer.link(subject, path_of(contact))
    me = issuer.caller(token, "contact")
    for _ in range(20):
        me.get("/v1/me").expect(200)
    return me, identity, subject


def test_what_was_unlinked_is_refused_at_its_next_request(issuer, linked):
    me, identity, _ = linked
    issuer.end(identity)
    for _ in range(20):
        me.get("/v1/me").expect(403, problem="unknown-identity")


def test_nobody_ends_what_it_came_by(issuer, somebody, district):
    subject, token = somebody
    technical = district.contact(kind="technical")
    identity = issuer.link(subject, path_of(technical))
    me = issuer.caller(token, "contact")
    me.delete(identity).expect(403, problem="not-permitted")
    me.get("/v1/me").expect(200)


def test_who_was_linked_anew_is_somebody_else(issuer, linked, stranger):
    me, identity, subject = linked
    issuer.end(identity)
    me.get("/v1/me").expect(403, problem="unknown-identity")
    issuer.link(subject, path_of(stranger))
    until(lambda: me.get("/v1/me").status == 200)
    assert me.get("/v1/me").expect(200)["id"] == stranger.id


def test_a_caller_who_is_no_longer_active_is_refused(linked, contact, world):
    me, _, _ = linked
    world.registrar.patch(f"/v1/contacts/{contact.id}", {"authorized": False},
                          etag="*").expect(200)
    me.get("/v1/me").expect(403, problem="not-an-authorized-contact")


def test_an_issuer_that_is_no_longer_active_is_refused(world, contact):
    with contextlib.closing(Provider(SCOPES)) as provider:
        issuer = Issuer(world, provider)
        subject = a_subject()
        me = issuer.caller(provider.person(subject, *SCOPES), "contact")
        issuer.link(subject, path_of(contact))
        until(lambda: me.get("/v1/me").status == 200)
        issuer.change(active=False)
        assert me.get("/v1/me").status in (401, 403)


def test_a_key_that_its_issuer_withdrew_is_refused(world, contact):
    with contextlib.closing(Provider(SCOPES)) as provider:
        issuer = Issuer(world, provider)
        subject = a_subject()
        me = issuer.caller(provider.person(subject, *SCOPES), "contact")
        issuer.link(subject, path_of(contact))
        until(lambda: me.get("/v1/me").status == 200)
        provider.tell("rotate")
        issuer.publish()
        me.get("/v1/me").expect(401, problem="invalid-token")
        other = issuer.caller(provider.person(subject, *SCOPES), "contact")
        until(lambda: other.get("/v1/me").status == 200)
        issuer.change(active=False)


def test_a_key_that_names_no_algorithm_is_for_either_padding(world, contact):
    with contextlib.closing(Provider(SCOPES)) as provider:
        for algorithm in ("RS256", "PS256"):
            provider.tell("rotate", algorithm=algorithm)
            keys = [{name: value for name, value in key.items()
                     if name != "alg"} for key in provider.key_set()["keys"]]
            if algorithm == "RS256":
                issuer = Issuer(world, provider, jwks={"keys": keys})
            else:
                issuer.change(jwks={"keys": keys})
            subject = a_subject()
            issuer.link(subject, path_of(contact))
            me = issuer.caller(provider.person(subject, *SCOPES), "contact")
            until(lambda: me.get("/v1/me").status == 200)
        issuer.change(active=False)


# -- by an address ---------------------------------------------------------

@pytest.fixture(scope="module")
def linking(world, instance):
    """An issuer that may link by verified addresses."""
    with contextlib.closing(Provider(SCOPES)) as provider:
        issuer = Issuer(world, provider, links_by_email=True)
        yield issuer
        issuer.change(active=False)


def signs_in(issuer, email, **claims):
    subject = a_subject()
    token = issuer.provider.person(
        subject, *SCOPES, email=email, **{"email_verified": True, **claims})
    issuer.until_known(token)
    return issuer.caller(token, "contact")


def test_who_has_a_verified_address_is_linked_at_the_first_call(linking,
                                                                contact):
    me = signs_in(linking, contact.record["email"].upper())
    for _ in range(3):
        assert me.get("/v1/me").expect(200)["id"] == contact.id
    assert linking.sql.value(
        "select count(*) as n from casework.identities where contact_id = %s"
        " and linked_by_kind = 'system'", contact.id) == 1


@pytest.mark.parametrize("claims", [{"email_verified": False},
                                    {"email_verified": "true"},
                                    {"email_verified": None}])
def test_an_address_that_is_not_verified_links_nobody(linking, contact,
                                                      claims):
    signs_in(linking, contact.record["email"], **claims).get("/v1/me").expect(
        403, problem="unknown-identity")


def test_an_address_that_two_have_links_nobody(linking, world, district):
    email = f"{a_subject()}@example.org"
    for where in (district, world.district()):
        where.contact(email=email)
    signs_in(linking, email).get("/v1/me").expect(
        403, problem="unknown-identity")


def test_an_address_that_a_contact_gave_itself_keeps_nobody_out(
        linking, world, district):
    """It links nobody either, until Support has sent it too."""
    email = f"{a_subject()}@example.org"
    someone = district.contact()
    someone.patch(path_of(someone), {"email": email}, etag="*").expect(200)
    signs_in(linking, email).get("/v1/me").expect(
        403, problem="unknown-identity")
    whose = world.district().contact(email=email)
    me = signs_in(linking, email)
    assert me.get("/v1/me").expect(200)["id"] == whose.id
    world.registrar.patch(path_of(someone), {"email": email}, etag="*"
                          ).expect(200)
    signs_in(linking, email).get("/v1/me").expect(
        403, problem="unknown-identity")


def test_nor_does_an_address_of_nobody_or_of_a_former_contact(
        linking, contact, world):
    signs_in(linking, "nobody@example.org").get("/v1/me").expect(
        403, problem="unknown-identity")
    world.registrar.patch(f"/v1/contacts/{contact.id}", {"authorized": False},
                          etag="*").expect(200)
    signs_in(linking, contact.record["email"]).get("/v1/me").expect(
        403, problem="unknown-identity")


def test_who_was_unlinked_is_not_linked_by_address_again(
        linking, contact, world):
    me = signs_in(linking, contact.record["email"])
    until(lambda: me.get("/v1/me").status == 200)
    (identity,) = linking.by.get(f"{path_of(contact)}/identities").expect(
        200)["items"]
    linking.end(f"/v1/identities/{identity['id']}")
    for _ in range(4):
        me.get("/v1/me").expect(403, problem="unknown-identity")
    linking.link(identity["subject"], path_of(contact))
    until(lambda: me.get("/v1/me").status == 200)


def test_where_the_issuer_may_not_no_address_links(issuer, contact):
    signs_in(issuer, contact.record["email"]).get("/v1/me").expect(
        403, problem="unknown-identity")


# -- what is open to all ---------------------------------------------------

def test_who_is_unknown_reads_what_the_public_reads(issuer, somebody):
    _, token = somebody
    issuer.caller(token, "public").get("/v1/announcements").expect(200)
    issuer.caller(token, "public").get("/v1/calendar").expect(200)


def test_scopes_are_what_the_issuer_s_words_mean(world, contact):
    with contextlib.closing(Provider(("desk",))) as provider:
        issuer = Issuer(world, provider, scope_claims=["scope", "groups"],
                        scopes=[{"value": "desk", "scopes": ["cases:read"]},
                                {"value": "Writers",
                                 "scopes": ["cases:write"]}])
        subject = a_subject()
        issuer.link(subject, path_of(contact))
        reads = issuer.caller(provider.person(subject, "desk"), "contact")
        until(lambda: reads.get("/v1/me").status == 200)
        reads.get("/v1/cases").expect(200)
        reads.post("/v1/cases", a_case()).expect(
            403, problem="insufficient-scope")
        writes = issuer.caller(provider.person(
            subject, "desk", groups=["Writers", "Runners"]), "contact")
        writes.post("/v1/cases", a_case()).expect(201)
        issuer.change(active=False)


def test_foreign_words_beside_scopes_mean_nothing(world, contact):
    with contextlib.closing(Provider(("cases:read",))) as provider:
        issuer = Issuer(world, provider, scope_claims=["scope", "groups"])
        subject = a_subject()
        issuer.link(subject, path_of(contact))
        groups = ["Domain Users", "\u00c9l\u00e8ves", "", 7, {"id": 1},
                  "cases:write", *(f"g{n}" for n in range(60))]
        both = issuer.caller(provider.person(
            subject, "cases:read", groups=groups), "contact")
        until(lambda: both.get("/v1/me").status == 200)
        both.get("/v1/cases").expect(200)
        both.post("/v1/cases", a_case()).expect(201)
        issuer.change(active=False)
