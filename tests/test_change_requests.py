"""Changes confirmed in writing by the contact on the case, and by nobody
else: facts 7, 35 and 36, rule 2.10."""

import pytest

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


def confirm(case, change, by=None, **options):
    return case.note(by, f"I confirm {change['reference']}.", **options)


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
    confirm(case, confirmed).expect(201)
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


# -- verifying -------------------------------------------------------------

@pytest.mark.fact(7, 35)
def test_the_contact_on_the_case_verifies_by_quoting_it(
        case, change, advisor):
    note = confirm(case, change).expect(201)
    answer = advisor.get(change.location).expect(200)
    assert answer["state"] == "verified"
    assert answer["verified_by"]["id"] == case.submitter.id
    assert answer["verification_note_id"] == note["id"]
    assert answer["verified_at"] == note["created_at"]
    assert answer.etag != change.etag
    event = case.history()[-1]
    assert (event["type"], event["note_id"]) == (
        "case.change_verified", note["id"])
    done = end(change, advisor, "performance", remark="Done.").expect(200)
    assert (done["state"], done["remark"]) == ("performed", "Done.")
    assert done["ended_by"]["id"] == advisor.id
    assert case.history()[-1]["type"] == "case.change_performed"


@pytest.mark.fact(7)
@pytest.mark.parametrize("text, verifies", [
    ("{ref}", True), ("Yes, {ref}!", True), ("yes to\n({ref})", True),
    ("{lower} is mine", True), ("see {ref}, please", True),
    ("{ref}0", False), ("X{ref}", False), ("{id}", False),
    ("Not CR-0, nor X{ref}", False),
    ("CR {id}", False), ("CR-0{id}", False), ("CR-", False),
    ("{ref}x", False), ("I confirm.", False)])
def test_the_reference_is_a_word_of_its_own(
        case, change, advisor, text, verifies):
    reference = change["reference"]
    case.note(text=text.format(ref=reference, lower=reference.lower(),
                               id=change["id"])).expect(201)
    assert (state(change, advisor) == "verified") is verifies


@pytest.mark.fact(7)
@pytest.mark.parametrize("kind", ["colleague", "partner", "advisor"])
def test_nobody_else_verifies(request, case, change, kind, advisor):
    someone = request.getfixturevalue(kind)
    before = case.etag, case.notes(), case.history()
    refusal = {} if kind == "advisor" else {
        "problem": "not-the-contact-on-the-case"}
    confirm(case, change, someone).expect(
        403 if refusal else 201, **refusal)
    if refusal:
        assert (case.etag, case.notes(), case.history()) == before
    assert state(change, advisor) == "awaiting_written_verification"
    end(change, advisor, "performance").expect(409, problem="not-verified")


@pytest.mark.fact(7)
def test_what_is_confirmed_may_be_named_by_everybody(case, change, colleague,
                                                     partner):
    confirm(case, change).expect(201)
    for someone in (colleague, partner):
        confirm(case, change, someone).expect(201)


@pytest.mark.fact(7, 36)
@pytest.mark.parametrize("actor", ["partner", "advisor", "colleague"])
def test_nobody_verifies_on_behalf_of_the_contact(
        request, case, change, actor, advisor):
    who = request.getfixturevalue(actor)
    acting = case.submitter.acting_for(f"{who.kind}:{who.id}")
    confirm(case, change, acting).expect(
        403, problem="not-the-contact-on-the-case")
    assert state(change, advisor) == "awaiting_written_verification"


@pytest.mark.fact(7, 36)
def test_nor_does_the_contact_in_the_name_of_somebody_else(
        case, change, colleague, advisor):
    acting = colleague.acting_for(f"contact:{case.submitter.id}")
    confirm(case, change, acting).expect(
        403, problem="not-the-contact-on-the-case")
    assert state(change, advisor) == "awaiting_written_verification"


@pytest.mark.fact(7)
def test_a_note_from_before_the_request_verifies_nothing(
        case, advisor, sql):
    last = sql.value("select max(id) from casework.change_requests")
    case.note(text=" ".join(f"CR-{last + i}" for i in range(1, 50))
              ).expect(201)
    change = case.ask_for_change(advisor).expect(201)
    assert change["reference"] in case.notes()[-1]["text"]
    assert state(change, advisor) == "awaiting_written_verification"


