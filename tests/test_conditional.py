"""Conditional requests (RFC 9110 13, RFC 6585): versions, 304, 412, 428."""

import pytest

from world import Defect

CHANGES = {     # every way of changing a case
    "update": ("PATCH", "", {"impact": "All"}),
    "assignment": ("POST", "/assignment", {"advisor_id": 1}),
    "resolution": ("POST", "/resolution", {"kind": "solved",
                                           "explanation": "Done."}),
    "scope": ("POST", "/scope", {"scope": "in_scope"}),
    "close": ("POST", "/close", {"closure_reason": "withdrawn"}),
    "reopen": ("POST", "/reopen", {"details": "Again."}),
}


@pytest.fixture
def change(advisor):
    def change(case, action, etag):
        method, path, body = CHANGES[action]
        return advisor.request(method, case.path + path, body, etag=etag)
    return change


@pytest.fixture(params=list(CHANGES))
def action(request, case):
    if request.param == "reopen":
        case.close().expect(200)
    return request.param


# -- reading ---------------------------------------------------------------

def resources(contact, case, staff):
    defect = Defect(staff)
    case.link(staff, defect).expect(201)
    return (case.note().expect(201).location, defect.path,
            case.escalate(staff).expect(201).location, case.path,
            f"/v1/contacts/{contact.id}",
            f"/v1/districts/{contact.district.id}")


def test_an_unchanged_resource_is_not_sent_again(contact, case, staff):
    for path in resources(contact, case, staff):
        etag = contact.get(path).expect(200).etag
        assert etag and etag.startswith('"') and etag.endswith('"')
        for value in (etag, "*", f'"other", {etag}', f'{etag},"x"',
                      f"W/{etag}"):
            answer = contact.get(path, headers={"If-None-Match": value})
            answer.expect(304)
            assert answer.body == b"" and answer.etag == etag
            head = contact.head(path, headers={"If-None-Match": value})
            assert head.expect(304).etag == etag


@pytest.mark.operations(where=lambda op: op.method == "GET"
                        and 304 in op.statuses)
def test_each_that_may_be_unchanged_says_so(op, stage):
    etag = stage.ask(op).expect(200).etag
    stage.ask(op, headers={"If-None-Match": etag}).expect(304)


def test_a_list_without_commas_names_no_version(contact, case, change):
    for value in (f'{case.etag} "x"', f'"x" {case.etag}', f'{case.etag}"x"',
                  f'{case.etag}, x'):
        contact.get(case.path, headers={"If-None-Match": value}).expect(200)
        change(case, "update", value).expect(400)
    for value in (f'{case.etag} , "x"', f', {case.etag},'):
        contact.get(case.path, headers={"If-None-Match": value}).expect(304)


def test_another_version_is_sent_in_full(contact, case):
    for value in ('"0"', 'W/"0"', '"x"', "0", "", '"0", "1x"', '"'):
        contact.get(case.path, headers={"If-None-Match": value}).expect(200)


def test_a_changed_resource_has_another_etag(case):
    first = case.etag
    case.change(impact="All").expect(200)
    answer = case.submitter.get(case.path, headers={"If-None-Match": first})
    assert answer.expect(200).etag != first


def test_the_etag_does_not_depend_on_who_asks(case, colleague, staff, partner):
    etags = {case.read(who).etag for who in (
        case.submitter, colleague, staff, partner)}
    assert len(etags) == 1


def test_an_etag_is_that_of_the_version_just_written(case, change, staff):
    answer = change(case, "update", case.etag).expect(200)
    assert answer.etag == case.read(staff).etag
    assert answer["impact"] == "All"


def test_304_tells_nothing_to_a_stranger(case, stranger, public):
    etag = case.etag
    for value in (etag, "*"):
        stranger.get(case.path, headers={"If-None-Match": value}).expect(404)
        public.get(case.path, headers={"If-None-Match": value}).expect(401)


@pytest.mark.parametrize("path", ["/openapi.json", "/openapi.yaml"])
def test_the_document_is_sent_once(public, path):
    first = public.get(path).expect(200)
    again = public.get(path, headers={"If-None-Match": first.etag})
    assert again.expect(304).body == b""
    public.get(path, headers={"If-None-Match": '"x"'}).expect(200)


def test_a_collection_has_no_version(contact, case):
    assert contact.get("/v1/cases").etag is None
    contact.get("/v1/cases", headers={"If-None-Match": "*"}).expect(200)


# -- writing ---------------------------------------------------------------

def test_the_version_read_last_may_be_changed(case, change, action):
    before = case.etag
    answer = change(case, action, before).expect(200)
    assert answer.etag != before


def test_any_version_may_be_changed_when_asked_so(case, change, action):
    change(case, action, "*").expect(200)


def test_one_of_several_versions_is_enough(case, change, action):
    change(case, action, f'"0", {case.etag}').expect(200)


def test_a_version_seen_before_the_last_change_is_refused(
        case, change, action):
    old = case.etag
    case.world.sql.run("update casework.cases set version = version + 1"
                       " where id = %s", case.id)
    before = case.read(), case.history()
    change(case, action, old).expect(412, problem="precondition-failed")
    assert (case.read().json["status"], case.history()) == (
        before[0].json["status"], before[1])


def test_a_weak_version_never_matches(case, change, action):
    """RFC 9110 13.1.1: If-Match compares strongly."""
    change(case, action, "W/" + case.etag).expect(412)


def test_without_a_version_nothing_is_changed(case, change, action):
    before = case.etag
    change(case, action, None).expect(428, problem="precondition-required")
    assert case.etag == before


def test_a_version_helps_nobody_to_see_what_is_not_theirs(
        case, stranger, staff):
    for etag in (case.etag, "*", '"0"'):
        case.change(stranger, etag=etag, impact="x").expect(404)


def test_the_rules_come_before_no_version_and_after_a_wrong_one(case):
    """A stale writer hears 412 first: it does not know the state."""
    case.close().expect(200)
    case.close(etag='"0"').expect(412)
    case.close(etag="*").expect(409)


def test_each_write_is_a_new_version(case, advisor, staff):
    seen = [case.etag]
    for answer in (case.assign(staff, advisor), case.resolve(advisor),
                   case.close(), case.reopen(), case.change(impact="All")):
        seen.append(answer.expect(200).etag)
    assert len(set(seen)) == len(seen)
