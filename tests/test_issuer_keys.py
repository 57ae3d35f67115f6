"""The worker fetches the keys of issuers: from a real provider, and from servers
that serve them badly or lead elsewhere (3.1)."""

import contextlib
import json
import os
import signal

import pytest

from instance import figure, stopped, until
from issuers import Issuer, end_all, new_key
from provider import Provider
from publisher import Publisher
from webhooks import make_certificate

pytestmark = pytest.mark.direct
INSIDE = "127.0.0.0/8"
OPENID = "/.well-known/openid-configuration"
OAUTH = "/.well-known/oauth-authorization-server"


@pytest.fixture(scope="module")
def a_provider():
    with contextlib.closing(Provider(["cases:read"])) as provider:
        yield provider


@pytest.fixture
def provider(a_provider):
    a_provider.tell("mood", mood="well")
    a_provider.tell("rotate")
    return a_provider


@pytest.fixture
def new_issuer(sql):
    """The only ones that there are."""
    end_all(sql)
    yield lambda name, **columns: Issuer(sql, name, **columns)
    end_all(sql)


@pytest.fixture
def new_publisher():
    with contextlib.ExitStack() as running:
        def start(*certificate):
            publisher = Publisher(*certificate)
            running.callback(publisher.stop)
            return publisher
        yield start


@pytest.fixture
def publisher(new_publisher):
    return new_publisher()


@pytest.fixture(scope="module")
def a_worker(instance, receiver_certificate):
    with instance.worker(ISSUER_ALLOW=INSIDE, ISSUER_TIMEOUT=300,
                         ISSUER_CA_FILE=receiver_certificate[0],
                         WEBHOOK_CONNECTIONS=0, MAIL_SENDERS=0) as worker:
        yield worker


@pytest.fixture
def worker(a_worker, new_issuer):
    """One that may ask on loopback, and has time."""
    return a_worker


@pytest.fixture
def looker(new_worker, a_worker, new_issuer):
    """Starts one of the test's own; the other stands still."""
    with stopped([a_worker.pid]):
        yield lambda **settings: new_worker(
            **{"ISSUER_ALLOW": INSIDE, **settings})


@pytest.fixture
def want(as_role):
    """As when a token has come with an unknown key, and nobody has looked for
    half a minute."""
    def want(issuer):
        issuer.pass_time("31 s")
        assert as_role("public").value("select rules.want_keys(%s) as w",
                                       issuer.id)
    return want


def kids(provider):
    return [key["kid"] for key in provider.key_set()["keys"]]


def looks(worker, issuer):
    """What came of each, by the log."""
    lines = map(json.loads, worker.log_file.open())
    return [line["detail"] for line in lines if line["event"] == "issuer_look"
            and line["subject"] == str(issuer.id)]


def until_looks(worker, issuer, *outcomes):
    until(lambda: looks(worker, issuer) == list(outcomes))


# -- a provider --------------------------------------------------------------

def test_keys_are_found_by_discovery(worker, new_issuer, provider):
    issuer = new_issuer(provider.issuer)
    issuer.until_known(*kids(provider))
    known = issuer.known
    assert known["source"] == provider.issuer + "/jwks"
    assert known["keys"] == provider.key_set()["keys"]
    assert known["fault"] is None and known["fetched_at"]


def test_keys_are_fetched_from_where_they_are_said_to_be(worker, new_issuer,
                                                         provider):
    issuer = new_issuer("urn:anything", jwks_url=provider.issuer + "/jwks")
    issuer.until_known(*kids(provider))


@pytest.mark.parametrize("algorithm", ["PS256", "ES256", "EdDSA"])
def test_keys_of_each_algorithm_are_kept(worker, new_issuer, provider,
                                         algorithm):
    provider.tell("rotate", algorithm=algorithm)
    try:
        issuer = new_issuer(provider.issuer)
        issuer.until_known(*kids(provider))
        assert issuer.known["keys"] == provider.key_set()["keys"]
    finally:
        provider.tell("rotate", algorithm="RS256")


