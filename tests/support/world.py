"""The people, districts and cases of a test, each test's own.

Contacts and cases are made through the API. Districts, sites, staff and
partners are made by the owner's SQL, and by their operations where a test is
about these.
"""

import itertools
import uuid
from urllib.parse import quote

from client import Client

counter = itertools.count(1)

# what staff may be here for
ROLES = ("advisor", "lead", "development_engineer", "state_reporting_analyst",
         "administrator")

# reached by an escalation only, which tells the contacts
ESCALATED = {"escalated": "technical_services",
             "assigned_to_development": "development"}
WORKING = ("assist_request", "pending_customer_input", "scheduled",
           *ESCALATED)
# what a PATCH to a status names besides
WITH = {"scheduled": {"scheduled_on": "2099-01-05"}}
OPEN = ("new", "assigned", *WORKING, "available_in_release",
        "pending_verification")


def a_case(**changes):
    """A good case to submit."""
    return {"subject": f"Grade book does not save ({next(counter)})",
            "description": "Saving a score shows an error.",
            "replication_steps": "1. Open a section. 2. Enter a score.",
            "priority": "medium", **changes}


def a_question(**changes):
    """A low-priority question: the only case without replication steps."""
    case = a_case(type="question", priority="low", **changes)
    del case["replication_steps"]
    return case


class Caller(Client):
    """A person or machine of a test, known by `kind` and `id`."""

    def __init__(self, world, subject, **claims):
        kind, _, number = subject.partition(":")
        super().__init__(world.service, world.tokens.mint(subject, **claims),
                         kind)
        self.world = world
        self.id = int(number)
        self.district = None

    def submit(self, **changes):
        """Submits a case; staff and partners name its contact."""
        return Case(self, self.post("/v1/cases", a_case(**changes)
                                    ).expect(201))

    def acting_for(self, actor):
        """The same caller with an `act` claim."""
        return Caller(self.world, f"{self.kind}:{self.id}",
                      act={"sub": actor})


class District:
    def __init__(self, world, hosting="campus_hosted", state="MN"):
        self.world = world
        self.name = f"District {uuid.uuid4().hex[:12]}"
        self.id = world.sql.value(
            "insert into casework.districts (name, state, hosting)"
            " values (%s, %s, %s) returning id", self.name, state, hosting)

    def contact(self, **changes):
        """An Authorized Contact, made by staff."""
        number = next(counter)
        self.world.welcomes(False)
        answer = self.world.registrar.post("/v1/contacts", {
            "district_id": self.id, "name": f"Contact {number}",
            "email": f"contact-{number}-{uuid.uuid4().hex[:8]}@example.org",
            **changes}).expect(201)
        contact = Caller(self.world, f"contact:{answer['id']}")
        contact.district = self
        contact.record = answer
        return contact

    def site(self, name="High School"):
        return self.world.sql.value(
            "insert into casework.sites (district_id, name) values (%s, %s)"
            " returning id", self.id, name)


class World:
    def __init__(self, service, tokens, sql):
        self.service = service
        self.tokens = tokens
        self.sql = sql
        self.registrar = self.caller("staff:1")
        self.public = Client(service)

    def caller(self, subject, **claims):
        return Caller(self, subject, **claims)

    def welcomes(self, wanted):
        """Whether contacts are welcomed by mail: not those of a test about
        something else, where a worker might write first."""
        self.sql.run(
            "update rules.mail_texts set by_kinds = %s::text[]"
            " where type = 'contact.welcomed' and by_kinds <> %s::text[]",
            *["{contact,staff}" if wanted else "{}"] * 2)

    def district(self, **options):
        return District(self, **options)

    def staff(self, *roles, ferpa_trained_on="2024-08-01"):
        """An advisor, or who has these roles."""
        number = self.sql.value(
            "insert into casework.staff (name, role, roles, ferpa_trained_on)"
            " values (%s, 'advisor', %s, %s) returning id",
            f"Advisor {uuid.uuid4().hex[:8]}", list(roles or ["advisor"]),
            ferpa_trained_on)
        return self.caller(f"staff:{number}")

    def partner(self, *districts):
        number = self.sql.value(
            "insert into casework.partners (name, kind, owner)"
            " values (%s, 'esa', 'Integration team')"
            " returning id", f"Partner {uuid.uuid4().hex[:8]}")
        for district in districts:
            self.assign_partner(number, district)
        return self.caller(f"partner:{number}")

    def assign_partner(self, partner_id, district):
        self.sql.run(
            "insert into casework.partner_districts (partner_id, district_id)"
            " values (%s, %s)", partner_id, district.id)

    def end_partner(self, partner, district):
        """The assignment ends at this moment."""
        self.sql.run(
            "update casework.partner_districts set valid_to = rules.now()"
            " where partner_id = %s and district_id = %s",
            partner.id, district.id)


