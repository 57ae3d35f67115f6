"""Mail: who is written to about what (facts 48, 62), and what the mails say
(fact 70). The dispatcher is called through SQL here; test_worker.py runs it
for real."""

import pytest

from mail import in_maildir, text_of
from instance import until


def of(person):
    return f"{person.kind}:{person.id}"


@pytest.fixture
def reachable(advisor, sql):
    """The advisor, with an address."""
    sql.run("update casework.staff set email = %s where id = %s",
            f"advisor-{advisor.id}@casework.example", advisor.id)
    return advisor


def record(sql, case, kind, actor="system:0", **columns):
    """An event of a module that has no operation here."""
    actor_kind, _, actor_id = actor.partition(":")
    return sql.value(
        "insert into casework.events (district_id, case_id, contact_id, type,"
        " at, actor_kind, actor_id, actor_name, visibility)"
        " select c.district_id, c.id, %s, %s, rules.now(), %s, %s, 'somebody',"
        " %s from casework.cases c where c.id = %s returning id",
        columns.get("contact_id"), kind, actor_kind, actor_id,
        columns.get("visibility", "public"), case.id)


# -- who -------------------------------------------------------------------

@pytest.mark.fact(62)
def test_everybody_involved_gets_one_mail_and_nobody_else(
        post, case, district, advisor, stranger):
    on_the_case, writer, bystander = (district.contact() for _ in range(3))
    case.change(contact_id=on_the_case.id).expect(200)
    case.note(writer).expect(201)
    case.note(writer, "And again.").expect(201)
    post.forget_the_past()
    case.note(advisor).expect(201)
    case.resolve(advisor).expect(200)
    involved = [of(case.submitter), of(on_the_case), of(writer)]
    assert post.written(case) == sorted(
        [("case.note_added", who) for who in involved]
        + [("case.resolved", who) for who in involved])
    addresses = {m["to_address"] for m in post.mails(case)}
    assert addresses == {p.record["email"]
                         for p in (case.submitter, on_the_case, writer)}


@pytest.mark.fact(62)
def test_who_did_it_gets_no_mail_about_it(post, case, colleague):
    case.note(colleague).expect(201)
    case.close(colleague).expect(200)
    assert post.written(case) == [("case.closed", of(case.submitter)),
                                  ("case.note_added", of(case.submitter)),
                                  ("survey.invited", of(case.submitter))]


@pytest.mark.rule("3.3")
def test_who_is_involved_is_told_what_a_colleague_adds(
        post, case, district, colleague):
    """And nobody else for want of them: who wrote it knows of it."""
    case.note(case.submitter).expect(201)
    assert post.written(case) == []
    case.note(colleague).expect(201)
    assert post.written(case) == [("case.note_added", of(case.submitter))]
    case.attach(by=case.submitter).expect(201)
    assert post.written(case) == [
        ("case.attachment_added", of(colleague)),
        ("case.note_added", of(case.submitter))]


@pytest.mark.fact(62)
def test_a_contact_who_left_gets_no_mail(post, case, colleague, advisor, sql):
    case.note(colleague).expect(201)
    post.forget_the_past()
    sql.run("update casework.contacts set authorized = false where id = %s",
            colleague.id)
    case.note(advisor).expect(201)
    assert post.written(case) == [("case.note_added", of(case.submitter))]


@pytest.mark.fact(49, 62)
def test_a_contact_who_moved_gets_no_mail_of_the_old_district(
        post, case, colleague, advisor, stranger, sql):
    case.note(colleague).expect(201)
    post.forget_the_past()
    sql.run("update casework.contacts set district_id = %s where id = %s",
            stranger.district.id, colleague.id)
    case.note(advisor).expect(201)
    assert post.written(case) == [("case.note_added", of(case.submitter))]


@pytest.mark.fact(48)
def test_a_note_by_a_contact_goes_to_the_assigned_advisor(
        post, case, reachable):
    case.note(case.submitter).expect(201)
    assert post.written(case) == []
    case.assign(reachable, reachable).expect(200)
    case.note(case.submitter).expect(201)
    assert post.written(case) == [("case.note_added", of(reachable))]
    assert post.mails(case)[0]["to_address"].startswith("advisor-")


@pytest.mark.fact(48)
def test_the_advisor_learns_what_a_contact_writes_with_an_action(
        post, case, colleague, reachable):
    case.assign(reachable, reachable).expect(200)
    case.close(comment="Solved by ourselves.").expect(200)
    case.reopen(colleague, details="It is back.").expect(200)
    assert [w for w in post.written(case) if w[1] == of(reachable)] == [
        ("case.closed", of(reachable)), ("case.reopened", of(reachable))]


