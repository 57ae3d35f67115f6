"""What is written has readers, and rests while it has none: rule 3.3."""

import pytest

from sql import until_settled

pytestmark = pytest.mark.rule("3.3")

MONDAY = "2030-01-07T10:00:00-06:00"      # 7 January 2030
READ = ["case.escalated", "case.followed_up", "case.closed",
        "case.available_in_release", "case.defect_fixed", "case.resolved",
        "case.note_added", "case.attachment_added", "case.handed_over",
        "case.merged"]


def leave(*contacts):
    for contact in contacts:
        contact.world.sql.run("update casework.contacts set authorized ="
                              " false where id = %s", contact.id)


def come_back(contact):
    contact.world.sql.run("update casework.contacts set authorized = true"
                          " where id = %s", contact.id)


def address(sql, person, **columns):
    sets = "".join(f", {name} = '{value}'" for name, value in columns.items())
    sql.run(f"update casework.staff set email = %s{sets} where id = %s",
            f"staff-{person.id}@casework.example", person.id)
    return f"staff:{person.id}"


@pytest.fixture
def owners(world, case, advisor, sql):
    """The advisor of the case and the lead of the advisor's team."""
    sql.run("insert into casework.teams (code, name) values (%s, 'Readers')",
            f"readers_{advisor.id}")
    team = f"readers_{advisor.id}"
    lead, other = world.staff("lead"), world.staff("lead")
    address(sql, other)
    case.assign(advisor, advisor).expect(200)
    yield [address(sql, advisor, team=team), address(sql, lead, team=team)]
    for person in (advisor, lead, other):
        sql.run("update casework.staff set email = null, team = null"
                " where id = %s", person.id)
    sql.run("delete from casework.teams where code = %s", team)


@pytest.fixture
def pending(case, advisor, clock, owners, post):
    """A case that waits for verification since a Monday."""
    clock.at(MONDAY)
    sql = case.submitter.world.sql
    sql.run("update casework.cases set response_started_at = rules.now(),"
            " submitted_at = rules.now() where id = %s", case.id)
    case.resolve(advisor).expect(200)
    post.forget_the_past()
    return case


def event(sql, case, kind):
    sql.run("insert into casework.events (district_id, case_id, type, at,"
            " actor_kind, actor_id, actor_name) select c.district_id, c.id,"
            " %s, rules.now(), 'system', 0, 'casework' from casework.cases c"
            " where c.id = %s", kind, case.id)


@pytest.fixture
def told(sql, timer, post):
    """Who of the staff is told that something is unread."""
    def read(case):
        until_settled(sql)
        timer("alert_dispatch")
        return [(kind, who) for kind, who in post.written(case)
                if kind == "alert.unread" or who.startswith("contact:")]
    return read


def run(case, by):
    return by.get(case.path).expect(200)["follow_up"]


# -- who reads -------------------------------------------------------------

@pytest.mark.parametrize("kind", READ)
def test_who_is_involved_reads_first(post, sql, case, district, kind):
    district.contact(kind="technical")
    event(sql, case, kind)
    assert (kind, f"contact:{case.submitter.id}") in post.written(case)
    assert {who for _, who in post.written(case)} == {
        f"contact:{case.submitter.id}"}


def test_other_involved_come_before_technical_contacts(
        post, sql, case, colleague, district):
    district.contact(kind="technical")
    case.note(colleague).expect(201)
    post.forget_the_past()
    leave(case.submitter)
    event(sql, case, "case.escalated")
    assert post.written(case) == [
        ("case.escalated", f"contact:{colleague.id}")]


@pytest.mark.parametrize("kind", READ)
def test_technical_contacts_read_where_nobody_is_involved(
        post, sql, case, district, kind):
    district.contact()
    technical = district.contact(kind="technical")
    leave(case.submitter)
    event(sql, case, kind)
    assert post.written(case) == [(kind, f"contact:{technical.id}")]


def test_every_contact_reads_where_none_is_technical(
        post, sql, case, district):
    others = [district.contact() for _ in range(2)]
    leave(case.submitter)
    event(sql, case, "case.escalated")
    assert post.written(case) == [
        ("case.escalated", f"contact:{p.id}") for p in others]


def test_a_question_is_read_by_somebody(post, case, district, advisor):
    other = district.contact()
    case.assign(advisor, advisor).expect(200)
    leave(case.submitter)
    case.change(advisor, status="pending_customer_input").expect(200)
    assert post.written(case) == [
        ("case.status_changed", f"contact:{other.id}")]


def test_who_has_no_address_reads_nothing(post, sql, case, district):
    technical = district.contact(kind="technical")
    sql.run("update casework.contacts set email = '' where id = %s",
            case.submitter.id)
    event(sql, case, "case.closed")
    assert post.written(case) == [
        ("case.closed", f"contact:{case.submitter.id}"),
        ("case.closed", f"contact:{technical.id}")]
    assert {(m["recipient_id"], m["state"], m["reason"])
            for m in post.mails(case)} == {
        (case.submitter.id, "withheld", "no_address"),
        (technical.id, "queued", None)}


