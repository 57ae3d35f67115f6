"""Cases and notes that were imported with their history (3.2): they keep their
times, wake nobody, miss nothing, count in no figure, and live on once reopened."""

import pytest

from imported import Importer, key
from surveys import decision
from webhooks import Webhook
from world import Case

pytestmark = pytest.mark.rule("2.10")

SUBMITTED, WRITTEN, CLOSED = (
    "2026-09-01T15:00:00Z", "2026-09-02T16:10:00Z", "2026-09-03T21:30:00Z")
NOW = "2026-10-05T15:00:00Z"
NOTHING = {"submitted": 0, "critical": 0, "answered": 0, "closed": 0}


@pytest.fixture(scope="module")
def administrator(world):
    return world.staff("administrator")


@pytest.fixture
def importer(as_role, administrator):
    return Importer(as_role("staff"), administrator)


@pytest.fixture
def named(sql):
    """Gives it the name that another system has for it."""
    def give(table, number):
        external_id = key()
        sql.run(f"update casework.{table} set external_id = %s where id = %s",
                external_id, number)
        return external_id
    return give


@pytest.fixture
def line(named, district, contact):
    """A closed case, as the file tells it."""
    return {"external_id": key("T"),
            "district_external_id": named("districts", district.id),
            "contact_external_id": named("contacts", contact.id),
            "subject": "Grades cannot be posted",
            "description": "Posting ends in an error.",
            "priority": "critical", "status": "closed",
            "submitted_at": SUBMITTED, "closed_at": CLOSED,
            "closure_reason": "resolved_confirmed"}


@pytest.fixture
def an_open(line, named, advisor):
    """The same case before it was closed."""
    return {"assigned_staff_external_id": named("staff", advisor.id),
            **{name: value for name, value in line.items()
               if name not in ("closed_at", "closure_reason")},
            "status": "assigned"}


@pytest.fixture
def bring(importer, contact):
    """The case that a line makes."""
    def bring(line):
        result, number = importer.line("cases", **line)
        assert result == "created"
        case = Case(contact, contact.get(f"/v1/cases/{number}").expect(200))
        case.path = f"/v1/cases/{number}"
        return case
    return bring


def a_note(line, **changes):
    return {"external_id": key("N"), "case_external_id": line["external_id"],
            "visibility": "public", "text": "The window was closed.",
            "created_at": WRITTEN, "author_name": "Former Advisor", **changes}


# -- cases -------------------------------------------------------------------

def test_a_case_keeps_its_times_and_who_was_there(
        bring, line, named, advisor, district, administrator, contact):
    site = district.site()
    case = bring({**line, "site_external_id": named("sites", site),
                  "assigned_staff_external_id": named("staff", advisor.id),
                  "closed_by_name": "Former Contact",
                  "closed_by_kind": "contact", "users_affected": 12})
    read = case.read(administrator)
    assert (read["submitted_at"], read["closed_at"], read["updated_at"]) == (
        SUBMITTED, CLOSED, CLOSED)
    assert read["external_id"] == line["external_id"]
    assert contact.get(f"/v1/cases/{case.id}")["external_id"] is None
    of_it = {"external_id": line["external_id"]}
    assert administrator.get("/v1/cases", query=of_it).ids == [case.id]
    assert contact.get("/v1/cases", query=of_it).ids == []
    assert read["site_id"] == site and read["users_affected"] == 12
    assert read["assigned_advisor"]["id"] == advisor.id
    assert read["closed_by"] == {"kind": "contact", "id": 0,
                                 "name": "Former Contact"}
    assert read["submitted_by"]["id"] == contact.id == read["contact_id"]
    assert read["reopen_until"] == "2026-11-03T06:00:00Z"
    assert read["response_target"]["state"] == "none"


def test_its_history_tells_what_happened_there(
        bring, line, importer, contact, administrator, clock):
    clock.at(NOW)
    case = bring({**line, "closed_by_name": "Former Contact",
                  "closed_by_kind": "contact"})
    importer.line("notes", **a_note(line))
    told = case.history(contact)
    assert [(e["type"], e["at"]) for e in told] == [
        ("case.submitted", SUBMITTED), ("case.closed", CLOSED),
        ("case.note_added", WRITTEN)]
    assert told[0]["actor"]["id"] == contact.id
    assert [e["actor"]["name"] for e in told[1:]] == [
        "Former Contact", "Former Advisor"]
    assert {e["on_behalf_of"]["id"] for e in told} == {administrator.id}
    assert all(e["imported"] for e in told)
    assert case.changes("closure_reason") == [(None, "resolved_confirmed")]
    assert [e["imported"] for e in contact.all(
        "/v1/events", case_id=case.id)] == [True] * 3
    case.reopen().expect(200)
    assert case.history()[-1]["imported"] is False