@pytest.mark.fact(7)
def test_a_quote_on_another_case_verifies_nothing(
        contact, colleague, case, change, advisor):
    other = contact.submit()
    confirm(other, change).expect(201)
    # nor is it anybody's to confirm there
    other.note(colleague, f"As {change['reference']} says.").expect(201)
    assert state(change, advisor) == "awaiting_written_verification"


@pytest.mark.fact(7)
def test_one_note_verifies_all_that_it_quotes(case, advisor):
    changes = [case.ask_for_change(advisor).expect(201) for _ in range(3)]
    case.note(text=" and ".join(c["reference"] for c in changes[:2])
              ).expect(201)
    assert [state(c, advisor) for c in changes] == [
        "verified", "verified", "awaiting_written_verification"]


@pytest.mark.fact(7)
def test_a_quote_after_the_end_changes_nothing(case, change, advisor):
    end(change, advisor, "decline", reason="Not allowed.").expect(200)
    before = advisor.get(change.location).expect(200)
    confirm(case, change).expect(201)
    after = advisor.get(change.location).expect(200)
    assert (after.json, after.etag) == (before.json, before.etag)


@pytest.mark.fact(7)
@pytest.mark.rule("2.10")
def test_a_new_contact_on_the_case_confirms_anew(
        case, change, colleague, staff, advisor):
    """The contact on the case leaves the district."""
    staff.patch(f"/v1/contacts/{case.submitter.id}", {"authorized": False},
                etag="*").expect(200)
    confirm(case, change).expect(403, problem="not-an-authorized-contact")
    confirm(case, change, colleague).expect(
        403, problem="not-the-contact-on-the-case")
    case.change(staff, contact_id=colleague.id).expect(200)
    assert state(change, advisor) == "awaiting_written_verification"
    confirm(case, change, colleague).expect(201)
    assert state(change, advisor) == "verified"


@pytest.mark.fact(7)
def test_what_is_verified_stays_so_with_a_new_contact(
        case, change, colleague, staff, advisor):
    confirm(case, change).expect(201)
    case.change(staff, contact_id=colleague.id).expect(200)
    end(change, advisor, "performance").expect(200)


@pytest.mark.fact(7)
@pytest.mark.parametrize("kind", ["colleague", "partner"])
def test_nobody_becomes_the_contact_on_the_case_to_confirm(
        request, case, change, colleague, advisor, kind):
    someone = request.getfixturevalue(kind)
    answer = case.change(someone, contact_id=colleague.id)
    answer.expect(403, problem="not-permitted")
    assert answer.faults == ["/contact_id"]
    assert case["contact_id"] == case.submitter.id
    end(change, case.submitter, "withdrawal").expect(200)
    case.change(someone, contact_id=colleague.id).expect(200)


@pytest.mark.fact(7)
def test_the_database_itself_refuses_any_other_verification(
        case, contact, colleague, advisor, as_role):
    before = case.note().expect(201)
    change = case.ask_for_change(advisor).expect(201)
    own, other, elsewhere, on_behalf = (note.expect(201) for note in (
        case.note(), case.note(colleague), contact.submit().note(),
        case.note(colleague.acting_for(f"contact:{contact.id}"))))

    def outcome(note, caller=contact, role="contact"):
        return as_role(role).fails(
            "update casework.change_requests set state = 'verified',"
            " verified_at = now(), verified_by_id = %s, verified_by_name ="
            " 'x', verification_note_id = %s where id = %s", caller.id,
            note["id"], change["id"], caller_id=caller.id)
    for note in (before, other, elsewhere, on_behalf):
        assert outcome(note) == "42501", note["text"]
    assert outcome(other, colleague) == outcome(own, colleague) == "42501"
    assert outcome(own, advisor, "staff") == "42501"
    assert as_role("staff").fails(
        "update casework.change_requests set state = 'performed', ended_at ="
        " now() where id = %s", change["id"], caller_id=1) == "23514"
    assert outcome(own) is None


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
    confirm(case, change).expect(201)
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
    confirm(case, change).expect(201)
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
