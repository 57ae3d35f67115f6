"""Where the worker may look for the keys of issuers, and workers that share
this, die, end, count and log (3.1)."""

import os
import signal

import pytest

from instance import figure, until
from issuers import INSIDE, OPENID, looks, metadata, new_key, until_looks
from webhooks import make_certificate

pytestmark = pytest.mark.direct


# -- where it looks -----------------------------------------------------------

@pytest.mark.parametrize("scheme", ["http", "https"])
def test_what_is_inside_is_asked_only_where_the_operator_allows_it(
        new_fetcher, new_issuer, new_publisher, receiver_certificate, scheme):
    publisher = new_publisher(
        *[receiver_certificate] if scheme == "https" else [])
    worker = new_fetcher(ISSUER_ALLOW="10.0.0.0/8",
                         ISSUER_CA_FILE=receiver_certificate[0])
    for host in ("127.0.0.1", "localhost", "0.0.0.0", "2130706433", "[::1]"):
        issuer = new_issuer("urn:" + host, jwks_url=publisher.url.replace(
            "127.0.0.1", host))
        issuer.until_fault("no address that may be asked")
        until_looks(worker, issuer, "address_refused")
    assert publisher.asked == []


def test_a_proxy_of_the_environment_is_not_used(new_fetcher, new_issuer,
                                                provider):
    issuer = new_issuer(provider.issuer)
    proxy = "http://127.0.0.1:1"
    new_fetcher(http_proxy=proxy, https_proxy=proxy, all_proxy=proxy,
                no_proxy="")
    issuer.until_known(*(
        key["kid"] for key in provider.key_set()["keys"]))


# -- certificates ------------------------------------------------------------

def test_keys_come_by_https_with_a_certificate_that_is_checked(
        fetcher, new_issuer, new_publisher, receiver_certificate, tmp_path):
    good = new_publisher(receiver_certificate)
    bad = new_publisher(make_certificate(tmp_path, "nobody"))
    for publisher in (good, bad):
        publisher.pages = {OPENID: metadata(publisher),
                           "/keys": {"keys": [new_key("a")]}}
    issuers = [new_issuer(publisher.url) for publisher in (good, bad)]
    issuers[0].until_known("a")
    issuers[1].until_fault("ertificate")
    assert bad.asked == [] and issuers[1].kids == []


# -- several workers, several issuers -----------------------------------------

def test_a_slow_issuer_holds_up_nobody_else(fetcher, new_issuer, publisher):
    publisher.pages = {"/slow": "stall", "/keys": {"keys": [new_key("a")]}}
    slow = new_issuer("urn:slow", jwks_url=publisher.url + "/slow")
    assert publisher.begun.wait(60)
    other = new_issuer("urn:other", jwks_url=publisher.url + "/keys")
    other.until_known("a")
    assert slow.known["looked_at"] is None
    publisher.go_on.set()
    slow.until_fault("503")


def test_two_workers_look_at_each_issuer_once(fetcher, new_worker, new_issuer,
                                              publisher):
    paths = [f"/keys/{n}" for n in range(20)]
    publisher.pages = {path: {"keys": [new_key(path)]} for path in paths}
    workers = [fetcher, new_worker(ISSUER_ALLOW=INSIDE, ISSUER_CONNECTIONS=1)]
    issuers = [new_issuer("urn:" + path, jwks_url=publisher.url + path)
               for path in paths]
    for issuer, path in zip(issuers, paths):
        issuer.until_known(path)
        until(lambda: sum((looks(w, issuer) for w in workers), [])
              == ["fetched"])
    assert sorted(publisher.asked) == sorted(paths)


def test_what_a_killed_worker_began_another_does_after_its_lease(
        new_fetcher, new_issuer, publisher):
    publisher.pages = {"/keys": "stall"}
    issuer = new_issuer("urn:killed", jwks_url=publisher.url + "/keys")
    first = new_fetcher(ISSUER_TIMEOUT=300)
    assert publisher.begun.wait(60)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    publisher.pages = {"/keys": {"keys": [new_key("a")]}}
    new_fetcher(ISSUER_TIMEOUT=300)
    assert issuer.known["leased_until"] and issuer.kids == []
    issuer.pass_time("331 s")
    issuer.until_known("a")


def test_a_look_in_hand_is_finished_before_the_end(new_fetcher, new_issuer,
                                                   publisher):
    publisher.pages = {"/keys": "stall"}
    issuer = new_issuer("urn:end", jwks_url=publisher.url + "/keys")
    worker = new_fetcher(ISSUER_TIMEOUT=300, DRAIN_SECONDS=300)
    assert publisher.begun.wait(60)
    worker.terminate()
    until(lambda: "drain_started" in worker.log_file.read_text())
    publisher.go_on.set()
    assert worker.wait() == 0
    assert "503" in issuer.known["fault"]


def test_a_worker_without_connections_looks_at_nothing(
        fetcher, new_worker, new_issuer, publisher):
    publisher.pages = {"/keys": {"keys": [new_key("a")]}}
    idle = new_worker(ISSUER_CONNECTIONS=0)
    issuer = new_issuer("urn:none", jwks_url=publisher.url + "/keys")
    issuer.until_known("a")
    until_looks(fetcher, issuer, "fetched")
    assert looks(idle, issuer) == []


def test_the_log_tells_which_issuer_and_nothing_that_it_said(
        fetcher, new_issuer, publisher):
    publisher.pages = {"/s3cret": (200, {"ETag": '"s3cret"'},
                                   {"keys": [new_key("s3cret")]})}
    issuer = new_issuer("urn:s3cret", jwks_url=publisher.url + "/s3cret")
    until_looks(fetcher, issuer, "fetched")
    assert issuer.kids == ["s3cret"]
    assert "s3cret" not in fetcher.log_file.read_text()


def test_what_came_of_looks_is_counted(new_fetcher, new_issuer, publisher):
    publisher.pages = {"/keys": {"keys": [new_key("a")]}}
    worker = new_fetcher()
    for path in ("/keys", "/nothing", "/keys?"):
        new_issuer("urn:" + path, jwks_url=publisher.url + path)
    for outcome, times in (("fetched", 1), ("4xx", 2)):
        until(lambda: figure(
            worker, f'issuer_looks_total{{outcome="{outcome}"}}') == times)


@pytest.mark.parametrize("settings, word", [
    ({"ISSUER_ALLOW": "10.0.0.0/33"}, "ISSUER_ALLOW"),
    ({"ISSUER_CA_FILE": "/nowhere"}, "ISSUER_CA_FILE"),
    ({"ISSUER_TIMEOUT": "0"}, "ISSUER_TIMEOUT")])
def test_a_bad_setting_is_one_line(instance, settings, word):
    done = instance.run("run", program="casework-worker", **settings)
    assert done.returncode == 1
    assert done.stderr.startswith("casework: ") and word in done.stderr
