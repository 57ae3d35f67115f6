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


def shown(case, by, member):
    """Of the case in the list, in both searches of cases, and in the queue."""
    lists = [by.get(CASES, query={"id": case.id}).expect(200).items,
             by.get(CASES + "/search", query={"q": str(case.id)}
                    ).expect(200).items]
    found = {str(row[member]) for rows in lists for row in rows
             if row["id"] == case.id}
    assert len(found) == 1
    return found.pop()


def test_a_row_of_a_list_shows_its_tags_to_staff_alone(
        case, contact, partner, advisor):
    assert shown(case, advisor, "tags") == "[]"
    tag(case, advisor, "late").expect(201)
    tag(case, advisor, "Grade Book").expect(201)
    assert shown(case, advisor, "tags") == "['grade-book', 'late']"
    for someone in (contact, partner):
        assert shown(case, someone, "tags") == "None"


@pytest.mark.rule("3.5")
def test_a_row_of_a_list_says_what_is_unread_to_who_asks(
        case, contact, colleague, partner, advisor, world):
    other = world.staff()
    for someone, unread in ((contact, "False"), (colleague, "True"),
                            (advisor, "True"), (partner, "None")):
        assert shown(case, someone, "unread") == unread
    advisor.put(case.path + "/reading-mark", {}).expect(200)
    assert shown(case, advisor, "unread") == "False"
    assert shown(case, other, "unread") == "True"
    case.note(contact, "It still fails.").expect(201)
    assert shown(case, advisor, "unread") == "True"
    assert shown(case, contact, "unread") == "False"


def test_the_queue_shows_tags_and_what_is_unread(case, advisor):
    case.assign(advisor, advisor).expect(200)
    tag(case, advisor, "late").expect(201)
    case.note(text="Hello?").expect(201)
    row, = [i["case"] for i in advisor.all(
        "/v1/desk/queue", assigned="me") if i["case"]["id"] == case.id]
    assert (row["tags"], row["unread"]) == (["late"], True)


def test_the_tags_in_use_are_listed_with_their_cases(
        case, contact, advisor):
    mine = [f"zz-{case.id}-{n}" for n in range(3)]
    other = contact.submit()
    for name in mine:
        tag(case, advisor, name).expect(201)
    tag(other, advisor, mine[1]).expect(201)
    for limit in (1, 100):
        listed = [t for t in advisor.all("/v1/tags", limit=limit)]
        assert [t["tag"] for t in listed] == sorted(
            {t["tag"] for t in listed})
        assert [t for t in listed if t["tag"] in mine] == [
            {"tag": mine[0], "cases": 1}, {"tag": mine[1], "cases": 2},
            {"tag": mine[2], "cases": 1}]
    advisor.delete(f"{case.path}/tags/{mine[0]}").expect(200)
    assert mine[0] not in [t["tag"] for t in advisor.all("/v1/tags")]


def test_the_list_of_tags_is_for_staff(contact, partner):
    for someone in (contact, partner):
        someone.get("/v1/tags").expect(403)
