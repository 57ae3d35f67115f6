"""A change is confirmed or rejected by an action of the contact on the case, and
by nobody else; a note that quotes it decides nothing: rule 3.4, facts 7, 35, 36,
rule 2.10."""

import contextlib
import hashlib

import pytest

from provider import Provider
from sign_in import Issuer, a_subject
from sql import SqlError


TEXT = "Merge the records of Ann and Anne \u2013 keep 4711."
WORDS = "Yes, they are one student."


@pytest.fixture
def change(case, advisor):
    """A change that staff were asked for on the phone."""
    return case.ask_for_change(advisor, description=TEXT).expect(201)


@pytest.fixture
def reachable(case, advisor, sql):
    """The advisor, with an address; the case is theirs."""
    sql.run("update casework.staff set email = %s where id = %s",
            f"advisor-{advisor.id}@casework.example", advisor.id)
    case.assign(advisor, advisor).expect(200)
    return advisor


def decide(by, change, action, etag="*", **options):
    member = "text" if action == "confirmation" else "reason"
    return by.post(f"{change.location}/{action}", {member: WORDS}, etag=etag,
                   **options)


def confirm(by, change, **options):
    return decide(by, change, "confirmation", **options)


def revise(by, change, description="Merge them, keep 4712.", etag="*", **more):
    return by.post(f"{change.location}/revision", {
        "description": description, **more}, etag=etag)


def perform(by, change):
    return by.post(f"{change.location}/performance", {}, etag="*")


def state(change, by):
    return by.get(change.location).expect(200)["state"]


def record(by, change, **query):
    return by.get(f"{change.location}/confirmation", query=query)


def told(case):
    """Whether the last event says that the advisor is told."""
    return [c["new"] for c in case.history()[-1]["changes"]
            if c["member"] == "advisor_told"]


BOTH = pytest.mark.parametrize("action", ["confirmation", "rejection"])


# -- by an action ----------------------------------------------------------

@pytest.mark.rule("3.4")
@pytest.mark.fact(7, 35)
def test_the_contact_on_the_case_confirms_in_its_own_words(
        case, change, advisor):
    answer = confirm(case.submitter, change, etag=change.etag).expect(200)
    note = case.notes()[-1]
    assert answer["state"] == "verified"
    assert answer["verified_by"]["id"] == case.submitter.id
    assert answer["verification_note_id"] == note["id"]
    assert answer["verified_at"] == note["created_at"]
    assert answer.etag != change.etag
    assert (note["kind"], note["visibility"]) == ("confirmation", "public")
    assert note["author"]["id"] == case.submitter.id
    for part in (change["reference"], TEXT, WORDS):
        assert part in note["text"]
    event = case.history()[-1]
    assert (event["type"], event["note_id"]) == (
        "case.change_verified", note["id"])
    assert event["changes"][0] == {
        "member": change["reference"], "old": "awaiting_written_verification",
        "new": "verified"}
    assert perform(advisor, change).expect(200)["state"] == "performed"


@pytest.mark.rule("3.4")
def test_the_contact_on_the_case_rejects_with_a_reason(case, change, advisor):
    bare = case.submitter.post(f"{change.location}/rejection", {}, etag="*")
    assert bare.expect(422).faults == ["/reason"]
    answer = decide(case.submitter, change, "rejection").expect(200)
    note = case.notes()[-1]
    assert (answer["state"], answer["remark"]) == ("rejected", WORDS)
    assert answer["ended_by"]["id"] == case.submitter.id
    assert answer["rejection_note_id"] == note["id"]
    assert answer["verified_at"] is None
    assert note["kind"] == "rejection" and note["visibility"] == "public"
    for part in (change["reference"], TEXT, WORDS):
        assert part in note["text"]
    event = case.history()[-1]
    assert (event["type"], event["note_id"]) == (
        "case.change_rejected", note["id"])
    perform(advisor, change).expect(409, problem="conflict")
    revise(advisor, change).expect(409, problem="conflict")
    record(advisor, change).expect(404)


