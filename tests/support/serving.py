"""The document's example of each operation, made to succeed.

serve() sends it for a kind of caller, on a case of its own. What an operation
needs besides its example, a fitting state or an id of something real, is a
function here, registered under its operationId.
"""

import functools

import prepared
from examples import EXAMPLES, a_webhook, ask
from generate import good_body
from partners import a_person
from phone import Phone
from sign_in import a_subject, sign_in
from world import Case, Defect, a_case, counter

NEEDS = {}


def needs(*operations):
    """Registers what prepares requests of these operations."""
    def register(prepare):
        for name in operations:
            NEEDS[name] = prepare
        return prepare
    return register


class Order:
    """One request to be: its body and path ids may still change."""

    def __init__(self, op, kind, place):
        self.op, self.kind, self.place = op, kind, place
        self.caller = place.caller(kind)
        self.body = good_body(op)
        self.ids = {}
        self.case = None
        if "case_id" in op.names and op.writes:
            self.case = self.fresh_case()
            self.ids["case_id"] = self.case.id

    @functools.cached_property
    def path(self):
        return self.place.path(self.op, **self.ids)

    def send(self, **options):
        options.setdefault("body", self.body)
        return ask(self.caller, self.op, self.path, **options)

    def fresh_case(self):
        """Supported by the partner, so that it may do what staff may."""
        answer = self.place.partner.post("/v1/cases", a_case(
            contact_id=self.place.contact.id)).expect(201)
        return Case(self.place.contact, answer)


def prepared_order(op, kind, place):
    """All that is needed is there: what send() writes is the operation's."""
    made = Order(op, kind, place)
    if op.id in NEEDS:
        NEEDS[op.id](made)
    return made


def serve(op, kind, place):
    return prepared_order(op, kind, place).send()


# -- districts -------------------------------------------------------------

@needs("update_district", "create_site")
def a_district_of_its_own(order):
    order.ids["district_id"] = order.place.world.district().id


@needs("update_site")
def a_site_of_its_own(order):
    order.ids["site_id"] = order.place.world.district().site()


# -- staff -----------------------------------------------------------------

@needs("create_staff")
def a_person_of_its_own(order):
    number = order.place.district.contact().id
    order.body["email"] = f"served-{number}@casework.example"


@needs("update_staff")
def somebody_of_the_staff(order):
    order.ids["staff_id"] = order.place.world.staff().id


@needs("create_team", "create_product_area")
def a_code_of_its_own(order):
    order.body["code"] = f"served_{order.fresh_case().id}"


# -- contacts and cases ----------------------------------------------------

@needs("create_contact")
def an_address_of_its_own(order):
    number = order.place.district.contact().id
    order.body.update(district_id=order.place.district.id,
                      email=f"served-{number}@example.org")
    if order.kind == "contact":
        order.place.world.sql.run(
            "update casework.contact_settings"
            " set technical_contacts_manage_contacts = true")
        order.caller = order.place.district.contact(kind="technical")


@needs("update_contact")
def somebody_else(order):
    if order.kind == "staff":
        order.ids["contact_id"] = order.place.district.contact().id


@needs("create_case", "validate_case")
def whose_case(order):
    if order.kind != "contact":
        order.body["contact_id"] = order.place.contact.id


@needs("close_case", "confirm_resolution")
def who_confirms(order):
    if order.kind == "staff":
        order.body["closure_reason"] = "withdrawn"
    elif order.kind == "partner" or order.op.id == "confirm_resolution":
        order.case.resolve(order.place.staff).expect(200)
    if order.kind == "partner":
        order.case.act(order.place.contact, "confirmation", {}).expect(200)


@needs("share_case", "end_sharing")
def a_case_of_state_reporting(order):
    order.case.change(product_area="state_reporting").expect(200)
    if order.op.id == "end_sharing":
        order.place.contact.post(order.case.path + "/sharing",
                                 etag="*").expect(200)


@needs("follow_as_partner", "unfollow_as_partner")
def somebody_of_the_partner(order):
    number = a_person(order.place.world, order.place.partner.id)
    if order.op.id == "follow_as_partner":
        order.body["person_id"] = number
    else:
        order.ids["person_id"] = number
        order.place.partner.post(order.case.path + "/partner-followers", {
            "person_id": number}).expect(201)


