"""A district with one of everything that a path can name.

Whatever is generated from the document takes its ids from here: example()
makes a real thing of the place's district for a path parameter, once. A
parameter without a function in EXAMPLES is a failure that says so, which is
how a new resource gets into all those tests.

Every text of the place holds its `mark`, so that a test can look for the
district's data in any answer.
"""

import json
import uuid

import prepared
from generate import good_body, good_text
from partners import a_client, a_person
from phone import Phone
from surveys import Survey
from world import ROLES, Defect, a_case

# Required query parameters whose documented example is not one request.
QUERY = {"get_business_time": {"from": "2026-11-23T10:00:00Z",
                               "seconds": "1"},
         "search_cases": {"q": "grade book"},
         "search_everything": {"q": "grade book"},
         "add_attachment": {"visibility": "public"}}

KINDS = ("contact", "partner", "staff", "telephony")    # with a token
EXAMPLES = {}
SHARED = set()      # path parameters of things that belong to no district
SECRETS = set()     # those that admit whoever knows them, as a signed link
OWNED = {"saved_filter_id", "webhook_id"}      # those of things that only their maker sees
ONCE = set()        # those that serve one write, made anew for each


def example(name, shared=False, secret=False, once=False):
    """Registers the function that makes the example of a path parameter."""
    def register(make):
        EXAMPLES[name] = make
        if once:
            ONCE.add(name)
        if shared or secret:
            SHARED.add(name)
        if secret:
            SECRETS.add(name)
        return make
    return register


class Place:
    """One district, its people, and examples made when asked for."""

    def __init__(self, world):
        self.world = world
        self.mark = "Planted-" + uuid.uuid4().hex
        self.district = world.district()
        world.sql.run("update casework.districts set name = %s where id = %s",
                      f"District {self.mark}", self.district.id)
        self.contact = self.district.contact(
            name=f"Contact {self.mark}", email=f"{self.mark}@example.org")
        self.partner = world.partner(self.district)
        self.staff = world.staff(*ROLES)
        self.telephony = world.caller("telephony:1")
        self.site = self.district.site(f"Site {self.mark}")
        self.case = self.submit()
        self.made = {}

    def submit(self):
        """A case of the district whose texts hold the mark."""
        texts = {name: f"{value} {self.mark}"
                 for name, value in a_case().items() if name != "priority"}
        return self.contact.submit(site_id=self.site, impact=self.mark,
                                   workaround=self.mark, **texts)

    def example(self, name, fresh=False):
        assert name in EXAMPLES, (
            f"no example for path parameter {name}: add it to"
            " tests/support/examples.py")
        if fresh:
            return EXAMPLES[name](self)
        if name not in self.made:
            self.made[name] = EXAMPLES[name](self)
        return self.made[name]

    def ids(self, op):
        return {name: self.example(name) for name in op.names}

    def path(self, op, **ids):
        path = op.path
        for name in op.names:
            value = ids[name] if name in ids else self.example(
                name, fresh=op.writes and name in ONCE)
            path = path.replace(f"{{{name}}}", str(value))
        return path

    def state(self):
        """All rows of the district, condensed: to see that none changed."""
        tables = self.world.sql.rows(
            "select c.table_name::text as name from information_schema.columns"
            " c join information_schema.tables t using (table_schema,"
            " table_name) where c.table_schema = 'casework' and"
            " c.column_name = 'district_id' and t.table_type = 'BASE TABLE'"
            " order by 1")
        return self.world.sql.rows(" union all ".join(
            f"select '{table['name']}' as name, md5(string_agg(t::text, ','"
            f" order by t::text)) as rows from casework.{table['name']} t"
            f" where t.district_id = {self.district.id}"
            for table in tables))


class Stage(Place):
    """People and resources that no request here changes."""

    def caller(self, kind):
        return self.world.public if kind == "public" else getattr(self, kind)

    def someone(self, op):
        """A caller the operation admits."""
        for kind in ("contact", "staff", *KINDS, "public"):
            if kind in op.callers:
                return self.caller(kind)
        raise AssertionError(f"nobody may call {op.id}")

    def ask(self, op, client=None, **options):
        """A request as the document shows it, but for what is given."""
        options.setdefault("etag", '"0"')   # changes nothing
        return ask(client or self.someone(op), op, self.path(op), **options)


