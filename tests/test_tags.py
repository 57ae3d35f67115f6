"""Tags, by which staff find cases again (3.5)."""

import pytest

from feed import Feed

pytestmark = pytest.mark.rule("3.5")

CASES = "/v1/cases"


def tag(case, by, name):
    return by.post(case.path + "/tags", {"tag": name})


def tags(case, by):
    return by.get(case.path + "/tags").expect(200)["tags"]


def found(case, by, **query):
    return by.get(CASES, query={"id": case.id, **query}).expect(200).ids


def test_a_tag_is_written_in_one_way(case, advisor):
    assert tag(case, advisor, "  Waits for  Véndor_ ").expect(201)["tags"] == [
        "waits-for-vendor"]
    tag(case, advisor, "waits-FOR vendor").expect(
        409, problem="already-exists")
    tag(case, advisor, "grade book").expect(201)
    assert tags(case, advisor) == ["grade-book", "waits-for-vendor"]


def test_a_tag_of_which_nothing_is_left_is_refused(case, advisor):
    for name in ("-", "_ _", "©"):
        assert tag(case, advisor, name).expect(422).faults == ["/tag"]


def test_a_tag_is_short(case, advisor):
    assert tag(case, advisor, "a" * 41).expect(422).faults == ["/tag"]
    tag(case, advisor, "ß" * 20).expect(201)


def test_cases_are_found_and_counted_by_their_tags(case, contact, advisor):
    tag(case, advisor, "grade book").expect(201)
    other = contact.submit()
    both = {"id": f"{case.id},{other.id}", "tag": "none,Grade Book"}
    assert advisor.get(CASES, query=both).expect(200).ids == [case.id]
    assert advisor.get(CASES + "/counts", query=both).expect(
        200)["total"] == 1
    assert found(case, advisor, tag="grade") == []


def test_a_tag_is_taken_away_however_it_is_written(case, advisor):
    tag(case, advisor, "grade book").expect(201)
    left = advisor.delete(case.path + "/tags/Grade%20Book").expect(200)
    assert left["tags"] == [] and tags(case, advisor) == []
    assert found(case, advisor, tag="grade book") == []
    advisor.delete(case.path + "/tags/grade-book").expect(404)


def test_a_case_has_twenty_tags_at_most(case, advisor):
    for number in range(20):
        tag(case, advisor, f"tag {number}").expect(201)
    tag(case, advisor, "one more").expect(409, problem="conflict")
    advisor.delete(case.path + "/tags/tag-0").expect(200)
    tag(case, advisor, "one more").expect(201)


def test_contacts_and_partners_never_learn_of_a_tag(
        case, contact, partner, advisor):
    feeds = [Feed(someone) for someone in (contact, partner)]
    tag(case, advisor, "difficult").expect(201)
    advisor.delete(case.path + "/tags/difficult").expect(200)
    tag(case, advisor, "difficult").expect(201)
    case.note(advisor, "We look at it.").expect(201)
    for feed in feeds:
        feed.of_type("case.note_added")
        assert "case.tagged" not in {e["type"] for e in feed.seen}
    for someone in (contact, partner):
        assert found(case, someone, tag="difficult") == []
        assert "case.tagged" not in {
            e["type"] for e in case.history(someone)}
    assert [(e["type"], e["changes"]) for e in case.history(advisor)[1:3]] == [
        ("case.tagged", [
            {"member": "tag", "old": None, "new": "difficult"}]),
        ("case.untagged", [
            {"member": "tag", "old": "difficult", "new": None}])]


@pytest.mark.parametrize("kind", ["contact", "partner"])
def test_a_role_of_theirs_reads_no_tag_by_sql(
        case, contact, partner, advisor, as_role, kind):
    tag(case, advisor, "difficult").expect(201)
    someone = {"contact": contact, "partner": partner}[kind]
    seen = "select tag from casework.case_tags where case_id = %s"
    assert as_role(kind).acting(seen, case.id, caller_id=someone.id) == []
    assert as_role("staff").acting(seen, case.id, caller_id=advisor.id) == [
        {"tag": "difficult"}]
