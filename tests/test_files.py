"""What a file is called and is: names that every disk takes, media types as
browsers send them, and digests of what arrives."""

from urllib.parse import unquote

import pytest

from test_attachments import BYTES, content, digest

OCTETS = "application/octet-stream"


# -- names -----------------------------------------------------------------

@pytest.mark.parametrize("name", [
    "a", "grades.xlsx", "Übersicht – 3. Quartal.pdf", "成績.csv", "a b;c=d.txt",
    "100%.txt", "it's.txt", "-rf", ".bashrc", "می‌رود.pdf", "👩‍👧 ❤️.png",
    "1\ufe0f\u20e3.png", "\U0001f3f4\U000e0067\U000e0062\U000e007f.png",
    "9.41\u202fAM.png", "con1.txt", "x" * 255, "é" * 127, "😀" * 63 + "xyz"])
def test_a_file_keeps_its_name(case, name):
    answer = case.attach(filename=name).expect(201)
    assert answer["filename"] == name
    said = content(answer, case.submitter).headers["content-disposition"]
    plain, _, encoded = said.partition("; filename*=UTF-8''")
    assert plain.startswith('attachment; filename="') and plain.isascii()
    assert unquote(encoded) == name


@pytest.mark.parametrize("said, name", [
    ("attachment; filename=plain.txt", "plain.txt"),
    ('attachment; filename="a b.txt"', "a b.txt"),
    ('ATTACHMENT;FileName="a\\;b.txt"', "a;b.txt"),
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
    "attachment; filename*=ISO-8859-1''a", "attachment; filename*=a"])
def test_a_name_that_is_none_is_refused(case, said):
    answer = case.attach(headers={"Content-Disposition": said})
    answer.expect(422, problem="invalid-request")
    assert answer.faults == ["Content-Disposition"]
    assert case.attachments() == []


@pytest.mark.parametrize("name, why", [
    ("a\u061c.txt", "direction"), ("a\u2067b", "direction"),
    ("a\u2028b", "one line"), ("a\u2029b", "one line"),
    ("a\x1bb", "control"), ("a\u0085b", "control"),
    ("a\u200bb.txt", "cannot be seen"), ("\ufeffa", "cannot be seen"),
    ("\u3164", "cannot be seen"), ("\u200d.txt", "cannot be seen"),
    ("a\u200d.txt", "cannot be seen"), ("a.txt\u200c", "cannot be seen"),
    ("a\ufe0f.txt", "cannot be seen"), ("a\U000e0061.txt", "cannot be seen"),
    ("\u00a0", "more than"), ("\u3000.\u2800", "more than"),
    ("...", "more than"), ("a:b", "none of"), ("*.txt", "none of"),
    ('the "final" one.txt', "none of"), ("what?", "none of"),
    ("a|b", "none of"), ("<a>", "none of"), ("a.txt.", "end in"),
    ("a.txt ", "end in"), ("NUL", "devices"), ("com1.tar.gz", "devices"),
    ("Lpt³.txt", "devices"), ("x" * 256, "255 bytes"), ("é" * 128, "255 bytes")])
def test_a_name_that_some_disk_does_not_take_is_refused_with_a_sentence(
        case, name, why):
    answer = case.attach(filename=name)
    answer.expect(422, problem="invalid-request")
    assert answer.faults == ["Content-Disposition"]
    assert why in answer["errors"][0]["detail"]
    assert case.attachments() == []


# -- media types -----------------------------------------------------------

@pytest.mark.parametrize("said, media", [
    ("Text/Plain", "text/plain"), ("image/jpg", "image/jpeg"),
    ("image/pjpeg", "image/jpeg"), ("image/x-png", "image/png"),
    ("application/x-zip-compressed", "application/zip"),
    ("application/x-pdf", "application/pdf"),
    ("text/comma-separated-values", "text/csv"),
    ("application/vnd.ms-excel", OCTETS), ("image/heic", OCTETS),
    ("message/rfc822", OCTETS), ("video/mp4", OCTETS),
    ("application/json", OCTETS), ("text/html", OCTETS),
    ("image/svg+xml", OCTETS), ("application/javascript", OCTETS),
    ("application/x-" + "a" * 240, OCTETS)])
def test_a_file_of_any_type_is_taken_and_its_type_told(case, said, media):
    answer = case.attach(BYTES, headers={"Content-Type": said}).expect(201)
    assert answer["media_type"] == media
    assert answer["stated_media_type"] == said.lower()
    file = content(answer, case.submitter).expect(200)
    assert file.body == BYTES
    assert file.headers["content-type"] == media
    assert file.headers["content-disposition"].startswith("attachment;")
    assert file.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("said", [None, ""])
