"""Each mail is to be read by staff: to whom, and why it went or not (3.3)."""

import json

import pytest

from partners import a_person

pytestmark = pytest.mark.rule("3.3")
MAILS = "/v1/mails"


@pytest.fixture
def read(advisor, dispatch, post):
    """What staff read of the mails that fit."""
    def run(**query):
        dispatch()
        return advisor.all(MAILS, **query)
    return run


def why(mails):
    return [(m["recipient"]["kind"], m["recipient"]["id"], m["audience"],
             m["state"], m["reason"]) for m in mails]


def prefer(caller, **preferences):
    caller.patch("/v1/me/mail-preferences", preferences, etag="*").expect(200)


def test_staff_read_to_whom_a_mail_goes_and_why(
        case, contact, advisor, read, sql):
    case.note(advisor).expect(201)
    mail, = read(case_id=case.id)
    row = sql.row("select * from casework.mails where id = %s", mail["id"])
    assert mail == {
        "id": row["id"], "kind": "case.note_added", "district_id":
        contact.district.id, "case_id": case.id, "recipient": {
            "kind": "contact", "id": contact.id,
            "name": contact.record["name"]},
        "audience": "involved", "topic": "notes", "state": "queued",
        "reason": None, "attempts": 0, "digest_id": None, "digest_at": None,
        "created_at": mail["created_at"], "sent_at": None}


def test_who_reads_in_the_place_of_others_is_told_apart(
        case, contact, colleague, advisor, staff, read):
    staff.patch(f"/v1/contacts/{contact.id}", {"authorized": False},
                etag="*").expect(200)
    case.note(advisor).expect(201)
    assert why(read(case_id=case.id)) == [
        ("contact", colleague.id, "readers", "queued", None)]


def test_no_mail_tells_where_it_goes_nor_what_stands_in_it(
        case, contact, advisor, read, sql):
    case.note(advisor).expect(201)
    case.close(advisor, closure_reason="withdrawn").expect(200)
    mails = read(case_id=case.id)
    assert {"case.note_added", "survey.invited"} <= {m["kind"] for m in mails}
    told = json.dumps(mails)
    for row in sql.rows("select * from casework.mails where case_id = %s",
                        case.id):
        for secret in (row["to_address"], row["subject"], row["unsubscribe"],
                       row["message_id"]):
            assert secret is None or secret not in told


def test_a_mail_that_was_not_wanted_says_so(case, contact, colleague, advisor,
                                            read):
    prefer(contact, notes="none")
    prefer(colleague, notes="daily_digest")
    case.act(contact, "followers", {"contact_id": colleague.id}).expect(201)
    case.note(advisor).expect(201)
    assert set(why(read(case_id=case.id, kind="case.note_added"))) == {
        ("contact", contact.id, "involved", "withheld", "preference"),
        ("contact", colleague.id, "involved", "collected", "preference")}


def test_a_mail_to_who_has_gone_or_about_a_test_says_so(
        district, contact, colleague, advisor, staff, read, as_role):
    case, other = contact.submit(), colleague.submit()
    for each in (case, other):
        each.note(advisor).expect(201)
    read(district_id=district.id)
    staff.patch(f"/v1/contacts/{contact.id}", {"authorized": False},
                etag="*").expect(200)
    other.change(staff, test=True).expect(200)
    as_role("worker").rows("select * from rules.lease_mail(60, 9)")
    assert set(why(read(district_id=district.id, kind="case.note_added"))) == {
        ("contact", contact.id, "involved", "withheld", "recipient_gone"),
        ("contact", colleague.id, "involved", "withheld", "test_case")}


def test_a_mail_that_no_server_takes_says_so(case, contact, advisor, read,
                                             as_role):
    case.note(advisor).expect(201)
    read(case_id=case.id)
    worker = as_role("worker")
    lease = worker.row("select * from rules.lease_mail(60, 9)")
    worker.value("select rules.mail_refused(%s, %s, '550 no such user', true,"
                 " 60, 9)", lease["id"], lease["attempts"])
    assert why(read(case_id=case.id)) == [
        ("contact", contact.id, "involved", "failed", "undeliverable")]


def test_mails_are_found_by_whom_they_concern(
        case, contact, colleague, world, partner, staff, advisor, read, sql):
    person = a_person(world, partner.id)
    case.change(staff, support_provider="partner").expect(200)
    case.change(staff, support_provider="campus").expect(200)
    case.assign(staff, advisor).expect(200)
    case.note(colleague).expect(201)
    everybody = read(case_id=case.id)
    for key, kind, number in (
            ("contact_id", "contact", contact.id),
            ("person_id", "partner_person", person),
            ("staff_id", "staff", advisor.id)):
        found = read(case_id=case.id, **{key: number})
        assert found and found == [
            m for m in everybody
            if (m["recipient"]["kind"], m["recipient"]["id"]) == (
                kind, number)]
    for key in ("kind", "state", "audience"):
        value = everybody[0][key]
        assert read(case_id=case.id, **{key: value}) == [
            m for m in everybody if m[key] == value]
    assert read(case_id=case.id, reason="no_address") == [
        m for m in everybody if m["reason"] == "no_address"]
    at = everybody[-1]["created_at"]
    assert read(case_id=case.id, created_to=at) == []
    assert read(case_id=case.id, created_from=at) == everybody


def test_a_digest_names_what_it_holds(case, contact, advisor, clock, read,
                                      timer):
    prefer(contact, notes="daily_digest")
    clock.at("2026-11-24T10:00:00-06:00")
    case.note(advisor).expect(201)
    collected, = read(case_id=case.id)
    assert collected["digest_at"] == "2026-11-25T13:00:00Z"
    clock.at("2026-11-25T07:00:00-06:00")
    timer("mail_digest")
    digest, = read(contact_id=contact.id, kind="mail.digest")
    assert digest["audience"] == digest["topic"] == "digest"
    assert [m["id"] for m in read(digest_id=digest["id"])] == [
        collected["id"]]


def test_mails_are_the_desk_s_to_read(contact, partner):
    for outsider in (contact, partner):
        outsider.get(MAILS).expect(403)


def test_the_document_knows_whoever_mails_go_to(sql, contract):
    told = contract.document["components"]["schemas"]["mail_audience"]["enum"]
    assert {row["audience"] for row in sql.rows(
        "select distinct audience from rules.mail_texts")} <= set(told)