@needs("get_mail_preferences")
def somebody_with_a_mailbox(order):
    """Of a partner a person, who has signed in."""
    if order.kind == "partner":
        partner, world = order.place.partner, order.place.world
        order.caller = sign_in(world, partner, a_person(world, partner.id))


@needs("reopen_case")
def a_closed_case(order):
    order.case.close().expect(200)


@needs("assign_case")
def an_advisor(order):
    order.body["advisor_id"] = order.place.staff.id


@needs("take_next_case")
def a_case_that_waits(order):
    """Of an area of its own, that the caller alone takes."""
    sql = order.place.world.sql
    order.caller = order.place.world.staff()
    code = f"served_{order.caller.id}"
    sql.run("insert into casework.product_areas (code, name, position)"
            " select %s, %s, max(position) + 1 from casework.product_areas",
            code, code)
    sql.run("update casework.staff set product_areas = array[%s]"
            " where id = %s", code, order.caller.id)
    order.place.contact.submit(product_area=code)
    # what an analyst takes
    order.place.contact.submit(product_area="state_reporting")


@needs("remove_case_tag")
def a_tag_of_its_own(order):
    order.place.staff.post(order.case.path + "/tags", {
        "tag": order.place.example("tag")}).expect(201)


@needs("record_follow_up")
def a_resolved_case(order):
    order.case.resolve(order.place.staff).expect(200)


# -- escalations and defects -----------------------------------------------

@needs("escalate_case")
def no_team_of_a_partner(order):
    if order.kind == "partner":
        del order.body["team"]


@needs("accept_escalation", "return_escalation", "close_escalation")
def an_escalation_of_its_own(order):
    case = order.fresh_case()
    order.ids["escalation_id"] = case.escalate(
        order.place.staff).expect(201)["id"]


@needs("link_defect")
def the_defect(order):
    order.body["defect_id"] = order.place.example("defect_id")


@needs("report_defect")
def a_published_defect(order):
    """Another district's, too."""
    defect = Defect(order.place.staff, published=True)
    order.ids["defect_id"] = defect.id
    order.body = {"case_id": order.fresh_case().id}


@needs("unlink_defect")
def a_linked_defect(order):
    order.ids["defect_id"] = order.place.example("defect_id")
    order.place.staff.post(order.case.path + "/defects", {
        "defect_id": order.ids["defect_id"]}).expect(201)


@needs("unfollow_case")
def a_follower(order):
    order.ids["contact_id"] = order.place.contact.id
    order.place.contact.post(
        order.case.path + "/followers", {}).expect(201)


@needs("follow_case")
def somebody_to_follow(order):
    if order.kind == "staff":
        order.body["contact_id"] = order.place.contact.id


@needs("add_replication", "confirm_defect", "fix_defect", "update_defect")
def a_qualified_defect(order):
    defect = Defect(order.place.staff)
    defect.replicate("staging").expect(201)
    defect.replicate("preview").expect(201)
    if order.op.id == "fix_defect":
        defect.confirm().expect(200)
    order.ids["defect_id"] = defect.id


# -- calls -----------------------------------------------------------------

@needs("answer_call", "hang_up_call", "verify_caller", "link_call")
def a_call_of_its_own(order):
    call, advisor = Phone(order.place.telephony).call(), (
        order.place.world.staff())
    order.ids["call_id"] = call.id
    if order.op.id == "answer_call":
        order.body["advisor_id"] = advisor.id
    elif order.op.id in ("verify_caller", "link_call"):
        call.answer(advisor).expect(200)
    if order.op.id == "verify_caller":
        order.body["contact_id"] = order.place.contact.id
    elif order.op.id == "link_call":
        call.verify(advisor, order.place.contact).expect(200)
        order.body["case_id"] = order.place.submit().id


# -- changes, sites, redaction, what support covers ------------------------

@needs("perform_change_request", "decline_change_request",
       "withdraw_change_request", "revise_change_request",
       "confirm_change_request", "reject_change_request",
       "get_change_confirmation")
def a_change_request_of_its_own(order):
    order.ids["change_request_id"] = prepared.a_change_request(
        order.fresh_case(), order.place.staff,
        verified=order.op.id in ("perform_change_request",
                                 "get_change_confirmation"))


