"""Running it: health, metrics, log, and limits."""

import re
import time

import pytest

from client import Client, Service
from files import Log
from instance import ORIGIN, until
from wire import Wire
from world import a_case

SAMPLE = re.compile(
    r'([a-z_:][a-z0-9_:]*)(?:\{(.*)\})? ([0-9.e+-]+|[+-]Inf|NaN)')
LABEL = re.compile(r'([a-z_]+)="((?:[^"\\]|\\.)*)"(?:,|$)')


# -- health ----------------------------------------------------------------

def test_the_process_is_alive_and_ready(public):
    assert public.get("/livez").expect(200).json == {"status": "ok"}
    until(lambda: public.get("/readyz").json == {"status": "ok"})


# -- metrics ---------------------------------------------------------------

def scrape(public):
    """Metric name and labels → value, after a check of the text format."""
    answer = public.get("/metrics").expect(200)
    assert answer.headers["content-type"].startswith("text/plain")
    assert "version=0.0.4" in answer.headers["content-type"]
    types, helped, values = {}, set(), {}
    text = answer.body.decode()
    assert text.endswith("\n")
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name not in types, f"{name} is described twice"
            types[name] = kind
        elif line.startswith("# HELP "):
            helped.add(line.split(" ")[2])
        else:
            name, labels, value = SAMPLE.fullmatch(line).groups()
            family = name
            for suffix in ("_bucket", "_sum", "_count"):
                if types.get(name.removesuffix(suffix)) == "histogram":
                    family = name.removesuffix(suffix)
            assert family in types and family in helped, line
            assert name.startswith(("casework_", "process_"))
            if types[family] == "counter":
                assert name.endswith("_total")
            pairs = LABEL.findall(labels or "")
            assert "".join(f'{n}="{v}",' for n, v in pairs).rstrip(",") == (
                labels or "").rstrip(",")
            key = (name, tuple(sorted(pairs)))
            assert key not in values, line
            values[key] = float(value)
    return values


def total(values, name, **labels):
    return sum(v for (n, pairs), v in values.items()
               if n == name and set(labels.items()) <= set(pairs))


def test_metrics_follow_the_exposition_format(public):
    values = scrape(public)
    names = {name for name, _ in values}
    assert {"casework_http_requests_total",
            "casework_http_request_duration_seconds_bucket",
            "casework_database_connections", "casework_http_connections",
            "casework_http_connections_limit"} <= names


def test_requests_are_counted_by_operation_and_status(public, contact):
    before = scrape(public)
    for _ in range(5):
        contact.get("/v1/cases/9007199254740991").expect(404)
    contact.get("/nowhere").expect(404)

    def grown(name, **labels):
        return total(scrape(public), name, **labels) - total(
            before, name, **labels)
    until(lambda: grown("casework_http_requests_total", operation="get_case",
                        status="404") == 5)
    assert grown("casework_http_request_duration_seconds_count",
                 operation="get_case") == 5
    assert grown("casework_http_requests_total", status="404") >= 6


def test_buckets_add_up(public, contact):
    contact.get("/v1/me").expect(200)
    values = scrape(public)
    name = "casework_http_request_duration_seconds"
    operations = {dict(pairs)["operation"] for n, pairs in values
                  if n == name + "_count"}
    for operation in operations:
        buckets = [(float(dict(p)["le"]), v) for (n, p), v in values.items()
                   if n == name + "_bucket"
                   and dict(p)["operation"] == operation]
        counts = [v for _, v in sorted(buckets)]
        assert counts == sorted(counts)
        assert max(buckets)[0] == float("inf")
        assert counts[-1] == total(values, name + "_count",
                                   operation=operation)


def test_no_label_names_a_person_or_a_thing(public, contact, case, contract):
    case.note().expect(201)
    contact.get(case.path + "?x=1").expect(400)
    known = {op.id for op in contract.operations} | {"none"}
    for name, pairs in scrape(public):
        labels = dict(pairs)
        if name == "casework_build_info":
            assert set(labels) == {"version", "commit"}
            continue
        assert set(labels) <= {"operation", "status", "le", "caller", "pool",
                               "state", "kind", "method", "version", "alg",
                               "result", "reason", "sqlstate"}
        assert labels.get("operation", "none") in known, name


# -- log -------------------------------------------------------------------

def test_a_request_is_one_line_of_json(contact, log):
    mark, began = log.mark(), time.monotonic()
    answer = contact.post("/v1/cases", a_case()).expect(201)
    passed = time.monotonic() - began
    line = log.of_request(answer.headers["request-id"], mark)
    assert line["event"] == "request" and line["operation"] == "create_case"
    assert line["caller"] == "contact" and line["status"] == 201
    assert line["method"] == "POST"
    assert 0 < line["db_us"] <= line["duration_us"] <= passed * 1e6
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:]{8}\.\d+Z", line["time"])
    assert len([x for x in log.lines(mark)
                if x.get("request_id") == line["request_id"]]) == 1


def test_a_refusal_is_logged_with_its_problem(public, contact, log):
    mark = log.mark()
    for answer, operation, problem in (
            (public.get("/v1/me"), "get_me", "invalid-token"),
            (contact.get("/nowhere"), "", "not-found"),
            (contact.post("/v1/cases", {}), "create_case",
             "invalid-request")):
        line = log.of_request(answer.headers["request-id"], mark)
        assert (line["operation"], line["problem"]) == (operation, problem)


