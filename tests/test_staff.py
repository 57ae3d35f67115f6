"""Staff and teams: roles, who may change them, and what leaving does (3.2)."""

import pytest

from partners import Identities

pytestmark = pytest.mark.rule("3.2")

STAFF = "/v1/staff"
TEAMS = "/v1/teams"


@pytest.fixture(scope="module")
def administrator(world):
    return world.staff("administrator")


@pytest.fixture
def alone(sql, administrator):
    """No other administrator is active."""
    others = [row["id"] for row in sql.rows(
        "update casework.staff set active = false"
        " where active and 'administrator' = any (roles) and id <> %s"
        " returning id", administrator.id)]
    yield administrator
    sql.run("update casework.staff set active = true where id = any (%s)",
            others)
    sql.run("update casework.staff set active = true,"
            " roles = '{administrator}' where id = %s", administrator.id)


def somebody(**changes):
    return {"name": "Advisor 7", "roles": ["advisor"], **changes}


def path(person):
    return f"{STAFF}/{person.id}"


def desk_events(by, type, **data):
    return [e for e in by.all("/v1/events", limit=1000, type=type)
            if e["data"] == data]


# -- making ------------------------------------------------------------------

def test_somebody_is_added_with_all_that_is_known(administrator, world):
    number = world.district().id
    code, email = f"hr-{number}", f"a{number}@casework.example"
    made = administrator.post(STAFF, somebody(
        roles=["lead", "advisor"], email=email, external_id=code,
        product_areas=["attendance"], team="support", capacity=25,
        ferpa_trained_on="2026-02-03")).expect(201)
    assert made.location == f"{STAFF}/{made['id']}"
    read = world.staff().get(made.location).expect(200)
    assert read.json == made.json and read.etag == made.etag
    assert made["roles"] == ["advisor", "lead"]
    assert (made["email"], made["external_id"]) == (email, code)
    assert (made["team"], made["capacity"]) == ("support", 25)
    me = world.caller(f"staff:{made['id']}").get("/v1/me").expect(200)
    assert (me["name"], me["roles"]) == ("Advisor 7", ["advisor", "lead"])
    (event,) = desk_events(administrator, "staff.created",
                           staff_id=made["id"])
    assert event["actor"]["id"] == administrator.id
    assert {"member": "roles", "old": None, "new": ["advisor", "lead"]} in (
        event["changes"])


@pytest.mark.parametrize("member, value", [
    ("roles", []), ("roles", ["boss"]), ("roles", ["advisor", "advisor"]),
    ("roles", None), ("name", ""), ("email", "advisor"),
    ("product_areas", ["alchemy"]), ("team", "alchemy"), ("capacity", -1),
    ("capacity", 10001), ("ferpa_trained_on", "2026-02-30"),
    ("role", "advisor"), ("id", 17)])
def test_somebody_of_the_wrong_shape_is_refused(administrator, member, value):
    faults = administrator.post(STAFF, somebody(**{member: value})
                                ).expect(422).faults
    assert {f.split("/")[1] for f in faults} == {member}


def test_an_address_is_one_active_member_s(administrator, world):
    email = f"a{world.district().id}@casework.example"
    first = administrator.post(STAFF, somebody(email=email)).expect(201)
    for refused in (
            administrator.post(STAFF, somebody(email=email.upper())),
            administrator.patch(path(world.staff()), {"email": email},
                                etag="*")):
        refused.expect(409, problem="already-exists")
        assert refused.faults == ["/email"]
    administrator.patch(first.location, {"active": False}, etag="*"
                        ).expect(200)
    administrator.post(STAFF, somebody(email=email)).expect(201)
    administrator.patch(first.location, {"active": True}, etag="*").expect(
        409, problem="already-exists")


def test_an_external_id_names_one_member(administrator, world):
    code = f"hr-{world.district().id}"
    administrator.post(STAFF, somebody(external_id=code)).expect(201)
    refused = administrator.post(STAFF, somebody(external_id=code))
    refused.expect(409, problem="already-exists")
    assert refused.faults == ["/external_id"]


def test_every_filter_of_staff(administrator, world, contract):
    code = f"hr-{world.district().id}"
    made = administrator.post(STAFF, somebody(
        roles=["state_reporting_analyst", "lead"], team="state_reporting",
        product_areas=["state_reporting", "other"], external_id=code,
        active=False)).expect(201)
    world.staff()
    for query in ({"role": "lead"}, {"team": "state_reporting"},
                  {"product_area": "other"}, {"external_id": code},
                  {"active": "false"}):
        found = administrator.all(STAFF, limit=100, **query)
        assert made["id"] in [s["id"] for s in found], query
        assert all("lead" in s["roles"] or "role" not in query
                   for s in found)
    assert administrator.get(STAFF, query={
        "external_id": code, "role": "advisor"}).ids == []
    names = {p["name"] for p in contract.by_id["list_staff"].parameters}
    assert names == {"role", "team", "product_area", "external_id", "active",
                     "limit", "cursor"}


