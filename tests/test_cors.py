"""Browsers of other origins: an allow-list, nothing by accident."""

import re

import pytest

from client import Client, Service
from instance import ORIGIN

pytestmark = pytest.mark.direct

OTHER = "https://help.casework.example:8443"
ME = "/v1/me"


@pytest.fixture(scope="module")
def site(instance, contract):
    """A service that allows two origins."""
    with instance.beside(CORS_ORIGINS=f"{ORIGIN},{OTHER}") as process:
        service = Service(process.url, contract)
        yield Client(service)
        service.close()


@pytest.fixture(scope="module")
def token(tokens):
    return {"Authorization": "Bearer " + tokens.mint("staff:1")}


def preflight(client, path, origin, method, headers=None):
    wanted = {"Origin": origin, "Access-Control-Request-Method": method}
    if headers:
        wanted["Access-Control-Request-Headers"] = headers
    return client.options(path, headers=wanted)


@pytest.mark.parametrize("origin", [ORIGIN, OTHER])
def test_an_allowed_origin_may_read_the_answer(site, token, origin):
    answer = site.get(ME, headers={**token, "Origin": origin}).expect(200)
    assert answer.headers["access-control-allow-origin"] == origin
    assert "origin" in answer.headers["vary"].lower()
    exposed = answer.headers["access-control-expose-headers"].lower()
    for name in ("etag", "link", "location", "request-id", "retry-after",
                 "content-disposition", "repr-digest"):
        assert name in exposed
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize("origin", [ORIGIN, OTHER])
def test_problems_are_readable_too(site, origin):
    for path, status in ((ME, 401), ("/nowhere", 404)):
        answer = site.get(path, headers={"Origin": origin}).expect(status)
        assert answer.headers["access-control-allow-origin"] == origin


@pytest.mark.parametrize("origin", [
    "https://evil.example", "null", ORIGIN + ".evil.example", ORIGIN[:-1],
    ORIGIN + "/", ORIGIN.replace("https", "http"),
    ORIGIN + ":443", "https://casework.example", "*", "", ORIGIN + "," + OTHER,
    "https://help.casework.example",
    *(ORIGIN.replace("portal", name) for name in (
        "patrol", "portam", "portaL", "PORTAL", "porta", "portals", "-portal",
        "a.portal", "portal.", "xortal")),
    ORIGIN.upper(), ORIGIN.replace("https", "HTTPS"), ORIGIN + ":8443",
    OTHER.replace("8443", "8444"), OTHER.replace("8443", "844"),
    OTHER.replace("8443", "84430"), OTHER.replace(":8443", ":443"),
    "x" * len(ORIGIN), ORIGIN + ", " + OTHER,
    f"{ORIGIN},{OTHER}"[8:]])
def test_any_other_origin_gets_no_permission(site, token, origin):
    answer = site.get(ME, headers={**token, "Origin": origin}).expect(200)
    assert "access-control-allow-origin" not in answer.headers
    assert "origin" in answer.headers["vary"].lower()
    for method in ("GET", "PATCH"):
        answer = preflight(site, ME, origin, method)
        assert "access-control-allow-origin" not in answer.headers
        assert "access-control-allow-methods" not in answer.headers


def test_a_preflight_names_methods_and_headers(site):
    answer = preflight(site, "/v1/cases/1", ORIGIN, "PATCH",
                       "authorization, content-type, if-match")
    answer.expect(204)
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    methods = answer.headers["access-control-allow-methods"]
    assert {m.strip() for m in methods.split(",")} >= {"GET", "PATCH"}
    headers = answer.headers["access-control-allow-headers"].lower()
    for name in ("authorization", "content-type", "if-match",
                 "if-none-match", "traceparent", "tracestate",
                 "content-disposition", "repr-digest"):
        assert name in headers
    assert int(answer.headers["access-control-max-age"]) > 0


def test_a_preflight_allows_what_its_path_has(site, contract):
    for op in contract.operations:
        path = re.sub(r"{\w+}", "1", op.path)
        answer = preflight(site, path, ORIGIN, op.method).expect(204)
        methods = answer.headers["access-control-allow-methods"].split(", ")
        assert set(methods) == {m.strip() for m in answer.headers[
            "allow"].split(",")} - {"OPTIONS"}
        assert op.method in methods, op


def test_a_preflight_allows_every_documented_header(site, contract):
    answer = preflight(site, "/v1/cases", ORIGIN, "POST").expect(204)
    allowed = answer.headers["access-control-allow-headers"].lower()
    for op in contract.operations:
        for parameter in op.parameters_in("header"):
            assert parameter["name"].lower() in allowed.split(", ")


def test_a_preflight_needs_no_token(site):
    preflight(site, "/v1/cases", ORIGIN, "POST", "authorization").expect(204)


def test_a_preflight_of_no_path_is_404(site):
    preflight(site, "/nowhere", ORIGIN, "GET").expect(404)


def test_without_an_origin_nothing_is_said(site, token):
    answer = site.get(ME, headers=token).expect(200)
    assert not [n for n in answer.headers if n.startswith("access-control")]
    assert "origin" in answer.headers["vary"].lower()


def test_without_the_setting_nobody_is_allowed(instance, contract, token):
    with instance.beside(CORS_ORIGINS="") as process:
        service = Service(process.url, contract)
        answer = Client(service).get(ME, headers={**token, "Origin": ORIGIN})
        answer.expect(200)
        assert "access-control-allow-origin" not in answer.headers
        service.close()


def test_a_star_allows_any_origin(instance, contract, token):
    with instance.beside(CORS_ORIGINS="*") as process:
        service = Service(process.url, contract)
        answer = Client(service).get(ME, headers={
            **token, "Origin": "https://anywhere.example"}).expect(200)
        assert answer.headers["access-control-allow-origin"] in (
            "*", "https://anywhere.example")
        service.close()
