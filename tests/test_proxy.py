"""What docker/haproxy.cfg keeps from the public, and out of its log; and what
one address may do."""

import http.client
import ipaddress
import itertools
import json
import os
import socket
import ssl
import subprocess

import pytest
import yaml

from instance import ROOT, free_port, until

pytestmark = pytest.mark.direct
HERE = "127.0.0.1"
ELSEWHERE = "127.0.0.2"     # loopback too, but not the address that is let in


class Proxy:
    """HAProxy with the shipped configuration, in front of the service."""

    def __init__(self, service_port, certificate, log, settings):
        self.log, self.tls_port, self.port = log, free_port(), free_port()
        self.tls = ssl.create_default_context(cafile=certificate[0])
        self.tls.check_hostname = False
        combined = log.with_name("tls.pem")
        combined.write_text("".join(
            open(part, encoding="utf-8").read() for part in certificate))
        with log.open("w") as output:
            self.process = subprocess.Popen(
                ["haproxy", "-db", "-f", ROOT / "docker" / "haproxy.cfg"],
                env={**os.environ,
                     "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin",
                     "HTTP_BIND": f"{HERE}:{self.port}",
                     "HTTPS_BIND": f"{HERE}:{self.tls_port}",
                     "CERTIFICATE": str(combined),
                     "CASEWORK_SERVER": f"{HERE}:{service_port}",
                     **{name: str(value)
                        for name, value in settings.items()}},
                stdin=subprocess.DEVNULL, stdout=output, stderr=output)

    def get(self, path, source=ELSEWHERE, tls=True, token=None):
        """Status, headers and body; the path is sent as it is."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if tls:
            connection = http.client.HTTPSConnection(
                HERE, self.tls_port, context=self.tls, timeout=10,
                source_address=(source, 0))
        else:
            connection = http.client.HTTPConnection(
                HERE, self.port, timeout=10, source_address=(source, 0))
        try:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def is_up(self):
        try:
            return self.get("/v1/calendar")[0] == 200
        except OSError:
            return False

    def logged(self, word):
        """The log, once there is a line with that word."""
        until(lambda: word in self.log.read_text())
        return self.log.read_text()


    def is_down(self):
        try:
            return self.get("/v1/calendar")[0] == 503
        except OSError:
            return False

    def open(self, source):
        """A connection that stays; its handshake is done."""
        return self.tls.wrap_socket(socket.create_connection(
            (HERE, self.tls_port), timeout=20, source_address=(source, 0)))

    def until_limited(self, source, tokens=itertools.repeat(None)):
        """Asks until the address has too much; what it is told then."""
        def limited():
            answer = self.get("/v1/me", source, token=next(tokens))
            assert answer[0] in (401, 429)
            return answer[0] == 429 and answer
        _, headers, body = until(limited, pause=0)
        problem = json.loads(body)
        assert headers["content-type"] == "application/problem+json"
        assert headers["cache-control"] == "no-store"
        assert (problem["status"], problem["title"]) == (
            429, "Too Many Requests")
        assert problem["request_id"] == headers["request-id"] != ""
        return int(headers["retry-after"]), problem["detail"]

    def end(self):
        self.process.terminate()
        self.process.wait()


@pytest.fixture(scope="module")
def new_proxy(receiver_certificate, tmp_path_factory):
    def start(port, **settings):
        log = tmp_path_factory.mktemp("proxy") / "haproxy.log"
        running.append(Proxy(port, receiver_certificate, log, settings))
        return running[-1]
    running = []
    yield start
    for proxy in running:
        proxy.end()


@pytest.fixture(scope="module")
def proxy(instance, new_proxy):
    proxy = new_proxy(instance.env["PORT"])
    until(proxy.is_up)
    return proxy


@pytest.mark.parametrize("path", [
    "/metrics", "/livez", "/readyz", "/metrics?x", "/%6detrics",
    "/v1/../metrics", "/./readyz"])
def test_the_public_has_no_probes_and_no_metrics(proxy, path):
    status, headers, body = proxy.get(path)
    assert (status, headers["content-type"]) == (
        404, "application/problem+json")
    problem = json.loads(body)
    assert problem["status"] == 404
    assert problem["request_id"] == headers["request-id"] != ""
    assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/metrics", "/livez", "/readyz"])
def test_who_sits_at_the_proxy_has_them(proxy, path):
    assert proxy.get(path, source=HERE)[0] == 200


@pytest.mark.parametrize("path", [
    "/v1/surveys/TOKEN", "/v1/surveys/TOKEN/response",
    "/v1/survey-opt-out/TOKEN", "/v1/survey%73/TOKEN", "/v1/surveys//TOKEN",
    "/v1/x/../surveys/TOKEN", "/V1/Surveys/TOKEN", "/v1/surveys/TOKEN?TOKEN"])
@pytest.mark.parametrize("tls", [True, False])
def test_a_survey_token_is_not_logged(proxy, path, tls):
    mark = f"no-such-path-{free_port()}"
    proxy.get(path.replace("TOKEN", "s3cr3t-t0k3n"), tls=tls)
    proxy.get("/" + mark)
    assert "s3cr3t" not in proxy.logged(mark)


def test_other_paths_are_logged_without_their_query(proxy):
    proxy.get("/v1/service-levels?name=somebody")
    log = proxy.logged("/v1/service-levels")
    assert "somebody" not in log
    proxy.get("/v1/survey-opt-out/x")
    proxy.logged("GET /v1/survey-opt-out/- ")


def test_without_a_service_the_proxy_says_so_and_how_to_ask(new_proxy):
    alone = new_proxy(free_port())
    until(alone.is_down)
    _, headers, body = alone.get("/v1/calendar")
    assert headers["retry-after"] == "2"
    assert json.loads(body)["request_id"] == headers["request-id"] != ""
    assert headers["request-id"] in alone.logged(headers["request-id"])


def test_the_service_in_compose_trusts_its_proxy_and_nobody_else():
    compose = yaml.safe_load((ROOT / "docker" / "compose.yaml").read_text())
    services = compose["services"]
    address = services["haproxy"]["networks"]["inside"]["ipv4_address"]
    assert services["casework"]["environment"]["TRUSTED_PROXIES"] == address
    (net,) = compose["networks"]["inside"]["ipam"]["config"]
    subnet, others = (ipaddress.ip_network(net[name])
                      for name in ("subnet", "ip_range"))
    assert ipaddress.ip_address(address) in subnet
    assert ipaddress.ip_address(address) not in others
    assert others.subnet_of(subnet)


# -- what one address may do -----------------------------------------------

OTHER = "127.0.0.3"


@pytest.fixture
def limited(instance, new_proxy):
    def start(**settings):
        proxy = new_proxy(instance.env["PORT"], **settings)
        until(lambda: answers(proxy))
        return proxy

    def answers(proxy):
        try:
            return proxy.get("/livez", source=HERE)[0] == 200
        except OSError:
            return False
    return start


def test_an_address_has_so_many_connections(limited):
    proxy = limited(SOURCE_CONNECTIONS=3)
    mine = [proxy.open(ELSEWHERE) for _ in range(3)]
    for tls in (True, False):
        with pytest.raises(OSError):
            proxy.get("/v1/calendar", tls=tls)
    assert proxy.get("/v1/calendar", source=OTHER)[0] == 200
    for connection in mine:
        connection.close()

    def served():
        try:
            return proxy.get("/v1/calendar")[0] == 200
        except OSError:
            return False
    until(served)


def test_an_address_opens_so_many_connections_in_a_time(limited):
    proxy = limited(SOURCE_CONNECTION_RATE=30)

    def refused():
        try:
            proxy.get("/v1/calendar")
        except OSError:
            return True
    until(refused, pause=0)
    assert proxy.get("/v1/calendar", source=OTHER)[0] == 200


def test_an_address_sends_so_many_requests_in_a_time(limited):
    proxy = limited(SOURCE_REQUESTS=20)
    wait, detail = proxy.until_limited(ELSEWHERE)
    assert wait == 10 and "requests" in detail
    for path in ("/v1/calendar", "/livez", "/nowhere"):
        until(lambda p=path: proxy.get(p)[0] == 429, pause=0)
    assert proxy.get("/v1/calendar", source=OTHER)[0] == 200
    with pytest.raises(OSError):
        proxy.get("/v1/calendar", tls=False)


def test_an_address_has_so_many_requests_under_way(limited):
    """However slowly their bodies come. Each holds a connection to the service,
    and all of these would be everybody's."""
    proxy = limited(SOURCE_AT_ONCE=3)
    held = [proxy.open(ELSEWHERE) for _ in range(3)]
    for connection in held:
        connection.sendall(b"POST /v1/surveys/x/response HTTP/1.1\r\n"
                           b"Host: a\r\nContent-Length: 9\r\n\r\n")
    until(lambda: proxy.get("/v1/calendar")[0] == 429)
    status, headers, body = proxy.get("/v1/calendar")
    assert (status, headers["retry-after"]) == (429, "1")
    assert "under way" in json.loads(body)["detail"]
    assert proxy.get("/v1/calendar", source=OTHER)[0] == 200
    for connection in held:
        connection.close()
    until(lambda: proxy.get("/v1/calendar")[0] == 200)


