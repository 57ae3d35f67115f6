"""A service below a path: PUBLIC_URL has one, and HAProxy in front takes it off
(docker/README.md). Whatever a client is given to follow leads back through the
proxy, whose root serves nothing."""

import json
import re
import subprocess
import urllib.error
import urllib.parse
import urllib.request

import pytest

from instance import ROOT, free_port, until
from mail import in_maildir, text_of
from status_files import Page
from surveys import PAGE, AREAS, Survey
from world import a_case

pytestmark = pytest.mark.direct
PREFIX = "/desk/support"

CONFIGURATION = """
defaults
	mode http
	timeout connect 5s
	timeout client 60s
	timeout server 60s
frontend front
	bind 127.0.0.1:{port}
	http-request deny deny_status 421 unless {{ path {prefix} }} || {{ path_beg {prefix}/ }}
	http-request replace-path {prefix}/?(.*) /\\1
	default_backend casework
backend casework
	server casework 127.0.0.1:{server}
"""

STATUS_PAGE = "https://status.casework.example"


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class Prefixed:
    """A service behind a proxy that takes the prefix off."""

    def __init__(self, process, port):
        self.process = process
        self.url = f"http://127.0.0.1:{port}{PREFIX}"
        self.opener = urllib.request.build_opener(NoRedirect())

    def ask(self, url, body=None, token=None, form=False, **headers):
        """Status, headers and text of an absolute URL, or a path below."""
        if not url.startswith("http"):
            url = self.url + url
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if body is not None:
            headers["Content-Type"] = ("application/x-www-form-urlencoded"
                                       if form else "application/json")
            body = (urllib.parse.urlencode(body) if form
                    else json.dumps(body)).encode()
        request = urllib.request.Request(url, body, headers)
        try:
            with self.opener.open(request, timeout=60) as answer:
                return answer.status, answer.headers, answer.read().decode()
        except urllib.error.HTTPError as answer:
            return answer.code, answer.headers, answer.read().decode()

    def is_below(self, url):
        return url.startswith(self.url + "/")


