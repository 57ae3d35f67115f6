"""Nobody misses what becomes of a case: another contact, another provider of
support, a date, a question, a merging, and when it closes are told in a public
note and a mail: rule 3.3."""

import pytest

pytestmark = pytest.mark.rule("3.3")


@pytest.fixture
def at_work(case, advisor, post):
    """An advisor has the case; no mail of before is looked at."""
    case.assign(advisor, advisor).expect(200)
    post.forget_the_past()
    return case


def mails(post, case, kind):
    """Who has got a mail of that kind, and what it says."""
    post.dispatch()
    return {f"{m['recipient_kind']}:{m['recipient_id']}": m
            for m in post.mails(case) if m["kind"] == kind}


def told(case, kind):
    """The note that the last event of that kind belongs to."""
    event = [e for e in case.history() if e["type"] == kind][-1]
    note, = (n for n in case.notes() if n["id"] == event["note_id"])
    assert (note["kind"], note["visibility"]) == ("progress", "public")
    return event, note["text"]


# -- another contact -------------------------------------------------------

@pytest.mark.parametrize("kind", ["advisor", "partner", "stayer"])
def test_another_contact_is_told_to_both(
        request, post, at_work, district, advisor, partner, kind):
    old, new = at_work.submitter, district.contact()
    someone = {"advisor": advisor, "partner": partner}.get(
        kind, district.contact())
    at_work.change(someone, contact_id=new.id).expect(200)
    event, text = told(at_work, "case.contact_changed")
    assert event["changes"] == [
        {"member": "contact_id", "old": old.id, "new": new.id}]
    assert event["actor"]["id"] == someone.id
    for person in (old, new):
        assert person.record["name"] in text
    written = mails(post, at_work, "case.contact_changed")
    assert set(written) == {f"contact:{old.id}", f"contact:{new.id}"}
    for mail in written.values():
        assert old.record["name"] not in mail["text"]


def test_a_contact_who_has_left_is_not_written_to(
        post, at_work, colleague, staff):
    at_work.change(colleague, contact_id=colleague.id).expect(200)
    staff.patch(f"/v1/contacts/{at_work.submitter.id}",
                {"authorized": False}, etag="*").expect(200)
    assert mails(post, at_work, "case.contact_changed") == {}


def test_who_takes_the_case_over_gets_no_mail_about_it(
        post, at_work, colleague):
    at_work.change(colleague, contact_id=colleague.id).expect(200)
    assert set(mails(post, at_work, "case.contact_changed")) == {
        f"contact:{at_work.submitter.id}"}


# -- another provider ------------------------------------------------------

@pytest.mark.fact(19)
def test_a_hand_over_says_who_has_the_case(
        post, at_work, partner, staff, sql):
    name = sql.value("select name from casework.partners where id = %s",
                     partner.id)
    at_work.change(staff, support_provider="partner").expect(200)
    event, text = told(at_work, "case.handed_over")
    assert event["changes"] == [
        {"member": "partner_id", "old": None, "new": partner.id},
        {"member": "support_provider", "old": "campus", "new": "partner"}]
    assert text.startswith(f"{name} has this case now")
    assert set(mails(post, at_work, "case.handed_over")) == {
        f"contact:{at_work.submitter.id}"}
    at_work.change(staff, support_provider="campus").expect(200)
    _, text = told(at_work, "case.handed_over")
    assert text.startswith("Campus Support has this case now")
    assert name in text


@pytest.mark.fact(19)
def test_a_partner_that_escalates_hands_over(case, partner, staff, sql):
    name = sql.value("select name from casework.partners where id = %s",
                     partner.id)
    case.change(staff, support_provider="partner").expect(200)
    case.escalate(partner, team=None).expect(201)
    text = case.notes()[-1]["text"]
    assert text.endswith(f"Campus Support has this case now. Before it was"
                         f" {name}.")
    case.escalate(staff, "development").expect(201)
    assert "Before it was" not in case.notes()[-1]["text"]


