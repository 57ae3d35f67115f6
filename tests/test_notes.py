"""Notes: facts 15, 47, 48 and 49. Internal ones exist for staff only."""

import pytest

from world import Case, a_case


@pytest.fixture
def internal(case, advisor):
    """An internal note on the case."""
    return case.note(advisor, "Do not tell: license expired.",
                     visibility="internal").expect(201)


# -- writing ---------------------------------------------------------------

@pytest.mark.fact(39)
def test_a_contact_writes_a_public_note(case, colleague):
    answer = case.note(colleague, "It is grade 9 only.").expect(201)
    assert answer["visibility"] == "public" and answer["kind"] == "note"
    assert answer["case_id"] == case.id
    assert answer["author"]["kind"] == "contact"
    assert answer["author"]["id"] == colleague.id
    assert answer["author"]["name"] == colleague.record["name"]
    read = case.submitter.get(answer.location).expect(200)
    assert read.json == answer.json and read.etag == answer.etag
    assert case.notes() == [answer.json]


def test_support_writes_to_the_contacts(case, advisor, partner):
    case.note(advisor, "Which section?").expect(201)
    case.note(partner, "We have seen this.").expect(201)
    assert [n["author"]["kind"] for n in case.notes()] == [
        "staff", "partner"]


def test_staff_must_say_who_may_read(case, advisor):
    answer = advisor.post(case.path + "/notes", {"text": "Hm."}).expect(422)
    assert answer.faults == ["/visibility"]
    assert case.notes() == []


@pytest.mark.parametrize("caller", ["contact", "partner"])
def test_only_staff_write_internal_notes(request, case, caller):
    someone = request.getfixturevalue(caller)
    case.note(someone, visibility="internal").expect(
        403, problem="not-permitted")
    case.note(someone, visibility="public").expect(201)


@pytest.mark.parametrize("text", ["", " ", "\n \t", None, 1, ["a"]])
def test_a_note_without_words_is_refused(case, text):
    assert case.note(text=text).expect(422).faults == ["/text"]
    assert case.submitter.post(case.path + "/notes", {}).expect(
        422).faults == ["/text"]


def test_a_note_says_nothing_else(case):
    answer = case.note(author={"kind": "staff"}, created_at="x", id=1)
    assert set(answer.expect(422).faults) == {
        "/author", "/created_at", "/id"}


@pytest.mark.fact(12)
def test_a_closed_case_takes_no_note(case, advisor):
    case.close().expect(200)
    for someone in (case.submitter, advisor):
        case.note(someone).expect(409)
    assert case.notes() == []


def test_notes_are_listed_oldest_first(case, advisor):
    texts = [f"Note {i}" for i in range(5)]
    for i, text in enumerate(texts):
        case.note(advisor if i % 2 else case.submitter, text).expect(201)
    assert [n["text"] for n in case.notes()] == texts
    pages = list(case.submitter.pages(case.path + "/notes", limit=2))
    assert [n["text"] for p in pages for n in p.items] == texts


@pytest.mark.fact(47, 78)
def test_notes_stay_as_they_were_written(case, as_role):
    """No edit and no delete, in the database either (fact 47)."""
    note = case.note(text="First words").expect(201)
    for kind in ("contact", "partner", "staff"):
        role = as_role(kind)
        for statement in ("update casework.notes set text = 'Other'",
                          "delete from casework.notes",
                          "update casework.events set at = now()",
                          "delete from casework.events",
                          "delete from casework.cases",
                          "truncate casework.notes"):
            assert role.fails(statement) == "42501", (kind, statement)
    assert case.submitter.get(note.location)["text"] == "First words"


@pytest.mark.fact(15, 79)
def test_a_note_shows_in_the_history(case, colleague):
    note = case.note(colleague).expect(201)
    event = case.history()[-1]
    assert event["type"] == "case.note_added"
    assert event["note_id"] == note["id"]
    assert event["actor"]["id"] == colleague.id


# -- internal notes --------------------------------------------------------

def test_staff_read_internal_notes(case, advisor, staff, internal):
    assert staff.get(internal.location).expect(200)["visibility"] == (
        "internal")
    assert internal["id"] in [n["id"] for n in case.notes(advisor)]
    assert internal["id"] in [e["note_id"] for e in case.history(staff)]