@pytest.fixture(scope="module")
def prefixed(instance, tmp_path_factory):
    port = free_port()
    url = f"HTTP://127.0.0.1:{port}{PREFIX}/"       # as people write it
    path = tmp_path_factory.mktemp("prefix") / "haproxy.cfg"
    with instance.beside(PUBLIC_URL=url) as process:
        path.write_text(CONFIGURATION.format(
            port=port, prefix=PREFIX, server=process.port))
        proxy = subprocess.Popen(
            ["/usr/sbin/haproxy", "-db", "-f", path], cwd=ROOT,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        found = Prefixed(process, port)

        def is_up():
            try:
                return found.ask("/livez")[0] == 200
            except OSError:
                return False
        try:
            until(is_up)
            yield found
        finally:
            proxy.terminate()
            proxy.wait()


def test_nothing_is_served_beside_the_prefix(prefixed):
    root = prefixed.url.removesuffix(PREFIX)
    for path in ("/", "/v1/calendar", "/livez", PREFIX + "x/livez"):
        assert prefixed.ask(root + path)[0] == 421, path


def test_location_and_next_page_are_below_it(prefixed, contact):
    status, headers, text = prefixed.ask("/v1/cases", a_case(), contact.token)
    assert status == 201 and prefixed.is_below(headers["location"])
    status, _, again = prefixed.ask(headers["location"], token=contact.token)
    assert (status, json.loads(again)["id"]) == (200, json.loads(text)["id"])
    contact.submit()
    _, headers, _ = prefixed.ask("/v1/cases?limit=1", token=contact.token)
    target = re.fullmatch('<(.*)>; rel="next"', headers["link"]).group(1)
    assert prefixed.is_below(target)
    assert prefixed.ask(target, token=contact.token)[0] == 200


@pytest.mark.parametrize("path", ["/nowhere", "/v1/cases", "/v1/calendar?x=1"])
def test_a_problem_has_its_type_and_its_place_below_it(prefixed, path):
    problem = json.loads(prefixed.ask(path)[2])
    assert prefixed.is_below(problem["type"])
    assert prefixed.ask(problem["type"])[0] == 200
    assert problem["instance"] == PREFIX + path.partition("?")[0]


def test_a_repeated_write_leads_to_the_same_place(prefixed, contact):
    key = {"Idempotency-Key": '"once"'}
    body = a_case()
    first, second = (prefixed.ask("/v1/cases", body, contact.token, **key)
                     for _ in range(2))
    assert first[1]["location"] == second[1]["location"]
    assert prefixed.is_below(second[1]["location"])


def test_what_an_answer_offers_is_below_it(prefixed, contact, clock):
    clock.at("2026-03-02T10:00:00-06:00")
    case = contact.submit(product_area="grade_book")
    status, _, text = prefixed.ask(
        "/v1/cases/validation", a_case(product_area="grade_book"),
        contact.token)
    hrefs = [match["href"] for match in json.loads(text)["matches"]]
    assert f"{prefixed.url}/v1/cases/{case.id}" in hrefs
    assert all(prefixed.ask(href, token=contact.token)[0] == 200
               for href in hrefs)
    case.close().expect(200)
    clock.at("2026-09-01T10:00:00-05:00")
    status, _, text = prefixed.ask(
        f"/v1/cases/{case.id}/reopen", {"details": "Again."}, contact.token,
        **{"If-Match": "*"})
    offer = json.loads(text)["follow_up_case"]
    assert status == 409 and offer["href"] == prefixed.url + "/v1/cases"
    assert prefixed.ask(offer["href"], {**a_case(), **offer["body"]},
                        contact.token)[0] == 201


def test_the_document_names_it_as_its_server(prefixed):
    for path in ("/openapi.json", "/openapi.yaml"):
        _, headers, text = prefixed.ask(path)
        assert f'"{prefixed.url}"' in text, path
        assert prefixed.ask(path, **{"If-None-Match": headers["etag"]}
                            )[0] == 304
    server, = json.loads(prefixed.ask("/openapi.json")[2])["servers"]
    assert server == {"url": prefixed.url}
    assert prefixed.ask(server["url"] + "/v1/calendar")[0] == 200


def form_of(prefixed, url):
    """Where the form of a page goes, as a browser finds it."""
    status, headers, text = prefixed.ask(url, **PAGE)
    assert status == 200 and headers["content-type"].startswith("text/html")
    return action(url, text)


def action(url, text):
    form, = (attrs for tag, attrs in Page(text).tags if tag == "form")
    assert form["method"] == "post"
    return urllib.parse.urljoin(url, form["action"])


def test_a_survey_is_answered_below_it(prefixed, case, sql):
    case.close().expect(200)
    page = prefixed.url + Survey(sql, case).path
    target = form_of(prefixed, page)
    assert prefixed.is_below(target)
    # something is missing: the page that says so has the form once more
    status, _, text = prefixed.ask(target, {"courtesy": 5}, form=True, **PAGE)
    assert status == 422
    again = action(target, text)
    assert again == target
    assert prefixed.ask(again, dict.fromkeys(AREAS, 5), form=True, **PAGE
                        )[0] == 201


def test_opting_out_works_below_it(prefixed, case, contact, sql):
    case.close().expect(200)
    page = prefixed.url + Survey(sql, case).opt_out_path
    target = form_of(prefixed, page)
    assert target == page
    assert prefixed.ask(target, {"List-Unsubscribe": "One-Click"}, form=True,
                        **PAGE)[0] == 200
    assert contact.get(f"/v1/contacts/{contact.id}")["survey_opt_out"] is True


def test_every_link_of_a_mail_is_below_it(prefixed, new_worker, case, advisor):
    case.note(advisor).expect(201)
    case.close(advisor, closure_reason="withdrawn").expect(200)
    worker = new_worker(PUBLIC_URL=prefixed.url + "/")
    mails = until(lambda: len(in_maildir(worker)) >= 3 and in_maildir(worker))
    links = {link for mail in mails for link in
             re.findall(r"https?://[^\s>]+", text_of(mail))}
    links |= {mail["List-Unsubscribe"].strip("<>") for mail in mails
              if "List-Unsubscribe" in mail}
    assert len(links) >= 3
    for link in links:
        assert prefixed.is_below(link), link
        assert prefixed.ask(link, **PAGE)[0] == 200, link


def test_the_pages_behind_it_link_below_it(prefixed):
    """Also where the slash at the end is missing."""
    for url in (prefixed.url, prefixed.url + "/"):
        status, _, text = prefixed.ask(url, **PAGE)
        links = [attrs["href"] for tag, attrs in Page(text).tags
                 if tag == "a"]
        assert status == 200 and links
        assert STATUS_PAGE in links         # of another host
        for link in links:
            if link != STATUS_PAGE:
                assert prefixed.ask(urllib.parse.urljoin(url, link))[0] == 200
    case = json.loads(prefixed.ask("/cases/17")[2])
    assert case == {"case_id": 17, "href": prefixed.url + "/v1/cases/17"}