def test_who_closed_a_case_may_not_be_known(bring, line, administrator):
    closed = bring(line).history()[-1]
    assert (closed["type"], closed["at"], closed["actor"]["id"],
            closed["on_behalf_of"]) == (
                "case.closed", CLOSED, administrator.id, None)


def test_a_case_submitted_in_the_past_is_marked_too(contact, advisor, clock):
    clock.at(NOW)
    case = advisor.submit(contact_id=contact.id, submitted_at=SUBMITTED)
    (event,) = case.history()
    assert event["imported"] is True and event["at"] == SUBMITTED
    assert contact.submit().history()[0]["imported"] is False


def test_a_case_that_somebody_has_taken_is_with_an_advisor(
        importer, bring, an_open, named, advisor):
    for status in ("assigned", "assist_request", "pending_customer_input"):
        assert importer.refused("cases", **{
            **an_open, "status": status,
            "assigned_staff_external_id": None}) == (
                422, [("/assigned_staff_external_id", "required")])
    assert importer.refused("cases", **{**an_open, "status": "new"}) == (
        422, [("/status", "out-of-range")])
    case = bring({**an_open, "status": "new",
                  "assigned_staff_external_id": None})
    assert case["status"] == "new" and case["assigned_advisor"] is None


def test_history_reaches_back_to_the_year_2000(bring, line):
    case = bring({**line, "submitted_at": "2000-01-03T15:00:00Z",
                  "closed_at": "2000-01-04T15:00:00Z"})
    assert (case["submitted_at"], case["updated_at"]) == (
        "2000-01-03T15:00:00Z", "2000-01-04T15:00:00Z")


def test_an_open_case_waits_for_nothing(bring, an_open, timer, clock):
    case = bring(an_open)
    assert (case["status"], case["updated_at"]) == ("assigned", SUBMITTED)
    assert case["closed_by"] is None and case["next_steps"] == []
    clock.at("2031-03-04T10:00:00-06:00")
    for name in ("breaches", "follow_ups", "auto_close"):
        timer(name)
    assert case.target["state"] == "none"
    assert case["status"] == "assigned" and len(case.history()) == 1


def test_the_same_line_twice_changes_nothing(
        importer, bring, line, administrator):
    case = bring(line)
    before = case.read(administrator)
    assert importer.line("cases", **line) == ("unchanged", case.id)
    assert case.read(administrator).etag == before.etag


def test_what_the_file_says_now_is_taken(importer, bring, line, an_open):
    case = bring(an_open)
    assert importer.line("cases", **{**line, "subject": "Grade book"}) == (
        "updated", case.id)
    assert (case["status"], case["closed_at"], case["updated_at"],
            case["subject"]) == ("closed", CLOSED, CLOSED, "Grade book")
    assert importer.line("cases", external_id=line["external_id"]) == (
        "unchanged", case.id)
    importer.line("cases", **an_open)
    assert (case["status"], case["closed_at"], case["reopen_until"]) == (
        "assigned", None, None)
    assert case.event_types() == ["case.submitted", "case.updated",
                                  "case.closed", "case.updated"]
    assert [new for _, new in case.changes("status")] == [
        "closed", "closed", "assigned"]


def test_a_case_that_has_gone_on_here_is_its_peoples(
        importer, bring, an_open, line, advisor):
    case = bring(an_open)
    case.note(advisor).expect(201)
    assert importer.line("cases", **an_open) == ("unchanged", case.id)
    assert importer.refused("cases", **line) == (
        409, [("/external_id", "conflict")])
    assert case["status"] == "assigned"


def test_a_case_is_found_by_its_words(bring, line, contact):
    case = bring({**line, "subject": f"Zirconium {line['external_id']}"})
    assert case.id in contact.get("/v1/cases/search", query={
        "q": f'zirconium "{line["external_id"]}"'}).expect(200).ids
    assert contact.get("/v1/cases").ids == [case.id]


def test_who_has_left_may_stand_on_a_closed_case_only(
        importer, line, an_open, contact, administrator, named, advisor, sql):
    administrator.patch(f"/v1/contacts/{contact.id}", {"authorized": False},
                        etag="*").expect(200)
    assert importer.refused("cases", **an_open) == (
        422, [("/contact_external_id", "inactive")])
    gone = {"assigned_staff_external_id": named("staff", advisor.id)}
    sql.run("update casework.staff set active = false where id = %s",
            advisor.id)
    assert importer.line("cases", **line, **gone)[0] == "created"
    administrator.patch(f"/v1/contacts/{contact.id}", {"authorized": True},
                        etag="*").expect(200)
    assert importer.refused("cases", **{
        **an_open, **gone, "external_id": key("T")}) == (
            422, [("/assigned_staff_external_id", "inactive")])


