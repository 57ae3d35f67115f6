"""Which districts a partner serves, and when: access begins and ends by time, and
with the last district ends what the partner calls by (2.10)."""

import pytest

from generate import NOBODY
from partners import PARTNERS, Identities, a_client, a_person
from vectors import instant

PAST, LATER = "2020-01-01T06:00:00Z", "2099-01-01T06:00:00Z"
MUCH_LATER = "2099-06-01T05:00:00Z"


@pytest.fixture
def administrator(world):
    return world.staff("administrator")


@pytest.fixture
def newcomer(world):
    """A partner that serves nobody yet."""
    return world.partner()


def under(partner):
    return f"{PARTNERS}/{partner.id}/assignments"


@pytest.fixture
def assign(administrator):
    def assign(partner, district, **changes):
        return administrator.post(under(partner), {
            "district_id": district.id, **changes})
    return assign


@pytest.fixture
def end(administrator):
    def end(assignment, by=None, etag="*"):
        return (by or administrator).post(assignment.location + "/end",
                                          etag=etag)
    return end


def districts(partner):
    return partner.get("/v1/me").expect(200)["district_ids"]


# -- assigning -------------------------------------------------------------

@pytest.mark.fact(19)
def test_a_partner_sees_a_district_from_its_assignment_on(
        assign, newcomer, district, case):
    newcomer.get(case.path).expect(404)
    answer = assign(newcomer, district).expect(201)
    assert answer["district_id"] == district.id
    assert answer["valid_to"] is None
    assert instant(answer["valid_from"]) == instant(answer["created_at"])
    newcomer.get(case.path).expect(200)
    read = newcomer.get(answer.location).expect(200)
    assert read.json == answer.json and read.etag == answer.etag


def test_an_assignment_to_come_opens_nothing_yet(
        assign, newcomer, district):
    assign(newcomer, district, valid_from=LATER).expect(201)
    assert districts(newcomer) == []


def test_one_that_is_older_than_anybody_knows_has_no_beginning(
        partner, administrator):
    """Those that were there before the API could make any."""
    only, = administrator.all(under(partner))
    assert only["valid_from"] is None and only["valid_to"] is None


@pytest.mark.parametrize("who", ["partner", "contact", "staff"])
def test_nobody_else_assigns_or_ends(
        request, world, assign, newcomer, district, end, who):
    assignment = assign(newcomer, district).expect(201)
    someone = (world.staff("lead", "advisor") if who == "staff"
               else request.getfixturevalue(who))
    for answer in (
            someone.post(under(newcomer), {"district_id": district.id}),
            someone.patch(assignment.location, {"valid_to": LATER}, etag="*"),
            end(assignment, by=someone)):
        answer.expect(403, problem="caller-not-allowed")


def test_the_database_lets_administrators_assign_alone(
        world, newcomer, partner, district, as_role):
    lead = world.staff("lead")
    insert = ("insert into casework.partner_districts (partner_id,"
              " district_id) values (%s, %s)")
    assert as_role("staff").fails(insert, newcomer.id, district.id,
                                  caller_id=lead.id) == "42501"
    assert as_role("partner").fails(insert, newcomer.id, district.id,
                                    caller_id=newcomer.id) == "42501"
    assert as_role("staff").acting(
        "update casework.partner_districts set valid_to = null"
        " where partner_id = %s returning id", partner.id,
        caller_id=lead.id) == []


@pytest.mark.parametrize("changes, fault", [
    ({"district_id": NOBODY}, "/district_id"),
    ({"valid_from": LATER, "valid_to": LATER}, "/valid_to"),
    ({"valid_from": MUCH_LATER, "valid_to": LATER}, "/valid_to"),
    ({"valid_from": PAST, "valid_to": "2021-01-01T06:00:00Z"}, "/valid_to"),
    ({"valid_from": None}, "/valid_from"),
    ({"valid_from": "2026-01-01"}, "/valid_from"),
    ({"partner_id": 1}, "/partner_id"), ({"id": 1}, "/id")])
