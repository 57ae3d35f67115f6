"""A week of the desk is played, and at its end nobody concerned was left without
word (3.3 to 3.8). Who is concerned by what stands here, and not in the service."""

import pytest

from incidents import an_incident, say
from instance import Instance
from week import AREAS, DAYS, Told, Week

pytestmark = [pytest.mark.direct, pytest.mark.rule("3.3"),
              pytest.mark.rule("3.5"), pytest.mark.rule("3.7")]
MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = DAYS

# What the contact on the case reads about unless it was the contact's own doing.
OF_THE_CONTACT = {
    "case.submitted", "case.note_added", "case.attachment_added",
    "case.resolved", "case.closed", "case.escalated", "case.followed_up",
    "case.contact_changed", "case.handed_over", "case.merged",
    "case.available_in_release", "case.defect_fixed"}
# What the advisor who has the case is told when a contact does it.
OF_THE_OWNER = {"case.note_added", "case.closed", "case.reopened",
                "case.change_rejected", "case.change_verified"}
# What concerns nobody by itself, and why.
OF_NOBODY = {
    "case.assigned": "the advisor is alerted; the contact reads the answer",
    "case.status_changed": "a note or an action tells of it",
    "case.response_recorded": "it is the note that answers",
    "case.response_target.met": "it is the note that answers",
    "case.response_target.breached": "the owner and the lead are alerted",
    "case.updated": "members without a word of their own",
    "case.change_requested": "the contact's own; else it is mailed, or a note",
    "case.escalation_accepted": "the team's own doing",
    "case.escalation_returned": "its note tells the contact",
    "case.follow_up_started": "the mail about the resolution says when",
    "case.follow_up_cancelled": "the note that ends it is the contact's",
    "case.follow_up_paused": "there is nobody; the owner and lead are alerted",
    "case.follow_up_resumed": "the next follow-up tells",
    "alert.raised": "it is what tells staff",
    "contact.created": "the contact, and technical contacts unless staff do it",
    "contact.updated": "technical contacts, and who is authorized again",
    "case.priority_changed": "the owner is alerted when it is raised",
    "case.shared": "the contact's own doing; a Department's people are told",
    "case.followed": "who follows asked for it, and reads what comes",
    "survey.invited": "judged below",
    "survey.suppressed": "judged below",
}


@pytest.fixture(scope="module")
def week(contract, tokens):
    instance = Instance(private=True, WORKER="0", DEMO="1")
    week = Week(instance, contract, tokens.scopes)
    try:
        play(week)
        yield week
    finally:
        week.close()
        instance.remove()


# -- what happens ------------------------------------------------------------

def play(week):
    week.at(MONDAY, "07:55")
    week.people()
    monday(week)
    tuesday(week)
    wednesday(week)
    the_rest(week)


def monday(week):
    """Cases of all districts, each answered; some critical."""
    week.at(MONDAY, "08:00")
    week.chief.post("/v1/on-call-shifts", {
        "staff_id": week.on_call.id, "extension": "7100",
        "starts_at": f"{SATURDAY}T00:00:00-06:00",
        "ends_at": f"{SUNDAY}T23:00:00-06:00"}).expect(201)
    for number in range(len(week.districts)):
        week.submit(number, priority="critical" if number % 10 == 0
                    else "medium")
    week.at(MONDAY, "08:10")
    week.take_all()
    week.at(MONDAY, "13:00")
    for case in week.cases[:20]:
        case.note(text="It is still so.").expect(201)
    # a colleague knows more about a case than its contact has said
    week.cases[3].note(week.cases[3].district.people[1],
                       "It is so in my school too.").expect(201)
    week.cases[1].change(week.leads[1], priority="critical").expect(200)
    week.cases[2].escalate(week.cases[2].owner).expect(201)
    week.cases[3].change(
        week.cases[3].owner, status="scheduled",
        scheduled_on=FRIDAY).expect(200)
    week.cases[4].change(week.cases[4].owner,
                         status="pending_customer_input").expect(200)
    # what nobody answers: it is missed
    week.unanswered = week.submit(5, priority="critical")
    week.unanswered.assign(week.leads[0], week.advisors[0]).expect(200)
    week.unanswered.owner = week.advisors[0]
    week.at(MONDAY, "15:00")