@pytest.mark.parametrize("changes, pointer, code", [
    ({"district_external_id": "nowhere"}, "district_external_id", "unknown"),
    ({"contact_external_id": "nobody"}, "contact_external_id", "unknown"),
    ({"site_external_id": "nowhere"}, "site_external_id", "unknown"),
    ({"assigned_staff_external_id": "nobody"}, "assigned_staff_external_id",
     "unknown"),
    ({"product_area": "astrology"}, "product_area", "unknown"),
    ({"submitted_at": "1999-12-31T00:00:00Z"}, "submitted_at", "out-of-range"),
    ({"submitted_at": "2199-01-01T00:00:00Z", "closed_at":
      "2199-01-02T00:00:00Z"}, "submitted_at", "out-of-range"),
    ({"closed_at": "2026-08-31T00:00:00Z"}, "closed_at", "out-of-range"),
    ({"closed_at": None}, "closed_at", "required"),
    ({"closure_reason": None}, "closure_reason", "required"),
    ({"closure_reason": "merged"}, "closure_reason", "out-of-range"),
    ({"status": "pending_verification", "closed_at": None,
      "closure_reason": None}, "status", "out-of-range"),
    ({"status": "new", "closure_reason": None}, "closed_at", "not-permitted"),
    ({"status": "new", "closed_at": None}, "closure_reason", "not-permitted"),
    ({"subject": None}, "subject", "required")])
def test_a_case_that_cannot_be(importer, line, changes, pointer, code):
    status, faults = importer.refused("cases", **{**line, **changes})
    assert status == 422 and (f"/{pointer}", code) in faults


def test_district_and_submission_of_a_case_stay(
        importer, bring, line, named, stranger):
    bring(line)
    assert importer.refused("cases", **{
        **line, "submitted_at": "2026-08-01T15:00:00Z"}) == (
            422, [("/submitted_at", "fixed")])
    assert importer.refused("cases", **{
        **line, "district_external_id":
        named("districts", stranger.district.id)}) == (
            422, [("/district_external_id", "fixed")])


def test_a_contact_of_another_district_is_as_good_as_none(
        importer, line, named, stranger):
    assert importer.refused("cases", **{
        **line, "contact_external_id": named("contacts", stranger.id)}) == (
            422, [("/contact_external_id", "unknown")])


# -- nobody is woken ---------------------------------------------------------

def test_nobody_is_told_of_history(
        post, bring, importer, line, an_open, advisor, contact, timer, named):
    watch = Webhook(contact, "https://receiver.example/hook")
    case = bring({**an_open, "assigned_staff_external_id":
                  named("staff", advisor.id)})
    importer.line("notes", **a_note(line))
    importer.line("notes", **a_note(
        line, author_name=None,
        author_contact_external_id=line["contact_external_id"]))
    importer.line("cases", **line)
    assert post.written(case) == []
    contact.submit()        # behind it
    while not (told := [d["type"] for d in watch.deliveries()
                        if d["type"].startswith("case.")]):
        timer("webhook_dispatch")
    assert told == ["case.submitted"]
    events = contact.all("/v1/events", case_id=case.id)
    contact.post(watch.path + "/redeliveries", {
        "from_event_id": events[0]["id"], "to_event_id": events[0]["id"]
        }).expect(422, problem="invalid-request")
    assert [e["type"] for e in contact.all("/v1/events", case_id=case.id)] == [
        "case.submitted", *["case.note_added"] * 2, "case.updated",
        "case.closed"]


def counted(sql, district):
    return sql.row(
        "select coalesce(sum(submitted), 0) as submitted,"
        " coalesce(sum(critical), 0) as critical,"
        " coalesce(sum(answered), 0) as answered,"
        " coalesce(sum(closed), 0) as closed from casework.daily_figures"
        " where district_id = %s", district.id)


def test_no_figure_counts_history(
        bring, importer, line, settle, sql, district):
    case = bring(line)
    importer.line("notes", **a_note(line))
    settle()
    assert counted(sql, district) == NOTHING
    assert sql.rows("select * from casework.survey_invitations where"
                    " case_id = %s", case.id) == []


# -- and it lives on ---------------------------------------------------------

