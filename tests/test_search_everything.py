"""One search over everything (3.6): cases by their texts, notes and number,
defects, incidents, articles; each only as far as the caller may read it."""

import itertools
import json

import pytest

from instance import ROOT
from planned import explained, filled
from world import Defect

pytestmark = pytest.mark.rule("3.6")

SEARCH = "/v1/search"
DATA = json.loads((ROOT / "tests/data/searches.json").read_text("utf-8"))
counter = itertools.count(1)


def search(by, q, **query):
    return by.get(SEARCH, query={"q": q, "limit": 100, **query}).expect(200)


def found(by, q, **query):
    """(kind, id, member that matched) of each, best first."""
    return [(f["kind"], f["id"], f["match"]["member"])
            for f in search(by, q, **query)["items"]]


@pytest.fixture
def word(contact):
    """One that no other test writes."""
    return f"zeugma{contact.id}x{next(counter)}"


@pytest.mark.fact(40)
def test_a_case_is_found_by_every_text_and_says_which(contact, word):
    for member in ("subject", "description", "replication_steps"):
        case = contact.submit(**{member: f"About {word}{member[0]} here."})
        (one,) = search(contact, f"{word}{member[0]}")["items"]
        assert (one["kind"], one["id"], one["status"]) == (
            "case", case.id, "new")
        assert one["title"] == case.answer["subject"]
        assert one["href"] == contact.service.url + case.path
        assert one["match"] == {"member": member, "note_id": None,
                                "snippet": f"About {word}{member[0]} here."}


def test_a_case_is_found_by_its_notes_and_resolution(
        contact, advisor, word):
    case = contact.submit()
    note = case.note(contact, f"It says {word}1.").expect(201)
    (one,) = search(contact, f"{word}1")["items"]
    assert one["match"] == {"member": "note", "note_id": note["id"],
                            "snippet": f"It says {word}1."}
    case.assign(advisor).expect(200)
    case.resolve(advisor, explanation=f"Turn {word}2 on.").expect(200)
    for by in (contact, advisor):
        assert found(by, f"{word}2") == [("case", case.id, "resolution")]


@pytest.mark.fact(12)
def test_internal_notes_are_found_by_staff_alone(
        contact, partner, advisor, word):
    case = contact.submit()
    case.note(advisor, f"Among us: {word}.", visibility="internal"
              ).expect(201)
    case.note(advisor, "Nothing to see.", visibility="public").expect(201)
    assert found(advisor, word) == [("case", case.id, "note")]
    for by in (contact, partner):
        assert found(by, word) == []
        assert found(by, f"{case.id} {word}") == []
        assert word not in json.dumps(search(by, str(case.id)).json)


def test_a_search_stays_in_the_callers_districts(
        contact, stranger, staff, word):
    mine, other = contact.submit(subject=word), stranger.submit(subject="x")
    other.note(stranger, word).expect(201)
    assert found(contact, word) == [("case", mine.id, "subject")]
    assert found(stranger, word) == [("case", other.id, "note")]
    assert {i for _, i, _ in found(staff, word)} == {mine.id, other.id}
    assert found(contact, str(other.id), kind="case") == []


def test_a_number_finds_its_case_first(contact):
    case = contact.submit()
    other = contact.submit(subject=f"Like {case.id}, like {case.id}")
    for q in (str(case.id), f"#{case.id}", f"Case {case.id}",
              f"Re: Case {case.id}: is there more?",
              f"Re: Fwd: CASE {case.id}: x"):
        assert found(contact, q, kind="case") == [
            ("case", case.id, "number"), ("case", other.id, "subject")], q


def test_a_pasted_address_finds_what_names_it_and_what_it_names(contact):
    case = contact.submit()
    address = f"https://campus.example/grade-book/index.xsl?x={case.id}7&y"
    case.note(contact, f"See {address}: ERR_0x80131500-{case.id}.BAD"
              ).expect(201)
    for q in (address, f"index.xsl?x={case.id}7", f"err_0X80131500-{case.id}",
              f"0x80131500-{case.id}.bad", f"{case.id}.BAD"):
        assert found(contact, q) == [("case", case.id, "note")], q
    for q in (contact.service.url + case.path,
              f" https://portal.example/support/cases/{case.id}?tab=notes "):
        assert found(contact, q) == [("case", case.id, "number")], q


def test_the_best_match_comes_first(contact, word):
    by_note = contact.submit()
    by_note.note(contact, word).expect(201)
    by_subject = contact.submit(subject=word)
    by_text = contact.submit(description=word)
    assert [i for _, i, _ in found(contact, word)] == [
        by_subject.id, by_text.id, by_note.id]


def test_a_case_comes_once(contact, word):
    case = contact.submit(description=word)
    for _ in range(3):
        case.note(contact, f"{word} again").expect(201)
    assert found(contact, word) == [("case", case.id, "description")]


