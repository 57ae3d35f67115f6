"""A new vendor, from an empty database to a closed case: by one command of the
operator, and by HTTP alone. No SQL is in it."""

import contextlib
import json
import subprocess

import pytest

from client import Client, Service
from contract import Contract, parse
from instance import ROOT, Instance, until
from provider import Provider
from sign_in import a_subject
from world import a_case

pytestmark = [pytest.mark.direct, pytest.mark.rule("3.2")]
EVERYTHING = ("calls:read", "calls:write", "cases:read", "cases:write",
              "contacts:read", "contacts:write", "desk:read", "desk:write",
              "districts:read", "districts:write", "identities:read",
              "identities:write", "imports:read", "imports:write", "partners:read", "partners:write",
              "staff:read", "staff:write", "webhooks:read")
NUMBER = "+1 555 555 0187"          # of those that nobody is given


class Vendor:
    """An instance that knows nobody, and the provider of who will call."""

    def __init__(self, instance, provider):
        self.instance, self.provider = instance, provider
        self.service = Service(instance.url, None)
        answer = Client(self.service, check=False).get("/openapi.json")
        self.service.contract = Contract(parse(answer.expect(200).body))

    def signs_in(self, kind, subject, *scopes, **claims):
        return Client(self.service, self.provider.person(
            subject, *scopes, **claims), kind)

    def operator(self, *words):
        return self.instance.run(
            "administrator", *words, program="casework-worker",
            DATABASE_URL=self.instance.owner_url)


def shown(title):
    """The code of docker/README.md behind those words."""
    text = (ROOT / "docker/README.md").read_text("utf-8")
    return text[text.index(title):].split("```sh\n")[1].split("```")[0]


def brings(by, kind, media, text):
    """The import, once it has ended."""
    made = by.post("/v1/imports", text.encode(), query={"kind": kind},
                   media=media).expect(202)
    until(lambda: by.get(made.location)["state"] not in (
        "queued", "running"))
    ended = by.get(made.location).expect(200)
    assert ended["state"] == "finished", ended["failure"]
    return ended


@pytest.fixture(scope="module")
def vendor():
    with contextlib.closing(Provider(EVERYTHING)) as provider:
        instance = Instance(private=True, DEMO="0", WORKER="1",
                            ISSUER_ALLOW="127.0.0.0/8")
        try:
            vendor = Vendor(instance, provider)
            yield vendor
            vendor.service.close()
        finally:
            instance.remove()


