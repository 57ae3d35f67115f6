"""Staff are alerted, each once, by rules that are data: rule 3.3."""

import pytest

from instance import until
from mail import in_maildir, text_of
from sql import until_settled
from webhooks import Webhook, documented, of_type

pytestmark = pytest.mark.rule("3.3")

SETTINGS = "/v1/settings/alerts"
MONDAY = "2030-01-07T10:00:00-06:00"
SUNDAY = "2030-01-06T03:00:00-06:00"


class Desk:
    """A team with its product area: an owner, two colleagues, a lead."""

    def __init__(self, world, sql):
        self.world, self.sql = world, sql
        self.owner, self.mate = world.staff(), world.staff()
        self.lead = world.staff("lead")
        self.other = world.staff()
        self.dispatcher = world.staff()           # of no team
        self.team = f"alerted_{self.owner.id}"
        sql.run("insert into casework.teams (code, name) values (%s, 'Alerted');"
                " insert into casework.product_areas (code, name, position,"
                " team) select %s, %s, max(position) + 1, %s"
                " from casework.product_areas", self.team, self.team,
                self.team, self.team)
        for person in self.people:
            self.put(person, team=self.team)

    @property
    def people(self):
        return [self.owner, self.mate, self.lead, self.other]

    def put(self, person, **columns):
        for name, value in columns.items():
            self.sql.run(f"update casework.staff set {name} = %s,"
                         " email = %s where id = %s", value,
                         f"staff-{person.id}@casework.example", person.id)

    def leave(self, person, until="2099-12-31"):
        self.put(person, leave_ends_on=until)

    def submit(self, contact, **changes):
        case = contact.submit(product_area=self.team, **changes)
        case.assign(self.dispatcher, self.owner).expect(200)
        return case

    def end(self):
        self.sql.run("update casework.staff set active = false, team = null,"
                     " email = null where id = any (%s)",
                     [p.id for p in (*self.people, self.dispatcher)])
        self.sql.run("update casework.product_areas set active = false,"
                     " team = 'support' where code = %s;"
                     " delete from casework.teams where code = %s",
                     self.team, self.team)


@pytest.fixture
def desk(world, sql, clock):
    desk = Desk(world, sql)
    yield desk
    desk.end()
    assert sql.rows("select * from casework.timer_faults"
                    " where timer like 'alert%'") == []


@pytest.fixture
def dispatch(timer, sql, post):
    """Raises the alerts about all that has happened since the test began."""
    def run():
        until_settled(sql)
        timer("alert_dispatch")
    return run


@pytest.fixture
def raised(dispatch, world):
    """The alerts of a case: kind, and who was alerted."""
    reader = world.staff()

    def read(case, *kinds):
        dispatch()
        return [(a["kind"], {*a["staff_ids"]}) for a in reversed(reader.all(
            f"/v1/alerts?case_id={case.id}")) if a["kind"] in kinds or not kinds]
    return read


@pytest.fixture
def owned(desk, contact, dispatch, post, clock):
    """A case that has an owner since a Monday; its assignment is told."""
    clock.at(MONDAY)
    case = desk.submit(contact)
    dispatch()
    post.begin()
    return case


@pytest.fixture
def administrator(world):
    return world.staff("administrator")


@pytest.fixture
def rule(administrator, desk_kept):
    """Changes the rule of a kind for this test."""
    def change(kind, **members):
        return administrator.patch(SETTINGS, {kind: members},
                                   etag="*").expect(200)
    return change


def ids(*people):
    return {person.id for person in people}


def mailed(post, case):
    return sorted((m["kind"], m["recipient_id"]) for m in post.mails(case)
                  if m["recipient_kind"] == "staff")


# -- of what ---------------------------------------------------------------

def test_a_new_critical_case_is_told_to_the_team(
        desk, contact, raised, post):
    case = contact.submit(product_area=desk.team, priority="critical")
    assert raised(case) == [("new_critical_case", ids(*desk.people))]
    assert mailed(post, case) == [
        ("alert.new_critical_case", id) for id in sorted(ids(*desk.people))]


def test_of_a_case_that_is_not_critical_nobody_is_alerted(
        desk, contact, raised):
    assert raised(contact.submit(product_area=desk.team, priority="high")) == []


