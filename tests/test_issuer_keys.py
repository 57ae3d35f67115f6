"""The worker fetches the keys of issuers: from a real provider, and from
servers that say of them whatever a test wants (3.1)."""

import contextlib

import pytest

from instance import stopped, until
from issuers import INSIDE, OPENID, WANT, looks, metadata, new_key, until_looks
from provider import Provider

pytestmark = [pytest.mark.direct, pytest.mark.rule("3.1")]
OAUTH = "/.well-known/oauth-authorization-server"


def kids(provider):
    return [key["kid"] for key in provider.key_set()["keys"]]


# -- a provider --------------------------------------------------------------

def test_keys_are_found_by_discovery(fetcher, new_issuer, provider):
    issuer = new_issuer(provider.issuer)
    issuer.until_known(*kids(provider))
    known = issuer.known
    assert known["source"] == provider.issuer + "/jwks"
    assert known["keys"] == provider.key_set()["keys"]
    assert known["fault"] is None and known["fetched_at"]


def test_keys_are_fetched_from_where_they_are_said_to_be(fetcher, new_issuer,
                                                         provider):
    issuer = new_issuer("urn:anything", jwks_url=provider.issuer + "/jwks")
    issuer.until_known(*kids(provider))


@pytest.mark.parametrize("algorithm", ["PS256", "ES256", "EdDSA"])
def test_keys_of_each_algorithm_are_kept(fetcher, new_issuer, provider,
                                         algorithm):
    provider.tell("rotate", algorithm=algorithm)
    try:
        issuer = new_issuer(provider.issuer)
        issuer.until_known(*kids(provider))
        assert issuer.known["keys"] == provider.key_set()["keys"]
    finally:
        provider.tell("rotate", algorithm="RS256")


def test_a_new_key_is_known_once_it_is_wanted(fetcher, new_issuer, provider,
                                              want):
    issuer = new_issuer(provider.issuer)
    issuer.until_known(*kids(provider))
    old = issuer.kids
    new = provider.tell("rotate", keep=True)["kid"]
    assert issuer.kids == old
    want(issuer)
    issuer.until_known(new, *old)
    until_looks(fetcher, issuer, "fetched", "fetched")


def test_what_is_not_published_any_more_is_not_known_any_more(
        fetcher, new_issuer, provider):
    issuer = new_issuer(provider.issuer)
    issuer.until_known(*kids(provider))
    new = provider.tell("rotate")["kid"]
    issuer.look_again()
    issuer.until_known(new)


def test_many_unknown_keys_are_one_look(fetcher, new_issuer, provider, want,
                                        as_role):
    issuer = new_issuer(provider.issuer)
    issuer.until_known(*kids(provider))
    want(issuer)
    until_looks(fetcher, issuer, "fetched", "unchanged")
    for _ in range(5):
        assert not as_role("public").value(
            WANT, issuer.id)
    # one that is wanted would come before it
    other = new_issuer("urn:other", jwks_url=provider.issuer + "/jwks")
    until_looks(fetcher, other, "fetched")
    assert looks(fetcher, issuer) == ["fetched", "unchanged"]


def test_keys_that_have_not_changed_are_not_sent_again(fetcher, new_issuer,
                                                       provider):
    issuer = new_issuer(provider.issuer)
    issuer.until_known(*kids(provider))
    before, known = provider.tell("asked")["unchanged"], issuer.known
    for number in (1, 2):
        issuer.look_again()
        until_looks(fetcher, issuer, "fetched", *["unchanged"] * number)
    assert provider.tell("asked")["unchanged"] == before + 2
    assert issuer.known["keys"] == known["keys"]
    assert issuer.kids == known["kids"]
    assert issuer.known["etag"] == known["etag"]


@pytest.mark.parametrize("said, kept", [
    (7200, 7200), (5, 60), (10 ** 9, 86400), (None, 3600)])
def test_how_long_a_provider_lets_keys_be_kept(fetcher, new_issuer, provider,
                                               said, kept):
    provider.tell("mood", mood="well", **({"maxAge": said} if said else {}))
    issuer = new_issuer(provider.issuer)
    issuer.until_known(*kids(provider))
    assert kept <= issuer.wait() < kept + 60


@pytest.mark.parametrize("mood, outcome, words", [
    ("huge", "too_large", "larger than 256 KiB"),
    ("broken", "not_json", "strict JSON"),
    ("refusing", "5xx", "status 500"),
    ("private", "private_key", "make new keys"),
    ("moved", "3xx", "redirections are not followed")])
def test_while_a_provider_is_not_well_its_old_keys_stay(
        fetcher, new_issuer, provider, mood, outcome, words):
    issuer = new_issuer(provider.issuer)
    issuer.until_known(*kids(provider))
    known = issuer.known
    provider.tell("mood", mood=mood)
    issuer.look_again()
    assert words in issuer.until_fault()
    assert issuer.kids == known["kids"]
    assert issuer.known["keys"] == known["keys"]
    assert issuer.wait() == 60
    until_looks(fetcher, issuer, "fetched", outcome)
    provider.tell("mood", mood="well")
    new = provider.tell("rotate")["kid"]
    issuer.look_again()
    issuer.until_known(new)
    assert issuer.known["fault"] is None


