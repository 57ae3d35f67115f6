"""Who the service takes a caller for."""

import pytest

from sql import SqlError

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
