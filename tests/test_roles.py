"""Least rights of each role of staff (facts 47, 56, 61, 63, 80): the database
refuses what the document does, though the engine should let it through.

That the engine refuses it is tested for every operation (test_document.py).
"""

import json

import pytest

import listed
from incidents import an_incident
from world import ROLES

pytestmark = pytest.mark.rule("3.2")

ROLES_OF = {row[0]: row[5].split() for row in listed.rows("operations.txt")}
REFUSED = {"42501", "CW403", "CW404"}   # a policy, a rule; nothing to lock

# What the statements of these operations call: {…} is an example of a path
# parameter, %s the body.
CALLS = {
    "create_incident": ("create_incident(%s)", an_incident()),
    "update_incident": ("update_incident({incident_id}, null, %s)",
                        {"title": "Slower"}),
    "add_incident_update": ("add_incident_update({incident_id}, %s)", {
        "status": "monitoring", "text": "Better."}),
    "create_announcement": ("create_announcement(%s)", {
        "title": "News", "text": "There is news."}),
    "update_announcement": ("update_announcement({announcement_id}, null, %s)",
                            {"title": "Old news"}),
    "create_on_call_shift": ("create_on_call_shift(%s)", {
        "staff_id": 1, "extension": "7100", "starts_at": "2090-01-01T00:00Z",
        "ends_at": "2090-01-02T00:00Z"}),
    "set_availability": ("set_availability(%s)", {
        "on_shift": False, "extension": "7100"}),
    "create_reporting_deadline": ("create_reporting_deadline(%s)", {
        "state": "MN", "name": "Count of roles", "due_on": "2090-01-02"}),
    "create_release": ("create_release(%s)", {
        "release": "roles", "released_on": "2026-01-05",
        "support_status": "current"}),
    "update_release": ("update_release('{release}', null, %s)", {
        "released_on": "2001-01-02"}),
    "redact_note": ("redact_note({note_id}, null, %s)", {"reason": "A name."}),
    "redact_attachment": ("redact_attachment({attachment_id}, null, %s)", {
        "reason": "A name."}),
    "review_survey_response": ("review_survey_response({response_id}, %s)", {
        "use": "coach"}),
    "update_defect": ("update_defect({defect_id}, null, %s)", {
        "title": "Another"}),
    "confirm_defect": ("confirm_defect({defect_id}, null, %s)", {
        "development_issue_key": "CAMPUS-1"}),
    "fix_defect": ("fix_defect({defect_id}, null, %s)", {"release": "2613"}),
    "create_contact": ("create_contact(%s)", {
        "name": "Somebody", "email": "somebody@roles.example", "kind":
        "support"}),
    "update_contact": ("update_contact({contact_id}, null, %s)", {
        "name": "Another"}),
}


@pytest.mark.fact(80)
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("operation", CALLS)
def test_the_database_asks_for_the_role_as_well(stage, world, as_role,
                                                operation, role):
    call, body = CALLS[operation]
    if operation == "create_contact":
        body = {**body, "district_id": stage.district.id}
    names = {name: stage.example(name) for name in (
        "incident_id", "announcement_id", "release", "note_id",
        "attachment_id", "response_id", "defect_id", "contact_id")
        if f"{{{name}}}" in call}
    state = as_role("staff").fails(
        f"select * from rules.{call.format(**names)}", json.dumps(body),
        caller_id=world.staff(role).id)
    assert (state not in REFUSED) is (role in ROLES_OF[operation]), state


@pytest.mark.fact(47)
@pytest.mark.parametrize("table", ["notes", "attachments"])
def test_below_the_rule_only_a_lead_redacts(stage, world, as_role, table):
    number = stage.example(f"{table.removesuffix('s')}_id")
    for role in ROLES:
        found = as_role("staff").acting(
            f"update casework.{table} set redacted_at = now(),"
            " redacted_by_kind = 'staff', redacted_by_id = 1,"
            " redacted_by_name = 'X', redaction_reason = 'X' where id = %s"
            " returning id", number, caller_id=world.staff(role).id)
        assert bool(found) is (role in ("lead", "administrator")), role


@pytest.mark.fact(63)
@pytest.mark.parametrize("table, members", [
    ("incident_updates", "status, text"), ("incident_events", "type")])
def test_an_advisor_puts_no_words_into_an_incident(
        stage, world, as_role, table, members):
    number = stage.example("incident_id")
    for role in ROLES:
        someone = world.staff(role).id
        state = as_role("staff").fails(
            f"insert into casework.{table} (incident_id, at, actor_kind,"
            f" actor_id, actor_name, {members}) values (%s, now(), 'staff',"
            f" %s, 'X'{', %s' * (members.count(',') + 1)})", number, someone,
            *["monitoring"] * (members.count(",") + 1), caller_id=someone)
        assert (state is None) is (role in ("lead", "administrator")), role


@pytest.mark.fact(21)
def test_an_advisor_takes_nobody_else_off_the_phone(world, as_role, advisor):
    someone = world.staff()
    assert as_role("staff").fails(
        "insert into casework.advisor_availability (staff_id, on_shift,"
        " paused, extension, updated_at) values (%s, false, false, '7100',"
        " now())", someone.id, caller_id=advisor.id) == "42501"


# -- what lies with Development ----------------------------------------------

@pytest.mark.fact(56, 58)
@pytest.mark.parametrize("action", ["acceptance", "return", "closure"])
def test_development_answers_for_itself(case, advisor, engineer, world,
                                        action):
    escalation = case.escalate(advisor, "development").expect(201)
    path = f"{escalation.location}/{action}"
    for someone in (advisor, world.staff("state_reporting_analyst")):
        someone.post(path, {}, etag="*").expect(403, problem="not-permitted")
    engineer.post(path, {}, etag="*").expect(200)


@pytest.mark.fact(56, 58)
def test_a_lead_answers_for_every_team(case, advisor, lead):
    for team in ("technical_services", "development"):
        escalation = case.escalate(advisor, team).expect(201)
        lead.post(f"{escalation.location}/acceptance", etag="*").expect(200)


@pytest.mark.fact(56, 58)
def test_other_teams_have_no_role_of_their_own(case, advisor):
    escalation = case.escalate(advisor, "technical_services").expect(201)
    for action in ("acceptance", "closure"):
        advisor.post(f"{escalation.location}/{action}", {}, etag="*"
                     ).expect(200)