def test_a_new_key_is_known_once_it_is_wanted(worker, new_issuer, provider,
                                              want):
    issuer = new_issuer(provider.issuer)
    issuer.until_known(*kids(provider))
    old = issuer.kids
    new = provider.tell("rotate", keep=True)["kid"]
    assert issuer.kids == old
    want(issuer)
    issuer.until_known(new, *old)
    until_looks(worker, issuer, "fetched", "fetched")


def test_what_is_not_published_any_more_is_not_known_any_more(
        worker, new_issuer, provider):
    issuer = new_issuer(provider.issuer)
    issuer.until_known(*kids(provider))
    new = provider.tell("rotate")["kid"]
    issuer.look_again()
    issuer.until_known(new)


def test_many_unknown_keys_are_one_look(worker, new_issuer, provider, want,
                                        as_role):
    issuer = new_issuer(provider.issuer)
    issuer.until_known(*kids(provider))
    want(issuer)
    until_looks(worker, issuer, "fetched", "unchanged")
    for _ in range(5):
        assert not as_role("public").value(
            "select rules.want_keys(%s) as w", issuer.id)
    # one that is wanted would come before it
    other = new_issuer("urn:other", jwks_url=provider.issuer + "/jwks")
    until_looks(worker, other, "fetched")
    assert looks(worker, issuer) == ["fetched", "unchanged"]


def test_keys_that_have_not_changed_are_not_sent_again(worker, new_issuer,
                                                       provider):
    issuer = new_issuer(provider.issuer)
    issuer.until_known(*kids(provider))
    before, known = provider.tell("asked")["unchanged"], issuer.known
    for number in (1, 2):
        issuer.look_again()
        until_looks(worker, issuer, "fetched", *["unchanged"] * number)
    assert provider.tell("asked")["unchanged"] == before + 2
    assert issuer.known["keys"] == known["keys"]
    assert issuer.kids == known["kids"] and issuer.known["etag"] == known["etag"]


@pytest.mark.parametrize("said, kept", [(7200, 7200), (5, 60), (10 ** 9, 86400),
                                        (None, 3600)])
def test_how_long_a_provider_lets_keys_be_kept(worker, new_issuer, provider,
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
        worker, new_issuer, provider, mood, outcome, words):
    issuer = new_issuer(provider.issuer)
    issuer.until_known(*kids(provider))
    known = issuer.known
    provider.tell("mood", mood=mood)
    issuer.look_again()
    assert words in issuer.until_fault()
    assert issuer.kids == known["kids"]
    assert issuer.known["keys"] == known["keys"]
    assert issuer.wait() == 60
    until_looks(worker, issuer, "fetched", outcome)
    provider.tell("mood", mood="well")
    new = provider.tell("rotate")["kid"]
    issuer.look_again()
    issuer.until_known(new)
    assert issuer.known["fault"] is None


def test_a_provider_that_is_slow_is_not_waited_for(
        worker, new_worker, new_issuer, provider):
    issuer = new_issuer(provider.issuer)
    issuer.until_known(*kids(provider))
    old = issuer.kids
    provider.tell("mood", mood="slow")
    with stopped([worker.pid]):
        hasty = new_worker(ISSUER_ALLOW=INSIDE, ISSUER_TIMEOUT=1)
        issuer.look_again()
        assert "did not come within 1 seconds" in issuer.until_fault()
        until_looks(hasty, issuer, "timeout")
    assert issuer.kids == old


def test_a_provider_that_is_down_is_a_fault(worker, new_issuer):
    with contextlib.closing(Provider(["cases:read"])) as provider:
        issuer = new_issuer(provider.issuer)
        issuer.until_known(*kids(provider))
        old = issuer.kids
    issuer.look_again()
    assert "metadata document did not come" in issuer.until_fault()
    assert issuer.kids == old
    until_looks(worker, issuer, "fetched", "no_answer")