# -- one of everything -----------------------------------------------------

@example("district_id")
def a_district(place):
    return place.district.id


@example("site_id")
def its_site(place):
    return place.site


@example("staff_id", shared=True)
def a_member_of_the_staff(place):
    return place.staff.id


@example("team", shared=True)
def a_team(_):
    return "support"


@example("contact_id")
def a_contact(place):
    return place.contact.id


@example("case_id")
def its_case(place):
    return place.case.id


@example("case_number", shared=True)
def a_number(_):
    """The same page for every number, whether there is such a case or not."""
    return 1


@example("note_id")
def a_note(place):
    return place.case.note(text=f"Note {place.mark}").expect(201)["id"]


@example("tag")
def a_tag(place):
    tag = f"tag-{place.mark}"[:40]
    answer = place.staff.post(place.case.path + "/tags", {"tag": tag})
    answer.expect(201, 409)
    return tag


@example("reply_id", shared=True)
def a_prepared_answer(place):
    return place.staff.post("/v1/replies", {
        "name": "Posting window", "text": "Dear {contact_name}."}
        ).expect(201)["id"]


@example("saved_filter_id")
def a_saved_filter(place):
    return place.staff.post("/v1/saved-filters", {
        "name": f"Filter {place.mark}", "filters": [
            {"parameter": "status", "values": ["new"]}]}).expect(201)["id"]


@example("attachment_id")
def an_attachment(place):
    return place.case.attach(
        f"Attached {place.mark}".encode(), filename=f"{place.mark}.txt"
        ).expect(201)["id"]


@example("escalation_id")
def an_escalation(place):
    return place.case.escalate(
        place.staff, text=f"Handed on {place.mark}").expect(201)["id"]


@example("defect_id", shared=True)
def a_linked_defect(place):
    defect = Defect(place.staff, title=f"Defect {place.mark}")
    place.case.link(place.staff, defect).expect(201)
    return defect.id


@example("call_id")
def an_ended_call(place):
    """Of the district, and it takes no action any more."""
    call = Phone(place.telephony).talk(place.world.staff(), place.contact)
    call.hang_up().expect(200)
    return call.id


@example("change_request_id")
def a_change_request(place):
    """A confirmed one, so that there is a record."""
    return prepared.a_change_request(place.case, place.staff, verified=True,
                                     text=f"Merge {place.mark}")


@example("site_permission_id")
def a_site_permission(place):
    return prepared.a_site_permission(place.case, place.site,
                                      text=f"Permitted {place.mark}")


@example("release", shared=True)
def a_release(_):
    return "2613"


@example("date", shared=True)
def a_holiday(place):
    """It may have been taken away."""
    place.world.sql.run(
        "insert into casework.holidays (date, name, nominal_date) values"
        " ('2026-12-24', 'Christmas Eve', '2026-12-24')"
        " on conflict do nothing")
    return "2026-12-24"


@example("priority", shared=True)
def a_priority(_):
    return "critical"


@example("code", shared=True)
def an_area(_):
    return "grade_book"


@example("platform", shared=True)
def a_platform(_):
    return "Android"


@example("deadline_id", shared=True)
def a_deadline(_):
    return 1


@example("incident_id")
def an_incident(place):
    """One that touches the place's district and no other."""
    incident = place.staff.post("/v1/incidents", {
        "title": f"Incident {place.mark}", "severity": "minor",
        "scope": {"districts": [place.district.id]},
        "text": f"It is known. {place.mark}"}).expect(201)
    place.staff.post(f"{incident.location}/updates", {
        "status": "identified", "text": place.mark}).expect(201)
    return incident["id"]


@example("announcement_id", shared=True)
def an_announcement(place):
    return place.staff.post("/v1/announcements", {
        "title": "Spring release", "text": "It adds a seating chart."}
        ).expect(201)["id"]


@example("article_id", shared=True)
def an_article(place):
    return place.staff.post("/v1/articles", {
        "title": "Posting grades", "text": "Open the posting window.",
        "status": "published", "audience": "public"}).expect(201)["id"]