# -- a date ----------------------------------------------------------------

def test_a_scheduled_case_says_for_when(post, at_work, advisor):
    answer = at_work.change(advisor, status="scheduled",
                            scheduled_on="2099-01-05").expect(200)
    assert (answer["status"], answer["scheduled_on"]) == (
        "scheduled", "2099-01-05")
    event, text = told(at_work, "case.status_changed")
    assert event["changes"] == [
        {"member": "scheduled_on", "old": None, "new": "2099-01-05"},
        {"member": "status", "old": "assigned", "new": "scheduled"}]
    assert "Monday, January 5, 2099" in text
    (who, mail), = mails(post, at_work, "case.status_changed").items()
    assert who == f"contact:{at_work.submitter.id}"
    for part in (mail["subject"], mail["text"]):
        assert "Monday, January 5, 2099" in part and str(at_work.id) in part


def test_another_date_is_told_again(post, at_work, advisor):
    at_work.change(advisor, status="scheduled",
                   scheduled_on="2099-01-05").expect(200)
    post.forget_the_past()
    at_work.change(advisor, scheduled_on="2099-01-06").expect(200)
    event, text = told(at_work, "case.status_changed")
    assert event["changes"] == [
        {"member": "scheduled_on", "old": "2099-01-05", "new": "2099-01-06"}]
    assert "Tuesday, January 6, 2099" in text
    assert "January 6" in list(mails(
        post, at_work, "case.status_changed").values())[-1]["text"]


@pytest.mark.parametrize("members, code", [
    ({"status": "scheduled"}, "required"),
    ({"status": "scheduled", "scheduled_on": None}, "required"),
    ({"status": "scheduled", "scheduled_on": "2020-01-06"}, "past"),
    ({"scheduled_on": "2099-01-05"}, "not-allowed"),
    ({"status": "assist_request", "scheduled_on": "2099-01-05"},
     "not-allowed")])
def test_a_date_goes_with_the_status(at_work, advisor, members, code):
    before = at_work.etag
    answer = at_work.change(advisor, **members).expect(422)
    assert answer.faults == ["/scheduled_on"]
    assert [e["code"] for e in answer["errors"]] == [code]
    assert at_work.etag == before


def test_a_scheduled_case_keeps_a_date(at_work, advisor):
    at_work.change(advisor, status="scheduled",
                   scheduled_on="2099-01-05").expect(200)
    assert at_work.change(advisor, scheduled_on=None).expect(422).faults == [
        "/scheduled_on"]


@pytest.mark.parametrize("way", ["status", "resolution", "escalation",
                                 "closing"])
def test_the_date_ends_with_the_status(at_work, advisor, way):
    at_work.change(advisor, status="scheduled",
                   scheduled_on="2099-01-05").expect(200)
    if way == "status":
        at_work.change(advisor, status="assigned").expect(200)
    elif way == "resolution":
        at_work.resolve(advisor).expect(200)
    elif way == "escalation":
        at_work.escalate(advisor, "technical_services").expect(201)
    else:
        at_work.close().expect(200)
    assert at_work["scheduled_on"] is None
    assert at_work.changes("scheduled_on")[-1] == ("2099-01-05", None)


@pytest.mark.parametrize("kind", ["contact", "partner"])
def test_staff_schedule(request, case, kind):
    answer = case.change(request.getfixturevalue(kind),
                         scheduled_on="2099-01-05").expect(403)
    assert answer.faults == ["/scheduled_on"]


# -- a question ------------------------------------------------------------

def test_a_case_that_waits_for_the_district_says_so(post, at_work, advisor):
    at_work.change(advisor, status="pending_customer_input").expect(200)
    _, text = told(at_work, "case.status_changed")
    assert "needs an answer" in text
    (who, mail), = mails(post, at_work, "case.status_changed").items()
    assert who == f"contact:{at_work.submitter.id}"
    assert "needs an answer" in mail["subject"]


