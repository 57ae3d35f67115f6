"""The audit for administrators (3.2, fact 79): who changed what."""

import uuid

import pytest

from serving import prepared_order
from sign_in import a_subject
from sql import until_settled

pytestmark = pytest.mark.rule("3.2")

AUDIT = "/v1/audit"


@pytest.fixture
def administrator(world):
    return world.staff("administrator")


@pytest.fixture
def area(administrator):
    """A product area that was made and changed."""
    answer = administrator.post("/v1/product-areas", {
        "code": f"area_{uuid.uuid4().hex[:12]}", "name": "Buses"}).expect(201)
    administrator.patch(answer.location, {"name": "Coaches",
                                          "active": False}, etag="*")
    return answer


@pytest.fixture
def audit(administrator, sql):
    """Events of the audit with these filters."""
    def read(**query):
        until_settled(sql)
        found, cursor = [], None
        while True:
            page = administrator.get(AUDIT, query={
                "limit": 2, **query, **({"cursor": cursor} if cursor else {})
                }).expect(200)
            found += page.items
            if not page["has_more"]:
                return found
            cursor = page["next"]
    return read


@pytest.mark.fact(79)
def test_the_audit_tells_who_changed_what(area, audit, administrator, sql):
    created, updated = audit(actor=f"staff:{administrator.id}")
    assert [e["type"] for e in (created, updated)] == [
        "product_area.created", "product_area.updated"]
    assert {(e["actor"]["kind"], e["actor"]["id"]) for e in (
        created, updated)} == {("staff", administrator.id)}
    assert updated["changes"] == [
        {"member": "active", "old": True, "new": False},
        {"member": "name", "old": "Buses", "new": "Coaches"}]
    assert updated["data"] == {"product_area": area["code"]}


def test_it_is_found_by_resource_type_and_time(area, audit, clock, contact,
                                               administrator):
    of_area = {"resource": f"product_area:{area['code']}"}
    assert len(audit(**of_area)) == 2
    assert len(audit(**of_area, type="product_area.updated")) == 1
    own = {"actor": f"staff:{administrator.id}"}
    assert len(audit(**own, resource="product_area")) == 2
    assert audit(**own, resource="product") == []
    assert audit(**own, resource="holiday") == []
    made = audit(**of_area)[0]["at"]
    assert len(audit(**of_area, at_from=made)) == 2
    assert audit(**of_area, at_to=made) == []
    assert [e["type"] for e in audit(resource=f"contact:{contact.id}")] == [
        "contact.created"]


def test_what_happens_to_cases_is_not_in_it(case, staff, audit):
    """And contacts are: the desk's administration of them."""
    someone = case.submitter
    case.note(someone).expect(201)
    someone.patch(f"/v1/contacts/{someone.id}", {"name": "Other"},
                  etag="*").expect(200)
    staff.patch(f"/v1/contacts/{someone.id}", {"authorized": False},
                etag="*").expect(200)
    found = audit(actor=f"contact:{someone.id}")
    assert [e["type"] for e in found] == ["contact.updated"]
    found = audit(resource=f"contact:{someone.id}")
    assert [c["member"] for c in found[-1]["changes"]] == ["authorized"]
    assert all(e["case_id"] is None for e in found)


@pytest.mark.fact(9, 79)
def test_of_a_contact_the_audit_alone_tells_values(
        audit, administrator, staff, contact, sql, as_role):
    """Neither feed nor history, to nobody, nor PostgreSQL to other staff."""
    path = f"/v1/contacts/{contact.id}"
    old = contact.record["email"]
    new = f"moved-{contact.id}@example.org"
    contact.patch(path, {"email": new}, etag="*").expect(200)
    staff.patch(path, {"phone": "763-555-0142", "kind": "technical"},
                etag="*").expect(200)
    created, own, by_staff = audit(resource=f"contact:{contact.id}")
    assert created["changes"] == [
        {"member": member, "old": None, "new": contact.record[member]}
        for member in ("authorized", "district_id", "email",
                       "email_confirmed", "kind", "name")]
    assert own["changes"] == [{"member": "email", "old": old, "new": new}]
    assert by_staff["changes"] == [
        {"member": "kind", "old": "support", "new": "technical"},
        {"member": "phone", "old": None, "new": "763-555-0142"}]
    for reader in (administrator, staff, contact):
        told = reader.all("/v1/events", type="contact.updated",
                          district_id=contact.district.id)
        assert [e["changes"] for e in told] == [
            [{"member": "email"}], [{"member": "kind"}, {"member": "phone"}]]
        assert old not in str(reader.all(
            "/v1/events", type="contact.created",
            district_id=contact.district.id))
    reading = f"select * from casework.audit_values where event_id={own['id']}"
    assert len(as_role("staff").acting(
        reading, caller_id=administrator.id)) == 1
    assert as_role("staff").acting(reading, caller_id=staff.id) == []


