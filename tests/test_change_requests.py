"""Changes of data or configuration: asked for, and ended (facts 7, 35 and 36).
How the contact on the case agrees to one is in test_assent.py."""

import pytest

import prepared
from world import Case, a_case

UNKNOWN = "/v1/change-requests/9007199254740991"


@pytest.fixture
def change(case, advisor):
    """A change that staff were asked for on the phone."""
    return case.ask_for_change(advisor).expect(201)


def state(change, by):
    return by.get(change.location).expect(200)["state"]


def end(change, by, action, etag="*", **body):
    return by.post(f"{change.location}/{action}", body, etag=etag)


def confirm(case, change):
    return prepared.confirm(case.submitter, change["id"])


# -- asking ----------------------------------------------------------------

@pytest.mark.fact(7)
@pytest.mark.parametrize("kind", ["contact", "colleague", "partner",
                                  "advisor"])
def test_a_change_awaits_the_contact_whoever_asks(request, case, kind):
    someone = request.getfixturevalue(kind)
    change = case.ask_for_change(someone, "configuration").expect(201)
    assert change["state"] == "awaiting_written_verification"
    assert change["reference"] == f"CR-{change['id']}"
    assert change["requested_by"]["id"] == someone.id
    assert change["verified_at"] is change["ended_at"] is None
    listed = case.submitter.all(case.path + "/change-requests")
    assert listed == [change.json]
    event = case.history()[-1]
    assert event["type"] == "case.change_requested"
    assert event["changes"] == [{
        "member": change["reference"], "old": None,
        "new": "awaiting_written_verification"}]


@pytest.mark.fact(35)
@pytest.mark.parametrize("kind", ["data", "configuration"])
def test_staff_ask_for_it_in_writing(case, advisor, kind):
    change = advisor.post(case.path + "/written-request", {
        "kind": kind, "description": "Open the window.",
        "text": "Thank you."}).expect(201)
    assert (change["kind"], change["state"]) == (
        kind, "awaiting_written_verification")
    note = case.notes()[-1]
    assert note["kind"] == "written_request"
    assert note["visibility"] == "public"
    for part in (change["reference"], "Open the window.", "Thank you."):
        assert part in note["text"]
    event = case.history()[-1]
    assert (event["type"], event["note_id"]) == (
        "case.change_requested", note["id"])
    assert "case.note_added" in [e["type"] for e in case.history()]


@pytest.mark.fact(35)
@pytest.mark.parametrize("kind", ["contact", "partner", "telephony"])
def test_only_staff_ask_for_it_in_writing(request, case, kind):
    request.getfixturevalue(kind).post(case.path + "/written-request", {
        "kind": "data", "description": "x"}).expect(
        403, problem="caller-not-allowed")


def test_change_requests_are_found_by_their_state(case, advisor):
    first, second = (case.ask_for_change(advisor).expect(201)
                     for _ in range(2))
    end(second, case.submitter, "withdrawal").expect(200)
    path = case.path + "/change-requests"
    found = advisor.get(path, query={"state": "withdrawn"}).expect(200)
    assert found.ids == [second["id"]]
    pages = list(advisor.pages(path, limit=1))
    assert [p.ids for p in pages] == [[first["id"]], [second["id"]]]


def test_a_closed_case_takes_no_change_request(case, advisor):
    case.close().expect(200)
    case.ask_for_change(advisor).expect(409, problem="illegal-transition")
    advisor.post(case.path + "/written-request", {
        "kind": "data", "description": "x"}).expect(409)


@pytest.mark.fact(7)
@pytest.mark.parametrize("who", ["contact", "advisor"])
def test_a_closing_withdraws_what_nobody_has_confirmed(
        request, case, advisor, who):
    waiting, confirmed, declined = (
        case.ask_for_change(advisor).expect(201) for _ in range(3))
    confirm(case, confirmed).expect(200)
    end(declined, advisor, "decline", reason="No.").expect(200)
    closer = request.getfixturevalue(who)
    case.close(closer, closure_reason="withdrawn").expect(200)
    gone = advisor.get(waiting.location)
    assert gone["state"] == "withdrawn" and gone["remark"]
    assert gone["ended_by"]["id"] == closer.id
    assert state(declined, advisor) == "declined"
    assert case.event_types().count("case.change_withdrawn") == 1
    assert state(confirmed, advisor) == "verified"
    end(confirmed, advisor, "performance").expect(200)


@pytest.mark.fact(7)
def test_the_timer_that_closes_a_case_withdraws_them_too(
        case, advisor, clock, timer):
    clock.at("2030-01-07T10:00:00-06:00")
    waiting = case.ask_for_change(advisor).expect(201)
    case.resolve(advisor).expect(200)
    clock.at("2030-02-01T18:00:00-06:00")
    timer("auto_close")
    assert case["status"] == "closed"
    assert state(waiting, advisor) == "withdrawn"


# -- ending ----------------------------------------------------------------

@pytest.mark.fact(7)
def test_what_is_not_verified_is_not_performed(case, change, advisor):
    before = advisor.get(change.location), case.etag, case.history()
    end(change, advisor, "performance").expect(409, problem="not-verified")
    after = advisor.get(change.location), case.etag, case.history()
    assert before[0].json == after[0].json and before[1:] == after[1:]