def test_a_reopened_case_lives_like_any_other(
        bring, importer, line, clock, post, timer, advisor, contact, sql):
    clock.at(NOW)
    case = bring(line)
    case.reopen().expect(200)
    assert (case["status"], case.target["state"], case.target["cycle"]) == (
        "assigned", "pending", 2)
    assert importer.line("cases", **line) == ("unchanged", case.id)
    case.note(advisor).expect(201)
    assert case.target["state"] == "met"
    assert ("case.note_added", f"contact:{contact.id}") in post.written(case)
    case.resolve(advisor).expect(200)
    case.close().expect(200)
    assert decision(sql, case)[0] == "sent"


def test_it_is_reopened_within_sixty_days_of_its_closing_there(
        bring, line, clock):
    case = bring(line)
    clock.at("2026-11-03T06:00:00Z")
    case.reopen().expect(409, problem="reopen-window-expired")
    clock.at("2026-11-03T05:59:59Z")
    case.reopen().expect(200)


# -- notes -------------------------------------------------------------------

def test_a_note_keeps_its_time_and_its_author(
        bring, importer, line, named, advisor, contact, administrator):
    case = bring(line)
    for told, author in (
            ({"author_name": "Former Advisor"},
             {"kind": "staff", "id": 0, "name": "Former Advisor"}),
            ({"author_name": "Former Contact", "author_kind": "contact"},
             {"kind": "contact", "id": 0, "name": "Former Contact"}),
            ({"author_staff_external_id": named("staff", advisor.id)},
             {"kind": "staff", "id": advisor.id}),
            ({"author_contact_external_id": line["contact_external_id"]},
             {"kind": "contact", "id": contact.id})):
        note = a_note(line, author_name=None) | told
        result, number = importer.line("notes", **note)
        assert result == "created"
        assert importer.line("notes", **note) == ("unchanged", number)
        read = contact.get(f"/v1/notes/{number}").expect(200)
        assert read["created_at"] == WRITTEN
        assert author.items() <= read["author"].items()
        assert read["on_behalf_of"]["id"] == administrator.id
    assert case["updated_at"] == CLOSED and len(case.notes()) == 4


def test_a_public_note_makes_an_open_case_younger(
        bring, importer, an_open, administrator):
    case = bring(an_open)
    importer.line("notes", **a_note(an_open, visibility="internal"))
    assert case["updated_at"] == SUBMITTED and case.notes() == []
    assert len(case.notes(administrator)) == 1
    importer.line("notes", **a_note(an_open))
    assert case["updated_at"] == WRITTEN


@pytest.mark.parametrize("changes", [
    {"text": "Something else."}, {"visibility": "internal"},
    {"created_at": CLOSED}, {"author_kind": "contact"}])
def test_a_note_is_never_changed(bring, importer, line, changes):
    bring(line)
    note = a_note(line)
    importer.line("notes", **note)
    assert importer.refused("notes", **{**note, **changes}) == (
        409, [("/external_id", "conflict")])


def test_what_was_redacted_here_stays_away(
        bring, importer, line, administrator, lead):
    bring(line)
    note = a_note(line)
    _, number = importer.line("notes", **note)
    lead.post(f"/v1/notes/{number}/redaction", {"reason": "A name."},
               etag="*").expect(200)
    assert importer.line("notes", **note) == ("unchanged", number)
    assert administrator.get(f"/v1/notes/{number}")["text"] == "[redacted]"


@pytest.mark.parametrize("changes, pointer, code", [
    ({"case_external_id": "none"}, "case_external_id", "unknown"),
    ({"author_name": None}, "author_name", "required"),
    ({"author_staff_external_id": "nobody"}, "author_name", "required"),
    ({"author_name": None, "author_contact_external_id": "nobody"},
     "author_contact_external_id", "unknown"),
    ({"author_name": None, "author_staff_external_id": "nobody"},
     "author_staff_external_id", "unknown"),
    ({"created_at": "2026-09-01T14:59:59Z"}, "created_at", "out-of-range"),
    ({"created_at": "2199-01-01T00:00:00Z"}, "created_at", "out-of-range")])
def test_a_note_that_cannot_be(bring, importer, line, changes, pointer, code):
    bring(line)
    assert importer.refused("notes", **a_note(line, **changes)) == (
        422, [(f"/{pointer}", code)])


def test_history_is_written_to_what_was_imported_only(
        importer, line, contact, sql):
    case = contact.submit()
    sql.run("update casework.cases set external_id = %s where id = %s",
            line["external_id"], case.id)
    assert importer.refused("notes", **a_note(line)) == (
        422, [("/case_external_id", "unknown")])
