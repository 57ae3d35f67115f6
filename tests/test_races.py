"""Two actions on one case at once: one wins, the other is told, and nothing
is half done. Real threads on real connections, many rounds."""

import pytest

from races import ROUNDS, at_once, race, statuses
from world import a_case


def events(case, kind, by):
    return [e for e in case.history(by) if e["type"] == kind]


def test_of_two_changes_of_one_version_one_wins(contact, staff):
    case = contact.submit()
    for number in range(ROUNDS):
        etag = case.etag
        impacts = (f"One {number}", f"Other {number}")
        answers = at_once(*(
            lambda i=i: case.change(contact, etag=etag, impact=i)
            for i in impacts))
        assert statuses(answers) == [200, 412]
        winner = next(a for a in answers if a.status == 200)
        assert case["impact"] == winner["impact"]
    changed = case.changes("impact")
    assert len(changed) == ROUNDS
    assert [old for old, _ in changed[1:]] == [new for _, new in changed[:-1]]


def test_of_two_closings_one_wins(contact, colleague):
    for case, answers in race(
            ROUNDS, lambda case: case.close(contact, comment="Done."),
            lambda case: case.close(colleague, comment="Done."),
            prepare=contact.submit):
        assert statuses(answers) == [200, 409]
        assert len(case.notes()) == 1
        closed = [c for c in case.changes("status") if c[1] == "closed"]
        assert closed == [("new", "closed")]
        winner = next(a for a in answers if a.status == 200)
        assert case["closed_by"] == winner["closed_by"]


def test_a_closing_and_a_resolution_exclude_each_other(contact, advisor):
    """The closing may come last; a resolution after it may not."""
    for case, (close, resolve) in race(
            ROUNDS, lambda case: case.close(contact),
            lambda case: case.resolve(advisor), prepare=contact.submit):
        assert close.status == 200 and resolve.status in (200, 409)
        assert case["status"] == "closed"
        kinds = [n["kind"] for n in case.notes()]
        assert kinds == (["resolution"] if resolve.status == 200 else [])
        wanted = [("new", "closed")] if resolve.status == 409 else [
            ("new", "pending_verification"),
            ("pending_verification", "closed")]
        assert case.changes("status")[-len(wanted):] == wanted
        assert case["closure_reason"] == (
            "resolved_confirmed" if resolve.status == 200 else "withdrawn")


def test_a_closing_and_a_note_exclude_each_other(contact, colleague, staff):
    """A note before the closing counts; none is written after it."""
    def resolved():
        case = contact.submit()
        case.resolve(staff).expect(200)
        return case
    for case, (close, note) in race(
            ROUNDS, lambda case: case.close(contact),
            lambda case: case.note(colleague, "Wait!"), prepare=resolved):
        assert close.status == 200 and note.status in (201, 409)
        texts = [n["text"] for n in case.notes()]
        assert ("Wait!" in texts) == (note.status == 201)
        wanted = [("pending_verification", "assigned"),
                  ("assigned", "closed")] if note.status == 201 else [
            ("pending_verification", "closed")]
        assert case.changes("status")[-len(wanted):] == wanted


def test_of_two_reopenings_one_wins(contact, colleague):
    def closed():
        case = contact.submit()
        case.close().expect(200)
        return case
    for case, answers in race(
            ROUNDS, lambda case: case.reopen(contact),
            lambda case: case.reopen(colleague), prepare=closed):
        assert statuses(answers) == [200, 409]
        assert case.target["cycle"] == 2
        assert len(case.notes()) == 1


def test_of_many_responses_the_first_counts(contact, staff, engineer,
                                            advisor):
    for case, notes in race(
            ROUNDS, *(lambda case, who=who: case.note(who)
                      for who in (staff, engineer, advisor)),
            prepare=contact.submit):
        assert statuses(notes) == [201, 201, 201]
        first = case.target["first_response_at"]
        assert first in [n["created_at"] for n in notes]
        assert len(case.changes("first_response_at")) <= 1


def test_a_raised_priority_and_a_response_agree(contact, staff):
    for case, (change, note) in race(
            ROUNDS, lambda case: case.change(contact, priority="critical"),
            lambda case: case.note(staff), prepare=contact.submit):
        assert note.status == 201 and change.status in (200, 409)
        target = case.target
        assert target["priority"] == (
            "critical" if change.status == 200 else "medium")
        assert target["first_response_at"]


def test_one_address_is_given_once(staff, district):
    for number in range(ROUNDS):
        body = {"district_id": district.id, "name": "Twin",
                "email": f"twin-{number}@example.org"}
        answers = at_once(*(lambda: staff.post("/v1/contacts", body)
                            for _ in range(2)))
        assert statuses(answers) == [201, 409]


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