def test_of_a_partner_s_person_too(audit, administrator, world, district):
    partner = world.partner(district)
    people = f"/v1/partners/{partner.id}/people"
    person = administrator.post(people, {
        "name": "Person 1", "email": f"person@{partner.id}.example"}
        ).expect(201)
    administrator.patch(person.location, {"name": "Person 2"}, etag="*"
                        ).expect(200)
    told = [e for e in audit(actor=f"staff:{administrator.id}")
            if e["type"] == "partner_person.updated"]
    assert told[-1]["changes"] == [
        {"member": "name", "old": "Person 1", "new": "Person 2"}]
    assert partner.all("/v1/events", type="partner_person.updated")[-1][
        "changes"] == [{"member": "name"}]


def test_values_go_with_the_person(audit, administrator, world, sql):
    """Whoever takes a person out of the database takes these along."""
    partner = world.partner()
    person = administrator.post(f"/v1/partners/{partner.id}/people", {
        "name": "Person 1", "email": f"person@{partner.id}.example"}
        ).expect(201)
    administrator.patch(person.location, {"name": "Person 2"}, etag="*"
                        ).expect(200)
    sql.run("delete from casework.partner_people where id = %s", person["id"])
    assert [e["changes"] for e in audit(actor=f"staff:{administrator.id}")
            if e["type"] == "partner_person.updated"] == [
                [{"member": "name"}]]


def test_it_is_followed_like_the_feed(area, audit, administrator, sql):
    own = {"actor": f"staff:{administrator.id}"}
    until_settled(sql)
    page = administrator.get(AUDIT, query=own).expect(200)
    assert len(page.items) == 2 and page["next"] is None
    position = {**own, "cursor": page["position"]}
    administrator.patch(area.location, {"name": "Vans"}, etag="*").expect(200)
    until_settled(sql)
    more = administrator.get(AUDIT, query=position).expect(200)
    assert [e["changes"][0]["new"] for e in more.items] == ["Vans"]
    administrator.get(AUDIT, query=position,
                      headers={"If-None-Match": more.etag}).expect(304)


def test_no_secret_is_in_it(audit, administrator):
    """A webhook's is told once, when it is made."""
    hook = administrator.post("/v1/webhooks", {
        "url": "https://receiver.example/hook"}).expect(201)
    rotated = administrator.post(hook.location + "/secret", {}).expect(200)
    told = audit(actor=f"staff:{administrator.id}")
    assert [e["type"] for e in told] == ["webhook.created",
                                         "webhook.secret_rotated"]
    for secret in (hook["secret"], rotated["secret"]):
        assert secret not in str(told)


def test_the_feed_shows_a_changed_time_zone(staff, sql):
    """Its resource is no number."""
    sql.run("insert into casework.desk_events (type, at, actor_kind, actor_id,"
            " actor_name, resource, changes) values"
            " ('calendar.time_zone_changed', rules.now(), 'system', 0,"
            " 'casework', 'America/Chicago', '[]')")
    until_settled(sql)
    found = staff.get("/v1/events", query={
        "type": "calendar.time_zone_changed", "limit": 1000}).expect(200)
    assert found.items[-1]["data"] == {"calendar": "America/Chicago"}


# -- who signs in as whom --------------------------------------------------

@pytest.fixture
def signs_in(administrator):
    """Links a subject of an issuer to what is at that path: its name, the
    subject, and where the identity is."""
    issuer = administrator.post("/v1/issuers", {
        "name": "Sign-in", "issuer": f"https://{a_subject()}.example",
        "audiences": ["casework"]}).expect(201)["issuer"]

    def link(whom):
        subject = a_subject()
        made = administrator.post(f"{whom}/identities", {
            "issuer": issuer, "subject": subject}).expect(201)
        return issuer, subject, made
    return link


def told(events, type):
    """What those of the type say: old and new, by member."""
    return [{c["member"]: (c["old"], c["new"]) for c in e["changes"]}
            for e in events if e["type"] == type]


@pytest.mark.fact(9, 79)
def test_whom_a_sign_in_was_linked_to_is_told_and_by_what(
        audit, signs_in, administrator, contact):
    """A contact's subject may be its address: not in the feed."""
    issuer, subject, made = signs_in(f"/v1/contacts/{contact.id}")
    administrator.delete(made.location).expect(200)
    found = audit(resource=f"contact:{contact.id}")
    assert told(found, "identity.linked") == [{
        "identity_id": (None, made["id"]), "issuer": (None, issuer),
        "subject": (None, subject)}]
    assert told(found, "identity.ended") == [{
        "identity_id": (made["id"], None), "issuer": (issuer, None),
        "subject": (subject, None)}]
    assert audit(resource=f"identity:{made['id']}") == found[-2:]
    assert found[-1]["data"] == {"contact_id": contact.id}
    shown = [e["changes"] for e in contact.all("/v1/events")
             if e["type"].startswith("identity.")]
    assert [c["member"] for c in shown[0]] == [
        "identity_id", "issuer", "subject"]
    assert shown[0][2] == {"member": "subject"} and subject not in str(shown)


