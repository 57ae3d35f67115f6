"""What of attachments is kept from whom: internal ones, what redaction erases,
and what the limits tell (rule 2.5)."""


import pytest

from contract import same_problem
from generate import NOBODY
from test_attachments import BYTES, content

MIB = 1024 * 1024

@pytest.fixture
def internal(case, advisor):
    """An internal attachment on the case."""
    return case.attach(b"License expired", advisor, "secret plan.txt",
                       visibility="internal").expect(201)


@pytest.fixture
def settings(sql):
    """Changes attachment_settings for the test."""
    def change(column, value):
        sql.run(f"update casework.attachment_settings set {column} = {value}")
    yield change
    change("file_bytes", 10 * MIB)
    change("case_bytes", 50 * MIB)


# -- internal attachments --------------------------------------------------

def test_staff_must_say_who_may_see(case, advisor):
    answer = case.attach(by=advisor, visibility="").expect(400)
    answer = advisor.post(case.path + "/attachments", b"x", media="text/plain",
                          headers={"Content-Disposition":
                                   "attachment; filename=x"})
    answer.expect(400, problem="invalid-parameter")
    assert answer.faults == ["visibility"]
    assert case.attachments(advisor) == []


@pytest.mark.parametrize("caller", ["contact", "partner"])
def test_only_staff_attach_internally(request, case, caller):
    someone = request.getfixturevalue(caller)
    answer = case.attach(by=someone, visibility="internal")
    assert answer.expect(403, problem="not-permitted").faults == ["visibility"]
    case.attach(by=someone, visibility="public").expect(201)


@pytest.mark.fact(15)
@pytest.mark.parametrize("caller", ["contact", "colleague", "partner"])
def test_internal_attachments_do_not_exist_for_others(
        request, case, advisor, caller):
    someone = request.getfixturevalue(caller)
    before = case.read(someone).json, case.etag
    internal = case.attach(by=advisor, visibility="internal").expect(201)
    assert (case.read(someone)["updated_at"], case.etag) == (
        before[0]["updated_at"], before[1])
    for path in ("", "/content"):
        unknown = someone.get(f"/v1/attachments/{NOBODY}{path}").expect(404)
        hidden = someone.get(internal.location + path).expect(404)
        assert hidden["detail"] == unknown["detail"]
        advisor.get(internal.location + path).expect(200)
    assert case.attachments(someone) == []
    assert all(e["attachment_id"] is None for e in case.history(someone))
    assert case.history(advisor)[-1]["attachment_id"] == internal["id"]


@pytest.mark.parametrize("kind", ["contact", "partner"])
def test_internal_attachments_are_invisible_in_the_database_itself(
        case, internal, as_role, partner, kind):
    role = as_role(kind)
    district = case.submitter.district.id
    who = {"caller_id": {"contact": case.submitter, "partner": partner
                         }[kind].id}
    case.attach().expect(201)
    for table, key in (("attachments", "id"),
                       ("attachment_contents", "attachment_id")):
        seen = role.acting(f"select {key} as id, visibility from"
                           f" casework.{table}", **who)
        assert [a["visibility"] for a in seen] == ["public"], table
    assert role.fails(
        "insert into casework.attachment_contents (district_id, attachment_id,"
        " visibility, bytes) values (%s, %s, 'internal', 'x')", district,
        internal["id"], **who) == "42501"


@pytest.mark.fact(80)
def test_the_bytes_of_another_district_do_not_exist(case, stranger, as_role):
    answer = case.attach().expect(201)
    for path in ("", "/content"):
        foreign = stranger.get(answer.location + path).expect(404)
        unknown = stranger.get(f"/v1/attachments/{NOBODY}{path}").expect(404)
        assert same_problem(foreign.json, unknown.json) or (
            foreign["detail"] == unknown["detail"])
    for table in ("attachments", "attachment_contents"):
        assert as_role("contact").acting(
            f"select 1 from casework.{table}", caller_id=stranger.id
            ) == []
        assert as_role("staff").acting(f"select 1 from casework.{table}") == []
    for kind in ("telephony", "public"):
        assert as_role(kind).fails(
            "select 1 from casework.attachments") == "42501"


@pytest.mark.fact(47, 78)
def test_attachments_stay_as_they_were_sent(case, as_role):
    case.attach().expect(201)
    for kind in ("contact", "partner", "staff"):
        for statement in (
                "update casework.attachments set filename = 'x'",
                "update casework.attachment_contents set bytes = 'x'",
                "delete from casework.attachments",
                "delete from casework.attachment_contents"):
            assert as_role(kind).fails(statement) == "42501", statement


# -- redaction -------------------------------------------------------------

def redact(attachment, by, etag="*", reason="Shows grades."):
    return by.post(f"/v1/attachments/{attachment['id']}/redaction",
                   {"reason": reason}, etag=etag)


@pytest.mark.fact(47)
def test_a_redacted_attachment_leaves_a_marker_only(case, sql, lead):
    kept = case.attach(BYTES, filename="Ada.pdf").expect(201)
    known = {"If-None-Match": kept.etag}
    lead.get(kept.location, headers=known).expect(304)
    answer = redact(kept, lead, kept.etag).expect(200)
    lead.get(kept.location, headers=known).expect(200)
    assert (answer["filename"], answer["sha256"]) == ("[redacted]", None)
    assert answer["redacted"]["by"]["id"] == lead.id
    assert answer["redacted"]["reason"] == "Shows grades."
    for member in ("id", "media_type", "size", "author", "created_at"):
        assert answer[member] == kept[member]
    for someone in (case.submitter, lead):
        read = someone.get(kept.location).expect(200)
        assert read.json == answer.json
        assert read.etag == answer.etag != kept.etag
        content(kept, someone).expect(410, problem="attachment-redacted")
        for path in ("", "/attachments", "/history"):
            assert b"Ada" not in someone.get(case.path + path).body
    assert sql.value("select count(*) as n from casework.attachment_contents"
                     " where attachment_id = %s", kept["id"]) == 0
    event = case.history()[-1]
    assert (event["type"], event["attachment_id"]) == (
        "case.attachment_redacted", kept["id"])