def test_pages_follow_the_order(contact, word):
    cases = [contact.submit(subject=word) for _ in range(3)]
    cases[1].note(contact, word).expect(201)
    pages, cursor = [], {}
    while cursor is not None:
        page = search(contact, word, **{"limit": 1, **cursor})
        pages += page.ids
        cursor = page["next"] and {"cursor": page["next"]}
    assert pages == [i for _, i, _ in found(contact, word)]
    assert sorted(pages) == [c.id for c in cases]


def test_articles_are_found_by_whom_they_are_for(contact, advisor, word):
    article = advisor.post("/v1/articles", {
        "title": "How to", "text": f"Press {word}."}).expect(201)
    assert found(contact, word) == []
    assert found(advisor, word) == [("article", article["id"], "text")]
    for status, seen in (("published", True), ("archived", False)):
        advisor.patch(article.location, {"status": status}, etag="*"
                      ).expect(200)
        assert found(contact, word) == [
            ("article", article["id"], "text")] * seen
    advisor.patch(article.location, {"text": "Press it."}, etag="*"
                  ).expect(200)
    assert found(advisor, word) == []


def test_defects_are_found_by_who_reads_them(
        contact, stranger, partner, advisor, engineer, word):
    defect = Defect(engineer, title=word)
    one = [("defect", defect.id, "title")]
    assert found(advisor, word) == one and found(contact, word) == []
    contact.submit().link(advisor, defect).expect(201)
    assert found(contact, word) == found(partner, word) == one
    assert found(stranger, word) == []
    defect.change(published=True).expect(200)
    assert found(stranger, word) == one


@pytest.mark.parametrize("before", [
    "supports of others, ", "\u4e2d\u6587 \u00e9t\u00e9, "])
def test_a_long_text_is_shown_where_it_matches(contact, word, before):
    """Also behind words that only end alike, and far down."""
    text = "x" + word + " " + before * 900
    contact.submit(description=f"{text}Here {word} stands." + before * 20)
    (one,) = search(contact, word)["items"]
    assert one["match"]["member"] == "description"
    assert f"Here {word} stands." in one["match"]["snippet"]
    assert one["match"]["snippet"].startswith("\u2026")
    assert len(one["match"]["snippet"]) <= 162


def test_of_an_incident_what_was_said_last_is_looked_into(
        staff, sql, open_incident, word):
    """As much as an update may hold: many cost no more than one."""
    incident = open_incident(text=f"{word} is not here.")
    assert found(staff, word) == [("incident", incident["id"], "text")]
    sql.run("insert into casework.incident_updates (incident_id, status, text,"
            " at, actor_kind, actor_id, actor_name) select %s, 'identified',"
            " repeat(chr(20013), 20000), rules.now(), 'staff', 1, 'Advisor'"
            " from generate_series(1, 80)", incident["id"])
    assert sql.value("select length(rules.said_of_incident(%s)) as n",
                     incident["id"]) == 20000
    assert sql.value("select length(words) as n from casework.desk_words"
                     " where kind = 'incident' and id = %s",
                     incident["id"]) < 100
    title = incident["title"].split("(")[1].strip(")")
    assert (found(staff, f"{title} {incident['id']}")[0][:2]
            == ("incident", incident["id"]))


def test_incidents_are_found_by_whom_they_touch(
        contact, stranger, lead, open_incident, word):
    incident = open_incident(scope={"districts": [contact.district.id]})
    lead.post(f"/v1/incidents/{incident['id']}/updates", {
        "status": "identified", "text": f"It is {word}."}).expect(201)
    assert found(contact, word) == [("incident", incident["id"], "text")]
    assert found(lead, word) == found(contact, word)
    assert found(stranger, word) == []


def test_what_is_looked_for_may_be_of_one_kind(contact, advisor, word):
    contact.submit(subject=word)
    advisor.post("/v1/articles", {
        "title": word, "text": "x", "status": "published"}).expect(201)
    assert {k for k, _, _ in found(contact, word)} == {"case", "article"}
    for kind in ("case", "article"):
        assert {k for k, _, _ in found(contact, word, kind=kind)} == {kind}
    assert found(contact, word, kind="defect,incident") == []


def test_a_redacted_note_is_found_no_more(contact, lead, word):
    case = contact.submit()
    note = case.note(contact, f"Her name is {word}.").expect(201)
    assert found(lead, word)
    lead.post(f"/v1/notes/{note['id']}/redaction", {"reason": "A name."},
               etag="*").expect(200)
    assert found(lead, word) == found(contact, word) == []


def test_a_snippet_is_the_place_that_matched(contact, word):
    filler = "Nothing is here to be seen, and so it goes on.\n" * 200
    case = contact.submit()
    for text in (filler + word + "\n" + filler, word + " " + filler,
                 filler + word, f"{filler}https://x.example/a?{word}=1"):
        case.note(contact, text).expect(201)
        (one,) = search(contact, word)["items"]
        snippet = one["match"]["snippet"]
        assert word in snippet and len(snippet) <= 162
        assert "\n" not in snippet
        assert snippet.endswith("…") is not text.endswith((word, "=1"))
        assert snippet.startswith("…") is not text.startswith(word)


