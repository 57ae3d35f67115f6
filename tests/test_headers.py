"""Headers that every answer carries: request-id, trace, links, caching."""

import re

import pytest

from world import a_case

AREAS = "/v1/product-areas"
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_every_answer_has_a_request_id_of_its_own(public):
    ids = {public.get(path).headers["request-id"] for path in
           (AREAS, AREAS, "/nowhere", "/v1/me", "/livez", "/metrics",
            "/openapi.json", "/v1/calendar?x=1")}
    assert len(ids) == 8
    assert all(re.fullmatch(r"[A-Za-z0-9-]{8,64}", i) for i in ids)


def test_a_request_id_is_found_in_the_log(contact, log):
    mark = log.mark()
    answer = contact.get("/v1/cases/9007199254740991").expect(404)
    line = log.of_request(answer.headers["request-id"], mark)
    assert line["operation"] == "get_case" and line["status"] == 404


@pytest.mark.parametrize("value", [
    'x"} {"y": "z', "a" * 5000, "short", "../../etc", "é", "a b"])
def test_a_request_id_of_the_client_does_no_harm(public, value, log):
    mark = log.mark()
    answer = public.get(AREAS, headers={"Request-Id": value.encode()})
    log.of_request(answer.headers["request-id"], mark)
    assert re.fullmatch(r"[A-Za-z0-9-]{1,64}", answer.headers["request-id"])


def parts(answer):
    version, trace, parent, flags = answer.headers["traceparent"].split("-")
    assert version == "00" and re.fullmatch(r"[0-9a-f]{2}", flags)
    assert re.fullmatch(r"[0-9a-f]{32}", trace) and int(trace, 16)
    assert re.fullmatch(r"[0-9a-f]{16}", parent) and int(parent, 16)
    return trace, parent


def test_a_trace_is_continued_with_a_span_of_our_own(public, log):
    mark = log.mark()
    answer = public.get(AREAS, headers={"traceparent": TRACE})
    trace, parent = parts(answer)
    assert trace == TRACE[3:35] and parent != TRACE[36:52]
    line = log.of_request(answer.headers["request-id"], mark)
    assert line["trace_id"] == trace


def test_a_problem_names_the_trace(public):
    answer = public.get("/nowhere", headers={"traceparent": TRACE})
    assert answer.expect(404)["trace_id"] == TRACE[3:35]


@pytest.mark.parametrize("value", [
    "", "junk", TRACE[:-1], TRACE + "0", TRACE.upper(), "ff" + TRACE[2:],
    "00-" + "0" * 32 + "-b7ad6b7169203331-01",
    "00-0af7651916cd43dd8448eb211c80319c-" + "0" * 16 + "-01",
    TRACE.replace("-", "_"), TRACE.replace("a", "g"), "00-é" + TRACE[4:],
    TRACE + "-extra"])
def test_a_trace_we_cannot_read_is_replaced_and_never_refused(public, value):
    answer = public.get(AREAS, headers={"traceparent": value.encode()})
    trace, _ = parts(answer.expect(200))
    assert trace != TRACE[3:35]


def test_a_trace_of_a_later_version_is_continued(public):
    """W3C Trace Context: higher versions are read as far as we know them."""
    answer = public.get(AREAS, headers={
        "traceparent": "01" + TRACE[2:] + "-more"})
    assert parts(answer.expect(200))[0] == TRACE[3:35]


def test_without_a_trace_each_request_starts_one(public):
    assert parts(public.get(AREAS))[0] != parts(public.get(AREAS))[0]


def test_personal_answers_are_never_stored(contact, case):
    for path in ("/v1/me", "/v1/cases", case.path, "/v1/contacts",
                 case.path + "/notes", case.path + "/history"):
        answer = contact.get(path).expect(200)
        assert answer.headers["cache-control"] == "no-store"
        assert "authorization" in answer.headers["vary"].lower()
    created = contact.post("/v1/cases", a_case()).expect(201)
    assert created.headers["cache-control"] == "no-store"


def test_answers_are_safe_in_a_browser(contact, public):
    for answer in (contact.get("/v1/me"), public.get("/nowhere"),
                   public.get("/openapi.yaml")):
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_no_answer_tells_what_the_service_is_made_of(public):
    for path in (AREAS, "/nowhere"):
        headers = public.get(path).headers
        for name in ("server", "x-powered-by"):
            assert not re.search(r"(?i)kore|\d", headers.get(name, ""))


def test_a_collection_links_to_its_next_page(contact):
    for _ in range(2):
        contact.submit()
    page = contact.get("/v1/cases", query={"limit": 1, "status": "new"})
    target = page.link("next")
    assert "/v1/cases?" in target and "status=new" in target
    assert "limit=1" in target and "cursor=" in target
    assert re.match(r"https?://[^/]+/v1/cases\?", target)


def test_a_created_resource_is_where_its_location_says(contact, case):
    note = case.note().expect(201)
    for answer in (case.answer, note):
        assert re.match(r"https?://[^/]+/v1/", answer.headers["location"])
        contact.get(answer.location).expect(200)


def test_problems_have_a_page_that_explains_them(public, contact):
    for answer in (public.get("/nowhere"), public.get("/v1/me"),
                   contact.post("/v1/cases", {}),
                   contact.get("/v1/cases?x=1")):
        page = "/problems/" + answer.problem
        assert answer["type"].endswith(page)
        explained = public.get(page).expect(200)
        assert explained["slug"] == answer.problem
        assert explained["title"] == answer["title"]
        assert explained["status"] == answer.status
    public.get("/problems/no-such-problem").expect(404)


def test_all_problem_types_are_listed(public, contract):
    listed = public.get("/problems").expect(200).items
    assert len({p["slug"] for p in listed}) == len(listed) > 40
    for problem in listed:
        page = public.get("/problems/" + problem["slug"]).expect(200)
        assert page.json == problem
    assert "GET /problems" in contract.document["info"]["description"]