def test_a_provider_that_is_slow_is_not_waited_for(
        fetcher, new_worker, new_issuer, provider):
    issuer = new_issuer(provider.issuer)
    issuer.until_known(*kids(provider))
    old = issuer.kids
    provider.tell("mood", mood="slow")
    with stopped([fetcher.pid]):
        hasty = new_worker(ISSUER_ALLOW=INSIDE, ISSUER_TIMEOUT=1)
        issuer.look_again()
        assert "did not come within 1 seconds" in issuer.until_fault()
        until_looks(hasty, issuer, "timeout")
    assert issuer.kids == old


def test_a_provider_that_is_down_is_a_fault(fetcher, new_issuer):
    with contextlib.closing(Provider(["cases:read"])) as provider:
        issuer = new_issuer(provider.issuer)
        issuer.until_known(*kids(provider))
        old = issuer.kids
    issuer.look_again()
    assert "metadata document did not come" in issuer.until_fault()
    assert issuer.kids == old
    until_looks(fetcher, issuer, "fetched", "no_answer")


# -- where keys are said to be -----------------------------------------------

@pytest.mark.parametrize("name, path", [
    ("", OPENID), ("/", OPENID), ("/realms/desk", "/realms/desk" + OPENID),
    ("/realms/desk/", "/realms/desk" + OPENID),
    ("", OAUTH), ("/tenant/9", OAUTH + "/tenant/9"),
    ("/tenant/9/", OAUTH + "/tenant/9")])
def test_metadata_are_found_at_either_well_known_place(
        fetcher, new_issuer, publisher, name, path):
    publisher.pages = {path: metadata(publisher, name),
                       "/keys": {"keys": [new_key("a")]}}
    issuer = new_issuer(publisher.url + name)
    issuer.until_known("a")
    assert publisher.asked[-2:] == [path, "/keys"]


@pytest.mark.parametrize("page, outcome, words", [
    ({"issuer": "https://other.example"}, "other_issuer", "another issuer"),
    ({"issuer": None}, "other_issuer", "another issuer"),
    ({"jwks_uri": "ftp://127.0.0.1/keys"}, "no_jwks_uri", "no jwks_uri"),
    ({"jwks_uri": "file:///etc/passwd"}, "no_jwks_uri", "no jwks_uri"),
    ({"jwks_uri": None}, "no_jwks_uri", "no jwks_uri"),
    ({"jwks_uri": "http://8.8.8.8/keys"}, "address_refused", "ISSUER_ALLOW"),
    ({"jwks_uri": "https://10.1.2.3/keys"}, "address_refused", "ISSUER_ALLOW"),
    ({"jwks_uri": "https://nowhere.invalid/keys"}, "no_address",
     "ISSUER_ALLOW"),
    ("{", "not_json", "metadata are no strict JSON"),
    (" " * 262145, "too_large", "metadata document is larger"),
    ((302, {"Location": "/keys"}, ""), "3xx", "redirections are not followed"),
    ((500, {}, ""), "5xx", "status 500"),
    ((404, {}, ""), "no_metadata", "no metadata")],
    ids=lambda value: str(value)[:40])
def test_metadata_that_lead_to_no_keys(fetcher, new_issuer, publisher, page,
                                       outcome, words):
    if isinstance(page, dict):
        page = metadata(publisher, **page)
    publisher.pages = {OPENID: page, "/keys": {"keys": [new_key("a")]}}
    issuer = new_issuer(publisher.url)
    assert words in issuer.until_fault()
    until_looks(fetcher, issuer, outcome)
    assert issuer.kids == [] and "/keys" not in publisher.asked


def test_a_slash_at_the_end_is_another_issuer(fetcher, new_issuer, publisher):
    publisher.pages = {OPENID: metadata(publisher, "/"),
                       "/keys": {"keys": [new_key("a")]}}
    new_issuer(publisher.url).until_fault("another issuer")


@pytest.mark.parametrize("name", [
    "urn:issuer", "login.example", "https://", "https://login.example/?a=b",
    "https://login.example/#a", "https://a@login.example/", "file:///etc",
    "https://login.example/" + "x" * 2045, "https://" + "x" * 4000],
    ids=lambda name: name[:40])
def test_an_issuer_that_is_no_url_says_where_keys_are(fetcher, new_issuer,
                                                      name):
    issuer = new_issuer(name)
    issuer.until_fault("jwks_url")
    until_looks(fetcher, issuer, "no_url")


# -- what answers say about themselves ---------------------------------------

