"""Issuers of tests: a real provider that the database knows of."""

import json
import uuid

from client import Client
from instance import until


class Issuer:
    """A provider (or only a name), as an administrator makes it known."""

    def __init__(self, world, provider, **members):
        self.world, self.sql, self.provider = world, world.sql, provider
        row = {"name": "A provider", "issuer": provider.issuer,
               "audiences": ["casework"], "token_types": ["at+jwt"],
               "scope_claims": ["scope"], "links_by_email": False,
               "active": True, **members}
        columns = ", ".join(row)
        marks = ", ".join(["%s"] * len(row))
        self.id = self.sql.value(
            f"insert into casework.issuers ({columns}) values ({marks})"
            " returning id", *[json.dumps(v) if isinstance(v, list) and isinstance(v[0], dict) else v
                               for v in row.values()])

    def change(self, **members):
        (column, value), = members.items()
        self.sql.run(f"update casework.issuers set {column} = %s where id ="
                     " %s", value, self.id)

    def publish(self, keys=None):
        """As if the worker had just looked."""
        keys = (keys or self.provider.key_set())["keys"]
        self.sql.run(
            "insert into casework.issuer_keys (issuer_id, keys, kids,"
            " fetched_at, looked_at) values (%s, %s, %s, clock_timestamp(),"
            " clock_timestamp()) on conflict (issuer_id) do update set keys ="
            " excluded.keys, kids = excluded.kids, looked_at ="
            " excluded.looked_at",
            self.id, json.dumps(keys), [key["kid"] for key in keys])

    def link(self, subject, **whom):
        """whom: contact_id=17, …"""
        (column, number), = whom.items()
        return self.sql.value(
            f"insert into casework.identities (issuer_id, subject, {column},"
            " linked_at, linked_by_kind, linked_by_id, linked_by_name) values"
            " (%s, %s, %s, rules.now(), 'staff', 3, 'Administrator 3')"
            " returning id", self.id, subject, number)

    def end(self, identity):
        self.sql.run(
            "update casework.identities set ended_at = rules.now(),"
            " ended_by_kind = 'staff', ended_by_id = 3, ended_by_name ="
            " 'Administrator 3' where id = %s", identity)

    def caller(self, token, kind):
        return Client(self.world.service, token, kind)

    def until_known(self, token):
        """Until every process takes its keys."""
        until(lambda: self.caller(token, "contact").get("/v1/me").status
              != 401)


def a_subject():
    return str(uuid.uuid4())
