"""A client that knows nothing but the address finds out where tokens come from
(RFC 9728)."""

import re

import pytest

from client import Client, Service

METADATA = "/.well-known/oauth-protected-resource"
BASE, ISSUER = "https://vendor.example:8443/desk", "https://sso.example/realm"

pytestmark = pytest.mark.direct


@pytest.fixture(scope="module")
def vendor(instance, contract):
    with instance.beside(WORKERS=1, PUBLIC_URL=BASE,
                         TOKEN_ISSUER=ISSUER) as process:
        service = Service(process.url, contract)
        yield service
        service.close()


def metadata_of(answer):
    challenge = answer.headers["www-authenticate"]
    assert challenge.startswith("Bearer ")
    return re.search(r'[ ,]resource_metadata="([^"]*)"', challenge).group(1)


def test_the_metadata_name_the_issuer_and_all_scopes(vendor, contract):
    answer = Client(vendor).get(METADATA).expect(200).json
    assert answer["resource"] == BASE
    assert answer["authorization_servers"][-1] == ISSUER
    assert answer["bearer_methods_supported"] == ["header"]
    assert sorted(answer["scopes_supported"]) == sorted(
        {op.scope for op in contract.operations if op.scope})
    assert answer["resource_documentation"] == BASE + "/openapi.json"


@pytest.mark.parametrize("headers", [
    {}, {"Authorization": "Bearer x"}, {"Authorization": "Basic eDp5"}])
def test_who_has_no_valid_token_is_sent_there(vendor, headers):
    answer = Client(vendor).get("/v1/me", headers=headers).expect(401)
    assert metadata_of(answer) == BASE + METADATA


def test_who_lacks_a_scope_is_sent_there(anybody, tokens, district, public):
    token = tokens.mint(f"contact:{district.contact().id}", scope="x")
    answer = anybody(token).get("/v1/cases").expect(
        403, problem="insufficient-scope")
    assert metadata_of(answer).endswith(METADATA)
    resource = public.get(METADATA).expect(200)["resource"]
    assert metadata_of(answer) == resource + METADATA


def test_nobody_else_is_challenged(public, contact):
    for answer in (public.get("/v1/calendar").expect(200),
                   public.get("/nowhere").expect(404),
                   contact.get("/v1/cases/1").expect(404)):
        assert "www-authenticate" not in answer.headers
