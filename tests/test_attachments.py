"""Attachments: facts 39, 47 and 78, rule 2.5. Files under the rules of notes;
what happens to large ones on their way is in test_uploads.py."""

import base64
import hashlib

import pytest


BYTES = bytes(range(256)) * 3


def content(attachment, by, **options):
    return by.get(f"/v1/attachments/{attachment['id']}/content", **options)


def digest(data, algorithm="sha-256"):
    found = hashlib.new(algorithm.replace("-", ""), data).digest()
    return f"{algorithm}=:{base64.b64encode(found).decode()}:"


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
    for known in (tag, "*", f"W/{tag}", f'"x", {tag}, "a,b", "{{,}}"'):
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


@pytest.mark.parametrize("media", ["image/png", "application/x-unknown", ""])
def test_it_is_given_whatever_accept_says(case, media):
    answer = case.attach(BYTES, headers={"Content-Type": media}).expect(201)
    for accept in ("image/*", "*/*", "application/json", "text/html;q=0.5",
                   "application/octet-stream;q=0, image/png;q=0", "x;q=nan"):
        file = content(answer, case.submitter, headers={"Accept": accept})
        assert file.expect(200).body == BYTES


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
    first = [("case.attachment_added", f"contact:{case.submitter.id}"),
             ("case.attachment_added", f"staff:{advisor.id}")]
    assert post.written(case) == first
    case.attach(by=advisor, filename="Grades of Ada.txt").expect(201)
    case.attach(by=advisor, filename="Grades of Ada.txt",
                visibility="internal").expect(201)
    assert post.written(case) == sorted([
        *first, ("case.attachment_added", f"contact:{case.submitter.id}"),
        ("case.attachment_added", f"contact:{colleague.id}")])
    assert all("Grades" not in m["subject"] + m["text"]
               for m in post.mails(case))


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