@pytest.mark.fact(47)
def test_an_attachment_is_redacted_once_with_a_reason_and_a_version(
        case, lead):
    kept = case.attach().expect(201)
    assert redact(kept, lead, reason=" ").expect(422).faults == ["/reason"]
    redact(kept, lead, None).expect(428)
    redact(kept, lead, '"2"').expect(412)
    redact(kept, lead).expect(200)
    redact(kept, lead).expect(409, problem="conflict")
    redact(kept, lead, kept.etag).expect(412)


@pytest.mark.parametrize("kind", ["contact", "colleague", "partner"])
def test_only_staff_redact(request, case, kind):
    kept = case.attach().expect(201)
    redact(kept, request.getfixturevalue(kind)).expect(
        403, problem="caller-not-allowed")
    content(kept, case.submitter).expect(200)


def test_redacting_an_internal_attachment_is_invisible_to_contacts(
        case, internal, lead):
    before = case.etag, case.history()
    redact(internal, lead).expect(200)
    assert (case.etag, case.history()) == before
    assert case.history(lead)[-1]["type"] == "case.attachment_redacted"


@pytest.mark.fact(47)
def test_the_database_lets_staff_erase_but_never_write(case, lead, as_role):
    kept = case.attach(BYTES).expect(201)
    for change in ("filename = 'Other', redacted_at = now()",
                   "redaction_reason = 'x'", "sha256 = null"):
        assert as_role("staff").fails(
            f"update casework.attachments set {change} where id = %s",
            kept["id"], caller_id=lead.id) == "42501", change
    assert content(kept, case.submitter).body == BYTES


@pytest.mark.fact(47)
def test_the_database_lets_staff_erase_once(case, as_role, lead):
    kept = case.attach(BYTES).expect(201)

    def again():
        return as_role("staff").acting(
            "update casework.attachments set (redacted_at, redacted_by_kind,"
            " redacted_by_id, redacted_by_name, redaction_reason)"
            " = (now(), 'staff', 1, 'Somebody else', 'Another reason.')"
            " where id = %s returning id", kept["id"], caller_id=lead.id)
    assert again() == [{"id": kept["id"]}]
    redact(kept, lead).expect(200)
    assert again() == []


# -- limits ----------------------------------------------------------------

def test_limits_are_told_and_are_those_in_force(
        public, case, settings, contract):
    told = public.get("/v1/limits").expect(200)
    assert told["attachment"] == {
        "file_bytes": 10 * MIB, "case_bytes": 50 * MIB,
        "filename_bytes": 255}
    settings("file_bytes", 1000)
    settings("case_bytes", 1500)
    told = public.get("/v1/limits").expect(200)
    assert told["attachment"]["file_bytes"] == 1000
    assert told["attachment"]["case_bytes"] == 1500
    answer = case.attach(b"x" * 1001).expect(413, problem="content-too-large")
    assert (answer["limit_bytes"], answer["size_bytes"]) == (1000, 1001)
    case.attach(b"x" * 1000).expect(201)
    longest = told["text"]["block_characters"]
    case.note(text="x" * longest).expect(201)
    case.note(text="x" * (longest + 1)).expect(422)
    listed = case.path + f"/notes?limit={told['page']['items']}"
    case.submitter.get(listed).expect(200)
    case.submitter.get(listed.replace("limit=", "limit=1")).expect(400)
    case.submitter.post("/v1/cases", b"{" + b" " * (
        told["request"]["body_bytes"])).expect(413)


def test_the_sum_of_a_case_is_limited_and_told(case, settings, lead):
    settings("case_bytes", 1000)
    first = case.attach(b"x" * 600).expect(201)
    answer = case.attach(b"x" * 401).expect(409, problem="attachments-full")
    assert [answer[f"{n}_bytes"] for n in ("limit", "used", "size")] == [
        1000, 600, 401]
    case.attach(b"x" * 400).expect(201)
    case.attach(b"x").expect(409)
    redact(first, lead).expect(200)
    case.attach(b"x" * 600).expect(201)


def test_the_sum_tells_contacts_nothing_of_internal_attachments(
        case, advisor, settings):
    settings("case_bytes", 1000)
    case.attach(b"x" * 1000, advisor, visibility="internal").expect(201)
    case.attach(b"x" * 600, advisor).expect(201)
    case.attach(b"x" * 400).expect(201)
    case.attach(b"x", advisor, visibility="internal").expect(409)
    case.attach(b"x", advisor).expect(409)


@pytest.mark.direct
def test_files_that_come_at_once_never_exceed_the_sum(
        meeting, contact, colleague, advisor, settings):
    settings("case_bytes", 1000)
    case = contact.submit()
    answers = meeting.meet("attachments", *(
        lambda who=who: case.attach(b"x" * 400, meeting.by(who))
        for who in (contact, colleague, advisor, contact)))
    assert sorted(a.status for a in answers) == [201, 201, 409, 409]
    assert sum(a["size"] for a in case.attachments()) == 800