# -- where keys are said to be -------------------------------------------------

def metadata(publisher, name="", **members):
    return {"issuer": publisher.url + name,
            "jwks_uri": publisher.url + "/keys", **members}


@pytest.mark.parametrize("name, path", [
    ("", OPENID), ("/", OPENID), ("/realms/desk", "/realms/desk" + OPENID),
    ("/realms/desk/", "/realms/desk" + OPENID),
    ("", OAUTH), ("/tenant/9", OAUTH + "/tenant/9"),
    ("/tenant/9/", OAUTH + "/tenant/9")])
def test_metadata_are_found_at_either_well_known_place(
        worker, new_issuer, publisher, name, path):
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
    ((404, {}, ""), "no_metadata", "no metadata")], ids=str)
def test_metadata_that_lead_to_no_keys(worker, new_issuer, publisher, page,
                                       outcome, words):
    if isinstance(page, dict):
        page = metadata(publisher, **page)
    publisher.pages = {OPENID: page, "/keys": {"keys": [new_key("a")]}}
    issuer = new_issuer(publisher.url)
    assert words in issuer.until_fault()
    until_looks(worker, issuer, outcome)
    assert issuer.kids == [] and "/keys" not in publisher.asked


def test_a_slash_at_the_end_is_another_issuer(worker, new_issuer, publisher):
    publisher.pages = {OPENID: metadata(publisher, "/"),
                       "/keys": {"keys": [new_key("a")]}}
    new_issuer(publisher.url).until_fault("another issuer")


@pytest.mark.parametrize("name", [
    "urn:issuer", "login.example", "https://", "https://login.example/?a=b",
    "https://login.example/#a", "https://a@login.example/", "file:///etc"])
def test_an_issuer_that_is_no_url_says_where_keys_are(worker, new_issuer, name):
    issuer = new_issuer(name)
    issuer.until_fault("jwks_url")
    until_looks(worker, issuer, "no_url")


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_what_is_inside_is_asked_only_where_the_operator_allows_it(
        looker, new_issuer, new_publisher, receiver_certificate, scheme):
    publisher = new_publisher(
        *[receiver_certificate] if scheme == "https" else [])
    worker = looker(ISSUER_ALLOW="10.0.0.0/8",
                    ISSUER_CA_FILE=receiver_certificate[0])
    for host in ("127.0.0.1", "localhost", "0.0.0.0", "2130706433", "[::1]"):
        issuer = new_issuer("urn:" + host, jwks_url=publisher.url.replace(
            "127.0.0.1", host))
        issuer.until_fault("no address that may be asked")
        until_looks(worker, issuer, "address_refused")
    assert publisher.asked == []


def test_what_came_of_looks_is_counted(looker, new_issuer, publisher):
    publisher.pages = {"/keys": {"keys": [new_key("a")]}}
    worker = looker()
    for path in ("/keys", "/nothing", "/keys?"):
        new_issuer("urn:" + path, jwks_url=publisher.url + path)
    for outcome, times in (("fetched", 1), ("4xx", 2)):
        until(lambda: figure(
            worker, f'issuer_looks_total{{outcome="{outcome}"}}') == times)


def test_a_proxy_of_the_environment_is_not_used(looker, new_issuer, provider):
    issuer = new_issuer(provider.issuer)
    proxy = "http://127.0.0.1:1"
    looker(http_proxy=proxy, https_proxy=proxy, all_proxy=proxy, no_proxy="")
    issuer.until_known(*kids(provider))


# -- certificates ------------------------------------------------------------

