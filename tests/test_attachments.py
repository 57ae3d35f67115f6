"""Attachments: facts 39, 47 and 78, rule 2.5. Files under the rules of notes;
what happens to large ones on their way is in test_uploads.py."""

import base64
import hashlib

import pytest

from contract import same_problem
from generate import NOBODY
from races import at_once, statuses

BYTES = bytes(range(256)) * 3
MIB = 1024 * 1024


def content(attachment, by, **options):
    return by.get(f"/v1/attachments/{attachment['id']}/content", **options)


def digest(data):
    return "sha-256=:%s:" % base64.b64encode(
        hashlib.sha256(data).digest()).decode()


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


# -- attaching -------------------------------------------------------------

@pytest.mark.fact(39)
def test_a_contact_attaches_a_file_that_others_of_the_case_download(
        case, colleague, advisor, partner):
    answer = case.attach(BYTES, colleague, "score list.csv", "text/csv")
    answer.expect(201)
    assert (answer["case_id"], answer["visibility"]) == (case.id, "public")
    assert (answer["filename"], answer["media_type"]) == (
        "score list.csv", "text/csv")
    assert answer["size"] == len(BYTES)
    assert answer["sha256"] == hashlib.sha256(BYTES).hexdigest()
    assert answer["author"]["id"] == colleague.id
    assert answer["redacted"] is None
    for someone in (case.submitter, colleague, advisor, partner):
        read = someone.get(answer.location).expect(200)
        assert read.json == answer.json and read.etag == answer.etag
        assert case.attachments(someone) == [answer.json]
        file = content(answer, someone).expect(200)
        assert file.body == BYTES
        assert file.headers["content-type"] == "text/csv"


@pytest.mark.parametrize("name", [
    "a", "grades.xlsx", "Übersicht – 3. Quartal.pdf", "成績.csv", "a b;c=d.txt",
    'the "final" one.txt', "100%.txt", "it's.txt", "*.txt", "-rf", ".bashrc",
    "x" * 255, "😀" * 255])
def test_a_file_keeps_its_name(case, name):
    answer = case.attach(filename=name).expect(201)
    assert answer["filename"] == name
    said = content(answer, case.submitter).headers["content-disposition"]
    plain, _, encoded = said.partition("; filename*=UTF-8''")
    assert plain.startswith('attachment; filename="') and plain.isascii()
    from urllib.parse import unquote
    assert unquote(encoded) == name


@pytest.mark.parametrize("said, name", [
    ("attachment; filename=plain.txt", "plain.txt"),
    ('attachment; filename="a b.txt"', "a b.txt"),
    ('ATTACHMENT;FileName="a\\"b.txt"', 'a"b.txt'),
    ("attachment; filename=old.txt; filename*=UTF-8''n%C3%A9w.txt", "néw.txt"),
    ("attachment; filename*=utf-8'en'x.txt; filename=old.txt", "x.txt"),
    ("form-data; name=file; filename=part.txt", "part.txt"),
    ('attachment; filename="r\u00e9sum\u00e9.txt"'.encode(), "résumé.txt")])
def test_the_name_is_read_as_rfc_6266_says(case, said, name):
    answer = case.attach(headers={"Content-Disposition": said}).expect(201)
    assert answer["filename"] == name


@pytest.mark.parametrize("said", [
    None, "", "attachment", "attachment;", "attachment; filename",
    "attachment; filename=", 'attachment; filename=""',
    'attachment; filename="open', "attachment; filename=a b",
    "attachment; filename=a; filename=b", "attachment, filename=a",
    "attachment; filename=a/b", 'attachment; filename="a\\\\b"',
    "attachment; filename*=UTF-8''..%2f..%2fetc%2fpasswd",
    "attachment; filename*=UTF-8''C%3A%5Cx", "attachment; filename=..",
    "attachment; filename=.", "attachment; filename*=UTF-8''%20",
    "attachment; filename*=UTF-8''a%00b", "attachment; filename*=UTF-8''a%0Ab",
    "attachment; filename*=UTF-8''a%7F", "attachment; filename*=UTF-8''%C2%85",
    "attachment; filename*=UTF-8''%E2%80%AEfdp.exe",
    "attachment; filename*=UTF-8''%FF", "attachment; filename*=UTF-8''%4",
    "attachment; filename*=ISO-8859-1''a", "attachment; filename*=a",
    "attachment; filename=" + "x" * 256])
def test_a_name_that_is_none_is_refused(case, said):
    answer = case.attach(headers={"Content-Disposition": said})
    answer.expect(422, problem="invalid-request")
    assert answer.faults == ["Content-Disposition"]
    assert case.attachments() == []


