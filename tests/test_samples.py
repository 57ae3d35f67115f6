"""The code that the document shows to integrators, run as it stands there; and
what openapi/README.md shows of this repository."""

import json
import re
import subprocess

import pytest

from feed import Feed
from instance import ROOT
from webhooks import now, of_type, signature

HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")


def sample(description, language):
    """The only piece of code in that language."""
    text, = re.findall(rf"^```{language}\n(.*?)^```$", description,
                       re.M | re.S)
    return text


@pytest.fixture(scope="module")
def verification(contract):
    return contract.document["webhooks"]["event"]["post"]["description"]


def in_python(text, _):
    names = {}
    exec(compile(text, "sample", "exec"), names)
    return names["is_genuine"]


def in_shell(text, directory):
    def is_genuine(secret, headers, body):
        (directory / "body").write_bytes(body)
        variables = {name.replace("-", "_"): headers[name] for name in HEADERS}
        done = subprocess.run(
            ["sh", "-uc", text], cwd=directory, check=False, timeout=60,
            env={"PATH": "/usr/bin:/bin", "secret": secret, **variables},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert (done.stdout, done.stderr) == (b"", b"")
        return done.returncode == 0
    return is_genuine


@pytest.mark.direct
@pytest.mark.fact(79)
@pytest.mark.parametrize("language, judge", [("python", in_python),
                                             ("sh", in_shell)])
def test_a_delivery_is_verified_as_the_document_shows(
        sender, receiver, webhook, case, tmp_path, verification, language,
        judge):
    is_genuine = judge(sample(verification, language), tmp_path)
    first = webhook.secret
    webhook.rotate(overlap_seconds=600)
    case.note().expect(201)
    taken = of_type(receiver, "case.note_added")
    assert len(taken.signatures) == 2
    for secret in (first, webhook.secret):
        assert is_genuine(secret, taken.headers, taken.body)
    assert not is_genuine("whsec_" + "A" * 43 + "=", taken.headers, taken.body)
    assert not is_genuine(first, taken.headers, taken.body + b" ")
    for name, value in (("webhook-id", "evt_1"),
                        ("webhook-timestamp", str(taken.timestamp - 1)),
                        ("webhook-signature", "v1,\xe9 v2")):
        assert not is_genuine(first, {**taken.headers, name: value},
                              taken.body)


@pytest.mark.parametrize("language, judge", [("python", in_python),
                                             ("sh", in_shell)])
@pytest.mark.parametrize("late, genuine", [(-240, True), (240, True),
                                           (-360, False), (360, False)])
def test_an_old_delivery_is_refused_as_the_document_shows(
        tmp_path, verification, language, judge, late, genuine):
    is_genuine = judge(sample(verification, language), tmp_path)
    secret, body = "whsec_" + "A" * 43 + "=", b'{"type": "webhook.test"}'
    stamp = now() + late
    assert is_genuine(secret, {
        "webhook-id": "evt_1", "webhook-timestamp": str(stamp),
        "webhook-signature": signature(secret, "evt_1", stamp, body),
    }, body) == genuine


@pytest.mark.direct
@pytest.mark.fact(79)
def test_the_feed_is_read_as_the_document_shows(
        service, contact, case, advisor, contract, tmp_path):
    text = contract.document["paths"]["/v1/events"]["get"]["description"]
    position = tmp_path / "position"
    position.touch()

    def read():
        done = subprocess.run(
            ["sh", "-euc", f"position=$(cat position)\n{pages}"
             'printf %s "$position" >position'], cwd=tmp_path, check=False,
            timeout=60, text=True, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env={
                "PATH": "/usr/bin:/bin", "api": service.url,
                "token": contact.token})
        assert (done.returncode, done.stderr) == (0, "")
        return [json.loads(line)[0] for line in done.stdout.splitlines()]
    pages = sample(text, "sh").replace("limit=1000", "limit=2")
    case.note().expect(201)
    case.assign(advisor, advisor).expect(200)
    feed = Feed(contact, "beginning")
    feed.until_seen(event["id"] for event in case.history())
    assert len(feed.seen) > 2
    assert read() == feed.ids() and read() == []
    case.note(advisor).expect(201)
    feed.until_seen(event["id"] for event in case.history())
    assert read() == feed.ids()[-1:]


def test_the_readme_shows_a_statement_as_it_is():
    text = (ROOT / "openapi" / "README.md").read_text()
    shown, = re.findall(r"^```sql\n(-- name: .*?)^```$", text, re.M | re.S)
    assert shown in (ROOT / "sql" / "api" / "notes.sql").read_text()