def test_what_is_refused_in_masses_does_not_fill_the_log(limited):
    proxy = limited(SOURCE_REQUESTS=1)
    proxy.until_limited(ELSEWHERE)
    refused = sum(proxy.get("/v1/calendar")[0] == 429 for _ in range(200))
    mark = f"no-such-path-{free_port()}"
    proxy.get("/" + mark, source=OTHER)
    # One in a hundred: a fifth of two hundred never happens.
    assert proxy.logged(mark).count(" 429 ") < max(refused, 100) / 5


def test_an_address_has_so_many_tokens_refused(limited, contact):
    """Its neighbours with good tokens are served all the same, and so is who
    sends none."""
    proxy = limited(SOURCE_BAD_TOKENS=5)
    assert proxy.get("/v1/me", token=contact.token)[0] == 200
    wait, detail = proxy.until_limited(ELSEWHERE, tokens=wrong_tokens())
    assert wait == 60 and "tokens" in detail
    assert proxy.get("/v1/me", token=contact.token)[0] == 200
    assert proxy.get("/v1/me", token=contact.token + "x")[0] == 429
    assert proxy.get("/v1/calendar")[0] == 200
    assert proxy.get("/v1/me", source=OTHER, token="no.such.token")[0] == 401


def wrong_tokens():
    return (f"no.such.token{number}" for number in itertools.count())


def test_where_nobody_asks_for_it_no_token_is_accepted(limited):
    """What is open to all answers 200 to any token."""
    proxy = limited(SOURCE_BAD_TOKENS=5)
    for path in ("/openapi.json", "/problems"):
        assert proxy.get(path, token="never.judged")[0] == 200
    proxy.until_limited(ELSEWHERE, tokens=wrong_tokens())
    assert proxy.get("/v1/me", token="never.judged")[0] == 429


def test_a_token_that_is_sent_again_and_again_counts_once(limited, contact):
    """Who goes on with one that has expired does not shut out the others."""
    proxy = limited(SOURCE_BAD_TOKENS=5)
    for _ in range(20):
        assert proxy.get("/v1/me", token="has.expired")[0] == 401
    assert proxy.get("/v1/me", token=contact.token)[0] == 200


def test_a_token_is_all_of_its_header(limited):
    """Not only what stands behind a comma."""
    proxy = limited(SOURCE_BAD_TOKENS=5)
    proxy.until_limited(ELSEWHERE, tokens=(
        f"no.such{number},token" for number in itertools.count()))