def an_invitation(place):
    """Of a contact who has not been asked before."""
    case = place.district.contact().submit()
    case.close().expect(200)
    return Survey(place.world.sql, case)


@example("survey_token", secret=True, once=True)
def a_survey(place):
    return an_invitation(place).token


@example("opt_out_token", secret=True)
def an_opt_out(place):
    return an_invitation(place).opt_out_path.rsplit("/", 1)[1]


@example("mail_opt_out_token", secret=True)
def a_mail_opt_out(place):
    return place.world.sql.value(
        "select rules.mail_opt_out_token('contact', %s, 'notes')",
        place.district.contact().id)


@example("response_id")
def a_response(place):
    survey = an_invitation(place)
    survey.answer(place.world.public, comment=place.mark).expect(201)
    return survey.response_id


@example("partner_id")
def its_partner(place):
    return place.partner.id


@example("person_id")
def its_person(place):
    return a_person(place.world, place.partner.id, place.mark)


@example("import_id", shared=True, once=True)
def an_import(place):
    """With a line of each result, behind what a worker would say of it."""
    made = place.staff.post("/v1/imports?kind=districts", json.dumps(
        {"external_id": place.mark, "name": place.mark}).encode(),
        media="application/x-ndjson").expect(202)["id"]
    for line, result in enumerate(("created", "failed"), 1000):
        place.world.sql.run(
            "insert into casework.import_lines (import_id, line, external_id,"
            " result, errors) values (%s, %s, %s, %s, %s)", made, line,
            place.mark, result, None if result == "created" else json.dumps(
                [{"pointer": "/name", "code": "x", "detail": place.mark}]))
    return made


@example("telephony_client_id", shared=True)
def a_phone_system(place):
    return place.staff.post("/v1/telephony-clients", {
        "name": "Support line", "owner": "Telephone operations"}
        ).expect(201)["id"]


@example("assignment_id")
def its_assignment(place):
    """Of another district, which the partner may lose."""
    return place.staff.post(f"/v1/partners/{place.partner.id}/assignments", {
        "district_id": place.world.district().id}).expect(201)["id"]


@example("client_id")
def its_client(place):
    return a_client(place.world, place.partner.id, place.mark)


@example("slug", shared=True)
def a_problem(_):
    return "not-found"


def a_webhook(caller):
    return caller.post("/v1/webhooks", {
        "url": "https://receiver.example/hook"}).expect(201)


@example("webhook_id")
def its_webhook(place):
    return a_webhook(place.contact)["id"]


# -- requests --------------------------------------------------------------

def has_id(op):
    """Whether the path names a thing of a district."""
    return bool(set(op.names) - SHARED)


def needs_if_match(op):
    return any(p["name"] == "If-Match" for p in op.parameters_in("header"))


def query_of(op):
    """The least query of a good request: the required parameters."""
    return QUERY.get(op.id) or {
        p["name"]: p.get("example", good_text(p["schema"]))
        for p in op.parameters_in("query") if p.get("required")}


def headers_of(op):
    """Required header fields, but If-Match, as the document shows them."""
    return {p["name"]: p["example"] for p in op.parameters_in("header")
            if p.get("required") and p["name"] != "If-Match"}


def ask(client, op, path, *, body=..., query=None, etag="*", headers=None,
        **options):
    """The document's own example of a request."""
    if body is ...:
        body = good_body(op) if op.bodies else None
    if op.raw:
        options.setdefault("media", op.body_type)
    return client.request(
        op.method, path, body, etag=etag if needs_if_match(op) else None,
        query={**query_of(op), **(query or {})},
        headers={**headers_of(op), **(headers or {})}, **options)


@example("issuer_id", shared=True)
def an_issuer(place):
    return place.staff.post("/v1/issuers", {
        "name": "Sign-in", "issuer": f"https://{place.mark.lower()}.example",
        "audiences": ["casework"]}).expect(201)["id"]


@example("identity_id", once=True)
def an_identity(place):
    issuer = place.staff.get(
        f"/v1/issuers/{place.example('issuer_id')}").expect(200)["issuer"]
    return place.staff.post(
        f"/v1/contacts/{place.contact.id}/identities",
        {"issuer": issuer, "subject": f"{place.mark} {uuid.uuid4()}"}).expect(
            201)["id"]