def test_from_an_empty_database_to_a_closed_case(vendor):
    provider, chief = vendor.provider, a_subject()

    # The operator makes the first administrator, who signs in.
    made = vendor.operator("--issuer", provider.issuer, "--subject", chief,
                           "--name", "Chief of the desk")
    assert (made.returncode, made.stderr) == (0, "")
    assert made.stdout.startswith("staff:")
    administrator = vendor.signs_in("staff", chief, *EVERYTHING)
    until(lambda: administrator.get("/v1/me").status == 200)
    me = administrator.get("/v1/me").expect(200)
    assert made.stdout == f"staff:{me['id']} is an administrator\n"
    assert me["name"] == "Chief of the desk"

    # A client that knows nothing but the address is sent there.
    resource = Client(vendor.service).get(
        "/.well-known/oauth-protected-resource").expect(200)
    assert resource["authorization_servers"][0] == provider.issuer

    # Who has a verified address here may sign in there.
    (issuer,) = administrator.get("/v1/issuers").expect(200)["items"]
    assert issuer["keys"]["kids"] and issuer["keys"]["fault"] is None
    administrator.patch(f"/v1/issuers/{issuer['id']}",
                        {"links_by_email": True}, etag="*").expect(200)

    # What the desk runs by: a holiday, the toll-free number, an advisor.
    administrator.post("/v1/holidays", {
        "date": "2027-03-17", "name": "Founders' Day"}).expect(201)
    administrator.patch("/v1/settings/support-line", {
        "toll_free_number": NUMBER}, etag="*").expect(200)
    advisor_email = "advisor@vendor.example"
    advisor_id = administrator.post("/v1/staff", {
        "name": "Advisor", "email": advisor_email, "roles": ["advisor"],
        "product_areas": ["grade_book"]}).expect(201)["id"]
    advisor = vendor.signs_in("staff", a_subject(), *EVERYTHING,
                              email=advisor_email, email_verified=True)
    until(lambda: advisor.get("/v1/me").status == 200)
    assert advisor.get("/v1/me").expect(200)["id"] == advisor_id
    advisor.post("/v1/holidays", {
        "date": "2027-03-18", "name": "Another"}).expect(
            403, problem="caller-not-allowed")

    # Districts and contacts, as another system knows them.
    brought = brings(administrator, "districts", "text/csv", (
        "\ufeffexternal_id;name;state;hosting;technical_team.email\r\n"
        "N-1;North;MN;campus_hosted;help@north.example\r\n"
        "S-1;\"South; and more\";WI;self_hosted;\r\n"))
    assert (brought["created"], brought["failed"]) == (2, 0)
    email = "first@north.example"
    people = [{"district_external_id": "N-1", "external_id": f"P-{number}",
               "name": name, "email": f"{name.lower()}@north.example",
               "kind": kind}
              for number, (name, kind) in enumerate((
                  ("First", "technical"), ("Second", "support")), start=1)]
    nobody = {**people[0], "external_id": "P-3", "hosting": "?"}
    lines = "".join(json.dumps(line) + "\n" for line in (*people, nobody))
    brought = brings(administrator, "contacts", "application/x-ndjson", lines)
    assert (brought["created"], brought["failed"]) == (2, 1)
    (failed,) = administrator.get(
        f"/v1/imports/{brought['id']}/lines",
        query={"result": "failed"}).expect(200)["items"]
    assert failed["line"] == 3
    assert failed["errors"][0]["pointer"] == "/hosting"
    again = brings(administrator, "contacts", "application/x-ndjson", lines)
    assert (again["unchanged"], again["failed"]) == (2, 1)
    (district,) = administrator.get("/v1/districts", query={
        "external_id": "N-1"}).expect(200)["items"]
    (first,), (second,) = (administrator.get("/v1/contacts", query={
        "district_id": district["id"], "external_id": person["external_id"]
        }).expect(200)["items"] for person in people)
    contact_id = first["id"]

    # What was said elsewhere is kept with its times.
    brought = brings(administrator, "cases", "application/x-ndjson",
                     json.dumps({
                         "external_id": "T-1", "district_external_id": "N-1",
                         "contact_external_id": "P-1", "type": "question",
                         "subject": "Where are the grades?",
                         "description": "They were there yesterday.",
                         "priority": "low", "status": "closed",
                         "submitted_at": "2024-02-06T15:00:00Z",
                         "closed_at": "2024-02-07T15:00:00Z",
                         "closure_reason": "resolved_confirmed"}))
    assert brought["created"] == 1

    # Its technical contact signs in, and links the other one by hand.
    contact = vendor.signs_in("contact", a_subject(), *EVERYTHING,
                              email=email, email_verified=True)
    until(lambda: contact.get("/v1/me").status == 200)
    assert contact.get("/v1/me").expect(200)["id"] == contact_id
    other_subject = a_subject()
    contact.post(f"/v1/contacts/{second['id']}/identities", {
        "issuer": provider.issuer, "subject": other_subject}).expect(201)
    other = vendor.signs_in("contact", other_subject, *EVERYTHING)
    assert other.get("/v1/me").expect(200)["id"] == second["id"]

    # A partner's machine gets a token as docker/README.md shows.
    partner = administrator.post("/v1/partners", {
        "name": "Lakes Cooperative", "kind": "esa",
        "owner": "Integration team"}).expect(201)
    administrator.post(f"{partner.location}/assignments", {
        "district_id": district["id"]}).expect(201)
    machine = administrator.post(f"{partner.location}/clients", {
        "name": "Nightly sync", "owner": "Integration team"}).expect(201)
    administrator.post(f"{machine.location}/identities", {
        "issuer": provider.issuer, "subject": "nightly-sync"}).expect(201)
    provider.tell("client", client_id="nightly-sync", client_secret="s3cret")
    done = subprocess.run(
        ["sh", "-eu"], input=shown("How a partner gets a token"), text=True,
        env={"PATH": "/usr/bin:/bin", "API": vendor.instance.url,
             "ISSUER": provider.issuer, "CLIENT_ID": "nightly-sync",
             "CLIENT_SECRET": "s3cret"},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
        timeout=60)
    assert done.returncode == 0, done.stderr
    (seen,) = json.loads(done.stdout)["items"]
    assert seen["subject"] == "Where are the grades?"

    # The old case is there, and a new one goes its way.
    (old,) = contact.get("/v1/cases").expect(200)["items"]
    assert old["submitted_at"] == "2024-02-06T15:00:00Z"
    assert contact.get("/v1/support-line").expect(200)[
        "toll_free_number"] == NUMBER
    case = contact.post("/v1/cases", a_case()).expect(201)
    advisor.post(f"{case.location}/assignment", {
        "advisor_id": advisor_id}, etag="*").expect(200)
    advisor.post(f"{case.location}/notes", {
        "text": "We are looking into it.", "visibility": "public"}).expect(201)
    advisor.post(f"{case.location}/resolution", {
        "explanation": "The grade book saves again.",
        "kind": "solved"}, etag="*").expect(200, 201)
    closed = other.post(f"{case.location}/close", {
        "closure_reason": "resolved_confirmed"}, etag="*").expect(200)
    assert closed["status"] == "closed"