@pytest.mark.fact(15)
@pytest.mark.parametrize("caller", ["contact", "colleague", "partner"])
def test_internal_notes_do_not_exist_for_others(
        request, case, internal, caller):
    someone = request.getfixturevalue(caller)
    unknown = someone.get("/v1/notes/9007199254740991").expect(404)
    hidden = someone.get(internal.location).expect(404)
    assert hidden["detail"] == unknown["detail"]
    assert case.notes(someone) == []
    assert all(e["note_id"] is None for e in case.history(someone))
    assert "expired" not in str(case.history(someone))
    assert "expired" not in case.read(someone).body.decode()


def test_internal_notes_leave_no_gap_in_a_page(case, advisor):
    for i in range(6):
        case.note(advisor, f"Note {i}", visibility=(
            "internal" if i % 2 else "public")).expect(201)
    pages = list(case.submitter.pages(case.path + "/notes", limit=2))
    assert [len(p.items) for p in pages] == [2, 1]


@pytest.mark.parametrize("kind", ["contact", "partner"])
def test_internal_notes_are_invisible_in_the_database_itself(
        case, internal, as_role, partner, kind):
    """Not only in C: the role of contacts cannot read them with any SQL."""
    role = as_role(kind)
    who = {"caller_id": {"contact": case.submitter, "partner": partner
                         }[kind].id}
    case.note(text="Seen").expect(201)
    seen = role.acting("select id, visibility from casework.notes"
                       " where case_id = %s", case.id, **who)
    assert [n["visibility"] for n in seen] == ["public"]
    for table in ("casework.notes", "casework.events"):
        assert role.acting(f"select 1 from {table} where visibility ="
                           " 'internal'", **who) == []
    assert role.acting("select 1 from casework.notes where id = %s",
                       internal["id"], **who) == []
    assert role.fails(
        "insert into casework.notes (district_id, case_id, visibility, text,"
        " author_kind, author_id, author_name, created_at) values"
        " (%s, %s, 'internal', 'x', %s, %s, 'x', now())",
        case.submitter.district.id, case.id, kind, who["caller_id"], **who
    ) == "42501"


@pytest.mark.fact(36)
@pytest.mark.parametrize("table, more", [
    ("notes", "text"), ("attachments", "filename, media_type, size, sha256")])
@pytest.mark.parametrize("kind", ["contact", "partner", "advisor"])
def test_nobody_writes_in_the_name_of_somebody_else(
        request, case, as_role, kind, table, more):
    own = request.getfixturevalue(kind)
    values = {"text": "'x'"}.get(more, "'x', 'text/plain', 1, sha256('x')")

    def outcome(*author):
        return as_role(own.kind).fails(
            f"insert into casework.{table} (district_id, case_id, visibility,"
            f" {more}, author_kind, author_id, author_name, created_at)"
            f" values (%s, %s, 'public', {values}, %s, %s, 'x', now())",
            case["district_id"], case.id, *author, caller_id=own.id)
    for author in ("contact", "partner", "staff"):
        assert outcome(author, own.id + 1) == "42501"
        assert outcome(author, own.id) == (
            None if author == own.kind else "42501")


@pytest.mark.fact(36, 79)
def test_an_actor_on_behalf_of_a_contact_is_told_beside_it(
        contact, partner):
    """Fact 36: on-behalf-of keeps both identities."""
    case = contact.submit()
    acting = contact.acting_for(f"partner:{partner.id}")
    note = case.note(acting, "For Ada.").expect(201)
    both = {(who["kind"], who["id"])
            for who in (note["author"], note["on_behalf_of"])}
    assert both == {("contact", contact.id), ("partner", partner.id)}
    event = case.history()[-1]
    assert {(event[m]["kind"], event[m]["id"])
            for m in ("actor", "on_behalf_of")} == both


def test_names_are_those_of_the_time_of_writing(case, colleague, staff):
    note = case.note(colleague).expect(201)
    staff.patch(f"/v1/contacts/{colleague.id}", {"name": "Married Name"},
                etag="*").expect(200)
    assert case.submitter.get(note.location)["author"]["name"] == (
        colleague.record["name"])


@pytest.mark.fact(49)
def test_all_contacts_of_the_district_comment_on_all_its_cases(
        contact, colleague, partner):
    """Fact 49."""
    by_partner = Case(contact, partner.post("/v1/cases", a_case(
        contact_id=contact.id)).expect(201))
    for case in (contact.submit(), by_partner):
        case.note(colleague).expect(201)
        later = contact.district.contact()
        case.note(later).expect(201)
        assert len(case.notes(later)) == 2