@needs("revoke_site_permission")
def a_permission_of_its_own(order):
    order.ids["site_permission_id"] = prepared.a_site_permission(
        order.fresh_case(), order.place.site)


@needs("grant_site_permission", "record_site_access")
def the_site(order):
    order.body["site_id"] = order.place.site


@needs("redact_note")
def a_note_of_its_own(order):
    order.ids["note_id"] = order.fresh_case().note().expect(201)["id"]


@needs("redact_attachment")
def an_attachment_of_its_own(order):
    order.ids["attachment_id"] = order.fresh_case().attach().expect(201)["id"]


@needs("create_release", "create_reporting_deadline")
def a_name_of_its_own(order):
    name = "release" if order.op.id == "create_release" else "name"
    order.body[name] = f"served-{order.fresh_case().id}"


@needs("update_release")
def a_release_of_its_own(order):
    order.ids["release"] = f"served-{order.fresh_case().id}"
    order.place.staff.post("/v1/releases", {
        "release": order.ids["release"], "released_on": "2026-01-05",
        "support_status": "current"}).expect(201)


# -- what the desk runs by -------------------------------------------------

@needs("create_holiday", "validate_holiday", "update_holiday",
       "remove_holiday")
def a_day_of_its_own(order):
    """Far ahead, so that no case of a test is counted by it."""
    sql = order.place.world.sql
    day = sql.value("""
        select d.day::text from (select nextval('casework.cases_id_seq')) as n,
          generate_series(0, 3649) as k,
          lateral (select date '2090-01-01' + ((n.nextval + k) % 3650)::int
            as day) as d
        where not exists (select from casework.holidays h
          where h.date = d.day) limit 1""")
    if order.op.id in ("create_holiday", "validate_holiday"):
        order.body["date"] = day
    else:
        order.ids["date"] = day
        sql.run("insert into casework.holidays (date, name, nominal_date)"
                " values (%s, 'Served', %s) on conflict do nothing", day, day)


