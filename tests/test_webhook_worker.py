"""Where webhooks may go, and the workers that send them: those that die, share
the work, end, log and count."""

import os
import signal

import pytest

from instance import figure, until
from webhooks import Webhook, make_certificate

pytestmark = pytest.mark.direct
DELIVERED = 'webhook_attempts_total{outcome="2xx"}'

# What the owner is told when nothing was dialed, whatever the reason.
NO_ADDRESS = {"status": None, "error": "the host has no public address",
              "milliseconds": 0}


def told(webhook):
    """What the log says of a test that has failed, but for the time."""
    (entry,) = webhook.until_state("failed")["log"]
    del entry["at"]
    return entry


# -- where it goes ---------------------------------------------------------

@pytest.mark.parametrize("url", [
    "http://desk.example/hook", "https://", "https://user@desk.example/",
    "https://desk.example/#x", "https://[::1]/", "https://desk.example /",
    "file:///etc/passwd", "https://desk.example\\@127.0.0.1/",
    "gopher://desk.example/", "https://desk.example:999999/"])
def test_only_https_urls_of_hosts(contact, url):
    contact.post("/v1/webhooks", {"url": url}).expect(422)


@pytest.mark.parametrize("port", ["0", "00000", "65536", "99999"])
def test_a_port_is_one_that_there_is(contact, webhook, port):
    for path in ("", "/", "/x:99", "?y=:1"):
        body = {"url": f"https://desk.example:{port}{path}"}
        for answer in (contact.post("/v1/webhooks", body),
                       webhook.change(**body)):
            assert answer.expect(422).faults == ["/url"]
            assert "1 to 65535" in answer["detail"]
    for url in ("https://desk.example:65535/x:0", "https://desk.example:1?y:0",
                "https://desk.example/x:99999/", "https://desk.example:/"):
        Webhook(contact, url)


@pytest.mark.parametrize("path", ["", "/x", ":443", "./x", "?x.y"])
def test_a_host_name_has_253_characters(contact, path):
    name = "a." * 120 + "b" * 13
    Webhook(contact, f"https://{name}{path}")
    answer = contact.post("/v1/webhooks", {"url": f"https://{name}b{path}"})
    assert answer.expect(422).faults == ["/url"]
    assert "253" in answer["detail"]


@pytest.mark.parametrize("url", ["https://desk.example/a b",
                                 "https://desk.example/caf\u00e9"])
def test_what_is_not_encoded_is_told_so(contact, url):
    answer = contact.post("/v1/webhooks", {"url": url}).expect(422)
    assert "percent-encoded" in answer["errors"][0]["detail"]


@pytest.mark.parametrize("host", [
    "127.0.0.1", "localhost", "0.0.0.0", "10.1.2.3", "169.254.169.254",
    "192.168.1.1", "172.31.255.254", "100.64.0.1", "224.0.0.1", "2130706433",
    "0x7f.1", "127.1"])
def test_addresses_that_are_not_public_are_refused(new_sender, receiver,
                                                   contact, host, case):
    """Judged when connecting: a name that resolves to loopback, too."""
    worker = new_sender(WEBHOOK_ALLOW="")
    webhook = Webhook(contact, f"https://{host}:{receiver.port}/hook")
    webhook.test()
    assert told(webhook) == NO_ADDRESS
    until(lambda: figure(
        worker, 'webhook_attempts_total{outcome="address_refused"}') == 1)
    assert receiver.taken == []


@pytest.mark.parametrize("host", [
    "no-such-host.invalid", "under_score.invalid", "256.1.1.1",
    "a" * 63 + ".invalid"])
def test_a_host_without_address_is_told_like_one_inside(new_sender, contact,
                                                        host):
    """Or else names of the inner network could be found by trying them."""
    worker = new_sender(WEBHOOK_ALLOW="")
    webhook = Webhook(contact, f"https://{host}/hook")
    webhook.test()
    assert told(webhook) == NO_ADDRESS
    until(lambda: figure(
        worker, 'webhook_attempts_total{outcome="no_address"}') == 1)
    until(lambda: '"no_address"' in worker.log_file.read_text())


def test_a_port_inside_that_nobody_listens_on_is_told_like_one_that_answers(
        new_sender, receiver, contact):
    new_sender(WEBHOOK_ALLOW="")
    for port in (receiver.port, 1, 5432):
        webhook = Webhook(contact, f"https://localhost:{port}/")
        webhook.test()
        assert told(webhook) == NO_ADDRESS


def test_who_refuses_at_a_permitted_address_is_told_so(sender, receiver,
                                                       contact):
    receiver.stop()
    webhook = Webhook(contact, receiver.url)
    webhook.test()
    (entry,) = webhook.until_state("failed")["log"]
    assert "onnect" in entry["error"]


