"""Permissions for a site and accesses to it: facts 8, 9 and 10; and the end
of a partner's assignment (2.10)."""

import concurrent.futures

import pytest

UNKNOWN = "/v1/site-permissions/9007199254740991"
MORNING = "2026-11-23T10:00:00-06:00"
NOON = "2026-11-23T12:00:00-06:00"


@pytest.fixture
def site(district):
    return district.site()


@pytest.fixture
def untrained(world):
    return world.staff(ferpa_trained_on=None)


def revoke(permission, by, etag="*"):
    return by.post(permission.location + "/revocation", etag=etag)


# -- accesses --------------------------------------------------------------

@pytest.mark.fact(8)
@pytest.mark.parametrize("purpose", ["view", "replicate"])
def test_looking_needs_no_permission_and_is_seen_by_the_district(
        case, advisor, colleague, partner, site, purpose):
    answer = case.visit(advisor, site, purpose, note="Looked at the sync."
                        ).expect(201)
    assert answer["accessed_by"]["id"] == advisor.id
    assert answer["site_permission_id"] is None
    for someone in (colleague, partner, advisor):
        assert someone.all(case.path + "/site-accesses") == [answer.json]
    event = case.history()[-1]
    assert event["type"] == "case.site_accessed"
    assert event["changes"][0]["new"] == purpose


@pytest.mark.fact(8)
def test_every_access_is_logged(case, advisor, site):
    for _ in range(3):
        case.visit(advisor, site).expect(201)
    pages = list(case.submitter.pages(case.path + "/site-accesses", limit=2))
    assert [len(p.items) for p in pages] == [2, 1]


@pytest.mark.fact(9)
@pytest.mark.parametrize("purpose", ["view", "replicate", "test", "change"])
def test_staff_without_ferpa_training_access_no_site(
        case, untrained, site, purpose):
    case.permit(site_id=site, scope="test").expect(201)
    case.visit(untrained, site, purpose).expect(
        409, problem="ferpa-training-required")
    assert case.submitter.all(case.path + "/site-accesses") == []


@pytest.mark.fact(9)
def test_training_to_come_does_not_count(case, world, site, clock):
    clock.at(MORNING)
    person = world.staff(ferpa_trained_on="2026-11-24")
    case.visit(person, site).expect(409, problem="ferpa-training-required")
    clock.at("2026-11-24T00:00:00-06:00")
    case.visit(person, site).expect(201)


@pytest.mark.fact(9, 36)
def test_who_acts_must_be_trained_not_who_is_acted_for(
        case, advisor, untrained, site):
    case.visit(advisor.acting_for(f"staff:{untrained.id}"), site).expect(
        409, problem="ferpa-training-required")
    answer = case.visit(untrained.acting_for(f"staff:{advisor.id}"), site)
    assert answer.expect(201)["accessed_by"]["id"] == advisor.id
    assert answer["on_behalf_of"]["id"] == untrained.id


@pytest.mark.fact(8)
@pytest.mark.parametrize("kind", ["contact", "partner", "telephony"])
def test_only_staff_record_accesses(request, case, site, kind):
    case.visit(request.getfixturevalue(kind), site).expect(
        403, problem="caller-not-allowed")


def test_a_site_is_one_of_the_district(case, advisor, stranger):
    for wrong in (stranger.district.site(), 9007199254740991):
        assert case.visit(advisor, wrong).expect(422).faults == ["/site_id"]
        assert case.permit(site_id=wrong).expect(422).faults == ["/site_id"]


def test_nothing_of_it_on_a_closed_case(case, advisor, site):
    case.close().expect(200)
    case.visit(advisor, site).expect(409, problem="illegal-transition")
    case.permit(site_id=site).expect(409, problem="illegal-transition")


def test_the_log_is_append_only(case, advisor, site, as_role):
    case.visit(advisor, site).expect(201)
    for kind in ("contact", "partner", "staff", "worker"):
        for statement in ("update casework.site_accesses set note = 'x'",
                          "delete from casework.site_accesses"):
            assert as_role(kind).fails(statement) == "42501"


@pytest.mark.fact(10)
def test_the_database_itself_takes_no_change_without_a_permission(
        case, advisor, staff, site, as_role):
    def outcome(purpose, by=advisor):
        return as_role("staff").fails(
            "insert into casework.site_accesses (district_id, case_id,"
            " site_id, purpose, accessed_at, accessed_by_kind,"
            " accessed_by_id, accessed_by_name) values (%s, %s, %s, %s,"
            " now(), 'staff', %s, 'x')", case["district_id"], case.id, site,
            purpose, by.id, caller_id=advisor.id)
    assert [outcome(purpose) for purpose in (
        "view", "replicate", "test", "change")] == [
            None, None, "23514", "23514"]
    assert outcome("view", staff) == "42501"    # in no other's name


# -- permissions -----------------------------------------------------------

