"""Surveys: the decision at a closing, answers, opting out, reviews (71-76)."""

import threading

import pytest

from surveys import Survey, decision, invitations
from vectors import VECTORS, instant
from world import a_case

NOW = "2026-11-23T10:00:00-06:00"


def closed(contact, by=None, **changes):
    case = contact.submit(**changes)
    case.close(by).expect(200)
    return case


@pytest.fixture
def settings(sql):
    """Changes the settings of surveys, for this test."""
    def change(**values):
        for name, value in values.items():
            sql.run(f"update casework.survey_settings set {name} = %s", value)
    yield change
    change(survey_scope="contact", throttle="720 hours",
           open_for="720 hours")


# -- the decision ----------------------------------------------------------

@pytest.mark.fact(71, 72, 74)
@pytest.mark.rule("2.7")
@pytest.mark.parametrize("vector", [
    pytest.param(v, id=v["id"], marks=pytest.mark.vector(v["id"]))
    for v in VECTORS["survey_throttle"]])
def test_one_survey_in_thirty_days(vector, contact, clock, sql):
    """30 x 24 h, to the second, whatever daylight saving time does."""
    sent_at = vector["last_sent_at"]
    clock.at(sent_at or "2026-10-01T10:00:00-05:00")
    cases = [contact.submit(), contact.submit()]
    if sent_at:
        cases[0].close().expect(200)
        assert decision(sql, cases[0]) == ("sent", None)
    if vector["opted_out"]:
        sql.run("update casework.contacts set survey_opted_out_at = now()"
                " where id = %s", contact.id)
    clock.at(vector["case_closed_at"])
    cases[1].close().expect(200)
    assert decision(sql, cases[1]) == (
        ("sent", None) if vector["send"] else
        ("suppressed",
         "opted_out" if vector["opted_out"] else "sent_within_30_days"))
    if vector["next_allowed_at"]:
        allowed = sql.value(
            "select sent_at + interval '720 hours' from"
            " casework.survey_invitations where contact_id = %s"
            " order by id limit 1", contact.id)
        assert instant(allowed) == instant(vector["next_allowed_at"])


@pytest.mark.fact(71)
@pytest.mark.rule("2.7")
def test_any_closing_is_judged(contact, colleague, advisor, as_role, sql):
    case = closed(contact, colleague)
    assert decision(sql, case) == ("sent", None)
    assert Survey(sql, case).to_address == contact.record["email"]
    case = colleague.submit()
    case.close(advisor, closure_reason="withdrawn").expect(200)
    assert decision(sql, case) == ("sent", None)
    assert Survey(sql, case).to_address == colleague.record["email"]
    merged = contact.submit()
    merged.close(advisor, closure_reason="merged",
                 merged_into_case_id=case.id).expect(200)
    assert len(invitations(sql, merged)) == 1


@pytest.mark.rule("2.7")
def test_a_case_closed_by_the_timer_is_eligible(contact, case, advisor,
                                                as_role, sql):
    """The worker saves a closing as everybody does."""
    case.resolve(advisor).expect(200)
    as_role("worker").run("""do $$
        declare
          before casework.cases := rules.lock_case(%s, null);
          c casework.cases := before;
        begin
          c.status := 'closed';
          c.closed_at := rules.now();
          c.closed_by_kind := 'system';
          c.closed_by_id := 0;
          c.closed_by_name := 'casework';
          c.closure_reason := 'no_response';
          perform rules.save_case(before, c, rules.actor(), 'case.closed');
        end $$""", case.id)
    assert decision(sql, case) == ("sent", None)


@pytest.mark.fact(72)
@pytest.mark.rule("2.7")
def test_a_case_closed_again_is_judged_again(contact, clock, sql):
    clock.at("2026-10-01T10:00:00-05:00")
    case = closed(contact)
    case.reopen().expect(200)
    case.close().expect(200)
    clock.at("2026-10-31T10:00:00-05:00")
    case.reopen().expect(200)
    case.close().expect(200)
    assert invitations(sql, case) == [
        ("sent", None), ("suppressed", "sent_within_30_days"), ("sent", None)]


@pytest.mark.rule("2.7")
def test_there_is_no_backlog(contact, clock, sql):
    clock.at("2026-10-01T10:00:00-05:00")
    first, second = closed(contact), closed(contact)
    clock.at("2026-12-01T10:00:00-06:00")
    assert invitations(sql, first) + invitations(sql, second) == [
        ("sent", None), ("suppressed", "sent_within_30_days")]