@pytest.mark.parametrize("media", [
    None, "", "text/html", "image/svg+xml", "application/javascript",
    "application/json", "multipart/form-data; boundary=x", "text", "*/*",
    "text/plainx", "application/x-www-form-urlencoded"])
def test_a_file_of_another_type_is_refused(case, media):
    answer = case.attach(headers={"Content-Type": media})
    answer.expect(415, problem="unsupported-media-type")
    assert "application/pdf" in answer["detail"]
    assert case.attachments() == []


def test_a_type_is_known_in_any_spelling(case):
    for said in ("Text/Plain", "text/plain; charset=iso-8859-1",
                 "text/plain;x", "text/plain ;charset=utf-8"):
        answer = case.attach(headers={"Content-Type": said}).expect(201)
        assert answer["media_type"] == "text/plain"


def test_an_encoded_or_empty_file_is_refused(case):
    case.attach(headers={"Content-Encoding": "gzip"}).expect(415)
    case.attach(b"").expect(422)
    assert case.attachments() == []


@pytest.mark.fact(12)
def test_a_closed_case_takes_no_attachment(case, advisor):
    kept = case.attach().expect(201)
    case.close().expect(200)
    for someone in (case.submitter, advisor):
        case.attach(by=someone).expect(409, problem="illegal-transition")
    assert case.attachments() == [kept.json]
    content(kept, case.submitter).expect(200)


def test_attachments_are_listed_oldest_first(case, advisor):
    names = [f"{i}.txt" for i in range(5)]
    for i, name in enumerate(names):
        case.attach(by=advisor if i % 2 else case.submitter,
                    filename=name).expect(201)
    assert [a["filename"] for a in case.attachments()] == names
    pages = list(case.submitter.pages(case.path + "/attachments", limit=2))
    assert [a["filename"] for p in pages for a in p.items] == names


@pytest.mark.fact(36, 79)
def test_an_actor_on_behalf_of_a_contact_is_told_beside_it(contact, partner):
    case = contact.submit()
    answer = case.attach(
        by=contact.acting_for(f"partner:{partner.id}")).expect(201)
    assert answer["author"]["kind"] == "partner"
    assert answer["on_behalf_of"]["id"] == contact.id


# -- the digest ------------------------------------------------------------

def test_bytes_that_are_those_of_the_digest_are_taken(case):
    for said in (digest(BYTES), "sha-512=:YQ==:, " + digest(BYTES),
                 "md5=:YQ==:", digest(b"x") + ", " + digest(BYTES)):
        case.attach(BYTES, headers={"Repr-Digest": said}).expect(201)


@pytest.mark.parametrize("said", [
    digest(BYTES[:-1]), digest(b""), digest(BYTES) + ", " + digest(b"x"),
    "", "x", "sha-256", "sha-256=", "sha-256=::", "sha-256=:YQ==:",
    "sha-256=" + digest(BYTES)[9:-1], digest(BYTES)[:-1],
    digest(BYTES).replace("=:", "=:="), digest(BYTES) + ",",
    digest(BYTES) + " x"])
def test_bytes_with_another_digest_are_not_stored(case, said):
    before = case.etag, case.history()
    answer = case.attach(BYTES, headers={"Repr-Digest": said})
    answer.expect(422, problem="invalid-request")
    assert answer.faults == ["Repr-Digest"]
    assert case.attachments() == []
    assert (case.etag, case.history()) == before


# -- downloading -----------------------------------------------------------