def tuesday(week):
    """Incidents, resolutions, a merge, and a change that is not wanted."""
    week.at(TUESDAY, "09:00")
    everywhere = week.leads[0].post("/v1/incidents", an_incident(
        email_contacts=True, channels=["status"])).expect(201)
    by_area = week.leads[1].post("/v1/incidents", an_incident(
        email_contacts=True, scope={"product_areas": ["grade_book"]}
    )).expect(201)
    week.incidents = [everywhere, by_area]
    week.at(TUESDAY, "09:10")
    say(week.leads[0], everywhere, "identified").expect(201)
    week.at(TUESDAY, "10:30")
    for incident in week.incidents:
        say(week.leads[0], incident, "resolved", "It works again."
            ).expect(201)
    for case in week.cases[8:24]:
        case.resolve(case.owner).expect(200)
    change = week.cases[6].ask_for_change(week.cases[6].owner).expect(201)
    week.at(TUESDAY, "11:00")
    week.cases[6].submitter.post(f"{change.location}/rejection", {
        "reason": "Not in the middle of a term."}, etag="*").expect(200)
    second = week.cases[7].district.people[-1].submit()
    second.number, second.district = 7, week.cases[7].district
    week.cases.append(second)
    second.close(week.cases[7].owner, closure_reason="merged",
                 merged_into_case_id=week.cases[7].id).expect(200)
    # the only contact of a district leaves while its follow-ups run
    week.left = week.cases[12]
    assert len(week.left.district.people) == 1
    week.left.submitter.world.registrar.patch(
        f"/v1/contacts/{week.left.submitter.id}", {"authorized": False},
        etag="*").expect(200)
    for case in week.cases[9:11]:
        case.close().expect(200)
    # a colleague closes what is on its contact
    week.cases[15].close(week.cases[15].district.people[1]).expect(200)
    week.cases[10].reopen().expect(200)


def wednesday(week):
    """A partner takes a case over and answers; a district reports to its state,
    whose Department asks."""
    week.at(WEDNESDAY, "09:00")
    week.handed = week.submit(20)
    week.handed.change(week.leads[2], support_provider="partner").expect(200)
    week.handed.note(week.partner, "We come by tomorrow.").expect(201)
    week.handed.note(text="Please ring first.").expect(201)
    week.analyst.post("/v1/state-reporting/deadlines", {
        "state": "WY", "name": "Fall count", "due_on": "2031-03-20"}
    ).expect(201)
    week.reported = week.submit(26)
    week.reported.change(product_area="state_reporting").expect(200)
    week.reported.assign(week.analyst, week.analyst).expect(200)
    week.reported.act(week.reported.submitter, "sharing", {}).expect(200)
    week.asked = week.reported.note(
        week.department, "Which schools does it concern?").expect(201)


def the_rest(week):
    """Follow-ups, an outage at night, and the weeks until all of it ends."""
    for day in (WEDNESDAY, THURSDAY, FRIDAY):
        week.at(day, "12:00")
    week.at(SATURDAY, "23:30")
    week.outage = week.submit(16, type="outage", priority="critical")
    week.at(SUNDAY, "09:00")
    week.outage.assign(week.on_call, week.on_call).expect(200)
    week.outage.owner = week.on_call
    week.outage.note(week.on_call, "We are at it.").expect(201)
    for day in range(10, 32):
        week.at(f"2031-03-{day:02}", "12:00")
    week.heir = week.left.district.contact()
    for day in range(1, 29):
        week.at(f"2031-04-{day:02}", "12:00")


# -- who was told ------------------------------------------------------------

@pytest.fixture(scope="module")
def told(week):
    return Told(week.sql)