@pytest.mark.rule("2.7")
def test_why_there_is_no_survey_is_recorded(contact, advisor, staff, sql):
    """Each reason, and in this order when several apply."""
    sql.run("update casework.contacts set survey_opted_out_at = now()"
            " where id = %s", contact.id)
    case = contact.submit()
    case.close(advisor, closure_reason="withdrawn").expect(200)
    reasons = [decision(sql, case)[1]]
    for change in ("email = ''", "authorized = false"):
        sql.run(f"update casework.contacts set {change} where id = %s",
                contact.id)
        case.reopen(advisor).expect(200)
        case.close(advisor, closure_reason="withdrawn").expect(200)
        reasons.append(decision(sql, case)[1])
    case.reopen(advisor).expect(200)
    case.change(advisor, test=True).expect(200)
    case.close(advisor, closure_reason="withdrawn").expect(200)
    reasons.append(decision(sql, case)[1])
    assert reasons == ["opted_out", "no_email", "contact_inactive",
                       "test_case"]


@pytest.mark.fact(49, 71)
@pytest.mark.rule("2.7")
def test_who_has_moved_is_not_asked_about_the_old_district(
        contact, advisor, stranger, sql):
    case, told = contact.submit(), contact.submit()
    told.close(advisor, closure_reason="withdrawn").expect(200)
    assert decision(sql, told) == ("sent", None)
    event = sql.value("select id from casework.events where case_id = %s and"
                      " type = 'survey.invited'", told.id)
    mail = "select contact_id from rules.survey_mail(%s)"
    assert sql.value(mail, event) == contact.id
    sql.run("update casework.contacts set district_id = %s where id = %s",
            stranger.district.id, contact.id)
    case.close(advisor, closure_reason="withdrawn").expect(200)
    assert decision(sql, case) == ("suppressed", "contact_inactive")
    assert sql.rows(mail, event) == []


@pytest.mark.rule("2.7")
def test_staff_see_why_and_contacts_see_nothing(contact, advisor, sql):
    first, second = closed(contact), closed(contact)
    events = [e for e in second.history(advisor)
              if e["type"].startswith("survey.")]
    assert [(e["type"], e["visibility"], e["actor"]["kind"], e["changes"])
            for e in events] == [("survey.suppressed", "internal", "system", [
                {"member": "reason", "old": None,
                 "new": "sent_within_30_days"}])]
    assert [e["type"] for e in first.history(advisor)][-1] == "survey.invited"
    for case in (first, second):
        assert not [e for e in case.history()
                    if e["type"].startswith("survey.")]


@pytest.mark.fact(71, 72)
@pytest.mark.rule("2.7")
def test_staff_list_which_surveys_were_sent_and_which_not(
        contact, colleague, advisor, public, sql, clock):
    clock.at(NOW)
    first = contact.submit()
    first.assign(advisor, advisor).expect(200)
    first.close().expect(200)
    clock.at("2026-11-24T10:00:00-06:00")
    second, third = closed(contact), closed(colleague)
    Survey(sql, third).answer(public).expect(201)

    def listed(**filters):
        return [i["case_id"] for i in advisor.all(
            "/v1/survey-invitations", district_id=contact.district.id,
            **filters)]

    assert listed() == [third.id, second.id, first.id]
    assert listed(outcome="suppressed") == [second.id]
    assert listed(reason="sent_within_30_days") == [second.id]
    assert listed(reason="opted_out,no_email") == []
    assert listed(case_id=first.id) == listed(advisor_id=advisor.id) == [
        first.id]
    assert listed(contact_id=colleague.id) == [third.id]
    assert listed(decided_from="2026-11-24T16:00:00Z") == [
        third.id, second.id]
    assert listed(decided_to="2026-11-24T16:00:00Z") == [first.id]
    answered, withheld, sent = advisor.all(
        "/v1/survey-invitations", district_id=contact.district.id)
    assert (sent["outcome"], sent["reason"], sent["sent_at"],
            sent["expires_at"]) == ("sent", None, sent["decided_at"],
                                    "2026-12-23T16:00:00Z")
    assert sent["advisor"]["id"] == advisor.id
    assert (withheld["outcome"], withheld["sent_at"], withheld["advisor"]) == (
        "suppressed", None, None)
    response = advisor.get(
        f"/v1/survey-responses/{answered['response_id']}").expect(200)
    assert (response["case_id"], response["advisor"]) == (third.id, None)


@pytest.mark.fact(76)
def test_a_response_names_the_advisor_of_the_closing(
        contact, advisor, world, public, sql):
    case = contact.submit()
    case.assign(advisor, advisor).expect(200)
    case.close().expect(200)
    survey = Survey(sql, case)
    survey.answer(public).expect(201)
    case.reopen().expect(200)
    case.assign(advisor, world.staff()).expect(200)
    response = advisor.get(f"/v1/survey-responses/{survey.response_id}")
    assert response.expect(200)["advisor"] == {
        "id": advisor.id, "display_name": sql.value(
            "select name from casework.staff where id = %s", advisor.id)}
    assert [r["id"] for r in advisor.all(
        "/v1/survey-responses", advisor_id=advisor.id)] == [response["id"]]


