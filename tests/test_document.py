"""The document is not its own judge: who may call what and which values there
are stand in lists of their own (tests/data/operations.txt, values.txt), and
what holds the values in the database is asked there."""

import copy
import re

import pytest

import listed
from contract import Contract
from examples import OWNED
from serving import prepared_order
from world import ROLES

OPERATIONS = {row[0]: row[1:] for row in listed.rows("operations.txt")}
VALUES = {place: (values, held.split()) for place, values, held
          in listed.rows("values.txt")}


# -- who may call what -------------------------------------------------------

def scope_of(op):
    if op.scope:
        return op.scope
    if op.spec["security"] == []:
        return "-"
    return "optional" if {} in op.spec["security"] else "token"


def who_may_call_what(operations):
    """Sentences that say what is otherwise than listed."""
    return list(listed.differences(
        OPERATIONS,
        {op.id: [op.method, op.path, scope_of(op), " ".join(op.callers),
                 " ".join(op.roles) or "-"] for op in operations}))


@pytest.mark.fact(80)
def test_who_may_call_what_is_as_listed(contract):
    assert who_may_call_what(contract.operations) == []


def test_an_operation_asks_for_one_scope_and_by_one_scheme(op):
    """No second way in stands beside the listed one."""
    wanted = {"-": [], "optional": [{}, {"bearer": []}],
              "token": [{"bearer": []}]}
    scope = OPERATIONS[op.id][2]
    assert op.spec["security"] == wanted.get(scope, [{"bearer": [scope]}])


@pytest.mark.fact(80)
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.operations(where=lambda op: "staff" in op.callers
                        and not OWNED & set(op.names))
def test_staff_of_each_role_may_what_the_list_says(op, stage, world, role):
    order = prepared_order(op, "staff", stage)
    order.caller = world.staff(role)
    roles = OPERATIONS[op.id][4]
    if roles == "-" or role in roles.split():
        order.send().expect(op.success)
    else:
        order.send().expect(403, problem="caller-not-allowed")


# -- which values there are --------------------------------------------------

def which_values(document):
    """Sentences that say what is otherwise than listed."""
    found = {}
    for place, schema in listed.schemas(document):
        values = listed.values_of(schema)
        if values:
            assert found.setdefault(place, values) == values, place
    return list(listed.differences(
        {place: values for place, (values, _) in VALUES.items()}, found))


def test_values_are_as_listed(contract):
    assert which_values(contract.document) == []


@pytest.mark.parametrize("where, changes, sentence", [
    ("/paths/~1v1~1cases~1{case_id}~1notes/post",
     {"security": [{"bearer": ["cases:read"]}]}, "add_note: it was"),
    ("/paths/~1v1~1cases~1{case_id}~1notes/post",
     {"x-callers": ["contact", "partner", "staff", "telephony"]},
     "add_note: it was"),
    ("/paths/~1v1~1me/get", {"security": [{}, {"bearer": []}]},
     "get_me: it was"),
    ("/paths/~1v1~1me/get", {"operationId": "get_you"},
     "get_you: new"),
    ("/components/schemas/priority",
     {"enum": ["critical", "high", "medium", "low", "none"]},
     "priority: it was"),
    ("/components/schemas/text_block", {"maxLength": 19999},
     "text_block: it was text ..20000, and is text ..19999"),
    ("/components/schemas/case_create/properties/users_affected",
     {"minimum": 1}, "case_create.users_affected: it was"),
    ("/components/schemas/incident_scope/properties/states",
     {"maxItems": 61}, "incident_scope.states: it was"),
    ("/components/parameters/limit/schema", {"maximum": 101},
     "?limit: it was number 1..100"),
    ("/components/schemas/webhook_rotation/properties/overlap_seconds",
     {"minimum": None}, "webhook_rotation.overlap_seconds: it was")])
def test_what_the_document_says_otherwise_is_named(contract, where, changes,
                                                   sentence):
    document = copy.deepcopy(contract.document)
    node = document
    for part in where[1:].split("/"):
        node = node[part.replace("~1", "/")]
    for key, value in changes.items():
        if value is None:
            del node[key]
        else:
            node[key] = value
    said = which_values(document) + who_may_call_what(
        Contract(document).operations)
    assert any(line.startswith(sentence) for line in said), said


def literals(text):
    """The texts of a CHECK on one value, "null" included."""
    return {t.replace("''", "'") for t in re.findall(r"'((?:[^']|'')*)'::",
                                                     text)}


def column(name):
    table, _, column = name.rpartition(".")
    return table, column


@pytest.fixture(scope="module")
def held(sql):
    """What the database says of a domain or a column: (type, checks, key)."""
    def ask(name):
        if name.count(".") == 1:
            return sql.row(
                "select t.typbasetype::regtype::text as type,"
                " array(select pg_get_constraintdef(c.oid) from pg_constraint"
                " c where c.contypid = t.oid) as checks, false as key"
                " from pg_type t where t.oid = %s::regtype", name)
        return sql.row(
            "select a.atttypid::regtype::text as type, array(select"
            " pg_get_expr(c.conbin, c.conrelid) from pg_constraint c where"
            " c.conrelid = a.attrelid and c.contype = 'c' and c.conkey ="
            " array[a.attnum]) as checks, exists (select from pg_index i where"
            " i.indrelid = a.attrelid and i.indisprimary and a.attnum = any"
            " (i.indkey)) as key from pg_attribute a where a.attrelid ="
            " %s::regclass and a.attname = %s", *column(name))
    return ask


def of_kind(kind):
    return [pytest.param(values, name, id=f"{place} {name}")
            for place, (values, names) in VALUES.items() for name in names
            if name != "-" and values.startswith(kind)]


@pytest.mark.parametrize("values, name", of_kind("one of"))
def test_the_database_holds_the_same_values(held, sql, values, name):
    """No more, no fewer: by a domain, a CHECK, or the rows of a table."""
    told = set(values.split()[2:]) - {"null"}
    found = held(name)
    if found["checks"]:
        assert set().union(*map(literals, found["checks"])) == told
    else:
        assert found["key"], "nothing holds it"
        table, key = column(name)
        assert {row["v"] for row in sql.rows(
            f"select distinct {key}::text as v from {table}")} == told


def test_what_the_database_enumerates_is_listed(sql):
    """A domain that the document does not show is not in it by mistake."""
    domains = {row["name"] for row in sql.rows(
        "select distinct t.oid::regtype::text as name from pg_type t join"
        " pg_constraint c on c.contypid = t.oid where t.typnamespace ="
        " 'casework'::regnamespace")}
    names = {name for _, held in VALUES.values() for name in held}
    assert domains - names == {"casework.follow_up_outcome"}


@pytest.mark.parametrize("values, name", of_kind("number"))
def test_the_database_holds_every_number_of_the_range(held, sql, values, name):
    """A column takes both ends; where a CHECK stands, nothing beyond."""
    low, high = values.split()[1].split("..")
    found = held(name)

    def takes(number):
        return sql.value(
            f"select coalesce(bool_and(ok), true) as ok from (select"
            f" {' and '.join(f'({c})' for c in found['checks']) or 'true'} as"
            f" ok from (select %s::{found['type']} as {column(name)[1]}) t) q",
            number)
    for end, step in ((low, -1), (high, 1)):
        if end:
            assert takes(int(end))
            if found["checks"]:
                assert not takes(int(end) + step)