@pytest.mark.parametrize("size", [1, 262143, 262144, 262145, 700_000])
def test_the_bytes_come_back_whole(case, size):
    data = (BYTES * (size // len(BYTES) + 1))[:size]
    answer = case.attach(data, media="application/octet-stream").expect(201)
    file = content(answer, case.submitter).expect(200)
    assert file.body == data
    assert file.headers["repr-digest"] == digest(data)
    head = case.submitter.head(file.target)
    assert head.headers["content-length"] == str(size)
    for name in ("etag", "repr-digest", "content-disposition"):
        assert head.headers[name] == file.headers[name]
    case.submitter.get(file.target, headers={
        "If-None-Match": file.etag}).expect(304)


def test_who_has_the_bytes_or_wants_none_costs_none(case, sql):
    """Such an answer is made without them: here they are not even there."""
    answer = case.attach(BYTES).expect(201)
    sql.run("delete from casework.attachment_contents where attachment_id"
            " = %s", answer["id"])
    tag = f'"{answer["sha256"]}"'
    for known in (tag, "*", f"W/{tag}", f'"x", {tag}, "a b", "{{,}}"'):
        file = content(answer, case.submitter, headers={
            "If-None-Match": known}).expect(304)
        assert file.etag == tag
        assert "content-disposition" not in file.headers
    head = case.submitter.head(answer.location + "/content").expect(200)
    assert head.headers["content-length"] == str(len(BYTES))


def test_tags_of_something_else_change_nothing(case):
    answer = case.attach(BYTES).expect(201)
    for known in ('"x"', "x", "", '"{*}"', '"*"', f'"{answer["sha256"]}',
                  '"a","b"', "'", '"\\"', '"1}, {"'):
        file = content(answer, case.submitter, headers={
            "If-None-Match": known}).expect(200)
        assert file.body == BYTES


def test_a_browser_saves_it_and_runs_nothing(case):
    answer = case.attach(b"<script>alert(1)</script>").expect(201)
    headers = content(answer, case.submitter).headers
    assert headers["content-disposition"].startswith("attachment;")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert headers["cache-control"] == "no-store"


def test_its_type_must_be_acceptable(case):
    answer = case.attach(media="image/png").expect(201)
    for accept in ("image/*", "image/png", "*/*", "text/html, image/png;q=.1"):
        content(answer, case.submitter, headers={"Accept": accept}).expect(200)
    for accept in ("text/plain", "image/jpeg", "image/png;q=0, */*"):
        content(answer, case.submitter, headers={"Accept": accept}).expect(406)


# -- what it does to its case ----------------------------------------------

@pytest.mark.fact(39, 48)
@pytest.mark.rule("2.5")
def test_an_attachment_by_any_contact_cancels_the_closing(
        case, colleague, advisor):
    case.assign(advisor, advisor).expect(200)
    case.resolve(advisor).expect(200)
    answer = case.attach(by=colleague).expect(201)
    assert case["status"] == "assigned" and case["follow_up"] is None
    added, cancelled = case.history()[-2:]
    assert (added["type"], added["attachment_id"], added["note_id"]) == (
        "case.attachment_added", answer["id"], None)
    assert {"member": "status", "old": "pending_verification",
            "new": "assigned"} in added["changes"]
    assert cancelled["type"] == "case.follow_up_cancelled"


@pytest.mark.rule("2.5")
def test_an_attachment_by_support_cancels_nothing(case, advisor, partner):
    case.resolve(advisor).expect(200)
    for someone, visibility in ((advisor, "public"), (advisor, "internal"),
                                (partner, "public")):
        case.attach(by=someone, visibility=visibility).expect(201)
    assert case["status"] == "pending_verification"
    assert case["follow_up"] is not None


def test_an_attachment_answers_a_case_that_waits_for_the_contact(
        case, bring, staff):
    bring(case, "pending_customer_input")
    case.attach(by=staff).expect(201)
    assert case["status"] == "pending_customer_input"
    case.attach().expect(201)
    assert case["status"] == "assigned"


@pytest.mark.rule("2.3")
def test_an_attachment_is_no_first_response(case, advisor):
    case.attach(by=advisor).expect(201)
    assert case.target["first_response_at"] is None
    assert case.target["state"] == "pending"
    case.note(advisor).expect(201)
    assert case.target["first_response_at"] is not None


@pytest.mark.fact(15, 79)
def test_an_attachment_moves_the_case_and_shows_in_its_history(
        case, colleague):
    etag = case.etag
    answer = case.attach(by=colleague).expect(201)
    assert case.etag != etag
    event = case.history()[-1]
    assert (event["type"], event["attachment_id"], event["visibility"]) == (
        "case.attachment_added", answer["id"], "public")
    assert event["actor"]["id"] == colleague.id and event["changes"] == []


@pytest.mark.fact(48, 62)
def test_a_mail_tells_the_other_side_and_names_no_file(
        post, case, colleague, advisor, sql):
    sql.run("update casework.staff set email = %s where id = %s",
            f"advisor-{advisor.id}@casework.example", advisor.id)
    case.assign(advisor, advisor).expect(200)
    case.attach(by=colleague, filename="Grades of Ada.txt").expect(201)
    assert post.written(case) == [
        ("case.attachment_added", f"staff:{advisor.id}")]
    case.attach(by=advisor, filename="Grades of Ada.txt").expect(201)
    case.attach(by=advisor, filename="Grades of Ada.txt",
                visibility="internal").expect(201)
    assert post.written(case) == sorted([
        ("case.attachment_added", f"staff:{advisor.id}"),
        ("case.attachment_added", f"contact:{case.submitter.id}"),
        ("case.attachment_added", f"contact:{colleague.id}")])
    assert all("Grades" not in m["subject"] + m["text"]
               for m in post.mails(case))


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
    who = {"contact": {"caller_id": case.submitter.id,
                       "district_id": district},
           "partner": {"caller_id": partner.id,
                       "district_ids": f"{{{district}}}"}}[kind]
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
            f"select 1 from casework.{table}", caller_id=stranger.id,
            district_id=stranger.district.id) == []
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
def test_a_redacted_attachment_leaves_a_marker_only(case, advisor, sql):
    kept = case.attach(BYTES, filename="Ada.pdf").expect(201)
    known = {"If-None-Match": kept.etag}
    advisor.get(kept.location, headers=known).expect(304)
    answer = redact(kept, advisor, kept.etag).expect(200)
    advisor.get(kept.location, headers=known).expect(200)
    assert (answer["filename"], answer["sha256"]) == ("[redacted]", None)
    assert answer["redacted"]["by"]["id"] == advisor.id
    assert answer["redacted"]["reason"] == "Shows grades."
    for member in ("id", "media_type", "size", "author", "created_at"):
        assert answer[member] == kept[member]
    for someone in (case.submitter, advisor):
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
        case, advisor):
    kept = case.attach().expect(201)
    assert redact(kept, advisor, reason=" ").expect(422).faults == ["/reason"]
    redact(kept, advisor, None).expect(428)
    redact(kept, advisor, '"2"').expect(412)
    redact(kept, advisor).expect(200)
    redact(kept, advisor).expect(409, problem="conflict")
    redact(kept, advisor, kept.etag).expect(412)