@pytest.mark.fact(10)
@pytest.mark.parametrize("purpose", ["test", "change"])
def test_testing_and_changing_need_a_permission(
        case, advisor, site, purpose):
    case.visit(advisor, site, purpose).expect(
        409, problem="site-permission-required")
    assert case.submitter.all(case.path + "/site-accesses") == []
    permission = case.permit(scope=purpose, site_id=site).expect(201)
    answer = case.visit(advisor, site, purpose).expect(201)
    assert answer["site_permission_id"] == permission["id"]


@pytest.mark.fact(10)
def test_a_permission_is_a_public_note_of_the_contact(
        case, colleague, site, advisor):
    permission = case.permit(colleague, site_id=site, text="Please do."
                             ).expect(201)
    assert permission["state"] == "live"
    assert permission["granted_by"]["id"] == colleague.id
    note = case.notes()[-1]
    assert (note["id"], note["text"], note["visibility"]) == (
        permission["note_id"], "Please do.", "public")
    assert note["author"]["id"] == colleague.id
    event = case.history()[-1]
    assert (event["type"], event["note_id"]) == (
        "case.site_permission_granted", note["id"])
    assert advisor.all(case.path + "/site-permissions") == [permission.json]
    read = advisor.get(permission.location).expect(200)
    assert read.json == permission.json
    advisor.get(permission.location, headers={"If-None-Match": read.etag}
                ).expect(304)


@pytest.mark.fact(10)
@pytest.mark.parametrize("kind", ["advisor", "partner", "telephony"])
def test_only_contacts_permit_and_revoke(request, case, site, kind):
    someone = request.getfixturevalue(kind)
    case.permit(someone, site_id=site).expect(
        403, problem="caller-not-allowed")
    permission = case.permit(site_id=site).expect(201)
    revoke(permission, someone).expect(403, problem="caller-not-allowed")
    assert case.submitter.get(permission.location)["state"] == "live"


@pytest.mark.fact(10, 36)
def test_nobody_permits_on_behalf_of_a_contact(case, advisor, site):
    acting = case.submitter.acting_for(f"staff:{advisor.id}")
    case.permit(acting, site_id=site).expect(403, problem="not-permitted")
    assert case.notes() == []


@pytest.mark.fact(10)
@pytest.mark.parametrize("text", ["", " ", None])
def test_a_permission_needs_words(case, site, text):
    assert case.permit(site_id=site, text=text).expect(422).faults == [
        "/text"]
    assert case.submitter.all(case.path + "/site-permissions") == []


@pytest.mark.fact(10)
def test_a_permission_covers_no_other_case_site_or_scope(
        contact, case, advisor, site):
    case.permit(scope="change", site_id=site).expect(201)
    other_case, other_site = contact.submit(), contact.district.site("Two")
    for refused in (other_case.visit(advisor, site, "change"),
                    case.visit(advisor, other_site, "change"),
                    case.visit(advisor, site, "test")):
        refused.expect(409, problem="site-permission-required")
    case.visit(advisor, site, "change").expect(201)


def test_without_a_site_it_is_for_that_of_the_case(contact, site):
    case = contact.submit(site_id=site)
    assert case.permit().expect(201)["site_id"] == site
    assert contact.submit().permit().expect(422).faults == ["/site_id"]


@pytest.mark.fact(10)
def test_a_revoked_permission_allows_nothing_at_once(
        case, colleague, advisor, site):
    permission = case.permit(site_id=site).expect(201)
    answer = revoke(permission, colleague, permission.etag).expect(200)
    assert answer["state"] == "revoked"
    assert answer["revoked_by"]["id"] == colleague.id
    case.visit(advisor, site, "change").expect(
        409, problem="site-permission-required")
    assert case.history()[-1]["type"] == "case.site_permission_revoked"
    revoke(permission, colleague).expect(409, problem="conflict")
    case.permit(site_id=site).expect(201)
    case.visit(advisor, site, "change").expect(201)


def test_a_permission_is_revoked_on_a_closed_case_too(case, contact, site):
    permission = case.permit(site_id=site).expect(201)
    case.close().expect(200)
    revoke(permission, contact).expect(200)


def test_it_is_revoked_in_the_version_that_was_read(case, contact, site):
    permission = case.permit(site_id=site).expect(201)
    revoke(permission, contact, '"0"').expect(412)
    revoke(permission, contact, None).expect(428)
    contact.post(UNKNOWN + "/revocation", etag="*").expect(404)
    contact.get(UNKNOWN).expect(404)


def test_another_district_s_permission_does_not_exist(
        case, stranger, site):
    permission = case.permit(site_id=site).expect(201)
    stranger.get(permission.location).expect(404)
    revoke(permission, stranger).expect(404)
    case.permit(stranger, site_id=site).expect(404)
    for kind in ("site-permissions", "site-accesses"):
        stranger.get(f"{case.path}/{kind}").expect(404)
    assert case.submitter.get(permission.location)["state"] == "live"


@pytest.mark.rule("2.5")
@pytest.mark.parametrize("status", ["pending_verification",
                                    "pending_customer_input"])