@pytest.mark.rule("3.4")
@BOTH
def test_a_decision_brings_the_case_back_as_a_note_does(
        case, change, advisor, action):
    case.resolve(advisor).expect(200)
    decide(case.submitter, change, action).expect(200)
    assert case["status"] == "assigned"


@pytest.mark.rule("3.4")
@BOTH
@pytest.mark.parametrize("kind, problem", [
    ("colleague", "not-the-contact-on-the-case"),
    ("partner", "caller-not-allowed"), ("advisor", "caller-not-allowed"),
    ("telephony", "caller-not-allowed")])
def test_nobody_else_decides(
        request, case, change, advisor, action, kind, problem):
    before = case.etag, case.notes(), case.history()
    decide(request.getfixturevalue(kind), change, action).expect(
        403, problem=problem)
    assert (case.etag, case.notes(), case.history()) == before
    assert state(change, advisor) == "awaiting_written_verification"
    perform(advisor, change).expect(409, problem="not-verified")


@pytest.mark.rule("3.4")
@pytest.mark.fact(7, 36)
@BOTH
@pytest.mark.parametrize("actor", ["partner", "advisor", "colleague"])
def test_nobody_decides_on_behalf_of_the_contact(
        request, case, change, actor, action, advisor):
    who = request.getfixturevalue(actor)
    acting = case.submitter.acting_for(f"{who.kind}:{who.id}")
    decide(acting, change, action).expect(
        403, problem="not-the-contact-on-the-case")
    assert state(change, advisor) == "awaiting_written_verification"


@pytest.mark.rule("3.4")
@pytest.mark.fact(7, 36)
@BOTH
def test_nor_does_the_contact_in_the_name_of_somebody_else(
        case, change, colleague, advisor, action):
    acting = colleague.acting_for(f"contact:{case.submitter.id}")
    decide(acting, change, action).expect(
        403, problem="not-the-contact-on-the-case")
    assert state(change, advisor) == "awaiting_written_verification"


@pytest.mark.rule("3.4")
def test_another_district_decides_nothing(change, stranger, advisor):
    for action in ("confirmation", "rejection"):
        decide(stranger, change, action).expect(404, problem="not-found")
    confirm(advisor, change).expect(403)
    record(stranger, change).expect(404)
    assert state(change, advisor) == "awaiting_written_verification"


@pytest.mark.rule("3.4")
@BOTH
def test_it_is_decided_once(case, change, action):
    confirm(case.submitter, change).expect(200)
    notes = case.notes()
    decide(case.submitter, change, action).expect(409, problem="conflict")
    assert case.notes() == notes


@pytest.mark.rule("3.4")
@BOTH
def test_what_has_ended_is_not_decided(case, change, advisor, action):
    advisor.post(f"{change.location}/decline", {"reason": "x"}, etag="*"
                 ).expect(200)
    decide(case.submitter, change, action).expect(409, problem="conflict")
    assert state(change, advisor) == "declined"


@pytest.mark.rule("3.4")
@BOTH
def test_a_decision_is_about_the_version_that_was_read(
        case, change, advisor, action):
    decide(case.submitter, change, action, etag=None).expect(428)
    revise(advisor, change).expect(200)
    decide(case.submitter, change, action, etag=change.etag).expect(412)
    assert state(change, advisor) == "awaiting_written_verification"


@pytest.mark.rule("3.4")
@BOTH
def test_a_decision_that_is_sent_again_is_one(case, change, action):
    key = {"Idempotency-Key": f"decide-{change['id']}-{action}"}
    answers = [decide(case.submitter, change, action, etag=change.etag,
                      headers=key).expect(200) for _ in range(2)]
    assert answers[0].json == answers[1].json
    kinds = [n["kind"] for n in case.notes()]
    assert kinds.count(action) == 1