@pytest.mark.parametrize("kind", ["contact", "colleague", "partner"])
def test_only_staff_redact(request, case, kind):
    kept = case.attach().expect(201)
    redact(kept, request.getfixturevalue(kind)).expect(
        403, problem="caller-not-allowed")
    content(kept, case.submitter).expect(200)


def test_redacting_an_internal_attachment_is_invisible_to_contacts(
        case, internal, advisor):
    before = case.etag, case.history()
    redact(internal, advisor).expect(200)
    assert (case.etag, case.history()) == before
    assert case.history(advisor)[-1]["type"] == "case.attachment_redacted"


@pytest.mark.fact(47)
def test_the_database_lets_staff_erase_but_never_write(case, as_role):
    kept = case.attach(BYTES).expect(201)
    for change in ("filename = 'Other', redacted_at = now()",
                   "redaction_reason = 'x'", "sha256 = null"):
        assert as_role("staff").fails(
            f"update casework.attachments set {change} where id = %s",
            kept["id"], caller_id=1) == "42501", change
    assert content(kept, case.submitter).body == BYTES


# -- limits ----------------------------------------------------------------

def test_limits_are_told_and_are_those_in_force(
        public, case, settings, contract):
    told = public.get("/v1/limits").expect(200)
    assert told["attachment"] == {
        "file_bytes": 10 * MIB, "case_bytes": 50 * MIB,
        "filename_characters": 255}
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


def test_the_sum_of_a_case_is_limited_and_told(case, advisor, settings):
    settings("case_bytes", 1000)
    first = case.attach(b"x" * 600).expect(201)
    answer = case.attach(b"x" * 401).expect(409, problem="attachments-full")
    assert [answer[f"{n}_bytes"] for n in ("limit", "used", "size")] == [
        1000, 600, 401]
    case.attach(b"x" * 400).expect(201)
    case.attach(b"x").expect(409)
    redact(first, advisor).expect(200)
    case.attach(b"x" * 600).expect(201)


def test_the_sum_tells_contacts_nothing_of_internal_attachments(
        case, advisor, settings):
    settings("case_bytes", 1000)
    case.attach(b"x" * 1000, advisor, visibility="internal").expect(201)
    case.attach(b"x" * 600, advisor).expect(201)
    case.attach(b"x" * 400).expect(201)
    case.attach(b"x", advisor, visibility="internal").expect(409)
    case.attach(b"x", advisor).expect(409)


def test_files_that_come_at_once_never_exceed_the_sum(
        contact, colleague, advisor, settings):
    settings("case_bytes", 1000)
    for _ in range(40):
        case = contact.submit()
        answers = at_once(*(
            lambda who=who: case.attach(b"x" * 400, who)
            for who in (contact, colleague, advisor, contact)))
        assert statuses(answers) == [201, 201, 409, 409]
        assert sum(a["size"] for a in case.attachments()) == 800


# -- what is written elsewhere ---------------------------------------------

@pytest.mark.fact(9)
def test_the_log_holds_no_name_and_no_byte_of_a_file(case, log):
    mark = log.mark()
    answer = case.attach(b"Secret bytes", filename="Secret name.txt")
    content(answer.expect(201), case.submitter).expect(200)
    case.attach(b"Secret bytes", filename="Secret/name").expect(422)
    last = case.attach(b"Secret bytes", filename="Secret name.txt",
                       headers={"Repr-Digest": digest(b"Secret")})
    log.of_request(last.expect(422).headers["request-id"], mark)
    assert "Secret" not in log.since(mark)