@pytest.fixture
def on_call(desk, clock):
    """Somebody answers outages on a night to Sunday."""
    clock.at(SUNDAY)
    desk.lead.post("/v1/on-call-shifts", {
        "staff_id": desk.other.id, "starts_at": "2030-01-06T00:00:00Z",
        "ends_at": "2030-01-07T00:00:00Z", "extension": "4711"}).expect(201)
    return desk.other


def outage(desk, contact, **changes):
    return contact.submit(type="outage", product_area=desk.team, **changes)


def test_an_outage_at_a_hosted_district_wakes_who_is_on_call_at_any_hour(
        desk, contact, on_call, raised, post):
    case = outage(desk, contact)
    assert raised(case) == [("hosted_outage", ids(on_call))]
    assert mailed(post, case) == [("alert.hosted_outage", on_call.id)]


def test_a_case_that_turns_out_to_be_an_outage_does_so_too(
        desk, contact, on_call, raised):
    case = contact.submit(product_area=desk.team)
    assert raised(case) == []
    contact.patch(case.path, {"type": "outage"}, etag="*").expect(200)
    assert raised(case) == [("hosted_outage", ids(on_call))]


def test_an_outage_of_a_district_that_hosts_itself_wakes_nobody(
        desk, world, on_call, raised):
    contact = world.district(hosting="self_hosted").contact()
    assert raised(outage(desk, contact)) == []


def test_where_who_is_on_call_is_away_the_team_is_told(
        desk, contact, on_call, raised):
    desk.leave(on_call)
    assert raised(outage(desk, contact)) == [
        ("hosted_outage", ids(desk.owner, desk.mate, desk.lead))]


def test_whom_a_case_is_assigned_to_is_told(desk, contact, raised, post):
    case = desk.submit(contact)
    assert raised(case) == [("assigned", ids(desk.owner))]
    assert mailed(post, case) == [("alert.assigned", desk.owner.id)]


def test_who_takes_a_case_is_not_told_of_it(desk, contact, raised):
    case = contact.submit(product_area=desk.team)
    case.assign(desk.owner, desk.owner).expect(200)
    assert raised(case) == []


def test_the_owner_is_told_of_a_reply_by_one_mail(
        owned, desk, raised, post, timer):
    owned.note(text="It is still broken.").expect(201)
    assert raised(owned, "contact_reply") == [("contact_reply", ids(desk.owner))]
    timer("mail_dispatch")
    assert ("case.note_added", desk.owner.id) in mailed(post, owned)
    assert "alert.contact_reply" not in {k for k, _ in mailed(post, owned)}


def test_a_note_of_support_is_no_reply(owned, desk, raised):
    owned.note(desk.mate).expect(201)
    assert raised(owned, "contact_reply") == []


def test_where_nobody_has_the_case_a_note_is_no_reply(desk, contact, raised):
    case = contact.submit(product_area=desk.team)
    case.note().expect(201)
    assert raised(case) == []


@pytest.mark.parametrize("priority, told", [("high", True), ("low", False)])
def test_a_priority_that_is_raised_is_told(
        owned, desk, raised, contact, priority, told):
    contact.patch(owned.path, {"priority": priority}, etag="*").expect(200)
    assert raised(owned, "priority_raised") == [
        ("priority_raised", ids(desk.owner))] * told


def test_an_escalation_is_told_to_its_team(owned, desk, sql, raised):
    before = sql.value("select coalesce(array_agg(id), '{}')::text from"
                       " casework.staff where team = 'technical_services'"
                       " and active")
    assert before == "{}"
    desk.put(desk.other, team="technical_services")
    owned.act(desk.dispatcher, "escalations", {
        "team": "technical_services", "text": "Please look."}).expect(201)
    assert raised(owned, "escalated") == [("escalated", ids(desk.other))]


def test_a_paused_run_is_told_to_the_owner_and_the_lead(
        owned, desk, contact, clock, timer, raised, sql, post):
    owned.resolve(desk.owner).expect(200)
    sql.run("update casework.contacts set authorized = false where id = %s",
            contact.id)
    clock.at("2030-01-10T17:00:00-06:00")
    timer("follow_ups")
    assert raised(owned, "follow_up_paused") == [
        ("follow_up_paused", ids(desk.owner, desk.lead))]
    timer("mail_dispatch")
    assert mailed(post, owned)[-2:] == [
        ("case.follow_up_paused", id)
        for id in sorted(ids(desk.owner, desk.lead))]