@pytest.fixture(scope="module")
def events(week):
    """What happened to the cases of the week."""
    ids = [case.id for case in (*week.cases, week.unanswered, week.outage)]
    return week.sql.rows(
        "select e.*, coalesce(e.behalf_kind, e.actor_kind) || ':'"
        " || coalesce(e.behalf_id, e.actor_id) as doer, c.contact_id,"
        " c.assigned_advisor_id as owner from casework.events e"
        " join casework.cases c on c.id = e.case_id"
        " where e.case_id = any (%s) order by e.id", ids)


def test_each_kind_of_event_is_judged(events):
    """Whoever adds one says here whom it concerns."""
    assert {e["type"] for e in events} - OF_THE_CONTACT - OF_THE_OWNER - set(
        OF_NOBODY) == set()


def test_contacts_are_told_what_others_do_to_their_cases(events, told, week):
    unread = {e["case_id"] for e in events
              if e["type"] == "case.follow_up_paused"}
    judged = 0
    for event in events:
        contact = f"contact:{event['contact_id']}"
        if (event["type"] not in OF_THE_CONTACT or event["doer"] == contact
                or event["visibility"] != "public"):
            continue
        judged += 1
        mailed = {who for who in told.mailed("case", event["id"])
                  if who.startswith("contact:")}
        assert mailed or event["case_id"] in unread, event
        if event["case_id"] != week.left.id:
            assert contact in mailed, event
    assert judged > 100


def test_who_has_a_case_is_told_what_contacts_do(events, told):
    judged = 0
    for event in events:
        if (event["type"] not in OF_THE_OWNER or event["owner"] is None
                or not event["doer"].startswith("contact:")):
            continue
        judged += 1
        owner = f"staff:{event['owner']}"
        assert owner in told.mailed("case", event["id"]) | told.alerted(
            "contact_reply", f"event-{event['id']}"), event
    assert judged > 20


def test_a_new_critical_case_alerts_a_team_and_its_lead(events, told, week):
    submitted = {e["case_id"]: e["id"] for e in events
                 if e["type"] == "case.submitted"}
    critical = [c for c in week.cases[:40] if c.number % 10 == 0]
    assert len(critical) == 4
    for case in critical:
        area = AREAS.index(case["product_area"])
        team = {f"staff:{p.id}" for p in (*week.advisors[2 * area:2 * area + 2],
                                          week.leads[area])}
        assert told.alerted("new_critical_case",
                            f"event-{submitted[case.id]}") == team


def test_an_outage_at_night_wakes_who_is_on_call(events, told, week):
    (submitted,) = [e["id"] for e in events if e["type"] == "case.submitted"
                    and e["case_id"] == week.outage.id]
    assert told.alerted("hosted_outage", f"event-{submitted}") == {
        f"staff:{week.on_call.id}"}


def test_a_missed_target_is_told_of(events, told, week):
    missed = [e for e in events if e["type"] == "case.response_target.breached"]
    assert week.unanswered.id in {e["case_id"] for e in missed}
    for event in missed:
        assert told.alerted("response_target_missed", f"event-{event['id']}")


def test_an_assignment_by_somebody_else_is_told_of(events, told, week):
    (assigned,) = [e for e in events if e["type"] == "case.assigned"
                   and e["case_id"] == week.unanswered.id]
    assert told.alerted("assigned", f"event-{assigned['id']}") == {
        f"staff:{week.advisors[0].id}"}
    own = [e for e in events if e["type"] == "case.assigned"
           and e["doer"] == f"staff:{e['owner']}"]
    assert own and not any(told.alerted("assigned", f"event-{e['id']}")
                           for e in own)


def test_a_raised_priority_and_an_escalation_are_told_of(events, told, week):
    (raised,) = [e for e in events if e["case_id"] == week.cases[1].id
                 and any(c["member"] == "priority" for c in e["changes"])]
    assert told.alerted("priority_raised", f"event-{raised['id']}") == {
        f"staff:{week.cases[1].owner.id}"}
    (escalated,) = [e for e in events if e["type"] == "case.escalated"]
    assert told.alerted("escalated", f"event-{escalated['id']}") == {
        f"staff:{week.engineer.id}"}


