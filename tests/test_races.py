"""Two actions on one case at once: one wins, the other is told, and nothing
is half done. They meet at a lock; then many at once, as they come."""

import pytest

from races import at_once, statuses
from world import a_case

pytestmark = pytest.mark.direct

both_orders = pytest.mark.parametrize("order", [
    pytest.param(lambda one, other: (one, other), id="one"),
    pytest.param(lambda one, other: (other, one), id="other")])


def events(case, kind, by):
    return [e for e in case.history(by) if e["type"] == kind]


@both_orders
def test_of_two_changes_of_one_version_the_first_wins(meeting, contact, staff,
                                                      order):
    case = contact.submit()
    etag = case.etag
    answers = meeting.meet("cases", *order(
        lambda: case.change(meeting.by(contact), etag=etag, impact="One"),
        lambda: case.change(meeting.by(staff), etag=etag, impact="Other")))
    assert [a.status for a in answers] == [200, 412]
    assert case["impact"] == answers[0]["impact"]
    assert len(case.changes("impact")) == 1


@both_orders
def test_of_two_closings_the_first_wins(meeting, contact, colleague, order):
    case = contact.submit()
    answers = meeting.meet("cases", *order(*(
        lambda who=who: case.close(meeting.by(who), comment="Done.")
        for who in (contact, colleague))))
    assert [a.status for a in answers] == [200, 409]
    assert len(case.notes()) == 1
    assert case.changes("status") == [("new", "closed")]
    assert case["closed_by"] == answers[0]["closed_by"]


def test_a_resolution_after_a_closing_is_refused(meeting, contact, advisor):
    case = contact.submit()
    close, resolve = meeting.meet(
        "cases", lambda: case.close(meeting.by(contact)),
        lambda: case.resolve(meeting.by(advisor)))
    assert (close.status, resolve.status) == (200, 409)
    assert case.notes() == []
    assert case.changes("status") == [("new", "closed")]
    assert case["closure_reason"] == "withdrawn"


def test_a_closing_after_a_resolution_confirms_it(meeting, contact, advisor):
    case = contact.submit()
    answers = meeting.meet(
        "cases", lambda: case.resolve(meeting.by(advisor)),
        lambda: case.close(meeting.by(contact)))
    assert [a.status for a in answers] == [200, 200]
    assert [n["kind"] for n in case.notes()] == ["resolution"]
    assert case.changes("status") == [
        ("new", "pending_verification"), ("pending_verification", "closed")]
    assert case["closure_reason"] == "resolved_confirmed"


@pytest.fixture
def resolved(contact, staff):
    case = contact.submit()
    case.resolve(staff).expect(200)
    return case


def test_no_note_is_written_after_a_closing(meeting, contact, colleague,
                                            resolved):
    close, note = meeting.meet(
        "cases", lambda: resolved.close(meeting.by(contact)),
        lambda: resolved.note(meeting.by(colleague), "Wait!"))
    assert (close.status, note.status) == (200, 409)
    assert "Wait!" not in [n["text"] for n in resolved.notes()]
    assert resolved.changes("status")[-1:] == [
        ("pending_verification", "closed")]


def test_a_note_before_a_closing_counts(meeting, contact, colleague,
                                        resolved):
    note, close = meeting.meet(
        "cases", lambda: resolved.note(meeting.by(colleague), "Wait!"),
        lambda: resolved.close(meeting.by(contact)))
    assert (note.status, close.status) == (201, 200)
    assert "Wait!" in [n["text"] for n in resolved.notes()]
    assert resolved.changes("status")[-2:] == [
        ("pending_verification", "assigned"), ("assigned", "closed")]


@both_orders
def test_of_two_reopenings_the_first_wins(meeting, contact, colleague, order):
    case = contact.submit()
    case.close().expect(200)
    answers = meeting.meet("cases", *order(*(
        lambda who=who: case.reopen(meeting.by(who))
        for who in (contact, colleague))))
    assert [a.status for a in answers] == [200, 409]
    assert case.target["cycle"] == 2
    assert len(case.notes()) == 1


def test_of_many_responses_the_first_counts(meeting, contact, staff, engineer,
                                            advisor):
    case = contact.submit()
    notes = meeting.meet("cases", *(
        lambda who=who: case.note(meeting.by(who))
        for who in (staff, engineer, advisor)))
    assert statuses(notes) == [201, 201, 201]
    assert case.target["first_response_at"] == notes[0]["created_at"]
    assert len(case.changes("first_response_at")) <= 1


def test_a_priority_raised_before_the_response_counts(meeting, contact, staff):
    case = contact.submit()
    change, note = meeting.meet(
        "cases",
        lambda: case.change(meeting.by(contact), priority="critical"),
        lambda: case.note(meeting.by(staff)))
    assert (change.status, note.status) == (200, 201)
    assert case.target["priority"] == "critical"
    assert case.target["first_response_at"]


def test_a_priority_raised_after_the_response_is_refused(meeting, contact,
                                                         staff):
    case = contact.submit()
    note, change = meeting.meet(
        "cases", lambda: case.note(meeting.by(staff)),
        lambda: case.change(meeting.by(contact), priority="critical"))
    assert (note.status, change.status) == (201, 409)
    assert case.target["priority"] == "medium"
    assert case.target["first_response_at"]


def test_one_address_is_given_once(meeting, staff, district, sql):
    """Each has seen that nobody has it."""
    body = {"district_id": district.id, "name": "Twin",
            "email": f"twin-{district.id}@example.org"}
    answers = meeting.meet("contacts", *(
        lambda: meeting.by(staff).post("/v1/contacts", body),) * 2)
    assert statuses(answers) == [201, 409]
    assert sql.value("select count(*) as n from casework.contacts where"
                     " district_id = %s", district.id) == 1


def test_every_event_of_many_writers_is_there_once(contact, staff):
    case = contact.submit()
    texts = [f"{who}-{n}" for who in range(4) for n in range(25)]
    answers = at_once(*(
        lambda who=who: [case.note(contact if who % 2 else staff,
                                   f"{who}-{n}") for n in range(25)]
        for who in range(4)))
    ids = [a["id"] for batch in answers for a in batch]
    assert len(set(ids)) == 100
    assert sorted(n["text"] for n in case.notes()) == sorted(texts)
    noted = [e["note_id"] for e in events(case, "case.note_added", staff)]
    assert sorted(noted) == sorted(ids)


def test_case_numbers_of_many_writers_differ(contact, anybody):
    def submit():
        client = anybody(contact.token, "contact")
        return [client.post("/v1/cases", a_case()).expect(201)["id"]
                for _ in range(25)]
    ids = [i for batch in at_once(*[submit] * 4) for i in batch]
    assert len(set(ids)) == 100
    assert {c["id"] for c in contact.all("/v1/cases", limit=100)} == set(ids)


@pytest.mark.fact(49)
@pytest.mark.parametrize("winner", ["moved", "revoked"])
def test_access_ends_between_two_requests_of_one_connection(
        contact, staff, stranger, winner):
    """No window: the first answer after the change is the new one."""
    change = ({"authorized": False} if winner == "revoked"
              else {"district_id": stranger.district.id})
    case = contact.submit()
    contact.get(case.path).expect(200)
    staff.patch(f"/v1/contacts/{contact.id}", change, etag="*").expect(200)
    contact.get(case.path).expect(403 if winner == "revoked" else 404)
