"""Where a call goes: 2.8, facts 5, 6, 21, 23, 33, 37."""

import pytest

from contract import same_problem
from generate import NOBODY
from phone import take_calls
from vectors import VECTORS, instant

OPEN = "2026-11-23T10:00:00-06:00"
CLOSED = "2026-11-26T02:00:00-06:00"        # Thanksgiving
ROUTES = {"case_owner": "owner", "next_available_advisor": "advisor",
          "queue": "queue", "on_call_hosting": "on_call_hosting",
          "closed": "closed", "refuse": "refuse"}
DAYS = ("starts_at", "2026-01-01T00:00:00Z"), ("ends_at",
                                               "2099-01-01T00:00:00Z")

each_call = pytest.mark.parametrize("vector", [
    pytest.param(v, id=v["id"], marks=pytest.mark.vector(v["id"]))
    for v in VECTORS["phone_routing"]])


@pytest.fixture
def owner(world):
    return world.staff()


def owned_case(contact, owner):
    case = contact.submit()
    case.assign(contact.world.registrar, owner).expect(200)
    return case


def revoke(staff, contact):
    staff.patch(f"/v1/contacts/{contact.id}", {"authorized": False},
                etag="*").expect(200)


@each_call
@pytest.mark.rule("2.8")
@pytest.mark.fact(6, 21, 23, 33, 37)
def test_a_call_goes_where_the_example_says(
        vector, world, staff, owner, advisor, phone, clock):
    district = world.district(
        hosting="campus_hosted" if vector["hosted"] else "self_hosted")
    contact = district.contact()
    entered = phone.pin(contact)
    case = owned_case(contact if vector["case_number_valid_for_district"]
                      else world.district().contact(), owner)
    take_calls(advisor, on_shift=vector["advisor_available"]).expect(200)
    take_calls(owner, on_shift=vector["owner_available"]).expect(200)
    if not vector["authorized"]:
        revoke(staff, contact)
    clock.at(OPEN if vector["open"] else CLOSED)
    entered["case_number"] = case.id
    if vector["pressed_8"]:
        entered["option"] = 8
    answer = phone.route(entered)
    route = ROUTES[vector["route"].partition(":")[0]]
    assert answer["decision"] == route, vector["why"]
    if route == "owner":
        assert answer["target"]["id"] == owner.id
    if route == "closed":
        assert answer["option"] == (8 if vector["hosted"] else None)
        assert ("press 8" in answer["announcement"]) == vector["hosted"]
        assert "portal" in answer["announcement"].lower()


# -- who is calling --------------------------------------------------------

@pytest.mark.fact(5, 6)
@pytest.mark.rule("2.8")
def test_nobody_unverified_learns_whether_a_case_exists(
        contact, stranger, owner, phone):
    """Existing, foreign and missing numbers: the same answer to the byte."""
    take_calls(owner).expect(200)
    mine, theirs = (owned_case(c, owner) for c in (contact, stranger))
    good = phone.pin(contact)
    answers = [phone.route(entered, case_number=number, **option).json
               for entered in ({"contact_number": contact.id},
                               {"contact_number": NOBODY, "pin": "123456"},
                               {**good, "contact_number": stranger.id},
                               {"contact_number": contact.id, "pin": "0"},
                               {"pin": good["pin"]}, {})
               for number in (mine.id, theirs.id, NOBODY)
               for option in ({}, {"option": 8})]
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["decision"] == "refuse"
    assert "district" in answers[0]["announcement"]
    assert [answers[0][m] for m in ("routing_id", "target", "opens_at",
                                    "option")] == [None] * 4


@pytest.mark.fact(5)
def test_a_new_pin_replaces_the_old(contact, phone):
    old = phone.pin(contact)
    new = phone.pin(contact)
    assert phone.route(new)["decision"] != "refuse"
    if old != new:
        assert phone.route(old)["decision"] == "refuse"


def wrong(entered):
    return {**entered, "pin": str((int(entered["pin"]) + 1) % 10**6).zfill(6)}


@pytest.mark.fact(5)
def test_after_five_wrong_pins_none_counts_for_a_while(contact, phone, clock):
    clock.at(OPEN)
    entered = phone.pin(contact)
    for _ in range(2):      # the right one ends the count
        for _ in range(4):
            assert phone.route(wrong(entered))["decision"] == "refuse"
        assert phone.route(entered)["decision"] == "queue"
    for _ in range(5):
        phone.route(wrong(entered))
    assert phone.route(entered)["decision"] == "refuse"
    clock.at("2026-11-23T10:14:59-06:00")
    assert phone.route(entered)["decision"] == "refuse"
    clock.at("2026-11-23T10:15:00-06:00")
    assert phone.route(entered)["decision"] == "queue"