def test_keys_come_by_https_with_a_certificate_that_is_checked(
        worker, new_issuer, new_publisher, receiver_certificate, tmp_path):
    good = new_publisher(receiver_certificate)
    bad = new_publisher(make_certificate(tmp_path, "nobody"))
    for publisher in (good, bad):
        publisher.pages = {OPENID: metadata(publisher),
                           "/keys": {"keys": [new_key("a")]}}
    issuers = [new_issuer(publisher.url) for publisher in (good, bad)]
    issuers[0].until_known("a")
    issuers[1].until_fault("ertificate")
    assert bad.asked == [] and issuers[1].kids == []


# -- what answers say about themselves ------------------------------------------

@pytest.mark.parametrize("headers, kept", [
    ({"Cache-Control": "public, max-age=600"}, 600),
    ({"Cache-Control": "max-age=600, must-revalidate", "Age": "100"}, 500),
    ({"Cache-Control": "no-store"}, 60),
    ({"Cache-Control": "no-cache, max-age=600"}, 60),
    ({"Cache-Control": "max-age=-1"}, 60),
    ({"Expires": "Thu, 01 Jan 1970 00:00:00 GMT"}, 60),
    ({"Expires": "0", "Cache-Control": "max-age=600"}, 600)], ids=str)
def test_how_long_an_answer_may_be_kept(worker, new_issuer, publisher, headers,
                                        kept):
    publisher.pages = {"/keys": (200, headers, {"keys": [new_key("a")]})}
    issuer = new_issuer("urn:kept", jwks_url=publisher.url + "/keys")
    issuer.until_known("a")
    assert kept <= issuer.wait() < kept + 60


def test_not_modified_is_no_answer_to_who_has_nothing(worker, new_issuer,
                                                      publisher):
    publisher.pages = {"/keys": (304, {"ETag": '"1"'}, "")}
    issuer = new_issuer("urn:nothing", jwks_url=publisher.url + "/keys")
    issuer.until_fault("status 304")


def test_an_etag_is_of_one_place(worker, new_issuer, publisher):
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
    until_looks(worker, issuer, *["fetched"] * 3)
    assert publisher.conditions[-1] == '"1"'


# -- what a set holds ----------------------------------------------------------

def rsa(**members):
    return {"kty": "RSA", "kid": "r", "n": "AQAB", "e": "AQAB", **members}


SETS = [
    [new_key("a"), rsa(use="enc"), rsa(kid=None), rsa(kid="", use="sig")],
    [rsa(), new_key("k" * 128), new_key("ü" * 128), new_key("k" * 129)],
    [{"kty": "oct", "kid": "s"}, {"kty": "none", "kid": "x", "none": "x"},
     {"kid": "y"}, 7, [], "x", None, new_key("a", kty=7), rsa(e=65537)],
    [new_key("a", key_ops=["verify"]), rsa(key_ops=["encrypt"]),
     rsa(key_ops="verify"), rsa(kid="s", key_ops=["sign", "verify"])],
    [new_key("a", x5c=["x"], x5t="y", iat=1, use="sig"), rsa(alg=7),
     rsa(use=None), rsa(use="sig", alg="RS512")],
    [{"kty": "OKP", "kid": "o", "crv": "Ed25519", "x": "AA", "y": "AA"},
     {"kty": "OKP", "kid": "p", "crv": "Ed25519"},
     {"kty": "EC", "kid": "q", "crv": "P-256", "x": "AA"}],
    [rsa(n="A" * 2048), rsa(kid="s", n="A" * 2049)],
    [new_key(str(n)) for n in range(64)],
    [],
    [new_key("a"), new_key("a")],
    [new_key("a"), new_key("a", use="enc")],
    [new_key(str(n)) for n in range(65)],
    *([new_key("a"), rsa(**{part: "x"})]
      for part in ("p", "q", "dp", "dq", "qi", "oth"))]


