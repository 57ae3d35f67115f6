"""Somebody is left always who can sign in as an administrator (3.2)."""

import uuid

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from client import Client
from instance import until
from issuers import public_jwk
from meeting import Begun, waiting
from sign_in import a_subject
from sql import Role, SqlError


@pytest.fixture
def alone(sql, world):
    """No other administrator is active."""
    administrator = world.staff("administrator")
    others = [row["id"] for row in sql.rows(
        "update casework.staff set active = false"
        " where active and 'administrator' = any (roles) and id <> %s"
        " returning id", administrator.id)]
    yield administrator
    sql.run("update casework.staff set active = true where id = any (%s)",
            others)
    sql.run("update casework.staff set active = true,"
            " roles = '{administrator}' where id = %s", administrator.id)


class Desk:
    """An issuer whose key is the test's own."""

    def __init__(self, world, by):
        self.tokens, self.by = world.tokens, by
        self.name = f"https://{a_subject()}.example"
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.kid = uuid.uuid4().hex
        self.path = by.post("/v1/issuers", {
            "name": "Desk", "issuer": self.name, "audiences": ["casework"],
            "jwks": {"keys": [{**public_jwk(self.key), "kid": self.kid}]}}).expect(
                201).location

    def links(self, person):
        """A sign-in of that person: where it is, and whoever comes by it."""
        subject = a_subject()
        made = self.by.post(f"/v1/staff/{person.id}/identities", {
            "issuer": self.name, "subject": subject}).expect(201)
        claims = self.tokens.claims(
            f"staff:{person.id}", iss=self.name, sub=subject)
        token = jwt.encode(claims, self.key, "ES256", {
            "kid": self.kid, "typ": "at+jwt"})
        return made.location, Client(self.by.service, token, "staff")


def comes_to(request, status):
    """A process that does not know the issuer yet refuses or waits."""
    answers = []
    until(lambda: answers.append(request()) or answers[-1].status == status)
    return answers[-1]


@pytest.fixture
def desk(world, alone):
    return Desk(world, alone)


@pytest.fixture
def signed_in(desk, alone):
    """Who is the last administrator, by its only sign-in."""
    _, me = desk.links(alone)
    until(lambda: me.get("/v1/me").status == 200)
    return me


def staff(person):
    return f"/v1/staff/{person.id}"


def is_last(answer):
    return answer.expect(409, problem="last-administrator")


def test_who_has_no_sign_in_is_no_administrator_who_is_left(
        signed_in, alone, desk, world):
    second = world.staff("administrator")
    is_last(comes_to(lambda: signed_in.patch(
        staff(alone), {"active": False}, etag="*"), 409))
    desk.links(second)
    comes_to(lambda: signed_in.patch(staff(alone), {"active": False},
                                     etag="*"), 200)


def test_nor_is_one_whose_sign_in_or_issuer_has_ended(
        signed_in, alone, desk, world):
    second = world.staff("administrator")
    ended, _ = desk.links(second)
    alone.delete(ended).expect(200)
    other = Desk(world, alone)
    other.links(second)
    alone.patch(other.path, {"active": False}, etag="*").expect(200)
    is_last(comes_to(lambda: signed_in.patch(
        staff(alone), {"active": False}, etag="*"), 409))


def test_the_issuer_of_the_last_one_stays_active(signed_in, desk, world,
                                                 alone):
    change = {"active": False, "name": "Ended"}
    is_last(comes_to(lambda: signed_in.patch(desk.path, change, etag="*"),
                     409))
    assert alone.get(desk.path).expect(200)["name"] == "Desk"
    comes_to(lambda: signed_in.patch(desk.path, {"name": "Door"}, etag="*"),
             200)
    Desk(world, alone).links(world.staff("administrator"))
    comes_to(lambda: signed_in.patch(desk.path, change, etag="*"), 200)


def test_who_comes_by_a_key_of_the_operator_is_left(alone, desk, world):
    """It is this request that shows it: of others nobody knows."""
    second = world.staff("administrator")
    path, _ = desk.links(second)
    alone.delete(path).expect(200)
    alone.patch(desk.path, {"active": False}, etag="*").expect(200)
    is_last(alone.patch(staff(alone), {"active": False}, etag="*"))
    alone.patch(staff(second), {"active": False}, etag="*").expect(200)


@pytest.mark.direct
def test_two_do_not_end_each_other_s_sign_in(alone, desk, world, instance,
                                             sql):
    """Each has seen that the other is left; the second waits, and sees that
    nobody would be."""
    second = world.staff("administrator")
    ids = [int(desk.links(who)[0].rpartition("/")[2])
           for who in (alone, second)]
    sessions = [Role("staff", instance.role_url("staff"), instance.env)
                for _ in ids]
    beginnings = [
        f"{session.beginning(who.id)}set lock_timeout = '60s';"
        f" select rules.begin_identity({mine}, '{desk.kid}', null)"
        " \\g /dev/null\n"
        for session, who, mine in zip(sessions, (alone, second), ids)]
    end = "select status from rules.end_identity(%s)"
    try:
        for session, beginning in zip(sessions, beginnings):
            session.run(beginning)
        assert sessions[0].run(end, ids[1]) == "200"
        before = waiting(sql)
        late = Begun(lambda: sessions[1].run(end, ids[0]))
        until(lambda: late.is_done or waiting(sql) > before)
        sessions[0].run("commit")
        with pytest.raises(SqlError, match="last-administrator"):
            late.end()
    finally:
        for session in sessions:
            session.close()
    assert [row["ended_at"] is None for row in sql.rows(
        "select ended_at from casework.identities where id = any (%s)"
        " order by id", ids)] == [True, False]


@pytest.mark.direct
def test_an_import_counts_as_its_sender_signs_in(alone, desk, world, sql,
                                                 as_role):
    """Its lines are no request: who sent them has never had a sign-in, and
    so came by a key of the operator; or has one still."""
    second = world.staff("administrator")
    worker = as_role("worker")

    def may(without):
        return worker.run(
            "begin;\nselect rules.act_as_importer(%s) \\g /dev/null\n"
            "select rules.administrator_left(%s);\nrollback",
            running, without) == "t"
    running = sql.value(
        "insert into casework.imports (kind, media_type, validate_only, state,"
        " leased_until, created_by_kind, created_by_id, created_by_name,"
        " created_at) values ('staff', 'text/csv', false, 'running',"
        " clock_timestamp() + interval '1 min', 'staff', %s, 'Administrator',"
        " rules.now()) returning id", alone.id)
    assert may(second.id) and not may(alone.id)
    path, _ = desk.links(alone)
    assert may(second.id)
    alone.delete(path).expect(200)
    assert not may(second.id)
    sql.run("update casework.imports set state = 'cancelled',"
            " leased_until = null where id = %s", running)
