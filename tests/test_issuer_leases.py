"""Which issuer the worker looks at next, what is made of what it finds, and
keys that are given by hand (3.1), by the rules alone."""

import json

import pytest

from issuers import WANT, Issuer, end_all, new_key
from sql import SqlError

SETTLE = ("select rules.settle_issuer(%s, %s, %s, %s, %s, %s, %s, %s)"
          " as settled")


@pytest.fixture
def new_issuer(sql):
    """The only ones that there are."""
    end_all(sql)
    made = []

    def make(**columns):
        made.append(Issuer(sql, f"https://issuer-{len(made)}.example/",
                           **columns))
        return made[-1]
    yield make
    end_all(sql)


@pytest.fixture
def issuer(new_issuer):
    return new_issuer()


class Looker:
    """What the worker does, without asking anybody."""

    def __init__(self, worker):
        self.worker = worker

    def lease(self):
        """None: nobody is due."""
        row = self.worker.row("select * from rules.lease_issuer(40)")
        return row if row["id"] is not None else None

    def settle(self, leased, keys=None, source="https://keys.example/",
               etag=None, fresh=None, fault=None):
        return self.worker.value(
            SETTLE, leased["id"], leased["lease"], leased["began"],
            json.dumps(keys) if keys is not None else None, source, etag,
            fresh, fault)

    def look(self, issuer, **found):
        leased = self.lease()
        assert leased and leased["id"] == issuer.id
        assert self.settle(leased, **found)


@pytest.fixture
def looker(as_role):
    return Looker(as_role("worker"))


@pytest.fixture
def want(as_role):
    def want(issuer):
        return as_role("public").value(WANT,
                                       issuer.id)
    return want


# -- which is due ------------------------------------------------------------

def test_an_issuer_that_was_never_looked_at_is_due(looker, issuer):
    leased = looker.lease()
    assert leased["id"] == issuer.id and leased["issuer"] == issuer.name
    assert leased["jwks_url"] is leased["source"] is leased["etag"] is None


def test_what_is_leased_is_nobody_else_s_until_the_lease_ends(looker, issuer):
    assert looker.lease()
    assert looker.lease() is None
    issuer.pass_time("39 s")
    assert looker.lease() is None
    issuer.pass_time("2 s")
    assert looker.lease()["id"] == issuer.id


def test_fresh_keys_are_not_looked_at(looker, issuer):
    looker.look(issuer, keys=[new_key()])
    issuer.pass_time("3590 s")
    assert looker.lease() is None
    issuer.pass_time("20 s")
    assert looker.lease()["id"] == issuer.id


def test_an_unknown_key_makes_the_worker_look_at_once(looker, issuer, want):
    looker.look(issuer, keys=[new_key()])
    issuer.pass_time("31 s")
    assert looker.lease() is None
    assert want(issuer)
    assert looker.lease()["id"] == issuer.id


def test_but_not_twice_within_half_a_minute(looker, issuer, want, sql):
    key = new_key()
    looker.look(issuer, keys=[key])
    assert want(issuer)
    looker.look(issuer, keys=[key])
    issuer.pass_time("28 s")
    assert not want(issuer)
    assert looker.lease() is None
    issuer.pass_time("3 s")
    assert want(issuer)
    assert looker.lease()["id"] == issuer.id


def test_a_look_that_brought_other_keys_was_worth_it(looker, issuer, want):
    looker.look(issuer, keys=[new_key()])
    for _ in range(3):
        assert want(issuer)
        looker.look(issuer, keys=[new_key()])


def test_who_wants_keys_during_a_look_is_served_by_another(looker, issuer,
                                                           want):
    key = new_key()
    looker.look(issuer, keys=[key])
    issuer.pass_time("1 h")
    leased = looker.lease()
    assert want(issuer)
    assert looker.settle(leased, keys=[key])
    assert looker.lease()["id"] == issuer.id


def test_the_one_that_is_wanted_comes_first(looker, new_issuer, want):
    old, wanted = new_issuer(), new_issuer()
    for issuer in (looker.lease(), looker.lease()):
        looker.settle(issuer, keys=[new_key()])
    old.pass_time("2 h")
    wanted.pass_time("31 s")
    want(wanted)
    assert looker.lease()["id"] == wanted.id
    assert looker.lease()["id"] == old.id


def test_no_one_is_looked_at_that_is_not_active_or_has_given_keys(
        looker, issuer, new_issuer):
    new_issuer(jwks={"keys": [new_key()]})
    issuer.change(active=False)
    assert looker.lease() is None
    issuer.change(active=True)
    assert looker.lease()["id"] == issuer.id


@pytest.mark.parametrize("column", ["looked_at", "leased_until"])
def test_a_clock_that_was_set_back_keeps_nobody_waiting(looker, issuer, sql,
                                                        column):
    sql.run(f"update casework.issuer_keys set {column} = clock_timestamp()"
            " + interval '1 year' where issuer_id = %s", issuer.id)
    assert looker.lease()["id"] == issuer.id


# -- what is made of what is found --------------------------------------------

@pytest.mark.parametrize("said, kept", [
    (None, 3600), (0, 60), (59, 60), (61, 61), (7200, 7200), (86400, 86400),
    (86401, 86400), (2147483647, 86400)])
def test_keys_are_fresh_from_a_minute_to_a_day(looker, issuer, said, kept):
    looker.look(issuer, keys=[new_key()], fresh=said)
    assert kept <= issuer.wait() < kept + 30


