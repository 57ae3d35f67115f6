"""Issuers of tests: real providers that an administrator makes known."""

import uuid

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

from client import Client
from instance import until
from issuers import public_jwk


class Issuer:
    """A provider whose keys were given by hand."""

    def __init__(self, world, provider, **members):
        self.world, self.sql, self.provider = world, world.sql, provider
        self.by = world.staff("administrator")
        answer = self.by.post("/v1/issuers", {
            "name": "A provider", "issuer": provider.issuer,
            "audiences": ["casework"], "jwks": provider.key_set(),
            **members}).expect(201)
        self.id, self.path = answer["id"], answer.location

    def change(self, **members):
        return self.by.patch(self.path, members, etag="*").expect(200)

    def publish(self):
        """The keys that the provider has now."""
        return self.change(jwks=self.provider.key_set())

    def link(self, subject, whom):
        """whom: the path of a person or a machine."""
        return self.by.post(f"{whom}/identities", {
            "issuer": self.provider.issuer, "subject": subject}).expect(
                201).location

    def end(self, identity):
        return self.by.delete(identity).expect(200)

    def caller(self, token, kind):
        return Client(self.world.service, token, kind)

    def until_known(self, token):
        """Until processes take its keys."""
        until(lambda: self.caller(token, "contact").get("/v1/me").status
              not in (401, 503))


def a_subject():
    return str(uuid.uuid4())


def sign_in(world, partner, person):
    """A caller: that person of the partner, by its own sign-in at an issuer
    that was made known by hand."""
    key, kid = ec.generate_private_key(ec.SECP256R1()), a_subject()
    name, subject = f"https://{a_subject()}.example", a_subject()
    by = world.staff("administrator")
    by.post("/v1/issuers", {
        "name": "A provider", "issuer": name, "audiences": ["casework"],
        "jwks": {"keys": [{**public_jwk(key), "kid": kid, "alg": "ES256"}]}}
        ).expect(201)
    by.post(f"/v1/partners/{partner.id}/people/{person}/identities", {
        "issuer": name, "subject": subject}).expect(201)
    caller = world.caller(f"partner:{partner.id}")
    caller.token = jwt.encode(
        world.tokens.claims(f"partner:{partner.id}", iss=name, sub=subject),
        key, algorithm="ES256", headers={"kid": kid, "typ": "at+jwt"})
    until(lambda: caller.get("/v1/me").status not in (401, 503))
    return caller