@pytest.mark.rule("2.10", "3.4")
@pytest.mark.fact(7)
def test_a_new_contact_on_the_case_confirms_anew(
        case, change, colleague, staff, advisor):
    """The contact on the case leaves the district."""
    staff.patch(f"/v1/contacts/{case.submitter.id}", {"authorized": False},
                etag="*").expect(200)
    confirm(case.submitter, change).expect(
        403, problem="not-an-authorized-contact")
    confirm(colleague, change).expect(
        403, problem="not-the-contact-on-the-case")
    case.change(staff, contact_id=colleague.id).expect(200)
    assert state(change, advisor) == "awaiting_written_verification"
    confirm(colleague, change).expect(200)
    assert state(change, advisor) == "verified"


@pytest.mark.fact(7)
def test_what_is_verified_stays_so_with_a_new_contact(
        case, change, colleague, staff, advisor):
    confirm(case.submitter, change).expect(200)
    case.change(staff, contact_id=colleague.id).expect(200)
    perform(advisor, change).expect(200)


@pytest.mark.fact(7)
@pytest.mark.parametrize("kind", ["colleague", "partner"])
def test_nobody_becomes_the_contact_on_the_case_to_confirm(
        request, case, change, colleague, kind):
    someone = request.getfixturevalue(kind)
    answer = case.change(someone, contact_id=colleague.id)
    answer.expect(403, problem="not-permitted")
    assert answer.faults == ["/contact_id"]
    assert case["contact_id"] == case.submitter.id
    decide(case.submitter, change, "rejection").expect(200)
    case.change(someone, contact_id=colleague.id).expect(200)


# -- a changed request -----------------------------------------------------

@pytest.mark.rule("3.4")
@pytest.mark.parametrize("confirmed", [False, True])
def test_a_changed_request_awaits_the_contact_again(
        case, change, advisor, confirmed):
    if confirmed:
        confirm(case.submitter, change).expect(200)
    before = state(change, advisor)
    answer = revise(advisor, change, text="The school has asked.").expect(200)
    assert answer["state"] == "awaiting_written_verification"
    assert (answer["revision"], answer["description"]) == (
        2, "Merge them, keep 4712.")
    assert answer["revised_by"]["id"] == advisor.id
    assert answer["verified_at"] is answer["verified_by"] is None
    assert answer["verification_note_id"] is None
    perform(advisor, change).expect(409, problem="not-verified")
    note = case.notes()[-1]
    assert note["kind"] == "written_request"
    for part in (change["reference"], "keep 4712", "The school has asked."):
        assert part in note["text"]
    event = case.history()[-1]
    assert (event["type"], event["note_id"]) == (
        "case.change_revised", note["id"])
    assert event["changes"] == [
        {"member": change["reference"], "old": before,
         "new": "awaiting_written_verification"},
        {"member": "description", "old": TEXT,
         "new": "Merge them, keep 4712."}]


@pytest.mark.rule("3.4")
def test_the_same_text_is_no_change(case, change, advisor):
    confirm(case.submitter, change).expect(200)
    before = advisor.get(change.location), case.etag, case.history()
    answer = revise(advisor, change, TEXT).expect(200)
    assert (answer.json, answer.etag) == (before[0].json, before[0].etag)
    assert (case.etag, case.history()) == before[1:]


@pytest.mark.rule("3.4")
@pytest.mark.parametrize("kind", ["contact", "partner", "telephony"])
def test_staff_change_the_text(request, case, change, kind):
    revise(request.getfixturevalue(kind), change).expect(
        403, problem="caller-not-allowed")


# -- the record ------------------------------------------------------------

