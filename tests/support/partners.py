"""Partners as administrators make them, with people, machine clients, and
identities of both; and of others, as rows."""

import uuid

from sql import SqlError, literal

PARTNERS = "/v1/partners"


def administrator(world):
    return world.staff("administrator")


def an_organisation(**changes):
    """A good partner to add."""
    return {"name": f"Cooperative {uuid.uuid4().hex[:8]}", "kind": "esa",
            "owner": "Integration team", **changes}


def a_person(world, partner_id, mark=""):
    """Its id."""
    return administrator(world).post(f"{PARTNERS}/{partner_id}/people", {
        "name": f"Person {mark}", "email": f"{uuid.uuid4().hex}@example.org"}
        ).expect(201)["id"]


def a_client(world, partner_id, mark=""):
    """Its id."""
    return administrator(world).post(f"{PARTNERS}/{partner_id}/clients", {
        "name": f"Sync {mark}", "owner": "Integration team"}
        ).expect(201)["id"]


class Identities:
    """What callers sign in by, as rows: of an issuer of the test's own, with
    one key."""

    KID = "key-1"
    COLUMNS = {"people": "partner_person_id", "clients": "partner_client_id",
               "telephony": "telephony_client_id", "contact": "contact_id",
               "staff": "staff_id"}

    def __init__(self, sql):
        self.sql = sql
        self.issuer = sql.value(
            "insert into casework.issuers (name, issuer, audiences,"
            " token_types, scope_claims, links_by_email, active) values"
            " ('Issuer', %s, '{casework}', '{JWT}', '{scope}', false, true)"
            " returning id", f"https://{uuid.uuid4().hex}.example")
        sql.run("update casework.issuer_keys set kids = %s"
                " where issuer_id = %s", [self.KID], self.issuer)

    def link(self, kind, number):
        """Its id."""
        return self.sql.value(
            f"insert into casework.identities (issuer_id, subject,"
            f" {self.COLUMNS[kind]}, linked_at, linked_by_kind, linked_by_id,"
            f" linked_by_name) values (%s, %s, %s, rules.now(), 'staff', 1,"
            f" 'Advisor 1') returning id", self.issuer, uuid.uuid4().hex,
            number)

    def ended(self):
        return {row["id"] for row in self.sql.rows(
            "select id from casework.identities where issuer_id = %s"
            " and ended_at is not null", self.issuer)}

    def ended_by(self, identity):
        row = self.sql.row(
            "select ended_by_kind as kind, ended_by_id as id from"
            " casework.identities where id = %s", identity)
        return row["kind"], row["id"]


def signed_in(role, partner, identity, statement, *values, actor=""):
    """What the statement prints, in a request that comes by that identity and
    is committed."""
    if values:
        statement = statement % tuple(literal(v) for v in values)
    try:
        return role.run(
            f"{role.beginning(partner.id, actor)}select rules.begin_identity("
            f"{identity}, '{Identities.KID}', null) \\g /dev/null\n{statement};\n"
            "commit")
    except SqlError:
        role.run("rollback")
        raise