def test_a_rotated_key_is_known_at_its_first_use(vendor):
    """The first token of it is told to come again; all others are good."""
    subject = a_subject()
    vendor.operator("--issuer", vendor.provider.issuer, "--subject", subject,
                    "--name", "Third chief")
    before = vendor.signs_in("staff", subject, *EVERYTHING)
    until(lambda: before.get("/v1/me").status == 200)
    vendor.provider.tell("rotate", keep=True)
    after = vendor.signs_in("staff", subject, *EVERYTHING)
    first = after.get("/v1/me").expect(503)
    assert first.headers["retry-after"] == "1"
    assert "looked up" in first["detail"]
    before.get("/v1/me").expect(200)
    until(lambda: after.get("/v1/me").status == 200)
    before.get("/v1/me").expect(200)


@pytest.mark.parametrize("words, why", [
    ((), "--issuer is missing"),
    (("--issuer", "https://a.example"), "--subject is missing"),
    (("--issuer", "https://a.example", "--subject", "x", "--name", " "),
     "--name is missing"),
    (("--issuer", "https://a.example", "--subject", "x", "--name", "a\nb"),
     "--name"),
    (("--colour", "red"), "unknown"),
])
def test_what_makes_no_administrator(vendor, words, why):
    done = vendor.operator(*words)
    assert done.returncode == 2 and why in done.stderr
    assert "usage:" in done.stderr and done.stdout == ""


@pytest.mark.parametrize("issuer", [
    "nonsense", "login.example", "https://", "https://a.example/?b=c",
    "https://a.example/#b", "urn:issuer"])
def test_an_issuer_is_a_url(vendor, issuer):
    done = vendor.operator("--issuer", issuer, "--subject", "x", "--name", "y")
    assert done.returncode == 1 and "an issuer is a URL" in done.stderr


def test_nobody_but_the_owner_makes_an_administrator(vendor):
    done = vendor.instance.run(
        "administrator", "--issuer", "https://a.example", "--subject", "x",
        "--name", "y", program="casework-worker",
        DATABASE_URL=vendor.instance.role_url("worker"))
    assert done.returncode == 1 and "permission denied" in done.stderr


def test_who_is_an_administrator_already_stays_who_it_is(vendor):
    subject = a_subject()
    words = ("--issuer", vendor.provider.issuer, "--subject", subject,
             "--name", "Second chief")
    first, again = vendor.operator(*words), vendor.operator(*words)
    assert first.stdout == again.stdout != ""