def test_what_was_found_is_kept(looker, issuer):
    keys = [new_key(), new_key()]
    looker.look(issuer, keys=keys, etag='W/"1"')
    known = issuer.known
    assert known["keys"] == keys
    assert known["kids"] == [key["kid"] for key in keys]
    assert known["source"] == "https://keys.example/"
    assert known["fault"] is None and known["fetched_at"]
    issuer.look_again()
    leased = looker.lease()
    assert leased["source"] == known["source"] and leased["etag"] == 'W/"1"'


def test_unchanged_keys_are_fresh_again(looker, issuer):
    keys = [new_key()]
    looker.look(issuer, keys=keys, etag='"1"')
    issuer.look_again()
    looker.look(issuer, etag='"1"', fresh=600)
    assert issuer.known["keys"] == keys and issuer.kids == [keys[0]["kid"]]
    assert issuer.known["etag"] == '"1"'
    assert looker.lease() is None


def test_after_faults_the_next_look_is_later_and_the_keys_stay(looker, issuer):
    keys = [new_key()]
    looker.look(issuer, keys=keys, etag='"1"')
    fetched = issuer.known["fetched_at"]
    for wait in (60, 120, 240, 480, 900, 900):
        issuer.pass_time("2 h")
        looker.look(issuer, fault="It is down.", source=None)
        assert issuer.wait() == wait
    known = issuer.known
    assert known["keys"] == keys and known["kids"] == [keys[0]["kid"]]
    assert known["fault"] == "It is down."
    assert known["source"] == "https://keys.example/"
    assert known["etag"] == '"1"' and known["fetched_at"] < fetched
    issuer.pass_time("2 h")
    looker.look(issuer, keys=[new_key()])
    assert issuer.known["fault"] is None
    issuer.pass_time("2 h")
    looker.look(issuer, fault="It is down.")
    assert issuer.wait() == 60


def test_a_lease_that_is_over_changes_nothing(looker, issuer):
    first = looker.lease()
    issuer.pass_time("41 s")
    second = looker.lease()
    before = issuer.known
    assert not looker.settle(first, keys=[new_key()])
    assert issuer.known == before
    assert looker.settle(second, fault="It is down.")
    assert not looker.settle(second, keys=[new_key()])
    assert issuer.known["keys"] == []


def test_where_they_were_counts_no_more_once_they_are_elsewhere(looker,
                                                                issuer):
    keys = [new_key()]
    looker.look(issuer, keys=keys, etag='"1"')
    issuer.look_again()
    leased = looker.lease()
    issuer.change(jwks_url="https://elsewhere.example/keys")
    assert not looker.settle(leased, keys=[new_key()])
    assert issuer.known["keys"] == keys
    leased = looker.lease()
    assert leased["jwks_url"] == "https://elsewhere.example/keys"
    assert leased["etag"] is leased["source"] is None


def test_the_same_place_again_changes_nothing(looker, issuer):
    issuer.change(jwks_url="https://elsewhere.example/keys")
    looker.look(issuer, keys=[new_key()])
    before = issuer.known
    issuer.change(jwks_url="https://elsewhere.example/keys")
    assert issuer.known == before


@pytest.mark.parametrize("role", ["contact", "partner", "staff", "telephony",
                                  "public"])
def test_nobody_but_the_worker_says_what_keys_are(as_role, issuer, role):
    for call in ("lease_issuer(60)", "settle_issuer(%s, now(), now(), '[]',"
                 " 'x', null, 60, null)" % issuer.id,
                 "use_given_keys(%s)" % issuer.id):
        assert as_role(role).fails(f"select rules.{call}") == "42501"


# -- keys that are given by hand ----------------------------------------------

def test_given_keys_are_in_use_at_once(new_issuer):
    key, other = new_key(use="sig", x5t="x"), new_key()
    issuer = new_issuer(jwks={"keys": [key]})
    del key["x5t"]
    assert issuer.known["keys"] == [key] and issuer.kids == [key["kid"]]
    issuer.change(jwks={"keys": [other, key]})
    assert issuer.kids == [other["kid"], key["kid"]]


def test_given_keys_that_are_taken_back_are_known_no_more(new_issuer, looker):
    issuer = new_issuer(jwks={"keys": [new_key()]})
    issuer.change(jwks=None)
    assert issuer.known["keys"] == [] and issuer.kids == []
    assert looker.lease()["id"] == issuer.id


def test_keys_that_are_given_replace_those_that_were_fetched(issuer, looker):
    looker.look(issuer, keys=[new_key()], etag='"1"')
    issuer.change(jwks={"keys": [new_key("given")]})
    assert issuer.kids == ["given"]
    assert looker.lease() is None


@pytest.mark.parametrize("jwks, word", [
    ({}, "an array keys"), ({"keys": {}}, "an array keys"), ([], "array keys"),
    ({"keys": []}, "can be used"), ({"keys": [{"kty": "EC"}]}, "can be used"),
    ({"keys": [new_key(), new_key(p="x")]}, "private"),
    ({"keys": [new_key("a"), new_key("a")]}, "of one kid"),
    ({"keys": [new_key() for _ in range(65)]}, "more than 64"),
    ({"keys": [new_key(), {"kty": "x", "k": "c2VjcmV0"}]}, "secret")])
def test_a_given_set_is_refused_with_a_reason(new_issuer, sql, jwks, word):
    assert word in sql.value("select rules.key_set_fault(%s::jsonb) as f",
                             json.dumps(jwks))


def test_what_could_sign_is_not_even_kept(new_issuer):
    for key in (new_key(d="x"), {"kty": "oct", "kid": "a", "k": "x"}):
        with pytest.raises(SqlError, match="issuers_jwks_check"):
            new_issuer(jwks={"keys": [key]})