@pytest.mark.parametrize("keys", SETS, ids=range(len(SETS)))
def test_the_same_is_kept_of_a_set_however_it_comes(worker, new_issuer,
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


# -- several workers, several issuers -----------------------------------------

def test_a_slow_issuer_holds_up_nobody_else(worker, new_issuer, publisher):
    publisher.pages = {"/slow": "stall", "/keys": {"keys": [new_key("a")]}}
    slow = new_issuer("urn:slow", jwks_url=publisher.url + "/slow")
    assert publisher.begun.wait(60)
    other = new_issuer("urn:other", jwks_url=publisher.url + "/keys")
    other.until_known("a")
    assert slow.known["looked_at"] is None
    publisher.go_on.set()
    slow.until_fault("503")


def test_two_workers_look_at_each_issuer_once(worker, new_worker, new_issuer,
                                              publisher):
    paths = [f"/keys/{n}" for n in range(20)]
    publisher.pages = {path: {"keys": [new_key(path)]} for path in paths}
    workers = [worker, new_worker(ISSUER_ALLOW=INSIDE, ISSUER_CONNECTIONS=1)]
    issuers = [new_issuer("urn:" + path, jwks_url=publisher.url + path)
               for path in paths]
    for issuer, path in zip(issuers, paths):
        issuer.until_known(path)
        until(lambda: sum((looks(w, issuer) for w in workers), [])
              == ["fetched"])
    assert sorted(publisher.asked) == sorted(paths)


def test_what_a_killed_worker_began_another_does_after_its_lease(
        looker, new_issuer, publisher):
    publisher.pages = {"/keys": "stall"}
    issuer = new_issuer("urn:killed", jwks_url=publisher.url + "/keys")
    first = looker(ISSUER_TIMEOUT=300)
    assert publisher.begun.wait(60)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    publisher.pages = {"/keys": {"keys": [new_key("a")]}}
    looker(ISSUER_TIMEOUT=300)
    assert issuer.known["leased_until"] and issuer.kids == []
    issuer.pass_time("331 s")
    issuer.until_known("a")


def test_a_look_in_hand_is_finished_before_the_end(looker, new_issuer,
                                                   publisher):
    publisher.pages = {"/keys": "stall"}
    issuer = new_issuer("urn:end", jwks_url=publisher.url + "/keys")
    worker = looker(ISSUER_TIMEOUT=300, DRAIN_SECONDS=300)
    assert publisher.begun.wait(60)
    worker.terminate()
    until(lambda: "drain_started" in worker.log_file.read_text())
    publisher.go_on.set()
    assert worker.wait() == 0
    assert "503" in issuer.known["fault"]


def test_a_worker_without_connections_looks_at_nothing(
        worker, new_worker, new_issuer, publisher):
    publisher.pages = {"/keys": {"keys": [new_key("a")]}}
    idle = new_worker(ISSUER_CONNECTIONS=0)
    issuer = new_issuer("urn:none", jwks_url=publisher.url + "/keys")
    issuer.until_known("a")
    until_looks(worker, issuer, "fetched")
    assert looks(idle, issuer) == []


def test_the_log_tells_which_issuer_and_nothing_that_it_said(
        worker, new_issuer, publisher):
    publisher.pages = {"/s3cret": (200, {"ETag": '"s3cret"'},
                                   {"keys": [new_key("s3cret")]})}
    issuer = new_issuer("urn:s3cret", jwks_url=publisher.url + "/s3cret")
    until_looks(worker, issuer, "fetched")
    assert issuer.kids == ["s3cret"]
    assert "s3cret" not in worker.log_file.read_text()


@pytest.mark.parametrize("settings, word", [
    ({"ISSUER_ALLOW": "10.0.0.0/33"}, "ISSUER_ALLOW"),
    ({"ISSUER_CA_FILE": "/nowhere"}, "ISSUER_CA_FILE"),
    ({"ISSUER_TIMEOUT": "0"}, "ISSUER_TIMEOUT")])
def test_a_bad_setting_is_one_line(instance, settings, word):
    done = instance.run("run", program="casework-worker", **settings)
    assert done.returncode == 1
    assert done.stderr.startswith("casework: ") and word in done.stderr