# -- rights ------------------------------------------------------------------

@pytest.mark.fact(80)
def test_the_database_lets_administrators_alone_write_staff(
        administrator, world, as_role):
    person = world.staff("lead")
    for who, changed in ((person, 0), (administrator, 1)):
        for column, value in (("roles", "'{administrator}'"),
                              ("active", "true")):
            assert len(as_role("staff").acting(
                f"update casework.staff set {column} = {value}"
                " where id = %s returning id", person.id,
                caller_id=who.id)) == changed


@pytest.mark.parametrize("roles", [
    ["administrator", "advisor"], ["advisor"],
    ["administrator", "lead", "state_reporting_analyst"]])
def test_nobody_changes_their_own_roles(administrator, world, sql, roles):
    """Though somebody would be left."""
    rows = Identities(sql)
    rows.link("staff", world.staff("administrator").id)
    refused = administrator.patch(path(administrator), {"roles": roles},
                                  etag="*")
    refused.expect(403, problem="not-permitted")
    assert refused.faults == ["/roles"]
    administrator.patch(path(administrator), {
        "roles": ["administrator"], "name": "Admin"}, etag="*").expect(200)
    sql.run("update casework.issuers set active = false where id = %s",
            rows.issuer)


def test_roles_count_from_the_next_request(administrator, world):
    person = world.staff("lead")
    person.post(TEAMS, {"code": "x", "name": "X"}).expect(
        403, problem="caller-not-allowed")
    administrator.patch(path(person), {"roles": ["lead", "administrator"]},
                        etag="*").expect(200)
    person.patch(f"{TEAMS}/support", {"name": "Support"}, etag="*"
                 ).expect(200)
    administrator.patch(path(person), {"roles": ["lead"]}, etag="*"
                        ).expect(200)
    person.patch(f"{TEAMS}/support", {"name": "Mine"}, etag="*").expect(403)
    changes = [e["changes"] for e in desk_events(
        administrator, "staff.updated", staff_id=person.id)]
    assert changes == [
        [{"member": "roles", "old": ["lead"],
          "new": ["lead", "administrator"]}],
        [{"member": "roles", "old": ["lead", "administrator"],
          "new": ["lead"]}]]


@pytest.mark.fact(36)
def test_nobody_changes_staff_on_behalf_of_an_administrator(
        administrator, advisor, world):
    acting = administrator.acting_for(f"staff:{advisor.id}")
    acting.post(STAFF, somebody()).expect(403, problem="not-permitted")
    acting.patch(path(world.staff()), {"capacity": 5}, etag="*").expect(
        403, problem="not-permitted")


@pytest.mark.parametrize("change", [
    {"active": False}, {"roles": ["advisor", "lead"]}])
def test_the_last_administrator_stays_one(alone, world, change):
    alone.patch(path(alone), change, etag="*").expect(
        409, problem="last-administrator")
    alone.get("/v1/me").expect(200)
    inactive = alone.post(STAFF, somebody(
        roles=["administrator"], active=False)).expect(201)
    alone.patch(path(alone), change, etag="*").expect(409)
    alone.patch(inactive.location, {"active": True}, etag="*").expect(200)
    second = world.caller(f"staff:{inactive['id']}")
    second.patch(path(alone), change, etag="*").expect(200)
    second.patch(path(second), change, etag="*").expect(409)


def test_two_administrators_do_not_take_each_other_away(
        alone, world, sql, meeting):
    second = world.staff("administrator")
    answers = meeting.meet("staff", *(
        lambda who=who, whom=whom: meeting.by(who).patch(
            path(whom), {"active": False}, etag="*")
        for who, whom in ((alone, second), (second, alone))))
    assert [a.status for a in answers] == [200, 403]
    assert answers[1].problem == "caller-not-allowed"
    assert sql.value(
        "select count(*) from casework.staff"
        " where active and 'administrator' = any (roles)") == 1


# -- leaving -----------------------------------------------------------------

@pytest.mark.rule("2.10")
@pytest.mark.parametrize("change", [
    {"active": False}, {"roles": ["lead"]}])
def test_cases_of_somebody_who_is_no_active_advisor_any_more(
        administrator, advisor, staff, case, change):
    case.assign(staff, advisor).expect(200)
    administrator.patch(path(advisor), change, etag="*").expect(200)
    assert case["assigned_advisor"] is None
    case.assign(staff, advisor).expect(422)