def test_a_run_without_readers_rests_and_goes_on(events, told, week):
    kinds = [e["type"] for e in events if e["case_id"] == week.left.id]
    paused = next(e for e in events if e["case_id"] == week.left.id
                  and e["type"] == "case.follow_up_paused")
    assert f"staff:{week.left.owner.id}" in told.alerted(
        "follow_up_paused", f"event-{paused['id']}")
    assert "case.follow_up_resumed" in kinds and "case.closed" in kinds
    closed = next(e for e in events if e["case_id"] == week.left.id
                  and e["type"] == "case.closed")
    assert f"contact:{week.heir.id}" in told.mailed("case", closed["id"])


def of(events, case, kind):
    return [e for e in events
            if e["case_id"] == case.id and e["type"] == kind]


def test_a_partner_s_people_are_told_of_its_case(events, told, week):
    people = {f"partner_person:{p}" for p in week.partner.people}
    handed, = of(events, week.handed, "case.handed_over")
    contact = f"contact:{week.handed.submitter.id}"
    assert contact in told.mailed("case", handed["id"])
    replied = [e for e in of(events, week.handed, "case.note_added")
               if e["doer"] == contact]
    for event in (handed, *replied):
        recipients = {who for who in told.mailed("case", event["id"])
                      if not who.startswith("contact:")}
        assert recipients == people, event


def test_a_state_and_its_analysts_leave_nobody_out(events, told, week):
    contact = f"contact:{week.reported.submitter.id}"
    asked, = [e for e in of(events, week.reported, "case.note_added")
              if e["note_id"] == week.asked["id"]]
    assert contact in told.mailed("case", asked["id"])
    reminded = week.sql.rows(
        "select recipient_kind || ':' || recipient_id as who, count(*) as n"
        " from casework.mails where kind = 'reporting_deadline.reminded'"
        " and district_id is not distinct from %s group by 1",
        week.reported.district.id)
    assert {row["who"]: row["n"] for row in reminded}.get(contact) == 2
    analysts = week.sql.value(
        "select count(*) from casework.mails where recipient_kind = 'staff'"
        " and kind = 'reporting_deadline.reminded' and recipient_id = %s",
        week.analyst.id)
    assert analysts == 2


def test_each_contact_hears_of_an_incident(week, told):
    everywhere, by_area = (i["id"] for i in week.incidents)
    for incident, touched in (
            (everywhere, week.districts),
            (by_area, [d for n, d in enumerate(week.districts) if n % 3])):
        ids = [row["id"] for row in week.sql.rows(
            "select id from casework.incident_events where incident_id = %s"
            " and email", incident)]
        mailed = set().union(*(told.mailed("incident", i) for i in ids))
        people = {f"contact:{p.id}" for d in touched for p in d.people}
        assert people <= mailed
        assert people <= told.mailed("incident", week.sql.value(
            "select id from casework.incident_events where incident_id = %s"
            " and type = 'incident.resolved'", incident))
        if touched is not week.districts:
            others = {f"contact:{p.id}" for d in week.districts
                      if d not in touched for p in d.people}
            assert not others & mailed


def test_a_closed_case_is_rated_or_the_reason_is_kept(week, events):
    closed = {e["case_id"] for e in events if e["type"] == "case.closed"}
    judged = {row["case_id"]: row for row in week.sql.rows(
        "select case_id, outcome, reason from casework.survey_invitations")}
    merged = {row["id"] for row in week.sql.rows(
        "select id from casework.cases where closure_reason = 'merged'")}
    assert len(closed - merged) > 10
    for case in closed - merged:
        assert judged[case]["outcome"] == "sent" or judged[case]["reason"]


def test_no_timer_has_failed(week):
    assert week.sql.rows("select * from casework.timer_faults") == []


def test_no_mail_waits_for_nothing(week):
    """Each is sent, or says why it was not."""
    assert week.sql.rows("select id, kind, state from casework.mails"
                         " where state not in ('sent', 'withheld')") == []