def nobody_left(sql, contact):
    sql.run("update casework.contacts set authorized = false where id = %s",
            contact.id)


def test_what_nobody_can_read_is_told_to_the_owner_and_the_lead(
        owned, desk, contact, raised, sql, post):
    nobody_left(sql, contact)
    owned.escalate(desk.owner).expect(201)
    assert raised(owned, "unread") == [("unread", ids(desk.owner, desk.lead))]
    assert [m for m in mailed(post, owned) if m[0] == "alert.unread"] == [
        ("alert.unread", id) for id in sorted(ids(desk.owner, desk.lead))]


def test_of_a_case_of_a_partner_too(desk, contact, partner, raised, sql):
    case = partner.submit(contact_id=contact.id, product_area=desk.team)
    nobody_left(sql, contact)
    case.close(desk.dispatcher, closure_reason="withdrawn").expect(200)
    assert raised(case) == [("unread", ids(*desk.people))]


def test_that_all_want_no_mail_is_their_choice(
        owned, desk, contact, raised, post, timer):
    contact.patch("/v1/me/mail-preferences", {"progress": "none"}, etag="*"
                  ).expect(200)
    owned.escalate(desk.mate).expect(201)
    assert raised(owned, "unread") == []
    timer("mail_dispatch")
    mail, = [m for m in post.mails(owned) if m["kind"] == "case.escalated"]
    assert (mail["state"], mail["reason"]) == ("withheld", "preference")


def test_while_somebody_reads_nothing_is_unread(
        owned, desk, contact, district, raised, sql):
    district.contact()
    nobody_left(sql, contact)
    owned.escalate(desk.mate).expect(201)
    assert raised(owned, "unread") == []


@pytest.mark.rule("2.10")
def test_a_case_that_its_owner_has_left_is_told_to_the_lead(
        owned, desk, raised, sql, post):
    sql.run("update casework.staff set active = false where id = %s",
            desk.owner.id)
    assert raised(owned, "advisor_left") == [("advisor_left", ids(desk.lead))]
    assert [m for m in mailed(post, owned) if m[0] == "alert.advisor_left"
            ] == [("alert.advisor_left", desk.lead.id)]


def test_who_takes_an_advisor_away_tells_nobody(owned, desk, raised):
    owned.assign(desk.mate, None).expect(200)
    assert raised(owned, "advisor_left") == []


# -- by the clock ----------------------------------------------------------

@pytest.fixture
def critical(desk, contact, clock, raised):
    """An hour of business time for an answer, from MONDAY on."""
    clock.at(MONDAY)
    case = desk.submit(contact, priority="critical")
    raised(case)
    return case


USED = "response_target_used"


def test_three_quarters_of_a_target_without_an_answer(
        critical, desk, clock, timer, raised, post):
    clock.at("2030-01-07T10:44:59.999999-06:00")
    timer("alert_times")
    assert raised(critical, USED) == []
    clock.at("2030-01-07T10:45:00-06:00")
    timer("alert_times")
    assert raised(critical, USED) == [(USED, ids(desk.owner))]
    critical.note().expect(201)
    raised(critical)
    clock.at("2030-01-07T10:46:00-06:00")
    timer("alert_times")
    assert len(raised(critical, USED)) == 1
    mail, = [m for m in post.mails(critical) if m["kind"] == f"alert.{USED}"]
    assert "75 %" in mail["subject"]


def test_the_share_is_of_business_time(desk, contact, clock, timer, raised):
    clock.at("2030-01-04T17:30:00-06:00")              # a Friday, until 18:00
    case = desk.submit(contact, priority="critical")
    raised(case)
    clock.at("2030-01-07T06:14:59-06:00")
    timer("alert_times")
    assert raised(case, USED) == []
    clock.at("2030-01-07T06:15:00-06:00")
    timer("alert_times")
    assert len(raised(case, USED)) == 1


def test_an_answer_leaves_nothing_to_tell(
        critical, desk, clock, timer, raised):
    critical.note(desk.owner).expect(201)
    clock.at("2030-01-07T10:50:00-06:00")
    timer("alert_times")
    assert raised(critical, USED) == []


