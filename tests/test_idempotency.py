"""Idempotency-Key: what is sent again is done once and answered alike.

The first part holds for every operation that takes a key, generated from the
document.
"""

import uuid

import pytest

from races import at_once
from repeated import KEY, new_key, same_answer, submit_with
from serving import prepared_order
from world import a_case

# Operation → the member that its answer has once, and null when repeated.
TOLD_ONCE = {"create_phone_pin": {"pin": None},
             "create_webhook": {"secret": None},
             "rotate_webhook_secret": {"secret": None}}


def takes_key(op):
    return any(p["name"] == KEY for p in op.parameters)


@pytest.fixture
def other_session(new_session):
    """In a transaction, to hold what a request at the same time holds."""
    session = new_session()
    session.run("begin")
    yield session
    session.run("rollback")
    session.close()


@pytest.fixture
def submit(contact):
    return submit_with(contact)


# -- every operation -------------------------------------------------------

def test_every_post_of_a_known_caller_takes_a_key(contract):
    """But for answers that tell a secret, which are not kept, and for a search,
    which changes nothing."""
    assert {op.id for op in contract.operations
            if op.method == "POST" and op.callers != ["public"]
            and not takes_key(op)} == {
                "search_contacts", "validate_business_hours",
                "validate_case", "validate_district",
                "validate_follow_up_plan",
                "validate_holiday", "validate_incident",
                "validate_service_level"}


@pytest.mark.operations(where=lambda op: not takes_key(op))
def test_where_a_key_means_nothing_it_is_ignored(op, stage):
    """Whatever it is: a client may send one with every request."""
    for key in (new_key(), 'a "b,c' + "x" * 300):
        answer = prepared_order(op, op.callers[0], stage).send(
            headers={KEY: key})
        assert "idempotency-replayed" not in answer.expect(
            op.success).headers


def test_one_key_for_everything_is_no_obstacle_to_reading(contact, case):
    key = {KEY: new_key()}
    case.note().expect(201)
    contact.post(case.path + "/notes", {"text": "One."}, headers=key
                 ).expect(201)
    for path in (case.path, case.path + "/notes", "/v1/cases", "/v1/me"):
        contact.get(path, headers=key).expect(200)
    for impact in ("One class", "All"):
        contact.patch(case.path, {"impact": impact}, etag="*", headers=key
                      ).expect(200)
    assert case["impact"] == "All"


@pytest.mark.operations(where=takes_key)
def test_what_is_repeated_is_done_once(op, stage):
    for kind in op.callers:
        request, key = prepared_order(op, kind, stage), {KEY: new_key()}
        first = request.send(headers=key).expect(op.success)
        assert "idempotency-replayed" not in first.headers
        state = stage.state()
        again = request.send(headers=key)
        assert again.headers["idempotency-replayed"] == "true"
        assert (again.status, again.etag, again.location) == (
            first.status, first.etag, first.location)
        assert again.json == {**first.json, **TOLD_ONCE.get(op.id, {})}
        assert stage.state() == state


# -- what tells a secret ---------------------------------------------------

@pytest.mark.operations(where=lambda op: op.id in TOLD_ONCE)
def test_a_secret_is_told_once_and_kept_nowhere(op, stage, sql):
    (member,) = TOLD_ONCE[op.id]
    request, key = prepared_order(op, op.callers[0], stage), {KEY: new_key()}
    secret = request.send(headers=key).expect(op.success)[member]
    assert len(secret) >= 6
    assert request.send(headers=key).expect(op.success)[member] is None
    kept = sql.rows("select k::text as row from casework.idempotency_keys k"
                    " where key = %s", key[KEY].strip('"'))
    assert len(kept) == 1 and secret not in kept[0]["row"]
    other = request.send(headers={KEY: new_key()}).expect(op.success)
    assert other[member] not in (None, secret)


def test_every_member_that_is_told_once_is_known(contract):
    """By the words of the document, lest one be kept."""
    told = {op.id: [name for name, schema in
                    op.responses[str(op.success)]["content"][
                        "application/json"]["schema"]["properties"].items()
                    if "answer that is repeated" in schema.get(
                        "description", "")]
            for op in contract.operations if takes_key(op)}
    assert {name: members for name, members in told.items() if members} == {
        name: list(member) for name, member in TOLD_ONCE.items()}


