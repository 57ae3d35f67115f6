"""What `Accept` says (RFC 9110 12.5.1), for every operation of the document."""

import json

import pytest


def content_types(op):
    return op.responses[str(op.success)].get("content", {})


def content_type(op):
    return next(iter(content_types(op)), None)


@pytest.mark.operations(where=lambda op: 406 in op.statuses)
def test_an_accept_that_excludes_the_answer_406(op, stage):
    kind = content_type(op)
    none = "".join(f", {k};q=0" for k in content_types(op))
    for accept in ("text/x", "image/*", none.lstrip(", "), "*/*;q=0",
                   f"*/*{none}", "text/x, image/png;q=0.9",
                   "application/jsonx"):
        answer = stage.ask(op, headers={"Accept": accept})
        assert answer.status == 406, (accept, answer.transcript())
        assert kind in json.dumps(answer.json)


@pytest.mark.operations(where=lambda op: op.method == "GET")
def test_an_accept_that_includes_the_answer_is_honored(op, stage):
    kind = content_type(op)
    family = kind.split("/")[0] + "/*"
    for accept in (kind, family, "*/*", f"text/x, {kind};q=0.1",
                   f"{kind};charset=utf-8", kind.upper(), "*/*;q=0.001",
                   f"  {kind} , */* ;q=0.5", f"image/png,{family};q=0.2",
                   f"{kind};q=1.000"):
        answer = stage.ask(op, headers={"Accept": accept})
        assert answer.status == op.success, (accept, answer.transcript())
        assert answer.headers["content-type"].startswith(kind)


OTHER_FORMS = {"text/html", "text/csv"}


@pytest.mark.operations(where=lambda op: op.method == "GET" and
                        "application/json" in content_types(op) and
                        OTHER_FORMS & set(content_types(op)))
def test_a_page_or_table_is_for_who_wants_one_more(op, stage):
    other = (OTHER_FORMS & set(content_types(op))).pop()
    for accept, wanted in (
            (f"{other},application/xhtml+xml,*/*;q=0.8", other),
            (other, other), ("text/*", other),
            (f"{other};q=0.5, application/json;q=0.4", other),
            (f"*/*;q=0.1, {other};q=0.2", other),
            (f"{other}, application/json", "application/json"),
            (f"{other};q=0.3, application/*;q=0.4", "application/json"),
            ("*/*", "application/json"), ("", "application/json")):
        answer = stage.ask(op, headers={"Accept": accept}).expect(op.success)
        assert answer.headers["content-type"].startswith(wanted), accept


@pytest.mark.operations(where=lambda op: 406 in op.statuses)
def test_an_accept_that_is_malformed_400(op, stage):
    """A weight is looked for nowhere but where it belongs."""
    kind = content_type(op)
    for q in ("nan", "5", "-1", "1.001", "0.5;q=1"):
        answer = stage.ask(op, headers={"Accept": f"{kind};q={q}"})
        answer.expect(400, problem="invalid-parameter")
        assert answer.faults == ["Accept"]
    for accept in (f'text/csv;a="q=0", {kind}', f'{kind};a=", {kind};q=0"',
                   f"text/csv;q=0, {kind}", f"{kind};xq=0",
                   f"{kind};level=1;q=0, {kind};q=0.1"):
        answer = stage.ask(op, headers={"Accept": accept})
        assert answer.status not in (400, 406), answer.transcript()