def test_what_was_submitted_for_somebody_is_told_to_who_is_involved(
        post, sql, case, district):
    district.contact()
    leave(case.submitter)
    event(sql, case, "case.submitted")
    assert post.written(case) == []


@pytest.mark.parametrize("kind", READ)
def test_where_nobody_reads_the_owner_and_the_lead_are_told(
        post, sql, case, owners, told, kind):
    post.forget_the_past()
    leave(case.submitter)
    event(sql, case, kind)
    assert told(case) == sorted(("alert.unread", who) for who in owners)


def test_without_an_advisor_every_lead_is_told(
        pending, advisor, clock, timer, post, owners):
    pending.assign(advisor, None).expect(200)
    leave(pending.submitter)
    clock.at("2030-01-10T17:00:00-06:00")
    timer("follow_ups")
    told = {who for kind, who in post.written(pending)}
    assert owners[1] in told and owners[0] not in told and len(told) >= 2


# -- a run that rests ------------------------------------------------------

@pytest.mark.rule("2.5", "3.3")
def test_follow_ups_rest_while_nobody_reads(
        pending, advisor, clock, timer, post, owners):
    leave(pending.submitter)
    clock.at("2030-01-10T17:00:00-06:00")        # business day 3
    timer("follow_ups")
    assert pending.all_follow_ups(advisor) == []
    before = run(pending, advisor)
    assert before["paused_at"] == "2030-01-10T23:00:00Z"
    assert before["business_day"] == 3
    assert pending.history(advisor)[-1]["type"] == "case.follow_up_paused"
    assert post.written(pending) == sorted(
        ("case.follow_up_paused", who) for who in owners)
    clock.at("2030-01-28T17:00:00-06:00")        # long after the end
    for name in ("follow_ups", "auto_close", "paused_follow_ups"):
        timer(name)
    assert pending.read(advisor)["status"] == "pending_verification"
    assert run(pending, advisor) == before


@pytest.mark.rule("2.5", "3.3")
def test_a_run_goes_on_from_there_when_somebody_is_named(
        pending, advisor, district, clock, timer):
    leave(pending.submitter)
    clock.at("2030-01-10T17:00:00-06:00")
    timer("follow_ups")
    clock.at("2030-01-15T09:00:00-06:00")        # three business days later
    district.contact()
    timer("paused_follow_ups")
    after = run(pending, advisor)
    assert after["paused_at"] is None and after["business_day"] == 2
    assert after["due_dates"] == ["2030-01-16", "2030-01-21", "2030-01-24"]
    assert after["auto_close_at"] == "2030-01-26T00:00:00Z"
    event = pending.history(advisor)[-1]
    assert event["type"] == "case.follow_up_resumed"
    assert event["changes"] == [{
        "member": "auto_close_at", "old": "2030-01-22T00:00:00Z",
        "new": "2030-01-26T00:00:00Z"}]
    clock.at("2030-01-16T17:00:00-06:00")
    timer("follow_ups")
    assert len(pending.all_follow_ups(advisor)) == 1
    clock.at("2030-01-25T18:00:00-06:00")
    timer("auto_close")
    assert pending.read(advisor)["closure_reason"] == "no_response"


@pytest.mark.rule("2.5", "3.3")
def test_nothing_is_closed_that_nobody_could_read(
        pending, advisor, clock, timer):
    clock.at("2030-01-18T17:00:00-06:00")
    timer("follow_ups")
    dates = run(pending, advisor)["due_dates"]
    leave(pending.submitter)
    clock.at("2030-01-21T18:00:00-06:00")        # the tenth day
    timer("auto_close")
    assert pending.read(advisor)["status"] == "pending_verification"
    pending.close(advisor, closure_reason="no_response").expect(409)
    come_back(pending.submitter)
    timer("paused_follow_ups")
    after = run(pending, advisor)
    assert after["auto_close_at"] == "2030-01-23T00:00:00Z"
    assert after["due_dates"] == dates


@pytest.mark.rule("2.5", "3.3")
def test_staff_write_no_follow_up_that_nobody_reads(
        pending, advisor, clock, timer):
    leave(pending.submitter)
    pending.follow_up(advisor).expect(409, problem="conflict")
    clock.at("2030-01-10T17:00:00-06:00")
    timer("follow_ups")
    come_back(pending.submitter)
    pending.follow_up(advisor).expect(200)
    assert run(pending, advisor)["paused_at"] is None
    assert pending.event_types(advisor)[-2:] == [
        "case.follow_up_resumed", "case.followed_up"]