def test_a_new_secret_is_made_once(contact):
    """The webhook exists, and a new secret of it can be had."""
    body, key = {"url": "https://receiver.example/hook"}, {KEY: new_key()}
    made = contact.post("/v1/webhooks", body, headers=key).expect(201)
    again = contact.post("/v1/webhooks", body, headers=key).expect(201)
    assert again["id"] == made["id"] and again.etag == made.etag
    assert contact.get("/v1/webhooks").ids == [made["id"]]
    rotated = contact.post(f"{made.location}/secret").expect(200)
    assert rotated["secret"] not in (None, made["secret"])


@pytest.mark.operations(where=takes_key)
def test_a_key_of_another_request_is_refused(op, stage, sql):
    caller, key = stage.someone(op), str(uuid.uuid4())
    sql.run("insert into casework.idempotency_keys (caller_kind, caller_id,"
            " key, fingerprint, districts, created_at)"
            " values (%s, %s, %s, 'of another', '{}', rules.now())",
            caller.kind, caller.id, key)
    stage.ask(op, headers={KEY: f'"{key}"'}).expect(
        422, problem="idempotency-key-reused")


@pytest.mark.operations(where=takes_key)
def test_a_key_is_for_one_request_at_a_time(op, stage, other_session):
    caller, key = stage.someone(op), str(uuid.uuid4())
    other_session.run(
        "select pg_advisory_xact_lock(hashtextextended("
        "concat_ws(' ', 'idempotency', %s, %s, %s), 0))",
        caller.kind, caller.id, key)
    stage.ask(op, headers={KEY: key}).expect(
        409, problem="idempotency-key-in-use")


# -- what a key stands for -------------------------------------------------

def test_a_refused_request_leaves_its_key_free(contact, case):
    key = {KEY: new_key()}
    contact.post(case.path + "/notes", {"text": ""}, headers=key).expect(422)
    case.close().expect(200)
    contact.post(case.path + "/notes", {"text": "One"},
                 headers=key).expect(409)
    case.reopen().expect(200)
    contact.post(case.path + "/notes", {"text": "One"},
                 headers=key).expect(201)


def test_keys_of_two_callers_are_two(submit, colleague, contact):
    key = new_key()
    assert submit(key).expect(201)["id"] != submit(
        key, by=colleague).expect(201)["id"]


@pytest.mark.fact(36)
def test_who_acts_is_part_of_the_request(contact, colleague, advisor, world):
    """A key of one who acts tells the answer to nobody else who does."""
    actors = [None, f"staff:{advisor.id}", f"staff:{world.staff().id}",
              f"contact:{colleague.id}"]
    callers = [contact if a is None else contact.acting_for(a)
               for a in actors]
    for first in callers:
        key, body = {KEY: new_key()}, a_case()
        made = first.post("/v1/cases", body, headers=key).expect(201)
        for other in callers:
            again = other.post("/v1/cases", body, headers=key)
            if other is first:
                assert same_answer(made, again)
            else:
                again.expect(422, problem="idempotency-key-reused")
    assert len(contact.all("/v1/cases")) == len(callers)


def test_an_answer_is_repeated_as_it_was(submit, contact, advisor):
    """Not as the case is now."""
    key = new_key()
    first = submit(key).expect(201)
    advisor.post(first.location + "/notes", {
        "text": "Seen.", "visibility": "public"}).expect(201)
    again = submit(key)
    assert same_answer(first, again)
    assert contact.get(first.location).etag != again.etag


def test_who_lost_the_district_loses_its_answers(world, contact):
    partner, key = world.partner(contact.district), {KEY: new_key()}
    body = a_case(contact_id=contact.id)
    partner.post("/v1/cases", body, headers=key).expect(201)
    world.end_partner(partner, contact.district)
    again = partner.post("/v1/cases", body, headers=key)
    assert "not read any more" in again.expect(
        422, problem="idempotency-key-reused")["detail"]


def test_a_contact_without_authorization_gets_no_answer(submit, contact,
                                                        staff):
    key = new_key()
    submit(key).expect(201)
    path = f"/v1/contacts/{contact.id}"
    staff.patch(path, {"authorized": False},
                etag=staff.get(path).etag).expect(200)
    submit(key).expect(403, problem="not-an-authorized-contact")


def test_nobody_reads_the_answers_of_others(submit, contact, colleague,
                                            as_role):
    submit(new_key()).expect(201)
    for by, seen in ((contact, 1), (colleague, 0)):
        assert as_role("contact").acting(
            "select count(*) as n from casework.idempotency_keys",
            caller_id=by.id) == [{"n": seen}]


