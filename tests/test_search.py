"""Full-text search: words of a case, in the caller's districts only."""

import pytest

from planned import explained, filled
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
    case = contact.submit(subject="The", description="And the",
                          replication_steps="Is it?")
    assert found(contact, "the and of") == []
    assert found(contact, "the and") == [case.id]
    said = [path for path in (*instance.run_dir.glob("*.err"),
                              *instance.run_dir.glob("*.log"))
            if b"stop words" in path.read_bytes()]
    assert said == []


@pytest.mark.parametrize("q, names", [
    ("misalign", ["subject"]), ("landscape transcripts", ["text"]),
    ('"landscape page"', ["steps"]), ("landscape -transcript", ["steps"]),
    ("misaligned or page", ["steps", "subject"]), ("nowhere", []),
    ("misaligned or", ["subject"]), ("or misaligned", ["subject"]),
    ("misaligned OR nowhere or page", ["steps", "subject"]),
    ("the transcript in the landscape", ["text"]), ("the", ["text"]),
    ('landscape -"the transcript"', ["steps"]),
    ('landscape -"transcript the"', ["steps", "text"]),
    ('transcript -prints', ["subject"]), ("landscape --page", ["steps"]),
    ('"landscape page', ["steps"]), ("“landscape page”", ["steps"]),
    ("landscape -", ["steps", "text"]), ("unicode 😀", []),
    ("print -the", ["steps"]), ("the or nowhere", ["text"]),
])
def test_words_phrases_and_exclusions(pupil, q, names):
    assert found(pupil["contact"], q) == [pupil[n].id for n in names]


def test_a_number_keeps_its_minus_and_is_excluded_in_quotation_marks(
        pupil):
    contact = pupil["contact"]
    one = contact.submit(subject="Landscape ends with -2146233088")
    assert found(contact, "landscape -2146233088") == [one.id]
    assert found(contact, 'landscape -"2146233088"') == [
        pupil["steps"].id, pupil["text"].id]


def test_a_case_is_found_by_its_number(pupil):
    contact, case = pupil["contact"], pupil["subject"]
    other = contact.submit(subject=f"Like {case.id}")
    for q in (str(case.id), f"#{case.id}", f"Case {case.id}",
              f"case #{case.id}:", f"CASE-{case.id}", f"Case: {case.id}",
              f"nowhere or case {case.id}"):
        assert found(contact, q) == [other.id, case.id]
    for q in (f"Case {case.id}: new note from Support",
              f"Re: Fwd: Case {case.id}: is there more?"):
        assert found(contact, q) == [other.id, case.id]
        assert found(contact, q.upper()) == [other.id, case.id]
    assert found(contact, f"nowhere Case {case.id}: new note") == []
    assert found(contact, f'"case {case.id}"') == []
    assert found(contact, f"{case.id} misaligned") == [case.id]
    assert found(contact, f'like -"{case.id}"') == []


@pytest.mark.parametrize("q", [
    "misaligned\ttranscript", "misaligned\r\ntranscript\r\n",
    "\"misaligned\ntranscript\"", "misaligned\x0btranscript\x0c"])
def test_lines_and_cells_are_pasted(contact, q):
    """Out of a log, a table, a text of Word."""
    case = contact.submit(subject="x", description=(
        "It is misaligned\ntranscript and all"))
    assert found(contact, q) == [case.id]


def test_a_question_that_cannot_be_read_is_not_missed_besides(contact):
    for q in ("%1b", "%ff", "%", "a%00"):
        answer = contact.get(f"/v1/cases/search?q={q}").expect(400)
        assert answer.faults == ["q"]


def test_the_number_of_a_case_elsewhere_finds_nothing(pupil, stranger):
    assert found(stranger, str(pupil["subject"].id)) == []


def test_the_longest_question_and_the_longest_text(contact):
    unspaced = "".join(chr(0x4e00 + i) for i in range(20000))
    case = contact.submit(description=unspaced, replication_steps="x",
                          subject=" ".join("ab" * 33)[:200])
    for q in (unspaced[:500], unspaced[7:9], unspaced[-3:-1], unspaced[-1]):
        assert found(contact, q) == [case.id], q
    for q in ("-a " * 166, "a or " * 100, "a" * 500, '" ' * 249 + "a",
              "\u4e00 " * 250):
        contact.get(SEARCH, query={"q": q[:500]}).expect(200)
    contact.get(SEARCH, query={"q": "a" * 501}).expect(400)


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


def test_words_of_an_earlier_version_are_made_anew(pupil, as_role, sql):
    """As a migration leaves them, and a service that serves meanwhile."""
    contact, case = pupil["contact"], pupil["text"]
    sql.run("update casework.case_words set words = 'old', outdated = true"
            " where case_id = %s", case.id)
    assert found(contact, "old") == [case.id]
    worker = as_role("worker")
    while worker.value("select rules.timer_words(1)"):
        pass
    assert found(contact, "old") == []
    assert found(contact, "landscape") == [pupil["steps"].id, case.id]


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


# -- however common a word is ------------------------------------------------

