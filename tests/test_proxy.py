"""What docker/haproxy.cfg keeps from the public, and out of its log."""

import http.client
import json
import os
import ssl
import subprocess

import pytest

from instance import ROOT, free_port, until

pytestmark = pytest.mark.direct
HERE = "127.0.0.1"
ELSEWHERE = "127.0.0.2"     # loopback too, but not the address that is let in


class Proxy:
    """HAProxy with the shipped configuration, in front of the service."""

    def __init__(self, service_port, certificate, log):
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
                     "CASEWORK_SERVER": f"{HERE}:{service_port}"},
                stdin=subprocess.DEVNULL, stdout=output, stderr=output)

    def get(self, path, source=ELSEWHERE, tls=True):
        """Status, headers and body; the path is sent as it is."""
        if tls:
            connection = http.client.HTTPSConnection(
                HERE, self.tls_port, context=self.tls, timeout=10,
                source_address=(source, 0))
        else:
            connection = http.client.HTTPConnection(
                HERE, self.port, timeout=10, source_address=(source, 0))
        try:
            connection.request("GET", path)
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

    def end(self):
        self.process.terminate()
        self.process.wait()


@pytest.fixture(scope="module")
def new_proxy(receiver_certificate, tmp_path_factory):
    def start(port):
        log = tmp_path_factory.mktemp("proxy") / "haproxy.log"
        running.append(Proxy(port, receiver_certificate, log))
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