@pytest.mark.rule("2.7")
def test_the_customer_may_be_the_district(contact, colleague, settings, sql):
    """survey_scope is a setting; who was invited before it changed counts."""
    assert decision(sql, closed(contact)) == ("sent", None)
    assert decision(sql, closed(colleague)) == ("sent", None)
    settings(survey_scope="district")
    third = contact.district.contact()
    assert decision(sql, closed(third)) == (
        "suppressed", "sent_within_30_days")
    settings(throttle="0")
    assert decision(sql, closed(third)) == ("sent", None)


@pytest.mark.parametrize("kind", ["contact", "partner"])
def test_nobody_has_the_survey_of_others_decided(request, stranger, as_role,
                                                 sql, kind):
    case, role = closed(stranger), as_role(kind)
    role.run(role.beginning(request.getfixturevalue(kind).id)
             + "select rules.decide_survey(%s, rules.now())", case.id)
    role.run("commit")
    assert invitations(sql, case) == [("sent", None)]


@pytest.mark.fact(72)
@pytest.mark.rule("2.7")
@pytest.mark.parametrize("scope", ["contact", "district"])
def test_two_cases_closed_at_once_get_one_survey(scope, world, new_session,
                                                 settings, sql):
    """200 times: two connections close one contact's cases together."""
    settings(survey_scope=scope)
    rounds = 200 if scope == "contact" else 20
    contact = world.district().contact()
    template = contact.submit()
    contacts = [row["id"] for row in sql.rows(
        "insert into casework.contacts (district_id, name, email)"
        " select d.id, 'Contact', 'race' || i || '@example.org'"
        " from casework.districts d, generate_series(1, %s) i where d.id = %s"
        " returning id", rounds, contact.district.id)]
    if scope == "district":
        contacts = [world.district().contact().id for _ in contacts]
    pairs = sql.rows("""
        insert into casework.cases (district_id, contact_id,
          submitted_by_kind, submitted_by_id, submitted_by_name, type,
          subject, description, priority, initial_priority, status, channel,
          support_provider, response_priority, response_seconds,
          response_started_at, response_position, response_due_at,
          submitted_at, created_at, updated_at)
        select p.district_id, p.id, 'contact', p.id, 'Contact', c.type,
          c.subject, c.description, c.priority, c.priority, 'assigned',
          c.channel, c.support_provider, c.priority, c.response_seconds,
          c.response_started_at, c.response_position, c.response_due_at,
          c.submitted_at, c.created_at, c.updated_at
        from casework.cases c, casework.contacts p, generate_series(1, 2)
        where c.id = %s and p.id = any (%s)
        order by p.id returning id, contact_id""", template.id, contacts)
    by_contact = {}
    for row in pairs:
        by_contact.setdefault(row["contact_id"], []).append(row["id"])
    barrier, faults = threading.Barrier(2), []

    def close_all(which, session):
        for cases in by_contact.values():
            barrier.wait()
            try:
                session.run("""do $$ declare
                      before casework.cases := rules.lock_case(%s, null);
                      c casework.cases := before;
                    begin
                      c.status := 'closed';
                      perform rules.save_case(before, c,
                        rules.system_actor(rules.now()), 'case.closed');
                    end $$""", cases[which])
            except Exception as fault:
                faults.append(fault)
    threads = [threading.Thread(target=close_all, args=(n, new_session()))
               for n in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert sql.rows(
        "select outcomes, count(*) from (select array_agg(outcome order by"
        " outcome) as outcomes from casework.survey_invitations"
        " where contact_id = any (%s) group by contact_id) g"
        " group by outcomes", contacts) == [
            {"outcomes": ["sent", "suppressed"], "count": rounds}]


@pytest.mark.fact(79)
def test_test_cases_are_marked_by_staff(contact, advisor, public):
    case = contact.submit()
    assert case["test"] is False
    case.change(contact, test=True).expect(403, problem="not-permitted")
    contact.post("/v1/cases", a_case(test=True)).expect(403)
    case.change(advisor, test=True).expect(200)
    assert case["test"] is True and case.changes("test") == [(False, True)]
    other = advisor.post("/v1/cases", a_case(
        contact_id=contact.id, test=True)).expect(201)
    assert set(contact.get("/v1/cases", query={"test": "true"}).ids) == {
        case.id, other["id"]}
    assert contact.get("/v1/cases", query={"test": "false"}).ids == []