def test_a_missed_target_is_told_to_owner_and_lead_and_is_all(
        critical, desk, clock, timer, raised):
    clock.at("2030-01-07T11:00:01-06:00")
    timer("breaches")
    timer("alert_times")
    assert raised(critical, USED, "response_target_missed") == [
        ("response_target_missed", ids(desk.owner, desk.lead))]


def test_a_raised_priority_brings_the_share_forward(
        owned, contact, clock, timer, raised):
    contact.patch(owned.path, {"priority": "critical"}, etag="*").expect(200)
    raised(owned)
    clock.at("2030-01-07T10:45:00-06:00")
    timer("alert_times")
    assert len(raised(owned, USED)) == 1


def untouched(raised, timer, clock, case, moment):
    clock.at(moment)
    timer("alert_times")
    return len(raised(case, "untouched"))


def test_a_case_that_nobody_touches_for_five_business_days(
        owned, desk, clock, timer, raised):
    look = [raised, timer, clock, owned]
    assert untouched(*look, "2030-01-14T17:59:59-06:00") == 0
    assert untouched(*look, "2030-01-14T18:00:00-06:00") == 1
    assert untouched(*look, "2030-01-16T18:00:00-06:00") == 1
    owned.note(desk.mate).expect(201)
    raised(owned)
    assert untouched(*look, "2030-01-23T17:59:59-06:00") == 1
    assert untouched(*look, "2030-01-23T18:00:00-06:00") == 2


def test_a_touch_puts_it_off(owned, desk, clock, timer, raised):
    look = [raised, timer, clock, owned]
    clock.at("2030-01-09T10:00:00-06:00")
    owned.note(desk.mate).expect(201)
    raised(owned)
    assert untouched(*look, "2030-01-14T18:00:00-06:00") == 0
    assert untouched(*look, "2030-01-16T18:00:00-06:00") == 1


def test_a_day_that_is_no_holiday_any_more_counts(
        desk, contact, clock, timer, raised, another_holiday, sql, moved):
    another_holiday("2030-01-10")
    clock.at(MONDAY)
    case = desk.submit(contact)
    look = [raised, timer, clock, case]
    assert untouched(*look, "2030-01-14T18:00:00-06:00") == 0
    sql.run("delete from casework.holidays where date = '2030-01-10'")
    moved()
    assert untouched(*look, "2030-01-14T18:00:00-06:00") == 1


@pytest.mark.parametrize("status, told", [
    ("scheduled", 0), ("pending_customer_input", 1)])
def test_a_case_that_waits_for_its_date_is_left_in_peace(
        owned, desk, clock, timer, raised, status, told):
    change = {"status": status}
    if status == "scheduled":
        change["scheduled_on"] = "2030-12-02"
    desk.mate.patch(owned.path, change, etag="*").expect(200)
    raised(owned)
    assert untouched(
        raised, timer, clock, owned, "2030-02-14T18:00:00-06:00") == told


def test_a_closed_case_is_left_in_peace(owned, clock, timer, raised, sql):
    owned.close().expect(200)
    raised(owned)
    assert untouched(
        raised, timer, clock, owned, "2030-02-14T18:00:00-06:00") == 0
    assert sql.rows("select * from casework.alert_times where case_id = %s",
                    owned.id) == []


# -- once, and to whom -----------------------------------------------------

def test_an_alert_comes_once_however_often_its_event_is_read(
        owned, raised, post, sql):
    place = sql.row("select xid, event_id from casework.event_cursors"
                    " where consumer = 'alert'")
    owned.note().expect(201)
    for _ in range(3):
        assert len(raised(owned, "contact_reply")) == 1
        sql.run("update casework.event_cursors set (xid, event_id) = (%s, %s)"
                " where consumer = 'alert'", place["xid"], place["event_id"])
    assert len([e for e in owned.history(
        owned.world.staff()) if e["data"].get("kind") == "contact_reply"]) == 1