@pytest.mark.parametrize("kept, asked", DATA["same"])
def test_notes_are_found_however_they_are_written(world, kept, asked):
    contact = world.district().contact()
    case = contact.submit(subject="x", description="x",
                          replication_steps="x")
    case.note(contact, kept).expect(201)
    if asked not in DATA["nothing"]:
        assert case.id in [i for _, i, _ in found(
            contact, asked, kind="case")]


@pytest.mark.parametrize("q", DATA["nothing"])
def test_a_search_for_no_word_is_told_so(contact, q):
    answer = contact.get(SEARCH, query={"q": q}).expect(
        400, problem="invalid-parameter")
    assert answer.faults == ["q"]


@pytest.mark.parametrize("kind", ["contact", "partner", "staff"])
def test_words_are_nobodys_to_read(as_role, kind):
    role = as_role(kind)
    for table in ("note_words", "desk_words"):
        assert role.fails(f"select 1 from casework.{table} limit 1"
                          ) == "42501"
    assert role.acting("select * from rules.found_keys('the', null)") == []


def test_words_that_nobody_has_made_yet_are_made(
        contact, advisor, as_role, sql, word):
    """As a migration leaves them."""
    case, defect = contact.submit(), Defect(advisor, title=word)
    note = case.note(contact, word).expect(201)
    sql.run("update casework.note_words set words = '', outdated = true"
            " where note_id = %s", note["id"])
    sql.run("update casework.desk_words set words = '', outdated = true"
            " where (kind, id) = ('defect', %s)", defect.id)
    assert found(advisor, word) == []
    worker = as_role("worker")
    while worker.value("select rules.timer_words(1)"):
        pass
    assert {k for k, _, _ in found(advisor, word)} == {"case", "defect"}


@pytest.mark.parametrize("kind", ["case", "note"])
@pytest.mark.parametrize("of", [1, 2, 12, None])
def test_a_stretch_and_all_before_it_hold_the_same(
        contact, stranger, advisor, sql, word, kind, of):
    """What is not in the stretch is behind it, and nothing is in both."""
    made = []
    for by in (contact, stranger):
        case = by.submit(subject=word)
        if kind == "case":
            made.append((by.district.id, "public", case.id))
            continue
        for visibility in ("public", "internal"):
            made.append((by.district.id, visibility, case.note(
                advisor, word, visibility=visibility).expect(201)["id"]))
    districts = of and [contact.district.id, stranger.district.id,
                        *range(-10, 0)][:of]
    stretch = made[-1][2] // 32768
    for internal in (False, True):
        mine = sorted((number for district, visibility, number in made
                       if (districts is None or district in districts)
                       and (internal or visibility == "public")), reverse=True)
        here = [n for n in mine if n // 32768 == stretch]
        for before, at, expected in (
                (False, stretch, here), (False, stretch + 1, []),
                (True, stretch, [n for n in mine if n not in here]),
                (True, stretch + 1, mine)):
            assert stretch_of(sql, kind, districts, False, before, word,
                              internal, at) == expected


@pytest.mark.direct
def test_what_matches_far_back_is_found(contact, new_session, word):
    """As if many notes had been written since."""
    note = contact.submit().note(contact, word).expect(201)["id"]
    session = new_session()
    try:
        session.run("""
            begin; insert into casework.notes (id, district_id, case_id,
              visibility, text, author_kind, author_id, author_name, created_at)
            overriding system value
            select n.id + 10000000, n.district_id, n.case_id, n.visibility,
              'Another', n.author_kind, n.author_id, n.author_name, n.created_at
            from casework.notes n where n.id = %s""", note)
        assert session.value("select rules.latest_matching('note', %s, null,"
                             " false, true, 100)", word) == [note]
    finally:
        session.run("rollback")


def stretch_of(sql, kind, districts, shared, before, word, internal, at):
    text = sql.value("select rules.search_stretch_text(%s, %s::bigint[], %s,"
                     " %s)", kind, districts, shared, before)
    return sql.value(filled(text, {
        "$1": f"'{word}'::tsquery", "$2": f"array{districts}::bigint[]"
        if districts else "null::bigint[]", "$3": internal, "$4": 10,
        "$5": at})) or []


@pytest.mark.direct
@pytest.mark.parametrize("kind", ["case", "note"])
@pytest.mark.parametrize("before", [False, True])
def test_a_stretch_is_looked_up_by_one_index(new_session, kind, before):
    """So that what is looked at is what matches there."""
    plan = explained(
        new_session(),
        f"rules.search_stretch_text('{kind}', null, false, {before})", {
            "$1": "'portal'::tsquery", "$2": "null::bigint[]",
            "$3": False, "$4": 100, "$5": "3::bigint"}, "enable_indexscan")
    assert f"Bitmap Index Scan on {kind}_words_recent" in plan
    condition, = (line for line in plan.splitlines() if "Index Cond" in line)
    assert "words @@" in condition
    assert (f"(({kind}_id / 32768) = " in condition) is not before