def test_what_is_no_assignment_is_refused(
        assign, newcomer, district, changes, fault):
    answer = assign(newcomer, district, **changes).expect(422)
    assert set(answer.faults) == {fault}


def test_a_partner_that_there_is_not_is_assigned_nothing(
        administrator, district):
    administrator.post(f"{PARTNERS}/{NOBODY}/assignments", {
        "district_id": district.id}).expect(404)


@pytest.mark.parametrize("first, second", [
    ({}, {}), ({}, {"valid_from": LATER}), ({"valid_from": LATER}, {}),
    ({"valid_from": LATER}, {"valid_to": MUCH_LATER}),
    ({"valid_to": MUCH_LATER}, {"valid_from": LATER}),
    ({"valid_from": PAST}, {"valid_to": LATER})])
def test_two_of_one_district_do_not_overlap(
        assign, newcomer, district, world, first, second):
    assign(newcomer, district, **first).expect(201)
    assign(newcomer, district, **second).expect(409, problem="already-exists")
    assign(newcomer, world.district(), **second).expect(201)
    assign(world.partner(), district, **second).expect(201)


def test_one_may_begin_where_another_ends(assign, newcomer, district):
    assign(newcomer, district, valid_to=LATER).expect(201)
    assign(newcomer, district, valid_from=LATER).expect(201)


@pytest.mark.direct
def test_of_two_at_once_one_is_made(
        administrator, newcomer, district, meeting):
    first, second = meeting.meet("partner_districts", *(
        lambda by=meeting.by(administrator, at): by.post(
            under(newcomer), {"district_id": district.id}) for at in (0, 1)))
    first.expect(201)
    second.expect(409, problem="already-exists")


# -- reading ---------------------------------------------------------------

def test_a_partner_reads_its_own_assignments(
        assign, partner, newcomer, district, staff):
    other = assign(newcomer, district).expect(201)
    only, = partner.all(under(partner))
    assert staff.get(f"{under(partner)}/{only['id']}").expect(200).json == only
    partner.get(other.location).expect(404)
    partner.get(under(newcomer)).expect(404)
    staff.get(f"{under(partner)}/{other['id']}").expect(404)


def test_every_filter_of_assignments(
        assign, end, newcomer, district, world, administrator):
    other = world.district()
    ended = assign(newcomer, other).expect(201)
    end(ended).expect(200)
    now = assign(newcomer, district, valid_to=LATER).expect(201)
    coming = assign(newcomer, other, valid_from=LATER).expect(201)
    for query, wanted in (
            ({"current": "true"}, [now]), ({"current": "false"},
                                           [ended, coming]),
            ({"district_id": district.id}, [now]), ({}, [ended, now, coming])):
        assert administrator.get(under(newcomer), query=query).ids == [
            a["id"] for a in wanted], query


# -- changing --------------------------------------------------------------

def test_its_end_is_changed(assign, administrator, newcomer, district):
    read = assign(newcomer, district).expect(201)
    changed = administrator.patch(read.location, {"valid_to": LATER},
                                  etag=read.etag).expect(200)
    assert changed["valid_to"] == LATER and changed.etag != read.etag
    administrator.patch(read.location, {"valid_to": None}, etag=read.etag
                        ).expect(412)
    same = administrator.patch(read.location, {"valid_to": LATER}, etag="*")
    assert same.expect(200).etag == changed.etag
    assert administrator.patch(read.location, {"valid_to": None}, etag="*"
                               ).expect(200)["valid_to"] is None


@pytest.mark.parametrize("changes", [
    {"valid_to": PAST}, {"valid_to": "soon"}, {"valid_from": PAST},
    {"district_id": 1}])
def test_nothing_else_of_it_is_changed(
        assign, administrator, newcomer, district, changes):
    assignment = assign(newcomer, district).expect(201)
    assert administrator.patch(assignment.location, changes, etag="*").expect(
        422).faults == ["/" + next(iter(changes))]