@pytest.mark.fact(5)
def test_who_guesses_on_waits_longer_and_a_new_pin_ends_it(
        contact, colleague, phone, clock):
    clock.at(OPEN)
    entered, other = phone.pin(contact), phone.pin(colleague)
    for _ in range(5):
        phone.route(wrong(entered))
    clock.at("2026-11-23T10:15:00-06:00")
    for _ in range(5):
        phone.route(wrong(entered))
    clock.at("2026-11-23T10:44:59-06:00")
    assert phone.route(entered)["decision"] == "refuse"
    assert phone.route(other)["decision"] == "queue"    # nobody else's
    assert phone.route(phone.pin(contact))["decision"] == "queue"


@pytest.mark.parametrize("failures, rests", [
    (0, "00:00:00"), (4, "00:00:00"), (5, "00:15:00"), (6, "00:00:00"),
    (10, "00:30:00"), (25, "04:00:00"), (2_000_000_000, "04:00:00")])
def test_a_pin_rests_for_hours_at_most(sql, failures, rests):
    assert sql.value("select rules.pin_rest(%s)::text", failures) == rests


def test_a_pin_is_kept_by_a_slow_hash(contact, phone, sql):
    phone.pin(contact)
    assert sql.value("select left(slow_hash, 7) from casework.phone_pins"
                     " where contact_id = %s", contact.id) == "$2a$08$"


def test_a_pin_that_rests_costs_no_hash(contact, phone, sql, clock):
    clock.at(OPEN)
    entered = phone.pin(contact)
    sql.run("update casework.phone_pins set slow_hash = 'none', failures = 5,"
            " failed_at = rules.now() where contact_id = %s", contact.id)
    assert phone.route(entered)["decision"] == "refuse"     # and no error


def test_a_phone_system_has_one_hash_computed_at_a_time(
        contact, phone, as_role, sql):
    role, entered = as_role("telephony"), phone.pin(contact)
    role.run(role.beginning(1) + "select rules.phone_caller(%s)",
             wrong(entered))
    pid = role.run("select pg_backend_pid()")
    held = sql.value("select count(*) from pg_locks where pid = %s and"
                     " locktype = 'advisory' and classid = 7309456 and"
                     " objid = 1", int(pid))
    role.run("rollback")
    assert held == 1


@pytest.mark.fact(36)
def test_nobody_gets_a_pin_on_behalf_of_a_contact(contact, partner):
    contact.acting_for(f"partner:{partner.id}").post("/v1/phone-pin").expect(
        403, problem="not-permitted")


def test_no_role_reads_or_writes_pins(contact, phone, as_role):
    phone.pin(contact)
    for kind in ("contact", "partner", "staff", "telephony", "public",
                 "worker"):
        for statement in ("select 1 from casework.phone_pins",
                          "delete from casework.phone_pins",
                          "update casework.phone_pins set failures = 0"):
            assert as_role(kind).fails(statement) == "42501", kind


def test_the_phone_system_sees_no_case_before_somebody_is_known(
        contact, phone, as_role):
    case = contact.submit()
    role = as_role("telephony")
    query = f"select id from views.phone_case where id = {case.id}"
    assert role.acting(query, caller_id=1) == []
    role.run(role.beginning(1) + "select rules.phone_caller(%s)",
             phone.pin(contact))
    seen = role.rows(query)
    role.run("commit")
    assert seen == [{"id": case.id}] and role.rows(query) == []


# -- whom it goes to -------------------------------------------------------

@pytest.mark.rule("2.8")
@pytest.mark.fact(23, 33)
def test_an_owner_in_a_call_or_paused_is_not_available(
        contact, owner, advisor, phone, clock):
    clock.at(OPEN)
    entered = {**phone.pin(contact),
               "case_number": owned_case(contact, owner).id}
    take_calls(owner).expect(200)
    take_calls(advisor).expect(200)
    assert phone.route(entered)["target"]["id"] == owner.id
    call = phone.call()
    call.answer(owner).expect(200)
    assert phone.route(entered)["target"]["id"] == advisor.id
    call.hang_up().expect(200)
    assert phone.route(entered)["target"]["id"] == owner.id
    take_calls(owner, paused=True).expect(200)
    assert phone.route(entered)["decision"] == "advisor"


@pytest.mark.rule("2.10", "2.8")
def test_calls_about_the_case_of_an_owner_who_left_go_to_an_advisor(
        contact, owner, advisor, phone, clock, sql):
    clock.at(OPEN)
    entered = {**phone.pin(contact),
               "case_number": owned_case(contact, owner).id}
    take_calls(owner).expect(200)
    take_calls(advisor).expect(200)
    sql.run("update casework.staff set active = false where id = %s",
            owner.id)
    answer = phone.route(entered)
    assert (answer["decision"], answer["target"]["id"]) == (
        "advisor", advisor.id)


