"""Full-text search: words of a case, in the caller's districts only."""

import pytest

from world import a_case

SEARCH = "/v1/cases/search"


def found(by, q, **parameters):
    return by.get(SEARCH, query={"q": q, **parameters}).expect(200).ids


@pytest.fixture
def pupil(world):
    district = world.district()
    contact = district.contact()
    return {
        "contact": contact, "district": district,
        "subject": contact.submit(subject="Transcripts are misaligned"),
        "text": contact.submit(
            description="The transcript prints in landscape."),
        "steps": contact.submit(replication_steps="Print a landscape page."),
        "other": contact.submit(),
    }


def test_a_case_is_found_by_every_text_as_soon_as_it_is_answered(pupil):
    contact = pupil["contact"]
    assert found(contact, "transcript") == [
        pupil["text"].id, pupil["subject"].id]
    assert found(contact, "landscape") == [
        pupil["steps"].id, pupil["text"].id]


@pytest.mark.direct
def test_words_that_are_in_every_text_write_nothing_to_the_log(contact,
                                                               instance):
    """PostgreSQL has something to say about them."""
    contact.submit(subject="The", description="And the", impact="Is it?")
    assert found(contact, "the and of") == []
    said = [path for path in (*instance.run_dir.glob("*.err"),
                              *instance.run_dir.glob("*.log"))
            if b"stop words" in path.read_bytes()]
    assert said == []


@pytest.mark.parametrize("q, names", [
    ("misalign", ["subject"]), ("landscape transcripts", ["text"]),
    ('"landscape page"', ["steps"]), ("landscape -transcript", ["steps"]),
    ("misaligned or page", ["steps", "subject"]), ("nowhere", []),
    ("the", []), ("'\"\\:*&|!()", []), ("ünïcode 😀", []),
])
def test_words_phrases_and_exclusions(pupil, q, names):
    assert found(pupil["contact"], q) == [pupil[n].id for n in names]


def test_changed_text_is_found_and_the_old_text_is_not(pupil):
    contact, case = pupil["contact"], pupil["subject"]
    case.change(contact, subject="Diplomas are misaligned")
    assert found(contact, "diploma") == [case.id]
    assert case.id not in found(contact, "transcript")


def test_status_is_a_filter_and_pages_follow_the_order(pupil, staff):
    contact, case = pupil["contact"], pupil["text"]
    case.close(contact)
    assert found(contact, "landscape", status="closed") == [case.id]
    assert found(contact, "landscape", status="new") == [pupil["steps"].id]
    pages, cursor = [], {}
    while cursor is not None:
        page = contact.get(SEARCH, query={
            "q": "landscape or transcript", "limit": 1, **cursor}).expect(200)
        pages += page.ids
        cursor = page["next"] and {"cursor": page["next"]}
    assert pages == [case.id, pupil["steps"].id, pupil["subject"].id]


def test_a_search_stays_in_the_callers_districts(pupil, world, staff):
    elsewhere = world.district()
    stranger = elsewhere.contact()
    own = stranger.submit(subject="Transcript xylophone")
    assert found(stranger, "transcript") == [own.id]
    assert found(pupil["contact"], "xylophone") == []
    both = world.partner(pupil["district"], elsewhere)
    assert found(both, "transcript") == [
        own.id, pupil["text"].id, pupil["subject"].id]
    one = world.partner(elsewhere)
    assert found(one, "transcript") == [own.id]
    world.end_partner(one, elsewhere)
    assert found(one, "transcript") == []
    assert own.id in found(staff, "xylophone")
    # newer hits elsewhere take no place of those here
    stranger.submit(subject="Transcript")
    assert found(pupil["contact"], "transcript", limit=1) == [
        pupil["text"].id]


@pytest.mark.parametrize("kind", ["contact", "partner", "staff"])
def test_words_are_nobodys_to_read(pupil, as_role, kind):
    role = as_role(kind)
    assert role.fails("select 1 from casework.case_words limit 1") == "42501"


def test_a_role_without_a_caller_finds_nothing(pupil, as_role):
    for kind in ("contact", "partner", "staff"):
        assert as_role(kind).acting(
            "select * from rules.search_cases('transcript', null, null, null,"
            " 10)") == [], kind


def test_what_is_wrong_with_a_search(pupil):
    contact = pupil["contact"]
    contact.get(SEARCH).expect(400, problem="invalid-parameter")
    contact.get(SEARCH, query={"q": ""}).expect(
        400, problem="invalid-parameter")
    assert a_case()["subject"] not in found(contact, "zzz")
