"""Requests as spans of OpenTelemetry: `casework-worker traces` reads the
service's log and posts to a collector (OTLP 1 over HTTP, JSON)."""

import contextlib
import http.server
import json
import os
import re
import subprocess
import tempfile
import threading
import time

import pytest

from instance import until

pytestmark = pytest.mark.direct
TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = "b7ad6b7169203331"
LINE = {"time": "2026-11-23T16:20:00.250Z", "level": "info",
        "event": "request", "request_id": "1" * 32, "trace_id": TRACE,
        "span_id": PARENT, "operation": "get_case", "caller": "contact",
        "method": "GET", "status": 200, "duration_us": 250, "db_us": 200}


class Collector(http.server.ThreadingHTTPServer):
    """Takes spans; answers the statuses that it is given first."""
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Receiver)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.statuses, self.posts, self.taken = [], [], []

    @property
    def spans(self):
        return [span for body in list(self.taken)
                for resource in body["resourceSpans"]
                for scope in resource["scopeSpans"]
                for span in scope["spans"]]

    def of(self, trace):
        return [span for span in self.spans if span["traceId"] == trace]


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posts.append((self.path, dict(self.headers)))
        status = self.server.statuses.pop(0) if self.server.statuses else 200
        if status == 200:
            self.server.taken.append(json.loads(body))
        self.send_response(status)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        pass


@pytest.fixture
def collector():
    server = Collector()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def exporter(instance, collector):
    """Starts it on a log."""
    @contextlib.contextmanager
    def start(log, **settings):
        with tempfile.TemporaryFile() as said:
            process = subprocess.Popen(
                [*instance.account, str(instance.run_dir / "bin" /
                                        "casework-worker"), "traces", log],
                env={**instance.env, "OTEL_EXPORTER_OTLP_ENDPOINT":
                     collector.url, **settings},
                stdin=subprocess.PIPE, stdout=said, stderr=said)

            def words():
                said.seek(0)
                return said.read().decode()
            process.words = words
            try:
                yield process
            finally:
                process.terminate()
                process.communicate()
            assert process.returncode == 0, words()
    return start


@pytest.fixture
def log(instance):
    """A log of one's own, that the exporter may read."""
    with tempfile.TemporaryDirectory(dir=instance.state()) as directory:
        subprocess.run(["chmod", "755", directory], check=True)
        yield Log(directory + "/casework.log")


class Log:
    def __init__(self, path):
        self.path, self.count = path, 0
        self.write()

    def write(self, *lines):
        with open(self.path, "a", encoding="utf-8") as file:
            file.writelines(line + "\n" for line in lines)

    def request(self, **members):
        """A request's line, with a trace of its own: which is returned."""
        self.count += 1
        trace = f"{self.count:032x}"
        self.write(json.dumps({**LINE, "trace_id": trace, **members}))
        return trace


def until_it_follows(log, collector):
    """It begins at the end of the file, wherever that is when it starts."""
    sent = []

    def seen():
        sent.append(log.request())
        return any(collector.of(trace) for trace in sent)
    until(seen, pause=0.3)


def attributes(span):
    return {a["key"]: next(iter(a["value"].values()))
            for a in span["attributes"]}


def test_a_request_of_the_service_is_a_span(
        exporter, collector, instance, contact):
    path, sent = "/v1/cases?limit=1", {}

    def ask(flags):
        answer = contact.get(path, headers={
            "traceparent": f"00-{TRACE}-{PARENT}-{flags}"}).expect(200)
        sent[answer.headers["request-id"]] = answer.headers["traceparent"]
        assert answer.headers["traceparent"].endswith("-" + flags)

    def arrived():
        ask("01")
        return collector.of(TRACE)
    began = time.time_ns()
    with exporter(str(instance.log_file)):
        ask("00")
        until(arrived, pause=0.3)
        ask("00")
        last = contact.get(path).expect(200).headers["traceparent"].split("-")
        until(lambda: collector.of(last[1]))
    for span in collector.of(TRACE):
        about = attributes(span)
        assert sent[about["casework.request_id"]
                    ] == f"00-{TRACE}-{span['spanId']}-01"
        assert span["parentSpanId"] == PARENT
        assert (span["name"], span["kind"]) == ("list_cases", 2)
        assert about["http.request.method"] == "GET"
        assert about["http.response.status_code"] == "200"
        assert about["casework.caller"] == "contact"
        start, end = (int(span[f"{which}TimeUnixNano"])
                      for which in ("start", "end"))
        assert 0 < int(about["casework.database_us"]) * 1000 <= end - start
        assert began - 10**9 < start < end < time.time_ns() + 10**9
        assert "status" not in span
    [span] = collector.of(last[1])
    assert span["spanId"] == last[2] and "parentSpanId" not in span
    [service] = {attributes(r["resource"])["service.name"]
                 for body in collector.taken for r in body["resourceSpans"]}
    assert service == "casework"
    assert {path for path, _ in collector.posts} == {"/v1/traces"}