@pytest.mark.rule("2.8")
def test_the_advisor_who_was_idle_for_longest_is_next(
        contact, owner, advisor, phone, clock):
    """Whoever said so first; of those who had no call that one."""
    clock.at(OPEN)
    entered = phone.pin(contact)
    for minute, someone in enumerate((advisor, owner), 1):
        clock.at(f"2026-11-23T10:0{minute}:00-06:00")
        take_calls(someone).expect(200)
    assert phone.route(entered)["target"]["id"] == advisor.id
    for minute, someone in enumerate((owner, advisor), 3):
        call = phone.call()
        call.answer(someone).expect(200)
        clock.at(f"2026-11-23T10:0{minute}:00-06:00")
        call.hang_up().expect(200)
    assert phone.route(entered)["target"]["id"] == owner.id


@pytest.mark.rule("2.10", "2.8")
@pytest.mark.fact(37)
def test_option_8_follows_a_change_of_hosting_at_once(
        contact, phone, clock, sql):
    clock.at(CLOSED)
    entered = {**phone.pin(contact), "option": 8}
    assert phone.route(entered)["decision"] == "on_call_hosting"
    sql.run("update casework.districts set hosting = 'self_hosted'"
            " where id = %s", contact.district.id)
    answer = phone.route(entered)
    assert (answer["decision"], answer["option"]) == ("closed", None)
    assert instant(answer["opens_at"]) == instant("2026-11-30T12:00:00Z")


@pytest.mark.fact(21)
def test_an_outage_goes_to_the_one_on_call(
        contact, phone, clock, staff, engineer, lead):
    clock.at(CLOSED)
    entered = {**phone.pin(contact), "option": 8}
    for extension, someone in (("7001", staff), ("7002", engineer)):
        lead.post("/v1/on-call-shifts", {
            "staff_id": someone.id, "extension": extension, **dict(DAYS)}
            ).expect(201)
        target = phone.route(entered)["target"]
        assert (target["id"], target["extension"]) == (someone.id, extension)


@pytest.mark.fact(21)
def test_a_shift_begins_and_ends_to_the_instant(
        contact, phone, clock, staff, engineer, lead):
    clock.at("2026-11-25T12:00:00-06:00")
    entered = {**phone.pin(contact), "option": 8}
    for someone, begins, ends in ((staff, 20, 23), (engineer, 21, 22)):
        lead.post("/v1/on-call-shifts", {
            "staff_id": someone.id, "extension": "7004",
            "starts_at": f"2026-11-25T{begins}:00:00-06:00",
            "ends_at": f"2026-11-25T{ends}:00:00-06:00"}).expect(201)

    def on_call(time):
        clock.at(f"2026-11-25T{time}-06:00")
        return phone.route(entered)["target"]["id"]
    assert on_call("20:59:59.999999") == staff.id
    assert on_call("21:00:00") == engineer.id
    assert on_call("21:59:59.999999") == engineer.id
    assert on_call("22:00:00") == staff.id


@pytest.mark.fact(21)
@pytest.mark.rule("2.10")
def test_somebody_who_left_is_not_on_call(
        contact, phone, clock, staff, world, sql, lead):
    clock.at(CLOSED)
    gone = world.staff()
    for someone in (staff, gone):
        lead.post("/v1/on-call-shifts", {
            "staff_id": someone.id, "extension": "7003", **dict(DAYS)}
            ).expect(201)
    sql.run("update casework.staff set active = false where id = %s", gone.id)
    answer = phone.route({**phone.pin(contact), "option": 8})
    assert answer["target"]["id"] == staff.id


@pytest.mark.fact(21)
def test_without_a_roster_an_outage_still_goes_to_on_call(
        contact, phone, clock, sql):
    clock.at(sql.value("select min(starts_at) - interval '1 day'"
                       " from casework.on_call_shifts"))
    answer = phone.route({**phone.pin(contact), "option": 8})
    assert (answer["decision"], answer["target"]) == ("on_call_hosting", None)


@pytest.mark.rule("2.8")
def test_a_call_that_waits_is_asked_for_again(
        contact, owner, phone, clock):
    clock.at(OPEN)
    case = owned_case(contact, owner)
    call = phone.routed_call(contact, case_number=case.id)
    assert call.record["state"] == "queued"
    waiting = {"call_id": call.id}
    assert phone.route(waiting)["decision"] == "queue"
    take_calls(owner).expect(200)
    assert phone.route(waiting)["decision"] == "owner"
    call.hang_up().expect(200)
    assert phone.route(waiting)["decision"] == "refuse"
    assert phone.route({"call_id": phone.call().id})["decision"] == "refuse"


@pytest.mark.fact(34)
def test_no_routing_tells_the_toll_free_number(contact, phone, sql):
    number = sql.value("select toll_free_number from casework.support_line")
    for entered in ({}, phone.pin(contact)):
        assert number not in phone.route(entered).body.decode()


def test_telephony_alone_asks(contact, staff, partner):
    for someone in (contact, staff, partner):
        refused = someone.post("/v1/calls/routing", {})
        refused.expect(403, problem="caller-not-allowed")
        assert same_problem(refused.json, someone.post(
            "/v1/calls/routing", {"contact_number": contact.id}).json)
