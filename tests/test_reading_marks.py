"""How far each contact and each member of the staff has read a case (3.5)."""

import pytest

pytestmark = pytest.mark.rule("3.5")

CASES = "/v1/cases"


def mark(case, by, **where):
    return by.put(case.path + "/reading-mark", where)


def read(case, by):
    return mark(case, by).expect(200)


def is_unread(case, by):
    """The list, the counts and the mark say the same."""
    answer = by.get(case.path + "/reading-mark").expect(200)["unread"]
    for value in (True, False):
        query = {"id": case.id, "unread": str(value).lower()}
        assert by.get(CASES, query=query).ids == (
            [case.id] if answer == value else [])
        assert by.get(CASES + "/counts", query=query).expect(
            200)["total"] == (answer == value)
    return answer


def test_what_others_do_is_unread_until_it_is_read(case, contact, advisor):
    assert is_unread(case, advisor)
    assert not is_unread(case, contact)
    assert not read(case, advisor)["unread"] and not is_unread(case, advisor)
    case.note(contact, "It still fails.").expect(201)
    assert is_unread(case, advisor)


def test_ones_own_note_is_not_unread(case, contact, advisor):
    read(case, advisor)
    case.note(advisor, "We look at it.").expect(201)
    assert not is_unread(case, advisor) and is_unread(case, contact)


def test_everybody_has_marks_of_their_own(case, colleague, world, advisor):
    other = world.staff()
    read(case, advisor)
    read(case, colleague)
    assert is_unread(case, other)
    assert not is_unread(case, advisor) and not is_unread(case, colleague)


def test_an_internal_note_is_news_to_staff_alone(
        case, contact, advisor, staff):
    read(case, contact)
    read(case, advisor)
    case.note(staff, visibility="internal").expect(201)
    assert is_unread(case, advisor) and not is_unread(case, contact)


def test_a_mark_is_set_up_to_an_event_or_a_note(case, contact, advisor):
    notes = [case.note(contact, text).expect(201)["id"]
             for text in ("First.", "Second.")]
    event = next(e["id"] for e in case.history() if e["note_id"] == notes[0])
    assert mark(case, advisor, note_id=notes[0]).expect(
        200)["event_id"] == event
    assert is_unread(case, advisor)
    assert not mark(case, advisor, note_id=notes[1]).expect(200)["unread"]
    assert mark(case, advisor, event_id=event).expect(200)["unread"]


def test_a_mark_names_something_of_the_case(case, contact, advisor):
    other = contact.submit()
    foreign = other.history()[0]["id"]
    assert mark(case, advisor, event_id=foreign).expect(422).faults == [
        "/event_id"]
    note = other.note().expect(201)["id"]
    assert mark(case, advisor, note_id=note).expect(422).faults == ["/note_id"]
    assert mark(case, advisor, event_id=case.history()[0]["id"], note_id=note
                ).expect(422).faults == ["/note_id"]


def test_a_contact_marks_no_note_that_it_does_not_see(case, contact, advisor):
    note = case.note(advisor, visibility="internal").expect(201)["id"]
    assert mark(case, contact, note_id=note).expect(422).faults == ["/note_id"]


def test_marks_are_of_ones_own_district(case, stranger):
    mark(case, stranger).expect(404)
    stranger.get(case.path + "/reading-mark").expect(404)


def test_nothing_is_unread_to_a_partner(case, partner):
    for unread, found in (("true", []), ("false", [case.id])):
        assert partner.get(CASES, query={"id": case.id, "unread": unread}
                           ).expect(200).ids == found


def test_what_came_with_an_import_is_news_to_nobody(case, advisor, sql):
    sql.run("update casework.events set imported = true where case_id = %s",
            case.id)
    assert not is_unread(case, advisor)


@pytest.mark.parametrize("kind", ["contact", "staff"])
def test_nobody_sees_anothers_marks_by_sql(
        case, colleague, advisor, world, as_role, kind):
    read(case, colleague)
    read(case, advisor)
    someone = colleague.district.contact() if kind == "contact" else (
        world.staff())
    seen = "select reader_id from casework.reading_marks where case_id = %s"
    assert as_role(kind).acting(seen, case.id, caller_id=someone.id) == []
    reader = {"contact": colleague, "staff": advisor}[kind]
    assert as_role(kind).acting(seen, case.id, caller_id=reader.id) == [
        {"reader_id": reader.id}]