def test_a_proxy_of_the_environment_is_not_used(new_sender, receiver, webhook):
    new_sender(https_proxy="http://127.0.0.1:1", HTTPS_PROXY="http://127.0.0.1:1",
               all_proxy="http://127.0.0.1:1", no_proxy="", NO_PROXY="")
    webhook.test()
    webhook.until_state("delivered")


def test_a_certificate_of_nobody_is_not_trusted(sender, new_receiver, contact,
                                                tmp_path):
    receiver = new_receiver(make_certificate(tmp_path, "nobody"))
    webhook = Webhook(contact, receiver.url)
    webhook.test()
    delivery = webhook.until_state("failed")
    assert "ertificate" in delivery["log"][0]["error"]
    assert receiver.taken == []


# -- workers ---------------------------------------------------------------

def test_a_killed_worker_s_delivery_goes_out_after_its_lease(
        new_sender, receiver, webhook, case):
    lease = {"WEBHOOK_LEASE_SECONDS": 8, "WEBHOOK_TIMEOUT": 7}
    receiver.answer("stall")
    first = new_sender(**lease)
    case.note().expect(201)
    assert receiver.begun.wait(60)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    assert webhook.deliveries()[0]["state"] == "pending"
    new_sender(**lease)
    webhook.until_state("delivered", 45)
    one, two = receiver.until_taken(2)
    assert one.id == two.id and two.signed_by(webhook.secret)


def test_two_workers_deliver_each_event_once(new_sender, receiver, contact,
                                             sql, district):
    webhooks = [Webhook(contact, f"{receiver.url}&n={n}", types=["test.many"])
                for n in range(3)]
    receiver.answer("stall", "stall")       # as many as one worker can send
    workers = [new_sender(WEBHOOK_CONNECTIONS=2, WEBHOOK_TIMEOUT=55)
               for _ in range(2)]
    sql.run("insert into casework.events (district_id, type, at, actor_kind,"
            " actor_id, actor_name) select %s, 'test.many', rules.now(),"
            " 'staff', 1, 'x' from generate_series(1, 50)", district.id)
    until(lambda: sum(figure(w, DELIVERED) for w in workers) >= 148)
    receiver.go_on.set()
    for webhook in webhooks:
        until(lambda: not webhook.deliveries(state="pending"))
    sent = [(taken.path, taken.id) for taken in receiver.taken]
    assert len(sent) == len(set(sent)) == 150
    until(lambda: sum(figure(w, DELIVERED) for w in workers) == 150)
    shares = [figure(w, DELIVERED) for w in workers]
    assert min(shares) > 0, shares


def test_an_event_in_hand_is_finished_before_the_end(new_sender, receiver,
                                                     webhook, case):
    worker = new_sender()
    receiver.answer("stall")
    case.note().expect(201)
    assert receiver.begun.wait(60)
    worker.terminate()
    until(lambda: "drain_started" in worker.log_file.read_text())
    receiver.go_on.set()
    assert worker.wait() == 0
    assert webhook.deliveries()[0]["state"] == "delivered"


def test_the_log_tells_no_url_and_no_secret(sender, receiver, webhook, case,
                                            log):
    mark = log.mark()
    receiver.answer(500)
    case.note().expect(201)
    webhook.until_attempts(1)
    webhook.rotate()
    until(lambda: "webhook_attempt" in sender.log_file.read_text())
    for text in (sender.log_file.read_text(), log.since(mark)):
        for secret in ("s3cret", f":{receiver.port}", webhook.secret):
            assert secret not in text


def test_the_queue_is_measured(new_sender, webhook, case):
    worker = new_sender(WEBHOOK_CONNECTIONS=0)
    for _ in range(3):
        case.note().expect(201)
    until(lambda: figure(worker, "webhook_queue_length") == 3)
    until(lambda: figure(worker, "webhook_queue_oldest_seconds") > 0)


@pytest.mark.parametrize("settings, word", [
    ({"WEBHOOK_ALLOW": "10.0.0.0/33"}, "WEBHOOK_ALLOW"),
    ({"WEBHOOK_ALLOW": "example"}, "WEBHOOK_ALLOW"),
    ({"WEBHOOK_LEASE_SECONDS": "20"}, "WEBHOOK_TIMEOUT")])
def test_a_bad_setting_is_one_line(instance, settings, word):
    done = instance.run("run", program="casework-worker", **settings)
    assert done.returncode == 1
    assert done.stderr.startswith("casework: ") and word in done.stderr