def test_staff_decline_with_a_reason(case, change, advisor):
    assert end(change, advisor, "decline").expect(422).faults == ["/reason"]
    answer = end(change, advisor, "decline", reason="Not allowed.")
    assert answer.expect(200)["state"] == "declined"
    assert case.submitter.get(change.location)["remark"] == "Not allowed."
    assert case.history()[-1]["type"] == "case.change_declined"


def test_any_contact_of_the_district_withdraws(case, change, colleague):
    confirm(case, change).expect(200)
    answer = end(change, colleague, "withdrawal", reason="Solved.")
    assert answer.expect(200)["state"] == "withdrawn"
    assert answer["ended_by"]["id"] == colleague.id
    assert case.history()[-1]["type"] == "case.change_withdrawn"


@pytest.mark.parametrize("action", ["performance", "decline", "withdrawal"])
def test_what_has_ended_stays_as_it_is(
        case, change, advisor, contact, action):
    end(change, contact, "withdrawal").expect(200)
    by = contact if action == "withdrawal" else advisor
    body = {"reason": "x"} if action != "performance" else {}
    end(change, by, action, **body).expect(409, problem="conflict")
    assert state(change, advisor) == "withdrawn"


@pytest.mark.parametrize("action, kinds", [
    ("performance", ("contact", "partner", "telephony")),
    ("decline", ("contact", "partner", "telephony")),
    ("withdrawal", ("advisor", "partner", "telephony"))])
def test_who_ends_a_change_request(request, change, advisor, action, kinds):
    for kind in kinds:
        end(change, request.getfixturevalue(kind), action, reason="x"
            ).expect(403, problem="caller-not-allowed")
    assert state(change, advisor) == "awaiting_written_verification"


def test_it_ends_in_the_version_that_was_read(case, change, advisor):
    confirm(case, change).expect(200)
    end(change, advisor, "decline", change.etag, reason="x").expect(412)
    end(change, advisor, "decline", None, reason="x").expect(428)
    answer = advisor.get(change.location)
    advisor.get(change.location, headers={"If-None-Match": answer.etag}
                ).expect(304)
    end(change, advisor, "performance", answer.etag).expect(200)


@pytest.mark.parametrize("action", ["performance", "decline", "withdrawal"])
def test_an_unknown_change_request_is_404(contact, advisor, action):
    by = contact if action == "withdrawal" else advisor
    body = {"reason": "x"} if action != "performance" else {}
    by.post(f"{UNKNOWN}/{action}", body, etag="*").expect(404)
    by.get(UNKNOWN).expect(404)


def test_another_district_s_change_request_does_not_exist(
        change, case, stranger, advisor):
    stranger.get(change.location).expect(404)
    stranger.get(case.path + "/change-requests").expect(404)
    case.ask_for_change(stranger).expect(404)
    end(change, stranger, "withdrawal").expect(404)
    assert state(change, advisor) == "awaiting_written_verification"


# -- both identities -------------------------------------------------------

@pytest.mark.fact(36)
def test_history_keeps_who_acted_and_for_whom(contact, partner):
    case = Case(contact, contact.acting_for(f"partner:{partner.id}").post(
        "/v1/cases", a_case()).expect(201))
    event = case.history()[0]
    assert (event["actor"]["kind"], event["actor"]["id"]) == (
        "partner", partner.id)
    assert (event["on_behalf_of"]["kind"], event["on_behalf_of"]["id"]) == (
        "contact", contact.id)


@pytest.mark.fact(36)
def test_a_token_belongs_to_one_person(contact, colleague):
    assert contact.get("/v1/me")["id"] == contact.id
    assert colleague.get("/v1/me")["id"] == colleague.id
    assert contact.get("/v1/me")["actor"] is None


@pytest.mark.rule("3.3", "3.4")
def test_who_has_to_confirm_is_told_and_the_advisor_too(
        case, contact, colleague, partner, advisor, staff, sql, post):
    sql.run("update casework.staff set email = %s where id = %s",
            f"staff-{advisor.id}@casework.example", advisor.id)
    case.assign(staff, advisor).expect(200)
    post.forget_the_past()
    own, told = f"contact:{contact.id}", f"staff:{advisor.id}"
    for by, wanted in ((staff, [own]), (partner, [own, told]),
                       (colleague, [own, told]), (contact, [told])):
        seen = len(post.mails(case))
        case.ask_for_change(by).expect(201)
        post.dispatch()
        assert sorted(
            f"{m['recipient_kind']}:{m['recipient_id']}"
            for m in post.mails(case)[seen:]
            if m["kind"] == "case.change_requested") == wanted


@pytest.mark.rule("3.3")
def test_what_a_note_asks_for_is_told_once(case, contact, staff, post):
    post.forget_the_past()
    staff.post(case.path + "/written-request", {
        "kind": "data", "description": "Merge two."}).expect(201)
    assert post.written(case) == [
        ("case.note_added", f"contact:{contact.id}")]