def test_an_administrator_who_is_no_advisor_gets_no_case(
        administrator, staff, case):
    case.assign(staff, administrator).expect(422)


def test_whoever_is_deactivated_is_linked_to_nothing_any_more(
        administrator, advisor, sql):
    issuer = sql.value(
        "insert into casework.issuers (name, issuer, audiences, token_types,"
        " scope_claims, links_by_email, active) values ('X',"
        " 'https://id.example/' || %s, '{casework}', '{JWT}', '{scope}',"
        " false, false) returning id", advisor.id)
    linked = sql.value(
        "insert into casework.identities (issuer_id, subject, staff_id,"
        " linked_at, linked_by_kind, linked_by_id, linked_by_name)"
        " values (%s, 'them', %s, rules.now(), 'system', 0, 'casework')"
        " returning id", issuer, advisor.id)

    def ended():
        return sql.row("select ended_by_kind, ended_by_id from"
                       " casework.identities where id = %s", linked)
    administrator.patch(path(advisor), {"capacity": 3}, etag="*").expect(200)
    assert ended()["ended_by_id"] is None
    administrator.patch(path(advisor), {"active": False}, etag="*"
                        ).expect(200)
    assert ended() == {"ended_by_kind": "staff",
                       "ended_by_id": administrator.id}
    event = administrator.all("/v1/events", type="staff.updated")[-1]
    assert event["changes"] == [
        {"member": "active", "old": True, "new": False},
        {"member": "identity_ids", "old": [linked], "new": []}]
    advisor.get("/v1/me").expect(403)
    administrator.patch(path(advisor), {"active": True}, etag="*").expect(200)
    assert ended()["ended_by_id"] == administrator.id


def test_a_change_is_of_a_version(administrator, advisor):
    read = administrator.get(path(advisor))
    changed = administrator.patch(path(advisor), {"capacity": 7},
                                  etag=read.etag).expect(200)
    assert administrator.patch(path(advisor), {"capacity": 7},
                               etag=changed.etag).etag == changed.etag
    administrator.patch(path(advisor), {"capacity": 8}, etag=read.etag
                        ).expect(412)
    administrator.patch(f"{STAFF}/9007199254740991", {"capacity": 8},
                        etag="*").expect(404)


# -- teams -------------------------------------------------------------------

@pytest.fixture
def team(administrator, world):
    return administrator.post(TEAMS, {
        "code": f"team_{world.district().id}", "name": "Onboarding"}
        ).expect(201)


@pytest.mark.fact(58)
def test_teams_of_the_escalation_path_are_there(advisor):
    codes = [t["code"] for t in advisor.all(TEAMS, limit=2)]
    assert {"training", "process_consulting", "managed_services",
            "technical_services", "development", "support",
            "state_reporting"} <= set(codes)
    assert codes == sorted(codes)


def test_a_team_is_made_and_changed(administrator, advisor, team):
    read = advisor.get(team.location).expect(200)
    assert read.json == team.json and read.etag == team.etag
    changed = administrator.patch(team.location, {"name": "Welcome"},
                                  etag=team.etag).expect(200)
    assert changed["name"] == "Welcome" and changed["code"] == team["code"]
    administrator.patch(team.location, {"name": "X"}, etag=team.etag
                        ).expect(412)
    (event,) = desk_events(administrator, "team.updated", team=team["code"])
    assert event["changes"] == [
        {"member": "name", "old": "Onboarding", "new": "Welcome"}]
    refused = administrator.post(TEAMS, {"code": team["code"], "name": "Y"})
    assert refused.expect(409, problem="already-exists").faults == ["/code"]
    administrator.patch(f"{TEAMS}/no_such_team", {"name": "Y"}, etag="*"
                        ).expect(404)


def test_a_team_that_has_ended_gets_nobody(administrator, advisor, world,
                                           team):
    administrator.patch(path(advisor), {"team": team["code"]}, etag="*"
                        ).expect(200)
    administrator.patch(team.location, {"active": False}, etag="*").expect(200)
    assert administrator.patch(path(world.staff()), {"team": team["code"]},
                               etag="*").expect(422).faults == ["/team"]
    administrator.patch(path(advisor), {"capacity": 1}, etag="*").expect(200)
    codes = [t["code"] for t in administrator.all(TEAMS, active="false")]
    assert team["code"] in codes and "support" not in codes


@pytest.mark.fact(58)
@pytest.mark.parametrize("code", ["development", "state_reporting"])
def test_a_team_that_cases_are_given_by_does_not_end(administrator, code):
    administrator.patch(f"{TEAMS}/{code}", {"active": False}, etag="*"
                        ).expect(409, problem="conflict")