@pytest.mark.fact(9)
def test_the_log_holds_no_token_no_body_and_no_person(
        contact, staff, log, world):
    mark = log.mark()
    secret = "Secret subject 4b1f"
    case = contact.submit(subject=secret)
    case.note(text="Secret note 77aa").expect(201)
    contact.get("/v1/cases?subject=Secret%20filter%2011").expect(200)
    contact.post("/v1/cases", b'{"Secret broken": ').expect(400)
    contact.post("/v1/cases", {"Secret member": 1}).expect(422)
    contact.get("/v1/Secret-path").expect(404)
    contact.get("/v1/me", headers={"Authorization": "Bearer Secret.token.x",
                                   "User-Agent": "Secret agent",
                                   "traceparent": "Secret trace"}).status
    staff.patch(f"/v1/contacts/{contact.id}",
                {"email": f"secret-{contact.id}@example.org"}, etag="*"
                ).expect(200)
    last = contact.get("/v1/me")
    log.of_request(last.headers["request-id"], mark)
    text = log.since(mark)
    for found in (secret, "Secret", "secret-", contact.token,
                  contact.token.split(".")[1], contact.record["name"],
                  contact.record["email"], "@example.org"):
        assert found not in text, found


def test_every_line_of_the_log_is_json(log):
    lines = log.lines()
    assert len(lines) > 10
    assert all(isinstance(line, dict) and line["time"] and line["event"]
               for line in lines)


@pytest.mark.direct
def test_what_the_parser_refuses_is_logged_too(service, log):
    mark = log.mark()
    with Wire(service) as wire:
        wire.send("BREW /secret HTTP/1.1\r\nHost: a\r\n\r\n")
        answer = wire.answer()
    line = log.of_request(answer.headers["request-id"], mark)
    assert line["status"] == 501 and "secret" not in log.since(mark)


# -- limits ----------------------------------------------------------------

@pytest.mark.direct
def test_a_caller_that_asks_too_often_is_told_to_wait(
        instance, contract, contact, colleague):
    with instance.beside(RATE_LIMIT=30, WORKERS=1) as process:
        service = Service(process.url, contract)
        client = Client(service, contact.token, "contact")
        answers = [client.get("/v1/me") for _ in range(40)]
        statuses = [answer.status for answer in answers]
        assert statuses[:30] == [200] * 30 and 429 in statuses[30:]
        refused = next(a for a in answers if a.status == 429)
        assert refused.problem == "rate-limited"
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        policy, limit = (refused.headers[n]
                         for n in ("ratelimit-policy", "ratelimit"))
        assert re.fullmatch(r'"\w+";q=30;w=60', policy)
        assert re.fullmatch(r'"\w+";r=0;t=\d+', limit)
        assert re.fullmatch(r'"\w+";r=\d+;t=\d+',
                            answers[0].headers["ratelimit"])
        Client(service, colleague.token, "contact").get("/v1/me").expect(200)
        Client(service).get("/v1/calendar").expect(200)
        service.close()


@pytest.mark.direct
def test_idle_clients_make_room_when_every_connection_is_taken(
        instance, contract):
    with instance.beside(CONNECTIONS=16, WORKERS=1) as process:
        service = Service(process.url, contract)
        public = Client(service)
        wires = [Wire(service) for _ in range(40)]
        try:
            assert public.get("/livez").expect(200)
            until(lambda: "connections_full" in process.log_file.read_text())
            until(lambda: scrape(public)[
                "casework_http_connections", ()] > 1, 10)
            assert scrape(public)["casework_http_connections_limit", ()] == 16
            (line,) = [x for x in Log(process.log_file).lines()
                       if x["event"] == "connections_full"][:1]
            assert line["level"] == "warning"
        finally:
            for wire in wires:
                wire.socket.close()
            service.close()


@pytest.mark.direct
def test_links_use_the_public_url(instance, contract, contact):
    contact.submit()
    contact.submit()
    with instance.beside(PUBLIC_URL="https://api.casework.example/x"
                         ) as process:
        service = Service(process.url, contract)
        client = Client(service, contact.token, "contact")
        page = client.get("/v1/cases?limit=1").expect(200)
        wanted = "https://api.casework.example/x/"
        assert page.link("next").startswith(wanted + "v1/cases?")
        assert client.get("/nowhere")["type"] == wanted + "problems/not-found"
        created = client.post("/v1/cases", a_case()).expect(201)
        assert created.headers["location"].startswith(wanted + "v1/cases/")
        service.close()


@pytest.mark.direct
def test_several_workers_are_one_service(instance, contract, contact):
    """Cursors, tokens, metrics: nothing belongs to one worker."""
    for _ in range(4):
        contact.submit()
    with instance.beside(WORKERS=3, CORS_ORIGINS=ORIGIN) as process:
        service = Service(process.url, contract)
        client = Client(service, contact.token, "contact")
        for _ in range(10):
            seen, cursor = [], {}
            while True:
                service.close()         # perhaps another worker
                page = client.get("/v1/cases", query={"limit": 1, **cursor})
                seen += page.expect(200).ids
                if page["next"] is None:
                    break
                cursor = {"cursor": page["next"]}
            assert len(set(seen)) == len(seen) == 4
        service.close()
        until(lambda: total(scrape(Client(service)),
                            "casework_http_requests_total",
                            operation="list_cases") == 40)
        service.close()
        started = [line for line in Log(process.log_file).lines()
                   if line["event"] == "worker_started"]
        assert len({line["pid"] for line in started}) == 3