def test_a_file_may_come_without_a_type(case, said):
    answer = case.attach(headers={"Content-Type": said}).expect(201)
    assert answer["media_type"] == OCTETS
    assert answer["stated_media_type"] is None
    file = content(answer, case.submitter).expect(200)
    assert file.headers["content-type"] == OCTETS


@pytest.mark.parametrize("said, stated, given", [
    ("text/csv; charset=windows-1252", "text/csv; charset=windows-1252",
     "text/csv; charset=windows-1252"),
    ('TEXT/plain ;x=1; Charset="Big5";', "text/plain; charset=Big5",
     "text/plain; charset=Big5"),
    ('text/plain; x="charset=a"', "text/plain", "text/plain"),
    ("text/x-csv;charset=utf-8", "text/x-csv; charset=utf-8",
     "text/csv; charset=utf-8"),
    ("text/x-tex; charset=latin1", "text/x-tex; charset=latin1", OCTETS),
    ("image/png; charset=utf-8", "image/png; charset=utf-8", "image/png")])
def test_the_charset_of_a_text_is_kept(case, said, stated, given):
    answer = case.attach(headers={"Content-Type": said}).expect(201)
    assert answer["stated_media_type"] == stated
    assert answer["media_type"] == given.partition(";")[0]
    file = content(answer, case.submitter).expect(200)
    assert file.headers["content-type"] == given


@pytest.mark.parametrize("media", [
    "multipart/form-data; boundary=x", "multipart/mixed; boundary=x",
    "application/x-www-form-urlencoded"])
def test_a_form_around_a_file_is_refused(case, media):
    answer = case.attach(headers={"Content-Type": media})
    answer.expect(415, problem="unsupported-media-type")
    assert "not a form" in answer["detail"]
    assert case.attachments() == []


@pytest.mark.parametrize("media", [
    "text", "*/*", "text/*", "text/plain, text/html", "text/plain;x",
    "text/plain; charset=a; charset=b", "text/plain; charset=",
    "application/" + "a" * 250])
def test_a_type_that_is_none_is_refused(case, media):
    answer = case.attach(headers={"Content-Type": media})
    answer.expect(415, problem="unsupported-media-type")
    assert "type/subtype" in answer["detail"]
    assert case.attachments() == []


def test_a_repeated_key_with_another_type_is_another_request(case):
    key = {"Idempotency-Key": "one-file"}
    first = case.attach(media="image/jpg", headers=key).expect(201)
    again = case.attach(media="image/jpg", headers=key).expect(201)
    assert again.json == first.json
    case.attach(media="image/jpeg", headers=key).expect(422)


# -- the digest ------------------------------------------------------------

@pytest.mark.parametrize("field", ["Repr-Digest", "Content-Digest"])
@pytest.mark.parametrize("said", [
    digest(BYTES), digest(BYTES, "sha-512"), "md5=:YQ==:, " + digest(BYTES),
    digest(BYTES, "sha-512") + ", " + digest(BYTES),
    digest(b"x") + ", " + digest(BYTES), digest(BYTES) + ";note",
    digest(BYTES) + '; by="a, b";v=1.5, unixsum=:AAA=:;x=?1'])
def test_bytes_that_are_those_of_the_digest_are_taken(case, field, said):
    case.attach(BYTES, headers={field: said}).expect(201)


@pytest.mark.parametrize("field", ["Repr-Digest", "Content-Digest"])
@pytest.mark.parametrize("said", [
    digest(BYTES[:-1]), digest(b""), digest(BYTES) + ", " + digest(b"x"),
    digest(BYTES[:-1], "sha-512"), digest(BYTES[:-1]) + ";note",
    digest(BYTES) + ", " + digest(b"x", "sha-512"),
    digest(BYTES).upper(), digest(b"x").replace("sha", "SHA"),
    digest(BYTES).replace("sha", "Sha"), "md5=:YQ==:", digest(BYTES) + ";X=1",
    "sha-512=:YQ==:, " + digest(BYTES), "", "x", "sha-256", "sha-256=", "sha-256=::", "sha-256=:YQ==:",
    "sha-256=" + digest(BYTES)[9:-1], digest(BYTES)[:-1],
    digest(BYTES).replace("=:", "=:="), digest(BYTES) + ",",
    digest(BYTES) + " x"])
def test_bytes_with_another_digest_are_not_stored(case, field, said):
    before = case.etag, case.history()
    answer = case.attach(BYTES, headers={field: said})
    answer.expect(422, problem="invalid-request")
    assert answer.faults == [field]
    assert case.attachments() == []
    assert (case.etag, case.history()) == before