def test_who_is_on_leave_is_replaced_by_the_team(
        owned, desk, clock, raised, post, timer):
    desk.leave(desk.owner, "2030-01-08")
    owned.note().expect(201)
    team = ids(desk.mate, desk.lead, desk.other)
    assert raised(owned, "contact_reply") == [("contact_reply", team)]
    timer("mail_dispatch")
    assert mailed(post, owned) == [
        ("case.note_added", id) for id in sorted(team)]
    assert all("somebody of your team who is away" in mail["text"]
               for mail in post.mails(owned)
               if mail["recipient_kind"] == "staff")
    clock.at("2030-01-08T23:59:59-06:00")
    owned.note().expect(201)
    assert raised(owned, "contact_reply")[-1] == ("contact_reply", team)
    clock.at("2030-01-09T00:00:00-06:00")
    owned.note().expect(201)
    assert raised(owned, "contact_reply")[-1] == (
        "contact_reply", ids(desk.owner))


def test_others_of_the_team_who_are_away_are_not_told_instead(
        owned, desk, raised):
    for person in (desk.owner, desk.other):
        desk.leave(person)
    owned.note().expect(201)
    assert raised(owned, "contact_reply") == [
        ("contact_reply", ids(desk.mate, desk.lead))]


def test_where_a_whole_team_is_away_the_leads_of_the_desk_are_told(
        owned, desk, world, raised):
    for person in desk.people:
        desk.leave(person)
    lead = world.staff("lead")
    owned.note().expect(201)
    (_, told), = raised(owned, "contact_reply")
    assert lead.id in told and not told & ids(*desk.people)


def test_who_is_on_leave_is_said_by_an_administrator(
        administrator, desk, sql):
    path = f"/v1/staff/{desk.mate.id}"
    answer = administrator.patch(path, {"leave_ends_on": "2030-01-08"},
                                 etag="*")
    assert answer.expect(200)["leave_ends_on"] == "2030-01-08"
    assert sql.value("select changes from casework.desk_events where type ="
                     " 'staff.updated' and resource = %s order by id desc"
                     " limit 1", str(desk.mate.id)) == [{
                         "member": "leave_ends_on", "old": None,
                         "new": "2030-01-08"}]


# -- what alerts nobody ----------------------------------------------------

def test_a_test_alerts_nobody(desk, contact, raised, sql):
    case = contact.submit(product_area=desk.team, priority="critical")
    sql.run("update casework.cases set test = true where id = %s", case.id)
    assert raised(case) == []


def test_what_came_with_an_import_alerts_nobody(owned, raised, sql):
    owned.note().expect(201)
    sql.run("update casework.events set imported = true where case_id = %s",
            owned.id)
    assert raised(owned, "contact_reply") == []


def test_a_case_that_a_partner_provides_for_alerts_nobody(
        desk, contact, partner, raised, clock, on_call):
    case = partner.submit(contact_id=contact.id, priority="critical",
                          product_area=desk.team)
    assert case["support_provider"] == "partner"
    assert raised(case) == []
    contact.patch(case.path, {"type": "outage"}, etag="*").expect(200)
    assert raised(case) == [("hosted_outage", ids(on_call))]


# -- the rules are data ----------------------------------------------------

def test_a_rule_that_is_off_alerts_nobody(owned, rule, raised, timer, post):
    rule("contact_reply", enabled=False)
    owned.note().expect(201)
    assert raised(owned, "contact_reply") == []
    timer("mail_dispatch")
    assert mailed(post, owned) == []


def test_a_rule_without_mail_is_an_event_only(
        desk, contact, rule, raised, post):
    rule("assigned", mail=False)
    case = desk.submit(contact)
    assert raised(case) == [("assigned", ids(desk.owner))]
    assert mailed(post, case) == []


def test_a_rule_says_who_is_alerted(owned, desk, rule, raised):
    rule("contact_reply", recipients=["owner", "lead"])
    owned.note().expect(201)
    assert raised(owned, "contact_reply") == [
        ("contact_reply", ids(desk.owner, desk.lead))]


def test_fewer_days_hold_for_what_is_open_already(
        owned, rule, raised, timer, clock):
    look = [raised, timer, clock, owned]
    assert untouched(*look, "2030-01-09T18:00:00-06:00") == 0
    rule("untouched", business_days=2)
    assert untouched(*look, "2030-01-09T18:00:00-06:00") == 1


def test_a_rule_that_comes_on_again_tells_what_is_due(
        owned, rule, raised, timer, clock):
    look = [raised, timer, clock, owned]
    rule("untouched", enabled=False)
    assert untouched(*look, "2030-01-15T18:00:00-06:00") == 0
    rule("untouched", enabled=True)
    assert untouched(*look, "2030-01-15T18:00:00-06:00") == 1