def test_the_operator_s_headers_and_name(exporter, collector, log):
    with exporter(log.path, OTEL_SERVICE_NAME="desk of the north",
                  OTEL_EXPORTER_OTLP_ENDPOINT=collector.url + "/",
                  OTEL_EXPORTER_OTLP_HEADERS="x-key=a%20b%3D, x-other=c"):
        until_it_follows(log, collector)
    path, headers = collector.posts[0]
    assert path == "/v1/traces"
    assert headers["Content-Type"] == "application/json"
    assert (headers["x-key"], headers["x-other"]) == ("a b=", "c")
    [resource] = collector.taken[0]["resourceSpans"]
    assert attributes(resource["resource"]
                      )["service.name"] == "desk of the north"


def test_faults_are_marked_and_times_are_exact(exporter, collector, log):
    with exporter(log.path):
        until_it_follows(log, collector)
        trace = log.request(status=503, problem="unavailable",
                            sqlstate="57P03", operation="")
        until(lambda: collector.of(trace))
    [span] = collector.of(trace)
    assert span["name"] == "GET" and span["status"] == {"code": 2}
    assert attributes(span)["error.type"] == "unavailable"
    assert attributes(span)["db.response.status_code"] == "57P03"
    assert span["endTimeUnixNano"] == "1795450800250000000"
    assert span["startTimeUnixNano"] == "1795450800249750000"


def test_what_is_no_request_is_passed_over(exporter, collector, log):
    with exporter(log.path):
        until_it_follows(log, collector)
        log.write("", "{", "null", "[]", "x" * 100_000, '{"event":"request"}',
                  json.dumps({**LINE, "event": "sql_error"}),
                  json.dumps({**LINE, "time": "yesterday"}),
                  json.dumps({**LINE, "sampled": False}))
        trace = log.request()
        until(lambda: collector.of(trace))
    assert not collector.of(TRACE)


def test_a_collector_that_is_away_gets_all_of_it_later(
        exporter, collector, log):
    with exporter(log.path) as process:
        until_it_follows(log, collector)
        collector.statuses = [503, 429]
        traces = [log.request() for _ in range(2000)]
        until(lambda: collector.of(traces[-1]))
        assert not collector.statuses
        assert "the collector is back" in process.words()
    arrived = [span["traceId"] for span in collector.spans]
    assert [t for t in arrived if t in set(traces)] == traces


def test_what_a_collector_refuses_is_not_sent_again(exporter, collector, log):
    with exporter(log.path) as process:
        until_it_follows(log, collector)
        collector.statuses = [400]
        lost = log.request()
        until(lambda: not collector.statuses)
        kept = log.request()
        until(lambda: collector.of(kept))
        assert "400" in process.words()
    assert not collector.of(lost)


def test_a_rotation_loses_no_line(exporter, collector, log):
    with exporter(log.path):
        until_it_follows(log, collector)
        traces = []
        for turn in range(3):
            traces += [log.request() for _ in range(100)]
            until(lambda: collector.of(traces[-1]))
            traces += [log.request() for _ in range(100)]
            os.rename(log.path, f"{log.path}.{turn}")
            log.write()
        traces.append(log.request())
        until(lambda: collector.of(traces[-1]))
        os.truncate(log.path, 0)            # logrotate's copytruncate
        until_it_follows(log, collector)
    arrived = [span["traceId"] for span in collector.spans]
    assert [t for t in arrived if t in set(traces)] == traces


def test_standard_input_is_sent_to_its_end(exporter, collector):
    with exporter("-") as process:
        process.communicate(("\n".join(
            json.dumps({**LINE, "trace_id": f"{n:032x}"})
            for n in range(1, 1501)) + "\n").encode())
        assert process.returncode == 0
    assert [int(s["traceId"], 16) for s in collector.spans
            ] == list(range(1, 1501))


@pytest.mark.parametrize("arguments, settings, words", [
    ([], {}, "usage"), (["-"], {"OTEL_EXPORTER_OTLP_ENDPOINT": ""}, "usage"),
    (["/nowhere/casework.log"], {}, "No such file")])
def test_what_it_cannot_do_is_one_line(instance, collector, arguments,
                                       settings, words):
    done = instance.run("traces", *arguments, program="casework-worker",
                        **{"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
                           **settings})
    assert done.returncode == 1 and not done.stdout
    assert re.fullmatch(rf"casework: .*{words}.*\n", done.stderr)