@pytest.mark.parametrize("status", ["assist_request"])
def test_other_statuses_are_neither_note_nor_mail(
        post, at_work, advisor, status):
    notes = at_work.notes()
    at_work.change(advisor, status=status).expect(200)
    assert at_work.notes() == notes
    assert post.written(at_work) == []


def test_each_change_has_its_own_note_and_event(
        at_work, advisor, district):
    new = district.contact()
    at_work.change(advisor, contact_id=new.id, priority="low",
                   status="scheduled", scheduled_on="2099-01-05").expect(200)
    assert at_work.event_types()[-3:] == [
        "case.contact_changed", "case.status_changed", "case.priority_changed"]
    assert at_work.changes("contact_id") == [(at_work.submitter.id, new.id)]
    assert at_work.changes("status")[-1] == ("assigned", "scheduled")
    assert [n["kind"] for n in at_work.notes()] == ["progress", "progress"]


@pytest.mark.rule("2.3", "3.3")
def test_a_note_about_a_change_is_no_response(at_work, advisor, district):
    at_work.change(advisor, contact_id=district.contact().id,
                   status="scheduled", scheduled_on="2099-01-05").expect(200)
    assert at_work["response_target"]["first_response_at"] is None


# -- a merging -------------------------------------------------------------

def merge(case, other, by, **members):
    return case.close(by, closure_reason="merged",
                      merged_into_case_id=other.id, **members)


def test_the_contact_of_a_merged_case_follows_the_one_that_goes_on(
        post, case, colleague, advisor):
    other = colleague.submit()
    post.forget_the_past()
    merge(case, other, advisor, comment="The same error.").expect(200)
    followers = other.submitter.all(other.path + "/followers")
    assert [f["contact_id"] for f in followers] == [case.submitter.id]
    event, text = told(other, "case.merged")
    assert str(case.id) in text
    note = case.notes()[-1]
    assert note["kind"] == "closing"
    assert note["text"] == (
        f"The same error.\n\nThis case goes on as case {other.id}.")
    assert set(mails(post, other, "case.merged")) == {
        f"contact:{p.id}" for p in (case.submitter, colleague)}
    assert f"into case {other.id}" in mails(post, case, "case.closed")[
        f"contact:{case.submitter.id}"]["text"]


def test_who_has_both_cases_need_not_follow(case, contact, advisor):
    other = contact.submit()
    merge(case, other, advisor).expect(200)
    assert contact.all(other.path + "/followers") == []
    assert case.notes()[-1]["text"] == (
        f"This case goes on as case {other.id}.")


def test_a_merging_into_a_closed_case_writes_nothing_there(
        case, colleague, advisor):
    other = colleague.submit()
    other.close().expect(200)
    notes = other.notes()
    merge(case, other, advisor).expect(200)
    assert other.notes() == notes
    assert len(colleague.all(other.path + "/followers")) == 1


@pytest.mark.rule("2.3", "3.3")
def test_that_a_case_was_merged_is_no_response(case, colleague, advisor):
    merge(case, colleague.submit(), advisor).expect(200)
    assert case["response_target"]["first_response_at"] is None


# -- a closing to come -----------------------------------------------------

@pytest.mark.rule("2.5", "3.3")
@pytest.mark.fact(11)
def test_follow_ups_say_which_they_are_and_when_the_case_closes(
        post, clock, contact, advisor):
    clock.at("2026-11-02T10:00:00-06:00")
    case = contact.submit()
    case.resolve(advisor).expect(200)
    for _ in range(4):
        case.follow_up(advisor).expect(200)
    post.dispatch()
    texts = [(m["subject"], m["text"]) for m in post.mails(case)
             if m["kind"] == "case.followed_up"]
    assert len(texts) == 4
    for (subject, text), which in zip(texts, (
            "follow-up 1 of 3", "follow-up 2 of 3", "follow-up 3 of 3",
            "one more follow-up")):
        assert which in subject and which in text
        assert "Monday, November 16, 2026, 6:00 p.m. Central Time" in text
