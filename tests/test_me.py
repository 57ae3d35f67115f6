"""Who the service takes a caller for."""

import pytest

from sql import SqlError
from world import ROLES

ME = "/v1/me"


@pytest.mark.fact(36)
def test_a_machine_names_who_answers_for_it(partner, telephony):
    assert partner.get(ME)["owner"] == "Integration team"
    assert telephony.get(ME)["owner"] == "Telephone operations"


@pytest.mark.fact(36)
def test_a_person_is_nobody_elses(contact, staff):
    for someone in (contact, staff):
        assert someone.get(ME)["owner"] is None


@pytest.mark.fact(36)
@pytest.mark.parametrize("owner, state", [(None, "23502"), (" ", "23514")])
def test_there_is_no_machine_without_an_owner(sql, owner, state):
    for table, columns, values in (
            ("partners", "name, kind", "'X', 'esa'"),
            ("telephony_clients", "name", "'X'")):
        with pytest.raises(SqlError) as refused:
            sql.run(f"insert into casework.{table} ({columns}, owner)"
                    f" values ({values}, %s)", owner)
        assert refused.value.state == state


@pytest.mark.parametrize("number, role", enumerate(ROLES, 1))
def test_staff_are_told_their_roles_and_their_address(world, sql, number,
                                                      role):
    roles = ROLES[number - 1:]
    someone = world.staff(*roles)
    email = f"me-{someone.id}@casework.example"
    assert someone.get(ME)["email"] is None
    sql.run("update casework.staff set email = %s where id = %s", email,
            someone.id)
    me = someone.get(ME).expect(200)
    assert (me["kind"], me["role"], me["roles"], me["email"]) == (
        "staff", role, list(roles), email)


@pytest.mark.parametrize("number, role", enumerate((
    "advisor", "development_engineer", "administrator",
    "state_reporting_analyst", "lead"), 1))
def test_each_role_has_somebody_in_the_demonstration(world, number, role):
    me = world.caller(f"staff:{number}").get(ME).expect(200)
    assert (me["role"], me["roles"]) == (role, [role])
    assert me["email"].endswith("@casework.example")
