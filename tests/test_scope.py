"""Scope of support: facts 2 and 53. The case stays, whatever is said."""

import pytest

SENTENCE = ("Infinite Campus does not interpret or recommend specific"
            " district policy.")


def scope(case, by, etag="*", **body):
    return case.act(by, "scope", body, etag)


@pytest.mark.fact(2)
def test_out_of_scope_is_said_in_a_public_note(case, advisor):
    assert case["scope"] == "undetermined"
    answer = scope(case, advisor, scope="out_of_scope",
                   redirect_team="training", text="Training helps with this."
                   ).expect(200)
    assert (answer["scope"], answer["redirect_team"]) == (
        "out_of_scope", "training")
    note = case.notes()[-1]
    assert (note["kind"], note["visibility"], note["text"]) == (
        "scope", "public", "Training helps with this.")
    event = case.history()[-1]
    assert event["type"] == "case.scoped" and event["note_id"] == note["id"]
    assert case.changes("scope") == [("undetermined", "out_of_scope")]


@pytest.mark.fact(2)
def test_a_case_out_of_scope_stays(case, advisor, colleague):
    status = case["status"]
    scope(case, advisor, scope="out_of_scope", text="Not ours.").expect(200)
    assert case.read(colleague)["status"] == status
    case.note(colleague).expect(201)
    assert case.id in colleague.get("/v1/cases").ids


@pytest.mark.fact(2)
def test_out_of_scope_needs_words(case, advisor):
    for text in ({}, {"text": None}, {"text": " "}):
        answer = scope(case, advisor, scope="out_of_scope", **text)
        assert answer.expect(422).faults == ["/text"]
    assert case["scope"] == "undetermined" and case.notes() == []


@pytest.mark.fact(53)
@pytest.mark.parametrize("text", [None, "Ask your board."])
def test_a_policy_question_is_out_of_scope_with_the_sentence(
        case, advisor, text):
    answer = scope(case, advisor, scope="out_of_scope", policy_question=True,
                   text=text).expect(200)
    assert answer["policy_question"] is True
    note = case.notes()[-1]["text"]
    assert note == SENTENCE + (f"\n\n{text}" if text else "")


@pytest.mark.fact(53)
@pytest.mark.parametrize("value", ["in_scope", "undetermined"])
def test_a_policy_question_is_never_in_scope(case, advisor, value):
    answer = scope(case, advisor, scope=value, policy_question=True)
    assert answer.expect(422).faults == ["/scope"]
    assert case["policy_question"] is False


@pytest.mark.fact(2)
def test_scope_can_be_taken_back_without_words(case, advisor):
    scope(case, advisor, scope="out_of_scope", redirect_team="development",
          text="Not ours.").expect(200)
    answer = scope(case, advisor, scope="in_scope").expect(200)
    assert (answer["scope"], answer["redirect_team"]) == ("in_scope", None)
    assert len(case.notes()) == 1
    version = case.etag
    scope(case, advisor, scope="in_scope").expect(200)
    assert case.etag == version


def test_only_what_is_out_of_scope_is_redirected(case, advisor):
    answer = scope(case, advisor, scope="in_scope", redirect_team="training")
    assert answer.expect(422).faults == ["/redirect_team"]


@pytest.mark.rule("2.3")
def test_saying_it_is_a_response(case, advisor):
    assert case.target["first_response_at"] is None
    scope(case, advisor, scope="out_of_scope", text="Not ours.").expect(200)
    assert case.target["first_response_at"] is not None
    types = [e["type"] for e in case.history()]
    assert types == ["case.submitted", "case.note_added", "case.scoped"]


def test_scope_is_staffs_on_the_version_they_saw(case, advisor):
    etag = case.etag
    case.change(impact="All").expect(200)
    scope(case, advisor, etag, scope="in_scope").expect(412)
    scope(case, advisor, None, scope="in_scope").expect(428)
    assert case["scope"] == "undetermined"


@pytest.mark.parametrize("kind", ["contact", "partner", "telephony"])
def test_nobody_else_says_what_is_in_scope(request, case, kind):
    scope(case, request.getfixturevalue(kind), scope="in_scope").expect(
        403, problem="caller-not-allowed")
    assert case["scope"] == "undetermined"


def test_a_closed_case_is_not_scoped(case, advisor):
    case.close().expect(200)
    scope(case, advisor, scope="in_scope").expect(
        409, problem="illegal-transition")