@pytest.mark.fact(48)
def test_an_advisor_who_has_gone_gets_no_mail(post, case, reachable, sql):
    """A closed case keeps its owner, who may be gone by then."""
    case.assign(reachable, reachable).expect(200)
    case.note().expect(201)
    case.close().expect(200)
    sql.run("update casework.staff set active = false where id = %s",
            reachable.id)
    assert of(reachable) not in {who for _, who in post.written(case)}


@pytest.mark.fact(62)
def test_who_follows_or_has_attached_something_is_involved(
        post, case, district, advisor):
    follower, sender = district.contact(), district.contact()
    follower.post(case.path + "/followers", {}).expect(201)
    case.attach(by=sender).expect(201)
    post.forget_the_past()
    case.note(advisor).expect(201)
    assert post.written(case) == sorted(
        ("case.note_added", of(who))
        for who in (case.submitter, follower, sender))


@pytest.mark.fact(62)
def test_who_writes_later_is_not_told_what_was_before(
        post, contact, colleague, advisor, clock):
    clock.at("2026-11-23T10:00:00-06:00")
    case = contact.submit()
    post.forget_the_past()
    case.note(advisor).expect(201)
    clock.at("2026-11-23T10:00:01-06:00")
    case.note(colleague).expect(201)
    case.attach(by=colleague).expect(201)
    assert post.written(case) == [("case.attachment_added", of(contact)),
                                  ("case.note_added", of(contact)),
                                  ("case.note_added", of(contact))]


def test_an_internal_note_is_no_mail(post, case, advisor):
    case.note(advisor, "Do not tell.", visibility="internal").expect(201)
    assert post.written(case) == []


def test_a_case_submitted_for_a_contact_is_told_to_it(post, contact, staff):
    case = staff.submit(contact_id=contact.id)
    assert post.written(case) == [("case.submitted", of(contact))]


@pytest.mark.fact(45, 57, 61, 62)
@pytest.mark.parametrize("kind", [
    "case.submitted", "case.note_added", "case.resolved", "case.closed",
    "case.escalated", "case.followed_up", "case.available_in_release",
    "case.defect_fixed"])
def test_what_the_service_does_is_told_to_those_involved(post, case, sql,
                                                         kind):
    record(sql, case, kind)
    assert post.written(case) == [(kind, of(case.submitter))]


@pytest.mark.fact(71)
def test_an_invitation_goes_to_its_contact_alone(post, case, colleague):
    """The contact on the case, not who submitted or closed it."""
    case.change(contact_id=colleague.id).expect(200)
    case.close().expect(200)
    assert ("survey.invited", of(colleague)) in post.written(case)
    mail, = (m for m in post.mails(case) if m["kind"] == "survey.invited")
    assert mail["unsubscribe"].startswith("{api}/v1/survey-opt-out/")
    assert "{api}/v1/surveys/" in mail["text"]


@pytest.mark.fact(62)
def test_who_leaves_before_the_mail_is_handed_out_gets_none(
        post, case, colleague, advisor, as_role, sql):
    case.note(colleague).expect(201)
    case.note(advisor).expect(201)
    post.dispatch()
    sql.run("update casework.contacts set authorized = false where id = %s",
            colleague.id)
    assert hand_out(post, case, as_role) == {
        (colleague.id, "withheld"), (case.submitter.id, "queued")}


def test_who_moves_before_the_mail_is_handed_out_gets_none(
        post, case, colleague, stranger, advisor, as_role, sql):
    case.note(colleague).expect(201)
    case.note(advisor).expect(201)
    post.dispatch()
    sql.run("update casework.contacts set district_id = %s where id = %s",
            stranger.district.id, colleague.id)
    assert hand_out(post, case, as_role) == {
        (colleague.id, "withheld"), (case.submitter.id, "queued")}


def test_an_advisor_who_leaves_before_the_mail_is_handed_out_gets_none(
        post, case, reachable, as_role, sql):
    case.assign(reachable, reachable).expect(200)
    case.note().expect(201)
    post.dispatch()
    sql.run("update casework.staff set active = false where id = %s",
            reachable.id)
    assert hand_out(post, case, as_role) == {(reachable.id, "withheld")}


def hand_out(post, case, as_role):
    """To whom a note was to be told, and what became of the mail."""
    while as_role("worker").rows("select * from rules.lease_mail(60, 30)"):
        pass
    return {(m["recipient_id"], m["state"]) for m in post.mails(case)
            if m["kind"] == "case.note_added"}