@pytest.mark.rule("3.4")
def test_a_confirmation_is_kept_as_a_record(case, change, advisor, colleague):
    record(advisor, change).expect(404)
    confirm(case.submitter, change).expect(200)
    kept = record(advisor, change).expect(200)
    note = case.notes()[-1]
    assert kept.json == {
        "change_request_id": change["id"], "reference": change["reference"],
        "district_id": case.submitter.district.id, "case_id": case.id,
        "kind": "data", "revision": 1, "text": TEXT,
        "sha256": hashlib.sha256(TEXT.encode()).hexdigest(),
        "note_id": note["id"], "confirmed_at": note["created_at"],
        "confirmed_by": {member: note["author"][member]
                         for member in ("kind", "id", "name")},
        "identity": {"id": None, "issuer": None,
                     "subject": f"contact:{case.submitter.id}"}}
    assert record(colleague, change).expect(200).json == kept.json
    advisor.get(f"{change.location}/confirmation",
                headers={"If-None-Match": kept.etag}).expect(304)


@pytest.mark.rule("3.4")
def test_the_record_of_an_earlier_text_stays(case, change, advisor):
    confirm(case.submitter, change).expect(200)
    first = record(advisor, change).expect(200).json
    revise(advisor, change).expect(200)
    record(advisor, change).expect(404)
    assert record(advisor, change, revision=1).expect(200).json == first
    confirm(case.submitter, change).expect(200)
    second = record(advisor, change).expect(200)
    assert (second["revision"], second["text"]) == (
        2, "Merge them, keep 4712.")
    assert record(advisor, change, revision=1).expect(200).json == first
    record(advisor, change, revision=3).expect(404)
    perform(advisor, change).expect(200)


@pytest.fixture(scope="module")
def provider(instance):
    with contextlib.closing(Provider(["cases:read", "cases:write"])
                            ) as provider:
        yield provider


@pytest.mark.direct
@pytest.mark.rule("3.4")
def test_the_record_names_the_sign_in(
        world, case, change, advisor, provider):
    issuer = Issuer(world, provider)
    person = case.submitter
    subject = a_subject()
    identity = issuer.link(subject, f"/v1/contacts/{person.id}")
    token = provider.person(subject, "cases:read", "cases:write")
    issuer.until_known(token)
    confirm(issuer.caller(token, "contact"), change).expect(200)
    assert record(advisor, change).expect(200)["identity"] == {
        "id": int(identity.rsplit("/", 1)[1]), "issuer": provider.issuer,
        "subject": subject}
    issuer.end(identity)
    assert record(advisor, change)["identity"]["subject"] == subject
    issuer.change(active=False)


# -- below the code --------------------------------------------------------

def insert_record(change, note, revision=1):
    return ("insert into casework.change_confirmations (district_id,"
            " change_request_id, revision, note_id) select district_id, id,"
            f" {revision}, {note} from casework.change_requests where id ="
            f" {change['id']}")


@pytest.mark.rule("3.4")
@pytest.mark.fact(7)
def test_the_database_itself_takes_no_other_confirmation(
        case, contact, colleague, partner, advisor, as_role, sql):
    def write(by, of=case, kind="confirmation"):
        """A note of that kind, as SQL that was slipped in writes it."""
        note = of.note(by, "I agree.").expect(201)["id"]
        sql.run("update casework.notes set kind = %s where id = %s", kind,
                note)
        return note
    before = write(contact)
    change = case.ask_for_change(advisor).expect(201)
    own, plain, other = (write(contact), write(contact, kind="note"),
                         write(colleague))
    elsewhere = write(contact, contact.submit())
    behalf = write(colleague.acting_for(f"contact:{contact.id}"))

    def outcome(note, caller=contact, revision=1):
        return as_role("contact").fails(
            insert_record(change, note, revision), caller_id=caller.id)
    for note in (before, plain, other, elsewhere, behalf):
        assert outcome(note) == "42501", note
    assert outcome(own, revision=2) == "42501"
    assert outcome(other, colleague) == outcome(own, colleague) == "42501"
    for someone in (advisor, partner):
        assert as_role(someone.kind).fails(
            insert_record(change, own), caller_id=someone.id) == "42501"
    assert outcome(own) is None