def test_another_percentage(critical, rule, raised, timer, clock):
    rule(USED, percent=50)
    clock.at("2030-01-07T10:30:00-06:00")
    timer("alert_times")
    assert len(raised(critical, USED)) == 1


def test_a_change_of_the_rules_is_recorded(rule, sql):
    before = rule("untouched", business_days=5)
    after = rule("untouched", business_days=9)
    assert (before["untouched"]["business_days"],
            after["untouched"]["business_days"]) == (5, 9)
    change, = sql.value("select changes from casework.desk_events where type ="
                        " 'setting.updated' order by id desc limit 1")
    assert (change["member"], change["new"]["business_days"]) == (
        "untouched", 9)


# -- where it is told ------------------------------------------------------

def test_an_alert_is_an_event_that_staff_alone_read(
        owned, desk, contact, raised):
    owned.note().expect(201)
    raised(owned)
    event = owned.history(desk.mate)[-1]
    assert (event["type"], event["visibility"], event["actor"]["kind"]) == (
        "alert.raised", "internal", "system")
    assert event["data"]["kind"] == "contact_reply"
    assert event["data"]["staff_ids"] == [desk.owner.id]
    assert "alert.raised" not in owned.event_types(contact)
    assert contact.all(
        f"/v1/events?case_id={owned.id}&type=alert.raised") == []
    assert event["id"] in [e["id"] for e in desk.mate.all(
        f"/v1/events?case_id={owned.id}&type=alert.raised")]


def test_one_finds_ones_own_alerts(owned, desk, raised):
    owned.note().expect(201)
    raised(owned)
    mine = desk.owner.all(f"/v1/alerts?staff_id={desk.owner.id}")
    assert [a["kind"] for a in mine] == ["contact_reply", "assigned"]
    assert desk.owner.all(f"/v1/alerts?staff_id={desk.mate.id}") == []
    assert [a["kind"] for a in desk.owner.all(
        f"/v1/alerts?case_id={owned.id}&kind=assigned")] == ["assigned"]


def test_an_alert_that_fails_is_raised_later(
        owned, stranger, desk, raised, sql, post):
    sql.run(f"alter table casework.alerts add constraint broken"
            f" check (case_id <> {owned.id} or kind <> 'contact_reply')"
            " not valid")
    try:
        owned.note().expect(201)
        other = desk.submit(stranger)
        assert raised(owned, "contact_reply") == []
        assert raised(other) == [("assigned", ids(desk.owner))]
    finally:
        sql.run("alter table casework.alerts drop constraint broken")
    sql.run("update casework.timer_faults set retry_at = rules.now()")
    sql.run("select rules.timer_alert_retry(10)")
    assert len(raised(owned, "contact_reply")) == 1


def test_the_worker_raises_and_mails_alerts(desk, contact, new_worker):
    worker = new_worker()
    case = desk.submit(contact)
    subject = f"Case {case.id} was assigned"

    def arrived():
        return [m for m in in_maildir(worker)
                if m["Subject"].startswith(subject)]
    mail, = until(arrived)
    assert mail["To"] == f"staff-{desk.owner.id}@casework.example"
    assert f"/cases/{case.id}" in text_of(mail)


def test_a_webhook_of_staff_is_told_and_a_contacts_is_not(
        desk, contact, receiver, new_receiver, sender, contract):
    theirs = new_receiver()
    Webhook(desk.owner, receiver.url, types=["alert.raised"])
    Webhook(contact, theirs.url, types=["alert.raised", "case.assigned"])
    case = desk.submit(contact)
    told = of_type(receiver, "alert.raised")
    documented(contract, told)
    assert told.data["case_id"] == case.id
    assert told.data["about"]["staff_ids"] == [desk.owner.id]
    of_type(theirs, "case.assigned")
    assert "alert.raised" not in [t.json["type"] for t in theirs.taken]


def test_a_case_is_found_by_the_clock_by_index(owned, sql):
    """However many wait: the timer walks as far as its batch."""
    plan = sql.run("begin; set local enable_seqscan = off; explain (costs off)"
                   " select * from casework.alert_times k where k.due_at <="
                   " rules.now() order by k.due_at limit 100; rollback")
    assert "alert_times_due" in plan