@pytest.mark.fact(72, 74)
@pytest.mark.rule("2.7")
def test_who_opts_out_before_the_mail_is_handed_out_gets_no_survey(
        post, case, as_role, public):
    case.close().expect(200)
    post.dispatch()
    mail, = (m for m in post.mails(case) if m["kind"] == "survey.invited")
    link = mail["unsubscribe"].removeprefix("{api}")
    public.post(link, {"List-Unsubscribe": "One-Click"}).expect(200)
    worker = as_role("worker")
    leased = []
    while found := worker.rows("select kind from rules.lease_mail(60, 30)"):
        leased += found
    assert {"kind": "survey.invited"} not in leased
    assert "withheld" in {m["state"] for m in post.mails(case)
                          if m["kind"] == "survey.invited"}


@pytest.mark.fact(46)
def test_a_mail_about_a_closing_says_what_can_be_done(
        post, case, contact, staff):
    other = contact.submit()
    for closed, members in ((case, {"closure_reason": "merged",
                                    "merged_into_case_id": other.id}),
                            (other, {"closure_reason": "withdrawn"})):
        closed.close(staff, **members).expect(200)
    post.dispatch()
    merged, withdrawn = (m["text"] for m in post.mails()
                         if m["kind"] == "case.closed")
    assert f"merged into case {other.id}" in merged
    assert "reopen" not in merged and "within 60 days" in withdrawn


@pytest.mark.parametrize("kind", ["case.updated", "case.assigned",
                                  "case.priority_changed"])
def test_other_changes_are_no_mail(post, case, sql, kind):
    record(sql, case, kind)
    assert post.written(case) == []


# -- following the events --------------------------------------------------

def test_an_event_is_written_about_once(post, case, advisor):
    case.note(advisor).expect(201)
    post.dispatch()
    post.sql.run("update casework.event_cursors set event_id = 0,"
                 " xid = (select min(xid) from casework.events"
                 f" where case_id = {case.id})")
    assert post.written(case) == [("case.note_added", of(case.submitter))]
    assert post.sql.rows("select * from casework.timer_faults where timer ="
                         " 'mail_dispatch'") == []


def test_events_are_followed_in_the_order_of_their_commits(
        post, case, stranger, new_session):
    """The transaction that began first, and has the lower ids, ends last."""
    slow = new_session()
    slow.run("begin")
    record(slow, case, "case.escalated")
    later = stranger.submit()
    record(post.sql, later, "case.escalated")
    post.sql.run("select rules.timer_mail_dispatch(1000)")
    assert post.mails() == []
    slow.run("commit")
    assert post.written(case) == [("case.escalated", of(case.submitter))]
    assert post.written(later) == [("case.escalated", of(stranger))]


def test_only_one_worker_dispatches_at_a_time(post, case, new_session, sql):
    holder = new_session()
    holder.run("begin; select * from casework.event_cursors for update")
    record(sql, case, "case.escalated")
    try:
        assert sql.value("select rules.timer_mail_dispatch(1000)") == 0
    finally:
        holder.run("rollback")
    assert post.written(case) == [("case.escalated", of(case.submitter))]


def test_demonstration_data_is_no_news(post, case, sql):
    sql.run("insert into casework.events (id, district_id, case_id, type, at,"
            " actor_kind, actor_id, actor_name) overriding system value"
            " select 99999, district_id, id, 'case.escalated', rules.now(),"
            " 'system', 0, 'casework' from casework.cases where id = %s"
            " on conflict do nothing", case.id)
    try:
        assert post.written(case) == []
    finally:
        sql.run("delete from casework.events where id = 99999")


def test_an_event_that_cannot_be_written_about_holds_up_nothing(
        post, case, stranger, sql):
    sql.run(f"alter table casework.mails add constraint broken"
            f" check (case_id <> {case.id}) not valid")
    try:
        event = record(sql, case, "case.escalated")
        other = stranger.submit()
        record(sql, other, "case.escalated")
        assert post.written(case) == []
        assert post.written(other) == [("case.escalated", of(stranger))]
        fault = sql.row("select * from casework.timer_faults"
                        " where timer = 'mail_dispatch'")
        assert fault["item"] == str(event) and fault["attempts"] == 1
        sql.run("update casework.timer_faults set retry_at = rules.now()")
        sql.run("select rules.timer_mail_retry(10)")
        assert sql.value("select attempts from casework.timer_faults") == 2
    finally:
        sql.run("alter table casework.mails drop constraint broken")
    sql.run("update casework.timer_faults set retry_at = rules.now()")
    sql.run("select rules.timer_mail_retry(10)")
    assert post.written(case) == [("case.escalated", of(case.submitter))]
    assert sql.rows("select * from casework.timer_faults") == []