@pytest.fixture
def shelf(world):
    """Nine cases, the last modified first, by what each of them is about."""
    district = world.district()
    contact = district.contact()
    cases = [contact.submit(
        subject="Lute", description=" ".join(
            ["viol"] * (number < 4) + ["harp"] * (number > 4)
            + ["tuba"] * (number == 2) + ["x"])) for number in range(9)]
    return district, [case.id for case in reversed(cases)]


@pytest.mark.parametrize("word, which", [
    ("lute", slice(0, 9)), ("harp", slice(0, 4)), ("viol", slice(5, 9)),
    ("tuba", slice(6, 7)), ("gong", slice(0, 0))])
@pytest.mark.parametrize("rows", [1, 3, 20])
def test_common_and_rare_old_and_new_words_find_the_same_cases(
        shelf, sql, word, which, rows):
    """By both ways, whichever the planner's statistics lead to, and together:
    few rows, so that one way gives up and the other takes over."""
    district, ids = shelf
    expected = ids[which]
    found = sql.value("select rules.matching_cases(%s, array[%s]::bigint[],"
                      " false, null, null, null, %s)", word, district.id, rows)
    assert (found or []) == expected[:rows]
    for districts in ([district.id], [district.id, -1],
                      [district.id, *range(-11, 0)]):
        by_words = sql.value(filled(sql.value(
            "select rules.search_words_text(%s::bigint[])", districts), {
                "$1": f"'{word}'::tsquery", "$3": "null::int",
                "$2": f"array{districts}::bigint[]"})) or []
        assert sorted(by_words, reverse=True) == expected
        for past in (2, 6, 100):
            recent = sql.value(filled(sql.value(
                "select rules.search_recent_text(%s::bigint[], false)",
                districts), {
                    "$1": f"'{word}'::tsquery", "$3": past, "$7": rows,
                    "$2": f"array{districts}::bigint[]", "$4":
                    "null::text[]", "$5": "null::timestamptz",
                    "$6": "null::bigint"})) or []
            assert recent == [i for i in ids[:past] if i in expected][:rows]


@pytest.fixture
def hasty(new_session):
    """A session whose planner believes that there is a single case, so that
    both ways of a search give up after a few."""
    session = new_session()
    session.run("begin; update pg_catalog.pg_class set relpages = 100000,"
                " reltuples = 1 where oid = 'casework.case_words'::regclass")
    yield session
    session.run("rollback")


def matching(session, word, districts, rows):
    return session.value(
        "select rules.matching_cases(%s, %s::bigint[], false, null, null,"
        " null, %s)", word, districts, rows) or []


@pytest.mark.direct
def test_what_is_not_among_the_recent_is_looked_up(shelf, hasty):
    district, ids = shelf
    for word, rows in (("viol", 1), ("viol", 4), ("lute", 20)):
        expected = ids[5:9] if word == "viol" else ids
        assert matching(hasty, word, [district.id], rows) == expected[:rows]


@pytest.mark.direct
@pytest.mark.parametrize("rows", [1, 2])
def test_who_looks_into_a_busy_and_a_quiet_district_finds_the_latest(
        world, hasty, rows):
    """Though it stands behind other cases of the busy one."""
    quiet, busy = world.district().contact(), world.district().contact()
    old, new = quiet.submit(subject="Zither"), busy.submit(subject="Zither")
    for _ in range(12):
        busy.submit(subject="Lute")
    districts = [quiet.district.id, busy.district.id]
    assert matching(hasty, "zither", districts, rows) == [new.id, old.id][:rows]


@pytest.mark.direct
@pytest.mark.parametrize("words, places", [
    ("viol <-> x", (5, 7, 8)), ("viol <-> tuba", (6,)), ("x <-> viol", ()),
    ("viol & !(viol <-> x)", (6,)), ("lute <-> viol", ())])
def test_words_in_a_row_are_found_by_both_ways(
        shelf, hasty, sql, words, places):
    district, ids = shelf
    for session in (hasty, sql):
        for rows in (1, 20):
            assert matching(session, words, [district.id], rows) == [
                ids[place] for place in places][:rows]


@pytest.mark.direct
def test_words_are_looked_up_by_their_index_in_each_district(new_session):
    plan = explained(new_session(), "rules.search_words_text('{1}')", {
        "$1": "'portal'::tsquery", "$2": "'{1}'::bigint[]", "$3": 10},
        "enable_indexscan")
    condition, = (line for line in plan.splitlines() if "Index Cond" in line)
    assert "case_words_recent" in plan
    assert "district_id = d.id" in condition and "words @@" in condition


@pytest.mark.direct
@pytest.mark.parametrize("districts, index", [
    ("null", "cases_recent"), ("'{1}'", "cases_district")])
def test_recent_cases_are_walked_past_along_their_index(
        new_session, districts, index):
    """Not sorted before they are looked at, and no more than are asked for."""
    plan = explained(
        new_session(), f"rules.search_recent_text({districts}, false)", {
            "$1": "'portal'::tsquery", "$2": f"{districts}::bigint[]",
            "$3": 1000, "$4": "null::text[]", "$5": "null::timestamptz",
            "$6": "null::bigint", "$7": 26}, "enable_bitmapscan")
    walk = plan[plan.index("Subquery Scan on c"):]
    above, _, below = walk.partition(f"using {index} on cases")
    assert below and "Limit" in above and "Sort" not in above
    assert "using case_words_pkey" in walk