class Case:
    """A case of a test, with what can be done to it; by says who does it."""

    def __init__(self, submitter, answer):
        self.submitter = submitter
        self.world = submitter.world
        self.id = answer["id"]
        self.path = answer.location
        self.answer = answer        # of its submission

    def read(self, by=None):
        return (by or self.submitter).get(self.path).expect(200)

    def __getitem__(self, member):
        return self.read()[member]

    @property
    def etag(self):
        return self.read().etag

    @property
    def target(self):
        return self["response_target"]

    def act(self, by, action, body, etag="*"):
        return by.post(f"{self.path}/{action}", body, etag=etag)

    def assign(self, by, advisor=None, etag="*"):
        return self.act(by, "assignment", {
            "advisor_id": advisor and advisor.id}, etag)

    def resolve(self, by, etag="*", **changes):
        return self.act(by, "resolution", {
            "kind": "solved", "explanation": "The filter is reset.",
            **changes}, etag)

    def close(self, by=None, etag="*", **body):
        return self.act(by or self.submitter, "close", body, etag)

    def reopen(self, by=None, etag="*", details="It is back."):
        return self.act(by or self.submitter, "reopen",
                        {"details": details}, etag)

    def escalate(self, by, team="technical_services", etag="*", **changes):
        body = {"text": "Our team looks at it now.", **changes}
        if team is not None:
            body["team"] = team
        return self.act(by, "escalations", body, etag)

    def link(self, by, defect):
        return by.post(self.path + "/defects", {"defect_id": defect.id})

    def change(self, by=None, etag="*", **changes):
        return (by or self.submitter).patch(self.path, changes, etag=etag)

    def note(self, by=None, text="Any news?", **changes):
        by = by or self.submitter
        if by.kind == "staff":
            changes.setdefault("visibility", "public")
        return by.post(self.path + "/notes", {"text": text, **changes})

    def ask_for_change(self, by, kind="data", description="Merge two."):
        """A change request of the case."""
        return by.post(self.path + "/change-requests", {
            "kind": kind, "description": description})

    def permit(self, by=None, scope="change", **changes):
        return (by or self.submitter).post(self.path + "/site-permissions", {
            "scope": scope, "text": "You may do that.", **changes})

    def visit(self, by, site_id, purpose="view", **changes):
        """Records that somebody of Support was on a site."""
        return by.post(self.path + "/site-accesses", {
            "purpose": purpose, "site_id": site_id, **changes})

    def attach(self, content=b"line 1\nline 2\n", by=None,
               filename="error.txt", media="text/plain", headers=None,
               **query):
        """Sends a file; whoever is staff makes it public."""
        by = by or self.submitter
        if by.kind == "staff":
            query.setdefault("visibility", "public")
        named = f"attachment; filename*=UTF-8''{quote(filename, safe='')}"
        return by.post(self.path + "/attachments", content, media=media,
                       query=query, headers={
                           "Content-Disposition": named, **(headers or {})})

    def attachments(self, by=None):
        return (by or self.submitter).all(self.path + "/attachments")

    def notes(self, by=None):
        return (by or self.submitter).all(self.path + "/notes")

    def follow_up(self, by, text="Does it work now?", etag="*", **changes):
        return self.act(by, "follow-ups", {"text": text, **changes}, etag)

    def all_follow_ups(self, by=None):
        return (by or self.submitter).all(self.path + "/follow-ups")

    def history(self, by=None):
        return (by or self.submitter).all(self.path + "/history")

    def event_types(self, by=None):
        return [event["type"] for event in self.history(by)]

    def changes(self, member, by=None):
        """(old, new) of every change of that member, oldest first."""
        return [(change["old"], change["new"])
                for event in self.history(by) for change in event["changes"]
                if change["member"] == member]


class Defect:
    """A product defect of a test; by is the member of staff."""

    def __init__(self, by, **changes):
        self.by = by
        self.answer = by.post("/v1/defects", {
            "title": f"Scores are not saved ({next(counter)})",
            "description": "Saving a score answers with an error.",
            **changes}).expect(201)
        self.id = self.answer["id"]
        self.path = self.answer.location

    def read(self, by=None):
        return (by or self.by).get(self.path).expect(200)

    def __getitem__(self, member):
        return self.read()[member]

    def replicate(self, environment="staging", outcome="reproduced",
                  **changes):
        return self.by.post(self.path + "/replications", {
            "environment": environment, "version": "2611.1",
            "steps": "Save a score.", "outcome": outcome, **changes})

    def confirm(self, etag="*", issue="CAMPUS-4711"):
        return self.by.post(self.path + "/confirmation", {
            "development_issue_key": issue}, etag=etag)

    def confirmed(self):
        """Qualified in two environments and confirmed."""
        self.replicate("staging").expect(201)
        self.replicate("preview", "not_reproduced").expect(201)
        self.confirm().expect(200)
        return self

    def fix(self, release="2611.3", etag="*", **changes):
        return self.by.post(self.path + "/fix", {
            "release": release, **changes}, etag=etag)

    def change(self, etag="*", **changes):
        return self.by.patch(self.path, changes, etag=etag)


class Clock:
    """The clock that the rules read: stands still at a moment, or runs on
    with a shift."""

    def __init__(self, sql):
        self.sql = sql

    def at(self, moment):
        self.sql.run("update rules.clock set frozen_at = %s", moment)

    def running_from(self, moment):
        self.sql.run("update rules.clock set frozen_at = null,"
                     " shift = %s::timestamptz - clock_timestamp()", moment)

    def reset(self):
        self.sql.run("update rules.clock set frozen_at = null,"
                     " shift = interval '0'")