# The document's examples are what is set at first; these are another thing.
ANOTHER = {
    "update_product_area": lambda n: {"name": f"Grade Book {n}"},
    "update_platform": lambda n: {"minimum_version": f"10.{n}"},
    "update_service_level": lambda n: {"example": f"Nothing works. {n}"},
    "update_alert_rules": lambda n: {"untouched": {
        "business_days": 6 + n % 200}},
    "update_assignment_settings": lambda n: {"capacity": 21 + n % 9000},
    "update_retention_settings": lambda n: {"import_days": 91 + n % 9000},
    "update_attachment_settings": lambda n: {"case_bytes": 52428800 + n},
    "update_business_hours": lambda n: {"saturday": {
        "opens": "08:00", "closes": f"09:{n % 60:02}"}},
    "update_escalation_path": lambda n: {"development": {
        "description": f"Faults. {n}"}},
    "update_follow_up_plan": lambda n: {"automatic_at": f"16:{n % 60:02}"},
    "update_published_claims": lambda n: {"queue_wait": {"goal": n}},
    "update_support_line": lambda n: {"toll_free_number": f"763-555-{1000 + n % 9000}"},
    "update_support_profile": lambda n: {"facts": [
        {"code": "served", "statement": f"Served. {n}"}]},
    "update_mail_settings": lambda n: {"sender_name": f"Campus Support {n}"},
    "update_scope_setting": lambda n: {"text": f"What Support covers. {n}"},
    "update_vendor": lambda n: {"name": f"Vendor {n}"},
    "update_training_setting": lambda n: {"name": f"Introduction {n}"},
    "update_state_reporting_settings": lambda n: {
        "reminder_business_days": [1 + n % 30, 31 + n // 30 % 30]},
    "update_survey_settings": lambda n: {"throttle_hours": 721 + n % 80000}}


@needs(*ANOTHER)
def what_is_another(order):
    order.body = ANOTHER[order.op.id](next(counter))


@needs("create_platform")
def a_platform_of_its_own(order):
    number = order.fresh_case().id
    order.body["name"] = f"Served {number}"
    order.body["names"] = [{"name": f"served {number}"}]


# -- webhooks --------------------------------------------------------------

@needs("get_webhook", "update_webhook", "rotate_webhook_secret",
       "test_webhook", "list_webhook_deliveries", "redeliver_events")
def a_webhook_of_the_caller(order):
    webhook = a_webhook(order.caller)
    order.ids["webhook_id"] = webhook["id"]
    if order.op.id == "redeliver_events":
        order.place.case.note().expect(201)
        order.body = {"from_event_id": order.place.case.history()[-1]["id"]}


@needs("create_webhook")
def room_for_one(order):
    order.place.world.sql.run(
        "update casework.webhooks set status = 'disabled',"
        " disabled_reason = 'owner' where (owner_kind, owner_id) = (%s, %s)"
        " and status = 'enabled'", order.kind, order.caller.id)


# -- partners --------------------------------------------------------------

@needs("update_partner")
def a_partner_of_its_own(order):
    order.ids["partner_id"] = order.place.world.partner().id


@needs("create_partner_person")
def a_partner_without_people(order):
    order.ids["partner_id"] = order.place.world.partner().id


@needs("create_partner_assignment")
def a_district_to_serve(order):
    order.ids["partner_id"] = order.place.world.partner().id
    order.body["district_id"] = order.place.district.id


@needs("update_partner_assignment", "end_partner_assignment")
def an_assignment_of_its_own(order):
    partner = order.place.world.partner(order.place.district)
    order.ids["partner_id"] = partner.id
    order.ids["assignment_id"] = partner.all(
        f"/v1/partners/{partner.id}/assignments")[0]["id"]


# -- surveys ---------------------------------------------------------------

@needs("opt_in_to_surveys")
def somebody_who_opted_out(order):
    order.place.world.sql.run(
        "update casework.contacts set survey_opted_out_at = rules.now()"
        " where id = %s", order.caller.id)


@needs("review_survey_response")
def an_answer_of_its_own(order):
    order.ids["response_id"] = EXAMPLES["response_id"](order.place)


# -- identities ------------------------------------------------------------

# What is the same already is no change, and no event.
OTHERWISE = {
    "update_contact_settings": lambda n: {
        "technical_contacts_manage_contacts": n % 2 == 0},
    "update_issuer": lambda n: {"name": f"Sign-in {n}"},
    "update_reply": lambda n: {"text": f"Dear {{contact_name}}. {n}"},
    "update_saved_filter": lambda n: {"name": f"Filter {n}"},
    "update_article": lambda n: {"title": f"Posting grades {n}"},
    "update_mail_preferences": lambda n: {
        "notes": "none" if n % 2 else "daily_digest"},
    "update_team": lambda n: {"name": f"Team {n}"},
    "update_telephony_client": lambda n: {"name": f"Support line {n}"}}


@needs(*OTHERWISE)
def what_is_otherwise(order):
    order.body = OTHERWISE[order.op.id](next(counter))
    if order.op.id == "update_mail_preferences":
        somebody_with_a_mailbox(order)
    if order.op.id == "update_contact_settings":
        (member, value), = order.body.items()
        order.place.world.sql.run(
            f"update casework.contact_settings set {member} = %s", not value)


@needs("delete_saved_filter")
def a_filter_of_its_own(order):
    order.ids["saved_filter_id"] = order.place.example(
        "saved_filter_id", fresh=True)


@needs("create_issuer")
def an_issuer_of_its_own(order):
    order.body = {**order.body, "issuer": f"https://{a_subject()}.example"}


def technical(order):
    """A contact links for others of its district if it looks after them."""
    if order.kind == "contact":
        order.place.world.sql.run("update casework.contacts set kind ="
                                  " 'technical' where id = %s",
                                  order.caller.id)


@needs("link_contact", "link_staff", "link_person", "link_client",
       "link_telephony_client")
def a_sign_in(order):
    technical(order)
    issuer = order.place.staff.get(
        f"/v1/issuers/{order.place.example('issuer_id')}").expect(200)
    order.body = {"issuer": issuer["issuer"], "subject": a_subject()}


@needs("end_identity")
def a_linked_sign_in(order):
    technical(order)
    order.ids["identity_id"] = order.place.example("identity_id", fresh=True)