@pytest.mark.fact(22, 34, 38)
def test_the_number_is_read_anew_and_recorded_for_a_repeat(submit, contact,
                                                           sql):
    def told(answer):
        return answer["support_line"]["toll_free_number"]
    number = sql.value("select toll_free_number from casework.support_line")
    key = new_key()
    first = submit(key, type="outage", priority="critical").expect(201)
    assert not sql.value(
        "select exists (select from casework.idempotency_keys"
        " where body like %s)", f"%{number}%")
    again = submit(key, type="outage", priority="critical").expect(201)
    assert first.json == again.json and told(first) == number
    assert sql.value("select count(*) from casework.support_line_reads"
                     " where contact_id = %s", contact.id) == 2
    sql.run("update casework.support_line set toll_free_number ="
            " '888-555-0199'")
    try:
        assert told(submit(key, type="outage", priority="critical")) == (
            "888-555-0199")
    finally:
        sql.run("update casework.support_line set toll_free_number = %s",
                number)


@pytest.mark.fact(47)
def test_what_is_redacted_is_not_repeated(contact, case, advisor, sql, lead):
    words = 'The words "to be" erased \u00e9.'
    posts = [(contact, case.path + "/notes", {"text": words}),
             (advisor, case.path + "/escalations",
              {"team": "technical_services", "text": words}),
             (advisor, case.path + "/resolution", {"explanation": words})]
    sent = [(by, path, body, {KEY: new_key()}) for by, path, body in posts]

    def send():
        return [by.post(path, body, etag="*", headers=key)
                for by, path, body, key in sent]
    assert all(words in str(a.json) for a in send())
    for note in case.notes():
        lead.post(f"/v1/notes/{note['id']}/redaction",
                     {"reason": "Personal."}, etag="*").expect(200)
    for answer in send():
        assert answer.headers["idempotency-replayed"] == "true"
        assert "[redacted]" in str(answer.json)
        assert words not in str(answer.json)


@pytest.mark.fact(47)
@pytest.mark.parametrize("name", [
    "Ada Byron.pdf", "Ada, Countess; 1843.txt", "Äda\u2019s grades.csv"])
def test_a_redacted_attachment_s_name_and_digest_are_not_repeated(
        case, name, lead):
    """Whoever sent it, and whatever else the key stands for."""
    key = {KEY: new_key()}
    content = f"Grades of {name}".encode()

    def send(which=content, headers=key, filename=name):
        return case.attach(which, filename=filename, headers=headers)
    first = send().expect(201)
    kept = {KEY: new_key()}
    other = send(b"other", kept, "other.txt").expect(201)
    assert first["filename"] == name and first["sha256"]
    lead.post(f"{first.location}/redaction", {"reason": "Personal."},
                 etag="*").expect(200)
    again = send().expect(201)
    assert again.headers["idempotency-replayed"] == "true"
    assert (again["filename"], again["sha256"]) == ("[redacted]", None)
    assert first["sha256"].encode() not in again.body
    assert again["id"] == first["id"]
    assert same_answer(send(b"other", kept, "other.txt"), other)


def test_a_key_is_honoured_for_a_day(submit, clock, timer):
    clock.at("2027-03-01T10:00:00-06:00")
    key = new_key()
    first = submit(key).expect(201)
    clock.at("2027-03-02T09:59:59-06:00")
    timer("forget_keys")
    assert submit(key)["id"] == first["id"]
    clock.at("2027-03-02T10:00:01-06:00")
    timer("forget_keys")
    assert submit(key)["id"] != first["id"]


# -- two at once -----------------------------------------------------------

@pytest.mark.direct
def test_two_at_once_make_one(meeting, submit, contact):
    """The second one waits for nothing, and finds the answer when it asks
    again."""
    key, by = new_key(), meeting.by(contact)
    first, second = meeting.meet("cases", *(lambda: submit(key, by),) * 2)
    first.expect(201)
    second.expect(409, problem="idempotency-key-in-use")
    assert same_answer(submit(key), first)
    assert len(contact.all("/v1/cases")) == 1


def test_different_keys_do_not_wait_for_each_other(submit):
    cases = at_once(*[lambda: submit(new_key()).expect(201)["id"]] * 8)
    assert len(set(cases)) == 8