def test_permitting_answers_a_case_that_waits_for_the_contact(
        case, bring, site, status):
    bring(case, status)
    case.permit(site_id=site).expect(201)
    assert case["status"] == "assigned"


@pytest.mark.fact(10)
def test_the_database_itself_takes_no_word_of_another_contact(
        case, contact, colleague, site, as_role):
    note = case.note().expect(201)
    permission = case.permit(site_id=site).expect(201)

    def outcome(statement, *values):
        return [as_role("contact").fails(statement, by.id, *values,
                                         caller_id=contact.id)
                for by in (contact, colleague)]
    assert outcome(
        "insert into casework.site_permissions (granted_by_id, district_id,"
        " case_id, site_id, note_id, scope, granted_at, granted_by_name)"
        " values (%s, %s, %s, %s, %s, 'change', now(), 'x')",
        case["district_id"], case.id, site, note["id"]) == [None, "42501"]
    assert outcome(
        "update casework.site_permissions set revoked_by_id = %s,"
        " revoked_at = now(), revoked_by_name = 'x' where id = %s",
        permission["id"]) == [None, "42501"]


# -- expiry ----------------------------------------------------------------

@pytest.mark.fact(10)
def test_an_expired_permission_allows_nothing_from_that_instant(
        contact, advisor, site, clock):
    clock.at(MORNING)
    case = contact.submit()
    permission = case.permit(site_id=site, expires_at=NOON).expect(201)
    clock.at("2026-11-23T11:59:59.999999-06:00")
    case.visit(advisor, site, "change").expect(201)
    clock.at(NOON)
    case.visit(advisor, site, "change").expect(
        409, problem="site-permission-required")
    assert contact.get(permission.location)["state"] == "expired"
    revoke(permission, contact).expect(409, problem="conflict")


@pytest.mark.fact(10)
def test_a_permission_does_not_expire_before_it_begins(
        contact, site, clock):
    clock.at(MORNING)
    case = contact.submit()
    for past in (MORNING, "2026-11-23T09:59:59-06:00"):
        answer = case.permit(site_id=site, expires_at=past)
        assert answer.expect(422).faults == ["/expires_at"]
    assert case.notes() == []


@pytest.mark.fact(10, 81)
def test_the_timer_says_once_that_it_has_expired(
        contact, site, clock, as_role):
    clock.at(MORNING)
    case = contact.submit()
    permission = case.permit(site_id=site, expires_at=NOON).expect(201)
    kept = case.permit(site_id=site).expect(201)

    def expired():
        as_role("worker").run("select rules.timer_site_permissions(1000)")
        return [e for e in case.history()
                if e["type"] == "case.site_permission_expired"]
    assert expired() == []
    clock.at(NOON)
    for _ in range(2):
        event, = expired()
    assert event["actor"] == {"kind": "system", "id": 0, "name": "casework",
                              "person_id": None, "client_id": None}
    assert event["changes"] == [{
        "member": f"site_permission {permission['id']}",
        "old": "live", "new": "expired"}]
    assert contact.get(kept.location)["state"] == "live"


@pytest.mark.fact(10)
def test_a_revoked_permission_does_not_expire_as_well(
        contact, site, clock, timer):
    clock.at(MORNING)
    case = contact.submit()
    permission = case.permit(site_id=site, expires_at=NOON).expect(201)
    revoked = revoke(permission, contact).expect(200)
    clock.at(NOON)
    timer("site_permissions")
    assert case.event_types()[-1] == "case.site_permission_revoked"
    assert contact.get(permission.location).json == revoked.json


# -- partners --------------------------------------------------------------

@pytest.mark.fact(19)
@pytest.mark.rule("2.10")
def test_the_end_of_an_assignment_is_recorded_once(
        world, contact, partner, sql, as_role):
    case = contact.submit()

    def ended():
        as_role("worker").run("select rules.timer_partner_assignments(1000)")
        return sql.rows(
            "select actor_kind, changes from casework.events where"
            " district_id = %s and type = 'partner.assignment_ended'",
            contact.district.id)
    assert ended() == []
    world.end_partner(partner, contact.district)
    partner.get(case.path).expect(404)
    for _ in range(2):
        event, = ended()
    assert event == {"actor_kind": "system", "changes": [
        {"member": "partner_id", "old": partner.id, "new": None}]}


# -- both at once ----------------------------------------------------------

@pytest.mark.fact(10)
def test_no_access_follows_a_revocation(case, contact, advisor, site):
    """Whatever comes first: no change is recorded after the revocation."""
    for _ in range(20):
        permission = case.permit(site_id=site).expect(201)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            visit = pool.submit(case.visit, advisor, site, "change")
            revoked = pool.submit(revoke, permission, contact)
            revoked.result().expect(200)
            visit.result().expect(201, 409)
        types = [e["type"] for e in case.history()[-2:]]
        assert types[-1] == ("case.site_permission_revoked")
        assert (visit.result().status == 201) == (
            types[0] == "case.site_accessed")