@pytest.mark.rule("3.4")
@pytest.mark.fact(7)
def test_the_database_itself_verifies_nothing_without_a_record(
        case, contact, colleague, advisor, as_role):
    change = case.ask_for_change(advisor).expect(201)
    note = case.note(contact, f"I confirm {change['reference']}."
                     ).expect(201)["id"]

    def outcome(state, caller=contact, **columns):
        sets = "".join(f", {name} = {value}"
                       for name, value in columns.items())
        return as_role("contact").fails(
            f"update casework.change_requests set state = '{state}'{sets}"
            " where id = %s", change["id"], caller_id=caller.id)
    for caller in (contact, colleague):
        assert outcome("verified", caller, verified_at="now()",
                       verified_by_id=caller.id, verified_by_name="'x'",
                       verification_note_id=note) == "42501"
        assert outcome("rejected", caller, ended_at="now()",
                       rejection_note_id=note) == "42501"
    for columns, error in ((", ended_at = now()", "23514"), (
            ", ended_at = now(), verified_at = now(), verification_note_id ="
            f" {note}", "42501")):
        assert as_role("staff").fails(
            f"update casework.change_requests set state = 'performed'{columns}"
            " where id = %s", change["id"], caller_id=1) == error


@pytest.mark.rule("3.4")
def test_the_database_itself_takes_a_confirmation_away_with_the_text(
        case, change, advisor, as_role):
    confirm(case.submitter, change).expect(200)
    assert as_role("staff").fails(
        "update casework.change_requests set description = 'Another',"
        " state = 'performed', ended_at = now(), revised_at = now()"
        " where id = %s", change["id"], caller_id=advisor.id) == "23514"
    perform(advisor, change).expect(200)
    assert as_role("staff").fails(
        "update casework.change_requests set description = 'Another',"
        " revised_at = now() where id = %s", change["id"],
        caller_id=advisor.id) == "42501"


@pytest.mark.rule("3.4")
@pytest.mark.parametrize("statement", [
    "update casework.change_confirmations set subject = 'x' where"
    " change_request_id = {id}",
    "delete from casework.change_confirmations where change_request_id = {id}",
    "truncate casework.change_confirmations"])
def test_nobody_changes_a_record(
        case, change, advisor, partner, as_role, sql, statement):
    confirm(case.submitter, change).expect(200)
    kept = record(advisor, change).expect(200).json
    text = statement.format(id=change["id"])
    for someone in (case.submitter, advisor, partner):
        assert as_role(someone.kind).fails(
            text, caller_id=someone.id) == "42501", someone.kind
    with pytest.raises(SqlError) as error:
        sql.run(text)                          # nor the owner
    assert error.value.state == "42501"
    assert record(advisor, change).expect(200).json == kept


# -- a note that quotes it -------------------------------------------------

@pytest.mark.rule("3.4")
@pytest.mark.parametrize("kind", ["contact", "colleague", "partner",
                                  "advisor"])
def test_a_note_that_quotes_it_decides_nothing(
        request, case, change, advisor, kind):
    someone = request.getfixturevalue(kind)
    note = case.note(someone, f"I confirm {change['reference']}.").expect(201)
    assert note["mentioned_change_request_ids"] == [change["id"]]
    assert someone.get(note.location).json == note.json
    answer = advisor.get(change.location).expect(200)
    assert answer["state"] == "awaiting_written_verification"
    assert (answer["mention_count"], answer["last_mention_note_id"]) == (
        1, note["id"])
    assert answer.etag != change.etag
    event = case.history()[-1]
    assert (event["type"], event["note_id"]) == (
        "case.change_mentioned", note["id"])
    assert event["changes"][0] == {
        "member": change["reference"], "old": None, "new": "mentioned"}
    perform(advisor, change).expect(409, problem="not-verified")
    record(advisor, change).expect(404)


