"""A flood of wrong tokens: it costs its source, and no other caller.

What it costs is counted: casework_signature_checks_total in /metrics.
"""

import re
import time

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from client import Client, Service
from instance import until
from tokens import forge, public_pem

pytestmark = pytest.mark.direct
ME = "/v1/me"
BURST, RATE = 100, 20       # failures of a source and key: at once, a second
FLOODER, OTHER = "198.51.100.7", "203.0.113.9"


class Issuer:
    """A key of the list, and what is signed with it or pretends to be."""

    def __init__(self, alg, key, kid, tokens, size):
        self.alg, self.key, self.kid = alg, key, kid
        self.tokens, self.size, self.made = tokens, size, 0

    def fresh(self, number=1):
        return self.tokens.mint(f"staff:{number}", key=self.key,
                                alg=self.alg, kid=self.kid)

    def junk(self):
        """Right in all but its signature, and never sent before."""
        self.made += 1
        return forge({"alg": self.alg, "typ": "at+jwt", "kid": self.kid},
                     self.tokens.claims("staff:1"),
                     lambda _: self.made.to_bytes(self.size, "big"))


@pytest.fixture(scope="module")
def issuers(keyring, tokens):
    keys = {
        "RS256": rsa.generate_private_key(public_exponent=65537,
                                          key_size=2048),
        "ES256": ec.generate_private_key(ec.SECP256R1())}
    keyring.add(*({"kid": f"flood-{alg}", "alg": alg,
                   "public_key": public_pem(key)}
                  for alg, key in keys.items()))
    sizes = {"RS256": 256, "ES256": 64}
    return {"HS256": Issuer("HS256", None, tokens.key["kid"], tokens, 32),
            **{alg: Issuer(alg, key, f"flood-{alg}", tokens, sizes[alg])
               for alg, key in keys.items()}}


class Front:
    """A service behind a proxy that says where each request comes from."""

    def __init__(self, process, contract):
        self.service = Service(process.url, contract)

    def show(self, token, source):
        return Client(self.service, token, "staff").get(
            ME, headers={"X-Forwarded-For": source})

    def checks(self, alg, result):
        return self.metric("signature_checks_total",
                           f'alg="{alg}",result="{result}"')

    def failures(self, reason):
        return self.metric("token_failures_total", f'reason="{reason}"')

    def metric(self, name, labels):
        text = Client(self.service).get("/metrics").body.decode()
        return int(re.search(rf"^casework_{name}{{{labels}}} (\d+)$", text,
                             re.MULTILINE).group(1))


@pytest.fixture
def front(instance, contract, issuers):
    with instance.beside(TRUSTED_PROXIES="127.0.0.1") as process:
        front = Front(process, contract)
        yield front
        front.service.close()


@pytest.mark.parametrize("alg", ["RS256", "ES256"])
def test_a_flood_of_junk_is_refused_to_its_source_alone(front, issuers, alg):
    issuer = issuers[alg]
    known = issuer.fresh()
    front.show(known, FLOODER).expect(200)
    start, others = time.monotonic(), 0

    def refused():
        """So much junk that a good token of the same source has to wait."""
        nonlocal others
        for _ in range(50):
            front.show(issuer.junk(), FLOODER).expect(401, 429)
        front.show(issuer.fresh(), OTHER).expect(200)
        others += 1
        answer = front.show(issuer.fresh(), FLOODER).expect(200, 429)
        return answer.status == 429 and answer
    answer = until(refused)
    assert answer.problem == "too-many-bad-tokens"
    assert answer.headers["retry-after"] == "1"
    assert "www-authenticate" not in answer.headers
    for _ in range(300):
        front.show(issuer.junk(), FLOODER).expect(401, 429)
    paid = front.checks(alg, "wrong")
    assert BURST <= paid <= BURST + RATE * (time.monotonic() - start) + 1
    assert front.checks(alg, "right") >= others
    assert front.failures("busy") > 0

    front.show(known, FLOODER).expect(200)
    front.show(issuers["HS256"].fresh(), FLOODER).expect(200)
    front.show(issuer.fresh(2), OTHER).expect(200)
    until(lambda: front.show(issuer.fresh(), FLOODER).status == 200)


def test_many_keys_and_cheap_ones_make_no_difference_to_others(front, issuers):
    seen = set()

    def flooded():
        for issuer in issuers.values():
            for _ in range(40):
                answer = front.show(issuer.junk(), FLOODER)
                seen.add((issuer.alg, answer.expect(401, 429).status))
            front.show(issuer.fresh(), OTHER).expect(200)
        return {("RS256", 429), ("ES256", 429)} <= seen
    until(flooded)
    assert ("HS256", 429) not in seen       # costs less than its request


def test_the_same_wrong_token_is_checked_once(front, issuers):
    """A script that goes on with an expired one does not hurt its school. When
    keys change meanwhile, it is checked by the new ones."""
    issuer = issuers["ES256"]

    def expired():
        return issuer.tokens.mint(
            "staff:1", key=issuer.key, alg="ES256", kid=issuer.kid,
            exp=int(time.time()) - 5)

    def checks(token, result):
        before = front.checks("ES256", result)
        for _ in range(2 * BURST):
            front.show(token, FLOODER).expect(401, problem="invalid-token")
        return front.checks("ES256", result) - before
    until(lambda: checks(issuer.junk(), "wrong") == 1)
    until(lambda: checks(expired(), "right") == 1)
    assert front.failures("repeated") >= 2 * (2 * BURST - 1)
    front.show(issuer.fresh(), FLOODER).expect(200)


def test_a_header_does_not_make_another_source(instance, contract, issuers):
    """Who is no proxy may write what it likes into X-Forwarded-For."""
    with instance.beside() as process:
        front = Front(process, contract)
        issuer, sent = issuers["ES256"], 0

        def refused():
            nonlocal sent
            sent += 1
            return front.show(issuer.junk(), f"10.1.{sent // 250}."
                              f"{sent % 250}").status == 429
        until(lambda: any(refused() for _ in range(50)))
        front.service.close()