@pytest.mark.parametrize("headers, kept", [
    ({"Cache-Control": "public, max-age=600"}, 600),
    ({"Cache-Control": "max-age=600, must-revalidate", "Age": "100"}, 500),
    ({"Cache-Control": "no-store"}, 60),
    ({"Cache-Control": "no-cache, max-age=600"}, 60),
    ({"Cache-Control": "max-age=-1"}, 60),
    ({"Expires": "Thu, 01 Jan 1970 00:00:00 GMT"}, 60),
    ({"Expires": "0", "Cache-Control": "max-age=600"}, 600)], ids=str)
def test_how_long_an_answer_may_be_kept(fetcher, new_issuer, publisher,
                                        headers, kept):
    publisher.pages = {"/keys": (200, headers, {"keys": [new_key("a")]})}
    issuer = new_issuer("urn:kept", jwks_url=publisher.url + "/keys")
    issuer.until_known("a")
    assert kept <= issuer.wait() < kept + 60


def test_not_modified_is_no_answer_to_who_has_nothing(fetcher, new_issuer,
                                                      publisher):
    publisher.pages = {"/keys": (304, {"ETag": '"1"'}, "")}
    issuer = new_issuer("urn:nothing", jwks_url=publisher.url + "/keys")
    issuer.until_fault("status 304")


def test_an_etag_is_of_one_place(fetcher, new_issuer, publisher):
    """What is elsewhere may have the same and be something else."""
    for path in ("/keys", "/other"):
        publisher.pages[path] = (200, {"ETag": '"1"'},
                                 {"keys": [new_key(path)]})
    publisher.pages[OPENID] = metadata(publisher)
    issuer = new_issuer(publisher.url)
    issuer.until_known("/keys")
    publisher.pages[OPENID] = metadata(publisher,
                                       jwks_uri=publisher.url + "/other")
    issuer.look_again()
    issuer.until_known("/other")
    assert publisher.conditions[-1] is None
    issuer.look_again()
    until_looks(fetcher, issuer, *["fetched"] * 3)
    assert publisher.conditions[-1] == '"1"'


# -- what a set holds ---------------------------------------------------------

HALF = "A" * 43
BITS_2048 = "q" * 341 + "g"


def rsa(**members):
    return {"kty": "RSA", "kid": "r", "n": BITS_2048, "e": "AQAB", **members}


SETS = [
    [new_key("a"), rsa(use="enc"), rsa(kid=None), rsa(kid="", use="sig")],
    [rsa(), new_key("k" * 128), new_key("ü" * 128), new_key("k" * 129)],
    [{"kty": "oct", "kid": "s"}, {"kty": "none", "kid": "x", "none": "x"},
     {"kid": "y"}, 7, [], "x", None, new_key("a", kty=7), rsa(e=65537)],
    [new_key("a", key_ops=["verify"]), rsa(key_ops=["encrypt"]),
     rsa(key_ops="verify"), rsa(kid="s", key_ops=["sign", "verify"])],
    [new_key("a", x5c=["x"], x5t="y", iat=1, use="sig"), rsa(alg=7),
     rsa(use=None), rsa(use="sig", alg="RS512")],
    [{"kty": "OKP", "kid": "o", "crv": "Ed25519", "x": HALF, "y": "AA"},
     {"kty": "OKP", "kid": "p", "crv": "Ed25519"},
     {"kty": "OKP", "kid": "p", "crv": "X25519", "x": HALF},
     {"kty": "EC", "kid": "q", "crv": "P-256", "x": HALF}],
    [rsa(n="AKqq" + "q" * 336 + "qqo"), rsa(kid="s", n="A" * 2049)],
    # What can never work here: too short and too long, other curves.
    [rsa(n=("K" + BITS_2048)[:-1])], [rsa(n="q" * 684)], [rsa(n="q" * 343)],
    [rsa(n="q" * 682 + "o")],
    [rsa(e="Aw")], [rsa(alg="RS512")], [new_key("a", alg="ES384")],
    [new_key("a", crv="P-384")], [new_key("a", x="A" * 42)],
    [new_key("a", y="A" * 42 + "B")],
    [new_key(str(n)) for n in range(64)],
    [],
    [new_key("a"), new_key("a")],
    [new_key("a"), new_key("a", use="enc")],
    [new_key(str(n)) for n in range(65)],
    *([new_key("a"), rsa(**{part: "x"})]
      for part in ("p", "q", "dp", "dq", "qi", "oth"))]


@pytest.mark.parametrize("keys", SETS, ids=range(len(SETS)))
def test_the_same_is_kept_of_a_set_however_it_comes(fetcher, new_issuer,
                                                    publisher, keys):
    publisher.pages = {"/keys": {"keys": keys, "more": {"a": [1, 2.5]}}}
    fetched = new_issuer("urn:fetched", jwks_url=publisher.url + "/keys")
    given = new_issuer("urn:given", jwks={"keys": [
        k for k in keys if not isinstance(k, dict) or k.get("kty") != "oct"]})
    until(lambda: fetched.known["looked_at"])
    assert fetched.known["keys"] == given.known["keys"]
    assert fetched.kids == given.kids
    assert (fetched.known["fault"] is None) == (given.known["fault"] is None)
    assert (fetched.kids == []) == (fetched.known["fault"] is not None)