@pytest.mark.rule("3.4")
@pytest.mark.parametrize("text, mentions", [
    ("{ref}", True), ("Yes, {ref}!", True), ("yes to\n({ref})", True),
    ("{lower} is mine", True), ("{ref} and {ref}", True),
    ("{ref}0", False), ("X{ref}", False), ("{id}", False),
    ("Not CR-0, nor X{ref}", False), ("As CR-1, not X{ref}", False), ("CR-99999999999999999", False),
    ("CR {id}", False), ("CR-0{id}", False), ("CR-", False),
    ("{ref}x", False), ("I confirm.", False)])
def test_the_reference_is_a_word_of_its_own(
        case, change, advisor, text, mentions):
    reference = change["reference"]
    note = case.note(text=text.format(
        ref=reference, lower=reference.lower(), id=change["id"])).expect(201)
    assert note["mentioned_change_request_ids"] == (
        [change["id"]] if mentions else [])
    assert advisor.get(change.location)["mention_count"] == int(mentions)
    assert ("case.change_mentioned" in case.event_types()) is mentions


@pytest.mark.rule("3.4")
def test_a_note_mentions_what_is_of_its_own_case(
        contact, case, change, advisor):
    changes = [change, case.ask_for_change(advisor).expect(201)]
    text = " and ".join(c["reference"] for c in changes)
    other = contact.submit().note(text=text).expect(201)
    assert other["mentioned_change_request_ids"] == []
    assert advisor.get(change.location)["mention_count"] == 0
    note = case.note(text=text).expect(201)
    assert note["mentioned_change_request_ids"] == [c["id"] for c in changes]
    assert case.event_types().count("case.change_mentioned") == 1


@pytest.mark.rule("3.4")
def test_an_internal_note_shows_nothing_to_the_district(
        case, change, advisor):
    before = advisor.get(change.location), case.history()
    note = case.note(advisor, f"See {change['reference']}.",
                     visibility="internal").expect(201)
    assert note["mentioned_change_request_ids"] == [change["id"]]
    after = advisor.get(change.location)
    assert (after.json, after.etag) == (before[0].json, before[0].etag)
    assert case.history() == before[1]


# -- the advisor is told ---------------------------------------------------

@pytest.mark.rule("3.4")
@pytest.mark.parametrize("action, kind", [
    ("confirmation", "case.change_verified"),
    ("rejection", "case.change_rejected")])
def test_the_advisor_is_told_of_a_decision_once(
        post, case, change, reachable, action, kind):
    post.forget_the_past()
    decide(case.submitter, change, action).expect(200)
    assert told(case) == ["yes"]
    assert [what for what, who in post.written(case)
            if who == f"staff:{reachable.id}"] == [kind]


@pytest.mark.rule("3.4")
@pytest.mark.parametrize("kind, others", [
    ("contact", []), ("partner", ["case.note_added"])])
def test_the_advisor_is_told_of_a_mention(
        request, post, case, change, reachable, kind, others):
    post.forget_the_past()
    case.note(request.getfixturevalue(kind), f"Do {change['reference']}."
              ).expect(201)
    assert told(case) == ["yes"]
    written = post.written(case)
    assert [what for what, who in written
            if who == f"staff:{reachable.id}"] == ["case.change_mentioned"]
    assert [what for what, who in written
            if who == f"contact:{case.submitter.id}"] == others


@pytest.mark.rule("3.4")
def test_the_event_says_why_nobody_is_told(
        case, change, advisor, colleague, sql):
    def outcome(by):
        case.note(by, f"About {change['reference']}.").expect(201)
        return told(case)
    assert outcome(colleague) == ["no: unassigned"]
    case.assign(advisor, advisor).expect(200)
    assert outcome(colleague) == ["no: the advisor has no address"]
    assert outcome(advisor) == ["no: by staff"]
    sql.run("update casework.staff set email = %s where id = %s",
            f"advisor-{advisor.id}@casework.example", advisor.id)
    acting = colleague.acting_for(f"staff:{advisor.id}")
    assert outcome(acting) == ["no: by the advisor"]
    case.change(advisor, test=True).expect(200)
    assert outcome(colleague) == ["no: a test"]
