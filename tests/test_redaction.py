"""Redaction of notes (fact 47): the text goes, the note stays."""

import pytest

SECRET = "Ada Byron, born 1815"


@pytest.fixture
def note(case):
    return case.note(text=f"The student is {SECRET}.").expect(201)


def redact(note, by, etag="*", reason="Names a student."):
    return by.post(f"/v1/notes/{note['id']}/redaction", {"reason": reason},
                   etag=etag)


@pytest.mark.fact(47)
def test_the_text_is_gone_from_every_view(case, note, lead, sql):
    answer = redact(note, lead, note.etag).expect(200)
    assert answer["text"] == "[redacted]"
    assert answer["redacted"]["by"]["id"] == lead.id
    assert answer["redacted"]["reason"] == "Names a student."
    assert answer.etag != note.etag
    for someone in (case.submitter, lead):
        read = someone.get(f"/v1/notes/{note['id']}").expect(200)
        assert read.json == answer.json and read.etag == answer.etag
        for path in ("", "/notes", "/history"):
            assert SECRET not in someone.get(case.path + path).body.decode()
    kept = sql.rows("select text from casework.notes where case_id = %s",
                    case.id)
    assert kept == [{"text": "[redacted]"}]


@pytest.mark.fact(47)
def test_an_escalation_that_shows_the_text_is_another_version(
        case, contact, lead):
    escalation = case.escalate(lead, text=SECRET).expect(201)
    before = contact.get(escalation.location).expect(200)
    redact({"id": before["note_id"]}, lead).expect(200)
    after = contact.get(escalation.location,
                        headers={"If-None-Match": before.etag}).expect(200)
    assert after["text"] == "[redacted]" and after.etag != before.etag


@pytest.mark.fact(47)
def test_all_else_of_the_note_stays(case, note, lead):
    redact(note, lead).expect(200)
    after = case.notes()[-1]
    for member in ("id", "kind", "author", "created_at", "visibility"):
        assert after[member] == note[member]
    assert note["redacted"] is None
    event = case.history()[-1]
    assert (event["type"], event["note_id"], event["actor"]["id"]) == (
        "note.redacted", note["id"], lead.id)


@pytest.mark.fact(47)
@pytest.mark.rule("2.3")
def test_a_redacted_note_still_counts_as_the_response(case, lead):
    note = case.note(lead, SECRET).expect(201)
    answered = case.target["first_response_at"]
    assert answered is not None
    redact(note, lead).expect(200)
    assert case.target["first_response_at"] == answered
    assert case.target["state"] == "met"


@pytest.mark.fact(47)
def test_the_explanation_of_a_resolution_goes_with_its_note(case, lead):
    case.resolve(lead, explanation=SECRET).expect(200)
    etag = case.etag
    redact(case.notes()[-1], lead).expect(200)
    answer = case.read()
    assert answer["resolution"]["explanation"] == "[redacted]"
    assert answer["resolution"]["kind"] == "solved"
    assert answer.etag != etag
    assert SECRET not in case.submitter.get(
        case.path + "/history").body.decode()


@pytest.mark.fact(47)
@pytest.mark.parametrize("which", [0, 1])
def test_of_two_equal_resolutions_one_is_redacted(case, lead, which):
    """The case shows the explanation of the last one, and no other's end."""
    for _ in range(2):
        case.resolve(lead, explanation=SECRET).expect(200)
        case.note(text="No.").expect(201)
    case.resolve(lead, explanation="Another.").expect(200)
    case.note(text="Not yet.").expect(201)
    case.resolve(lead, explanation=SECRET).expect(200)
    notes = [n for n in case.notes() if n["kind"] == "resolution"]
    assert [n["text"] for n in notes] == [SECRET, SECRET, "Another.", SECRET]
    redact(notes[which], lead).expect(200)
    assert case["resolution"]["explanation"] == SECRET
    after = [n for n in case.notes() if n["kind"] == "resolution"]
    assert [n["text"] == SECRET for n in after] == [
        which != 0, which != 1, False, True]
    redact(notes[3], lead).expect(200)
    assert case["resolution"]["explanation"] == "[redacted]"
    assert [n["text"] for n in case.notes()].count(SECRET) == 1


def test_redacting_an_internal_note_is_invisible_to_contacts(
        case, lead):
    note = case.note(lead, SECRET, visibility="internal").expect(201)
    before = case.etag, case.history()
    redact(note, lead).expect(200)
    assert (case.etag, case.history()) == before
    assert case.history(lead)[-1]["type"] == "note.redacted"


def test_a_note_of_a_closed_case_is_redacted_too(case, note, lead):
    case.close().expect(200)
    redact(note, lead).expect(200)


@pytest.mark.fact(47)
def test_a_note_is_redacted_once(case, note, lead):
    first = redact(note, lead).expect(200)
    redact(note, lead, reason="Other.").expect(409, problem="conflict")
    redact(note, lead, note.etag).expect(412)
    assert case.notes()[-1] == first.json


def test_redaction_needs_a_reason_and_a_version(note, lead):
    assert redact(note, lead, reason=" ").expect(422).faults == [
        "/reason"]
    redact(note, lead, None).expect(428)
    lead.post("/v1/notes/9007199254740991/redaction", {"reason": "x"},
                 etag="*").expect(404)
    assert lead.get(f"/v1/notes/{note['id']}")["redacted"] is None


@pytest.mark.fact(47)
@pytest.mark.parametrize("kind", ["contact", "colleague", "partner",
                                  "telephony"])
def test_only_staff_redact(request, case, note, kind):
    redact(note, request.getfixturevalue(kind)).expect(
        403, problem="caller-not-allowed")
    assert SECRET in case.notes()[-1]["text"]


@pytest.mark.fact(47)
def test_the_database_lets_staff_erase_but_never_write(
        case, note, lead, as_role):
    role = as_role("staff")
    assert role.fails("update casework.notes set text = 'Other',"
                      " redacted_at = now() where id = %s", note["id"],
                      caller_id=lead.id) == "42501"
    assert role.fails("update casework.notes set redaction_reason = 'x'"
                      " where id = %s", note["id"], caller_id=lead.id
                      ) == "42501"
    assert as_role("contact").fails(
        "update casework.notes set redacted_at = now()") == "42501"
    assert SECRET in case.notes()[-1]["text"]


@pytest.mark.fact(47)
def test_the_database_lets_staff_erase_once(note, lead, as_role):
    def again():
        return as_role("staff").acting(
            "update casework.notes set (redacted_at, redacted_by_kind,"
            " redacted_by_id, redacted_by_name, redaction_reason)"
            " = (now(), 'staff', 1, 'Somebody else', 'Another reason.')"
            " where id = %s returning id", note["id"], caller_id=lead.id)
    assert again() == [{"id": note["id"]}]
    redact(note, lead).expect(200)
    assert again() == []
