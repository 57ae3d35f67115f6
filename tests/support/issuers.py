"""Issuers of a test, and what is known of their keys."""

import json
import uuid

from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from instance import until
from tokens import encoded

INSIDE = "127.0.0.0/8"
# As a process that knows what there is.
WANT = ("select rules.want_keys(%s, k.number) as w"
        " from rules.known_issuers(null) k")
OPENID = "/.well-known/openid-configuration"


def public_jwk(key):
    """Of a private EC key, with all bytes of its coordinates (RFC 7518
    6.2.1.2): PyJWT leaves out those in front that are zero."""
    numbers = key.public_key().public_numbers()
    size = (key.curve.key_size + 7) // 8
    return {**json.loads(ECAlgorithm.to_jwk(key.public_key())),
            "x": encoded(numbers.x.to_bytes(size, "big")),
            "y": encoded(numbers.y.to_bytes(size, "big"))}


def new_key(kid=None, **members):
    """Its public half, as providers publish it."""
    return {**public_jwk(ec.generate_private_key(ec.SECP256R1())),
            "kid": kid or uuid.uuid4().hex, "alg": "ES256", **members}


class Issuer:
    """`name` is what its tokens call it."""

    def __init__(self, sql, name, jwks_url=None, jwks=None):
        self.sql, self.name = sql, name
        self.id = sql.value(
            "insert into casework.issuers (name, issuer, audiences, jwks_url,"
            " jwks, token_types, scope_claims, links_by_email, active)"
            " values ('x', %s, '{casework}', %s, %s, '{at+jwt}', '{scope}',"
            " false, true) returning id", name, jwks_url, jwks)

    def change(self, **columns):
        for name, value in columns.items():
            self.sql.run(f"update casework.issuers set {name} = %s"
                         " where id = %s", value, self.id)

    @property
    def known(self):
        return self.sql.row("select * from casework.issuer_keys"
                            " where issuer_id = %s", self.id)

    @property
    def kids(self):
        return self.known["kids"]

    def pass_time(self, interval):
        """All that is known of its keys becomes older by that."""
        self.sql.run(
            "update casework.issuer_keys set (fetched_at, fresh_until,"
            " looked_at, wanted_at, leased_until) = (fetched_at - i,"
            " fresh_until - i, looked_at - i, wanted_at - i,"
            " leased_until - i) from (values (%s::interval)) as v (i)"
            " where issuer_id = %s", interval, self.id)

    def look_again(self):
        """Its keys are old, and nobody has looked for a while."""
        self.pass_time("2 days")

    def wait(self):
        """Seconds from the last look to the next."""
        return float(self.sql.value(
            "select extract(epoch from fresh_until - looked_at) as s"
            " from casework.issuer_keys where issuer_id = %s", self.id))

    def until_known(self, *kids):
        until(lambda: self.kids == list(kids))

    def until_fault(self, words=""):
        return until(lambda: self.known["fault"] is not None
                     and words in self.known["fault"]
                     and self.known["fault"])


def end_all(sql):
    """What other tests have left is nobody's business, and names are free."""
    sql.run("update casework.issuers set active = false,"
            " issuer = issuer || ' ' || id where issuer not like '% %'")


def metadata(publisher, name="", **members):
    return {"issuer": publisher.url + name,
            "jwks_uri": publisher.url + "/keys", **members}


def looks(worker, issuer):
    """What came of each, by the log."""
    lines = map(json.loads, worker.log_file.open())
    return [line["detail"] for line in lines if line["event"] == "issuer_look"
            and line["subject"] == str(issuer.id)]


def until_looks(worker, issuer, *outcomes):
    until(lambda: looks(worker, issuer) == list(outcomes))