def test_nor_may_it_reach_into_the_next(
        assign, administrator, newcomer, district):
    first = assign(newcomer, district, valid_to=LATER).expect(201)
    assign(newcomer, district, valid_from=LATER).expect(201)
    administrator.patch(first.location, {"valid_to": None}, etag="*").expect(
        409, problem="already-exists")


# -- ending ----------------------------------------------------------------

@pytest.mark.fact(19)
@pytest.mark.rule("2.10")
def test_one_that_is_ended_closes_the_district_at_once(
        assign, end, newcomer, district, case, world, administrator):
    stays = world.district()
    assign(newcomer, stays).expect(201)
    assignment = assign(newcomer, district).expect(201)
    ended = end(assignment, etag=assignment.etag).expect(200)
    assert instant(ended["valid_to"]) >= instant(assignment["valid_from"])
    newcomer.get(case.path).expect(404)
    assert districts(newcomer) == [stays.id]
    end(assignment, etag=assignment.etag).expect(412)
    end(assignment).expect(409, problem="conflict")
    administrator.patch(assignment.location, {"valid_to": None}, etag="*"
                        ).expect(409, problem="conflict")
    assign(newcomer, district).expect(201)
    newcomer.get(case.path).expect(200)


def test_one_that_is_ended_before_it_begins_never_begins(
        assign, end, newcomer, district):
    assignment = assign(newcomer, district, valid_from=LATER).expect(201)
    ended = end(assignment).expect(200)
    assert ended["valid_to"] == ended["valid_from"] == LATER
    assign(newcomer, district, valid_from=LATER).expect(201)


@pytest.mark.fact(79)
def test_every_change_of_an_assignment_is_told_to_the_district(
        assign, end, administrator, newcomer, contact, timer):
    assignment = assign(newcomer, contact.district).expect(201)
    administrator.patch(assignment.location, {"valid_to": LATER}, etag="*"
                        ).expect(200)
    end(assignment).expect(200)
    timer("partner_assignments")
    events = [e for e in contact.all("/v1/events")
              if e["type"].startswith("partner.")]
    assert [(e["type"], e["actor"]["id"]) for e in events] == [
        ("partner.assigned", administrator.id),
        ("partner.assignment_changed", administrator.id),
        ("partner.assignment_ended", administrator.id)]
    assert [e["changes"][0]["new"] for e in events] == [
        newcomer.id, newcomer.id, None]
    assert events[1]["changes"][1] == {
        "member": "valid_to", "old": None, "new": LATER}


# -- what ends with it -----------------------------------------------------

@pytest.fixture
def served(world, sql, assign, newcomer, district):
    """A partner of one district, with who and what calls in its name."""
    class Served:
        def __init__(self):
            self.assignment = assign(newcomer, district).expect(201)
            self.hook = newcomer.post("/v1/webhooks", {
                "url": "https://receiver.example/hook"}).expect(201)
            self.rows = Identities(sql)
            self.identities = {
                self.rows.link("people", a_person(world, newcomer.id)),
                self.rows.link("clients", a_client(world, newcomer.id))}

        @property
        def status(self):
            return newcomer.get(self.hook.location)["status"]

        def is_there(self):
            return (self.status, self.rows.ended()) == ("enabled", set())

        def has_ended(self):
            return (self.status, self.rows.ended()) == (
                "disabled", self.identities)
    return Served()


@pytest.mark.rule("2.10")
def test_with_the_last_district_ends_what_the_partner_calls_by(
        served, end, newcomer, sql, administrator):
    assert served.is_there()
    end(served.assignment).expect(200)
    assert served.has_ended()
    events = [e for e in newcomer.all("/v1/events") if e["type"] in (
        "webhook.disabled", "partner.access_ended")]
    assert {e["type"] for e in events} == {
        "webhook.disabled", "partner.access_ended"}
    assert {e["actor"]["id"] for e in events} == {administrator.id}
    assert events[-1]["changes"] == [
        {"member": "identity_ids", "old": sorted(served.identities),
         "new": []},
        {"member": "webhook_ids", "old": [served.hook["id"]], "new": []}]


