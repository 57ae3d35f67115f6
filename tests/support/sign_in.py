"""Issuers of tests: real providers that an administrator makes known."""

import uuid

from client import Client
from instance import until


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
