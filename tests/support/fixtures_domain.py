"""Callers, their districts, and what stands between them: cases, defects,
calls, incidents.
"""

import pytest

from client import Client
from desk import is_of_the_desk, keep_desk, put_desk_back
from examples import Place, Stage
from incidents import Incidents
from phone import Phone
from sql import settle
from world import ESCALATED, WITH, Defect, World


@pytest.fixture(scope="session")
def anybody(service):
    """A caller with that token."""
    def caller(token, kind="staff"):
        return Client(service, token, kind)
    return caller


@pytest.fixture(scope="session")
def public(service):
    return Client(service)


@pytest.fixture(scope="session")
def world(service, tokens, sql, new_session):
    settling = new_session()
    service.settle = lambda: settle(settling)
    return World(service, tokens, sql)


@pytest.fixture(scope="module")
def place(world):
    """A district with one of everything; no test changes it."""
    return Place(world)


@pytest.fixture(scope="module")
def stage(world):
    """A place with a caller for each operation."""
    return Stage(world)


@pytest.fixture(scope="session")
def staff(world):
    """The advisor of the demonstration data."""
    return world.caller("staff:1")


@pytest.fixture(scope="session")
def engineer(world):
    """The development engineer of the demonstration data."""
    return world.caller("staff:2")


@pytest.fixture(scope="session")
def analyst(world):
    """The state reporting analyst of the demonstration data."""
    return world.caller("staff:4")


@pytest.fixture(scope="session")
def telephony(world):
    return world.caller("telephony:1")


@pytest.fixture
def district(world):
    """A district of the test's own; make its people with .contact()."""
    return world.district()


@pytest.fixture
def contact(district):
    return district.contact()


@pytest.fixture
def colleague(contact, district):
    """Another contact of the same district."""
    return district.contact()


@pytest.fixture
def stranger(world):
    """A contact of another district."""
    return world.district().contact()


@pytest.fixture
def partner(district, world):
    """A partner that serves the district."""
    return world.partner(district)


@pytest.fixture
def advisor(world):
    """A staff member of the test's own."""
    return world.staff()


@pytest.fixture
def lead(world):
    """A lead of the test's own."""
    return world.staff("lead")


@pytest.fixture
def case(contact, advisor):
    """A case just submitted; its actions are methods (world.py)."""
    return contact.submit()


@pytest.fixture
def bring(staff, sql):
    """Brings a case to a status along its states; the fix of a defect, which
    the worker tells, has tests of its own."""
    def bring(case, status):
        if status == "new":
            return case
        case.assign(staff, staff).expect(200)
        if status == "pending_verification":
            case.resolve(staff).expect(200)
        elif status == "closed":
            case.close().expect(200)
        elif status == "available_in_release":
            sql.run("update casework.cases set status = %s where id = %s",
                    status, case.id)
        elif status in ESCALATED:
            case.escalate(staff, ESCALATED[status]).expect(201)
        elif status != "assigned":
            case.change(staff, status=status, **WITH.get(status, {})
                        ).expect(200)
        assert case["status"] == status
        return case
    return bring


@pytest.fixture
def defect(engineer):
    """A reported defect of the test's own; its actions are methods."""
    return Defect(engineer)


@pytest.fixture
def inactive_area(sql):
    """The code of a product area that there was once. It stays, as what names
    it does."""
    code = "punch_cards"
    sql.run("insert into casework.product_areas (code, name, position, active)"
            " values (%s, 'Punch Cards', 9999, false) on conflict do nothing",
            code)
    return code


@pytest.fixture
def phone(telephony, sql):
    """The phone system; at first nobody takes calls."""
    sql.run("update casework.advisor_availability set on_shift = false")
    return Phone(telephony)


@pytest.fixture
def open_incident(lead):
    """open_incident(scope={…}, …): ended with the test."""
    incidents = Incidents(lead)
    yield incidents
    incidents.end()


@pytest.fixture
def incident(open_incident, district):
    """One that touches the test's district only."""
    return open_incident(scope={"districts": [district.id]})



@pytest.fixture
def desk_kept(sql, moved):
    """What the desk runs by is there once for all tests: what one changes of it
    is changed back."""
    keep_desk(sql)
    yield
    if put_desk_back(sql):
        moved()


@pytest.fixture(autouse=True)
def desk_as_it_was(request):
    """For tests that take every operation."""
    op = request.getfixturevalue("op") if "op" in request.fixturenames else None
    if op is not None and op.writes and is_of_the_desk(op):
        request.getfixturevalue("desk_kept")