@pytest.fixture
def address(newcomer, sql):
    """The partner's."""
    address = f"desk@{newcomer.id}.example"
    sql.run("update casework.partners set email = %s where id = %s",
            address, newcomer.id)
    return address


@pytest.fixture
def letters(post, address, as_role):
    """What the partner is written, and the worker hands out."""
    def letters():
        post.dispatch()
        as_role("worker").run("select * from rules.lease_mail(60, 5)")
        return [m for m in post.mails() if m["to_address"] == address]
    return letters


@pytest.mark.rule("2.10")
def test_the_partner_is_told_what_ended(served, end, letters, clock):
    clock.at("2026-12-01T16:05:00-06:00")
    end(served.assignment).expect(200)
    letter, = letters()
    assert (letter["kind"], letter["attempts"]) == ("partner.access_ended", 1)
    assert ("Since December 1, 2026, 16:05 Central Time, no district is"
            " assigned to your organization any more" in letter["text"])
    assert "With it ended: 2 sign-ins and 1 webhook." in letter["text"]
    assert len(letters()) == 1


@pytest.mark.rule("2.10")
def test_so_it_is_when_it_is_deactivated(
        served, newcomer, letters, administrator):
    """Nothing else is handed out to who is not active."""
    administrator.patch(f"/v1/partners/{newcomer.id}", {"active": False},
                        etag="*").expect(200)
    letter, = letters()
    assert letter["attempts"] == 1
    assert "your organization is no longer active" in letter["text"]


@pytest.mark.rule("2.10")
def test_where_nothing_ended_nothing_is_told(
        assign, end, newcomer, district, letters):
    end(assign(newcomer, district).expect(201)).expect(200)
    assert letters() == []


@pytest.mark.rule("2.10")
@pytest.mark.parametrize("beginning", [PAST, LATER])
def test_as_long_as_it_serves_another_nothing_does(
        served, assign, end, newcomer, world, beginning):
    """Or is to serve one."""
    another = assign(newcomer, world.district(), valid_from=beginning
                     ).expect(201)
    end(served.assignment).expect(200)
    assert served.is_there()
    end(another).expect(200)
    assert served.has_ended()


@pytest.mark.rule("2.10")
def test_so_it_is_when_the_last_ends_by_time(
        served, newcomer, sql, timer):
    sql.run("update casework.partner_districts set valid_to = rules.now()"
            " where id = %s", served.assignment["id"])
    assert served.is_there()
    timer("partner_assignments")
    assert served.has_ended()
    event = newcomer.all("/v1/events", type="partner.access_ended")[-1]
    assert event["actor"]["kind"] == "system"
    told = {int(e["resource"]) for e in sql.rows(
        "select resource from casework.desk_events where type ="
        " 'identity.ended' and actor_kind = 'system'")}
    assert served.identities <= told


def test_the_end_of_an_assignment_tells_when_it_would_have_been(
        served, end, newcomer, administrator):
    end(served.assignment).expect(200)
    (event,) = [e for e in administrator.all(
        "/v1/events", type="partner.assignment_ended")
        if e["changes"][0]["old"] == newcomer.id]
    until = event["changes"][1]
    assert until["member"] == "valid_to"
    assert until["old"] == served.assignment["valid_to"] != until["new"]


@pytest.mark.direct
@pytest.mark.rule("2.10")
def test_of_the_last_two_that_end_at_once_one_is_the_last(
        served, assign, end, newcomer, world, administrator, meeting):
    another = assign(newcomer, world.district()).expect(201)
    for answer in meeting.meet("events", *(
            lambda ends=ends, by=meeting.by(administrator, at): end(ends, by)
            for at, ends in enumerate((served.assignment, another)))):
        answer.expect(200)
    assert served.has_ended()


@pytest.mark.rule("2.10")
def test_the_database_disables_no_webhook_of_who_serves(
        served, newcomer, as_role, administrator):
    assert as_role("staff").acting(
        "select rules.disable_webhooks_of_partner(%s) as ids", newcomer.id,
        caller_id=administrator.id) == [{"ids": []}]