@pytest.mark.fact(79)
@pytest.mark.parametrize("kind", ["staff", "partner_person", "partner_client",
                                  "telephony_client"])
def test_so_are_sign_ins_of_all_others(audit, signs_in, administrator, world,
                                       kind):
    """And what ends with who had them."""
    partner = f"/v1/partners/{world.partner().id}"
    where, body = {
        "staff": ("/v1/staff", {"name": "Advisor 7", "roles": ["advisor"]}),
        "partner_person": (f"{partner}/people", {"name": "Person 1"}),
        "partner_client": (f"{partner}/clients", {"name": "Sync",
                                                  "owner": "Integration"}),
        "telephony_client": ("/v1/telephony-clients", {
            "name": "Line", "owner": "Integration"})}[kind]
    whom = administrator.post(where, body).expect(201)
    issuer, subject, made = signs_in(whom.location)
    administrator.patch(whom.location, {"active": False}, etag="*").expect(200)
    found = audit(actor=f"staff:{administrator.id}")
    assert told(found, "identity.linked") == [{
        "identity_id": (None, made["id"]), "issuer": (None, issuer),
        "subject": (None, subject), f"{kind}_id": (None, whom["id"])}]
    assert told(found, "identity.ended") == [{
        "identity_id": (made["id"], None), "issuer": (issuer, None),
        "subject": (subject, None), f"{kind}_id": (whom["id"], None)}]


@pytest.mark.fact(79)
def test_a_sign_in_that_an_address_linked_is_told_too(audit, contact, sql):
    """By the service itself (tests/test_identities.py signs in so)."""
    issuer = sql.value(
        "insert into casework.issuers (name, issuer, audiences, token_types,"
        " scope_claims, links_by_email, active) values ('x', %s, '{casework}',"
        " '{JWT}', '{scope}', true, true) returning id",
        f"https://{a_subject()}.example")
    subject = a_subject()
    sql.run("select rules.link_by_email(%s, %s, %s)", issuer, subject,
            contact.record["email"])
    (made,) = [e for e in audit(resource=f"contact:{contact.id}")
               if e["type"] == "identity.linked"]
    assert made["actor"]["kind"] == "system"
    assert told([made], "identity.linked")[0]["subject"] == (None, subject)


@pytest.mark.fact(79)
def test_what_the_operator_did_is_told_whole(audit, sql, administrator):
    """casework-worker administrator calls this."""
    issuer, subject = f"https://{a_subject()}.example", a_subject()
    words = ("select rules.make_administrator(%s, 'casework', %s, 'Chief',"
             " null) as id", issuer, subject)
    chief = int(sql.value(*words))

    def found():
        return [e for e in audit(actor="system:0")
                if e["actor"]["name"] == "operator"
                and (e["data"].get("staff_id") == chief
                     or issuer in str(e["changes"]))]
    assert [e["type"] for e in found()] == [
        "issuer.created", "identity.linked", "staff.made_administrator"]
    assert told(found(), "issuer.created")[0]["issuer"] == (None, issuer)
    assert told(found(), "identity.linked")[0]["subject"] == (None, subject)
    made = told(found(), "staff.made_administrator")[0]
    assert made["name"] == (None, "Chief")
    assert made["roles"] == (None, ["administrator"])
    sql.run(*words)
    assert len(found()) == 3
    administrator.patch(f"/v1/staff/{chief}", {"roles": ["lead"]}, etag="*"
                        ).expect(200)
    sql.run(*words)
    assert told(found(), "staff.made_administrator")[1:] == [{
        "roles": (["lead"], ["lead", "administrator"])}]


# -- no event says nothing -------------------------------------------------

@pytest.mark.fact(79)
@pytest.mark.operations(where=lambda op: op.writes and "staff" in op.callers)
def test_what_the_audit_tells_of_is_told_with_its_values(op, stage, world,
                                                         sql):
    """Every change is told with old and new, or named where its values are
    nobody's to read: an event without any says nothing."""
    order = prepared_order(op, "staff", stage)
    begun = sql.value("select last_value from casework.events_id_seq")
    order.send().expect(op.success)
    until_settled(sql)
    since = sql.value("select views.utc(rules.now() - interval '1 min')")
    told = world.staff("administrator").all(
        AUDIT, actor=f"staff:{order.caller.id}", at_from=since)
    assert all(e["changes"] for e in told if e["id"] > begun), told[-1]