@pytest.mark.parametrize("kind", ["contact", "partner", "staff", "telephony",
                                  "public"])
def test_mails_are_for_the_worker_only(as_role, kind):
    assert as_role(kind).fails(
        "select * from casework.mails", caller_id=1) == "42501"


def test_a_mail_need_not_be_about_a_case(case, as_role, post):
    """Like those about an incident."""
    worker = as_role("worker")
    worker.run(
        "select rules.queue_mail('test', 17, %s, null,"
        " row ('contact', %s, 'a@b.example')::rules.mail_recipient,"
        " row ('test', '{}', 'affected', 'News {field}', 'Text', null)"
        "::rules.mail_texts, %s)",
        case.submitter.district.id, case.submitter.id, {"field": "today"})
    mail, = post.mails()
    assert mail["subject"] == "News today" and mail["case_id"] is None
    assert mail["text"].endswith("\n{portal}\n")


# -- what they say ---------------------------------------------------------

@pytest.fixture
def mail(worker, case, advisor):
    """A mail as it lies in the maildir."""
    case.note(advisor, "Please empty the cache.").expect(201)
    return until(lambda: in_maildir(worker))[0]


@pytest.mark.direct
@pytest.mark.fact(70)
def test_a_mail_says_not_to_reply_but_to_log_in(mail, case, worker):
    text = text_of(mail)
    assert "not monitored" in text and "do not reply" in text
    assert "log in to the Support Case Portal and reply within the case" in (
        text)
    assert f"{worker.url}/cases/{case.id}\n" in text
    assert mail["From"] == "no-reply@casework.example"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "Reply-To" not in mail


@pytest.mark.direct
def test_a_mail_names_the_case_and_nothing_personal(mail, case, advisor):
    assert mail["To"] == case.submitter.record["email"]
    assert str(case.id) in mail["Subject"]
    assert mail["Subject"].endswith(f": {case['subject']}")
    text = str(mail)
    for secret in ("Please empty the cache", case.submitter.record["name"],
                   "Advisor"):
        assert secret not in text
    assert case["subject"] not in text_of(mail)
    assert "/v1/mail-opt-out/" in mail["List-Unsubscribe"]


@pytest.mark.direct
def test_links_lead_to_the_portal_and_the_service(new_worker, post, case):
    worker = new_worker(PORTAL_URL="HTTPS://Portal.example/",
                        PUBLIC_URL="https://api.example/desk//")
    post.put(case, text="{portal}/cases/1 {api}/v1/x {portal}\n")
    mail = until(lambda: in_maildir(worker))[0]
    assert text_of(mail) == (
        "https://portal.example/cases/1 https://api.example/desk/v1/x"
        " https://portal.example\n")


@pytest.mark.direct
@pytest.mark.fact(74)
def test_a_mail_offers_to_unsubscribe_with_one_click(worker, post, case):
    post.put(case, unsubscribe="{api}/v1/surveys/opt-out/abc")
    mail = until(lambda: in_maildir(worker))[0]
    assert mail["List-Unsubscribe"] == (
        f"<{worker.url}/v1/surveys/opt-out/abc>")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


@pytest.mark.direct
@pytest.mark.parametrize("subject", [
    "Fälle und Straßen", "案件は終了しました。" * 8, "x" * 200, "=?utf-8?Q?x?="])
def test_any_subject_and_text_arrive_as_they_are(worker, post, case, subject):
    text = "Grüße\n\n.\nFrom here on: " + "long, " * 50 + "\ntrailing \n=20\n"
    post.put(case, subject=subject, text=text)
    mail = until(lambda: in_maildir(worker))[0]
    assert mail["Subject"] == subject
    assert text_of(mail) == text
    assert all(len(line) <= 76 for line in bytes(mail).splitlines())
    assert bytes(mail).isascii()


@pytest.mark.direct
@pytest.mark.parametrize("column, value", [
    ("to_address", "a@b.example\r\nBcc: c@d.example"),
    ("subject", "Hello\r\nBcc: c@d.example"),
    ("unsubscribe", "https://a.example\r\nBcc: c@d.example")])
def test_no_value_becomes_a_header(worker, post, case, column, value):
    message_id, = post.put(case, **{column: value})
    failed = post.until_state(message_id, "failed")
    assert failed["attempts"] == 1 and "header" in failed["last_error"]
    assert in_maildir(worker) == []
